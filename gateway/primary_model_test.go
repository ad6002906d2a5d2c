package gateway_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/workflow"
)

// record is what the plain model knows of one memo or act.
type record struct {
	form      schema.Kind
	id        string
	state     workflow.PrimaryState
	version   int
	arrived   time.Time
	signBy    time.Time
	suspended *letter       // the answer that is being verified
	left      time.Duration // of the term then
	held      bool
	refusals  int // of answers that were verified
}

func (d *record) ticks() bool {
	return d.state == workflow.CarrierSigned && d.suspended == nil && !d.held
}

// letter is something that was sent, with what came of it.
type letter struct {
	raw      []byte
	office   bool
	about    *record
	event    workflow.PrimaryEvent
	version  int  // of the memo or act: that it is, or that it answers
	strange  bool // the content that it answers is of no such version
	received time.Time
	final    string // message id of a positive ЭСИД
	interim  string // message id of one that is not superseded yet
	unknown  bool   // it was refused only because nothing could be found out in a day
}

// playground plays a carrier, a client and time against a gateway, and holds what it says and has against
// the model.
type playground struct {
	*yard
	documents []*record
	letters   []*letter
	runs      [][2]time.Time // when the gateway could be read: the last one goes on
	terms     map[schema.Kind]time.Duration
	hushed    bool
	bytes     map[string]string // ЭСИД by message id
	highest   map[string]string // lane and order → the greatest message id seen there
	seen      map[string]bool   // message ids in lanes

	// Of the journal, so far as it has been read.
	entries    map[string]gateway.Entry
	superseded map[string]bool
	finals     map[string]string // document and version → message id of the positive ЭСИД
	read       time.Time         // by the wall
}

func newPlayground(t *testing.T) *playground {
	p := &playground{
		yard: newYard(t, scene.Participants{}), bytes: map[string]string{}, highest: map[string]string{},
		terms: map[schema.Kind]time.Duration{schema.KindMemo: 12 * time.Hour, schema.KindAct: 24 * time.Hour},
		seen:  map[string]bool{}, entries: map[string]gateway.Entry{}, superseded: map[string]bool{}, finals: map[string]string{},
	}
	p.runs = [][2]time.Time{{p.now, p.now}}
	return p
}

// want is what the model says of a letter that is judged now: the result and the finding of an error.
func (p *playground) want(l *letter) (schema.Result, string) {
	d := l.about
	row, _ := (workflow.Primary{State: d.state}).Next(d.form, l.event)
	answers := l.event == workflow.ClientSigns || l.event == workflow.ClientRejects
	switch {
	case row.Finding != "":
		return schema.Negative, row.Finding
	case answers && d.suspended == nil && !d.held && !l.received.Before(d.signBy) && !p.unread(d):
		return schema.Negative, "W14 term-over"
	case answers && l.version != d.version:
		return schema.Negative, "D03 answer-other-version"
	case l.strange:
		return schema.Negative, "D03 answer-other-content"
	case answers && d.suspended != nil && d.suspended != l:
		return schema.Negative, "W18 predecessor-deferred"
	case l.event == workflow.ReportedAgreed && d.state == workflow.CarrierSigned:
		return schema.Negative, "W17 consent-elsewhere"
	case answers && p.hushed:
		return schema.Deferred, ""
	}
	return schema.Positive, ""
}

// apply is what an accepted letter does to the model.
func (p *playground) apply(l *letter) {
	d := l.about
	row, _ := (workflow.Primary{State: d.state}).Next(d.form, l.event)
	if row.To == d.state && l.event != workflow.CarrierSigns {
		return
	}
	d.state, d.suspended, d.held = row.To, nil, false
	if l.event == workflow.CarrierSigns {
		d.version, d.arrived, d.refusals = l.version, l.received, 0
		d.signBy = d.arrived.Add(p.terms[d.form])
	}
}

// send gives a letter to the gateway, and compares what comes with the model and with what came before.
func (p *playground) send(rt *rapid.T, l *letter, received time.Time) {
	r, err := p.Accept(context.Background(), gateway.Submission{
		Participant: map[bool]string{true: "RZD", false: "SHIP-01"}[l.office], Office: l.office, Raw: l.raw,
		Received: received, Via: "test",
	})
	if err != nil {
		rt.Fatal(err)
	}
	p.answered(rt, r.MessageID(), r.Document())
	switch {
	case l.final != "" || l.interim != "":
		if want := cmp.Or(l.final, l.interim); r.MessageID() != want {
			rt.Fatalf("asked again: %s %s, and before that %s", r.MessageID(), r.Result(), want)
		}
		return
	}
	l.received = received
	result, finding := p.want(l)
	got := refused(r)
	if l.unknown && result == schema.Deferred && slices.Equal(got, []string{"A07 revocation-unavailable"}) {
		return // nothing has changed: it would only be said again
	}
	if r.Result() != result || (finding != "") != (len(got) > 0) || finding != "" && got[0] != finding {
		rt.Fatalf("%s of %s in state %s: %s %v, want %s %s", l.event, l.about.id, l.about.state, r.Result(), got, result, finding)
	}
	switch result {
	case schema.Positive:
		l.final = r.MessageID()
		p.apply(l)
	case schema.Deferred:
		l.interim = r.MessageID()
		if d := l.about; d.suspended == nil {
			d.suspended, d.left = l, max(0, d.signBy.Sub(received))
			if d.held {
				d.left = 0
			}
		}
	}
}

// answered holds an ЭСИД against itself.
func (p *playground) answered(rt *rapid.T, id string, document []byte) {
	p.esid(document)
	if before, known := p.bytes[id]; known && before != string(document) {
		rt.Fatalf("ЭСИД %s has changed", id)
	}
	p.bytes[id] = string(document)
}

// settle is what becomes of an answer whose signature is being verified: nothing while nothing is known, and
// nobody has waited long enough.
func (p *playground) settle(l *letter) {
	over := !p.now.Before(l.received.Add(gateway.DefaultDeferFor))
	if l.interim == "" || p.hushed && !over {
		return
	}
	result, _ := p.want(l)
	l.interim, l.unknown = "", result == schema.Deferred
	switch d := l.about; {
	case result == schema.Positive:
		l.final = "known by the gateway"
		p.apply(l)
	case d.suspended == l:
		d.suspended = nil
		if d.refusals++; !d.held {
			d.signBy, d.held = p.now.Add(max(d.left, gateway.MinLeft)), d.refusals > 3
		}
	}
}

// strike is the clock of the model.
func (p *playground) strike() {
	if last := &p.runs[len(p.runs)-1]; p.now.Sub(last[1]) >= time.Minute {
		last[1] = p.now
	}
	for _, l := range p.letters {
		if l.interim != "" && !p.now.Before(l.received.Add(gateway.DefaultDeferFor)) {
			p.settle(l)
		}
	}
	for _, d := range p.documents {
		if !d.ticks() || p.now.Before(d.signBy.Add(gateway.HandlingLimit)) {
			continue
		}
		if p.unread(d) {
			d.held = true
		} else {
			d.state = workflow.AutoAgreed
		}
	}
}

// unread says whether the client could not read during the term: then his silence says nothing, and his
// answer is not late.
func (p *playground) unread(d *record) bool {
	var readable time.Duration
	for _, run := range p.runs {
		begin, end := run[0], run[1]
		if begin.Before(d.arrived) {
			begin = d.arrived
		}
		if end.After(d.signBy) {
			end = d.signBy
		}
		readable += max(0, end.Sub(begin))
	}
	return readable < min(gateway.MinLeft, d.signBy.Sub(d.arrived)/2)
}

func (p *playground) draw(rt *rapid.T) *record {
	if len(p.documents) == 0 {
		rt.Skip()
	}
	return p.documents[rapid.IntRange(0, len(p.documents)-1).Draw(rt, "document")]
}

func (p *playground) post(rt *rapid.T, l *letter, received time.Time) {
	p.letters = append(p.letters, l)
	p.send(rt, l, received)
}

func (p *playground) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"new": func(rt *rapid.T) {
			if len(p.documents) == 4 {
				rt.Skip()
			}
			d := &record{form: rapid.SampledFrom([]schema.Kind{schema.KindMemo, schema.KindAct}).Draw(rt, "form"), id: scene.NewID()}
			p.documents = append(p.documents, d)
			p.sign(rt, d)
		},
		"version": func(rt *rapid.T) { p.sign(rt, p.draw(rt)) },
		"answer": func(rt *rapid.T) {
			d := p.draw(rt)
			l := &letter{about: d, event: workflow.ClientSigns, version: d.version}
			if l.raw = p.approval(d.id); rapid.Bool().Draw(rt, "rejects") {
				l.raw, l.event = p.rejection(d.form, d.id), workflow.ClientRejects
			}
			lag := rapid.SampledFrom([]time.Duration{0, time.Second, 45 * time.Second}).Draw(rt, "lag")
			p.post(rt, l, p.now.Add(-lag))
		},
		"answer to another version": func(rt *rapid.T) {
			d := p.draw(rt)
			of := p.refs[d.id]
			of.Version += rapid.SampledFrom([]int{-1, 1}).Draw(rt, "version")
			if of.Version == 0 {
				rt.Skip()
			}
			p.post(rt, &letter{
				about: d, event: workflow.ClientSigns, version: of.Version, strange: true,
				raw: p.Signatory.MustSign(p.Approval(scene.Answer{Of: of})),
			}, p.now)
		},
		"report": func(rt *rapid.T) {
			d := p.draw(rt)
			events := map[string]workflow.PrimaryEvent{
				schema.ReportAgreed: workflow.ReportedAgreed, schema.ReportSigned: workflow.ReportedSigned,
				schema.ReportRejected: workflow.ReportedRejected, schema.ReportSpoiling: workflow.SpoilRequested,
				schema.ReportSpoiled: workflow.SpoilConfirmed,
			}
			state := rapid.SampledFrom([]string{
				schema.ReportAgreed, schema.ReportSigned, schema.ReportRejected, schema.ReportSpoiling, schema.ReportSpoiled,
			}).Draw(rt, "state")
			p.post(rt, &letter{office: true, about: d, event: events[state], raw: p.yard.report(d.id, state)}, p.now)
		},
		"resend": func(rt *rapid.T) {
			if len(p.letters) == 0 {
				rt.Skip()
			}
			p.resend(rt, p.letters[rapid.IntRange(0, len(p.letters)-1).Draw(rt, "letter")])
		},
		"time": func(rt *rapid.T) {
			for range rapid.IntRange(1, 10).Draw(rt, "half hours") {
				p.now = p.now.Add(30 * time.Minute)
				must(p.t, p.Awake())
				p.fire()
				p.strike()
			}
		},
		"minute": func(*rapid.T) {
			p.now = p.now.Add(time.Minute)
			must(p.t, p.Awake())
			p.fire()
			p.strike()
		},
		"down": func(rt *rapid.T) {
			p.now = p.now.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "hours")) * time.Hour)
			p.yard.restart()
			p.runs = append(p.runs, [2]time.Time{p.now, p.now})
			p.strike()
		},
		"grant": func(rt *rapid.T) {
			d := p.draw(rt)
			_, err := p.GrantTerm("RZD", d.id, 3*time.Hour)
			if (err == nil) != d.held {
				rt.Fatalf("granted: %v, held %t", err, d.held)
			}
			if d.held {
				d.held, d.arrived, d.signBy, d.left = false, p.now, p.now.Add(3*time.Hour), 3*time.Hour
			}
		},
		"read": func(*rapid.T) { p.drain() },
		"hush": func(*rapid.T) {
			p.hush(p.Signatory)
			p.hushed = true
		},
		"speak": func(*rapid.T) {
			p.speak()
			p.hushed = false
			must(p.t, p.DecideDeferred(context.Background()))
			for _, l := range p.letters {
				p.settle(l)
			}
		},
		"register": func(rt *rapid.T) {
			hours := rapid.IntRange(2, 30).Draw(rt, "hours")
			p.terms[schema.KindMemo] = time.Duration(hours) * time.Hour
			p.admit(p.Participants(scene.Participants{MemoTerm: fmt.Sprintf("%dh", hours)}))
		},
		"": p.holds,
	}
}

// sign lets the carrier sign the next version of a document.
func (p *playground) sign(rt *rapid.T, d *record) {
	l := &letter{office: true, about: d, event: workflow.CarrierSigns, version: d.version + 1}
	l.raw = p.carrier(d.form, d.id, l.version)
	p.post(rt, l, p.now)
	if l.final != "" {
		p.refs[d.id] = scene.ReferenceTo(l.raw, d.id, l.version)
	}
}

// resend sends the same bytes again.
func (p *playground) resend(rt *rapid.T, l *letter) {
	if l.event == workflow.CarrierSigns && l.final == "" && l.version <= l.about.version {
		rt.Skip() // another document has taken its version meanwhile: W16, or a conflict
	}
	before := l.final
	if before == "known by the gateway" {
		l.final = ""
		r, err := p.Accept(context.Background(), p.fromClient(l.raw))
		if err != nil || r.Result() != schema.Positive || !r.Repeated() {
			rt.Fatalf("asked again: %s, %v", r.Result(), err)
		}
		l.final = r.MessageID()
		return
	}
	p.send(rt, l, p.now)
	if l.event == workflow.CarrierSigns && before == "" && l.final != "" {
		p.refs[l.about.id] = scene.ReferenceTo(l.raw, l.about.id, l.version)
	}
}

// Whatever the carrier, the client and time do: every document is what the plain model says, everybody is
// told what is written and nothing else, in its order, and nothing that ticks is forgotten.
func TestPrimary_model(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayground(t)
		rt.Repeat(p.actions())
		p.speak()
		p.decide()
		for range 3 {
			p.now = p.now.Add(40 * time.Hour)
			p.fire()
		}
		p.holdsNothing(rt)
	})
}
