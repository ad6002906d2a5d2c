package schema

import (
	"errors"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	cases := []struct {
		in   string
		want Date
		ok   bool
	}{
		{"2026-11-21", Date{2026, 11, 21}, true},
		{"0001-01-01", Date{1, 1, 1}, true},
		{"9999-12-31", Date{9999, 12, 31}, true},
		{"2028-02-29", Date{2028, 2, 29}, true},
		{"2026-02-29", Date{}, false},
		{"0000-01-01", Date{}, false}, // XSD 1.0 has no year 0
		{"2026-11-21Z", Date{}, false},
		{"2026-11-21+03:00", Date{}, false},
		{"2026-1-2", Date{}, false},
		{" 2026-11-21", Date{}, false},
		{"21.11.2026", Date{}, false},
		{"", Date{}, false},
	}
	for _, c := range cases {
		got, err := ParseDate(c.in)
		if got != c.want || (err == nil) != c.ok || err != nil && !errors.Is(err, ErrNotDate) {
			t.Errorf("ParseDate(%q) is %v, %v", c.in, got, err)
		}
		if c.ok && got.String() != c.in {
			t.Errorf("%q is written %q", c.in, got)
		}
	}
}

// A term is of calendar days, the first and the last included.
func TestDateWithin(t *testing.T) {
	from, to := Date{2026, 1, 31}, Date{2026, 3, 1}
	cases := []struct {
		day      Date
		from, to Date
		want     bool
	}{
		{Date{2026, 1, 30}, from, to, false},
		{Date{2026, 1, 31}, from, to, true},
		{Date{2026, 2, 15}, from, to, true},
		{Date{2026, 3, 1}, from, to, true},
		{Date{2026, 3, 2}, from, to, false},
		{Date{2025, 12, 31}, from, to, false},
		{Date{2099, 1, 1}, from, Date{}, true}, // open
		{Date{1999, 1, 1}, Date{}, to, true},
	}
	for _, c := range cases {
		if got := c.day.Within(c.from, c.to); got != c.want {
			t.Errorf("%v within %v–%v is %v", c.day, c.from, c.to, got)
		}
	}
}

// The same instant is another day in another zone.
func TestDateOf(t *testing.T) {
	instant := time.Date(2026, 11, 21, 21, 30, 0, 0, time.UTC)
	if got := DateOf(instant, moscow); got != (Date{2026, 11, 22}) {
		t.Errorf("in Moscow it is %v", got)
	}
	if got := DateOf(instant, time.UTC); got != (Date{2026, 11, 21}) {
		t.Errorf("in Greenwich it is %v", got)
	}
	if got := (Date{2026, 1, 5}).Russian(); got != "05.01.2026" {
		t.Errorf("got %s", got)
	}
	if got := (Date{}).String() + (Date{}).Russian(); got != "" {
		t.Errorf("no day is written %q", got)
	}
}

func TestParseTime(t *testing.T) {
	cases := []struct {
		in    string
		want  string // empty: an error
		zoned bool
	}{
		{"2026-11-22T10:00:00+03:00", "2026-11-22T10:00:00+03:00", true},
		{"2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456789Z", true},
		{"2026-11-22T10:00:00", "2026-11-22T10:00:00+03:00", false},
		{"2026-11-22T10:00:00.5", "2026-11-22T10:00:00.5+03:00", false},
		{"2010-07-01T10:00:00", "2010-07-01T10:00:00+04:00", false}, // summer time
		{"2026-11-22", "", false},
		{"2026-11-22T25:00:00Z", "", false},
		{"", "", false},
	}
	for _, c := range cases {
		got, zoned, err := parseTime(c.in, moscow)
		if err != nil {
			if c.want != "" {
				t.Errorf("%q: %v", c.in, err)
			}
			continue
		}
		if got.Format(time.RFC3339Nano) != c.want || zoned != c.zoned {
			t.Errorf("%q is %v, %v", c.in, got, zoned)
		}
	}
}
