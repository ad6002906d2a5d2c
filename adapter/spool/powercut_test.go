package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"asugate/gateway"
	"asugate/internal/faults/lossyfs"
	"asugate/queue"
)

func TestMain(m *testing.M) {
	lossyfs.Main()
	os.Exit(m.Run())
}

// What was delivered outlives a power cut, together with the folders that were made for it, also when they
// were made by a process that was killed before it could sync them.
func TestPowerCut(t *testing.T) {
	for _, c := range []struct {
		name string
		made string // by the process that was killed
	}{
		{"all folders are new", ""},
		{"the spool was made", "deep/spool"},
		{"the folder of the destination was made", "deep/spool/out/office"},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := t.TempDir()
			f, err := lossyfs.Start(disk)
			if err != nil {
				t.Skipf("FUSE cannot be used here: %v", err)
			}
			t.Cleanup(func() {
				if err := f.Unmount(); err != nil {
					t.Error(err)
				}
			})
			dir := filepath.Join(disk, "deep", "spool")
			if c.made != "" {
				// What is above the spool is of whoever installed it, long ago.
				above, err := os.OpenRoot(disk)
				if err != nil {
					t.Fatal(err)
				}
				err = errors.Join(os.MkdirAll(filepath.Join(disk, c.made), dirMode), syncDir(above, "."), above.Close())
				if err != nil {
					t.Fatal(err)
				}
			}
			s, err := open(Config{Dir: dir, Railway: "RZD"}, func(context.Context, gateway.Submission) (receipt, error) {
				return nil, gateway.ErrNotReady
			})
			if err != nil {
				t.Fatal(err)
			}
			m := queue.Message{ID: "0193", Lane: "office", Kind: "Waybill"}
			err = s.Deliver(t.Context(), m, []byte("<a/>"), []byte("signature"))
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Cut(nil); err != nil {
				t.Fatal(err)
			}
			for extension, want := range map[string]string{extDocument: "<a/>", extSignature: "signature"} {
				got, err := os.ReadFile(filepath.Join(dir, "out", "office", "0193"+extension))
				if err != nil || string(got) != want {
					t.Errorf("%s holds %q, %v", extension, got, err)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "in", "done")); err != nil {
				t.Error(err)
			}
		})
	}
}
