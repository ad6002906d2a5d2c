package gateway_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
)

// A client that always has something in work is reminded all the same.
func TestReminder_whileSomethingIsInWork(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{MemoTerm: "3h"})
	id := y.arrives(schema.KindMemo)
	later := y.submission(y.Signatory.MustSign(y.Waybill(scene.Waybill{})))
	later.Received, later.Async = y.now, true
	_, err := y.Accept(context.Background(), later) // nobody judges it
	must(t, err)
	y.pass(time.Hour)
	y.tells(id, "arrived"+toClient, "reminder"+toClient)
}

// After a standstill the client is reminded once, and what is left of the term stays watched.
func TestReminder_afterStandstill(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{MemoTerm: "3h"})
	id := y.arrives(schema.KindMemo)
	y.now = y.now.Add(2*time.Hour + 45*time.Minute) // both reminders are due
	y.fire()
	y.tells(id, "arrived"+toClient, "reminder"+toClient)
	if terms, reminders := y.due("term", id), y.due("reminder", id); terms != 1 || reminders != 0 {
		t.Errorf("%d terms and %d reminders are watched", terms, reminders)
	}
}

// Whoever has answered leaves nothing for the clock to do.
func TestReminder_answered(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindMemo)
	if n := y.due("reminder", id); n != 2 {
		t.Fatalf("%d reminders are watched", n)
	}
	y.want(y.client(y.approval(id)), schema.Positive)
	if n := y.due("reminder", id) + y.due("term", id); n != 0 {
		t.Errorf("%d deadlines are left", n)
	}
}

// A term that is stopped and runs on has the reminders of its new end only.
func TestReminder_resumed(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{MemoTerm: "3h"})
	id := y.arrives(schema.KindMemo)
	y.hush(y.Signatory)
	y.want(y.client(y.approval(id)), schema.Deferred)
	if n := y.due("reminder", id) + y.due("term", id); n != 0 {
		t.Errorf("%d deadlines are left while the term stands still", n)
	}
	y.pass(24 * time.Hour) // and the answer is refused
	if p := y.shown(id); p.Suspended != nil || y.due("term", id) != 1 || y.due("reminder", id) != 2 {
		t.Errorf("%d terms and %d reminders of %+v", y.due("term", id), y.due("reminder", id), p)
	}
}

// A corrected copy of message 1397 says where a wagon was when, and the former one no more.
func TestMovements_corrected(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	at, id := y.Supplied(), scene.NewID()
	for version, at := range []time.Time{at, at.Add(time.Hour)} {
		y.want(y.rail(y.Office.MustSign(y.Movements(scene.Movements{
			DocumentID: id, Version: version + 1,
			Rows: []schema.Movement{{Wagon: wagonOf(1), Operation: schema.OperationSupply, At: at}},
		}))), schema.Positive)
	}
	y.want(y.rail(y.Office.MustSign(y.Memo(scene.Memo{
		Wagons: []string{wagonOf(1)}, Change: func(m *schema.Memo) { m.Wagons[0].Supplied = at },
	}))), schema.Negative, "D03/movement-differs")
}

// A former version that КП ЭДО hands over once more says nothing of the one that is in force.
func TestConsent_envelopeOfFormerVersion(t *testing.T) {
	t.Parallel()
	const docid = "1766398397"
	y := newYard(t, scene.Participants{Railway: byRailway})
	y.now = time.Now()
	former := y.kpedo(docid, 1)
	hand := func(k kpedo, state int) {
		t.Helper()
		r, err := y.hand(k, docid, state)
		must(t, err)
		y.want(r, schema.Positive)
	}
	hand(former, 548)
	y.want(y.rail(y.report(former.id, schema.ReportRejected)), schema.Positive)
	y.now = y.now.Add(time.Minute)
	inForce := former
	synctest.Test(t, func(t *testing.T) { // the version is the time of the signature
		time.Sleep(time.Until(y.now))
		cms, err := y.Office.SignDetached(former.form)
		must(t, err)
		inForce.cms = cms
	})
	hand(inForce, 548)
	before := y.shown(former.id)
	hand(former, 696)
	if p := y.shown(former.id); p.State != before.State || p.Revision != before.Revision {
		t.Errorf("%+v", p)
	}
	hand(inForce, 696)
	if p := y.shown(former.id); p.State == before.State {
		t.Errorf("%+v", p)
	}
}

// What waits for the register is looked at again when that has changed, and left alone before: verifying
// thousands of them once a minute would keep the verifier from all others.
func TestParked_leftAlone(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: waits})
	foreign := y.Office.MustSign(y.Memo(scene.Memo{
		Number: "F", Wagons: []string{wagonOf(1)},
		Change: func(m *schema.Memo) { m.Owner.INN, m.Owner.KPP = "7710140679", "" },
	}))
	removal := y.removal(scene.NewID(), wagonOf(2))
	for _, raw := range [][]byte{foreign, removal} {
		y.want(y.rail(raw), schema.Deferred)
	}
	looks := func() int {
		before := y.asked
		y.decide()
		return y.asked - before
	}
	if n := looks(); n != 0 {
		t.Errorf("%d looks although nothing has changed", n)
	}
	y.admit(y.Participants(scene.Participants{Railway: waits, MemoTerm: "5h"}))
	if n := looks(); n == 0 {
		t.Error("no look after the register has changed")
	}
	if n := looks(); n != 0 {
		t.Errorf("%d looks although nothing has changed since", n)
	}
	y.want(y.rail(y.supply(scene.NewID(), wagonOf(2))), schema.Positive)
	if looks(); y.rail(removal).Result() != schema.Positive {
		t.Error("the supply has come, and the removal still waits")
	}
	if n := looks(); n != 0 || y.rail(foreign).Result() != schema.Deferred {
		t.Errorf("%d looks at what still waits", n)
	}
}
