package workflow

import (
	"slices"

	"asugate/schema"
)

// destinations is where accepted documents go besides the client's own lane. What the railway sends
// is for the registers and for clients.
var destinations = map[schema.Kind][]string{
	schema.KindWaybill:     {"office"},
	schema.KindPlacement:   {"office"},
	schema.KindPaperSwitch: {"office"},
}

// Destinations names the lanes to which an accepted document of that kind goes (without the
// client's own).
func Destinations(k schema.Kind) []string { return append([]string(nil), destinations[k]...) }

// AllDestinations is every lane of the railway that Destinations may name, in order.
func AllDestinations() []string {
	var all []string
	for _, lanes := range destinations {
		all = append(all, lanes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
