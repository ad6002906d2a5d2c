package lossyfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

func mounted(t *testing.T) (f *Process, at func(name string) string) {
	t.Helper()
	dir := t.TempDir()
	f, err := Start(dir)
	if err != nil {
		t.Skipf("FUSE cannot be used here: %v", err)
	}
	t.Cleanup(func() {
		if err := f.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return f, func(name string) string { return filepath.Join(dir, name) }
}

func syncPath(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// What was synced stays, with names that were synced in their folder; nothing else does.
func TestCut(t *testing.T) {
	f, at := mounted(t)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("kept", "synced")
	write("renamed", "synced too")
	write("gone", "")
	write("empty", "bytes that nobody has synced")
	write("removed", "")
	syncPath(t, at("kept"))
	syncPath(t, at("renamed"))
	syncPath(t, at("."))
	write("kept", "not synced, and longer than before")
	write("unnamed", "")
	syncPath(t, at("unnamed"))
	if err := errors.Join(os.Rename(at("renamed"), at("other")), os.Remove(at("removed")), os.Mkdir(at("folder"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(at("other")); err != nil || string(got) != "synced too" {
		t.Errorf("before the cut: %q, %v", got, err)
	}
	unsynced, err := f.Cut(nil)
	if err != nil {
		t.Fatal(err)
	}
	// A page each of kept and empty; the names unnamed, other, folder, and removed that has gone.
	if unsynced != 6 {
		t.Errorf("%d pages and names were not synced, want 6", unsynced)
	}
	for name, want := range map[string]string{"kept": "synced", "renamed": "synced too", "empty": "", "removed": ""} {
		if got, err := os.ReadFile(at(name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"unnamed", "other", "folder"} {
		if _, err := os.Stat(at(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v; want it gone", name, err)
		}
	}
}

// A file that is moved has one of its names at any cut, whichever folder was synced.
func TestMoved(t *testing.T) {
	f, at := mounted(t)
	if err := errors.Join(os.Mkdir(at("a"), 0o700), os.Mkdir(at("b"), 0o700)); err != nil {
		t.Fatal(err)
	}
	syncPath(t, at("."))
	random := rand.New(rand.NewPCG(1, 2))
	moved := 0
	for i := range 40 {
		name := fmt.Sprint(i)
		if err := os.WriteFile(at("a/"+name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		syncPath(t, at("a/"+name))
		syncPath(t, at("a"))
		if err := os.Rename(at("a/"+name), at("b/"+name)); err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 {
			syncPath(t, at("b"))
		}
		if _, err := f.Cut(random); err != nil {
			t.Fatal(err)
		}
		_, before := os.Stat(at("a/" + name))
		_, after := os.Stat(at("b/" + name))
		if (before == nil) == (after == nil) || i%4 == 0 && after != nil {
			t.Fatalf("file %d: %v, %v", i, before, after)
		}
		if after == nil {
			moved++
		}
	}
	if moved == 40 || moved == 10 {
		t.Errorf("%d of 40 have been moved: the cuts show nothing", moved)
	}
}

// What was opened before a cut is of no use after it.
func TestOpenedBeforeCut(t *testing.T) {
	f, at := mounted(t)
	file, err := os.Create(at("file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	syncPath(t, at("."))
	if _, err := f.Cut(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("late")); err == nil {
		err = file.Sync()
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("a write after the cut: %v", err)
		}
	}
	if got, err := os.ReadFile(at("file")); err != nil || len(got) > 0 {
		t.Errorf("the file holds %q, %v", got, err)
	}
}

// A mapped file shows what is written to it, as bbolt needs it.
func TestMapped(t *testing.T) {
	_, at := mounted(t)
	file, err := os.Create(at("file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(2 * pageSize); err != nil {
		t.Fatal(err)
	}
	seen, err := syscall.Mmap(int(file.Fd()), 0, 2*pageSize, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(seen)
	for i := range 100 {
		want := bytes.Repeat([]byte{byte(i)}, 100)
		if _, err := file.WriteAt(want, pageSize-50); err != nil {
			t.Fatal(err)
		}
		if got := seen[pageSize-50 : pageSize+50]; !bytes.Equal(got, want) {
			t.Fatalf("write %d is not seen", i)
		}
	}
}

// Against a model: after any writes, resizes and syncs a file is what it should be; after a cut every
// sector is as it was synced, or as it was written since.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 4 * pageSize
		n := newFile(2, 0o600)
		var now, synced []byte
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				at := rapid.IntRange(0, most-1).Draw(t, "at")
				data := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(1, most-at).Draw(t, "count"))
				n.write(data, int64(at))
				now = append(now, make([]byte, max(0, at+len(data)-len(now)))...)
				copy(now[at:], data)
			},
			"resize": func(t *rapid.T) {
				size := rapid.IntRange(0, most).Draw(t, "size")
				n.resize(int64(size))
				now = append(now[:min(size, len(now)):min(size, len(now))], make([]byte, max(0, size-len(now)))...)
			},
			"sync": func(*rapid.T) {
				n.sync()
				synced = bytes.Clone(now)
			},
			"cut": func(*rapid.T) {
				n.cut(nil)
				now = bytes.Clone(synced)
			},
			"": func(t *rapid.T) {
				got := make([]byte, most+1)
				if got = got[:n.read(got, 0)]; !bytes.Equal(got, now) {
					t.Fatalf("%d bytes, want %d, or others", len(got), len(now))
				}
			},
		})
		n.cut(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		left := make([]byte, most+1)
		left = left[:n.read(left, 0)]
		if len(left) != len(now) && len(left) != len(synced) {
			t.Fatalf("%d bytes are left, of %d, synced %d", len(left), len(now), len(synced))
		}
	})
}
