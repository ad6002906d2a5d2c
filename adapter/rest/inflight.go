package rest

import (
	"context"
	"sync"
	"time"
)

// inFlight hands out turns: so many documents at once, and only a part of them to one client, so
// that a client with many or slow documents waits for itself and not the others for it.
type inFlight struct {
	all       chan struct{} // one token a turn
	perClient int
	wait      time.Duration

	mu     sync.Mutex // protects shares
	shares map[string]*share
}

// share is the turns of one client. It lives as long as somebody holds a turn or waits for one.
type share struct {
	turns chan struct{}
	users int // protected by inFlight.mu
}

func newInFlight(all, perClient int, wait time.Duration) *inFlight {
	return &inFlight{
		all:       make(chan struct{}, all),
		perClient: min(perClient, all),
		wait:      wait,
		shares:    make(map[string]*share),
	}
}

// take waits for a turn: first among the client's own requests, then among everybody's, so that at
// most perClient requests of one client stand in the common line. Call the result when done.
func (f *inFlight) take(ctx context.Context, client string) (done func(), err error) {
	s := f.enter(client)
	leave := func() { f.leave(client, s) }
	// The timer is made only when somebody has to wait.
	var timeout <-chan time.Time
	for i, line := range [2]chan struct{}{s.turns, f.all} {
		select {
		case line <- struct{}{}:
			continue
		default:
		}
		if timeout == nil {
			t := time.NewTimer(f.wait)
			defer t.Stop()
			timeout = t.C
		}
		err := error(nil)
		select {
		case line <- struct{}{}:
		case <-timeout:
			err = overloaded
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			if i == 1 {
				<-s.turns
			}
			leave()
			return nil, err
		}
	}
	return func() {
		<-f.all
		<-s.turns
		leave()
	}, nil
}

func (f *inFlight) enter(client string) *share {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shares[client]
	if s == nil {
		s = &share{turns: make(chan struct{}, f.perClient)}
		f.shares[client] = s
	}
	s.users++
	return s
}

func (f *inFlight) leave(client string, s *share) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s.users--
	if s.users == 0 {
		delete(f.shares, client)
	}
}

// now counts the turns taken.
func (f *inFlight) now() int { return len(f.all) }
