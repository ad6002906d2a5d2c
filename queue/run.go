package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// Deliver hands one message to the other side and returns nil when it is confirmed. An error that is ErrPermanent
// parks the message at once, the third that is ErrRefused too; any other is tried again, later and later by the
// age of the message. It is called for several messages at once, and returns soon after its context has ended.
type Deliver func(ctx context.Context, m Message, body, signature []byte) error

var (
	// ErrPermanent: trying again cannot help; a person must look.
	ErrPermanent = errors.New("undeliverable")
	// ErrRefused: the other side is there and does not want the message; after three times a person must look.
	ErrRefused = errors.New("refused by the other side")
	// ErrRunning: the lane has a Run already.
	ErrRunning = errors.New("lane is being delivered already")
)

// refusalsMost parks a message.
const refusalsMost = 3

// Options of a lane.
type Options struct {
	Window  int           // messages under way at once, at most one per document; 0: 1
	Retry   time.Duration // longest wait between two tries; 0: 5 min
	Timeout time.Duration // of one try; 0: 30 s
}

func (o Options) withDefaults() Options {
	if o.Window <= 0 {
		o.Window = 1
	}
	if o.Retry <= 0 {
		o.Retry = 5 * time.Minute
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	return o
}

// Run delivers the lane's messages until ctx ends; then it waits for what is under way, and returns nil. Otherwise
// it returns why it cannot go on: the store has stopped, or is closed. One Run a lane.
func (q *Queue) Run(ctx context.Context, lane string, o Options, deliver Deliver) error {
	if !q.begin(lane) {
		return fmt.Errorf("%w: %s", ErrRunning, lane)
	}
	defer q.end(lane)
	wake, stop := q.watch(lane)
	defer stop()
	o = o.withDefaults()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &runner{
		queue:   q,
		lane:    lane,
		options: o,
		deliver: deliver,
		wake:    wake,
		results: make(chan result, o.Window),
		settled: make(chan error, 1),
		busy:    map[string]bool{},
		look:    true,
	}
	err := r.run(inner)
	cancel()
	return r.drain(err)
}

func (q *Queue) begin(lane string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running[lane] {
		return false
	}
	q.running[lane] = true
	return true
}

func (q *Queue) end(lane string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, lane)
}

// runner is one Run. Its fields belong to the goroutine of Run; deliveries and the settling of what they came to
// are goroutines that answer over results and settled.
type runner struct {
	queue   *Queue
	lane    string
	options Options
	deliver Deliver
	wake    <-chan struct{}
	results chan result // capacity: window, so that no delivery waits for us
	settled chan error  // capacity 1: one transaction at a time

	busy     map[string]bool // documents with a message under way or not settled yet
	flying   int             // deliveries under way
	next     []head          // read from the store and not begun
	look     bool            // there may be more in the store than in next
	finished []result        // to be settled
	settling []result        // in the transaction that runs now
	resettle time.Time       // when a transaction that could not be written is tried again
	soonest  time.Time       // no failed message is due before; zero: none has failed
	silence  silence
}

// head is a ready message.
type head struct{ id, document string }

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

func (r *runner) run(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if err := r.fill(ctx); err != nil {
			return err
		}
		r.settle()
		timer.Reset(r.idle())
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
			r.look = true
		case <-timer.C:
			r.look = true
			r.soonest = r.queue.soonest(r.lane)
		case one := <-r.results:
			if err := r.take(one); err != nil {
				return err
			}
		case err := <-r.settled:
			if err := r.release(err); err != nil {
				return err
			}
		}
	}
}

// unsettledMost is how many windows of delivered messages may wait for the store before no more are begun.
const unsettledMost = 4

// fill begins deliveries as far as the window, the silence of the lane and the store allow.
func (r *runner) fill(ctx context.Context) error {
	for {
		window := r.silence.window(r.options.Window)
		if r.flying >= window || len(r.busy) >= unsettledMost*r.options.Window {
			return nil
		}
		if len(r.next) == 0 {
			if !r.look {
				return nil
			}
			if err := r.read(); err != nil {
				return err
			}
			continue
		}
		h := r.next[0]
		r.next = r.next[1:]
		if !r.may(h) {
			continue
		}
		r.busy[h.document] = true
		r.flying++
		go func() { r.results <- r.attempt(ctx, h) }()
	}
}

// read fetches heads that may be delivered now. Those that are busy or not due come first in the table, as a rule.
func (r *runner) read() error {
	r.next, r.look = r.next[:0], false
	want := r.options.Window
	_, _, failing := r.queue.tryOf(r.lane, "")
	limit := want + len(r.busy) + failing
	err := r.queue.store.View(func(s store.Reader) error {
		r.next, r.look = r.next[:0], false
		if isPaused(s, r.lane) {
			return nil
		}
		visited := 0
		s.Range(ready, laneKey(r.lane, ""), laneEnd(r.lane), limit, func(key, value []byte) bool {
			visited++
			if h := (head{idOf(key), string(value)}); r.may(h) {
				r.next = append(r.next, h)
			}
			return len(r.next) < want
		})
		// Without progress there is no more to be had before something changes.
		r.look = len(r.next) > 0 && (len(r.next) == want || visited == limit)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading lane %s: %w", r.lane, err)
	}
	return nil
}

// failingMost is how many messages of a lane may have failed before no others are begun. So many need a person, and
// each costs memory.
const failingMost = 10_000

// may tells whether a message may be tried now.
func (r *runner) may(h head) bool {
	if r.busy[h.document] {
		return false
	}
	t, tried, failing := r.queue.tryOf(r.lane, h.id)
	if !tried {
		return failing < failingMost
	}
	return !time.Now().Before(t.due)
}

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
	err = r.queue.store.View(func(s store.Reader) error {
		if s.Get(ready, laneKey(r.lane, id)) == nil {
			return ErrNoMessage
		}
		found, err := get(s, messages, []byte(id), &m)
		if err != nil || !found {
			return errors.Join(ErrNoBody, err)
		}
		if body, err = blob(s, m.Body); err != nil || m.Signature == "" {
			return err
		}
		signature, err = blob(s, m.Signature)
		return err
	})
	return m, body, signature, err
}
