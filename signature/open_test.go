package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// person is who signs in most tests.
var person = pki.Subject{
	CommonName: "Петрова Анна Олеговна", Surname: "Петрова", GivenName: "Анна Олеговна",
	Title: "инженер", Organisation: "ООО «Шпала»", INN: "500100732259", INNLE: "7708503727", SNILS: "11223344595",
}

const document = `<Placement xmlns="urn:asugate:1" ID="d1" Format="1.0">
  <Header><DocumentID>0193</DocumentID></Header>
  <Text>Груз размещен &amp; закреплен</Text>
</Placement>`

// signer is a root, a signing key below it, and the trust in the root.
type signer struct {
	root  *pki.Authority
	cred  pki.Credential
	key   *Key
	trust *Trust
}

func newSigner(t testing.TB, kind pki.KeyKind) signer {
	t.Helper()
	root := pki.Must(pki.NewAuthority("Корень", now))
	cred := pki.Must(root.Issue(pki.Request{Subject: person, Key: kind}))
	return signer{root, cred, pki.Must(NewKey(cred.Key, cred.Chain...)), NewTrust([]*x509.Certificate{root.Certificate})}
}

func (s signer) sign(t testing.TB, document string) string {
	t.Helper()
	signed, err := s.key.Sign([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func open(t testing.TB, document string, trust *Trust, at time.Time) (Signed, Report) {
	t.Helper()
	return openAs(t, document, trust, Policy{}, at)
}

// openUnder opens a document received now under a policy.
func openUnder(t testing.TB, document string, trust *Trust, policy Policy) (Signed, Report) {
	t.Helper()
	return openAs(t, document, trust, policy, now)
}

func openAs(t testing.TB, document string, trust *Trust, policy Policy, at time.Time) (Signed, Report) {
	t.Helper()
	tree, err := xmltree.Parse([]byte(document), xmltree.DefaultLimits())
	if err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	signed, report := Open(Input{Tree: tree}, trust, policy, at)
	if report.Outcome == Undecided {
		return signed, report
	}
	if holds := report.Outcome == Holds; holds != signed.Valid() || holds == (len(report.Faults) > 0) {
		t.Fatalf("outcome %d, signed %v, faults %v", report.Outcome, signed.Valid(), report.Faults)
	}
	return signed, report
}

// words are the faults as «code reason», in the order reported.
func words(report Report) string {
	var list []string
	for _, f := range report.Faults {
		list = append(list, f.Code+" "+f.Reason)
	}
	return strings.Join(list, ", ")
}

// What Sign signs, Open holds good, with every kind of key, and shows without the Signature.
func TestSignedDocumentHolds(t *testing.T) {
	for kind, method := range map[pki.KeyKind]string{
		pki.P256: "ecdsa-sha256", pki.P384: "ecdsa-sha384", pki.P521: "ecdsa-sha512", pki.RSA2048: "rsa-sha256",
	} {
		s := newSigner(t, kind)
		signed, report := open(t, s.sign(t, document), s.trust, now)
		if report.Outcome != Holds {
			t.Fatalf("%s: %v", method, report.Faults)
		}
		if report.Signature != method || report.Canonicalization != "exc-c14n" || report.Container != "xmldsig" {
			t.Errorf("%s: %s %s %s", method, report.Signature, report.Canonicalization, report.Container)
		}
		if len(report.Chain) != 2 || !report.Certificate.Equal(s.cred.Certificate) {
			t.Errorf("%s: chain of %d", method, len(report.Chain))
		}
		if report.Signer.Person() != "Петрова Анна Олеговна" || report.Signer.INNLE != "7708503727" {
			t.Errorf("%s: signer %+v", method, report.Signer)
		}
		plain := pki.Must(xmltree.Parse([]byte(document), xmltree.DefaultLimits())).Root().
			AppendCanonical(nil, xmltree.Form{})
		if got := string(signed.Root().AppendCanonical(nil, xmltree.Form{})); got != string(plain) {
			t.Errorf("%s: shown is\n%s", method, got)
		}
		if report.Content != sha256.Sum256(plain) {
			t.Errorf("%s: content digest %x", method, report.Content)
		}
	}
}
