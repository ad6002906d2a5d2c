package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"asugate/gateway"
	"asugate/queue"
)

// Problem is an answer that is not an ЭСИД, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code,omitempty"` // A01 when the body is no document
	Reason string `json:"reason"`
	Offset *int   `json:"offset,omitempty"` // byte of the body at which reading ended
	Resend bool   `json:"resend"`           // whether the same request should be sent again

	after time.Duration // Retry-After
}

// Error makes a Problem an error, so that a handler returns it like any other.
func (p Problem) Error() string { return p.Reason }

// Detailed is the problem with a sentence about this one case.
func (p Problem) detailed(detail string) Problem {
	p.Detail = detail
	return p
}

// The problems of this adapter. resend false is final: the same bytes will never be taken.
var (
	emptyDocument   = Problem{Status: 400, Code: "A01", Reason: "empty-document", Title: "The body is empty"}
	notDocument     = Problem{Status: 400, Code: "A01", Reason: "malformed-xml", Title: "The body is not one well-formed XML document within the limits"}
	badParameter    = Problem{Status: 400, Reason: "bad-parameter", Title: "A parameter or the body of the request cannot be read"}
	unauthenticated = Problem{Status: 401, Reason: "unauthenticated", Title: "The credentials are absent or not known"}
	forbidden       = Problem{Status: 403, Reason: "forbidden", Title: "The credentials do not belong to one participant in the register"}
	notFound        = Problem{Status: 404, Reason: "no-such-resource", Title: "There is nothing at this address"}
	noDocument      = Problem{Status: 404, Reason: "no-such-document", Title: "The participant has no such document"}
	noMessage       = Problem{Status: 404, Reason: "no-such-message", Title: "The participant has no such message"}
	wrongMethod     = Problem{Status: 405, Reason: "method-not-allowed", Title: "The method is not for this address"}
	slowBody        = Problem{Status: 408, Reason: "body-timeout", Title: "The body did not arrive in time", Resend: true}
	lengthRequired  = Problem{Status: 411, Reason: "length-required", Title: "The request names no length of its body"}
	tooLarge        = Problem{Status: 413, Reason: "too-large", Title: "The body is larger than documents may be"}
	wrongType       = Problem{Status: 415, Reason: "content-type-not-supported", Title: "Documents come as application/xml or text/xml"}
	wrongEncoding   = Problem{Status: 415, Reason: "content-encoding-not-supported", Title: "Bodies come without Content-Encoding"}
	wrongContainer  = Problem{Status: 415, Reason: "container-not-supported", Title: "This installation takes only signatures inside the document (XMLDSig)"}
	tooMany         = Problem{Status: 429, Reason: "rate-exceeded", Title: "The participant sends more than its quota", Resend: true}
	internalError   = Problem{Status: 500, Reason: "internal", Title: "The request could not be handled", Resend: true}
	overloaded      = Problem{Status: 503, Reason: "overloaded", Title: "Too many documents are being judged", Resend: true, after: 2 * time.Second}
	notReady        = Problem{Status: 503, Reason: "not-ready", Title: "Documents cannot be judged or kept at present", Resend: true, after: 30 * time.Second}
	outboxFull      = Problem{Status: 503, Reason: "outbox-full", Title: "Too many messages wait to be confirmed: fetch and confirm them first", Resend: true, after: time.Minute}
	busy            = Problem{Status: 503, Reason: "busy", Title: "The registers are being changed", Resend: true, after: time.Second}
	handlingTimeout = Problem{Status: 503, Reason: "timeout", Title: "The document could not be judged in time", Resend: true, after: 5 * time.Second}
)

// everyProblem is the closed list, for the documentation and its test.
var everyProblem = []Problem{
	emptyDocument, notDocument, badParameter, unauthenticated, forbidden, notFound, noDocument, noMessage,
	wrongMethod, slowBody, lengthRequired, tooLarge, wrongType, wrongEncoding, wrongContainer, tooMany,
	internalError, overloaded, notReady, outboxFull, busy, handlingTimeout,
}

// errSilence: the connection is closed without an answer, because any answer might be untrue or
// nobody is there to read it.
var errSilence = errors.New("no answer")

// answers is the one table from errors to answers, looked through from the top.
var answers = []struct {
	err    error
	answer error // a Problem or errSilence
}{
	{gateway.ErrStopping, errSilence},
	{errSilence, errSilence},
	{gateway.ErrNotDocument, notDocument},
	{gateway.ErrOutboxFull, outboxFull},
	{gateway.ErrBusy, busy},
	{gateway.ErrNotReady, notReady},
	{gateway.ErrUnknownParticipant, forbidden},
	{gateway.ErrNoDocument, noDocument},
	{queue.ErrNoMessage, noMessage},
	{ErrUnauthenticated, unauthenticated},
	{ErrForbidden, forbidden},
	{context.DeadlineExceeded, handlingTimeout},
	{context.Canceled, errSilence},
}

// answerTo is the answer to an error, and whether the error was expected at all.
func (s *service) answerTo(err error, c Client) (answer error, expected bool) {
	if p, ok := errors.AsType[Problem](err); ok {
		return p, true
	}
	for _, a := range answers {
		if !errors.Is(err, a.err) {
			continue
		}
		if a.err == gateway.ErrNotDocument {
			return s.malformed(err, c), true
		}
		return a.answer, true
	}
	return internalError, false
}

// malformed says in the client's language why the body is no document, and where.
func (s *service) malformed(err error, c Client) Problem {
	p := notDocument
	if f, offset, ok := s.Malformed(err); ok {
		p.Code, p.Reason, p.Detail, p.Offset = f.Code, f.Reason, f.ITS(language(c)), &offset
	}
	return p
}

// language of texts for the people of a client.
func language(c Client) string {
	if c.Language == "" {
		return "ru"
	}
	return c.Language
}

// write sends the problem. Nothing that the client sent is repeated in it.
func (p Problem) write(w http.ResponseWriter) {
	p.Type = "urn:asugate:problem:" + p.Reason
	body, err := json.Marshal(p)
	if err != nil {
		panic("rest: a problem is always JSON: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if p.after > 0 {
		// RFC 9110 §10.2.3: whole seconds; never 0, which would say at once.
		h.Set("Retry-After", strconv.Itoa(max(1, int((p.after+time.Second-1)/time.Second))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Add("WWW-Authenticate", `Bearer realm="gatewayd"`)
		h.Add("WWW-Authenticate", `Basic realm="gatewayd", charset="UTF-8"`)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // The client may be gone; the server sees that itself.
}
