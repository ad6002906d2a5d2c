package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"asugate/store"
)

// deadlines is what is to happen when: see deadline.
const deadlines store.Table = "deadlines" // time · kind · key → nothing

// deadline is one thing that is to happen at a time, once, whether the process runs then or not. It is
// deleted in the transaction that makes it happen.
type deadline struct {
	at   time.Time
	kind string // of the closed list in fire
	key  string // of what it is about; its form is that of the kind
}

// The kinds of deadlines.
const deferralEnds = "deferral" // participant · message id of the interim ЭСИД

// deadlineTime writes a time so that it sorts as text: UTC, to the millisecond.
const deadlineTime = "2006-01-02T15:04:05.000Z"

func (d deadline) row() []byte { return key(d.at.UTC().Format(deadlineTime), d.kind, d.key) }

// deadlineOf reads a row of the table.
func deadlineOf(row string) (deadline, error) {
	at, rest, _ := strings.Cut(row, "\x00")
	kind, about, found := strings.Cut(rest, "\x00")
	t, err := time.Parse(deadlineTime, at)
	if err != nil || !found {
		return deadline{}, fmt.Errorf("row %.100q of deadlines is none", row)
	}
	return deadline{t, kind, about}, nil
}

// Bounds of the clock's rest. It looks at least once a minute, because a wall clock may be set; after
// failures it waits ever longer, up to the same.
const (
	clockLongest  = time.Minute
	clockShortest = time.Second
)

// FireOverdue lets happen what should have while no process ran. It is for the start, before anybody is
// listened to: an answer that comes now must not win over a term that has passed.
func (g *Gateway) FireOverdue(ctx context.Context) error {
	_, _, err := g.fireDue(ctx)
	return storeError(err)
}

// RunClock lets every deadline happen when its time has come, until ctx ends. Those that passed while no
// process ran come first. One that cannot happen now stays, and is tried again.
func (g *Gateway) RunClock(ctx context.Context) error {
	rest := clockShortest
	for ctx.Err() == nil {
		if err := g.Awake(); errors.Is(err, ErrStopping) {
			return err
		}
		failed, waiting, err := g.fireDue(ctx)
		if err != nil {
			return storeError(err)
		}
		if waiting && !failed {
			pause(ctx, nil, clockShortest)
			continue
		}
		if failed {
			pause(ctx, nil, rest) // new deadlines wait, too, else they would hurry the failing ones
			rest = min(2*rest, clockLongest)
			continue
		}
		rest = clockShortest
		next, err := g.untilNext()
		if err != nil {
			return storeError(err)
		}
		pause(ctx, g.clock, next)
	}
	return nil
}

// untilNext is how long the clock may rest.
func (g *Gateway) untilNext() (time.Duration, error) {
	pause := clockLongest
	err := g.Store.View(func(tx store.Reader) (broken error) {
		tx.Range(deadlines, nil, nil, 1, func(k, _ []byte) bool {
			var d deadline
			if d, broken = deadlineOf(string(k)); broken == nil {
				pause = min(pause, max(0, d.at.Sub(g.Now())))
			}
			return false
		})
		return broken
	})
	return pause, err
}

// wakeClock tells RunClock that there is a new deadline.
func (g *Gateway) wakeClock() {
	select {
	case g.clock <- struct{}{}:
	default: // it is awake already
	}
}

// mostTold is how many failures of one round the log names.
const mostTold = 10

// fireDue lets happen what is due, oldest first. failed: some of it could not happen now; waiting: an answer
// in work comes first. An error ends RunClock.
func (g *Gateway) fireDue(ctx context.Context) (failed, waiting bool, err error) {
	failures := 0
	defer func() {
		if failures > mostTold {
			g.Log.Warn("more of what is due cannot happen now", "deadlines", failures-mostTold)
		}
	}()
	end := key(g.Now().UTC().Add(time.Millisecond).Format(deadlineTime)) // a row is longer than its time
	var from []byte
	for {
		rows, err := g.keys(deadlines, from, end)
		if err != nil {
			return false, false, err
		}
		for i, err := range g.fireAll(ctx, rows) {
			if ctx.Err() != nil {
				return false, false, nil
			}
			from = append([]byte(rows[i]), 0)
			switch {
			case errors.Is(err, ErrStopping):
				return false, false, err
			case errors.Is(err, errInWork):
				waiting = true
			case err != nil:
				if failures++; failures <= mostTold {
					g.Log.Warn("what is due cannot happen now", "deadline", rows[i], "error", err)
				}
			}
		}
		if len(rows) < pendingBatch {
			return failures > 0, waiting, nil
		}
	}
}

// clockTurns is how many terms and reminders happen at a time.
const clockTurns = 16

// fireAll lets deadlines happen, and says what has become of each. The ends of deferrals happen one after the
// other, as the documents came. Terms and reminders are each of a document of its own, so that they happen
// beside each other, and their writes share syncs: after a standstill many are due, and nobody is listened to
// before the last of them.
func (g *Gateway) fireAll(ctx context.Context, rows []string) []error {
	var (
		group sync.WaitGroup
		turns = make(chan struct{}, clockTurns)
		errs  = make([]error, len(rows))
	)
	for i, row := range rows {
		if ctx.Err() != nil {
			break
		}
		if d, err := deadlineOf(row); err != nil || d.kind == deferralEnds {
			errs[i] = g.fire(ctx, row)
			continue
		}
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			errs[i] = g.fire(ctx, row)
		})
	}
	group.Wait()
	return errs
}

// fire lets one deadline happen, in a transaction of its own that takes the row away.
func (g *Gateway) fire(ctx context.Context, row string) error {
	d, err := deadlineOf(row)
	if err != nil {
		return err
	}
	switch d.kind {
	case deferralEnds:
		return g.endDeferral(ctx, d)
	case termEnds:
		return g.endTerm(ctx, d)
	case reminderDue:
		return g.remind(ctx, d)
	default:
		return fmt.Errorf("deadline of kind %.40q is unknown to this program", d.kind)
	}
}

// keys are the first keys of a table from one on, a batch of them.
func (g *Gateway) keys(t store.Table, from, to []byte) (keys []string, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		keys = nil
		tx.Range(t, from, to, pendingBatch, func(k, _ []byte) bool {
			keys = append(keys, string(k))
			return true
		})
		return nil
	})
	return keys, err
}
