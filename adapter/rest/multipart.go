package rest

import (
	"bytes"
	"fmt"
	"mime"
	"net/textproto"
	"strings"

	"asugate/gateway"
	"asugate/schema"
)

// Limits of what stands around the two parts. A client that writes more has another format in mind.
const (
	partHead       = 4 << 10 // bytes of the header fields of one part
	partFields     = 16      // header fields of one part
	boundaryLength = 70      // RFC 2046 §5.1.1
)

// parts is a body of multipart/mixed being read: RFC 2046 §5.1.1 as far as two readers cannot differ.
// What they may read otherwise is refused: bare line feeds, text before or after the parts, a line that
// only begins like a delimiter, a part within a part. Nothing is copied.
type parts struct {
	body      []byte
	at        int
	delimiter []byte // «--boundary»
}

// readMultipart is the document and the detached CMS signature (DER) of a body with exactly these two
// parts, in this order. Both share memory with the body. The error is a *schema.ContainerError, or a
// Problem of the limits.
func readMultipart(body []byte, boundary string) (document, cms []byte, err error) {
	p := &parts{body: body, delimiter: []byte("--" + boundary)}
	if err := p.begin(); err != nil {
		return nil, nil, err
	}
	document, last, err := p.part("the document", "application/xml", isXML)
	if err != nil {
		return nil, nil, err
	}
	if last {
		return nil, nil, p.wrong(p.at, "it has one part, the document; the signature is missing")
	}
	from := p.at
	cms, last, err = p.part("the signature", "application/pkcs7-signature", isSignatureType)
	if err != nil {
		return nil, nil, err
	}
	if !last {
		return nil, nil, p.wrong(p.at, "it has more than two parts")
	}
	if rest := bytes.TrimLeft(body[p.at:], " \t\r\n"); len(rest) > 0 {
		return nil, nil, p.wrong(len(body)-len(rest), "something follows the last delimiter")
	}
	if cms, err = gateway.Detached(cms); err != nil {
		return nil, nil, p.wrong(from, "the signature: %s", err)
	}
	return document, cms, nil
}

func (p *parts) wrong(offset int, format string, args ...any) error {
	return &schema.ContainerError{
		Reason: schema.ReasonBadMultipart, Offset: offset, Detail: schema.Foreign(fmt.Sprintf(format, args...)),
	}
}

// begin reads up to the first delimiter, before which only line ends may stand.
func (p *parts) begin() error {
	p.at = len(p.body) - len(bytes.TrimLeft(p.body, "\r\n"))
	if !bytes.HasPrefix(p.body[p.at:], p.delimiter) {
		return p.wrong(p.at, "it does not begin with the delimiter that its Content-Type names")
	}
	p.at += len(p.delimiter)
	last, err := p.endOfDelimiter()
	if err == nil && last {
		return p.wrong(p.at, "it has no parts")
	}
	return err
}

// endOfDelimiter reads what follows «--boundary»: white space and a line end, or the «--» of the last one.
func (p *parts) endOfDelimiter() (last bool, err error) {
	rest := p.body[p.at:]
	if bytes.HasPrefix(rest, []byte("--")) {
		p.at += 2
		return true, nil
	}
	line := bytes.TrimLeft(rest, " \t")
	if !bytes.HasPrefix(line, []byte("\r\n")) {
		return false, p.wrong(p.at, "a delimiter does not end with CR LF")
	}
	p.at += len(rest) - len(line) + 2
	return false, nil
}

// part reads one part with the delimiter after it, and says whether that was the last one.
func (p *parts) part(what, expected string, right func(mediaType string) bool) (content []byte, last bool, err error) {
	from := p.at
	head, err := p.head(what)
	if err != nil {
		return nil, false, err
	}
	mediaType, _, _ := mime.ParseMediaType(head.Get("Content-Type")) // a broken parameter changes nothing
	if !right(mediaType) {
		return nil, false, p.wrong(from, "%s is %q, not %s", what, head.Get("Content-Type"), expected)
	}
	from = p.at
	if content, err = p.content(what); err != nil {
		return nil, false, err
	}
	if last, err = p.endOfDelimiter(); err != nil {
		return nil, false, err
	}
	// RFC 2045 §6: of the encodings only one changes bytes that are no text.
	switch encoding := strings.ToLower(head.Get("Content-Transfer-Encoding")); encoding {
	case "", "7bit", "8bit", "binary":
	case "base64":
		if content, err = schema.Base64(content); err != nil {
			return nil, false, &schema.ContainerError{
				Reason: schema.ReasonBadBase64, Offset: from, Detail: what + ": " + err.Error(),
			}
		}
	default:
		return nil, false, p.wrong(from, "%s has Content-Transfer-Encoding %q", what, encoding)
	}
	return content, last, nil
}

// content is what stands before the next delimiter. The line end before that belongs to it, also where
// the part is empty and the line end is that of the head.
func (p *parts) content(what string) ([]byte, error) {
	delimiter := append([]byte("\r\n"), p.delimiter...)
	n := bytes.Index(p.body[p.at:], delimiter)
	switch {
	case n == 0 || bytes.HasPrefix(p.body[p.at:], p.delimiter):
		return nil, p.wrong(p.at, "%s is empty", what)
	case n < 0:
		return nil, p.wrong(len(p.body), "no delimiter follows %s", what)
	}
	content := p.body[p.at : p.at+n : p.at+n]
	p.at += n + len(delimiter)
	return content, nil
}

// head reads the header fields of a part. Of those that do not begin with «Content-» none means
// anything (RFC 2046 §5.1); each of the others may come once.
func (p *parts) head(what string) (textproto.MIMEHeader, error) {
	fields := make(textproto.MIMEHeader)
	name, read := "", 0
	for count := 0; ; count++ {
		rest := p.body[p.at:]
		end := bytes.Index(rest[:min(len(rest), partHead-read+2)], []byte("\r\n"))
		if end < 0 {
			return nil, p.wrong(p.at, "the head of %s has no end within %d bytes", what, partHead)
		}
		line, from := string(rest[:end]), p.at
		p.at, read = p.at+end+2, read+end+2
		if line == "" {
			return fields, nil
		}
		if count == partFields {
			return nil, p.wrong(from, "the head of %s has more than %d lines", what, partFields)
		}
		folded := strings.TrimLeft(line, " \t")
		key, value, found := strings.Cut(line, ":")
		switch {
		// One of blanks alone would be the end of the head to some (RFC 5322 §3.2.2).
		case strings.ContainsAny(line, "\r\n\x00") || folded == "":
			return nil, p.wrong(from, "a line in the head of %s is no header field", what)
		case folded != line && name == "":
			return nil, p.wrong(from, "the head of %s begins with a folded line", what)
		case folded != line: // RFC 5322 §2.2.3
			fields[name][0] = strings.TrimSpace(fields[name][0] + " " + folded)
			continue
		case !found || !isFieldName(key):
			return nil, p.wrong(from, "a line in the head of %s is no header field", what)
		}
		name = textproto.CanonicalMIMEHeaderKey(key)
		if _, again := fields[name]; again {
			return nil, p.wrong(from, "the head of %s has %s twice", what, name)
		}
		// Both would change what the bytes are.
		if name == "Content-Encoding" || name == "Content-Range" {
			return nil, p.wrong(from, "%s has a %s", what, name)
		}
		fields[name] = []string{strings.TrimSpace(value)}
	}
}

// isFieldName is the name of a header field: a token (RFC 9110 §5.6.2).
func isFieldName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}

func isXML(mediaType string) bool { return mediaType == "application/xml" || mediaType == "text/xml" }

// isSignatureType knows the type of RFC 8551 and the one before it had a name.
func isSignatureType(mediaType string) bool {
	return mediaType == "application/pkcs7-signature" || mediaType == "application/x-pkcs7-signature"
}

// boundaryOf is the boundary of a Content-Type, refused where two readers could take two. RFC 2231 lets
// a parameter be written in pieces, and RFC 9110 §5.6.4 a character be quoted, which few readers know:
// neither an asterisk nor a backslash is in a boundary.
func boundaryOf(contentType string) (string, error) {
	_, params, err := mime.ParseMediaType(contentType)
	boundary := params["boundary"]
	wrong := ""
	switch {
	case err != nil || strings.ContainsAny(contentType, `*\`):
		wrong = "the parameters of its Content-Type cannot be read"
	case boundary == "":
		wrong = "its Content-Type names no boundary"
	case len(boundary) > boundaryLength:
		wrong = fmt.Sprintf("its boundary is longer than %d characters", boundaryLength)
	case strings.HasSuffix(boundary, " ") || strings.ContainsFunc(boundary, notInBoundary):
		wrong = "its boundary has a character that no boundary may have"
	default:
		return boundary, nil
	}
	return "", &schema.ContainerError{Reason: schema.ReasonBadMultipart, Detail: wrong}
}

// notInBoundary is everything but bchars of RFC 2046 §5.1.1.
func notInBoundary(c rune) bool {
	return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !strings.ContainsRune("'()+_,-./:=? ", c)
}
