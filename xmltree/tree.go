package xmltree

import (
	"iter"
	"strings"
	"unsafe"
)

// NodeKind says what a Node is.
type NodeKind uint8

const (
	ElementNode NodeKind = iota + 1
	TextNode             // CDATA sections too, each a node of its own
	CommentNode
)

// node is an element, a run of character data or a comment. Node 0 is the document, which is no
// element's parent for the outside, so that 0 also says «none». Neither it nor attribute holds a
// pointer, so that the collector does not look into trees.
type node struct {
	text                span // local name of an element, content of the others
	parent, first, next int32
	name                int32 // binding of an element's prefix
	scope               int32 // namespace scope of an element
	attribute           int32 // first of an element's attributes
	start               int32 // in Tree.text: of an element's "<", of a run of character data
	end                 int32 // of an element's last attribute or else name, of character data
	attributes          uint16
	kind                NodeKind
	marks               marks
}

// marks are what else is known of a node.
type marks uint8

const (
	detached  marks = 1 << iota
	asWritten       // text[start:end] is what canonicalization writes
)

// attribute is one attribute that is no namespace declaration.
type attribute struct {
	local, value span
	name         int32 // binding of the prefix, 0 without one
}

// span is a piece of Tree.text, or of Tree.replaced where from is negative: ^from then.
type span struct{ from, size int32 }

// str is what a span stands for.
func (t *Tree) str(s span) string {
	if s.from >= 0 {
		return t.text[s.from : s.from+s.size]
	}
	made := t.replaced[^s.from:][:s.size]
	return unsafe.String(unsafe.SliceData(made), len(made)) // replaced only grows behind it
}

// The bindings, prefixes and URIs that every document has.
const (
	unbound   = 0 // binding of names without prefix where no default namespace is declared
	xmlBound  = 1 // binding of the prefix xml
	noPrefix  = 0
	xmlPrefix = 1
	noURI     = 0
	xmlURI    = 1
)

const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

// binding is one namespace declaration: a prefix stands for a URI, both by number.
type binding struct{ prefix, uri int32 }

// scope is the namespace declarations of one element, on top of those around it.
type scope struct {
	outer       int32
	first, last int32 // bindings[first:last]
}

// Tree is one parsed document. It keeps the input; it is read-only but for Detach.
type Tree struct {
	raw        []byte
	source     *source
	text       string // raw as UTF-8
	replaced   []byte // the values that differ from what is written
	nodes      []node
	attributes []attribute
	bindings   []binding
	scopes     []scope // scope 0 is that of the document: nothing but xml is declared
	prefixes   []string
	uris       []string
	rank       []int32          // order of the URIs, for sorting attributes by number
	ids        map[string]int32 // values of ID, Id, id and xml:id
	root       int32

	// few is where the short lists of most documents lie, so that they cost no allocation.
	few struct {
		bindings [12]binding
		scopes   [8]scope
		prefixes [8]string
		uris     [8]string
		rank     [8]int32
	}
}

// Root is the document's one root element.
func (t *Tree) Root() Element { return Element{t, t.root} }

// Raw is the input exactly as received.
func (t *Tree) Raw() []byte { return t.raw }

// ByID finds the element whose attribute ID, Id, id or xml:id has the value, white space around it
// aside, in detached subtrees too; Parse refused repeated values. An empty value identifies
// nothing.
func (t *Tree) ByID(value string) (Element, bool) {
	index, ok := t.ids[value]
	if !ok {
		return Element{}, false
	}
	return Element{t, index}, true
}

// Named are the first elements of that expanded name in document order, at most so many; detached
// ones too.
func (t *Tree) Named(space, local string, most int) []Element {
	var found []Element
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.kind != ElementNode || int(n.text.size) != len(local) || t.uriOf(n.name) != space || t.str(n.text) != local {
			continue
		}
		if len(found) == most {
			break
		}
		found = append(found, Element{t, int32(i)})
	}
	return found
}

// Detach takes e (not the root) out of the tree: no later traversal or canonical form of another
// element shows it. e itself can still be read and canonicalized in its namespace context.
func (t *Tree) Detach(e Element) {
	if e.tree != t || e.index == t.root {
		panic("xmltree: Detach of the root or of another tree's element")
	}
	t.nodes[e.index].marks |= detached
}

// visible is the node at i or the first after it among its siblings that is not detached, 0 if
// none.
func (t *Tree) visible(i int32) int32 {
	for i != 0 && t.nodes[i].marks&detached != 0 {
		i = t.nodes[i].next
	}
	return i
}

// uriOf is the namespace URI of a binding.
func (t *Tree) uriOf(name int32) string { return t.uris[t.bindings[name].uri] }

// prefixOf is the prefix of a binding.
func (t *Tree) prefixOf(name int32) string { return t.prefixes[t.bindings[name].prefix] }

// Element is a handle to an element of a Tree; the zero value is no element.
type Element struct {
	tree  *Tree
	index int32
}

func (e Element) node() *node { return &e.tree.nodes[e.index] }

// Tree is the document of e.
func (e Element) Tree() *Tree { return e.tree }

// IsZero says that e is no element.
func (e Element) IsZero() bool { return e.tree == nil }

// Local is the name without prefix.
func (e Element) Local() string { return e.tree.str(e.node().text) }

// Space is the namespace URI, empty for none.
func (e Element) Space() string { return e.tree.uriOf(e.node().name) }

// Prefix is the prefix as written, empty for none.
func (e Element) Prefix() string { return e.tree.prefixOf(e.node().name) }

// Is says whether e has that expanded name.
func (e Element) Is(space, local string) bool { return e.Local() == local && e.Space() == space }

// attributes are e's attributes in the arena.
func (e Element) attributes() []attribute {
	n := e.node()
	return e.tree.attributes[n.attribute:][:n.attributes]
}

// Attr is the normalized value of the attribute with that expanded name.
func (e Element) Attr(space, local string) (value string, ok bool) {
	for _, a := range e.attributes() {
		if e.tree.str(a.local) == local && e.tree.uriOf(a.name) == space {
			return e.tree.str(a.value), true
		}
	}
	return "", false
}

// Attr is one attribute; Space is empty without prefix.
type Attr struct{ Space, Local, Value string }

// Attrs are the attributes in document order, namespace declarations left out.
func (e Element) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		for _, a := range e.attributes() {
			if !yield(Attr{e.tree.uriOf(a.name), e.tree.str(a.local), e.tree.str(a.value)}) {
				return
			}
		}
	}
}

// Children are the child elements in document order.
func (e Element) Children() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		t := e.tree
		for i := t.visible(e.node().first); i != 0; i = t.visible(t.nodes[i].next) {
			if t.nodes[i].kind == ElementNode && !yield(Element{t, i}) {
				return
			}
		}
	}
}

// Node is a child of an element.
type Node struct {
	Kind    NodeKind
	Element Element // of an ElementNode
	Text    string  // of the others
}

// Nodes are all children in document order: elements, character data, comments.
func (e Element) Nodes() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		t := e.tree
		for i := t.visible(e.node().first); i != 0; i = t.visible(t.nodes[i].next) {
			n := Node{Kind: t.nodes[i].kind}
			if n.Kind == ElementNode {
				n.Element = Element{t, i}
			} else {
				n.Text = t.str(t.nodes[i].text)
			}
			if !yield(n) {
				return
			}
		}
	}
}

// Text is the character data of e's own children, joined over comments; elements below add nothing.
func (e Element) Text() string {
	t := e.tree
	only, several := "", strings.Builder{}
	for i := e.node().first; i != 0; i = t.nodes[i].next {
		switch n := &t.nodes[i]; {
		case n.kind != TextNode:
		case only == "":
			only = t.str(n.text) // the usual case: one run, a part of the input
		default:
			if several.Len() == 0 {
				several.WriteString(only)
			}
			several.WriteString(t.str(n.text))
		}
	}
	if several.Len() > 0 {
		return several.String()
	}
	return only
}

// Parent is zero for the root.
func (e Element) Parent() Element {
	parent := e.node().parent
	if parent == 0 {
		return Element{}
	}
	return Element{e.tree, parent}
}

// Offset is the byte of the element's start tag in the input as received.
func (e Element) Offset() int { return e.tree.source.offset(int(e.node().start)) }

// Namespace looks a prefix up in e's scope ("" is the default namespace).
func (e Element) Namespace(prefix string) (uri string, ok bool) {
	t := e.tree
	if prefix == "xml" {
		return xmlNamespace, true
	}
	for s := e.node().scope; s != 0; s = t.scopes[s].outer {
		for _, b := range t.bindings[t.scopes[s].first:t.scopes[s].last] {
			if t.prefixes[b.prefix] == prefix {
				return t.uris[b.uri], b.uri != noURI // xmlns="" takes the default namespace away
			}
		}
	}
	return "", false
}
