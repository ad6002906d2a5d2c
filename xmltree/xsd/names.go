package xsd

import "unicode/utf8"

// nameStart is NameStartChar of XML 1.0 (fifth edition) with the colon, nameRest is what NameChar
// adds to it. Parsers of today, ours among them, follow that edition.
var (
	nameStart = runeSet{
		{':', ':'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF},
		{0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
		{0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
	}
	nameRest = runeSet{
		{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040},
	}
)

// isNMTOKEN is one or more name characters.
func isNMTOKEN(s string) bool {
	for _, r := range s {
		if !isNameStart(r) && !nameRest.contains(r) {
			return false
		}
	}
	return s != ""
}

// isName is an NMTOKEN that begins like a name.
func isName(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return isNameStart(first) && isNMTOKEN(s)
}

// isNCName is a name without a colon (Namespaces in XML 1.0).
func isNCName(s string) bool {
	for i := range len(s) {
		if s[i] == ':' {
			return false
		}
	}
	return isName(s)
}

func isNameStart(r rune) bool {
	if r|0x20 >= 'a' && r|0x20 <= 'z' {
		return true
	}
	return nameStart.contains(r)
}
