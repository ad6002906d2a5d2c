package xmltree

import (
	"cmp"
	"slices"
	"strings"
)

// attribute reads one attribute or namespace declaration at text[start] and says where it ends.
// Until resolveAttributes has seen it, an attribute's name is the number of its prefix.
// The tag loses its mark where what is written is not what canonicalization writes.
func (p *parser) attribute(start, bindings int, tag *marks) (end int, err error) {
	t := p.tree
	name, i, err := p.qname(start)
	if err != nil {
		return 0, err
	}
	value, end, plain := p.plainValue(i)
	if !plain {
		*tag = 0
		if value, end, err = p.attributeValue(start, i); err != nil {
			return 0, err
		}
	}
	switch {
	case name.prefix == "xmlns":
		*tag = 0
		return end, p.declare(t.str(name.local), t.str(value), start, bindings)
	case name.prefix == "" && t.str(name.local) == "xmlns":
		*tag = 0
		return end, p.declare("", t.str(value), start, bindings)
	case len(p.places) >= p.limits.Attributes:
		return 0, p.fail(ReasonTooManyAttributes, start, "more than %d attributes", p.limits.Attributes)
	}
	number, err := p.prefixNumber(name.prefix, start)
	if err != nil {
		return 0, err
	}
	if *tag != 0 && len(p.places) > 0 {
		// The order of the written form is known only where namespaces play no part in it: those
		// without come first, by their names.
		former := t.attributes[len(t.attributes)-1]
		if former.name != noPrefix || number == noPrefix && t.str(former.local) >= t.str(name.local) {
			*tag = 0
		}
	}
	t.attributes = append(t.attributes, attribute{name.local, value, number})
	p.places = append(p.places, start)
	return end, nil
}

// plainValue reads ="value" at text[i] where it is written just so and nothing in it is replaced,
// neither here nor by canonicalization; else plain is false.
func (p *parser) plainValue(i int) (value span, end int, plain bool) {
	s := p.text
	if len(s)-i < len(`=""`) || s[i] != '=' || s[i+1] != '"' {
		return span{}, 0, false
	}
	i += len(`="`)
	start := i
	for i < len(s) && byteClass[s[i]]&(inAttribute|quoteMark) == 0 {
		i++
	}
	if i == len(s) || s[i] != '"' || i-start > p.limits.AttributeValue {
		return span{}, 0, false
	}
	return spanOf(start, i), i + 1, true
}

// attributeValue reads "= value" at text[i] of the attribute at text[start].
func (p *parser) attributeValue(start, i int) (value span, end int, err error) {
	s := p.text
	if i = skipSpace(s, i); !strings.HasPrefix(s[i:], "=") {
		return span{}, 0, p.fail(ReasonMalformed, start, "an attribute without value: %s", quote(s[start:]))
	}
	i = skipSpace(s, i+1)
	if i == len(s) || s[i] != '"' && s[i] != '\'' {
		return span{}, 0, p.fail(ReasonMalformed, start, "an attribute value without quotes: %s", quote(s[start:]))
	}
	n := strings.IndexByte(s[i+1:], s[i])
	if n < 0 {
		return span{}, 0, p.fail(ReasonMalformed, start, "an attribute value without end: %s", quote(s[start:]))
	}
	if n > p.limits.AttributeValue {
		return span{}, 0, p.fail(ReasonAttributeTooLong, start, "more than %d bytes", p.limits.AttributeValue)
	}
	value, err = p.characters(i+1, i+1+n, inAttribute, new(marks))
	return value, i + 1 + n + 1, err
}

// resolveAttributes gives the attributes of one tag their namespaces and refuses repeated ones and
// repeated identifiers.
func (p *parser) resolveAttributes(attributes []attribute, tag marks) error {
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
	if tag&asWritten != 0 {
		// They stand in their order, each after another: none is repeated.
	} else if i := p.duplicate(attributes); i > 0 {
		return p.fail(ReasonDuplicateAttribute, p.places[i], "attribute %s", quote(p.tree.str(attributes[i].local)))
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
				if a.local.size == b.local.size && uri(a) == uri(b) && p.tree.str(a.local) == p.tree.str(b.local) {
					return i
				}
			}
		}
		return 0
	}
	compare := func(i, j int32) int {
		a, b := &attributes[i], &attributes[j]
		return cmp.Or(strings.Compare(p.tree.str(a.local), p.tree.str(b.local)), cmp.Compare(uri(a), uri(b)))
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

// identify notes the value of ID, Id, id or xml:id of the element that was added last.
// Whoever refers to it must find one element only, whatever the attribute's type in some schema:
// white space around the value does not tell identifiers apart. An empty value identifies nothing
// and may be repeated.
func (p *parser) identify(a *attribute, at int) error {
	t := p.tree
	if a.local.size != int32(len("id")) {
		return nil
	}
	local := t.str(a.local)
	switch t.bindings[a.name].prefix {
	case noPrefix:
		if local != "ID" && local != "Id" && local != "id" {
			return nil
		}
	case xmlPrefix:
		if local != "id" {
			return nil
		}
	default:
		return nil
	}
	value := strings.Trim(t.str(a.value), " \t\r\n")
	if value == "" {
		return nil
	}
	if _, taken := t.ids[value]; taken {
		return p.fail(ReasonDuplicateID, at, "identifier %s", quote(value))
	}
	if t.ids == nil {
		t.ids = make(map[string]int32)
	}
	t.ids[value] = int32(len(t.nodes) - 1)
	return nil
}
