package xsd

import "strings"

// whitespace says what becomes of blanks in a value before it is looked at: XSD 1.0 part 2, 4.3.6.
type whitespace uint8

const (
	preserve whitespace = iota
	replace             // each tab, CR and LF is a space
	collapse            // and runs of spaces are one, at the ends none
)

var whitespaces = map[string]whitespace{"preserve": preserve, "replace": replace, "collapse": collapse}

func (w whitespace) normalize(s string) string {
	switch w {
	case collapse:
		return Collapse(s)
	case replace:
		if strings.ContainsAny(s, "\t\n\r") {
			return strings.Map(blankToSpace, s)
		}
	}
	return s
}

func blankToSpace(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// Collapse is the value of s in every type but xs:string and xs:normalizedString: whoever reads
// such a value from a validated tree has to read it through Collapse, because the blanks round it
// were not looked at.
func Collapse(s string) string {
	if isCollapsed(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		if isBlank(s[i]) {
			continue
		}
		if i > 0 && isBlank(s[i-1]) && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isCollapsed(s string) bool {
	for i := range len(s) {
		if s[i] > ' ' {
			continue
		}
		if s[i] != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// isBlank is white space of XML 1.0 [3]; no other control character can be in a tree.
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func allBlank(s string) bool {
	for i := range len(s) {
		if !isBlank(s[i]) {
			return false
		}
	}
	return true
}
