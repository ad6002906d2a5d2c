package schema

import (
	"strings"
	"time"

	"asugate/xmltree"
	"asugate/xmltree/xsd"
)

// ReadStaffList reads a staff list that the operator vouches for: its form must hold, its signature,
// if it has one, is not looked at. Nothing that comes from outside goes this way.
func ReadStaffList(tree *xmltree.Tree, zone *time.Location) (StaffList, []Finding) {
	d, findings := parse(tree.Root(), zone)
	if l := d.StaffList(); l != nil {
		return *l, findings
	}
	if !Refused(findings) {
		findings = append(findings, Finding{
			Code: "A01", Reason: ReasonUnknownKind, Severity: Error, Path: tree.Root().Path(),
			Expected: string(KindStaffList), Actual: tree.Root().Local(),
		})
	}
	return StaffList{}, findings
}

// ReadPlacement reads an ЭД №2 of which nothing but the data is asked: it may be unsigned, and its
// Text may be missing or empty yet. Nothing that comes from outside goes this way.
func ReadPlacement(tree *xmltree.Tree, zone *time.Location) (*Placement, []Finding) {
	root := tree.Root()
	findings := validate(root)
	if findings == nil && Kind(root.Local()) != KindPlacement {
		findings = []Finding{{Code: "A01", Reason: ReasonUnknownKind, Severity: Error, Path: root.Path(),
			Expected: string(KindPlacement), Actual: root.Local()}}
	}
	if findings != nil && !lacksText(findings) {
		return nil, findings
	}
	r := reader{zone: zone}
	p := r.placement(root)
	p.Text = strings.TrimSpace(p.Text) // blanks are none
	if Refused(r.findings) {
		return nil, r.findings
	}
	return p, r.findings
}

// lacksText says whether nothing is wrong but that Text is missing at the end, or empty.
func lacksText(findings []Finding) bool {
	if len(findings) != 1 {
		return false
	}
	const root = "/" + string(KindPlacement)
	f := findings[0]
	return f.Reason == xsd.RuleMissingElement && f.Path == root && strings.HasSuffix(f.Expected, "Text") ||
		f.Reason == xsd.RuleMinLength && f.Path == root+"/Text"
}
