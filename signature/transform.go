package signature

import (
	"strings"

	"asugate/xmltree"
)

// maxPrefixes bounds a PrefixList: canonicalization looks every one of them up at every element.
const maxPrefixes = 32

const transformEnveloped = nsDSig + "enveloped-signature"

// canonicalForm is a canonicalization of the allow-list with its short name.
type canonicalForm struct {
	uri, name string
	form      xmltree.Form
}

// canonicalForms are those of XML Signature 1.1 section 6.5. The variants with comments write the
// same octets here: a same-document Reference leaves comments out before any transform sees them
// (section 4.4.3.3), and inside the Signature none are allowed.
var canonicalForms = []canonicalForm{
	{nsExclusive, "exc-c14n", xmltree.Form{Algorithm: xmltree.Exclusive}},
	{nsExclusive + "WithComments", "exc-c14n", xmltree.Form{Algorithm: xmltree.Exclusive}},
	inclusive10,
	{inclusive10.uri + "#WithComments", "c14n", inclusive10.form},
	{"http://www.w3.org/2006/12/xml-c14n11", "c14n11", inclusive11},
	{"http://www.w3.org/2006/12/xml-c14n11#WithComments", "c14n11", inclusive11},
}

var (
	inclusive10 = canonicalForm{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "c14n",
		xmltree.Form{Algorithm: xmltree.Inclusive10}}
	inclusive11 = xmltree.Form{Algorithm: xmltree.Inclusive11}
)

const (
	supportedForms      = "exc-c14n c14n c14n11"
	supportedTransforms = "enveloped-signature, exc-c14n | c14n | c14n11"
)

// readTransforms takes the enveloped-signature transform and after it at most one canonicalization;
// without one, Canonical XML 1.0 stands in (section 4.4.3.2).
func (e *envelope) readTransforms(of xmltree.Element) {
	parts := e.parts(of)
	for _, part := range parts {
		if !part.Is(nsDSig, "Transform") {
			e.refuse(signatureShape, part, "Transform", quoted(part.Local()))
			return
		}
	}
	refuse := func(at xmltree.Element) {
		e.refuse(transformNotAllowed, at, supportedTransforms, quoted(algorithmOf(at)))
	}
	if len(parts) == 0 {
		e.refuse(transformNotAllowed, of, supportedTransforms, "")
		return
	}
	if algorithmOf(parts[0]) != transformEnveloped {
		refuse(parts[0])
		return
	}
	e.empty(parts[0], "Algorithm")
	e.content.form = inclusive10
	if len(parts) > 1 {
		form, ok := e.canonicalization(parts[1])
		if !ok {
			refuse(parts[1])
			return
		}
		e.content.form = form
	}
	if len(parts) > 2 {
		refuse(parts[2])
		return
	}
	e.report.Canonicalization = e.content.form.name
}

// canonicalization reads CanonicalizationMethod or a Transform that canonicalizes. False: it is
// not on the list.
func (e *envelope) canonicalization(at xmltree.Element) (canonicalForm, bool) {
	uri := algorithmOf(at)
	for _, form := range canonicalForms {
		if form.uri == uri {
			if form.form.Algorithm == xmltree.Exclusive {
				form.form.Prefixes = e.readPrefixes(at)
			} else {
				e.empty(at, "Algorithm")
			}
			return form, true
		}
	}
	return canonicalForm{}, false
}

// readPrefixes is the InclusiveNamespaces of Exclusive XML Canonicalization section 4.
func (e *envelope) readPrefixes(of xmltree.Element) []string {
	parts := e.parts(of, "Algorithm")
	if len(parts) == 0 {
		return nil
	}
	if len(parts) > 1 || !parts[0].Is(nsExclusive, "InclusiveNamespaces") {
		e.refuse(signatureShape, parts[0], "InclusiveNamespaces", quoted(parts[0].Local()))
		return nil
	}
	e.empty(parts[0], "PrefixList")
	list, _ := parts[0].Attr("", "PrefixList")
	prefixes := strings.FieldsFunc(list, isSpace)
	if len(prefixes) > maxPrefixes {
		e.refuse(tooManyPrefixes, parts[0], "32", "")
		return nil
	}
	return prefixes
}

// isSpace is the white space of XML, which is narrower than Unicode's.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
