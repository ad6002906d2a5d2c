package gateway_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// What keeps one signer's document from being decided, his signatures' verifier or a full disk, keeps no
// other signer's waiting.
func TestDecideDeferred_othersGoOn(t *testing.T) {
	w, s := silentWorld(t)
	text := withSignatory(w.Participants(scene.Participants{}), w.Deputy)
	if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
		t.Fatal(err)
	}
	s.hush()
	first := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	second := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	other := w.Deputy.MustSign(w.Waybill(scene.Waybill{Signatory: w.Deputy}))
	for _, raw := range [][]byte{first, second, other} {
		w.interim(raw)
	}
	s.speak()
	w.Options.Store = &faulty{Store: w.store, fail: store.ErrNotWritten}
	if err := w.DecideDeferred(context.Background()); err == nil {
		t.Error("a document that could not be decided is passed over in silence")
	}
	w.Options.Store = w.store
	want := []string{"ESID deferred", "ESID deferred", "ESID deferred", "ESID positive"}
	if diff := cmp.Diff(want, w.lane("client/SHIP-01")); diff != "" {
		t.Fatal(diff)
	}
	w.want(w.accept(other), schema.Positive)
	w.decide()
	w.want(w.accept(first), schema.Positive)
	w.want(w.accept(second), schema.Positive)
}

// Other content was refused because a deferred document had the id. When that is refused in the end the
// id is free, and the same bytes are judged on their own merits; while it is not, they hear the same.
func TestDeferred_conflictOver(t *testing.T) {
	w, s := silentWorld(t)
	id := scene.NewID()
	w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id})))
	other := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Cargo: "Уголь"}))
	conflict := w.accept(other)
	w.want(conflict, schema.Conflict, "A09/id-conflict")
	w.decide()
	if again := w.accept(other); again.MessageID() != conflict.MessageID() {
		t.Error("nothing has changed, and it was judged anew")
	}

	s.revoke(w.Signatory, time.Now().Add(-time.Hour))
	s.speak()
	w.decide()
	s.revoke(w.Signatory, time.Now().Add(time.Hour))
	final := w.accept(other)
	w.want(final, schema.Positive)
	if e := w.esid(final.Document()); e.Supersedes != conflict.MessageID() {
		t.Errorf("it supersedes %q", e.Supersedes)
	}

	// The other document is accepted in the end: the same bytes hear the same.
	id = scene.NewID()
	s.hush()
	w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id})))
	other = w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Cargo: "Уголь"}))
	conflict = w.accept(other)
	s.speak()
	w.decide()
	if again := w.accept(other); again.MessageID() != conflict.MessageID() {
		t.Error("the other document has been accepted, and the conflict was judged anew")
	}
}

// A document accepted for later judgement turns out to be one that is deferred, whose interim ЭСИД its
// sender has confirmed, and is decided at that moment: the interim ЭСИД does not come once more, after
// the final one.
func TestDeferred_interimNotAfterFinal(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, s *sources) {
		document := w.Waybill(scene.Waybill{})
		first := w.interim(w.Signatory.MustSign(document))
		if _, err := w.queue.Confirm("client/SHIP-01", first.MessageID()); err != nil {
			t.Fatal(err)
		}
		if _, err := w.later(w.Signatory.MustSign(document)); err != nil {
			t.Fatal(err)
		}
		next := w.Options.NextID
		decided := false
		w.Options.NextID = func() string { // the message with the interim ЭСИД is being made
			if !decided {
				decided = true
				s.speak()
				w.decide()
			}
			return next()
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- w.RunPending(ctx) }()
		synctest.Wait()
		cancel()
		must(t, <-done)
		if got := w.results(); !decided || got != "ESID positive" || w.count("pending") != 0 {
			t.Errorf("the lane has %s", got)
		}
	})
}

// The body of a document that was refused in the end is let go, and its bytes become known again by those
// of the same content that were accepted. That is as it must be, and the audit does not complain.
func TestVerifyJournal_bodyLetGo(t *testing.T) {
	w, s := silentWorld(t)
	document := w.Waybill(scene.Waybill{})
	raw := w.Signatory.MustSign(document)
	w.interim(raw)
	s.revoke(w.Signatory, time.Now().Add(-time.Hour))
	s.speak()
	w.decide()
	w.want(w.accept(raw), schema.Negative, "A07/revoked")
	for range 3 { // as many as are kept
		w.want(w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{}))), schema.Negative, "A05/untrusted")
	}
	s.revoke(w.Signatory, time.Now().Add(time.Hour))
	accepted := w.accept(w.Signatory.MustSign(document))
	w.want(accepted, schema.Positive)
	if again := w.accept(raw); again.MessageID() != accepted.MessageID() {
		t.Error("the same content got another answer")
	}
	if got := w.audit(); got != nil {
		t.Error(got)
	}
}

// Evidence about the signer of ЭД №2 may come before that about the signer of its ЭД №1: the document
// waits for its predecessor then, and is not refused for it.
func TestDeferred_waitsForPredecessor(t *testing.T) {
	w, s := silentWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	placement := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))
	w.interim(waybill)
	w.interim(placement)
	s.hush(w.Signatory)
	w.decide()
	if diff := cmp.Diff([]string{"ESID deferred", "ESID deferred"}, w.lane("client/SHIP-01")); diff != "" {
		t.Fatal(diff)
	}
	s.speak()
	w.decide()
	w.want(w.accept(waybill), schema.Positive)
	w.want(w.accept(placement), schema.Positive)
}
