package legitimacy

import "asugate/schema"

// timesOfAct: an act on the start of a delay says when it began, one on its end when it ended;
// nothing ends before it begins, and nothing is still to come (Д-720у п. 3.9).
func timesOfAct(c *Case) []schema.Finding {
	a := c.Document.Act()
	t := &timeChecker{c: c}
	t.past("/Act/ComposedAt", a.ComposedAt)
	t.past("/Act/OpenedAt", a.OpenedAt)
	t.past("/Act/ClosedAt", a.ClosedAt)
	t.past("/Act/SupplyNotice", a.SupplyNotice)
	t.past("/Act/RemovalNotice", a.RemovalNotice)
	t.ordered("/Act/ClosedAt", a.OpenedAt, a.ClosedAt)
	if a.OpenedAt.IsZero() && a.Kind == schema.ActStart {
		t.found = append(t.found, finding("D03", schema.ReasonTimeMissing, "/Act/OpenedAt", "начало задержки", ""))
	}
	if a.ClosedAt.IsZero() && a.Kind == schema.ActEnd {
		t.found = append(t.found, finding("D03", schema.ReasonTimeMissing, "/Act/ClosedAt", "окончание задержки", ""))
	}
	return t.found
}

// codesOfAct: its stations are in the table.
func codesOfAct(c *Case) []schema.Finding {
	a := c.Document.Act()
	k := &codeChecker{tables: c.codes()}
	k.station("/Act/Station", a.Station)
	k.station("/Act/Departure", a.Departure)
	k.station("/Act/Destination", a.Destination)
	return k.found
}
