package signature

import (
	"errors"

	"asugate/xmltree"

	"github.com/beevik/etree"
)

// ErrNotCMS: the bytes are no CMS SignedData, DER or base64.
var ErrNotCMS = errors.New("not a CMS SignedData")

// Unwrap takes the content out of an attached CMS signature (DER, or base64 of it, or PEM). The same
// CMS is then the detached signature of the content: Open compares what it carries.
func Unwrap(cms []byte) (content []byte, err error) {
	return nil, ErrNotCMS
}

// SignDetached makes a detached CMS signature (DER) over the bytes as they are.
func (k *Key) SignDetached(document []byte) ([]byte, error) {
	return nil, errors.New("not supported")
}

// SealDetached writes an element out and signs the bytes with a detached CMS signature (DER).
func (k *Key) SealDetached(root *etree.Element) (document, cms []byte, err error) {
	return nil, nil, errors.New("not supported")
}

// openDetached judges a detached CMS signature over tree.Raw().
func openDetached(in Input, trust *Trust, report *Report) bool {
	report.fault(containerNotSupported, xmltree.Element{}, "xmldsig", "cms")
	return false
}
