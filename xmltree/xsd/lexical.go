package xsd

import "strings"

// Lexical forms of built-in types. Each sees its value after whitespace was normalized as the type
// says.

func isAnyString(string) bool { return true }

func isBoolean(s string) bool { return s == "true" || s == "false" || s == "1" || s == "0" }

// isHexBinary is pairs of hexadecimal digits; none at all is a value too.
func isHexBinary(s string) bool {
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return len(s)%2 == 0
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isBase64Binary is the grammar of XSD 1.0 part 2, 3.2.16: blanks between any two characters,
// padding required and the unused bits before it zero.
func isBase64Binary(s string) bool {
	_, ok := base64Length(s)
	return ok
}

// base64Length is the number of bytes that s encodes.
func base64Length(s string) (bytes int, ok bool) {
	var digits, padding int
	var last byte
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
		case c == '=':
			padding++
		case padding > 0 || base64Value(c) < 0:
			return 0, false
		default:
			digits++
			last = c
		}
	}
	switch {
	case padding > 2 || (digits+padding)%4 != 0:
		return 0, false
	case padding == 1 && base64Value(last)&0b11 != 0:
		return 0, false
	case padding == 2 && base64Value(last)&0b1111 != 0:
		return 0, false
	}
	return digits * 6 / 8, true
}

func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// isLanguage is the pattern of XSD 1.0 part 2, 3.3.3: [a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*
func isLanguage(s string) bool {
	for first := true; ; first = false {
		part, rest, more := strings.Cut(s, "-")
		if part == "" || len(part) > 8 {
			return false
		}
		for i := range len(part) {
			c := part[i]
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
			if !letter && (first || c < '0' || c > '9') {
				return false
			}
		}
		if !more {
			return true
		}
		s = rest
	}
}

// isAnyURI is RFC 2396 as amended by RFC 2732, after the characters that XLink 1.0, 5.4 tells to
// escape are. That leaves little to refuse: a broken escape, a second fragment, brackets outside an
// address, a broken scheme.
func isAnyURI(s string) bool {
	body, fragment, _ := strings.Cut(s, "#")
	if strings.Contains(fragment, "#") || strings.ContainsAny(fragment, "[]") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && (i+2 >= len(s) || !isHexDigit(s[i+1]) || !isHexDigit(s[i+2])) {
			return false
		}
	}
	end := strings.IndexAny(body, "/?#")
	if end < 0 {
		end = len(body)
	}
	scheme, _, named := strings.Cut(body[:end], ":")
	if named && !isScheme(scheme) {
		return false
	}
	if named {
		body = body[len(scheme)+1:]
	}
	return bracketsHoldAddress(body)
}

// isScheme is RFC 2396, 3.1: a letter, then letters, digits, plus, minus and point.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// bracketsHoldAddress allows brackets only round the host of an authority, RFC 2732.
func bracketsHoldAddress(s string) bool {
	if !strings.ContainsAny(s, "[]") {
		return true
	}
	authority, ok := strings.CutPrefix(s, "//")
	if !ok {
		return false
	}
	path := ""
	if i := strings.IndexAny(authority, "/?"); i >= 0 {
		authority, path = authority[:i], authority[i:]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	inside, after, closed := strings.Cut(strings.TrimPrefix(host, "["), "]")
	return closed && strings.HasPrefix(host, "[") && !strings.ContainsAny(path, "[]") &&
		inside != "" && strings.Trim(inside, "0123456789abcdefABCDEF:.") == "" &&
		(after == "" || after[0] == ':' && allDigits(after[1:]))
}
