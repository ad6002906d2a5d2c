package gateway

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"asugate/store"
)

// ErrClockLeapt: the clock is far ahead of what retention has seen. Either it is wrong, and nothing of what
// seems old is, or nobody ran for long; only a person can tell.
var ErrClockLeapt = errors.New("the clock is far ahead of when retention worked last")

// leap is how far ahead that is: longer than a gateway stands still over holidays or for a repair.
const leap = 31 * 24 * time.Hour

// measuredEvery is how often the time by which retention measures is written down, while all is well.
const measuredEvery = 24 * time.Hour

// measuredRow is where it is.
func measuredRow() []byte { return []byte("measured") }

// measured is the time by which retention measures now, unless the clock has leapt. What a machine that boots
// in 2036 lets go does not come back when the clock does, so retention holds the clock against the time by
// which it measured last. That one never goes back by itself: a machine that begins in 1970 until it hears
// the time has not leapt then.
func (g *Gateway) measured() (now time.Time, err error) {
	now = g.Now()
	var last time.Time
	known := false
	if err := g.Store.View(func(tx store.Reader) (err error) {
		last, known, err = lastMeasured(tx, now)
		return err
	}); err != nil {
		return now, err
	}
	leapt := !last.IsZero() && now.Sub(last) > leap
	switch {
	case last.IsZero(): // a new store: there is nothing old in it
		return now, nil
	case leapt && !known: // before anything is dated by this clock
		err = g.putMeasured(last)
	case !leapt && (!known || now.Sub(last) >= measuredEvery):
		err = g.putMeasured(now)
	}
	if err == nil && leapt {
		err = fmt.Errorf("%w: it shows %s, and showed %s", ErrClockLeapt,
			now.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
	}
	return now, err
}

// lastMeasured is the time by which retention measured last. Where it is not known, in a store of an earlier
// program, it is that of the newest verdict; zero when there is none.
func lastMeasured(tx store.Reader, now time.Time) (last time.Time, known bool, err error) {
	if v := tx.Get(retention, measuredRow()); v != nil {
		if last, err = time.Parse(time.RFC3339Nano, string(v)); err != nil {
			err = fmt.Errorf("reading when retention worked last: %w", err)
		}
		return last, true, err
	}
	tx.RangeBack(journal, nil, nil, 1, func(k, _ []byte) bool {
		last, err = madeAt(string(k))
		return false
	})
	return earlier(last, now), false, err
}

func (g *Gateway) putMeasured(at time.Time) error {
	return g.Store.Update(func(tx store.Tx) error {
		tx.Put(retention, measuredRow(), []byte(at.UTC().Format(time.RFC3339Nano)))
		return nil
	})
}

// madeAt is the time in an id, a UUIDv7: see idsFrom.
func madeAt(id string) (time.Time, error) {
	if len(id) < 13 {
		return time.Time{}, fmt.Errorf("id %.40q has no time", id)
	}
	millis, err := strconv.ParseInt(id[:8]+id[9:13], 16, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the time of id %.40q: %w", id, err)
	}
	return time.UnixMilli(millis), nil
}

// RetentionHeld says why retention lets nothing go, nil when it works: ErrClockLeapt.
func (g *Gateway) RetentionHeld() error {
	g.retiring.mu.Lock()
	defer g.retiring.mu.Unlock()
	return g.retiring.held
}

// hold notes why retention lets nothing go, or that it does, and says whether that is new.
func (r *retiring) hold(reason error) (fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh = (r.held == nil) != (reason == nil)
	r.held = reason
	return fresh
}

// ResumeRetention is for a person who has looked at the clock: it is right. From its next look on, retention
// measures by it; so it does when it was set back after this was said of a wrong one.
func (g *Gateway) ResumeRetention() (now time.Time, err error) {
	now = g.Now()
	if err := g.putMeasured(now); err != nil {
		return now, storeError(err)
	}
	g.retiring.hold(nil)
	return now, nil
}
