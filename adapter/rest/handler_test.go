package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/store"
)

// Addresses and methods that nobody serves: problems that repeat nothing of the request.
func TestNoSuchAddress(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "/v1", 404, ""},
		{"GET", "/v1/documents/", 404, ""},
		{"GET", "/v1/documents/a/b", 404, ""},
		{"GET", "/v2/<script>alert(1)</script>", 404, ""},
		{"GET", "/v1/../v1/outbox", 404, ""},
		{"GET", "//v1/outbox", 404, ""},
		{"GET", "//evil.example/..", 404, ""},
		{"GET", "/v1/schemas/../openapi.yaml", 404, ""},
		{"GET", "/v1/schemas/..%2fopenapi.yaml", 404, ""},
		{"GET", "/v1/schemas/none.xsd", 404, ""},
		{"GET", "/v1/schemas/%2e", 404, ""},
		{"GET", "/v1/documents", 405, "POST"},
		{"PUT", "/v1/outbox/x", 405, "DELETE, GET, HEAD"},
		{"TRACE", "/v1/outbox", 405, "GET, HEAD"},
		{"OPTIONS", "/v1/outbox/x", 204, "DELETE, GET, HEAD"},
		{"OPTIONS", "/v1/x", 404, ""},
	}
	for _, tt := range tests {
		r := w.do(tt.method, tt.path, nil)
		if r.StatusCode != tt.status || r.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %s, Allow %q", tt.method, tt.path, r.Status, r.Header.Get("Allow"))
			continue
		}
		if tt.status != 204 {
			w.problem(t, r)
		}
		if strings.Contains(string(r.body), "script") || r.Header.Get("Location") != "" {
			t.Errorf("%s %s repeats the request: %s %v", tt.method, tt.path, r.body, r.Header)
		}
	}
}

// HEAD is GET without the body, and takes no message away.
func TestHead(t *testing.T) {
	w := newWorld(t)
	answer := w.refused(1)[0]
	r := w.do("HEAD", "/v1/outbox/next", nil)
	if r.StatusCode != 200 || r.ContentLength != int64(len(answer.body)) || len(r.body) != 0 {
		t.Errorf("%s, length %d", r.Status, r.ContentLength)
	}
}

// Every error that the gateway can give has its answer: what the client is told, and whether to send
// again.
func TestErrorTable(t *testing.T) {
	w := newWorld(t)
	var fails atomic.Pointer[error]
	w.options.Accept = func(context.Context, gateway.Submission) (gateway.Receipt, error) {
		return gateway.Receipt{}, *fails.Load()
	}
	w.serve()
	document := w.waybill(scene.Waybill{})
	tests := []struct {
		err    error
		status int // 0: the connection is closed without an answer
		reason string
		resend bool
		after  bool // Retry-After
	}{
		{gateway.ErrNotReady, 503, "not-ready", true, true},
		{gateway.ErrOutboxFull, 503, "outbox-full", true, true},
		{gateway.ErrBusy, 503, "busy", true, true},
		{gateway.ErrUnknownParticipant, 403, "forbidden", false, false},
		{gateway.ErrNotDocument, 400, "malformed-xml", false, false},
		{context.DeadlineExceeded, 503, "timeout", true, true},
		{errors.New("disk on fire at /var/lib"), 500, "internal", true, false},
		{gateway.ErrStopping, 0, "", false, false},
		{context.Canceled, 0, "", false, false},
		// Unknown whether it was written: nobody is told anything, whatever else went wrong.
		{errors.Join(gateway.ErrNotReady, gateway.ErrStopping), 0, "", false, false},
	}
	for _, tt := range tests {
		wrapped := fmt.Errorf("judging: %w", tt.err)
		fails.Store(&wrapped)
		r, err := w.try("POST", "/v1/documents", document)
		if tt.status == 0 {
			if err == nil {
				t.Errorf("%v: answered %s", tt.err, r.Status)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", tt.err, err)
			continue
		}
		p := w.problem(t, r)
		if p.Status != tt.status || p.Reason != tt.reason || p.Resend != tt.resend || (r.Header.Get("Retry-After") != "") != tt.after {
			t.Errorf("%v: %+v, Retry-After %q", tt.err, p, r.Header.Get("Retry-After"))
		}
		if strings.Contains(string(r.body), "/var/lib") {
			t.Errorf("the client is told %s", r.body)
		}
	}
	if n := len(w.log.lines(t, "request failed")); n != 1 {
		t.Errorf("%d unexpected errors in the log, want that of the disk", n)
	}
}

// failing is a store that fails so, whatever it is asked.
type failing struct {
	store.Store
	err error
}

func (f failing) View(func(store.Reader) error) error { return fmt.Errorf("reading: %w", f.err) }
func (f failing) Update(func(store.Tx) error) error   { return fmt.Errorf("writing: %w", f.err) }

// Every route that reads or writes the queue has the same two answers to a store that fails: that of
// the table, or none.
func TestQueueFails(t *testing.T) {
	w := newWorld(t)
	id := w.refused(1)[0].Header.Get("Message-ID")
	for _, tt := range []struct {
		err    error
		status int // 0: the connection is closed without an answer
	}{
		{store.ErrUnknown, 0},
		{store.ErrNotWritten, 503},
		{errors.New("a page is damaged"), 500},
	} {
		w.options.Queue = queue.New(failing{err: tt.err}, time.Now)
		w.serve()
		for _, request := range []struct{ method, path, body string }{
			{"GET", "/v1/outbox", ""},
			{"GET", "/v1/outbox/next", ""},
			{"GET", "/v1/outbox/next?wait=1s", ""},
			{"GET", "/v1/outbox/" + id, ""},
			{"DELETE", "/v1/outbox/" + id, ""},
			{"POST", "/v1/outbox/confirm", `["` + id + `"]`},
			{"GET", "/v1/messages", ""},
		} {
			r, err := w.try(request.method, request.path, []byte(request.body))
			switch {
			case tt.status == 0 && err == nil:
				t.Errorf("%s %s, %v: answered %s", request.method, request.path, tt.err, r.Status)
			case tt.status != 0 && err != nil:
				t.Errorf("%s %s, %v: %v", request.method, request.path, tt.err, err)
			case tt.status != 0:
				if p := w.problem(t, r); p.Status != tt.status || !p.Resend {
					t.Errorf("%s %s, %v: %+v", request.method, request.path, tt.err, p)
				}
			}
		}
	}
}

// Who calls cannot be found out: nobody is told that its credentials are wrong.
func TestAuthenticateFails(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		err    error
		status int // 0: the connection is closed without an answer
	}{
		{gateway.ErrStopping, 0},
		{gateway.ErrNotReady, 503},
		{errors.New("a mistake"), 500},
	} {
		w.options.Authenticate = func(*http.Request) (Client, error) {
			return Client{}, fmt.Errorf("checking: %w", tt.err)
		}
		w.serve()
		w.log.reset()
		r, err := w.try("GET", "/v1/outbox", nil)
		switch {
		case tt.status == 0 && err == nil:
			t.Errorf("%v: answered %s", tt.err, r.Status)
		case tt.status != 0 && err != nil:
			t.Errorf("%v: %v", tt.err, err)
		case tt.status != 0:
			if p := w.problem(t, r); p.Status != tt.status || !p.Resend {
				t.Errorf("%v: %+v", tt.err, p)
			}
		}
		if !strings.Contains(w.log.String(), tt.err.Error()) {
			t.Errorf("%v: the operator is not told: %s", tt.err, w.log)
		}
	}
}

// faults.md §5, row 109: a panic costs its own request and no other.
func TestPanic(t *testing.T) {
	w := newWorld(t)
	w.options.Accept = func(context.Context, gateway.Submission) (gateway.Receipt, error) { panic("a mistake") }
	w.serve()
	r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}))
	if p := w.problem(t, r); p.Status != 500 || !p.Resend || strings.Contains(string(r.body), "mistake") {
		t.Errorf("%+v", p)
	}
	if w.api.InFlight() != 0 {
		t.Error("the turn was not given back")
	}
	lines := w.log.lines(t, "panic in a request")
	if len(lines) != 1 || lines[0]["request"] != r.Header.Get("Request-ID") || lines[0]["panic"] != "a mistake" {
		t.Errorf("log: %v", lines)
	}
	if audit := w.log.lines(t, "document"); len(audit) != 1 || audit[0]["status"] != 500.0 || audit[0]["problem"] != "internal" {
		t.Errorf("audit: %v", audit)
	}
}

// A receipt that nobody wrote promises nothing: the zero value is refused.
func TestZeroReceipt(t *testing.T) {
	w := newWorld(t)
	w.options.Accept = func(context.Context, gateway.Submission) (gateway.Receipt, error) { return gateway.Receipt{}, nil }
	w.serve()
	if p := w.problem(t, w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}))); p.Status != 500 {
		t.Errorf("%+v", p)
	}
}

// faults.md §5, row 15: the client that went away finds the answer in its outbox.
func TestClientGoesAway(t *testing.T) {
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	w.options.Accept = func(ctx context.Context, s gateway.Submission) (gateway.Receipt, error) {
		close(entered)
		<-release
		if err := ctx.Err(); err != nil {
			t.Errorf("judging ended with the connection: %v", err)
		}
		return w.gateway.Accept(ctx, s)
	}
	w.serve()
	document := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "POST", w.server.URL+"/v1/documents", strings.NewReader(string(document)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer ship-01")
	req.Header.Set("Content-Type", "application/xml")
	gone := make(chan error, 1)
	go func() {
		_, err := w.server.Client().Do(req)
		gone <- err
	}()
	<-entered
	cancel()
	if err := <-gone; err == nil {
		t.Error("an answer came")
	}
	close(release)
	if r := w.do("GET", "/v1/outbox/next?wait=10s", nil); r.StatusCode != 200 {
		t.Errorf("outbox: %s", r.Status)
	}
}
