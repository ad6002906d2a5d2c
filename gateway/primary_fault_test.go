package gateway_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// deed is one turn of a memo whose write goes wrong.
type deed struct {
	name  string
	scene func(y *yard) (id string, try func() error) // try may be called again
	state workflow.PrimaryState                       // after it
	told  []string
	kpedo []string // what waits there in the end, about the memo
}

// submits is a try that a document makes, which must be accepted at last.
func (y *yard) submits(s gateway.Submission, result schema.Result) func() error {
	return func() error {
		r, err := y.Accept(context.Background(), s)
		if err == nil && r.Result() != result {
			y.t.Fatalf("%s %v, want %s", r.Result(), r.Findings(), result)
		}
		if err != nil && (r.Valid() || r.Document() != nil) {
			y.t.Fatalf("an answer in spite of %v", err)
		}
		return err
	}
}

func (y *yard) fromRailway(raw []byte) gateway.Submission {
	return gateway.Submission{Participant: "RZD", Office: true, Raw: raw, Received: y.now, Via: "spool"}
}

func (y *yard) fromClient(raw []byte) gateway.Submission {
	s := y.submission(raw)
	s.Received = y.now
	return s
}

// strikes is a try of the clock, which tells of nothing but a store whose state is not known.
func (y *yard) strikes() error { return y.FireOverdue(context.Background()) }

var deeds = []deed{
	{"arrival", func(y *yard) (string, func() error) {
		id := scene.NewID()
		return id, y.submits(y.fromRailway(y.carrier(schema.KindMemo, id, 1)), schema.Positive)
	}, workflow.CarrierSigned, []string{"arrived" + toClient}, []string{"ESID positive"}},
	{"reminder", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.pass(9*time.Hour + 59*time.Minute)
		y.now = y.now.Add(time.Minute)
		return id, y.strikes
	}, workflow.CarrierSigned, []string{"arrived" + toClient, "reminder" + toClient}, []string{"ESID positive"}},
	{"consent", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.pass(12 * time.Hour)
		y.now = y.now.Add(gateway.HandlingLimit)
		return id, y.strikes
	}, workflow.AutoAgreed,
		[]string{"arrived" + toClient, "reminder" + toClient, "reminder" + toClient, "auto-agreed" + toClient, "auto-agreed" + toKPEDO},
		[]string{"ESID positive", "StateNotice asust"}},
	{"hold", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.now = y.now.Add(12 * time.Hour)
		y.fire() // reminders that come too late
		y.now = y.now.Add(gateway.HandlingLimit)
		return id, y.strikes
	}, workflow.CarrierSigned, []string{"arrived" + toClient, "held" + toClient}, []string{"ESID positive"}},
	{"grant", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.now = y.now.Add(13 * time.Hour)
		y.fire()
		return id, func() error {
			_, err := y.GrantTerm("RZD", id, 0)
			if errors.Is(err, gateway.ErrNotHeld) {
				return nil // it was, after all
			}
			return err
		}
	}, workflow.CarrierSigned, []string{"arrived" + toClient, "held" + toClient, "resumed" + toClient}, []string{"ESID positive"}},
	{"answer", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		return id, y.submits(y.fromClient(y.approval(id)), schema.Positive)
	}, workflow.ClientSigned, []string{"arrived" + toClient},
		[]string{"ESID positive", "Approval positive asust", "ESID positive asust"}},
	{"suspension", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.hush(y.Signatory)
		return id, y.submits(y.fromClient(y.approval(id)), schema.Deferred)
	}, workflow.CarrierSigned, []string{"arrived" + toClient}, []string{"ESID positive"}},
	{"resumption", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.hush(y.Signatory)
		y.want(y.client(y.approval(id)), schema.Deferred)
		y.revoke(y.Signatory, y.Now.Add(-time.Minute))
		y.speak()
		return id, func() error { return y.DecideDeferred(context.Background()) }
	}, workflow.CarrierSigned, []string{"arrived" + toClient, "resumed" + toClient}, []string{"ESID positive"}},
	{"recall", func(y *yard) (string, func() error) {
		id := y.arrives(schema.KindMemo)
		y.want(y.client(y.approval(id)), schema.Positive)
		return id, y.submits(y.fromRailway(y.report(id, schema.ReportSpoiling)), schema.Positive)
	}, workflow.AwaitingSpoiling, []string{"arrived" + toClient, "awaiting-spoiling" + toClient, "awaiting-spoiling" + toKPEDO},
		[]string{"ESID positive", "ESID positive", "StateNotice asust"}},
	{"delivery of what waited", func(y *yard) (string, func() error) {
		y.admit(y.Participants(scene.Participants{Railway: waits}))
		id := scene.NewID()
		y.want(y.rail(y.removal(id, wagonOf(1))), schema.Deferred)
		y.want(y.rail(y.supply(scene.NewID(), wagonOf(1))), schema.Positive)
		return id, func() error { return y.DecideDeferred(context.Background()) }
	}, workflow.CarrierSigned, []string{"arrived" + toClient}, []string{"ESID deferred", "ESID positive"}},
}

// image is everything that a turn may change.
func (y *yard) image() map[string][]string {
	rows := map[string][]string{}
	for _, table := range []store.Table{
		"primaries", "wagons", "numbers", "held-terms", "notices", "deadlines", "deferred", "journal", "ids", "raws",
		"documents", "history", "queue.messages", "queue.unconfirmed", "queue.chains", "queue.confirmed",
	} {
		must(y.t, y.store.View(func(tx store.Reader) error {
			rows[string(table)] = nil
			tx.Range(table, nil, nil, 100_000, func(k, v []byte) bool {
				rows[string(table)] = append(rows[string(table)], string(k)+" "+string(v))
				return true
			})
			return nil
		}))
	}
	return rows
}

// Every write that moves a memo fails in each way: nothing of it is half done, it is tried again, and it
// happens once.
func TestPrimary_faults(t *testing.T) {
	t.Parallel()
	for _, d := range deeds {
		for _, fault := range []struct {
			name    string
			fail    error
			persist bool
		}{
			{"not written", store.ErrNotWritten, false}, {"unknown, nothing on disk", store.ErrUnknown, false},
			{"unknown, yet on disk", store.ErrUnknown, true},
		} {
			t.Run(d.name+", "+fault.name, func(t *testing.T) {
				y := newYard(t, scene.Participants{})
				id, try := d.scene(y)
				before := y.image()
				y.Options.Store = &faulty{Store: y.store, fail: fault.fail, persist: fault.persist}
				err := try()
				y.Options.Store = y.store
				if stops := errors.Is(err, gateway.ErrStopping); stops != errors.Is(fault.fail, store.ErrUnknown) {
					t.Fatalf("first: %v", err)
				}
				if diff := cmp.Diff(before, y.image()); (diff != "") != fault.persist {
					t.Fatalf("after the failure:\n%s", diff)
				}
				if errors.Is(fault.fail, store.ErrUnknown) {
					y.restart()
				}
				for range 2 {
					must(t, try())
				}
				if p := y.shown(id); p.State != d.state {
					t.Errorf("%s, want %s", p.State, d.state)
				}
				y.tells(id, d.told...)
				if diff := cmp.Diff(d.kpedo, y.waits("kpedo", id)); diff != "" {
					t.Errorf("lane kpedo (-want +got):\n%s", diff)
				}
				must(t, y.store.View(queue.Check))
			})
		}
	}
}

// A turn of the clock panics: what it was about is tried again, and all else happens.
func TestPrimary_clockGoesOn(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{MemoTerm: "1h"})
	ids := []string{y.arrives(schema.KindMemo), y.arrives(schema.KindMemo), y.arrives(schema.KindMemo)}
	y.pass(time.Hour)
	y.now = y.now.Add(gateway.HandlingLimit)
	f := &faulty{Store: y.store, fail: store.ErrNotWritten}
	y.Options.Store = f
	y.fire() // the first one's write fails
	y.Options.Store = y.store
	var agreed []string
	for _, id := range ids {
		agreed = append(agreed, y.shown(id).State.String())
	}
	slices.Sort(agreed)
	if got := strings.Join(agreed, " "); got != "auto-agreed auto-agreed carrier-signed" {
		t.Errorf("after a failure: %s", got)
	}
	y.fire()
	for _, id := range ids {
		y.is(id, workflow.AutoAgreed, y.now.Add(-gateway.HandlingLimit))
		y.tells(id, "arrived"+toClient, "reminder"+toClient, "auto-agreed"+toClient, "auto-agreed"+toKPEDO)
	}
}
