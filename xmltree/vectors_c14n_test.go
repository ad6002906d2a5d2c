package xmltree

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestStandardSurroundings is example 3.1 of Canonical XML, with and without comments: what stands
// around the root. Its processing instructions are taken out of input and outputs alike, because no
// document with one is read.
func TestStandardSurroundings(t *testing.T) {
	dir := vectors(t, "c14n-w3c")
	drop := strings.NewReplacer(
		"<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>", "", `<!DOCTYPE doc SYSTEM "doc.dtd">`, "",
		"<?pi-without-data     ?>", "",
		"<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n", "", "\n<?pi-without-data?>", "")
	unix := strings.NewReplacer("\r\n", "\n")
	tree := mustParse(t, drop.Replace(unix.Replace(read(t, dir, "31_input.xml"))))
	for file, comments := range map[string]bool{"31_c14n.xml": false, "31_c14n-comments.xml": true} {
		for _, algorithm := range []Algorithm{Exclusive, Inclusive10, Inclusive11} {
			got := string(tree.AppendCanonicalDocument(nil, Form{Algorithm: algorithm, Comments: comments}))
			want := drop.Replace(read(t, dir, file))
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s, algorithm %d (-want +got):\n%s", file, algorithm, diff)
			}
		}
	}
}

// TestStandardBase is the examples 3.8 of Canonical XML 1.1: an element whose parent is left out
// carries the joined base. In a subtree everything around is left out; so that just the parent is
// joined, as the examples have it, the base around that is taken away.
func TestStandardBase(t *testing.T) {
	dir := vectors(t, "c14n-w3c")
	for _, one := range []struct{ input, output string }{
		{"38_input.xml", "38_c14n.xml"},
		{"w3c-c14n11/xmlbase-c14n11spec-input.xml", "w3c-c14n11/xmlbase-c14n11spec-102.output"},
		{"w3c-c14n11/xmlbase-c14n11spec2-input.xml", "w3c-c14n11/xmlbase-c14n11spec2-102.output"},
	} {
		input := read(t, dir, one.input)
		if end := strings.Index(input, "]>"); end >= 0 { // its one default is written out
			input = strings.Replace(input[end+len("]>"):], "<e2 ", `<e2 xml:space="preserve" `, 1)
		}
		base := input[strings.Index(input, ` xml:base="`):]
		base = base[:strings.Index(base, ">")]
		tree := mustParse(t, strings.Replace(input, base, "", 1))
		e, ok := descendant(tree.Root(), "e3")
		if !ok {
			t.Fatalf("%s has no e3", one.input)
		}
		// The namespace context of e1, which the example has around e3, is the apex's own here.
		want := read(t, dir, one.output)
		want = strings.Replace(want[strings.Index(want, "<e3"):strings.Index(want, "</e1>")], `<e3 xmlns=""`, `<e3 xmlns:w3c="http://www.w3.org"`, 1)
		if diff := gocmp.Diff(want, string(e.AppendCanonical(nil, Form{Algorithm: Inclusive11}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", one.input, diff)
		}
	}
}
