package signature

import (
	"bytes"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// unsigned are the parts of a CMS that nothing protects, as RFC 5652 has it: what one of them says
// changes neither what is signed nor who signed it.
func unsigned(t *testing.T, signature []byte) [][2]int {
	t.Helper()
	beginning := []byte{2, 1, 1, 0x31} // the version, and the tag of what follows
	at := bytes.Index(signature, beginning)
	if at < 0 {
		t.Fatal("the CMS begins in another way")
	}
	// The digests are announced for those who read in one pass.
	digests := at + len(beginning)
	return [][2]int{{at, digests}, {digests, digests + 1 + int(signature[digests])}}
}

// Whatever single byte of a CMS is changed, in whatever way of three, it does not hold any more,
// unless the byte stands in a part that is not signed; then the document, its signer and the moment
// are the same as before. And no beginning of a CMS holds.
func TestFlippedCMS(t *testing.T) {
	for name, kind := range map[string]pki.KeyKind{"RSA": pki.RSA2048, "P-256": pki.P256} {
		o := newOpenSSL(t, kind)
		at := time.Now()
		forms := map[string][]string{"CAdES": {"-cades"}, "attached": {"-nodetach", "-cades", "-stream"}}
		if kind == pki.RSA2048 {
			forms["PSS"] = []string{"-cades", "-keyopt", "rsa_padding_mode:pss"}
		}
		for form, more := range forms {
			signature := o.sign(more...)
			_, genuine := openCMS(t, []byte(document), signature, o.trust, Policy{}, at)
			if genuine.Outcome != Holds {
				t.Fatalf("%s, %s: %v", name, form, genuine.Faults)
			}
			tree := pki.Must(xmltree.Parse([]byte(document), xmltree.DefaultLimits()))
			free := unsigned(t, signature)
			flipped := bytes.Clone(signature)
			for i := range signature {
				for _, flip := range []byte{0x01, 0x80, 0xff} {
					flipped[i] = signature[i] ^ flip
					_, report := Open(Input{Tree: tree, Detached: flipped}, o.trust, Policy{}, at)
					if report.Outcome == Holds && !covers(free, i) {
						t.Errorf("%s, %s: holds with byte %d changed from %02x to %02x", name, form, i, signature[i], flipped[i])
					}
					if report.Outcome == Holds && (!report.Certificate.Equal(genuine.Certificate) || !report.Moment.Equal(genuine.Moment)) {
						t.Errorf("%s, %s: byte %d makes another signer or moment", name, form, i)
					}
				}
				flipped[i] = signature[i]
				if _, report := Open(Input{Tree: tree, Detached: signature[:i]}, o.trust, Policy{}, at); report.Outcome == Holds {
					t.Errorf("%s, %s: the first %d bytes hold", name, form, i)
				}
			}
		}
	}
}

func covers(parts [][2]int, at int) bool {
	for _, p := range parts {
		if at >= p[0] && at < p[1] {
			return true
		}
	}
	return false
}
