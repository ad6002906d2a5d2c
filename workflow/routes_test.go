package workflow

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/schema"
)

// Who gets what, in the words of the order: from whom, through whom, to whom.
func TestRoutes(t *testing.T) {
	const want = `
Memo client-signs     kpedo>asust
Memo client-rejects   kpedo>asust
Memo term-ends        kpedo>asust
Memo spoil-requested  kpedo>asust
Memo spoil-confirmed  kpedo>asust
Act client-signs      kpedo>easaprm
Act client-rejects    kpedo>easaprm easaprm
Act term-ends         kpedo>easaprm
Act spoil-requested   kpedo>easaprm
Act spoil-confirmed   kpedo>easaprm
`
	got := "\n"
	for _, form := range []schema.Kind{schema.KindMemo, schema.KindAct} {
		for _, event := range PrimaryEvents() {
			var ways []string
			for _, r := range Routes(form, event) {
				ways = append(ways, strings.TrimSuffix(r.Lane+">"+r.Onward, ">"))
				if !slices.Contains(AllDestinations(), r.Lane) {
					t.Errorf("%s %s: the lane %s is not among all", form, event, r.Lane)
				}
			}
			if ways != nil {
				got += fmt.Sprintf("%-21s %s\n", fmt.Sprintf("%s %s", form, event), strings.Join(ways, " "))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is no memo and no act takes none of these ways, and a caller cannot change them.
func TestRoutes_others(t *testing.T) {
	for _, form := range append(schema.Kinds(), schema.KindApproval, schema.KindStateReport, "") {
		if form == schema.KindMemo || form == schema.KindAct {
			continue
		}
		for _, event := range append(PrimaryEvents(), "") {
			if ways := Routes(form, event); ways != nil {
				t.Errorf("%s %s: %v", form, event, ways)
			}
		}
	}
	Routes(schema.KindAct, ClientRejects)[0].Lane = "elsewhere"
	if got := Routes(schema.KindAct, ClientRejects)[0].Lane; got != LaneKPEDO {
		t.Errorf("a caller changed the table: %s", got)
	}
}

func TestAcknowledged(t *testing.T) {
	for kind, want := range map[schema.Kind]string{
		schema.KindMemo: LaneKPEDO, schema.KindAct: LaneKPEDO, schema.KindStateReport: LaneKPEDO, schema.KindMovements: LaneKPEDO,
		schema.KindStaffList: LaneOffice, schema.KindOfficeNotice: LaneOffice, "": LaneOffice,
	} {
		if got := Acknowledged(kind); got != want || !slices.Contains(AllDestinations(), got) {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
}
