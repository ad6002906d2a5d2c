package gateway_test

import (
	"context"
	"sync/atomic"
	"testing"

	"asugate/internal/scene"
)

// BenchmarkAccept is a fresh ЭД №1 from the first byte to the durable answer, as many at once as the
// adapters let in, without HTTP and without delivery.
func BenchmarkAccept(b *testing.B) {
	w := newWorld(b)
	w.OutboxLimit = b.N + 1
	documents := make([][]byte, b.N)
	for i := range documents {
		documents[i] = w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	}
	b.SetBytes(int64(len(documents[0])))
	b.SetParallelism(32)
	b.ReportAllocs()
	var next atomic.Int64
	before := w.store.Stats()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s := w.submission(documents[next.Add(1)-1])
			if r, err := w.Accept(context.Background(), s); err != nil || r.Result() != "positive" {
				b.Errorf("%v %v", r.Findings(), err)
				return
			}
		}
	})
	b.StopTimer()
	after := w.store.Stats()
	b.ReportMetric(float64(after.Updates-before.Updates)/float64(after.Batches-before.Batches), "writes/sync")
}
