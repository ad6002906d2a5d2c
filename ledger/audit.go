package ledger

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"asugate/store"
)

// Tree computes the root of leaves that it is given one after the other. It keeps some twenty hashes,
// and believes none that is stored. The zero value is the empty tree.
type Tree struct {
	size int64
	edge []Hash // of the complete subtrees that are not part of a larger one yet, the largest first
}

// Add appends a leaf, and returns the hashes of the subtrees that it completes, its own first.
func (t *Tree) Add(text []byte) []Hash {
	completed := []Hash{tlog.RecordHash(text)}
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		completed = append(completed, tlog.NodeHash(t.edge[last], completed[len(completed)-1]))
		t.edge = t.edge[:last]
	}
	t.edge = append(t.edge, completed[len(completed)-1])
	t.size++
	return completed
}

// Size is how many leaves have been added.
func (t *Tree) Size() int64 { return t.size }

// Root is the hash of all leaves so far.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // which reads nothing
		return root
	}
	root := t.edge[len(t.edge)-1]
	for _, left := range slices.Backward(t.edge[:len(t.edge)-1]) {
		root = tlog.NodeHash(left, root)
	}
	return root
}

// auditBatch bounds how many leaves are read in one snapshot.
const auditBatch = 256

// Audited is one leaf as Audit has found it.
type Audited struct {
	Index   int64
	Leaf    Leaf
	Tree    *Tree // of the leaves so far; nil when some of these are missing
	Problem error // what is wrong about it, or nil
}

// Audit computes the tree anew from the texts of the leaves, and compares it with all that is stored.
// visit is called for each leaf in order, in a snapshot. Leaves are read in short snapshots, so that a
// long ledger holds nobody up. It returns how many there are when there are no more.
func Audit(ctx context.Context, s store.Store, visit func(r store.Reader, a Audited)) (size int64, err error) {
	next, tree := int64(0), new(Tree)
	var from []byte
	for {
		if err := ctx.Err(); err != nil {
			return next, err
		}
		count := 0
		if err := s.View(func(r store.Reader) error {
			r.Range(leaves, from, nil, auditBatch, func(k, v []byte) bool {
				count++
				from = append(bytes.Clone(k), 0)
				index, err := indexOf(k)
				if err != nil {
					visit(r, Audited{Index: next, Problem: err})
					return true
				}
				if index > next {
					tree = nil
					visit(r, Audited{Index: next, Problem: fmt.Errorf("%w: %d leaves are missing from leaf %d on",
						ErrDamaged, index-next, next)})
				}
				a := Audited{Index: index, Tree: tree}
				a.Leaf, a.Problem = tree.examine(r, index, v)
				visit(r, a)
				next = index + 1
				return true
			})
			return nil
		}); err != nil {
			return next, err
		}
		if count < auditBatch {
			return next, nil
		}
	}
}

// examine adds a stored leaf to the tree, if it is known, and says what is wrong about it.
func (t *Tree) examine(r store.Reader, index int64, value []byte) (Leaf, error) {
	hashes, text, broken := split(index, value)
	if t != nil {
		for i, h := range t.Add(text) {
			if broken == nil && !bytes.Equal(hashes[i*HashSize:(i+1)*HashSize], h[:]) {
				broken = fmt.Errorf("%w: the hash of %d leaves up to leaf %d is another", ErrDamaged, 1<<i, index)
			}
		}
	}
	leaf, err := ParseLeaf(text)
	if broken != nil || err != nil {
		return leaf, cmp.Or(broken, err)
	}
	switch at, ok, err := IndexOf(r, leaf.ID); {
	case err != nil:
		return leaf, err
	case !ok || at != index:
		return leaf, fmt.Errorf("%w: leaf %d is not found by its id %s", ErrDamaged, index, leaf.ID)
	}
	return leaf, nil
}
