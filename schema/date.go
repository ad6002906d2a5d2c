package schema

import (
	"errors"
	"fmt"
	"time"
)

// Date is a calendar day in the railway's zone. The zero value is no day: an open end, or not
// given.
type Date struct{ Year, Month, Day int }

// ErrNotDate is wrapped by ParseDate for anything but a day of the years 0001 to 9999 written as
// 2006-01-02.
var ErrNotDate = errors.New("not a date")

func (d Date) IsZero() bool { return d == Date{} }

// String is the day as xs:date without zone, 2006-01-02; empty for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Russian is the day as texts for people in Russia and Ukraine have it, 02.01.2006; empty for the
// zero value.
func (d Date) Russian() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d.%02d.%04d", d.Day, d.Month, d.Year)
}

// Before says whether d is an earlier day than o. The zero value is before every day.
func (d Date) Before(o Date) bool {
	if d.Year != o.Year {
		return d.Year < o.Year
	}
	if d.Month != o.Month {
		return d.Month < o.Month
	}
	return d.Day < o.Day
}

// Within says whether d is one of the days from–to, both of them included; a zero from or to is an
// open end.
func (d Date) Within(from, to Date) bool {
	return !d.Before(from) && (to.IsZero() || !to.Before(d))
}

// DateOf is the calendar day that clocks in zone show at t.
func DateOf(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return Date{year, int(month), day}
}

// ParseDate reads 2006-01-02. A zone, which XSD Part 2, 3.2.9 would allow, is refused as in the
// schema: orders, lists and consignment notes mean a day on the railway's calendar, and a zone
// would leave room for another.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() == 0 {
		return Date{}, fmt.Errorf("%w: %.40q", ErrNotDate, s)
	}
	return Date{t.Year(), int(t.Month()), t.Day()}, nil
}

// parseTime reads an xs:dateTime. One without zone is taken in zone, and zoned says so. Of the hour
// that comes twice when summer time ends, package time takes one, always the same.
func parseTime(s string, zone *time.Location) (t time.Time, zoned bool, err error) {
	if t, err = time.Parse(time.RFC3339, s); err == nil {
		return t, true, nil
	}
	if t, err = time.ParseInLocation("2006-01-02T15:04:05", s, zone); err != nil {
		return time.Time{}, false, fmt.Errorf("not a time: %.40q", s)
	}
	return t, false, nil
}
