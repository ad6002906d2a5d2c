package bolt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// wide puts more into a store than one commit of a compaction takes.
func wide(t *testing.T) (path string, want map[string]string) {
	t.Helper()
	path, want = filled(t)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		err = errors.Join(err, s.Update(func(tx store.Tx) error {
			tx.Put("wide", []byte{byte(i)}, make([]byte, 8<<20))
			return nil
		}))
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path, want
}

// A compaction that is interrupted leaves the old file; the next one tells how far it is, and takes away what
// one left that was killed.
func TestCompactInterrupted(t *testing.T) {
	path, want := wide(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, _, err = Compact(ctx, path, func(_ string, done, _ int64) {
		if done > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
		t.Fatalf("the old file is another, %v", err)
	}
	killed := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".compact-123")
	if err := os.WriteFile(killed, []byte("half a store"), 0o600); err != nil {
		t.Fatal(err)
	}
	var steps []string
	var most int64
	if _, _, err := Compact(context.Background(), path, func(step string, done, of int64) {
		if of == 0 {
			steps = append(steps, step)
		}
		most = max(most, done)
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"reading", "writing", "checking what was written"}, steps); diff != "" {
		t.Error(diff)
	}
	if most < 24<<20 {
		t.Errorf("%d bytes were told of", most)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	s := openStore(t, path, Options{})
	if diff := cmp.Diff(want, contents(t, s)); diff != "" {
		t.Error(diff)
	}
}

// The new file belongs to whom the old one belonged, with the same mode, also when root makes it.
func TestCompactKeepsOwner(t *testing.T) {
	path, _ := filled(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		uid, gid = 12345, 12346
		if err := os.Chown(path, uid, gid); err != nil {
			t.Skip("owners cannot be changed here: ", err)
		}
	}
	if _, _, err := Compact(context.Background(), path, nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if has := ownerOf(info); has != [2]int{uid, gid} {
		t.Errorf("owner %v, want %d %d", has, uid, gid)
	}
}

// After a compaction, too, the loss of one meta page costs the last transaction at worst, and not all that was
// copied after the one before it.
func TestCompactedMends(t *testing.T) {
	path, want := wide(t)
	if _, _, err := Compact(context.Background(), path, nil); err != nil {
		t.Fatal(err)
	}
	compacted, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]int{"meta 0": 16 + 40, "meta 1": page + 16 + 40} {
		t.Run(name, func(t *testing.T) {
			broken := append([]byte(nil), compacted...)
			broken[at] ^= 1
			if err := os.WriteFile(path, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path, Options{}); !errors.Is(err, ErrLastLost) || !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			if _, _, err := Compact(context.Background(), path, nil); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, contents(t, s)); diff != "" {
				t.Error(diff)
			}
			if err := s.View(func(tx store.Reader) error {
				n := 0
				tx.Range("wide", nil, nil, 10, func(_, _ []byte) bool { n++; return true })
				if n != 3 {
					t.Errorf("%d of 3 are left", n)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
