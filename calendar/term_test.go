package calendar

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func term(t testing.TB, s string) Term {
	t.Helper()
	read, err := ParseTerm(s)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestParseTerm(t *testing.T) {
	for _, c := range []struct {
		written string
		want    Term
		said    string
	}{
		{"12h", Term{Clock, 12 * time.Hour, 0}, "12h"},
		{"90m", Term{Clock, 90 * time.Minute, 0}, "1h30m"},
		{"1s", Term{Clock, time.Second, 0}, "1s"},
		{"3600s", Term{Clock, time.Hour, 0}, "1h"},
		{"1h0m5s", Term{Clock, time.Hour + 5*time.Second, 0}, "1h0m5s"},
		{"10m", Term{Clock, 10 * time.Minute, 0}, "10m"}, // the zero is the minutes' own
		{"20h", Term{Clock, 20 * time.Hour, 0}, "20h"},
		{"1440h", Term{Clock, 1440 * time.Hour, 0}, "1440h"},
		{"1 working day", Term{WorkingDay, 0, 1}, "1 working day"},
		{"1 working days", Term{WorkingDay, 0, 1}, "1 working day"},
		{"2 working days", Term{WorkingDay, 0, 2}, "2 working days"},
		{"60 working days", Term{WorkingDay, 0, 60}, "60 working days"},
		{"1 accounting day", Term{AccountingDay, 0, 1}, "1 accounting day"},
		{"3 accounting days", Term{AccountingDay, 0, 3}, "3 accounting days"},
	} {
		got, err := ParseTerm(c.written)
		if err != nil || got != c.want || got.IsZero() {
			t.Errorf("%q: got %v, %v", c.written, got, err)
		}
		if got.String() != c.said {
			t.Errorf("%q is said as %q, want %q", c.written, got, c.said)
		}
	}
	if s := (Term{}).String(); s != "" {
		t.Errorf("no term is said as %q", s)
	}
}

func TestParseTerm_refused(t *testing.T) {
	for _, written := range []string{
		"", " ", "12", "h", "0h", "0s", "-12h", "1441h", "1ms", "1.5s", "12h ", "1d", // no time, or none that is meant
		"1440h0m1s", "99999999h", "9999999999999h",
		"day", "working day", "0 working days", "61 working days", "-1 working day", "+1 working day",
		"01 working day", "1.5 working days", "1  working day", "1 working day ", "1 Working day",
		"1 calendar day", "1 working", "1 working week", "1 рабочий день", "65537 working days",
		"1 working day\n", "1\tworking day", strings.Repeat("9", 1000) + " working days",
	} {
		if got, err := ParseTerm(written); !errors.Is(err, ErrNotTerm) || !got.IsZero() {
			t.Errorf("%.40q: got %v, %v", written, got, err)
		} else if len(err.Error()) > 300 {
			t.Errorf("%.40q: the error repeats all of it", written)
		}
	}
}

// Every case is a moment at which two readings of a term would differ.
func TestTerm_End(t *testing.T) {
	const moscow, kyiv, vladivostok = "Europe/Moscow", "Europe/Kyiv", "Asia/Vladivostok"
	tables := map[string]*Days{}
	for _, country := range Countries() {
		d, err := Read(Shipped(country))
		if err != nil {
			t.Fatal(err)
		}
		tables[country] = d
	}
	for _, c := range []struct{ why, zone, country, from, term, want string }{
		// Time passes at night and on holidays.
		{"a Friday evening", moscow, Russia, "2026-11-20T20:16:03+03:00", "12h", "2026-11-21T08:16:03+03:00"},
		{"New Year", moscow, Russia, "2025-12-31T23:00:00+03:00", "3h", "2026-01-01T02:00:00+03:00"},
		{"from another zone's clock", moscow, Russia, "2026-11-20T17:16:03Z", "12h", "2026-11-21T08:16:03+03:00"},
		// 24 hours are 24 hours, whatever the clocks show.
		{"the clocks go forward", kyiv, Ukraine, "2026-03-28T12:00:00+02:00", "24h", "2026-03-29T13:00:00+03:00"},
		{"the clocks go back", kyiv, Ukraine, "2026-10-24T12:00:00+03:00", "24h", "2026-10-25T11:00:00+02:00"},
		{"within the hour that comes twice", kyiv, Ukraine, "2026-10-25T03:30:00+03:00", "1h", "2026-10-25T03:30:00+02:00"},

		// The day of the event does not count, and the last one counts to its end.
		{"a Tuesday", moscow, Russia, "2026-11-17T10:00:00+03:00", "1 working day", "2026-11-19T00:00:00+03:00"},
		{"its first moment", moscow, Russia, "2026-11-17T00:00:00+03:00", "1 working day", "2026-11-19T00:00:00+03:00"},
		{"its last moment", moscow, Russia, "2026-11-17T23:59:59+03:00", "1 working day", "2026-11-19T00:00:00+03:00"},
		{"a Tuesday there, a Monday in Greenwich", moscow, Russia, "2026-11-16T22:00:00Z", "1 working day", "2026-11-19T00:00:00+03:00"},
		{"already Wednesday in Vladivostok", vladivostok, Russia, "2026-11-17T18:00:00+03:00", "1 working day", "2026-11-20T00:00:00+10:00"},
		{"a Friday evening", moscow, Russia, "2026-11-20T20:00:00+03:00", "1 working day", "2026-11-24T00:00:00+03:00"},
		{"a Saturday", moscow, Russia, "2026-11-21T08:00:00+03:00", "1 working day", "2026-11-24T00:00:00+03:00"},
		{"a Sunday", moscow, Russia, "2026-11-22T23:00:00+03:00", "2 working days", "2026-11-25T00:00:00+03:00"},
		{"the day before a holiday", moscow, Russia, "2026-11-03T10:00:00+03:00", "1 working day", "2026-11-06T00:00:00+03:00"},
		{"a Saturday worked in exchange", moscow, Russia, "2025-10-31T15:00:00+03:00", "1 working day", "2025-11-02T00:00:00+03:00"},
		{"and the Monday given for it", moscow, Russia, "2025-10-31T15:00:00+03:00", "2 working days", "2025-11-06T00:00:00+03:00"},
		{"New Year's holidays", moscow, Russia, "2025-12-30T09:00:00+03:00", "1 working day", "2026-01-13T00:00:00+03:00"},
		{"a year of which not all is known", moscow, Russia, "2026-12-30T09:00:00+03:00", "1 working day", "2027-01-12T00:00:00+03:00"},
		{"a year of which nothing is known", moscow, Russia, "2029-12-31T09:00:00+03:00", "1 working day", "2030-01-02T00:00:00+03:00"},
		{"a holiday at a weekend moves to Monday", moscow, Russia, "2026-05-08T12:00:00+03:00", "1 working day", "2026-05-13T00:00:00+03:00"},
		{"Ukraine at New Year", kyiv, Ukraine, "2025-12-31T09:00:00+02:00", "1 working day", "2026-01-02T00:00:00+02:00"},
		{"Ukraine on Independence Day", kyiv, Ukraine, "2026-08-21T09:00:00+03:00", "1 working day", "2026-08-25T00:00:00+03:00"},
		{"over the night of summer time", kyiv, Ukraine, "2026-03-27T09:00:00+02:00", "1 working day", "2026-03-31T00:00:00+03:00"},
		{"over the night of winter time", kyiv, Ukraine, "2026-10-23T09:00:00+03:00", "1 working day", "2026-10-27T00:00:00+02:00"},

		// The accounting day in which the event lies does not count. At 18:00 the next begins.
		{"17:59", moscow, Russia, "2026-11-17T17:59:59+03:00", "1 accounting day", "2026-11-18T18:00:00+03:00"},
		{"18:00", moscow, Russia, "2026-11-17T18:00:00+03:00", "1 accounting day", "2026-11-19T18:00:00+03:00"},
		{"18:01", moscow, Russia, "2026-11-17T18:01:00+03:00", "1 accounting day", "2026-11-19T18:00:00+03:00"},
		{"midnight", moscow, Russia, "2026-11-18T00:00:00+03:00", "1 accounting day", "2026-11-19T18:00:00+03:00"},
		{"a railway does not rest", moscow, Russia, "2025-12-31T12:00:00+03:00", "2 accounting days", "2026-01-02T18:00:00+03:00"},
		{"the end of a month", moscow, Russia, "2026-02-27T19:00:00+03:00", "1 accounting day", "2026-03-01T18:00:00+03:00"},
		{"an accounting day of 23 hours", kyiv, Ukraine, "2026-03-28T17:00:00+02:00", "1 accounting day", "2026-03-29T18:00:00+03:00"},
		{"an accounting day of 25 hours", kyiv, Ukraine, "2026-10-24T17:00:00+03:00", "1 accounting day", "2026-10-25T18:00:00+02:00"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		got := term(t, c.term).End(from, zone(t, c.zone), tables[c.country])
		if got.Format(time.RFC3339) != c.want {
			t.Errorf("%s, %s from %s: got %s, want %s", c.why, c.term, c.from, got.Format(time.RFC3339), c.want)
		}
	}
}

// No term has no end, and is not one that ends at once.
func TestTerm_EndOfNone(t *testing.T) {
	if got := (Term{}).End(time.Now(), time.UTC, nil); !got.IsZero() {
		t.Errorf("got %s", got)
	}
}

// Of every term: it ends after it begins; whoever begins later does not end earlier; one of more
// days or hours ends later; End does not depend on the zone in which from is said.
func TestTerm_EndProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1166, 288))
	russia, err := Read(Shipped(Russia))
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2024, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"Europe/Moscow", "Europe/Kyiv", "Europe/Kaliningrad", "Asia/Vladivostok", "Asia/Beirut"} {
		zone := zone(t, name)
		for range 4000 {
			from := begin.Add(time.Duration(rng.Int64N(int64(4 * 366 * 24 * time.Hour)))).Truncate(time.Second)
			later := from.Add(time.Duration(rng.Int64N(int64(72 * time.Hour))))
			unit := Unit(rng.IntN(3))
			one := Term{Unit: unit, Days: 1 + rng.IntN(maxDays-1)}
			more := Term{Unit: unit, Days: one.Days + 1}
			if unit == Clock {
				one, more = Term{Duration: time.Duration(one.Days) * time.Hour}, Term{Duration: time.Duration(more.Days) * time.Hour}
			}
			end := one.End(from, zone, russia)
			switch {
			case !end.After(from):
				t.Fatalf("%s: %s from %s ends at %s", name, one, from, end)
			case one.End(later, zone, russia).Before(end):
				t.Fatalf("%s: %s from %s ends at %s, from %s before it", name, one, from, end, later)
			case !more.End(from, zone, russia).After(end):
				t.Fatalf("%s: %s from %s does not end after %s", name, more, from, one)
			case !one.End(from.In(zone), zone, russia).Equal(end):
				t.Fatalf("%s: %s from %s: the zone of from matters", name, one, from)
			case unit == WorkingDay && !russia.Works(end.Add(-time.Hour)):
				t.Fatalf("%s: %s from %s ends with a day off, at %s", name, one, from, end)
			}
		}
	}
}

func FuzzParseTerm(f *testing.F) {
	for _, s := range []string{"12h", "90m", "1 working day", "2 working days", "1 accounting day", "1h1h", "1e9h", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		read, err := ParseTerm(s)
		if err != nil {
			if !errors.Is(err, ErrNotTerm) || !read.IsZero() {
				t.Fatalf("%q: %v, %v", s, read, err)
			}
			return
		}
		if again, err := ParseTerm(read.String()); err != nil || again != read {
			t.Fatalf("%q is said as %q, which is read as %v, %v", s, read, again, err)
		}
		from := time.Date(2026, 11, 22, 17, 59, 59, 0, time.UTC)
		if end := read.End(from, time.UTC, nil); !end.After(from) || end.After(from.AddDate(0, 0, 120)) {
			t.Fatalf("%q ends at %s", s, end)
		}
	})
}
