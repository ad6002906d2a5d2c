package xmltree

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/encoding/charmap"
)

// readable names the encodings in refusals.
const readable = "readable are UTF-8, UTF-16 with byte order mark, windows-1251, KOI8-R, KOI8-U and " +
	"ISO-8859-5"

// source is a document as UTF-8 and the way back to the bytes received.
type source struct {
	text  string         // after the byte order mark
	body  int            // where text goes on after the XML declaration
	skip  int            // bytes of the byte order mark
	width func(rune) int // bytes of a character as received; nil where text is a part of the input
}

// offset is where text[i] stands in the input as received. In a converted text that takes a pass up
// to it, so it is asked for faults only.
func (s *source) offset(i int) int {
	if s.width == nil {
		return s.skip + i
	}
	received := s.skip
	for _, r := range s.text[:i] {
		received += s.width(r)
	}
	return received
}

// fail makes the error for what stands at text[at].
func (s *source) fail(reason string, at int, format string, values ...any) error {
	return &SyntaxError{reason, s.offset(at), fmt.Sprintf(format, values...)}
}

// decode finds the encoding out (XML 1.0 §4.3.3 and appendix F) and gives the document in UTF-8.
func decode(raw []byte) (*source, error) {
	src := &source{text: unsafe.String(unsafe.SliceData(raw), len(raw))}
	starts := func(mark string) bool { return strings.HasPrefix(src.text, mark) }
	switch {
	case starts("\xFF\xFE\x00\x00"), starts("\x00\x00\xFE\xFF"):
		return nil, src.fail(ReasonUnsupportedEncoding, 0, "UTF-32; "+readable)
	case starts("\xFF\xFE"), starts("\xFE\xFF"):
		return decodeUTF16(raw)
	case starts("<\x00"), starts("\x00<"):
		return nil, src.fail(ReasonUnsupportedEncoding, 0, "UTF-16 without byte order mark; "+readable)
	case starts("\x4C\x6F\xA7\x94"): // "<?xm"
		return nil, src.fail(ReasonUnsupportedEncoding, 0, "EBCDIC; "+readable)
	case starts("\uFEFF"):
		src.skip = len("\uFEFF")
		src.text = src.text[src.skip:]
	}
	if err := src.refuseForeign(); err != nil {
		return nil, err
	}
	d, err := src.declaration()
	if err != nil {
		return nil, err
	}
	src.body = d.end
	switch strings.ToLower(d.encoding) {
	case "", "utf-8", "utf8":
		return src, src.mustBeUTF8()
	case "windows-1251", "cp1251":
		if src.skip > 0 || isUTF8Russian(src.text) {
			return src, src.mustBeUTF8()
		}
		return src.convert(charmap.Windows1251, d)
	case "koi8-r":
		return src.convert(charmap.KOI8R, d)
	case "koi8-u":
		return src.convert(charmap.KOI8U, d)
	case "iso-8859-5":
		return src.convert(charmap.ISO8859_5, d)
	case "utf-16", "utf-16le", "utf-16be":
		return nil, src.fail(ReasonBadEncoding, d.at, "declared %s, but the bytes are no UTF-16",
			quote(d.encoding))
	default:
		return nil, src.fail(ReasonUnsupportedEncoding, d.at, "declared %s; %s", quote(d.encoding),
			readable)
	}
}

// refuseForeign tells what is no XML at all (JSON, an image) from XML with a fault in it, before
// the bytes are judged by an encoding that they never claimed.
func (s *source) refuseForeign() error {
	i := skipSpace(s.text, 0)
	if i == len(s.text) {
		return s.fail(ReasonEmptyDocument, i, "no element")
	}
	if s.text[i] != '<' && !strings.Contains(s.text, "</") && !strings.Contains(s.text, "/>") {
		return s.fail(ReasonNotXML, i, "begins with %s and has no tag", quote(s.text[i:]))
	}
	return nil
}

// isUTF8Russian recognises UTF-8 under a declaration of windows-1251. The text must be UTF-8
// throughout and have two Cyrillic letters side by side, four bytes that as windows-1251 would be
// «Р» or «С», a sign, «Р» or «С», a sign («РЅРѕ»): no text in windows-1251 says that, while every
// text in Russian or Ukrainian has a word of two letters. Whoever signed such bytes by what they
// declare has signed other characters than we read, so that the signature refuses the document.
func isUTF8Russian(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for i := 0; i+3 < len(s); i++ {
		if s[i]&0xFE == 0xD0 && s[i+2]&0xFE == 0xD0 {
			return true // U+0400 … U+047F twice: the text is valid, so these are lead bytes
		}
	}
	return false
}

// mustBeUTF8 finds the first byte that is no UTF-8; overlong forms and surrogates are none.
func (s *source) mustBeUTF8() error {
	if utf8.ValidString(s.text) {
		return nil
	}
	for i := 0; ; {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if r == utf8.RuneError && size == 1 {
			few := s.text[i:min(i+utf8.UTFMax, len(s.text))]
			return s.fail(ReasonBadEncoding, i, "no UTF-8: %s", quote(few))
		}
		i += size
	}
}

// convert turns an encoding of one byte a character into UTF-8.
func (s *source) convert(table *charmap.Charmap, d declaration) (*source, error) {
	if s.skip > 0 {
		return nil, s.fail(ReasonBadEncoding, d.at, "declared %s after the byte order mark of UTF-8",
			quote(d.encoding))
	}
	out := make([]byte, 0, len(s.text)+len(s.text)/2)
	for i := range len(s.text) {
		r := table.DecodeByte(s.text[i])
		if r == utf8.RuneError {
			return nil, s.fail(ReasonBadEncoding, i, "no %s: %s", d.encoding, quote(s.text[i:i+1]))
		}
		out = utf8.AppendRune(out, r)
	}
	return &source{
		text:  unsafe.String(unsafe.SliceData(out), len(out)),
		body:  d.end, // the declaration is ASCII, as long as before
		width: func(rune) int { return 1 },
	}, nil
}

// decodeUTF16 reads UTF-16 with a byte order mark.
func decodeUTF16(raw []byte) (*source, error) {
	low, high := 0, 1
	if raw[0] == 0xFE {
		low, high = 1, 0
	}
	unit := func(i int) rune { return rune(raw[i+low]) | rune(raw[i+high])<<8 }
	out := make([]byte, 0, len(raw))
	for i := 2; i < len(raw); i += 2 {
		if i+1 == len(raw) {
			return nil, &SyntaxError{ReasonBadEncoding, i, "UTF-16 ends inside a character"}
		}
		r := unit(i)
		if utf16.IsSurrogate(r) {
			if i+3 < len(raw) {
				r = utf16.DecodeRune(r, unit(i+2))
			} else {
				r = utf8.RuneError
			}
			if r == utf8.RuneError {
				return nil, &SyntaxError{ReasonBadEncoding, i, "half a surrogate pair"}
			}
			i += 2
		}
		out = utf8.AppendRune(out, r)
	}
	src := &source{
		text:  unsafe.String(unsafe.SliceData(out), len(out)),
		skip:  2,
		width: func(r rune) int { return 2 * utf16.RuneLen(r) },
	}
	if err := src.refuseForeign(); err != nil {
		return nil, err
	}
	d, err := src.declaration()
	if err != nil {
		return nil, err
	}
	src.body = d.end
	switch strings.ToLower(d.encoding) {
	case "", "utf-16", "utf-16le", "utf-16be":
		return src, nil
	default:
		return nil, src.fail(ReasonBadEncoding, d.at, "declared %s, but the bytes are UTF-16",
			quote(d.encoding))
	}
}
