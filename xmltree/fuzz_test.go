package xmltree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkTree shows what holds for every tree: each canonical form can be read, is its own canonical
// form, and shows the same document.
func checkTree(t *testing.T, tree *Tree) {
	t.Helper()
	for _, algorithm := range []Algorithm{Exclusive, Inclusive10, Inclusive11} {
		form := Form{Algorithm: algorithm, Comments: true}
		once := tree.AppendCanonicalDocument(nil, form)
		again, err := Parse(once, Limits{Bytes: 64 << 20, AttributeValue: 1 << 20, Text: 64 << 20})
		if err != nil {
			t.Fatalf("canonical form %d is not read: %v\n%.500q", algorithm, err, once)
		}
		if twice := again.AppendCanonicalDocument(nil, form); !bytes.Equal(once, twice) {
			t.Fatalf("canonical form %d is not its own:\n%.500q\n%.500q", algorithm, once, twice)
		}
		sameElements(t, tree.Root(), again.Root())
	}
}

// sameElements compares what the accessors say of two subtrees.
func sameElements(t *testing.T, a, b Element) {
	t.Helper()
	if !a.Is(b.Space(), b.Local()) || a.Prefix() != b.Prefix() || a.Text() != b.Text() || a.Path() != b.Path() {
		t.Fatalf("%s {%s}%s %q became %s {%s}%s %q",
			a.Path(), a.Space(), a.Local(), a.Text(), b.Path(), b.Space(), b.Local(), b.Text())
	}
	count := 0
	for attr := range a.Attrs() {
		count++
		if value, ok := b.Attr(attr.Space, attr.Local); !ok || value != attr.Value {
			t.Fatalf("%s: attribute {%s}%s was %q, became %q", a.Path(), attr.Space, attr.Local, attr.Value, value)
		}
	}
	for range b.Attrs() {
		count--
	}
	var children []Element
	for c := range b.Children() {
		children = append(children, c)
	}
	for c := range a.Children() {
		if len(children) == 0 {
			t.Fatalf("%s was lost", c.Path())
		}
		sameElements(t, c, children[0])
		children = children[1:]
	}
	if len(children) > 0 || count != 0 {
		t.Fatalf("%s has gained children or attributes", a.Path())
	}
}

// FuzzParse: no input makes the parser panic; a refusal has a reason of the list and a place within
// the input; what is read has canonical forms that say the same, and the standard library, which is
// laxer, reads it too.
func FuzzParse(f *testing.F) {
	for _, test := range refusals {
		document, _ := cut(test.document)
		f.Add([]byte(document))
	}
	for _, test := range accepted {
		f.Add([]byte(test.document))
	}
	f.Add(waybill(1 << 10))
	f.Add([]byte("\xff\xfe<\x00a\x00/\x00>\x00"))
	f.Add([]byte("<?xml version='1.0' encoding='windows-1251'?><a b='\xcf'>\xd0\x90\xd0\x91</a>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := Parse(raw, Limits{})
		if err != nil {
			var refused *SyntaxError
			if !errors.As(err, &refused) {
				t.Fatalf("%T", err)
			}
			if refused.Offset < 0 || refused.Offset > len(raw) || !utf8.ValidString(refused.Detail) {
				t.Fatalf("%q of %d bytes", refused, len(raw))
			}
			return
		}
		checkTree(t, tree)
		decoder := xml.NewDecoder(bytes.NewReader(tree.Root().AppendCanonical(nil, Form{Algorithm: Inclusive10})))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil && strings.Contains(err.Error(), "invalid XML name") {
				return // the standard library has the tables of the 4th edition
			}
			if err != nil {
				t.Fatalf("encoding/xml does not read %.500q: %v", raw, err)
			}
		}
	})
}
