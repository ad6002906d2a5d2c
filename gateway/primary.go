package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"asugate/legitimacy"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// The tables of documents that start at the railway.
const (
	primaries store.Table = "primaries" // railway · DocumentID → workflow.Primary
	wagons    store.Table = "wagons"    // railway · wagon · time · DocumentID · kind → workflow.WagonEvent
	numbers   store.Table = "numbers"   // railway · form · station · year · scope · number → DocumentID
)

func primaryAt(tx store.Reader, railway, id string) (workflow.Primary, error) {
	var p workflow.Primary
	if v := tx.Get(primaries, key(railway, id)); v != nil {
		if err := json.Unmarshal(v, &p); err != nil {
			return p, fmt.Errorf("reading the state of document %s of %s: %w", id, railway, err)
		}
	}
	return p, nil
}

// orderOf is what keeps all messages about a memo or an act in their order, whoever sent them.
func orderOf(railway, id string) string { return railway + "/" + id }

// placePrimary finds what a memo, an act or a word about one meets in the store: its state, what is known of
// its wagons, who has its number, to whom it goes.
func (g *Gateway) placePrimary(tx store.Reader, a *assessment) error {
	d := a.document
	if !a.Office && d.Answer() == nil {
		return nil // a client that sends the railway's kinds would learn of others' wagons and numbers
	}
	if d.Memo() != nil || d.Act() != nil || d.Movements() != nil {
		if err := a.placeWagons(tx); err != nil {
			return err
		}
	}
	if _, ok := workflow.EventOf(d); !ok {
		return nil
	}
	if err := a.meet(tx, a.railway.Code, workflow.PrimaryOf(d)); err != nil {
		return err
	}
	if !a.Office {
		if a.primary.Client != a.Participant {
			a.primary = workflow.Primary{} // another's: this participant has none of that id
		}
		if ticks(a.primary) && a.primary.Late(a.Received) {
			// The clock will find out the same: an answer in the minute before it does is not too late.
			var err error
			if a.unread, err = unreadable(tx, a.primary); err != nil {
				return err
			}
		}
	}
	if r := d.StateReport(); r != nil && r.State == schema.ReportSpoiling && a.primary.Form == "" {
		if err := a.meetWaiting(tx); err != nil {
			return err
		}
	}
	owner, number := ownerOf(d)
	if owner == nil {
		return nil
	}
	a.client, a.organisation, a.unaddressed = a.directory.Addressee(a.railway.Code, owner.OrgID)
	return a.placeNumber(tx, number)
}

// meet reads the memo or act that the verdict is to depend on.
func (a *assessment) meet(tx store.Reader, railway, id string) (err error) {
	if id == "" {
		return nil
	}
	a.read.Railway, a.read.Primary = railway, id
	a.primary, err = primaryAt(tx, railway, id)
	a.read.PrimaryRevision = a.primary.Revision
	return err
}

// met is the memo or act as the rules of its states see it: the term of one that could not be read is not
// over, whether the clock has seen to that or not.
func (a *assessment) met() workflow.Primary {
	p := a.primary
	p.Held = p.Held || a.unread
	return p
}

// meetWaiting lets a recall come to a memo or an act that is still waiting: it was signed by the carrier,
// and must not reach the client any more.
func (a *assessment) meetWaiting(tx store.Reader) error {
	_, o, err := standing(tx, a.Participant, a.read.Primary)
	if err != nil || !o.Deferred {
		return err
	}
	e, err := entryAt(tx, o.Entry)
	if err != nil {
		return err
	}
	if e.Kind == schema.KindMemo || e.Kind == schema.KindAct {
		a.primary = workflow.Primary{
			Form: e.Kind, State: workflow.CarrierSigned, Named: e.DocumentID, Version: e.Version,
			Content: e.Content, Raw: e.Raw, Entry: e.ID,
		}
	}
	return nil
}

// ownerOf is to whom a memo or an act is addressed, and its number; nil for other documents.
func ownerOf(d schema.Document) (owner *schema.Party, number string) {
	switch {
	case d.Memo() != nil:
		return &d.Memo().Owner, d.Memo().Number
	case d.Act() != nil:
		return &d.Act().Owner, d.Act().Number
	}
	return nil, ""
}

// placeNumber finds who has the number in its scope and year (Д-720у п. 2).
func (a *assessment) placeNumber(tx store.Reader, number string) error {
	scope, composed := a.railway.NumberScope(a.document)
	station := ""
	if m := a.document.Memo(); m != nil {
		station = m.Station.Code
	} else {
		station = a.document.Act().Station.Code
	}
	k := key(a.railway.Code, string(a.document.Kind()), station,
		strconv.Itoa(composed.In(a.railway.Zone).Year()), scope, number)
	a.read.Number, a.read.NumberHolder = string(k), string(tx.Get(numbers, k))
	return nil
}

// numberOf is the DocumentID of another document that has the number, empty when none has.
func (a *assessment) numberOf() string {
	if a.read.NumberHolder == a.document.ID() {
		return ""
	}
	return a.read.NumberHolder
}

// mostEvents bounds what is looked at of one wagon: what was months ago decides nothing any more.
const mostEvents = 100

// placeWagons finds what is known of the wagons that the document names.
func (a *assessment) placeWagons(tx store.Reader) (err error) {
	a.read.Railway, a.read.Wagons = a.railway.Code, wagonsOf(a.document)
	a.wagons, a.read.WagonsSeen, err = eventsOf(tx, a.railway.Code, a.read.Wagons)
	return err
}

// eventsOf is what is known of wagons, oldest first, with a digest of it.
func eventsOf(tx store.Reader, railway string, numbers []string) (map[string][]workflow.WagonEvent, string, error) {
	known := make(map[string][]workflow.WagonEvent, len(numbers))
	var broken error
	seen := seenOf(tx, railway, numbers, func(number string, v []byte) bool {
		var e workflow.WagonEvent
		if err := json.Unmarshal(v, &e); err != nil {
			broken = fmt.Errorf("reading what is known of wagon %s: %w", number, err)
			return false
		}
		known[number] = append(known[number], e)
		return true
	})
	if broken != nil {
		return nil, "", broken
	}
	for _, events := range known {
		slices.Reverse(events)
	}
	return known, seen, nil
}

// seenOf is the digest of what is known of wagons, each of whose events it shows, newest first; nil: to nobody.
// The write looks at no more than the digest: a long memo has a hundred thousand events, and all others wait.
func seenOf(tx store.Reader, railway string, numbers []string, visit func(number string, v []byte) bool) string {
	h := sha256.New()
	for _, number := range numbers {
		prefix := append(key(railway, number), 0)
		tx.RangeBack(wagons, prefix, after(prefix), mostEvents, func(k, v []byte) bool {
			h.Write(k)
			h.Write(v)
			return visit == nil || visit(number, v)
		})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// wagonsOf are the wagons that a document of the railway names, each once, in order.
func wagonsOf(d schema.Document) []string {
	var found []string
	switch {
	case d.Memo() != nil:
		for _, w := range d.Memo().Wagons {
			found = append(found, w.Number)
		}
	case d.Act() != nil:
		for _, w := range d.Act().Wagons {
			found = append(found, w.Number)
		}
	case d.Movements() != nil:
		for _, r := range d.Movements().Rows {
			found = append(found, r.Wagon)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// saidOf is what the document says of wagons, by number.
func saidOf(d schema.Document) map[string][]workflow.WagonEvent {
	said := make(map[string][]workflow.WagonEvent)
	say := func(wagon string, e workflow.WagonEvent) {
		e.Document, e.Version = d.ID(), d.Version()
		said[wagon] = append(said[wagon], e)
	}
	switch {
	case d.Memo() != nil:
		m := d.Memo()
		about := workflow.WagonEvent{Number: m.Number, Station: m.Station.Code, Place: m.Place}
		for _, w := range m.Wagons {
			if m.Operation != schema.OperationRemoval {
				about.Kind, about.At = workflow.WagonSupply, orElse(w.Supplied, m.ComposedAt)
				say(w.Number, about)
			}
			if m.Operation != schema.OperationSupply {
				removal := about
				removal.Kind, removal.At = workflow.WagonRemoval, orElse(w.Removed, m.ComposedAt)
				removal.Delay, removal.Acts = w.Delay, w.Acts
				say(w.Number, removal)
			}
		}
	case d.Act() != nil:
		act := d.Act()
		about := workflow.WagonEvent{
			Kind: workflow.WagonAct, At: orElse(act.OpenedAt, act.ComposedAt), Until: act.ClosedAt, Cause: act.Cause,
			Number: act.Number, Station: act.Station.Code,
		}
		switch act.Kind {
		case schema.ActStart:
			about.Kind = workflow.WagonDelayStart
		case schema.ActEnd:
			about.Kind = workflow.WagonDelayEnd
		}
		for _, w := range act.Wagons {
			say(w.Number, about)
		}
	case d.Movements() != nil:
		for _, r := range d.Movements().Rows {
			e := workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: r.At, Station: d.Movements().Station.Code}
			if r.Operation == schema.OperationRemoval {
				e.Kind = workflow.Wagon1397Remove
			}
			say(r.Wagon, e)
		}
	}
	return said
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// putSaid records what an accepted document says of wagons.
func putSaid(tx store.Tx, railway string, said map[string][]workflow.WagonEvent) {
	for wagon, events := range said {
		for _, e := range events {
			put(tx, wagons, wagonKey(railway, wagon, e), e)
		}
	}
}

func wagonKey(railway, wagon string, e workflow.WagonEvent) []byte {
	return key(railway, wagon, e.At.UTC().Format(deadlineTime), e.Document, e.Kind)
}

// unsay takes back what a former version of a document said of wagons; a spoiled one is kept, marked.
func unsay(tx store.Tx, railway, id string, numbers []string, spoiled bool) error {
	known, _, err := eventsOf(tx, railway, numbers)
	if err != nil {
		return err
	}
	for wagon, events := range known {
		for _, e := range events {
			if e.Document != id {
				continue
			}
			if !spoiled {
				tx.Delete(wagons, wagonKey(railway, wagon, e))
				continue
			}
			e.Spoiled = true
			put(tx, wagons, wagonKey(railway, wagon, e), e)
		}
	}
	return nil
}

// parks says whether a memo or an act has to wait, if nothing else speaks against it: for whom it is for,
// without end; or for the supply, the start that is missing, for a while (readings 12, 16). While it does,
// what is missing refuses nothing: it may still come.
func (g *Gateway) parks(a *assessment) (due time.Time, parks bool) {
	missing := legitimacy.Missing(a.findings)
	switch {
	case ownsNone(a.document):
		return time.Time{}, false
	case a.client == nil:
		parks = true
	case missing:
		due = a.Received.Add(a.railway.Guard.Wait)
		parks = g.Now().Before(due)
	}
	for i, f := range a.findings {
		if parks && legitimacy.Missing(a.findings[i:i+1]) {
			f.Severity = schema.Warning
			a.findings[i] = f
		}
	}
	return due, parks
}

func ownsNone(d schema.Document) bool {
	owner, _ := ownerOf(d)
	return owner == nil
}
