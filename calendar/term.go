package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is what a term is counted in.
type Unit uint8

const (
	Clock         Unit = iota // time as it passes
	WorkingDay                // рабочий день
	AccountingDay             // учетные сутки, from 18:00 to 18:00 of the railway's time
)

// units are the words for the units that are counted in days.
var units = map[Unit]string{WorkingDay: "working", AccountingDay: "accounting"}

// Bounds of a term: what is longer is a slip of the pen and not an agreement.
const (
	maxDays     = 60
	maxDuration = maxDays * 24 * time.Hour
)

// dayEnds is the hour at which an accounting day ends and the next begins.
const dayEnds = 18

// Term is how long something may last. The zero value is none.
type Term struct {
	Unit     Unit
	Duration time.Duration // of Clock
	Days     int           // of the others
}

// ErrNotTerm is wrapped by ParseTerm for anything that is not a term within the bounds.
var ErrNotTerm = errors.New(`not a term: write 12h, 90m, "1 working day" or "1 accounting day", of at most 60 days`)

// IsZero says that there is no term.
func (t Term) IsZero() bool { return t == Term{} }

// ParseTerm reads a term as agreements have it: 12h, 90m, 1 working day, 2 working days, 1
// accounting day. It is of at least a second and at most 60 days.
func ParseTerm(s string) (Term, error) {
	if d, err := time.ParseDuration(s); err == nil {
		if d < time.Second || d > maxDuration || d%time.Second != 0 {
			return Term{}, fmt.Errorf("%w: %.40q", ErrNotTerm, s)
		}
		return Term{Unit: Clock, Duration: d}, nil
	}
	words := strings.Split(s, " ")
	if len(words) != 3 || words[2] != "day" && words[2] != "days" {
		return Term{}, fmt.Errorf("%w: %.40q", ErrNotTerm, s)
	}
	n, err := strconv.ParseUint(words[0], 10, 16)
	if err != nil || n < 1 || n > maxDays || words[0][0] == '0' {
		return Term{}, fmt.Errorf("%w: %.40q", ErrNotTerm, s)
	}
	for unit, word := range units {
		if words[1] == word {
			return Term{Unit: unit, Days: int(n)}, nil
		}
	}
	return Term{}, fmt.Errorf("%w: %.40q", ErrNotTerm, s)
}

// String is the term as ParseTerm reads it; empty for none.
func (t Term) String() string {
	if t.IsZero() {
		return ""
	}
	if t.Unit == Clock {
		s := t.Duration.String()
		if strings.HasSuffix(s, "m0s") {
			s = strings.TrimSuffix(s, "0s")
		}
		if strings.HasSuffix(s, "h0m") {
			s = strings.TrimSuffix(s, "0m")
		}
		return s
	}
	word := "days"
	if t.Days == 1 {
		word = "day"
	}
	return fmt.Sprintf("%d %s %s", t.Days, units[t.Unit], word)
}

// End is the first moment that is no longer within a term that begins at from; what happens at End
// itself is too late. zone is the railway's, by whose clocks days begin and end; days are the
// working days of its country, asked only for a term of those. No term has no end: the zero time.
func (t Term) End(from time.Time, zone *time.Location, days *Days) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	local := from.In(zone)
	year, month, day := local.Date()
	switch t.Unit {
	case WorkingDay:
		// From the day after the event (ГК РФ ст. 191) until 24:00 of the last day (ст. 194).
		year, month, day = days.After(local, t.Days).Date()
		return time.Date(year, month, day+1, 0, 0, 0, 0, zone)
	case AccountingDay:
		// The one that has begun does not count: only full ones do.
		if local.Hour() >= dayEnds {
			day++
		}
		return time.Date(year, month, day+t.Days, dayEnds, 0, 0, 0, zone)
	default:
		return local.Add(t.Duration)
	}
}
