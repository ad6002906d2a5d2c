package calendar

import (
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The countries whose working days come with the program.
const (
	Russia  = "RU"
	Ukraine = "UA"
)

// Countries are all of them.
func Countries() []string { return []string{Russia, Ukraine} }

// File is the name of the table of a country, as shipped and as a folder of the operator's has it.
func File(country string) string { return "working-days-" + strings.ToLower(country) + ".tsv" }

//go:embed tables/*.tsv
var shipped embed.FS

// Shipped is the text of the table that comes with the program; empty for a country that has none.
func Shipped(country string) string {
	text, err := shipped.ReadFile("tables/" + File(country))
	if err != nil {
		return ""
	}
	return string(text)
}

// ErrBadTable is wrapped by Read for a table that is not of its form.
var ErrBadTable = errors.New("not a table of working days")

// maxRows of a table: two hundred days of fifty years.
const maxRows = 10_000

// What a row says: of a year whether more may come to be named, of a day whether it is worked.
const (
	yearFinal       = "final"
	yearProvisional = "provisional"
	dayOff          = "off"
	dayWorking      = "working"
)

var columns = []string{"day", "is", "source"}

// Read reads a table: columns apart by tabs, their names first, lines with # for people, a source
// in every row. The row of a year comes before the rows of its days.
func Read(text string) (*Days, error) {
	d := &Days{works: map[date]bool{}, final: map[int]bool{}}
	header, rows, number := false, 0, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != len(columns) {
			return nil, fmt.Errorf("%w: line %d has %d columns and not %d", ErrBadTable, number, len(cells), len(columns))
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if !header {
			if got, want := strings.Join(cells, " "), strings.Join(columns, " "); got != want {
				return nil, fmt.Errorf("%w: the columns are %s, not %.100q", ErrBadTable, want, got)
			}
			header = true
			continue
		}
		if rows++; rows > maxRows {
			return nil, fmt.Errorf("%w: more than %d rows", ErrBadTable, maxRows)
		}
		if err := d.take(cells[0], cells[1], cells[2]); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrBadTable, number, err)
		}
	}
	if rows == 0 {
		return nil, fmt.Errorf("%w: it has no rows", ErrBadTable)
	}
	return d, nil
}

// take takes a row.
func (d *Days) take(day, is, source string) error {
	if source == "" {
		return errors.New("it does not say its source")
	}
	switch is {
	case yearFinal, yearProvisional:
		year, err := strconv.Atoi(day)
		if err != nil || year < 1900 || year > 9999 || len(day) != 4 {
			return fmt.Errorf("%.20q is not a year", day)
		}
		if _, taken := d.final[year]; taken {
			return fmt.Errorf("the year %d stands in two rows", year)
		}
		d.final[year] = is == yearFinal
		return nil
	case dayOff, dayWorking:
		return d.takeDay(day, is == dayWorking)
	}
	return fmt.Errorf("%.20q is none of %s, %s, %s, %s", is, yearFinal, yearProvisional, dayOff, dayWorking)
}

// takeDay refuses as working what is worked anyway: a Saturday was meant, and the day is wrong. A
// day off at a weekend is a holiday that falls on it, and does no harm.
func (d *Days) takeDay(written string, works bool) error {
	day, err := time.Parse(time.DateOnly, written)
	if err != nil {
		return fmt.Errorf("%.20q is not a day: write 2026-01-31", written)
	}
	if _, known := d.final[day.Year()]; !known {
		return fmt.Errorf("there is no row of the year %d above it", day.Year())
	}
	if _, taken := d.works[dateOf(day)]; taken {
		return fmt.Errorf("the day %s stands in two rows", written)
	}
	if works && (*Days)(nil).Works(day) {
		return fmt.Errorf("%s is a %s, worked anyway", written, day.Weekday())
	}
	d.works[dateOf(day)] = works
	return nil
}
