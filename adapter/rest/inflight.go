package rest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// inFlight hands out what there is so much of and no more: turns to be judged, bytes of memory. Who
// has the least gets next, and those who have as much as one another take turns, so that a client
// with many or slow documents waits for itself and not the others for it.
type inFlight struct {
	most      int64
	perClient int64
	wait      time.Duration // for one's place; 0: there is no line
	spare     bool          // one client leaves as much free as it holds

	mu      sync.Mutex // protects what follows, and all shares and waiters
	held    int64
	clients map[string]*share
	waiting []*share // those with a line, the one that was served last at the end
}

// share is what one client holds.
type share struct {
	held int64
	line []*waiter

	// The latest time at which one had waited too long, and since when that happens again and again.
	late, lateSince time.Time
}

// waiter is a request in line.
type waiter struct {
	amount int64
	since  time.Time
	told   chan struct{} // closed when it is known how the wait ends; nil until somebody listens
	ended  bool
	err    error
}

const (
	// lineMost is how many requests of one client may wait: more than a burst has (limits.burst).
	lineMost = 256

	// Where requests of a client wait longer than wait/haste again and again, for the whole of wait and
	// with no pause of wait/calm, it is no burst but overload: who has waited so long is told to come
	// again, for waiting would make answers late for all and no more of them answered.
	haste = 200
	calm  = 4
)

func newInFlight(most, perClient int64, wait time.Duration) *inFlight {
	return &inFlight{most: most, perClient: min(perClient, most), wait: wait, clients: make(map[string]*share)}
}

// place is what was taken. It is given back with leave, once.
type place struct {
	of     *inFlight
	share  *share
	amount int64
}

// take waits for a place in the client's own line. An amount that is more than there is, or more than
// the client may have, is given to one who holds nothing else.
func (f *inFlight) take(ctx context.Context, client string, amount int64) (*place, error) {
	amount = min(amount, f.most)
	w := &waiter{amount: amount, since: time.Now()}
	s := f.enter(client, w)
	if s == nil {
		return nil, overloaded
	}
	p := &place{of: f, share: s, amount: amount}
	if w.told == nil {
		return p, nil
	}
	timeout := time.NewTimer(f.wait)
	defer timeout.Stop()
	select {
	case <-w.told:
		if w.err != nil {
			return nil, w.err
		}
		return p, nil
	case <-timeout.C:
		return p.orLeave(w, overloaded)
	case <-ctx.Done():
		return p.orLeave(w, ctx.Err())
	}
}

// enter puts a request into its client's line. It has its place at once if its told is nil; no share
// means that there is no place and no line.
func (f *inFlight) enter(client string, w *waiter) *share {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.clients[client]
	if s == nil {
		if len(f.clients) >= maxLimiters {
			maps.DeleteFunc(f.clients, func(_ string, s *share) bool { return s.held == 0 && len(s.line) == 0 })
		}
		s = &share{}
		f.clients[client] = s
	}
	if len(s.line) == 0 {
		f.waiting = append(f.waiting, s)
	}
	s.line = append(s.line, w)
	f.serve(w.since)
	switch {
	case w.ended:
		return s
	case f.wait <= 0 || len(s.line) > lineMost:
		f.drop(s, len(s.line)-1)
		return nil
	}
	w.told = make(chan struct{})
	return s
}

// orLeave ends a wait with an error, unless the place was given at that very moment.
func (p *place) orLeave(w *waiter, err error) (*place, error) {
	f := p.of
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.ended {
		if w.err != nil {
			return nil, w.err
		}
		return p, nil
	}
	f.drop(p.share, slices.Index(p.share.line, w))
	f.serve(time.Now()) // the one behind may want less
	return nil, err
}

// leave gives the place back.
func (p *place) leave() { p.shrink(0) }

// shrink gives back all but an amount.
func (p *place) shrink(amount int64) {
	if amount >= p.amount {
		return
	}
	f := p.of
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held -= p.amount - amount
	p.share.held -= p.amount - amount
	p.amount = amount
	f.serve(time.Now())
}

// serve gives places as long as there are any. Called under mu.
func (f *inFlight) serve(now time.Time) {
	for {
		s := f.next()
		// Nobody passes the one whose turn it is, or a large amount would wait for ever.
		if s == nil || f.held+s.line[0].amount > f.most {
			return
		}
		w := s.line[0]
		if f.tooLate(s, w, now) {
			w.end(overloaded)
			f.drop(s, 0)
			continue
		}
		f.held += w.amount
		s.held += w.amount
		w.end(nil)
		f.waiting = append(without(f.waiting, s), s)
		f.drop(s, 0)
	}
}

// tooLate says whether a request whose turn it is has waited too long for one of an overload. Called
// under mu.
func (f *inFlight) tooLate(s *share, w *waiter, now time.Time) bool {
	if now.Sub(w.since) <= f.wait/haste {
		return false
	}
	if now.Sub(s.late) > f.wait/calm {
		s.lateSince = now
	}
	s.late = now
	return now.Sub(s.lateSince) > f.wait
}

// next is the client that holds the least of those that may have more, and of several the one that
// was served longest ago; nil: there is none.
func (f *inFlight) next() *share {
	var least *share
	for _, s := range f.waiting {
		if (least == nil || s.held < least.held) && f.mayHave(s, s.line[0].amount) {
			least = s
		}
	}
	return least
}

func (f *inFlight) mayHave(s *share, amount int64) bool {
	after := s.held + amount
	return s.held == 0 || after <= f.perClient && (!f.spare || after <= f.most-f.held-amount)
}

// drop takes a request out of its line. Called under mu.
func (f *inFlight) drop(s *share, i int) {
	s.line = slices.Delete(s.line, i, i+1)
	if len(s.line) == 0 {
		f.waiting = without(f.waiting, s)
	}
}

func without(list []*share, s *share) []*share {
	i := slices.Index(list, s)
	return slices.Delete(list, i, i+1)
}

// end tells a request that its wait is over: nil, it has its place.
func (w *waiter) end(err error) {
	w.ended, w.err = true, err
	if w.told != nil {
		close(w.told)
	}
}

// now is how much is taken.
func (f *inFlight) now() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held
}
