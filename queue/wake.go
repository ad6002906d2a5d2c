package queue

import (
	"maps"
	"slices"
	"time"
)

// Wake tells whoever delivers or waits on the lane to look again.
func (q *Queue) Wake(lane string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for ch := range q.waiters[lane] {
		nudge(ch)
	}
}

// hurry is Wake by a person, who does not want to wait until a silent lane is asked again. With ""
// it is for all lanes.
func (q *Queue) hurry(lane string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for l, waiting := range q.waiters {
		if lane != "" && l != lane {
			continue
		}
		if q.running[l] {
			q.hurried[l] = true
		}
		for ch := range waiting {
			nudge(ch)
		}
	}
}

// takeHurry tells once that a person has asked.
func (q *Queue) takeHurry(lane string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	asked := q.hurried[lane]
	delete(q.hurried, lane)
	return asked
}

// nudge leaves one token at most: it says «look again», not how often.
func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// watch registers for wake-ups of the lane. Who registers before it looks misses none.
func (q *Queue) watch(lane string) (wake <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiters[lane] == nil {
		q.waiters[lane] = map[chan struct{}]struct{}{}
	}
	q.waiters[lane][ch] = struct{}{}
	return ch, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.waiters[lane], ch)
		if len(q.waiters[lane]) == 0 {
			delete(q.waiters, lane)
		}
	}
}

// try is the latest failed delivery of a message.
type try struct {
	due      time.Time // by the monotonic clock
	err      string
	refusals int
}

// remember keeps when a failed message is due again.
func (q *Queue) remember(lane, id string, t try) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.tries[lane] == nil {
		q.tries[lane] = map[string]try{}
	}
	q.tries[lane][id] = t
}

// forget makes messages due at once, if they are still there.
func (q *Queue) forget(lane string, ids ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		delete(q.tries[lane], id)
	}
	if len(q.tries[lane]) == 0 {
		delete(q.tries, lane)
	}
}

// tryOf is the latest failed delivery of a message, if there was one, and how many messages of the
// lane have one.
func (q *Queue) tryOf(lane, id string) (t try, tried bool, failing int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t, tried = q.tries[lane][id]
	return t, tried, len(q.tries[lane])
}

// soonest is when the next failed message of the lane is due; the zero time when there is none.
func (q *Queue) soonest(lane string) (due time.Time) {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range q.tries[lane] {
		if t.due.After(now) && (due.IsZero() || t.due.Before(due)) {
			due = t.due
		}
	}
	return due
}

// lastError is what the latest delivery of a message failed with.
func (q *Queue) lastError(lane, id string) string {
	t, _, _ := q.tryOf(lane, id)
	return t.err
}

// failing is the messages of the lane whose latest delivery failed.
func (q *Queue) failing(lane string) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Collect(maps.Keys(q.tries[lane]))
}
