package xsd

import (
	"strings"
	"unicode/utf8"
)

// Violation is one place where a document is not as its schema says.
type Violation struct {
	Path     string // of the element or attribute: /Placement/Wagon[2]/@number
	Offset   int    // byte of the element's start tag in the input as received
	Rule     string // a word of the closed list below
	Expected string // bounded: a facet, a type, the elements that may come here
	Actual   string // bounded: the value or name found, empty where something is missing
}

// String is for logs and test failures; the document's own text is quoted.
func (v Violation) String() string {
	var b strings.Builder
	b.WriteString(v.Path)
	b.WriteString(": ")
	b.WriteString(v.Rule)
	if v.Expected != "" {
		b.WriteString(", expected ")
		b.WriteString(v.Expected)
	}
	if v.Actual != "" {
		b.WriteString(", found ")
		b.WriteString(quote(v.Actual))
	}
	return b.String()
}

// What can be violated.
const (
	RuleUnknownRoot         = "unknown-root"
	RuleUnexpectedElement   = "unexpected-element"
	RuleMissingElement      = "missing-element"
	RuleUnexpectedText      = "unexpected-text"
	RuleUnexpectedAttribute = "unexpected-attribute"
	RuleMissingAttribute    = "missing-attribute"
	RuleInstanceAttribute   = "instance-attribute" // xsi:type, xsi:nil
	RuleFixed               = "fixed"
	RuleDuplicateID         = "duplicate-id"
	RuleType                = "type" // not in the lexical space of the built-in type
	RuleUnion               = "union"
	RulePattern             = "pattern"
	RuleEnumeration         = "enumeration"
	RuleLength              = "length"
	RuleMinLength           = "min-length"
	RuleMaxLength           = "max-length"
	RuleMinInclusive        = "min-inclusive"
	RuleMaxInclusive        = "max-inclusive"
	RuleMinExclusive        = "min-exclusive"
	RuleMaxExclusive        = "max-exclusive"
	RuleTotalDigits         = "total-digits"
	RuleFractionDigits      = "fraction-digits"
)

// maxShown bounds, in bytes, what a violation repeats of the document or of the schema.
const maxShown = 200

const ellipsis = "…"

// bounded cuts s to maxShown bytes, whole characters only.
func bounded(s string) string {
	if len(s) <= maxShown {
		return s
	}
	end := maxShown - len(ellipsis)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
