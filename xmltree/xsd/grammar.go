package xsd

import (
	"regexp"
	"slices"
	"strings"

	"asugate/xmltree"
)

// construct is one element of the schema language in one context: the attributes and children that
// we know there.
type construct struct {
	attributes string         // separated by blanks
	children   *regexp.Regexp // of the names of the children, each followed by a blank
}

const (
	declaredAttributes = `((attribute|attributeGroup) )*`
	anyFacets          = `((pattern|enumeration|whiteSpace|length|minLength|maxLength|minInclusive|maxInclusive|` +
		`minExclusive|maxExclusive|totalDigits|fractionDigits) )*`
)

// grammar is everything of XML Schema that this package knows; what is not here, Load refuses. A
// key is the name of an element, after the name of its parent where that makes a difference.
var grammar = map[string]construct{
	"schema": {"targetNamespace elementFormDefault attributeFormDefault version", children(
		`((annotation|include|import) )*((annotation|element|attribute|simpleType|complexType|attributeGroup) )*`)},
	"include":       {"schemaLocation", children(``)},
	"import":        {"namespace schemaLocation", children(``)},
	"annotation":    {"", regexp.MustCompile(`^(documentation )*$`)},
	"documentation": {"xml:lang source", nil},

	"schema/element": {"name type", children(`((simpleType|complexType) )?`)},
	"element":        {"name ref type minOccurs maxOccurs", children(`((simpleType|complexType) )?`)},
	"any":            {"namespace processContents minOccurs maxOccurs", children(``)},
	"sequence":       {"minOccurs maxOccurs", children(`((element|any|sequence|choice) )*`)},
	"choice":         {"minOccurs maxOccurs", children(`((element|any|sequence|choice) )*`)},
	"all":            {"minOccurs maxOccurs", children(`(element )*`)},

	"schema/attribute":      {"name type default fixed", children(`(simpleType )?`)},
	"attribute":             {"name ref type use default fixed", children(`(simpleType )?`)},
	"schema/attributeGroup": {"name", children(declaredAttributes)},
	"attributeGroup":        {"ref", children(``)},

	"schema/complexType": {"name", children(complexBody)},
	"complexType":        {"", children(complexBody)},
	"complexContent":     {"", children(`extension `)},
	"simpleContent":      {"", children(`(extension|restriction) `)},

	"complexContent/extension":  {"base", children(`((sequence|choice) )?` + declaredAttributes)},
	"simpleContent/extension":   {"base", children(declaredAttributes)},
	"simpleContent/restriction": {"base", children(anyFacets)},

	"schema/simpleType": {"name", children(`(restriction|list|union) `)},
	"simpleType":        {"", children(`(restriction|list|union) `)},
	"restriction":       {"base", children(`(simpleType )?` + anyFacets)},
	"list":              {"itemType", children(`(simpleType )?`)},
	"union":             {"memberTypes", children(`(simpleType )*`)},

	"pattern": facet, "enumeration": facet, "whiteSpace": facet, "length": facet, "minLength": facet,
	"maxLength": facet, "minInclusive": facet, "maxInclusive": facet, "minExclusive": facet, "maxExclusive": facet,
	"totalDigits": facet, "fractionDigits": facet,
}

const complexBody = `((simpleContent|complexContent) |((sequence|choice|all) )?` + declaredAttributes + `)`

var facet = construct{"value", children(``)}

// children describes the children of a construct, any of which may begin with an annotation.
func children(names string) *regexp.Regexp {
	return regexp.MustCompile(`^(annotation )?` + names + `$`)
}

// lookUp finds the construct of n below parent.
func lookUp(parent, local string) (construct, bool) {
	if c, ok := grammar[parent+"/"+local]; ok {
		return c, true
	}
	c, ok := grammar[local]
	return c, ok
}

// known refuses what grammar does not have, in n and everything below it.
func (n node) known(parent string) error {
	c, ok := lookUp(parent, n.Local())
	if n.Space() != schemaNamespace || !ok {
		return n.unsupported("element %s", n.Local())
	}
	for a := range n.Attrs() {
		name := a.Local
		if a.Space == xmlNamespace {
			name = "xml:" + a.Local
		} else if a.Space != "" {
			name = "{" + a.Space + "}" + a.Local
		}
		if !slices.Contains(strings.Fields(c.attributes), name) {
			return n.unsupported("attribute %s", name)
		}
	}
	if c.children == nil {
		return nil // a text for people
	}
	var names strings.Builder
	for child := range n.Nodes() {
		switch {
		case child.Kind == xmltree.TextNode && !allBlank(child.Text):
			return n.incorrect("text %s", quote(child.Text))
		case child.Kind == xmltree.ElementNode:
			if err := (node{child.Element, n.source}).known(n.Local()); err != nil {
				return err
			}
			names.WriteString(child.Element.Local() + " ")
		}
	}
	if !c.children.MatchString(names.String()) {
		return n.unsupported("children %s", quote(strings.TrimSpace(names.String())))
	}
	return nil
}
