package rabbit

import (
	"context"
	"time"
)

// backoff is the pauses between tries of one thing: growing, and jittered so that daemons which lost
// their broker together do not come back together. It is used by one goroutine.
type backoff struct {
	first, most time.Duration
	jitter      func() float64
	tries       int
}

// next is how long to wait before the next try: between half of the growing pause and all of it.
func (b *backoff) next() time.Duration {
	pause := b.most
	// Beyond 16 doublings the pause is the longest in any case, and shifting on would overflow.
	if b.tries < 16 {
		pause = min(b.first<<b.tries, b.most)
	}
	b.tries++
	return pause/2 + time.Duration(b.jitter()*float64(pause/2))
}

func (b *backoff) reset() { b.tries = 0 }

// pause waits, and reports whether ctx lived so long.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
