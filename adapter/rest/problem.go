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
	"asugate/schema"
)

// Problem is an answer that is not an ЭСИД, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"` // what to do, where the reasons say it
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

// The problems of this adapter: those that are final, because the same bytes will never be taken, and
// those after which the same request should be sent again.
var (
	emptyDocument = noXML("empty-document", "The body is empty")
	notDocument   = noXML("malformed-xml", "The body is not one well-formed XML document within the limits")
	notContainer  = noXML("bad-multipart", "The body does not hold one document and its CMS signature")

	badParameter    = final(400, "bad-parameter", "A parameter or the body of the request cannot be read")
	unauthenticated = final(401, "unauthenticated", "The credentials are absent or not known")
	forbidden       = final(403, "forbidden", "The credentials do not belong to one participant in the register")
	notFound        = final(404, "no-such-resource", "There is nothing at this address")
	noDocument      = final(404, "no-such-document", "The participant has no such document")
	noMessage       = final(404, "no-such-message", "The participant has no such message")
	notPermitted    = final(409, "wagon-list-not-permitted", "The note has not a positive ЭСИД on both ЭД №1 and ЭД №2")
	withdrawn       = final(409, "wagon-list-withdrawn", "The permission for the wagon list has been withdrawn: send ЭД №2 anew")
	emptyRun        = final(409, "wagon-list-empty-run", "The wagons run empty: nothing of this technology belongs into their wagon list")
	onPaper         = final(409, "wagon-list-on-paper", "The consignment note has gone over to paper")
	takenBack       = final(410, "message-withdrawn", "The message has been taken back: what it is about has changed")
	spoiled         = final(410, "document-spoiled", "The memo has been spoiled (испорчен) and is not shown any more")
	notKept         = final(410, "document-not-kept", "The bytes of the document are not kept any more")
	wrongMethod     = final(405, "method-not-allowed", "The method is not for this address")
	lengthRequired  = final(411, "length-required", "The request names no length of its body")
	tooLarge        = final(413, "too-large", "The body is larger than documents may be")
	wrongType       = final(415, "content-type-not-supported", "Documents come as XML, in multipart/mixed or in application/pkcs7-mime")
	wrongEncoding   = final(415, "content-encoding-not-supported", "Bodies come without Content-Encoding")
	wrongContainer  = final(415, "container-not-supported", "Of multipart only mixed is taken, of a document and its CMS signature")

	signatureTooLarge = final(413, "signature-too-large", "The CMS signature is larger than 64 KiB")

	slowBody        = again(408, 0, "body-timeout", "The body did not arrive in time")
	tooMany         = again(429, time.Second, "rate-exceeded", "The participant sends more than its quota")
	internalError   = again(500, 0, "internal", "The request could not be handled")
	overloaded      = again(503, 2*time.Second, "overloaded", "Too many documents are being judged")
	notReady        = again(503, 30*time.Second, "not-ready", "Documents cannot be judged or kept at present")
	outboxFull      = again(503, time.Minute, "outbox-full", "Too many messages wait: fetch and confirm them first")
	busy            = again(503, time.Second, "busy", "The registers are being changed")
	handlingTimeout = again(503, 5*time.Second, "timeout", "The document could not be judged in time")
)

func final(status int, reason, title string) Problem {
	return Problem{Status: status, Reason: reason, Title: title}
}

// noXML is a body that is no document: its code and reason are those that an ЭСИД would give.
func noXML(reason, title string) Problem {
	return Problem{Status: http.StatusBadRequest, Code: "A01", Reason: reason, Title: title}
}

func again(status int, after time.Duration, reason, title string) Problem {
	return Problem{Status: status, Reason: reason, Title: title, Resend: true, after: after}
}

// everyProblem is the closed list, for the documentation and its test.
var everyProblem = []Problem{
	emptyDocument, notDocument, notContainer,
	badParameter, unauthenticated, forbidden, notFound, noDocument, noMessage, notPermitted, withdrawn, emptyRun,
	onPaper, takenBack, spoiled, notKept, wrongMethod, lengthRequired,
	tooLarge, wrongType, wrongEncoding, wrongContainer, signatureTooLarge,
	slowBody, tooMany, internalError, overloaded, notReady, outboxFull, busy, handlingTimeout,
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
	{queue.ErrUnknown, errSilence},
	{errSilence, errSilence},
	{gateway.ErrNotDocument, notDocument},
	{gateway.ErrOutboxFull, outboxFull},
	{gateway.ErrBusy, busy},
	{gateway.ErrNotReady, notReady},
	{queue.ErrNotWritten, notReady},
	{gateway.ErrUnknownParticipant, forbidden},
	{gateway.ErrNoDocument, noDocument},
	{gateway.ErrNotPermitted, notPermitted},
	{gateway.ErrWithdrawn, withdrawn},
	{gateway.ErrEmptyRun, emptyRun},
	{gateway.ErrOnPaper, onPaper},
	{gateway.ErrSpoiled, spoiled},
	{gateway.ErrNoContent, notKept},
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
	if e, ok := errors.AsType[*schema.ContainerError](err); ok {
		return notContainer.said(e.Finding(), e.Offset, language(c)), true
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
	if f, offset, ok := s.Malformed(err); ok {
		return notDocument.said(f, offset, language(c))
	}
	return notDocument
}

// said is the problem as the table of reasons tells it in a language.
func (p Problem) said(f schema.Finding, offset int, language string) Problem {
	p.Code, p.Reason, p.Offset = f.Code, f.Reason, &offset
	p.Detail, p.Hint = f.ITS(language), f.Remedy(language)
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
