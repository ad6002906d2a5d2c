package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

type staffDiff struct {
	staffFile
	Since sinceFlag `help:"Look at who has signed from then on: a time, a day, or how long ago." default:"2160h" placeholder:"T"`
	JSON  bool      `name:"json" help:"One JSON object."`
}

func (c *staffDiff) Run(ctx context.Context, s streams, cli *cli) error {
	if err := c.read(s); err != nil {
		return err
	}
	return cli.operate(ctx, "staff/diff", c, s.out)
}

// staffChange is what a list would change.
type staffChange struct {
	Organisation string   `json:"organisation"`
	Version      int      `json:"version"`
	Changes      []string `json:"changes"`
	Disagree     []string `json:"disagree,omitempty"` // copies of one order
	gateway.Foreseen
}

// run says what the list would change in the register, and whom of those who have signed lately it
// would refuse; then the exit code is 1. Nothing is stored.
func (c *staffDiff) run(ctx context.Context, d *desk, out io.Writer) error {
	l, err := c.list(d)
	if err != nil {
		return err
	}
	if err := register.CheckStaff(&l); err != nil {
		return err
	}
	change := staffChange{Organisation: l.Organisation.Key(), Version: l.Version}
	var inForce *schema.StaffList
	err = d.store.View(func(tx store.Reader) error {
		s, err := d.register.Staff(tx, change.Organisation)
		if s != nil {
			inForce = &s.StaffList
		}
		return err
	})
	if err != nil {
		return err
	}
	change.Changes, change.Disagree = register.DiffStaff(inForce, &l), register.Disagreements(&l)
	if change.Foreseen, err = d.gateway.Foresee(ctx, &l, c.Since.from(d.now())); err != nil {
		return err
	}
	if c.JSON {
		err = indented(out, change)
	} else {
		err = change.print(out)
	}
	if err == nil && len(change.Refused)+len(change.Stations) > 0 {
		return negative
	}
	return err
}

func (c *staffChange) print(out io.Writer) error {
	for _, line := range c.Changes {
		fmt.Fprintln(out, printable(line))
	}
	if len(c.Changes) == 0 {
		fmt.Fprintln(out, "no difference")
	}
	for _, line := range c.Disagree {
		fmt.Fprintf(out, "copies differ: %s\n", printable(line))
	}
	since := c.Since.Local().Format(time.DateOnly)
	if c.More {
		since += ", not counting older ones, of which there are too many"
	}
	if len(c.Refused) == 0 {
		fmt.Fprintf(out, "nobody who has signed since %s would be refused (%d documents)\n", since, c.Documents)
	} else {
		fmt.Fprintf(out, "refused, of those who have signed since %s:\n", since)
		if err := c.printRefused(out); err != nil {
			return err
		}
	}
	for _, s := range c.Stations {
		fmt.Fprintf(out, "station %s: nobody of this list could sign; %d consignment notes wait for ЭД №2\n", s.Station, s.Awaited)
	}
	return nil
}

func (c *staffChange) printRefused(out io.Writer) error {
	t := table(out, "PERSON", "DOCUMENTS", "LAST", "WHY")
	for _, r := range c.Refused {
		person, documents := printable(r.Performer), strconv.Itoa(r.Documents)
		if r.Signer != "" {
			person += ", by proxy " + printable(r.Signer)
		}
		if r.Deferred > 0 {
			documents += fmt.Sprintf(" (%d deferred)", r.Deferred)
		}
		row(t, person, documents, r.Last.Local().Format(time.DateTime), strings.TrimSpace(codes(r.Findings)))
	}
	return t.Flush()
}
