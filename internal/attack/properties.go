package attack

import "strings"

// unsignedProperties: XAdES without the key. What the signer signs of himself is to be as good as the
// document.
func (l *list) unsignedProperties() {
	object := l.part("Object")
	evil := "<" + l.prefix + "Object><Evil xmlns='urn:evil'/></" + l.prefix + "Object>"
	if l.has("SigningTime") {
		l.add("another signing time", l.fill("SigningTime", "2020-01-01T00:00:00Z"), wrongDigest)
		l.add("a comment in the signing time", l.atStart("SigningTime", "<!--x-->"), wrongShape)
	}
	l.add("a further signed property", l.atEnd("SignedProperties", "<Evil/>"), wrongShape)
	l.add("a further Object", l.behind("Object", evil), wrongShape)
	l.add("a further Object before", l.before("Object", evil), wrongShape)
	l.add("the Object is away", l.exchange("Object", ""), wrongCount)
	l.add("the Object has more", l.atEnd("Object", "<Evil xmlns='urn:evil'/>"), wrongShape)
	l.add("the properties in KeyInfo", l.again(l.exchange("Object", "")).atEnd("KeyInfo", l.mustFind("Object").inner(l.text)), wrongShape, wrongCount)
	l.add("properties of another signature", l.with("QualifyingProperties", "Target", "#evil"), wrongShape)
	l.add("properties of no signature", l.without("QualifyingProperties", "Target"), wrongShape)
	l.add("another identifier of the properties", l.with("SignedProperties", "Id", "evil"), wrongTarget)
	l.add("signed properties twice", strings.Replace(l.text, object, object+strings.ReplaceAll(object, ` Id="`, ` was="`), 1), wrongShape)
	unsigned := "UnsignedProperties"
	if l.has(unsigned) {
		return
	}
	name := strings.TrimSuffix(tagName(l.part("QualifyingProperties")), "QualifyingProperties")
	l.add("a document in the unsigned properties", l.atEnd("QualifyingProperties", "<"+name+unsigned+"><Evil xmlns='urn:evil'/></"+name+unsigned+">"), wrongShape)
	l.add("a countersignature", l.atEnd("QualifyingProperties", "<"+name+unsigned+"><"+l.prefix+"Signature/></"+name+unsigned+">"), several)
	l.add("5000 unsigned properties", l.atEnd("QualifyingProperties", "<"+name+unsigned+">"+strings.Repeat("<"+name+"Any/>", 5000)+"</"+name+unsigned+">"), wrongShape)
}
