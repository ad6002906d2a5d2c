package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"asugate/schema"
)

type journalCommands struct {
	List   journalList          `cmd:"" help:"Verdicts, oldest first."`
	Acts   journalActs          `cmd:"" help:"What operators have done, oldest first."`
	Show   journalShow          `cmd:"" help:"One verdict with everything it was based on."`
	Export journalExportCommand `cmd:"" help:"Write everything that is kept of one verdict into a file: document, ЭСИД, evidence, proof."`
	Verify journalVerify        `cmd:"" help:"Prove that nothing in the journal was changed or taken out, and judge every signature again; or check a file of it, offline."`
}

type journalList struct {
	Participant string    `help:"Only this participant's documents." placeholder:"CODE"`
	Since       sinceFlag `help:"Only from then on: a time, a day, or how long ago (24h)." placeholder:"T"`
	Limit       atMost    `help:"At most so many." default:"100"`
	JSON        bool      `name:"json" help:"One JSON object a line."`
}

func (c *journalList) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "journal/list", c, s.out)
}

func (c *journalList) run(_ context.Context, d *desk, out io.Writer) error {
	rows, err := d.gateway.Journal(c.Participant, c.Since.from(d.now()), int(c.Limit))
	if err != nil {
		return err
	}
	if c.JSON {
		return jsonLines(out, rows)
	}
	t := table(out, "ЭСИД", "RECEIVED", "FROM", "KIND", "DOCUMENT", "VERSION", "RESULT", "CODES")
	for _, e := range rows {
		row(t, e.ID, e.Received.Local().Format(time.DateTime), e.Participant, printable(string(e.Kind)),
			printable(e.DocumentID), strconv.Itoa(e.Version), string(e.Result), codes(e.Findings))
	}
	return t.Flush()
}

// codes is the findings in short: L02/not-in-force.
func codes(findings []schema.Finding) string {
	var words []string
	for _, f := range findings {
		words = append(words, f.Code+"/"+f.Reason)
	}
	return strings.Join(words, " ")
}

type journalActs struct {
	Since sinceFlag `help:"Only from then on: a time, a day, or how long ago (24h)." placeholder:"T"`
	Limit atMost    `help:"At most so many." default:"100"`
	JSON  bool      `name:"json" help:"One JSON object a line."`
}

func (c *journalActs) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "journal/acts", c, s.out)
}

func (c *journalActs) run(_ context.Context, d *desk, out io.Writer) error {
	rows, err := d.gateway.Acts(c.Since.from(d.now()), int(c.Limit))
	if err != nil {
		return err
	}
	if c.JSON {
		return jsonLines(out, rows)
	}
	t := table(out, "AT", "WHO", "WHAT")
	for _, a := range rows {
		row(t, a.At.Local().Format(time.DateTime), a.Who, printable(a.What))
	}
	return t.Flush()
}

type journalShow struct {
	ID   string `arg:"" help:"The ЭСИД's message id."`
	Body bool   `help:"Print the document as received, byte for byte."`
	ESID bool   `name:"esid" help:"Print the ЭСИД, byte for byte; a signature beside it is in the export."`
}

func (c *journalShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "journal/show", c, s.out)
}

func (c *journalShow) run(_ context.Context, d *desk, out io.Writer) error {
	e, err := d.gateway.JournalEntry(c.ID)
	if err != nil {
		return err
	}
	switch {
	case c.Body:
		body, err := d.gateway.Body(c.ID)
		if err != nil {
			return err
		}
		if body == nil {
			return fmt.Errorf("the body of %s has been let go: it failed authenticity, and newer ones took its place", c.ID)
		}
		_, err = out.Write(body)
		return err
	case c.ESID:
		esid, _, err := d.gateway.Acknowledgment(c.ID)
		if err != nil {
			return err
		}
		_, err = out.Write(esid)
		return err
	}
	return indented(out, e)
}

// sinceFlag is a point in time: RFC 3339, a day, or how long ago. It travels as text.
type sinceFlag struct {
	At  time.Time
	Ago time.Duration
}

// MarshalText writes what UnmarshalText reads.
func (f sinceFlag) MarshalText() ([]byte, error) {
	switch {
	case f.Ago > 0:
		return []byte(f.Ago.String()), nil
	case f.At.IsZero():
		return nil, nil
	}
	return f.At.AppendFormat(nil, time.RFC3339Nano), nil
}

// UnmarshalText reads the flag.
func (f *sinceFlag) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" {
		*f = sinceFlag{}
		return nil
	}
	if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
		f.Ago = ago
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			f.At = at
			return nil
		}
	}
	return fmt.Errorf("%q is no time; write 2026-11-22, 2026-11-22T10:00:00+03:00 or 24h", s)
}

func (f sinceFlag) from(now time.Time) time.Time {
	if f.Ago > 0 {
		return now.Add(-f.Ago)
	}
	return f.At
}
