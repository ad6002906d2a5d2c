package queue

import (
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// lanesMost is how many lanes are listed at most.
const lanesMost = 10_000

// ErrNotParked: the message cannot be retried for it waits already, or its lane is done with it.
var ErrNotParked = errors.New("message is not parked")

// LaneState is a lane for metrics and for the operator.
type LaneState struct {
	Lane    string    `json:"lane"`
	Waiting int       `json:"waiting"` // unconfirmed and not parked; held ones among them
	Parked  int       `json:"parked"`
	Oldest  time.Time `json:"oldest"` // when the oldest unconfirmed message was made
	Paused  bool      `json:"paused"` // by name or together with all
}

// Lanes is the lanes that have unconfirmed messages, by name. It reads three records a lane.
func (q *Queue) Lanes(limit int) (states []LaneState, err error) {
	err = q.store.View(func(r store.Reader) error {
		states = nil
		var names []string
		r.Range(lanes, nil, nil, max(1, min(limit, lanesMost)), func(key, _ []byte) bool {
			names = append(names, string(key))
			return true
		})
		for _, lane := range names {
			var t tally
			if _, err := get(r, lanes, []byte(lane), &t); err != nil {
				return err
			}
			state := LaneState{
				Lane:    lane,
				Waiting: t.Unconfirmed - t.Parked,
				Parked:  t.Parked,
				Paused:  isPaused(r, lane),
			}
			for _, oldest := range rowsOf(r, unconfirmed, lane, "", 1, "") {
				state.Oldest = madeAt(oldest.id)
			}
			states = append(states, state)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing lanes: %w", err)
	}
	return states, nil
}

// Retry makes a message due now: a parked one is ready again, one that waits after a failure waits
// no longer. It returns the message as it was, for the journal. The error is ErrNoMessage, or
// ErrNotParked for a message that is confirmed or held behind another.
func (q *Queue) Retry(id string) (before Entry, err error) {
	err = q.store.Update(func(tx store.Tx) error {
		if before, err = find(tx, id); err != nil {
			return err
		}
		switch before.State {
		case Waiting:
			return nil
		case Parked:
			var by tally
			release(tx, before.Lane, id, &by)
			return count(tx, before.Lane, by)
		default:
			return fmt.Errorf("%w: %s is %s", ErrNotParked, id, before.State)
		}
	})
	if err != nil {
		return Entry{}, fmt.Errorf("retrying a message: %w", err)
	}
	before.LastError = q.lastError(before.Lane, id)
	q.forget(before.Lane, id)
	q.hurry(before.Lane)
	return before, nil
}

// RetryAll makes parked messages ready again, up to limit of them, in one transaction, and returns
// them as they were. Less than limit: there are no more.
func (q *Queue) RetryAll(limit int) (before []Entry, err error) {
	limit = min(limit, listMost)
	err = q.store.Update(func(tx store.Tx) error {
		before = nil
		for _, at := range rows(tx, []store.Table{parked}, "", "", limit) {
			e, err := entry(tx, at.lane, at.id)
			if err != nil {
				return err
			}
			before = append(before, e)
		}
		for _, e := range before {
			var by tally
			release(tx, e.Lane, e.ID, &by)
			if err := count(tx, e.Lane, by); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("retrying what is parked: %w", err)
	}
	q.addErrors(before)
	for _, e := range before {
		q.forget(e.Lane, e.ID)
		q.hurry(e.Lane)
	}
	return before, nil
}

// Drop takes a message out of its lane although nobody has confirmed it, for the reason that the
// operator gives, which is kept. It returns the message as it was, for the journal.
func (q *Queue) Drop(id, why string) (before Entry, err error) {
	if why == "" {
		return Entry{}, errors.New("dropping a message: a reason is needed")
	}
	why = reasonOf(errors.New(why))
	at := q.now()
	err = q.store.Update(func(tx store.Tx) error {
		if before, err = find(tx, id); err != nil {
			return err
		}
		var by tally
		ok, err := retire(tx, before.Lane, id, confirmation{At: at, Dropped: why}, &by)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: %s is %s", ErrNoMessage, id, before.State)
		}
		return count(tx, before.Lane, by)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("dropping a message: %w", err)
	}
	before.LastError = q.lastError(before.Lane, id)
	q.forget(before.Lane, id)
	q.Wake(before.Lane)
	return before, nil
}

// find is a message of any lane with its state.
func find(r store.Reader, id string) (Entry, error) {
	var m Message
	found, err := get(r, messages, []byte(id), &m)
	if err != nil {
		return Entry{}, err
	}
	if !found {
		return Entry{}, fmt.Errorf("%w: %.64q", ErrNoMessage, id)
	}
	return entry(r, m.Lane, id)
}
