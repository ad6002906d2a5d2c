package xmltree

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The closed list of reasons why Parse refuses.
const (
	ReasonEmptyDocument       = "empty-document"       // white space and comments at most
	ReasonNotXML              = "not-xml"              // it does not begin with a tag and has none
	ReasonMalformed           = "malformed-xml"        // breaks a rule of XML 1.0 named in Detail
	ReasonBadCharacter        = "bad-character"        // a character that XML 1.0 does not know
	ReasonUndeclaredEntity    = "undeclared-entity"    // other than lt, gt, amp, apos, quot
	ReasonDTD                 = "dtd-not-allowed"      // DOCTYPE or another declaration
	ReasonPI                  = "pi-not-allowed"       // a processing instruction
	ReasonVersion             = "unsupported-version"  // XML declaration of a version other than 1.0
	ReasonBadEncoding         = "bad-encoding"         // bytes that are not what encoding says
	ReasonUnsupportedEncoding = "unsupported-encoding" // an encoding that we do not read
	ReasonTooLarge            = "too-large"
	ReasonTooDeep             = "too-deep"
	ReasonTooManyElements     = "too-many-elements"
	ReasonTooManyNodes        = "too-many-nodes"
	ReasonTooManyAttributes   = "too-many-attributes"
	ReasonTooManyNamespaces   = "too-many-namespaces"
	ReasonNameTooLong         = "name-too-long"
	ReasonAttributeTooLong    = "attribute-too-long"
	ReasonTextTooLong         = "text-too-long"
	ReasonDuplicateAttribute  = "duplicate-attribute" // by expanded name; xmlns too
	ReasonDuplicateID         = "duplicate-id"        // one value in two of ID, Id, id, xml:id
	ReasonUndeclaredPrefix    = "undeclared-prefix"
	ReasonBadName             = "bad-name"           // no QName of Namespaces in XML
	ReasonBadNamespace        = "bad-namespace"      // a declaration that Namespaces in XML forbids
	ReasonRelativeNamespace   = "relative-namespace" // a namespace name that is no absolute URI
)

// Reasons is the closed list of SyntaxError.Reason.
func Reasons() []string {
	return []string{
		ReasonEmptyDocument, ReasonNotXML, ReasonMalformed, ReasonBadCharacter,
		ReasonUndeclaredEntity, ReasonDTD, ReasonPI, ReasonVersion, ReasonBadEncoding,
		ReasonUnsupportedEncoding, ReasonTooLarge, ReasonTooDeep, ReasonTooManyElements,
		ReasonTooManyNodes, ReasonTooManyAttributes, ReasonTooManyNamespaces, ReasonNameTooLong,
		ReasonAttributeTooLong, ReasonTextTooLong, ReasonDuplicateAttribute, ReasonDuplicateID,
		ReasonUndeclaredPrefix, ReasonBadName, ReasonBadNamespace, ReasonRelativeNamespace,
	}
}

// SyntaxError says why the input is not a document that we read.
type SyntaxError struct {
	Reason string // a word of the closed list Reasons
	Offset int    // byte in the input as received
	Detail string // English, names what was found; quoted, bounded
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", e.Reason, e.Offset, e.Detail)
}

// quote shows what was found, escaped and cut, so that a hostile input cannot fill a log.
func quote(s string) string {
	const most = 40
	if len(s) <= most {
		return strconv.Quote(s)
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}
