package signature

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"asugate/internal/pki"
	"asugate/xmltree"

	"github.com/beevik/etree"
	"github.com/jonboulle/clockwork"
	dsig "github.com/russellhaering/goxmldsig"
)

// sized is a signed document of about so many bytes.
func sized(t testing.TB, s signer, size int) string {
	const wagon = `<Wagon number="63498000" axles="4"><Load unit="kg">68000</Load><Text>щебень</Text></Wagon>` + "\n"
	base := len(s.sign(t, document))
	body := strings.Repeat(wagon, max(0, size-base)/len(wagon))
	return s.sign(t, before(document, "</Placement>", body))
}

var sizes = []struct {
	name  string
	bytes int
}{{"2.7KB", 2765}, {"10KB", 10 << 10}, {"100KB", 100 << 10}}

var kinds = []struct {
	name string
	kind pki.KeyKind
}{{"RSA2048", pki.RSA2048}, {"P256", pki.P256}}

// BenchmarkOpen is parse and verification of one document, certificate path included.
func BenchmarkOpen(b *testing.B) {
	for _, k := range kinds {
		s := newSigner(b, k.kind)
		for _, size := range sizes {
			raw := []byte(sized(b, s, size.bytes))
			b.Run(k.name+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
					if err != nil {
						b.Fatal(err)
					}
					if _, report := Open(Input{Tree: tree}, s.trust, Policy{}, now); report.Outcome != Holds {
						b.Fatal(report.Faults)
					}
				}
			})
		}
	}
}

// BenchmarkLimit is the floor below it: one digest of the bytes and one verification of the key.
func BenchmarkLimit(b *testing.B) {
	for _, k := range kinds {
		s := newSigner(b, k.kind)
		octets := make([]byte, 1024)
		value := signOctets(b, s.cred.Key, octets)
		for _, size := range sizes {
			raw := make([]byte, size.bytes)
			b.Run(k.name+"/"+size.name, func(b *testing.B) {
				for b.Loop() {
					_ = sha256.Sum256(raw)
					if why := s.key.method.verify(Policy{}, s.cred.Certificate, octets, value); why != (reason{}) {
						b.Fatal(why)
					}
				}
			})
		}
	}
}

// BenchmarkGoxmldsig is the same documents through goxmldsig: the Signature first, because it
// counts elements, and for ECDSA as the ASN.1 that it takes.
func BenchmarkGoxmldsig(b *testing.B) {
	for _, k := range kinds {
		s := newSigner(b, k.kind)
		for _, size := range sizes {
			signature, rest := taken(sized(b, s, size.bytes))
			raw := []byte(strings.Replace(rest, "<Header>", signature+"<Header>", 1))
			if _, ok := s.cred.Key.Public().(*ecdsa.PublicKey); ok {
				raw = []byte(setValue(string(raw), derOf(value(b, string(raw)))))
			}
			store := dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{s.cred.Certificate}}
			b.Run(k.name+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					if err := goxmldsigValidates(raw, &store); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func goxmldsigValidates(raw []byte, store *dsig.MemoryX509CertificateStore) error {
	document := etree.NewDocument()
	if err := document.ReadFromBytes(raw); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	context := dsig.NewDefaultValidationContext(store)
	context.Clock = dsig.NewFakeClock(clockwork.NewFakeClockAt(now))
	_, err := context.Validate(document.Root())
	return err
}

// BenchmarkSeal is the making of an acknowledgment; BenchmarkSign the same by our own hand.
func BenchmarkSeal(b *testing.B) {
	s := newSigner(b, pki.P256)
	root := esid("e1", "причина")
	for b.Loop() {
		if _, err := s.key.Seal(root); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	s := newSigner(b, pki.P256)
	for b.Loop() {
		if _, err := s.key.Sign([]byte(document)); err != nil {
			b.Fatal(err)
		}
	}
}

// goxmldsig, the second opinion, agrees with what we sign and seal.
func TestGoxmldsigAgrees(t *testing.T) {
	s := newSigner(t, pki.RSA2048)
	store := dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{s.cred.Certificate}}
	for name, signed := range map[string]string{
		"signed": s.sign(t, document), "sealed": string(pki.Must(s.key.Seal(esid("e1", "причина")))),
	} {
		if err := goxmldsigValidates([]byte(signed), &store); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		changed := strings.NewReplacer("размещен", "брошен", "причина", "повод").Replace(signed)
		if goxmldsigValidates([]byte(changed), &store) == nil {
			t.Errorf("%s: goxmldsig takes a changed document", name)
		}
	}
}
