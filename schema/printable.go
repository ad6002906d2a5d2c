package schema

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable replaces what XML 1.0 (2.2, Char) cannot hold by its number: U+0000 becomes \x00,
// U+FFFE \ufffe, a byte that is no UTF-8 \x and two digits. Everything else stays as it is.
func Printable(s string) string {
	return escape(s, func(c rune) bool {
		return c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF
	})
}

// oneLine is for sentences to people: besides what XML cannot hold it shows control characters and
// those that change the direction of writing by their number, so that no value can dress up the
// sentence around it.
func oneLine(s string) string {
	s = escape(s, func(c rune) bool {
		return c < ' ' && !isBlank(c) || 0x7F <= c && c <= 0x9F || c == 0x61C || 0x200B <= c && c <= 0x200F ||
			0x2028 <= c && c <= 0x202E || 0x2060 <= c && c <= 0x206F || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF
	})
	return collapse(s)
}

func isBlank(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// escape writes the characters that hidden selects, and bytes that are no UTF-8, by their number.
func escape(s string, hidden func(rune) bool) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for i, width := 0, 0; i < len(s); i += width {
		c, w := utf8.DecodeRuneInString(s[i:])
		width = w
		switch {
		case c == utf8.RuneError && w == 1, c < 0x100 && hidden(c):
			fmt.Fprintf(&b, `\x%02x`, s[i+w-1])
		case hidden(c):
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteString(s[i : i+w])
		}
	}
	return b.String()
}

// maxForeign bounds what others say in errors, files, headers and logs, in bytes.
const maxForeign = 300

// Foreign is what somebody else says, for errors, files, headers and logs: bounded, and escaped where it
// holds anything but printable characters.
func Foreign(s string) string {
	if len(s) > maxForeign {
		s = strings.ToValidUTF8(s[:maxForeign], "") + "…"
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}

// clip cuts s after limit characters and says so by an ellipsis.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	count := 0
	for i := range s {
		if count++; count == limit {
			cut := s[:i]
			if rest := s[i:]; utf8.RuneCountInString(rest) > 1 {
				return cut + "…"
			}
			return s
		}
	}
	return s
}
