package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/schema"
)

// documentSeen is what the log says of a document beyond its metrics.
type documentSeen struct {
	DocumentObservation
	id       string // DocumentID as the document says
	version  int
	message  string
	repeated bool
}

// postDocument takes a document and answers with the signed ЭСИД.
func (s *service) postDocument(w *answer, r *http.Request, c Client) error {
	sub, done, err := s.submission(w, r, c)
	if err != nil {
		return err
	}
	defer done()
	sub.Async = prefers(r, "respond-async")
	ctx, cancel := s.judging(r)
	defer cancel()
	receipt, err := s.Accept(ctx, sub)
	if err != nil {
		return err
	}
	done() // the client may read slowly
	if !receipt.Valid() {
		// Only the one write makes a valid one: without it nothing may be promised.
		panic("rest: the gateway answered with no receipt")
	}
	w.seen(receipt)
	result := receipt.Result()
	h := w.Header()
	h.Set("Message-ID", receipt.MessageID())
	h.Set("Gateway-Result", resultWord(result))
	if sub.Async {
		h.Set("Preference-Applied", "respond-async") // RFC 7240 §3
	}
	writeSealed(w, r, statusOf(result, c), receipt.MessageID(), receipt.Document(), receipt.Detached())
	return nil
}

// submission reads the document once there is room for it, and waits for its turn to be judged with
// the whole of it in hand, so that a body that trickles in holds no turn. Room and turn are given back
// when done is called; once more does no harm.
func (s *service) submission(w *answer, r *http.Request, c Client) (sub gateway.Submission, done func(), err error) {
	w.document = &documentSeen{}
	held, err := s.checkBody(r)
	if err != nil {
		return sub, nil, err
	}
	announced := r.ContentLength
	if announced < 0 {
		announced = packed(s.Limits.Document)
	}
	room, err := s.bodies.take(r.Context(), c.Code, announced)
	if err != nil {
		return sub, nil, err
	}
	body, err := readBody(w, r, s.limitOf(held, r))
	if err != nil {
		room.leave()
		return sub, nil, err
	}
	room.shrink(int64(len(body)))
	w.document.Bytes = len(body)
	sub = gateway.Submission{Participant: c.Code, Received: s.Now(), Via: "rest"}
	turn, err := s.turns.take(r.Context(), c.Code, 1)
	if err != nil {
		room.leave()
		return sub, nil, err
	}
	// The processors are done with it before the disk is. It keeps its turn until it may be written, so
	// that documents do not pile up before a disk that stands still.
	var writing *place
	sub.Writing = func() {
		if writing == nil {
			writing, _ = s.writes.take(context.WithoutCancel(r.Context()), c.Code, 1) // else it is written all the same
		}
		turn.leave()
	}
	done = func() {
		if writing != nil {
			writing.leave()
		}
		turn.leave()
		room.leave()
	}
	if sub.Raw, sub.Detached, err = s.unpack(held, body); err != nil {
		done()
		return sub, nil, err
	}
	return sub, done, nil
}

// judging is the context of a judgment. It outlives the connection: a client that shuts its sending
// side down, or went away, finds the answer in its outbox.
func (s *service) judging(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), s.Limits.Handling)
}

// statusOf is the HTTP status of an ЭСИД. No result is a technical Receipt.
func statusOf(result schema.Result, c Client) int {
	switch {
	case result == "":
		return http.StatusAccepted
	case c.AlwaysOK || result == schema.Positive:
		return http.StatusOK
	case result == schema.Deferred:
		return http.StatusAccepted
	case result == schema.Conflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func resultWord(result schema.Result) string {
	if result == "" {
		return "received"
	}
	return string(result)
}

// seen notes what became of the document.
func (a *answer) seen(r gateway.Receipt) {
	d, e := a.document, r.Entry()
	d.Kind, d.Stage, d.Result = string(e.Kind), string(e.Stage), resultWord(r.Result())
	d.Codes = schema.ErrorCodes(r.Findings())
	d.id, d.version, d.message, d.repeated = e.DocumentID, e.Version, r.MessageID(), r.Repeated()
}

// audit is the one line per document for people. It has neither bodies nor persons, and what comes
// from the client is bounded and visible ASCII.
func (s *service) audit(a *answer, d *documentSeen, took time.Duration) {
	s.Log.Info("document",
		"request", a.id,
		"participant", a.client,
		"kind", visible(d.Kind, 40),
		"document", visible(d.id, 64),
		"version", d.version,
		"result", d.Result,
		"codes", strings.Join(d.Codes, " "),
		"message", d.message,
		"repeated", d.repeated,
		"dry", d.DryRun,
		"status", a.status,
		"problem", a.problem,
		"bytes", d.Bytes,
		"ms", took.Milliseconds(),
	)
}

// visible is a word of the client's for a terminal: letters that change the direction of writing, or
// look like others, are shown as what they are.
func visible(s string, most int) string {
	if s = bounded(s, most); s == "" || isToken(s) {
		return s
	}
	return strconv.QuoteToASCII(s)
}

// prefers looks for a preference (RFC 7240) among the comma-separated ones of the request.
func prefers(r *http.Request, name string) bool {
	for _, line := range r.Header.Values("Prefer") {
		for _, p := range strings.Split(line, ",") {
			token, _, _ := strings.Cut(p, ";")
			if strings.EqualFold(strings.TrimSpace(token), name) {
				return true
			}
		}
	}
	return false
}
