package xsd

import (
	"strings"

	"asugate/xmltree"
)

// What violations show of names. None of this is called for a valid document.

// attributePath is the place of an attribute, be it there or missing.
func attributePath(e xmltree.Element, space, local string) string {
	switch space {
	case "":
	case xmlNamespace:
		local = "xml:" + local
	case instanceNamespace:
		local = "xsi:" + local
	default:
		local = name{bounded(space), local}.String()
	}
	return e.Path() + "/@" + local
}

// shownName is the name of an element, with its name space where it is not that of its parent.
func shownName(e xmltree.Element) string {
	if parent := e.Parent(); !parent.IsZero() && parent.Space() == e.Space() {
		return e.Local()
	}
	return name{e.Space(), e.Local()}.String()
}

func (t *complexType) attributeNames() string {
	if len(t.attributes) == 0 {
		return "no attribute"
	}
	var names []string
	for _, a := range t.attributes {
		names = append(names, a.name.local)
	}
	return strings.Join(names, " | ")
}

// names lists the elements of which.
func (g *allGroup) names(which flags) string {
	var names []string
	for i, e := range g.elements {
		if which.has(i) {
			names = append(names, e.name.local)
		}
	}
	return strings.Join(names, " | ")
}

// index finds an element of the group by its name, -1 if there is none.
func (g *allGroup) index(space, local string) int {
	for i, e := range g.elements {
		if e.name.local == local && e.name.space == space {
			return i
		}
	}
	return -1
}

// endTag is how an element ends, without a prefix.
func endTag(e xmltree.Element) string { return "</" + e.Local() + ">" }
