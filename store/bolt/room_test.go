package bolt

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/store"
)

// smallDisk mounts a disk of 4 MiB with an empty store on it.
func smallDisk(t *testing.T) (path string) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a disk cannot be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	path = filepath.Join(dir, "gatewayd.db")
	if err := Create(path, Meta{Environment: Test, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return path
}

var body = strings.Repeat("x", 20_000)

// fillUp puts documents until well after the disk is full, and returns how many were stored.
func fillUp(t *testing.T, s *Store) (stored int) {
	t.Helper()
	refused := 0
	for i := range 250 {
		switch err := put(s, fmt.Sprint(i), body); {
		case err == nil:
			stored++
		case errors.Is(err, ErrNoRoom) && errors.Is(err, store.ErrNotWritten):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if stored < 20 || refused < 20 || len(contents(t, s)) != stored {
		t.Fatalf("%d stored, %d refused, %d are there", stored, refused, len(contents(t, s)))
	}
	return stored
}

// TestFullDisk fills a real disk to the last byte. What does not fit is refused, what was stored
// stays, and when somebody makes room the store goes on by itself.
func TestFullDisk(t *testing.T) {
	path := smallDisk(t)
	ballast := filepath.Join(filepath.Dir(path), "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, path, Options{})
	stored := fillUp(t, s)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := put(s, fmt.Sprint("again", i), body); err != nil {
			t.Errorf("with room again: %v", err)
		}
	}
	if n := len(contents(t, s)); n != stored+5 {
		t.Errorf("%d are there, want %d", n, stored+5)
	}
}

// TestDrainFullDisk: with a watermark there is always room to delete, and what has been deleted
// makes room for more.
func TestDrainFullDisk(t *testing.T) {
	s := openStore(t, smallDisk(t), Options{MinFree: 1 << 20})
	fillUp(t, s)
	for key := range contents(t, s) {
		if err := s.Update(func(tx store.Tx) error { tx.Delete(things, []byte(key)); return nil }); err != nil {
			t.Errorf("deleting on a full disk: %v", err)
		}
	}
	if n := len(contents(t, s)); n != 0 {
		t.Errorf("%d are left", n)
	}
	if err := put(s, "again", body); err != nil {
		t.Errorf("when all has been deleted: %v", err)
	}
}

// TestReadOnlyDisk: a disk that cannot be written is said in words, at the start and by creating.
func TestReadOnlyDisk(t *testing.T) {
	path := smallDisk(t)
	dir := filepath.Dir(path)
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Skipf("the disk cannot be made read-only here: %s", out)
	}
	if s, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "read-only file system") {
		s.Close()
		t.Errorf("opened: %v", err)
	}
	err := Create(filepath.Join(dir, "other.db"), Meta{Environment: Test, Created: time.Now()})
	if err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("created: %v", err)
	}
}
