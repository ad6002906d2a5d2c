package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"asugate/gateway"
)

type documentsCommands struct {
	List      documentsList    `cmd:"" help:"The newest state of each document."`
	Show      documentsShow    `cmd:"" help:"All verdicts on one document; of a memo or an act also its state, steps, term and notices."`
	Resume    documentsResume  `cmd:"" help:"Give the client of a memo or an act that is held, because its term passed while it could not be read, a new term from now on."`
	WagonList wagonListCommand `cmd:"" name:"wagon-list" help:"The lower part of the wagon list, while it is permitted: placement and fastening, who signed, the line of the check."`
}

type documentsList struct {
	State       string         `help:"Only those in this state: accepted, refused, deferred or withdrawn; of memos and acts carrier-signed, client-signed, rejected, auto-agreed, awaiting-spoiling, spoiled, or held." enum:",accepted,refused,deferred,withdrawn,carrier-signed,client-signed,rejected,auto-agreed,awaiting-spoiling,spoiled,held" default:"" placeholder:"S"`
	Due         *time.Duration `help:"Only memos and acts that wait for the client's answer and whose term ends within this time, soonest first; 0s: those whose term is over." placeholder:"DURATION"`
	Participant string         `help:"Only this participant's." placeholder:"CODE"`
	Limit       atMost         `help:"At most so many." default:"100"`
	JSON        bool           `name:"json" help:"One JSON object a line."`
}

// Validate is called by the parser of the command line.
func (c *documentsList) Validate() error {
	if c.Due != nil && *c.Due < 0 {
		return errors.New("--due is a time ahead")
	}
	return nil
}

func (c *documentsList) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "documents/list", c, s.out)
}

func (c *documentsList) run(_ context.Context, d *desk, out io.Writer) error {
	if c.Due != nil {
		return c.due(d, out)
	}
	rows, err := c.rows(d)
	if err != nil {
		return err
	}
	if c.JSON {
		return jsonLines(out, rows)
	}
	t := table(out, "PARTICIPANT", "KIND", "DOCUMENT", "VERSION", "STATE", "SINCE", "UNTIL", "NUMBER", "ЭСИД")
	for _, r := range rows {
		until := "-"
		if r.Until != nil {
			until = r.Until.Local().Format(time.DateTime)
		}
		row(t, r.Participant, string(r.Kind), r.DocumentID, strconv.Itoa(r.Version), r.State,
			r.Updated.Local().Format(time.DateTime), until, cmp.Or(printable(r.Number), "-"), r.Entry)
	}
	return t.Flush()
}

// rows looks on for as long as there are more: one look sees a bounded part of a long table.
func (c *documentsList) rows(d *desk) (rows []gateway.Summary, err error) {
	for cursor := ""; ; {
		more, next, err := d.gateway.Documents(c.Participant, c.State, cursor, int(c.Limit)-len(rows))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
		if next == "" || len(rows) >= int(c.Limit) {
			return rows, nil
		}
		cursor = next
	}
}

type documentsShow struct {
	ID          string `arg:"" help:"The DocumentID."`
	Participant string `help:"Whose document; needed when several participants use the id." placeholder:"CODE"`
}

func (c *documentsShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "documents/show", c, s.out)
}

func (c *documentsShow) run(ctx context.Context, d *desk, out io.Writer) error {
	states, err := c.find(ctx, d)
	if err != nil {
		return err
	}
	if len(states) == 0 {
		return failure{
			code: exitCould, what: fmt.Errorf("no document %s", printable(c.ID)),
			hint: "one that could not be read, or whose signature did not hold, occupies no id: see gatewayd journal list",
		}
	}
	for _, s := range states {
		if addressed(states, s.Participant) {
			s.Primary = nil // it is shown with the document as its addressee has it
		}
		view, err := d.describeState(s)
		if err != nil {
			return err
		}
		if err := indented(out, view); err != nil {
			return err
		}
	}
	return nil
}

func (c *documentsShow) find(ctx context.Context, d *desk) ([]gateway.DocumentState, error) {
	senders := []string{c.Participant}
	if c.Participant == "" {
		var err error
		if senders, err = d.senders(); err != nil {
			return nil, err
		}
	}
	var states []gateway.DocumentState
	for _, p := range senders {
		s, err := d.gateway.Document(ctx, p, c.ID)
		if errors.Is(err, gateway.ErrNoDocument) {
			continue
		}
		if err != nil {
			return nil, err
		}
		states = append(states, s)
	}
	return states, nil
}
