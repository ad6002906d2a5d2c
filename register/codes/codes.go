package codes

import (
	"cmp"
	"slices"
	"strings"

	"asugate/calendar"
	"asugate/schema"
)

// Administration is a железнодорожная администрация, by the code of OSJD leaflet O 920-14. Digits is
// how many digits the numbers of its wagons have: 8 on 1520 mm, else 12.
type Administration struct {
	Code, Country, Abbreviation, Name string
	Digits                            int
}

// Road is a железная дорога and the country in which it is.
type Road struct {
	Code, Country, Abbreviation, Name string
}

// Mnemonic is a row of one of the tables of short words that memos are written in (Д-720у п. 3.4, 3.5,
// 3.12; таблицы 2–4).
type Mnemonic struct {
	Code        string // мнемокод, as the table writes it
	Message1397 string // the code for it in message 1397; empty where it is not known
	Name        string
	Conditions  string // when it is to be used
}

// WagonKind is the род вагона. Digit is the first of the eight digits of a number, where it tells
// the kind.
type WagonKind struct{ Code, Digit, Name string }

// stations are the codes ЕСР from first to last, both of them included, without their check digits
// being looked at. Where a range is shared by several roads of a country, road has the country alone.
type stations struct {
	first, last string
	road        Road
}

// membership of a country in the Customs Union.
type membership struct {
	country  string
	from, to schema.Date
}

// Tables are the code tables in force. They are read once and never change; a new set takes the
// place of the old one as a whole.
type Tables struct {
	administrations map[string]Administration
	roads           map[string]Road
	stations        []stations // by first, none overlapping another
	union           []membership
	ownership       map[string]Mnemonic
	operations      map[string]Mnemonic
	remarks         map[string]Mnemonic
	containerSizes  map[string]Mnemonic
	wagonKinds      map[string]WagonKind
	kindOfDigit     map[string]WagonKind
	complete        map[string]bool           // by file
	days            map[string]*calendar.Days // by country
	version         string
}

// The files of the tables, which are their names in findings with .tsv cut off.
const (
	FileAdministrations = "administrations.tsv"
	FileRoads           = "roads.tsv"
	FileStations        = "stations.tsv"
	FileCustomsUnion    = "customs-union.tsv"
	FileOwnership       = "ownership.tsv"
	FileOperations      = "operations.tsv"
	FileRemarks         = "remarks.tsv"
	FileContainerSizes  = "container-sizes.tsv"
	FileWagonKinds      = "wagon-kinds.tsv"
)

// Complete says whether a table has all codes that there are, so that an unknown one is wrong: what
// the operator has put in its place, or a shipped one whose rows the regulation itself lists. Of the
// other shipped tables only some rows are attested, and a code that they lack may well be right.
func (t *Tables) Complete(file string) bool { return t.complete[file] }

// Version is the SHA-256 of the texts of all tables, in hex: two installations that say the same
// version read the same codes.
func (t *Tables) Version() string { return t.version }

// Administration of a code of two digits.
func (t *Tables) Administration(code string) (Administration, bool) {
	a, ok := t.administrations[code]
	return a, ok
}

// Road of a code of two digits.
func (t *Tables) Road(code string) (Road, bool) {
	r, ok := t.roads[code]
	return r, ok
}

// RoadOf is the road on which the station of six digits lies. Its Code is empty where no more than
// the country is known; the Калининградская is never among the roads that share a range.
func (t *Tables) RoadOf(station string) (Road, bool) {
	if len(station) != 6 {
		return Road{}, false
	}
	i, exact := slices.BinarySearchFunc(t.stations, station, func(s stations, code string) int {
		return cmp.Compare(s.first, code)
	})
	if !exact {
		i-- // the last that begins before it
	}
	if i < 0 || t.stations[i].last < station {
		return Road{}, false
	}
	return t.stations[i].road, true
}

// InCustomsUnion says whether the country is a member on that day.
func (t *Tables) InCustomsUnion(country string, on schema.Date) bool {
	return slices.ContainsFunc(t.union, func(m membership) bool {
		return m.country == country && on.Within(m.from, m.to)
	})
}

// Ownership is the принадлежность of a wagon or container (таблица 2), whatever the case of its
// letters.
func (t *Tables) Ownership(code string) (Mnemonic, bool) { return mnemonic(t.ownership, code) }

// Operation is the грузовая операция of graph 5 (таблица 3), whatever the case of its letters.
func (t *Tables) Operation(code string) (Mnemonic, bool) { return mnemonic(t.operations, code) }

// Remark is a примечание for the calculation of the fee (таблица 4), whatever the case of its letters.
func (t *Tables) Remark(code string) (Mnemonic, bool) { return mnemonic(t.remarks, code) }

// ContainerSize is the типоразмер of a container: 3, 5, 10, 20, 24, 30 (Д-720у п. 3.5).
func (t *Tables) ContainerSize(code string) (Mnemonic, bool) { return mnemonic(t.containerSizes, code) }

func mnemonic(rows map[string]Mnemonic, code string) (Mnemonic, bool) {
	m, ok := rows[strings.ToUpper(code)]
	return m, ok
}

// WagonKind is the род вагона of an abbreviation, whatever the case of its letters.
func (t *Tables) WagonKind(code string) (WagonKind, bool) {
	w, ok := t.wagonKinds[strings.ToUpper(code)]
	return w, ok
}

// KindOfWagon is the род вагона that the first of the eight digits of a number says. Not every
// first digit says one: 5 stands for wagons of other owners, 3 and 9 for all the rest, and numbers
// of twelve digits are made otherwise.
func (t *Tables) KindOfWagon(number string) (WagonKind, bool) {
	if len(number) != 8 {
		return WagonKind{}, false
	}
	w, ok := t.kindOfDigit[number[:1]]
	return w, ok
}
