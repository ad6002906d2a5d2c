package xmltree

import (
	"fmt"
	"strings"
	"testing"
)

// waybill is a document of at least n bytes in the shape that shippers send: a default namespace,
// short elements with Russian text, attributes, indentation.
func waybill(n int) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<Placement xmlns="urn:asugate:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
	ID="d1" Format="1.0" Version="1">
`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `  <Wagon number="%08d" owner="РЖД">
    <Cargo code="%06d">Трубы стальные &lt;%d&gt;</Cargo>
    <Mass unit="kg" xsi:nil="false">%d</Mass>
  </Wagon>
`, 63498000+i, 411000+i, i, 60000+i)
	}
	b.WriteString("</Placement>\n")
	return []byte(b.String())
}

var sizes = []int{1 << 10, 10 << 10, 100 << 10}

func BenchmarkParse(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			raw := waybill(size)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(raw, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCanonical(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			raw := waybill(size)
			tree, err := Parse(raw, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			out := make([]byte, 0, 2*len(raw))
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				out = tree.Root().AppendCanonical(out[:0], Form{})
			}
		})
	}
}
