package attack

import (
	"encoding/base64"
	"strings"

	"asugate/xmltree"
)

// Signer makes the value of a signature over the octets, by the method of the document.
type Signer func(octets []byte) []byte

// Insider makes the attacks of somebody whose key is trusted: SignedInfo says what he wants and is
// signed anew. address is where a listener waits to whom nobody may connect, as host:port.
func Insider(d *Document, sign Signer, address string) []Case {
	l := &insider{list: list{Document: d}, sign: sign}
	l.targets(address)
	l.transforms(address)
	l.counts()
	l.algorithms()
	l.digests()
	if d.has("QualifyingProperties") {
		l.signedProperties()
	}
	return l.cases
}

type insider struct {
	list
	sign Signer
}

// add signs SignedInfo as it has become.
func (l *insider) add(name, forged string, want ...string) {
	l.list.add(name, resign(l.Document, forged, l.sign), want...)
}

// resign signs what SignedInfo says now, in the form that it names, or where it names none of those
// known in exclusive form. What is no XML any more stays as it is.
func resign(d *Document, text string, sign Signer) string {
	tree, err := xmltree.Parse([]byte(text), xmltree.Limits{Depth: 1000})
	if err != nil {
		return text
	}
	info, ok := below(tree.Root(), "SignedInfo")
	if !ok {
		return text
	}
	form := xmltree.Form{}
	if method, ok := below(info, "CanonicalizationMethod"); ok {
		form = formOf(method)
	}
	value := sign(info.AppendCanonical(nil, form))
	changed := *d
	changed.text, changed.signature.after = text, d.signature.after+len(text)-len(d.text)
	return changed.fill("SignatureValue", base64.StdEncoding.EncodeToString(value))
}

// below is the first element of that local name at or below e.
func below(e xmltree.Element, local string) (xmltree.Element, bool) {
	if e.Local() == local {
		return e, true
	}
	for child := range e.Children() {
		if found, ok := below(child, local); ok {
			return found, true
		}
	}
	return xmltree.Element{}, false
}

// reference is the Reference to the root.
func (l *insider) reference() (from, to int) {
	s := l.mustFind("Reference")
	if !strings.Contains(s.tag(l.text), "SignedProperties") {
		return s.from, s.after
	}
	rest := *l.Document
	rest.signature.from = s.after
	s = rest.mustFind("Reference")
	return s.from, s.after
}

// replaced puts others in the place of the Reference to the root.
func (l *insider) replaced(with func(genuine string) string) string {
	from, to := l.reference()
	return l.text[:from] + with(l.text[from:to]) + l.text[to:]
}

// targets: References to something else than the root, and to somewhere else.
func (l *insider) targets(address string) {
	uris := map[string]string{
		"another name": "#evil", "no fragment": "d1", "junk before": "X" + l.id, "only the sign": "#", "Cyrillic": "#д",
		"the whole by XPointer": "#xpointer(/)", "the root by XPointer": "#xpointer(id('" + l.id + "'))",
		"escaped": "#%64", "over HTTP": "http://" + address + "/d1", "a file": "file:///etc/passwd", "a space": " ",
		"the signature itself": "#signature",
	}
	for name, uri := range uris {
		l.add("URI: "+name, l.replaced(func(genuine string) string {
			tag := genuine[:strings.IndexByte(genuine, '>')]
			return `<` + l.prefix + `Reference URI="` + uri + `"` + genuine[len(tag):]
		}), wrongTarget)
	}
	l.add("URI: none", l.replaced(func(genuine string) string {
		return `<` + l.prefix + `Reference` + genuine[strings.IndexByte(genuine, '>'):]
	}), wrongTarget)
	p := l.prefix
	l.add("a certificate to be fetched", l.atEnd("KeyInfo", "<"+p+`RetrievalMethod URI="http://`+address+`/c"/>`), wrongShape)
	l.add("an Object to be fetched", l.atEnd("Signature", "<"+p+`Object Encoding="http://`+address+`/o"/>`), wrongShape)
	l.add("XInclude", l.atRootEnd(l.text, `<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="http://`+address+`/x"/>`), wrongDigest)
	l.add("an external DTD", `<!DOCTYPE x SYSTEM "http://`+address+`/e">`+l.root(l.text), notXML)
}

// transforms: what would be digested is not what is there.
func (l *insider) transforms(address string) {
	const enveloped = nsDSig + "enveloped-signature"
	const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	p := l.prefix
	transform := func(uri, content string) string {
		return `<` + p + `Transform Algorithm="` + uri + `">` + content + `</` + p + `Transform>`
	}
	with := func(transforms string) string {
		return l.replaced(func(genuine string) string {
			from := strings.Index(genuine, "<"+p+"Transforms")
			end := "</" + p + "Transforms>"
			to := strings.Index(genuine, end)
			return genuine[:from] + "<" + p + "Transforms>" + transforms + genuine[to:]
		})
	}
	first := transform(enveloped, "")
	prefixes := func(n int) string {
		return transform(exclusive, `<ec:InclusiveNamespaces xmlns:ec="`+exclusive+`" PrefixList="`+strings.Repeat("p ", n)+`"/>`)
	}
	stylesheet := `<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"><x:include href="http://` + address + `/s"/></x:stylesheet>`
	xpath := `<` + p + `XPath>not(//Wagon)</` + p + `XPath>`
	for name, one := range map[string]string{
		"XSLT":     transform("http://www.w3.org/TR/1999/REC-xslt-19991116", stylesheet),
		"XPath":    transform("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath),
		"filter 2": transform("http://www.w3.org/2002/06/xmldsig-filter2", xpath),
		"base64":   transform(nsDSig+"base64", ""),
		"СМЭВ":     transform("urn://smev-gov-ru/xmldsig/transform", ""),
		"unknown":  transform("urn:evil", ""),
	} {
		l.add("transform "+name, with(first+one), wrongTransform)
		l.add("transform "+name+" before", with(one+first), wrongTransform)
	}
	l.add("no transform", with(""), wrongTransform)
	l.add("not enveloped", with(transform(exclusive, "")), wrongTransform)
	l.add("enveloped last", with(transform(exclusive, "")+first), wrongTransform)
	l.add("enveloped twice", with(first+first), wrongTransform)
	l.add("three transforms", with(first+transform(exclusive, "")+transform(exclusive, "")), wrongTransform)
	l.add("2000 transforms", with(strings.Repeat(first, 2000)), wrongShape)
	l.add("a stylesheet in a canonicalization", with(first+transform(exclusive, stylesheet)), wrongShape)
	l.add("33 prefixes", with(first+prefixes(33)), manyPrefixes)
	l.add("5000 prefixes", with(first+prefixes(5000)), manyPrefixes)
	l.add("a prefix list of inclusive form", with(first+strings.Replace(prefixes(1), `"`+exclusive+`">`,
		`"http://www.w3.org/TR/2001/REC-xml-c14n-20010315">`, 1)), wrongShape)
	l.add("5000 prefixes for SignedInfo", l.again(l.with("CanonicalizationMethod", "Algorithm", exclusive)).
		fillMethod(`<ec:InclusiveNamespaces xmlns:ec="`+exclusive+`" PrefixList="`+strings.Repeat("p ", 5000)+`"/>`), manyPrefixes)
	l.add("another form for SignedInfo", l.with("CanonicalizationMethod", "Algorithm", "urn:evil"), wrongForm)
	l.add("XSLT for SignedInfo", l.with("CanonicalizationMethod", "Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116"), wrongForm)
}

// fillMethod gives the CanonicalizationMethod a content, whatever it had.
func (d *Document) fillMethod(content string) string {
	s := d.mustFind("CanonicalizationMethod")
	tag := strings.TrimSuffix(strings.TrimSuffix(s.tag(d.text), ">"), "/")
	return d.exchange("CanonicalizationMethod", tag+">"+content+"</"+tagName(tag+">")+">")
}

// counts: a further Reference, which a reader may take for the one that counts, or leave out.
func (l *insider) counts() {
	p := l.prefix
	other := `<` + p + `Reference URI="#evil"><` + p + `DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><` +
		p + `DigestValue>AAAA</` + p + `DigestValue></` + p + `Reference>`
	l.add("a further Reference (CVE-2026-33487)", l.replaced(func(genuine string) string { return other + genuine }), wrongCount)
	l.add("a further Reference behind", l.replaced(func(genuine string) string { return genuine + other }), wrongCount)
	l.add("the Reference twice", l.replaced(func(genuine string) string { return genuine + genuine }), wrongCount)
	l.add("1000 References", l.replaced(func(genuine string) string { return strings.Repeat(other, 1000) + genuine }), wrongShape)
	l.add("a Manifest", l.replaced(func(genuine string) string {
		return strings.Replace(genuine, "Reference", `Reference Type="`+nsDSig+`Manifest"`, 1)
	}), wrongShape)
}

// algorithms: methods that this key did not sign with, or nobody should.
func (l *insider) algorithms() {
	const more, enc = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
	for uri, want := range map[string]string{
		nsDSig + "hmac-sha1": isHMAC, more + "hmac-sha256": isHMAC, nsDSig + "rsa-sha1": isSHA1, more + "ecdsa-sha1": isSHA1,
		"http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1": isSHA1,
		more + "rsa-md5": isMD5, nsDSig + "dsa-sha1": isDSA, "http://www.w3.org/2009/xmldsig11#dsa-sha256": isDSA,
		"none": unknown, more + "rsa-sha224": unknown, "": unknown,
	} {
		l.add("method "+uri, l.with("SignatureMethod", "Algorithm", uri), want)
	}
	for uri, want := range map[string]string{nsDSig + "sha1": isSHA1, more + "md5": isMD5, more + "sha224": unknown, enc + "ripemd160": unknown} {
		from, to := l.reference()
		text := l.text[:from] + strings.Replace(l.text[from:to], l.digestURI(from, to), uri, 1) + l.text[to:]
		l.add("digest "+uri, text, want)
	}
	kind := l.mustFind("SignatureMethod").tag(l.text)
	foreign := more + "rsa-sha256"
	if strings.Contains(kind, "rsa") {
		foreign = more + "ecdsa-sha256"
	}
	l.add("a method of another kind of key", l.with("SignatureMethod", "Algorithm", foreign), wrongKind)
	l.add("a parameter of the method", l.atEnd("SignatureMethod", "<x/>"), wrongShape)
}

// digestURI is the algorithm of the Reference between two offsets.
func (l *insider) digestURI(from, to int) string {
	part := l.text[from:to]
	part = part[strings.Index(part, "DigestMethod"):]
	part = part[strings.Index(part, `Algorithm="`)+len(`Algorithm="`):]
	return part[:strings.IndexByte(part, '"')]
}

// digests: the digest of something else.
func (l *insider) digests() {
	set := func(value string) string {
		return l.replaced(func(genuine string) string {
			from := strings.Index(genuine, "DigestValue>") + len("DigestValue>")
			return genuine[:from] + value + genuine[from+strings.Index(genuine[from:], "<"):]
		})
	}
	from, to := l.reference()
	sum, ok := sums[l.digestURI(from, to)]
	if !ok {
		panic("attack: no digest " + l.digestURI(from, to))
	}
	encode := base64.StdEncoding.EncodeToString
	l.add("the digest of nothing (CVE-2025-66568)", set(encode(sum(nil))), wrongDigest)
	l.add("a digest of zeros", set(encode(make([]byte, len(sum(nil))))), wrongDigest)
	l.add("a digest too short", set(encode(sum(nil)[1:])), badDigest)
	l.add("a digest too long", set(encode(append(sum(nil), 0))), badDigest)
	l.add("a digest in hexadecimal", set(strings.Repeat("ab", len(sum(nil)))), badDigest)
	l.add("a character entity in the digest", set("&#x2A;"), badDigest)
}

// signedProperties: XAdES by somebody whose key is trusted.
func (l *insider) signedProperties() {
	from, to := l.reference()
	genuine := l.text[from:to]
	l.add("the properties without a Reference", l.replacedProperties(func(string) string { return "" }), wrongCount)
	l.add("the root without a Reference", strings.Replace(l.text, genuine, "", 1), wrongCount)
	l.add("two References to the properties", l.replaced(func(string) string {
		return l.propertiesReference()
	}), wrongTarget)
	l.add("two References to the root", l.replacedProperties(func(string) string { return genuine }), wrongTarget)
	l.add("the Reference to the properties without its Type", l.replacedProperties(func(one string) string {
		return strings.NewReplacer(`Type="`+typeProperties+`"`, "", `Type='`+typeProperties+`'`, "").Replace(one)
	}), wrongTarget)
	l.add("a wrong digest of the properties", l.replacedProperties(func(one string) string {
		at := strings.Index(one, "DigestValue>") + len("DigestValue>")
		return one[:at] + zeros(one[at:at+strings.IndexByte(one[at:], '<')]) + one[at+strings.IndexByte(one[at:], '<'):]
	}), wrongDigest)
	l.add("XPath on the properties", l.replacedProperties(func(one string) string {
		return strings.Replace(one, "<"+l.prefix+"DigestMethod", "<"+l.prefix+"Transforms><"+l.prefix+
			`Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></`+l.prefix+"Transforms><"+l.prefix+"DigestMethod", 1)
	}), wrongTransform, wrongShape)
}

const typeProperties = "http://uri.etsi.org/01903#SignedProperties"

// propertiesReference is the Reference to the signed properties.
func (l *insider) propertiesReference() string {
	s := l.mustFind("Reference")
	if !strings.Contains(s.tag(l.text), "SignedProperties") {
		rest := *l.Document
		rest.signature.from = s.after
		s = rest.mustFind("Reference")
	}
	return s.of(l.text)
}

func (l *insider) replacedProperties(with func(genuine string) string) string {
	genuine := l.propertiesReference()
	return strings.Replace(l.text, genuine, with(genuine), 1)
}
