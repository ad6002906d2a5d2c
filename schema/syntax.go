package schema

import "asugate/xmltree"

// SyntaxCode is the code under which a document is refused that cannot be read at all: A13 for its
// encoding, else A01.
func SyntaxCode(e *xmltree.SyntaxError) string {
	switch e.Reason {
	case xmltree.ReasonBadEncoding, xmltree.ReasonUnsupportedEncoding:
		return "A13"
	}
	return "A01"
}
