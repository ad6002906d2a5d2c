package bolt

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"asugate/store"
	"asugate/store/storetest"
)

func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	if err := Create(path, Meta{Environment: Test, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// The contract of package store.
func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return newStore(t, Options{}) })
}

// BenchmarkUpdate measures one body of 10 KB an Update, durable when it returns, by as many writers.
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
