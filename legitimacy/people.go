package legitimacy

import (
	"slices"

	"asugate/register"
	"asugate/schema"
)

// Grounds are the entry of the staff list and the power of attorney on which the verdict on an ЭД №2
// rests, nil where none was found. Of several entries of the performer it is the one that fits best.
func Grounds(c *Case) (entry *schema.StaffEntry, proxy *schema.PowerOfAttorney) {
	if c.Document.Placement() == nil {
		return nil, nil
	}
	entries, _ := c.performerEntries()
	proxy, _ = c.registeredProxy()
	if len(entries) == 0 {
		return nil, proxy
	}
	station := c.Consignment.DepartureStation
	for _, fits := range []func(*schema.StaffEntry) bool{
		func(e *schema.StaffEntry) bool { return c.workDate().Within(e.From, e.To) },
		func(e *schema.StaffEntry) bool { return slices.Contains(e.Works, placementWork) },
		func(e *schema.StaffEntry) bool { return station == "" || e.Covers(station) },
		func(e *schema.StaffEntry) bool { return !e.OfStation() },
		func(e *schema.StaffEntry) bool { return e.MaySign },
	} {
		rest := slices.DeleteFunc(slices.Clone(entries), func(e *schema.StaffEntry) bool { return !fits(e) })
		if len(rest) > 0 {
			entries = rest
		}
	}
	return entries[0], proxy
}

// People runs the rules on the performer, the signer and the power of attorney alone: those that a
// staff list decides.
func People(c *Case) []schema.Finding {
	if c.Document.Placement() == nil {
		return nil
	}
	return slices.Concat(performer(c), rightToSign(c), signerIsNamed(c), powerOfAttorney(c))
}

// SomebodyMaySign says whether, by the list, an ЭД №2 of the station can be signed on the day: by the
// performer, or by somebody with a power of attorney.
func SomebodyMaySign(list *register.Staff, station string, day schema.Date) bool {
	if list == nil {
		return false
	}
	byProxy := slices.ContainsFunc(list.Proxies, func(p schema.PowerOfAttorney) bool {
		return day.Within(p.From, p.To) && !withdrawn(&p, day) &&
			(len(p.Kinds) == 0 || slices.Contains(p.Kinds, schema.KindPlacement))
	})
	for i := range list.Entries {
		e := &list.Entries[i]
		if (e.MaySign || byProxy) && day.Within(e.From, e.To) &&
			slices.Contains(e.Works, placementWork) && e.Covers(station) {
			return true
		}
	}
	return false
}
