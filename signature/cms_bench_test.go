package signature

import (
	"testing"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// BenchmarkOpenDetached is parse and verification of one document with its CMS, certificate path
// included, as BenchmarkOpen is of one with a signature inside.
func BenchmarkOpenDetached(b *testing.B) {
	for _, k := range kinds {
		s := newSigner(b, k.kind)
		for _, size := range sizes {
			raw := []byte(sized(b, s, size.bytes))
			_, rest := taken(string(raw))
			raw = []byte(rest)
			signature := pki.Must(s.key.signDetached(raw, now))
			b.Run(k.name+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
					if err != nil {
						b.Fatal(err)
					}
					if _, report := Open(Input{Tree: tree, Detached: signature}, s.trust, Policy{}, now); report.Outcome != Holds {
						b.Fatal(report.Faults)
					}
				}
			})
		}
	}
}
