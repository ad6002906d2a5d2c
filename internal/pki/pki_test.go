package pki

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// Every certificate leads to its root over the chain it carries, with every kind of key.
func TestIssuedCertificateVerifies(t *testing.T) {
	for _, kind := range []KeyKind{P256, P384, P521, P224, RSA1024, RSA2048, Ed25519} {
		root := Must(NewAuthority("Root", now))
		middle := Must(root.Intermediate(Request{Subject: Subject{CommonName: "Middle"}}))
		c := Must(middle.Issue(Request{Subject: Subject{CommonName: "Leaf"}, Key: kind}))
		if len(c.Chain) != 2 || c.Chain[0] != c.Certificate {
			t.Fatalf("kind %d: chain of %d certificates", kind, len(c.Chain))
		}
		roots, others := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(root.Certificate)
		others.AddCert(c.Chain[1])
		_, err := c.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: now})
		if err != nil {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}

// The identifiers stand where Russian and Ukrainian certificates have them.
func TestSubjectAttributes(t *testing.T) {
	root := Must(NewAuthority("Root", now))
	c := Must(root.Issue(Request{Subject: Subject{
		CommonName: "Иванов Иван", INN: "770850372712", INNLE: "7708503727", SNILS: "11223344595", EDRPOU: "40081216",
	}})).Certificate
	want := map[string]string{
		oidCommonName.String(): "Иванов Иван", oidINN.String(): "770850372712",
		oidINNLE.String(): "7708503727", oidSNILS.String(): "11223344595",
	}
	for _, name := range c.Subject.Names {
		if want[name.Type.String()] == name.Value {
			delete(want, name.Type.String())
		}
	}
	if len(want) != 0 {
		t.Errorf("missing in %v: %v", c.Subject.Names, want)
	}
	found := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidDirectoryAttributes) })
	if !found {
		t.Error("no subjectDirectoryAttributes")
	}
}

// What Write puts down, crypto/tls loads as a pair, and only the owner can read the key.
func TestWrite(t *testing.T) {
	root := Must(NewAuthority("Root", now))
	c := Must(root.IssueServer("localhost", "127.0.0.1"))
	key, cert, err := c.Write(t.TempDir(), "server")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(key)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("key file has mode %v", info.Mode())
	}
	if len(c.Certificate.IPAddresses) != 1 || len(c.Certificate.DNSNames) != 1 {
		t.Errorf("names %v, addresses %v", c.Certificate.DNSNames, c.Certificate.IPAddresses)
	}
}
