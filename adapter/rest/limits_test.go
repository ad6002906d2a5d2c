package rest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
)

// One client cannot take every turn, and the others need not wait for it.
func TestInFlightIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(4, 2, time.Second)
		ctx := context.Background()
		take := func(client string) (func(), time.Duration, error) {
			began := time.Now()
			done, err := f.take(ctx, client)
			return done, time.Since(began), err
		}
		var held []func()
		for range 2 {
			done, waited, err := take("fast")
			if err != nil || waited != 0 {
				t.Fatal(waited, err)
			}
			held = append(held, done)
		}
		// Its third is told to try again, after having waited for its turn.
		if _, waited, err := take("fast"); !errors.Is(err, overloaded) || waited != time.Second {
			t.Errorf("third of one client: %v after %s", err, waited)
		}
		// Meanwhile others come at once.
		for range 2 {
			done, waited, err := take("other")
			if err != nil || waited != 0 {
				t.Errorf("another client: %v after %s", err, waited)
			}
			held = append(held, done)
		}
		if _, _, err := take("third"); !errors.Is(err, overloaded) {
			t.Errorf("beyond all turns: %v", err)
		}
		// Whoever waits gets the turn that becomes free.
		go func() {
			time.Sleep(300 * time.Millisecond)
			held[0]()
		}()
		done, waited, err := take("third")
		if err != nil || waited != 300*time.Millisecond {
			t.Errorf("a turn that became free: %v after %s", err, waited)
		}
		done()
		for _, done := range held[1:] {
			done()
		}
		if f.now() != 0 || len(f.shares) != 0 {
			t.Errorf("left behind: %d turns, %d shares", f.now(), len(f.shares))
		}
	})
}

// A client that went away gives up its place in both lines.
func TestInFlightCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newInFlight(1, 1, time.Hour)
		done, err := f.take(context.Background(), "A")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		var waiting sync.WaitGroup
		for _, client := range []string{"A", "B"} {
			waiting.Go(func() {
				if _, err := f.take(ctx, client); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v", client, err)
				}
			})
		}
		waiting.Wait()
		done()
		if f.now() != 0 || len(f.shares) != 0 {
			t.Errorf("left behind: %d turns, %d shares", f.now(), len(f.shares))
		}
	})
}

// A client has its own quota, the register's or the default; whoever is early is told when to come.
func TestRates(t *testing.T) {
	q := newRates(2, 3)
	now := time.Unix(1000, 0)
	plain, quick := Client{Code: "A"}, Client{Code: "B", Rate: 100, Burst: 1}
	for range 3 {
		if err := q.document(plain, now); err != nil {
			t.Fatalf("within the burst: %v", err)
		}
	}
	for range 2 { // asking again does not push the time away
		p, ok := errors.AsType[Problem](q.document(plain, now))
		if !ok || p.Reason != "rate-exceeded" || p.after != 500*time.Millisecond {
			t.Errorf("beyond the burst: %+v", p)
		}
	}
	if err := q.document(quick, now); err != nil {
		t.Errorf("another client: %v", err)
	}
	if err := q.document(plain, now.Add(500*time.Millisecond)); err != nil {
		t.Errorf("when told: %v", err)
	}
	// Ten other requests cost as much as a document.
	now = now.Add(time.Minute)
	for i := range 30 {
		if err := q.request(plain, now); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	if q.request(plain, now) == nil {
		t.Error("request 31 of a burst of 3 documents")
	}
	// The register has changed.
	plain.Rate, plain.Burst = 1000, 50
	if q.document(plain, now) == nil {
		t.Error("the quota used up is given back")
	}
	if err := q.document(plain, now.Add(10*time.Millisecond)); err != nil {
		t.Errorf("new rate: %v", err)
	}
}

// Memory for limiters is let go of when their clients have been quiet.
func TestRatesForget(t *testing.T) {
	q := newRates(1, 1)
	now := time.Unix(1000, 0)
	for i := range maxLimiters {
		_ = q.document(Client{Code: strconv.Itoa(i)}, now)
	}
	_ = q.document(Client{Code: "busy"}, now.Add(time.Hour))
	if n := len(q.limiters); n != 1 {
		t.Errorf("%d limiters", n)
	}
}

// Over the quota: 429 with Retry-After, and nothing is judged.
func TestRateExceeded(t *testing.T) {
	w := newWorld(t)
	w.options.Limits.Rate, w.options.Limits.Burst = 0.01, 1
	w.serve()
	w.refused(1)
	r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}))
	p := w.problem(t, r)
	after, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if p.Status != 429 || !p.Resend || err != nil || after < 90 || after > 100 {
		t.Errorf("%+v, Retry-After %q", p, r.Header.Get("Retry-After"))
	}
	if r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}), "Authorization: Bearer ship-02"); r.StatusCode == 429 {
		t.Error("another participant pays for it")
	}
}

// faults.md §5, row 17: many clients at once. Beyond the turns 503 with Retry-After; whoever is
// served is served right, and afterwards all is as before.
func TestOverloaded(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	entered := make(chan struct{}, 100)
	w.options.Accept = func(ctx context.Context, s gateway.Submission) (gateway.Receipt, error) {
		entered <- struct{}{}
		<-release
		return w.gateway.Accept(ctx, s)
	}
	w.options.Limits.InFlight, w.options.Limits.InFlightPerClient = 2, 2
	w.options.Limits.InFlightWait = time.Millisecond
	w.serve()
	document := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	statuses := make(chan int, 100)
	post := func() {
		r, err := w.try("POST", "/v1/documents", document)
		if err != nil {
			t.Error(err)
			return
		}
		if r.StatusCode == 503 && r.Header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
		statuses <- r.StatusCode
	}
	for range 2 {
		go post()
		<-entered
	}
	if n := w.api.InFlight(); n != 2 {
		t.Errorf("%d in flight", n)
	}
	var burst sync.WaitGroup
	for range 20 {
		burst.Go(post)
	}
	burst.Wait()
	close(release)
	count := make(map[int]int)
	for range 22 {
		count[<-statuses]++
	}
	if count[503] != 20 || count[422] != 2 {
		t.Errorf("statuses %v", count)
	}
	if r := w.do("POST", "/v1/documents", document); r.StatusCode != 422 {
		t.Errorf("afterwards: %s", r.Status)
	}
}
