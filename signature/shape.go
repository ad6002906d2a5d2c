package signature

import (
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
// signs a whole document. What it holds is on the allow-lists.
type envelope struct {
	root, signature xmltree.Element

	signedInfo     xmltree.Element
	signedInfoForm canonicalForm
	method         *method // nil when refused

	reference   xmltree.Element
	contentForm canonicalForm
	digest      *digest // nil when refused
	digestValue []byte  // nil when malformed

	signatureValue xmltree.Element
	value          []byte // nil when malformed

	certificates []carried // X509Certificate, in document order

	report *Report
	shaped bool // no fault in the shape so far
}

// signatures are the ds:Signature elements of the whole tree, at most two of them: more make no
// difference.
func signatures(root xmltree.Element) []xmltree.Element {
	var found []xmltree.Element
	var walk func(xmltree.Element)
	walk = func(e xmltree.Element) {
		if e.Local() == "Signature" && e.Space() == nsDSig {
			found = append(found, e)
		}
		for child := range e.Children() {
			if len(found) > 1 {
				return
			}
			walk(child)
		}
	}
	walk(root)
	return found
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
	names := []string{"SignedInfo", "SignatureValue", "KeyInfo"}
	if len(parts) == 2 { // KeyInfo is optional in the standard: what is missing is a certificate
		names = names[:2]
	}
	if !e.shaped || !e.expect(signature, parts, names...) {
		return e, false
	}
	e.signedInfo, e.signatureValue = parts[0], parts[1]
	e.readSignedInfo()
	if len(parts) == 3 {
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

// readSignedInfo is section 4.4: the methods and the one Reference.
func (e *envelope) readSignedInfo() {
	parts := e.parts(e.signedInfo, "Id")
	if len(parts) > 3 && parts[3].Is(nsDSig, "Reference") {
		e.refuse(referenceCount, parts[3], "1", "")
		return
	}
	if !e.expect(e.signedInfo, parts, "CanonicalizationMethod", "SignatureMethod", "Reference") {
		return
	}
	form, ok := e.canonicalization(parts[0])
	if !ok {
		e.refuse(canonNotAllowed, parts[0], supportedForms, quoted(algorithmOf(parts[0])))
		return
	}
	e.signedInfoForm = form
	e.readMethod(parts[1])
	e.reference = parts[2]
	e.readReference(parts[2])
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
	e.empty(at, "Algorithm")
}

// readReference is section 4.4.3.
func (e *envelope) readReference(at xmltree.Element) {
	parts := e.parts(at, "Id", "URI")
	if !e.shaped {
		return
	}
	if uri, ok := at.Attr("", "URI"); !ok || !e.isRoot(uri) {
		e.refuse(referenceTarget, at, e.rootReference(), quoted(uri))
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
	uri := algorithmOf(parts[1])
	e.digest = digestOf(uri)
	if e.digest == nil {
		e.report.Digest = quoted(uri)
		e.report.fault(refusalOf(uri), parts[1], supportedDigests, quoted(uri))
	} else {
		e.report.Digest = e.digest.name
		e.empty(parts[1], "Algorithm")
	}
	e.readDigestValue(parts[2])
}

func (e *envelope) readDigestValue(at xmltree.Element) {
	value, err := decodeBase64(e.text(at))
	if !e.shaped || e.digest == nil {
		return
	}
	if err != nil || len(value) != e.digest.size {
		e.report.fault(digestMalformed, at, e.digest.name, "")
		return
	}
	e.digestValue = value
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
