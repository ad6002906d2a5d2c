package xsd

import (
	"strings"
	"unicode/utf8"
)

// schemaNamespace is the name space of XML Schema itself, where the built-in types are.
const schemaNamespace = "http://www.w3.org/2001/XMLSchema"

// builtins are the built-in types of XSD 1.0 part 2 that schemas may use. Others are refused:
// floating point and durations have no place in papers, and xs:QName, xs:NOTATION, xs:IDREF and
// xs:ENTITY mean more than their text.
func builtins() map[string]*simpleType {
	types := map[string]*simpleType{}
	add := func(name string, t simpleType) {
		t.builtin = "xs:" + name
		types[name] = &t
	}
	text := func(space whitespace, lexical func(string) bool) simpleType {
		return simpleType{space: space, lexical: lexical, measure: utf8.RuneCountInString, equal: equalText, facets: noFacets}
	}
	add("string", text(preserve, isAnyString))
	add("normalizedString", text(replace, isAnyString))
	add("token", text(collapse, isAnyString))
	add("language", text(collapse, isLanguage))
	add("NMTOKEN", text(collapse, isNMTOKEN))
	add("Name", text(collapse, isName))
	add("NCName", text(collapse, isNCName))
	add("anyURI", text(collapse, isAnyURI))
	id := text(collapse, isNCName)
	id.id = true
	add("ID", id)

	add("boolean", simpleType{space: collapse, lexical: isBoolean, equal: equalBoolean, facets: noFacets})
	add("date", simpleType{space: collapse, lexical: isDate, facets: noFacets})
	add("dateTime", simpleType{space: collapse, lexical: isDateTime, facets: noFacets})
	add("hexBinary", simpleType{space: collapse, lexical: isHexBinary, measure: hexLength, equal: strings.EqualFold,
		facets: noFacets})
	add("base64Binary", simpleType{space: collapse, lexical: isBase64Binary, measure: lengthOfBase64, equal: equalBase64,
		facets: noFacets})

	number := simpleType{space: collapse, lexical: isDecimal, equal: equalDecimal, numeric: true, facets: noFacets}
	add("decimal", number)
	number.facets.fractionDigits = 0
	for _, row := range integers {
		number.lexical = isInteger
		number.facets.low, number.facets.high = boundAt(row.low), boundAt(row.high)
		if strings.HasPrefix(row.name, "unsigned") {
			number.lexical = isUnsigned // 3.3.21.1: digits, without the sign that 3.3.20.1 allows
		}
		add(row.name, number)
	}
	return types
}

// integers are the ranges of the types derived from xs:integer, XSD 1.0 part 2, 3.3.13 to 3.3.25.
var integers = []struct{ name, low, high string }{
	{"integer", "", ""},
	{"nonPositiveInteger", "", "0"},
	{"negativeInteger", "", "-1"},
	{"nonNegativeInteger", "0", ""},
	{"positiveInteger", "1", ""},
	{"long", "-9223372036854775808", "9223372036854775807"},
	{"int", "-2147483648", "2147483647"},
	{"short", "-32768", "32767"},
	{"byte", "-128", "127"},
	{"unsignedLong", "0", "18446744073709551615"},
	{"unsignedInt", "0", "4294967295"},
	{"unsignedShort", "0", "65535"},
	{"unsignedByte", "0", "255"},
}

func boundAt(source string) *bound {
	if source == "" {
		return nil
	}
	value, _ := parseDecimal(source)
	return &bound{value: value, source: source}
}

func hexLength(s string) int { return len(s) / 2 }

func lengthOfBase64(s string) int {
	n, _ := base64Length(s)
	return n
}

func equalText(a, b string) bool { return a == b }

func equalBoolean(a, b string) bool {
	return (a == "true" || a == "1") == (b == "true" || b == "1")
}

func equalBase64(a, b string) bool {
	return strings.ReplaceAll(a, " ", "") == strings.ReplaceAll(b, " ", "")
}

func equalDecimal(a, b string) bool {
	x, _ := parseDecimal(a)
	y, _ := parseDecimal(b)
	return x.compare(y) == 0
}
