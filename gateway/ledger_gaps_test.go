package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"asugate/internal/scene"
	"asugate/ledger"
	"asugate/store"
)

// A notice that was never sent, written behind the gateway's back, has no leaf.
func TestVerifyLedger_addedNotice(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	id := "0" + r.MessageID()[1:35] + "x"
	put := func(change func(tx store.Tx)) {
		must(t, w.store.Update(func(tx store.Tx) error { change(tx); return nil }))
	}
	put(func(tx store.Tx) { tx.Put("notices", []byte(id), []byte(`{"id":"`+id+`"}`)) })
	got, _ := w.ledgerProblems()
	if !strings.Contains(got, "notice "+id) || !strings.Contains(got, "it has no leaf") {
		t.Errorf("found %q", got)
	}
	put(func(tx store.Tx) { tx.Delete("notices", []byte(id)) })
	if got, _ := w.ledgerProblems(); got != "" {
		t.Errorf("found %q", got)
	}
}

// Somebody who can write the store and cannot sign makes another past that is in order by itself. The
// gateway does not sign it for him: what it signs continues the latest checkpoint.
func TestCheckpoint_doesNotSignAnotherPast(t *testing.T) {
	w := newWorld(t)
	former := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	_, err := w.ProofOf(context.Background(), former.MessageID())
	must(t, err)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))) // for which a checkpoint is to be made
	undo := w.tamper(func(tx store.Tx) {
		rebuild(tx, func(l *ledger.Leaf) {
			if l.ID == former.MessageID() {
				l.Record = hexSum([]byte("another"))
			}
		})
	})
	_, err = w.ProofOf(context.Background(), r.MessageID())
	if !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("the other past is signed: %v", err)
	}
	undo()
	_, err = w.ProofOf(context.Background(), r.MessageID())
	must(t, err)
}

// A certificate that was not used for long and has been a moment ago is still needed.
func TestRetention_evidenceUsedAgain(t *testing.T) {
	a := newArchive(t)
	a.Options.Revocations = &sources{crl: []byte("the list of revoked certificates")}
	first := a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{CreatedAt: a.now})))
	a.confirmAll()
	had, _ := a.proofs(first.MessageID())
	a.afterwards(day)
	a.afterwards(58 * day)
	a.now = a.now.Add(2*day - time.Minute)
	again := a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{CreatedAt: a.now})))
	a.afterwards(time.Minute)
	if has, _ := a.proofs(again.MessageID()); len(has) != len(had) || len(had) == 0 {
		t.Errorf("the new document has %q, the first had %q", has, had)
	}
}

// counting says how much the largest transaction has put.
type counting struct {
	store.Store
	most int
}

type countingTx struct {
	store.Tx
	bytes int
}

func (c *countingTx) Put(t store.Table, k, v []byte) { c.bytes += len(k) + len(v); c.Tx.Put(t, k, v) }

func (c *counting) Update(write func(store.Tx) error) error {
	return c.Store.Update(func(tx store.Tx) error {
		counted := &countingTx{Tx: tx}
		err := write(counted)
		c.most = max(c.most, counted.bytes)
		return err
	})
}

// On a full disk the store takes 4 KiB at a time, so that room comes back: retention makes do with that.
func TestRetention_fullDisk(t *testing.T) {
	a := newArchive(t)
	a.Options.Unverified = 1000
	for range 70 {
		a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{})))
	}
	a.confirmAll()
	counted := &counting{Store: a.store}
	a.Options.Store = counted
	a.Options.Retention.Messages, a.Options.Retention.Accepted = 0, 0
	a.afterwards(11 * day)
	a.afterwards(40 * day)
	if n := a.Retired()["refused"]; n != 70 {
		t.Errorf("%d documents have gone", n)
	}
	if counted.most > 4<<10 {
		t.Errorf("a transaction of %d bytes", counted.most)
	}
}
