package rest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// empty says that nothing is left behind.
func (f *inFlight) empty(t testing.TB) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held != 0 || len(f.waiting) != 0 {
		t.Errorf("left behind: %d held, %d waiting", f.held, len(f.waiting))
	}
	for client, s := range f.clients {
		if s.held != 0 || len(s.line) != 0 {
			t.Errorf("left behind: %s holds %d, %d wait", client, s.held, len(s.line))
		}
	}
}

// Memory for shares is let go of when their clients have nothing in work.
func TestInFlightForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(2, 2, 0)
		busy := mustTake(t, f, "busy", 1)
		for i := range maxLimiters {
			mustTake(t, f, strconv.Itoa(i), 1).leave()
		}
		if len(f.clients) > 2 || f.clients["busy"] != busy.share {
			t.Errorf("%d shares", len(f.clients))
		}
		busy.leave()
		f.empty(t)
	})
}

// mustTake takes a place that has to be there at once.
func mustTake(t testing.TB, f *inFlight, client string, amount int64) *place {
	t.Helper()
	began := time.Now()
	p, err := f.take(context.Background(), client, amount)
	if waited := time.Since(began); err != nil || waited != 0 {
		t.Fatalf("%s: %v after %s", client, err, waited)
	}
	return p
}

// queueUp lets requests of a client wait, one behind the other; each notes its client when it is
// served, and leaves after a while.
func queueUp(t testing.TB, f *inFlight, all *sync.WaitGroup, client string, requests int, served func(string), work time.Duration) {
	for range requests {
		all.Go(func() {
			p, err := f.take(context.Background(), client, 1)
			if err != nil {
				t.Errorf("%s: %v", client, err)
				return
			}
			served(client)
			time.Sleep(work)
			p.leave()
		})
		synctest.Wait()
	}
}

// One client cannot take everything, and the others need not wait for it.
func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(4, 2, time.Second)
		held := []*place{mustTake(t, f, "fast", 1), mustTake(t, f, "fast", 1)}
		// Its third is told to try again, after having waited.
		began := time.Now()
		if _, err := f.take(context.Background(), "fast", 1); !errors.Is(err, overloaded) || time.Since(began) != time.Second {
			t.Errorf("third of one client: %v after %s", err, time.Since(began))
		}
		// Meanwhile others come at once.
		held = append(held, mustTake(t, f, "other", 1), mustTake(t, f, "other", 1))
		if _, err := f.take(context.Background(), "third", 1); !errors.Is(err, overloaded) {
			t.Errorf("beyond everything: %v", err)
		}
		// Whoever waits gets the place that becomes free.
		go func() {
			time.Sleep(300 * time.Millisecond)
			held[0].leave()
		}()
		began = time.Now()
		p, err := f.take(context.Background(), "third", 1)
		if err != nil || time.Since(began) != 300*time.Millisecond {
			t.Fatalf("a place that became free: %v after %s", err, time.Since(began))
		}
		p.leave()
		p.leave() // once more does no harm
		for _, p := range held[1:] {
			p.leave()
		}
		f.empty(t)
	})
}

// One who has nothing in work goes before one who has; those who have as much take turns, however long
// the line of one of them is and whoever came first.
func TestInFlightTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(1, 1, time.Minute)
		first := mustTake(t, f, "first", 1)
		var order []string
		var mu sync.Mutex // protects order
		served := func(client string) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, client)
		}
		var all sync.WaitGroup
		queueUp(t, f, &all, "fast", 4, served, time.Millisecond)
		queueUp(t, f, &all, "slow", 2, served, time.Millisecond)
		queueUp(t, f, &all, "seldom", 1, served, time.Millisecond)
		first.leave()
		all.Wait()
		want := []string{"fast", "slow", "seldom", "fast", "slow", "fast", "fast"}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Error(diff)
		}
		f.empty(t)
	})
}

// With two places, one of which "fast" has: the next is for who has none, though "fast" came first.
func TestInFlightLeastFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(2, 2, time.Minute)
		keeps, leaves := mustTake(t, f, "fast", 1), mustTake(t, f, "other", 1)
		var all sync.WaitGroup
		order := make(chan string, 2)
		served := func(client string) { order <- client }
		queueUp(t, f, &all, "fast", 1, served, 0)
		queueUp(t, f, &all, "new", 1, served, time.Second)
		leaves.leave()
		synctest.Wait()
		if got := <-order; got != "new" {
			t.Errorf("%s was served", got)
		}
		keeps.leave()
		all.Wait()
		f.empty(t)
	})
}

// Without load a client has what it wants at once; while one sends all the time as much as it can,
// another one's request waits for one place to become free, and no longer.
func TestInFlightFullSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work = 10 * time.Millisecond
		f := newInFlight(4, 4, time.Minute)
		stop := make(chan struct{})
		var flood sync.WaitGroup
		for range 100 {
			flood.Go(func() {
				for {
					p, err := f.take(context.Background(), "flood", 1)
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(work)
					p.leave()
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		time.Sleep(time.Second + work/2)
		for range 50 {
			began := time.Now()
			p, err := f.take(context.Background(), "seldom", 1)
			if waited := time.Since(began); err != nil || waited > work {
				t.Fatalf("%v after %s", err, waited)
			}
			p.leave()
			time.Sleep(3 * work)
		}
		close(stop)
		flood.Wait()
		f.empty(t)
	})
}

// A burst is served to its end. Where requests wait again and again for as long as one may wait it is
// overload: then nobody waits for longer than a two-hundredth of that, so that what is answered is answered
// soon. It is overload all the same when requests come in heaps, and the line is empty between them.
func TestInFlightHaste(t *testing.T) {
	const wait, work = 4 * time.Second, 10 * time.Millisecond
	for _, heap := range []int{1, 8} {
		synctest.Test(t, func(t *testing.T) {
			f := newInFlight(1, 1, wait)
			var mu sync.Mutex // protects waits and refusals
			var waits []time.Duration
			refusals := 0
			request := func() {
				began := time.Now()
				p, err := f.take(context.Background(), "A", 1)
				waited := time.Since(began)
				mu.Lock()
				if err != nil {
					refusals++
				} else {
					waits = append(waits, waited)
				}
				mu.Unlock()
				if err == nil {
					time.Sleep(work)
					p.leave()
				}
			}
			var all sync.WaitGroup
			for range 100 { // one second of work
				all.Go(request)
			}
			all.Wait()
			if refusals != 0 || slices.Max(waits) != 99*work {
				t.Errorf("a burst: %d refused, the longest wait %s", refusals, slices.Max(waits))
			}
			time.Sleep(wait)
			// Twice as many as can be served.
			for i := range 2400 {
				if i == 1200 { // six seconds
					mu.Lock()
					waits, refusals = nil, 0
					mu.Unlock()
				}
				all.Go(request)
				if i%heap == heap-1 {
					time.Sleep(work / 2 * time.Duration(heap))
				}
			}
			all.Wait()
			if longest := slices.Max(waits); longest > wait/haste+work {
				t.Errorf("in overload, %d at once: the longest wait %s", heap, longest)
			}
			// Of a heap only those at its front can be served in time: three of eight.
			least := map[int]int{1: 590, 8: 440}[heap]
			if served := len(waits); served < least || served+refusals < 1200 {
				t.Errorf("in overload, %d at once: %d served, %d refused", heap, served, refusals)
			}
			f.empty(t)
		})
	}
}

// A line has an end; whoever comes then is told so at once, and others still have a line of their own.
func TestInFlightLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(1, 1, time.Hour)
		first := mustTake(t, f, "A", 1)
		var all sync.WaitGroup
		queueUp(t, f, &all, "A", lineMost, func(string) {}, 0)
		began := time.Now()
		if _, err := f.take(context.Background(), "A", 1); !errors.Is(err, overloaded) || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		queueUp(t, f, &all, "B", 1, func(string) {}, 0)
		first.leave()
		all.Wait()
		f.empty(t)
	})
}

// A request that ends gives up its place in line, and those behind it move up.
func TestInFlightCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(4, 4, time.Hour)
		f.spare = false
		first := mustTake(t, f, "A", 2)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := f.take(ctx, "A", 3); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		// There is room for this one, but nobody passes the one before it.
		began := time.Now()
		p, err := f.take(context.Background(), "B", 2)
		if err != nil || time.Since(began) != 0 {
			t.Errorf("another client, which has less: %v after %s", err, time.Since(began))
		}
		all.Go(func() {
			began := time.Now()
			p, err := f.take(context.Background(), "B", 1)
			if err != nil || time.Since(began) != 2*time.Second {
				t.Errorf("behind all: %v after %s", err, time.Since(began))
				return
			}
			p.leave()
		})
		time.Sleep(2 * time.Second)
		p.leave()
		all.Wait()
		first.leave()
		f.empty(t)
	})
}

// Of what is held for as long as clients like, whatever one or several of them do, something is left
// for the next: one has at most half, two have a third each.
func TestInFlightSpare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(120, 120, 0)
		f.spare = true
		var held []*place
		most := func(client string) (got int64) {
			for {
				p, err := f.take(context.Background(), client, 1)
				if err != nil {
					return got
				}
				got++
				held = append(held, p)
			}
		}
		got := []int64{most("A"), most("B"), most("C")}
		if diff := cmp.Diff([]int64{60, 30, 15}, got); diff != "" {
			t.Error(diff)
		}
		// What is larger than the share of anybody is for one who holds nothing.
		for _, p := range held {
			p.leave()
		}
		whole := mustTake(t, f, "A", 1000)
		if f.now() != 120 {
			t.Errorf("%d held", f.now())
		}
		whole.shrink(30)
		another := mustTake(t, f, "B", 45)
		if _, err := f.take(context.Background(), "A", 16); err == nil {
			t.Error("one client has more than it leaves")
		}
		whole.leave()
		another.leave()
		f.empty(t)
	})
}

// Whatever is asked for and given back in whatever order: never is more given than there is, nobody has
// more than its share but with its only place, and while there is room somebody waits for a reason.
func TestInFlightModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Int64Range(1, 12).Draw(t, "most")
		f := newInFlight(most, rapid.Int64Range(1, most).Draw(t, "share"), time.Minute)
		f.spare = rapid.Bool().Draw(t, "spare")
		var given []*place
		type request struct {
			w *waiter
			p *place
		}
		var waiting []request
		now := time.Now()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Microsecond)
			switch step := rapid.IntRange(0, 2).Draw(t, "step"); {
			case step < 2:
				w := &waiter{amount: min(most, rapid.Int64Range(1, 5).Draw(t, "amount")), since: now}
				s := f.enter(rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "client"), w)
				p := &place{of: f, share: s, amount: w.amount}
				if w.told == nil {
					given = append(given, p)
				} else {
					waiting = append(waiting, request{w, p})
				}
			case len(given) > 0:
				i := rapid.IntRange(0, len(given)-1).Draw(t, "which")
				given[i].leave()
				given = slices.Delete(given, i, i+1)
			}
			waiting = slices.DeleteFunc(waiting, func(r request) bool {
				if r.w.ended && r.w.err == nil {
					given = append(given, r.p)
				}
				return r.w.ended
			})
			var held int64
			own, places := make(map[*share]int64), make(map[*share]int)
			for _, p := range given {
				held += p.amount
				own[p.share] += p.amount
				places[p.share]++
			}
			if held != f.held || held > most {
				t.Fatalf("%d held, %d noted, %d there are", held, f.held, most)
			}
			for s, amount := range own {
				if amount != s.held || amount > f.perClient && places[s] > 1 {
					t.Fatalf("a client holds %d of %d, %d noted", amount, f.perClient, s.held)
				}
			}
			if held == 0 && len(waiting) > 0 {
				t.Fatal("somebody waits for nothing")
			}
		}
		for len(given)+len(waiting) > 0 && len(given) > 0 {
			given[0].leave()
			given = given[1:]
			waiting = slices.DeleteFunc(waiting, func(r request) bool {
				if r.w.ended && r.w.err == nil {
					given = append(given, r.p)
				}
				return r.w.ended
			})
		}
		if f.held != 0 || len(f.waiting) != 0 || len(waiting) != 0 {
			t.Fatalf("left behind: %d held, %d waiting", f.held, len(f.waiting))
		}
	})
}
