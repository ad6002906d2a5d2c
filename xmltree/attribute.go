package xmltree

import (
	"cmp"
	"slices"
	"strings"
)

// attribute reads one attribute or namespace declaration at text[start] and says where it ends.
// Until resolveAttributes has seen it, an attribute's name is the number of its prefix.
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
	const few = 8
	uri := func(a *attribute) int32 { return p.tree.bindings[a.name].uri }
	if len(attributes) <= few {
		for i := range attributes {
			for j := range i {
				a, b := &attributes[i], &attributes[j]
				if a.local == b.local && uri(a) == uri(b) {
					return i
				}
			}
		}
		return 0
	}
	compare := func(i, j int32) int {
		a, b := &attributes[i], &attributes[j]
		return cmp.Or(strings.Compare(a.local, b.local), cmp.Compare(uri(a), uri(b)))
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

// identify notes the value of ID, Id, id or xml:id of the element that is about to be added.
// Whoever refers to it must find one element only, whatever the attribute's type in some schema:
// white space around the value does not tell identifiers apart. An empty value identifies nothing
// and may be repeated.
func (p *parser) identify(a *attribute, at int) error {
	t := p.tree
	if len(a.local) != len("id") {
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
	value := strings.Trim(a.value, " \t\r\n")
	if value == "" {
		return nil
	}
	if _, taken := t.ids[value]; taken {
		return p.fail(ReasonDuplicateID, at, "identifier %s", quote(value))
	}
	if t.ids == nil {
		t.ids = make(map[string]int32)
	}
	t.ids[value] = int32(len(t.nodes))
	return nil
}
