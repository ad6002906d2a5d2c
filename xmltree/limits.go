package xmltree

import (
	"cmp"
	"math"
)

// Limits bound what Parse accepts, so that no input costs more than its size. A field that is zero
// has the value of DefaultLimits.
type Limits struct {
	Bytes          int // of the input
	Depth          int // elements below one another
	Elements       int
	Nodes          int // elements, runs of character data and comments together
	Attributes     int // of one element, namespace declarations not counted
	Declarations   int // namespace declarations of one element
	Prefixes       int // distinct prefixes of the document
	Name           int // bytes of one name
	AttributeValue int // bytes, as written
	Text           int // bytes of one run of character data or one comment, as written
	Repeated       int // bytes of namespace declarations that exclusive canonicalization writes
}

// DefaultLimits are the limits of documents of the gateway.
func DefaultLimits() Limits {
	return Limits{
		Bytes:          5 << 20,
		Depth:          64,
		Elements:       100_000,
		Nodes:          400_000,
		Attributes:     64,
		Declarations:   16,
		Prefixes:       64,
		Name:           256,
		AttributeValue: 64 << 10,
		Text:           4 << 20,
		Repeated:       16 << 20,
	}
}

// effective fills in the defaults and keeps every count within what the arena can number.
func (l Limits) effective() Limits {
	d := DefaultLimits()
	return Limits{
		// Offsets are int32; one byte of UTF-16 or windows-1251 becomes at most three of UTF-8.
		Bytes:          min(cmp.Or(l.Bytes, d.Bytes), math.MaxInt32/4),
		Depth:          cmp.Or(l.Depth, d.Depth),
		Elements:       cmp.Or(l.Elements, d.Elements),
		Nodes:          cmp.Or(l.Nodes, d.Nodes),
		Attributes:     min(cmp.Or(l.Attributes, d.Attributes), math.MaxUint16),
		Declarations:   cmp.Or(l.Declarations, d.Declarations),
		Prefixes:       cmp.Or(l.Prefixes, d.Prefixes),
		Name:           cmp.Or(l.Name, d.Name),
		AttributeValue: cmp.Or(l.AttributeValue, d.AttributeValue),
		Text:           cmp.Or(l.Text, d.Text),
		Repeated:       cmp.Or(l.Repeated, d.Repeated),
	}
}
