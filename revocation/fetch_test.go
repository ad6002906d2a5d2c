package revocation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
)

// served is a server of one list, which may do anything instead.
type served struct {
	*httptest.Server
	mu     sync.Mutex // protects what follows
	answer http.HandlerFunc
	asked  []*http.Request
}

func serve(t *testing.T) *served {
	s := new(served)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r)
		answer := s.answer
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *served) says(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func body(text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }
}

func (w *world) url(address string) ListSource {
	return ListSource{URL: address, Issuer: filepath.Join(w.dir, "ca.pem")}
}

// Whatever a server does instead of sending the list leaves the last good one in force; while there is
// none nothing is known, which is not the same as not to be configured.
func TestFetchFails(t *testing.T) {
	w := newWorld(t)
	good := pki.Must(w.ca.CRL(w.revoked()))
	elsewhere := serve(t)
	elsewhere.says(body(good))
	for name, one := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"404":         {http.NotFound, "the server answers 404"},
		"500":         {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }, "the server answers 500"},
		"304 unasked": {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(304) }, "sends us elsewhere"},
		"HTML":        {body([]byte("<html>maintenance</html>")), "is no CRL"},
		"redirect": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, elsewhere.URL, http.StatusFound)
		}, "sends us elsewhere"},
		"redirect to itself": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, r.URL.Path+"x", http.StatusMovedPermanently)
		}, "sends us elsewhere"},
		"compressed": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(good)
		}, "encoded"},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, "is no CRL"},
		"cut short": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", strconv.Itoa(len(good)))
			_, _ = rw.Write(good[:len(good)/2])
		}, "unexpected EOF"},
		"endless": {func(rw http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := rw.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, "larger than max_size"},
		"announced too large": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "1048577")
			_, _ = rw.Write(good)
		}, "larger than max_size"},
		"slow": {func(rw http.ResponseWriter, r *http.Request) {
			rw.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "deadline exceeded"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t, w.dir = t, t.TempDir()
			w.write("ca.pem", pki.EncodeCertificates(w.ca.Certificate))
			server := serve(t)
			server.says(one.answer)
			config := w.config(w.url(server.URL + "/ca.crl"))
			if name == "slow" {
				config.Timeout = 300 * time.Millisecond
			}
			k := w.using(config)
			source := k.book.Load().sources[0]
			source.fetch(t.Context())
			r := w.status(k, w.bad, now)
			if got := stateOf(k, server.URL+"/ca.crl"); !strings.Contains(got.Failure, one.want) || state(r) != "unknown" || r.Why == "" {
				t.Errorf("failure %q, want %q; status %s, %q", got.Failure, one.want, state(r), r.Why)
			}
			server.says(body(good))
			source.fetch(t.Context())
			server.says(one.answer)
			source.fetch(t.Context())
			if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
				t.Errorf("with a good list held: %s", got)
			}
			if name == "304 unasked" {
				return // now it was asked for
			}
			if got := stateOf(k, server.URL+"/ca.crl"); got.Bad != 2 || got.Had != 1 || got.Silent(now) {
				t.Errorf("%+v", got)
			}
		})
	}
	if len(elsewhere.asked) > 0 {
		t.Error("a redirect was followed")
	}
}

// The address of a server that is not there, or has no name, is a failure like any other.
func TestFetchUnreachable(t *testing.T) {
	w := newWorld(t)
	server := serve(t)
	server.Close()
	k := w.using(w.config(w.url(server.URL)))
	k.book.Load().sources[0].fetch(t.Context())
	if got := stateOf(k, server.URL); !strings.Contains(got.Failure, "connection refused") {
		t.Errorf("%q", got.Failure)
	}
}

// The environment's proxy is not asked; the configured one is.
func TestProxy(t *testing.T) {
	w := newWorld(t)
	proxy := serve(t)
	proxy.says(body(pki.Must(w.ca.CRL(w.revoked()))))
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	config := w.config(w.url("http://ca.invalid/ca.crl"))
	k := w.using(config)
	k.book.Load().sources[0].fetch(t.Context())
	if len(proxy.asked) > 0 {
		t.Error("the environment's proxy was asked")
	}
	config.Proxy = proxy.URL
	k = w.using(config)
	k.book.Load().sources[0].fetch(t.Context())
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" || len(proxy.asked) != 1 {
		t.Errorf("%s, asked %d times", got, len(proxy.asked))
	}
}

// What has not changed is not sent again, and a replay of an older list is refused.
func TestFetchConditional(t *testing.T) {
	w := newWorld(t)
	list, tag := w.next(1, -2*time.Hour), `"1"`
	server := serve(t)
	server.says(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", tag)
		rw.Header().Set("Last-Modified", "Sun, 22 Nov 2026 08:00:00 GMT")
		if r.Header.Get("If-None-Match") == tag && r.Header.Get("If-Modified-Since") != "" {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = rw.Write(list)
	})
	k := w.using(w.config(w.url(server.URL)))
	source := k.book.Load().sources[0]
	for range 3 {
		source.fetch(t.Context())
	}
	if got := stateOf(k, server.URL); got.Had != 3 || got.Failure != "" {
		t.Errorf("%+v", got)
	}
	newer := pki.Must(w.ca.CRL(w.revoked()))
	older := list
	list, tag = newer, `"2"`
	source.fetch(t.Context())
	list, tag = older, `"3"`
	source.fetch(t.Context())
	if got := stateOf(k, server.URL); !strings.Contains(got.Failure, "number 1, the one in force 7") && !strings.Contains(got.Failure, "older") {
		t.Errorf("%+v", got)
	}
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
		t.Error(got)
	}
	// The refused one has left no trace: the server is asked for the version that is held.
	source.fetch(t.Context())
	if got := server.asked[len(server.asked)-1].Header.Get("If-None-Match"); got != `"2"` {
		t.Errorf("asked for %s", got)
	}
}

// The copy is there after a restart without a network, verified anew; one that is damaged is not used,
// and no reason not to start.
func TestCopyAfterRestart(t *testing.T) {
	w := newWorld(t)
	server := serve(t)
	server.says(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `"7"`)
		body(pki.Must(w.ca.CRL(w.revoked())))(rw, r)
	})
	config := w.config(w.url(server.URL))
	w.using(config).book.Load().sources[0].fetch(t.Context())
	server.Close()

	if got := state(w.status(w.using(config), w.bad, now)); got != "revoked keyCompromise" {
		t.Errorf("after a restart: %s", got)
	}
	copies, err := filepath.Glob(filepath.Join(config.Cache, "*"))
	if err != nil || len(copies) != 2 {
		t.Fatalf("%v %v", copies, err)
	}
	crl := copyName(config.Cache, server.URL) + ".crl"
	der := pki.Must(os.ReadFile(crl))
	replaceWith := func(text []byte) {
		if err := os.WriteFile(crl, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Without what is said about it, or when that is about another version, the copy itself counts.
	replaceWith(w.next(8, -time.Minute))
	k := w.using(config)
	if o := k.book.Load().origin(server.URL); o.validator != (validator{}) || state(w.status(k, w.bad, now)) != "good" {
		t.Errorf("a copy newer than its description: %+v, %s", o.validator, state(w.status(k, w.bad, now)))
	}
	der[len(der)-20] ^= 1
	for name, text := range map[string][]byte{
		"damaged": der, "cut short": der[:9], "empty": {}, "too large": make([]byte, 2<<20),
		"of somebody else": pki.Must(pki.Must(pki.NewAuthority("Issuing CA", now)).CRL(w.revoked())),
	} {
		replaceWith(text)
		w.log.Reset()
		k := w.using(config)
		if got := state(w.status(k, w.bad, now)); got != "unknown" || !strings.Contains(w.log.String(), "is not used") {
			t.Errorf("%s: %s\n%s", name, got, w.log.String())
		}
	}
}

// A list that cannot be kept is in force all the same, and it is told.
func TestCopyCannotBeKept(t *testing.T) {
	w := newWorld(t)
	server := serve(t)
	server.says(body(pki.Must(w.ca.CRL(w.revoked()))))
	config := w.config(w.url(server.URL))
	config.Cache = filepath.Join(w.write("file", nil), "below")
	k := w.using(config)
	k.book.Load().sources[0].fetch(t.Context())
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" || !strings.Contains(w.log.String(), "cannot be kept") {
		t.Errorf("%s\n%s", got, w.log.String())
	}
}

// roundTripper is a network of one function, for virtual time.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(text []byte) *http.Response {
	return &http.Response{StatusCode: 200, Status: "200 OK", Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text))}
}

// Lists are fetched ahead: at once, then as often as is said, and before a list's time is over; after
// a failure sooner, less and less often; and a week of it asks no server more than it must.
func TestFetchAhead(t *testing.T) {
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ca := pki.Must(pki.NewAuthority("Issuing CA", start))
		life := 10 * time.Hour
		var mu sync.Mutex // protects the two
		down := false
		var asked []time.Duration
		set := func(is bool) (before []time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			before, asked, down = asked, nil, is
			return before
		}
		transport := roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, time.Since(start))
			if down {
				return nil, errors.New("no route to host")
			}
			return answering(pki.Must(ca.CRL(pki.CRL{Number: time.Now().Unix(), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(life)}))), nil
		})
		w.write("ca.pem", pki.EncodeCertificates(ca.Certificate))
		k := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), transport: transport})
		config := w.config(w.url("http://ca.invalid/"))
		config.Refresh, config.Cache = 24*time.Hour, t.TempDir()
		k.Use(pki.Must(k.Prepare(config)))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = k.Run(ctx); close(done) }()
		time.Sleep(40 * time.Hour)
		synctest.Wait()
		// Each list lives for ten hours, and the next is fetched in its last hour or shortly before.
		when := set(false)
		if len(when) < 4 || len(when) > 6 || when[0] != 0 {
			t.Errorf("in forty hours asked at %v", when)
		}
		for i := 1; i < len(when); i++ {
			if gap := when[i] - when[i-1]; gap < 8*time.Hour || gap > 9*time.Hour {
				t.Errorf("gap of %s", gap)
			}
		}
		c := pki.Must(ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "x"}, NotAfter: start.AddDate(1, 0, 0)}))
		if got := k.Status(c.Certificate, ca.Certificate, time.Now()); state(got) != "good" {
			t.Errorf("%s %s", state(got), got.Why)
		}
		// The server is away for four days: grace is half a day.
		set(true)
		time.Sleep(96 * time.Hour)
		if n := len(set(true)); n < 400 || n > 1000 {
			t.Errorf("in four days asked %d times", n)
		}
		s := k.Sources()[0]
		if got := k.Status(c.Certificate, ca.Certificate, time.Now()); state(got) != "unknown" || !s.Silent(time.Now()) || !strings.Contains(s.Failure, "no route") {
			t.Errorf("%s, %+v", state(got), s)
		}
		// And is back.
		set(false)
		drain(k)
		time.Sleep(20 * time.Minute)
		if got := k.Status(c.Certificate, ca.Certificate, time.Now()); state(got) != "good" || !drain(k) {
			t.Errorf("back: %s", state(got))
		}
		stop()
		<-done
	})
}

// Files are looked at once a minute, for as long as the keeper runs and under whatever configuration.
func TestPollEveryMinute(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", w.next(1, -2*time.Hour))
	synctest.Test(t, func(t *testing.T) {
		k := w.using(w.config(w.in("*.crl")))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { _ = k.Run(ctx); close(done) }()
		synctest.Wait()
		k.Use(pki.Must(k.Prepare(w.config(w.in("*.crl")))))
		time.Sleep(59 * time.Second)
		w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
			t.Error(got)
		}
		stop()
		<-done
	})
}

// Whoever asks while lists change gets one answer or the other, never a mixture.
func TestStatusWhileListsChange(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	k := w.using(w.config(w.in("one.crl")))
	var askers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		askers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := k.Status(w.bad.Certificate, w.ca.Certificate, now)
				if s := state(r); s != "good" && s != "revoked keyCompromise" {
					t.Errorf("%s: %s", s, r.Why)
					return
				}
				k.Sources()
			}
		})
	}
	for i := range 50 {
		c := w.revoked()
		c.Number, c.ThisUpdate = int64(10+i), now.Add(-time.Hour+time.Duration(i)*time.Second)
		if i%2 == 0 {
			c.Revoked = nil
		}
		w.write("one.crl", pki.Must(w.ca.CRL(c)))
		if i%10 == 9 {
			k.Use(pki.Must(k.Prepare(w.config(w.in("one.crl")))))
		} else {
			k.book.Load().sources[0].poll()
		}
	}
	close(stop)
	askers.Wait()
	if diff := cmp.Diff("revoked keyCompromise", state(w.status(k, w.bad, now))); diff != "" {
		t.Error(fmt.Sprint(diff))
	}
}
