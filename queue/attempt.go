package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// result is what has become of a delivery.
type result struct {
	head
	fate    fate
	reason  string
	created time.Time
}

type fate int

const (
	delivered    fate = iota
	failed            // try again later
	refused           // try again later, a few times
	undelivered       // a person must look
	gone              // confirmed or dropped by someone else meanwhile
	interrupted       // Run is ending
	unreadable        // the store could not be read now
	undetermined      // the store has stopped
)

// attempt is one delivery.
func (r *runner) attempt(ctx context.Context, h head) (out result) {
	out = result{head: h}
	m, body, signature, err := r.load(h.id)
	out.created = m.Created
	switch {
	case errors.Is(err, store.ErrUnknown):
		out.fate = undetermined
		return out
	case errors.Is(err, ErrNoMessage):
		out.fate = gone
		return out
	case errors.Is(err, ErrNoBody):
		out.fate, out.reason = undelivered, reasonOf(err)
		return out
	case err != nil:
		out.fate, out.reason = unreadable, reasonOf(err)
		return out
	}
	try, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	defer func() {
		// Whatever is wrong here is wrong with this message; the lane must not stop at it for ever.
		if p := recover(); p != nil {
			out.fate, out.reason = undelivered, reasonOf(fmt.Errorf("panic while delivering: %v", p))
		}
	}()
	err = r.deliver(try, m, body, signature)
	out.fate = fateOf(err)
	if err != nil {
		out.reason = reasonOf(err)
		if ctx.Err() != nil && out.fate == failed {
			out.fate = interrupted
		}
	}
	return out
}

func fateOf(err error) fate {
	switch {
	case err == nil:
		return delivered
	case errors.Is(err, ErrPermanent):
		return undelivered
	case errors.Is(err, ErrRefused):
		return refused
	default:
		return failed
	}
}

// load reads a message and its bodies, unless it is not ready any more.
func (r *runner) load(id string) (m Message, body, signature []byte, err error) {
	err = r.queue.store.View(func(s store.Reader) (err error) {
		if s.Get(ready, laneKey(r.lane, id)) == nil {
			return ErrNoMessage
		}
		if m, body, err = content(s, id); err != nil || m.Signature == "" {
			return err
		}
		signature, err = blob(s, m.Signature)
		return err
	})
	return m, body, signature, err
}
