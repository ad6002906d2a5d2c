package cms

// oidKeyID is id-ce-subjectKeyIdentifier.
const oidKeyID = "2.5.29.14"

// ReadCertificate reads out of an X.509 certificate what it is found by (RFC 5280 section 4.1). The
// rest is for crypto/x509, which is asked when the certificate has been found.
func ReadCertificate(raw []byte) Certificate {
	c := Certificate{Raw: raw}
	certificate := (&parts{rest: raw}).inside(tagSequence)
	tbs := certificate.inside(tagSequence)
	tbs.pass(context(0)) // version
	serial := tbs.take(tagInteger).body
	tbs.take(tagSequence) // algorithm
	issuer := tbs.take(tagSequence).full
	tbs.take(tagSequence) // validity
	tbs.take(tagSequence) // subject
	tbs.take(tagSequence) // key
	if tbs.failed {
		return c
	}
	c.Issuer, c.Serial = issuer, serial
	tbs.pass(contextSpecific | 1) // unique identifiers
	tbs.pass(contextSpecific | 2)
	extensions := tbs.inside(context(3)).inside(tagSequence)
	for !extensions.failed && !extensions.done() {
		one := extensions.inside(tagSequence)
		if oid, ok := one.oid(); !ok || oid != oidKeyID {
			continue
		}
		one.pass(tagBoolean)
		wrapped := parts{rest: one.take(tagOctetString).body}
		if id := wrapped.take(tagOctetString).body; wrapped.done() && len(id) > 0 {
			c.KeyID = id
		}
		return c
	}
	return c
}
