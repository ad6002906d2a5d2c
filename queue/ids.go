package queue

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"github.com/google/uuid"

	"asugate/store"
)

// IDs makes UUIDv7 (RFC 9562, 5.7) that rise, also when the clock is set back, and over restarts.
// An id is made outside of the transaction that stores it, so ids may be committed out of order.
type IDs struct {
	now func() time.Time

	// mu protects the latest id: 48 bits of milliseconds and 74 bits, in two words, of which the
	// first has 12.
	mu     sync.Mutex
	millis uint64
	high   uint64
	low    uint64
}

const (
	highMost = 1<<12 - 1
	lowMost  = 1<<62 - 1
)

// NewIDs goes on above the greatest id in the store. now is the wall clock.
func NewIDs(r store.Reader, now func() time.Time) *IDs {
	ids := &IDs{now: now}
	r.RangeBack(messages, nil, nil, 1, func(key, _ []byte) bool {
		if id, err := uuid.ParseBytes(key); err == nil {
			ids.millis = binary.BigEndian.Uint64(id[:8]) >> 16
			ids.high = binary.BigEndian.Uint64(id[:8]) & highMost
			ids.low = binary.BigEndian.Uint64(id[8:]) & lowMost
		}
		return false
	})
	return ids
}

// Next is a new id, above all before.
func (ids *IDs) Next() string {
	var fresh [16]byte
	_, _ = rand.Read(fresh[:]) // never fails
	high, low := binary.BigEndian.Uint64(fresh[:8]), binary.BigEndian.Uint64(fresh[8:])
	ids.mu.Lock()
	defer ids.mu.Unlock()
	if now := ids.now().UnixMilli(); now > int64(ids.millis) {
		// The top bit stays free, so that a millisecond does not run out (RFC 9562, 6.2, method 2).
		ids.millis, ids.high, ids.low = uint64(now), high&(highMost>>1), low&lowMost
	} else {
		ids.low += 1 + low&(1<<32-1) // not to be guessed from the one before
		if ids.low > lowMost {
			ids.low &= lowMost
			ids.high++
		}
		if ids.high > highMost {
			ids.high = 0
			ids.millis++
		}
	}
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], ids.millis<<16|7<<12|ids.high)
	binary.BigEndian.PutUint64(id[8:], 1<<63|ids.low)
	return id.String()
}

// floor is the least id of a moment: all ids made earlier are below it.
func floor(at time.Time) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, at.UnixMilli()))<<16|7<<12)
	binary.BigEndian.PutUint64(id[8:], 1<<63)
	return id.String()
}

// madeAt is the moment of an id.
func madeAt(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(u[:8]) >> 16))
}
