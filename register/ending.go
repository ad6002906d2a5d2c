package register

import (
	"time"

	"asugate/schema"
)

// Ending are the entries and the powers of attorney that are in force on the day and end within so many
// days after it, without another that goes on.
func (s *Staff) Ending(day schema.Date, days int) (people []*schema.StaffEntry, proxies []*schema.PowerOfAttorney) {
	until := later(day, days)
	for i := range s.Entries {
		e := &s.Entries[i]
		if ends(e.From, e.To, day, until) && !s.goesOn(e) {
			people = append(people, e)
		}
	}
	for i := range s.Proxies {
		p := &s.Proxies[i]
		if p.Withdrawn.IsZero() && ends(p.From, p.To, day, until) {
			proxies = append(proxies, p)
		}
	}
	return people, proxies
}

func ends(from, to, day, until schema.Date) bool {
	return !to.IsZero() && day.Within(from, to) && !until.Before(to)
}

// goesOn says whether the person has another appointment from the day after, in the same copy.
func (s *Staff) goesOn(e *schema.StaffEntry) bool {
	same, numbered := s.ByPerson(e.PersonID), !e.PersonID.IsZero()
	if !numbered {
		same = s.ByName(e.Name)
	}
	next := later(e.To, 1)
	for _, other := range same {
		if other.Recipient == e.Recipient && other.PersonID.IsZero() != numbered && next.Within(other.From, other.To) {
			return true
		}
	}
	return false
}

func later(d schema.Date, days int) schema.Date {
	return schema.DateOf(time.Date(d.Year, time.Month(d.Month), d.Day+days, 12, 0, 0, 0, time.UTC), time.UTC)
}
