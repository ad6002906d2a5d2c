package gateway

import (
	"slices"
	"time"

	"asugate/schema"
	"asugate/workflow"
)

// follow is what the verdict does to the memo or the act that the document is, or is about; nil: nothing.
// It is asked once the id of the ЭСИД is known.
func (g *Gateway) follow(a *assessment) *turn {
	if a.read.Primary == "" {
		return nil
	}
	t := &turn{
		gateway: g, railway: a.railway, id: a.read.Primary, before: a.primary,
		client: a.directory.Participants[a.primary.Client],
	}
	switch e, of := workflow.EventOf(a.document); {
	case a.postponed && a.document.Answer() != nil:
		g.suspend(a, t)
	case a.settlesSuspension() && a.result != schema.Positive:
		g.resume(a, t)
	case a.result != schema.Positive || !of:
		return nil
	case e == workflow.CarrierSigns:
		g.arrive(a, t)
	case a.document.Answer() != nil:
		g.answer(a, t, e)
	default:
		g.heedReport(a, t, e)
	}
	return t
}

// arrive is a memo or an act signed by the carrier: it becomes available to the client for his signature,
// and his time begins (1166/р 2.10, 3.11).
func (g *Gateway) arrive(a *assessment, t *turn) {
	d := a.document
	t.client, t.said = a.client, saidOf(d)
	p := a.primary.Stepped(workflow.CarrierSigns, workflow.CarrierSigned, a.Received, a.id)
	p.Form, p.Named, p.Version = d.Kind(), d.Header().DocumentID, d.Version()
	p.Content, p.Raw, p.Entry = a.content(), a.raw, a.id
	p.NumberKey, p.Wagons = a.read.Number, wagonsOf(d)
	if m := d.Memo(); m != nil {
		p.Number, p.Operation, p.Station = m.Number, m.Operation, m.Station.Code
	} else {
		act := d.Act()
		p.Number, p.Operation, p.Station = act.Number, act.Kind, act.Station.Code
	}
	p.Client, p.Organisation = a.client.Code, a.organisation.Key()
	// Disputed stays: what the carrier has corrected once is as it is in every later version too (2.15).
	p.Answer, p.Spoiling, p.Suspensions = "", "", 0
	p.Consent = a.railway.Consent
	p.Arrived, p.Term, p.SignBy, p.Reminders = a.Received, "", time.Time{}, nil
	if a.deferral != nil {
		p.Arrived = a.judged // while it waited nobody could read it
	}
	if term := a.organisation.Agreement.Terms[d.Kind()]; !term.IsZero() {
		p.Term = term.String()
		p.SignBy = term.End(p.Arrived, a.railway.Zone, a.codes.Days(a.railway.Country()))
		p.Reminders = a.organisation.Agreement.Reminders
	}
	t.after = p
	event := schema.EventArrived
	if a.primary.State == workflow.Rejected {
		event = schema.EventCorrected
	}
	t.tell(event, a.id, nil)
	for _, n := range t.notices {
		n.findings = warnings(a.findings)
	}
}

// warnings are the findings that a client of the railway has to know of a document of it.
func warnings(findings []schema.Finding) []schema.Finding {
	var found []schema.Finding
	for _, f := range findings {
		if f.Complete().Severity == schema.Warning {
			found = append(found, f)
		}
	}
	return found
}

// answer is the client's signature or rejection (1166/р 2.10, 2.15, 3.11, 3.14).
func (g *Gateway) answer(a *assessment, t *turn, e workflow.PrimaryEvent) {
	row, _ := a.primary.Next(a.primary.Form, e)
	t.after = a.primary.Stepped(e, row.To, a.Received, a.id)
	t.after.Answer = a.id
	for _, d := range a.document.Answer().Disagreements {
		if d.Graph != "" && !slices.Contains(t.after.Disputed, d.Graph) {
			t.after.Disputed = append(t.after.Disputed, d.Graph)
		}
	}
}

// suspend stops the clock while the signature of an answer that came in time cannot be decided (readings
// 13).
func (g *Gateway) suspend(a *assessment, t *turn) {
	t.after = a.primary
	t.after.Revision++
	s := workflow.Suspension{Entry: a.id, Since: a.Received}
	if ticks(a.primary) {
		s.Left = max(0, a.primary.SignBy.Sub(a.Received))
	}
	t.after.Suspended = &s // also of one without a term: the operator may give it one meanwhile
}

// settlesSuspension says that the verdict decides the answer for which the clock stands still.
func (a *assessment) settlesSuspension() bool {
	s := a.primary.Suspended
	return s != nil && a.deferral != nil && s.Entry == a.deferral.interim
}

// resume lets the clock run on after an answer that was refused in the end.
func (g *Gateway) resume(a *assessment, t *turn) {
	p := a.primary
	p.Revision++
	running := !p.SignBy.IsZero() && !p.Held
	if running {
		p.SignBy = a.judged.Add(max(p.Suspended.Left, MinLeft))
	}
	p.Suspended = nil
	event := schema.EventResumed
	if p.Suspensions++; running && p.Suspensions > mostSuspensions && p.Running() {
		p.Held, event = true, schema.EventHeld
	}
	t.after = p
	if ticks(p) || event == schema.EventHeld {
		t.tell(event, a.id, nil)
	}
}

// mostSuspensions is how often the clock of a document is stopped for an answer that is refused in the end.
// Whoever sends more of them is not to put off his consent for ever: the operator decides.
const mostSuspensions = 3

// heedReport is what the railway says of the state of its document.
func (g *Gateway) heedReport(a *assessment, t *turn, e workflow.PrimaryEvent) {
	at := a.document.StateReport().At
	if at.IsZero() || at.After(a.Received) {
		at = a.Received
	}
	g.heed(t, e, at, a.id)
}

// heed puts an event into effect that the railway has told of.
func (g *Gateway) heed(t *turn, e workflow.PrimaryEvent, at time.Time, because string) {
	row, _ := t.before.Next(t.before.Form, e)
	if row.To == t.before.State {
		t.after = t.before // said again
		return
	}
	t.after = t.before.Stepped(e, row.To, at, because)
	var routes []workflow.Route
	if e == workflow.SpoilRequested || e == workflow.SpoilConfirmed {
		routes = workflow.Routes(t.before.Form, e)
	}
	if e == workflow.SpoilRequested {
		t.after.Spoiling, t.recalls = t.before.State, true
	}
	t.tell(events[e], because, routes)
}

// routes are the lanes of the railway that an accepted document goes to.
func (a *assessment) routes() []workflow.Route {
	if a.document.Answer() != nil {
		e, _ := workflow.EventOf(a.document)
		return workflow.Routes(a.primary.Form, e)
	}
	var routes []workflow.Route
	for _, lane := range workflow.Destinations(a.document.Kind()) {
		routes = append(routes, workflow.Route{Lane: lane})
	}
	return routes
}
