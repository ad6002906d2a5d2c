package xmltree

import "strings"

// declaration is what an XML declaration says (XML 1.0 [23]).
type declaration struct {
	encoding string // as written, empty when not said
	at       int    // where the encoding is named
	end      int    // after the declaration, 0 when there is none
}

// declaration reads the XML declaration at the very start of the text.
func (s *source) declaration() (declaration, error) {
	var d declaration
	text := s.text
	if !strings.HasPrefix(text, "<?xml") || len(text) > 5 && !isSpace(text[5]) && text[5] != '?' {
		return d, nil // none, or a processing instruction such as xml-stylesheet
	}
	malformed := func(at int, detail string) (declaration, error) {
		return d, s.fail(ReasonMalformed, at, "XML declaration: %s", detail)
	}
	i := len("<?xml")
	for field := 0; ; field++ {
		start := i
		i = skipSpace(text, i)
		if strings.HasPrefix(text[i:], "?>") {
			if field == 0 {
				return malformed(i, "no version")
			}
			d.end = i + len("?>")
			return d, nil
		}
		name, value, at, end := pseudoAttribute(text, i)
		if end == 0 || i == start {
			return malformed(i, quote(text[i:])+" is not expected")
		}
		switch {
		case name == "version" && field == 0:
			if value != "1.0" {
				return d, s.fail(ReasonVersion, at, "XML version %s; 1.0 is read", quote(value))
			}
		case name == "encoding" && field == 1 && isEncodingName(value):
			d.encoding, d.at = value, at
		case name == "standalone" && (field == 1 || field == 2) && (value == "yes" || value == "no"):
			field = 2
		default:
			return malformed(i, quote(text[i:end])+" is not expected")
		}
		i = end
	}
}

// pseudoAttribute reads name="value" at s[i:]; end is 0 when there is none.
func pseudoAttribute(s string, i int) (name, value string, at, end int) {
	n := ncName(s[i:])
	if n == 0 {
		return "", "", 0, 0
	}
	name = s[i : i+n]
	i = skipSpace(s, i+n)
	if i >= len(s) || s[i] != '=' {
		return "", "", 0, 0
	}
	i = skipSpace(s, i+1)
	if i >= len(s) || s[i] != '"' && s[i] != '\'' {
		return "", "", 0, 0
	}
	n = strings.IndexByte(s[i+1:], s[i])
	if n < 0 {
		return "", "", 0, 0
	}
	return name, s[i+1 : i+1+n], i + 1, i + 1 + n + 1
}

// isEncodingName is EncName of XML 1.0 [81].
func isEncodingName(s string) bool {
	for i := range len(s) {
		b := s[i]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		if !letter && (i == 0 || !(b >= '0' && b <= '9' || b == '.' || b == '_' || b == '-')) {
			return false
		}
	}
	return s != ""
}
