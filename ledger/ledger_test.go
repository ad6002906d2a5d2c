package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asugate/store"
	"asugate/store/bolt"
)

func newStore(t testing.TB) *bolt.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test}); err != nil {
		t.Fatal(err)
	}
	return openStore(t, path)
}

func openStore(t testing.TB, path string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it
	return s
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// leafOf is the n-th leaf of the tests.
func leafOf(n int64) Leaf {
	l := Leaf{Kind: Verdict, ID: fmt.Sprintf("id-%06d", n), Record: digest(fmt.Sprint("record", n)), Sent: digest(fmt.Sprint("sent", n))}
	if n%3 > 0 {
		l.Received = digest(fmt.Sprint("received", n))
	} else {
		l.Kind = Notice
	}
	return l
}

// fill appends leaves from one on up to another, some in a transaction.
func fill(t testing.TB, s store.Store, from, to, batch int64) {
	t.Helper()
	for from < to {
		end := min(from+batch, to)
		if err := s.Update(func(tx store.Tx) error {
			for n := from; n < end; n++ {
				if at, err := Append(tx, leafOf(n)); err != nil || at != n {
					return fmt.Errorf("leaf %d at %d: %w", n, at, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		from = end
	}
}

// The definitions of RFC 6962, 2.1 and 2.1.1, word for word, over the texts of all leaves.

func naiveRoot(d [][]byte) Hash {
	switch n := len(d); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	default:
		k := below(n)
		left, right := naiveRoot(d[:k]), naiveRoot(d[k:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
}

func naivePath(m int, d [][]byte) []Hash {
	n := len(d)
	if n == 1 {
		return nil
	}
	k := below(n)
	if m < k {
		return append(naivePath(m, d[:k]), naiveRoot(d[k:]))
	}
	return append(naivePath(m-k, d[k:]), naiveRoot(d[:k]))
}

// below is the largest power of two smaller than n.
func below(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

// Roots and paths are those of the definition, for trees of any size at any time of their growth,
// whatever the transactions in which they have grown.
func TestAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStore(t)
		defer s.Close()
		size := rapid.Int64Range(1, 70).Draw(rt, "size")
		fill(t, s, 0, size, rapid.Int64Range(1, 9).Draw(rt, "batch"))
		var texts [][]byte
		var tree Tree
		for n := range size {
			texts = append(texts, leafOf(n).Text())
		}
		if err := s.View(func(r store.Reader) error {
			for then := int64(0); then <= size; then++ {
				want := naiveRoot(texts[:then])
				got, err := Root(r, then)
				if err != nil || got != want || tree.Root() != want || tree.Size() != then {
					return fmt.Errorf("root of %d: stored %v (%v), computed %v, want %v", then, got, err, tree.Root(), want)
				}
				if then < size {
					tree.Add(texts[then])
				}
				if then == 0 {
					continue
				}
				index := rapid.Int64Range(0, then-1).Draw(rt, "index")
				path, err := Prove(r, index, then)
				if err != nil {
					return err
				}
				if diff := cmp.Diff(naivePath(int(index), texts[:then]), path, cmp.Transformer("", func(h Hash) string { return h.String() })); len(path) > 0 && diff != "" {
					return fmt.Errorf("path of %d in %d (-want +got):\n%s", index, then, diff)
				}
				if err := Included(leafOf(index), index, path, then, want); err != nil {
					return err
				}
				other := (index + 1) % then
				if other != index && Included(leafOf(other), index, path, then, want) == nil {
					return fmt.Errorf("leaf %d proved with the path of %d in %d", other, index, then)
				}
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
	})
}

// What Append stores is found again by another process, and the tree goes on where it was.
func TestAcrossRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test}); err != nil {
		t.Fatal(err)
	}
	var roots []Hash
	for run := int64(0); run < 4; run++ {
		s := openStore(t, path)
		fill(t, s, run*5, run*5+5, 2)
		if err := s.View(func(r store.Reader) error {
			for i, want := range roots {
				if got, err := Root(r, int64(i+1)*5); err != nil || got != want {
					t.Errorf("run %d: root of %d leaves is another: %v", run, (i+1)*5, err)
				}
			}
			root, err := Root(r, run*5+5)
			roots = append(roots, root)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A transaction that fails, or is run again, leaves no leaf and no gap.
func TestFailedTransaction(t *testing.T) {
	s := newStore(t)
	fill(t, s, 0, 3, 3)
	failure := errors.New("no")
	if err := s.Update(func(tx store.Tx) error {
		if _, err := Append(tx, leafOf(3)); err != nil {
			return err
		}
		return failure
	}); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	fill(t, s, 3, 8, 1)
	audit(t, s, 8)
}

// audit is what Audit finds wrong.
func audit(t *testing.T, s store.Store, want int64) (problems []string) {
	t.Helper()
	size, err := Audit(context.Background(), s, func(_ store.Reader, a Audited) {
		if a.Problem != nil {
			problems = append(problems, a.Problem.Error())
		}
	})
	if err != nil || size != want {
		t.Fatalf("%d leaves, want %d: %v", size, want, err)
	}
	return problems
}

// Whatever is changed in the tables of the ledger is found. Roots are compared with checkpoints by
// whoever has these: a tree that was computed anew as a whole is in order by itself.
func TestAuditFindsDamage(t *testing.T) {
	value := func(tx store.Tx, n int64) []byte { return append([]byte(nil), tx.Get(leaves, key(n))...) }
	for _, c := range []struct {
		name   string
		damage func(tx store.Tx)
		leaves int64
		want   string
	}{
		{"nothing", func(store.Tx) {}, 600, ""},
		{"a text", func(tx store.Tx) {
			v := value(tx, 300)
			tx.Put(leaves, key(300), []byte(strings.Replace(string(v), "id-000300", "id-000301", 1)))
		}, 600, "the hash of 1 leaves up to leaf 300 is another"},
		{"a hash of a leaf", func(tx store.Tx) {
			v := value(tx, 4)
			v[0] ^= 1
			tx.Put(leaves, key(4), v)
		}, 600, "the hash of 1 leaves up to leaf 4 is another"},
		{"a hash of a subtree", func(tx store.Tx) {
			v := value(tx, 255)
			v[8*HashSize] ^= 1
			tx.Put(leaves, key(255), v)
		}, 600, "the hash of 256 leaves up to leaf 255 is another"},
		{"a leaf taken out", func(tx store.Tx) { tx.Delete(leaves, key(17)) }, 600, "1 leaves are missing from leaf 17 on"},
		{"the first leaves taken out", func(tx store.Tx) {
			tx.Delete(leaves, key(0))
			tx.Delete(leaves, key(1))
		}, 600, "2 leaves are missing from leaf 0 on"},
		{"a leaf cut", func(tx store.Tx) { tx.Put(leaves, key(5), value(tx, 5)[:40]) }, 600, "leaf 5 is too short"},
		{"two leaves exchanged", func(tx store.Tx) {
			a, b := value(tx, 2), value(tx, 4)
			tx.Put(leaves, key(2), b)
			tx.Put(leaves, key(4), a)
		}, 600, "leaf 2 is not found by its id id-000004"},
		{"an entry of the index", func(tx store.Tx) { tx.Put(indexes, []byte("id-000009"), key(8)) }, 600, "leaf 9 is not found by its id"},
		{"an entry of the index taken out", func(tx store.Tx) { tx.Delete(indexes, []byte("id-000599")) }, 600, "leaf 599 is not found by its id"},
		{"a leaf far away", func(tx store.Tx) { tx.Put(leaves, key(1<<40), value(tx, 0)) }, 1<<40 + 1, "1099511627176 leaves are missing from leaf 600 on"},
		{"a key that is none", func(tx store.Tx) { tx.Put(leaves, []byte("a"), value(tx, 0)) }, 600, `"a" is no index`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStore(t)
			fill(t, s, 0, 600, 100)
			if err := s.Update(func(tx store.Tx) error { c.damage(tx); return nil }); err != nil {
				t.Fatal(err)
			}
			problems := audit(t, s, c.leaves)
			if c.want == "" && len(problems) > 0 || !strings.Contains(strings.Join(problems, "\n"), c.want) {
				t.Errorf("found\n%s\nwant %s", strings.Join(problems, "\n"), c.want)
			}
		})
	}
}

// A text is read as it is written, and nothing else is read.
func TestLeafText(t *testing.T) {
	for n := range int64(3) {
		want := leafOf(n)
		if got, err := ParseLeaf(want.Text()); err != nil || got != want {
			t.Errorf("%+v read as %+v: %v", want, got, err)
		}
	}
	d := digest("")
	for _, text := range []string{
		"", "verdict", "verdict id", "verdict id - -", "verdict id - - - -", // too few or too many words
		"verdict  - - -", "verdict - - - -", "verdict \x7f - - -", // no id
		"word id - - -", " id - - -", // no kind
		"verdict id " + d + " " + d + " " + d + "\n", "verdict id " + strings.ToUpper(d) + " - -", "verdict id ab - -", // no digests
	} {
		if l, err := ParseLeaf([]byte(text)); !errors.Is(err, ErrNoLeaf) {
			t.Errorf("%q read as %+v: %v", text, l, err)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	for n := range int64(3) {
		f.Add(leafOf(n).Text())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParseLeaf(text)
		if err == nil && string(l.Text()) != string(text) {
			t.Errorf("%q is written %q", text, l.Text())
		}
	})
}

// counting is a transaction that counts what it is asked for.
type counting struct {
	store.Tx
	reads, puts int
}

func (c *counting) Get(t store.Table, k []byte) []byte { c.reads++; return c.Tx.Get(t, k) }
func (c *counting) Put(t store.Table, k, v []byte)     { c.puts++; c.Tx.Put(t, k, v) }
func (c *counting) RangeBack(t store.Table, from, to []byte, limit int, visit func(k, v []byte) bool) {
	c.reads++
	c.Tx.RangeBack(t, from, to, limit, visit)
}

// The price of a leaf, which every document pays inside of the write that all wait for: two Puts and two
// reads on the average, however large the tree is.
func TestCost(t *testing.T) {
	s := newStore(t)
	const n = 1 << 12
	if err := s.Update(func(tx store.Tx) error {
		c := &counting{Tx: tx}
		for i := range int64(n) {
			if _, err := Append(c, leafOf(i)); err != nil {
				return err
			}
		}
		if c.reads > 2*n || c.puts != 2*n {
			t.Errorf("%d leaves: %d reads, %d Puts", n, c.reads, c.puts)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkAppend is what the committer does for one leaf, in batches as under load, without the sync.
func BenchmarkAppend(b *testing.B) {
	for _, stored := range []int64{1 << 10, 1 << 17} {
		b.Run(fmt.Sprint(stored), func(b *testing.B) {
			s := newStore(b)
			fill(b, s, 0, stored, 1<<14)
			undone := errors.New("undone")
			const batch = 64
			var next []Leaf
			for i := range int64(batch) {
				next = append(next, leafOf(stored+i))
			}
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += batch {
				err := s.Update(func(tx store.Tx) error {
					for _, l := range next {
						if _, err := Append(tx, l); err != nil {
							return err
						}
					}
					return undone // no commit, no growth
				})
				if !errors.Is(err, undone) {
					b.Fatal(err)
				}
			}
		})
	}
}
