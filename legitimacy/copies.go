package legitimacy

import (
	"asugate/register"
	"asugate/schema"
)

// copiesAgree: the copies of the order that ТЦФТО and the station of departure have say the same of
// the performer (288 п. 1.4). Which of them is right nobody can tell here, so it is a warning.
func copiesAgree(c *Case) []schema.Finding {
	entry, _ := Grounds(c)
	entries, _ := c.performerEntries()
	station := c.Consignment.DepartureStation
	if entry == nil || station == "" {
		return nil
	}
	first := register.Counterpart(entry, entries, schema.ToTCFTO, c.workDate())
	second := register.Counterpart(entry, entries, station, c.workDate())
	if first == nil || second == nil {
		return nil // one of them is all that there is
	}
	expected, actual := register.CompareCopies(first, second)
	if expected == actual {
		return nil
	}
	return one("L01", schema.ReasonCopiesDiffer, "/Placement/Performer", expected, actual)
}
