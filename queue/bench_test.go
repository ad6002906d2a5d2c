package queue

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"asugate/store"
)

// fill adds n messages of as many documents, a thousand a transaction.
func fillLane(b *testing.B, q *Queue, s store.Store, ids *IDs, lane string, n int) {
	b.Helper()
	packed := store.Pack(make([]byte, 3000))
	for at := 0; at < n; at += 1000 {
		err := s.Update(func(tx store.Tx) error {
			for i := range min(1000, n-at) {
				id := ids.Next()
				m := Message{ID: id, Lane: lane, Kind: "ESID", DocumentID: fmt.Sprint(at + i), Participant: "SHIP-01", Created: q.now(), Body: id}
				tx.Put(store.Blobs, []byte(id), packed)
				if err := q.Add(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRun delivers to an other side that takes everything at once: what the queue itself costs
// a message.
func BenchmarkRun(b *testing.B) {
	q, s, ids := open(b)
	fillLane(b, q, s, ids, "office", b.N)
	b.ResetTimer()
	ctx, cancel := context.WithCancel(context.Background())
	var n atomic.Int64
	err := q.Run(ctx, "office", Options{Window: 256}, func(context.Context, Message, []byte, []byte) error {
		if n.Add(1) == int64(b.N) {
			cancel()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkHead reads the head of a lane of many, behind many that are parked.
func BenchmarkHead(b *testing.B) {
	q, s, ids := open(b)
	fillLane(b, q, s, ids, "office", 50_000)
	var rows []result
	entries, err := q.List("office", "", 1000)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		rows = append(rows, result{head: head{id: e.ID}, fate: undelivered})
	}
	if err := q.record("office", rows); err != nil {
		b.Fatal(err)
	}
	r := &runner{queue: q, lane: "office", options: Options{Window: 256}, busy: map[string]bool{}}
	for b.Loop() {
		if err := r.read(); err != nil || len(r.fresh) != 256 {
			b.Fatal(len(r.fresh), err)
		}
	}
}
