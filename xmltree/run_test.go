package xmltree

import (
	"bytes"
	"errors"
	"testing"
)

var everyForm = []Form{
	{}, {Comments: true}, {Prefixes: []string{"p", "#default"}},
	{Algorithm: Inclusive10}, {Algorithm: Inclusive10, Comments: true},
	{Algorithm: Inclusive11}, {Algorithm: Inclusive11, Comments: true},
}

// descendants are e and all elements below it.
func descendants(e Element) []Element {
	list := []Element{e}
	for child := range e.Children() {
		list = append(list, descendants(child)...)
	}
	return list
}

// What is nearly written as canonicalization writes it is not copied.
func TestWrittenOtherwise(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"as written", `<a><b c="1" d="2">x &amp; &lt; &gt; &#xD; "'</b></a>`, ``},
		{"two spaces", `<a><b  c="1"></b></a>`, `<a><b c="1"></b></a>`},
		{"a line break between attributes", "<a><b c=\"1\"\nd=\"2\"></b></a>", `<a><b c="1" d="2"></b></a>`},
		{"space before the end", `<a><b c="1" ></b></a>`, `<a><b c="1"></b></a>`},
		{"space in the end tag", `<a><b></b ></a>`, `<a><b></b></a>`},
		{"space around the equals sign", `<a><b c ="1" d= "2"></b></a>`, `<a><b c="1" d="2"></b></a>`},
		{"single quotes", `<a><b c='1'></b></a>`, `<a><b c="1"></b></a>`},
		{"another order", `<a><b d="2" c="1"></b></a>`, `<a><b c="1" d="2"></b></a>`},
		{"a prefixed name before others", `<a xmlns:p="urn:p"><b p:d="2" c="1"></b></a>`,
			`<a><b xmlns:p="urn:p" c="1" p:d="2"></b></a>`},
		{"two prefixed names", `<p:a xmlns:p="urn:p"><b p:d="2" p:c="1"></b></p:a>`,
			`<p:a xmlns:p="urn:p"><b p:c="1" p:d="2"></b></p:a>`},
		{"an empty element", `<a><b c="1"/><b/></a>`, `<a><b c="1"></b><b></b></a>`},
		{"a superfluous declaration", `<a xmlns="urn:a"><b xmlns="urn:a"></b></a>`, `<a xmlns="urn:a"><b></b></a>`},
		{"other references", `<a>&quot;&apos;&#38;&#xd;&#9;</a>`, "<a>\"'&amp;&#xD;\t</a>"},
		{"a bare >", `<a>></a>`, `<a>&gt;</a>`},
		{"a bare > after a reference", `<a>&amp;></a>`, `<a>&amp;&gt;</a>`},
		{"a line end of two characters", "<a>x\r\ny</a>", "<a>x\ny</a>"},
		{"references in values", `<a><b c="&#x9;&quot;&gt;>"></b></a>`, `<a><b c="&#x9;&quot;>>"></b></a>`},
		{"a CDATA section", `<a>x<![CDATA[<]]>y</a>`, `<a>x&lt;y</a>`},
		{"a comment", `<a>x<!--c-->y</a>`, `<a>xy</a>`},
		{"a comment before an end tag", `<a><b>x<!--c--></b></a>`, `<a><b>x</b></a>`},
	} {
		tree, err := Parse([]byte(test.document), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		want := test.want
		if want == "" {
			want = test.document
		}
		if got := tree.Root().AppendCanonical(nil, Form{}); string(got) != want {
			t.Errorf("%s: got %s, want %s", test.name, got, want)
		}
	}
}

// A detached element leaves the octets of a document in which it never was.
func TestDetachedIsAbsent(t *testing.T) {
	const before, inner, after = `<a><b c="1">x</b>`, `<s>y<s/></s>`, `z<b>&lt;</b></a>`
	tree, err := Parse([]byte(before+inner+after), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for child := range tree.Root().Children() {
		if child.Local() == "s" {
			tree.Detach(child)
		}
	}
	var written bytes.Buffer
	if err := tree.Root().WriteCanonical(&written, Form{}); err != nil {
		t.Fatal(err)
	}
	if written.String() != before+after {
		t.Errorf("got %s", written.String())
	}
}

// WriteCanonical writes what AppendCanonical appends, of every subtree and in every form.
func TestWriteCanonical(t *testing.T) {
	a := author{Rand: newRandom(t)}
	documents := []string{string(waybill(20 << 10))}
	for range *countFlag {
		documents = append(documents, a.document())
	}
	for _, document := range documents {
		tree, err := Parse([]byte(document), Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		elements := descendants(tree.Root())
		for i, e := range elements[:min(len(elements), 50)] {
			for _, form := range everyForm {
				var written bytes.Buffer
				if err := e.WriteCanonical(&written, form); err != nil {
					t.Fatal(err)
				}
				if appended := e.AppendCanonical(nil, form); !bytes.Equal(written.Bytes(), appended) {
					t.Fatalf("%+v of %s in %s\nwritten  %q\nappended %q", form, e.Path(), document, written.Bytes(), appended)
				}
			}
			if i > 0 && a.IntN(4) == 0 {
				tree.Detach(e)
			}
		}
	}
}

type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(octets []byte) (int, error) {
	if len(octets) > f.room {
		return 0, errFull
	}
	f.room -= len(octets)
	return len(octets), nil
}

// A writer's error is returned, and nothing is written after it.
func TestWriteCanonicalFails(t *testing.T) {
	tree, err := Parse(waybill(20<<10), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Root().WriteCanonical(&full{room: 5000}, Form{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
