package codes

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"asugate/schema"
)

//go:embed tables/*.tsv
var shipped embed.FS

// Shipped are the tables that come with the program. They are part of it: one that does not read is
// a mistake of ours that the first test meets, hence the panic.
var Shipped = sync.OnceValue(func() *Tables {
	t, err := Read(nil)
	if err != nil {
		panic(err)
	}
	return t
})

// ErrBadTable is wrapped by Read for a table that is not of its form.
var ErrBadTable = errors.New("not a code table")

// Bounds of one table. The list of all stations of the 1520 mm railways has some 20 000 rows.
const (
	maxTable = 8 << 20
	maxRows  = 100_000
)

// kind of table: its file, its columns, and what a row becomes.
type kind struct {
	file    string
	columns []string // with «?» at the end: a table may leave the column out
	take    func(t *Tables, row []string) error
	whole   bool // the shipped one has all rows that there are
	sparse  bool // the shipped one may have none
}

// The columns of a table of mnemonics. Tables of ownership were once written without the two of them
// that may be left out.
var mnemonicColumns = []string{"code", "message-1397?", "name", "conditions?", "source"}

// kinds are all the tables, those before others that others refer to.
var kinds = []kind{
	{file: FileAdministrations, columns: []string{"code", "country", "digits", "abbreviation", "name", "source"}, take: (*Tables).takeAdministration},
	{file: FileRoads, columns: []string{"code", "country", "abbreviation", "name", "source"}, take: (*Tables).takeRoad},
	{file: FileStations, columns: []string{"first", "last", "road", "source"}, take: (*Tables).takeStations},
	{file: FileCustomsUnion, columns: []string{"country", "from", "to", "source"}, take: (*Tables).takeMembership},
	{file: FileOwnership, columns: mnemonicColumns, take: takeMnemonic(func(t *Tables) map[string]Mnemonic { return t.ownership })},
	{file: FileOperations, columns: mnemonicColumns, take: takeMnemonic(func(t *Tables) map[string]Mnemonic { return t.operations })},
	{file: FileRemarks, columns: mnemonicColumns, take: takeMnemonic(func(t *Tables) map[string]Mnemonic { return t.remarks }), sparse: true},
	{file: FileContainerSizes, columns: mnemonicColumns, take: takeMnemonic(func(t *Tables) map[string]Mnemonic { return t.containerSizes }), whole: true},
	{file: FileWagonKinds, columns: []string{"code", "digit", "name", "source"}, take: (*Tables).takeWagonKind},
}

// Files are the names of the tables, as a folder of the operator's has them.
func Files() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.file
	}
	return append(names, dayFiles()...)
}

// Read reads the tables: each from folder where it is there, else as it is shipped. folder nil: all
// as shipped. A table stands as a whole; rows of two are never mixed. A .tsv in folder that is no
// table is an error, because its owner believes that it counts.
func Read(folder fs.FS) (*Tables, error) {
	if err := strangers(folder); err != nil {
		return nil, err
	}
	t := &Tables{
		administrations: map[string]Administration{},
		roads:           map[string]Road{},
		ownership:       map[string]Mnemonic{},
		operations:      map[string]Mnemonic{},
		remarks:         map[string]Mnemonic{},
		containerSizes:  map[string]Mnemonic{},
		wagonKinds:      map[string]WagonKind{},
		kindOfDigit:     map[string]WagonKind{},
		complete:        map[string]bool{},
	}
	sum := sha256.New()
	for _, k := range kinds {
		text, own, err := open(folder, k.file)
		if err != nil {
			return nil, fmt.Errorf("reading code table %s: %w", k.file, err)
		}
		fmt.Fprintf(sum, "%s %d\n", k.file, len(text))
		io.WriteString(sum, text)
		if err := k.read(t, text, k.sparse && !own); err != nil {
			return nil, fmt.Errorf("reading code table %s: %w", k.file, err)
		}
		t.complete[k.file] = own || k.whole
	}
	if err := t.readDays(folder, sum); err != nil {
		return nil, err
	}
	t.version = hex.EncodeToString(sum.Sum(nil))
	return t, nil
}

func strangers(folder fs.FS) error {
	if folder == nil {
		return nil
	}
	names, err := fs.Glob(folder, "*.tsv")
	if err != nil {
		return fmt.Errorf("reading the folder of code tables: %w", err)
	}
	for _, name := range names {
		if !slices.Contains(Files(), name) {
			return fmt.Errorf("reading code table %.100q: %w: the tables are %s", name, ErrBadTable, strings.Join(Files(), ", "))
		}
	}
	return nil
}

// open reads the file of folder, which makes it the operator's own, else the one that is shipped.
func open(folder fs.FS, name string) (text string, own bool, err error) {
	if folder != nil {
		f, err := folder.Open(name)
		if err == nil {
			defer f.Close()
			text, err := io.ReadAll(io.LimitReader(f, maxTable+1))
			if err == nil && len(text) > maxTable {
				err = fmt.Errorf("%w: longer than %d bytes", ErrBadTable, maxTable)
			}
			return strings.TrimPrefix(string(text), "\uFEFF"), true, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", true, err
		}
	}
	shippedText, err := shipped.ReadFile("tables/" + name)
	return string(shippedText), false, err
}

// read takes the rows of a table: columns apart by tabs, their names first, lines with # for people.
func (k kind) read(t *Tables, text string, mayBeEmpty bool) error {
	var places []int
	rows, number := 0, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if places == nil {
			if places = k.places(cells); places == nil {
				return fmt.Errorf("%w: the columns are %s, not %.100q",
					ErrBadTable, strings.Join(k.columns, " "), strings.Join(cells, " "))
			}
			continue
		}
		row, ok := arranged(cells, places)
		if !ok {
			return fmt.Errorf("%w: line %d has %d columns and not as many as the first", ErrBadTable, number, len(cells))
		}
		if row[len(row)-1] == "" {
			return fmt.Errorf("%w: line %d does not say its source", ErrBadTable, number)
		}
		if rows++; rows > maxRows {
			return fmt.Errorf("%w: more than %d rows", ErrBadTable, maxRows)
		}
		if err := k.take(t, row); err != nil {
			return fmt.Errorf("%w: line %d: %w", ErrBadTable, number, err)
		}
	}
	if places == nil || rows == 0 && !mayBeEmpty {
		return fmt.Errorf("%w: it has no rows", ErrBadTable)
	}
	return nil
}

// places finds the columns in the first line of a table: for each of them where it stands, -1 for one
// that is left out; nil where the line is another one.
func (k kind) places(names []string) []int {
	places, next := make([]int, len(k.columns)), 0
	for i, column := range k.columns {
		name, optional := strings.CutSuffix(column, "?")
		switch {
		case next < len(names) && names[next] == name:
			places[i] = next
			next++
		case optional:
			places[i] = -1
		default:
			return nil
		}
	}
	if next < len(names) {
		return nil
	}
	return places
}

// arranged puts the cells of a row into the order of the columns; ok is false where there are more or
// fewer of them than the first line has names.
func arranged(cells []string, places []int) (row []string, ok bool) {
	row = make([]string, len(places))
	named := 0
	for i, place := range places {
		if place < 0 {
			continue
		}
		if named++; place < len(cells) {
			row[i] = cells[place]
		}
	}
	return row, named == len(cells)
}

func (t *Tables) takeAdministration(row []string) error {
	a := Administration{Code: row[0], Country: row[1], Abbreviation: row[3], Name: row[4]}
	if !isNumber(a.Code, 2) || !isCountry(a.Country) || a.Name == "" {
		return errors.New("a code of two digits, a country of two letters and a name are needed")
	}
	switch row[2] {
	case "8":
		a.Digits = 8
	case "12":
		a.Digits = 12
	default:
		return errors.New("the numbers of wagons have 8 or 12 digits")
	}
	return put(t.administrations, a.Code, a)
}

func (t *Tables) takeRoad(row []string) error {
	r := Road{Code: row[0], Country: row[1], Abbreviation: row[2], Name: row[3]}
	if !isNumber(r.Code, 2) || !isCountry(r.Country) || r.Name == "" {
		return errors.New("a code of two digits, a country of two letters and a name are needed")
	}
	return put(t.roads, r.Code, r)
}

// takeStations wants the rows in order, so that a code found once is found in one row only.
func (t *Tables) takeStations(row []string) error {
	s := stations{first: row[0], last: row[1]}
	if !isNumber(s.first, 6) || !isNumber(s.last, 6) || s.last < s.first {
		return errors.New("two codes of six digits are needed, the lower one first")
	}
	var known bool
	if s.road, known = t.roads[row[2]]; !known {
		if !isCountry(row[2]) {
			return fmt.Errorf("there is no road %.20q", row[2])
		}
		s.road = Road{Country: row[2]}
	}
	if n := len(t.stations); n > 0 && s.first <= t.stations[n-1].last {
		return errors.New("it begins before the row above it ends")
	}
	t.stations = append(t.stations, s)
	return nil
}

func (t *Tables) takeMembership(row []string) (err error) {
	m := membership{country: row[0]}
	if !isCountry(m.country) {
		return errors.New("a country of two letters is needed")
	}
	if m.from, err = schema.ParseDate(row[1]); err != nil {
		return err
	}
	if row[2] != "" {
		if m.to, err = schema.ParseDate(row[2]); err != nil {
			return err
		}
		if m.to.Before(m.from) {
			return errors.New("the membership ends before it begins")
		}
	}
	t.union = append(t.union, m)
	return nil
}

// takeMnemonic takes rows into the table that of chooses. A row without a code keeps what is known of
// one that is lost: nobody finds it, people read it.
func takeMnemonic(of func(*Tables) map[string]Mnemonic) func(*Tables, []string) error {
	return func(t *Tables, row []string) error {
		m := Mnemonic{Code: row[0], Message1397: row[1], Name: row[2], Conditions: row[3]}
		switch {
		case m.Name == "" && m.Conditions == "":
			return errors.New("a name or the conditions of use are needed")
		case m.Code == "":
			return nil
		}
		return put(of(t), strings.ToUpper(m.Code), m)
	}
}

func (t *Tables) takeWagonKind(row []string) error {
	k := WagonKind{Code: row[0], Digit: row[1], Name: row[2]}
	if k.Code == "" || k.Name == "" {
		return errors.New("a code and a name are needed")
	}
	if k.Digit != "" {
		if !isNumber(k.Digit, 1) {
			return errors.New("the digit is one of 0 to 9")
		}
		if err := put(t.kindOfDigit, k.Digit, k); err != nil {
			return err
		}
	}
	return put(t.wagonKinds, strings.ToUpper(k.Code), k)
}

func put[V any](rows map[string]V, code string, row V) error {
	if _, taken := rows[code]; taken {
		return fmt.Errorf("the code %.20q stands in two rows", code)
	}
	rows[code] = row
	return nil
}

func isNumber(s string, length int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == length
}

func isCountry(s string) bool {
	return len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
}
