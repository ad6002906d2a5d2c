package xmltree

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCanonical writes the element with ID "x" of a document in each form. Inclusive10 without a
// result of its own is that of Inclusive11.
func TestCanonical(t *testing.T) {
	tests := []struct {
		name, document                    string
		exclusive, inclusive11, inclusive string
	}{
		{"attributes are sorted by namespace URI, then local name",
			`<x ID="x" xmlns:a="urn:z" xmlns:b="urn:y" a:c="1" b:d="2" b:c="3" e="4" xml:lang="ru" d="5"/>`,
			`<x xmlns:a="urn:z" xmlns:b="urn:y" ID="x" d="5" e="4" xml:lang="ru" b:c="3" b:d="2" a:c="1"></x>`,
			`<x xmlns:a="urn:z" xmlns:b="urn:y" ID="x" d="5" e="4" xml:lang="ru" b:c="3" b:d="2" a:c="1"></x>`, ""},
		{"declarations are sorted by prefix, the default first",
			`<b:x ID="x" xmlns:b="urn:1" xmlns:A="urn:2" xmlns:a="urn:3" xmlns="urn:4" a:e="" A:e=""><y/></b:x>`,
			`<b:x xmlns:A="urn:2" xmlns:a="urn:3" xmlns:b="urn:1" ID="x" A:e="" a:e=""><y xmlns="urn:4"></y></b:x>`,
			`<b:x xmlns="urn:4" xmlns:A="urn:2" xmlns:a="urn:3" xmlns:b="urn:1" ID="x" A:e="" a:e=""><y></y></b:x>`, ""},
		{"exclusive declares what names use, where they use it",
			`<r xmlns="urn:r" xmlns:p="urn:p" xmlns:q="urn:q"><p:x ID="x"><q:y p:z=""/><q:y/><t/></p:x></r>`,
			`<p:x xmlns:p="urn:p" ID="x"><q:y xmlns:q="urn:q" p:z=""></q:y><q:y xmlns:q="urn:q"></q:y><t xmlns="urn:r"></t></p:x>`,
			`<p:x xmlns="urn:r" xmlns:p="urn:p" xmlns:q="urn:q" ID="x"><q:y p:z=""></q:y><q:y></q:y><t></t></p:x>`, ""},
		{"superfluous declarations are left out",
			`<x ID="x" xmlns="urn:x"><y xmlns="urn:x"><z xmlns="urn:x"/></y></x>`,
			`<x xmlns="urn:x" ID="x"><y><z></z></y></x>`,
			`<x xmlns="urn:x" ID="x"><y><z></z></y></x>`, ""},
		{"superfluous xmlns=\"\" at the apex and below",
			`<x ID="x" xmlns=""><y xmlns=""/><p:y xmlns:p="urn:p" xmlns=""><z xmlns=""/></p:y></x>`,
			`<x ID="x"><y></y><p:y xmlns:p="urn:p"><z></z></p:y></x>`,
			`<x ID="x"><y></y><p:y xmlns:p="urn:p"><z></z></p:y></x>`, ""},
		{"needed xmlns=\"\"",
			`<x ID="x" xmlns="urn:x"><y xmlns=""><z/></y></x>`,
			`<x xmlns="urn:x" ID="x"><y xmlns=""><z></z></y></x>`,
			`<x xmlns="urn:x" ID="x"><y xmlns=""><z></z></y></x>`, ""},
		{"xmlns=\"\" on an element that does not use it",
			`<x ID="x" xmlns="urn:x" xmlns:p="urn:p"><p:y xmlns=""><z/><p:z xmlns="urn:x"/></p:y><z/></x>`,
			`<x xmlns="urn:x" ID="x"><p:y xmlns:p="urn:p"><z xmlns=""></z><p:z></p:z></p:y><z></z></x>`,
			`<x xmlns="urn:x" xmlns:p="urn:p" ID="x"><p:y xmlns=""><z></z><p:z xmlns="urn:x"></p:z></p:y><z></z></x>`, ""},
		{"xmlns=\"\" of an element around the apex",
			`<r xmlns="urn:r"><s xmlns=""><x ID="x"><y xmlns="urn:r"/></x></s></r>`,
			`<x ID="x"><y xmlns="urn:r"></y></x>`,
			`<x ID="x"><y xmlns="urn:r"></y></x>`, ""},
		{"a prefix rebound without use in between",
			`<p:x ID="x" xmlns:p="urn:1"><y xmlns:p="urn:2"><p:z xmlns:p="urn:1"/><p:z/></y><p:z/></p:x>`,
			`<p:x xmlns:p="urn:1" ID="x"><y><p:z></p:z><p:z xmlns:p="urn:2"></p:z></y><p:z></p:z></p:x>`,
			`<p:x xmlns:p="urn:1" ID="x"><y xmlns:p="urn:2"><p:z xmlns:p="urn:1"></p:z><p:z></p:z></y><p:z></p:z></p:x>`, ""},
		{"xml:* attributes of the elements around are lent",
			`<r xml:lang="ru" xml:id="r" xml:foo="1"><s xml:lang="uk" xml:space="default" a="b"><x ID="x" xml:space="preserve"/></s></r>`,
			`<x ID="x" xml:space="preserve"></x>`,
			`<x ID="x" xml:lang="uk" xml:space="preserve"></x>`,
			`<x ID="x" xml:foo="1" xml:id="r" xml:lang="uk" xml:space="preserve"></x>`},
		{"xml:base is joined by 1.1",
			`<r xml:base="http://example.org/a/b"><s xml:base="../c/"><x ID="x" xml:base="d"/></s></r>`,
			`<x ID="x" xml:base="d"></x>`,
			`<x ID="x" xml:base="http://example.org/c/d"></x>`,
			`<x ID="x" xml:base="d"></x>`},
		{"xml:base of the nearest",
			`<r xml:base="a/b"><s><x ID="x" y="z" xml:a="1"/></s></r>`,
			`<x ID="x" y="z" xml:a="1"></x>`,
			`<x ID="x" y="z" xml:a="1" xml:base="a/b"></x>`, ""},
		{"xml:base that comes to nothing",
			`<r xml:base="a/"><x ID="x" xml:base="../" xml:z=""/></r>`,
			`<x ID="x" xml:base="../" xml:z=""></x>`,
			`<x ID="x" xml:z=""></x>`,
			`<x ID="x" xml:base="../" xml:z=""></x>`},
		{"xml:base with none around",
			`<r><x ID="x" xml:base=""><y xml:base="a"/></x></r>`,
			`<x ID="x" xml:base=""><y xml:base="a"></y></x>`,
			`<x ID="x" xml:base=""><y xml:base="a"></y></x>`, ""},
		{"escapes",
			"<x ID='x' y='&#9;&#10;&#13;&lt;&gt;&amp;&quot;&apos;я'>&#9;&#10;&#13;&lt;&gt;&amp;&quot;&apos;я<![CDATA[<&>]]></x>",
			"<x ID=\"x\" y=\"&#x9;&#xA;&#xD;&lt;>&amp;&quot;'я\">\t\n&#xD;&lt;&gt;&amp;\"'я&lt;&amp;&gt;</x>",
			"<x ID=\"x\" y=\"&#x9;&#xA;&#xD;&lt;>&amp;&quot;'я\">\t\n&#xD;&lt;&gt;&amp;\"'я&lt;&amp;&gt;</x>", ""},
		{"quotes and ampersands in a namespace name",
			`<x ID="x" xmlns='urn:"&amp;&lt;'/>`,
			`<x xmlns="urn:&quot;&amp;&lt;" ID="x"></x>`,
			`<x xmlns="urn:&quot;&amp;&lt;" ID="x"></x>`, ""},
		{"comments are left out",
			`<x ID="x">a<!-- b -->c</x>`,
			`<x ID="x">ac</x>`,
			`<x ID="x">ac</x>`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.inclusive == "" {
				test.inclusive = test.inclusive11
			}
			x, ok := mustParse(t, test.document).ByID("x")
			if !ok {
				t.Fatal("no element x")
			}
			for algorithm, want := range map[Algorithm]string{
				Exclusive: test.exclusive, Inclusive10: test.inclusive, Inclusive11: test.inclusive11,
			} {
				got := string(x.AppendCanonical([]byte("kept "), Form{Algorithm: algorithm}))
				if diff := cmp.Diff("kept "+want, got); diff != "" {
					t.Errorf("algorithm %d (-want +got):\n%s", algorithm, diff)
				}
			}
		})
	}
}

func TestCanonicalWithComments(t *testing.T) {
	tree := mustParse(t, "<!--1-->\n<!--2--><a><!--3\r\n--><b>c<!--4--></b></a><!--5--> <!--6-->")
	tests := []struct {
		name, got, want string
	}{
		{"document", string(tree.AppendCanonicalDocument(nil, Form{Comments: true})),
			"<!--1-->\n<!--2-->\n<a><!--3\n--><b>c<!--4--></b></a>\n<!--5-->\n<!--6-->"},
		{"document without", string(tree.AppendCanonicalDocument(nil, Form{})), "<a><b>c</b></a>"},
		{"root", string(tree.Root().AppendCanonical(nil, Form{Comments: true})),
			"<a><!--3\n--><b>c<!--4--></b></a>"},
		{"element", string(child(t, tree.Root(), "b").AppendCanonical(nil, Form{Comments: true})),
			"<b>c<!--4--></b>"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s:\n got %q\nwant %q", test.name, test.got, test.want)
		}
	}
}

// TestPrefixList writes what is listed the inclusive way (Exclusive XML Canonicalization §3).
func TestPrefixList(t *testing.T) {
	const document = `<r xmlns="urn:r" xmlns:p="urn:p" xmlns:q="urn:q" xmlns:s="urn:s">` +
		`<p:x ID="x"><y xmlns:q="urn:q2"><q:z/></y><p:y xmlns=""><z/></p:y></p:x></r>`
	tests := []struct {
		name     string
		prefixes []string
		want     string
	}{
		{"none", nil, `<p:x xmlns:p="urn:p" ID="x"><y xmlns="urn:r"><q:z xmlns:q="urn:q2"></q:z></y>` +
			`<p:y><z></z></p:y></p:x>`},
		{"one that names use below", []string{"q"}, `<p:x xmlns:p="urn:p" xmlns:q="urn:q" ID="x">` +
			`<y xmlns="urn:r" xmlns:q="urn:q2"><q:z></q:z></y><p:y><z></z></p:y></p:x>`},
		{"one that no name uses", []string{"s"}, `<p:x xmlns:p="urn:p" xmlns:s="urn:s" ID="x">` +
			`<y xmlns="urn:r"><q:z xmlns:q="urn:q2"></q:z></y><p:y><z></z></p:y></p:x>`},
		{"the default", []string{"#default"}, `<p:x xmlns="urn:r" xmlns:p="urn:p" ID="x">` +
			`<y><q:z xmlns:q="urn:q2"></q:z></y><p:y xmlns=""><z></z></p:y></p:x>`},
		{"unknown, empty, reserved", []string{"unknown", "", "xml", "xmlns"}, `<p:x xmlns:p="urn:p" ID="x">` +
			`<y xmlns="urn:r"><q:z xmlns:q="urn:q2"></q:z></y><p:y><z></z></p:y></p:x>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x, _ := mustParse(t, document).ByID("x")
			got := string(x.AppendCanonical(nil, Form{Prefixes: test.prefixes}))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}

	// The inclusive forms know no list.
	x, _ := mustParse(t, document).ByID("x")
	want := string(x.AppendCanonical(nil, Form{Algorithm: Inclusive10}))
	if got := string(x.AppendCanonical(nil, Form{Algorithm: Inclusive10, Prefixes: []string{"q"}})); got != want {
		t.Errorf("Inclusive10 with a list: %s, want %s", got, want)
	}
}

// TestRemoveDots is the table of Canonical XML 1.1, appendix A.
func TestRemoveDots(t *testing.T) {
	tests := [][2]string{
		{"no/.././/pseudo-netpath/seg/file.ext", "pseudo-netpath/seg/file.ext"},
		{"no/..//.///pseudo-netpath/seg/file.ext", "pseudo-netpath/seg/file.ext"},
		{"yes/no//..//.///pseudo-netpath/seg/file.ext", "yes/pseudo-netpath/seg/file.ext"},
		{"no/../yes", "yes"}, {"no/../yes/", "yes/"}, {"no/../yes/no/..", "yes/"},
		{"../../no/../..", "../../../"}, {"no/../..", "../"}, {"no/..", ""}, {"no/../", ""},
		{"/a/b/c/./../../g", "/a/g"}, {"mid/content=5/../6", "mid/6"}, {"../../..", "../../../"},
		{"no/../../", "../"}, {"..yes/..no/..no/..no/../../../..yes", "..yes/..yes"},
		{"..yes/..no/..no/..no/../../../..yes/", "..yes/..yes/"}, {"../..", "../../"},
		{"../../../", "../../../"}, {".", ""}, {"./", ""}, {"./.", ""}, {"//no/..", "/"},
		{"../../no/..", "../../"}, {"../../no/../", "../../"}, {"yes/no/../", "yes/"},
		{"yes/no/no/../..", "yes/"}, {"yes/no/no/no/../../..", "yes/"},
		{"yes/no/../yes/no/no/../..", "yes/yes/"}, {"yes/no/no/no/../../../yes", "yes/yes"},
		{"yes/no/no/no/../../../yes/", "yes/yes/"}, {"/no/../", "/"}, {"/yes/no/../", "/yes/"},
		{"/yes/no/no/../..", "/yes/"}, {"/yes/no/no/no/../../..", "/yes/"}, {"../../..no/..", "../../"},
		{"../../..no/../", "../../"}, {"..yes/..no/../", "..yes/"}, {"..yes/..no/..no/../..", "..yes/"},
		{"..yes/...no/..no/..no/../../..", "..yes/"}, {"..yes/..no/../..yes/..no/..no/../..", "..yes/..yes/"},
		{"/..no/../", "/"}, {"/..yes/..no/../", "/..yes/"}, {"/..yes/..no/..no/../..", "/..yes/"},
		{"/..yes/..no/..no/..no/../../..", "/..yes/"}, {"/", "/"}, {"/.", "/"}, {"/./", "/"},
		{"/./.", "/"}, {"/././", "/"}, {"/..", "/"}, {"/../..", "/"}, {"/../../..", "/"}, {"//..", "/"},
		{"//..//..", "/"}, {"//..//..//..", "/"}, {"/./..", "/"}, {"/./.././..", "/"},
		{"/./.././.././..", "/"}, {"..", "../"}, {"../", "../"},
	}
	for _, test := range tests {
		if got := removeDots(test[0]); got != test[1] {
			t.Errorf("removeDots(%q) = %q, want %q", test[0], got, test[1])
		}
	}
}

// TestJoinReferences has the examples of Canonical XML 1.1 §2.4 and the normal ones of RFC 3986
// §5.4.1.
func TestJoinReferences(t *testing.T) {
	const base = "http://a/b/c/d;p?q"
	tests := []struct{ base, relative, want string }{
		{"abc/", "../", ""}, {"../", "../", "../../"}, {"..", "..", "../../"}, {"..", "x", "../x"},
		{"something/else", "bar/foo", "something/bar/foo"}, {"bar/", "foo", "bar/foo"},
		{"a/", "b#fragment", "a/b"}, {"a/#fragment", "b", "a/b"}, {"http://host", "a", "http://host/a"},
		{base, "g:h", "g:h"}, {base, "g", "http://a/b/c/g"}, {base, "./g", "http://a/b/c/g"},
		{base, "g/", "http://a/b/c/g/"}, {base, "/g", "http://a/g"}, {base, "//g", "http://g"},
		{base, "?y", "http://a/b/c/d;p?y"}, {base, "g?y", "http://a/b/c/g?y"}, {base, "", base},
		{base, ";x", "http://a/b/c/;x"}, {base, ".", "http://a/b/c/"}, {base, "..", "http://a/b/"},
		{base, "../g", "http://a/b/g"}, {base, "../..", "http://a/"}, {base, "../../../g", "http://a/g"},
	}
	for _, test := range tests {
		if got := joinReferences(test.base, test.relative); got != test.want {
			t.Errorf("joinReferences(%q, %q) = %q, want %q", test.base, test.relative, got, test.want)
		}
	}
}
