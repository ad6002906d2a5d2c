package signature

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"asugate/xmltree"
)

// The namespaces of XAdES. The properties of ETSI EN 319 132-1 stand in that of version 1.3.2, and
// signers of before 2010 write older ones, which differ in nothing that is read here. Version 1.4.1
// added unsigned properties only.
const (
	nsXAdES    = "http://uri.etsi.org/01903/v1.3.2#"
	nsXAdES141 = "http://uri.etsi.org/01903/v1.4.1#"
	nsXAdES122 = "http://uri.etsi.org/01903/v1.2.2#"
	nsXAdES111 = "http://uri.etsi.org/01903/v1.1.1#"
)

// typeProperties is the Type of the Reference to the signed properties (EN 319 132-1 section 4.4.2).
// Older versions, and some signers of the present one, put the version into it.
const typeProperties = "http://uri.etsi.org/01903#SignedProperties"

// Bounds of what an Object may hold beside what is read. The greatest part of a signature in the
// field are the certificates and answers of OCSP responders in its unsigned properties.
const (
	maxPropertyElements  = 512
	maxSigningReferences = 8
)

// properties are the signed properties of an XAdES signature: what the signer says of himself and
// signs together with the document.
type properties struct {
	reference                   // element is zero until the Reference to them has been read
	signed      xmltree.Element // SignedProperties
	id          string          // their Id
	space       string          // the namespace of their version
	time        string          // SigningTime as written, empty without
	timed       xmltree.Element
	certificate xmltree.Element // SigningCertificate or SigningCertificateV2, zero without
	digests     []certificateDigest
}

// is says that a Reference with the URI means the signed properties. Parse has refused repeated
// values of identifying attributes, so that nothing else can be meant.
func (p *properties) is(uri string) bool {
	return p != nil && len(uri) > 1 && uri[0] == '#' && uri[1:] == p.id
}

// readObject takes the one Object that a signature may have: EN 319 132-1 section 4.3, with the
// properties direct in it. Whatever else an Object can hold is refused: it would be a place for
// content that is not signed, or signed and not read.
func (e *envelope) readObject(object xmltree.Element) {
	parts := e.parts(object, "Id")
	if !e.shaped {
		return
	}
	if len(parts) != 1 || parts[0].Local() != "QualifyingProperties" || !isPropertiesSpace(parts[0].Space()) {
		e.refuse(signatureShape, object, "QualifyingProperties", "")
		return
	}
	qualifying := parts[0]
	id, _ := e.signature.Attr("", "Id")
	if target, _ := qualifying.Attr("", "Target"); id == "" || target != "#"+id {
		e.refuse(signatureShape, qualifying, "Target="+quoted("#"+id), quoted(target))
		return
	}
	parts = e.parts(qualifying, "Target", "Id")
	if !e.shaped {
		return
	}
	space := qualifying.Space()
	if len(parts) == 0 || len(parts) > 2 || !parts[0].Is(space, "SignedProperties") ||
		len(parts) == 2 && !parts[1].Is(space, "UnsignedProperties") {
		e.refuse(signatureShape, qualifying, "SignedProperties UnsignedProperties", "")
		return
	}
	p := &properties{signed: parts[0], space: space}
	if p.id, _ = p.signed.Attr("", "Id"); p.id == "" {
		e.refuse(signatureShape, p.signed, "Id", "")
		return
	}
	e.properties = p
	e.readSignedProperties(p)
	if len(parts) == 2 {
		e.passOver(parts[1])
	}
}

func isPropertiesSpace(space string) bool {
	return space == nsXAdES || space == nsXAdES122 || space == nsXAdES111
}

// readSignedProperties is EN 319 132-1 section 4.3.3. What is read is when, and by whose certificate;
// policies, roles, places and the properties of data objects are the signer's affair and mean
// nothing to the gateway.
func (e *envelope) readSignedProperties(p *properties) {
	parts := e.parts(p.signed, "Id")
	if !e.shaped || len(parts) == 0 {
		e.refuse(signatureShape, p.signed, "SignedSignatureProperties", "")
		return
	}
	if len(parts) > 2 || !parts[0].Is(p.space, "SignedSignatureProperties") ||
		len(parts) == 2 && !parts[1].Is(p.space, "SignedDataObjectProperties") {
		e.refuse(signatureShape, parts[len(parts)-1], "SignedSignatureProperties SignedDataObjectProperties", "")
		return
	}
	if len(parts) == 2 {
		e.passOver(parts[1])
	}
	var seen []string
	for _, part := range e.parts(parts[0], "Id") {
		name := strings.TrimSuffix(part.Local(), "V2")
		if part.Space() != p.space || slices.Contains(seen, name) {
			e.refuse(signatureShape, part, "", quoted(part.Local()))
			return
		}
		seen = append(seen, name)
		switch part.Local() {
		case "SigningTime":
			p.time, p.timed = strings.Trim(e.text(part), " \t\r\n"), part
		case "SigningCertificate", "SigningCertificateV2":
			p.certificate = part
			e.readSigningCertificate(p, part)
		case "SignaturePolicyIdentifier", "SignatureProductionPlace", "SignatureProductionPlaceV2",
			"SignerRole", "SignerRoleV2":
			e.passOver(part)
		default:
			e.refuse(signatureShape, part, "", quoted(part.Local()))
		}
	}
}

// passOver is for properties that are not read, also the unsigned ones. Time stamps and collected
// evidence among them are not evaluated: revocation comes from the sources of this machine, and the
// moment is that of receipt or the one that the signer signs. Nothing outside of XAdES and XML
// Signature is let pass, so that there is no content which another reader could take for a document.
func (e *envelope) passOver(of xmltree.Element) {
	left := maxPropertyElements
	e.passOverPart(of, &left)
}

func (e *envelope) passOverPart(of xmltree.Element, left *int) {
	for node := range of.Nodes() {
		switch node.Kind {
		case xmltree.CommentNode:
			e.refuse(signatureShape, of, "", "comment")
		case xmltree.ElementNode:
			space := node.Element.Space()
			if *left--; *left < 0 || !isPropertiesSpace(space) && space != nsXAdES141 && space != nsDSig &&
				space != nsExclusive {
				e.refuse(signatureShape, node.Element, "", quoted(node.Element.Local()))
				return
			}
			e.passOverPart(node.Element, left)
		}
		if !e.shaped {
			return
		}
	}
}

// readPropertiesReference is the Reference to the signed properties: EN 319 132-1 section 4.4.2. The
// one transform that it may have is a canonicalization; without, Canonical XML 1.0 stands in (XML
// Signature section 4.4.3.2).
func (e *envelope) readPropertiesReference(at xmltree.Element) {
	p := e.properties
	p.element = at
	parts := e.parts(at, "Id", "URI", "Type")
	kind, _ := at.Attr("", "Type")
	if kind != typeProperties && kind != p.space+"SignedProperties" {
		e.refuse(referenceTarget, at, "Type="+quoted(typeProperties), quoted(kind))
		return
	}
	p.form = inclusive10
	if len(parts) == 3 {
		e.readPropertiesTransforms(parts[0])
		if !e.expect(at, parts, "Transforms", "DigestMethod", "DigestValue") {
			return
		}
		parts = parts[1:]
	}
	if e.expect(at, parts, "DigestMethod", "DigestValue") {
		e.readDigest(&p.reference, parts[0], parts[1])
	}
}

func (e *envelope) readPropertiesTransforms(of xmltree.Element) {
	parts := e.parts(of)
	if !e.shaped {
		return
	}
	if len(parts) != 1 || !parts[0].Is(nsDSig, "Transform") {
		e.refuse(transformNotAllowed, of, supportedForms, "")
		return
	}
	form, ok := e.canonicalization(parts[0])
	if !ok {
		e.refuse(transformNotAllowed, parts[0], supportedForms, quoted(algorithmOf(parts[0])))
		return
	}
	e.properties.form = form
}

// checkProperties makes the digest that the second Reference asks for and compares it, and hands the
// signing time to the report.
func (e *envelope) checkProperties() {
	p := e.properties
	if p == nil || p.value == nil || !e.shaped {
		return
	}
	made := p.digest.of(p.signed, p.form.form)
	if !bytes.Equal(made, p.value) {
		encode := base64.StdEncoding.EncodeToString
		e.report.fault(digestMismatch, p.element, encode(p.value), encode(made))
		return
	}
	if e.content.digest != p.digest {
		e.checkEnd(p.digest.name, p.element)
	}
	e.claimTime()
}

// checkEnd refuses an algorithm that the register has ended. For those of signature and content the
// claim does.
func (e *envelope) checkEnd(name string, at xmltree.Element) {
	if end, ended := e.report.policy.ended(name, e.report.Received); ended {
		e.report.fault(algorithmEnded, at, stamp(end), name)
	}
}

// claimTime hands the SigningTime over: an xs:dateTime, EN 319 132-1 section 5.2.1.
func (e *envelope) claimTime() {
	p := e.properties
	if p.timed.IsZero() {
		return
	}
	const local = "2006-01-02T15:04:05"
	// time.Parse takes an hour of one digit and a comma before the fraction; xs:dateTime does not.
	if len(p.time) < len(local) || p.time[len("2006-01-02T15")] != ':' || strings.Contains(p.time, ",") {
		e.refuse(signatureShape, p.timed, "xs:dateTime", quoted(p.time))
		return
	}
	stated, err := time.Parse(time.RFC3339Nano, p.time)
	if err == nil {
		e.report.claimTime(stated)
		return
	}
	if _, err := time.Parse(local, p.time); err != nil {
		e.refuse(signatureShape, p.timed, "xs:dateTime", quoted(p.time))
		return
	}
	e.report.fault(signingTimeNoZone, p.timed, stamp(e.report.Received), quoted(p.time))
}
