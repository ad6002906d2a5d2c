package queue

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"asugate/store"
)

// empty is a snapshot of a new store.
type empty struct{ store.Reader }

func (empty) RangeBack(store.Table, []byte, []byte, int, func(key, value []byte) bool) {}

// Ids rise whatever the clock does, and are UUIDv7.
func TestIDsRise(t *testing.T) {
	clock := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	ids := NewIDs(empty{}, func() time.Time { return clock })
	before := ""
	for i := range 10_000 {
		id := ids.Next()
		if id <= before {
			t.Fatalf("%s comes after %s", id, before)
		}
		before = id
		u, err := uuid.Parse(id)
		if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 || u.String() != id {
			t.Fatalf("%s is not a UUIDv7: %v", id, err)
		}
		switch i {
		case 2000:
			clock = clock.Add(-365 * 24 * time.Hour)
		case 4000:
			clock = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
		case 6000:
			clock = time.Date(2106, 2, 7, 6, 28, 16, 0, time.UTC)
		case 8000:
			clock = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
		}
	}
}

// An id says when it was made.
func TestIDTime(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 123_000_000, time.UTC)
	ids := NewIDs(empty{}, func() time.Time { return at })
	id := ids.Next()
	if got := madeAt(id); !got.Equal(at) {
		t.Errorf("made at %v, want %v", got, at)
	}
	if floor(at) > id || floor(at.Add(time.Millisecond)) <= id {
		t.Errorf("%s is not between %s and %s", id, floor(at), floor(at.Add(time.Millisecond)))
	}
	if !madeAt("nonsense").IsZero() {
		t.Error("nonsense has a time")
	}
}

// When the random bits run out within a millisecond, the next one is taken.
func TestIDsOverflow(t *testing.T) {
	at := time.UnixMilli(1_000_000)
	ids := NewIDs(empty{}, func() time.Time { return at })
	first := ids.Next()
	ids.high, ids.low = highMost, lowMost
	if second := ids.Next(); second <= first || !madeAt(second).After(at) {
		t.Errorf("%s after %s", second, first)
	}
}

// A new process goes on above the greatest id in the store, although its clock is behind.
func TestIDsOverRestart(t *testing.T) {
	q, s, ids := open(t)
	last := add(t, q, s, ids, "office", "d")
	again := newIDs(t, s, func() time.Time { return time.Now().Add(-time.Hour) })
	if id := again.Next(); id <= last {
		t.Errorf("%s comes after %s", id, last)
	}
	if _, err := q.Confirm("office", last); err != nil {
		t.Fatal(err)
	}
	if n, err := q.Trim(time.Now().Add(time.Hour), 10); n != 0 || err != nil {
		t.Errorf("the newest message was trimmed: %d, %v", n, err)
	}
}

// All ids of concurrent callers differ, and each caller sees its own rise.
func TestIDsConcurrently(t *testing.T) {
	ids := NewIDs(empty{}, time.Now)
	made := make([][]string, 8)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			for range 2000 {
				made[i] = append(made[i], ids.Next())
			}
		})
	}
	all.Wait()
	for _, own := range made {
		if !slices.IsSorted(own) {
			t.Error("the ids of one caller do not rise")
		}
	}
	every := slices.Concat(made...)
	slices.Sort(every)
	if len(slices.Compact(every)) != 16_000 {
		t.Error("ids repeat")
	}
}
