package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// replace replaces the one occurrence of old, so that a case which no longer does what its name
// says fails by itself.
func replace(t testing.TB, document, old, new string) string {
	t.Helper()
	if n := strings.Count(document, old); n != 1 {
		t.Fatalf("%q stands %d times in\n%s", old, n, document)
	}
	return strings.Replace(document, old, new, 1)
}

var signatureElement = regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`)

// taken is the Signature of a signed document, and the document without it.
func taken(signed string) (signature, rest string) {
	signature = signatureElement.FindString(signed)
	return signature, strings.Replace(signed, signature, "", 1)
}

// before puts content before the last such end tag of a document.
func before(document, endTag, content string) string {
	i := strings.LastIndex(document, endTag)
	return document[:i] + content + document[i:]
}

// resign signs what SignedInfo says now, with the genuine key: an attacker among the participants.
func resign(t testing.TB, cred pki.Credential, document string) string {
	t.Helper()
	tree, err := xmltree.Parse([]byte(document), xmltree.Limits{Depth: 1000})
	if err != nil {
		t.Fatal(err)
	}
	info := find(tree.Root(), "SignedInfo")
	octets := info.AppendCanonical(nil, xmltree.Form{Algorithm: xmltree.Exclusive})
	value := base64.StdEncoding.EncodeToString(signOctets(t, cred.Key, octets))
	return regexp.MustCompile(`(<ds:SignatureValue>)[^<]*`).ReplaceAllString(document, "${1}"+value)
}

func signOctets(t testing.TB, key crypto.Signer, octets []byte) []byte {
	sum := sha256.Sum256(octets)
	return signSum(t, key, sum[:], crypto.SHA256)
}

func signSHA1(t testing.TB, key crypto.Signer, octets []byte) []byte {
	sum := sha1.Sum(octets)
	return signSum(t, key, sum[:], crypto.SHA1)
}

func signSum(t testing.TB, key crypto.Signer, sum []byte, hash crypto.Hash) []byte {
	t.Helper()
	if public, ok := key.Public().(*ecdsa.PublicKey); ok {
		key = plainSigner{key, scalarSize(public.Curve)}
	}
	value, err := key.Sign(rand.Reader, sum, hash)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// redigest writes the digest of the root without its Signature into the Reference.
func redigest(t testing.TB, document string) string {
	t.Helper()
	_, rest := taken(document)
	tree, err := xmltree.Parse([]byte(rest), xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(tree.Root().AppendCanonical(nil, xmltree.Form{}))
	return setDigest(document, sum[:])
}

func setDigest(document string, sum []byte) string {
	return regexp.MustCompile(`(<ds:DigestValue>)[^<]*`).
		ReplaceAllString(document, "${1}"+base64.StdEncoding.EncodeToString(sum))
}

// find is the first element of that local name.
func find(e xmltree.Element, local string) xmltree.Element {
	if e.Local() == local {
		return e
	}
	for child := range e.Children() {
		if found := find(child, local); !found.IsZero() {
			return found
		}
	}
	return xmltree.Element{}
}

// value is the content of SignatureValue, decoded.
func value(t testing.TB, document string) []byte {
	t.Helper()
	text := regexp.MustCompile(`<ds:SignatureValue>([^<]*)`).FindStringSubmatch(document)[1]
	octets, err := decodeBase64(text)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func setValue(document string, value []byte) string {
	return regexp.MustCompile(`(<ds:SignatureValue>)[^<]*`).
		ReplaceAllString(document, "${1}"+base64.StdEncoding.EncodeToString(value))
}

// certificateText is how a certificate stands in KeyInfo.
func certificateText(c pki.Credential) string {
	return "<ds:X509Certificate>" + base64.StdEncoding.EncodeToString(c.Certificate.Raw) + "</ds:X509Certificate>"
}

var x509Data = regexp.MustCompile(`<ds:X509Data>.*</ds:X509Data>`)

func setKeyInfo(document, content string) string {
	return x509Data.ReplaceAllString(document, content)
}

// rsaKeyValue is a bare key as XML Signature section 4.5.2.2 has it.
func rsaKeyValue(key *rsa.PublicKey) string {
	return "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>" + base64.StdEncoding.EncodeToString(key.N.Bytes()) +
		"</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
}

var p256Order = elliptic.P256().Params().N

// derOf is r||s as ASN.1.
func derOf(value []byte) []byte {
	half := len(value) / 2
	der, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:]),
	})
	if err != nil {
		panic(err)
	}
	return der
}

// addressExtensions are a certificate's pointers to its issuer, its OCSP responder and its CRL.
func addressExtensions(url string) []pkix.Extension {
	location := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(url)}
	type access struct {
		Method   asn1.ObjectIdentifier
		Location asn1.RawValue
	}
	aia, err := asn1.Marshal([]access{
		{asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1}, location},
		{asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 2}, location},
	})
	if err != nil {
		panic(err)
	}
	type point struct {
		Name struct {
			Full []asn1.RawValue `asn1:"optional,tag:0"`
		} `asn1:"optional,tag:0"`
	}
	var p point
	p.Name.Full = []asn1.RawValue{location}
	crl, err := asn1.Marshal([]point{p})
	if err != nil {
		panic(err)
	}
	return []pkix.Extension{
		{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, Value: aia},
		{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: crl},
	}
}

// scalarless says that the credential's key makes no value that resign could write.
func scalarless(c pki.Credential) bool {
	key, ok := c.Key.Public().(*ecdsa.PublicKey)
	return ok && scalarSize(key.Curve) == 0
}

// reissue is another certificate of the signer's key, with other dates.
func reissue(t testing.TB, s signer, from, to time.Time) *x509.Certificate {
	t.Helper()
	template := *s.cred.Certificate
	template.NotBefore, template.NotAfter = from, to
	template.SerialNumber = big.NewInt(7)
	der, err := x509.CreateCertificate(rand.Reader, &template, s.root.Certificate, s.cred.Key.Public(), s.root.Key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mirrored is the other value that ECDSA on P-256 verifies as well: s replaced by n−s.
func mirrored(value []byte) []byte {
	s := new(big.Int).SetBytes(value[32:])
	s.Sub(p256Order, s)
	return append(append([]byte{}, value[:32]...), s.FillBytes(make([]byte, 32))...)
}

// pkcs8 is the credential's key as other implementations read it.
func pkcs8(t testing.TB, c pki.Credential) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
