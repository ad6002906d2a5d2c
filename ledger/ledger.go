package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"asugate/store"
)

// Tables; store/FORMAT.md describes keys and values.
const (
	leaves  store.Table = "ledger.leaves" // index → hashes of the subtrees that the leaf completes · its text
	indexes store.Table = "ledger.index"  // id → index
)

// Hash is one of a leaf, of a subtree or of the whole tree.
type Hash = tlog.Hash

// HashSize is the length of a Hash in bytes.
const HashSize = tlog.HashSize

// ErrDamaged: what is stored of the tree is not what Append has stored.
var ErrDamaged = errors.New("the ledger is damaged")

// Append adds a leaf at the end of the tree. Call it once for each record, in the transaction that
// writes the record. It costs two Puts and, on the average, two reads, however large the tree is.
func Append(tx store.Tx, leaf Leaf) (index int64, err error) {
	if index, err = Size(tx); err != nil {
		return 0, err
	}
	text := leaf.Text()
	hashes, err := tlog.StoredHashes(index, text, reader{tx})
	if err != nil {
		return 0, fmt.Errorf("appending leaf %d: %w", index, err)
	}
	value := make([]byte, 0, len(hashes)*HashSize+len(text))
	for _, h := range hashes {
		value = append(value, h[:]...)
	}
	at := key(index)
	tx.Put(leaves, at, append(value, text...))
	tx.Put(indexes, []byte(leaf.ID), at)
	return index, nil
}

// Size is the number of leaves.
func Size(r store.Reader) (size int64, err error) {
	r.RangeBack(leaves, nil, nil, 1, func(k, _ []byte) bool {
		size, err = indexOf(k)
		size++
		return false
	})
	return size, err
}

// Root is the hash at the root of the tree when it had that many leaves.
func Root(r store.Reader, size int64) (Hash, error) {
	root, err := tlog.TreeHash(size, reader{r})
	if err != nil {
		return Hash{}, fmt.Errorf("computing the root of %d leaves: %w", size, err)
	}
	return root, nil
}

// IndexOf is where the leaf of a record is; ok is false when the record has none.
func IndexOf(r store.Reader, id string) (index int64, ok bool, err error) {
	v := r.Get(indexes, []byte(id))
	if v == nil {
		return 0, false, nil
	}
	index, err = indexOf(v)
	return index, err == nil, err
}

// At is a leaf as it is stored.
func At(r store.Reader, index int64) (Leaf, error) {
	_, text, err := split(index, r.Get(leaves, key(index)))
	if err != nil {
		return Leaf{}, err
	}
	return ParseLeaf(text)
}

// Of is the leaf of a record, and where it is.
func Of(r store.Reader, id string) (leaf Leaf, index int64, err error) {
	index, ok, err := IndexOf(r, id)
	if err == nil && !ok {
		err = fmt.Errorf("%w: %s has no leaf", ErrDamaged, id)
	}
	if err != nil {
		return Leaf{}, 0, err
	}
	leaf, err = At(r, index)
	if err == nil && leaf.ID != id {
		err = fmt.Errorf("%w: leaf %d is that of %s, not of %s", ErrDamaged, index, leaf.ID, id)
	}
	return leaf, index, err
}

// Prove is the audit path of a leaf (RFC 6962, 2.1.1) in the tree when it had size leaves.
func Prove(r store.Reader, index, size int64) ([]Hash, error) {
	path, err := tlog.ProveRecord(size, index, reader{r})
	if err != nil {
		return nil, fmt.Errorf("proving leaf %d of %d: %w", index, size, err)
	}
	return path, nil
}

// Included says whether the path proves that the tree with that root and size has the leaf at the index.
func Included(leaf Leaf, index int64, path []Hash, size int64, root Hash) error {
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(leaf.Text())); err != nil {
		return fmt.Errorf("leaf %d is not in the tree of %d leaves: %w", index, size, err)
	}
	return nil
}

// reader finds the hashes of subtrees in the table of leaves: each with the leaf that completes it.
type reader struct{ store.Reader }

// ReadHashes is for tlog.
func (r reader) ReadHashes(wanted []int64) ([]Hash, error) {
	found := make([]Hash, len(wanted))
	for i, w := range wanted {
		level, n := tlog.SplitStoredHashIndex(w)
		last := (n+1)<<level - 1
		hashes, _, err := split(last, r.Get(leaves, key(last)))
		if err != nil {
			return nil, err
		}
		found[i] = Hash(hashes[level*HashSize : (level+1)*HashSize])
	}
	return found, nil
}

// split takes apart a value of the table of leaves. It is as long as it is by its index: the leaf with
// it completes a subtree for each one at the end of the index.
func split(index int64, value []byte) (hashes, text []byte, err error) {
	n := (1 + bits.TrailingZeros64(uint64(index+1))) * HashSize
	switch {
	case value == nil:
		return nil, nil, fmt.Errorf("%w: leaf %d is missing", ErrDamaged, index)
	case len(value) < n:
		return nil, nil, fmt.Errorf("%w: leaf %d is too short", ErrDamaged, index)
	}
	return value[:n:n], value[n:], nil
}

func key(index int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(index)) }

func indexOf(key []byte) (int64, error) {
	if len(key) != 8 || key[0] >= 1<<6 {
		return 0, fmt.Errorf("%w: %.40q is no index", ErrDamaged, key)
	}
	return int64(binary.BigEndian.Uint64(key)), nil
}
