package xmltree

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"asugate/internal/cputime"
)

// bombs are documents of about n bytes, within the limits, that have cost other implementations
// more than their size.
var bombs = []struct {
	name string
	make func(n int) string
}{
	{"declarations on the root above many elements", func(n int) string {
		return "<r" + declarations(16, 0) + ">" + strings.Repeat("<a><b/></a>", n/11) + "</r>"
	}},
	{"declarations at every level above many elements", func(n int) string {
		var b strings.Builder
		for depth := range 62 {
			b.WriteString("<a" + declarations(16, depth) + ">")
		}
		b.WriteString(strings.Repeat("<p1:a p2:b=''/>", n/15))
		b.WriteString(strings.Repeat("</a>", 62))
		return b.String()
	}},
	{"a prefix rebound on every sibling", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "<p:a xmlns:p='urn:%d'/>", i)
		}
		return "<r>" + b.String() + "</r>"
	}},
	{"declarations that every sibling repeats", func(n int) string {
		return "<r xmlns:p='urn:" + strings.Repeat("x", 100) + "'>" + strings.Repeat("<p:a/>", n/6) + "</r>"
	}},
	{"long namespace names that differ at the end", func(n int) string {
		long := strings.Repeat("x", 1000)
		root := "<r xmlns:p='urn:" + long + "1' xmlns:q='urn:" + long + "2' p:a='' q:a=''>"
		return root + strings.Repeat("<a><b/></a>", n/11) + "</r>"
	}},
	{"many attributes in reverse order", func(n int) string {
		var b strings.Builder
		for i := 64; i > 0; i-- {
			fmt.Fprintf(&b, " a%02d=''", i)
		}
		element := "<a" + b.String() + "/>"
		return "<r>" + strings.Repeat(element, n/len(element)) + "</r>"
	}},
	{"identifiers", func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "<a ID='%d'/>", i)
		}
		return "<r>" + b.String() + "</r>"
	}},
	{"references", func(n int) string { return "<r>" + strings.Repeat("&lt;", n/4) + "</r>" }},
	{"line ends in many small runs", func(n int) string { return "<r>" + strings.Repeat("\r\n<a/>", n/6) + "</r>" }},
	{"brackets", func(n int) string { return "<r>" + strings.Repeat("]]&gt;>", n/7) + "</r>" }},
	{"CDATA sections", func(n int) string { return "<r>" + strings.Repeat("<![CDATA[]]]>", n/13) + "</r>" }},
	{"one run of text", func(n int) string { return "<r>" + strings.Repeat("x", n) + "</r>" }},
}

func declarations(n, version int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " xmlns:p%d='urn:%d:%d'", i, i, version)
	}
	return b.String()
}

// work parses a document and writes each canonical form, and says how many bytes they have.
func work(t *testing.T, document []byte) int {
	tree, err := Parse(document, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, algorithm := range []Algorithm{Exclusive, Inclusive10, Inclusive11} {
		written += len(tree.Root().AppendCanonical(nil, Form{Algorithm: algorithm}))
	}
	return written
}

// TestCostIsLinear compares a document with one eight times as long. Twice as much work for each
// byte is allowed for caches and growing buffers; work by the square would be eight times as much.
func TestCostIsLinear(t *testing.T) {
	const small, times = 32 << 10, 8
	fastest := func(document []byte) time.Duration {
		best := time.Hour
		for range 3 {
			best = min(best, cputime.Of(func() { work(t, document) }))
		}
		return best
	}
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			one, many := []byte(bomb.make(small)), []byte(bomb.make(times*small))
			if a, b := work(t, one), work(t, many); b > 2*times*a {
				t.Errorf("%d bytes become %d, %d bytes become %d", len(one), a, len(many), b)
			}
			// The collector may spoil one measurement, not several.
			var a, b time.Duration
			for range 5 {
				a, b = fastest(one), fastest(many)
				if b < 3*times*a {
					return
				}
			}
			t.Errorf("%d bytes take %v, %d bytes take %v", len(one), a, len(many), b)
		})
	}
}

// TestRepeatedDeclarations shows that the one thing that exclusive canonicalization multiplies
// stays within its limit: without it 100 000 siblings would repeat a name of 64 KiB each.
func TestRepeatedDeclarations(t *testing.T) {
	document := "<r xmlns:p='urn:" + strings.Repeat("x", 60_000) + "'>" + strings.Repeat("<p:a/>", 99_000) + "</r>"
	got := refusal(t, []byte(document), Limits{})
	if got.Reason != ReasonTooManyNamespaces {
		t.Errorf("%v, want %s", got, ReasonTooManyNamespaces)
	}
	// What an ancestor has declared is not declared again and does not count.
	document = strings.Replace(strings.Replace(document, "<r ", "<p:r ", 1), "</r>", "</p:r>", 1)
	written := len(mustParse(t, document).Root().AppendCanonical(nil, Form{}))
	if written > 2*len(document) {
		t.Errorf("%d bytes became %d", len(document), written)
	}
}
