package signature

import (
	"bytes"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// openCMS opens a document with its detached signature.
func openCMS(t testing.TB, document, detached []byte, trust *Trust, policy Policy, at time.Time) (Signed, Report) {
	t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return Open(Input{Tree: tree, Detached: detached}, trust, policy, at)
}

// What a key of any kind signs detached holds, shows the whole root, and says when.
func TestSignDetached(t *testing.T) {
	for name, kind := range map[string]pki.KeyKind{
		"rsa-sha256": pki.RSA2048, "ecdsa-sha256": pki.P256, "ecdsa-sha384": pki.P384, "ecdsa-sha512": pki.P521,
	} {
		s := newSigner(t, kind)
		signature, err := s.key.signDetached([]byte(document), now.Add(-time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		shown, report := openCMS(t, []byte(document), signature, s.trust, Policy{}, now)
		if report.Outcome != Holds || !shown.Valid() || shown.Root().Local() != "Placement" {
			t.Errorf("%s: %v", name, report.Faults)
		}
		if report.Signature != name || !report.SigningTime.Equal(now.Add(-time.Minute)) || !report.Moment.Equal(report.SigningTime) {
			t.Errorf("%s: %+v", name, report)
		}
		if report.Content != [32]byte(sum256([]byte(document))) {
			t.Errorf("%s: the content is not that of the bytes", name)
		}
		changed := bytes.Replace([]byte(document), []byte("размещен"), []byte("брошен"), 1)
		if _, report := openCMS(t, changed, signature, s.trust, Policy{}, now); words(report) != "A03 digest-mismatch" {
			t.Errorf("%s, changed: %s", name, words(report))
		}
	}
}
