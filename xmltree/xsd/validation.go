package xsd

import (
	"asugate/xmltree"
)

// instanceNamespace is the name space of the attributes that any element may have, XSD 1.0 part 1,
// 2.6.
const instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

// validation is one document being validated.
type validation struct {
	max        int
	violations []Violation

	// Values of xs:ID seen so far. Most documents have one, which costs no map.
	firstID string
	ids     map[string]bool
}

// full says that nothing more needs to be looked at.
func (v *validation) full() bool { return len(v.violations) > 0 && len(v.violations) >= v.max }

func (v *validation) report(e xmltree.Element, rule, expected, actual string) {
	v.reportAt(e, e.Path(), rule, expected, actual)
}

func (v *validation) reportAt(e xmltree.Element, path, rule, expected, actual string) {
	if !v.full() {
		v.violations = append(v.violations, Violation{path, e.Offset(), rule, bounded(expected), bounded(actual)})
	}
}

// element validates e and everything below it.
func (v *validation) element(e xmltree.Element, t typed) {
	if v.full() {
		return
	}
	if t.simple != nil {
		v.attributes(e, &noAttributes)
		v.text(e, t.simple)
		return
	}
	v.attributes(e, t.complex)
	switch c := t.complex; {
	case c.simple != nil:
		v.text(e, c.simple)
	case c.model != nil:
		v.children(e, c.model)
	case c.all != nil:
		v.all(e, c.all)
	default:
		v.empty(e)
	}
}

var noAttributes complexType

// attributes validates the attributes of e against those of t.
func (v *validation) attributes(e xmltree.Element, t *complexType) {
	var seen flags
	for a := range e.Attrs() {
		i, ok := t.attribute(a.Space, a.Local)
		switch {
		case ok:
			seen |= 1 << i
			v.attribute(e, &t.attributes[i], a)
		case a.Space != instanceNamespace:
			v.reportAt(e, attributePath(e, a.Space, a.Local), RuleUnexpectedAttribute, t.attributeNames(), a.Local)
		case a.Local != "schemaLocation" && a.Local != "noNamespaceSchemaLocation":
			// A hint where a schema might lie is harmless, as nobody follows it. xsi:type and
			// xsi:nil would change what the element means for one reader and not for another.
			v.reportAt(e, attributePath(e, a.Space, a.Local), RuleInstanceAttribute, "", a.Local)
		}
	}
	if missing := t.required &^ seen; missing != 0 {
		for i := range t.attributes {
			if missing.has(i) {
				n := t.attributes[i].name
				v.reportAt(e, attributePath(e, n.space, n.local), RuleMissingAttribute, n.local, "")
			}
		}
	}
}

func (v *validation) attribute(e xmltree.Element, declared *attribute, a xmltree.Attr) {
	value, f := declared.simple.check(a.Value)
	switch {
	case f.rule != "":
		v.reportAt(e, attributePath(e, a.Space, a.Local), f.rule, f.expected, a.Value)
	case declared.hasFixed && !declared.simple.equal(value, declared.fixed):
		v.reportAt(e, attributePath(e, a.Space, a.Local), RuleFixed, declared.fixed, a.Value)
	case declared.simple.id && !v.isNewID(value):
		v.reportAt(e, attributePath(e, a.Space, a.Local), RuleDuplicateID, "", a.Value)
	}
}

// isNewID notes a value of xs:ID and says whether it is the first of its kind.
func (v *validation) isNewID(value string) bool {
	switch {
	case v.firstID == "":
		v.firstID = value
		return true
	case v.ids == nil:
		v.ids = map[string]bool{v.firstID: true}
	}
	if v.ids[value] {
		return false
	}
	v.ids[value] = true
	return true
}

// text validates an element that holds a value and no elements.
func (v *validation) text(e xmltree.Element, t *simpleType) {
	for child := range e.Children() {
		v.report(child, RuleUnexpectedElement, endTag(e), child.Local())
		return
	}
	raw := e.Text()
	value, f := t.check(raw)
	switch {
	case f.rule != "":
		v.report(e, f.rule, f.expected, raw)
	case t.id && !v.isNewID(value):
		v.report(e, RuleDuplicateID, "", raw)
	}
}

// children validates an element that holds elements in an order.
func (v *validation) children(e xmltree.Element, model *automaton) {
	at, lost := cursor{}, false
	for child := range e.Nodes() {
		switch {
		case child.Kind == xmltree.TextNode:
			v.blank(e, child.Text)
		case child.Kind != xmltree.ElementNode:
		case lost:
			v.lost(child.Element, model.named(child.Element.Space(), child.Element.Local()))
		default:
			next, matched := model.step(at, child.Element.Space(), child.Element.Local())
			switch {
			case matched == nil:
				v.report(child.Element, RuleUnexpectedElement, model.expected(at, e), shownName(child.Element))
				v.lost(child.Element, model.named(child.Element.Space(), child.Element.Local()))
				lost = true
			case matched.element != nil:
				v.element(child.Element, matched.element.typed)
			}
			at = next
		}
		if v.full() {
			return
		}
	}
	if !lost && !model.complete(at) {
		v.report(e, RuleMissingElement, model.expected(at, e), "")
	}
}

// lost goes on below a child whose place is wrong or unknown: what is inside is still worth telling
// about.
func (v *validation) lost(child xmltree.Element, declared *element) {
	if declared != nil {
		v.element(child, declared.typed)
	}
}

// all validates an element that holds elements in any order.
func (v *validation) all(e xmltree.Element, all *allGroup) {
	var seen flags
	for child := range e.Nodes() {
		if child.Kind == xmltree.TextNode {
			v.blank(e, child.Text)
		}
		if child.Kind != xmltree.ElementNode {
			continue
		}
		i := all.index(child.Element.Space(), child.Element.Local())
		if i < 0 || seen.has(i) {
			v.report(child.Element, RuleUnexpectedElement, all.names(^seen), shownName(child.Element))
		}
		if i >= 0 {
			seen |= 1 << i
			v.element(child.Element, all.elements[i].typed)
		}
	}
	if missing := all.required &^ seen; missing != 0 && (seen != 0 || !all.optional) {
		v.report(e, RuleMissingElement, all.names(missing), "")
	}
}

// empty validates an element that may hold nothing, not even blanks: XSD 1.0 part 1, 3.4.4, 2.1.
func (v *validation) empty(e xmltree.Element) {
	for child := range e.Nodes() {
		switch child.Kind {
		case xmltree.ElementNode:
			v.report(child.Element, RuleUnexpectedElement, endTag(e), shownName(child.Element))
			return
		case xmltree.TextNode:
			v.report(e, RuleUnexpectedText, endTag(e), child.Text)
			return
		}
	}
}

// blank refuses text between elements.
func (v *validation) blank(e xmltree.Element, text string) {
	if !allBlank(text) {
		v.report(e, RuleUnexpectedText, "", Collapse(text))
	}
}
