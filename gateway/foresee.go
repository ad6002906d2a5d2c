package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"asugate/legitimacy"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// Foreseen is what a staff list would do, were it in force now.
type Foreseen struct {
	Since     time.Time         `json:"since"`
	Documents int               `json:"documents"` // accepted and deferred ЭД №2 of the organisation since then
	Refused   []ForeseenRefusal `json:"refused"`
	Stations  []ForeseenStation `json:"stations"`
	More      bool              `json:"more,omitempty"` // older ones were not looked at: there were too many
}

// ForeseenRefusal is a person whose next ЭД №2 the list would refuse, and the list in force would not.
type ForeseenRefusal struct {
	Performer string           `json:"performer"`
	Signer    string           `json:"signer,omitempty"` // who signed for the performer, by proxy
	Findings  []schema.Finding `json:"findings"`
	Documents int              `json:"documents"`          // signed since then
	Deferred  int              `json:"deferred,omitempty"` // of them those that wait for their verdict
	Last      time.Time        `json:"last"`
	ESID      string           `json:"esid"` // on the last of them
}

// ForeseenStation is a station at which ЭД №2 are awaited that nobody of the list could sign, and
// somebody of the list in force could.
type ForeseenStation struct {
	Station string `json:"station"`
	Awaited int    `json:"awaited"` // consignment notes whose ЭД №1 has been accepted
}

// What one look at the past may cost: entries of the journal that are read, and documents whose
// signatures are opened again.
const (
	mostForeseenRows      = 500_000
	mostForeseenDocuments = 2_000
)

// Foresee asks the rules on people what they would say to the people who have signed since then, if
// they signed today under the list. Documents that are still deferred are judged as of their own days.
func (g *Gateway) Foresee(ctx context.Context, list *schema.StaffList, since time.Time) (Foreseen, error) {
	f := foresight{
		gateway: g, organisation: list.Organisation.Key(), now: g.Now(),
		next: &register.Staff{StaffList: *list}, seen: make(map[signing]*ForeseenRefusal),
		stations: make(map[string]*ForeseenStation), notes: make(map[string]bool),
	}
	f.found.Since = since
	err := g.Store.View(func(tx store.Reader) (err error) {
		if f.directory, err = g.Register.Directory(tx); err != nil {
			return fmt.Errorf("reading participants: %w", err)
		}
		f.inForce, err = g.Register.Staff(tx, f.organisation)
		return err
	})
	if err != nil {
		return Foreseen{}, err
	}
	if err := f.look(ctx, idsFrom(since)); err != nil {
		return Foreseen{}, err
	}
	return f.result(), nil
}

// foresight is one run of Foresee.
type foresight struct {
	gateway       *Gateway
	organisation  string
	now           time.Time
	directory     *register.Directory
	inForce, next *register.Staff

	found    Foreseen
	opened   int
	seen     map[signing]*ForeseenRefusal // nil: would not be refused
	stations map[string]*ForeseenStation  // nil: somebody may sign there, or nobody may already
	notes    map[string]bool              // that were counted
}

// signing is what makes two accepted documents alike to the rules on people: the newest of them
// speaks for all.
type signing struct {
	participant, certificate, appointment, proxy, station string

	deferred string // message id; each of these is asked for itself
}

// look reads the journal from its end, in short snapshots.
func (f *foresight) look(ctx context.Context, from []byte) error {
	var to []byte
	for rows := 0; ; {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("looking at the journal: %w", err)
		}
		if f.found.More = rows >= mostForeseenRows; f.found.More {
			return nil
		}
		var page []Entry
		read := 0
		err := f.gateway.Store.View(func(tx store.Reader) error {
			page, read = page[:0], 0
			var broken error
			tx.RangeBack(journal, from, to, pendingBatch, func(k, v []byte) bool {
				var e Entry
				if broken = json.Unmarshal(v, &e); broken != nil {
					broken = fmt.Errorf("reading journal entry: %w", broken)
					return false
				}
				read++
				to = cloned(k)
				if e.Organisation == f.organisation {
					page = append(page, e)
				}
				return true
			})
			return broken
		})
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := f.gateway.Store.View(func(tx store.Reader) error { return f.take(tx, e) }); err != nil {
				return err
			}
		}
		if rows += read; read < pendingBatch {
			return nil
		}
	}
}

// take counts one verdict, and judges its document anew when it is the first of its sort.
func (f *foresight) take(tx store.Reader, e Entry) error {
	c, err := consignmentAt(tx, key(e.Participant, e.Read.Consignment))
	if err != nil {
		return err
	}
	switch {
	case e.Kind == schema.KindWaybill && e.Result == schema.Positive:
		note := e.Participant + " " + e.Read.Consignment
		if c.Awaits() && c.Organisation == f.organisation && !f.notes[note] {
			f.notes[note] = true
			f.awaits(e.Participant, c.DepartureStation)
		}
		return nil
	case e.Kind != schema.KindPlacement || e.Evidence == nil:
		return nil
	}
	waits := e.Result == schema.Deferred && tx.Get(deferred, key(e.Participant, e.ID)) != nil
	if e.Result != schema.Positive && !waits {
		return nil
	}
	f.found.Documents++
	s := signing{e.Participant, e.Certificate, e.Basis.Appointment, e.Basis.Proxy, c.DepartureStation, ""}
	if waits {
		s.deferred = e.ID
	}
	refusal, known := f.seen[s]
	if !known {
		if f.opened == mostForeseenDocuments {
			f.found.More = true
			return nil
		}
		f.opened++
		if refusal, err = f.judge(tx, e, c, waits); err != nil {
			return fmt.Errorf("judging %s again: %w", e.ID, err)
		}
		f.seen[s] = refusal
	}
	if refusal != nil {
		refusal.Documents++
		if waits {
			refusal.Deferred++
		}
	}
	return nil
}

// awaits counts a consignment note whose ЭД №2 is to come.
func (f *foresight) awaits(participant, station string) {
	sender := f.directory.Participants[participant]
	if sender == nil {
		return // sends nothing more
	}
	idle, known := f.stations[station]
	if !known {
		day := schema.DateOf(f.now, f.directory.Railways[sender.Railway].Zone)
		if legitimacy.SomebodyMaySign(f.inForce, station, day) && !legitimacy.SomebodyMaySign(f.next, station, day) {
			idle = &ForeseenStation{Station: station}
		}
		f.stations[station] = idle
	}
	if idle != nil {
		idle.Awaited++
	}
}

// judge is nil where the new list would refuse nobody whom the list in force does not refuse.
func (f *foresight) judge(tx store.Reader, e Entry, note workflow.Consignment, waits bool) (*ForeseenRefusal, error) {
	participant := f.directory.Participants[e.Participant]
	if participant == nil {
		return nil, nil // sends nothing more
	}
	c := &legitimacy.Case{
		Moment: f.now, Received: f.now, Environment: f.gateway.Environment, Participant: participant,
		Railway: f.directory.Railways[participant.Railway], Consignment: note,
		Organisation: participant.Organisation(f.organisation), Staff: f.inForce,
	}
	c.Zone = c.Railway.Zone
	if waits {
		c.Moment = e.Basis.Moment
	} else {
		c.WorkDate = schema.DateOf(f.now, c.Zone)
	}
	then, err := f.gateway.Register.DirectoryOf(tx, e.Evidence.Directory)
	if err != nil {
		return nil, fmt.Errorf("reading participants: %w", err)
	}
	body, detached, err := bodyAt(tx, e.Body())
	if err != nil || body == nil {
		return nil, err
	}
	signed, report, err := f.gateway.reopen(then, e, body, detached)
	if err == nil {
		err = unverifiable(e, signed, report) // else whom the list refuses would be left out in silence
	}
	if err != nil || !signed.Valid() {
		return nil, err
	}
	c.Report = report
	if c.Document, _ = schema.Parse(signed, c.Zone); !c.Document.Valid() {
		return nil, nil // its form is not taken any more, by whomever it is signed
	}
	if schema.Refused(legitimacy.People(c)) {
		return nil, nil // refused already
	}
	c.Staff = f.next
	findings := slices.DeleteFunc(legitimacy.People(c), func(found schema.Finding) bool {
		return found.Severity != schema.Error
	})
	if len(findings) == 0 {
		return nil, nil
	}
	refusal := &ForeseenRefusal{
		Performer: c.Document.Placement().Performer.Name, Findings: findings, Last: e.Received, ESID: e.ID,
	}
	if p := c.Document.Placement().Proxy; p != nil {
		refusal.Signer = p.Signer.Name
	}
	return refusal, nil
}

// result puts together who is refused for the same reasons, and names the stations without anybody.
func (f *foresight) result() Foreseen {
	type sort struct{ performer, signer, why string }
	people := make(map[sort]*ForeseenRefusal)
	for _, r := range f.seen {
		if r == nil {
			continue
		}
		s := sort{r.Performer, r.Signer, fmt.Sprint(r.Findings)}
		known := people[s]
		if known == nil {
			people[s] = r
			continue
		}
		known.Documents += r.Documents
		known.Deferred += r.Deferred
		if known.Last.Before(r.Last) {
			known.Last, known.ESID = r.Last, r.ESID
		}
	}
	for _, r := range people {
		f.found.Refused = append(f.found.Refused, *r)
	}
	slices.SortFunc(f.found.Refused, func(a, b ForeseenRefusal) int {
		return cmp.Or(cmp.Compare(a.Performer, b.Performer), cmp.Compare(a.Signer, b.Signer), cmp.Compare(a.ESID, b.ESID))
	})
	for _, idle := range f.stations {
		if idle != nil {
			f.found.Stations = append(f.found.Stations, *idle)
		}
	}
	slices.SortFunc(f.found.Stations, func(a, b ForeseenStation) int { return cmp.Compare(a.Station, b.Station) })
	return f.found
}
