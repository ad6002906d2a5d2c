package cms

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// MaxCertificates is how many certificates one signature may bring along.
const MaxCertificates = 8

// Object identifiers of RFC 5652.
const (
	OIDData       = "1.2.840.113549.1.7.1"
	oidSignedData = "1.2.840.113549.1.7.2"
)

// Why Parse refuses. Each is wrapped with the place.
var (
	// ErrNotSignedData: no ASN.1, too much of it, or another type of content.
	ErrNotSignedData = errors.New("not a CMS SignedData")
	// ErrMalformed: a part is missing, out of place or badly written.
	ErrMalformed = errors.New("malformed")
	// ErrNoSigner: only certificates, nothing signed.
	ErrNoSigner = errors.New("no signer")
	// ErrSeveralSigners: of several signatures one would be taken for all.
	ErrSeveralSigners = errors.New("several signers")
	// ErrTooManyCertificates: more than MaxCertificates.
	ErrTooManyCertificates = errors.New("too many certificates")
	// ErrAttributes: the signed attributes are not as RFC 5652 sections 5.3, 5.4 and 11 want them.
	ErrAttributes = errors.New("signed attributes")
)

func malformed(part string) error { return fmt.Errorf("%s: %w", part, ErrMalformed) }

// Parse reads a SignedData with one signer: DER, BER, PEM or base64. What it answers refers to the
// input.
func Parse(input []byte) (*SignedData, error) {
	p, err := open(input)
	if err != nil {
		return nil, err
	}
	return parseSignedData(p)
}

// open are the parts of the SignedData in a ContentInfo: section 3.
func open(input []byte) (*parts, error) {
	octets, ok := octetsOf(input)
	if !ok {
		return nil, ErrNotSignedData
	}
	all := parts{rest: octets}
	info := all.inside(tagSequence)
	oid, ok := info.oid()
	if !ok || !all.done() {
		return nil, ErrNotSignedData
	}
	if oid != oidSignedData {
		return nil, fmt.Errorf("content of type %s: %w", oid, ErrNotSignedData)
	}
	content := info.inside(context(0))
	signed := content.inside(tagSequence)
	if !content.done() || !info.done() {
		return nil, malformed("ContentInfo")
	}
	return signed, nil
}

// parseSignedData is section 5.1.
func parseSignedData(p *parts) (*SignedData, error) {
	s := &SignedData{}
	// 1 is also that of PKCS #7; 4 and 5 say which kinds of certificates there are.
	if !slices.Contains([]int{1, 3, 4, 5}, p.small()) {
		return nil, malformed("SignedData version")
	}
	p.take(tagSet) // the digests, for whoever reads in one pass
	content := p.inside(tagSequence)
	oid, ok := content.oid()
	s.ContentType = oid
	if content.has(context(0)) {
		wrapped := content.inside(context(0))
		s.Content, s.Attached = wrapped.octets(), true
		ok = ok && wrapped.done()
	}
	if !ok || !content.done() {
		return nil, malformed("EncapsulatedContentInfo")
	}
	if p.has(context(0)) {
		if err := s.parseCertificates(p.inside(context(0))); err != nil {
			return nil, err
		}
	}
	p.pass(context(1)) // CRLs: those that count are configured
	signers := p.inside(tagSet)
	if !p.done() {
		return nil, malformed("SignedData")
	}
	if len(signers.rest) == 0 {
		return nil, ErrNoSigner
	}
	signer := signers.inside(tagSequence)
	if !signers.failed && len(signers.rest) > 0 {
		return nil, ErrSeveralSigners
	}
	if err := s.Signer.parse(signer); err != nil {
		return nil, err
	}
	return s, nil
}

// parseCertificates is the choice of section 10.2.2.
func (s *SignedData) parseCertificates(p *parts) error {
	for count := 0; !p.done(); count++ {
		v := p.next()
		if p.failed {
			return malformed("certificates")
		}
		if count == MaxCertificates {
			return ErrTooManyCertificates
		}
		switch v.tag {
		case tagSequence:
			s.Certificates = append(s.Certificates, ReadCertificate(v.full))
		case context(0), context(1), context(2), context(3): // of other kinds, for others to use
		default:
			return malformed("certificates")
		}
	}
	return nil
}

// parse is section 5.3.
func (s *Signer) parse(p *parts) error {
	version := p.small()
	switch {
	case version == 1 && p.has(tagSequence):
		id := p.inside(tagSequence)
		s.ID.Issuer, s.ID.Serial = id.take(tagSequence).full, id.take(tagInteger).body
		if !id.done() || !isInteger(s.ID.Serial) {
			return malformed("issuerAndSerialNumber")
		}
	case version == 3 && p.has(contextSpecific):
		if s.ID.KeyID = p.next().body; len(s.ID.KeyID) == 0 {
			return malformed("subjectKeyIdentifier")
		}
	default:
		return malformed("SignerInfo version and sid")
	}
	s.Digest = p.algorithm()
	var attributes []byte
	if p.has(context(0)) {
		attributes = p.next().full
	}
	s.Signature = p.algorithm()
	s.Value = p.octets()
	p.pass(context(1)) // unsigned attributes
	if !p.done() {
		return malformed("SignerInfo")
	}
	if attributes != nil {
		var err error
		if s.Attributes, err = parseAttributes(attributes); err != nil {
			return err
		}
	}
	return nil
}

// small is an INTEGER of one octet, else −1.
func (p *parts) small() int {
	if v := p.take(tagInteger); len(v.body) == 1 {
		return int(v.body[0])
	}
	return -1
}

// maxOID bounds what an object identifier may look like: refusals repeat it.
const maxOID = 64

// oid is an OBJECT IDENTIFIER, dotted.
func (p *parts) oid() (string, bool) {
	v := p.take(tagOID)
	if p.failed || len(v.body) > maxOID {
		p.failed = true
		return "", false
	}
	var oid x509.OID
	if oid.UnmarshalBinary(v.body) != nil {
		p.failed = true
		return "", false
	}
	return oid.String(), true
}

// algorithm is an AlgorithmIdentifier: RFC 5280 section 4.1.1.2.
func (p *parts) algorithm() Algorithm { return p.algorithmAs(tagSequence) }

func (p *parts) algorithmAs(tag byte) Algorithm {
	inner := p.inside(tag)
	var a Algorithm
	a.OID, _ = inner.oid()
	if len(inner.rest) > 0 {
		a.Parameters = inner.next().full
	}
	if !inner.done() {
		p.failed = true
		return Algorithm{}
	}
	return a
}

// ReadAlgorithm reads the DER of an AlgorithmIdentifier.
func ReadAlgorithm(der []byte) (Algorithm, bool) {
	p := parts{rest: der}
	a := p.algorithm()
	return a, p.done() && isDER(der, maxDepth)
}
