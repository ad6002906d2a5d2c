package signature

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/beevik/etree"
)

// Seal signs an element that we built, with goxmldsig (enveloped, exclusive C14N, r||s for ECDSA),
// and writes it out. The element itself is left as it is. What goxmldsig would sign with an algorithm
// that it does not know, or refer to wrongly, goes the way of Sign.
func (k *Key) Seal(root *etree.Element) ([]byte, error) {
	if k.dsig == nil || hasForeignID(root) {
		plain, err := write(root.Copy())
		if err != nil {
			return nil, err
		}
		return k.Sign(plain)
	}
	signed, err := k.dsig.SignEnveloped(root) // which copies it before it adds anything
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", root.Tag, err)
	}
	sortAttributes(signed)
	return write(signed)
}

// sortAttributes puts them in one order, so that the same content is the same bytes: declarations of
// namespaces, then the others, each by name.
func sortAttributes(e *etree.Element) {
	slices.SortFunc(e.Attr, func(a, b etree.Attr) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Space, b.Space), cmp.Compare(a.Key, b.Key))
	})
	for _, child := range e.Child {
		if child, ok := child.(*etree.Element); ok {
			sortAttributes(child)
		}
	}
}

func rank(a etree.Attr) int {
	switch {
	case a.Space == "" && a.Key == "xmlns":
		return 0
	case a.Space == "xmlns":
		return 1
	}
	return 2
}

// canonicalWrite is read only.
var canonicalWrite = etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true}

// write writes canonically: otherwise a tab or a carriage return in an attribute, or a carriage
// return in text, would be another character for whoever parses the document.
func write(root *etree.Element) ([]byte, error) {
	document := etree.NewDocumentWithRoot(root)
	document.WriteSettings = canonicalWrite
	octets, err := document.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", root.Tag, err)
	}
	return octets, nil
}

// hasForeignID says that goxmldsig would take a prefixed attribute for the ID to refer to: etree
// selects an attribute by its local name when asked without a prefix.
func hasForeignID(root *etree.Element) bool {
	for _, a := range root.Attr {
		if a.Key == "ID" && a.Space != "" {
			return true
		}
	}
	return false
}
