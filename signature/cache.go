package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"io"
	"slices"
	"sync"
	"time"
)

// maxKnown is how many signers one generation of a cache holds.
const maxKnown = 256

// knownSigner is a certificate whose path was found without a fault that fails, and the period in
// which it would be found again. Revocation is no part of it: it is asked for each document.
type knownSigner struct {
	certificate *x509.Certificate
	index       int // of the certificate among those of the document
	chain       []*x509.Certificate
	identity    Identity
	noticed     []certificateFault // what the rules let pass; none of it depends on the time
	legacy      Legacy             // the switches that the path needs
	from, to    time.Time
}

// signerCache remembers the signers of one Trust, so that certificates are parsed and paths
// verified once per signer and not once per document. Its key is a digest of the text of all
// certificates of the document: whoever sends other issuers along is judged anew, and a verdict
// cannot depend on which documents came before. Only good signers enter it, so nobody outside can
// fill it.
//
// It keeps two generations: when the present one is full it becomes the former, and the former one
// goes. Who signs often is carried over.
type signerCache struct {
	mu              sync.Mutex // protects both maps; held for a look-up only
	present, former map[cacheKey]*knownSigner
}

type cacheKey struct {
	certificates [sha256.Size]byte
	rules        *Rules // by identity: what one policy lets pass another may not
}

// keyOf is the key of the certificates in the order in which they stand.
func keyOf(certificates []carried, rules *Rules) cacheKey {
	key := cacheKey{rules: rules}
	h := sha256.New()
	for _, c := range certificates {
		io.WriteString(h, c.text)
		h.Write([]byte{0}) // no character of XML, so that no two lists run together alike
		h.Write(c.der)     // DER says its own length
	}
	h.Sum(key.certificates[:0])
	return key
}

func (c *signerCache) find(key cacheKey, at time.Time) *knownSigner {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.present[key]
	if !ok {
		known, ok = c.former[key]
		if ok {
			c.insert(key, known)
		}
	}
	if !ok || outside(at, known.from, known.to) {
		return nil
	}
	return known
}

func (c *signerCache) add(key cacheKey, known *knownSigner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.insert(key, known)
}

// insert is called with mu held.
func (c *signerCache) insert(key cacheKey, known *knownSigner) {
	if len(c.present) >= maxKnown || c.present == nil {
		c.present, c.former = make(map[cacheKey]*knownSigner), c.present
	}
	c.present[key] = known
}

// untimely says that the rules let the signer pass outside of a period of validity. He is judged anew
// each time, for the finding names the moment.
func (known *knownSigner) untimely() bool {
	return slices.ContainsFunc(known.noticed, func(f certificateFault) bool { return f.why.code == certificateExpired.code })
}

// hold computes the period around a moment in which none of the certificates begins or ceases to be
// valid. They are all that the signer and his path could be chosen from, so that within it the same
// ones would be chosen again, whichever document came first.
func (known *knownSigner) hold(at time.Time, certificates []*x509.Certificate) {
	for _, c := range certificates {
		if c != nil {
			known.holdWithin(at, c.NotBefore, c.NotAfter)
			from, to := keyPeriod(c)
			known.holdWithin(at, from, to)
		}
	}
}

// holdWithin takes a period into account, of which either end may be missing. Both ends are part of
// it: what follows changes a moment after the last one.
func (known *knownSigner) holdWithin(at, from, to time.Time) {
	if !to.IsZero() {
		to = to.Add(1)
	}
	for _, change := range [2]time.Time{from, to} {
		switch {
		case change.IsZero():
		case !change.After(at):
			if known.from.Before(change) {
				known.from = change
			}
		case known.to.IsZero() || known.to.After(change.Add(-1)):
			known.to = change.Add(-1)
		}
	}
}
