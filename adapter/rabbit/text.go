package rabbit

import (
	"strconv"
	"strings"
	"unicode"
)

// mostText bounds what the broker and senders say in our errors, headers and log.
const mostText = 300

// clip is s, bounded, and escaped where it holds anything but printable characters.
func clip(s string) string {
	if len(s) > mostText {
		s = strings.ToValidUTF8(s[:mostText], "") + "…"
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}
