package register

import (
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"asugate/internal/pki"
	"asugate/store"
	"asugate/store/bolt"
)

// start is the time at which tests begin.
var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }
func startClock() *clock              { return &clock{start} }

// openRegister opens a register over a new store.
func openRegister(t *testing.T, c *clock) (*Register, store.Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gateway.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test}); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return Open(s, c.Now), s
}

// trustFiles puts the certificate files of the example into a folder.
func trustFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"rzd-roots.pem", "qualified-ca.pem"} {
		root := pki.Must(pki.NewAuthority(name, start))
		if err := os.WriteFile(filepath.Join(dir, name), root.CertificatePEM(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func example(t *testing.T) []byte {
	t.Helper()
	file, err := os.ReadFile("../conf/participants.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// view reads the store in a test.
func view(t *testing.T, s store.Store, read func(store.Reader)) {
	t.Helper()
	if err := s.View(func(tx store.Reader) error { read(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}
