package gateway

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"

	"asugate/register"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"

	"github.com/beevik/etree"
)

// sealed is something of ours, signed: inside, or by the detached CMS beside it.
type sealed struct {
	document []byte
	detached []byte // DER; nil when the signature is inside
}

// seal signs what we built as the addressee wants it, and opens it again: nothing leaves that our own
// verifier would refuse.
func (g *Gateway) seal(element *etree.Element, by register.Seal) (sealed, error) {
	k := g.Key(by.Key)
	if k == nil {
		return sealed{}, fmt.Errorf("%w: no signing key %q", ErrNotReady, by.Key)
	}
	var s sealed
	var err error
	if by.Container == register.SealCMS {
		s.document, s.detached, err = k.SealDetached(element)
	} else {
		s.document, err = k.Seal(element)
	}
	if err != nil {
		return sealed{}, fmt.Errorf("%w: signing the acknowledgment: %w", ErrNotReady, err)
	}
	certificate := k.Certificate()
	digest := sha256.Sum256(certificate.Raw)
	own, ok := g.seals.Load(digest)
	if !ok {
		own, _ = g.seals.LoadOrStore(digest, signature.NewTrust([]*x509.Certificate{certificate}))
	}
	tree, err := xmltree.Parse(s.document, xmltree.DefaultLimits())
	if err != nil {
		return sealed{}, fmt.Errorf("reading our own acknowledgment: %w", err)
	}
	_, report := signature.Open(signature.Input{Tree: tree, Detached: s.detached},
		own.(*signature.Trust), signature.Policy{GOST: g.GOST}, g.Now())
	if report.Outcome != signature.Holds {
		return sealed{}, fmt.Errorf("%w: our own acknowledgment does not verify: %s", ErrNotReady, faultWords(report.Faults))
	}
	return s, nil
}

// sealOf is how we sign for whoever has sent the document.
func (a *assessment) sealOf() register.Seal {
	if a.participant == nil {
		return register.Seal{}
	}
	return a.participant.Seal
}

// signatureKey is the key in store.Blobs of the detached signature of the body under a key.
func signatureKey(body string) string { return body + ".p7s" }

// packed is something sealed as it goes into the store.
type packed struct {
	document, detached []byte
	sum                string // SHA-256 of the document
	whole              string // of the document followed by its detached signature, if it has one
}

// pack compresses once, outside of the transaction, which others wait for.
func (s sealed) pack() packed {
	p := packed{document: store.Pack(s.document), sum: sum(s.document)}
	p.whole = p.sum
	if s.detached != nil {
		p.detached, p.whole = store.Pack(s.detached), sum(s.document, s.detached)
	}
	return p
}

// put stores it under the id of its message.
func (p packed) put(tx store.Tx, id string) {
	tx.Put(store.Blobs, []byte(id), p.document)
	if p.detached != nil {
		tx.Put(store.Blobs, []byte(signatureKey(id)), p.detached)
	}
}

// sealedAt reads what was stored under the id of a message.
func sealedAt(tx store.Reader, id string) (s sealed, err error) {
	return unpackSealed(tx.Get(store.Blobs, []byte(id)), tx.Get(store.Blobs, []byte(signatureKey(id))))
}

// unpackSealed is what was packed; without a detached signature that is nil.
func unpackSealed(document, detached []byte) (s sealed, err error) {
	if s.document, err = store.Unpack(document); err != nil {
		return sealed{}, err
	}
	if detached != nil {
		s.detached, err = store.Unpack(detached)
	}
	return s, err
}
