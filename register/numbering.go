package register

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"asugate/schema"
	"asugate/schema/checkdigit"
)

// NumberingOf is how the station's memos and acts are numbered. registered is false where nobody has
// said so: then each siding is taken to have numbers of its own, which refuses nobody wrongly, and a
// number that comes twice is no more than a warning.
func (r *Railway) NumberingOf(station string) (n Numbering, registered bool) {
	n = Numbering{Scope: ScopeSiding}
	for _, one := range r.Numbering {
		if one.Station == station {
			return one, true
		}
		if one.Station == "" {
			n, registered = one, true
		}
	}
	return n, registered
}

// Fits says whether the number of a memo is one of the workplace's; always where the station's numbers
// run through or by siding. A memo that does not name its workplace, as those of other systems do not,
// may have a number of any of them. ranges are those that it would have to lie in, for people. Nobody
// asks it of acts: their order is the station master's (Д-720у п. 3.10).
func (n Numbering) Fits(workplace, number string) (ranges string, ok bool) {
	if n.Scope != ScopeRange {
		return "", true
	}
	value, isNumber := numberValue(number)
	var allowed []string
	for _, r := range n.Ranges {
		if workplace != "" && fold(workplace) != fold(r.Workplace) {
			continue
		}
		if isNumber && r.From <= value && value <= r.To {
			return "", true
		}
		if len(allowed) < mostRangesTold {
			allowed = append(allowed, fmt.Sprintf("%d–%d", r.From, r.To))
		}
	}
	return strings.Join(allowed, ", "), false
}

// mostRangesTold bounds what a finding says of ranges.
const mostRangesTold = 10

// numberValue reads a number as ranges have them; a document may write anything for one.
func numberValue(number string) (value int, ok bool) {
	number = strings.TrimSpace(number)
	if !isDecimal(number) || len(number) > 18 {
		return 0, false
	}
	value, err := strconv.Atoi(number)
	return value, err == nil
}

// Numbered is what of a memo or an act its number is unique by (Д-720у п. 2).
type Numbered struct {
	Station   string // ЕСР
	Number    string
	Workplace string
	Owner     schema.OrgID
	Siding    string // подъездной путь
	Place     string // место погрузки или выгрузки
}

// Scope is the part of a station within which the number is unique in a year, as a key: empty for the
// whole station, else a workplace, or an owner and his siding. Of a number among ranges whose workplace
// is not told the range tells it, as ranges do not overlap.
func (r *Railway) Scope(d Numbered) string {
	n, _ := r.NumberingOf(d.Station)
	switch n.Scope {
	case ScopeStation:
		return ""
	case ScopeRange:
		if d.Workplace != "" {
			return fold(d.Workplace)
		}
		value, ok := numberValue(d.Number)
		for _, one := range n.Ranges {
			if ok && one.From <= value && value <= one.To {
				return fold(one.Workplace)
			}
		}
		return ""
	}
	return d.Owner.Key() + "|" + fold(cmp.Or(d.Siding, d.Place))
}

// NumberScope is the scope of a memo's or an act's number, and when it was drawn up: numbers begin anew
// with the year.
func (r *Railway) NumberScope(d schema.Document) (scope string, composed time.Time) {
	if m := d.Memo(); m != nil {
		return r.Scope(Numbered{
			Station: m.Station.Code, Number: m.Number, Workplace: m.Workplace,
			Owner: m.Owner.OrgID, Siding: m.Siding, Place: m.Place,
		}), composedAt(d, m.ComposedAt)
	}
	if a := d.Act(); a != nil {
		return r.Scope(Numbered{
			Station: a.Station.Code, Number: a.Number, Owner: a.Owner.OrgID, Siding: a.Siding,
		}), composedAt(d, a.ComposedAt)
	}
	return "", time.Time{}
}

// composedAt is when the document was made where it does not say when it was drawn up, as the form of
// КП ЭДО does not: else all years would be one.
func composedAt(d schema.Document, composed time.Time) time.Time {
	if composed.IsZero() {
		return d.Header().CreatedAt
	}
	return composed
}

// fold writes the name of a place in the one spelling in which names are compared: people write «Путь
// № 5» and «путь N 5».
func fold(name string) string {
	even := strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c), unicode.Is(unicode.Quotation_Mark, c):
			return -1
		case unicode.Is(unicode.Pd, c):
			return '-'
		case c == 'ё' || c == 'Ё':
			return 'е'
		case c == '№':
			return 'n'
		}
		return unicode.ToLower(c)
	}, norm.NFC.String(name))
	return strings.Join(strings.Fields(even), " ")
}

type numberingEntry struct {
	Station text         `yaml:"station,omitempty" json:"station,omitempty"`
	Scope   text         `yaml:"scope,omitempty" json:"scope"`
	Ranges  []rangeEntry `yaml:"ranges,omitempty" json:"ranges,omitempty"`
}

type rangeEntry struct {
	Workplace text  `yaml:"workplace,omitempty" json:"workplace"`
	From      whole `yaml:"from,omitempty" json:"from"`
	To        whole `yaml:"to,omitempty" json:"to"`
}

func (c *checker) numbering(path string, entries []numberingEntry) {
	named := map[text]bool{}
	for i, e := range entries {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch c.digits(at+".station", string(e.Station), checkdigit.Station, 6); {
		case named[e.Station] && e.Station == "":
			c.problem(at, "how all other stations are numbered is said already")
		case named[e.Station]:
			c.problem(at+".station", "how station %s is numbered is said already", bounded(string(e.Station)))
		}
		named[e.Station] = true
		c.oneOf(at+".scope", e.Scope, []string{ScopeStation, ScopeRange, ScopeSiding})
		switch ranges := len(e.Ranges) > 0; {
		case e.Scope == ScopeRange && !ranges:
			c.problem(at, "scope range has ranges: whose are which numbers?")
		case e.Scope != ScopeRange && ranges:
			c.problem(at+".ranges", "only scope range has ranges")
		}
		c.ranges(at+".ranges", e.Ranges)
	}
}

// ranges checks that every number belongs to one workplace.
func (c *checker) ranges(path string, entries []rangeEntry) {
	at := func(i int) string { return fmt.Sprintf("%s[%d]", path, i) }
	order := make([]int, len(entries))
	for i, e := range entries {
		order[i] = i
		if e.Workplace == "" {
			c.problem(at(i), "whose range it is is missing: workplace")
		}
		c.longText(at(i)+".workplace", e.Workplace, 64)
		switch {
		case e.From == 0:
			c.problem(at(i)+".from", "the first number of a range is 1 or above")
		case e.To < e.From:
			c.problem(at(i)+".to", "the last number of a range is not below the first")
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(entries[i].From, entries[j].From) })
	for i := 1; i < len(order); i++ {
		before, next := order[i-1], order[i]
		if entries[next].From <= entries[before].To {
			c.problem(at(max(before, next)), "these numbers are in the range %d–%d too",
				entries[min(before, next)].From, entries[min(before, next)].To)
		}
		if entries[next].To < entries[before].To {
			order[i] = before // which goes on to cover what comes next
		}
	}
}

func normalizeNumbering(entries []numberingEntry) {
	for i := range entries {
		for j := range entries[i].Ranges {
			entries[i].Ranges[j].Workplace = tidy(entries[i].Ranges[j].Workplace)
		}
	}
}

func numberingOf(entries []numberingEntry) []Numbering {
	var all []Numbering
	for _, e := range entries {
		n := Numbering{Station: string(e.Station), Scope: string(e.Scope)}
		for _, r := range e.Ranges {
			n.Ranges = append(n.Ranges, NumberRange{string(r.Workplace), int(r.From), int(r.To)})
		}
		all = append(all, n)
	}
	return all
}

// numberingText writes the numbering in the one way in which it can be written; empty for none.
func numberingText(all []Numbering) string {
	var stations []string
	for _, n := range all {
		var ranges []string
		for _, r := range n.Ranges {
			ranges = append(ranges, fmt.Sprintf("%q:%d-%d", r.Workplace, r.From, r.To))
		}
		slices.Sort(ranges)
		stations = append(stations, n.Station+":"+n.Scope+"("+strings.Join(ranges, ",")+")")
	}
	slices.Sort(stations)
	return strings.Join(stations, ";")
}
