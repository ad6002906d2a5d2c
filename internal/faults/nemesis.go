package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// fault is one kind of what can fail.
type fault struct {
	name string
	what string
	// partner: the gateway itself goes on meanwhile, so that others must be served.
	partner bool
	rabbit  bool   // it needs the broker
	medium  string // that it needs, if any
	strace  bool   // it needs strace
	do      func(n *nemesis) error
}

// faultsKnown are all there are.
var faultsKnown = slices.Concat(processFaults, diskFaults, brokerFaults, registerFaults)

// Names are those of all that can fail in a run like this.
func Names(rabbit bool, medium string) []string {
	var names []string
	for _, f := range faultsKnown {
		if f.rabbit && !rabbit || f.medium != "" && f.medium != medium || f.strace && Straced() != nil {
			continue
		}
		names = append(names, f.name)
	}
	return names
}

// All are the names of everything that can fail anywhere, clients included, with a line about each.
func All() (names []string, what map[string]string) {
	names, what = Acts(), map[string]string{
		hangs: "stops in the middle of a document", disconnects: "does not wait for the answer",
		retries: "sends the same bytes several times at once",
	}
	for _, f := range faultsKnown {
		names, what[f.name] = append(names, f.name), f.what
	}
	return names, what
}

// Acts are the names of what clients do wrong; they do so in every run.
func Acts() []string { return []string{hangs, disconnects, retries} }

// Known says whether there is a fault of that name.
func Known(name string) bool {
	return slices.ContainsFunc(faultsKnown, func(f fault) bool { return f.name == name })
}

// Describe is a line about each fault.
func Describe() string {
	var b strings.Builder
	for _, f := range faultsKnown {
		fmt.Fprintf(&b, "%-22s %s\n", f.name, f.what)
	}
	return b.String()
}

// nemesis lets things fail, one after the other.
type nemesis struct {
	*world
	ctx       context.Context
	random    *rand.Rand
	transport transport
	reloads   int
	queueMade time.Time // the queue of the back office, the last time

	// Of the fault that happens now.
	how    string // in what way, for people
	missed bool   // it has not come to it
}

// run does what the plan says. Between two faults the clients get some answers, so that each meets a
// gateway at work.
func (n *nemesis) run() error {
	for _, name := range n.Plan {
		if err := n.progress(); err != nil {
			return err
		}
		i := slices.IndexFunc(faultsKnown, func(f fault) bool { return f.name == name })
		if i < 0 {
			return fmt.Errorf("no fault is called %q", name)
		}
		f := faultsKnown[i]
		if err := n.let(f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := n.unharmed(f.name); err != nil {
			return err
		}
	}
	return n.progress()
}

// let lets one fault happen, and writes down whether it did and how.
func (n *nemesis) let(f fault) error {
	n.log("%s", f.name)
	n.phase.Store(n.answered.Load())
	n.how, n.missed = "", false
	i := Incident{Begin: n.history.now(), Name: f.name, Partner: f.partner}
	err := f.do(n)
	i.End, i.How, i.Missed = n.history.now(), n.how, n.missed
	note(n.history, &n.history.Incidents, i)
	if n.how != "" || n.missed {
		n.log("  %s%s", n.how, map[bool]string{true: ": it did not come to it"}[n.missed])
	}
	return err
}

// progressTime is how long the gateway may take until it answers again after a fault. Like the other limits
// it is there to end a wait for what never comes, and long enough for a machine that has much else to do.
const progressTime = 90 * time.Second

// progress waits for some answers.
func (n *nemesis) progress() error {
	want := n.answered.Load() + int64(5+n.random.IntN(20))
	for deadline := time.Now().Add(progressTime); n.answered.Load() < want; {
		if err := n.unharmed("work"); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			n.history.late("nothing is answered within %s", progressTime)
			return nil
		}
		pause(n.ctx, 5*time.Millisecond)
		if n.ctx.Err() != nil {
			return n.ctx.Err()
		}
	}
	return nil
}

// ErrEnded: the daemon has ended, and nobody had asked for it.
var ErrEnded = errors.New("the daemon has ended by itself")

// unharmed fails when it has.
func (n *nemesis) unharmed(during string) error {
	if n.daemon.process == nil {
		return fmt.Errorf("%w: none runs after %s", ErrEnded, during)
	}
	select {
	case <-n.daemon.process.done:
		return fmt.Errorf("%w during %s: %s", ErrEnded, during, n.daemon.process.log)
	default:
		return nil
	}
}

// eventually waits until it is so, and notes when it is not in time.
func (n *nemesis) eventually(limit time.Duration, otherwise string, so func() bool) bool {
	for deadline := time.Now().Add(limit); !so(); pause(n.ctx, 10*time.Millisecond) {
		if time.Now().After(deadline) || n.ctx.Err() != nil {
			n.history.late("%s within %s", otherwise, limit)
			return false
		}
	}
	return true
}
