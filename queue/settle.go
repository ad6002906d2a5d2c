package queue

import (
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// rewrite is how long a transaction waits that the store could not write.
const rewrite = time.Second

// take looks at what has become of a delivery. What the store has to know is settled later; the
// rest is done here.
func (r *runner) take(one result) error {
	r.flying--
	if one.again {
		r.again--
	}
	if one.fate == refused {
		if t, _, _ := r.queue.tryOf(r.lane, one.id); t.refusals+1 >= refusalsMost {
			one.fate = undelivered
		}
	}
	switch one.fate {
	case delivered, undelivered:
		r.silence.broken()
		r.finished = append(r.finished, one)
	case refused:
		r.silence.broken()
		r.postpone(one)
	case failed:
		r.silence.deepened(r)
		r.postpone(one)
	case unreadable: // says nothing about the other side
		r.postpone(one)
	case gone, interrupted:
		r.queue.forget(r.lane, one.id)
		delete(r.busy, one.document)
		r.look = true
	case undetermined:
		return fmt.Errorf("delivering lane %s: %w", r.lane, store.ErrUnknown)
	}
	return nil
}

// postpone makes a message due again after a time that grows with its age.
func (r *runner) postpone(one result) {
	t, _, _ := r.queue.tryOf(r.lane, one.id)
	if one.fate == refused {
		t.refusals++
	}
	t.err = one.reason
	t.due = time.Now().Add(r.delay(r.queue.now().Sub(one.created)))
	r.queue.remember(r.lane, one.id, t)
	if r.soonest.IsZero() || t.due.Before(r.soonest) {
		r.soonest = t.due
	}
	delete(r.busy, one.document)
}

// settle writes down what is finished, all of it in one transaction, unless one is running: then it
// rides in the next, together with what has come in meanwhile.
func (r *runner) settle() {
	if r.settling != nil || len(r.finished) == 0 || time.Now().Before(r.resettle) {
		return
	}
	r.settling, r.finished = r.finished, nil
	batch := r.settling
	go func() { r.settled <- r.queue.record(r.lane, batch) }()
}

// record confirms and parks in one transaction.
func (q *Queue) record(lane string, batch []result) error {
	at := q.now()
	err := q.store.Update(func(tx store.Tx) error {
		var by tally
		for _, one := range batch {
			if err := one.write(tx, lane, at, &by); err != nil {
				return err
			}
		}
		return count(tx, lane, by)
	})
	if err != nil {
		return fmt.Errorf("recording deliveries of lane %s: %w", lane, err)
	}
	return nil
}

// write is what the store has to know of one delivery. Its message may have left the lane meanwhile:
// then it cannot be parked any more, but it can have arrived.
func (one result) write(tx store.Tx, lane string, at time.Time, by *tally) error {
	if one.fate != delivered {
		_, err := park(tx, lane, one.id, parking{Reason: one.reason, Since: at}, by)
		return err
	}
	ok, err := retire(tx, lane, one.id, confirmation{At: at}, by)
	if err == nil && !ok {
		_, err = arrived(tx, lane, one.id, at)
	}
	return err
}

// release lets go of what has been settled. What could not be written is kept: it was delivered,
// and is not to be delivered again for want of disk space.
func (r *runner) release(err error) error {
	batch := r.settling
	r.settling = nil
	switch {
	case errors.Is(err, store.ErrNotWritten):
		r.finished = append(batch, r.finished...)
		r.resettle = time.Now().Add(rewrite)
		return nil
	case err != nil:
		return err
	}
	for _, one := range batch {
		r.queue.forget(r.lane, one.id)
		delete(r.busy, one.document)
	}
	r.look = true // the next of their documents have come forward
	return nil
}

// drain waits for what is under way when Run ends, and writes down what it came to, unless Run ends
// because the store does not take it. What is not written is delivered again after the start, with
// the same id.
func (r *runner) drain(err error) error {
	for ; r.flying > 0; r.flying-- {
		if one := <-r.results; one.fate == delivered || one.fate == undelivered {
			r.finished = append(r.finished, one)
		}
	}
	if r.settling != nil {
		if late := r.release(<-r.settled); err == nil {
			err = late
		}
	}
	if err != nil || len(r.finished) == 0 {
		return err
	}
	if err := r.queue.record(r.lane, r.finished); !errors.Is(err, store.ErrNotWritten) {
		return err
	}
	return nil
}
