package signature

import (
	"crypto/x509"
	"testing"
	"time"

	"asugate/internal/pki"

	"github.com/smallstep/pkcs7"
)

// smallstep/pkcs7, the second opinion, agrees with what we sign, and what it signs holds; changed
// content neither takes.
func TestPKCS7Agrees(t *testing.T) {
	for _, kind := range []pki.KeyKind{pki.RSA2048, pki.P256, pki.P384} {
		root := pki.Must(pki.NewAuthority("Корень", time.Now()))
		cred := pki.Must(root.Issue(pki.Request{Subject: person, Key: kind}))
		roots := x509.NewCertPool()
		roots.AddCert(root.Certificate)
		trust := NewTrust([]*x509.Certificate{root.Certificate})

		ours := pki.Must(pki.Must(NewKey(cred.Key, cred.Chain...)).SignDetached([]byte(document)))
		theirs := pki.Must(pkcs7.NewSignedData([]byte(document)))
		theirs.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
		if err := theirs.AddSigner(cred.Certificate, cred.Key, pkcs7.SignerInfoConfig{}); err != nil {
			t.Fatal(err)
		}
		theirs.Detach()
		for name, signature := range map[string][]byte{"ours": ours, "theirs": pki.Must(theirs.Finish())} {
			for content, good := range map[string]bool{document: true, document + " ": false} {
				read, err := pkcs7.Parse(signature)
				if err != nil {
					t.Fatalf("kind %d, %s: %v", kind, name, err)
				}
				read.Content = []byte(content)
				if err := read.VerifyWithChain(roots); (err == nil) != good {
					t.Errorf("kind %d, %s: pkcs7 says %v", kind, name, err)
				}
				if _, report := openCMS(t, []byte(content), signature, trust, Policy{}, time.Now()); (report.Outcome == Holds) != good {
					t.Errorf("kind %d, %s: we say %v", kind, name, report.Faults)
				}
			}
		}
	}
}

// Where the second opinion takes what we refuse, it is for a known reason; it takes nothing else.
func TestPKCS7Differs(t *testing.T) {
	s := newSigner(t, pki.P256)
	contentType, digest := newForge(s, document).attributes[0], newForge(s, document).attributes[1]
	for _, c := range []struct {
		name   string
		change func(*forge)
		theirs bool
	}{
		{"messageDigest of another kind of content", func(f *forge) {
			f.attributes = [][]byte{attribute(contentTypeOID, oid("1.2.3.4")), digest}
		}, true},
		{"no contentType", func(f *forge) { f.attributes = [][]byte{digest} }, true},
		{"an attribute twice", func(f *forge) {
			f.attributes = append(f.attributes, attribute(contentTypeOID, oid("1.2.3.4")))
		}, true},
		{"another certificate stated", func(f *forge) {
			f.attributes = append(f.attributes, attribute(certificateV2OID, signingCertificate(s.root.Certificate.Raw)))
		}, true},
		{"no signer", func(f *forge) { f.infos = 0 }, false},
		{"no messageDigest", func(f *forge) { f.attributes = [][]byte{contentType} }, false},
		{"a wrong value", func(f *forge) { f.value = tlv(0x30, number(1), number(1)) }, false},
	} {
		f := newForge(s, document)
		c.change(f)
		signature := f.write(t, document)
		read, err := pkcs7.Parse(signature)
		if err == nil {
			read.Content = []byte(document)
			err = read.Verify()
		}
		if (err == nil) != c.theirs {
			t.Errorf("%s: pkcs7 says %v", c.name, err)
		}
		if _, report := openCMS(t, []byte(document), signature, s.trust, Policy{}, now); report.Outcome == Holds {
			t.Errorf("%s holds", c.name)
		}
	}
}
