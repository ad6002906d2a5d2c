package xmltree

import "unicode/utf8"

// What a byte may mean inside a run of characters. A run is scanned with a mask of the meanings
// that matter where it stands, so that the ordinary byte costs one look into a table.
const (
	control   = 1 << iota // not a character of XML 1.0 (§2.2)
	return_               // CR: line-end normalization (§2.11)
	blank                 // TAB, LF: attribute-value normalization (§3.3.3)
	ampersand             // a reference
	lessThan              // not allowed in an attribute value (§3.1 [10])
	moreThan              // may end "]]>", not allowed in character data (§2.4)
	quoteMark             // written as a reference in a canonical value
	high                  // 0xEF: may begin U+FFFE or U+FFFF, no characters (§2.2)
	nameStart             // ASCII that may begin an NCName
	nameRest              // ASCII that may stand inside an NCName
)

// byteClass is built from the productions; bytes ≥ 0x80 belong to characters that isNameStart and
// isNameRest judge.
var byteClass = func() (class [256]uint16) {
	for b := range 0x20 {
		class[b] = control
	}
	class['\t'], class['\n'], class['\r'] = blank, blank, return_
	class['&'], class['<'], class['>'], class['"'] = ampersand, lessThan, moreThan, quoteMark
	class[0xEF] = high
	for b := 'a'; b <= 'z'; b++ {
		class[b] = nameStart | nameRest
		class[b-'a'+'A'] = nameStart | nameRest
	}
	for b := '0'; b <= '9'; b++ {
		class[b] = nameRest
	}
	class['_'] = nameStart | nameRest
	class['-'], class['.'] = nameRest, nameRest
	return class
}()

// isNameStart is NameStartChar of XML 1.0 (5th ed.) [4] above ASCII.
func isNameStart(r rune) bool {
	switch {
	case r >= 0x37F && r <= 0x1FFF: // Greek, Cyrillic …
		return true
	case r < 0x37F:
		return r >= 0xC0 && r <= 0xD6 || r >= 0xD8 && r <= 0xF6 || r >= 0xF8 && r <= 0x2FF ||
			r >= 0x370 && r <= 0x37D
	case r < 0x3001:
		return r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF
	default:
		return r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD ||
			r >= 0x10000 && r <= 0xEFFFF
	}
}

// isNameRest is NameChar of XML 1.0 (5th ed.) [4a] above ASCII.
func isNameRest(r rune) bool {
	return isNameStart(r) || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// isCharacter is Char of XML 1.0 [2].
func isCharacter(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	default:
		return r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
	}
}

// isSpace is S of XML 1.0 [3].
func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// skipSpace is the index of the first byte of s from i on that is no white space.
func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// ncName is the length of the NCName at the start of s, 0 if there is none.
func ncName(s string) int {
	i := 0
	for i < len(s) {
		if b := s[i]; b < utf8.RuneSelf {
			if byteClass[b]&nameRest == 0 || i == 0 && byteClass[b]&nameStart == 0 {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if i == 0 && !isNameStart(r) || !isNameRest(r) {
			return i
		}
		i += size
	}
	return i
}
