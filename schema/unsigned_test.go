package schema

import (
	"testing"

	"asugate/xmltree"
)

// An operator's file is held to the same form as a document, and to the one kind.
func TestReadStaffList(t *testing.T) {
	read := func(file string) (StaffList, []Finding) {
		return ReadStaffList(must(xmltree.Parse(readFile(t, file), xmltree.DefaultLimits())), moscow)
	}
	if l, findings := read("staff_list.xml"); l.Version != 42 || len(l.Entries) != 3 || Refused(findings) {
		t.Errorf("got %+v, %+v", l, findings)
	}
	l, findings := read("waybill.xml")
	if l.Entries != nil || !Refused(findings) || findings[0].Reason != ReasonUnknownKind {
		t.Errorf("got %+v, %+v for a waybill", l, findings)
	}
}
