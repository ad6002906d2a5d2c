package gateway_test

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/xmltree"
)

// Prefer: respond-async: a technical Receipt at once, the ЭСИД through the lane; the same bytes get
// the same Receipt until they are judged, and the ЭСИД after that.
func TestAcceptLater(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	raw := s.Signatory.MustSign(s.Waybill(scene.Waybill{}))
	later := func(w *world) (document []byte, result schema.Result) {
		sub := w.submission(raw)
		sub.Async = true
		r, err := w.Accept(context.Background(), sub)
		if err != nil {
			t.Fatal(err)
		}
		return r.Document(), r.Result()
	}
	t.Run("before the stop", func(t *testing.T) {
		w := worldIn(t, s, path, true)
		first, result := later(w)
		if result != "" {
			t.Fatalf("result %q, want none", result)
		}
		tree, err := xmltree.Parse(first, xmltree.DefaultLimits())
		if err != nil || tree.Root().Local() != "Receipt" {
			t.Fatalf("not a Receipt: %v %s", err, first)
		}
		if again, _ := later(w); !bytes.Equal(first, again) {
			t.Error("the same bytes got another Receipt")
		}
		if got := w.lane("client/SHIP-01"); got != nil {
			t.Errorf("the lane has %v before anything was judged", got)
		}
	})
	// The process stopped in between; the next one finds the job by the ordinary loop.
	t.Run("after the start", func(t *testing.T) {
		w := worldIn(t, s, path, false)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- w.RunPending(ctx) }()
		m, body, ok, err := w.queue.Next(ctx, "client/SHIP-01", waitLimit)
		if err != nil || !ok {
			t.Fatalf("no ЭСИД: %v", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if e := w.esid(body); e.Result != schema.Positive || e.MessageID != m.ID {
			t.Errorf("ЭСИД %s %s", e.MessageID, e.Result)
		}
		now, result := later(w)
		if result != schema.Positive || !bytes.Equal(now, body) {
			t.Errorf("after the verdict the same bytes get %s", result)
		}
		if diff := cmp.Diff([]string{"ESID positive"}, w.lane("client/SHIP-01")); diff != "" {
			t.Error(diff)
		}
	})
}
