package xmltree

import (
	"cmp"
	"slices"
	"strings"
)

// startTag reads a start tag or an empty element (XML 1.0 [40], [44]). Attributes come before the
// declarations that their prefixes need, so names are resolved when the tag has been read.
func (p *parser) startTag() error {
	t, start := p.tree, p.at
	if err := p.allowElement(); err != nil {
		return err
	}
	prefix, local, i, err := p.qname(start + 1)
	if err != nil {
		return err
	}
	qname := p.text[start+1 : i]
	number, err := p.prefixNumber(prefix, start)
	if err != nil {
		return err
	}
	element := node{kind: ElementNode, text: local, attribute: int32(len(t.attributes))}
	inner := open{qname: qname, changes: len(p.changes)}
	bindings := len(t.bindings)
	p.places = p.places[:0]
	empty := false
	for {
		before := i
		i = skipSpace(p.text, i)
		if strings.HasPrefix(p.text[i:], ">") {
			i++
			break
		}
		if empty = strings.HasPrefix(p.text[i:], "/>"); empty {
			i += 2
			break
		}
		if i == len(p.text) {
			return p.fail(ReasonMalformed, i, "the input ends inside tag %s", quote(qname))
		}
		if i == before {
			return p.fail(ReasonMalformed, i, "%s inside tag %s", quote(p.text[i:i+1]), quote(qname))
		}
		if i, err = p.attribute(i, bindings); err != nil {
			return err
		}
	}
	element.attributes = uint16(len(t.attributes) - int(element.attribute))
	element.scope = t.nodes[p.open[len(p.open)-1].node].scope
	if len(t.bindings) > bindings {
		t.scopes = append(t.scopes, scope{element.scope, int32(bindings), int32(len(t.bindings))})
		element.scope = int32(len(t.scopes) - 1)
	}
	if element.name, err = p.resolve(number, start); err != nil {
		return err
	}
	if err := p.resolveAttributes(t.attributes[element.attribute:]); err != nil {
		return err
	}
	if inner.node, err = p.add(element, start); err != nil {
		return err
	}
	if len(p.open) == 1 {
		t.root = inner.node
	}
	p.open = append(p.open, inner)
	if empty {
		p.close()
	}
	p.at = i
	return nil
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
	i = skipSpace(p.text, i+len(qname))
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

// qname reads a qualified name (Namespaces in XML [7]) and says where it ends.
func (p *parser) qname(start int) (prefix, local string, end int, err error) {
	s := p.text[start:]
	n := ncName(s)
	if n == 0 && !strings.HasPrefix(s, ":") {
		return "", "", 0, p.fail(ReasonMalformed, start, "no name: %s", quote(s))
	}
	local = s[:n]
	if strings.HasPrefix(s[n:], ":") {
		m := ncName(s[n+1:])
		if n == 0 || m == 0 || strings.HasPrefix(s[n+1+m:], ":") {
			return "", "", 0, p.fail(ReasonBadName, start, "no qualified name: %s", quote(s))
		}
		prefix, local = s[:n], s[n+1:n+1+m]
		n += 1 + m
	}
	if n > p.limits.Name {
		return "", "", 0, p.fail(ReasonNameTooLong, start, "%s has more than %d bytes", quote(s[:n]), p.limits.Name)
	}
	return prefix, local, start + n, nil
}

// attribute reads one attribute or namespace declaration at text[start] and says where it ends. Until
// resolveAttributes has seen it, an attribute's name is the number of its prefix.
func (p *parser) attribute(start, bindings int) (end int, err error) {
	t := p.tree
	prefix, local, i, err := p.qname(start)
	if err != nil {
		return 0, err
	}
	value, end, err := p.attributeValue(start, i)
	if err != nil {
		return 0, err
	}
	switch {
	case prefix == "xmlns":
		return end, p.declare(local, value, start, bindings)
	case prefix == "" && local == "xmlns":
		return end, p.declare("", value, start, bindings)
	case len(p.places) >= p.limits.Attributes:
		return 0, p.fail(ReasonTooManyAttributes, start, "more than %d attributes", p.limits.Attributes)
	}
	number, err := p.prefixNumber(prefix, start)
	if err != nil {
		return 0, err
	}
	t.attributes = append(t.attributes, attribute{local, value, number})
	p.places = append(p.places, start)
	return end, nil
}

// attributeValue reads "= value" at text[i] of the attribute at text[start].
func (p *parser) attributeValue(start, i int) (value string, end int, err error) {
	s := p.text
	if i = skipSpace(s, i); !strings.HasPrefix(s[i:], "=") {
		return "", 0, p.fail(ReasonMalformed, start, "an attribute without value: %s", quote(s[start:]))
	}
	i = skipSpace(s, i+1)
	if i == len(s) || s[i] != '"' && s[i] != '\'' {
		return "", 0, p.fail(ReasonMalformed, start, "an attribute value without quotes: %s", quote(s[start:]))
	}
	n := strings.IndexByte(s[i+1:], s[i])
	if n < 0 {
		return "", 0, p.fail(ReasonMalformed, start, "an attribute value without end: %s", quote(s[start:]))
	}
	if n > p.limits.AttributeValue {
		return "", 0, p.fail(ReasonAttributeTooLong, start, "more than %d bytes", p.limits.AttributeValue)
	}
	value, err = p.characters(i+1, i+1+n, inAttribute)
	return value, i + 1 + n + 1, err
}

// resolveAttributes gives the attributes of one tag their namespaces and refuses repeated ones and
// repeated identifiers.
func (p *parser) resolveAttributes(attributes []attribute) error {
	for i := range attributes {
		a := &attributes[i]
		if a.name == noPrefix {
			a.name = unbound // Namespaces in XML §6.2: the default namespace is not for attributes
			continue
		}
		name, err := p.resolve(a.name, p.places[i])
		if err != nil {
			return err
		}
		a.name = name
	}
	if i := p.duplicate(attributes); i > 0 {
		return p.fail(ReasonDuplicateAttribute, p.places[i], "attribute %s", quote(attributes[i].local))
	}
	for i := range attributes {
		if err := p.identify(&attributes[i], p.places[i]); err != nil {
			return err
		}
	}
	return nil
}

// duplicate is the index of an attribute whose expanded name an earlier one has (Namespaces in XML
// §6.3), 0 if there is none. Few are compared with one another, many are sorted.
func (p *parser) duplicate(attributes []attribute) int {
	t := p.tree
	compare := func(a, b int32) int {
		return cmp.Or(
			cmp.Compare(t.bindings[attributes[a].name].uri, t.bindings[attributes[b].name].uri),
			strings.Compare(attributes[a].local, attributes[b].local))
	}
	if len(attributes) <= 8 {
		for i := range attributes {
			for j := range i {
				if attributes[i].local == attributes[j].local && compare(int32(i), int32(j)) == 0 {
					return i
				}
			}
		}
		return 0
	}
	p.order = p.order[:0]
	for i := range attributes {
		p.order = append(p.order, int32(i))
	}
	slices.SortStableFunc(p.order, compare)
	for i := 1; i < len(p.order); i++ {
		if compare(p.order[i-1], p.order[i]) == 0 {
			return int(p.order[i])
		}
	}
	return 0
}

// identify notes the value of ID, Id, id or xml:id of the element that is about to be added. Whoever
// refers to it must find one element only, whatever the attribute's type in some schema. An empty
// value identifies nothing and may be repeated.
func (p *parser) identify(a *attribute, at int) error {
	t := p.tree
	if len(a.local) != len("id") || a.value == "" {
		return nil
	}
	switch t.bindings[a.name].prefix {
	case noPrefix:
		if a.local != "ID" && a.local != "Id" && a.local != "id" {
			return nil
		}
	case xmlPrefix:
		if a.local != "id" {
			return nil
		}
	default:
		return nil
	}
	if _, taken := t.ids[a.value]; taken {
		return p.fail(ReasonDuplicateID, at, "identifier %s", quote(a.value))
	}
	if t.ids == nil {
		t.ids = make(map[string]int32)
	}
	t.ids[a.value] = int32(len(t.nodes))
	return nil
}
