package signature

import (
	"crypto/x509"

	"asugate/xmltree"
)

// maxCertificates is how many certificates one signature may bring along.
const (
	maxCertificates  = 8
	mostCertificates = "8"
)

// maxCertificate bounds the text of one; those of the field have 1 to 4 KiB.
const maxCertificate = 64 << 10

// readKeyInfo is XML Signature section 4.5. Only X509Certificate counts; names, serial numbers and
// bare keys beside it are let pass because many libraries write them, and are not read. What points
// elsewhere (RetrievalMethod, KeyInfoReference) or is not of the standard is refused: nothing in a
// KeyInfo is signed, and a place for anything is a place to hide something.
func (e *envelope) readKeyInfo(keyInfo xmltree.Element) {
	var bare []xmltree.Element
	for _, part := range e.parts(keyInfo, "Id") {
		switch {
		case part.Is(nsDSig, "X509Data"):
			e.readX509Data(part)
		case part.Is(nsDSig, "KeyName"):
			e.text(part)
		case part.Is(nsDSig, "KeyValue"), part.Is(nsDSig11, "DEREncodedKeyValue"):
			bare = append(bare, part)
			e.inert(part)
		default:
			e.refuse(signatureShape, part, "X509Data", quoted(part.Local()))
		}
	}
	switch {
	case !e.shaped:
	case len(e.certificates) > maxCertificates:
		e.refuse(tooManyCertificates, keyInfo, mostCertificates, "")
	case len(e.certificates) > 0:
	case len(bare) == 1 && e.report.policy.allows(LegacyKeyValue):
		e.bare = bare[0]
	case len(bare) > 0:
		e.report.fault(keyValueOnly, keyInfo, "X509Certificate", "KeyValue")
	default:
		e.report.fault(noCertificate, keyInfo, "X509Certificate", "")
	}
}

func (e *envelope) readX509Data(of xmltree.Element) {
	for _, part := range e.parts(of) {
		switch {
		case part.Is(nsDSig, "X509Certificate"):
			e.certificates = append(e.certificates, carried{text: e.text(part), place: part})
		case part.Is(nsDSig, "X509SubjectName"), part.Is(nsDSig, "X509SKI"), part.Is(nsDSig, "X509CRL"):
			e.text(part)
		case part.Is(nsDSig11, "X509Digest"):
			e.text(part, "Algorithm")
		case part.Is(nsDSig, "X509IssuerSerial"):
			e.inert(part)
		default:
			e.refuse(signatureShape, part, "X509Certificate", quoted(part.Local()))
		}
	}
}

// inertAttributes are those that the standard allows in what inert passes over.
var inertAttributes = []string{"Id", "URI"}

// inert passes over a part that is not used: elements of XML Signature and text, no comments, and
// no element that means something elsewhere.
func (e *envelope) inert(of xmltree.Element) {
	e.attributes(of, inertAttributes)
	children := 0
	for node := range of.Nodes() {
		switch node.Kind {
		case xmltree.CommentNode:
			e.refuse(signatureShape, of, "", "comment")
		case xmltree.ElementNode:
			if children++; children > maxParts || !isKeyPart(node.Element) {
				e.refuse(signatureShape, node.Element, "", quoted(node.Element.Local()))
				return
			}
			e.inert(node.Element)
		}
		if !e.shaped {
			return
		}
	}
}

// isKeyPart says that an element is one of those of which bare keys and serial numbers consist.
// How deep they nest Parse has bounded.
func isKeyPart(e xmltree.Element) bool {
	switch e.Local() {
	case "RSAKeyValue", "Modulus", "Exponent",
		"DSAKeyValue", "P", "Q", "G", "Y", "J", "Seed", "PgenCounter",
		"X509IssuerName", "X509SerialNumber":
		return e.Space() == nsDSig
	case "ECKeyValue", "NamedCurve", "PublicKey":
		return e.Space() == nsDSig11
	}
	return false
}

// readCertificates parses the certificates of the document. One that cannot be read is a fault of
// its own; the others still serve.
func (c claim) readCertificates(report *Report) []*x509.Certificate {
	list := make([]*x509.Certificate, len(c.certificates))
	for i, one := range c.certificates {
		der := one.der
		if len(one.text)+len(der) > maxCertificate {
			report.fault(certificateUnreadable, one.place, "at most 64 KiB", "")
			continue
		}
		if der == nil {
			var err error
			if der, err = decodeBase64(one.text); err != nil {
				report.fault(certificateUnreadable, one.place, "base64", "")
				continue
			}
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			report.fault(certificateUnreadable, one.place, "X.509", quoted(err.Error()))
			continue
		}
		list[i] = withKnownExtensions(certificate)
	}
	return list
}
