package xmltree

import (
	"io"
	"slices"
	"strings"
	"sync"
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
	c := idle.Get().(*canonicalizer)
	c.begin(e.tree, f)
	room := c.dst
	c.dst = dst
	if e.index == e.tree.root {
		c.dst = slices.Grow(c.dst, len(e.tree.text)) // about as long as the input
	}
	c.subtree(e.index)
	c.flush()
	dst, c.dst = c.dst, room
	c.rest()
	return dst
}

// WriteCanonical writes what AppendCanonical appends, most of it straight from the input: to a
// digest, which neither keeps nor changes what it is given. It returns w's first error.
func (e Element) WriteCanonical(w io.Writer, f Form) error {
	c := idle.Get().(*canonicalizer)
	c.begin(e.tree, f)
	c.sink = w
	c.subtree(e.index)
	c.flush()
	c.drain()
	err := c.err
	c.rest()
	return err
}

// AppendCanonicalDocument appends the canonical form of the whole document: the root and, in a form
// with comments, the comments around it, each on a line of its own (Canonical XML §2.3).
func (t *Tree) AppendCanonicalDocument(dst []byte, f Form) []byte {
	c := idle.Get().(*canonicalizer)
	c.begin(t, f)
	room := c.dst
	c.dst = dst
	for i := t.nodes[0].first; i != 0; i = t.nodes[i].next {
		switch {
		case i == t.root:
			c.subtree(i)
		case f.Comments && i < t.root:
			c.comment(t.str(t.nodes[i].text))
			c.write("\n")
		case f.Comments:
			c.write("\n")
			c.comment(t.str(t.nodes[i].text))
		}
	}
	c.flush()
	dst, c.dst = c.dst, room
	c.rest()
	return dst
}

// canonicalizer writes one subtree. What the open elements have declared is kept by number of the
// prefix, and what an element changes is taken back at its end, so that an element costs what it
// declares and uses, however much is in force around it.
//
// Most of a document is written canonically already. Such pieces are not written one by one: as
// long as one follows the other in the input, they are one run, which is copied as a whole.
type canonicalizer struct {
	tree      *Tree
	dst       []byte    // empty at the beginning, with the room that it had the last time
	sink      io.Writer // nil: all stays in dst
	err       error     // of sink, the first
	algorithm Algorithm
	comments  bool
	from, to  int32   // the run: text[from:to] is still to be written; to is 0 when there is none
	written   []int32 // by prefix: the URI that the output declares at this place
	listed    []bool  // by prefix: declarations are written where they stand, used or not
	undo      []undo
	declares  []int32 // scratch: prefixes that the element at hand has to declare
	order     []shown // scratch: its attributes sorted
}

// undo is what to put back into written when the element ends.
type undo struct{ element, prefix, former int32 }

// shown is an attribute to be written.
type shown struct {
	name         int32 // binding of the prefix
	local, value string
}

// idle are canonicalizers that nobody uses, with the room that their lists have come to.
var idle = sync.Pool{New: func() any { return new(canonicalizer) }}

// begin makes it ready for a tree; nothing of what it has done before is left.
func (c *canonicalizer) begin(t *Tree, f Form) {
	c.tree, c.algorithm, c.comments = t, f.Algorithm, f.Comments
	c.written, c.listed = c.written[:0], c.listed[:0]
	for _, prefix := range t.prefixes {
		c.written = append(c.written, noURI)
		c.listed = append(c.listed, f.Algorithm != Exclusive ||
			prefix != "" && slices.Contains(f.Prefixes, prefix) || prefix == "" && slices.Contains(f.Prefixes, "#default"))
	}
	c.listed[xmlPrefix] = false   // Canonical XML §2.3: the declaration of xml is never written
	c.written[xmlPrefix] = xmlURI // which is as if it had been
}

// mostRoom and mostShown keep one great value from holding its memory for ever.
const (
	mostRoom  = 64 << 10
	mostShown = 64
)

// rest gives it back. It keeps its room, and nothing of the document.
func (c *canonicalizer) rest() {
	room, order := c.dst[:0], c.order[:0]
	if cap(room) > mostRoom {
		room = nil
	}
	if cap(order) > mostShown {
		order = nil
	}
	clear(order[:cap(order)])
	*c = canonicalizer{
		dst: room, written: c.written, listed: c.listed,
		undo: c.undo[:0], declares: c.declares[:0], order: order,
	}
	idle.Put(c)
}

// subtree writes the element at index apex and what is below it, without recursion.
func (c *canonicalizer) subtree(apex int32) {
	t := c.tree
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
			if n.marks&asWritten != 0 {
				c.copied(n.start, n.end)
			} else {
				c.flush()
				c.dst = appendEscaped(c.dst, t.str(n.text), escapedInText)
			}
		case CommentNode:
			if c.comments {
				c.comment(t.str(n.text))
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
	attributes := t.attributes[n.attribute:][:n.attributes]
	c.declares, c.order = c.declares[:0], c.order[:0]
	c.declare(index, t.bindings[n.name])
	for i := range attributes {
		if attributes[i].name != unbound {
			c.declare(index, t.bindings[attributes[i].name])
		}
	}
	if n.marks&asWritten != 0 && len(c.declares) == 0 && !apex {
		c.copied(n.start, n.end)
		c.follow(">")
		return
	}
	for i := range attributes {
		a := &attributes[i]
		c.order = append(c.order, shown{a.name, t.str(a.local), t.str(a.value)})
	}
	if apex {
		c.lend(index)
		for i := len(attributes); i < len(c.order); i++ {
			c.declare(index, t.bindings[c.order[i].name])
		}
		c.declareInherited(index)
	} else if n.scope != t.nodes[n.parent].scope {
		for _, b := range t.bindings[t.scopes[n.scope].first:t.scopes[n.scope].last] {
			if c.listed[b.prefix] {
				c.declare(index, b)
			}
		}
	}
	c.tag(n)
}

// tag writes a start tag from its parts: declares and order.
func (c *canonicalizer) tag(n *node) {
	t := c.tree
	if len(c.declares) > 1 {
		slices.SortFunc(c.declares, func(a, b int32) int {
			return strings.Compare(t.prefixes[a], t.prefixes[b])
		})
	}
	if len(c.order) > 1 {
		c.sort()
	}
	c.flush()
	dst := append(c.dst, '<')
	dst = append(dst, t.qname(n)...)
	for _, prefix := range c.declares {
		dst = append(dst, " xmlns"...)
		if prefix != noPrefix {
			dst = append(append(dst, ':'), t.prefixes[prefix]...)
		}
		dst = appendValue(dst, t.uris[c.written[prefix]])
	}
	for i := range c.order {
		a := &c.order[i]
		dst = append(dst, ' ')
		if prefix := t.bindings[a.name].prefix; prefix != noPrefix {
			dst = append(append(dst, t.prefixes[prefix]...), ':')
		}
		dst = appendValue(append(dst, a.local...), a.value)
	}
	c.dst = append(dst, '>')
}

// sort puts the attributes in order: by namespace URI, then by local name (Canonical XML §2.2). Few
// are inserted one by one, which is most of what documents need.
func (c *canonicalizer) sort() {
	t, order := c.tree, c.order
	compare := func(a, b *shown) int {
		if a.name != b.name {
			if x, y := t.rank[t.bindings[a.name].uri], t.rank[t.bindings[b.name].uri]; x != y {
				return int(x - y)
			}
		}
		return strings.Compare(a.local, b.local)
	}
	const few = 8
	if len(order) > few {
		slices.SortFunc(order, func(a, b shown) int { return compare(&a, &b) })
		return
	}
	for i := 1; i < len(order); i++ {
		for j := i; j > 0 && compare(&order[j-1], &order[j]) > 0; j-- {
			order[j-1], order[j] = order[j], order[j-1]
		}
	}
}

// qname is the name of an element as it is written.
func (t *Tree) qname(n *node) string { return t.text[n.start+1 : n.text.from+n.text.size] }

// appendValue appends ="value".
func appendValue(dst []byte, s string) []byte {
	dst = append(dst, '=', '"')
	dst = appendEscaped(dst, s, escapedInValue)
	return append(dst, '"')
}

// end writes an end tag and forgets what the element declared.
func (c *canonicalizer) end(index int32) {
	t := c.tree
	n := &t.nodes[index]
	// When the run has come to an end tag, it is this one: what is left out begins otherwise.
	qname := t.qname(n)
	if rest := t.text[c.to:]; c.to > 0 && len(rest) > len(qname)+2 && rest[0] == '<' && rest[1] == '/' &&
		rest[2+len(qname)] == '>' {
		c.to += int32(len(qname) + len("</>"))
	} else {
		c.write("</")
		c.write(qname)
		c.write(">")
	}
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

// comment writes a comment; its CR was not there before normalization, so nothing is escaped.
func (c *canonicalizer) comment(s string) {
	c.write("<!--")
	c.write(s)
	c.write("-->")
}
