package xsd

// attributeUse is an attribute as one type or group uses it.
type attributeUse struct {
	attribute
	required bool
}

// attributesOf compiles the attributes and attribute groups among parts.
func (c *compiler) attributesOf(parts []node) ([]attributeUse, error) {
	var uses []attributeUse
	for _, part := range parts {
		switch part.Local() {
		case "attribute":
			use, err := c.attributeUse(part)
			if err != nil {
				return nil, err
			}
			uses = append(uses, use)
		case "attributeGroup":
			ref, _ := part.attr("ref")
			at, err := part.resolve(ref)
			if err != nil {
				return nil, err
			}
			group, err := c.attributeGroup(part, at)
			if err != nil {
				return nil, err
			}
			uses = append(uses, group...)
		}
	}
	return uses, nil
}

// attributeGroup compiles the global attribute group of that name.
func (c *compiler) attributeGroup(n node, at name) ([]attributeUse, error) {
	key := component{"attributeGroup", at}
	definition, ok := c.declared[key]
	switch {
	case !ok:
		return nil, n.incorrect("there is no attributeGroup %s", at)
	case c.open[key]:
		return nil, n.incorrect("attributeGroup %s is made of itself", at)
	}
	c.open[key] = true
	defer delete(c.open, key)
	return c.attributesOf(definition.parts())
}

// attributeUse compiles a local attribute or a reference to a global one.
func (c *compiler) attributeUse(n node) (attributeUse, error) {
	use := attributeUse{}
	switch value, ok := n.attr("use"); {
	case value == "required":
		use.required = true
	case value == "prohibited":
		return use, n.unsupported("use prohibited")
	case ok && value != "optional":
		return use, n.incorrect("use %s", quote(value))
	}
	declaration, err := c.attributeDeclaration(n)
	if err != nil {
		return use, err
	}
	use.attribute = *declaration
	if _, ok := n.Attr("", "default"); ok && use.required {
		return use, n.incorrect("a required attribute with a default")
	}
	if _, ok := n.Attr("", "ref"); ok && declaration.hasFixed {
		if _, ok := n.Attr("", "default"); ok {
			return use, n.incorrect("a default for an attribute with a fixed value")
		}
		if value, ok := n.Attr("", "fixed"); ok && !use.simple.equal(use.simple.space.normalize(value), use.fixed) {
			return use, n.incorrect("another fixed value than that of the attribute")
		}
	}
	return use, use.constrain(n)
}

// attributeDeclaration is what a local attribute declares or refers to.
func (c *compiler) attributeDeclaration(n node) (*attribute, error) {
	local, named := n.attr("name")
	ref, referred := n.attr("ref")
	_, hasType := n.attr("type")
	switch {
	case named == referred:
		return nil, n.incorrect("an attribute has either name or ref")
	case referred && (hasType || len(n.parts()) > 0):
		return nil, n.incorrect("a reference with a type")
	case referred:
		at, err := n.resolve(ref)
		if err != nil {
			return nil, err
		}
		return c.globalAttribute(n, at)
	case !isNCName(local) || local == "xmlns":
		return nil, n.incorrect("name %s", quote(local))
	}
	t, err := c.attributeType(n)
	return &attribute{name: name{"", local}, simple: t}, err
}

// globalAttribute is the declaration of the global attribute of that name.
func (c *compiler) globalAttribute(n node, at name) (*attribute, error) {
	if a, ok := c.attributes[at]; ok {
		return a, nil
	}
	definition, ok := c.declared[component{"attribute", at}]
	if !ok {
		return nil, n.incorrect("there is no attribute %s", at)
	}
	t, err := c.attributeType(definition)
	if err != nil {
		return nil, err
	}
	a := &attribute{name: at, simple: t}
	if err := a.constrain(definition); err != nil {
		return nil, err
	}
	c.attributes[at] = a
	return a, nil
}

// attributeType is the type that an attribute declaration names or holds.
func (c *compiler) attributeType(n node) (*simpleType, error) {
	parts := n.parts()
	named, ok := n.attr("type")
	switch {
	case ok && len(parts) > 0:
		return nil, n.incorrect("type both named and inside")
	case ok:
		return c.simpleTypeNamed(n, named)
	case len(parts) == 0:
		return nil, n.unsupported("attribute without type")
	}
	return c.simpleType(parts[0])
}

// constrain reads the default or fixed value at n.
func (a *attribute) constrain(n node) error {
	value, isDefault := n.Attr("", "default")
	if fixed, ok := n.Attr("", "fixed"); ok {
		if isDefault {
			return n.incorrect("both default and fixed")
		}
		if a.simple.equal == nil {
			return n.unsupported("fixed value of a type whose values are not compared")
		}
		value = fixed
		a.hasFixed = true
	} else if !isDefault {
		return nil
	}
	if a.simple.id {
		return n.incorrect("a value for every xs:ID") // XSD 1.0 part 1, 3.2.6
	}
	normal, f := a.simple.check(value)
	if f != (fault{}) {
		return n.incorrect("value %s: %s, expected %s", quote(value), f.rule, f.expected)
	}
	if a.hasFixed {
		a.fixed = normal
	}
	return nil
}
