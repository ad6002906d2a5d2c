package xmltree

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const placement = `<Placement xmlns="urn:asugate:1" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="d1">
  <Wagon number="63498000" ds:mark="1" xml:id="w1"/><!-- first --><Wagon number="63498018"/>
  <Text>за&amp;груз<!-- cut -->жено <b>не</b><![CDATA[<верно>]]></Text>
  <ds:Signature Id="s1"><ds:Object Id="o1"/></ds:Signature>
  <plain xmlns=""><Wagon/></plain>
</Placement>`

// child is the first child element of that local name.
func child(t testing.TB, e Element, local string) Element {
	t.Helper()
	for c := range e.Children() {
		if c.Local() == local {
			return c
		}
	}
	t.Fatalf("%s has no child %s", e.Path(), local)
	return Element{}
}

func TestNames(t *testing.T) {
	root := mustParse(t, placement).Root()
	type name struct{ prefix, space, local string }
	var got []name
	for e := range root.Children() {
		got = append(got, name{e.Prefix(), e.Space(), e.Local()})
		if !e.Is(e.Space(), e.Local()) || e.Is("urn:other", e.Local()) || e.Is(e.Space(), "other") {
			t.Errorf("Is of %s does not compare both parts", e.Path())
		}
	}
	want := []name{
		{"", "urn:asugate:1", "Wagon"}, {"", "urn:asugate:1", "Wagon"}, {"", "urn:asugate:1", "Text"},
		{"ds", "http://www.w3.org/2000/09/xmldsig#", "Signature"}, {"", "", "plain"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(name{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAttributes(t *testing.T) {
	wagon := child(t, mustParse(t, placement).Root(), "Wagon")
	var got []Attr
	for a := range wagon.Attrs() {
		got = append(got, a)
	}
	want := []Attr{
		{"", "number", "63498000"},
		{"http://www.w3.org/2000/09/xmldsig#", "mark", "1"},
		{"http://www.w3.org/XML/1998/namespace", "id", "w1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Attrs (-want +got):\n%s", diff)
	}
	for _, a := range want {
		if value, ok := wagon.Attr(a.Space, a.Local); !ok || value != a.Value {
			t.Errorf("Attr(%q, %q) = %q, %v", a.Space, a.Local, value, ok)
		}
	}
	// The default namespace is not that of attributes, nor is a prefix left out.
	for _, space := range []string{"", "urn:asugate:1"} {
		if _, ok := wagon.Attr(space, "mark"); ok {
			t.Errorf("Attr(%q, mark) found the attribute of another namespace", space)
		}
	}
}

func TestText(t *testing.T) {
	root := mustParse(t, placement).Root()
	text := child(t, root, "Text")
	if got, want := text.Text(), "за&грузжено <верно>"; got != want {
		t.Errorf("Text() = %q, want %q", got, want)
	}
	if got := child(t, text, "b").Text(); got != "не" {
		t.Errorf("Text() of one run = %q", got)
	}
	if got := child(t, root, "Wagon").Text(); got != "" {
		t.Errorf("Text() of an empty element = %q", got)
	}
}

func TestNodes(t *testing.T) {
	var got []string
	for n := range child(t, mustParse(t, placement).Root(), "Text").Nodes() {
		switch n.Kind {
		case ElementNode:
			got = append(got, "<"+n.Element.Local()+">")
		case TextNode:
			got = append(got, n.Text)
		case CommentNode:
			got = append(got, "<!--"+n.Text+"-->")
		}
	}
	want := []string{"за&груз", "<!-- cut -->", "жено ", "<b>", "<верно>"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestIterationsEndEarly leaves each kind of loop after its first turn.
func TestIterationsEndEarly(t *testing.T) {
	root := mustParse(t, "<a b='' c=''><d/><e/></a>").Root()
	turns := 0
	for range root.Attrs() {
		turns++
		break
	}
	for range root.Children() {
		turns++
		break
	}
	for range root.Nodes() {
		turns++
		break
	}
	if turns != 3 {
		t.Errorf("%d turns, want 3", turns)
	}
}

func TestPath(t *testing.T) {
	tree := mustParse(t, placement)
	root := tree.Root()
	var got []string
	var walk func(Element)
	walk = func(e Element) {
		got = append(got, e.Path())
		for c := range e.Children() {
			walk(c)
		}
	}
	walk(root)
	want := []string{
		"/Placement", "/Placement/Wagon[1]", "/Placement/Wagon[2]", "/Placement/Text", "/Placement/Text/b",
		"/Placement/Signature", "/Placement/Signature/Object", "/Placement/plain", "/Placement/plain/Wagon",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// A path names the place in the document as received, whatever was taken out since.
	first := child(t, root, "Wagon")
	tree.Detach(first)
	if got := child(t, root, "Wagon").Path(); got != "/Placement/Wagon[2]" {
		t.Errorf("path beside a detached sibling: %s", got)
	}
	if got := first.Path(); got != "/Placement/Wagon[1]" {
		t.Errorf("path of a detached element: %s", got)
	}
}

func TestParentAndOffset(t *testing.T) {
	tree := mustParse(t, placement)
	if !tree.Root().Parent().IsZero() {
		t.Error("the root has a parent")
	}
	object, _ := tree.ByID("o1")
	if got := object.Parent(); got.Local() != "Signature" || got.Parent() != tree.Root() {
		t.Errorf("parent of %s: %s", object.Path(), got.Path())
	}
	if got, want := object.Offset(), strings.Index(placement, "<ds:Object"); got != want {
		t.Errorf("offset %d, want %d", got, want)
	}
}

func TestByID(t *testing.T) {
	tree := mustParse(t, placement)
	for value, want := range map[string]string{"d1": "Placement", "w1": "Wagon", "s1": "Signature", "o1": "Object"} {
		if got, ok := tree.ByID(value); !ok || got.Local() != want {
			t.Errorf("ByID(%q) = %v, %v, want %s", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "D1", "63498000", "#d1"} {
		if got, ok := tree.ByID(value); ok {
			t.Errorf("ByID(%q) found %s", value, got.Path())
		}
	}
	if _, ok := mustParse(t, "<a ID=''/>").ByID(""); ok {
		t.Error("an empty value identifies an element")
	}
}

func TestNamespace(t *testing.T) {
	root := mustParse(t, placement).Root()
	tests := []struct {
		element, prefix, uri string
		ok                   bool
	}{
		{"Wagon", "", "urn:asugate:1", true},
		{"Wagon", "ds", "http://www.w3.org/2000/09/xmldsig#", true},
		{"Wagon", "xml", "http://www.w3.org/XML/1998/namespace", true},
		{"Wagon", "xsi", "", false},
		{"plain", "", "", false}, // xmlns="" took it away
		{"plain", "ds", "http://www.w3.org/2000/09/xmldsig#", true},
	}
	for _, test := range tests {
		uri, ok := child(t, root, test.element).Namespace(test.prefix)
		if uri != test.uri || ok != test.ok {
			t.Errorf("%s: Namespace(%q) = %q, %v", test.element, test.prefix, uri, ok)
		}
	}
}

func TestDetach(t *testing.T) {
	tree := mustParse(t, placement)
	root := tree.Root()
	signature := child(t, root, "Signature")
	before := string(signature.AppendCanonical(nil, Form{}))
	tree.Detach(signature)

	for e := range root.Children() {
		if e.Local() == "Signature" {
			t.Error("Children shows the detached element")
		}
	}
	for n := range root.Nodes() {
		if n.Kind == ElementNode && n.Element.Local() == "Signature" {
			t.Error("Nodes shows the detached element")
		}
	}
	if got := string(root.AppendCanonical(nil, Form{})); strings.Contains(got, "Signature") {
		t.Errorf("the canonical form shows the detached element:\n%s", got)
	}
	if got := canonical(tree); strings.Contains(got, "Signature") {
		t.Errorf("the canonical form of the document shows the detached element:\n%s", got)
	}
	if got := string(signature.AppendCanonical(nil, Form{})); got != before {
		t.Errorf("the detached element is %s, was %s", got, before)
	}
	if signature.Space() != "http://www.w3.org/2000/09/xmldsig#" || signature.Parent() != root {
		t.Error("the detached element has lost its context")
	}

	// First, last, all: the links around a detached child hold.
	tree = mustParse(t, "<a><b/>1<c/>2<d/></a>")
	for _, local := range []string{"b", "d", "c"} {
		tree.Detach(child(t, tree.Root(), local))
	}
	if got := canonical(tree); got != "<a>12</a>" {
		t.Errorf("with all elements detached: %s", got)
	}
}

func TestDetachOfTheRootPanics(t *testing.T) {
	for name, detach := range map[string]func(*Tree){
		"root":         func(tree *Tree) { tree.Detach(tree.Root()) },
		"another tree": func(tree *Tree) { tree.Detach(child(t, mustParse(t, "<a><b/></a>").Root(), "b")) },
		"no element":   func(tree *Tree) { tree.Detach(Element{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Detach of %s does not panic", name)
				}
			}()
			detach(mustParse(t, "<a><b/></a>"))
		}()
	}
}

// TestTreeSharesTheInput shows that a tree costs no second copy of the document.
func TestTreeSharesTheInput(t *testing.T) {
	raw := []byte("<a><b>" + strings.Repeat("x", 1<<20) + "</b></a>")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Parse(raw, Limits{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 64<<10 {
		t.Errorf("parsing 1 MiB of text allocates %d bytes", allocated)
	}
}

// TestAllocations holds the number of allocations, whatever the length of the document.
func TestAllocations(t *testing.T) {
	const most = 10
	for _, size := range sizes {
		raw := waybill(size)
		got := testing.AllocsPerRun(20, func() {
			if _, err := Parse(raw, Limits{}); err != nil {
				t.Fatal(err)
			}
		})
		if got > most {
			t.Errorf("Parse of %d bytes: %v allocations, want at most %d", len(raw), got, most)
		}
	}
	tree := mustParse(t, string(waybill(10<<10)))
	out := make([]byte, 0, 64<<10)
	// Under the race detector a pool forgets now and then what was put into it.
	if got := testing.AllocsPerRun(20, func() { out = tree.Root().AppendCanonical(out[:0], Form{}) }); got > 4 {
		t.Errorf("AppendCanonical: %v allocations, want at most 4", got)
	}
}

// Named finds elements wherever they stand, also those that have been detached.
func TestNamed(t *testing.T) {
	tree := mustParse(t, `<a xmlns="urn:a" xmlns:p="urn:p"><p:s ID="1"><s ID="2"/></p:s><s xmlns="urn:p" ID="3"/><p:ss/></a>`)
	ids := func(found []Element) string {
		text := ""
		for _, e := range found {
			id, _ := e.Attr("", "ID")
			text += id
		}
		return text
	}
	first, _ := tree.ByID("1")
	tree.Detach(first)
	for most, want := range map[int]string{0: "", 1: "1", 2: "13", 3: "13"} {
		if got := ids(tree.Named("urn:p", "s", most)); got != want {
			t.Errorf("at most %d: got %q, want %q", most, got, want)
		}
	}
	if got := ids(tree.Named("urn:a", "s", 9)); got != "2" {
		t.Errorf("got %q", got)
	}
	if tree.Root().Tree() != tree {
		t.Error("the root is of another tree")
	}
}
