package signature

import (
	"fmt"

	"github.com/beevik/etree"
)

// maxSealed is how many elements goxmldsig canonicalizes: it allows itself 1000 steps, and its
// Signature takes some.
const maxSealed = 900

// Seal signs an element that we built, with goxmldsig (enveloped, exclusive C14N, r||s for ECDSA),
// and writes it out. The element itself is left as it is. What goxmldsig would canonicalize
// differently from everyone else, or sign with an algorithm that it does not know, goes the way of Sign.
func (k *Key) Seal(root *etree.Element) ([]byte, error) {
	if budget := maxSealed; k.dsig == nil || !suitsGoxmldsig(root, &budget) || hasForeignID(root) {
		plain, err := write(root.Copy())
		if err != nil {
			return nil, err
		}
		return k.Sign(plain)
	}
	// SignEnveloped canonicalizes the element that it is given, in place.
	signed, err := k.dsig.SignEnveloped(root.Copy())
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", root.Tag, err)
	}
	return write(signed)
}

// write writes canonically: otherwise a tab or a carriage return in an attribute, or a carriage
// return in text, would be another character for whoever parses the document.
func write(root *etree.Element) ([]byte, error) {
	document := etree.NewDocumentWithRoot(root)
	document.WriteSettings = etree.WriteSettings{
		CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true,
	}
	octets, err := document.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", root.Tag, err)
	}
	return octets, nil
}

// suitsGoxmldsig says that goxmldsig 1.6.1 canonicalizes the element as the standard has it. It
// sorts attributes of two namespaces by their local names, keeps a superfluous xmlns="", writes
// CDATA sections as such and stops at a thousand elements.
func suitsGoxmldsig(e *etree.Element, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	prefixed := 0
	for _, a := range e.Attr {
		if a.Space != "" && a.Space != "xmlns" {
			prefixed++
		}
		if a.Space == "" && a.Key == "xmlns" && a.Value == "" {
			return false
		}
	}
	if prefixed > 1 {
		return false
	}
	for _, child := range e.Child {
		switch child := child.(type) {
		case *etree.Element:
			if !suitsGoxmldsig(child, budget) {
				return false
			}
		case *etree.CharData:
			if child.IsCData() {
				return false
			}
		default:
			return false
		}
	}
	return true
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
