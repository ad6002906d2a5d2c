package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// checkPages accounts for every page of the newest state: used once, or free, and every key where
// its branch says. It reads the file and not the mapping, where bbolt's own check follows an offset
// that has rotted out of it, in a goroutine of its own: that ends the process. Writes go on
// meanwhile, for the snapshot keeps its pages from being used anew.
func (s *Store) checkPages(ctx context.Context) error {
	snapshot, meta, err := s.newest()
	if err != nil {
		return err
	}
	defer func() { _ = snapshot.Rollback() }() // of a read-only transaction: cannot fail
	a := &accounting{ctx: ctx, file: s.file, meta: meta, taken: make([]uint64, meta.Pages/64+1)}
	return a.check()
}

// newest is a snapshot together with the meta page that it is of.
func (s *Store) newest() (*bbolt.Tx, metaPage, error) {
	still, err := s.db.Begin(true) // no meta page is written as long as it lives
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return nil, metaPage{}, ErrClosed
	}
	if err != nil {
		return nil, metaPage{}, fmt.Errorf("beginning to check pages: %w", err)
	}
	defer func() { _ = still.Rollback() }()
	meta, ok := readMetaPage(s.file, 0)
	if other, whole := readMetaPage(s.file, s.pageSize); whole && (!ok || other.Txid > meta.Txid) {
		meta, ok = other, true
	}
	if !ok || int64(meta.PageSize) != s.pageSize {
		return nil, metaPage{}, damaged("neither meta page is whole")
	}
	snapshot, err := s.db.Begin(false)
	if err != nil {
		return nil, metaPage{}, fmt.Errorf("beginning to check pages: %w", err)
	}
	if uint64(snapshot.ID()) != meta.Txid {
		return nil, metaPage{}, errors.Join(snapshot.Rollback(),
			damaged("the file shows transaction %d, and %d was the last", meta.Txid, snapshot.ID()))
	}
	return snapshot, meta, nil
}

// Pages of bbolt (internal/common, page.go and inode.go), in the byte order of the machine. A header
// is the page's own number, its kind, how many elements follow, and how many pages belong to it
// besides; an element of a branch or a leaf says where its key lies, counted from the element.
const (
	kindBranch = 0x01
	kindLeaf   = 0x02
	kindFree   = 0x10

	elementSize = 16
	bucketEntry = 0x01 // flag of a leaf's element
	bucketHead  = 16   // root page and sequence, at the beginning of a bucket's value

	// manyFree stands in a list of free pages for a count that has no room in the header.
	manyFree = 0xFFFF
	// deepest is far more than any tree: each level divides by two at the least.
	deepest = 64
)

// accounting is one walk over all pages.
type accounting struct {
	ctx   context.Context
	file  io.ReaderAt
	meta  metaPage
	taken []uint64 // a bit a page
	count uint64   // of bits
}

func (a *accounting) check() error {
	for id := range uint64(2) { // the meta pages
		if err := a.take(id, 0); err != nil {
			return err
		}
	}
	if err := a.free(); err != nil {
		return err
	}
	if err := a.tree(a.meta.Root, nil, nil, 0); err != nil {
		return err
	}
	if a.count != a.meta.Pages {
		return damaged("%d of %d pages are neither in use nor free", a.meta.Pages-a.count, a.meta.Pages)
	}
	return nil
}

// take marks a page and those that belong to it.
func (a *accounting) take(id uint64, more uint32) error {
	if id >= a.meta.Pages || uint64(more) >= a.meta.Pages-id {
		return damaged("page %d and %d more: the file has %d", id, more, a.meta.Pages)
	}
	for ; ; id++ {
		if a.taken[id/64]&(1<<(id%64)) != 0 {
			return damaged("page %d is used twice, or used and free", id)
		}
		a.taken[id/64] |= 1 << (id % 64)
		a.count++
		if more == 0 {
			return nil
		}
		more--
	}
}

// node is a page of the tree or of the list of free pages, with those that belong to it.
type node struct {
	id    uint64
	kind  uint16
	count int
	bytes []byte
}

func (a *accounting) read(id uint64) (node, error) {
	if err := a.ctx.Err(); err != nil {
		return node{}, err
	}
	if id >= a.meta.Pages {
		return node{}, damaged("page %d: the file has %d", id, a.meta.Pages)
	}
	size, at := int64(a.meta.PageSize), int64(id)*int64(a.meta.PageSize)
	b := make([]byte, size)
	if _, err := a.file.ReadAt(b, at); err != nil {
		return node{}, damaged("reading page %d: %w", id, err)
	}
	order := binary.NativeEndian
	if named := order.Uint64(b); named != id {
		return node{}, damaged("page %d calls itself %d", id, named)
	}
	more := order.Uint32(b[12:])
	if err := a.take(id, more); err != nil {
		return node{}, err
	}
	if more > 0 {
		b = append(b, make([]byte, int64(more)*size)...)
		if _, err := a.file.ReadAt(b[size:], at+size); err != nil {
			return node{}, damaged("reading page %d and %d more: %w", id, more, err)
		}
	}
	return node{id: id, kind: order.Uint16(b[8:]), count: int(order.Uint16(b[10:])), bytes: b}, nil
}

// free takes the pages of the list of free pages and those that it names.
func (a *accounting) free() error {
	n, err := a.read(a.meta.Freelist)
	if err != nil {
		return fmt.Errorf("the list of free pages: %w", err)
	}
	if n.kind != kindFree {
		return damaged("page %d is of kind %#x and should list the free pages", n.id, n.kind)
	}
	order := binary.NativeEndian
	ids, count := n.bytes[pageHeader:], uint64(n.count)
	if count == manyFree {
		count, ids = order.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return damaged("page %d lists %d free pages and has room for %d", n.id, count, len(ids)/8)
	}
	for i := range count {
		if err := a.take(order.Uint64(ids[8*i:]), 0); err != nil {
			return fmt.Errorf("the list of free pages: %w", err)
		}
	}
	return nil
}

// tree takes a page and all below it. Its keys are not below from, and below to; nil: no bound.
func (a *accounting) tree(id uint64, from, to []byte, depth int) error {
	if depth > deepest {
		return damaged("page %d lies %d levels deep", id, depth)
	}
	n, err := a.read(id)
	if err != nil {
		return err
	}
	if n.kind != kindBranch && n.kind != kindLeaf {
		return damaged("page %d is of kind %#x and should be a branch or a leaf", id, n.kind)
	}
	elements := make([]element, n.count)
	for i := range elements {
		if elements[i], err = n.element(i); err != nil {
			return err
		}
		key := elements[i].key
		if order := bytes.Compare(key, from); order < 0 || order == 0 && i > 0 {
			return damaged("page %d: key %s comes after %s", id, quote(key), quote(from))
		}
		if to != nil && bytes.Compare(key, to) >= 0 {
			return damaged("page %d: key %s belongs before %s", id, quote(key), quote(to))
		}
		from = key
	}
	for i, e := range elements {
		switch {
		case e.root == 0: // a value, or a table whose only page lies in it
			continue
		case n.kind == kindLeaf: // a table: keys of its own
			err = a.tree(e.root, nil, nil, depth+1)
		case i+1 < len(elements):
			err = a.tree(e.root, e.key, elements[i+1].key, depth+1)
		default:
			err = a.tree(e.root, e.key, to, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// element is a key, and the page that it leads to: of a branch each one, of a leaf those of tables
// that have pages of their own.
type element struct {
	key  []byte
	root uint64 // 0: none
}

func (n node) element(i int) (element, error) {
	order := binary.NativeEndian
	at := pageHeader + i*elementSize
	if at+elementSize > len(n.bytes) {
		return element{}, damaged("page %d has no room for its %d elements", n.id, n.count)
	}
	b := n.bytes[at:]
	if n.kind == kindBranch {
		offset, size, root := uint64(order.Uint32(b)), uint64(order.Uint32(b[4:])), order.Uint64(b[8:])
		if offset+size > uint64(len(b)) {
			return element{}, damaged("page %d: element %d lies outside of it", n.id, i)
		}
		if root == 0 {
			return element{}, damaged("page %d: element %d leads nowhere", n.id, i)
		}
		return element{key: b[offset : offset+size], root: root}, nil
	}
	flags, offset := order.Uint32(b), uint64(order.Uint32(b[4:]))
	value := offset + uint64(order.Uint32(b[8:]))
	end := value + uint64(order.Uint32(b[12:]))
	if end > uint64(len(b)) {
		return element{}, damaged("page %d: element %d lies outside of it", n.id, i)
	}
	e := element{key: b[offset:value]}
	if flags&bucketEntry != 0 {
		if end-value < bucketHead {
			return element{}, damaged("page %d: element %d is too short for a table", n.id, i)
		}
		e.root = order.Uint64(b[value:])
	}
	return e, nil
}
