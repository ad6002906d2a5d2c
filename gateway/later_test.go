package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
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

// later accepts a document for later judgement.
func (w *world) later(raw []byte) (gateway.Receipt, error) {
	s := w.submission(raw)
	s.Async = true
	return w.Accept(context.Background(), s)
}

// pend runs RunPending until so many messages of the lane could be confirmed.
func (w *world) pend(lane string, messages int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- w.RunPending(ctx) }()
	for n := range messages {
		m, _, ok, err := w.queue.Next(ctx, lane, waitLimit)
		if err == nil && ok {
			_, err = w.queue.Confirm(lane, m.ID)
		}
		if err != nil || !ok {
			w.t.Errorf("lane %s had %d messages, want %d: %v", lane, n, messages, err)
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		w.t.Error(err)
	}
}

// The same bytes come twice at once, and the first is judged before the second has looked again: the
// second gets the ЭСИД, and never an empty answer.
func TestAcceptLater_parallel(t *testing.T) {
	w := newWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	f := &faulty{Store: w.store}
	f.before = func() {
		if _, err := w.later(raw); err != nil {
			t.Error(err)
		}
		f.after = func() { w.pend("client/SHIP-01", 1) }
	}
	w.Options.Store = f
	r, err := w.later(raw)
	if err != nil || !r.Valid() || r.Result() != schema.Positive {
		t.Errorf("valid %t, result %q, %v; want the ЭСИД", r.Valid(), r.Result(), err)
	}
}

// A document that makes the judgement panic, and more than one batch of those that cannot be judged
// now, keep nobody else from being judged.
func TestRunPending_othersGoOn(t *testing.T) {
	w := newWorld(t)
	const stuck = 70
	for range stuck {
		s := w.submission(w.Signatory.MustSign(w.Waybill(scene.Waybill{Sender: "SHIP-02"})))
		s.Participant, s.Async = "SHIP-02", true
		if _, err := w.Accept(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	// SHIP-02 leaves the register: its documents can be judged when it is back.
	if _, err := w.register.ImportParticipants(w.Participants(scene.Participants{}), "", "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))); err != nil {
		t.Fatal(err)
	}
	poison := true
	w.Options.Reached = func(point string) {
		if point == "judged" && poison {
			poison = false
			panic("index out of range")
		}
	}
	w.pend("client/SHIP-01", 1)
	if poison {
		t.Error("nothing has panicked")
	}
	w.Options.Reached = func(string) {}
	if _, err := w.register.ImportParticipants(w.Participants(scene.Participants{More: []string{"SHIP-02"}}), "", "test"); err != nil {
		t.Fatal(err)
	}
	w.pend("client/SHIP-02", stuck)
}

// What has been promised counts as if it were in the outbox already.
func TestAcceptLater_outboxFull(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.Options.Now = func() time.Time { return now }
	w.Options.OutboxLimit = 2
	for range 2 {
		if _, err := w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Second) // the count is looked up once a second
	}
	if _, err := w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))); !errors.Is(err, gateway.ErrOutboxFull) {
		t.Errorf("got %v, want ErrOutboxFull", err)
	}
}

// Bytes that failed authenticity once are accepted for later judgement: the quota of such bodies does
// not take them away before.
func TestAcceptLater_keepsBody(t *testing.T) {
	w := newWorld(t)
	raw := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	w.want(w.accept(raw), schema.Negative, "A05/untrusted")
	text := w.Participants(scene.Participants{More: []string{"SHIP-02"}, Rate: 7}) // another basis
	if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
		t.Fatal(err)
	}
	if r, err := w.later(raw); err != nil || r.Result() != "" {
		t.Fatalf("result %q, want a Receipt: %v", r.Result(), err)
	}
	for range 4 { // one more than are kept
		w.want(w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{}))), schema.Negative, "A05/untrusted")
	}
	w.pend("client/SHIP-01", 6)
}

// Accepted for later, and then known by its content: the client, which has confirmed the ЭСИД before,
// still gets it through its lane, as it was promised.
func TestAcceptLater_confirmedBefore(t *testing.T) {
	w := newWorld(t)
	document := w.Waybill(scene.Waybill{})
	first := w.accept(w.Signatory.MustSign(document))
	if _, err := w.queue.Confirm("client/SHIP-01", first.MessageID()); err != nil {
		t.Fatal(err)
	}
	sub := w.submission(w.Signatory.MustSign(document))
	sub.Async = true
	if _, err := w.Accept(context.Background(), sub); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.RunPending(ctx) }()
	m, body, ok, err := w.queue.Next(ctx, "client/SHIP-01", waitLimit)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err != nil || !ok || !bytes.Equal(body, first.Document()) || m.ID == first.MessageID() {
		t.Errorf("message %s, %t, %v; want the stored ЭСИД under an id of its own", m.ID, ok, err)
	}
}
