package schema

import (
	"asugate/schema/checkdigit"
	"asugate/xmltree"
)

// place is where a value stands: in an element, or in its attribute. Its path is written out only for
// a finding, because that looks at all siblings before: done for each row it would cost the square of
// their number.
type place struct {
	xmltree.Element
	attribute string // empty: the text of the element
}

func (p place) path() string {
	if p.attribute == "" {
		return p.Path()
	}
	return p.Path() + "/@" + p.attribute
}

// read notes that a code is read otherwise than it is written, so that nobody has to guess which of
// the two a finding means. The original stays in the document.
func (r *reader) read(at place, written, meant, reason string) string {
	if written != meant {
		r.findings = append(r.findings, Finding{Code: "D01", Reason: reason,
			Path: at.path(), Expected: meant, Actual: written}.Complete())
	}
	return meant
}

// compact reads the number of a wagon or container, which people group with spaces and hyphens.
func (r *reader) compact(e xmltree.Element, name string) string {
	written := attribute(e, name)
	return r.read(place{e, name}, written, checkdigit.Compact(written), ReasonCodeRespelled)
}

// wagonNumber reads the attribute number of a wagon.
func (r *reader) wagonNumber(e xmltree.Element) string { return r.compact(e, "number") }

// code6 reads a station or cargo code: of five digits it is the code without its check digit, as
// ЭТРАН has it unless useMod11 is asked for. Where the five digits could as well be a code that
// lost its leading zero, the sender is warned.
func (r *reader) code6(e xmltree.Element, name string) string {
	return r.completed(place{e, name}, attribute(e, name))
}

// completed is code6 for a code that has been written somewhere.
func (r *reader) completed(at place, written string) string {
	meant, another, ok := checkdigit.Complete6(written)
	if !ok {
		return written
	}
	reason := ReasonCodeShortened
	if another {
		reason = ReasonCodeAmbiguous
	}
	return r.read(at, written, meant, reason)
}

// padded reads a number that may have lost zeros in front.
func (r *reader) padded(e xmltree.Element, name string, lengths ...int) string {
	written := attribute(e, name)
	if written == "" {
		return ""
	}
	return r.read(place{e, name}, written, checkdigit.Pad(written, lengths...), ReasonCodePadded)
}
