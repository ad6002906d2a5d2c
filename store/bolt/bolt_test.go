package bolt

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"asugate/store"
	"asugate/store/storetest"
)

// A test that needs a process to kill or to starve runs this binary again as one of these.
var children = map[string]func(path string){
	"write": childWrite,
	"limit": childLimit,
}

func TestMain(m *testing.M) {
	if child := children[os.Getenv("BOLT_TEST_CHILD")]; child != nil {
		child(os.Args[len(os.Args)-1])
		return
	}
	goleak.VerifyTestMain(m)
}

// newPath makes an empty store and returns where.
func newPath(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	if err := Create(path, Meta{Environment: Test, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return path
}

// openStore opens a store, and checks it and closes it when the test ends.
func openStore(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Check(context.Background()); err != nil && !errors.Is(err, store.ErrUnknown) && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	return openStore(t, newPath(t), o)
}

const things store.Table = "things"

func put(s *Store, key, value string) error {
	return s.Update(func(tx store.Tx) error { tx.Put(things, []byte(key), []byte(value)); return nil })
}

// contents is all that the store has in things.
func contents(t testing.TB, s *Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := s.View(func(r store.Reader) error {
		r.Range(things, nil, nil, 1<<20, func(key, value []byte) bool { found[string(key)] = string(value); return true })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The contract of package store.
func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return newStore(t, Options{}) })
}

// BenchmarkUpdate measures one body of 10 KB an Update, durable when it returns, by as many
// writers.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := newStore(b, Options{CheckUpTo: -1})
			body := make([]byte, 10<<10)
			rand.Read(body)
			b.SetBytes(int64(len(body)))
			b.ResetTimer()
			var n atomic.Int64
			var all sync.WaitGroup
			for range writers {
				all.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						key := binary.BigEndian.AppendUint64(nil, uint64(i))
						if err := s.Update(func(tx store.Tx) error { tx.Put("bodies", key, body); return nil }); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
			b.ReportMetric(float64(s.Stats().Updates)/float64(s.Stats().Batches), "updates/batch")
		})
	}
}
