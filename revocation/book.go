package revocation

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"asugate/signature"
)

// Config is what the operator says about sources. Sizes and durations are positive.
type Config struct {
	Lists      []ListSource
	Responders []ResponderSource
	Refresh    time.Duration // how often URLs are asked, at the least
	Grace      time.Duration // how long evidence counts beyond its nextUpdate
	Timeout    time.Duration // for one fetch
	MaxSize    int64         // of one list, in bytes
	Cache      string        // folder of the copies of what came from URLs
	Proxy      string        // URL of the HTTP proxy; empty: none
}

// ListSource is where CRLs come from: files or a URL.
type ListSource struct {
	File   string // a pattern of names, as of path/filepath
	URL    string
	Issuer string // file with the certificates of those who sign the lists
}

// ResponderSource is an OCSP responder.
type ResponderSource struct {
	URL       string
	Issuer    string // file with the certificates of the issuers it answers for
	Responder string // file with certificates that may sign its answers; empty: as RFC 6960 has it
}

// book is a configuration with what has been read and fetched for it.
type book struct {
	keeper     *Keeper
	config     Config
	sources    []*source
	responders []*responder
	retired    chan struct{} // closed when another book is in force

	mu      sync.Mutex // protects what sources hold; held while one is changed, never while waiting
	issuers atomic.Pointer[authorities]
}

// authority is one issuer of certificates: a name and a key.
type authority struct {
	certificate *x509.Certificate
	lists       []held // the newest of each scope
	responders  []*responder
}

// held is a list in force.
type held struct {
	*list
	until time.Time // from then on it says nothing good
}

// authorities are immutable: looking up takes no lock. The key is SubjectPublicKeyInfo.
type authorities map[string][]*authority

func (all *authorities) find(issuer *x509.Certificate) *authority {
	for _, a := range (*all)[string(issuer.RawSubjectPublicKeyInfo)] {
		if bytes.Equal(a.certificate.RawSubject, issuer.RawSubject) {
			return a
		}
	}
	return nil
}

func (all authorities) add(issuer *x509.Certificate) *authority {
	if a := all.find(issuer); a != nil {
		return a
	}
	a := &authority{certificate: issuer}
	key := string(issuer.RawSubjectPublicKeyInfo)
	all[key] = append(all[key], a)
	return a
}

// read makes the book of a configuration: all of it, or the first error.
func (k *Keeper) read(c Config) (*book, error) {
	b := &book{keeper: k, config: c, retired: make(chan struct{})}
	web, err := newWeb(c, k.transport)
	if err != nil {
		return nil, err
	}
	for _, l := range c.Lists {
		issuers, err := readCertificates(l.Issuer)
		if err != nil {
			return nil, err
		}
		s := &source{book: b, web: web, config: l, issuers: issuers, origins: make(map[string]*origin)}
		if err := s.open(); err != nil {
			return nil, err
		}
		if err := s.notOlder(k.book.Load()); err != nil {
			return nil, err
		}
		b.sources = append(b.sources, s)
	}
	for _, r := range c.Responders {
		one, err := newResponder(b, web, r)
		if err != nil {
			return nil, err
		}
		b.responders = append(b.responders, one)
	}
	b.index()
	return b, nil
}

// inherit takes over what has come over the network for the book before. Nobody else knows b yet.
func (b *book) inherit(before *book) {
	for _, s := range b.sources {
		if s.config.URL == "" {
			continue
		}
		o := s.origins[s.config.URL]
		old := before.origin(o.name)
		if old.list == nil || o.list != nil && o.list.newer(old.list) == nil {
			continue
		}
		if l, issuer, err := s.accept(old.list.der); err == nil {
			*o = old
			o.list, o.issuer, o.looked = l, issuer, time.Time{} // look again at once
		}
	}
	for _, r := range b.responders {
		for _, old := range before.responders {
			r.inherit(old)
		}
	}
	b.index()
}

// index makes the view that Status looks at. It is called with mu held once there are others who
// know the book.
func (b *book) index() {
	all := make(authorities)
	for _, s := range b.sources {
		for _, issuer := range s.issuers {
			all.add(issuer) // also while its list has not come: then it is not known, and not unconfigured
		}
		for _, o := range s.origins {
			if o.list != nil {
				all.add(o.issuer).hold(held{o.list, b.until(o.list.thisUpdate, o.list.nextUpdate)})
			}
		}
	}
	for _, r := range b.responders {
		for _, issuer := range r.issuers {
			a := all.add(issuer)
			a.responders = append(a.responders, r)
		}
	}
	b.issuers.Store(&all)
}

// hold keeps the newest list of each scope: an older one in another file says nothing more.
func (a *authority) hold(h held) {
	for i, other := range a.lists {
		if bytes.Equal(other.scope.raw, h.scope.raw) {
			if h.newer(other.list) == nil {
				a.lists[i] = h
			}
			return
		}
	}
	a.lists = append(a.lists, h)
}

// until is when evidence ceases to say anything good. One that does not say when the next will come
// counts as long as we wait between two looks: RFC 5280 section 5.1.2.5 has every CRL say it, and
// RFC 6960 section 4.2.2.1 has an OCSP answer without it mean «ask again at any time».
func (b *book) until(thisUpdate, nextUpdate time.Time) time.Time {
	if nextUpdate.IsZero() {
		nextUpdate = thisUpdate.Add(b.config.Refresh)
	}
	return nextUpdate.Add(b.config.Grace)
}

// status is what the list says of a certificate of its issuer, if it is about it.
func (h held) status(c *x509.Certificate, serial []byte, at time.Time) (r signature.Revocation, applies bool) {
	if !h.scope.covers(c) {
		return r, false
	}
	r = signature.Revocation{
		Source: "crl", Produced: h.thisUpdate, Next: h.nextUpdate, Evidence: h.der, State: signature.RevocationGood,
	}
	e, named := h.find(serial)
	if named {
		r.RevokedAt, r.Reason = e.since, e.reason.String()
	}
	fresh := !at.After(h.until)
	switch {
	case named && !e.since.After(at) && (fresh || e.reason != certificateHold):
		r.State = signature.RevocationRevoked
	case !fresh:
		r.State = signature.RevocationUnknown
		r.Why = fmt.Sprintf("the CRL of %s is out of date since %s", nameOf(h.issuerName), stamp(h.until))
	case !named && h.thisUpdate.After(c.NotAfter) && !h.scope.keeps(c):
		r.State = signature.RevocationUnknown
		r.Why = fmt.Sprintf("the CRL of %s was %s", nameOf(h.issuerName), goodAfterEnd)
	}
	return r, true
}

// keeps says that the list still names certificates that ended as long ago as this one.
func (s scope) keeps(c *x509.Certificate) bool {
	return !s.keptFrom.IsZero() && !s.keptFrom.After(c.NotAfter)
}

// silence is why nothing is known when no source has said anything.
func (a *authority) silence() string {
	if len(a.lists) > 0 {
		return "no CRL of " + nameOf(a.certificate.RawSubject) + " is about this certificate"
	}
	return "no CRL of " + nameOf(a.certificate.RawSubject) + " has been had yet"
}
