package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"asugate/store"
)

// The tables of retention.
const (
	retention store.Table = "retention" // measured → time; looked · kind → message id; withheld · kind · message id → nothing
	retired   store.Table = "retired"   // message id, or participant · SHA-256 of the bytes received → when it was let go
)

// Retention is for how long what is finished is kept; zero: for ever. What is not finished is kept however
// old it is, and so are the ids of accepted documents, the verdicts on them and their ЭСИД: whoever sends
// one again after any time gets the same answer.
type Retention struct {
	Accepted time.Duration // the bytes of accepted documents
	Refused  time.Duration // the bytes of documents that were not accepted
	Verdicts time.Duration // the verdicts on these, with their ЭСИД
	Messages time.Duration // of confirmed messages that there were such
	Notices  time.Duration // what was told of memos and acts
	Acts     time.Duration // what operators did
}

// The kinds of what is let go, as configuration and metrics name them.
const (
	keptAccepted = "accepted"
	keptRefused  = "refused"
	keptVerdicts = "verdicts"
	keptMessages = "messages"
	keptNotices  = "notices"
	keptActs     = "acts"
	keptEvidence = "evidence"
)

// RetiredKinds are the kinds that Retired counts.
func RetiredKinds() []string {
	return []string{
		keptAccepted, keptRefused, keptVerdicts, keptMessages, keptNotices, keptActs, keptEvidence,
	}
}

// retiring is what has been let go in this run of the process, and what could not.
type retiring struct {
	mu     sync.Mutex // protects counts and held
	counts map[string]int
	held   error // see RetentionHeld

	// These belong to whoever runs retention.
	riddles riddles
	failed  string // what the log was told last of why a round broke off
}

func (r *retiring) add(kind string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = make(map[string]int)
	}
	r.counts[kind] += n
}

// Retired is how much has been let go since the start, by kind.
func (g *Gateway) Retired() map[string]int {
	g.retiring.mu.Lock()
	defer g.retiring.mu.Unlock()
	return maps.Clone(g.retiring.counts)
}

// Pace of retention: it has time, and everybody else comes first.
const (
	retentionFirst = 5 * time.Minute       // after the start, when others read the cold file
	retentionEvery = time.Hour             // between two looks
	retentionRest  = 20 * time.Millisecond // between two transactions
)

// RunRetention lets go of what is finished and old, once an hour, until ctx ends.
func (g *Gateway) RunRetention(ctx context.Context) error {
	// The clock is looked at before documents come that are dated by it.
	_, err := g.heedClock()
	for wait := retentionFirst; ; wait = retentionEvery {
		if err := g.tellFailed(err); err != nil {
			return err
		}
		pause(ctx, nil, wait)
		if ctx.Err() != nil {
			return nil
		}
		before := g.Retired()
		err = g.Retire(ctx)
		for kind, n := range g.Retired() {
			if n > before[kind] {
				g.Log.Info("what is old has been let go", "kind", kind, "count", n-before[kind])
			}
		}
	}
}

// tellFailed tells why a round broke off, once as long as it is the same. An error ends RunRetention.
func (g *Gateway) tellFailed(err error) error {
	if err = storeError(err); errors.Is(err, ErrStopping) {
		return err
	}
	word := ""
	if err != nil && !errors.Is(err, ErrClockLeapt) { // of which heedClock tells
		word = err.Error()
	}
	if word != "" && word != g.retiring.failed {
		g.Log.Warn("what is old cannot be let go now", "error", err)
	}
	g.retiring.failed = word
	return nil
}

// heedClock is measured, and tells once that the clock has leapt, and that it has not any more.
func (g *Gateway) heedClock() (now time.Time, err error) {
	now, err = g.measured()
	leapt := error(nil)
	if errors.Is(err, ErrClockLeapt) {
		leapt = err
	}
	switch fresh := g.retiring.hold(leapt); {
	case fresh && leapt != nil:
		g.Log.Warn("nothing that is old is let go, for the clock may be wrong", "error", leapt,
			"hint", "set the clock; if it is right and the gateway did not run for so long: gatewayd retention resume")
	case fresh && err == nil:
		g.Log.Info("what is old is let go again, for the clock is near the former one")
	}
	return now, err
}

// Retire lets go of everything that is finished and old enough now. Each transaction is small. It may be
// broken off at any time, and goes on where it was. ErrClockLeapt: see there.
func (g *Gateway) Retire(ctx context.Context) error {
	now, err := g.heedClock()
	if err != nil {
		return err
	}
	g.retiring.riddles.begin()
	defer func() { g.retiring.riddles.tell(g.Log) }()
	if g.Retention.evidence() != 0 {
		// Before the verdicts go that name it. On a full disk this waits, for it needs room; what it is to
		// come before makes some.
		if err := g.noteEvidence(ctx, now); err != nil && !errors.Is(err, store.ErrNotWritten) {
			return fmt.Errorf("noting what evidence is for: %w", err)
		}
	}
	for _, r := range g.rules() {
		if r.keep == 0 {
			continue
		}
		before := now.Add(-r.keep)
		err := g.retireWithheld(ctx, r, before)
		if err == nil {
			err = g.retireFresh(ctx, r, before)
		}
		if err != nil {
			return fmt.Errorf("letting go of %s: %w", r.kind, err)
		}
	}
	for _, part := range []struct {
		kind   string
		keep   time.Duration
		retire func(ctx context.Context, now time.Time, keep time.Duration) error
	}{
		{keptMessages, g.Retention.Messages, g.retireMessages},
		{keptActs, g.Retention.Acts, g.retireActs},
		{keptEvidence, g.Retention.evidence(), g.retireEvidence},
	} {
		if part.keep == 0 {
			continue
		}
		if err := part.retire(ctx, now, part.keep); err != nil {
			return fmt.Errorf("letting go of %s: %w", part.kind, err)
		}
	}
	return nil
}

// fate is what becomes of a record that has come of age.
type fate int

const (
	passes fate = iota // it is none of the rule's, or there is nothing left of it
	stays              // it is not finished, or cannot be read: it is looked at again
	goes
)

// rule is how one kind of thing is let go.
type rule struct {
	kind  string
	keep  time.Duration
	table store.Table // its keys are message ids
	fate  func(l *look, tx store.Reader, id string) (fate, error)
	// retire is called for what goes, in the transaction in which its fate was told.
	retire func(tx store.Tx, id string, now time.Time) error
}

func (r rule) looked() []byte               { return key("looked", r.kind) }
func (r rule) withheld(id string) []byte    { return key("withheld", r.kind, id) }
func (r rule) allWithheld() (prefix []byte) { return r.withheld("") }

// retireFresh looks at what has come of age since the last time, once: what stays is noted.
func (g *Gateway) retireFresh(ctx context.Context, r rule, before time.Time) error {
	var from []byte
	if err := g.Store.View(func(tx store.Reader) error {
		if from = nil; tx.Get(retention, r.looked()) != nil {
			from = append(cloned(tx.Get(retention, r.looked())), 0)
		}
		return nil
	}); err != nil {
		return err
	}
	to := idsFrom(before)
	if to == nil || string(from) >= string(to) {
		return nil
	}
	for seen := ""; ctx.Err() == nil; {
		ids, err := g.keys(r.table, from, to)
		if err != nil {
			return err
		}
		last := len(ids) < pendingBatch
		if len(ids) > 0 {
			seen = ids[len(ids)-1]
			from = append([]byte(seen), 0)
		}
		if err := g.retireSome(ctx, r, ids, before, seen, last); err != nil || last {
			return err
		}
	}
	return nil
}

// retireWithheld looks again at what was not finished.
func (g *Gateway) retireWithheld(ctx context.Context, r rule, before time.Time) error {
	prefix := r.allWithheld()
	from := prefix
	for ctx.Err() == nil {
		rows, err := g.keys(retention, from, after(prefix))
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(rows))
		for _, row := range rows {
			from = append([]byte(row), 0)
			ids = append(ids, row[len(prefix):])
		}
		if err := g.retireSome(ctx, r, ids, before, "", false); err != nil || len(rows) < pendingBatch {
			return err
		}
	}
	return nil
}

// retireFew is how many records are let go in one transaction: what it writes down of them has room in what
// a store takes of one when the disk is full, for then it is needed most.
const retireFew = 24

// retireSome tells the fate of some records, and lets go of what goes in small transactions. upTo is the
// newest of them when they are looked at for the first time; it is written down with the last of what
// changes, and at the end.
func (g *Gateway) retireSome(
	ctx context.Context, r rule, ids []string, before time.Time, upTo string, last bool,
) error {
	l := &look{gateway: g, before: before, byHand: make(map[string]bool)}
	var some []string // of which something has to be written down
	if err := g.Store.View(func(tx store.Reader) error {
		some = nil
		for _, id := range ids {
			f, err := r.fate(l, tx, id)
			if err != nil {
				f = stays
				g.retiring.riddles.add(g.Log, id, err)
			}
			noted := tx.Get(retention, r.withheld(id)) != nil
			if f == goes || (f == stays) != noted {
				some = append(some, id)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if len(some) == 0 && (upTo == "" || !last) {
		return nil
	}
	l.writing = true
	for len(some) > retireFew {
		if err := g.retireThese(ctx, r, some[:retireFew], l, ""); err != nil || ctx.Err() != nil {
			return err
		}
		some = some[retireFew:]
	}
	return g.retireThese(ctx, r, some, l, upTo)
}

// retireThese is one transaction of retireSome.
func (g *Gateway) retireThese(ctx context.Context, r rule, ids []string, l *look, upTo string) error {
	now, gone := g.Now(), 0
	err := g.Store.Update(func(tx store.Tx) (err error) {
		gone, err = r.apply(tx, ids, l, now)
		if err == nil && upTo != "" {
			tx.Put(retention, r.looked(), []byte(upTo))
		}
		return err
	})
	if err != nil {
		return err
	}
	g.retiring.add(r.kind, gone)
	pause(ctx, nil, retentionRest)
	return nil
}

// apply is one transaction: fates are told anew, for much may have happened since.
func (r rule) apply(tx store.Tx, ids []string, l *look, now time.Time) (gone int, err error) {
	fates := make([]fate, len(ids))
	for i, id := range ids {
		if fates[i], err = r.fate(l, tx, id); err != nil {
			fates[i] = stays // the look before has told of it
		}
	}
	for i, id := range ids {
		switch fates[i] {
		case stays:
			tx.Put(retention, r.withheld(id), []byte{})
			continue
		case goes:
			if err := r.retire(tx, id, now); err != nil {
				return 0, err
			}
			gone++
		}
		tx.Delete(retention, r.withheld(id))
	}
	return gone, nil
}
