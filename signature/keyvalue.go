package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"math/big"

	"asugate/xmltree"
)

// findBareKey stands in for the certificate where a signature brings a bare key only: LegacyKeyValue.
// A bare key says nothing of its holder, so that it must be that of exactly one certificate which is
// trusted as itself; that one is the signer's, as if it had come along, and is judged like any other.
func (e *envelope) findBareKey(trust *Trust) {
	if e.bare.IsZero() || trust.Empty() {
		return
	}
	key, der, ok := e.readBareKey()
	if !ok {
		return
	}
	var found []*x509.Certificate
	for _, c := range trust.pinned {
		if sameKey(c, key, der) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		e.report.fault(untrustedCertificate, e.bare, "", "KeyValue")
	case 1:
		e.report.uses(LegacyKeyValue)
		e.certificates = []carried{{der: found[0].Raw, place: e.bare}}
	default: // which of them signed cannot be told
		e.report.fault(keyValueOnly, e.bare, "X509Certificate", "KeyValue")
	}
}

// sameKey compares a certificate's key with a bare one, of which one of the two forms is known.
func sameKey(c *x509.Certificate, key crypto.PublicKey, der []byte) bool {
	if der != nil {
		return bytes.Equal(c.RawSubjectPublicKeyInfo, der)
	}
	mine, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && mine.Equal(key)
}

// readBareKey reads the keys of XML Signature 1.1 section 4.5.2.2 and 4.5.2.3, and the
// SubjectPublicKeyInfo of its section 4.5.10, which serves every kind of key. Explicit parameters of
// a curve and keys of DSA are not read.
func (e *envelope) readBareKey() (key crypto.PublicKey, der []byte, ok bool) {
	if e.bare.Local() == "DEREncodedKeyValue" {
		der, err := decodeBase64(e.text(e.bare, "Id"))
		if err != nil || len(der) > maxCertificate {
			e.refuse(signatureShape, e.bare, "SubjectPublicKeyInfo", "")
			return nil, nil, false
		}
		return nil, der, true
	}
	parts := e.parts(e.bare)
	switch {
	case !e.shaped || len(parts) != 1:
	case parts[0].Is(nsDSig, "RSAKeyValue"):
		if pair := e.parts(parts[0]); e.expect(parts[0], pair, "Modulus", "Exponent") {
			key = e.rsaValue(pair[0], pair[1])
		}
	case parts[0].Is(nsDSig11, "ECKeyValue"):
		pair := e.parts(parts[0], "Id")
		if len(pair) == 2 && pair[0].Is(nsDSig11, "NamedCurve") && pair[1].Is(nsDSig11, "PublicKey") {
			key = e.curveValue(pair[0], pair[1])
		}
	}
	if key == nil && e.shaped {
		e.report.fault(keyValueOnly, e.bare, "RSAKeyValue ECKeyValue DEREncodedKeyValue", "")
	}
	return key, nil, key != nil
}

// maxExponent keeps the exponent within what crypto/rsa takes.
const maxExponent = 1<<31 - 1

func (e *envelope) rsaValue(modulus, exponent xmltree.Element) crypto.PublicKey {
	n, err := decodeBase64(e.text(modulus))
	if err != nil || len(n) > maxRSABits/8+1 {
		return nil
	}
	octets, err := decodeBase64(e.text(exponent))
	if err != nil || len(octets) > 4 {
		return nil
	}
	power := new(big.Int).SetBytes(octets).Int64()
	if power > maxExponent {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(power)}
}

// curves by the URI of RFC 5480's identifiers, as NamedCurve writes them.
var curves = map[string]elliptic.Curve{
	"urn:oid:1.2.840.10045.3.1.7": elliptic.P256(),
	"urn:oid:1.3.132.0.34":        elliptic.P384(),
	"urn:oid:1.3.132.0.35":        elliptic.P521(),
}

func (e *envelope) curveValue(named, point xmltree.Element) crypto.PublicKey {
	e.empty(named, "URI")
	uri, _ := named.Attr("", "URI")
	curve, ok := curves[uri]
	if !ok {
		return nil
	}
	octets, err := decodeBase64(e.text(point))
	if err != nil {
		return nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, octets)
	if err != nil {
		return nil
	}
	return key
}
