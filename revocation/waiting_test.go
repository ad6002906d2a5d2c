package revocation

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ocsp"

	"asugate/internal/pki"
)

// slow is a responder in virtual time: it answers after delay, or fails when it is down.
type slow struct {
	mu     sync.Mutex // protects what follows
	delay  time.Duration
	down   bool
	status int
	asked  int
	most   int
	atOnce atomic.Int32
	ca     *pki.Authority
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	delay, down, status := s.delay, s.down, s.status
	s.asked++
	s.most = max(s.most, int(s.atOnce.Add(1)))
	s.mu.Unlock()
	defer s.atOnce.Add(-1)
	der, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q, err := ocsp.ParseRequest(der)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if down {
		return nil, errors.New("connection refused")
	}
	t := time.Now()
	return answering(pki.Must(s.ca.OCSP(pki.OCSP{
		Serial: q.SerialNumber, Status: status, RevokedAt: t, ThisUpdate: t, NextUpdate: t.Add(time.Hour),
	}))), nil
}

func (s *slow) set(delay time.Duration, down bool, status int) (asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked = s.asked
	s.delay, s.down, s.status, s.asked = delay, down, status, 0
	return asked
}

// running is a keeper under Run in virtual time, with some certificates.
func running(t *testing.T, test func(k *Keeper, s *slow, status func(i int) (string, time.Duration))) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, dir: dir, files: time.Now()}
		s := &slow{ca: pki.Must(pki.NewAuthority("Issuing CA", time.Now()))}
		w.write("ca.pem", pki.EncodeCertificates(s.ca.Certificate))
		var people []*x509.Certificate
		for range 12 {
			people = append(people, pki.Must(s.ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "x"}})).Certificate)
		}
		k := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), transport: s})
		config := w.withResponder(w.responder())
		config.Timeout = 30 * time.Second
		k.Use(pki.Must(k.Prepare(config)))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = k.Run(ctx); close(done) }()
		synctest.Wait()
		drain(k)
		test(k, s, func(i int) (string, time.Duration) {
			start := time.Now()
			return state(k.Status(people[i], s.ca.Certificate, start)), time.Since(start)
		})
		stop()
		<-done
	})
}

// A document waits for the first answer, but no longer than patience; then the answer that comes late
// is there for the next one, and those who wait are told.
func TestWaitIsShort(t *testing.T) {
	running(t, func(k *Keeper, s *slow, status func(int) (string, time.Duration)) {
		s.set(time.Second, false, ocsp.Good)
		if got, took := status(0); got != "good" || took != time.Second {
			t.Errorf("%s after %s", got, took)
		}
		drain(k)
		s.set(10*time.Second, false, ocsp.Good)
		if got, took := status(1); got != "unknown" || took != patience {
			t.Errorf("%s after %s", got, took)
		}
		// Whoever comes now waits for nothing: neither for the same certificate nor for another.
		for _, i := range []int{2, 3, 4, 5} {
			if got, took := status(i); got != "unknown" || took != 0 {
				t.Errorf("%s after %s", got, took)
			}
		}
		<-k.Updated()
		if got, took := status(1); got != "good" || took != 0 {
			t.Errorf("%s after %s", got, took)
		}
	})
	// After a failure one goes ahead, and the others wait for nothing.
	running(t, func(_ *Keeper, s *slow, status func(int) (string, time.Duration)) {
		s.set(0, true, ocsp.Good)
		status(0)
		s.set(1500*time.Millisecond, false, ocsp.Good)
		time.Sleep(silence) // and before the next round
		var all sync.WaitGroup
		var waited atomic.Int32
		for i := range 8 {
			all.Go(func() {
				if _, took := status(4 + i); took > 0 {
					waited.Add(1)
				}
			})
		}
		all.Wait()
		if n := waited.Load(); n > 1 {
			t.Errorf("%d waited", n)
		}
	})
}

// A responder that fails is left alone for a while, then asked by one while the others go on; what was
// not answered is asked for again by itself, and whoever waits for it is told.
func TestResponderFailsAndIsBack(t *testing.T) {
	running(t, func(k *Keeper, s *slow, status func(int) (string, time.Duration)) {
		s.set(0, true, ocsp.Good)
		for range 3 {
			for i := range 12 {
				if got, took := status(i); got != "unknown" || took > 0 {
					t.Errorf("%s after %s", got, took)
				}
			}
		}
		if n := s.set(0, true, ocsp.Good); n != 1 {
			t.Errorf("asked %d times at once", n)
		}
		if st := k.Sources()[0]; !st.Silent(time.Now()) || !strings.Contains(st.Failure, "connection refused") {
			t.Errorf("%+v", st)
		}
		time.Sleep(10 * time.Minute)
		if drain(k) { // before it is back: a question may be due at this very moment
			t.Error("told of an answer")
		}
		if n := s.set(0, false, ocsp.Good); n < 10 || n > 21 {
			t.Errorf("in ten minutes asked %d times", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !drain(k) {
			t.Error("not told that it is back")
		}
		for i := range 12 {
			if got, took := status(i); got != "good" || took > 0 {
				t.Errorf("%d: %s after %s", i, got, took)
			}
		}
		if st := k.Sources()[0]; st.Silent(time.Now()) || st.Known != 12 {
			t.Errorf("%+v", st)
		}
	})
}

// Many who ask about one certificate make one question; questions about many are few at a time.
func TestQuestionsAtOnce(t *testing.T) {
	running(t, func(_ *Keeper, s *slow, status func(int) (string, time.Duration)) {
		s.set(400*time.Millisecond, false, ocsp.Good)
		var all sync.WaitGroup
		for i := range 48 {
			all.Go(func() {
				if got, _ := status(i % 12); got != "good" {
					t.Errorf("%d: %s", i, got)
				}
			})
		}
		all.Wait()
		if n := s.set(0, false, ocsp.Good); n != 12 || s.most > atOnce {
			t.Errorf("asked %d times, %d at once", n, s.most)
		}
	})
}

// Answers about certificates seen lately are had anew before they end, and nobody waits; those not
// seen for a day are forgotten about.
func TestRefreshAhead(t *testing.T) {
	running(t, func(_ *Keeper, s *slow, status func(int) (string, time.Duration)) {
		status(0)
		s.set(0, false, ocsp.Revoked)
		time.Sleep(50 * time.Minute)
		if n := s.set(0, false, ocsp.Revoked); n != 1 {
			t.Errorf("asked %d times in fifty minutes", n)
		}
		if got, took := status(0); got != "revoked unspecified" || took != 0 {
			t.Errorf("%s after %s", got, took)
		}
		time.Sleep(25 * time.Hour)
		s.set(0, false, ocsp.Revoked)
		time.Sleep(5 * time.Hour)
		if n := s.set(0, false, ocsp.Revoked); n != 0 {
			t.Errorf("asked %d times about one that nobody asks for", n)
		}
	})
}

// What responders have said is kept over a reload that leaves them as they were.
func TestReloadKeepsAnswers(t *testing.T) {
	w := newWorld(t)
	asked := 0
	config := w.withResponder(w.responder())
	k := w.asking(config, func(q *ocsp.Request) []byte { asked++; return w.fresh(q, nil) })
	w.status(k, w.good, now)
	k.Use(pki.Must(k.Prepare(config)))
	if got := state(w.status(k, w.good, now)); got != "good" || asked != 1 {
		t.Errorf("%s, asked %d times", got, asked)
	}
	config.Responders[0].Responder = config.Responders[0].Issuer
	k.Use(pki.Must(k.Prepare(config)))
	if got := state(w.status(k, w.good, now)); got != "good" || asked != 2 {
		t.Errorf("after a change: %s, asked %d times", got, asked)
	}
}

// The memory of a responder is bounded, and whoever is asked for again stays in it.
func TestAnswersAreBounded(t *testing.T) {
	w := newWorld(t)
	k := w.asking(w.withResponder(w.responder()), nil)
	k.running.Store(nil)
	r := k.book.Load().responders[0]
	a := k.book.Load().issuers.Load().find(w.ca.Certificate)
	first := r.remember(w.good.Certificate, a, []byte{1})
	for i := range 5 * maxAsked {
		r.remember(w.good.Certificate, a, big.NewInt(int64(i+1000)).Bytes())
		if i%1000 == 0 && r.remember(w.good.Certificate, a, []byte{1}) != first {
			t.Fatal("forgotten")
		}
	}
	if n := len(r.present) + len(r.former); n > 2*maxAsked {
		t.Errorf("%d are remembered", n)
	}
}
