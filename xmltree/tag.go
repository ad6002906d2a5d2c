package xmltree

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// startTag reads a start tag or an empty element (XML 1.0 [40], [44]). Attributes come before the
// declarations that their prefixes need, so names are resolved when the tag has been read.
func (p *parser) startTag() error {
	t, start := p.tree, p.at
	if err := p.allowElement(); err != nil {
		return err
	}
	name, i, err := p.qname(start + 1)
	if err != nil {
		return err
	}
	number, err := p.prefixNumber(name.prefix, start)
	if err != nil {
		return err
	}
	around := t.nodes[p.open[len(p.open)-1].node].scope
	index, element, err := p.add(ElementNode, start)
	if err != nil {
		return err
	}
	element.text, element.end = name.local, int32(i)
	element.attribute, element.marks = int32(len(t.attributes)), asWritten
	qname, changes, bindings := p.text[start+1:i], len(p.changes), len(t.bindings)
	empty, i, err := p.attributes(element, qname, bindings)
	if err != nil {
		return err
	}
	element.scope = around
	if len(t.bindings) > bindings {
		t.scopes = append(t.scopes, scope{around, int32(bindings), int32(len(t.bindings))})
		element.scope = int32(len(t.scopes) - 1)
	}
	if element.name, err = p.resolve(number, start); err != nil {
		return err
	}
	if err := p.resolveAttributes(t.attributes[element.attribute:], element.marks); err != nil {
		return err
	}
	if len(p.open) == 1 {
		t.root = index
	}
	p.open = append(p.open, open{qname: qname, node: index, changes: changes})
	if empty {
		p.close()
	}
	p.at = i
	return nil
}

// attributes reads what stands in a tag behind the name of element, and says where the tag ends and
// whether it is that of an empty element.
func (p *parser) attributes(element *node, qname string, bindings int) (empty bool, end int, err error) {
	i := int(element.end)
	p.places = p.places[:0]
	for {
		before := i
		i = skipSpace(p.text, i)
		switch {
		case strings.HasPrefix(p.text[i:], ">"):
			element.attributes = uint16(len(p.places))
			return false, i + 1, nil
		case strings.HasPrefix(p.text[i:], "/>"):
			element.attributes = uint16(len(p.places))
			return true, i + 2, nil
		case i == len(p.text):
			return false, 0, p.fail(ReasonMalformed, i, "the input ends inside tag %s", quote(qname))
		case i == before:
			return false, 0, p.fail(ReasonMalformed, i, "%s inside tag %s", quote(p.text[i:i+1]), quote(qname))
		case i != before+1 || p.text[before] != ' ':
			element.marks = 0
		}
		if i, err = p.attribute(i, bindings, &element.marks); err != nil {
			return false, 0, err
		}
		element.end = int32(i)
	}
}

// allowElement says whether one more element may begin here.
func (p *parser) allowElement() error {
	if len(p.open) == 1 && p.tree.root != 0 {
		return p.fail(ReasonMalformed, p.at, "a second root element")
	}
	if len(p.open) > p.limits.Depth {
		return p.fail(ReasonTooDeep, p.at, "more than %d levels of elements", p.limits.Depth)
	}
	if p.elements++; p.elements > p.limits.Elements {
		return p.fail(ReasonTooManyElements, p.at, "more than %d elements", p.limits.Elements)
	}
	return nil
}

// endTag reads an end tag (XML 1.0 [42]).
func (p *parser) endTag() error {
	qname := p.open[len(p.open)-1].qname
	i := p.at + len("</")
	if len(p.open) == 1 {
		return p.fail(ReasonMalformed, p.at, "end tag without start tag: %s", quote(p.text[p.at:]))
	}
	if !strings.HasPrefix(p.text[i:], qname) {
		return p.fail(ReasonMalformed, p.at, "%s where %s has to end", quote(p.text[p.at:]), quote(qname))
	}
	if i += len(qname); i < len(p.text) && p.text[i] != '>' {
		i = skipSpace(p.text, i)
	}
	if !strings.HasPrefix(p.text[i:], ">") {
		return p.fail(ReasonMalformed, p.at, "%s where %s has to end", quote(p.text[p.at:]), quote(qname))
	}
	p.close()
	p.at = i + 1
	return nil
}

// close ends the innermost element: its declarations are in force no longer.
func (p *parser) close() {
	inner := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	for _, c := range slices.Backward(p.changes[inner.changes:]) {
		if c.shown {
			p.shown[c.prefix] = c.former
		} else {
			p.current[c.prefix] = c.former
		}
	}
	p.changes = p.changes[:inner.changes]
}

// qname is a qualified name as written.
type qname struct {
	prefix string
	local  span
}

// qname reads a qualified name (Namespaces in XML [7]) and says where it ends.
func (p *parser) qname(start int) (name qname, end int, err error) {
	s, i := p.text, start
	for i < len(s) && byteClass[s[i]]&nameRest != 0 {
		i++
	}
	// The usual name is short, of ASCII, and without prefix.
	if i > start && i < len(s) && s[i] < utf8.RuneSelf && s[i] != ':' &&
		byteClass[s[start]]&nameStart != 0 && i-start <= p.limits.Name {
		return qname{"", spanOf(start, i)}, i, nil
	}
	return p.anyName(start)
}

// anyName is qname for every name.
func (p *parser) anyName(start int) (name qname, end int, err error) {
	s := p.text[start:]
	n := ncName(s)
	if n == 0 && !strings.HasPrefix(s, ":") {
		return qname{}, 0, p.fail(ReasonMalformed, start, "no name: %s", quote(s))
	}
	name.local = spanOf(start, start+n)
	if strings.HasPrefix(s[n:], ":") {
		m := ncName(s[n+1:])
		if n == 0 || m == 0 || strings.HasPrefix(s[n+1+m:], ":") {
			return qname{}, 0, p.fail(ReasonBadName, start, "no qualified name: %s", quote(s))
		}
		name.prefix, name.local = s[:n], spanOf(start+n+1, start+n+1+m)
		n += 1 + m
	}
	if n > p.limits.Name {
		return qname{}, 0, p.fail(ReasonNameTooLong, start, "more than %d bytes: %s", p.limits.Name, quote(s))
	}
	return name, start + n, nil
}
