package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
	"asugate/store/bolt"
)

// faulty is a store whose next Updates fail, as often and as late as a test wants.
type faulty struct {
	store.Store
	mu      sync.Mutex
	failing []fault // the next ones; then all is well
}

type fault struct {
	err       error
	persisted bool // the transaction is found all the same
}

func (f *faulty) Update(write func(store.Tx) error) error {
	f.mu.Lock()
	var next fault
	if len(f.failing) > 0 {
		next, f.failing = f.failing[0], f.failing[1:]
	}
	f.mu.Unlock()
	if next.err == nil || next.persisted {
		if err := f.Store.Update(write); err != nil {
			return err
		}
	}
	return next.err
}

// TestRecordFaults: what the other side has confirmed and the store could not record. While it may
// heal nothing is delivered twice; when it is unknown, Run ends, and the next one delivers again
// unless it was recorded.
func TestRecordFaults(t *testing.T) {
	full := fmt.Errorf("%w: no room on the disk", store.ErrNotWritten)
	what := errors.New("a new kind of error")
	unknown := fmt.Errorf("%w: input/output error", store.ErrUnknown)
	for name, c := range map[string]struct {
		faults []fault
		ends   error
		tries  []int // by the first Run, by the second
	}{
		"well":                    {nil, nil, []int{1, 0}},
		"full once":               {[]fault{{full, false}}, nil, []int{1, 0}},
		"full for a while":        {[]fault{{full, false}, {full, false}, {full, false}, {full, false}}, nil, []int{1, 0}},
		"unknown, not recorded":   {[]fault{{unknown, false}}, store.ErrUnknown, []int{1, 1}},
		"unknown, and recorded":   {[]fault{{unknown, true}}, store.ErrUnknown, []int{1, 0}},
		"full, then unknown":      {[]fault{{full, false}, {unknown, false}}, store.ErrUnknown, []int{1, 1}},
		"something else entirely": {[]fault{{what, false}}, what, []int{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, ids := open(t)
				id := add(t, q, s, ids, "office", "d")
				o := &office{answer: func(Message, int) error { return nil }}
				broken := New(&faulty{Store: s, failing: c.faults}, time.Now)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := broken.Run(ctx, "office", Options{}, o.deliver)
				if !errors.Is(err, c.ends) {
					t.Errorf("Run ended with %v, want %v", err, c.ends)
				}
				first := len(o.noted())
				stop := running(t, q, "office", Options{}, o.deliver) // as after a restart
				time.Sleep(time.Minute)
				stop()
				if diff := cmp.Diff(c.tries, []int{first, len(o.noted()) - first}); diff != "" {
					t.Errorf("deliveries: %s", diff)
				}
				if e, err := q.Show(id); err != nil || e.State != Confirmed {
					t.Errorf("in the end it is %+v, %v", e, err)
				}
			})
		})
	}
}

// What was delivered while the disk was full is recorded within a second of there being room again,
// however long the lane has been silent by then.
func TestRecordsInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s, ids := open(t)
		full := fault{err: fmt.Errorf("%w: no room on the disk", store.ErrNotWritten)}
		const seconds = 60 // for which it is full, at a try a second
		q := New(&faulty{Store: s, failing: slices.Repeat([]fault{full}, seconds)}, time.Now)
		taken := add(t, New(s, time.Now), s, ids, "office", "taken")
		for i := range patience {
			add(t, New(s, time.Now), s, ids, "office", fmt.Sprint(i))
		}
		o := &office{answer: func(m Message, _ int) error {
			if m.ID == taken {
				return nil
			}
			return errDown
		}}
		stop := running(t, q, "office", Options{Window: 1}, o.deliver)
		defer stop()
		time.Sleep((seconds + 1) * rewrite)
		if e, err := q.Show(taken); err != nil || e.State != Confirmed {
			t.Errorf("it is %+v, %v", e, err)
		}
	})
}

// TestStop: Run ends with its context, waits for what is under way, and records it.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		heeds := add(t, q, s, ids, "office", "heeds")
		late := add(t, q, s, ids, "office", "late")
		stop := running(t, q, "office", Options{Window: 2}, func(ctx context.Context, m Message, _, _ []byte) error {
			<-ctx.Done()
			if m.ID == late { // confirmed although we are stopping
				time.Sleep(time.Second)
				return nil
			}
			return ctx.Err()
		})
		synctest.Wait()
		stop()
		if e, _ := q.Show(late); e.State != Confirmed {
			t.Errorf("what was confirmed while stopping is %s", e.State)
		}
		if e, _ := q.Show(heeds); e.State != Waiting || e.LastError != "" {
			t.Errorf("what was interrupted is %+v", e)
		}
	})
}

// TestStoreCloses: a lane whose store is gone ends, and does not turn in circles.
func TestStoreCloses(t *testing.T) {
	path := newPath(t)
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q, ids := New(s, time.Now), newIDs(t, s, time.Now)
	inside := make(chan struct{})
	result := make(chan error)
	go func() {
		result <- q.Run(t.Context(), "office", Options{}, func(context.Context, Message, []byte, []byte) error {
			close(inside)
			return nil
		})
	}()
	add(t, q, s, ids, "office", "d")
	<-inside
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	q.Wake("office")
	if err := <-result; !errors.Is(err, bolt.ErrClosed) {
		t.Errorf("Run ended with %v", err)
	}
}

// TestClockSteps: the wall clock goes back a year, or forth; nothing waits longer or hurries more
// than by the age it sees then.
func TestClockSteps(t *testing.T) {
	for name, step := range map[string]time.Duration{"back": -365 * 24 * time.Hour, "forth": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, ids := open(t)
				var mu sync.Mutex
				var stepped time.Duration
				q.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(stepped) }
				o := &office{answer: func(Message, int) error { return errDown }}
				stop := running(t, q, "office", Options{Retry: time.Minute}, o.deliver)
				add(t, q, s, ids, "office", "d")
				time.Sleep(time.Hour)
				before := len(o.noted())
				mu.Lock()
				stepped = step
				mu.Unlock()
				time.Sleep(time.Hour)
				stop()
				after := len(o.noted()) - before
				// Every minute, or, by a clock before the message was made, as for a new one,
				// slowed by the silence.
				if after < 40 || after > 100 {
					t.Errorf("%d tries in the hour before, %d in the hour after", before, after)
				}
			})
		})
	}
}

// sneaky is a store in which something happens right after the first look.
type sneaky struct {
	store.Store
	once   sync.Once
	happen func()
}

func (s *sneaky) View(read func(store.Reader) error) error {
	err := s.Store.View(read)
	s.once.Do(s.happen)
	return err
}

// TestNoMissedWake: a message that is added between the look and the wait is not waited for.
func TestNoMissedWake(t *testing.T) {
	for name, wait := range map[string]func(t *testing.T, q *Queue) string{
		"Next": func(t *testing.T, q *Queue) string {
			m, _, _, err := q.Next(t.Context(), "office", time.Hour)
			if err != nil {
				t.Error(err)
			}
			return m.ID
		},
		"Run": func(t *testing.T, q *Queue) (id string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			err := q.Run(ctx, "office", Options{}, func(_ context.Context, m Message, _, _ []byte) error {
				id = m.ID
				cancel()
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, s, ids := open(t)
				between := &sneaky{Store: s}
				q := New(between, time.Now)
				var want string
				between.happen = func() { want = add(t, q, s, ids, "office", "d") }
				begun := time.Now()
				got := wait(t, q)
				if waited := time.Since(begun); got != want || waited > 0 {
					t.Errorf("got %q after %v, want %q at once", got, waited, want)
				}
			})
		})
	}
}
