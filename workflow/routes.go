package workflow

import "asugate/schema"

// The production systems behind КП ЭДО, each of which keeps one of the forms.
const (
	OnwardASUST   = "asust"   // АСУ СТ: памятки ГУ-45ВЦ
	OnwardEASAPRM = "easaprm" // ЕАСАПР М: акты ГУ-23ВЦ
)

// Route is a way that something takes to the railway: the lane, and the system to which its reader
// hands it on; empty: to none.
type Route struct{ Lane, Onward string }

// routes is who gets what has become of a memo or an act: all through КП ЭДО to the system that
// keeps the form, and the reason of a rejected act to ЕАСАПР М directly besides. What the railway
// reports of a state itself is in no row: it knows.
var routes = []struct {
	form   schema.Kind
	event  PrimaryEvent
	route  Route
	clause string
}{
	{schema.KindMemo, ClientSigns, Route{LaneKPEDO, OnwardASUST}, "1166/р 2.10"},
	{schema.KindMemo, ClientRejects, Route{LaneKPEDO, OnwardASUST}, "1166/р 2.15"},
	{schema.KindMemo, TermEnds, Route{LaneKPEDO, OnwardASUST}, "1166/р 2.12"},
	{schema.KindMemo, SpoilRequested, Route{LaneKPEDO, OnwardASUST}, "1166/р 4.1"},
	{schema.KindMemo, SpoilConfirmed, Route{LaneKPEDO, OnwardASUST}, "1166/р 4.1"},

	{schema.KindAct, ClientSigns, Route{LaneKPEDO, OnwardEASAPRM}, "1166/р 3.11"},
	{schema.KindAct, ClientRejects, Route{LaneKPEDO, OnwardEASAPRM}, "1166/р 3.14"},
	{schema.KindAct, ClientRejects, Route{LaneEASAPRM, ""}, "1166/р 3.14"},
	{schema.KindAct, TermEnds, Route{LaneKPEDO, OnwardEASAPRM}, "1166/р 3.13"},
	{schema.KindAct, SpoilRequested, Route{LaneKPEDO, OnwardEASAPRM}, "1166/р 4.1"},
	{schema.KindAct, SpoilConfirmed, Route{LaneKPEDO, OnwardEASAPRM}, "1166/р 4.1"},
}

// Routes are the ways of what an event has made of a memo or an act, in the order in which they are
// served.
func Routes(form schema.Kind, e PrimaryEvent) []Route {
	var ways []Route
	for _, row := range routes {
		if row.form == form && row.event == e {
			ways = append(ways, row.route)
		}
	}
	return ways
}

// Acknowledged is the lane to which the ЭСИД on a document of the railway's goes: to where such a
// document comes from.
func Acknowledged(k schema.Kind) string {
	switch k {
	case schema.KindMemo, schema.KindAct, schema.KindStateReport, schema.KindMovements:
		return LaneKPEDO
	}
	return LaneOffice
}
