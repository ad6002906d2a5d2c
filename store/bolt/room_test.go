package bolt

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/store"
)

// TestFullDisk fills a real disk of 4 MiB. Writes are refused, deletions go through, and then there
// is room again.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a disk cannot be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	path := filepath.Join(dir, "gatewayd.db")
	if err := Create(path, Meta{Environment: Test, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, path, Options{})
	body := strings.Repeat("x", 100_000)
	stored, refused := 0, 0
	for i := range 60 {
		switch err := put(s, fmt.Sprint(i), body); {
		case err == nil:
			stored++
		case errors.Is(err, ErrNoRoom) && errors.Is(err, store.ErrNotWritten):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if stored < 20 || refused < 5 || len(contents(t, s)) != stored {
		t.Fatalf("%d stored, %d refused, %d are there", stored, refused, len(contents(t, s)))
	}
	for i := range stored {
		if err := s.Update(func(tx store.Tx) error { tx.Delete(things, []byte(fmt.Sprint(i))); return nil }); err != nil {
			t.Errorf("deleting on a full disk: %v", err)
		}
	}
	if err := put(s, "again", body); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
