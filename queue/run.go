package queue

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Deliver hands one message to the other side and returns nil when it is confirmed. An error that
// is ErrPermanent parks the message at once, the third that is ErrRefused too; any other is tried
// again, later and later by the age of the message. It is called for several messages at once, and
// returns soon after its context has ended.
type Deliver func(ctx context.Context, m Message, body, signature []byte) error

var (
	// ErrPermanent: trying again cannot help; a person must look.
	ErrPermanent = errors.New("undeliverable")
	// ErrRefused: the other side is there and does not want the message; after three times a person
	// must look.
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

// Run delivers the lane's messages until ctx ends; then it waits for what is under way, and returns
// nil. Otherwise it returns why it cannot go on: the store has stopped, or is closed. One Run a
// lane.
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
	delete(q.hurried, lane)
}

// runner is one Run. Its fields belong to the goroutine of Run; deliveries and the settling of what
// they came to are goroutines that answer over results and settled.
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
	again    int             // of them those that have failed before
	fresh    []head          // read from the store, never tried
	due      []head          // read from the store, failed before and due again, longest due first
	look     bool            // there may be more in the store
	finished []result        // to be settled
	settling []result        // in the transaction that runs now
	resettle time.Time       // when a transaction that could not be written is tried again
	soonest  time.Time       // no failed message is due before; zero: none has failed
	silence  silence
}

// head is a ready message.
type head struct {
	id, document string
	again        bool      // it has failed before
	due          time.Time // then
}

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
			if r.queue.takeHurry(r.lane) {
				r.silence.until = time.Time{}
			}
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

// unsettledMost is how many windows of delivered messages may wait for the store before no more are
// begun.
const unsettledMost = 4
