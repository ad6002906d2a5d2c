package gateway_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// bubbleScene is a scene of the moment at which the time of every synctest bubble starts.
var bubbleScene = sync.OnceValues(func() (*scene.Scene, error) {
	// The shared compressor has channels: they must not be those of the first bubble that packs.
	if _, err := store.Unpack(store.Pack(make([]byte, 4096))); err != nil {
		return nil, err
	}
	return scene.New(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
})

// virtual runs a test on a world whose time is not the world's.
func virtual(t *testing.T, test func(t *testing.T, w *world, s *sources)) {
	t.Helper()
	people, err := bubbleScene()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := worldIn(t, people, filepath.Join(t.TempDir(), "gatewayd.db"), true)
		s := &sources{}
		s.hush(w.Signatory)
		w.Options.Revocations = s
		test(t, w, s)
	})
}

// serve runs what decides and what watches the deadlines until the returned function is called.
func (w *world) serve() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{w.RunClock, w.RunDeferred} {
		running.Go(func() {
			if err := run(ctx); err != nil {
				w.t.Error(err)
			}
		})
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// results are those of the ЭСИД in the client's lane.
func (w *world) results() string { return strings.Join(w.lane("client/SHIP-01"), ", ") }

// Nothing can be found out within a day: refused, then, once, and not before. The same bytes are judged
// anew as soon as that is of use.
func TestDeferred_over(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, s *sources) {
		raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
		defer w.serve()()
		first := w.interim(raw)
		time.Sleep(24*time.Hour - time.Second)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred" {
			t.Fatalf("a second too early: %s", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID negative" {
			t.Fatalf("after a day: %s", got)
		}
		final := w.accept(raw) // it still cannot be decided: the same ЭСИД
		w.want(final, schema.Negative, "A07/revocation-unavailable")
		if e := w.esid(final.Document()); e.Supersedes != first.MessageID() || !final.Repeated() {
			t.Errorf("supersedes %s, repeated %t", e.Supersedes, final.Repeated())
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID negative" {
			t.Fatalf("two days later: %s", got)
		}
		s.speak()
		again := w.accept(raw)
		w.want(again, schema.Positive)
		if e := w.esid(again.Document()); e.Supersedes != final.MessageID() {
			t.Errorf("supersedes %s", e.Supersedes)
		}
	})
}

// The sources come back while nobody says so: found out within a minute, or at once when told.
func TestDeferred_sourcesBack(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, s *sources) {
		defer w.serve()()
		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		time.Sleep(time.Hour)
		s.speak()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID positive" {
			t.Fatalf("after a minute: %s", got)
		}
		s.hush()
		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		time.Sleep(10 * time.Second)
		s.speak()
		w.LookAgain()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := w.lane("client/SHIP-01"); len(got) != 4 || got[3] != "ESID positive" {
			t.Fatalf("two seconds after being told: %v", got)
		}
	})
}

// However many documents of one signer wait, a look at them costs one question, and being told often
// does not make it more.
func TestDeferred_cost(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, s *sources) {
		for range 200 {
			w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		}
		s.asked = 0
		defer w.serve()()
		for range 600 { // ten times a second for a minute
			time.Sleep(100 * time.Millisecond)
			w.LookAgain()
		}
		synctest.Wait()
		if s.asked > 70 {
			t.Errorf("the sources were asked %d times in a minute", s.asked)
		}
	})
}

// Deadlines that pass while the process is down happen at its start, once.
func TestClock_overdue(t *testing.T) {
	people, err := bubbleScene()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	raw := people.Signatory.MustSign(people.Waybill(scene.Waybill{}))
	in := func(name string, fresh bool, test func(t *testing.T, w *world)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := worldIn(t, people, path, fresh)
				s := &sources{}
				s.hush()
				if fresh {
					s.hush(w.Signatory)
				} else {
					time.Sleep(30 * time.Hour)
				}
				w.Options.Revocations = s
				test(t, w)
			})
		})
	}
	in("before the stop", true, func(t *testing.T, w *world) { w.interim(raw) })
	for _, start := range []string{"first start", "second start"} {
		in(start, false, func(t *testing.T, w *world) {
			defer w.serve()()
			synctest.Wait()
			if got := w.results(); got != "ESID deferred, ESID negative" {
				t.Errorf("at the start: %s", got)
			}
			w.want(w.accept(raw), schema.Negative, "A07/revocation-unavailable")
		})
	}
}

// A wall clock that is set forward ends deferrals early and one that is set back late, by no more than
// it was set and a minute; nothing happens twice.
func TestClock_stepped(t *testing.T) {
	for name, step := range map[string]time.Duration{"forward": 25 * time.Hour, "back": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			virtual(t, func(t *testing.T, w *world, _ *sources) {
				var mu sync.Mutex
				var offset time.Duration
				w.Options.Now = func() time.Time {
					mu.Lock()
					defer mu.Unlock()
					return time.Now().Add(offset)
				}
				defer w.serve()()
				w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
				time.Sleep(time.Minute)
				mu.Lock()
				offset = step
				mu.Unlock()
				if rest := 24*time.Hour - step; rest > 0 {
					time.Sleep(rest - 3*time.Minute)
					synctest.Wait()
					if got := w.results(); got != "ESID deferred" {
						t.Fatalf("too early: %s", got)
					}
				}
				time.Sleep(4 * time.Minute)
				synctest.Wait()
				if got := w.results(); got != "ESID deferred, ESID negative" {
					t.Fatalf("in the end: %s", got)
				}
			})
		})
	}
}

// What is due and cannot happen now stays, and happens when it can: here the participant has left the
// register for a while.
func TestClock_retries(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, _ *sources) {
		raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
		w.interim(raw)
		text := w.Participants(scene.Participants{})
		without := bytes.Replace(text, []byte("code: SHIP-01"), []byte("code: SHIP-09"), 1)
		if _, err := w.register.ImportParticipants(without, "", "test"); err != nil {
			t.Fatal(err)
		}
		tried := 0
		w.Options.Reached = func(point string) {
			if point == "decided" {
				tried++
			}
		}
		defer w.serve()()
		time.Sleep(30 * time.Hour)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred" || tried != 0 {
			t.Fatalf("without a participant: %s, %d", got, tried)
		}
		if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID negative" || tried != 1 {
			t.Fatalf("with the participant again: %s, %d", got, tried)
		}
	})
}

// A write that fails at the deadline is tried again; one that left the disk's state unknown stops us.
func TestClock_faults(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, _ *sources) {
		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		time.Sleep(24 * time.Hour)
		w.Options.Store = &faulty{Store: w.store, fail: store.ErrNotWritten}
		stop := w.serve()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID negative" {
			t.Errorf("after a failure: %s", got)
		}
		stop()

		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		time.Sleep(24 * time.Hour)
		w.Options.Store = &faulty{Store: w.store, fail: store.ErrUnknown}
		if err := w.RunClock(context.Background()); err == nil || !strings.Contains(err.Error(), "stopping") {
			t.Errorf("got %v, want ErrStopping", err)
		}
		w.Options.Store = w.store
	})
}

// Deadlines of a kind that this program does not know, and rows that are none, stay where they are and
// keep nothing else from happening.
func TestClock_unknown(t *testing.T) {
	virtual(t, func(t *testing.T, w *world, _ *sources) {
		rows := []string{
			"1999-12-31T00:00:00.000Z\x00consent\x00SHIP-01", "1999-12-31T00:00:00.001Z\x00", "1999\x00deferral\x00x",
		}
		must(t, w.store.Update(func(tx store.Tx) error {
			for _, row := range rows {
				tx.Put("deadlines", []byte(row), []byte{})
			}
			// One whose document has been decided: it goes.
			tx.Put("deadlines", []byte("1999-12-31T00:00:00.002Z\x00deferral\x00SHIP-01\x00none"), []byte{})
			return nil
		}))
		w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		defer w.serve()()
		time.Sleep(24*time.Hour + 2*time.Minute)
		synctest.Wait()
		if got := w.results(); got != "ESID deferred, ESID negative" {
			t.Errorf("after a day: %s", got)
		}
		var left []string
		must(t, w.store.View(func(tx store.Reader) error {
			tx.Range("deadlines", nil, nil, 100, func(k, _ []byte) bool {
				left = append(left, string(k))
				return true
			})
			return nil
		}))
		if diff := cmp.Diff([]string{rows[2], rows[0], rows[1]}, left); diff != "" {
			t.Error(diff)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
