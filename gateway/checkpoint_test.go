package gateway_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/signature"
)

// Checkpoints are made once a minute while the ledger grows, and none when it does not. Who asks for a proof
// of what is newer waits a second at most, together with all others who ask.
func TestRunCheckpoints(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, _ *sources) {
		checkpoints := func() int64 {
			_, found := w.ledgerProblems()
			return found.Checkpoints
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- w.RunCheckpoints(ctx) }()
		synctest.Wait()
		if got := checkpoints(); got != 1 {
			t.Errorf("%d checkpoints at the start, want 1", got)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := checkpoints(); got != 1 {
			t.Errorf("%d checkpoints while nothing came, want 1", got)
		}
		var ids []string
		for range 5 {
			ids = append(ids, w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))).MessageID())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := checkpoints(); got != 2 {
			t.Errorf("%d checkpoints after a minute in which some came, want 2", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}

		// All these ask at once: there is one checkpoint now, and one a second later.
		var asking sync.WaitGroup
		began := time.Now()
		for range 20 {
			r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
			asking.Go(func() {
				if _, err := w.ProofOf(context.Background(), r.MessageID()); err != nil {
					t.Error(err)
				}
			})
		}
		asking.Wait()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("they waited %v", took)
		}
		if got := checkpoints(); got < 3 || got > 4 {
			t.Errorf("%d checkpoints, want one or two more", got)
		}
		// Who cannot wait goes away empty.
		w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		last := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		if _, err := w.ProofOf(context.Background(), ids[0]); err != nil { // which there is a checkpoint of
			t.Error(err)
		}
		hurried, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		if _, err := w.ProofOf(hurried, last.MessageID()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hurried: %v", err)
		}
	})
}

// Without a key there is no checkpoint, and once there is one again the next stands for all.
func TestCheckpoint_withoutKey(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	key := w.Options.Key
	w.Options.Key = func(string) *signature.Key { return nil }
	if _, err := w.ProofOf(context.Background(), r.MessageID()); !errors.Is(err, gateway.ErrNotReady) {
		t.Errorf("without a key: %v", err)
	}
	w.Options.Key = key
	if _, err := w.ProofOf(context.Background(), r.MessageID()); err != nil {
		t.Error(err)
	}
}
