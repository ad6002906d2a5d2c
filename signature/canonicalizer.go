package signature

import (
	"bytes"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"asugate/xmltree"
)

// ownCanonicalizer is exclusive C14N for goxmldsig by our own hand, the one that everything is verified
// by. goxmldsig's works on copies of the tree, which costs more than the signature itself.
type ownCanonicalizer struct{}

// Canonicalize leaves the element as it is.
func (ownCanonicalizer) Canonicalize(element *etree.Element) ([]byte, error) {
	// Not as the root of a document, which would become its parent.
	var written bytes.Buffer
	element.WriteTo(&written, &canonicalWrite)
	tree, err := xmltree.Parse(written.Bytes(), xmltree.DefaultLimits())
	if err != nil {
		return nil, err
	}
	return tree.Root().AppendCanonical(make([]byte, 0, written.Len()), xmltree.Form{Algorithm: xmltree.Exclusive}), nil
}

// Algorithm is what stands in the signature.
func (ownCanonicalizer) Algorithm() dsig.AlgorithmID { return dsig.CanonicalXML10ExclusiveAlgorithmId }
