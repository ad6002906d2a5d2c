package cms

import (
	"bytes"
	"fmt"
	"time"
)

// Signed attributes that mean something here.
const (
	oidContentType          = "1.2.840.113549.1.9.3"
	oidMessageDigest        = "1.2.840.113549.1.9.4"
	oidSigningTime          = "1.2.840.113549.1.9.5"
	oidSigningCertificate   = "1.2.840.113549.1.9.16.2.12"
	oidSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47"
	oidProtection           = "1.2.840.113549.1.9.52"
)

const (
	oidSHA1   = "1.3.14.3.2.26"
	oidSHA256 = "2.16.840.1.101.3.4.2.1"
)

// maxAttributes is how many signed attributes there may be, and how many values one of them.
const maxAttributes = 32

func wrong(why string) error { return fmt.Errorf("%w: %s", ErrAttributes, why) }

// parseAttributes reads the field signedAttrs, whose tag is [0]. What is signed has the tag of a SET
// OF instead and is DER (section 5.4); section 5.3 wants DER in the field too. Only that is taken,
// because what would first have to be brought into DER might be brought there in another way
// elsewhere; but for the order, of which programs think differently, and which says nothing.
func parseAttributes(field []byte) (*Attributes, error) {
	if !isDER(field, maxDepth) {
		return nil, wrong("not in DER")
	}
	octets := append([]byte{tagSet}, field[1:]...)
	set := (&parts{rest: octets}).inside(tagSet)
	a := &Attributes{Octets: octets}
	seen := make(map[string]bool)
	for !set.done() {
		one := set.inside(tagSequence)
		oid, ok := one.oid()
		values := one.inside(tagSet)
		switch {
		case !ok || !one.done() || len(values.rest) == 0:
			return nil, wrong("not in shape")
		case seen[oid]:
			return nil, wrong(oid + " stands there twice")
		case len(seen) == maxAttributes:
			return nil, wrong("too many")
		}
		seen[oid] = true
		if err := a.take(oid, values); err != nil {
			return nil, err
		}
	}
	// Section 11: where there are attributes, these two are among them.
	if !seen[oidContentType] || !seen[oidMessageDigest] {
		return nil, wrong("contentType or messageDigest is missing")
	}
	if sorted := inOrder(octets); !bytes.Equal(sorted, octets) {
		a.Sorted = sorted
	}
	return a, nil
}

// inOrder are the attributes, and the values of each, in the order of DER.
func inOrder(octets []byte) []byte {
	octets = bytes.Clone(octets)
	set := (&parts{rest: octets}).inside(tagSet)
	contents := set.rest
	for !set.failed && !set.done() {
		one := set.inside(tagSequence)
		one.take(tagOID)
		sortSet(one.take(tagSet).body)
	}
	sortSet(contents)
	return octets
}

// take keeps the value of an attribute. Those that mean something have exactly one.
func (a *Attributes) take(oid string, values *parts) error {
	ok := true
	switch oid {
	case oidContentType:
		a.ContentType, ok = values.oid()
	case oidMessageDigest:
		a.MessageDigest = values.take(tagOctetString).body
	case oidSigningTime:
		a.SigningTime, ok = values.time()
	case oidSigningCertificate:
		a.Certificates = append(a.Certificates, values.signingCertificate(false))
	case oidSigningCertificateV2:
		a.Certificates = append(a.Certificates, values.signingCertificate(true))
	case oidProtection:
		a.Protection = values.protection()
	default: // it means nothing here
		for count := 0; !values.done() && count < maxAttributes; count++ {
			values.next()
		}
	}
	if !ok || !values.done() {
		return wrong(oid + " has not exactly one value of its type")
	}
	return nil
}

// time is section 11.3: UTCTime until 2049, GeneralizedTime for all, both with seconds and in UTC.
func (p *parts) time() (time.Time, bool) {
	v, layout := p.next(), "20060102150405Z"
	text := string(v.body)
	switch {
	case v.tag == tagUTCTime && len(text) > 2:
		century := "19"
		if text[0] < '5' {
			century = "20"
		}
		text = century + text
	case v.tag != tagGeneralizedTime:
		return time.Time{}, false
	}
	if len(text) != len(layout) {
		return time.Time{}, false // time.Parse would take fractions
	}
	t, err := time.Parse(layout, text)
	return t, err == nil && !t.IsZero()
}

// signingCertificate is the first identifier of a SigningCertificate, or of its version 2: that of
// the signer's own certificate (RFC 5035 sections 3 and 5). Policies may follow.
func (p *parts) signingCertificate(v2 bool) CertificateID {
	attribute := p.inside(tagSequence)
	list := attribute.inside(tagSequence)
	attribute.pass(tagSequence)
	one := list.inside(tagSequence)
	id := CertificateID{Digest: Algorithm{OID: oidSHA1}}
	if v2 {
		id.Digest.OID = oidSHA256 // by default
		if one.has(tagSequence) {
			id.Digest = one.algorithm()
		}
	}
	id.Hash = one.take(tagOctetString).body
	if one.has(tagSequence) {
		id.Issuer, id.Serial = one.issuerSerial()
	}
	p.failed = p.failed || list.failed || !one.done() || !attribute.done()
	return id
}

// issuerSerial is IssuerSerial of RFC 5035 section 4: GeneralNames with one directoryName.
func (p *parts) issuerSerial() (issuer, serial []byte) {
	both := p.inside(tagSequence)
	names := both.inside(tagSequence)
	name := names.inside(context(4))
	issuer = name.take(tagSequence).full
	serial = both.take(tagInteger).body
	p.failed = p.failed || !name.done() || !names.done() || !both.done()
	return issuer, serial
}

// protection is RFC 6211 section 2, for a signature.
func (p *parts) protection() *Protection {
	both := p.inside(tagSequence)
	protection := &Protection{Digest: both.algorithm(), Signature: both.algorithmAs(context(1))}
	p.failed = p.failed || !both.done()
	return protection
}
