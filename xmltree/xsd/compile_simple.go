package xsd

import "strings"

// simpleType compiles n, an xs:simpleType.
func (c *compiler) simpleType(n node) (*simpleType, error) {
	derivation := n.parts()[0]
	switch derivation.Local() {
	case "list":
		return c.list(derivation)
	case "union":
		return c.union(derivation)
	}
	parts := derivation.parts()
	base, rest, err := c.typeNamedOrInside(derivation, "base", parts)
	if err != nil {
		return nil, err
	}
	return c.restrict(base, rest)
}

// typeNamedOrInside is the one type that n names in an attribute or holds as its first part, and
// the other parts.
func (c *compiler) typeNamedOrInside(n node, attribute string, parts []node) (*simpleType, []node, error) {
	named, ok := n.attr(attribute)
	inside := len(parts) > 0 && parts[0].Local() == "simpleType"
	switch {
	case ok == inside:
		return nil, nil, n.incorrect("exactly one type, by %s or inside, is needed", attribute)
	case ok:
		t, err := c.simpleTypeNamed(n, named)
		return t, parts, err
	}
	t, err := c.simpleType(parts[0])
	return t, parts[1:], err
}

// list compiles xs:list.
func (c *compiler) list(n node) (*simpleType, error) {
	item, _, err := c.typeNamedOrInside(n, "itemType", n.parts())
	if err != nil {
		return nil, err
	}
	if item.variety == list || item.variety == union && item.holdsList() {
		return nil, n.incorrect("a list of lists")
	}
	if item.id {
		return nil, n.unsupported("a list of xs:ID")
	}
	return &simpleType{variety: list, space: collapse, facets: noFacets, item: item}, nil
}

func (t *simpleType) holdsList() bool {
	for _, member := range t.members {
		if member.variety == list || member.holdsList() {
			return true
		}
	}
	return false
}

// union compiles xs:union. Its whitespace is left to the members, XSD 1.0 part 2, 4.3.6.
func (c *compiler) union(n node) (*simpleType, error) {
	t := &simpleType{variety: union, space: preserve, facets: noFacets}
	named, _ := n.attr("memberTypes")
	for _, qualified := range strings.Fields(named) {
		member, err := c.simpleTypeNamed(n, qualified)
		if err != nil {
			return nil, err
		}
		t.members = append(t.members, member)
	}
	for _, part := range n.parts() {
		member, err := c.simpleType(part)
		if err != nil {
			return nil, err
		}
		t.members = append(t.members, member)
	}
	if len(t.members) == 0 {
		return nil, n.incorrect("a union of nothing")
	}
	for _, member := range t.members {
		if member.id {
			return nil, n.unsupported("a union with xs:ID")
		}
	}
	return t, nil
}

// restrict derives a type from base by facets.
func (c *compiler) restrict(base *simpleType, facetNodes []node) (*simpleType, error) {
	t := *base
	var patterns []*pattern
	var enumeration []string
	seen := map[string]bool{}
	for _, n := range facetNodes {
		facet := n.Local()
		if base.variety == union {
			return nil, n.unsupported("facet of a union")
		}
		value, ok := n.Attr("", "value")
		if !ok {
			return nil, n.incorrect("a facet without value")
		}
		switch {
		case facet == "pattern":
			p, err := compilePattern(value)
			if err != nil {
				return nil, n.blame(err)
			}
			patterns = append(patterns, p)
			continue
		case facet == "enumeration":
			normal, err := base.enumerable(n, value)
			if err != nil {
				return nil, err
			}
			enumeration = append(enumeration, normal)
			continue
		case seen[facet]:
			return nil, n.incorrect("%s twice", facet)
		}
		seen[facet] = true
		if err := t.setFacet(n, base, facet); err != nil {
			return nil, err
		}
	}
	if patterns != nil {
		// XSD 1.0 part 2, 4.3.4.3: patterns of one step are alternatives, those of several steps
		// all hold.
		t.facets.patterns = append(t.facets.patterns[:len(t.facets.patterns):len(t.facets.patterns)], patterns)
	}
	if enumeration != nil {
		t.facets.enumeration = enumeration
	}
	if len(facetNodes) > 0 {
		return &t, t.coherent(facetNodes[0])
	}
	return &t, nil
}

// enumerable checks a value of xs:enumeration against the type that is restricted.
func (t *simpleType) enumerable(n node, value string) (string, error) {
	if t.equal == nil {
		return "", n.unsupported("enumeration of values that are not compared")
	}
	normal, f := t.check(value)
	if f != (fault{}) {
		return "", n.incorrect("value %s: %s, expected %s", quote(value), f.rule, f.expected)
	}
	return normal, nil
}

// setFacet sets a facet that stands once in a step; it may only tighten what base has.
func (t *simpleType) setFacet(n node, base *simpleType, facet string) error {
	f := &t.facets
	value, _ := n.attr("value")
	switch facet {
	case "whiteSpace":
		space, ok := whitespaces[value]
		if !ok || space < base.space {
			return n.incorrect("whiteSpace %s", quote(value))
		}
		t.space = space
		return nil
	case "length":
		return t.setCount(n, &f.length, func(old, next int) bool { return next == old })
	case "minLength":
		return t.setCount(n, &f.minLength, func(old, next int) bool { return next >= old })
	case "maxLength":
		return t.setCount(n, &f.maxLength, func(old, next int) bool { return next <= old })
	case "totalDigits":
		return t.setCount(n, &f.totalDigits, func(old, next int) bool { return next <= old })
	case "fractionDigits":
		return t.setCount(n, &f.fractionDigits, func(old, next int) bool { return next <= old })
	}
	if !t.numeric {
		return n.unsupported("%s of a type that is no number", facet)
	}
	_, fault := base.check(value)
	d, ok := parseDecimal(value)
	limit := &bound{d, value, strings.HasSuffix(facet, "Exclusive")}
	// An exclusive bound may repeat the base's own, which is no value of the base.
	if outside := fault.rule == RuleMinExclusive || fault.rule == RuleMaxExclusive; !ok || fault.rule != "" && !outside {
		return n.incorrect("%s %s is no value of the base", facet, quote(value))
	}
	if strings.HasPrefix(facet, "min") {
		return t.setBound(n, &f.low, base.facets.low, limit, 1)
	}
	return t.setBound(n, &f.high, base.facets.high, limit, -1)
}

// setCount sets a facet that is a number of characters, bytes, items or digits.
func (t *simpleType) setCount(n node, at *int, tighter func(old, next int) bool) error {
	facet := n.Local()
	number, err := n.natural("value", 0)
	digits := facet == "totalDigits" || facet == "fractionDigits"
	switch {
	case err != nil:
		return err
	case facet == "totalDigits" && number == 0:
		return n.incorrect("totalDigits 0")
	case digits && !t.numeric, !digits && t.variety != list && t.measure == nil:
		return n.incorrect("%s does not apply to this type", facet)
	case *at != none && !tighter(*at, number):
		return n.incorrect("%s %d does not restrict that of the base, %d", facet, number, *at)
	}
	*at = number
	return nil
}

// setBound sets low (towards is 1) or high (-1). XSD 1.0 part 2, 4.3.7 to 4.3.10: it may not lie
// outside old.
func (t *simpleType) setBound(n node, at **bound, old, limit *bound, towards int) error {
	if *at != old {
		return n.incorrect("an inclusive and an exclusive bound")
	}
	if old != nil {
		c := limit.value.compare(old.value) * towards
		if c < 0 || c == 0 && old.exclusive && !limit.exclusive {
			return n.incorrect("%s %s does not restrict that of the base", n.Local(), limit.source)
		}
	}
	*at = limit
	return nil
}

// coherent refuses facets that contradict one another.
func (t *simpleType) coherent(n node) error {
	f := &t.facets
	switch {
	case f.length != none && (f.minLength != none || f.maxLength != none):
		return n.incorrect("length beside minLength or maxLength")
	case f.minLength != none && f.maxLength != none && f.minLength > f.maxLength:
		return n.incorrect("minLength above maxLength")
	case f.fractionDigits != none && f.totalDigits != none && f.fractionDigits > f.totalDigits:
		return n.incorrect("fractionDigits above totalDigits")
	case f.low != nil && f.high != nil:
		c := f.low.value.compare(f.high.value)
		if c > 0 || c == 0 && f.low.exclusive != f.high.exclusive {
			return n.incorrect("the lower bound is above the upper")
		}
	}
	return nil
}
