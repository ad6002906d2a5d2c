package calendar

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/calendar.md")

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func shippedDays(t testing.TB, country string) *Days {
	t.Helper()
	d, err := Read(Shipped(country))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The number of working days of a year that the production calendars give.
func TestShipped_workingDays(t *testing.T) {
	for _, c := range []struct {
		country     string
		year, works int
		final       bool
	}{
		{Russia, 2025, 247, true},
		{Russia, 2026, 247, true},
		{Russia, 2027, 249, false}, // the decree will take two more
		{Russia, 2028, 260, false}, // nothing is known
		{Ukraine, 2025, 261, true},
		{Ukraine, 2026, 261, false},
		{Ukraine, 2027, 261, false},
	} {
		d, works := shippedDays(t, c.country), 0
		for day := time.Date(c.year, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == c.year; day = day.AddDate(0, 0, 1) {
			if d.Works(day) {
				works++
			}
		}
		if works != c.works || d.Covers(c.year) != c.final {
			t.Errorf("%s %d: %d working days, final %t; want %d, %t", c.country, c.year, works, d.Covers(c.year), c.works, c.final)
		}
	}
	if text := Shipped("KZ"); text != "" {
		t.Errorf("a country without a table: %q", text)
	}
}

// No days are Monday to Friday, of years of which nothing is known.
func TestDays_nil(t *testing.T) {
	var d *Days
	if d.Works(day(t, "2026-11-22")) || !d.Works(day(t, "2026-11-23")) || d.Covers(2026) {
		t.Error("nil Days are not Monday to Friday")
	}
	if got := d.After(day(t, "2026-11-20"), 1).Format(time.DateOnly); got != "2026-11-23" {
		t.Errorf("the next working day is %s", got)
	}
}

// What a register names itself counts more than what it is laid over; neither is changed by that.
func TestDays_Over(t *testing.T) {
	russia := shippedDays(t, Russia)
	own := Named([]time.Time{day(t, "2026-11-23"), day(t, "2026-11-24")}, []time.Time{day(t, "2026-11-04"), day(t, "2026-11-24")})
	over := own.Over(russia)
	top := Named(nil, []time.Time{day(t, "2026-11-23")})
	for _, c := range []struct {
		name string
		days *Days
		day  string
		want bool
	}{
		{"off by the register alone", over, "2026-11-23", false},
		{"of the country", russia, "2026-11-23", true},
		{"worked by the register", over, "2026-11-04", true},
		{"off in the country", russia, "2026-11-04", false},
		{"named as both", over, "2026-11-24", true},
		{"not named by the register", over, "2026-12-31", false},
		{"not laid over anything", own, "2026-12-31", true},
		{"three of them", top.Over(over), "2026-11-23", true},
		{"three of them, the lowest asked", top.Over(own).Over(russia), "2026-12-31", false},
		{"none over a country", (*Days)(nil).Over(russia), "2026-12-31", false},
		{"a register over none", own.Over(nil), "2026-11-04", true},
	} {
		if got := c.days.Works(day(t, c.day)); got != c.want {
			t.Errorf("%s: %s is worked: %t", c.name, c.day, got)
		}
	}
	if !over.Covers(2026) || own.Covers(2026) || over.Covers(2027) {
		t.Error("what is known of a year is what the table of the country says")
	}
}

// A year without a working day is no calendar: it gives up rather than look on.
func TestDays_AfterNever(t *testing.T) {
	var off []time.Time
	for d := day(t, "2026-01-01"); d.Year() < 2029; d = d.AddDate(0, 0, 1) {
		off = append(off, d)
	}
	if got := Named(off, nil).After(day(t, "2026-01-10"), 3).Format(time.DateOnly); got != "2027-01-11" {
		t.Errorf("got %s", got)
	}
}

func TestRead(t *testing.T) {
	const head = "day\tis\tsource\n"
	for _, c := range []struct{ name, text, fault string }{
		{"the least", head + "2026\tfinal\tх\n", ""},
		{"an operator's, with DOS line ends", "# ours\r\nday\tis\tsource\r\n\r\n2026\tfinal\tх\r\n2026-01-02\toff\tх\r\n", ""},
		{"a holiday at a weekend", head + "2026\tfinal\tх\n2026-01-03\toff\tх\n", ""},
		{"no line end at the end", head + "2026\tfinal\tх\n2026-02-21\tworking\tх", ""},

		{"empty", "", "it has no rows"},
		{"a head alone", head, "it has no rows"},
		{"other columns", "day\tsource\tis\n2026\tх\tfinal\n", "the columns are day is source"},
		{"a column short", head + "2026\tfinal\n", "line 2 has 2 columns and not 3"},
		{"a column more", head + "2026\tfinal\tх\tх\n", "line 2 has 4 columns and not 3"},
		{"no source", head + "2026\tfinal\t \n", "line 2: it does not say its source"},
		{"a word of nobody's", head + "2026\tcomplete\tх\n", `line 2: "complete" is none of final`},
		{"a year of two digits", head + "26\tfinal\tх\n", `line 2: "26" is not a year`},
		{"a year with a sign", head + "+202\tfinal\tх\n", `line 2: "+202" is not a year`},
		{"a day as a year", head + "2026-01-01\tfinal\tх\n", `line 2: "2026-01-01" is not a year`},
		{"a year twice", head + "2026\tfinal\tх\n2026\tprovisional\tх\n", "line 3: the year 2026 stands in two rows"},
		{"a day without its year", head + "2026\tfinal\tх\n2027-01-01\toff\tх\n", "line 3: there is no row of the year 2027 above it"},
		{"a day before its year", head + "2026-01-01\toff\tх\n2026\tfinal\tх\n", "line 2: there is no row of the year 2026 above it"},
		{"a day twice", head + "2026\tfinal\tх\n2026-01-01\toff\tх\n2026-01-01\toff\tх\n", "line 4: the day 2026-01-01 stands in two rows"},
		{"no such day", head + "2026\tfinal\tх\n2026-02-29\toff\tх\n", `line 3: "2026-02-29" is not a day`},
		{"a day in Russian", head + "2026\tfinal\tх\n01.01.2026\toff\tх\n", `line 3: "01.01.2026" is not a day`},
		{"a Monday worked in exchange", head + "2026\tfinal\tх\n2026-11-23\tworking\tх\n", "line 3: 2026-11-23 is a Monday, worked anyway"},
		{"too long a cell", head + "2026\tfinal\tх\n" + strings.Repeat("x", 1000) + "\toff\tх\n", "is not a day"},
		{"too many rows", head + "2026\tfinal\tх\n" + strings.Repeat("2026\tfinal\tх\n", maxRows), "line 3: the year 2026"},
	} {
		d, err := Read(c.text)
		if c.fault == "" {
			if err != nil || !d.Covers(2026) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if !errors.Is(err, ErrBadTable) || d != nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want %s", c.name, err, c.fault)
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: the error repeats all of it", c.name)
		}
	}
}

func TestRead_tooManyRows(t *testing.T) {
	var text strings.Builder
	text.WriteString("day\tis\tsource\n")
	for year := 2000; year < 2000+maxRows/300; year++ {
		fmt.Fprintf(&text, "%d\tfinal\tх\n", year)
		for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			fmt.Fprintf(&text, "%s\toff\tх\n", d.Format(time.DateOnly))
		}
	}
	if _, err := Read(text.String()); !errors.Is(err, ErrBadTable) || !strings.Contains(err.Error(), "more than 10000 rows") {
		t.Errorf("got %v", err)
	}
}

// The tables at the end of docs/calendar.md are those that are shipped.
func TestPage(t *testing.T) {
	const file, mark = "../docs/calendar.md", "\n## Russia\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatal("the page has no section Russia")
	}
	want := text + mark + pageTable(t, Russia) + "\n## Ukraine\n" + pageTable(t, Ukraine)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, string(page)); diff != "" && !*update {
		t.Errorf("run go test ./calendar -run TestPage -update:\n%s", diff)
	}
}

// pageTable has a row for each source within a year.
func pageTable(t *testing.T, country string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n`%s`\n\n| year | days | source |\n|---|---|---|\n", File(country))
	type group struct{ year, is, source string }
	var order []group
	days := map[group][]string{}
	for line := range strings.Lines(Shipped(country)) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if line[0] == '#' || cells[0] == "day" {
			continue
		}
		g := group{cells[0][:4], cells[1], cells[2]}
		if !slices.Contains(order, g) {
			order = append(order, g)
		}
		if d, err := time.Parse(time.DateOnly, cells[0]); err == nil {
			days[g] = append(days[g], d.Format("02.01"))
		}
	}
	for _, g := range order {
		words := append([]string{g.is}, strings.Join(days[g], ", "))
		fmt.Fprintf(&b, "| %s | %s | %s |\n", g.year, strings.TrimSpace(strings.Join(words, " ")), g.source)
	}
	return b.String()
}
