package signature

import (
	"crypto/ecdsa"
	"crypto/x509"
	"math/big"
	"strings"

	"asugate/xmltree"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

const oidSHA1 = "1.3.14.3.2.26"

// cmsDigests are the short names of digests by object identifier: RFC 5754 section 2, RFC 9215
// section 3, RFC 4357 section 10.4. Whether one of the name is verified here the tables of
// algorithm.go say.
var cmsDigests = map[string]string{
	oidSHA1:                  "sha1",
	"2.16.840.1.101.3.4.2.1": "sha256",
	"2.16.840.1.101.3.4.2.2": "sha384",
	"2.16.840.1.101.3.4.2.3": "sha512",
	"1.2.643.7.1.1.2.2":      "streebog256",
	"1.2.643.7.1.1.2.3":      "streebog512",
	"1.2.643.2.2.9":          "gost94",
}

// cmsMethod is what the identifier of a signature means, together with that of the digest.
type cmsMethod struct {
	prefix string // of the method's short name, which the digest's completes
	name   string // the whole name, where the digest is no part of it
	digest string // the one that must go with it; empty: any

	parameters byte // the tag of those that it may have; of a key's the certificate has the true ones
}

// cmsMethods has the key's own identifier too, with which the digest alone says what to do: RFC 3370
// section 3.2 for RSA, RFC 4490 section 3.2 and what follows it for GOST; of ECDSA some programs
// write it. Ed25519 signs octets, not a digest of them. RFC 8419 section 3.1 wants SHA-512 for the
// digest of the content; some signers take another, and as it is signed any that is safe will do.
var cmsMethods = map[string]cmsMethod{
	"1.2.840.113549.1.1.1":  {prefix: "rsa-"},
	"1.2.840.113549.1.1.5":  {prefix: "rsa-", digest: "sha1"},
	"1.2.840.113549.1.1.11": {prefix: "rsa-", digest: "sha256"},
	"1.2.840.113549.1.1.12": {prefix: "rsa-", digest: "sha384"},
	"1.2.840.113549.1.1.13": {prefix: "rsa-", digest: "sha512"},
	oidRSAPSS:               {prefix: "rsa-pss-", parameters: 0x30},
	"1.2.840.10045.2.1":     {prefix: "ecdsa-", parameters: 0x06},
	"1.2.840.10045.4.1":     {prefix: "ecdsa-", digest: "sha1"},
	"1.2.840.10045.4.3.2":   {prefix: "ecdsa-", digest: "sha256"},
	"1.2.840.10045.4.3.3":   {prefix: "ecdsa-", digest: "sha384"},
	"1.2.840.10045.4.3.4":   {prefix: "ecdsa-", digest: "sha512"},
	"1.3.101.112":           {name: "ed25519"},
	"1.2.643.7.1.1.1.1":     {name: "gost2012-256", digest: "streebog256", parameters: 0x30},
	"1.2.643.7.1.1.3.2":     {name: "gost2012-256", digest: "streebog256"},
	"1.2.643.7.1.1.1.2":     {name: "gost2012-512", digest: "streebog512", parameters: 0x30},
	"1.2.643.7.1.1.3.3":     {name: "gost2012-512", digest: "streebog512"},
	"1.2.643.2.2.19":        {name: "gost2001", digest: "gost94", parameters: 0x30},
	"1.2.643.2.2.3":         {name: "gost2001", digest: "gost94"},
}

// chooseAlgorithms finds the digest and the method in the tables, or says what stands in the way. The
// digest of the content must be the one that the signature is made with: RFC 5652 section 5.4 knows
// one only; RFC 5753 section 2.1.1, RFC 4056 section 3 and RFC 4490 section 3.2 say so of theirs.
func (d *detached) chooseAlgorithms() {
	digestOID, methodOID := d.Signer.Digest.OID, d.Signer.Signature.OID
	d.chooseDigest(digestOID)
	how, ok := cmsMethods[methodOID]
	if !ok {
		d.report.Signature = quoted(methodOID)
		d.report.fault(refusalOfOID(methodOID), xmltree.Element{}, supportedMethods, quoted(methodOID))
		return
	}
	if d.digest == nil {
		d.report.Signature = quoted(methodOID)
		return // said already, of the digest
	}
	if how.digest != "" && how.digest != d.digest.name {
		d.report.Signature = quoted(methodOID)
		d.report.fault(algorithmsDiffer, xmltree.Element{}, how.digest, d.digest.name)
		return
	}
	name := how.name
	if name == "" {
		name = how.prefix + d.digest.name
	}
	d.report.Signature = name
	m := methodNamed(name)
	if m == nil || !d.report.policy.allows(m.legacy) {
		d.report.fault(refusalOfOID(methodOID), xmltree.Element{}, supportedMethods, quoted(methodOID+" "+name))
		return
	}
	if p := d.Signer.Signature; !p.Plain() && p.Parameters[0] != how.parameters {
		d.report.fault(cmsMalformed, xmltree.Element{}, "", "parameters of "+methodOID)
		return
	}
	d.report.uses(m.legacy)
	switch how.prefix {
	case "ecdsa-":
		m = derECDSA(m)
	case "rsa-pss-":
		m = d.choosePSS(m)
	}
	d.method = m
}

func (d *detached) chooseDigest(oid string) {
	name := cmsDigests[oid]
	found := digestNamed(name)
	if found == nil || !d.report.policy.allows(found.legacy) {
		d.report.Digest = quoted(oid)
		d.report.fault(refusalOfOID(oid), xmltree.Element{}, supportedDigests, quoted(oid))
		return
	}
	if !d.Signer.Digest.Plain() {
		d.report.fault(cmsMalformed, xmltree.Element{}, "", "parameters of "+oid)
		return
	}
	d.report.Digest, d.digest = name, found
	d.report.uses(found.legacy)
}

func digestNamed(name string) *digest {
	for i := range digests {
		if digests[i].name == name {
			return &digests[i]
		}
	}
	return nil
}

func methodNamed(name string) *method {
	for i := range methods {
		if methods[i].name == name {
			return &methods[i]
		}
	}
	return nil
}

// orOver is the method for signed attributes that were not sent in the order of DER. RFC 5652 section
// 5.4 signs them in that order; OpenSSL among others signs them as they are sent. Both orders say the
// same, so either will do. The method may be nil, and so may sorted.
func (m *method) orOver(sorted []byte) *method {
	if m == nil || sorted == nil {
		return m
	}
	either := *m
	either.verify = func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		if why := m.verify(p, c, octets, value); why != signatureMismatch {
			return why
		}
		return m.verify(p, c, sorted, value)
	}
	return &either
}

// refusalOfOID names why an identifier is refused, as refusalOf does for those of XML.
func refusalOfOID(oid string) reason {
	under := func(arc string) bool { return oid == arc || strings.HasPrefix(oid, arc+".") }
	switch {
	case under(oidSHA1), under("1.2.840.113549.1.1.5"), under("1.2.840.10045.4.1"), under("1.3.14.3.2.29"):
		return algorithmSHA1
	case under("1.2.840.113549.2.5"), under("1.2.840.113549.1.1.4"):
		return algorithmMD5
	case under("1.2.840.10040.4"), under("1.3.14.3.2.27"), under("2.16.840.1.101.3.4.3.1"), under("2.16.840.1.101.3.4.3.2"):
		return algorithmDSA
	case under("1.2.804.2.1.1.1.1"): // with ГОСТ 34.311 and Купина, the digests that go with it
		return algorithmDSTU
	case under("1.2.643.2.2.19"), under("1.2.643.2.2.3"), under("1.2.643.2.2.9"):
		return algorithmGOST2001
	case under("1.2.643"):
		return algorithmGOST
	}
	return algorithmUnknown
}

// derECDSA is a method whose value is the ASN.1 that RFC 5753 section 7.2 has in place of r||s.
func derECDSA(plain *method) *method {
	der := *plain
	der.verify = func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, ok := c.PublicKey.(*ecdsa.PublicKey)
		if !ok {
			return keyKindMismatch
		}
		value, ok = plainOf(value, scalarSize(key.Curve))
		if !ok {
			return signatureMalformed
		}
		return plain.verify(p, c, octets, value)
	}
	return &der
}

// plainOf is r||s of the DER of an Ecdsa-Sig-Value; size is that of each. Of a curve that has none
// here, plain verification says so whatever the value.
func plainOf(der []byte, size int) ([]byte, bool) {
	if size == 0 {
		return nil, true
	}
	var r, s big.Int
	input := cryptobyte.String(der)
	var inner cryptobyte.String
	if !input.ReadASN1(&inner, asn1.SEQUENCE) || !input.Empty() ||
		!inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() ||
		r.Sign() <= 0 || s.Sign() <= 0 || r.BitLen() > 8*size || s.BitLen() > 8*size {
		return nil, false
	}
	value := make([]byte, 2*size)
	r.FillBytes(value[:size])
	s.FillBytes(value[size:])
	return value, true
}

// choosePSS is RSASSA-PSS with the parameters of the signature. RFC 4056 section 3 wants them there, and
// in them the digest with which the signed attributes are signed.
func (d *detached) choosePSS(m *method) *method {
	with, ok := readPSS(d.Signer.Signature.Parameters)
	if !ok || !with.sound() || with.hash != pssHashes[d.Signer.Digest.OID] {
		d.report.fault(pssParameters, xmltree.Element{}, d.digest.name, "")
		return nil
	}
	salted := *m
	salted.verify = rsaPSS(with)
	return &salted
}
