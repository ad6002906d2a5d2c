package signature

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"strings"
	"testing"

	"asugate/internal/pki"
	"asugate/signature/cms"
	"asugate/xmltree"
)

// impostor is a certificate of another authority with the name of ours, for another key and with the
// serial number of the signer's.
func impostor(s signer) pki.Credential {
	other := pki.Must(pki.NewAuthority("Корень", now))
	key := pki.Must(other.Issue(pki.Request{Subject: person}))
	template := *s.cred.Certificate
	der := pki.Must(x509.CreateCertificate(rand.Reader, &template, other.Certificate, key.Key.Public(), other.Key))
	key.Certificate = pki.Must(x509.ParseCertificate(der))
	return key
}

// signingCertificate is the value of signingCertificateV2 for a certificate.
func signingCertificate(c []byte) []byte {
	return tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, sum256(c)))))
}

// What a CMS may say and hold, and what an attacker may write, with the genuine key or without it.
func TestDetachedAttacks(t *testing.T) {
	s := newSigner(t, pki.P256)
	evil := impostor(s)
	own, root := s.cred.Certificate.Raw, s.root.Certificate.Raw
	renewed := reissue(t, s, now.Add(-day), now.Add(day)).Raw
	otherDigest := tlv(0x04, sum256([]byte("<other/>")))
	type change func(f *forge)
	attributes := func(more ...[]byte) change {
		return func(f *forge) { f.attributes = append(f.attributes, more...) }
	}
	only := func(list ...[]byte) change { return func(f *forge) { f.attributes = list } }
	contentType, digest := newForge(s, document).attributes[0], newForge(s, document).attributes[1]
	time := func(tag byte, text string) change {
		return attributes(attribute(signingTimeOID, tlv(tag, []byte(text))))
	}
	protection := func(digest, signature string) change {
		return attributes(attribute(protectionOID, tlv(0x30, algorithm(digest), tlv(0xa1, oid(signature)))))
	}
	issuerSerial := func(c []byte) []byte {
		id := cms.ReadCertificate(c)
		return tlv(0x30, tlv(0x30, tlv(0xa4, id.Issuer)), tlv(0x02, id.Serial))
	}
	byKey := func(f *forge) { f.nameByKey([]byte{1}) }
	for _, c := range []struct {
		name   string
		change change
		want   string
	}{
		{"honest", func(*forge) {}, ""},
		{"honest, no attributes", only(), ""},
		{"honest, attached", func(f *forge) { f.content = []byte(document) }, ""},
		{"honest, SignedData version 3", func(f *forge) { f.version = number(3) }, ""},
		{"honest, the key's identifier for the signature", func(f *forge) {
			f.signature = algorithm("1.2.840.10045.2.1", oid("1.2.840.10045.3.1.7"))
		}, ""},
		{"honest, unknown attributes", attributes(attribute("1.3.6.1.4.1.311.2.1.120", tlv(0x30, tlv(0x1e, []byte{0, 'e'}))),
			attribute("2.25.329800735698586629295641978511506172918", tlv(0x0c, []byte("a")), tlv(0x0c, []byte("b")))), ""},
		{"honest, algorithms protected", protection(sha256OID, "1.2.840.10045.4.3.2"), ""},
		{"honest, the certificate stated", attributes(attribute(certificateV2OID, signingCertificate(own))), ""},
		{"honest, renewed for the same key", func(f *forge) { f.certificates = [][]byte{renewed, own} }, ""},

		// Attributes: exchanged, missing, repeated, in several forms.
		{"digest of other content", only(contentType, attribute(messageDigestOID, otherDigest)), "A03 digest-mismatch"},
		{"digest of another length", only(contentType, attribute(messageDigestOID, tlv(0x04, []byte("x")))), "A03 digest-malformed"},
		{"attributes exchanged after signing", func(f *forge) {
			f.value = f.sign(t, f.octets(document))
			f.attributes = append(f.attributes, attribute(signingTimeOID, tlv(0x17, []byte("261122095900Z"))))
		}, "A03 signature-mismatch"},
		{"no contentType", only(digest), "A10 cms-attributes"},
		{"no messageDigest", only(contentType), "A10 cms-attributes"},
		{"messageDigest twice", attributes(attribute(messageDigestOID, otherDigest)), "A10 cms-attributes"},
		{"two digests in one attribute", only(contentType, attribute(messageDigestOID, otherDigest, tlv(0x04, sum256([]byte(document))))), "A10 cms-attributes"},
		{"an attribute without a value", attributes(attribute("1.2.3")), "A10 cms-attributes"},
		{"an unknown attribute twice", attributes(attribute("1.2.3", number(1)), attribute("1.2.3", number(2))), "A10 cms-attributes"},
		{"honest, signed as sent, not in the order of DER", func(f *forge) {
			f.unsorted, f.attributes = true, [][]byte{digest, contentType}
		}, ""},
		{"honest, signed in the order of DER, sent in another", func(f *forge) {
			f.value = f.sign(t, f.octets(document))
			f.unsorted, f.attributes = true, [][]byte{digest, contentType}
		}, ""},
		{"signed in one order, sent in the other, with another digest", func(f *forge) {
			f.value = f.sign(t, f.octets(document))
			f.unsorted, f.attributes = true, [][]byte{attribute(messageDigestOID, otherDigest), contentType}
		}, "A03 digest-mismatch, A03 signature-mismatch"},
		{"signed in neither order", func(f *forge) {
			extra := attribute("1.2.3", number(1))
			f.unsorted, f.attributes = true, [][]byte{digest, extra, contentType}
			f.value = f.sign(t, f.octets(document))
			f.attributes = [][]byte{extra, digest, contentType}
		}, "A03 signature-mismatch"},
		{"a length longer than needed", attributes([]byte{0x30, 0x81, 0x09, 6, 2, 0x2a, 3, 0x31, 3, 2, 1, 1}), "A10 cms-attributes"},
		{"contentType of another kind", only(attribute(contentTypeOID, oid("1.2.840.113549.1.9.16.1.4")), digest), "A10 cms-content-type"},
		{"content of another kind", func(f *forge) {
			f.contentType = "1.2.840.113549.1.9.16.1.4"
			f.attributes = [][]byte{attribute(contentTypeOID, oid(f.contentType)), digest}
		}, "A10 cms-content-type"},
		{"signed as a time stamp, without attributes", func(f *forge) {
			f.contentType, f.attributes = "1.2.840.113549.1.9.16.1.4", nil
		}, "A10 cms-content-type"},

		// Attributes taken for content, and content for attributes.
		{"the attributes' signature without them", func(f *forge) {
			f.value = f.sign(t, f.octets(document))
			f.attributes = nil
		}, "A03 signature-mismatch"},
		{"the attributes as the content", func(f *forge) {
			f.content = f.octets(document)
			f.value, f.attributes = f.sign(t, f.content), nil
		}, "A10 attached-content-differs"},
		{"attached, other content", func(f *forge) { f.content = []byte("<other/>") }, "A10 attached-content-differs"},
		{"attached, empty", func(f *forge) { f.content = []byte{} }, "A10 attached-content-differs"},

		// Certificates: only the one that is named signs.
		{"no signer", func(f *forge) { f.infos = 0 }, "A02 no-signature"},
		{"two signers", func(f *forge) { f.infos = 2 }, "A10 several-signatures"},
		{"another's certificate of the same name and number", func(f *forge) {
			f.certificates, f.key = [][]byte{evil.Certificate.Raw}, evil.Key
		}, "A05 untrusted"},
		{"that and the genuine one, the genuine key", func(f *forge) {
			f.certificates = [][]byte{evil.Certificate.Raw, own}
		}, "A03 signature-mismatch"},
		{"the same, the certificate stated", func(f *forge) {
			f.certificates = [][]byte{evil.Certificate.Raw, own}
			f.attributes = append(f.attributes, attribute(certificateV2OID, signingCertificate(own)))
		}, ""},
		{"another stated than named", attributes(attribute(certificateV2OID, signingCertificate(root))), "A10 signing-certificate-mismatch"},
		{"the right hash, another number", attributes(attribute(certificateV2OID,
			tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, sum256(own)), issuerSerial(root)))))), "A10 signing-certificate-mismatch"},
		{"SHA-1 of another", attributes(attribute(certificateOID, tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, make([]byte, 20))))))),
			"A10 signing-certificate-mismatch"},
		{"stated by an unknown digest", attributes(attribute(certificateV2OID,
			tlv(0x30, tlv(0x30, tlv(0x30, algorithm("1.2.3"), tlv(0x04, []byte{1})))))), "A04 algorithm-unknown"},
		{"the issuer named, the signer's key", func(f *forge) {
			id := cms.ReadCertificate(root)
			f.signer, f.certificates = tlv(0x30, id.Issuer, tlv(0x02, id.Serial)), [][]byte{own, root}
		}, "A03 signature-mismatch"},
		{"a key identifier that nobody has", byKey, "A05 no-certificate"},
		{"no certificate", func(f *forge) { f.certificates = nil }, "A05 no-certificate"},
		{"eight certificates", func(f *forge) { f.certificates = append(slicesOf(root, 7), own) }, ""},
		{"nine certificates", func(f *forge) { f.certificates = append(slicesOf(root, 8), own) }, "A05 too-many-certificates"},
		{"a certificate that is none", func(f *forge) { f.certificates = append(f.certificates, tlv(0x30, number(1))) },
			"A05 certificate-unreadable"},
		{"attribute certificates", func(f *forge) { f.certificates = append(f.certificates, tlv(0xa2, number(1))) }, ""},

		// Algorithms.
		{"protected as another digest", protection("2.16.840.1.101.3.4.2.3", "1.2.840.10045.4.3.2"), "A10 algorithms-differ"},
		{"protected as another signature", protection(sha256OID, "1.2.840.10045.4.3.4"), "A10 algorithms-differ"},
		{"the signature's digest is another", func(f *forge) { f.signature = algorithm("1.2.840.10045.4.3.4") }, "A10 algorithms-differ"},
		{"RSA with an ECDSA key", func(f *forge) { f.signature = algorithm("1.2.840.113549.1.1.1", []byte{5, 0}) }, "A03 key-kind-mismatch"},
		{"unknown signature", func(f *forge) { f.signature = algorithm("1.2.3.4") }, "A04 algorithm-unknown"},
		{"unknown digest", func(f *forge) { f.digest = algorithm("1.2.3.4") }, "A04 algorithm-unknown"},
		{"DSTU 4145", func(f *forge) {
			f.signature, f.digest = algorithm("1.2.804.2.1.1.1.1.3.1.1"), algorithm("1.2.804.2.1.1.1.1.2.1")
		}, "A04 dstu-not-supported, A04 dstu-not-supported"},
		{"DSA", func(f *forge) { f.signature = algorithm("2.16.840.1.101.3.4.3.2") }, "A04 dsa"},
		{"MD5", func(f *forge) {
			f.signature, f.digest = algorithm("1.2.840.113549.1.1.4"), algorithm("1.2.840.113549.2.5")
		}, "A04 md5, A04 md5"},
		{"PSS without parameters", func(f *forge) { f.signature = algorithm(oidRSAPSS) }, "A04 pss-parameters"},
		{"PSS with those of SHA-1 by default", func(f *forge) { f.signature = algorithm(oidRSAPSS, tlv(0x30)) }, "A04 pss-parameters"},

		// Values of ECDSA in other forms.
		{"r||s", func(f *forge) { f.value, _ = plainOf(f.sign(t, f.octets(document)), 32) }, "A03 signature-malformed"},
		{"a tail", func(f *forge) { f.value = append(f.sign(t, f.octets(document)), 0) }, "A03 signature-malformed"},
		{"zeros", func(f *forge) { f.value = tlv(0x30, number(0), number(0)) }, "A03 signature-malformed"},
		{"negative", func(f *forge) { f.value = tlv(0x30, number(0xff), number(1)) }, "A03 signature-malformed"},
		{"too long", func(f *forge) {
			f.value = tlv(0x30, tlv(0x02, append([]byte{1}, make([]byte, 32)...)), number(1))
		}, "A03 signature-malformed"},
		{"ones", func(f *forge) { f.value = tlv(0x30, number(1), number(1)) }, "A03 signature-mismatch"},
		{"no value", func(f *forge) { f.value = []byte{} }, "A03 signature-malformed"},

		// Times.
		{"signed at a time of the past", time(0x17, "261122095500Z"), ""},
		{"a GeneralizedTime", time(0x18, "20261122095500Z"), ""},
		{"a time with a fraction", time(0x18, "20261122095500.5Z"), "A10 cms-attributes"},
		{"a time with a zone", time(0x17, "261122095500+0300"), "A10 cms-attributes"},
		{"no time", time(0x17, "261322095500Z"), "A10 cms-attributes"},
		{"a text for a time", time(0x0c, "261122095500Z"), "A10 cms-attributes"},

		{"SignedData version 2", func(f *forge) { f.version = number(2) }, "A10 cms-malformed"},
		{"SignerInfo version 3 with a name", func(f *forge) { f.infoVersion = number(3) }, "A10 cms-malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newForge(s, document)
			c.change(f)
			_, report := openCMS(t, []byte(document), f.write(t, document), s.trust, Policy{}, now)
			if got := words(report); got != c.want || (report.Outcome == Holds) != (c.want == "") {
				t.Errorf("got  %s %+v\nwant %s", got, report.Faults, c.want)
			}
			if report.Content != [32]byte(sum256([]byte(document))) {
				t.Error("the content has no digest")
			}
		})
	}
}

func slicesOf(one []byte, n int) [][]byte {
	var list [][]byte
	for range n {
		list = append(list, one)
	}
	return list
}

// The octets of signed attributes are no document: they cannot be signed for one.
func TestAttributesAreNoDocument(t *testing.T) {
	s := newSigner(t, pki.P256)
	octets := newForge(s, document).octets(document)
	if _, err := xmltree.Parse(octets, xmltree.DefaultLimits()); err == nil {
		t.Error("signed attributes are read as XML")
	}
	f := newForge(s, document)
	f.content, f.attributes = octets, nil
	content, _, err := Detach(f.write(t, string(octets)))
	if err != nil || !bytes.Equal(content, octets) {
		t.Errorf("%q, %v", content, err)
	}
}

// A document signed in both ways is refused: of two signatures one would be taken for verified.
func TestTwoContainers(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := []byte(s.sign(t, document))
	signature := pki.Must(s.key.SignDetached(signed))
	if _, report := openCMS(t, signed, signature, s.trust, Policy{}, now); words(report) != "A10 several-signatures" {
		t.Errorf("%v", report.Faults)
	}
}

// Ed25519 with the digest that RFC 8419 names, with attributes and without, and with another digest of
// the content.
func TestEd25519InCMS(t *testing.T) {
	s := newSigner(t, pki.P256)
	s.cred = pki.Must(s.root.Issue(pki.Request{Subject: person, Key: pki.Ed25519}))
	for _, name := range []string{"attributes", "none", "SHA-256"} {
		f := newForge(s, document)
		f.hash, f.signature = 0, algorithm("1.3.101.112")
		if name != "SHA-256" {
			f.digest = algorithm("2.16.840.1.101.3.4.2.3")
			f.attributes[1] = attribute(messageDigestOID, tlv(0x04, sum512([]byte(document))))
		}
		if name == "none" {
			f.attributes = nil
		}
		signature := f.write(t, document)
		if _, report := openCMS(t, []byte(document), signature, s.trust, Policy{}, now); report.Outcome != Holds {
			t.Errorf("%s: %v", name, report.Faults)
		}
		changed := strings.Replace(document, "размещен", "брошен", 1)
		if _, report := openCMS(t, []byte(changed), signature, s.trust, Policy{}, now); report.Outcome == Holds {
			t.Errorf("%s: changed content holds", name)
		}
	}
}

// One certificate is trusted as itself and one is a CA: both are found by what the CMS names.
func TestSignerFromTrust(t *testing.T) {
	s := newSigner(t, pki.P256)
	f := newForge(s, document)
	f.certificates = nil
	signature := f.write(t, document)
	trust := NewTrust([]*x509.Certificate{s.root.Certificate, s.cred.Certificate})
	if _, report := openCMS(t, []byte(document), signature, trust, Policy{}, now); report.Outcome != Holds {
		t.Errorf("%v", report.Faults)
	}
	if _, report := openCMS(t, []byte(document), signature, nil, Policy{}, now); report.Outcome == Holds {
		t.Error("holds without trust")
	}
}
