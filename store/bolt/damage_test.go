package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"asugate/store"
)

// filled makes a store of a few hundred pages, also free ones, and returns where and what is in it.
func filled(t testing.TB) (path string, want map[string]string) {
	t.Helper()
	path = newPath(t)
	s, err := Open(path, Options{MaxSize: 64 << 20}) // with a limit the file does not begin with 16 MiB
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		err := s.Update(func(tx store.Tx) error {
			for j := range 20 {
				key := fmt.Sprintf("%02d-%02d", j, i)
				tx.Put(things, []byte(key), []byte(value(key)))
				tx.Delete(things, []byte(fmt.Sprintf("%02d-%02d", j, i-7)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want = contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, want
}

const page = 4096

// TestDamagedFiles: Open refuses what is not whole, says what to do, and leaves the file as it is.
func TestDamagedFiles(t *testing.T) {
	path, _ := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getpagesize() != page {
		t.Skipf("the offsets are of pages of %d bytes", page)
	}
	newest, _ := readMetaPage(bytes.NewReader(whole), 0)
	if other, _ := readMetaPage(bytes.NewReader(whole), page); other.Txid > newest.Txid {
		newest = other
	}
	used := int(newest.Pages) * page
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= 0x10; return b }
	}
	for name, change := range map[string]func([]byte) []byte{
		"empty":               func(b []byte) []byte { return nil },
		"cut in the header":   func(b []byte) []byte { return b[:50] },
		"cut after one page":  func(b []byte) []byte { return b[:page] },
		"cut in the middle":   func(b []byte) []byte { return b[:used/2] },
		"last page missing":   func(b []byte) []byte { return b[:used-page] },
		"cut in the last":     func(b []byte) []byte { return b[:used-1] },
		"not a store":         func(b []byte) []byte { return bytes.Repeat([]byte("hello\n"), 10_000) },
		"zeroes":              func(b []byte) []byte { return make([]byte, len(b)) },
		"meta 0":              flip(16 + 50),
		"meta 1":              flip(page + 16 + 50),
		"magic of meta 0":     flip(16),
		"both meta pages":     func(b []byte) []byte { return flip(page + 16 + 50)(flip(16 + 50)(b)) },
		"list of free pages":  flipIn(t, whole, 0x10, 16+3),
		"header of a leaf":    flipIn(t, whole, 0x02, 8),
		"element of a leaf":   flipIn(t, whole, 0x02, 16+7), // how far away a key is: gigabytes
		"header of a branch":  flipIn(t, whole, 0x01, 8),
		"element of a branch": flipIn(t, whole, 0x01, 16+8), // which page is next
		"key of a branch":     flipIn(t, whole, 0x01, 16+3), // how far away it is
		"length of a key":     flipIn(t, whole, 0x01, 16+6), // a megabyte
		"number of elements":  flipIn(t, whole, 0x01, 11),
		"number of a page":    flipIn(t, whole, 0x02, 1),
		"pages that belong":   flipIn(t, whole, 0x02, 12),
	} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "gatewayd.db")
			changed := change(bytes.Clone(whole))
			if err := os.WriteFile(bad, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(bad, Options{})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, ErrDamaged) || Hint(err) == "" {
				t.Errorf("opened: %v, hint %q", err, Hint(err))
			}
			if left, err := os.ReadFile(bad); err != nil || !bytes.Equal(left, changed) {
				t.Errorf("the file was changed: %v, %d bytes", err, len(left))
			}
		})
	}
}

// flipIn changes a byte of every page of a type that is in use.
func flipIn(t *testing.T, whole []byte, flags uint16, at int) func([]byte) []byte {
	t.Helper()
	n := 0
	for p := 2 * page; p+page <= len(whole); p += page {
		if binary.NativeEndian.Uint16(whole[p+8:]) == flags {
			n++
		}
	}
	if n == 0 {
		t.Fatalf("no page of type %#x to damage", flags)
	}
	return func(b []byte) []byte {
		for p := 2 * page; p+page <= len(b); p += page {
			if binary.NativeEndian.Uint16(b[p+8:]) == flags {
				b[p+at] ^= 0x10
			}
		}
		return b
	}
}

// TestBitRot flips bits anywhere. Either that is found, by Open or by a read, or it does not
// matter.
func TestBitRot(t *testing.T) {
	path, want := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	rounds, found := 150, 0
	if testing.Short() {
		rounds = 30
	}
	bad := filepath.Join(t.TempDir(), "gatewayd.db")
	for range rounds {
		changed := bytes.Clone(whole)
		bit := random.IntN(8 * len(changed))
		changed[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(bad, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(bad, Options{CheckUpTo: 1 << 40})
		if err != nil {
			found++
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) {
				t.Errorf("seed %d, bit %d: %v", seed, bit, err)
			}
			continue
		}
		if diff := cmp.Diff(want, contents(t, s)); diff != "" {
			t.Errorf("seed %d, bit %d was not found: %s", seed, bit, diff)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if found < rounds/10 {
		t.Errorf("only %d of %d were found", found, rounds)
	}
}

// TestPagesOfWhole: a whole store has no page that is wrong, whatever it has been through; bbolt's own
// check says the same.
func TestPagesOfWhole(t *testing.T) {
	path := newPath(t)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole := func(when string) {
		t.Helper()
		if err := s.checkPages(t.Context()); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		err := s.db.View(func(tx *bbolt.Tx) error {
			var found error
			for problem := range tx.Check() {
				found = errors.Join(found, problem)
			}
			return found
		})
		if err != nil {
			t.Errorf("%s, by bbolt: %v", when, err)
		}
	}
	whole("new")
	big := strings.Repeat("x", 1<<20)
	for _, step := range []struct {
		name  string
		write func(store.Tx)
	}{
		{"a value of many pages", func(tx store.Tx) { tx.Put(things, []byte("big"), []byte(big)) }},
		{"free pages", func(tx store.Tx) { tx.Delete(things, []byte("big")) }},
		{"the list of them written anew", func(tx store.Tx) { tx.Put(things, []byte("small"), []byte("x")) }},
		{"three levels", func(tx store.Tx) {
			for i := range 20_000 {
				tx.Put(things, fmt.Appendf(nil, "%0100d", i), []byte("x"))
			}
		}},
		{"and none", func(tx store.Tx) {
			for i := range 20_000 {
				tx.Delete(things, fmt.Appendf(nil, "%0100d", i))
			}
		}},
	} {
		if err := s.Update(func(tx store.Tx) error { step.write(tx); return nil }); err != nil {
			t.Fatal(step.name, err)
		}
		whole(step.name)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.checkPages(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("of a closed store: %v", err)
	}
}

// TestManyFreePages: a list of more pages than its header can count, as after a million documents
// that were let go.
func TestManyFreePages(t *testing.T) {
	const pages, first = 70_000, 200 // the list begins at 3 and ends before first
	order := binary.NativeEndian
	file := make([]byte, first*page)
	leaf, list := file[2*page:], file[3*page:]
	order.PutUint64(leaf, 2)
	order.PutUint16(leaf[8:], kindLeaf)
	order.PutUint64(list, 3)
	order.PutUint16(list[8:], kindFree)
	order.PutUint16(list[10:], manyFree)
	order.PutUint32(list[12:], first-3-1)
	order.PutUint64(list[pageHeader:], pages-first)
	for id := uint64(first); id < pages; id++ {
		order.PutUint64(list[pageHeader+8*(1+id-first):], id)
	}
	check := func() error {
		a := &accounting{ctx: t.Context(), file: bytes.NewReader(file), taken: make([]uint64, pages/64+1),
			meta: metaPage{PageSize: page, Root: 2, Freelist: 3, Pages: pages}}
		return a.check()
	}
	if err := check(); err != nil {
		t.Error(err)
	}
	order.PutUint64(list[pageHeader:], pages-first-1)
	if err := check(); !errors.Is(err, ErrDamaged) {
		t.Errorf("with a page that nobody has: %v", err)
	}
	order.PutUint64(list[pageHeader:], 1<<40)
	if err := check(); !errors.Is(err, ErrDamaged) {
		t.Errorf("with more than there is room for: %v", err)
	}
}

// TestReadOfDamage: a value that has rotted while the store is open is never served. The neighbours
// are.
func TestReadOfDamage(t *testing.T) {
	path := newPath(t)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := put(s, "document", "SIGNED AND SEALED"); err != nil {
		t.Fatal(err)
	}
	rot(t, path, "SIGNED AND SEALED")
	err = s.View(func(r store.Reader) error {
		t.Errorf("read %q", r.Get(things, []byte("document")))
		return nil
	})
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("View: %v", err)
	}
	err = s.Update(func(tx store.Tx) error {
		tx.Range(things, nil, nil, 1, func(_, value []byte) bool { t.Errorf("ranged over %q", value); return true })
		return nil
	})
	if !errors.Is(err, ErrDamaged) || !errors.Is(err, store.ErrNotWritten) {
		t.Errorf("Update: %v", err)
	}
	if err := s.Check(context.Background()); !errors.Is(err, ErrDamaged) {
		t.Errorf("Check: %v", err)
	}
	if err := put(s, "another", "document"); err != nil {
		t.Errorf("the store has stopped: %v", err)
	}
	if _, _, err := Compact(context.Background(), path, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("compacting an open store: %v", err)
	}
}

func rot(t *testing.T, path, value string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(all, []byte(value))
	if _, err := file.WriteAt([]byte{all[at] ^ 1}, int64(at)); err != nil {
		t.Fatal(err)
	}
}

// TestFormat: a store of another format is refused, not half read.
func TestFormat(t *testing.T) {
	path := newPath(t)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(tx store.Tx) error {
		tx.Put(metaTable, []byte(metaKey), []byte(`{"format":99,"id":"x","environment":"test"}`))
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, ErrFormat) || Hint(err) == "" {
		t.Errorf("opened: %v", err)
	}
}

// TestLocked: a second opener is told within a second, and the first one does not notice.
func TestLocked(t *testing.T) {
	path := newPath(t)
	s := openStore(t, path, Options{})
	begun := time.Now()
	if _, err := Open(path, Options{}); !errors.Is(err, ErrLocked) || Hint(err) == "" {
		t.Errorf("a second opener: %v", err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if out, err := child("write", path).Output(); err != nil || !bytes.Contains(out, []byte("in use by another process")) {
		t.Errorf("a second process: %v, %s", err, out)
	}
	if err := put(s, "key", "value"); err != nil {
		t.Error(err)
	}
}
