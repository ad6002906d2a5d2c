package signature

import (
	"strconv"
	"strings"

	"asugate/xmltree"
)

const (
	nsDSig      = "http://www.w3.org/2000/09/xmldsig#"
	nsDSig11    = "http://www.w3.org/2009/xmldsig11#"
	nsExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// maxParts is how many children a part of a signature may have.
const maxParts = 16

// envelope is a ds:Signature taken apart: XML Signature section 4, reduced to the one shape that
// signs a whole document, with or without the signed properties of XAdES. What it holds is on the
// allow-lists.
type envelope struct {
	root, signature xmltree.Element

	signedInfo     xmltree.Element
	signedInfoForm canonicalForm
	method         *method // nil when refused

	content    reference   // to the root
	properties *properties // nil where there is no Object

	signatureValue xmltree.Element
	value          []byte // nil when malformed

	certificates []carried       // X509Certificate, in document order
	bare         xmltree.Element // the one bare key of a KeyInfo without certificates, else zero

	report *Report
	shaped bool // no fault in the shape so far
}

// reference is a ds:Reference: what is signed, in which form, and the digest that it must have.
type reference struct {
	element xmltree.Element
	form    canonicalForm
	digest  *digest // nil when refused
	value   []byte  // nil when malformed
}

// signatures are the ds:Signature elements of the whole tree, at most two of them: more make no
// difference.
func signatures(root xmltree.Element) []xmltree.Element {
	return root.Tree().Named(nsDSig, "Signature", 2)
}

// locate finds the one ds:Signature. Where there is not exactly one, or it is no child of the
// root, the report says so and ok is false.
func locate(root xmltree.Element, report *Report) (signature xmltree.Element, ok bool) {
	found := signatures(root)
	switch {
	case len(found) == 0:
		report.fault(noSignature, root, "", "")
	case len(found) > 1:
		report.fault(severalSignatures, found[1], "", "")
	case found[0].Parent() != root:
		report.fault(signatureMisplaced, found[0], root.Path()+"/Signature", "")
	default:
		return found[0], true
	}
	return xmltree.Element{}, false
}

// dissect takes the signature apart. False: its shape is not ours, and nothing more is to be said.
// Refused algorithms leave the shape good.
func dissect(root, signature xmltree.Element, report *Report) (*envelope, bool) {
	e := &envelope{root: root, signature: signature, report: report, shaped: true}
	parts := e.parts(signature, "Id")
	if !e.shaped || !e.expect(signature, parts, partNames(parts)...) {
		return e, false
	}
	e.signedInfo, e.signatureValue = parts[0], parts[1]
	if object := parts[len(parts)-1]; object.Local() == "Object" {
		e.readObject(object)
	}
	e.readSignedInfo()
	if len(parts) > 2 && parts[2].Local() == "KeyInfo" {
		e.readKeyInfo(parts[2])
	} else {
		report.fault(noCertificate, signature, "KeyInfo", "")
	}
	value, err := decodeBase64(e.text(e.signatureValue, "Id"))
	if err != nil && e.shaped {
		report.fault(signatureMalformed, e.signatureValue, "base64", "")
	}
	e.value = value
	return e, e.shaped
}

// The parts of a Signature and of a SignedInfo. KeyInfo is optional in the standard: what is missing
// is a certificate. An Object and a second Reference there are with XAdES only.
var (
	signatureParts      = []string{"SignedInfo", "SignatureValue", "KeyInfo", "Object"}
	signaturePartsNoKey = []string{"SignedInfo", "SignatureValue", "Object"}
	signedInfoParts     = []string{"CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"}
)

// partNames are the names that the parts of a Signature should have.
func partNames(parts []xmltree.Element) []string {
	switch {
	case len(parts) == 3 && parts[2].Local() == "Object":
		return signaturePartsNoKey
	case len(parts) < 4:
		return signatureParts[:max(len(parts), 2)]
	}
	return signatureParts
}

// readSignedInfo is section 4.4: the methods, the Reference to the root, and with XAdES one to the
// signed properties.
func (e *envelope) readSignedInfo() {
	parts := e.parts(e.signedInfo, "Id")
	names := signedInfoParts
	if e.properties == nil {
		names = names[:3]
	}
	wanted := strconv.Itoa(len(names) - 2)
	switch {
	case len(parts) > len(names) && parts[len(names)].Is(nsDSig, "Reference"):
		e.refuse(referenceCount, parts[len(names)], wanted, "")
		return
	case len(parts) == 3 && len(names) == 4 && parts[1].Is(nsDSig, "SignatureMethod") && parts[2].Is(nsDSig, "Reference"):
		e.refuse(referenceCount, e.signedInfo, wanted, "1")
		return
	}
	if !e.expect(e.signedInfo, parts, names...) {
		return
	}
	form, ok := e.canonicalization(parts[0])
	if !ok {
		e.refuse(canonNotAllowed, parts[0], supportedForms, quoted(algorithmOf(parts[0])))
		return
	}
	e.signedInfoForm = form
	e.readMethod(parts[1])
	for _, part := range parts[2:] {
		e.readReference(part)
	}
}

// readMethod is section 4.4.2. The algorithm is looked at first: a parameter of an algorithm that
// we refuse is no fault of the shape.
func (e *envelope) readMethod(at xmltree.Element) {
	uri := algorithmOf(at)
	e.method = methodOf(uri)
	if e.method == nil {
		e.report.Signature = quoted(uri)
		e.report.fault(refusalOf(uri), at, supportedMethods, quoted(uri))
		return
	}
	e.report.Signature = e.method.name
	if !e.report.policy.allows(e.method.legacy) {
		e.method = nil
		e.report.fault(refusalOf(uri), at, supportedMethods, quoted(uri))
		return
	}
	e.empty(at, "Algorithm")
}

// readReference is section 4.4.3. No two References are to the same: there are as many as things to
// refer to.
func (e *envelope) readReference(at xmltree.Element) {
	uri, ok := at.Attr("", "URI")
	switch {
	case !e.shaped:
	case ok && e.properties.is(uri) && e.properties.element.IsZero():
		e.readPropertiesReference(at)
	case ok && e.isRoot(uri) && e.content.element.IsZero():
		e.readContentReference(at)
	default:
		e.refuse(referenceTarget, at, e.rootReference(), quoted(uri))
	}
}

func (e *envelope) readContentReference(at xmltree.Element) {
	e.content.element = at
	parts := e.parts(at, "Id", "URI")
	if !e.shaped {
		return
	}
	if len(parts) == 2 {
		// Without transforms the Signature would be part of what it signs.
		e.refuse(transformNotAllowed, at, supportedTransforms, "")
		return
	}
	if !e.expect(at, parts, "Transforms", "DigestMethod", "DigestValue") {
		return
	}
	e.readTransforms(parts[0])
	e.report.Digest = e.readDigest(&e.content, parts[1], parts[2])
}

// readDigest is sections 4.4.3.5 and 4.4.3.6 for what is signed. It returns the name of the algorithm for the report.
func (e *envelope) readDigest(of *reference, method, value xmltree.Element) (name string) {
	uri := algorithmOf(method)
	of.digest = digestOf(uri)
	switch {
	case of.digest == nil:
		e.report.fault(refusalOf(uri), method, supportedDigests, quoted(uri))
		name = quoted(uri)
	case !e.report.policy.allows(of.digest.legacy):
		e.report.fault(refusalOf(uri), method, supportedDigests, quoted(uri))
		name, of.digest = of.digest.name, nil
	default:
		name = of.digest.name
		e.report.uses(of.digest.legacy)
		e.empty(method, "Algorithm")
	}
	e.readDigestValue(of, value)
	return name
}

// readDigestValue is section 4.4.3.6.
func (e *envelope) readDigestValue(of *reference, value xmltree.Element) {
	octets, err := decodeBase64(e.text(value))
	switch {
	case !e.shaped || of.digest == nil:
	case err != nil || len(octets) != of.digest.size:
		e.report.fault(digestMalformed, value, of.digest.name, "")
	default:
		of.value = octets
	}
}

// isRoot says that a Reference's URI means the root: the empty URI, or a bare name that is the
// value of an attribute of the root itself. XPointer and percent-encoding are not read.
func (e *envelope) isRoot(uri string) bool {
	if uri == "" {
		return true
	}
	id, ok := strings.CutPrefix(uri, "#")
	if !ok || id == "" {
		return false
	}
	for _, value := range rootIDs(e.root) {
		if value == id {
			return true
		}
	}
	return false
}

// rootReference is what a Reference should say, for the report.
func (e *envelope) rootReference() string {
	for _, value := range rootIDs(e.root) {
		if value != "" {
			return quoted("#" + value)
		}
	}
	return `URI=""`
}

const nsXML = "http://www.w3.org/XML/1998/namespace"

// rootIDs are the values of the root's identifying attributes, the first being the one that we
// write ourselves; empty where an attribute is missing.
func rootIDs(root xmltree.Element) (ids [4]string) {
	ids[0], _ = root.Attr("", "ID")
	ids[1], _ = root.Attr("", "Id")
	ids[2], _ = root.Attr("", "id")
	ids[3], _ = root.Attr(nsXML, "id")
	return ids
}

// refuse notes a fault of the shape, after which the rest of the signature is not read.
func (e *envelope) refuse(why reason, at xmltree.Element, expected, actual string) {
	if e.shaped {
		e.report.fault(why, at, expected, actual)
	}
	e.shaped = false
}

// parts are the child elements of a part that holds nothing else but white space, and no attribute
// but the named ones. Comments are refused: readers differ in how they join the text around them.
func (e *envelope) parts(of xmltree.Element, attributes ...string) []xmltree.Element {
	e.attributes(of, attributes)
	var parts []xmltree.Element
	for node := range of.Nodes() {
		switch {
		case node.Kind == xmltree.ElementNode && len(parts) < maxParts:
			parts = append(parts, node.Element)
		case node.Kind == xmltree.ElementNode && of.Local() == "X509Data":
			e.refuse(tooManyCertificates, of, mostCertificates, "")
			return nil
		case node.Kind == xmltree.ElementNode:
			e.refuse(signatureShape, of, "", "")
			return nil
		case node.Kind == xmltree.CommentNode:
			e.refuse(signatureShape, of, "", "comment")
		case strings.Trim(node.Text, " \t\r\n") != "":
			e.refuse(signatureShape, of, "", quoted(node.Text))
		}
	}
	return parts
}

// expect compares the names of parts, all of the namespace of XML Signature, in order.
func (e *envelope) expect(of xmltree.Element, parts []xmltree.Element, names ...string) bool {
	for i, part := range parts {
		if i >= len(names) || !part.Is(nsDSig, names[i]) {
			e.refuse(signatureShape, part, strings.Join(names, " "), quoted(part.Local()))
			return false
		}
	}
	if len(parts) < len(names) {
		e.refuse(signatureShape, of, strings.Join(names, " "), "")
	}
	return e.shaped
}

// empty is for a part without content.
func (e *envelope) empty(of xmltree.Element, attributes ...string) {
	if parts := e.parts(of, attributes...); len(parts) > 0 {
		e.refuse(signatureShape, parts[0], "", quoted(parts[0].Local()))
	}
}

// text is the content of a part that holds character data only.
func (e *envelope) text(of xmltree.Element, attributes ...string) string {
	e.attributes(of, attributes)
	for node := range of.Nodes() {
		if node.Kind != xmltree.TextNode {
			e.refuse(signatureShape, of, "", "")
			return ""
		}
	}
	return of.Text()
}

func (e *envelope) attributes(of xmltree.Element, allowed []string) {
next:
	for a := range of.Attrs() {
		for _, name := range allowed {
			if a.Space == "" && a.Local == name {
				continue next
			}
		}
		e.refuse(signatureShape, of, strings.Join(allowed, " "), quoted(a.Local))
		return
	}
}

func algorithmOf(e xmltree.Element) string {
	uri, _ := e.Attr("", "Algorithm")
	return uri
}
