package rest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"time"

	"asugate/queue"
)

// service is the handler with what it remembers between requests.
type service struct {
	Options
	mux     *http.ServeMux
	rates   *rates
	bodies  *inFlight // bytes of documents, from before they are read until they are judged
	turns   *inFlight // documents being judged: as many as the processors have work with
	writes  *inFlight // documents being written
	reads   *inFlight // requests that read the store and are no documents
	answers *inFlight // bytes on their way out
	waiting *inFlight // requests of GET /v1/outbox/next that wait
}

// Judging a document takes up to twelve times its size, and memory is to be no more than four times
// limits.max_document × limits.max_in_flight beyond what stands always: the bodies in flight are so
// long together as a quarter of them at their greatest, and all may be in flight that are no longer
// than that. What goes out is held once, and may be half of it.
const (
	bodiesPart  = 4
	answersPart = 2
)

// turnsPerProcessor keeps the processors busy while some wait for a page of the store or a program that
// signs. More would make everybody's judgment longer, also that of who sends little, and none more.
// Those that are written share a sync, the more the cheaper each: they are bounded by max_in_flight alone.
const turnsPerProcessor = 2

// Long polls hold a connection each; a client needs one, several branches of it a few.
const (
	waitersPerClient = 16
	waiters          = 4096
)

// API serves the routes of openapi.yaml.
type API struct{ service *service }

// Handler is the API, ready to serve.
func Handler(o Options) *API { return &API{newService(o)} }

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.service.ServeHTTP(w, r) }

// InFlight counts the documents being judged and written.
func (a *API) InFlight() int { return int(a.service.turns.now() + a.service.writes.now()) }

// BodyBytes is how long the bodies are, or may become, that are being read, wait, or are judged.
func (a *API) BodyBytes() int64 { return a.service.bodies.now() }

func newService(o Options) *service {
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	if o.MayShow == nil {
		o.MayShow = func(queue.Message) error { return nil }
	}
	l := o.Limits
	greatest, all := packed(l.Document), int64(l.InFlight)*l.Document
	turns := min(l.InFlight, turnsPerProcessor*runtime.GOMAXPROCS(0))
	line := func(most int, wait time.Duration) *inFlight { // of which a client has its part
		return newInFlight(int64(most), int64(max(1, most*l.InFlightPerClient/l.InFlight)), wait)
	}
	s := &service{
		Options: o,
		mux:     http.NewServeMux(),
		rates:   newRates(l.Rate, l.Burst),
		bodies:  newInFlight(max(greatest, all/bodiesPart), greatest+all, l.InFlightWait),
		turns:   line(turns, l.InFlightWait),
		writes:  line(l.InFlight, time.Hour), // who has been judged is not sent away
		reads:   newInFlight(int64(turns), int64(max(1, turns/2)), l.InFlightWait),
		answers: newInFlight(max(greatest, all/answersPart), greatest+all, 0),
		waiting: newInFlight(waiters, waitersPerClient, 0),
	}
	// These are held for as long as the client takes: however many are slow, there is room for another.
	s.bodies.spare, s.answers.spare = true, true
	for _, r := range routes {
		s.mux.Handle(r.method+" "+r.path, s.endpoint(r))
	}
	return s
}

// handle answers one request of a known client. It returns an error before it has written anything.
type handle func(s *service, w *answer, r *http.Request, c Client) error

// route is one line of the table that the mux, the tests and openapi.yaml agree upon.
type route struct {
	method, path string
	handle       handle
	open         bool // without credentials
	document     bool // counts as a document, not as a request, for it costs as much
}

var routes = []route{
	{"POST", "/v1/documents", (*service).postDocument, false, true},
	{"GET", "/v1/documents/{id}", (*service).getDocument, false, false},
	{"GET", "/v1/documents/{id}/content", (*service).getContent, false, false},
	{"GET", "/v1/documents/{id}/wagon-list", (*service).getWagonList, false, true},
	{"GET", "/v1/documents/{id}/wagon-list.pdf", (*service).getWagonListPDF, false, true},
	{"GET", "/v1/documents/{id}/proof", (*service).getProof, false, true},
	{"POST", "/v1/verify", (*service).postVerify, false, true},
	{"GET", "/v1/outbox", (*service).getOutbox, false, false},
	{"GET", "/v1/outbox/next", (*service).getNext, false, false},
	{"POST", "/v1/outbox/confirm", (*service).postConfirm, false, false},
	{"GET", "/v1/outbox/{id}", (*service).getMessage, false, false},
	{"DELETE", "/v1/outbox/{id}", (*service).deleteMessage, false, false},
	{"GET", "/v1/messages", (*service).getMessages, false, false},
	{"GET", "/v1/certificates", (*service).getCertificates, false, false},
	{"GET", "/v1/schemas/{$}", (*service).getSchemas, true, false},
	{"GET", "/v1/schemas/{name}", (*service).getSchema, true, false},
	{"GET", "/v1/openapi.yaml", (*service).getOpenAPI, true, false},
}

// endpoint is the road that each request of a route goes: who, how often, what.
func (s *service) endpoint(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := w.(*answer) // ServeHTTP made it
		a.route = rt.method + " " + rt.path
		var c Client
		if !rt.open {
			var err error
			if c, err = s.Authenticate(r); err != nil {
				s.fail(a, r, c, err)
				return
			}
			a.client = c.Code
			if rt.document {
				err = s.rates.document(c, time.Now())
			} else {
				err = s.rates.request(c, time.Now())
			}
			if err != nil {
				s.fail(a, r, c, err)
				return
			}
		}
		if rt.reads() {
			var err error
			if a.turn, err = s.reads.take(r.Context(), c.Code, 1); err != nil {
				s.fail(a, r, c, err)
				return
			}
			defer a.turn.leave()
		}
		if err := rt.handle(s, a, r, c); err != nil {
			s.fail(a, r, c, err)
		}
	})
}

// reads: what costs a client nothing to ask for costs us a look through the store, so it waits its turn
// too; but a request that only waits for the next message does not hold one.
func (rt route) reads() bool {
	return rt.method == http.MethodGet && !rt.open && !rt.document && rt.path != "/v1/outbox/next"
}

// ServeHTTP wraps every request: an id, a deadline for the answer, a lid on panics, one observation.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &answer{ResponseWriter: w, began: time.Now(), id: rand.Text(), patience: s.Limits.Write}
	// net/http starts the clock of an answer when the request has been read; ours starts with the
	// answer. Over HTTP/2 the stream would be reset while a document is judged.
	a.deadline(time.Time{})
	a.Header().Set("Request-ID", a.id)
	a.Header().Set("X-Content-Type-Options", "nosniff")
	if len(r.TransferEncoding) > 0 {
		// RFC 9112 §6.1: a Content-Length beside chunked, which net/http has dropped without a word,
		// may be an attempt at request smuggling. Whatever follows the chunks is not read.
		a.Header().Set("Connection", "close")
	}
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			s.Log.Error("panic in a request", "request", a.id, "route", a.route, "participant", a.client,
				"panic", bounded(fmt.Sprint(p), 500), "stack", bounded(string(debug.Stack()), 8<<10))
			if a.status == 0 {
				a.problem = internalError.Reason
				internalError.write(a)
				p = nil
			} else {
				p = http.ErrAbortHandler // half an answer must not look like a whole one
			}
		}
		s.observe(a)
		if p != nil {
			panic(http.ErrAbortHandler)
		}
	}()
	s.serve(a, r)
}

func (s *service) serve(a *answer, r *http.Request) {
	// The mux would redirect //v1 and /v1/../v1; a client that needs that has a mistake to correct.
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path {
		notFound.write(a)
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(a, r)
		return
	}
	// The mux's own answers are text; only the header Allow is of use.
	var verdict allowed
	h.ServeHTTP(&verdict, r)
	allow := verdict.Header().Get("Allow")
	switch {
	case allow == "":
		notFound.write(a)
	case r.Method == http.MethodOptions:
		a.Header().Set("Allow", allow)
		a.WriteHeader(http.StatusNoContent)
	default:
		a.Header().Set("Allow", allow)
		wrongMethod.write(a)
	}
}

// allowed catches the answer that the mux gives to a request without a route.
type allowed struct{ header http.Header }

func (v *allowed) Header() http.Header {
	if v.header == nil {
		v.header = make(http.Header)
	}
	return v.header
}
func (v *allowed) Write(b []byte) (int, error) { return len(b), nil }
func (v *allowed) WriteHeader(int)             {}

// fail answers with the problem that the table has for the error, or closes the connection.
func (s *service) fail(a *answer, r *http.Request, c Client, err error) {
	verdict, expected := s.answerTo(err, c)
	if !expected {
		s.Log.Error("request failed", "request", a.id, "route", a.route, "participant", a.client,
			"error", bounded(err.Error(), 500))
	}
	p, ok := verdict.(Problem)
	if !ok {
		a.problem = "unanswered"
		level := slog.LevelWarn
		if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			level = slog.LevelDebug // the client went away while it waited: anyone can do that often
		}
		s.Log.Log(context.WithoutCancel(r.Context()), level, "request left without an answer", "request", a.id, "route", a.route, "participant", a.client,
			"error", bounded(err.Error(), 500))
		panic(http.ErrAbortHandler)
	}
	if p == notReady { // what is not ready is for the operator to find out, not for the client
		s.Log.Warn("request put off", "request", a.id, "route", a.route, "participant", a.client,
			"error", bounded(err.Error(), 500))
	}
	a.problem = p.Reason
	p.write(a)
}

// observe tells metrics and log of one answer. The line for people is about documents only.
func (s *service) observe(a *answer) {
	took := time.Since(a.began)
	if d := a.document; d != nil {
		s.audit(a, d, took)
	} else {
		s.Log.Debug("request", "request", a.id, "route", a.route, "participant", a.client,
			"status", a.status, "problem", a.problem, "ms", took.Milliseconds())
	}
	o := Observation{Route: a.route, Status: a.status, Duration: took}
	if a.document != nil {
		o.Document = &a.document.DocumentObservation
	}
	s.Observe(o)
}

// answer is one answer on its way, and what is known of it for log and metrics.
type answer struct {
	http.ResponseWriter
	began    time.Time
	patience time.Duration // for the client to take the answer
	id       string        // of the request
	route    string
	client   string
	problem  string
	status   int
	document *documentSeen
	turn     *place // of reads; given back when the answer begins, for the client may take it slowly
}

// WriteHeader gives the client its time from now on: a judgment or a long poll has used some.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
		if a.turn != nil {
			a.turn.leave()
		}
		a.deadline(time.Now().Add(a.patience))
	}
	a.ResponseWriter.WriteHeader(status)
}

// deadline is for writing. An error means that the connection is gone, or is none, as in tests;
// writing will say so.
func (a *answer) deadline(t time.Time) {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(t)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// bounded cuts a text for the log, which escapes it.
func bounded(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
