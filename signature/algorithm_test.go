package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// The methods that neither goxmldsig nor xmlsec1 1.2 makes: RSASSA-PSS and Ed25519. A real
// RSASSA-PSS signature of another implementation is among the public vectors.
func TestFurtherMethods(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, c := range []struct {
		uri, name string
		kind      pki.KeyKind
		sign      func(key crypto.Signer, octets []byte) ([]byte, error)
	}{
		{nsMore07 + "sha512-rsa-MGF1", "rsa-pss-sha512", pki.RSA2048, func(key crypto.Signer, octets []byte) ([]byte, error) {
			sum := sha512.Sum512(octets)
			return key.Sign(rand.Reader, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA512})
		}},
		{nsMore21 + "eddsa-ed25519", "ed25519", pki.Ed25519, func(key crypto.Signer, octets []byte) ([]byte, error) {
			return key.Sign(rand.Reader, octets, &ed25519.Options{})
		}},
	} {
		cred := pki.Must(s.root.Issue(pki.Request{Subject: person, Key: c.kind}))
		signed := setKeyInfo(s.sign(t, document), "<ds:X509Data>"+certificateText(cred)+"</ds:X509Data>")
		signed = replace(t, signed, nsMore+"ecdsa-sha256", c.uri)
		tree := pki.Must(xmltree.Parse([]byte(signed), xmltree.DefaultLimits()))
		octets := find(tree.Root(), "SignedInfo").AppendCanonical(nil, xmltree.Form{})
		signed = setValue(signed, pki.Must(c.sign(cred.Key, octets)))
		_, report := open(t, signed, s.trust, now)
		if report.Outcome != Holds || report.Signature != c.name {
			t.Errorf("%s: %s %v", c.name, report.Signature, report.Faults)
		}
		wrong := value(t, signed)
		wrong[5] ^= 1
		if _, report := open(t, setValue(signed, wrong), s.trust, now); words(report) != "A03 signature-mismatch" {
			t.Errorf("%s, changed: %s", c.name, words(report))
		}
	}
}

// Keys are taken from 2048 to 8192 bits.
func TestRSAKeySizes(t *testing.T) {
	for bits, want := range map[uint]reason{
		1024: keyTooShort, 2047: keyTooShort, 2048: {}, 8192: {}, 8193: keyTooLong, 65536: keyTooLong,
	} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		if why := (Policy{}).judgeRSA(&rsa.PublicKey{N: n, E: 65537}); why != want {
			t.Errorf("%d bits: %v", bits, why)
		}
	}
}

// What a refusal offers instead is what the tables hold without a switch.
func TestOfferedAlgorithms(t *testing.T) {
	var names []string
	for _, m := range methods {
		if m.legacy == 0 && !slices.Contains(names, m.name) {
			names = append(names, m.name)
		}
	}
	if got := strings.Join(names, " "); got != supportedMethods {
		t.Errorf("methods: %s", got)
	}
	names = nil
	for _, d := range digests {
		if d.legacy == 0 && !slices.Contains(names, d.name) {
			names = append(names, d.name)
		}
	}
	if got := strings.Join(names, " "); got != supportedDigests {
		t.Errorf("digests: %s", got)
	}
}

// Identifiers outside the tables are refused by their name, in every spelling that the field knows.
func TestRefusals(t *testing.T) {
	for uri, want := range map[string]reason{
		nsDSig + "rsa-sha1": algorithmSHA1, nsDSig + "sha1": algorithmSHA1, nsMore + "ecdsa-sha1": algorithmSHA1,
		nsMore07 + "sha1-rsa-MGF1": algorithmSHA1, nsMore + "rsa-md5": algorithmMD5, nsMore + "md5": algorithmMD5,
		nsDSig + "hmac-sha1": algorithmHMAC, nsMore + "hmac-md5": algorithmHMAC,
		"urn:ietf:params:xml:ns:cpxmlsec:algorithms:hmac-gostr34112012-256": algorithmHMAC,
		nsDSig + "dsa-sha1": algorithmDSA, "http://www.w3.org/2009/xmldsig11#dsa-sha256": algorithmDSA,
		nsMore + "gostr34102001-gostr3411": algorithmGOST2001, nsMore + "gostr3411": algorithmGOST2001,
		"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-512": algorithmGOST,
		nsMore + "gostr34102012-gostr34112012-256":                     algorithmGOST,
		nsMore + "rsa-ripemd160":                                       algorithmUnknown, nsMore + "ecdsa-sha224": algorithmUnknown,
		nsMore07 + "sha3-256-rsa-MGF1": algorithmUnknown, "": algorithmUnknown, "none": algorithmUnknown,
	} {
		if got := refusalOf(uri); got != want {
			t.Errorf("%s: %v", uri, got)
		}
	}
}

// The certificate's own signature counts too: one with SHA-1 is named, not «untrusted»; one that is
// said to be ГОСТ where the issuer's key is none was not made by it.
func TestCertificateSignature(t *testing.T) {
	s := newSigner(t, pki.P256)
	gost := strings.NewReplacer(
		"\x2a\x86\x48\xce\x3d\x04\x03\x02", "\x2a\x85\x03\x07\x01\x01\x03\x02", // 1.2.643.7.1.1.3.2
	)
	text := gost.Replace(string(s.cred.Certificate.Raw))
	template := *s.cred.Certificate
	template.SignatureAlgorithm = x509.ECDSAWithSHA1
	sha1, err := x509.CreateCertificate(rand.Reader, &template, s.root.Certificate, s.cred.Key.Public(), s.root.Key)
	if err != nil {
		t.Fatal(err)
	}
	for want, der := range map[string][]byte{"A05 untrusted": []byte(text), "A04 sha1": sha1} {
		c := pki.Credential{Certificate: pki.Must(x509.ParseCertificate(der))}
		signed := setKeyInfo(s.sign(t, document), "<ds:X509Data>"+certificateText(c)+"</ds:X509Data>")
		if _, report := open(t, signed, s.trust, now); words(report) != want {
			t.Errorf("got %s, want %s", words(report), want)
		}
	}
}
