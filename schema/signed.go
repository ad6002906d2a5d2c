package schema

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"asugate/xmltree"
)

// ContainerError says why bytes do not hold one document and its CMS signature. They are no XML
// document that could be answered, so its reasons have the code A01.
type ContainerError struct {
	Reason string // a word of the table of reasons
	Offset int    // byte of the bytes received
	Detail string // English, names what was found
}

func (e *ContainerError) Error() string { return e.Reason + ": " + e.Detail }

// Finding says of the bytes what an ЭСИД would.
func (e *ContainerError) Finding() Finding {
	return Finding{Code: "A01", Reason: e.Reason, Severity: Error, Actual: e.Detail}
}

// IsSigned says whether the root of the bytes is called Signed, as that of the envelope is.
func IsSigned(body []byte) bool { return RootName(body) == "Signed" }

// RootName is how the root of the bytes is called, without its prefix; empty where there is none. Only
// the first start tag is looked at, so that it is quick to say that a body is something else.
func RootName(body []byte) string {
	head := body[:min(len(body), 4<<10)]
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		head = bytes.ReplaceAll(head, []byte{0}, nil) // UTF-16: what is ASCII remains
	}
	for {
		i := bytes.IndexByte(head, '<')
		if i < 0 || i+1 >= len(head) {
			return ""
		}
		head = head[i+1:]
		end := ">"
		switch {
		case bytes.HasPrefix(head, []byte("!--")):
			end = "-->"
		case head[0] == '?':
			end = "?>"
		default:
			name := head
			if j := bytes.IndexAny(name, " \t\r\n/>"); j >= 0 {
				name = name[:j]
			}
			if j := bytes.IndexByte(name, ':'); j >= 0 {
				name = name[j+1:]
			}
			return string(name)
		}
		i = bytes.Index(head, []byte(end))
		if i < 0 {
			return ""
		}
		head = head[i+len(end):]
	}
}

// ReadSigned reads the envelope <Signed> of Signed.xsd: the document and the detached CMS signature
// over its bytes (DER), each in base64. The error is a *xmltree.SyntaxError or a *ContainerError.
func ReadSigned(body []byte) (document, cms []byte, err error) {
	// An envelope is three elements; whatever else it holds is refused, so it need not be kept.
	tree, err := xmltree.Parse(body, xmltree.Limits{
		Bytes: len(body) + 1, Depth: 2, Elements: 3, Nodes: 64, Attributes: 2, Text: len(body) + 1,
	})
	if e, ok := errors.AsType[*xmltree.SyntaxError](err); ok && isTooMuch(e.Reason) {
		return nil, nil, &ContainerError{
			Reason: ReasonBadEnvelope, Offset: e.Offset, Detail: "more stands there than Content and CMS, each in base64",
		}
	}
	if err != nil {
		return nil, nil, err
	}
	root := tree.Root()
	if !root.Is(Namespace, "Signed") {
		return nil, nil, badEnvelope(root, "the root is %s in the namespace %q", root.Local(), root.Space())
	}
	var parts [2][]byte
	names, at := [2]string{"Content", "CMS"}, 0
	if err := onlyElements(root); err != nil {
		return nil, nil, err
	}
	for child := range root.Children() {
		if at == len(names) || !child.Is(Namespace, names[at]) {
			return nil, nil, badEnvelope(child, "%s stands where Content, then CMS, and nothing else may", child.Local())
		}
		if parts[at], err = base64In(child); err != nil {
			return nil, nil, err
		}
		at++
	}
	if at < len(names) {
		return nil, nil, badEnvelope(root, "%s is missing", names[at])
	}
	return parts[0], parts[1], nil
}

// isTooMuch: the limits of an envelope are the shape of one. What is beyond them is no bomb, but most
// likely a document that is not in base64.
func isTooMuch(reason string) bool {
	switch reason {
	case xmltree.ReasonTooDeep, xmltree.ReasonTooManyElements, xmltree.ReasonTooManyNodes, xmltree.ReasonTooManyAttributes:
		return true
	}
	return false
}

// badEnvelope is an error at an element.
func badEnvelope(at xmltree.Element, format string, args ...any) error {
	return &ContainerError{Reason: ReasonBadEnvelope, Offset: at.Offset(), Detail: Foreign(fmt.Sprintf(format, args...))}
}

// onlyElements refuses attributes, text and comments of the root. As in a document, a hint where the schema
// may lie is no attribute of its own (XSD 1.0 part 1, 2.6.3); nobody follows it.
func onlyElements(root xmltree.Element) error {
	for a := range root.Attrs() {
		hint := a.Local == "schemaLocation" || a.Local == "noNamespaceSchemaLocation"
		if a.Space != "http://www.w3.org/2001/XMLSchema-instance" || !hint {
			return badEnvelope(root, "Signed has an attribute")
		}
	}
	for n := range root.Nodes() {
		switch {
		case n.Kind == xmltree.CommentNode:
			return badEnvelope(root, "Signed holds a comment")
		case n.Kind == xmltree.TextNode && collapse(n.Text) != "":
			return badEnvelope(root, "Signed holds text")
		}
	}
	return nil
}

// base64In is what an element holds, which is base64 and nothing else.
func base64In(e xmltree.Element) ([]byte, error) {
	for range e.Attrs() {
		return nil, badEnvelope(e, "%s has an attribute", e.Local())
	}
	for n := range e.Nodes() {
		if n.Kind != xmltree.TextNode {
			return nil, badEnvelope(e, "%s holds more than base64", e.Local())
		}
	}
	content, err := Base64([]byte(e.Text()))
	if err != nil {
		return nil, &ContainerError{Reason: ReasonBadBase64, Offset: e.Offset(), Detail: e.Local() + ": " + err.Error()}
	}
	return content, nil
}

// AppendSigned writes the envelope that ReadSigned reads.
func AppendSigned(dst, document, cms []byte) []byte {
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<Signed xmlns="`+Namespace+`"><Content>`...)
	dst = base64.StdEncoding.AppendEncode(dst, document)
	dst = append(dst, "</Content><CMS>"...)
	dst = base64.StdEncoding.AppendEncode(dst, cms)
	return append(dst, "</CMS></Signed>\n"...)
}

var errNotBase64 = errors.New("it is no base64")

// Base64 decodes text in base64 with any white space of XML and MIME in it, padded as RFC 4648
// section 4 has it, with no bits beside those that are encoded. It overwrites the text.
func Base64(text []byte) ([]byte, error) {
	clean := text[:0]
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			clean = append(clean, c)
		}
	}
	n, err := base64.StdEncoding.Strict().Decode(clean, clean)
	switch {
	case err != nil:
		return nil, errNotBase64
	case n == 0:
		return nil, errors.New("it is empty")
	}
	return clean[:n:n], nil
}
