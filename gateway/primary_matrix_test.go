package gateway_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// roads are the events that bring a document into each state, the shortest one first.
var roads = map[workflow.PrimaryState][][]workflow.PrimaryEvent{
	workflow.Drafted:       {{}},
	workflow.CarrierSigned: {{workflow.CarrierSigns}},
	workflow.ClientSigned: {
		{workflow.CarrierSigns, workflow.ClientSigns}, {workflow.CarrierSigns, workflow.ReportedSigned},
	},
	workflow.Rejected: {
		{workflow.CarrierSigns, workflow.ClientRejects}, {workflow.CarrierSigns, workflow.ReportedRejected},
	},
	workflow.AutoAgreed: {{workflow.CarrierSigns, workflow.TermEnds}},
	workflow.AwaitingSpoiling: {
		{workflow.CarrierSigns, workflow.SpoilRequested},
		{workflow.CarrierSigns, workflow.ClientSigns, workflow.SpoilRequested},
		{workflow.CarrierSigns, workflow.TermEnds, workflow.SpoilRequested},
	},
	workflow.Spoiled: {
		{workflow.CarrierSigns, workflow.SpoilRequested, workflow.SpoilConfirmed},
		{workflow.CarrierSigns, workflow.ClientRejects, workflow.SpoilRequested, workflow.SpoilConfirmed},
	},
}

// happen lets an event come to a document, by a document that says so or by the clock, whose receipt is
// not valid.
func (y *yard) happen(form schema.Kind, id string, e workflow.PrimaryEvent) (r gateway.Receipt) {
	y.t.Helper()
	switch e {
	case workflow.CarrierSigns:
		version := y.shown(id).Version + 1
		raw := y.carrier(form, id, version)
		if r = y.rail(raw); r.Result() == schema.Positive {
			y.refs[id] = scene.ReferenceTo(raw, id, version)
		}
	case workflow.ClientSigns:
		r = y.client(y.approval(id))
	case workflow.ClientRejects:
		r = y.client(y.rejection(form, id))
	case workflow.TermEnds:
		y.endOf(id)
	case workflow.ReportedAgreed:
		r = y.rail(y.report(id, schema.ReportAgreed))
	case workflow.ReportedSigned:
		r = y.rail(y.report(id, schema.ReportSigned))
	case workflow.ReportedRejected:
		r = y.rail(y.report(id, schema.ReportRejected))
	case workflow.SpoilRequested:
		r = y.rail(y.report(id, schema.ReportSpoiling))
	case workflow.SpoilConfirmed:
		r = y.rail(y.report(id, schema.ReportSpoiled))
	}
	return r
}

// endOf lets the term of a document pass. Where none runs the clock finds a row of one all the same: as of
// a program that did not take it away.
func (y *yard) endOf(id string) {
	y.t.Helper()
	if p := y.shown(id); p.State == workflow.CarrierSigned {
		y.pass(p.SignBy.Add(gateway.HandlingLimit).Sub(y.now))
		return
	}
	must(y.t, y.store.Update(func(tx store.Tx) error {
		tx.Put("deadlines", []byte(y.now.UTC().Format("2006-01-02T15:04:05.000Z")+"\x00term\x00RZD\x00"+id), []byte{})
		return nil
	}))
	y.fire()
}

// reach brings a new document into a state by a road; the railway says for itself where silence is
// consent.
func (y *yard) reach(form schema.Kind, road []workflow.PrimaryEvent, consent string) (id string) {
	y.t.Helper()
	id = scene.NewID()
	y.refs[id] = scene.Reference{DocumentID: id, Version: 1, SHA256: noContent}
	for _, e := range road {
		if e == workflow.TermEnds && consent == workflow.ConsentRailway {
			e = workflow.ReportedAgreed
		}
		if r := y.happen(form, id, e); r.Valid() {
			y.want(r, schema.Positive)
		}
	}
	return id
}

const noContent = "0000000000000000000000000000000000000000000000000000000000000000"

// outcome is what the table says of an event, with what depends on who keeps the time: the finding with
// which it is refused, and the state after it.
func outcome(row workflow.PrimaryTransition, consent string) (finding string, to workflow.PrimaryState) {
	switch {
	case row.From != workflow.CarrierSigned:
	case row.Event == workflow.ReportedAgreed && consent == workflow.ConsentOurs:
		return "W17 " + schema.ReasonConsentElsewhere, row.From
	case row.Event == workflow.TermEnds && consent == workflow.ConsentRailway:
		return "", row.From
	}
	return row.Finding, row.To
}

// Every row of the table, of both forms, whoever keeps the time, by real documents: what the table says is
// what the ЭСИД says and what the store has; what is refused changes nothing, and nobody else hears of it.
func TestPrimary_everyTransition(t *testing.T) {
	t.Parallel()
	for _, consent := range []string{workflow.ConsentOurs, workflow.ConsentRailway} {
		keeps := func(e workflow.PrimaryEvent) bool { // whoever keeps the time, the rest is alike
			return consent == workflow.ConsentOurs || e == workflow.TermEnds || e == workflow.ReportedAgreed
		}
		t.Run(consent, func(t *testing.T) {
			y := newYard(t, scene.Participants{MemoTerm: "1h", ActTerm: "2h", Railway: "consent: " + consent})
			rows := slices.DeleteFunc(workflow.PrimaryTransitions(), func(row workflow.PrimaryTransition) bool {
				return !keeps(row.Event)
			})
			for _, row := range rows {
				for _, form := range []schema.Kind{schema.KindMemo, schema.KindAct} {
					if row.Form != "" && row.Form != form {
						continue
					}
					for _, road := range roads[row.From] {
						y.transition(row, form, road, consent)
					}
				}
				y.drain()
			}
		})
	}
}

func (y *yard) transition(
	row workflow.PrimaryTransition, form schema.Kind, road []workflow.PrimaryEvent, consent string,
) {
	y.t.Helper()
	id := y.reach(form, road, consent)
	before, messages, told := y.shown(id), y.spoken(id), len(y.told(id))
	if before.State != row.From {
		y.t.Fatalf("%v leads to %s, want %s", road, before.State, row.From)
	}
	y.now = y.now.Add(time.Second)
	received := y.now
	r := y.happen(form, id, row.Event)
	finding, to := outcome(row, consent)
	after := y.shown(id)
	fail := func(format string, args ...any) {
		y.t.Helper()
		y.t.Errorf("%s, %s, %s by %v: "+format, append([]any{form, row.From, row.Event, road}, args...)...)
	}
	if row.Event != workflow.TermEnds {
		want := []string{finding}
		if finding == "" {
			want = nil
		}
		if diff := cmp.Diff(want, refused(r)); diff != "" || (finding == "") != (r.Result() == schema.Positive) {
			fail("%s %s", r.Result(), diff)
		}
	}
	if after.State != to {
		fail("is %s then, want %s", after.State, to)
	}
	if finding != "" || to == row.From {
		ours := 1 // the ЭСИД
		if row.Event == workflow.TermEnds {
			ours = 0
		}
		if row.Event == workflow.TermEnds && row.From == workflow.CarrierSigned {
			before.Revision, ours, told = after.Revision, 1, told+1 // the client is reminded
		}
		if diff := cmp.Diff(before, after); diff != "" {
			fail("changed:\n%s", diff)
		}
		if got := y.spoken(id) - messages; got != ours || len(y.told(id)) != told {
			fail("%d messages, %d of them notices, %v", got, len(y.told(id))-told, y.told(id))
		}
		return
	}
	since := received
	if row.Event == workflow.TermEnds {
		since = before.SignBy
	} else if row.Event != workflow.CarrierSigns && row.Event != workflow.ClientSigns && row.Event != workflow.ClientRejects {
		since = y.Now // as the report says
	}
	last := after.Steps[len(after.Steps)-1]
	if !after.Since.Equal(since) || last.Event != row.Event && consent == workflow.ConsentOurs || last.State != to {
		fail("since %s, want %s; last step %+v", after.Since, since, last)
	}
	if y.due("term", id) != 0 != (to == workflow.CarrierSigned) {
		fail("%d ends of a term are to come", y.due("term", id))
	}
}

// spoken is how many messages about a document, or about what was sent to it last, wait in all lanes.
func (y *yard) spoken(id string) (n int) {
	y.t.Helper()
	for _, lane := range append(gateway.OfficeLanes(), shipper) {
		rows, err := y.queue.List(lane, "", 1000)
		must(y.t, err)
		for _, m := range rows {
			if m.Order == "RZD/"+id || m.Order == "" {
				n++
			}
		}
	}
	return n
}
