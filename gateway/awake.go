package gateway

import (
	"fmt"
	"time"

	"asugate/store"
	"asugate/workflow"
)

// awake is when this gateway could be read: the beginning of each run and when it was last seen. Silence is
// consent only of one who could have spoken (readings 13).
const awake store.Table = "awake" // beginning of a run (UTC, to the millisecond) → last seen, likewise

// beat is how often the end of a run is written down, while it lasts. One that has not been written down
// for longer than MinLeft has ended, although its process goes on: the machine slept, or the disk was full.
const beat = time.Minute

// mostRuns bounds how many runs are kept. No term is longer than the last of them.
const mostRuns = 10_000

// Awake notes that the gateway can be read. It is told at the start, and by the clock.
func (g *Gateway) Awake() error {
	now := g.Now()
	switch since := now.Sub(g.lastBeat); {
	case g.awakeSince.IsZero(), since < 0, since > MinLeft: // before it: the wall clock was set back
		g.awakeSince = now
	case since < beat:
		return nil
	}
	err := g.Store.Update(func(tx store.Tx) error {
		tx.Put(awake, []byte(g.awakeSince.UTC().Format(deadlineTime)), []byte(now.UTC().Format(deadlineTime)))
		count, oldest := 0, []byte(nil)
		tx.Range(awake, nil, nil, mostRuns+1, func(k, _ []byte) bool {
			if count++; count == 1 {
				oldest = cloned(k)
			}
			return true
		})
		if count > mostRuns {
			tx.Delete(awake, oldest)
		}
		return nil
	})
	if err == nil {
		g.lastBeat = now
	}
	return storeError(err)
}

// readableIn is for how long between two times this gateway could be read.
func readableIn(tx store.Reader, from, to time.Time) (sum time.Duration, broken error) {
	done := from // up to which it has been counted: runs overlap where the wall clock was set back
	tx.Range(awake, nil, []byte(to.UTC().Format(deadlineTime)), mostRuns, func(k, v []byte) bool {
		begin, err := time.Parse(deadlineTime, string(k))
		end, err2 := time.Parse(deadlineTime, string(v))
		if err != nil || err2 != nil {
			broken = fmt.Errorf("run %.40q–%.40q of this gateway cannot be read", k, v)
			return false
		}
		begin, end = later(begin, done), earlier(end, to)
		if end.After(begin) {
			sum += end.Sub(begin)
			done = end
		}
		return true
	})
	return sum, broken
}

// unreadable says whether the client could not read during the term, so that his silence says nothing.
func unreadable(tx store.Reader, p workflow.Primary) (bool, error) {
	readable, err := readableIn(tx, p.Arrived, p.SignBy)
	return readable < min(MinLeft, p.SignBy.Sub(p.Arrived)/2), err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
