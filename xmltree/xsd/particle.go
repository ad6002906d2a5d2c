package xsd

import (
	"slices"
	"strings"
)

// particle is a piece of a content model with its occurrence, XSD 1.0 part 1, 3.9.
type particle struct {
	kind     particleKind
	min, max int
	term     *term       // of a leaf
	parts    []*particle // of a sequence or choice
}

type particleKind uint8

const (
	leaf particleKind = iota
	sequence
	choice
)

// unbounded is maxOccurs without a bound.
const unbounded = int(^uint(0) >> 1)

// term is what one particle of the schema lets stand at a place: an element or, where that is nil,
// a wildcard. Its address is its identity: two terms of the same name are two.
type term struct {
	element  *element
	wildcard *wildcard
}

func (t *term) matches(space, local string) bool {
	if t.element != nil {
		return t.element.name.local == local && t.element.name.space == space
	}
	return t.wildcard.allows(space)
}

// overlaps says whether some element could match both.
func (t *term) overlaps(o *term) bool {
	switch {
	case t.element != nil:
		return o.matches(t.element.name.space, t.element.name.local)
	case o.element != nil:
		return t.matches(o.element.name.space, o.element.name.local)
	}
	return t.wildcard.overlaps(o.wildcard)
}

// String is how a term is shown to people.
func (t *term) String() string {
	if t.element != nil {
		return t.element.name.local
	}
	return t.wildcard.String()
}

// element is a declaration of an element.
type element struct {
	name name
	typed
}

// typed is the type of an element: one of the two.
type typed struct {
	simple  *simpleType
	complex *complexType
}

// wildcard is xs:any with processContents="skip": nothing below is looked at.
type wildcard struct {
	excluding bool     // allows every name space but those listed
	spaces    []string // "" is no name space
}

func (w *wildcard) allows(space string) bool {
	return slices.Contains(w.spaces, space) != w.excluding
}

func (w *wildcard) overlaps(o *wildcard) bool {
	switch {
	case w.excluding && o.excluding:
		return true
	case w.excluding:
		return slices.ContainsFunc(o.spaces, w.allows)
	}
	return slices.ContainsFunc(w.spaces, o.allows)
}

// String is any element of a name space, in the notation of James Clark: {urn:one}*, with a sign before
// it of any but those.
func (w *wildcard) String() string {
	texts := make([]string, len(w.spaces))
	for i, space := range w.spaces {
		texts[i] = "{" + space + "}*"
		if w.excluding {
			texts[i] = "≠ " + texts[i]
		}
	}
	return strings.Join(texts, " ")
}
