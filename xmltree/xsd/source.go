package xsd

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"asugate/xmltree"
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// name is an expanded name.
type name struct{ space, local string }

func (n name) String() string {
	if n.space == "" {
		return n.local
	}
	return "{" + n.space + "}" + n.local
}

// source is one schema document.
type source struct {
	file      string
	target    string   // its target name space, empty for none
	qualified bool     // local elements are in it
	imports   []string // other name spaces that it may refer to
	root      xmltree.Element
}

// node is an element of a schema document.
type node struct {
	xmltree.Element
	source *source
}

// attr is the value of an attribute of the schema language, all of which are collapsed but for
// those that hold values of the documents' own types.
func (n node) attr(local string) (string, bool) {
	value, ok := n.Attr("", local)
	return Collapse(value), ok
}

// parts are the child elements but for annotations.
func (n node) parts() []node {
	var parts []node
	for child := range n.Children() {
		if child.Local() != "annotation" {
			parts = append(parts, node{child, n.source})
		}
	}
	return parts
}

func (n node) incorrect(format string, args ...any) error {
	return n.refuse(ErrIncorrect, fmt.Sprintf(format, args...))
}

func (n node) unsupported(format string, args ...any) error {
	return n.refuse(ErrUnsupported, fmt.Sprintf(format, args...))
}

func (n node) refuse(why error, what string) error {
	return fmt.Errorf("%s: %s: %s: %w", n.source.file, n.Path(), what, why)
}

// blame says where in the schema an error arose that does not know.
func (n node) blame(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", n.source.file, n.Path(), err)
}

// resolve reads a qualified name in the scope of n. XSD 1.0 part 1, 3.15.3: it may name what is in
// the target name space, in that of the schema language, or in one that the same document imports.
func (n node) resolve(qualified string) (name, error) {
	prefix, local, colon := strings.Cut(qualified, ":")
	if !colon {
		prefix, local = "", qualified
	}
	if !isNCName(local) || colon && !isNCName(prefix) {
		return name{}, n.incorrect("name %s", quote(qualified))
	}
	space, bound := n.Namespace(prefix)
	if colon && !bound {
		return name{}, n.incorrect("prefix of %s is not declared", quote(qualified))
	}
	if space != n.source.target && space != schemaNamespace && !slices.Contains(n.source.imports, space) {
		return name{}, n.incorrect("name space of %s is not imported", quote(qualified))
	}
	return name{space, local}, nil
}

// read reads a schema document and those that it includes or imports. A document with another
// target than its includer or importer says is refused, also one without any, which would mean
// something else in each place.
func (c *compiler) read(file string) (*source, error) {
	if s, ok := c.sources[file]; ok {
		return s, nil
	}
	raw, err := fs.ReadFile(c.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("reading schema %s: %w", file, err)
	}
	tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("reading schema %s: %w: %w", file, err, ErrIncorrect)
	}
	s := &source{file: file, root: tree.Root()}
	root := node{s.root, s}
	if !root.Is(schemaNamespace, "schema") {
		return nil, root.incorrect("root is not xs:schema")
	}
	if err := root.known(""); err != nil {
		return nil, err
	}
	if err := s.defaults(root); err != nil {
		return nil, err
	}
	c.sources[file] = s
	c.order = append(c.order, s)
	for _, part := range root.parts() {
		if part.Local() == "include" || part.Local() == "import" {
			if err := c.follow(part); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// defaults reads the attributes of xs:schema.
func (s *source) defaults(root node) error {
	target, named := root.Attr("", "targetNamespace")
	if named && (target == "" || target == schemaNamespace || target == instanceNamespace) {
		return root.incorrect("targetNamespace %s", quote(target))
	}
	s.target = target
	elements, given := root.attr("elementFormDefault")
	if given && elements != "qualified" && elements != "unqualified" {
		return root.incorrect("elementFormDefault %s", quote(elements))
	}
	s.qualified = elements == "qualified"
	if attributes, given := root.attr("attributeFormDefault"); given && attributes != "unqualified" {
		return root.unsupported("attributeFormDefault %s", quote(attributes))
	}
	return nil
}

// follow reads what an include or import names.
func (c *compiler) follow(n node) error {
	location, ok := n.attr("schemaLocation")
	if !ok {
		return n.unsupported("%s without schemaLocation", n.Local())
	}
	file := path.Join(path.Dir(n.source.file), location)
	if path.IsAbs(location) || strings.Contains(location, ":") || !fs.ValidPath(file) {
		return n.unsupported("schemaLocation %s is not beside this file", quote(location))
	}
	target := n.source.target
	if n.Local() == "import" {
		target, _ = n.Attr("", "namespace")
		if target == "" {
			return n.unsupported("import of no name space")
		}
		if target == n.source.target {
			return n.incorrect("import of the target name space")
		}
		n.source.imports = append(n.source.imports, target)
	}
	s, err := c.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return n.incorrect("schemaLocation %s: %v", quote(location), err)
	}
	if err != nil {
		return err
	}
	if s.target == "" && target != "" {
		return n.unsupported("%s has no target name space", file)
	}
	if s.target != target {
		return n.incorrect("target name space of %s is %s", file, quote(s.target))
	}
	return nil
}
