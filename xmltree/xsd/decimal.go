package xsd

import "strings"

// decimal is a value of xs:decimal as parts of its lexical form, so that no size of number costs an
// allocation.
type decimal struct {
	negative bool
	whole    string // without leading zeros
	fraction string // without trailing zeros
}

// parseDecimal reads the lexical form of XSD 1.0 part 2, 3.2.3.1: sign, digits, point, digits; no
// exponent.
func parseDecimal(s string) (decimal, bool) {
	digits, negative := unsigned(s)
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || point && !allDigits(fraction) {
		return decimal{}, false
	}
	d := decimal{negative, strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")}
	if d.whole == "" && d.fraction == "" {
		d.negative = false // -0 is 0
	}
	return d, true
}

// isInteger is the lexical form of xs:integer: a decimal without a point.
func isInteger(s string) bool {
	digits, _ := unsigned(s)
	return digits != "" && allDigits(digits)
}

// isUnsigned is the lexical form of the types named unsigned…
func isUnsigned(s string) bool { return s != "" && allDigits(s) }

func isDecimal(s string) bool {
	_, ok := parseDecimal(s)
	return ok
}

func unsigned(s string) (digits string, negative bool) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// compare is negative, zero or positive as d is less than, equal to or greater than o.
func (d decimal) compare(o decimal) int {
	if d.negative != o.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	c := d.compareMagnitude(o)
	if d.negative {
		return -c
	}
	return c
}

func (d decimal) compareMagnitude(o decimal) int {
	if len(d.whole) != len(o.whole) {
		return len(d.whole) - len(o.whole)
	}
	if c := strings.Compare(d.whole, o.whole); c != 0 {
		return c
	}
	// Fractions have no trailing zeros, so that the order of text is the order of values.
	return strings.Compare(d.fraction, o.fraction)
}

// totalDigits counts as XSD 1.0 part 2, 4.3.11: the digits of i in i × 10^-n, and at least n.
func (d decimal) totalDigits() int { return len(d.whole) + len(d.fraction) }
