package calendar

import "time"

// Days says which days are worked: Monday to Friday, but for the days that are named. It never
// changes once it is made, and may be shared. A nil Days names none.
type Days struct {
	works map[date]bool // of the days that are named
	final map[int]bool  // by year: whether no more is to be named of it; no entry: nothing is known
	under *Days         // asked for what is not named here; nil: none
}

// date is a day of the calendar.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	year, month, day := t.Date()
	return date{year, month, day}
}

// Named are the days that some register names itself. A day that is in both lists is worked.
func Named(off, working []time.Time) *Days {
	d := &Days{works: make(map[date]bool, len(off)+len(working))}
	for _, day := range off {
		d.works[dateOf(day)] = false
	}
	for _, day := range working {
		d.works[dateOf(day)] = true
	}
	return d
}

// Over is d laid over under: what d names counts, for all other days under is asked.
func (d *Days) Over(under *Days) *Days {
	if d == nil {
		return under
	}
	over := *d
	over.under = d.under.Over(under)
	return &over
}

// Works says whether the day is worked that day's own zone shows.
func (d *Days) Works(day time.Time) bool {
	for named := dateOf(day); d != nil; d = d.under {
		if works, ok := d.works[named]; ok {
			return works
		}
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// Covers says whether all is known of the working days of a year. Of another one the days that are
// named count and else Monday to Friday, which somebody ought to look at.
func (d *Days) Covers(year int) bool {
	for ; d != nil; d = d.under {
		if final, ok := d.final[year]; ok {
			return final
		}
	}
	return false
}

// After is the n-th working day after a day, at noon, which every day of every zone has. A year
// without a working day is no calendar: it gives up after one.
func (d *Days) After(day time.Time, n int) time.Time {
	year, month, first := day.Date()
	found := day
	for idle, i := 0, 1; n > 0 && idle < 366; i++ {
		found = time.Date(year, month, first+i, 12, 0, 0, 0, day.Location())
		if idle++; d.Works(found) {
			n, idle = n-1, 0
		}
	}
	return found
}
