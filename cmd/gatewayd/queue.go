package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"asugate/gateway"
	"asugate/queue"
)

type queueCommands struct {
	List   queueList   `cmd:"" help:"Unconfirmed messages, oldest first."`
	Show   queueShow   `cmd:"" help:"One message with its state and its body."`
	Retry  queueRetry  `cmd:"" help:"Put a parked message, or all of them, back into their lanes."`
	Drop   queueDrop   `cmd:"" help:"Take a message out of its lane for good; the journal keeps why."`
	Pause  queuePause  `cmd:"" help:"Deliver nothing until resumed: on one lane, or on all."`
	Resume queueResume `cmd:"" help:"Deliver again."`
}

type queueList struct {
	Lane  string `help:"Only this lane: office, client/CODE." placeholder:"LANE"`
	After string `help:"Only what follows this message." placeholder:"ID"`
	Limit atMost `help:"At most so many." default:"100"`
	JSON  bool   `name:"json" help:"One JSON object a line."`
}

func (c *queueList) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "queue/list", c, s.out)
}

func (c *queueList) run(_ context.Context, d *desk, out io.Writer) error {
	rows, err := d.queue.List(c.Lane, c.After, int(c.Limit))
	if err != nil {
		return err
	}
	if c.JSON {
		return jsonLines(out, rows)
	}
	t := table(out, "MESSAGE", "LANE", "KIND", "DOCUMENT", "VERSION", "STATE", "AGE", "REASON")
	for _, e := range rows {
		reason := e.Reason
		if reason == "" {
			reason = e.LastError
		}
		row(t, e.ID, e.Lane, e.Kind, e.DocumentID, strconv.Itoa(e.Version), e.State, age(d.now(), e.Created), printable(reason))
	}
	return t.Flush()
}

type queueShow struct {
	ID   string `arg:"" help:"The message."`
	Body bool   `help:"Print the body alone, byte for byte."`
}

func (c *queueShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "queue/show", c, s.out)
}

func (c *queueShow) run(_ context.Context, d *desk, out io.Writer) error {
	e, err := d.queue.Show(c.ID)
	if err != nil {
		return err
	}
	_, body, lost := d.queue.Message(e.Lane, e.ID)
	if lost != nil && (c.Body || !errors.Is(lost, queue.ErrNoBody)) {
		return lost
	}
	if c.Body {
		_, err = out.Write(body)
		return err
	}
	if err := indented(out, e); err != nil || lost != nil {
		return err // that it has no body any more keeps nobody from seeing what it was
	}
	_, err = fmt.Fprintf(out, "\n%s\n", printableLines(body))
	return err
}

type queueRetry struct {
	ID  string `arg:"" optional:"" help:"The message."`
	All bool   `help:"Every parked message."`
}

func (c *queueRetry) Run(ctx context.Context, s streams, cli *cli) error {
	if (c.ID == "") == !c.All {
		return failure{code: exitUsage, what: fmt.Errorf("name one message, or --all")}
	}
	return cli.operate(ctx, "queue/retry", c, s.out)
}

func (c *queueRetry) act() string { return "queue retry " + orAll(c.ID) }

func (c *queueRetry) run(_ context.Context, d *desk, out io.Writer) error {
	back := func(e queue.Entry) { fmt.Fprintf(out, "%s is back in lane %s\n", e.ID, e.Lane) }
	if !c.All {
		e, err := d.queue.Retry(c.ID)
		if err != nil {
			return err
		}
		back(e)
		return nil
	}
	for n := 0; n < retryLimit; n += retryBatch {
		rows, err := d.queue.RetryAll(retryBatch)
		if err != nil {
			return err
		}
		for _, e := range rows {
			back(e)
		}
		if n == 0 && len(rows) == 0 {
			fmt.Fprintln(out, "nothing is parked")
		}
		if len(rows) < retryBatch {
			return nil
		}
	}
	fmt.Fprintf(out, "there may be more than %d: give the command again\n", retryLimit)
	return nil
}

// One command puts back at most retryLimit, so that those that are parked again at once do not keep it
// busy for ever; retryBatch in one transaction.
const (
	retryLimit = 100_000
	retryBatch = 1000
)

type queueDrop struct {
	ID  string `arg:"" help:"The message."`
	Why string `required:"" help:"The reason, for the journal." placeholder:"TEXT"`
}

func (c *queueDrop) Run(ctx context.Context, s streams, cli *cli) error {
	if c.Why == "" {
		return failure{code: exitUsage, what: errors.New("--why names no reason")}
	}
	return cli.operate(ctx, "queue/drop", c, s.out)
}

func (c *queueDrop) act() string { return "queue drop " + c.ID + ": " + printable(c.Why) }

func (c *queueDrop) run(_ context.Context, d *desk, out io.Writer) error {
	e, err := d.queue.Drop(c.ID, c.Why)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s (%s of %s) is out of lane %s\n", e.ID, e.Kind, e.DocumentID, e.Lane)
	return err
}

type queuePause struct {
	Lane string `arg:"" optional:"" help:"One lane; all when not named."`
}

func (c *queuePause) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "queue/pause", c, s.out)
}

func (c *queuePause) act() string { return "queue pause " + orAll(c.Lane) }

func (c *queuePause) run(_ context.Context, d *desk, out io.Writer) error {
	if err := d.checkLane(c.Lane); err != nil {
		return err
	}
	if err := d.queue.Pause(c.Lane); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "paused: %s\n", orAll(c.Lane))
	return err
}

// checkLane knows every lane by name: to pause one that nothing goes through would look like success.
func (d *desk) checkLane(lane string) error {
	if lane == "" || slices.Contains(gateway.OfficeLanes(), lane) {
		return nil
	}
	dir, err := d.directory()
	if err != nil {
		return err
	}
	if code, client := strings.CutPrefix(lane, gateway.ClientLane("")); client && dir.Participants[code] != nil {
		return nil
	}
	if n, err := d.queue.Depth(lane, 1); err != nil || n > 0 {
		return err // of a participant that is gone
	}
	return failure{
		code: exitCould, what: fmt.Errorf("no lane %s", printable(lane)),
		hint: "lanes are " + strings.Join(gateway.OfficeLanes(), ", ") + " and client/CODE; gatewayd queue list shows what is in them",
	}
}

type queueResume struct {
	Lane string `arg:"" optional:"" help:"One lane; all when not named."`
}

func (c *queueResume) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "queue/resume", c, s.out)
}

func (c *queueResume) act() string { return "queue resume " + orAll(c.Lane) }

func (c *queueResume) run(_ context.Context, d *desk, out io.Writer) error {
	if err := d.queue.Resume(c.Lane); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "resumed: %s\n", orAll(c.Lane))
	return err
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return s
}

// atMost bounds a list.
type atMost int

// Validate is called by the parser of the command line.
func (n atMost) Validate() error {
	if n < 1 {
		return errors.New("a limit is 1 or more")
	}
	return nil
}

// age is how long ago something was, for people.
func age(now, then time.Time) string {
	return now.Sub(then).Truncate(time.Second).String()
}

func table(out io.Writer, head ...string) *tabwriter.Writer {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row(t, head...)
	return t
}

func row(t io.Writer, cells ...string) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(t, "\t")
		}
		fmt.Fprint(t, cell)
	}
	fmt.Fprintln(t)
}

func jsonLines[T any](out io.Writer, rows []T) error {
	e := json.NewEncoder(out)
	for _, r := range rows {
		if err := e.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func indented(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
