package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"asugate/store"
)

// fill begins deliveries as far as the window, the silence of the lane and the store allow.
func (r *runner) fill(ctx context.Context) error {
	for {
		window := r.silence.window(r.options.Window)
		if r.flying >= window || len(r.busy) >= unsettledMost*r.options.Window {
			return nil
		}
		h, ok := r.pick()
		if !ok && r.look {
			if err := r.read(); err != nil {
				return err
			}
			h, ok = r.pick()
		}
		if !ok {
			return nil
		}
		r.busy[h.document] = true
		r.flying++
		if h.again {
			r.again++
		}
		go func() { r.results <- r.attempt(ctx, h) }()
	}
}

// pick chooses what is tried next. What has failed before comes first, but takes a quarter of the
// window only, so that it cannot make the lane look silent. A silent lane is asked with something
// new, for what has failed may be to blame itself.
func (r *runner) pick() (h head, ok bool) {
	if r.silence.silent() || r.again >= max(1, r.options.Window/4) {
		if h, ok = r.shift(&r.fresh); !ok && r.silence.silent() {
			h, ok = r.shift(&r.due)
		}
		return h, ok
	}
	if h, ok = r.shift(&r.due); !ok {
		h, ok = r.shift(&r.fresh)
	}
	return h, ok
}

// shift takes the first of a list that may still be tried.
func (r *runner) shift(list *[]head) (head, bool) {
	for len(*list) > 0 {
		h := (*list)[0]
		*list = (*list)[1:]
		if _, tried, may := r.may(h); may && tried == h.again {
			return h, true
		}
	}
	return head{}, false
}

// may tells whether a message may be tried now, and what became of it when it has been before.
func (r *runner) may(h head) (t try, tried, may bool) {
	t, tried, failing := r.queue.tryOf(r.lane, h.id)
	switch {
	case r.busy[h.document]:
		return t, tried, false
	case tried:
		return t, true, !time.Now().Before(t.due)
	default:
		return t, false, failing < failingMost
	}
}

// failingMost is how many messages of a lane may have failed before no others are begun. So many
// need a person, and each costs memory.
const failingMost = 10_000

// read fetches heads that may be tried now. Those that are busy or not due come first in the table,
// as a rule.
func (r *runner) read() error {
	want := r.options.Window
	_, _, failing := r.queue.tryOf(r.lane, "")
	limit := want + len(r.busy) + failing
	var visited, waiting int // of the heads, and of them those that have failed
	whole := false           // no head was left out
	err := r.queue.store.View(func(s store.Reader) error {
		r.fresh, r.due, r.look = nil, nil, false
		whole = false
		if isPaused(s, r.lane) {
			return nil
		}
		visited, waiting = 0, 0
		s.Range(ready, laneKey(r.lane, ""), laneEnd(r.lane), limit, func(key, value []byte) bool {
			visited++
			h := head{id: idOf(key), document: string(value)}
			t, tried, may := r.may(h)
			if tried {
				waiting++
			}
			switch h.again, h.due = tried, t.due; {
			case !may:
			case tried:
				r.due = append(r.due, h)
			default:
				r.fresh = append(r.fresh, h)
			}
			return len(r.fresh) < want
		})
		whole = len(r.fresh) < want && visited < limit
		// Without anything found there is no more to be had before something changes.
		r.look = len(r.fresh)+len(r.due) > 0 && !whole
		return nil
	})
	if err == nil && whole && waiting < failing {
		err = r.forgetGone()
	}
	if err != nil {
		return fmt.Errorf("reading lane %s: %w", r.lane, err)
	}
	slices.SortStableFunc(r.due, func(a, b head) int { return a.due.Compare(b.due) })
	return nil
}

// forgetGone forgets the failures of messages that have left the lane since. Withdraw cannot: it is part
// of a transaction that may yet come to nothing. Nor can Drop, of one that was under way.
func (r *runner) forgetGone() error {
	failing := r.queue.failing(r.lane)
	return r.queue.store.View(func(s store.Reader) error {
		gone := slices.DeleteFunc(failing, func(id string) bool { return s.Get(ready, laneKey(r.lane, id)) != nil })
		r.queue.forget(r.lane, gone...)
		return nil
	})
}
