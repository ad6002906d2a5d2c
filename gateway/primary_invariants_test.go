package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/queue"
	"asugate/schema"
	"asugate/workflow"
)

// holdsNothing: in the end nobody waits but the operator.
func (p *playground) holdsNothing(rt *rapid.T) {
	if left := p.rows("deferred"); len(left) != 0 {
		rt.Fatalf("%q still wait", left)
	}
	if left := p.rows("deadlines"); len(left) != 0 {
		rt.Fatalf("deadlines %q are left", left)
	}
	for _, d := range p.documents {
		if s := p.shown(d.id); s.State == workflow.CarrierSigned && !s.Held {
			rt.Fatalf("%s waits for ever: %+v", d.id, s)
		}
	}
}

// holds compares the store with the model.
func (p *playground) holds(rt *rapid.T) {
	var ticking, held, deferrals []string
	for _, d := range p.documents {
		s := p.shown(d.id)
		if s.State != d.state || s.Version != d.version || s.Held != d.held || (s.Suspended != nil) != (d.suspended != nil) ||
			d.state == workflow.CarrierSigned && d.suspended == nil && !s.SignBy.Equal(d.signBy) {
			rt.Fatalf("the store has %+v\nand the model %+v", s, *d)
		}
		if d.ticks() {
			at := d.signBy.Add(gateway.HandlingLimit).UTC().Format("2006-01-02T15:04:05.000Z")
			ticking = append(ticking, at+"\x00term\x00RZD\x00"+d.id)
		}
		if d.held {
			held = append(held, "RZD\x00"+d.id)
		}
	}
	for _, l := range p.letters {
		if l.interim != "" {
			deferrals = append(deferrals, "SHIP-01\x00"+l.interim)
		}
	}
	var terms, waiting []string
	for _, row := range p.rows("deadlines") {
		switch {
		case strings.Contains(row, "\x00term\x00"):
			terms = append(terms, row)
		case strings.Contains(row, "\x00deferral\x00"):
			_, about, _ := strings.Cut(row, "\x00deferral\x00")
			waiting = append(waiting, about)
		}
	}
	for _, c := range []struct {
		what      string
		want, got []string
	}{
		{"ends of terms", ticking, terms}, {"held", held, p.rows("held-terms")},
		{"deferred", deferrals, p.rows("deferred")}, {"ends of deferrals", deferrals, waiting},
	} {
		slices.Sort(c.want)
		slices.Sort(c.got)
		if !slices.Equal(c.want, c.got) {
			rt.Fatalf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	p.holdsMessages(rt)
	if err := p.store.View(queue.Check); err != nil {
		rt.Fatal(err)
	}
}

// holdsMessages: each message is about something that is written; each is made after those before it.
func (p *playground) holdsMessages(rt *rapid.T) {
	told := map[string]bool{}
	for _, d := range p.documents {
		for _, n := range p.notices(d.id) {
			told[n.ID] = true
		}
	}
	p.readJournal(rt)
	for _, lane := range append(gateway.OfficeLanes(), shipper) {
		messages, err := p.queue.List(lane, "", 1000)
		must(p.t, err)
		last := map[string]string{}
		for _, m := range messages {
			switch m.Kind {
			case string(schema.KindStateNotice):
				if !told[m.ID] {
					rt.Fatalf("notice %s in lane %s is not written down", m.ID, lane)
				}
			case string(schema.KindESID):
				if _, written := p.entries[m.Body]; !written {
					rt.Fatalf("ЭСИД %s in lane %s is not in the journal", m.Body, lane)
				}
			default:
				if p.finals[fmt.Sprint(m.DocumentID, " ", m.Version)] == "" {
					rt.Fatalf("%s %s in lane %s is not accepted", m.Kind, m.DocumentID, lane)
				}
			}
			at := lane + " " + m.Order
			if m.Order != "" && !p.seen[lane+m.ID] && m.ID < p.highest[at] {
				rt.Fatalf("message %s came into lane %s behind %s, made later", m.ID, lane, p.highest[at])
			}
			p.seen[lane+m.ID] = true
			last[at] = max(last[at], m.ID)
		}
		for at, id := range last {
			p.highest[at] = max(p.highest[at], id)
		}
	}
}

// readJournal reads what has been written since: each verdict is superseded once at most, each version
// accepted once at most.
func (p *playground) readJournal(rt *rapid.T) {
	since := p.read
	p.read = time.Now().Add(-time.Second)
	rows, err := p.Journal("", since, 10_000)
	must(p.t, err)
	for _, e := range rows {
		if _, known := p.entries[e.ID]; known {
			continue
		}
		p.entries[e.ID] = e
		if e.Supersedes != "" && p.superseded[e.Supersedes] {
			rt.Fatalf("%s is superseded twice", e.Supersedes)
		}
		p.superseded[e.Supersedes] = true
		if at := fmt.Sprint(e.DocumentID, " ", e.Version); e.Result == schema.Positive {
			if p.finals[at] != "" {
				rt.Fatalf("%s is accepted by %s and by %s", at, p.finals[at], e.ID)
			}
			p.finals[at] = e.ID
		}
	}
}
