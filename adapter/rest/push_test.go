package rest

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/queue"
)

var pushed = queue.Message{
	ID: "019396a5-1c00-7000-8000-000000000001", Lane: "client/SHIP-01", Kind: "ESID",
	DocumentID: "019396a5-0000-7000-8000-000000000001", Version: 2, Result: "positive", SHA256: "ab12",
}

// pushTo is a Deliver to a server of the test.
func pushTo(url string, change func(*PushOptions)) queue.Deliver {
	o := PushOptions{
		URL: func() string { return url }, Timeout: 2 * time.Second, RetryMax: time.Minute,
		AllowLoopback: true, Insecure: true, Now: time.Now,
	}
	if change != nil {
		change(&o)
	}
	return Push(o)
}

// The message arrives as it was signed, with what it is about, and 2xx confirms it.
func TestPush(t *testing.T) {
	got := make(map[string]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		user, password, _ := r.BasicAuth()
		got = map[string]string{"method": r.Method, "path": r.URL.Path, "body": string(body), "user": user + ":" + password}
		for _, h := range []string{
			"Content-Type", "Message-ID", "Document-ID", "Document-Version", "Kind", "SHA256", "Gateway-Result", "User-Agent",
		} {
			got[h] = r.Header.Get(h)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	deliver := pushTo(strings.Replace(server.URL, "http://", "http://gate:secret@", 1)+"/in", nil)
	if err := deliver(context.Background(), pushed, []byte("<ESID/>"), nil); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"method": "POST", "path": "/in", "body": "<ESID/>", "user": "gate:secret", "Content-Type": "application/xml",
		"Message-ID": pushed.ID, "Document-ID": pushed.DocumentID, "Document-Version": "2", "Kind": "ESID",
		"SHA256": "ab12", "Gateway-Result": "positive", "User-Agent": "gatewayd",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Row 112: names are looked up by servers that say nothing, or that there is no such name. That is a try
// that failed, in its time, of this participant; whose address is known is reached meanwhile.
func TestPushNames(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	usual := net.DefaultResolver
	defer func() { net.DefaultResolver = usual }()
	asked := make(chan struct{}, 100)
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	slow := make(chan error, 1)
	go func() {
		short := func(o *PushOptions) { o.Timeout = time.Second }
		slow <- pushTo("http://erp.example/", short)(context.Background(), pushed, nil, nil)
	}()
	<-asked
	if err := pushTo(server.URL, nil)(context.Background(), pushed, nil, nil); err != nil {
		t.Errorf("beside a slow name: %v", err)
	}
	select {
	case err := <-slow:
		t.Errorf("the slow name was not waited for: %v", err)
	default:
	}
	if err := <-slow; err == nil || errors.Is(err, queue.ErrRefused) || !isTimeout(err) {
		t.Errorf("a slow name: %v", err)
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no server of names")
	}}
	if err := pushTo("http://erp.example/", nil)(context.Background(), pushed, nil, nil); err == nil || errors.Is(err, queue.ErrRefused) {
		t.Errorf("no server of names: %v", err)
	}
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// The fates of a message by what the other side answers (faults.md §5, row 100).
func TestPushStatuses(t *testing.T) {
	var status atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := int(status.Load()); s >= 300 && s < 400 {
			w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer server.Close()
	deliver := pushTo(server.URL, nil)
	tests := []struct {
		statuses []int
		want     error // nil: confirmed; errAgain: tried again; queue.ErrRefused: parked the third time
	}{
		{[]int{200, 201, 202, 204}, nil},
		{[]int{408, 425, 429, 500, 502, 503, 504, 599}, errAgain},
		{[]int{301, 302, 303, 307, 308, 304, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422}, queue.ErrRefused},
	}
	for _, tt := range tests {
		for _, s := range tt.statuses {
			status.Store(int32(s))
			err := deliver(context.Background(), pushed, nil, nil)
			refused := errors.Is(err, queue.ErrRefused)
			if (err == nil) != (tt.want == nil) || refused != (tt.want == queue.ErrRefused) || errors.Is(err, queue.ErrPermanent) {
				t.Errorf("%d: %v, want %v", s, err, tt.want)
			}
		}
	}
}

var errAgain = errors.New("tried again")

// A server that hangs, floods, speaks nonsense or hides behind a bad certificate costs one try each.
func TestPushBadServers(t *testing.T) {
	hang := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer hanging.Close()
	defer close(hang)
	var sent atomic.Int64
	flooding := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 64<<10)
		for range 16384 { // a gigabyte
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	defer flooding.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	secure.StartTLS()
	defer secure.Close()
	nobody := closedAddress(t)
	begin := func(change func(*PushOptions), url string) error {
		return pushTo(url, change)(context.Background(), pushed, nil, nil)
	}
	short := func(o *PushOptions) { o.Timeout = 200 * time.Millisecond }
	if err := begin(short, hanging.URL); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging: %v", err)
	}
	// The status is the confirmation; the rest is not read to its end.
	if err := begin(nil, flooding.URL); err != nil {
		t.Errorf("flooding: %v", err)
	}
	flooding.Close()
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d bytes of an answer were taken", n)
	}
	if err := begin(nil, secure.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("unknown authority: %v", err)
	}
	trusting := func(o *PushOptions) {
		o.Roots = x509.NewCertPool()
		o.Roots.AddCert(secure.Certificate())
	}
	if err := begin(trusting, secure.URL); err != nil {
		t.Errorf("known authority: %v", err)
	}
	if err := begin(nil, "http://"+nobody); err == nil || errors.Is(err, queue.ErrRefused) {
		t.Errorf("nobody there: %v", err)
	}
}

// closedAddress is an address where nobody listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// URLs that are never called, and errors that do not repeat their passwords.
func TestPushURLs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("was called") }))
	defer server.Close()
	strict := func(o *PushOptions) { o.AllowLoopback, o.Insecure = false, false }
	local := func(o *PushOptions) { o.AllowLoopback = false }
	tests := []struct {
		name, url string
		change    func(*PushOptions)
	}{
		{"none", "", nil},
		{"no host", "http:///x", nil},
		{"nonsense", "http://u:hunter2@h:port/\x00", nil},
		{"file", "file:///etc/passwd", nil},
		{"in the clear", strings.Replace(server.URL, "http://", "http://u:hunter2@", 1), strict},
		{"loopback", strings.Replace(server.URL, "http://", "http://u:hunter2@", 1), local},
		{"loopback by name", strings.Replace(server.URL, "127.0.0.1", "localhost", 1), local},
		{"metadata", "http://u:hunter2@169.254.169.254/latest", nil},
		{"unspecified", strings.Replace(server.URL, "127.0.0.1", "0.0.0.0", 1), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := pushTo(tt.url, tt.change)(context.Background(), pushed, nil, nil)
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		})
	}
	// The environment does not decide where documents go.
	t.Setenv("HTTP_PROXY", server.URL)
	t.Setenv("HTTPS_PROXY", server.URL)
	if err := pushTo("http://"+closedAddress(t), nil)(context.Background(), pushed, nil, nil); err == nil {
		t.Error("went through a proxy")
	}
}

// Retry-After is obeyed up to the cap, without calling the server meanwhile.
func TestPushRetryAfter(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	now := time.Unix(1000, 0)
	deliver := pushTo(server.URL, func(o *PushOptions) { o.Now = func() time.Time { return now } })
	try := func() error { return deliver(context.Background(), pushed, nil, nil) }
	if err := try(); err == nil || errors.Is(err, ErrPaused) {
		t.Errorf("first: %v", err)
	}
	now = now.Add(59 * time.Second)
	if err := try(); !errors.Is(err, ErrPaused) || calls.Load() != 1 {
		t.Errorf("too early: %v, %d calls", err, calls.Load())
	}
	now = now.Add(time.Second) // the cap of a minute
	if err := try(); err != nil {
		t.Errorf("after the cap: %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "": 0, "x": 0, "-5": 0, " 7 ": 7 * time.Second,
		"Sun, 22 Nov 2026 10:00:30 GMT": 30 * time.Second, "Sun, 22 Nov 2026 09:00:00 GMT": 0, "99999999999999": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// Addresses where no partner can be, in all their disguises.
func TestCheckAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"10.1.2.3:443": true, "192.168.0.1:80": true, "172.16.0.1:443": true, "8.8.8.8:443": true,
		"[2a00:1450::1]:443": true, "[fd12:3456::1]:443": true, "[::ffff:10.1.2.3]:443": true,
		"127.0.0.1:443": false, "127.9.9.9:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"169.254.169.254:80": false, "[fe80::1]:80": false, "[fe80::1%25eth0]:80": false, "[::ffff:169.254.169.254]:80": false,
		"0.0.0.0:80": false, "0.1.2.3:80": false, "[::]:80": false, "224.0.0.1:80": false, "[ff02::1]:80": false,
		"255.255.255.255:80": false, "240.0.0.1:80": false, "[64:ff9b::7f00:1]:80": false, "[64:ff9b:1::7f00:1]:80": false,
		"[2002:7f00:1::]:80": false, "[2001:0:7f00:1::]:80": false, "[::7f00:1]:80": false, "[fec0::1]:80": false,
		"[fd00:ec2::254]:80": false, "partner.example:443": false, "": false,
	} {
		if err := checkAddress(address, false); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"} {
		if err := checkAddress(address, true); err != nil {
			t.Errorf("%s, loopback allowed: %v", address, err)
		}
	}
}
