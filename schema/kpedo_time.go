package schema

import (
	"strconv"
	"strings"
	"time"

	"asugate/xmltree"
)

// moment reads a date «19.07» and a time of day «23:25», which the form has in two elements; none of the
// two is no time, one of them alone is an error.
func (r *kpedoReader) moment(date, clock xmltree.Element) time.Time {
	day, hour := r.value(date, mostWord), r.value(clock, mostWord)
	if day == "" && hour == "" {
		return time.Time{}
	}
	path := func() string {
		if date.IsZero() {
			return clock.Path()
		}
		return date.Path()
	}
	since, ok := timeOfDay(hour)
	on, dated := r.dayOn(day, since)
	if !ok || !dated {
		r.fail(path(), "02.01 15:04", strings.TrimSpace(day+" "+hour))
		return time.Time{}
	}
	at := clockOn(on, since, r.zone)
	if strings.Count(day, ".") == 1 && !r.dated {
		r.dated = true
		r.findings = append(r.findings, Finding{Code: "D03", Reason: ReasonYearDerived, Severity: Info,
			Path: path(), Expected: on.Russian(), Actual: day})
	}
	return at
}

// dayOn reads «19.07» or «19.07.2026». Without a year it is the nearest such day that is not later than
// a day after the signature, at the time of day: a wagon that came on 31.12 is written down on 01.01, and
// a clock or a plan may be a little ahead of the signature.
func (r *kpedoReader) dayOn(written string, since time.Duration) (Date, bool) {
	parts := strings.Split(written, ".")
	if len(parts) != 2 && len(parts) != 3 {
		return Date{}, false
	}
	day, okDay := shortNumber(parts[0], 2)
	month, okMonth := shortNumber(parts[1], 2)
	if !okDay || !okMonth {
		return Date{}, false
	}
	if len(parts) == 3 {
		year, ok := shortNumber(parts[2], 4)
		d := Date{year, month, day}
		return d, ok && len(parts[2]) == 4 && d.exists()
	}
	latest := r.signed.Add(24 * time.Hour)
	for _, year := range [2]int{latest.Year(), latest.Year() - 1} {
		if d := (Date{year, month, day}); d.exists() && !clockOn(d, since, r.zone).After(latest) {
			return d, true
		}
	}
	return Date{}, false
}

// exists says whether the calendar has the day.
func (d Date) exists() bool {
	_, err := ParseDate(d.String())
	return err == nil
}

// clockOn is what clocks in the zone show so long after the beginning of the day; 24:00 is the beginning
// of the next one.
func clockOn(d Date, since time.Duration, zone *time.Location) time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, int(since/time.Second), 0, zone)
}

// timeOfDay reads «23:25», «23:25:10», and «24:00», as the end of a day is written.
func timeOfDay(written string) (time.Duration, bool) {
	parts := strings.Split(written, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, false
	}
	seconds := 0
	for i := range 3 {
		n := 0
		if i < len(parts) {
			var ok bool
			if n, ok = shortNumber(parts[i], 2); !ok || i > 0 && n > 59 {
				return 0, false
			}
		}
		seconds = seconds*60 + n
	}
	return time.Duration(seconds) * time.Second, seconds <= 24*60*60
}

// shortNumber reads one to most decimal digits.
func shortNumber(s string, most int) (int, bool) {
	if s == "" || len(s) > most || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
