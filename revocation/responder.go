package revocation

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"asugate/signature"
)

const (
	// maxAnswer bounds a response: some certificates and one answer.
	maxAnswer = 64 << 10
	// maxAsked is how many certificates one generation of a responder's memory holds.
	maxAsked = 5_000
	// patience is how long a document waits for the first answer about a certificate.
	patience = 2 * time.Second
	// silence is how long nobody waits for a responder that has just failed.
	silence = 30 * time.Second
	// atOnce is how many questions one responder is asked at a time.
	atOnce = 4
	// rounds is how often is looked which answers end soon.
	rounds = 15 * time.Second
	// lately is how long a certificate that nobody asks about is kept fresh.
	lately = 24 * time.Hour
)

// notKnown is why a responder's answer says nothing. What people outside are told names no address.
const notKnown = "the OCSP responder does not know the certificate"

// responder is an OCSP responder with what it has said.
type responder struct {
	book    *book
	web     *web
	config  ResponderSource
	issuers []*x509.Certificate
	trusted []*x509.Certificate // may sign its answers because the configuration says so
	slots   chan struct{}       // one for each question under way

	mu              sync.Mutex // protects what follows; never held while waiting
	present, former map[subject]*asked
	until           time.Time // nobody waits before then
	probing         bool      // one has gone ahead to see whether it answers again
	failure         string    // why the last question got no answer; empty: it did
	answered        time.Time
	had, bad        uint64
}

// subject is a certificate: the key and the name of its issuer, and its serial number.
type subject struct{ key, name, serial string }

// asked is a certificate that was asked about; protected by the responder's mu.
type asked struct {
	certificate *x509.Certificate
	issuer      *x509.Certificate
	answer      *answer
	why         string        // the responder will not answer, for people outside; empty: it has not
	tried       time.Time     // when it was asked about last
	used        time.Time     // when a document last wanted to know
	flight      chan struct{} // closed when the question under way has its answer; nil: none is
}

func newResponder(b *book, w *web, c ResponderSource) (*responder, error) {
	r := &responder{
		book: b, web: w, config: c, slots: make(chan struct{}, atOnce), present: make(map[subject]*asked),
	}
	var err error
	if r.issuers, err = readCertificates(c.Issuer); err != nil {
		return nil, err
	}
	if c.Responder != "" {
		if r.trusted, err = readCertificates(c.Responder); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// known is what the responder has said of a certificate. When that is nothing that counts at the
// moment it is asked: the caller waits for the answer for a short time, or, where it can do without
// (wait is false), not at all.
func (r *responder) known(c *x509.Certificate, issuer *authority, serial []byte, at time.Time, wait bool) signature.Revocation {
	r.mu.Lock()
	one := r.remember(c, issuer, serial)
	one.used = r.book.keeper.Now()
	if s := r.said(one, at); s.State != signature.RevocationUnknown {
		r.mu.Unlock()
		return s
	}
	flight := r.launch(one)
	r.mu.Unlock()
	inTime := true
	if flight != nil && wait {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-flight:
		case <-timer.C:
			inTime = false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !inTime && one.flight != nil {
		r.fail(fmt.Sprintf("no answer within %s", patience)) // the question goes on
	}
	return r.said(one, at)
}

// remember finds the certificate, or begins to know it. mu is held. Two generations are kept, as in
// signature's cache: when the present one is full it becomes the former, and the former one goes.
func (r *responder) remember(c *x509.Certificate, issuer *authority, serial []byte) *asked {
	by := issuer.certificate
	if one, ok := r.present[subject{string(by.RawSubjectPublicKeyInfo), string(by.RawSubject), string(serial)}]; ok {
		return one
	}
	key := subject{string(by.RawSubjectPublicKeyInfo), string(by.RawSubject), string(serial)}
	one, ok := r.former[key]
	if !ok {
		one = &asked{certificate: c, issuer: by}
	}
	if len(r.present) >= maxAsked {
		r.present, r.former = make(map[subject]*asked), r.present
	}
	r.present[key] = one
	return one
}

// said is the answer that is there. mu is held.
func (r *responder) said(one *asked, at time.Time) signature.Revocation {
	s := signature.Revocation{State: signature.RevocationUnknown}
	a := one.answer
	if a == nil {
		s.Why = "the OCSP responder of " + nameOf(one.issuer.RawSubject) + " has not answered"
		if one.why != "" {
			s.Why = one.why
		}
		return s
	}
	s = signature.Revocation{
		Source: "ocsp", Produced: a.thisUpdate, Next: a.nextUpdate, Evidence: a.der,
		State: signature.RevocationUnknown,
	}
	fresh := !at.After(r.book.until(a.thisUpdate, a.nextUpdate))
	if a.state == answerRevoked {
		s.RevokedAt, s.Reason = a.since, a.reason.String()
	}
	switch {
	case a.state == answerRevoked && !a.since.After(at) && (fresh || a.reason != certificateHold):
		s.State = signature.RevocationRevoked
	case a.state == answerUnknown:
		// RFC 6960 section 2.2: the responder does not know the certificate. That clears nobody.
		s.Why = notKnown
	case !fresh:
		s.Why = "the answer of the OCSP responder is out of date since " + stamp(r.book.until(a.thisUpdate, a.nextUpdate))
	case a.thisUpdate.After(one.certificate.NotAfter):
		s.Why = "the answer of the OCSP responder was " + goodAfterEnd
	default:
		s.State = signature.RevocationGood
	}
	return s
}

// launch asks about a certificate unless that is under way, was of no use a moment ago, or the
// responder is silent. It returns what to wait for, nil when there is nothing. mu is held.
func (r *responder) launch(one *asked) chan struct{} {
	if one.flight != nil {
		return one.flight
	}
	ctx := r.book.keeper.running.Load()
	if ctx == nil {
		return nil
	}
	now := r.book.keeper.Now()
	if now.Before(r.until) || r.probing {
		return nil
	}
	if !one.tried.IsZero() && now.Sub(one.tried) < silence {
		return nil
	}
	r.probing = !r.until.IsZero() // it has failed before: one goes ahead
	one.tried = now
	one.flight = make(chan struct{})
	go r.fly(*ctx, one, one.flight)
	return one.flight
}

// fly asks, writes down what came of it, and wakes who waits.
func (r *responder) fly(ctx context.Context, one *asked, flight chan struct{}) {
	defer close(flight)
	limited, cancel := context.WithTimeout(ctx, r.web.timeout)
	defer cancel()
	a, err := r.query(limited, one)
	r.mu.Lock()
	defer r.mu.Unlock()
	one.flight = nil
	r.probing = false
	if ctx.Err() != nil {
		return // we are stopping: nothing is said about the responder
	}
	if err == nil && one.answer != nil && a.thisUpdate.Before(one.answer.thisUpdate) {
		err = errOlder // a replay; the newer one stays
	}
	var refused refusal
	switch {
	case err == nil:
		one.answer, one.why = a, ""
		r.had++
		r.answered = r.book.keeper.Now()
		r.recovered()
		r.book.keeper.changed()
	case errors.As(err, &refused) && refused == unauthorized:
		// It answers, and knows nothing of this certificate: others may fare better.
		one.why = notKnown
		r.had++
		r.recovered()
	default:
		r.bad++
		r.fail(clean(err.Error()))
	}
}

// fail: nobody waits for the responder for some time. mu is held.
func (r *responder) fail(why string) {
	if r.failure == "" {
		r.book.keeper.Log.Warn("OCSP responder gives no answer that counts", "source", r.config.URL, "error", why)
	}
	r.failure, r.until = why, r.book.keeper.Now().Add(silence)
}

// recovered: the responder answers. mu is held.
func (r *responder) recovered() {
	if r.failure != "" {
		r.book.keeper.Log.Info("OCSP responder answers again", "source", r.config.URL)
	}
	r.failure, r.until = "", time.Time{}
}

// query asks about one certificate; one.certificate and one.issuer never change.
func (r *responder) query(ctx context.Context, one *asked) (*answer, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, errors.New("too many questions are under way")
	}
	request, err := ocsp.CreateRequest(one.certificate, one.issuer, nil)
	if err != nil {
		return nil, fmt.Errorf("writing the question: %w", err)
	}
	der, err := r.web.post(ctx, r.config.URL, request)
	if err != nil {
		return nil, err
	}
	// The view in force: lists that have come meanwhile may have revoked the responder.
	a := r.book.issuers.Load().find(one.issuer)
	return r.readAnswer(der, a, ask(one.issuer, serialOf(one.certificate)), r.book.keeper.Now())
}

// refresh asks again ahead of time about certificates that documents have lately come with, and
// about those of which nothing is known yet, until ctx ends.
func (r *responder) refresh(ctx context.Context) {
	ticks := time.NewTicker(rounds)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		for _, one := range r.due() {
			r.mu.Lock()
			flight := r.launch(one)
			r.mu.Unlock()
			if flight == nil {
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-flight:
			}
		}
	}
}

// due are the certificates to ask about now, those that waited longest first.
func (r *responder) due() []*asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.book.keeper.Now()
	var list []*asked
	for _, generation := range []map[subject]*asked{r.present, r.former} {
		for _, one := range generation {
			if one.flight == nil && now.Sub(one.used) < lately && r.ends(one, now) {
				list = append(list, one)
			}
		}
	}
	slices.SortFunc(list, func(a, b *asked) int { return a.tried.Compare(b.tried) })
	return list
}

// ends says whether an answer is to be had anew: none is there, three quarters of its time are
// over, or it is as old as evidence may become before we look again. mu is held.
func (r *responder) ends(one *asked, now time.Time) bool {
	a := one.answer
	if a == nil {
		return true
	}
	if now.Sub(one.tried) >= r.book.config.Refresh {
		return true
	}
	if a.nextUpdate.IsZero() {
		return false
	}
	return now.After(a.nextUpdate.Add(-a.nextUpdate.Sub(a.thisUpdate) / 4))
}

// inherit takes over what the responder has said under another book. Questions that are under way
// stay there.
func (r *responder) inherit(before *responder) {
	if before.config != r.config || !sameCertificates(before.issuers, r.issuers) ||
		!sameCertificates(before.trusted, r.trusted) {
		return
	}
	before.mu.Lock()
	defer before.mu.Unlock()
	for _, generation := range []map[subject]*asked{before.present, before.former} {
		for key, one := range generation {
			if _, ok := r.present[key]; !ok && len(r.present) < maxAsked {
				same := *one
				same.flight = nil
				r.present[key] = &same
			}
		}
	}
}

func sameCertificates(a, b []*x509.Certificate) bool {
	return slices.EqualFunc(a, b, func(x, y *x509.Certificate) bool { return x.Equal(y) })
}
