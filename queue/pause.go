package queue

import (
	"fmt"
	"time"

	"asugate/store"
)

// Pause stops the delivery of a lane, or of all with "", until Resume, also over a restart. What is
// under way is finished. Clients find nothing with Next; List, Message and Confirm go on.
func (q *Queue) Pause(lane string) error {
	at := q.now()
	err := q.store.Update(func(tx store.Tx) error {
		PauseIn(tx, lane, at)
		return nil
	})
	if err != nil {
		return fmt.Errorf("pausing lane %q: %w", lane, err)
	}
	return nil
}

// PauseIn is Pause as a part of the caller's transaction.
func PauseIn(tx store.Tx, lane string, at time.Time) {
	if tx.Get(paused, pauseKey(lane)) == nil {
		tx.Put(paused, pauseKey(lane), []byte(at.Format(time.RFC3339Nano)))
	}
}

// Resume takes back the Pause of the same name: a lane that was paused by name as well stays so.
func (q *Queue) Resume(lane string) error {
	err := q.store.Update(func(tx store.Tx) error {
		if tx.Get(paused, pauseKey(lane)) != nil {
			tx.Delete(paused, pauseKey(lane))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("resuming lane %q: %w", lane, err)
	}
	q.hurry(lane)
	return nil
}

// Paused is what has been paused, by lane, and since when; "" stands for all lanes together.
func (q *Queue) Paused() (since map[string]time.Time, err error) {
	err = q.store.View(func(r store.Reader) error {
		since = map[string]time.Time{}
		r.Range(paused, nil, nil, lanesMost, func(key, value []byte) bool {
			at, _ := time.Parse(time.RFC3339Nano, string(value)) // Check finds one that is none
			if string(key) == every {
				key = nil
			}
			since[string(key)] = at
			return true
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what is paused: %w", err)
	}
	return since, nil
}

func pauseKey(lane string) []byte {
	if lane == "" {
		return []byte(every)
	}
	return []byte(lane)
}

func isPaused(r store.Reader, lane string) bool {
	return r.Get(paused, []byte(every)) != nil || r.Get(paused, []byte(lane)) != nil
}
