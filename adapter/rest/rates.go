package rest

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates keeps each client within its quota. A request for something else than a document counts as
// a tenth of one: that leaves room to fetch and to confirm every answer, and stops a loop gone wild.
type rates struct {
	fallback float64
	burst    int

	mu       sync.Mutex // protects limiters
	limiters map[string]*rate.Limiter
}

// maxLimiters bounds the memory; above it those are let go whose client has been quiet.
const maxLimiters = 4096

const requestCost = 10 // requests that count as one document

func newRates(fallback float64, burst int) *rates {
	return &rates{fallback: fallback, burst: burst, limiters: make(map[string]*rate.Limiter)}
}

// document counts a document of the client, request anything else.
func (q *rates) document(c Client, now time.Time) error { return q.count(c, now, requestCost) }
func (q *rates) request(c Client, now time.Time) error  { return q.count(c, now, 1) }

func (q *rates) count(c Client, now time.Time, cost int) error {
	l := q.limiter(c, now)
	r := l.ReserveN(now, cost)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	// Whoever comes too early does not push the time further away.
	r.CancelAt(now)
	p := tooMany
	p.after = wait
	return p
}

func (q *rates) limiter(c Client, now time.Time) *rate.Limiter {
	perSecond, burst := c.Rate, c.Burst
	if perSecond <= 0 {
		perSecond = q.fallback
	}
	if burst <= 0 {
		burst = q.burst
	}
	limit, burst := rate.Limit(perSecond*requestCost), burst*requestCost
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.limiters[c.Code]
	if l == nil {
		if len(q.limiters) >= maxLimiters {
			q.forget(now)
		}
		l = rate.NewLimiter(limit, burst)
		q.limiters[c.Code] = l
	}
	// The register may have changed since.
	if l.Limit() != limit {
		l.SetLimitAt(now, limit)
	}
	if l.Burst() != burst {
		l.SetBurstAt(now, burst)
	}
	return l
}

// forget lets go of the limiters that are full again: new ones would say the same. Called under mu.
func (q *rates) forget(now time.Time) {
	for code, l := range q.limiters {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(q.limiters, code)
		}
	}
}
