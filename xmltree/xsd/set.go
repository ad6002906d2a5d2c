package xsd

import (
	"io/fs"

	"asugate/xmltree"
)

// Set is compiled schemas, ready for concurrent use.
type Set struct{ elements map[name]*element }

// Load compiles the named files and what they include or import from fsys. The error wraps
// [ErrUnsupported] or [ErrIncorrect], or says why a file could not be read.
func Load(fsys fs.FS, names ...string) (*Set, error) {
	c := &compiler{
		fsys:       fsys,
		sources:    map[string]*source{},
		declared:   map[component]node{},
		open:       map[component]bool{},
		elements:   map[name]*element{},
		attributes: map[name]*attribute{},
		types:      map[name]typed{},
		builtins:   builtins(),
	}
	for _, file := range names {
		if _, err := c.read(file); err != nil {
			return nil, err
		}
	}
	for _, s := range c.order {
		if err := c.declare(s); err != nil {
			return nil, err
		}
	}
	for _, s := range c.order {
		if err := c.compile(s); err != nil {
			return nil, err
		}
	}
	return &Set{c.elements}, nil
}

// Declares says whether there is a global element declaration of that name.
func (s *Set) Declares(space, local string) bool {
	_, ok := s.elements[name{space, local}]
	return ok
}

// Validate compares the tree below root with the global declaration of root's name. At most max
// violations, and at least one (max below 1 is 1) where the document is not valid; nil when it is.
func (s *Set) Validate(root xmltree.Element, max int) []Violation {
	v := validation{max: max}
	e, ok := s.elements[name{root.Space(), root.Local()}]
	if !ok {
		v.report(root, RuleUnknownRoot, "", name{root.Space(), root.Local()}.String())
		return v.violations
	}
	v.element(root, e.typed)
	return v.violations
}
