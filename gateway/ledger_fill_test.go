package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/ledger"
	"asugate/store"
	"asugate/store/bolt"
)

// olden is a store of a program without a ledger: n verdicts, one a minute.
func olden(t *testing.T, n int) (s *bolt.Store, ids []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	must(t, bolt.Create(path, bolt.Meta{Environment: "test"}))
	s, err := bolt.Open(path, bolt.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	must(t, s.Update(func(tx store.Tx) error {
		ids = nil
		for i := range n {
			made := fmt.Sprintf("%012x", begin.Add(time.Duration(i)*time.Minute).UnixMilli())
			id := made[:8] + "-" + made[8:] + "-7000-8000-000000000000"
			ids = append(ids, id)
			tx.Put("journal", []byte(id), fmt.Appendf(nil, `{"id":%q,"raw":%q}`, id, hexSum([]byte(id))))
			tx.Put(store.Blobs, []byte(id), store.Pack([]byte("<ESID/>")))
		}
		return nil
	}))
	return s, ids
}

// A long journal is entered in its order, however often the start is stopped; whoever waits is told how far
// it is, and no record is entered twice.
func TestFillLedger_long(t *testing.T) {
	s, ids := olden(t, 3500)
	var out bytes.Buffer
	now := time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	looks := 0
	g := gateway.New(gateway.Options{
		Store: s, Log: slog.New(slog.NewTextHandler(&out, nil)),
		Now: func() time.Time {
			now = now.Add(6 * time.Second)
			if looks++; looks == 3 {
				cancel()
			}
			return now
		},
	})
	if err := g.FillLedger(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	size := int64(0)
	must(t, s.View(func(tx store.Reader) (err error) { size, err = ledger.Size(tx); return err }))
	if size != 2000 {
		t.Errorf("%d leaves were made before the stop", size)
	}
	if want := "records=2000 at=2026-01-02 until=2026-01-03"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in %s", want, &out)
	}
	for range 2 {
		must(t, g.FillLedger(context.Background()))
	}
	if n := strings.Count(out.String(), "have been entered into the ledger"); n != 1 {
		t.Errorf("told %d times that it is done: %s", n, &out)
	}
	next := 0
	size, err := ledger.Audit(context.Background(), s, func(_ store.Reader, a ledger.Audited) {
		if a.Problem != nil || a.Leaf.ID != ids[next] || a.Leaf.Received != hexSum([]byte(ids[next])) || a.Leaf.Sent != hexSum([]byte("<ESID/>")) {
			t.Fatalf("leaf %d: %+v %v", next, a.Leaf, a.Problem)
		}
		next++
	})
	if must(t, err); size != int64(len(ids)) {
		t.Errorf("%d leaves", size)
	}
}
