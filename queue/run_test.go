package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// office is the other side in the tests: it notes every try, and answers as it is told.
type office struct {
	mu     sync.Mutex
	tries  []delivery
	answer func(m Message, try int) error // try of this message, from 1
}

type delivery struct {
	id, document string
	at           time.Time
	ok           bool
}

func (o *office) deliver(_ context.Context, m Message, body, _ []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(body) != "body of "+m.ID {
		return fmt.Errorf("%w: body is %q", ErrPermanent, body)
	}
	nth := 1
	for _, t := range o.tries {
		if t.id == m.ID {
			nth++
		}
	}
	err := o.answer(m, nth)
	o.tries = append(o.tries, delivery{m.ID, m.DocumentID, time.Now(), err == nil})
	return err
}

// noted is a copy of what the office has noted.
func (o *office) noted() []delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.tries)
}

// accepted is the ids in the order in which the office took them.
func (o *office) accepted() (ids []string) {
	for _, t := range o.noted() {
		if t.ok {
			ids = append(ids, t.id)
		}
	}
	return ids
}

var errDown = errors.New("connection refused")

// running runs the lane until the returned function is called.
func running(t *testing.T, q *Queue, lane string, o Options, deliver Deliver) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx, lane, o, deliver) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// states is the states of all messages of the lane that are not confirmed, oldest first.
func states(t *testing.T, q *Queue, lane string) (states []string) {
	t.Helper()
	entries, err := q.List(lane, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		states = append(states, e.State)
	}
	return states
}

// A message that fails for 20 hours is tried at once, then later and later, and at least every 5
// minutes.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		q.random = func() float64 { return 0.5 }
		begun := time.Now()
		o := &office{answer: func(Message, int) error {
			if time.Since(begun) < 20*time.Hour {
				return errDown
			}
			return nil
		}}
		id := add(t, q, s, ids, "office", "d")
		stop := running(t, q, "office", Options{Window: 10, Retry: 5 * time.Minute}, o.deliver)
		time.Sleep(19 * time.Hour)
		entries, err := q.List("office", "", 10)
		if err != nil || len(entries) != 1 || entries[0].LastError != errDown.Error() || entries[0].State != Waiting {
			t.Errorf("listed as %+v, %v", entries, err)
		}
		time.Sleep(2 * time.Hour)
		stop()
		tries := o.noted()
		if got := o.accepted(); len(got) != 1 || got[0] != id {
			t.Errorf("accepted %v", got)
		}
		if first := tries[0].at.Sub(begun); first != 0 {
			t.Errorf("the first try came after %v", first)
		}
		for i := 1; i < len(tries); i++ {
			wait, age := tries[i].at.Sub(tries[i-1].at), tries[i-1].at.Sub(begun)
			if wait < time.Second || wait > 5*time.Minute || age > time.Minute && wait < age/2 && wait != 5*time.Minute {
				t.Errorf("at the age of %v it waited %v", age, wait)
			}
		}
		if n := len(tries); n < 20*12 || n > 20*12+30 {
			t.Errorf("%d tries in 20 hours", n)
		}
	})
}

// The waits differ by up to a fifth either way.
func TestJitter(t *testing.T) {
	r := &runner{queue: &Queue{}, options: Options{Retry: time.Minute}.withDefaults()}
	for random, want := range map[float64][2]time.Duration{
		0:   {800 * time.Millisecond, 48 * time.Second},
		0.5: {time.Second, time.Minute},
		1:   {1200 * time.Millisecond, 72 * time.Second},
	} {
		r.queue.random = func() float64 { return random }
		got := [2]time.Duration{r.delay(0).Round(time.Millisecond), r.delay(time.Hour).Round(time.Millisecond)}
		if got != want {
			t.Errorf("random %v: %v, want %v", random, got, want)
		}
	}
	r.queue.random = func() float64 { return 0 }
	if d := r.delay(-time.Hour); d < 800*time.Millisecond {
		t.Errorf("with a clock that has gone back: %v", d)
	}
}

// When the whole lane is down, it is asked now and then by one message, not by all. When it is
// back, all go.
func TestSilentLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		const waiting = 300
		var want []string
		for i := range waiting {
			want = append(want, add(t, q, s, ids, "office", fmt.Sprint(i)))
		}
		begun := time.Now()
		const down = 10 * time.Hour
		o := &office{answer: func(Message, int) error {
			if time.Since(begun) < down {
				return errDown
			}
			return nil
		}}
		stop := running(t, q, "office", Options{Window: 50}, o.deliver)
		time.Sleep(down - time.Second)
		if n := len(o.noted()); n < 120 || n > 50+200 {
			t.Errorf("%d tries while the other side was down for %v", n, down)
		}
		time.Sleep(15 * time.Minute)
		stop()
		got := o.accepted()
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("accepted in the end: %s", diff)
		}
	})
}

// Who retries by hand does not wait until the silent lane is asked again.
func TestRetryBreaksSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		var up atomic.Bool
		o := &office{answer: func(Message, int) error {
			if up.Load() {
				return nil
			}
			return errDown
		}}
		id := add(t, q, s, ids, "office", "d")
		defer running(t, q, "office", Options{Retry: time.Hour}, o.deliver)()
		time.Sleep(5 * time.Hour)
		up.Store(true)
		if before, err := q.Retry(id); err != nil || before.State != Waiting || before.LastError != errDown.Error() {
			t.Errorf("retried %+v, %v", before, err)
		}
		time.Sleep(time.Second)
		if got := o.accepted(); len(got) != 1 {
			t.Errorf("after a second %d have been delivered", len(got))
		}
	})
}

// Messages that always fail do not keep back others, however many lead the lane.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		bad := map[string]bool{}
		for i := range 8 {
			bad[add(t, q, s, ids, "office", fmt.Sprint("bad", i))] = true
		}
		for i := range 500 {
			add(t, q, s, ids, "office", fmt.Sprint("good", i))
		}
		begun := time.Now()
		o := &office{answer: func(m Message, _ int) error {
			if bad[m.ID] {
				return errDown
			}
			return nil
		}}
		stop := running(t, q, "office", Options{Window: 4}, o.deliver)
		time.Sleep(time.Minute)
		if n := len(o.accepted()); n != 500 {
			t.Errorf("%d of 500 were delivered", n)
		}
		for _, d := range o.noted() {
			if d.ok && d.at.Sub(begun) > 30*time.Second {
				t.Errorf("a good one waited %v", d.at.Sub(begun))
			}
		}
		stop()
		if got := states(t, q, "office"); len(got) != 8 {
			t.Errorf("left: %v", got)
		}
	})
}

// A message that is impossible is parked with its reason, and holds what is about the same
// document.
func TestParks(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		tries  int
	}{
		"impossible":      {fmt.Errorf("%w: no such\nqueue\x1b[31m", ErrPermanent), 1},
		"refused 3 times": {fmt.Errorf("%w: 400 no such\nqueue\x1b[31m", ErrRefused), 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, ids := open(t)
				first := add(t, q, s, ids, "office", "A")
				second := add(t, q, s, ids, "office", "A")
				other := add(t, q, s, ids, "office", "B")
				var mended atomic.Bool
				o := &office{answer: func(m Message, _ int) error {
					if m.ID == first && !mended.Load() {
						return c.answer
					}
					return nil
				}}
				stop := running(t, q, "office", Options{Window: 10}, o.deliver)
				defer stop()
				time.Sleep(time.Hour)
				if diff := cmp.Diff([]string{other}, o.accepted()); diff != "" {
					t.Errorf("delivered: %s", diff)
				}
				if n := len(o.noted()); n != 1+c.tries {
					t.Errorf("%d tries", n)
				}
				if diff := cmp.Diff([]string{Parked, Held}, states(t, q, "office")); diff != "" {
					t.Error(diff)
				}
				e, err := q.Show(first)
				if err != nil || e.Reason != reasonOf(c.answer) || e.Since.IsZero() {
					t.Errorf("shown as %+v, %v", e, err)
				}
				if _, err := q.Retry(second); !errors.Is(err, ErrNotParked) {
					t.Errorf("retrying what is held: %v", err)
				}
				lanes, err := q.Lanes(10)
				if diff := cmp.Diff([]LaneState{{Lane: "office", Waiting: 1, Parked: 1, Oldest: madeAt(first)}}, lanes); err != nil || diff != "" {
					t.Errorf("lanes: %v %s", err, diff)
				}
				mended.Store(true)
				before, err := q.Retry(first)
				if err != nil || before.State != Parked || before.Reason == "" {
					t.Errorf("retried %+v, %v", before, err)
				}
				time.Sleep(time.Minute)
				if diff := cmp.Diff([]string{other, first, second}, o.accepted()); diff != "" {
					t.Errorf("delivered in the end: %s", diff)
				}
			})
		})
	}
}

// One message of a document is under way at a time, and they come in the order in which they were
// made.
func TestOrder(t *testing.T) {
	q, s, ids := open(t)
	const documents, each = 20, 15
	want := map[string][]string{}
	for range each {
		for d := range documents {
			doc := fmt.Sprint(d)
			want[doc] = append(want[doc], add(t, q, s, ids, "office", doc))
		}
	}
	var mu sync.Mutex
	got, flying, widest := map[string][]string{}, map[string]bool{}, 0
	done := make(chan struct{})
	left := documents * each
	stop := running(t, q, "office", Options{Window: 8}, func(_ context.Context, m Message, _, _ []byte) error {
		mu.Lock()
		if flying[m.DocumentID] {
			t.Errorf("two messages of document %s are under way", m.DocumentID)
		}
		flying[m.DocumentID] = true
		widest = max(widest, len(flying))
		mu.Unlock()
		time.Sleep(50 * time.Microsecond)
		mu.Lock()
		defer mu.Unlock()
		delete(flying, m.DocumentID)
		got[m.DocumentID] = append(got[m.DocumentID], m.ID)
		if left--; left == 0 {
			close(done)
		}
		return nil
	})
	<-done
	stop()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delivered: %s", diff)
	}
	if widest < 2 || widest > 8 {
		t.Errorf("up to %d were under way, with a window of 8", widest)
	}
}

// A delivery that does not answer is given up; one that panics is parked; neither stops the lane.
func TestBadDeliveries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		hangs := add(t, q, s, ids, "office", "hangs")
		panics := add(t, q, s, ids, "office", "panics")
		good := add(t, q, s, ids, "office", "good")
		o := &office{answer: func(m Message, try int) error {
			if m.ID == panics {
				panic("nil map")
			}
			return nil
		}}
		var hung atomic.Int32
		stop := running(t, q, "office", Options{Window: 2, Timeout: time.Minute}, func(ctx context.Context, m Message, body, signature []byte) error {
			if m.ID == hangs && hung.Add(1) < 3 {
				<-ctx.Done()
				return ctx.Err()
			}
			return o.deliver(ctx, m, body, signature)
		})
		time.Sleep(10 * time.Minute)
		stop()
		if diff := cmp.Diff([]string{good, hangs}, o.accepted()); diff != "" {
			t.Errorf("delivered: %s", diff)
		}
		if e, err := q.Show(panics); err != nil || e.State != Parked || e.Reason != "panic while delivering: nil map" {
			t.Errorf("what panics is %+v, %v", e, err)
		}
	})
}

// A message whose body is gone cannot be delivered, ever.
func TestMissingBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		id := add(t, q, s, ids, "office", "d")
		drop := func(tx store.Tx) error { tx.Delete(store.Blobs, []byte("body/"+id)); return nil }
		if err := s.Update(drop); err != nil {
			t.Fatal(err)
		}
		if err := s.View(Check); err == nil {
			t.Error("Check finds nothing")
		}
		o := &office{answer: func(Message, int) error { return nil }}
		stop := running(t, q, "office", Options{}, o.deliver)
		synctest.Wait()
		time.Sleep(time.Second)
		stop()
		if e, err := q.Show(id); err != nil || e.State != Parked || len(o.noted()) != 0 {
			t.Errorf("it is %+v, %v", e, err)
		}
		if _, err := q.Drop(id, "the body is lost"); err != nil {
			t.Error(err)
		}
	})
}

// What is paused stays where it is, by lane or all together, until it is resumed.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		o := &office{answer: func(Message, int) error { return nil }}
		stop := running(t, q, "office", Options{}, o.deliver)
		defer stop()
		for _, lane := range []string{"", "office"} {
			if err := q.Pause(lane); err != nil {
				t.Fatal(err)
			}
		}
		add(t, q, s, ids, "office", "d")
		time.Sleep(time.Hour)
		if n := len(o.noted()); n != 0 {
			t.Errorf("%d were delivered while paused", n)
		}
		if _, _, ok, err := q.Next(t.Context(), "office", time.Second); ok || err != nil {
			t.Errorf("Next gave a message of a paused lane, %v", err)
		}
		paused, err := q.Paused()
		if err != nil || len(paused) != 2 || paused[""].IsZero() || paused["office"].IsZero() {
			t.Errorf("paused: %v, %v", paused, err)
		}
		again := New(s, time.Now) // as after a restart
		if paused, err := again.Paused(); err != nil || len(paused) != 2 {
			t.Errorf("after a restart: %v, %v", paused, err)
		}
		if err := q.Resume(""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if lanes, _ := q.Lanes(1); len(o.noted()) != 0 || !lanes[0].Paused {
			t.Errorf("the lane is paused by name: %v", lanes)
		}
		if err := q.Resume("office"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := len(o.accepted()); n != 1 {
			t.Errorf("%d were delivered after resuming", n)
		}
	})
}

// One lane has one Run; another may begin when it has ended.
func TestOneRun(t *testing.T) {
	q, _, _ := open(t)
	inside := make(chan struct{})
	add(t, q, q.store, newIDs(t, q.store, time.Now), "office", "d")
	stop := running(t, q, "office", Options{}, func(context.Context, Message, []byte, []byte) error { close(inside); return nil })
	<-inside
	if err := q.Run(t.Context(), "office", Options{}, nil); !errors.Is(err, ErrRunning) {
		t.Errorf("a second Run: %v", err)
	}
	stop()
	running(t, q, "office", Options{}, nil)()
}
