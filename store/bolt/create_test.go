package bolt

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "store", "gatewayd.db")
	created := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	if err := Create(path, Meta{Environment: Production, Created: created}); err != nil {
		t.Fatal(err)
	}
	for of, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700 | fs.ModeDir} {
		if info, err := os.Stat(of); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", of, info.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Errorf("drafts are left: %v", left)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(path, Meta{Environment: Test}); !errors.Is(err, ErrExists) || Hint(err) == "" {
		t.Errorf("creating it again: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the store was touched: %v", err)
	}
	s := openStore(t, path, Options{})
	got := s.Meta()
	if len(got.ID) != 36 {
		t.Errorf("id %q", got.ID)
	}
	if diff := cmp.Diff(Meta{Format: Format, ID: got.ID, Environment: Production, Created: created}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("not a directory"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, environment, want string }{
		{filepath.Join(dir, "a.db"), "", "environment"},
		{filepath.Join(dir, "a.db"), "staging", "environment"},
		{filepath.Join(open, "a.db"), Test, "0700"},            // anybody could put another file there
		{filepath.Join(file, "a.db"), Test, "not a directory"}, //
		{file, Test, "exists"},                                 // whatever it is
		{dir, Test, "exists"},
	} {
		err := Create(c.path, Meta{Environment: c.environment})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.path, err, c.want)
		}
	}
}

// TestNoStore: Open makes nothing.
func TestNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	for _, o := range []Options{{}, {Salvage: true}} {
		if _, err := Open(path, o); !errors.Is(err, ErrNoStore) || !strings.Contains(Hint(err), "gatewayd init") {
			t.Errorf("opened: %v, hint %q", err, Hint(err))
		}
	}
	if _, _, err := Compact(context.Background(), path, nil); !errors.Is(err, ErrNoStore) {
		t.Errorf("compacted: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file has been made: %v", err)
	}
}

// TestBackup: a copy that is made under load is a whole store, with everything that had been
// answered before.
func TestBackup(t *testing.T) {
	s := newStore(t, Options{})
	var stop atomic.Bool
	var all sync.WaitGroup
	var answered sync.Map
	for w := range 4 {
		all.Go(func() {
			for i := 0; !stop.Load(); i++ {
				key := string(rune('a'+w)) + strings.Repeat("0", i%50)
				if err := put(s, key, value(key)); err != nil {
					t.Error(err)
				}
				answered.Store(key, true)
			}
		})
	}
	for range 3 {
		time.Sleep(5 * time.Millisecond)
		var before []string
		answered.Range(func(key, _ any) bool { before = append(before, key.(string)); return true })
		var copied bytes.Buffer
		n, err := s.Backup(&copied)
		if err != nil || n != int64(copied.Len()) {
			t.Fatal(n, err)
		}
		path := filepath.Join(t.TempDir(), "restored.db")
		if err := Restore(&copied, path, nil, asItIs); err != nil {
			t.Fatal(err)
		}
		restored := openStore(t, path, Options{})
		if restored.Meta().ID != s.Meta().ID {
			t.Error("a backup has another id")
		}
		found := contents(t, restored)
		for _, key := range before {
			if found[key] != value(key) {
				t.Errorf("%s is missing", key)
			}
		}
	}
	stop.Store(true)
	all.Wait()
}

func asItIs(store.Tx) error { return nil }

// TestRestorePrepares: there is no file of the name before it holds what prepare has put, and none at
// all when prepare fails.
func TestRestorePrepares(t *testing.T) {
	backup, want := filled(t)
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	refused := errors.New("refused")
	for _, answer := range []error{refused, nil} {
		err := Restore(bytes.NewReader(whole), path, nil, func(tx store.Tx) error {
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a file has the name before it is prepared: %v", err)
			}
			tx.Put(things, []byte("prepared"), []byte("yes"))
			return answer
		})
		if !errors.Is(err, answer) {
			t.Fatalf("%v, want %v", err, answer)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); answer != nil && len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	want["prepared"] = "yes"
	if diff := cmp.Diff(want, contents(t, openStore(t, path, Options{}))); diff != "" {
		t.Error(diff)
	}
}

func TestRestoreRefuses(t *testing.T) {
	path, _ := filled(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	there := newPath(t)
	if err := Restore(bytes.NewReader(whole), there, nil, asItIs); !errors.Is(err, ErrExists) {
		t.Errorf("over a store: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "gatewayd.db")
	for name, backup := range map[string][]byte{"cut": whole[:len(whole)/3], "empty": nil, "text": []byte(strings.Repeat("x", 99999))} {
		if err := Restore(bytes.NewReader(backup), missing, nil, asItIs); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(missing)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestCompact: the file becomes small, and nothing else changes.
func TestCompact(t *testing.T) {
	path, want := filled(t)
	s := openStore(t, path, Options{})
	err := s.Update(func(tx store.Tx) error {
		for i := range 1000 {
			tx.Put("waste", []byte{byte(i >> 8), byte(i)}, make([]byte, 5000))
		}
		return nil
	})
	err = errors.Join(err, s.Update(func(tx store.Tx) error {
		tx.Range("waste", nil, nil, 1000, func(key, _ []byte) bool { tx.Delete("waste", key); return true })
		return nil
	}), s.Close())
	if err != nil {
		t.Fatal(err)
	}
	before, after, err := Compact(context.Background(), path, nil)
	if err != nil || after > before/4 {
		t.Fatalf("from %d to %d bytes, %v", before, after, err)
	}
	s = openStore(t, path, Options{})
	if diff := cmp.Diff(want, contents(t, s)); diff != "" {
		t.Error(diff)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if stats := s.Stats(); stats.Size == 0 || stats.OpenViews != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestCompactMends: one bad meta page is mended, at the price of the last transaction if it was the
// newer one.
func TestCompactMends(t *testing.T) {
	for name, at := range map[string]int{"meta 0": 16 + 40, "meta 1": page + 16 + 40} {
		t.Run(name, func(t *testing.T) {
			path, _ := filled(t)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			whole[at] ^= 1
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path, Options{}); !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			if _, _, err := Compact(context.Background(), path, nil); err != nil {
				t.Fatal(err)
			}
			s := openStore(t, path, Options{})
			if err := put(s, "goes", "on"); err != nil {
				t.Error(err)
			}
		})
	}
}
