package attack

import (
	"encoding/base64"
	"strings"
)

// shapes: a Signature of which one reader verifies one part and another reads another.
func (l *list) shapes() {
	p := l.prefix
	info := strings.ReplaceAll(l.part("SignedInfo"), ` Id="`, ` was="`)
	forged := l.again(l.fill("DigestValue", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")).part("SignedInfo")
	l.add("two SignedInfo, evil first (CVE-2025-29774)", l.before("SignedInfo", forged), wrongShape)
	l.add("two SignedInfo, evil last", l.behind("SignedInfo", forged), wrongShape)
	l.add("genuine SignedInfo in KeyInfo", l.atEnd("KeyInfo", info), wrongShape)
	l.add("genuine SignedInfo in an Object", l.atEnd("Signature", "<"+p+"Object>"+info+"</"+p+"Object>"), wrongShape)
	l.add("two SignatureValue", l.behind("SignatureValue", "<"+p+"SignatureValue>AA==</"+p+"SignatureValue>"), wrongShape)
	l.add("no SignatureValue", l.exchange("SignatureValue", ""), wrongShape)
	l.add("no SignedInfo (CVE-2020-7711)", l.exchange("SignedInfo", ""), wrongShape)
	l.add("SignedInfo of another namespace", strings.NewReplacer("<"+p+"SignedInfo", "<evil:SignedInfo xmlns:evil='urn:evil'",
		"</"+p+"SignedInfo", "</evil:SignedInfo").Replace(l.text), wrongShape)
	l.add("parts in another order", l.again(l.exchange("SignatureValue", "")).before("SignedInfo", l.part("SignatureValue")), wrongShape)
	l.add("an element of SignedInfo unknown", l.atEnd("SignedInfo", "<"+p+"Evil/>"), wrongShape, wrongCount)
	l.add("a comment in DigestValue (CVE-2025-29775)", l.atStart("DigestValue", "<!--AAAA-->"), wrongShape)
	l.add("a comment behind the DigestValue", l.atEnd("DigestValue", "<!--AAAA-->"), wrongShape)
	l.add("an element in DigestValue", l.atEnd("DigestValue", "<x/>"), wrongShape)
	l.add("two DigestValue", l.before("DigestValue", "<"+p+"DigestValue>AAAA</"+p+"DigestValue>"), wrongShape)
	l.add("a comment in SignatureValue", l.atStart("SignatureValue", "<!--AAAA-->"), wrongShape)
	l.add("a comment in SignedInfo", l.atEnd("SignedInfo", "<!--x-->"), wrongShape)
	l.add("a comment in the Signature", l.atEnd("Signature", "<!--x-->"), wrongShape)
	l.add("no Reference (CVE-2020-15216)", l.exchange("Reference", ""), wrongShape, wrongCount)
	l.add("no CanonicalizationMethod", l.exchange("CanonicalizationMethod", ""), wrongShape)
	l.add("no DigestMethod", l.exchange("DigestMethod", ""), wrongShape, wrongTransform)
}

// contents: changes of what is signed.
func (l *list) contents() {
	l.add("changed text", l.changed(l.text), wrongDigest)
	l.add("a further attribute of the root", l.atTag(` evil="1"`), wrongDigest)
	l.add("a further element", l.atRootEnd(l.text, "<Evil/>"), wrongDigest)
	l.add("a further element before all others", strings.Replace(l.text, l.rootTag(l.text), l.rootTag(l.text)+"<Evil/>", 1), wrongDigest)
	l.add("a processing instruction", l.atRootEnd(l.text, "<?evil?>"), notXML)
	l.add("a relative namespace (CVE-2025-66568)", l.atRootEnd(l.text, `<x xmlns:y="relative"/>`), notXML)
	l.add("an undeclared prefix", l.atRootEnd(l.text, "<undeclared:x/>"), notXML)
	l.add("a colon before a name (CVE-2020-29509)", l.atTag(` :evil="1"`), notXML)
	l.add("a colon behind a name (CVE-2020-29511)", l.atRootEnd(l.text, "<x:/>"), notXML)
	l.add("an attribute twice", l.atTag(` a="1" a="2"`), notXML)
	l.add("XInclude", l.atRootEnd(l.text, `<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>`), wrongDigest)
	l.add("another's SignatureValue", l.fill("SignatureValue", strings.Repeat("A", 340)+"QUE="), wrongValue, badValue)
}

// atTag puts text last into the root's start tag.
func (l *list) atTag(text string) string {
	tag := l.rootTag(l.text)
	return strings.Replace(l.text, tag, tag[:len(tag)-1]+text+">", 1)
}

// prologs: what a reader with a DTD would understand otherwise, and what stands around the root.
func (l *list) prologs() {
	root := l.root(l.text)
	dtd := func(declaration string) string {
		return "<!DOCTYPE " + l.rootName + " [" + declaration + "]>" + root
	}
	l.add("a DOCTYPE", dtd(""), notXML)
	l.add("a default attribute", dtd("<!ATTLIST "+l.rootName+" evil CDATA '1'>"), notXML)
	l.add("an external entity", dtd(`<!ENTITY e SYSTEM "file:///etc/passwd">`), notXML)
	l.add("an external parameter entity", dtd(`<!ENTITY % e SYSTEM "http://127.0.0.1:9/e"> %e;`), notXML)
	l.add("an external DTD", `<!DOCTYPE x SYSTEM "http://127.0.0.1:9/e">`+root, notXML)
	l.add("billion laughs", dtd(`<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">`), notXML)
	l.add("a directive with a comment (CVE-2020-29510)", "<!x<!---->>"+root, notXML)
	l.add("a processing instruction before", "<?xml-stylesheet href='http://127.0.0.1:9/s'?>"+root, notXML)
	l.add("text before the root", "evil"+root, notXML)
	l.add("text behind the root", root+"evil", notXML)
	l.add("CDATA behind the root", root+"<![CDATA[evil]]>", notXML)
	l.add("a declaration of XML 1.1", `<?xml version="1.1"?>`+root, notXML)
	l.add("UTF-7", `<?xml version="1.0" encoding="UTF-7"?>`+root, notXML)
	l.add("EBCDIC", `<?xml version="1.0" encoding="IBM037"?>`+root, notXML)
}

// values: other values and methods, without a key that could sign them.
func (l *list) values() {
	const more = "http://www.w3.org/2001/04/xmldsig-more#"
	l.add("no base64 for a value", l.fill("SignatureValue", "*"), badValue)
	l.add("an empty value", l.fill("SignatureValue", ""), badValue)
	l.add("a value of zeros (CVE-2022-21449)", l.fill("SignatureValue", zeros(l.mustFind("SignatureValue").inner(l.text))), wrongValue)
	l.add("no base64 for a digest", l.fill("DigestValue", "*"), badDigest)
	l.add("an empty digest", l.fill("DigestValue", ""), badDigest)
	l.add("a digest too short", l.fill("DigestValue", "AAAA"), badDigest)
	for name, uri := range map[string]string{
		"HMAC with the public key": nsDSig + "hmac-sha1", "HMAC-SHA256": more + "hmac-sha256",
	} {
		l.add(name, l.with("SignatureMethod", "Algorithm", uri), isHMAC)
	}
	l.add("HMAC of 8 bits (CVE-2009-0217)", l.again(l.with("SignatureMethod", "Algorithm", nsDSig+"hmac-sha1")).
		atEnd("SignatureMethod", "<"+l.prefix+"HMACOutputLength>8</"+l.prefix+"HMACOutputLength>"), isHMAC)
	l.add("RSA-SHA1", l.with("SignatureMethod", "Algorithm", nsDSig+"rsa-sha1"), isSHA1)
	l.add("ECDSA-SHA1", l.with("SignatureMethod", "Algorithm", more+"ecdsa-sha1"), isSHA1)
	l.add("RSA-MD5", l.with("SignatureMethod", "Algorithm", more+"rsa-md5"), isMD5)
	l.add("DSA", l.with("SignatureMethod", "Algorithm", nsDSig+"dsa-sha1"), isDSA)
	l.add("method none", l.with("SignatureMethod", "Algorithm", "none"), unknown)
	l.add("no Algorithm", l.without("SignatureMethod", "Algorithm"), unknown)
	l.add("a digest by SHA-1", l.with("DigestMethod", "Algorithm", nsDSig+"sha1"), isSHA1)
	l.add("a digest by MD5", l.with("DigestMethod", "Algorithm", more+"md5"), isMD5)
	l.add("another form for SignedInfo", l.with("CanonicalizationMethod", "Algorithm", "urn:evil"), wrongForm)
	l.add("no form for SignedInfo", l.without("CanonicalizationMethod", "Algorithm"), wrongForm)
}

// zeros is a value of as many zeros as another one has bytes.
func zeros(value string) string {
	octets, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil {
		panic("attack: " + err.Error()) // the signature is freshly made
	}
	return base64.StdEncoding.EncodeToString(make([]byte, len(octets)))
}
