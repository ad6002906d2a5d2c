package legitimacy

import (
	"slices"
	"strings"

	"asugate/register"
	"asugate/schema"
)

// placementWork is the kind of work that ЭД №2 is about («размещение и крепление»).
const placementWork = "placement"

// performerEntries finds the performer in the staff list: all entries of one person, whatever their
// days. Numbers find, and the name has to confirm; a name alone finds where it fits one person.
func (c *Case) performerEntries() (entries []*schema.StaffEntry, fault []schema.Finding) {
	const path = "/Placement/Performer"
	p := c.Document.Placement()
	if c.Staff == nil {
		return nil, one("L01", schema.ReasonNoList, path, c.Document.Header().Organisation.Key(), "")
	}
	absent := one("L01", schema.ReasonNotInList, path, "", p.Performer.Name)
	if p.Performer.PersonID.IsZero() {
		entries = c.Staff.ByName(p.Performer.Name)
	} else {
		entries = slices.DeleteFunc(c.Staff.ByPerson(p.Performer.PersonID), func(e *schema.StaffEntry) bool {
			return compareIDs(e.PersonID, p.Performer.PersonID) != same
		})
		if len(entries) > 0 {
			if !slices.ContainsFunc(entries, func(e *schema.StaffEntry) bool {
				return sameName(e.Name, p.Performer.Name)
			}) {
				fault = one("L01", schema.ReasonNameDiffers, path, entries[0].Name, p.Performer.Name)
			}
			return entries, fault
		}
		// An entry may have no number at all, only a name and a registered certificate.
		entries = slices.DeleteFunc(c.Staff.ByName(p.Performer.Name), func(e *schema.StaffEntry) bool {
			return !e.PersonID.IsZero()
		})
	}
	if len(entries) == 0 {
		return nil, absent
	}
	if !onePerson(entries) {
		// Of namesakes only those are meant who could have done the work on that day.
		entries = inForce(entries, c.workDate())
	}
	if len(entries) == 0 || !onePerson(entries) {
		return nil, one("L01", schema.ReasonAmbiguousName, path, "", p.Performer.Name)
	}
	return entries, nil
}

// onePerson says whether entries are all of one person.
func onePerson(entries []*schema.StaffEntry) bool {
	first := entries[0]
	for _, e := range entries[1:] {
		switch compareIDs(first.PersonID, e.PersonID) {
		case different:
			return false
		case unknown:
			// Without numbers on both sides only the same name and post are taken for one, or the same
			// name in two copies of one order.
			if !first.PersonID.IsZero() || !e.PersonID.IsZero() ||
				schema.NormalizeName(first.Name) != schema.NormalizeName(e.Name) ||
				schema.NormalizeName(first.Post) != schema.NormalizeName(e.Post) && !register.CopiesOfOne(first, e) {
				return false
			}
		}
	}
	return true
}

// workDate is the day that decides on appointments (288 п. 2.1.4 3)б).
func (c *Case) workDate() schema.Date {
	if !c.WorkDate.IsZero() {
		return c.WorkDate
	}
	return c.Document.Placement().WorkDate
}

func inForce(entries []*schema.StaffEntry, day schema.Date) []*schema.StaffEntry {
	return slices.DeleteFunc(slices.Clone(entries), func(e *schema.StaffEntry) bool {
		return !day.Within(e.From, e.To)
	})
}

func forPlacement(entries []*schema.StaffEntry) []*schema.StaffEntry {
	return slices.DeleteFunc(slices.Clone(entries), func(e *schema.StaffEntry) bool {
		return !slices.Contains(e.Works, placementWork)
	})
}

// performer: who did the work stands in the staff list on the work date, for this kind of work and
// this station (288 п. 2.1.4 3)б, 1.4). By proxy too: it is the one for whom somebody else signed.
func performer(c *Case) []schema.Finding {
	const path = "/Placement/Performer"
	entries, found := c.performerEntries()
	if len(entries) == 0 {
		return found
	}
	day := c.workDate()
	asked := inForce(entries, day)
	if len(asked) == 0 {
		terms := make([]string, len(entries))
		for i, e := range entries {
			terms[i] = term(e.From, e.To)
		}
		found = append(found, finding("L02", schema.ReasonNotInForce, path, strings.Join(terms, ", "), day.String()))
		asked = entries // what else is wrong with them is said too
	}
	forWork := forPlacement(asked)
	if len(forWork) == 0 {
		found = append(found, finding("L01", schema.ReasonWorkNotCovered, path,
			placementWork, strings.Join(asked[0].Works, ", ")))
		forWork = asked
	}
	station := c.Consignment.DepartureStation
	covered := slices.ContainsFunc(forWork, func(e *schema.StaffEntry) bool {
		return e.Covers(station)
	})
	if !covered && station != "" {
		stations := forWork[0].Stations
		if len(stations) == 0 {
			stations = []string{forWork[0].Recipient}
		}
		found = append(found, finding("L01", schema.ReasonStationNotCovered, path, strings.Join(stations, ", "), station))
	}
	return found
}

// rightToSign: at the moment of signing the performer has the right to sign. By proxy it is not
// asked: the power of attorney gives the right, to somebody else. Where the performer stands in the
// copy of ТЦФТО, a station's copy gives no right: only the former has to tell of it (288 п. 1.4).
func rightToSign(c *Case) []schema.Finding {
	p := c.Document.Placement()
	entries, _ := c.performerEntries()
	if p.Proxy != nil || len(entries) == 0 {
		return nil
	}
	now := inForce(entitling(entries), c.day(c.Moment))
	// The order gives the right for the work that it names (288 п. 1.4). That none names this work is
	// said by performer.
	if named := forPlacement(now); len(named) > 0 {
		now = named
	}
	for _, e := range now {
		if e.MaySign {
			return nil
		}
	}
	return one("L03", schema.ReasonNoRightToSign, "/Placement/Performer", "", p.Performer.Name)
}

// entitling are the entries that tell of the right to sign: those from copies of stations only where
// there are no others.
func entitling(entries []*schema.StaffEntry) []*schema.StaffEntry {
	others := slices.DeleteFunc(slices.Clone(entries), (*schema.StaffEntry).OfStation)
	if len(others) > 0 {
		return others
	}
	return entries
}
