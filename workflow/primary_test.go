package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/schema"
)

const primaryID = "0193f1c2-7a4b-7c3d-8e5f-0000000000a1"

var forms = []schema.Kind{schema.KindMemo, schema.KindAct}

// memo and act are as the carrier signs them, with no more than the schema asks for.
func memo(t *testing.T, version int) schema.Document {
	return document(t, schema.KindMemo, primaryID, version,
		`<Number>10984</Number><Operation>supply</Operation><Station station="985609"/>`+
			`<Owner inn="7707083893"><Name>А</Name></Owner><Place>Путь 5</Place><ComposedAt>2026-11-22T12:00:00+03:00</ComposedAt>`+
			`<Wagon order="1" number="63498000"><Supplied>2026-11-21T23:25:00+03:00</Supplied></Wagon>`+
			`<Signatory post="приемосдатчик">Котова В. И.</Signatory>`)
}

func act(t *testing.T, version int) schema.Document {
	return document(t, schema.KindAct, primaryID, version,
		`<Number>417</Number><Kind>delay-start</Kind><Station station="985609"/><Owner inn="7707083893"><Name>А</Name></Owner>`+
			`<ComposedAt>2026-11-22T12:00:00+03:00</ComposedAt><OpenedAt>2026-11-22T11:00:00+03:00</OpenedAt>`+
			`<Wagon number="63498000"/><Circumstances>Занят путь</Circumstances>`+
			`<Signatory post="приемосдатчик">Котова В. И.</Signatory>`)
}

// answer names the memo or act in another spelling of its id.
func answer(t *testing.T, kind schema.Kind, version int, content string) schema.Document {
	disagreement := ""
	if kind == schema.KindRejection {
		disagreement = `<Disagreement>причина составления акта</Disagreement>`
	}
	return document(t, kind, otherID, 1,
		fmt.Sprintf(`<Document DocumentID="%s" Version="%d" SHA256="%s"/>%s<Signatory post="товаровед">Петрова А. О.</Signatory>`,
			strings.ToUpper(strings.ReplaceAll(primaryID, "-", "")), version, strings.ToUpper(content), disagreement))
}

func report(t *testing.T, state string, more string) schema.Document {
	return document(t, schema.KindStateReport, otherID, 1,
		`<Document DocumentID="`+primaryID+`"`+more+`/><State>`+state+`</State><At>2026-11-22T12:00:00+03:00</At>`)
}

// documents is one for each event that is a document's.
func documents(t *testing.T, form schema.Kind) map[PrimaryEvent]schema.Document {
	signed := memo(t, 4)
	if form == schema.KindAct {
		signed = act(t, 4)
	}
	return map[PrimaryEvent]schema.Document{
		CarrierSigns: signed, ClientSigns: answer(t, schema.KindApproval, 3, oneContent),
		ClientRejects:  answer(t, schema.KindRejection, 3, oneContent),
		ReportedAgreed: report(t, schema.ReportAgreed, ""), ReportedSigned: report(t, schema.ReportSigned, ""),
		ReportedRejected: report(t, schema.ReportRejected, ""),
		SpoilRequested:   report(t, schema.ReportSpoiling, ""), SpoilConfirmed: report(t, schema.ReportSpoiled, ""),
	}
}

// primaryIn is a memo or act of version 3 in a state, with an hour left where a term runs.
func primaryIn(s PrimaryState, form schema.Kind) Primary {
	if s == Drafted {
		return Primary{}
	}
	return Primary{
		Revision: 7, Form: form, State: s, Since: now.Add(-time.Hour), Version: 3, Content: oneContent,
		Client: "SHIP-01", Arrived: now.Add(-11 * time.Hour), Term: "12h", SignBy: now.Add(time.Hour), Consent: ConsentRailway,
	}
}

// rightful is the order in a few sentences: what an event does to a document in a state, or with
// what it is refused. The table has to say the same row by row.
func rightful(form schema.Kind, s PrimaryState, e PrimaryEvent) (to PrimaryState, refusal string) {
	signed := slices.Contains([]PrimaryState{CarrierSigned, ClientSigned, Rejected, AutoAgreed}, s)
	reported := map[PrimaryEvent]PrimaryState{ReportedAgreed: AutoAgreed, ReportedSigned: ClientSigned, ReportedRejected: Rejected}
	switch {
	// What the carrier has signed begins its life; nothing else can come before that.
	case s == Drafted && e == CarrierSigns:
		return CarrierSigned, ""
	case s == Drafted:
		return s, "W17 document-unknown"

	// The way to the end: asked for once or more often, then confirmed once or more often.
	case e == SpoilRequested && (signed || s == AwaitingSpoiling):
		return AwaitingSpoiling, ""
	case e == SpoilConfirmed && signed:
		return s, "W13 not-awaiting-spoiling"
	case e == SpoilRequested, e == SpoilConfirmed:
		return Spoiled, ""
	case !signed:
		return s, "W13 " + string(s)

	// The carrier corrects a rejected memo, and nothing else.
	case e == CarrierSigns && s == Rejected && form == schema.KindMemo:
		return CarrierSigned, ""
	case e == CarrierSigns && s == Rejected:
		return s, "W13 stands-rejected"
	case e == CarrierSigns && s == CarrierSigned:
		return s, "W13 not-rejected"

	// One answer, or silence, whoever says of it.
	case s == CarrierSigned && e == ClientSigns:
		return ClientSigned, ""
	case s == CarrierSigned && e == ClientRejects:
		return Rejected, ""
	case s == CarrierSigned && e == TermEnds:
		return AutoAgreed, ""
	case reported[e] == s, s == CarrierSigned:
		return reported[e], ""
	case s == AutoAgreed && (e == ClientSigns || e == ClientRejects):
		return s, "W14 term-over"
	}
	return s, "W13 " + string(s)
}

// Every state, every event, both forms: the row, and what a document that is such an event is told.
func TestPrimaryMatrix(t *testing.T) {
	for _, form := range forms {
		documents := documents(t, form)
		for _, event := range PrimaryEvents() {
			for _, state := range PrimaryStates() {
				t.Run(fmt.Sprintf("%s %s in %s", form, event, state), func(t *testing.T) {
					to, refusal := rightful(form, state, event)
					p := primaryIn(state, form)
					row, ok := p.Next(form, event)
					if !ok || row.To != to || row.Finding != refusal {
						t.Errorf("got %+v, want %s %q", row, to, refusal)
					}
					d, isDocument := documents[event]
					if !isDocument {
						return
					}
					got := ""
					for _, f := range MayPrimary(d, p, now) {
						got += f.Code + " " + f.Reason
						if f.Severity != schema.Error || f.Path == "" || f.Actual == "" || f.Clause != row.Clause {
							t.Errorf("the finding lacks something: %+v", f)
						}
					}
					if got != refusal {
						t.Errorf("the document is told %q, want %q", got, refusal)
					}
				})
			}
		}
	}
}

// Every state × event × form has exactly one row; each row leads to a known state, names the order,
// and its refusal is in the table of reasons.
func TestPrimaryTableIsWhole(t *testing.T) {
	rows := PrimaryTransitions()
	place := func(r PrimaryTransition) int {
		return slices.Index(PrimaryEvents(), r.Event)*len(PrimaryStates()) + slices.Index(PrimaryStates(), r.From)
	}
	if !slices.IsSortedFunc(rows, func(a, b PrimaryTransition) int { return place(a) - place(b) }) {
		t.Error("the rows are not in the order of the events and states")
	}
	for _, form := range forms {
		for _, event := range PrimaryEvents() {
			for _, state := range PrimaryStates() {
				n := 0
				for _, r := range rows {
					if r.From == state && r.Event == event && (r.Form == "" || r.Form == form) {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%s %s in %s has %d rows", form, event, state, n)
				}
			}
		}
	}
	for _, r := range rows {
		if !slices.Contains(PrimaryStates(), r.To) || !slices.Contains(PrimaryStates(), r.From) ||
			!slices.Contains(PrimaryEvents(), r.Event) || r.Form != "" && !slices.Contains(forms, r.Form) {
			t.Errorf("%v names something unknown", r)
		}
		if !strings.HasPrefix(r.Clause, "1166/р ") {
			t.Errorf("%v names no clause", r)
		}
		if r.Finding == "" {
			continue
		}
		code, reason, _ := strings.Cut(r.Finding, " ")
		if _, known := schema.Explain(code, reason); !known || r.To != r.From {
			t.Errorf("%v: the finding is not in the table of reasons, or the state changes", r)
		}
	}
	rows[0].To = Spoiled
	if diff := cmp.Diff(CarrierSigned, PrimaryTransitions()[0].To); diff != "" {
		t.Error("a caller changed the table")
	}
}

// Every state can come about; nothing leads out of «Испорчен», and out of «Ожидает порчи» only to
// it.
func TestPrimaryStatesAreReached(t *testing.T) {
	for _, form := range forms {
		reached := []PrimaryState{Drafted}
		for i := 0; i < len(reached); i++ {
			for _, event := range PrimaryEvents() {
				r, _ := Primary{State: reached[i]}.Next(form, event)
				if !slices.Contains(reached, r.To) {
					reached = append(reached, r.To)
				}
				if r.From == Spoiled && r.To != Spoiled || r.From == AwaitingSpoiling && r.To != AwaitingSpoiling && r.To != Spoiled {
					t.Errorf("%s: %+v", form, r)
				}
			}
		}
		if len(reached) != len(PrimaryStates()) {
			t.Errorf("%s: only %v are reached", form, reached)
		}
	}
}

// Before the end of the term means before it; only a term of ours ends with us, and one that is
// suspended or held for the operator has not ended.
func TestMayPrimary_end(t *testing.T) {
	end := time.Date(2026, 11, 22, 20, 16, 3, 0, time.FixedZone("", 3*3600))
	for _, c := range []struct {
		name     string
		consent  string
		change   func(*Primary)
		received time.Time
		late     bool
	}{
		{"long before", ConsentOurs, nil, end.Add(-time.Hour), false},
		{"the last moment", ConsentOurs, nil, end.Add(-time.Nanosecond), false},
		{"the very end", ConsentOurs, nil, end, true},
		{"the very end by another clock", ConsentOurs, nil, end.UTC(), true},
		{"after it", ConsentOurs, nil, end.Add(time.Nanosecond), true},
		{"the railway keeps the time", ConsentRailway, nil, end.Add(time.Hour), false},
		{"no term was agreed", ConsentOurs, func(p *Primary) { p.SignBy = time.Time{} }, end.Add(time.Hour), false},
		{"suspended", ConsentOurs, func(p *Primary) { p.Suspended = &Suspension{Left: time.Minute} }, end.Add(time.Hour), false},
		{"held for the operator", ConsentOurs, func(p *Primary) { p.Held = true }, end.Add(time.Hour), false},
	} {
		for _, kind := range []schema.Kind{schema.KindApproval, schema.KindRejection} {
			p := primaryIn(CarrierSigned, schema.KindMemo)
			p.Consent, p.SignBy = c.consent, end
			if c.change != nil {
				c.change(&p)
			}
			found := MayPrimary(answer(t, kind, 3, oneContent), p, c.received)
			if !c.late {
				if found != nil {
					t.Errorf("%s, %s: %v", c.name, kind, found)
				}
				continue
			}
			if len(found) != 1 || found[0].Code != "W14" || found[0].Reason != schema.ReasonTermOver {
				t.Errorf("%s, %s: %v", c.name, kind, found)
			} else if found[0].Expected != "2026-11-22T20:16:03+03:00" || !strings.HasSuffix(found[0].Actual, "+03:00") {
				t.Errorf("%s, %s does not say both times by one clock: %+v", c.name, kind, found[0])
			}
		}
	}
	// What the carrier does is not bound by the client's term.
	p := primaryIn(CarrierSigned, schema.KindMemo)
	p.Consent, p.SignBy = ConsentOurs, end
	for _, state := range []string{schema.ReportSigned, schema.ReportRejected, schema.ReportSpoiling} {
		if found := MayPrimary(report(t, state, ""), p, end.Add(time.Hour)); found != nil {
			t.Errorf("%s: %v", state, found)
		}
	}
}

// The answer after consent says when that was.
func TestMayPrimary_afterConsent(t *testing.T) {
	p := primaryIn(AutoAgreed, schema.KindAct)
	found := MayPrimary(answer(t, schema.KindApproval, 3, oneContent), p, now)
	if len(found) != 1 || found[0].Expected != "2026-11-22T09:00:00Z" || found[0].Actual != "2026-11-22T10:00:00Z" {
		t.Errorf("got %+v", found)
	}
}

// One clock counts: where it is ours, the railway does not say that it has ended; what it is told
// is when ours will.
func TestMayPrimary_twoClocks(t *testing.T) {
	agreed := report(t, schema.ReportAgreed, "")
	p := primaryIn(CarrierSigned, schema.KindMemo)
	p.Consent = ConsentOurs
	found := MayPrimary(agreed, p, now)
	if len(found) != 1 || found[0].Code != "W17" || found[0].Reason != schema.ReasonConsentElsewhere ||
		found[0].Expected != "2026-11-22T11:00:00Z" || found[0].Actual != "auto-agreed" {
		t.Errorf("got %+v", found)
	}
	p.SignBy = time.Time{}
	if found = MayPrimary(agreed, p, now); len(found) != 1 || found[0].Expected != "ours" {
		t.Errorf("without a term: %+v", found)
	}
	// Of what has been agreed to already it may speak.
	p = primaryIn(AutoAgreed, schema.KindMemo)
	p.Consent = ConsentOurs
	if found = MayPrimary(agreed, p, now); found != nil {
		t.Errorf("after our clock: %v", found)
	}
}

// An answer is to the version in force and to its content; a report that names a version means that
// one.
func TestMayPrimary_reference(t *testing.T) {
	const version, content = "D03 answer-other-version", "D03 answer-other-content"
	p := primaryIn(CarrierSigned, schema.KindMemo)
	for _, c := range []struct {
		name string
		d    schema.Document
		want []string
	}{
		{"the version in force", answer(t, schema.KindApproval, 3, oneContent), nil},
		{"one corrected since", answer(t, schema.KindApproval, 2, oneContent), []string{version}},
		{"one to come", answer(t, schema.KindRejection, 4, oneContent), []string{version}},
		{"other content", answer(t, schema.KindRejection, 3, twoContent), []string{content}},
		{"both", answer(t, schema.KindApproval, 2, twoContent), []string{version, content}},
		{"a report of whatever version", report(t, schema.ReportSigned, ""), nil},
		{"a report of the version in force", report(t, schema.ReportSigned, ` Version="3"`), nil},
		{"a report of another", report(t, schema.ReportSigned, ` Version="2"`), []string{version}},
		{"a recall of another", report(t, schema.ReportSpoiling, ` Version="2"`), []string{version}},
		{"a recall of other content", report(t, schema.ReportSpoiling, ` SHA256="`+twoContent+`"`), []string{content}},
	} {
		var got []string
		for _, f := range MayPrimary(c.d, p, now) {
			got = append(got, f.Code+" "+f.Reason)
			if f.Expected == "" || f.Actual == "" || !strings.HasPrefix(f.Path, "/"+string(c.d.Kind())+"/Document/@") {
				t.Errorf("%s: the finding lacks something: %+v", c.name, f)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// The zero value of a document is refused, a state that a newer program wrote is not left, and what
// has nothing to do with memos and acts may come at any time.
func TestMayPrimary_nothingBlindly(t *testing.T) {
	if found := MayPrimary(schema.Document{}, Primary{}, now); len(found) != 1 || found[0].Severity != schema.Error {
		t.Errorf("no document: %v", found)
	}
	unknown := primaryIn("archived", schema.KindMemo)
	for event, d := range documents(t, schema.KindMemo) {
		if found := MayPrimary(d, unknown, now); len(found) != 1 || found[0].Reason != schema.ReasonStateUnknown || found[0].Actual != "archived" {
			t.Errorf("%s in an unknown state: %v", event, found)
		}
	}
	for _, d := range []schema.Document{waybill(t, 1), officeNotice(t)} {
		if found := MayPrimary(d, primaryIn(Spoiled, schema.KindMemo), now); found != nil {
			t.Errorf("%s: %v", d.Kind(), found)
		}
	}
}

func TestPrimaryOf(t *testing.T) {
	for event, d := range documents(t, schema.KindAct) {
		if got := PrimaryOf(d); got != primaryID {
			t.Errorf("%s is about %q", event, got)
		}
		if got, ok := EventOf(d); got != event || !ok {
			t.Errorf("%s is the event %q", event, got)
		}
	}
	for _, d := range []schema.Document{waybill(t, 1), officeNotice(t), {}} {
		if got := PrimaryOf(d); got != "" {
			t.Errorf("%s is about %q", d.Kind(), got)
		}
		if got, ok := EventOf(d); ok {
			t.Errorf("%s is the event %q", d.Kind(), got)
		}
	}
}

// The numbers of the real system, there and back.
func TestStateID(t *testing.T) {
	want := map[PrimaryState]int{CarrierSigned: 548, ClientSigned: 469, AutoAgreed: 696}
	for _, s := range PrimaryStates() {
		if s.StateID() != want[s] {
			t.Errorf("%s: %d", s, s.StateID())
		}
		if back, ok := StateOf(s.StateID()); ok != (want[s] != 0) || ok && back != s {
			t.Errorf("%d: %s", s.StateID(), back)
		}
	}
	for _, id := range []int{0, -1, 470} {
		if s, ok := StateOf(id); ok {
			t.Errorf("%d: %s", id, s)
		}
	}
}

// A step is recorded with what it made, the oldest of many are let go, and what it was made from
// stays as it was.
func TestStepped(t *testing.T) {
	p := Primary{State: Rejected, Steps: make([]PrimaryStep, 0, 2)}
	one := p.Stepped(CarrierSigns, CarrierSigned, now, "m1")
	other := p.Stepped(SpoilRequested, AwaitingSpoiling, now, "m2")
	if one.Steps[0].Entry != "m1" || other.Steps[0].Entry != "m2" || len(p.Steps) != 0 || p.Revision != 0 {
		t.Errorf("two steps from one state share memory: %v, %v", one.Steps, other.Steps)
	}
	want := Primary{Revision: 1, State: CarrierSigned, Since: now,
		Steps: []PrimaryStep{{At: now, Event: CarrierSigns, State: CarrierSigned, Entry: "m1"}}}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	for i := range 3 * mostSteps {
		p = p.Stepped(SpoilRequested, AwaitingSpoiling, now.Add(time.Duration(i)), fmt.Sprint(i))
		if len(p.Steps) > mostSteps || p.Revision != i+1 || p.Steps[len(p.Steps)-1].Entry != fmt.Sprint(i) {
			t.Fatalf("after %d steps: revision %d, %d kept, the last %v", i+1, p.Revision, len(p.Steps), p.Steps[len(p.Steps)-1])
		}
	}
	if cap(p.Steps) > 4*mostSteps {
		t.Errorf("the steps that are let go stay in memory: %d", cap(p.Steps))
	}
}
