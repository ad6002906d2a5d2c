package xmltree

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// What a run of characters is looked through for, by where it stands.
const (
	inText      = control | return_ | ampersand | moreThan | high
	inAttribute = control | return_ | blank | ampersand | lessThan | high
	inLiteral   = control | return_ | high // CDATA sections and comments
)

// characterData is the text up to the next markup (XML 1.0 [14]).
func (p *parser) characterData() error {
	s, start := p.text, p.at
	end := start
	for end < len(s) && byteClass[s[end]]&(inText|lessThan) == 0 {
		end++
	}
	if end == len(s) || s[end] == '<' { // the usual case: it is what is written
		if end-start > p.limits.Text {
			return p.tooLong(start)
		}
		_, n, err := p.add(TextNode, start)
		if err != nil {
			return err
		}
		n.text, n.end, n.marks = spanOf(start, end), int32(end), asWritten
		p.at = end
		return nil
	}
	if n := strings.IndexByte(s[end:], '<'); n >= 0 {
		end += n
	} else {
		end = len(s)
	}
	return p.run(TextNode, start, end, end, inText)
}

// cdata is a CDATA section (XML 1.0 [18]); an empty one is nothing.
func (p *parser) cdata() error {
	start := p.at + len("<![CDATA[")
	n := strings.Index(p.text[start:], "]]>")
	if n < 0 {
		return p.fail(ReasonMalformed, p.at, "a CDATA section without end")
	}
	if n == 0 {
		p.at = start + len("]]>")
		return nil
	}
	return p.run(TextNode, start, start+n, start+n+len("]]>"), inLiteral)
}

// comment is a comment (XML 1.0 [15]): the first "--" must be its end.
func (p *parser) comment() error {
	start := p.at + len("<!--")
	n := strings.Index(p.text[start:], "--")
	if n < 0 {
		return p.fail(ReasonMalformed, p.at, "a comment without end")
	}
	if !strings.HasPrefix(p.text[start+n:], "-->") {
		return p.fail(ReasonMalformed, start+n, `"--" inside a comment`)
	}
	return p.run(CommentNode, start, start+n, start+n+len("-->"), inLiteral)
}

// run makes a node of text[start:end] and goes on at next.
func (p *parser) run(kind NodeKind, start, end, next int, mask uint16) error {
	if end-start > p.limits.Text {
		return p.tooLong(start)
	}
	_, n, err := p.add(kind, p.at)
	if err != nil {
		return err
	}
	if mask == inText {
		n.marks = asWritten
	}
	n.end = int32(end)
	n.text, err = p.characters(start, end, mask, &n.marks)
	p.at = next
	return err
}

func (p *parser) tooLong(at int) error {
	return p.fail(ReasonTextTooLong, at, "more than %d bytes", p.limits.Text)
}

func spanOf(start, end int) span { return span{int32(start), int32(end - start)} }

// characters is text[start:end] as an application sees it: a part of the text where nothing has to
// be replaced, which is nearly always. m loses its mark where canonicalization writes otherwise.
func (p *parser) characters(start, end int, mask uint16, m *marks) (span, error) {
	s := p.text[start:end]
	for i := 0; i < len(s); i++ {
		class := byteClass[s[i]] & mask
		if class == 0 {
			continue
		}
		if class&(return_|blank|ampersand) != 0 {
			return p.replaced(start, end, i, mask, m)
		}
		if class == moreThan {
			*m = 0
		}
		if err := p.forbidden(class, start, start+i); err != nil {
			return span{}, err
		}
	}
	return spanOf(start, end), nil
}

// forbidden judges the character at text[at] in a run that begins at start.
func (p *parser) forbidden(class uint16, start, at int) error {
	switch class {
	case lessThan:
		return p.fail(ReasonMalformed, at, `"<" in an attribute value`)
	case moreThan:
		if at-start >= 2 && p.text[at-2:at] == "]]" {
			return p.fail(ReasonMalformed, at-2, `"]]>" in character data`)
		}
	default:
		if r, _ := utf8.DecodeRuneInString(p.text[at:]); !isCharacter(r) {
			return p.fail(ReasonBadCharacter, at, "character %U", r)
		}
	}
	return nil
}

// replaced is characters for text[start:end] where the byte at start+i is the first to be replaced.
// What replaces is never longer than what was written, so that its length can be numbered, too.
func (p *parser) replaced(start, end, i int, mask uint16, m *marks) (span, error) {
	s := p.text[start:end]
	out := p.tree.replaced
	if out == nil { // at most what is to come; a short value for each reference and line end is usual
		rest := p.text[start:]
		const usual, most = 48, 64 << 10
		values := 1 + strings.Count(rest, "&") + strings.Count(rest, "\r")
		out = make([]byte, 0, min(len(rest), usual*values, most))
	}
	from := len(out)
	out = slices.Grow(out, len(s)) // a long run, such as base64 in lines that end with CR LF, grows once
	out = append(out, s[:i]...)
	for i < len(s) {
		class := byteClass[s[i]] & mask
		switch class {
		case ampersand:
			size, r, err := p.reference(start+i, end)
			if err != nil {
				return span{}, err
			}
			if r > '>' || byteClass[r]&escapedInText == 0 || escapes[r] != s[i:i+size] {
				*m = 0
			}
			out = utf8.AppendRune(out, r)
			i += size
			continue
		case return_: // XML 1.0 §2.11: CR LF and CR alone are LF, and LF in an attribute is a space
			*m = 0
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			if mask == inAttribute {
				out = append(out, ' ')
			} else {
				out = append(out, '\n')
			}
		case blank: // only asked for in attributes: §3.3.3
			out = append(out, ' ')
		default:
			if class != 0 {
				*m = 0
				if err := p.forbidden(class, start, start+i); err != nil {
					return span{}, err
				}
			}
			out = append(out, s[i])
		}
		i++
	}
	p.tree.replaced = out
	return span{^int32(from), int32(len(out) - from)}, nil
}

// reference reads the character or entity reference at text[at] (XML 1.0 [66], [68]).
func (p *parser) reference(at, end int) (size int, r rune, err error) {
	n := strings.IndexByte(p.text[at:end], ';')
	if n < 0 {
		return 0, 0, p.fail(ReasonMalformed, at, "a reference without end: %s", quote(p.text[at:end]))
	}
	name := p.text[at+1 : at+n]
	switch name {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "amp":
		r = '&'
	case "apos":
		r = '\''
	case "quot":
		r = '"'
	default:
		if strings.HasPrefix(name, "#") {
			r, err = p.characterReference(name[1:], at)
		} else if ncName(name) == len(name) && name != "" {
			err = p.fail(ReasonUndeclaredEntity, at, "entity %s", quote(name))
		} else {
			err = p.fail(ReasonMalformed, at, "no reference: %s", quote(p.text[at:end]))
		}
	}
	return n + 1, r, err
}

// characterReference is the character that the digits between "&#" and ";" name.
func (p *parser) characterReference(digits string, at int) (rune, error) {
	base, number := rune(10), digits
	if strings.HasPrefix(number, "x") {
		base, number = 16, number[1:]
	}
	var r rune
	for i := range len(number) {
		digit := rune(number[i])
		switch {
		case digit >= '0' && digit <= '9':
			digit -= '0'
		case base == 16 && digit|0x20 >= 'a' && digit|0x20 <= 'f':
			digit = digit | 0x20 - 'a' + 10
		default:
			return 0, p.fail(ReasonMalformed, at, "no character reference: %s", quote(digits))
		}
		r = min(r*base+digit, utf8.MaxRune+1) // too large stays too large
	}
	if number == "" {
		return 0, p.fail(ReasonMalformed, at, "no character reference: %s", quote(digits))
	}
	if !isCharacter(r) {
		return 0, p.fail(ReasonBadCharacter, at, "character reference %s", quote(digits))
	}
	return r, nil
}
