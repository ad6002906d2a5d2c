package xmltree

import (
	"slices"
	"strings"
)

// Algorithm is a way to write a subtree canonically.
type Algorithm uint8

const (
	Exclusive   Algorithm = iota // Exclusive XML Canonicalization 1.0
	Inclusive10                  // Canonical XML 1.0
	Inclusive11                  // Canonical XML 1.1
)

// Form is a canonical form.
type Form struct {
	Algorithm Algorithm
	Comments  bool
	Prefixes  []string // Exclusive only: InclusiveNamespaces PrefixList, "#default" for no prefix
}

// AppendCanonical appends the canonical form of the subtree at e, detached subtrees left out.
func (e Element) AppendCanonical(dst []byte, f Form) []byte {
	c := newCanonicalizer(e.tree, dst, f)
	c.subtree(e.index)
	return c.dst
}

// AppendCanonicalDocument appends the canonical form of the whole document: the root and, in a form
// with comments, the comments around it, each on a line of its own (Canonical XML §2.3).
func (t *Tree) AppendCanonicalDocument(dst []byte, f Form) []byte {
	c := newCanonicalizer(t, dst, f)
	for i := t.nodes[0].first; i != 0; i = t.nodes[i].next {
		switch {
		case i == t.root:
			c.subtree(i)
		case f.Comments && i < t.root:
			c.comment(t.nodes[i].text)
			c.dst = append(c.dst, '\n')
		case f.Comments:
			c.dst = append(c.dst, '\n')
			c.comment(t.nodes[i].text)
		}
	}
	return c.dst
}

// canonicalizer writes one subtree. What the open elements have declared is kept by number of the
// prefix, and what an element changes is taken back at its end, so that an element costs what it
// declares and uses, however much is in force around it.
type canonicalizer struct {
	tree      *Tree
	dst       []byte
	algorithm Algorithm
	comments  bool
	written   []int32 // by prefix: the URI that the output declares at this place
	listed    []bool  // by prefix: declarations are written where they stand, used or not
	undo      []undo
	declares  []int32      // scratch: prefixes that the element at hand has to declare
	order     []*attribute // scratch: its attributes sorted

	writtenFew [16]int32
	listedFew  [16]bool
	undoFew    [16]undo
	declareFew [16]int32
	orderFew   [16]*attribute
}

// undo is what to put back into written when the element ends.
type undo struct{ element, prefix, former int32 }

func newCanonicalizer(t *Tree, dst []byte, f Form) *canonicalizer {
	c := &canonicalizer{tree: t, dst: dst, comments: f.Comments, algorithm: f.Algorithm}
	c.written = append(c.writtenFew[:0], make([]int32, len(t.prefixes))...)
	c.listed = append(c.listedFew[:0], make([]bool, len(t.prefixes))...)
	c.undo, c.declares, c.order = c.undoFew[:0], c.declareFew[:0], c.orderFew[:0]
	for i, prefix := range t.prefixes {
		c.listed[i] = f.Algorithm != Exclusive || slices.Contains(f.Prefixes, prefix) && prefix != "" ||
			prefix == "" && slices.Contains(f.Prefixes, "#default")
	}
	c.listed[xmlPrefix] = false   // Canonical XML §2.3: the declaration of xml is never written
	c.written[xmlPrefix] = xmlURI // which is as if it had been
	return c
}

// subtree writes the element at index apex and what is below it, without recursion.
func (c *canonicalizer) subtree(apex int32) {
	t := c.tree
	if apex == t.root {
		c.dst = slices.Grow(c.dst, len(t.raw)) // about as long as the input
	}
	for i := apex; ; {
		n := &t.nodes[i]
		switch n.kind {
		case ElementNode:
			c.start(i, i == apex)
			if child := t.visible(n.first); child != 0 {
				i = child
				continue
			}
			c.end(i)
		case TextNode:
			c.dst = appendEscaped(c.dst, n.text, escapedInText)
		case CommentNode:
			if c.comments {
				c.comment(n.text)
			}
		}
		for {
			if i == apex {
				return
			}
			if next := t.visible(t.nodes[i].next); next != 0 {
				i = next
				break
			}
			i = t.nodes[i].parent
			c.end(i)
		}
	}
}

// start writes a start tag. Prefixes are declared where the output needs them: exclusive form,
// where a name uses them (Exclusive XML Canonicalization §3); inclusive form and listed prefixes,
// where the input declares them; both only if the output around does not say the same already.
func (c *canonicalizer) start(index int32, apex bool) {
	t := c.tree
	n := &t.nodes[index]
	c.dst = append(c.dst, '<')
	c.dst = c.appendName(c.dst, n.name, n.text)
	c.declares = c.declares[:0]
	attributes := t.attributes[n.attribute:][:n.attributes]
	if apex {
		attributes = c.apexAttributes(index)
	}
	c.declare(index, t.bindings[n.name])
	for i := range attributes {
		if attributes[i].name != unbound {
			c.declare(index, t.bindings[attributes[i].name])
		}
	}
	if apex {
		c.declareInherited(index)
	} else if n.scope != t.nodes[n.parent].scope {
		for _, b := range t.bindings[t.scopes[n.scope].first:t.scopes[n.scope].last] {
			if c.listed[b.prefix] {
				c.declare(index, b)
			}
		}
	}
	if len(c.declares) > 1 {
		slices.SortFunc(c.declares, func(a, b int32) int {
			return strings.Compare(t.prefixes[a], t.prefixes[b])
		})
	}
	for _, prefix := range c.declares {
		c.dst = append(c.dst, " xmlns"...)
		if prefix != noPrefix {
			c.dst = append(append(c.dst, ':'), t.prefixes[prefix]...)
		}
		c.value(t.uris[c.written[prefix]])
	}
	c.attributes(attributes)
	c.dst = append(c.dst, '>')
}

// end writes an end tag and forgets what the element declared.
func (c *canonicalizer) end(index int32) {
	n := &c.tree.nodes[index]
	c.dst = append(c.dst, '<', '/')
	c.dst = c.appendName(c.dst, n.name, n.text)
	c.dst = append(c.dst, '>')
	for len(c.undo) > 0 {
		last := c.undo[len(c.undo)-1]
		if last.element != index {
			return
		}
		c.written[last.prefix] = last.former
		c.undo = c.undo[:len(c.undo)-1]
	}
}

// declare has the element declare b unless the output around it does. For the default namespace
// that gives xmlns="" exactly where an element without namespace stands in one that was written.
func (c *canonicalizer) declare(index int32, b binding) {
	if former := c.written[b.prefix]; former != b.uri {
		c.undo = append(c.undo, undo{index, b.prefix, former})
		c.written[b.prefix] = b.uri
		c.declares = append(c.declares, b.prefix)
	}
}

// declareInherited has the apex declare what is in force there and listed.
func (c *canonicalizer) declareInherited(index int32) {
	t := c.tree
	if !slices.Contains(c.listed, true) {
		return
	}
	seen := make([]bool, len(t.prefixes))
	for s := t.nodes[index].scope; s != 0; s = t.scopes[s].outer {
		for _, b := range t.bindings[t.scopes[s].first:t.scopes[s].last] {
			if c.listed[b.prefix] && !seen[b.prefix] {
				seen[b.prefix] = true
				c.declare(index, b)
			}
		}
	}
}

// attributes writes attributes in the order of namespace URI and local name (Canonical XML §2.2).
func (c *canonicalizer) attributes(attributes []attribute) {
	t := c.tree
	c.order = c.order[:0]
	for i := range attributes {
		c.order = append(c.order, &attributes[i])
	}
	if len(c.order) > 1 {
		slices.SortFunc(c.order, func(a, b *attribute) int {
			if x, y := t.rank[t.bindings[a.name].uri], t.rank[t.bindings[b.name].uri]; x != y {
				return int(x - y)
			}
			return strings.Compare(a.local, b.local)
		})
	}
	for _, a := range c.order {
		c.dst = append(c.dst, ' ')
		c.dst = c.appendName(c.dst, a.name, a.local)
		c.value(a.value)
	}
}

// value writes ="value".
func (c *canonicalizer) value(s string) {
	c.dst = append(c.dst, '=', '"')
	c.dst = appendEscaped(c.dst, s, escapedInValue)
	c.dst = append(c.dst, '"')
}

// comment writes a comment; its CR was not there before normalization, so nothing is escaped.
func (c *canonicalizer) comment(s string) {
	c.dst = append(c.dst, "<!--"...)
	c.dst = append(c.dst, s...)
	c.dst = append(c.dst, "-->"...)
}

func (c *canonicalizer) appendName(dst []byte, name int32, local string) []byte {
	if prefix := c.tree.bindings[name].prefix; prefix != noPrefix {
		dst = append(append(dst, c.tree.prefixes[prefix]...), ':')
	}
	return append(dst, local...)
}

// Canonical XML §2.3 writes these characters as references, in text and in values.
const (
	escapedInText  = ampersand | lessThan | moreThan | return_
	escapedInValue = ampersand | lessThan | quoteMark | return_ | blank
)

// escapes are the references by byte.
var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;",
	'\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}

// appendEscaped appends s in pieces: what needs no escape goes in one copy.
func appendEscaped(dst []byte, s string, escaped uint16) []byte {
	done := 0
	for i := range len(s) {
		if byteClass[s[i]]&escaped != 0 {
			dst = append(append(dst, s[done:i]...), escapes[s[i]]...)
			done = i + 1
		}
	}
	return append(dst, s[done:]...)
}
