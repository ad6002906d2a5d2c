package workflow

import (
	"fmt"
	"strings"

	"asugate/schema"
)

// Withdrawal says why the permission that stood before has ended with the accepted document d, as a
// finding about the ЭД №2 that it was given on; nil: none has ended. A permission is for exactly the two
// documents that it was given on (288 п. 1.5 «каждого ЭД», 1.8), so whatever takes the place of either
// ends it, and so does paper.
func Withdrawal(d schema.Document, before, after Consignment) *schema.Finding {
	if before.State != Complete || after.Revision == before.Revision {
		return nil
	}
	var f schema.Finding
	switch d.Kind() {
	case schema.KindWaybill:
		f = finding("W07", schema.ReasonWaybillChanged, "/Placement/Waybill/@Version",
			fmt.Sprint(after.WaybillVersion), fmt.Sprint(before.WaybillVersion))
	case schema.KindPlacement:
		f = finding("W16", schema.ReasonReplaced, "/Placement/@Version", after.placement(), before.placement())
	default:
		f = finding("W13", schema.ReasonPaper, "/Placement", "", strings.TrimSpace(after.PaperBy+" "+stamp(after)))
	}
	return &f
}

// placement names the accepted ЭД №2 in its exact version.
func (c Consignment) placement() string {
	return fmt.Sprintf("%s, %d", c.PlacementID, c.PlacementVersion)
}
