package attack

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"

	"asugate/xmltree"
)

// The namespaces of XAdES.
const (
	XAdES    = "http://uri.etsi.org/01903/v1.3.2#"
	XAdES122 = "http://uri.etsi.org/01903/v1.2.2#"
	XAdES111 = "http://uri.etsi.org/01903/v1.1.1#"
)

// sums are the digests by URI.
var sums = map[string]func(octets []byte) []byte{
	nsDSig + "sha1": sum1,
	"http://www.w3.org/2001/04/xmlenc#sha256":       sum256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": sum384,
	"http://www.w3.org/2001/04/xmlenc#sha512":       sum512,
}

func sum1(octets []byte) []byte   { s := sha1.Sum(octets); return s[:] }
func sum256(octets []byte) []byte { s := sha256.Sum256(octets); return s[:] }
func sum384(octets []byte) []byte { s := sha512.Sum384(octets); return s[:] }
func sum512(octets []byte) []byte { s := sha512.Sum512(octets); return s[:] }

// Envelope says how a document is to be signed. Forms are a URI and, behind a space, a PrefixList.
type Envelope struct {
	Prefix     string // of the elements, with its colon
	Method     string // of SignatureMethod
	Digest     string // of the References
	Canonical  string // of SignedInfo
	Transform  string // of the content after the enveloped-signature transform; empty: none
	URI        string // of the Reference to the root
	KeyInfo    string // the content of KeyInfo, empty: no KeyInfo
	Properties *Properties
	Sign       Signer
}

// Properties are the signed properties of XAdES.
type Properties struct {
	Space       string // namespace
	Type        string // of the Reference; empty: as the standard has it
	Form        string // transform of the Reference; empty: none
	Time        string // SigningTime, empty: none
	Certificate *x509.Certificate
	Second      bool   // SigningCertificateV2 instead of SigningCertificate
	More        string // behind those in SignedSignatureProperties
	Unsigned    string // the content of UnsignedProperties, empty: none
	First       bool   // their Reference stands before the root's
}

// Certificates writes X509Data for KeyInfo.
func (e Envelope) Certificates(list ...*x509.Certificate) string {
	var b strings.Builder
	for _, c := range list {
		b.WriteString(e.element("X509Certificate", base64.StdEncoding.EncodeToString(c.Raw)))
	}
	return e.element("X509Data", b.String())
}

// Enclose puts the Signature into a document as the last child of its root.
func (e Envelope) Enclose(document []byte) ([]byte, error) {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("enclosing a signature: %w", err)
	}
	content := sums[e.Digest](tree.Root().AppendCanonical(nil, formNamed(e.Transform)))
	text := string(document)
	end := strings.LastIndex(text, "</")
	text = text[:end] + e.signature(base64.StdEncoding.EncodeToString(content)) + text[end:]
	if e.Properties != nil {
		sum, err := e.canonical(text, "SignedProperties", e.Properties.Form)
		if err != nil {
			return nil, err
		}
		text = strings.Replace(text, propertiesDigest, base64.StdEncoding.EncodeToString(sums[e.Digest](sum)), 1)
	}
	octets, err := e.canonical(text, "SignedInfo", e.Canonical)
	if err != nil {
		return nil, err
	}
	return []byte(strings.Replace(text, signatureValue, base64.StdEncoding.EncodeToString(e.Sign(octets)), 1)), nil
}

// Template puts the Signature into a document with other values than the right ones, for somebody
// else to sign.
func (e Envelope) Template(document string) string {
	end := strings.LastIndex(document, "</")
	return document[:end] + e.signature(propertiesDigest) + document[end:]
}

// What stands in the Signature until it is known. Both are base64, so that the rest can be parsed.
const (
	propertiesDigest = "UHJvcGVydGllcw=="
	signatureValue   = "U2lnbmF0dXJl"
)

func (e Envelope) canonical(text, local, form string) ([]byte, error) {
	tree, err := xmltree.Parse([]byte(text), xmltree.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("enclosing a signature: %w", err)
	}
	found, ok := below(tree.Root(), local)
	if !ok {
		return nil, fmt.Errorf("enclosing a signature: no %s", local)
	}
	return found.AppendCanonical(nil, formNamed(form)), nil
}

func (e Envelope) element(local, content string, attributes ...string) string {
	name := e.Prefix + local
	for i := 0; i < len(attributes); i += 2 {
		name += " " + attributes[i] + `="` + attributes[i+1] + `"`
	}
	return "<" + name + ">" + content + "</" + e.Prefix + local + ">"
}

// algorithm is an element that names an algorithm, with the PrefixList behind a space.
func (e Envelope) algorithm(local, form string) string {
	uri, prefixes, listed := strings.Cut(form, " ")
	content := ""
	if listed {
		content = `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="` + prefixes + `"/>`
	}
	return e.element(local, content, "Algorithm", uri)
}

func (e Envelope) signature(content string) string {
	transforms := e.algorithm("Transform", nsDSig+"enveloped-signature")
	if e.Transform != "" {
		transforms += e.algorithm("Transform", e.Transform)
	}
	digested := func(value string) string {
		return e.algorithm("DigestMethod", e.Digest) + e.element("DigestValue", value)
	}
	references := e.element("Reference", e.element("Transforms", transforms)+digested(content), "URI", e.URI)
	info, object := e.algorithm("CanonicalizationMethod", e.Canonical)+e.algorithm("SignatureMethod", e.Method), ""
	if p := e.Properties; p != nil {
		kind, transforms := p.Type, ""
		if kind == "" {
			kind = typeProperties
		}
		if p.Form != "" {
			transforms = e.element("Transforms", e.algorithm("Transform", p.Form))
		}
		own := e.element("Reference", transforms+digested(propertiesDigest), "Type", kind, "URI", "#signature-properties")
		if references += own; p.First {
			references = own + strings.TrimSuffix(references, own)
		}
		object = e.element("Object", e.properties())
	}
	key := ""
	if e.KeyInfo != "" {
		key = e.element("KeyInfo", e.KeyInfo)
	}
	declaration := "xmlns"
	if e.Prefix != "" {
		declaration += ":" + strings.TrimSuffix(e.Prefix, ":")
	}
	return e.element("Signature", e.element("SignedInfo", info+"\n"+references)+
		e.element("SignatureValue", signatureValue)+key+object, declaration, nsDSig, "Id", "signature")
}

// properties writes QualifyingProperties.
func (e Envelope) properties() string {
	p := e.Properties
	x := Envelope{Prefix: "xades:"}
	signed := ""
	if p.Time != "" {
		signed += x.element("SigningTime", p.Time)
	}
	if c := p.Certificate; c != nil {
		digested := e.algorithm("DigestMethod", e.Digest) + e.element("DigestValue", base64.StdEncoding.EncodeToString(sums[e.Digest](c.Raw)))
		digested = x.element("CertDigest", digested)
		if p.Second {
			signed += x.element("SigningCertificateV2", x.element("Cert", digested+x.element("IssuerSerialV2", issuerSerial(c))))
		} else {
			named := e.element("X509IssuerName", "CN=spelled in some way") + e.element("X509SerialNumber", c.SerialNumber.String())
			signed += x.element("SigningCertificate", x.element("Cert", digested+x.element("IssuerSerial", named)))
		}
	}
	content := x.element("SignedProperties", x.element("SignedSignatureProperties", signed+p.More), "Id", "signature-properties")
	if p.Unsigned != "" {
		content += x.element("UnsignedProperties", p.Unsigned)
	}
	return x.element("QualifyingProperties", content, "xmlns:xades", p.Space, "Target", "#signature")
}

// issuerSerial is the IssuerSerial of RFC 5035 in DER and base64.
func issuerSerial(c *x509.Certificate) string {
	der, err := asn1.Marshal(struct {
		Issuer []asn1.RawValue
		Serial *big.Int
	}{[]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer}}, c.SerialNumber})
	if err != nil {
		panic(err) // a certificate that was parsed
	}
	return base64.StdEncoding.EncodeToString(der)
}

// formNamed is a canonical form by its URI; exclusive for one that is none, inclusive for none.
func formNamed(form string) xmltree.Form {
	uri, prefixes, _ := strings.Cut(form, " ")
	switch strings.TrimSuffix(uri, "#WithComments") {
	case "", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315":
		return xmltree.Form{Algorithm: xmltree.Inclusive10}
	case "http://www.w3.org/2006/12/xml-c14n11":
		return xmltree.Form{Algorithm: xmltree.Inclusive11}
	}
	return xmltree.Form{Prefixes: strings.Fields(prefixes)}
}

// formOf is the form that a CanonicalizationMethod names.
func formOf(method xmltree.Element) xmltree.Form {
	uri, _ := method.Attr("", "Algorithm")
	for child := range method.Children() {
		prefixes, _ := child.Attr("", "PrefixList")
		uri += " " + prefixes
	}
	if strings.TrimSpace(uri) == "" {
		uri = "none"
	}
	return formNamed(uri)
}
