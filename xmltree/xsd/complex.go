package xsd

// complexType is the type of an element with attributes or child elements.
type complexType struct {
	attributes []attribute
	required   flags // of attributes

	// The content is one of these; all nil: none.
	simple *simpleType
	model  *automaton
	all    *allGroup

	particle *particle // of model, for types that extend this one
	open     bool      // being compiled
}

// attribute is an attribute that a type allows. A default is checked at Load and then forgotten: a
// document that leaves the attribute out has no such attribute for whoever reads the tree.
type attribute struct {
	name     name
	simple   *simpleType
	fixed    string // normalized
	hasFixed bool
}

// allGroup is the content of xs:all.
type allGroup struct {
	elements []*element
	required flags
	optional bool // may be left out as a whole
}

// flags is a set of indexes below maxFlags.
type flags uint64

const maxFlags = 64

func (f flags) has(i int) bool { return f>>i&1 != 0 }

// attribute finds the index of the attribute of that name.
func (t *complexType) attribute(space, local string) (int, bool) {
	for i := range t.attributes {
		if a := &t.attributes[i]; a.name.local == local && a.name.space == space {
			return i, true
		}
	}
	return 0, false
}
