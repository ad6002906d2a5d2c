package workflow

import (
	"slices"

	"asugate/schema"
)

// The lanes of the railway's side.
const (
	LaneOffice  = "office"  // the back office: АС ЭТРАН's neighbours
	LaneKPEDO   = "kpedo"   // КП ЭДО, through which memos and acts come and answers to them go
	LaneEASAPRM = "easaprm" // ЕАСАПР М itself, for what it gets directly
)

// destinations is where accepted documents go besides the client's own lane. What the railway sends
// is for the registers and for clients; where answers to memos and acts go depends on more than
// their kind, and is in routes.
var destinations = map[schema.Kind][]string{
	schema.KindWaybill:     {LaneOffice},
	schema.KindPlacement:   {LaneOffice},
	schema.KindPaperSwitch: {LaneOffice},
}

// Destinations names the lanes to which an accepted document of that kind goes (without the
// client's own).
func Destinations(k schema.Kind) []string { return append([]string(nil), destinations[k]...) }

// AllDestinations is every lane of the railway that Destinations, Routes and Acknowledged may name,
// in order.
func AllDestinations() []string {
	all := []string{LaneOffice, LaneKPEDO}
	for _, lanes := range destinations {
		all = append(all, lanes...)
	}
	for _, row := range routes {
		all = append(all, row.route.Lane)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
