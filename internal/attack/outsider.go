package attack

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Outsider makes the attacks that need no key: the signature stays as its owner made it, what is read
// is to be another document.
func Outsider(d *Document) []Case {
	l := &list{Document: d}
	l.wrapping()
	l.hiding()
	l.removing()
	l.shapes()
	l.keys()
	l.contents()
	l.prologs()
	l.bombs()
	l.values()
	if d.has("QualifyingProperties") {
		l.unsignedProperties()
	}
	return l.cases
}

// elsewhere is what is wrong with a Reference where the root is another: it names none, or the other
// root has another digest.
func (l *list) elsewhere() []string {
	if l.id == "" {
		return []string{wrongDigest}
	}
	return []string{wrongTarget}
}

// wrapping: what is signed is in the document, what is read is another (XSW 1 to 8 of Somorovsky et
// al. 2012, in the numbering of SAML Raider).
func (l *list) wrapping() {
	genuine := l.root(l.unsigned())
	signature := l.signature.of(l.text)
	evil := l.changed(genuine)
	if l.named {
		evil = l.identified(evil, l.idName, "evil")
	}
	object := func(content string) string { return "<" + l.prefix + "Object>" + content + "</" + l.prefix + "Object>" }
	inSignature := func(content string) string {
		return strings.TrimSuffix(signature, l.signature.endTag(l.text)) + content + l.signature.endTag(l.text)
	}
	inKeyInfo := func(content string) string {
		end := strings.LastIndex(signature, "</"+l.prefix+"KeyInfo")
		return signature[:end] + content + signature[end:]
	}
	held := l.atRootEnd(genuine, signature)

	l.add("XSW1 genuine in an Object", l.atRootEnd(evil, inSignature(object(genuine))), wrongShape)
	l.add("XSW2 genuine before the Signature", l.atRootEnd(evil, genuine+signature), l.elsewhere()...)
	l.add("XSW3 genuine behind the Signature", l.atRootEnd(evil, signature+genuine), l.elsewhere()...)
	l.add("XSW4 genuine around its own Signature", l.atRootEnd(evil, held), misplaced)
	l.add("XSW5 genuine in KeyInfo", l.atRootEnd(evil, inKeyInfo(genuine)), wrongTarget, wrongShape)
	l.add("XSW6 genuine in KeyInfo, no identifier outside",
		l.atRootEnd(l.identified(evil, "", ""), inKeyInfo(genuine)), wrongTarget, wrongShape)
	l.add("XSW7 genuine in an extension", l.atRootEnd(evil, "<Extensions>"+genuine+"</Extensions>"+signature), l.elsewhere()...)
	l.add("XSW8 around evil and genuine", "<Both>"+evil+held+"</Both>", misplaced)
	l.add("around genuine and evil", "<Both>"+held+evil+"</Both>", misplaced)
	l.add("a second root before", evil+held, notXML)
	l.add("a second root behind", held+evil, notXML)
	if l.id == "" {
		return
	}
	twin := l.identified(evil, l.idName, l.id)
	l.add("the evil root has the identifier too", l.atRootEnd(twin, genuine+signature), notXML)
	other := map[string]string{"ID": "Id", "Id": "id", "id": "ID"}[l.idName]
	l.add("the same identifier under another name",
		l.atRootEnd(l.identified(evil, other, l.id), genuine+signature), notXML)
	l.add("the same identifier as xml:id",
		l.atRootEnd(l.identified(evil, "xml:id", l.id), genuine+signature), notXML)
}

// hiding: the signature stays good by the standard, and something unsigned is in the document.
func (l *list) hiding() {
	evil := l.changed(l.root(l.unsigned()))
	if l.named {
		evil = l.identified(evil, l.idName, "evil")
	}
	object := "<" + l.prefix + "Object>" + evil + "</" + l.prefix + "Object>"
	l.add("unsigned in an Object", l.atEnd("Signature", object), wrongShape)
	l.add("unsigned in the Signature", l.atEnd("Signature", evil), wrongShape)
	l.add("unsigned first in the Signature", l.atStart("Signature", evil), wrongShape)
	l.add("unsigned in KeyInfo", l.atEnd("KeyInfo", evil), wrongShape)
	l.add("unsigned in KeyName", l.atEnd("KeyInfo", "<"+l.prefix+"KeyName>"+evil+"</"+l.prefix+"KeyName>"), wrongShape)
	l.add("unsigned in KeyValue", l.atEnd("KeyInfo", "<"+l.prefix+"KeyValue>"+evil+"</"+l.prefix+"KeyValue>"), wrongShape)
	l.add("unsigned in X509Data", l.atEnd("X509Data", evil), wrongShape)
	l.add("a Manifest in an Object", l.atEnd("Signature",
		"<"+l.prefix+"Object><"+l.prefix+"Manifest/></"+l.prefix+"Object>"), wrongShape)
	l.add("text in the Signature", l.atEnd("Signature", "evil"), wrongShape)
	l.add("CDATA in the Signature", l.atEnd("Signature", "<![CDATA[evil]]>"), wrongShape)
	l.add("an attribute of the Signature", strings.Replace(l.text, "<"+l.prefix+"Signature",
		"<"+l.prefix+"Signature evil='1'", 1), wrongShape)
	l.add("an attribute of KeyInfo", strings.Replace(l.text, "<"+l.prefix+"KeyInfo",
		"<"+l.prefix+"KeyInfo evil='1'", 1), wrongShape)
}

// removing: no signature, or one that others would not find.
func (l *list) removing() {
	signature := l.signature.of(l.text)
	l.add("no Signature", l.unsigned(), noSignature)
	l.add("a Signature of another namespace", strings.Replace(l.text, nsDSig, "http://www.w3.org/2000/09/xmldsig", 1), noSignature)
	l.add("Signature with a Cyrillic letter", strings.NewReplacer("<"+l.prefix+"Signature ", "<"+l.prefix+"Ѕignature ",
		"</"+l.prefix+"Signature>", "</"+l.prefix+"Ѕignature>", "<"+l.prefix+"Signature>", "<"+l.prefix+"Ѕignature>").Replace(l.text), noSignature)
	below := l.unsigned()
	l.add("the Signature below another element", l.atRootEnd(below, "<Deep>"+signature+"</Deep>"), misplaced)
	bare := strings.ReplaceAll(signature, ` Id="`, ` was="`)
	l.add("the Signature twice", l.atRootEnd(l.text, bare), several)
	l.add("a Signature in the Signature", l.atEnd("Signature", "<"+l.prefix+"Object><"+l.prefix+"Signature/></"+l.prefix+"Object>"), several)
	l.add("200 Signatures", l.atRootEnd(l.text, strings.Repeat(bare, 200)), several)
	l.add("an empty Signature", l.atRootEnd(below, "<x:Signature xmlns:x='"+nsDSig+"'/>"), wrongShape)
}

// keys: trust from where there is none.
func (l *list) keys() {
	p := l.prefix
	l.add("no KeyInfo", l.exchange("KeyInfo", ""), noCertificate)
	l.add("an empty KeyInfo", l.fill("KeyInfo", ""), noCertificate)
	l.add("two KeyInfo", l.behind("KeyInfo", "<"+p+"KeyInfo></"+p+"KeyInfo>"), wrongShape)
	l.add("a name instead of a certificate", l.fill("KeyInfo", "<"+p+"KeyName>root</"+p+"KeyName>"), noCertificate)
	l.add("a key instead of a certificate", l.fill("KeyInfo", "<"+p+"KeyValue><"+p+"RSAKeyValue><"+p+"Modulus>AQAB</"+p+
		"Modulus><"+p+"Exponent>AQAB</"+p+"Exponent></"+p+"RSAKeyValue></"+p+"KeyValue>"), keyValue)
	l.add("a certificate elsewhere", l.fill("KeyInfo", "<"+p+`RetrievalMethod URI="http://127.0.0.1:9/c"/>`), wrongShape)
	l.add("a certificate elsewhere as well", l.atEnd("KeyInfo", "<"+p+`RetrievalMethod URI="http://127.0.0.1:9/c"/>`), wrongShape)
	l.add("a KeyInfoReference", l.atEnd("KeyInfo", "<k:KeyInfoReference xmlns:k='http://www.w3.org/2009/xmldsig11#' URI='#k'/>"), wrongShape)
	l.add("no base64 in the certificate", l.fill("X509Certificate", "*"), unreadable)
	l.add("junk for a certificate", l.fill("X509Certificate", "AAAA"), unreadable)
	huge := base64.StdEncoding.EncodeToString(make([]byte, 64<<10))
	l.add("a huge certificate", l.fill("X509Certificate", huge), unreadable)
	one := "<" + p + "X509Data><" + p + "X509Certificate>AAAA</" + p + "X509Certificate></" + p + "X509Data>"
	l.add("15 certificates", l.atEnd("KeyInfo", strings.Repeat(one, 14)), tooMany)
	l.add("200 certificates", l.atEnd("X509Data", strings.Repeat("<"+p+"X509Certificate>AAAA</"+p+"X509Certificate>", 200)), tooMany)
	l.add("a comment in the certificate", l.atEnd("X509Certificate", "<!--x-->"), wrongShape)
	l.add("a comment in KeyInfo", l.atEnd("KeyInfo", "<!--x-->"), wrongShape)
}

// bombs: what would cost more than its size.
func (l *list) bombs() {
	var declarations, attributes strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&declarations, ` xmlns:p%d="urn:x"`, i)
		fmt.Fprintf(&attributes, ` a%d=""`, i)
	}
	deep := strings.Repeat("<a>", 400) + strings.Repeat("</a>", 400)
	l.add("2000 declarations", l.atRootEnd(l.text, "<x"+declarations.String()+"/>"), notXML)
	l.add("2000 attributes", l.atRootEnd(l.text, "<x"+attributes.String()+"/>"), notXML)
	l.add("400 levels in SignedInfo", l.atEnd("SignedInfo", deep), notXML)
	l.add("5000 children of SignedInfo", l.atEnd("SignedInfo", strings.Repeat("<a/>", 5000)), wrongShape)
	l.add("5000 children of KeyInfo", l.atEnd("KeyInfo", strings.Repeat("<a/>", 5000)), wrongShape)
}
