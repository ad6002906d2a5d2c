package xmltree

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// vectors is the folder of public test data, which is no part of this repository.
func vectors(t *testing.T, name string) string {
	t.Helper()
	beside := filepath.Join("..", "..", "shared", "vectors") // of the root of the repository
	dir := filepath.Join(cmp.Or(os.Getenv("ASUGATE_VECTORS"), beside), name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no public test data: %s is absent (ASUGATE_VECTORS)", dir)
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestStandardExamples writes the examples of Canonical XML and of Exclusive XML Canonicalization.
// Where an example declares defaults or types in a DTD, edits put into the document what they
// amount to. Examples whose point is a processing instruction, an external entity or a set of nodes
// that is no subtree are left out: no document of ours has them.
func TestStandardExamples(t *testing.T) {
	dir := vectors(t, "c14n-w3c")
	tests := []struct {
		input, output, apex string // apex is a local name, empty for the document
		algorithm           Algorithm
		edits               []string // old and new in turn
	}{
		{"32_input.xml", "32_c14n.xml", "", Inclusive10, nil},
		{"33_input.xml", "33_c14n.xml", "", Inclusive10, []string{
			`<!DOCTYPE doc [<!ATTLIST e9 attr CDATA "default">]>`, "", "<e9 ", `<e9 attr="default" `}},
		{"34_input.xml", "34_c14n.xml", "", Inclusive10, []string{
			"<!DOCTYPE doc [\r\n<!ATTLIST normId id ID #IMPLIED>\r\n<!ATTLIST normNames attr NMTOKENS #IMPLIED>\r\n]>", "",
			`'   A   &#x20;&#13;&#xa;&#9;   B   '`, `'A &#13;&#xa;&#9; B'`,
			`<normId id=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>`, `<normId id='&apos; &#13;&#xa;&#9; &apos;'/>`}},
		{"36_input.xml", "36_c14n.xml", "", Inclusive11, []string{"ISO-8859-1", "UTF-8"}},
		{"example2_2_1.xml", "example2_2_1_c14nized.xml", "elem2", Inclusive10, nil},
		{"example2_2_1.xml", "example2_2_c14nized_exclusive.xml", "elem2", Exclusive, nil},
		{"example2_2_2.xml", "example2_2_2_c14nized.xml", "elem2", Inclusive10, nil},
		{"example2_2_2.xml", "example2_2_2_c14nized.xml", "elem2", Inclusive11, nil},
		{"example2_2_2.xml", "example2_2_c14nized_exclusive.xml", "elem2", Exclusive, nil},
		{"example2_2_3.xml", "example2_2_3_c14nized_exclusive.xml", "p", Exclusive, []string{"<?testpi 123?>", ""}},
		{"example2_4.xml", "example2_4_c14nized.xml", "elem2", Exclusive, nil},
		{"default_ns_redefinition_input.xml", "default_ns_redefinition_c14n.xml", "Object", Exclusive, nil},
		{"plain-soap-1.1.xml", "plain-soap-c14nized.xml", "Body", Exclusive, nil},
	}
	for _, test := range tests {
		t.Run(test.input, func(t *testing.T) {
			tree := mustParse(t, strings.NewReplacer(test.edits...).Replace(read(t, dir, test.input)))
			form := Form{Algorithm: test.algorithm}
			got := string(tree.AppendCanonicalDocument(nil, form))
			if test.apex != "" {
				e, ok := descendant(tree.Root(), test.apex)
				if !ok {
					t.Fatalf("no element %s", test.apex)
				}
				got = string(e.AppendCanonical(nil, form))
			}
			want := strings.TrimSuffix(read(t, dir, test.output), "\n") // which is the file's, not the form's
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}

	// Canonical XML §1.1 fails on a relative namespace name; the document is not read at all.
	relative := refusal(t, []byte(read(t, dir, "relative-ns-behaviour.xml")), Limits{})
	if relative.Reason != ReasonRelativeNamespace {
		t.Errorf("relative namespace: %v", relative)
	}
}

// descendant is the first element of that local name at or below e.
func descendant(e Element, local string) (Element, bool) {
	if e.Local() == local {
		return e, true
	}
	for c := range e.Children() {
		if found, ok := descendant(c, local); ok {
			return found, true
		}
	}
	return Element{}, false
}

// TestSignedDocuments reads the signed documents of other implementations: each that the gateway
// has to accept is read, and says the same after canonicalization.
func TestSignedDocuments(t *testing.T) {
	dir := vectors(t, "xmldsig")
	lines := strings.Split(strings.TrimSpace(read(t, dir, "manifest.tsv")), "\n")
	columns := strings.Split(lines[0], "\t")
	file, verdict := slices.Index(columns, "file"), slices.Index(columns, "gateway_verdict")
	accepted := 0
	for _, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		raw := read(t, dir, fields[file])
		tree, err := Parse([]byte(raw), Limits{})
		if err == nil {
			checkTree(t, tree)
		}
		if fields[verdict] != "accept" {
			continue
		}
		accepted++
		if err != nil {
			t.Errorf("%s: %v", fields[file], err)
		}
	}
	if accepted == 0 {
		t.Error("the manifest names no document to accept")
	}
}
