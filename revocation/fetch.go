package revocation

import (
	"bytes"
	"context"
	"math/rand/v2"
	"time"
)

// Waits after a failure: the first, doubled each time, and the longest.
const (
	firstRetry   = 15 * time.Second
	longestRetry = 10 * time.Minute
)

// fetch asks the server for its list, and keeps a copy of one that is put in force.
func (s *source) fetch(ctx context.Context) {
	s.book.mu.Lock()
	o := s.origins[s.config.URL]
	held, before := o.validator, o.list
	s.book.mu.Unlock()
	text, v, same, err := s.web.get(ctx, o.name, held, s.book.config.MaxSize)
	if ctx.Err() != nil {
		return // we are stopping
	}
	if err == nil && !same {
		err = s.take(o, text, before, v)
	}
	s.note(o, err)
}

// take puts in force what a server has sent.
func (s *source) take(o *origin, text []byte, before *list, v validator) error {
	l, issuer, err := s.accept(text)
	if err != nil {
		return err
	}
	if err := s.offer(o, l, issuer); err != nil {
		return err
	}
	s.book.mu.Lock()
	o.validator = v
	s.book.mu.Unlock()
	if before != nil && bytes.Equal(before.der, l.der) {
		return nil
	}
	if err := keep(s.book.config.Cache, o.name, l.der, v); err != nil {
		// The list is in force all the same; what suffers is only the next start without a network.
		s.book.keeper.Log.Warn("revocation list cannot be kept for the next start", "source", o.name, "error", err)
	}
	return nil
}

// recall puts the copy in force that was kept of what the server sent before the last stop. It is
// read and verified like any other; one that fails is worth a line in the log, for it will be
// fetched anew.
func (s *source) recall(o *origin) {
	der, v, err := kept(s.book.config.Cache, o.name, s.book.config.MaxSize)
	if err == nil && der == nil {
		return
	}
	if err == nil {
		var l *list
		if l, o.issuer, err = s.accept(der); err == nil {
			o.list, o.validator = l, v
			return
		}
	}
	o.issuer = nil
	s.book.keeper.Log.Warn("the copy of a revocation list is not used", "source", o.name, "error", err)
}

// wait is how long to wait before the next look at the server: none before the first.
func (s *source) wait() time.Duration {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	o := s.origins[s.config.URL]
	refresh := s.book.config.Refresh
	switch {
	case o.failures > 0:
		wait := min(firstRetry<<min(o.failures-1, 10), longestRetry, refresh)
		return time.Duration(float64(wait) * (0.75 + rand.Float64()/2)) // not all gateways at once
	case o.looked.IsZero():
		return 0
	}
	wait := refresh
	if o.list != nil && !o.list.nextUpdate.IsZero() {
		// The last tenth of its time is left for the next list to come.
		lead := o.list.nextUpdate.Sub(o.list.thisUpdate) / 10
		wait = min(wait, o.list.nextUpdate.Add(-lead).Sub(s.book.keeper.Now()))
	}
	wait = max(wait, min(refresh, time.Minute))
	return time.Duration(float64(wait) * (0.9 + rand.Float64()/10))
}
