package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"asugate/gateway"
	"asugate/schema"
	"asugate/workflow"
)

// awaited is a memo or an act that waits for the client's answer.
type awaited struct {
	gateway.Summary
	Left string `json:"left"` // of the term; «over» until its end is put into effect
}

// due lists what waits for the client's answer, soonest first.
func (c *documentsList) due(d *desk, out io.Writer) error {
	found, err := d.gateway.Due(*c.Due, c.Participant, int(c.Limit))
	if err != nil {
		return err
	}
	now := d.now()
	var rows []awaited
	for _, s := range found {
		if c.State != "" && s.State != c.State {
			continue
		}
		rows = append(rows, awaited{s, leftUntil(s.Until, now)})
	}
	if c.JSON {
		return jsonLines(out, rows)
	}
	t := table(out, "LEFT", "SIGN BY", "PARTICIPANT", "KIND", "NUMBER", "DOCUMENT", "VERSION", "STATE")
	for _, r := range rows {
		by := "-"
		if r.Until != nil {
			by = r.Until.Local().Format(time.DateTime)
		}
		row(t, r.Left, by, r.Participant, string(r.Kind), cmp.Or(printable(r.Number), "-"), r.DocumentID,
			strconv.Itoa(r.Version), r.State)
	}
	return t.Flush()
}

// leftUntil is how much time there is until then, for people.
func leftUntil(until *time.Time, now time.Time) string {
	if until == nil {
		return "-"
	}
	left := until.Sub(now).Truncate(time.Second)
	if left <= 0 {
		return "over"
	}
	return left.String()
}

// stateShown is a document as show prints it.
type stateShown struct {
	gateway.DocumentState
	Primary *primaryShown `json:"primary,omitempty"` // in place of that of the state
}

// primaryShown is what has become of a memo or an act, with times as people write them.
type primaryShown struct {
	Railway      string           `json:"railway"`
	State        string           `json:"state"`
	StateID      int              `json:"stateID,omitempty"` // of the real system
	Since        time.Time        `json:"since"`
	Number       string           `json:"number"`
	Operation    string           `json:"operation,omitempty"` // of an act its kind
	Station      string           `json:"station,omitempty"`
	Wagons       []string         `json:"wagons,omitempty"`
	Client       string           `json:"client"`
	Organisation string           `json:"organisation"`
	Content      string           `json:"content"` // hex digest of what the carrier signed, which an answer names
	Arrived      time.Time        `json:"arrived"`
	Term         string           `json:"term,omitempty"` // as it was agreed on arrival
	SignBy       *time.Time       `json:"signBy,omitempty"`
	Left         string           `json:"left,omitempty"` // while the term runs
	Consent      string           `json:"consent"`        // ours | railway: who says that silence is consent
	Reminders    []string         `json:"reminders,omitempty"`
	Held         bool             `json:"held,omitempty"` // for the operator: see documents resume
	Suspended    *suspensionShown `json:"suspended,omitempty"`
	Answer       string           `json:"answer,omitempty"`   // message id of the ЭСИД on the client's answer
	Disputed     []string         `json:"disputed,omitempty"` // graphs
	Recalled     string           `json:"recalled,omitempty"` // the state in which it was
	Steps        []stepShown      `json:"steps"`
	Notices      []gateway.Notice `json:"notices,omitempty"`
}

// suspensionShown is why a term stands still.
type suspensionShown struct {
	ESID  string    `json:"esid"` // the interim one on the client's answer
	Since time.Time `json:"since"`
	Left  string    `json:"left"`
}

type stepShown struct {
	At    time.Time `json:"at"` // when it took effect
	Event string    `json:"event"`
	State string    `json:"state"` // after it
	ESID  string    `json:"esid,omitempty"`
}

// mostNotices bounds how many notices of one document are shown.
const mostNotices = 1000

// describeState is a document for people.
func (d *desk) describeState(s gateway.DocumentState) (stateShown, error) {
	shown := stateShown{DocumentState: s}
	p := s.Primary
	if p == nil {
		return shown, nil
	}
	railway := railwayOf(s)
	v := &primaryShown{
		Railway: railway, State: p.State.String(), StateID: p.State.StateID(), Since: p.Since, Number: p.Number,
		Operation: p.Operation, Station: p.Station, Wagons: p.Wagons, Client: p.Client, Organisation: p.Organisation,
		Content: p.Content, Arrived: p.Arrived, Term: p.Term, Consent: p.Consent, Held: p.Held,
		Answer: p.Answer, Disputed: p.Disputed, Steps: []stepShown{},
	}
	if !p.SignBy.IsZero() {
		by := p.SignBy.UTC()
		v.SignBy = &by
	}
	switch {
	case p.Suspended != nil:
		v.Suspended = &suspensionShown{p.Suspended.Entry, p.Suspended.Since, p.Suspended.Left.Truncate(time.Second).String()}
	case p.Running() && !p.Held:
		v.Left = leftUntil(v.SignBy, d.now())
	}
	if p.State == workflow.AwaitingSpoiling || p.State == workflow.Spoiled {
		v.Recalled = p.Spoiling.String()
	}
	for _, ahead := range p.Reminders {
		v.Reminders = append(v.Reminders, ahead.String())
	}
	for _, step := range p.Steps {
		v.Steps = append(v.Steps, stepShown{step.At, string(step.Event), step.State.String(), step.Entry})
	}
	shown.Primary = v
	id, _ := schema.CanonicalID(p.Named)
	var first time.Time
	if len(p.Steps) > 0 {
		first = p.Steps[0].At
	}
	var err error
	v.Notices, err = d.gateway.Notices(railway, id, first, mostNotices)
	return shown, err
}

// addressed says whether one of the documents is a memo or an act that came from the railway.
func addressed(states []gateway.DocumentState, railway string) bool {
	return slices.ContainsFunc(states, func(s gateway.DocumentState) bool { return s.From == railway })
}

// railwayOf is the railway whose memo or act the document is.
func railwayOf(s gateway.DocumentState) string { return cmp.Or(s.From, s.Participant) }

type documentsResume struct {
	ID  string        `arg:"" help:"The DocumentID."`
	For time.Duration `help:"How long the client may take for his answer, from now on, 30 minutes at least; when not named the term that had been agreed." placeholder:"DURATION"`
}

// Validate is called by the parser of the command line.
func (c *documentsResume) Validate() error {
	// A client is left that much of a term at least, whatever had stopped it.
	if c.For != 0 && c.For < gateway.MinLeft {
		return fmt.Errorf("--for is %s at least", gateway.MinLeft)
	}
	return nil
}

func (c *documentsResume) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "documents/resume", c, s.out)
}

func (c *documentsResume) act() string {
	if c.For == 0 {
		return "documents resume " + printable(c.ID)
	}
	return "documents resume " + printable(c.ID) + " --for " + c.For.String()
}

func (c *documentsResume) run(ctx context.Context, d *desk, out io.Writer) error {
	states, err := (&documentsShow{ID: c.ID}).find(ctx, d)
	if err != nil {
		return err
	}
	refused := error(gateway.ErrNoDocument)
	for _, s := range states {
		if s.Primary == nil {
			refused = fmt.Errorf("%w: %s is no memo and no act of a railway", gateway.ErrNotHeld, s.Kind)
			continue
		}
		if err := d.needKeys(ctx); err != nil {
			return err // the client is told, and that is signed
		}
		p, err := d.gateway.GrantTerm(railwayOf(s), c.ID, c.For)
		if errors.Is(err, gateway.ErrNotHeld) {
			refused = err
			continue
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s %s waits until %s for the answer of %s\n", p.Form, printable(p.Number),
			p.SignBy.Local().Format(time.DateTime), p.Client)
		return err
	}
	return refused
}
