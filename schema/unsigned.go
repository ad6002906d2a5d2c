package schema

import (
	"time"

	"asugate/xmltree"
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
