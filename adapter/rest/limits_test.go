package rest

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"asugate/internal/scene"
)

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
