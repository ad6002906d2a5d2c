package schema

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"asugate/signature"
	"asugate/xmltree"
)

// PlatformKPEDO is Memo.Platform of a memo in the form of КП ЭДО, by which the carrier's system hands
// signed памятки ГУ-45ВЦ over. docs/kpedo.md describes the form.
const PlatformKPEDO = "kpedo"

// Origin is what the form of КП ЭДО leaves out and a document has to have.
type Origin struct {
	DocumentID string    // Docid of the envelope, which nobody has signed; empty: there is none
	SignedAt   time.Time // the signing time that the signature covers
}

// kpedoIDs is the name space of the identifiers below. It must never change: the same document would
// have another identifier.
var kpedoIDs = uuid.MustParse("7a1f0c52-6c0e-4b0b-9a55-2d7f3b1f45c4")

// KPEDOID is the DocumentID of a document of КП ЭДО, made of its Docid: a UUID of version 5 (RFC 9562
// section 5.5), the same on every road and after every restart.
func KPEDOID(docid string) string {
	return uuid.NewSHA1(kpedoIDs, []byte("docid\x00"+collapse(docid))).String()
}

// kpedoNumberID is the DocumentID where the envelope says no Docid. The number of a memo is unique only
// on its station, within a year and a form (Д-720у п. 2).
func kpedoNumberID(station string, year int, number string) string {
	return uuid.NewSHA1(kpedoIDs, fmt.Appendf(nil, "number\x00%s\x00%d\x00%s\x00%s", station, year, number, "ГУ-45ВЦ")).String()
}

// kpedoEpoch is where the versions of such documents begin to count.
var kpedoEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// KPEDOVersion is the Version of a document of КП ЭДО: the whole seconds from 2020 until it was signed.
// A correction is signed later, so its version is higher, and nothing has to be remembered. ok is false
// for a time that gives none.
func KPEDOVersion(signed time.Time) (version int, ok bool) {
	seconds := signed.Unix() - kpedoEpoch.Unix()
	if signed.IsZero() || seconds < 1 || seconds > math.MaxInt32 {
		return 0, false
	}
	return int(seconds), true
}

// GlanceForeign is GlanceAt for a document of КП ЭДО.
func GlanceForeign(root xmltree.Element, o Origin) Glance {
	if root.IsZero() || !root.Is("", "data") {
		return GlanceAt(root)
	}
	g := Glance{Kind: KindMemo}
	if collapse(o.DocumentID) != "" {
		g.DocumentID = KPEDOID(o.DocumentID)
	}
	g.Version, _ = KPEDOVersion(o.SignedAt)
	return g
}

// ParseForeign is Parse for the form <data> of КП ЭДО: a Document of kind Memo with all values from what
// is signed. zone is that of the times in the form, Moscow's. Elements that the form has besides are not
// read: it grows without a version. A document without signing time is refused, because its dates have no
// year and its versions no order without it.
func ParseForeign(s signature.Signed, o Origin, zone *time.Location) (Document, []Finding) {
	if !s.Valid() {
		return Document{}, []Finding{{Code: "A02", Reason: "no-signature", Severity: Error}}
	}
	return parseForeign(s.Root(), o, zone)
}

// parseForeign is ParseForeign for a root of which it has been established that it is signed.
func parseForeign(root xmltree.Element, o Origin, zone *time.Location) (Document, []Finding) {
	if !root.Is("", "data") {
		return Document{}, []Finding{{Code: "A01", Reason: ReasonUnknownKind, Severity: Error,
			Path: root.Path(), Expected: "data", Actual: "{" + root.Space() + "}" + root.Local()}}
	}
	version, ok := KPEDOVersion(o.SignedAt)
	switch {
	case o.SignedAt.IsZero():
		return Document{}, []Finding{{Code: "D03", Reason: ReasonTimeMissing, Severity: Error,
			Path: root.Path(), Expected: "signingTime"}}
	case !ok:
		return Document{}, []Finding{{Code: "A01", Reason: ReasonBadValue, Severity: Error, Path: root.Path(),
			Expected: "signingTime > " + kpedoEpoch.Format(time.RFC3339), Actual: o.SignedAt.UTC().Format(time.RFC3339)}}
	}
	r := kpedoReader{reader: reader{zone: zone}, signed: o.SignedAt.In(zone)}
	memo := r.memo(root)
	d := Document{
		kind:    KindMemo,
		version: version,
		body:    memo,
		header:  Header{DocumentID: KPEDOID(o.DocumentID), CreatedAt: o.SignedAt},
	}
	if collapse(o.DocumentID) == "" {
		d.header.DocumentID = kpedoNumberID(memo.Station.Code, r.signed.Year(), memo.Number)
	}
	d.id, _ = CanonicalID(d.header.DocumentID)
	findings := r.bounded()
	if Refused(findings) {
		return Document{}, findings
	}
	return d, findings
}

// kpedoReader reads the form <data>. It has no schema that would have promised anything before.
type kpedoReader struct {
	reader
	signed time.Time // in zone
	dated  bool      // the sender has been told that years were derived
}

// bounded are the findings, of errors and of notes so many at most.
func (r *kpedoReader) bounded() []Finding {
	var some []Finding
	var counts [2]int
	for _, f := range r.findings {
		count := &counts[0]
		if f.Severity == Error {
			count = &counts[1]
		}
		if *count++; *count <= maxViolations {
			some = append(some, f)
		}
	}
	return some
}

func (r *kpedoReader) refuse(reason, path, expected, actual string) {
	r.findings = append(r.findings, Finding{Code: "A01", Reason: reason, Severity: Error,
		Path: path, Expected: expected, Actual: clip(oneLine(actual), maxQuoted)})
}

// fields are the child elements of e by name. One of the names that stands twice is refused: nobody can
// say which of the two was meant. Names that are not asked for may stand there, as often as they like.
func (r *kpedoReader) fields(e xmltree.Element, names ...string) map[string]xmltree.Element {
	found := make(map[string]xmltree.Element, len(names))
	for c := range e.Children() {
		if c.Space() != "" || !slices.Contains(names, c.Local()) {
			continue
		}
		if _, twice := found[c.Local()]; twice {
			r.refuse("unexpected-element", c.Path(), "1 × "+c.Local(), c.Local())
			continue
		}
		found[c.Local()] = c
	}
	return found
}

// value is the text of an element, empty without one, at most so many characters.
func (r *kpedoReader) value(e xmltree.Element, most int) string {
	if e.IsZero() {
		return ""
	}
	for c := range e.Children() {
		r.refuse("unexpected-element", c.Path(), "text", c.Local())
		return ""
	}
	value := text(e)
	if n := utf8.RuneCountInString(value); n > most {
		r.refuse("max-length", e.Path(), strconv.Itoa(most), strconv.Itoa(n))
		return ""
	}
	return value
}

// required is value for an element that must be there and say something.
func (r *kpedoReader) required(of xmltree.Element, fields map[string]xmltree.Element, name string, most int) string {
	e := fields[name]
	if e.IsZero() {
		r.refuse("missing-element", of.Path(), name, "")
		return ""
	}
	before := len(r.findings)
	value := r.value(e, most)
	if value == "" && len(r.findings) == before {
		r.refuse("min-length", e.Path(), "1", "0")
	}
	return value
}

// digits is a value of so many decimal digits, empty where there is none.
func (r *kpedoReader) digits(e xmltree.Element, least, most int) string {
	const written = 32 // characters; a longer one is no number
	value := r.value(e, written)
	if value == "" {
		return ""
	}
	if len(value) < least || len(value) > most || strings.Trim(value, "0123456789") != "" {
		r.refuse("pattern", e.Path(), fmt.Sprintf("[0-9]{%d,%d}", least, most), value)
		return ""
	}
	return value
}
