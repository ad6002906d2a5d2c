package xsd

// complexType compiles n into t.
func (c *compiler) complexType(n node, t *complexType) error {
	parts := n.parts()
	if len(parts) > 0 {
		switch parts[0].Local() {
		case "simpleContent":
			return c.simpleContent(parts[0].parts()[0], t)
		case "complexContent":
			return c.extension(parts[0].parts()[0], t)
		case "all":
			all, err := c.allGroup(parts[0])
			if err != nil {
				return err
			}
			if len(all.elements) > 0 {
				t.all = all
			}
			return c.addAttributes(n, parts, t)
		}
	}
	p, err := c.particleOf(parts)
	if err != nil {
		return err
	}
	if err := t.setContent(n, p); err != nil {
		return err
	}
	return c.addAttributes(n, parts, t)
}

// setContent compiles the content model p; a model without any element in it is empty content.
func (t *complexType) setContent(n node, p *particle) error {
	if p == nil || len(p.parts) == 0 || p.max == 0 {
		return nil
	}
	t.particle = p
	var err error
	t.model, err = compileModel(p)
	return n.blame(err)
}

// extension compiles xs:extension of a complex type: the content of the base, then that of n, in
// sequence.
func (c *compiler) extension(n node, t *complexType) error {
	base, err := c.baseOf(n)
	if err != nil {
		return err
	}
	switch {
	case base.complex == nil:
		return n.incorrect("the base is a simple type")
	case base.complex.simple != nil:
		return n.unsupported("complexContent over simple content")
	case base.complex.all != nil:
		return n.unsupported("extension of xs:all")
	}
	p, err := c.particleOf(n.parts())
	if err != nil {
		return err
	}
	inherited := base.complex.particle
	switch {
	case inherited != nil && p != nil && len(p.parts) > 0:
		p = &particle{kind: sequence, min: 1, max: 1, parts: []*particle{inherited, p}}
	case inherited != nil:
		p = inherited
	}
	if err := t.setContent(n, p); err != nil {
		return err
	}
	t.attributes, t.required = append(t.attributes, base.complex.attributes...), base.complex.required
	return c.addAttributes(n, n.parts(), t)
}

// simpleContent compiles the extension or restriction n of a type whose elements have text and
// attributes.
func (c *compiler) simpleContent(n node, t *complexType) error {
	base, err := c.baseOf(n)
	if err != nil {
		return err
	}
	if base.complex != nil {
		t.simple = base.complex.simple
		t.attributes, t.required = append(t.attributes, base.complex.attributes...), base.complex.required
	} else {
		t.simple = base.simple
	}
	switch {
	case t.simple == nil:
		return n.incorrect("the base has no simple content")
	case n.Local() == "extension":
		return c.addAttributes(n, n.parts(), t)
	case base.complex == nil:
		return n.incorrect("a simple type is restricted by xs:simpleType")
	}
	t.simple, err = c.restrict(t.simple, n.parts())
	return err
}

// baseOf is the type that an extension or restriction starts from.
func (c *compiler) baseOf(n node) (typed, error) {
	qualified, ok := n.attr("base")
	if !ok {
		return typed{}, n.incorrect("no base")
	}
	base, err := c.typeNamed(n, qualified)
	if err == nil && base.complex != nil && base.complex.open {
		return typed{}, n.incorrect("type %s is made of itself", qualified)
	}
	return base, err
}

// addAttributes compiles the attributes among parts into t.
func (c *compiler) addAttributes(n node, parts []node, t *complexType) error {
	added, err := c.attributesOf(parts)
	if err != nil {
		return err
	}
	for _, use := range added {
		if _, twice := t.attribute(use.name.space, use.name.local); twice {
			return n.incorrect("attribute %s twice", use.name)
		}
		if len(t.attributes) == maxFlags {
			return n.unsupported("over %d attributes", maxFlags)
		}
		for _, other := range t.attributes {
			if use.simple.id && other.simple.id {
				return n.incorrect("two attributes of type xs:ID")
			}
		}
		if use.required {
			t.required |= 1 << len(t.attributes)
		}
		t.attributes = append(t.attributes, use.attribute)
	}
	return nil
}
