package codes

import (
	"fmt"
	"io"
	"io/fs"

	"asugate/calendar"
)

// Days are the working days of a country by its two letters; nil, which knows Monday to Friday
// only, for one that has no table.
func (t *Tables) Days(country string) *calendar.Days { return t.days[country] }

// dayFiles are the names of the tables of working days.
func dayFiles() []string {
	var names []string
	for _, country := range calendar.Countries() {
		names = append(names, calendar.File(country))
	}
	return names
}

// readDays reads the tables of working days, which are replaced as all others are; sum takes their
// texts.
func (t *Tables) readDays(folder fs.FS, sum io.Writer) error {
	t.days = map[string]*calendar.Days{}
	for _, country := range calendar.Countries() {
		file := calendar.File(country)
		text, own, err := open(folder, file)
		if !own { // then it is the one that the calendar ships
			text, err = calendar.Shipped(country), nil
		}
		if err != nil {
			return fmt.Errorf("reading table %s: %w", file, err)
		}
		if t.days[country], err = calendar.Read(text); err != nil {
			return fmt.Errorf("reading table %s: %w", file, err)
		}
		fmt.Fprintf(sum, "%s %d\n", file, len(text))
		io.WriteString(sum, text)
	}
	return nil
}
