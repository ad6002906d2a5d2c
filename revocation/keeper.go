package revocation

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"asugate/signature"
)

// Options introduce a Keeper to the rest of the machine.
type Options struct {
	Now  func() time.Time
	Log  *slog.Logger
	GOST signature.Provider // who verifies GOST signatures of lists and answers; nil: we

	transport http.RoundTripper // of tests; nil: the network
}

// Keeper knows which certificates are revoked. It implements signature.Revocations and is safe for
// concurrent use. A new one has no sources: Prepare and Use give it some.
type Keeper struct {
	Options
	using   sync.Mutex // held while one configuration replaces another
	book    atomic.Pointer[book]
	updated chan struct{}
	running atomic.Pointer[context.Context] // of Run, while it runs; nil: nobody is asked
	answers [4]atomic.Uint64                // by signature.RevocationState
}

// New is a Keeper without sources: for it every issuer is unconfigured.
func New(o Options) *Keeper {
	k := &Keeper{Options: o, updated: make(chan struct{}, 1)}
	b := &book{keeper: k, retired: make(chan struct{})}
	b.index()
	k.book.Store(b)
	return k
}

// Updated has a token whenever there is evidence that there was not before, so that what could not
// be decided may be decided now. Several changes may make one token.
func (k *Keeper) Updated() <-chan struct{} { return k.updated }

func (k *Keeper) changed() {
	select {
	case k.updated <- struct{}{}:
	default: // a token is there already
	}
}

// Prepared is a configuration of which every file has been read and verified; see Use.
type Prepared struct{ book *book }

// Prepare reads everything that a configuration names, and keeps nothing of it when one file is
// missing, damaged or not by its issuer: the error names it. What comes from a URL is not fetched
// here; the copy that was kept of it is read.
func (k *Keeper) Prepare(c Config) (Prepared, error) {
	b, err := k.read(c)
	return Prepared{b}, err
}

// Use puts a configuration in force. Answers of responders that stay as they were are kept.
func (k *Keeper) Use(p Prepared) {
	k.using.Lock()
	defer k.using.Unlock()
	old := k.book.Load()
	if old == p.book {
		return // it is in force
	}
	p.book.inherit(old)
	k.book.Store(p.book)
	close(old.retired)
	k.changed()
}

// Run fetches lists and refreshes answers ahead of time, and looks after the files, until ctx ends.
// Only meanwhile does Status ask responders.
func (k *Keeper) Run(ctx context.Context) error {
	k.running.Store(&ctx)
	defer k.running.Store(nil)
	for ctx.Err() == nil {
		b := k.book.Load()
		working, stop := context.WithCancel(ctx)
		var workers sync.WaitGroup
		for _, s := range b.sources {
			workers.Go(func() { s.look(working) })
		}
		for _, r := range b.responders {
			workers.Go(func() { r.refresh(working) })
		}
		select {
		case <-ctx.Done():
		case <-b.retired:
		}
		stop()
		workers.Wait()
	}
	return nil
}

// Status says what is known of a certificate that the issuer's key has signed; the caller has
// verified that. Lists are looked at first. Evidence that is out of date says nothing good, but a
// certificate once revoked stays so, unless it was only on hold.
func (k *Keeper) Status(certificate, issuer *x509.Certificate, at time.Time) signature.Revocation {
	b := k.book.Load()
	a := b.issuers.Load().find(issuer)
	if a == nil {
		k.answers[signature.RevocationUnconfigured].Add(1)
		return signature.Revocation{}
	}
	r := a.status(certificate, at)
	k.answers[r.State].Add(1)
	return r
}

// status asks every source of the issuer: one that says «revoked» prevails, one that says «good» is
// enough.
func (a *authority) status(certificate *x509.Certificate, at time.Time) signature.Revocation {
	best := signature.Revocation{State: signature.RevocationUnknown}
	serial := serialOf(certificate)
	for _, h := range a.lists {
		if r, applies := h.status(certificate, serial, at); applies {
			best = better(best, r)
		}
	}
	for _, r := range a.responders {
		if best.State != signature.RevocationRevoked {
			best = better(best, r.known(certificate, a, serial, at, best.State == signature.RevocationUnknown))
		}
	}
	if best.State == signature.RevocationUnknown && best.Why == "" {
		best.Why = a.silence()
	}
	return best
}

// better is the answer that counts of two: revoked before good before unknown; of two alike the one
// that was made later.
func better(a, b signature.Revocation) signature.Revocation {
	rank := func(r signature.Revocation) int {
		switch r.State {
		case signature.RevocationRevoked:
			return 2
		case signature.RevocationGood:
			return 1
		}
		return 0
	}
	switch x, y := rank(a), rank(b); {
	case x > y:
		return a
	case x < y:
		return b
	case x == 0 && a.Why != "" && b.Why != "":
		b.Why = a.Why + "; " + b.Why
		return b
	case a.Produced.After(b.Produced) || b.Why == "" && a.Why != "":
		return a
	}
	return b
}

// goodAfterEnd is why nothing good can be said by evidence made after a certificate has ended:
// authorities then take it off their lists (RFC 5280 section 3.3).
const goodAfterEnd = "made after the certificate ended, when revocations are no longer told"
