package signature

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"asugate/xmltree"
)

var (
	// ErrSigned: the document has a Signature already; with a second one nobody's Open would take it.
	ErrSigned = errors.New("document is signed already")
	// ErrWide: the document is in UTF-16, into which Sign does not write.
	ErrWide = errors.New("document is in UTF-16 (hint: convert it to UTF-8)")
)

// Sign puts an enveloped signature into a document, with our own canonicalization, and changes no
// other byte of it. The Reference is to the root's ID, or URI="" where it has none.
func (k *Key) Sign(document []byte) ([]byte, error) {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("signing a document: %w", err)
	}
	if bytes.IndexByte(document, 0) >= 0 {
		return nil, fmt.Errorf("signing a document: %w", ErrWide)
	}
	root := tree.Root()
	if len(signatures(root)) > 0 {
		return nil, fmt.Errorf("signing a document: %w", ErrSigned)
	}
	signature, err := k.signature(root)
	if err != nil {
		return nil, fmt.Errorf("signing a document: %w", err)
	}
	at, empty := rootEnd(document)
	signed := make([]byte, 0, len(document)+len(signature)+64)
	signed = append(signed, document[:at]...)
	if !empty {
		signed = append(signed, signature...)
		return append(signed, document[at:]...), nil
	}
	// <root/> becomes <root>…</root>; what follows the root stays.
	signed = append(signed, '>')
	signed = append(signed, signature...)
	signed = append(signed, "</"...)
	signed = append(signed, tagName(document[root.Offset():])...)
	return append(signed, document[at+1:]...), nil
}

// signature is a ds:Signature for the root, written so that its SignedInfo is canonical as it
// stands but for the namespace that it inherits.
func (k *Key) signature(root xmltree.Element) ([]byte, error) {
	content := root.AppendCanonical(nil, xmltree.Form{Algorithm: xmltree.Exclusive})
	var info strings.Builder
	info.WriteString(`><ds:CanonicalizationMethod Algorithm="` + nsExclusive + `"></ds:CanonicalizationMethod>`)
	info.WriteString(`<ds:SignatureMethod Algorithm="` + k.method.uri + `"></ds:SignatureMethod>`)
	info.WriteString(`<ds:Reference URI="` + referenceTo(root) + `"><ds:Transforms>`)
	info.WriteString(`<ds:Transform Algorithm="` + transformEnveloped + `"></ds:Transform>`)
	info.WriteString(`<ds:Transform Algorithm="` + nsExclusive + `"></ds:Transform></ds:Transforms>`)
	info.WriteString(`<ds:DigestMethod Algorithm="` + k.digest.uri + `"></ds:DigestMethod><ds:DigestValue>`)
	info.WriteString(base64.StdEncoding.EncodeToString(k.digest.sum(content)))
	info.WriteString(`</ds:DigestValue></ds:Reference></ds:SignedInfo>`)

	value, err := k.sign([]byte(`<ds:SignedInfo xmlns:ds="` + nsDSig + `"` + info.String()))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(`<ds:Signature xmlns:ds="` + nsDSig + `"><ds:SignedInfo` + info.String())
	b.WriteString(`<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(value) + `</ds:SignatureValue>`)
	b.WriteString(k.info + `</ds:Signature>`)
	return b.Bytes(), nil
}

// referenceTo is the URI of the Reference. An ID that is no plain name would need escaping, on
// which readers differ; then the Reference is to the document, whose root it is all the same.
func referenceTo(root xmltree.Element) string {
	for _, id := range rootIDs(root) {
		if id != "" {
			if strings.Trim(id, nameCharacters) == "" {
				return "#" + id
			}
			return ""
		}
	}
	return ""
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// rootEnd is the offset at which a Signature becomes the last child of the root: that of its end
// tag, or of the «/>» of an empty one. The document has been parsed, so that behind the root there
// is nothing but white space and comments, and no comment holds «--».
func rootEnd(document []byte) (at int, empty bool) {
	rest := bytes.TrimRight(document, " \t\r\n")
	for bytes.HasSuffix(rest, []byte("-->")) {
		rest = rest[:bytes.LastIndex(rest, []byte("<!--"))]
		rest = bytes.TrimRight(rest, " \t\r\n")
	}
	if bytes.HasSuffix(rest, []byte("/>")) {
		return len(rest) - 2, true
	}
	return bytes.LastIndex(rest, []byte("</")), false
}

// tagName is the name with which a start tag begins, as it is written.
func tagName(tag []byte) []byte {
	name := tag[1:]
	return name[:bytes.IndexAny(name, " \t\r\n/>")]
}
