package revocation

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"asugate/internal/pki"
	"asugate/signature"
)

const responderURL = "http://ocsp.invalid/"

func (w *world) responder() ResponderSource {
	return ResponderSource{URL: responderURL, Issuer: filepath.Join(w.dir, "ca.pem")}
}

// asking is a keeper that may ask the responder, which is a function from question to answer.
func (w *world) asking(c Config, responds func(*ocsp.Request) []byte) *Keeper {
	w.t.Helper()
	w.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		der, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		request, err := ocsp.ParseRequest(der)
		if err != nil || r.URL.String() != responderURL || r.Header.Get("Content-Type") != "application/ocsp-request" {
			w.t.Errorf("asked %s: %v", r.URL, err)
			return nil, errors.New("no question")
		}
		return answering(responds(request)), nil
	})
	k := w.using(c)
	ctx := w.t.Context()
	k.running.Store(&ctx)
	return k
}

func (w *world) withResponder(r ResponderSource) Config {
	c := w.config()
	c.Responders = []ResponderSource{r}
	return c
}

// fresh is an answer to a question with usual times.
func (w *world) fresh(q *ocsp.Request, change func(*pki.OCSP)) []byte {
	o := pki.OCSP{Serial: q.SerialNumber, ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(time.Hour)}
	if change != nil {
		change(&o)
	}
	return pki.Must(w.ca.OCSP(o))
}

func signer(t *testing.T, by *pki.Authority, r pki.Request) *pki.Credential {
	t.Helper()
	r.CommonName = "Responder"
	if r.ExtKeyUsage == nil {
		r.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	}
	c := pki.Must(by.Issue(r))
	return &c
}

// What a responder says counts when it is about the certificate, in date, and by someone who may say it.
func TestResponderSays(t *testing.T) {
	w := newWorld(t)
	other := pki.Must(pki.NewAuthority("Other CA", now))
	sameName := pki.Must(pki.NewAuthority("Issuing CA", now))
	delegated := signer(t, w.ca, pki.Request{})
	configured := signer(t, other, pki.Request{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	w.write("configured.pem", pki.EncodeCertificates(configured.Certificate))
	expired := signer(t, w.ca, pki.Request{NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.Add(-time.Hour)})
	w.write("expired.pem", pki.EncodeCertificates(expired.Certificate))
	revoked := signer(t, w.ca, pki.Request{})
	w.write("one.crl", pki.Must(w.ca.CRL(pki.CRL{Number: 1, ThisUpdate: now.Add(-72 * time.Hour), NextUpdate: now.Add(-48 * time.Hour),
		Revoked: []pki.Revoked{{Serial: revoked.Certificate.SerialNumber, At: now.Add(-100 * time.Hour), Reason: 1}}})))
	with := func(change func(*pki.OCSP)) func(*ocsp.Request) []byte {
		return func(q *ocsp.Request) []byte { return w.fresh(q, change) }
	}
	by := func(c *pki.Credential) func(*ocsp.Request) []byte {
		return with(func(o *pki.OCSP) { o.Responder = c })
	}
	renamed := *w.ca.Certificate
	renamed.RawSubject = other.Certificate.RawSubject
	underOtherName := pki.AuthorityOf(pki.Credential{Key: w.ca.Key, Certificate: &renamed}, now)
	forAnother := func(q *ocsp.Request) []byte {
		return pki.Must(ocsp.CreateResponse(w.ca.Certificate, delegated.Certificate, ocsp.Response{
			SerialNumber: q.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(time.Hour),
		}, w.ca.Key))
	}
	since := now.Add(-24 * time.Hour)
	octets := func(b []byte) func(*ocsp.Request) []byte { return func(*ocsp.Request) []byte { return b } }
	for name, one := range map[string]struct {
		responds func(*ocsp.Request) []byte
		trusted  string
		want     string
		failure  string // of the responder
	}{
		"good":                    {with(nil), "", "good", ""},
		"revoked":                 {with(func(o *pki.OCSP) { o.Status, o.RevokedAt, o.Reason = ocsp.Revoked, since, 1 }), "", "revoked keyCompromise", ""},
		"on hold":                 {with(func(o *pki.OCSP) { o.Status, o.RevokedAt, o.Reason = ocsp.Revoked, since, 6 }), "", "revoked certificateHold", ""},
		"revoked later":           {with(func(o *pki.OCSP) { o.Status, o.RevokedAt = ocsp.Revoked, now.Add(time.Second) }), "", "good", ""},
		"does not know it":        {with(func(o *pki.OCSP) { o.Status = ocsp.Unknown }), "", "unknown", ""},
		"may not say":             {octets(ocsp.UnauthorizedErrorResponse), "", "unknown", ""},
		"try later":               {octets(ocsp.TryLaterErrorResponse), "", "unknown", "tryLater"},
		"internal error":          {octets(ocsp.InternalErrorErrorResponse), "", "unknown", "internalError"},
		"malformed":               {octets(ocsp.MalformedRequestErrorResponse), "", "unknown", "malformedRequest"},
		"wants a signature":       {octets(ocsp.SigRequredErrorResponse), "", "unknown", "sigRequired"},
		"another serial number":   {with(func(o *pki.OCSP) { o.Serial = big.NewInt(1) }), "", "unknown", "not about the certificate"},
		"another issuer's answer": {func(q *ocsp.Request) []byte { return pki.Must(other.OCSP(pki.OCSP{Serial: q.SerialNumber})) }, "", "unknown", "not about the certificate"},
		"the name, another key":   {func(q *ocsp.Request) []byte { return pki.Must(sameName.OCSP(pki.OCSP{Serial: q.SerialNumber})) }, "", "unknown", "not about the certificate"},
		"the key, another name":   {func(q *ocsp.Request) []byte { return pki.Must(underOtherName.OCSP(pki.OCSP{Serial: q.SerialNumber})) }, "", "unknown", "not about the certificate"},
		"names another responder": {forAnother, "", "unknown", "not signed by a responder"},
		"out of date":             {with(func(o *pki.OCSP) { o.ThisUpdate, o.NextUpdate = since, since.Add(time.Hour) }), "", "unknown", "out of date"},
		"of the future":           {with(func(o *pki.OCSP) { o.ThisUpdate, o.NextUpdate = now.Add(time.Hour), now.Add(2*time.Hour) }), "", "unknown", "in the future"},
		"without a next":          {with(func(o *pki.OCSP) { o.NextUpdate = time.Time{} }), "", "good", ""},
		"without a next, old":     {with(func(o *pki.OCSP) { o.ThisUpdate, o.NextUpdate = now.Add(-14*time.Hour), time.Time{} }), "", "unknown", ""},
		"delegated":               {by(delegated), "", "good", ""},
		"delegated without right": {by(&w.good), "", "unknown", "no right to sign OCSP"},
		"delegated by another":    {by(signer(t, other, pki.Request{})), "", "unknown", "certified by somebody else"},
		"delegated by a namesake": {by(signer(t, sameName, pki.Request{})), "", "unknown", "not signed by a responder"},
		"delegated, ended":        {by(expired), "", "unknown", "not valid now"},
		"delegated, not yet":      {by(signer(t, w.ca, pki.Request{NotBefore: now.Add(time.Hour)})), "", "unknown", "not valid now"},
		"delegated, taken back":   {by(revoked), "", "unknown", "is revoked"},
		"configured":              {by(configured), "configured.pem", "good", ""},
		"not configured":          {by(configured), "", "unknown", "certified by somebody else"},
		"another one configured":  {by(configured), "expired.pem", "unknown", "certified by somebody else"},
		"configured, ended":       {by(expired), "expired.pem", "unknown", "not valid now"},
		"no answer":               {octets(nil), "", "unknown", "is no OCSP response"},
		"HTML":                    {octets([]byte("<html></html>")), "", "unknown", "is no OCSP response"},
		"another kind of answer": {func(q *ocsp.Request) []byte {
			return bytes.Replace(w.fresh(q, nil), []byte{0x30, 1, 1}, []byte{0x30, 1, 2}, 1)
		}, "", "unknown", "is no OCSP response"},
		"something behind":  {func(q *ocsp.Request) []byte { return append(w.fresh(q, nil), 0) }, "", "unknown", "is no OCSP response"},
		"cut short":         {func(q *ocsp.Request) []byte { b := w.fresh(q, nil); return b[:len(b)-1] }, "", "unknown", "is no OCSP response"},
		"damaged signature": {func(q *ocsp.Request) []byte { b := w.fresh(q, nil); b[len(b)-10] ^= 1; return b }, "", "unknown", "not signed by a responder"},
		"too large":         {octets(make([]byte, maxAnswer+1)), "", "unknown", "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			source := w.responder()
			if one.trusted != "" {
				source.Responder = filepath.Join(w.dir, one.trusted)
			}
			config := w.withResponder(source)
			config.Lists = []ListSource{w.in("one.crl")} // out of date: it only revokes
			k := w.asking(config, one.responds)
			r := w.status(k, w.good, now)
			if state(r) != one.want || (r.State == signature.RevocationUnknown) != (r.Why != "") {
				t.Errorf("%s (%s), want %s", state(r), r.Why, one.want)
			}
			if strings.Contains(r.Why, "http") {
				t.Errorf("people outside are told of addresses: %s", r.Why)
			}
			if got := stateOf(k, responderURL).Failure; !strings.Contains(got, one.failure) || (got == "") != (one.failure == "") {
				t.Errorf("failure %q, want %q", got, one.failure)
			}
		})
	}
}

// Every octet of an answer that is changed makes it say nothing, or the same.
func TestAnswerTampered(t *testing.T) {
	w := newWorld(t)
	delegated := signer(t, w.ca, pki.Request{})
	serial := w.good.Certificate.SerialNumber
	q := ask(w.ca.Certificate, serialOf(w.good.Certificate))
	der := pki.Must(w.ca.OCSP(pki.OCSP{Serial: serial, Responder: delegated, NextUpdate: now.Add(time.Hour)}))
	k := w.asking(w.withResponder(w.responder()), nil)
	r := k.book.Load().responders[0]
	issuer := k.book.Load().issuers.Load().find(w.ca.Certificate)
	if _, err := r.readAnswer(der, issuer, q, now); err != nil {
		t.Fatal(err)
	}
	for i := range der {
		for _, bit := range []byte{1, 0x20, 0x80} {
			changed := bytes.Clone(der)
			changed[i] ^= bit
			if a, err := r.readAnswer(changed, issuer, q, now); err == nil && a.state != answerGood {
				t.Errorf("octet %d: %v", i, a.state)
			}
		}
	}
}

// An answer is asked for once and kept; it ends with its time, and grace; an older one does not
// replace it.
func TestAnswerIsKept(t *testing.T) {
	w := newWorld(t)
	asked := 0
	at := now.Add(-time.Minute)
	k := w.asking(w.withResponder(w.responder()), func(q *ocsp.Request) []byte {
		asked++
		return w.fresh(q, func(o *pki.OCSP) { o.ThisUpdate = at })
	})
	for range 3 {
		if r := w.status(k, w.good, now); state(r) != "good" || r.Source != "ocsp" || len(r.Evidence) == 0 || !r.Produced.Equal(at) {
			t.Fatalf("%+v", r)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if got := state(w.status(k, w.good, now.Add(13*time.Hour))); got != "good" {
		t.Errorf("within grace: %s", got)
	}
	if got := state(w.status(k, w.good, now.Add(13*time.Hour+time.Second))); got != "unknown" {
		t.Errorf("beyond grace: %s", got)
	}
	r := k.book.Load().responders[0]
	at = now.Add(-2 * time.Minute)
	for _, one := range r.present {
		r.mu.Lock()
		one.tried = time.Time{}
		flight := r.launch(one)
		r.mu.Unlock()
		<-flight
	}
	if got := w.status(k, w.good, now); state(got) != "good" || !got.Produced.Equal(now.Add(-time.Minute)) {
		t.Errorf("after a replay: %s of %s", state(got), got.Produced)
	}
}

// An answer that is out of date ends a hold, and no other revocation; one made after a certificate has
// ended clears nobody.
func TestAnswerOutOfDate(t *testing.T) {
	w := newWorld(t)
	reason := 6
	config := w.withResponder(w.responder())
	responds := func(q *ocsp.Request) []byte {
		return w.fresh(q, func(o *pki.OCSP) { o.Status, o.RevokedAt, o.Reason = ocsp.Revoked, now.Add(-time.Hour), reason })
	}
	k := w.asking(config, responds)
	if got := state(w.status(k, w.bad, now)); got != "revoked certificateHold" {
		t.Errorf("on hold: %s", got)
	}
	if got := state(w.status(k, w.bad, now.Add(100*time.Hour))); got != "unknown" {
		t.Errorf("on hold, out of date: %s", got)
	}
	reason = 1
	k = w.asking(config, responds)
	w.status(k, w.bad, now)
	if got := state(w.status(k, w.bad, now.Add(100*time.Hour))); got != "revoked keyCompromise" {
		t.Errorf("revoked: %s", got)
	}
	ended := pki.Must(w.ca.Issue(pki.Request{
		Subject: pki.Subject{CommonName: "Ended"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.Add(-2 * time.Hour),
	}))
	k = w.asking(config, func(q *ocsp.Request) []byte { return w.fresh(q, nil) })
	if got := w.status(k, ended, now.Add(-3*time.Hour)); state(got) != "unknown" || !strings.Contains(got.Why, "ended") {
		t.Errorf("ended: %s %s", state(got), got.Why)
	}
}

// Before Run nobody is asked: a single command works offline.
func TestNobodyIsAskedBeforeRun(t *testing.T) {
	w := newWorld(t)
	k := w.asking(w.withResponder(w.responder()), func(*ocsp.Request) []byte { t.Error("asked"); return nil })
	k.running.Store(nil)
	if got := w.status(k, w.good, now); state(got) != "unknown" || !strings.Contains(got.Why, "Issuing CA has not answered") {
		t.Errorf("%s %q", state(got), got.Why)
	}
}

// Of a list and a responder the one that says «revoked» prevails; a list in date lets nobody wait, and
// the responder is asked all the same.
func TestListAndResponder(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	config := w.withResponder(w.responder())
	config.Lists = []ListSource{w.in("one.crl")}
	release := make(chan struct{})
	k := w.asking(config, func(q *ocsp.Request) []byte {
		<-release
		return w.fresh(q, func(o *pki.OCSP) {
			if q.SerialNumber.Cmp(w.good.Certificate.SerialNumber) == 0 {
				o.Status, o.RevokedAt, o.Reason = ocsp.Revoked, now.Add(-time.Second), 4
			}
		})
	})
	drain(k)
	if got := w.status(k, w.good, now); state(got) != "good" || got.Source != "crl" {
		t.Errorf("while it is silent: %s by %s", state(got), got.Source)
	}
	close(release)
	<-k.Updated()
	if got := w.status(k, w.good, now); state(got) != "revoked superseded" || got.Source != "ocsp" {
		t.Errorf("when it has answered: %s by %s", state(got), got.Source)
	}
	if got := w.status(k, w.bad, now); state(got) != "revoked keyCompromise" || got.Source != "crl" {
		t.Errorf("the list alone: %s by %s", state(got), got.Source)
	}
}
