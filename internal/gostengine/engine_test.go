package gostengine

import (
	"bytes"
	"testing"
)

// What the engine makes is what its methods say.
func TestEngine(t *testing.T) {
	e := New(t)
	for _, a := range []Algorithm{GOST2012_256, GOST2012_512, GOST2001} {
		ca := e.Authority(a, "Удостоверяющий центр")
		below := e.Intermediate(ca, a, "Промежуточный")
		leaf := e.Issue(below, a, "/CN=Иванов/O=ООО Ромашка/serialNumber=7")
		if got := leaf.Certificate.Subject.CommonName; got != "Иванов" {
			t.Errorf("%v: the signer is %q", a, got)
		}
		if !below.Certificate.IsCA || leaf.Certificate.IsCA || !bytes.Equal(leaf.Certificate.RawIssuer, below.Certificate.RawSubject) {
			t.Errorf("%v: the chain is not one", a)
		}
		value := e.Sign(leaf, []byte("octets"))
		if want := map[string]int{"gost2012_512": 128}[a.Key]; len(value) != max(want, 64) {
			t.Errorf("%v: the signature has %d bytes", a, len(value))
		}
		content := []byte("<a/>\n")
		e.VerifyCMS(ca, content, e.SignCMS(leaf, content, "-certfile", below.CertificateFile))
		if crl := e.CRL(ca, below.Certificate); len(crl) == 0 {
			t.Errorf("%v: no CRL", a)
		}
	}
	if got := len(e.Digest("md_gost12_512", []byte("octets"))); got != 64 {
		t.Errorf("a digest of %d bytes", got)
	}
}
