package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// A write of a deferral goes wrong, the interim one or the final one, and whatever is on disk: in the
// end there is one interim ЭСИД and one final one.
func TestDeferred_faults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fail    error
		persist bool
		want    error
	}{
		{"not written, nothing on disk", store.ErrNotWritten, false, gateway.ErrNotReady},
		{"unknown, nothing on disk", store.ErrUnknown, false, gateway.ErrStopping},
		{"unknown, yet on disk", store.ErrUnknown, true, gateway.ErrStopping},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := silentWorld(t)
			raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
			w.Options.Store = &faulty{Store: w.store, fail: c.fail, persist: c.persist}
			if r, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, c.want) || r.Valid() {
				t.Fatalf("the interim write: %v, want %v", err, c.want)
			}
			first := w.interim(raw)
			s.speak()
			w.Options.Store = &faulty{Store: w.store, fail: c.fail, persist: c.persist}
			if err := w.DecideDeferred(context.Background()); !errors.Is(err, c.want) {
				t.Fatalf("the final write: %v, want %v", err, c.want)
			}
			w.Options.Store = w.store
			w.decide()
			w.decide()
			final := w.accept(raw)
			w.want(final, schema.Positive)
			if e := w.esid(final.Document()); e.Supersedes != first.MessageID() {
				t.Errorf("supersedes %s", e.Supersedes)
			}
			if got := w.results(); got != "ESID deferred, ESID positive" {
				t.Error(got)
			}
			if got := w.lane("office"); len(got) != 3 { // ЭСИД on the staff list; document; ЭСИД
				t.Errorf("office lane: %v", got)
			}
		})
	}
}

// The final ЭСИД is given only after its write, and says nothing that the store does not have.
func TestDeferred_order(t *testing.T) {
	w, s := silentWorld(t)
	points := map[string]string{}
	w.Options.Reached = func(point string) { points[point] = w.results() }
	w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	s.speak()
	w.decide()
	if diff := cmp.Diff(map[string]string{
		"judged": "", "committed": "ESID deferred",
		"decided": "ESID deferred", "settled": "ESID deferred, ESID positive",
	}, points); diff != "" {
		t.Error(diff)
	}
}

// The register is replaced while the final verdict is on its way into the store: judged again by the new
// one. The decision that panics is that document's alone.
func TestDeferred_moves(t *testing.T) {
	w, s := silentWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	w.interim(raw)
	f := &faulty{Store: w.store}
	f.before = func() {
		text := withSignatory(w.Participants(scene.Participants{}), w.Deputy)
		text = bytes.Replace(text, []byte("kinds: [Waybill, "), []byte("kinds: ["), 1)
		if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
			t.Error(err)
		}
	}
	s.speak()
	w.Options.Store = f
	w.decide()
	w.Options.Store = w.store
	w.want(w.accept(raw), schema.Negative, "A11/signer-not-registered")
}

func TestDeferred_panic(t *testing.T) {
	w, s := silentWorld(t)
	poisoned := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	w.interim(poisoned)
	w.interim(raw)
	s.speak()
	poison := true
	w.Options.Reached = func(string) {
		if poison {
			poison = false
			panic("index out of range")
		}
	}
	if err := w.DecideDeferred(context.Background()); err == nil {
		t.Error("the panic is not reported")
	}
	w.Options.Reached = func(string) {}
	w.want(w.accept(poisoned), schema.Deferred)
	w.want(w.accept(raw), schema.Positive)
	w.decide()
	w.want(w.accept(poisoned), schema.Positive)
}

// Everybody comes at once: the same bytes while they are being decided, by two looks at a time. Each
// gets the interim ЭСИД or the final one, byte for byte, and there is one of each.
func TestDeferred_concurrent(t *testing.T) {
	w, s := silentWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	var (
		mu      sync.Mutex
		answers = map[string][]byte{}
		running sync.WaitGroup
	)
	ask := func(times int) {
		for range times {
			r, err := w.Accept(context.Background(), w.submission(raw))
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			if known, ok := answers[r.MessageID()]; ok && !bytes.Equal(known, r.Document()) {
				t.Error("the answer changed")
			}
			answers[r.MessageID()] = r.Document()
			mu.Unlock()
		}
	}
	for range 4 {
		running.Go(func() { ask(1) })
	}
	running.Wait()
	s.speak()
	for range 4 {
		running.Go(func() { ask(20) })
	}
	for range 2 {
		running.Go(func() {
			if err := w.DecideDeferred(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	ask(1)
	if got := w.results(); got != "ESID deferred, ESID positive" || len(answers) != 2 {
		t.Errorf("%d answers, lane %s", len(answers), got)
	}
}

// What is deferred will have an ЭСИД in the outbox, and counts as if it were there.
func TestDeferred_outboxFull(t *testing.T) {
	w, _ := silentWorld(t)
	now := time.Now()
	w.Options.Now = func() time.Time { return now }
	w.Options.OutboxLimit = 3
	for range 2 {
		r := w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		if _, err := w.queue.Confirm("client/SHIP-01", r.MessageID()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Second) // the count is looked up once a second
	}
	w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	now = now.Add(2 * time.Second)
	_, err := w.Accept(context.Background(), w.submission(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))))
	if !errors.Is(err, gateway.ErrOutboxFull) {
		t.Errorf("got %v, want ErrOutboxFull", err)
	}
}

// A dry run says that it would be deferred, and keeps nothing.
func TestDeferred_dryRun(t *testing.T) {
	w, _ := silentWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	j, err := w.Verify(context.Background(), w.submission(raw))
	if err != nil || j.Result != schema.Deferred || j.Known {
		t.Errorf("%s %v", j.Result, err)
	}
	if got := w.results(); got != "" {
		t.Errorf("the lane has %s", got)
	}
}

// A signer of whom nothing is known delays no other signer, nor another participant.
func TestDeferred_others(t *testing.T) {
	w, s := silentWorld(t)
	text := withSignatory(w.Participants(scene.Participants{More: []string{"SHIP-02"}}), w.Deputy)
	if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
		t.Fatal(err)
	}
	s.hush()
	for range 3 {
		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	}
	deputy := w.Deputy.MustSign(w.Waybill(scene.Waybill{Signatory: w.Deputy}))
	w.interim(deputy)
	s.hush(w.Signatory)
	w.decide()
	w.want(w.accept(deputy), schema.Positive)
	want := "ESID deferred, ESID deferred, ESID deferred, ESID deferred, ESID positive"
	if got := w.results(); got != want {
		t.Error(got)
	}
}
