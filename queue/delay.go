package queue

import "time"

// quickest is the shortest wait between two tries.
const quickest = time.Second

// delay is how long after a failure a message of that age is tried again: half its age, so that the
// waits grow by half each time, within bounds, give or take a fifth, so that those that failed
// together come back apart.
func (r *runner) delay(age time.Duration) time.Duration {
	d := min(max(age/2, quickest), r.options.Retry)
	return time.Duration(float64(d) * (0.8 + 0.4*r.queue.random()))
}

// patience is how many deliveries may fail with none between them that got an answer before a lane
// counts as silent. One message that always fails does not make it so, among others that succeed.
const patience = 3

// silence is whether anybody is there on the other side. Times are of the monotonic clock.
type silence struct {
	failures int // since the last answer
	since    time.Time
	until    time.Time // nothing is tried before
}

func (s *silence) broken() { *s = silence{} }

func (s *silence) silent() bool { return s.failures >= patience }

func (s *silence) deepened(r *runner) {
	now := time.Now()
	if s.failures == 0 {
		s.since = now
	}
	if s.failures++; s.silent() {
		s.until = now.Add(r.delay(now.Sub(s.since)))
	}
}

// window is how many may be under way now: none before until, then one to find out.
func (s *silence) window(full int) int {
	switch {
	case !s.silent():
		return full
	case time.Now().Before(s.until):
		return 0
	default:
		return 1
	}
}

// longestIdle bounds the wait for a wake-up that somebody forgot to give.
const longestIdle = time.Minute

// idle is how long to wait when nobody wakes us: until something is due.
func (r *runner) idle() time.Duration {
	now := time.Now()
	wait := longestIdle
	if len(r.finished) > 0 && r.settling == nil { // silence or not
		wait = min(wait, r.resettle.Sub(now))
	}
	switch {
	case r.silence.until.After(now):
		wait = min(wait, r.silence.until.Sub(now))
	case !r.soonest.IsZero():
		wait = min(wait, r.soonest.Sub(now))
	}
	return max(wait, time.Millisecond)
}
