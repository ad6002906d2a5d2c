package bolt

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"asugate/store"
)

// tx is a snapshot, or the transaction of a batch. A table is a bucket of the root, made at its
// first Put.
type tx struct {
	bolt   *bbolt.Tx
	opened []table // few, so a slice
	// The rest is of use in a batch only.
	changes int   // Puts and Deletes so far; cursors are put back in place after each
	bytes   int   // put so far
	limit   int   // of bytes, or 0
	refused error // the first Put that bbolt would not take
}

type table struct {
	name   store.Table
	bucket *bbolt.Bucket
}

// bucket is nil when nothing has been put into the table yet.
func (t *tx) bucket(name store.Table) *bbolt.Bucket {
	for _, o := range t.opened {
		if o.name == name {
			return o.bucket
		}
	}
	b := t.bolt.Bucket([]byte(name))
	if b != nil {
		t.opened = append(t.opened, table{name, b})
	}
	return b
}

func (t *tx) Get(name store.Table, key []byte) []byte {
	defer pageDamage()
	b := t.bucket(name)
	if b == nil {
		return nil
	}
	sealed := b.Get(key)
	if sealed == nil {
		return nil
	}
	return unseal(key, sealed)
}

func (t *tx) Range(name store.Table, from, to []byte, limit int, visit func(key, value []byte) bool) {
	c := t.cursor(name, limit)
	if c == nil {
		return
	}
	key, value := c.first(from)
	for n := 0; n < limit && key != nil && (to == nil || bytes.Compare(key, to) < 0); n++ {
		changes := t.changes
		if !visit(key, value) {
			return
		}
		key, value = c.next(key, t.changes != changes)
	}
}

func (t *tx) RangeBack(name store.Table, from, to []byte, limit int, visit func(key, value []byte) bool) {
	c := t.cursor(name, limit)
	if c == nil {
		return
	}
	key, value := c.before(to)
	for n := 0; n < limit && key != nil && bytes.Compare(key, from) >= 0; n++ {
		changes := t.changes
		if !visit(key, value) {
			return
		}
		key, value = c.previous(key, t.changes != changes)
	}
}

func (t *tx) Put(name store.Table, key, value []byte) {
	t.changes++
	t.bytes += len(key) + len(value)
	if t.limit > 0 && t.bytes > t.limit {
		panic(noRoom{})
	}
	defer pageDamage()
	b := t.bucket(name)
	if b == nil {
		var err error
		if b, err = t.bolt.CreateBucket([]byte(name)); err != nil {
			t.refuse(name, key, err)
			return
		}
		t.opened = append(t.opened, table{name, b})
	}
	// bbolt copies the key and keeps the value, which is ours since seal has copied it.
	if err := b.Put(key, seal(key, value)); err != nil {
		t.refuse(name, key, err)
	}
}

func (t *tx) Delete(name store.Table, key []byte) {
	t.changes++
	defer pageDamage()
	if b := t.bucket(name); b != nil {
		if err := b.Delete(key); err != nil {
			t.refuse(name, key, err)
		}
	}
}

// refuse keeps the first thing that bbolt would not do: an empty key, a key or a value that is too
// large.
func (t *tx) refuse(name store.Table, key []byte, err error) {
	if t.refused == nil {
		t.refused = notWritten(fmt.Errorf("changing key %s of table %s: %w", quote(key), name, err))
	}
}

// noRoom is what a Put panics with that is too large for what room is left.
type noRoom struct{}

// cursor walks one table. Each step checks the value and survives damaged pages.
type cursor struct{ bolt *bbolt.Cursor }

func (t *tx) cursor(name store.Table, limit int) *cursor {
	if limit <= 0 {
		panic("bolt: a range needs a limit")
	}
	defer pageDamage()
	if b := t.bucket(name); b != nil {
		return &cursor{b.Cursor()}
	}
	return nil
}

func (c *cursor) first(from []byte) (key, value []byte) {
	defer pageDamage()
	if from == nil {
		return opened(c.bolt.First())
	}
	return opened(c.bolt.Seek(from))
}

// next goes on from key. A change of the table may have moved the cursor, so after one it looks for
// its place.
func (c *cursor) next(key []byte, changed bool) ([]byte, []byte) {
	defer pageDamage()
	if !changed {
		return opened(c.bolt.Next())
	}
	found, sealed := c.bolt.Seek(key)
	if bytes.Equal(found, key) {
		found, sealed = c.bolt.Next()
	}
	return opened(found, sealed)
}

// before is the greatest key below to, or of all when to is nil.
func (c *cursor) before(to []byte) (key, value []byte) {
	defer pageDamage()
	if to == nil {
		return opened(c.last())
	}
	if found, _ := c.bolt.Seek(to); found == nil {
		return opened(c.last())
	}
	return opened(c.prev(to))
}

func (c *cursor) previous(key []byte, changed bool) ([]byte, []byte) {
	if changed {
		return c.before(key)
	}
	defer pageDamage()
	return opened(c.prev(key))
}

// A leaf that the running transaction has emptied stays in the tree until the commit. Going forward
// bbolt 1.5.0 skips it; going back, Prev takes it for the beginning of the table, and Last never
// ends when there are no others.

func (c *cursor) last() (key, sealed []byte) {
	if first, _ := c.bolt.First(); first == nil {
		return nil, nil
	}
	return c.bolt.Last()
}

// prev steps back from a place below the key behind.
func (c *cursor) prev(behind []byte) (key, sealed []byte) {
	if key, sealed = c.bolt.Prev(); key != nil || !c.bolt.Bucket().Writable() {
		return key, sealed
	}
	if first, _ := c.bolt.Bucket().Cursor().First(); first == nil || bytes.Compare(first, behind) >= 0 {
		return nil, nil
	}
	for key == nil { // there is one
		key, sealed = c.bolt.Prev()
	}
	return key, sealed
}

func opened(key, sealed []byte) ([]byte, []byte) {
	if key == nil {
		return nil, nil
	}
	return key, unseal(key, sealed)
}
