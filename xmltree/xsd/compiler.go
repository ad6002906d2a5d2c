package xsd

import (
	"io/fs"
	"math"
	"strconv"
)

// compiler turns schema documents into a Set.
type compiler struct {
	fsys    fs.FS
	sources map[string]*source
	order   []*source // as read, so that the first error is always the same one

	declared   map[component]node
	open       map[component]bool // being compiled: a second visit is a circle
	elements   map[name]*element
	attributes map[name]*attribute
	types      map[name]typed
	builtins   map[string]*simpleType
}

// component is the key of a global definition: XSD 1.0 part 1, 2.5 has one space of names for each
// kind.
type component struct {
	kind string // element, attribute, type, attributeGroup
	name name
}

// declare enters the global definitions of a schema document.
func (c *compiler) declare(s *source) error {
	for _, n := range (node{s.root, s}).parts() {
		kind := n.Local()
		switch kind {
		case "include", "import":
			continue
		case "simpleType", "complexType":
			kind = "type"
		}
		local, _ := n.attr("name")
		if !isNCName(local) {
			return n.incorrect("name %s", quote(local))
		}
		key := component{kind, name{s.target, local}}
		if other, twice := c.declared[key]; twice {
			return n.incorrect("%s is declared in %s already", local, other.source.file)
		}
		c.declared[key] = n
	}
	return nil
}

// compile compiles the global definitions of a schema document, whether used or not.
func (c *compiler) compile(s *source) error {
	for _, n := range (node{s.root, s}).parts() {
		local, _ := n.attr("name")
		at := name{s.target, local}
		var err error
		switch n.Local() {
		case "element":
			_, err = c.globalElement(at)
		case "attribute":
			_, err = c.globalAttribute(n, at)
		case "simpleType", "complexType":
			_, err = c.globalType(n, at)
		case "attributeGroup":
			_, err = c.attributeGroup(n, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// globalElement is the declaration of a global element. It is entered before its type is compiled,
// because the type may refer to it.
func (c *compiler) globalElement(at name) (*element, error) {
	if e, ok := c.elements[at]; ok {
		return e, nil
	}
	n := c.declared[component{"element", at}]
	e := &element{name: at}
	c.elements[at] = e
	var err error
	e.typed, err = c.elementType(n)
	return e, err
}

// elementType is the type that an element declaration names or holds.
func (c *compiler) elementType(n node) (typed, error) {
	parts := n.parts()
	named, ok := n.attr("type")
	switch {
	case ok && len(parts) > 0:
		return typed{}, n.incorrect("type both named and inside")
	case ok:
		return c.typeNamed(n, named)
	case len(parts) == 0:
		return typed{}, n.unsupported("element without type")
	case parts[0].Local() == "simpleType":
		t, err := c.simpleType(parts[0])
		return typed{simple: t}, err
	}
	t := &complexType{}
	return typed{complex: t}, c.complexType(parts[0], t)
}

// typeNamed is the type that a qualified name at n means.
func (c *compiler) typeNamed(n node, qualified string) (typed, error) {
	at, err := n.resolve(qualified)
	if err != nil {
		return typed{}, err
	}
	if at.space == schemaNamespace {
		t, ok := c.builtins[at.local]
		if !ok {
			return typed{}, n.unsupported("built-in type %s", at.local)
		}
		return typed{simple: t}, nil
	}
	return c.globalType(n, at)
}

// globalType is the type of that name, compiled when first asked for.
func (c *compiler) globalType(n node, at name) (typed, error) {
	if t, ok := c.types[at]; ok {
		return t, nil
	}
	key := component{"type", at}
	definition, ok := c.declared[key]
	if !ok {
		return typed{}, n.incorrect("there is no type %s", at)
	}
	if definition.Local() == "complexType" {
		t := typed{complex: &complexType{open: true}}
		c.types[at] = t // its elements may be of this type again
		err := c.complexType(definition, t.complex)
		t.complex.open = false
		return t, err
	}
	if c.open[key] {
		return typed{}, n.incorrect("type %s is made of itself", at)
	}
	c.open[key] = true
	defer delete(c.open, key)
	t, err := c.simpleType(definition)
	if err != nil {
		return typed{}, err
	}
	c.types[at] = typed{simple: t}
	return c.types[at], nil
}

// simpleTypeNamed is typeNamed where only a simple type will do.
func (c *compiler) simpleTypeNamed(n node, qualified string) (*simpleType, error) {
	t, err := c.typeNamed(n, qualified)
	if err == nil && t.simple == nil {
		return nil, n.incorrect("%s is not a simple type", qualified)
	}
	return t.simple, err
}

// occurrence reads minOccurs and maxOccurs.
func (n node) occurrence() (low, high int, err error) {
	if low, err = n.natural("minOccurs", 1); err != nil {
		return 0, 0, err
	}
	if value, _ := n.attr("maxOccurs"); value == "unbounded" {
		return low, unbounded, nil
	}
	if high, err = n.natural("maxOccurs", 1); err != nil {
		return 0, 0, err
	}
	if high < low {
		return 0, 0, n.incorrect("maxOccurs below minOccurs")
	}
	return low, high, nil
}

// natural reads an attribute that is a number of occurrences, characters or digits.
func (n node) natural(attribute string, absent int) (int, error) {
	value, ok := n.attr(attribute)
	switch number, err := strconv.Atoi(value); {
	case !ok:
		return absent, nil
	case value == "" || !allDigits(value):
		return 0, n.incorrect("%s %s", attribute, quote(value))
	case err != nil || number > math.MaxInt32:
		return 0, n.unsupported("%s %s", attribute, quote(value))
	default:
		return number, nil
	}
}
