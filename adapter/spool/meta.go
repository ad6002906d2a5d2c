package spool

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Keys of NAME.meta that mean something in both directions.
const (
	keySHA256    = "sha256"        // of NAME.xml, hex
	keySignature = "signature-cms" // there is a NAME.p7s
)

// mostMeta bounds NAME.meta.
const mostMeta = 64 << 10

// field is a line of NAME.meta.
type field struct{ key, value string }

var keys = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// encode writes a line for each field that has a value. Whatever would end the line is written as a
// space; the document itself has the exact text.
func encode(fields []field) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		value := strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
				return ' '
			}
			return r
		}, f.value))
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", f.key, value)
		}
	}
	return b.Bytes()
}

// decode reads what encode writes, also with the line ends and the byte order mark of Windows.
func decode(text []byte) (map[string]string, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	fields := make(map[string]string)
	for number := 1; len(text) > 0; number++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return nil, errors.New("the last line has no end")
		}
		text = rest
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		key, value, found := strings.Cut(string(line), ":")
		if !found || !keys.MatchString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("line %d is no «key: value»", number)
		}
		if _, twice := fields[key]; twice {
			return nil, fmt.Errorf("line %d names %s again", number, key)
		}
		fields[key] = strings.TrimSpace(value)
	}
	return fields, nil
}
