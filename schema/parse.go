package schema

import (
	"time"

	"asugate/signature"
	"asugate/xmltree"
)

// formatOne is the version of the forms that this installation reads and writes.
const formatOne = "1.0"

// maxViolations bounds what one document can make us say about its schema.
const maxViolations = 50

// Parse validates what is signed against the schema of its kind and format and decodes it. Findings
// of severity error make the Document the zero value: A01, and of a staff list also what
// StaffList.Check says. Others are notes (a time without zone was read in zone, which must not be
// nil). A Signed that signature.Open did not make is refused like a document without signature.
func Parse(s signature.Signed, zone *time.Location) (Document, []Finding) {
	if !s.Valid() {
		return Document{}, []Finding{{Code: "A02", Reason: "no-signature", Severity: Error}}
	}
	return parse(s.Root(), zone)
}

// parse is Parse for a root of which it has been established that it is signed.
func parse(root xmltree.Element, zone *time.Location) (Document, []Finding) {
	if findings := validate(root); findings != nil {
		return Document{}, findings
	}
	r := reader{zone: zone}
	d := Document{
		kind:        Kind(root.Local()),
		version:     r.number(root, "Version"),
		format:      attribute(root, "Format"),
		environment: attribute(root, "Environment"),
	}
	for e := range children(root) {
		if e.Local() == "Header" {
			d.header = r.header(e)
		}
	}
	d.id, _ = CanonicalID(d.header.DocumentID)
	d.body = bodies[d.kind](&r, root)
	if list, ok := d.body.(*StaffList); ok {
		list.Version = d.version
		r.findings = append(r.findings, list.Check()...)
	}
	if Refused(r.findings) {
		return Document{}, r.findings
	}
	return d, r.findings
}

// bodies are the kinds that come in, and how each is read. What the gateway itself sends is not
// among them.
var bodies = map[Kind]func(*reader, xmltree.Element) any{
	KindWaybill:      func(r *reader, root xmltree.Element) any { return r.waybill(root) },
	KindPlacement:    func(r *reader, root xmltree.Element) any { return r.placement(root) },
	KindPaperSwitch:  func(r *reader, root xmltree.Element) any { return r.paperSwitch(root) },
	KindStaffList:    func(r *reader, root xmltree.Element) any { return r.staffList(root) },
	KindOfficeNotice: func(r *reader, root xmltree.Element) any { return r.officeNotice(root) },
	KindMemo:         func(r *reader, root xmltree.Element) any { return r.memo(root) },
	KindAct:          func(r *reader, root xmltree.Element) any { return r.act(root) },
	KindApproval:     func(r *reader, root xmltree.Element) any { return r.answer(root) },
	KindRejection:    func(r *reader, root xmltree.Element) any { return r.answer(root) },
	KindStateReport:  func(r *reader, root xmltree.Element) any { return r.stateReport(root) },
	KindMovements:    func(r *reader, root xmltree.Element) any { return r.movements(root) },
}

// validate holds the document against the schema of its kind and format; nil: it is as the schema
// says.
func validate(root xmltree.Element) []Finding {
	if bodies[Kind(root.Local())] == nil || root.Space() != Namespace {
		actual := root.Local()
		if root.Space() != Namespace {
			actual = "{" + root.Space() + "}" + actual
		}
		return []Finding{{Code: "A01", Reason: ReasonUnknownKind, Severity: Error, Path: root.Path(), Actual: actual}}
	}
	if format := attribute(root, "Format"); format != "" && format != formatOne {
		return []Finding{{Code: "A01", Reason: ReasonUnknownFormat, Severity: Error,
			Path: root.Path() + "/@Format", Expected: formatOne, Actual: format}}
	}
	var findings []Finding
	for _, v := range schemas().Validate(root, maxViolations) {
		findings = append(findings, Finding{Code: "A01", Reason: v.Rule, Severity: Error,
			Path: v.Path, Expected: v.Expected, Actual: v.Actual})
	}
	return findings
}
