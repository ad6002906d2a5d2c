package xsd

import (
	"fmt"
	"strings"
)

// simpleType is the type of a text without markup: a built-in type, or what facets leave of one.
type simpleType struct {
	builtin string // name of the built-in type it comes from, xs:date; empty for lists and unions
	variety variety
	space   whitespace
	facets  facets

	// Of an atomic type:
	lexical func(string) bool
	measure func(string) int       // for the length facets; nil where they do not apply
	equal   func(a, b string) bool // on normalized values; nil where values are never compared
	numeric bool                   // bounds and digits apply
	id      bool                   // xs:ID: unique in the document

	item    *simpleType   // of a list
	members []*simpleType // of a union
}

// variety is XSD 1.0 part 2, 4.1.1 {variety}.
type variety uint8

const (
	atomic variety = iota
	list
	union
)

// fault says why a value is not of its type; the zero value says that it is.
type fault struct{ rule, expected string }

// check judges a value as it stands in the document and returns it as the type normalizes it.
func (t *simpleType) check(raw string) (value string, f fault) {
	value = t.space.normalize(raw)
	switch t.variety {
	case list:
		items := 0
		for rest := value; rest != ""; items++ {
			var item string
			item, rest, _ = strings.Cut(rest, " ")
			if _, f := t.item.check(item); f != (fault{}) {
				return value, f
			}
		}
		return value, t.facets.check(t, value, items)
	case union:
		for _, member := range t.members {
			if normal, f := member.check(raw); f == (fault{}) {
				return normal, fault{}
			}
		}
		return value, fault{RuleUnion, ""}
	}
	if !t.lexical(value) {
		return value, fault{RuleType, t.builtin}
	}
	return value, t.facets.check(t, value, -1)
}

// facets are what restricts a type, gathered over all steps of its derivation.
type facets struct {
	patterns    [][]*pattern // of each step one must match
	enumeration []string     // normalized

	length, minLength, maxLength int // absent: none
	totalDigits, fractionDigits  int
	low, high                    *bound
}

// none is the value of a facet that is absent.
const none = -1

var noFacets = facets{length: none, minLength: none, maxLength: none, totalDigits: none, fractionDigits: none}

// bound is one of the facets minInclusive, minExclusive, maxInclusive and maxExclusive.
type bound struct {
	value     decimal
	source    string
	exclusive bool
}

// check judges a normalized value that is in the lexical space; items is its length when it is a
// list.
func (f *facets) check(t *simpleType, value string, items int) fault {
	for _, step := range f.patterns {
		if !matchesAny(step, value) {
			return fault{RulePattern, sources(step)}
		}
	}
	if f.length != none || f.minLength != none || f.maxLength != none {
		if items < 0 {
			items = t.measure(value)
		}
		if fault := f.checkLength(items); fault.rule != "" {
			return fault
		}
	}
	if f.enumeration != nil && !f.enumerates(t, value) {
		return fault{RuleEnumeration, strings.Join(f.enumeration, " | ")}
	}
	if t.numeric {
		return f.checkNumber(value)
	}
	return fault{}
}

func matchesAny(step []*pattern, value string) bool {
	for _, p := range step {
		if p.matches(value) {
			return true
		}
	}
	return false
}

func sources(step []*pattern) string {
	texts := make([]string, len(step))
	for i, p := range step {
		texts[i] = p.source
	}
	return strings.Join(texts, " | ")
}

func (f *facets) enumerates(t *simpleType, value string) bool {
	for _, allowed := range f.enumeration {
		if t.equal(allowed, value) {
			return true
		}
	}
	return false
}

func (f *facets) checkLength(n int) fault {
	switch {
	case f.length != none && n != f.length:
		return fault{RuleLength, fmt.Sprintf("= %d", f.length)}
	case f.minLength != none && n < f.minLength:
		return fault{RuleMinLength, fmt.Sprintf("≥ %d", f.minLength)}
	case f.maxLength != none && n > f.maxLength:
		return fault{RuleMaxLength, fmt.Sprintf("≤ %d", f.maxLength)}
	}
	return fault{}
}

func (f *facets) checkNumber(value string) fault {
	d, _ := parseDecimal(value) // in the lexical space already
	if f.low != nil {
		if c := d.compare(f.low.value); c < 0 || c == 0 && f.low.exclusive {
			return f.low.fault("≥ ", "> ", RuleMinInclusive, RuleMinExclusive)
		}
	}
	if f.high != nil {
		if c := d.compare(f.high.value); c > 0 || c == 0 && f.high.exclusive {
			return f.high.fault("≤ ", "< ", RuleMaxInclusive, RuleMaxExclusive)
		}
	}
	if f.totalDigits != none && d.totalDigits() > f.totalDigits {
		return fault{RuleTotalDigits, fmt.Sprintf("≤ %d", f.totalDigits)}
	}
	if f.fractionDigits != none && len(d.fraction) > f.fractionDigits {
		return fault{RuleFractionDigits, fmt.Sprintf("≤ %d", f.fractionDigits)}
	}
	return fault{}
}

func (b *bound) fault(inclusive, exclusive, inclusiveRule, exclusiveRule string) fault {
	if b.exclusive {
		return fault{exclusiveRule, exclusive + b.source}
	}
	return fault{inclusiveRule, inclusive + b.source}
}
