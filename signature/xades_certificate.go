package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"

	"asugate/xmltree"
)

// certificateDigest is one Cert of SigningCertificate: EN 319 132-1 section 5.2.2, before that TS 101
// 903 section 7.2.2.
type certificateDigest struct {
	digest *digest
	value  []byte
	serial *big.Int // nil where there is no IssuerSerial
	issuer []byte   // DER of the name, only in the second version
}

// names says that this is the certificate. The digest is over all of it, so that the issuer's name
// beside it can only contradict. In the first version that name is a text, which signers spell in too
// many ways to be compared; the serial number is compared in both.
func (d certificateDigest) names(c *x509.Certificate) bool {
	return bytes.Equal(d.digest.sum(c.Raw), d.value) &&
		(d.serial == nil || d.serial.Cmp(c.SerialNumber) == 0) &&
		(d.issuer == nil || bytes.Equal(d.issuer, c.RawIssuer) ||
			distinguishedName(d.issuer) == distinguishedName(c.RawIssuer))
}

func (p *properties) names(c *x509.Certificate) bool {
	return slices.ContainsFunc(p.digests, func(d certificateDigest) bool { return d.names(c) })
}

// readSigningCertificate reads the digests. Further ones than the signer's are of his issuers; the
// order is not fixed in the first version.
func (e *envelope) readSigningCertificate(p *properties, of xmltree.Element) {
	parts := e.parts(of)
	if len(parts) == 0 || len(parts) > maxSigningReferences {
		e.refuse(signatureShape, of, "Cert", "")
		return
	}
	second := strings.HasSuffix(of.Local(), "V2")
	for _, part := range parts {
		if !part.Is(p.space, "Cert") {
			e.refuse(signatureShape, part, "Cert", quoted(part.Local()))
			return
		}
		e.readCertificateDigest(p, part, second)
	}
}

func (e *envelope) readCertificateDigest(p *properties, of xmltree.Element, second bool) {
	parts := e.parts(of, "URI") // a hint where the certificate may be had, which is not asked
	serial := "IssuerSerial"
	if second {
		serial = "IssuerSerialV2"
	}
	if len(parts) == 0 || len(parts) > 2 || !parts[0].Is(p.space, "CertDigest") ||
		len(parts) == 2 && !parts[1].Is(p.space, serial) {
		e.refuse(signatureShape, of, "CertDigest "+serial, "")
		return
	}
	if !second && len(parts) == 1 {
		e.refuse(signatureShape, of, "CertDigest "+serial, "")
		return
	}
	var r reference
	pair := e.parts(parts[0])
	if len(pair) != 2 || !p.isDigestPart(pair[0], "DigestMethod") || !p.isDigestPart(pair[1], "DigestValue") {
		e.refuse(signatureShape, parts[0], "DigestMethod DigestValue", "")
		return
	}
	// No switch is needed here for SHA-1, with which older signers write it: see certificateSum.
	uri := algorithmOf(pair[0])
	if r.digest = digestOf(uri); r.digest == nil {
		e.report.fault(refusalOf(uri), pair[0], supportedDigests, quoted(uri))
	}
	e.empty(pair[0], "Algorithm")
	e.readDigestValue(&r, pair[1])
	d := certificateDigest{digest: r.digest, value: r.value}
	if len(parts) == 2 {
		if second {
			e.readIssuerSerial(&d, parts[1])
		} else {
			e.readNamedSerial(&d, parts[1])
		}
	}
	if e.shaped && d.value != nil {
		p.digests = append(p.digests, d)
	}
}

// isDigestPart knows the elements of a digest. Up to version 1.2.2 they are in the namespace of
// XAdES itself.
func (p *properties) isDigestPart(part xmltree.Element, local string) bool {
	return part.Is(nsDSig, local) || p.space != nsXAdES && part.Is(p.space, local)
}

// readNamedSerial is the X509IssuerSerialType of XML Signature section 4.5.4.1.
func (e *envelope) readNamedSerial(d *certificateDigest, of xmltree.Element) {
	parts := e.parts(of)
	if !e.expect(of, parts, "X509IssuerName", "X509SerialNumber") {
		return
	}
	e.text(parts[0])
	text := strings.Trim(e.text(parts[1]), " \t\r\n")
	var ok bool
	if len(text) <= maxSerialDigits {
		d.serial, ok = new(big.Int).SetString(text, 10)
	}
	if !ok {
		e.refuse(signatureShape, parts[1], "", quoted(text))
	}
}

// maxSerialDigits bounds what is turned into a number: 20 octets have 49 digits (RFC 5280 section
// 4.1.2.2), and some authorities exceed them.
const maxSerialDigits = 128

// readIssuerSerial is the IssuerSerial of RFC 5035 section 5.4.1.1, in DER and base64.
func (e *envelope) readIssuerSerial(d *certificateDigest, of xmltree.Element) {
	var value struct {
		Issuer []asn1.RawValue // GeneralNames
		Serial *big.Int
	}
	der, err := decodeBase64(e.text(of))
	if err == nil {
		var rest []byte
		if rest, err = asn1.Unmarshal(der, &value); err == nil && len(rest) > 0 {
			err = errBase64
		}
	}
	const directoryName = 4 // RFC 5280 section 4.2.1.6
	if err != nil || len(value.Issuer) != 1 || value.Issuer[0].Class != asn1.ClassContextSpecific ||
		value.Issuer[0].Tag != directoryName {
		e.refuse(signatureShape, of, "IssuerSerial", "")
		return
	}
	d.serial, d.issuer = value.Serial, value.Issuer[0].Bytes
}

// putSigningFirst puts the certificate that the signer has signed for before the others: where several
// have his key (one renewed), it is his.
func (e *envelope) putSigningFirst() {
	p := e.properties
	if p == nil || len(p.digests) == 0 || len(e.certificates) < 2 {
		return
	}
	for i, one := range e.certificates {
		if len(one.text) > maxCertificate {
			continue // refused soon: nobody's text is worth so many digests
		}
		der, err := decodeBase64(one.text)
		if err == nil && slices.ContainsFunc(p.digests, func(d certificateDigest) bool {
			return bytes.Equal(d.digest.sum(der), d.value)
		}) {
			rest := slices.Delete(slices.Clone(e.certificates), i, i+1)
			e.certificates = append([]carried{one}, rest...)
			return
		}
	}
}

// checkSigningCertificate compares the certificate that verifies with the one that the signer has
// signed for.
func (e *envelope) checkSigningCertificate() {
	p, found := e.properties, e.report.Certificate
	if p == nil || p.certificate.IsZero() || found == nil || len(p.digests) == 0 {
		return // what is wrong with the digests has been said
	}
	if !p.names(found) {
		e.report.fault(signingCertificateMismatch, p.certificate, "", quoted(distinguishedName(found.RawSubject)))
	}
}
