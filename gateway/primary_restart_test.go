package gateway_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/workflow"
)

// tells fails unless exactly these notices were sent, event and lane.
func (y *yard) tells(id string, events ...string) {
	y.t.Helper()
	if diff := cmp.Diff(events, y.told(id)); diff != "" {
		y.t.Errorf("told (-want +got):\n%s", diff)
	}
}

const (
	toClient = " " + shipper
	toKPEDO  = " kpedo"
)

// The process dies after the document has come, after a reminder, and after the end: each of them happens
// once, at its time.
func TestRestart_running(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindMemo)
	by := y.shown(id).SignBy
	y.restart()
	y.pass(10 * time.Hour)
	y.tells(id, "arrived"+toClient, "reminder"+toClient)
	y.restart()
	y.pass(90 * time.Minute)
	y.tells(id, "arrived"+toClient, "reminder"+toClient, "reminder"+toClient)
	y.restart()
	y.pass(30*time.Minute + gateway.HandlingLimit - time.Second)
	y.is(id, workflow.CarrierSigned, by.Add(-12*time.Hour))
	y.pass(time.Second)
	y.is(id, workflow.AutoAgreed, by)
	y.restart()
	y.pass(time.Hour)
	y.tells(id, "arrived"+toClient, "reminder"+toClient, "reminder"+toClient, "auto-agreed"+toClient, "auto-agreed"+toKPEDO)
}

// The term ends while nobody is there: it is put into effect before anybody is listened to, and whoever
// answers then is late.
func TestRestart_overdue(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindMemo)
	by := y.shown(id).SignBy
	y.pass(11*time.Hour + 50*time.Minute)
	y.now = y.now.Add(5 * time.Hour)
	y.restart()
	y.is(id, workflow.AutoAgreed, by)
	y.want(y.client(y.approval(id)), schema.Negative, "W14/term-over")
}

// Nobody could read us during the term: the operator decides, and the client has the agreed term anew. What
// the client says while it waits is heard.
func TestRestart_held(t *testing.T) {
	t.Parallel()
	down := func(t *testing.T) (*yard, string) {
		y := newYard(t, scene.Participants{})
		id := y.arrives(schema.KindMemo)
		y.pass(10 * time.Minute)
		y.now = y.now.Add(20 * time.Hour)
		y.restart()
		if p := y.shown(id); !p.Held || p.State != workflow.CarrierSigned {
			t.Fatalf("%+v", p)
		}
		d, err := y.Document(context.Background(), "SHIP-01", id)
		must(t, err)
		if a, err := y.Awaited(); err != nil || a.Held != 1 || d.State != "held" || y.due("term", id) != 0 {
			t.Errorf("shown as %s, %+v, %d deadlines, %v", d.State, a, y.due("term", id), err)
		}
		y.tells(id, "arrived"+toClient, "held"+toClient)
		return y, id
	}
	settled := func(y *yard, id string) {
		y.t.Helper()
		if a, err := y.Awaited(); err != nil || a.Held != 0 || y.shown(id).Held || len(y.rows("held-terms")) != 0 {
			y.t.Errorf("it is held still: %+v %v", a, err)
		}
	}
	t.Run("granted", func(t *testing.T) {
		y, id := down(t)
		y.restart()
		y.pass(48 * time.Hour) // it waits as long as it takes
		p, err := y.GrantTerm("RZD", id, 0)
		must(t, err)
		if want := y.now.Add(12 * time.Hour); !p.SignBy.Equal(want) {
			t.Errorf("sign by %s, want %s", p.SignBy, want)
		}
		settled(y, id)
		if _, err := y.GrantTerm("RZD", id, 0); err == nil {
			t.Error("it was granted twice")
		}
		y.restart()
		y.pass(13 * time.Hour)
		y.is(id, workflow.AutoAgreed, p.SignBy)
	})
	t.Run("answered", func(t *testing.T) {
		y, id := down(t)
		y.want(y.client(y.rejection(schema.KindMemo, id)), schema.Positive)
		settled(y, id)
		raw := y.carrier(schema.KindMemo, id, 2)
		y.want(y.rail(raw), schema.Positive)
		if p := y.shown(id); p.Held || y.due("term", id) != 1 {
			t.Errorf("the correction: %+v", p)
		}
	})
	t.Run("recalled", func(t *testing.T) {
		y, id := down(t)
		y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
		settled(y, id)
	})
	// The clock has not found it out yet: the answer in the minute before it does is not too late.
	for name, silent := range map[string]bool{"answered before the clock strikes": false, "and is being verified": true} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t, scene.Participants{})
			id := y.arrives(schema.KindMemo)
			y.now = y.shown(id).SignBy.Add(gateway.HandlingLimit / 2)
			y.restart()
			result := schema.Positive
			if silent {
				y.hush(y.Signatory)
				result = schema.Deferred
			}
			y.want(y.client(y.approval(id)), result)
			if n := y.due("term", id) + y.due("reminder", id); n != 0 {
				t.Errorf("%d deadlines are left", n)
			}
			y.speak()
			y.decide()
			y.is(id, workflow.ClientSigned, y.now)
			settled(y, id)
		})
	}
	t.Run("granted while an answer is verified", func(t *testing.T) {
		y, id := down(t)
		y.hush(y.Signatory)
		answer := y.approval(id)
		y.want(y.client(answer), schema.Deferred)
		_, err := y.GrantTerm("RZD", id, 2*time.Hour)
		must(t, err)
		settled(y, id)
		y.pass(6 * time.Hour) // the answer came in time: no silence
		if p := y.shown(id); p.State != workflow.CarrierSigned || p.Suspended == nil || y.due("term", id) != 0 {
			t.Fatalf("%+v", p)
		}
		y.revoke(y.Signatory, y.Now.Add(-time.Minute))
		y.speak()
		must(t, y.DecideDeferred(context.Background()))
		y.want(y.client(answer), schema.Negative, "A07/revoked")
		if p := y.shown(id); !p.SignBy.Equal(y.now.Add(2*time.Hour)) || y.due("term", id) != 1 {
			t.Fatalf("%+v", p)
		}
	})
}

// What counts as time in which the client could read: not while the machine slept, and no hour twice because
// the wall clock was set back.
func TestRestart_slept(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{MemoTerm: "1h"})
	slept := y.arrives(schema.KindMemo)
	y.now = y.now.Add(2 * time.Hour)
	must(t, y.Awake())
	y.fire()
	back := y.arrives(schema.KindMemo)
	y.pass(20 * time.Minute)
	y.now = y.now.Add(-15 * time.Minute)
	must(t, y.Awake())
	y.pass(15 * time.Minute)
	y.now = y.now.Add(2 * time.Hour)
	must(t, y.Awake())
	y.fire()
	read := y.arrives(schema.KindMemo)
	y.pass(2 * time.Hour)
	for id, want := range map[string]bool{slept: true, back: true, read: false} {
		if p := y.shown(id); p.Held != want {
			t.Errorf("held %t, want %t: %+v", p.Held, want, p)
		}
	}
}

// The signature of an answer that came in time cannot be verified, and the process dies over it.
func TestRestart_suspended(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (y *yard, id string, answer []byte) {
		y = newYard(t, scene.Participants{})
		id = y.arrives(schema.KindMemo)
		y.pass(11*time.Hour + 50*time.Minute)
		y.hush(y.Signatory)
		answer = y.approval(id)
		y.want(y.client(answer), schema.Deferred)
		y.restart()
		y.pass(5 * time.Hour)
		if p := y.shown(id); p.State != workflow.CarrierSigned || p.Suspended == nil || p.Suspended.Left != 10*time.Minute {
			t.Fatalf("%+v", p)
		}
		y.want(y.client(y.rejection(schema.KindMemo, id)), schema.Negative, "W18/predecessor-deferred")
		return y, id, answer
	}
	t.Run("it holds", func(t *testing.T) {
		y, id, answer := begin(t)
		received := y.shown(id).Suspended.Since
		y.speak()
		must(t, y.DecideDeferred(context.Background()))
		y.is(id, workflow.ClientSigned, received)
		y.want(y.client(answer), schema.Positive)
		y.pass(24 * time.Hour)
		y.tells(id, "arrived"+toClient, "reminder"+toClient, "reminder"+toClient)
	})
	t.Run("it does not hold", func(t *testing.T) {
		y, id, answer := begin(t)
		y.revoke(y.Signatory, y.Now.Add(-time.Minute))
		y.speak()
		must(t, y.DecideDeferred(context.Background()))
		y.want(y.client(answer), schema.Negative, "A07/revoked")
		by := y.shown(id).SignBy
		if left := by.Sub(y.now); left != gateway.MinLeft {
			t.Errorf("%s are left", left)
		}
		y.restart()
		y.pass(gateway.MinLeft)
		y.is(id, workflow.CarrierSigned, y.shown(id).Arrived)
		y.pass(gateway.HandlingLimit)
		y.is(id, workflow.AutoAgreed, by)
	})
	t.Run("nobody ever knows", func(t *testing.T) {
		y, id, answer := begin(t)
		y.pass(19 * time.Hour)
		final := y.client(answer)
		y.want(final, schema.Negative, "A07/revocation-unavailable")
		by := y.shown(id).SignBy
		if e := y.esid(final.Document()); e.Left != gateway.MinLeft || !e.SignBy.Equal(by) {
			t.Errorf("the ЭСИД tells of %s, until %s", e.Left, e.SignBy)
		}
		y.pass(time.Hour)
		y.is(id, workflow.AutoAgreed, by)
	})
	t.Run("again and again", func(t *testing.T) {
		y, id, _ := begin(t)
		for range 3 {
			y.now = y.now.Add(24 * time.Hour)
			y.fire()
			if p := y.shown(id); p.Suspended != nil || p.Held {
				t.Fatalf("%+v", p)
			}
			y.want(y.client(y.approval(id)), schema.Deferred)
		}
		y.now = y.now.Add(24 * time.Hour)
		y.fire() // enough: the operator decides
		if p := y.shown(id); !p.Held || y.due("term", id) != 0 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("rejected elsewhere and corrected meanwhile", func(t *testing.T) {
		y, id, answer := begin(t)
		y.want(y.rail(y.report(id, schema.ReportRejected)), schema.Positive)
		raw := y.carrier(schema.KindMemo, id, 2)
		y.want(y.rail(raw), schema.Positive)
		p := y.shown(id)
		if p.Suspended != nil || !p.SignBy.Equal(y.now.Add(12*time.Hour)) || y.due("term", id) != 1 {
			t.Fatalf("the correction: %+v", p)
		}
		y.speak()
		must(t, y.DecideDeferred(context.Background()))
		y.want(y.client(answer), schema.Negative, "D03/answer-other-version", "D03/answer-other-content")
		if diff := cmp.Diff(p, y.shown(id)); diff != "" {
			t.Errorf("the answer to the former version has changed it:\n%s", diff)
		}
	})
}

// An answer was accepted for later in time, and the process died: the term waits for it, and nobody's else.
func TestRestart_pending(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id, other := y.arrives(schema.KindMemo), y.arrives(schema.KindAct)
	y.pass(11*time.Hour + 59*time.Minute)
	s := y.submission(y.approval(id))
	s.Received, s.Async = y.now, true
	if r, err := y.Accept(context.Background(), s); err != nil || r.Result() != "" {
		t.Fatal(r.Result(), err)
	}
	y.now = y.now.Add(5 * time.Hour)
	y.restart()
	y.is(id, workflow.CarrierSigned, s.Received.Add(time.Minute-12*time.Hour))
	y.want(y.client(y.rejection(schema.KindMemo, id)), schema.Negative, "W14/term-over")
	y.judgeLater(func() { y.fire() })
	y.is(id, workflow.ClientSigned, s.Received)
	y.want(y.client(y.approval(other)), schema.Positive)
	y.pass(24 * time.Hour)
	y.is(id, workflow.ClientSigned, s.Received)
}

// The register does not know to whom a memo goes: no clock runs until it does.
func TestRestart_unaddressed(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	text := y.Participants(scene.Participants{})
	unknown := bytes.ReplaceAll(text, []byte(`inn: "7707083893"`), []byte(`inn: "7710140679"`))
	y.admit(unknown)
	id := scene.NewID()
	raw := y.carrier(schema.KindMemo, id, 1)
	interim := y.rail(raw)
	y.want(interim, schema.Deferred)
	y.restart()
	y.pass(48 * time.Hour)
	must(t, y.DecideDeferred(context.Background()))
	if a, err := y.Awaited(); err != nil || a != (gateway.Awaited{Unaddressed: 1}) {
		t.Errorf("%+v %v", a, err)
	}
	y.tells(id)
	y.restart()
	y.admit(text)
	must(t, y.DecideDeferred(context.Background()))
	y.is(id, workflow.CarrierSigned, y.shown(id).Since)
	p := y.shown(id)
	if !p.Arrived.Equal(y.now) || !p.SignBy.Equal(y.now.Add(12*time.Hour)) {
		t.Errorf("arrived %s, sign by %s; now it is %s", p.Arrived, p.SignBy, y.now)
	}
	final := y.rail(raw)
	y.want(final, schema.Positive)
	if e := y.esid(final.Document()); e.Supersedes != interim.MessageID() {
		t.Errorf("supersedes %s", e.Supersedes)
	}
	y.tells(id, "arrived"+toClient)
	must(t, y.store.View(queue.Check))
}

// Two steps of a recall with deaths between them.
func TestRestart_recalled(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindAct)
	y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
	y.restart()
	y.pass(48 * time.Hour)
	y.is(id, workflow.AwaitingSpoiling, y.Now)
	y.want(y.client(y.approval(id)), schema.Negative, "W13/awaiting-spoiling")
	y.restart()
	y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
	y.is(id, workflow.Spoiled, y.Now)
	y.tells(id, "arrived"+toClient, "awaiting-spoiling"+toClient, "awaiting-spoiling"+toKPEDO, "spoiled"+toClient, "spoiled"+toKPEDO)
}
