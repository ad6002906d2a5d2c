package xsd

import "strings"

// particleOf compiles the sequence or choice among parts, nil where there is none.
func (c *compiler) particleOf(parts []node) (*particle, error) {
	for _, part := range parts {
		switch part.Local() {
		case "sequence", "choice":
			return c.groupParticle(part)
		}
	}
	return nil, nil
}

// groupParticle compiles a sequence or choice.
func (c *compiler) groupParticle(n node) (*particle, error) {
	low, high, err := n.occurrence()
	if err != nil {
		return nil, err
	}
	p := &particle{kind: sequence, min: low, max: high}
	if n.Local() == "choice" {
		p.kind = choice
	}
	for _, part := range n.parts() {
		var q *particle
		switch part.Local() {
		case "element":
			q, err = c.elementParticle(part)
		case "any":
			q, err = wildcardParticle(part)
		default:
			q, err = c.groupParticle(part)
		}
		if err != nil {
			return nil, err
		}
		if q.max > 0 { // otherwise it is no part at all: XSD 1.0 part 1, 3.9.1
			p.parts = append(p.parts, q)
		}
	}
	if p.kind == choice && len(p.parts) == 0 && low > 0 {
		return nil, n.unsupported("choice of nothing, which no document satisfies")
	}
	return p, nil
}

// elementParticle compiles a local element or a reference to a global one.
func (c *compiler) elementParticle(n node) (*particle, error) {
	low, high, err := n.occurrence()
	if err != nil {
		return nil, err
	}
	e, err := c.localElement(n)
	if err != nil {
		return nil, err
	}
	return &particle{kind: leaf, min: low, max: high, term: &term{element: e}}, nil
}

func (c *compiler) localElement(n node) (*element, error) {
	local, named := n.attr("name")
	ref, referred := n.attr("ref")
	_, hasType := n.attr("type")
	switch {
	case named == referred:
		return nil, n.incorrect("an element has either name or ref")
	case referred && (hasType || len(n.parts()) > 0):
		return nil, n.incorrect("a reference with a type")
	case referred:
		at, err := n.resolve(ref)
		if err != nil {
			return nil, err
		}
		if _, ok := c.declared[component{"element", at}]; !ok {
			return nil, n.incorrect("there is no element %s", at)
		}
		return c.globalElement(at)
	case !isNCName(local):
		return nil, n.incorrect("name %s", quote(local))
	}
	e := &element{name: name{"", local}}
	if n.source.qualified {
		e.name.space = n.source.target
	}
	var err error
	e.typed, err = c.elementType(n)
	return e, err
}

// wildcardParticle compiles xs:any. Only processContents="skip" is known: the others look
// declarations up.
func wildcardParticle(n node) (*particle, error) {
	low, high, err := n.occurrence()
	if err != nil {
		return nil, err
	}
	if process, _ := n.attr("processContents"); process != "skip" {
		return nil, n.unsupported("processContents %s", quote(process))
	}
	w := &wildcard{}
	spaces, given := n.attr("namespace")
	switch {
	case !given || spaces == "##any":
		w.excluding = true
	case spaces == "##other":
		// XSD 1.0 part 1, 3.10.4: neither the target name space nor none.
		w.excluding, w.spaces = true, []string{n.source.target, ""}
	default:
		for _, space := range strings.Fields(spaces) {
			switch {
			case space == "##targetNamespace":
				space = n.source.target
			case space == "##local":
				space = ""
			case strings.HasPrefix(space, "##"):
				return nil, n.incorrect("namespace %s", quote(spaces))
			}
			w.spaces = append(w.spaces, space)
		}
	}
	return &particle{kind: leaf, min: low, max: high, term: &term{wildcard: w}}, nil
}

// allGroup compiles xs:all: each element at most once, in any order.
func (c *compiler) allGroup(n node) (*allGroup, error) {
	low, high, err := n.occurrence()
	if err != nil {
		return nil, err
	}
	if low > 1 || high != 1 {
		return nil, n.incorrect("xs:all stands once")
	}
	all := &allGroup{optional: low == 0}
	for _, part := range n.parts() {
		p, err := c.elementParticle(part)
		if err != nil {
			return nil, err
		}
		if p.max > 1 {
			return nil, part.incorrect("an element of xs:all stands once")
		}
		if p.max == 0 {
			continue
		}
		if len(all.elements) == maxFlags {
			return nil, n.unsupported("xs:all of over %d elements", maxFlags)
		}
		for _, other := range all.elements {
			if other.name == p.term.element.name {
				return nil, part.incorrect("element %s twice in xs:all", other.name)
			}
		}
		if p.min == 1 {
			all.required |= 1 << len(all.elements)
		}
		all.elements = append(all.elements, p.term.element)
	}
	return all, nil
}
