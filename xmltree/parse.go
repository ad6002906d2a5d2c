package xmltree

import (
	"slices"
	"strings"
)

// Parse reads raw. The error is always a *SyntaxError. The tree refers to raw, which the caller
// must not change any more.
func Parse(raw []byte, limits Limits) (*Tree, error) {
	limits = limits.effective()
	if len(raw) > limits.Bytes {
		return nil, new(source).fail(ReasonTooLarge, limits.Bytes, "more than %d bytes", limits.Bytes)
	}
	src, err := decode(raw)
	if err != nil {
		return nil, err
	}
	p := parser{source: src, at: src.body, limits: limits, tree: newTree(raw, src)}
	p.open = append(p.openFew[:0], open{})
	p.changes, p.places = p.changesFew[:0], p.placesFew[:0]
	p.current = append(p.currentFew[:0], unbound, xmlBound)
	p.shown = append(p.shownFew[:0], noURI, xmlURI)
	if err := p.document(); err != nil {
		return nil, err
	}
	p.tree.rankURIs()
	return p.tree, nil
}

// newTree makes room for what text is likely to hold. A text that announces more than it holds
// costs an advance in proportion to its size: as if one byte in 24 began a tag, which is usual.
func newTree(raw []byte, src *source) *Tree {
	const most = 1 << 17
	dense := min(len(src.text)/24+64, most)
	tags := min(strings.Count(src.text, "<"), dense)
	lines := min(strings.Count(src.text, "\n"), tags/2)
	equals := min(strings.Count(src.text, "="), dense)
	t := &Tree{
		raw:        raw,
		source:     src,
		text:       src.text,
		nodes:      make([]node, 1, tags+lines+2), // a leaf: two tags, two nodes, a line's white space
		attributes: make([]attribute, 0, equals),
	}
	t.bindings = append(t.few.bindings[:0], binding{noPrefix, noURI}, binding{xmlPrefix, xmlURI})
	t.scopes = append(t.few.scopes[:0], scope{})
	t.prefixes = append(t.few.prefixes[:0], "", "xml")
	t.uris = append(t.few.uris[:0], "", xmlNamespace)
	return t
}

// rankURIs numbers the namespace URIs in their order, so that sorting attributes does not compare
// long URIs again and again.
func (t *Tree) rankURIs() {
	var few [8]int32
	order := few[:0]
	for i := range t.uris {
		order = append(order, int32(i))
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(t.uris[a], t.uris[b]) })
	t.rank = append(t.few.rank[:0], order...)
	for rank, uri := range order {
		t.rank[uri] = int32(rank)
	}
}

// parser goes once over the text. It lives for one call of Parse.
type parser struct {
	*source
	tree     *Tree
	limits   Limits
	at       int // of the text
	elements int

	open []open // the document and the elements whose end tag is still to come

	// Of every prefix by number: the binding in force, and the URI that exclusive canonicalization
	// of the document would have written last. What a tag changes is taken back at its end.
	current, shown []int32
	changes        []change
	repeated       int // bytes of the declarations that exclusive canonicalization would write

	uris   map[string]int32 // numbers of the URIs once they are many
	places []int            // of the attributes of the tag being read
	order  []int32          // scratch of the check for duplicate attributes

	openFew    [16]open
	changesFew [16]change
	placesFew  [16]int
	currentFew [8]int32
	shownFew   [8]int32
}

// open is an element whose end tag is still to come.
type open struct {
	qname   string
	node    int32
	last    int32 // the last child so far, 0 for none
	changes int   // how many changes were noted before it
}

// change is what to put back when an element ends.
type change struct {
	shown          bool // in shown, else in current
	prefix, former int32
}

// document is the production of the same name (XML 1.0 [1]) after the XML declaration.
func (p *parser) document() error {
	for p.at < len(p.text) {
		var err error
		switch {
		case p.text[p.at] == '<':
			err = p.markup()
		case len(p.open) == 1:
			err = p.outside()
		default:
			err = p.characterData()
		}
		if err != nil {
			return err
		}
	}
	if len(p.open) > 1 {
		qname := p.open[len(p.open)-1].qname
		return p.fail(ReasonMalformed, p.at, "the input ends inside element %s", quote(qname))
	}
	if p.tree.root == 0 {
		return p.fail(ReasonEmptyDocument, p.at, "no element")
	}
	return nil
}

// outside is what stands between markup outside the root: white space (XML 1.0 [27]).
func (p *parser) outside() error {
	p.at = skipSpace(p.text, p.at)
	if p.at < len(p.text) && p.text[p.at] != '<' {
		return p.fail(ReasonMalformed, p.at, "text outside the root element: %s", quote(p.text[p.at:]))
	}
	return nil
}

// markup is what begins with "<".
func (p *parser) markup() error {
	rest := p.text[p.at:]
	if len(rest) < 2 {
		return p.fail(ReasonMalformed, p.at, "the input ends inside a tag")
	}
	switch {
	case rest[1] == '/':
		return p.endTag()
	case rest[1] == '?':
		if n := ncName(rest[2:]); rest[2:2+n] == "xml" {
			return p.fail(ReasonMalformed, p.at, "an XML declaration that is not at the start")
		}
		return p.fail(ReasonPI, p.at, "processing instruction %s", quote(rest))
	case rest[1] != '!':
		return p.startTag()
	case strings.HasPrefix(rest, "<!--"):
		return p.comment()
	case !strings.HasPrefix(rest, "<![CDATA["):
		return p.fail(ReasonDTD, p.at, "declaration %s", quote(rest))
	case len(p.open) == 1:
		return p.fail(ReasonMalformed, p.at, "CDATA section outside the root element")
	default:
		return p.cdata()
	}
}

// add puts a node after the last child of the innermost open element. It can be filled in until the
// next one is added.
func (p *parser) add(kind NodeKind, at int) (index int32, n *node, err error) {
	t := p.tree
	if len(t.nodes) > p.limits.Nodes {
		return 0, nil, p.fail(ReasonTooManyNodes, at, "more than %d nodes", p.limits.Nodes)
	}
	index = int32(len(t.nodes))
	t.nodes = append(t.nodes, node{})
	n = &t.nodes[index]
	parent := &p.open[len(p.open)-1]
	n.kind, n.parent, n.start = kind, parent.node, int32(at)
	if parent.last == 0 {
		t.nodes[parent.node].first = index
	} else {
		t.nodes[parent.last].next = index
	}
	parent.last = index
	return index, n, nil
}
