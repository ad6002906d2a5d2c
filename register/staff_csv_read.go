package register

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"asugate/schema"
)

// words of a cell in Russian, and what they are in a list.
var (
	recordWords = map[string]string{
		"": "staff", "staff": "staff", "работник": "staff", "proxy": "proxy", "доверенность": "proxy",
	}
	workWords = map[string]string{
		"погрузка": "loading", "выгрузка": "unloading",
		"размещение": "placement", "крепление": "placement",
	}
	yesWords = map[string]bool{
		"yes": true, "true": true, "1": true, "да": true,
		"": false, "no": false, "false": false, "0": false, "нет": false,
	}
)

// ParseStaffCSV reads the CSV form of a staff list, in UTF-8 or windows-1251. The error is a
// *FileError that names lines and columns, unless r fails.
func ParseStaffCSV(r io.Reader, organisation schema.OrgID, version int) (schema.StaffList, error) {
	content, err := io.ReadAll(io.LimitReader(r, csvLimit+1))
	if err != nil {
		return schema.StaffList{}, fmt.Errorf("reading a staff list: %w", err)
	}
	if len(content) > csvLimit {
		return schema.StaffList{}, &FileError{[]Problem{{Text: fmt.Sprintf("more than %d bytes", csvLimit)}}}
	}
	content, err = decodeCSV(content)
	if err != nil {
		return schema.StaffList{}, &FileError{[]Problem{{Text: err.Error()}}}
	}
	p := csvStaff{list: schema.StaffList{Organisation: organisation, Version: version}}
	p.read(content)
	if len(p.problems) == 0 {
		for _, f := range staffFaults(&p.list) {
			at := p.place(f.Path)
			at.Text, at.Cause = f.text, f.cause()
			p.problems = append(p.problems, at)
		}
	}
	if len(p.problems) > 0 {
		return schema.StaffList{}, &FileError{p.problems}
	}
	return p.list, nil
}

// csvLimit bounds a file: MaxStaff generous rows.
const csvLimit = 64 << 20

// decodeCSV makes UTF-8 of what spreadsheets save: UTF-8 with or without a byte order mark, or the
// Cyrillic code page of Windows, whose text is hardly ever valid UTF-8.
func decodeCSV(content []byte) ([]byte, error) {
	if bytes.HasPrefix(content, []byte{0xFF, 0xFE}) || bytes.HasPrefix(content, []byte{0xFE, 0xFF}) {
		return nil, errors.New("the file is UTF-16: save it as CSV in UTF-8")
	}
	if content, found := bytes.CutPrefix(content, []byte("\uFEFF")); found || utf8.Valid(content) {
		if !utf8.Valid(content) {
			return nil, errors.New("the file has a UTF-8 byte order mark and is no UTF-8")
		}
		return content, nil
	}
	return charmap.Windows1251.NewDecoder().Bytes(content)
}

// csvStaff reads rows into a list and remembers where each row stood.
type csvStaff struct {
	list     schema.StaffList
	problems []Problem
	entries  []csvRow // of the list, row by row
	proxies  []csvRow

	columns []string          // of the file, in its order
	cells   map[string]string // of the row being read
	row     csvRow
}

// csvRow is the line of each cell of a row: a cell may hold line breaks.
type csvRow []int

// pathPattern takes the path of a fault apart: row, and the last name on the way to the value.
var pathPattern = regexp.MustCompile(`^/StaffList/(Entry|PowerOfAttorney)(?:\[(\d+)\])?(?:.*?/@?(\w+)(?:\[\d+\])?)?$`)

// pathColumns are the columns in which the values of the XML form stand.
var pathColumns = map[string]string{
	"": "name", "Person": "name", "Holder": "name", "Work": "works", "Station": "stations",
	"From": "from", "To": "to", "Kind": "kinds", "Certificate": "serial", "MaySign": "may_sign",
	"Issuer": "given_by", "Principal": "principals", "Branch": "branches",
}

// place finds the cell that a fault is about.
func (p *csvStaff) place(path string) Problem {
	parts := pathPattern.FindStringSubmatch(path)
	if parts == nil {
		return Problem{} // of the list as a whole
	}
	rows, number := p.entries, 1
	if parts[1] == "PowerOfAttorney" {
		rows = p.proxies
	}
	if parts[2] != "" {
		number, _ = strconv.Atoi(parts[2])
	}
	column := cmp.Or(pathColumns[parts[3]], parts[3])
	return p.at(rows[number-1], column)
}

// at is the place of a cell as a spreadsheet counts: columns, not characters.
func (p *csvStaff) at(row csvRow, column string) Problem {
	i := max(slices.Index(p.columns, column), 0)
	return Problem{Path: column, Line: row[i], Column: i + 1}
}

func (p *csvStaff) read(content []byte) {
	r := csv.NewReader(bytes.NewReader(content))
	header, _, _ := bytes.Cut(content, []byte("\n"))
	for _, separator := range ",\t;" {
		if bytes.ContainsRune(header, separator) {
			r.Comma = separator
		}
	}
	r.TrimLeadingSpace = r.Comma != '\t' // else it would take empty cells for white space
	r.ReuseRecord = true
	for first := true; len(p.problems) < maxStaffFaults; first = false {
		record, err := r.Read()
		if err == io.EOF {
			if first {
				p.problems = append(p.problems, Problem{Text: "there is no header row"})
			}
			return
		}
		if err != nil {
			problem := Problem{Text: err.Error()}
			if e := (*csv.ParseError)(nil); errors.As(err, &e) {
				problem = Problem{Line: e.Line, Text: e.Err.Error()}
			}
			p.problems = append(p.problems, problem)
			return
		}
		if first {
			if p.header(record); len(p.problems) > 0 {
				return
			}
			continue
		}
		if len(p.list.Entries)+len(p.list.Proxies) == 2*MaxStaff {
			p.problems = append(p.problems, Problem{Text: fmt.Sprintf("more than %d rows", 2*MaxStaff)})
			return
		}
		p.take(r, record)
	}
}

// header finds out which column is which.
func (p *csvStaff) header(record []string) {
	for i, cell := range record {
		name := strings.ToLower(string(tidy(text(cell))))
		name = strings.ReplaceAll(name, "ф.и.о.", "фио")
		at := Problem{Line: 1, Column: i + 1}
		known := slices.IndexFunc(staffColumns, func(c struct{ name, russian string }) bool {
			return c.name == name || c.russian == name
		})
		switch {
		case known < 0 && PassportName(cell):
			at.Text = fmt.Sprintf("column %q holds passport data", bounded(cell))
			at.Cause = ErrPassportData
			p.problems = append(p.problems, at)
		case known < 0:
			at.Text = fmt.Sprintf("column %q is not known", bounded(cell))
			p.problems = append(p.problems, at)
		case slices.Contains(p.columns, staffColumns[known].name):
			at.Text = fmt.Sprintf("column %q is there twice", bounded(cell))
			p.problems = append(p.problems, at)
		default:
			p.columns = append(p.columns, staffColumns[known].name)
		}
	}
	for _, name := range neededColumns {
		if len(p.problems) == 0 && !slices.Contains(p.columns, name) {
			p.problems = append(p.problems, Problem{Line: 1, Column: 1,
				Text: fmt.Sprintf("column %q is missing", name)})
		}
	}
}

// take reads one row.
func (p *csvStaff) take(r *csv.Reader, record []string) {
	p.cells, p.row = map[string]string{}, make(csvRow, len(record))
	for i, cell := range record {
		p.row[i], _ = r.FieldPos(i)
		p.cells[p.columns[i]] = string(tidy(text(cell)))
	}
	switch recordWords[strings.ToLower(p.cells["record"])] {
	case "staff":
		p.entries = append(p.entries, p.row)
		p.list.Entries = append(p.list.Entries, p.entry())
	case "proxy":
		p.proxies = append(p.proxies, p.row)
		p.list.Proxies = append(p.list.Proxies, p.proxy())
	default:
		p.problem("record", "%q is not staff or proxy", bounded(p.cells["record"]))
	}
}

func (p *csvStaff) entry() schema.StaffEntry {
	e := schema.StaffEntry{
		Person: p.person(), OrderNumber: p.cells["number"], OrderDate: p.date("date"),
		Works: p.works(), MaySign: p.flag("may_sign"), Stations: p.listOf("stations"),
		From: p.date("from"), To: p.date("to"), Certificate: p.certificate(), Recipient: p.recipient(),
	}
	e.RightUnsaid = e.OfStation() && p.cells["may_sign"] == ""
	return e
}

func (p *csvStaff) proxy() schema.PowerOfAttorney {
	var kinds []schema.Kind
	for _, kind := range p.listOf("kinds") {
		kinds = append(kinds, schema.Kind(kind))
	}
	return schema.PowerOfAttorney{
		Number: p.cells["number"], Date: p.date("date"), Registry: strings.ToLower(p.cells["registry"]),
		Issuer:     schema.Person{Name: p.cells["given_by"], Post: p.cells["given_as"]},
		Principals: p.principals(), Holder: p.person(), Certificate: p.certificate(),
		Kinds: kinds, Branches: p.listOf("branches"),
		From: p.date("from"), To: p.date("to"), Withdrawn: p.date("withdrawn"),
	}
}

func (p *csvStaff) problem(column, format string, args ...any) {
	at := p.at(p.row, column)
	at.Text = fmt.Sprintf(format, args...)
	p.problems = append(p.problems, at)
}

func (p *csvStaff) person() schema.Person {
	return schema.Person{Name: p.cells["name"], Post: p.cells["post"], PersonID: schema.PersonID{
		SNILS: without(p.cells["snils"], "- "), INN: p.cells["inn"], RNOKPP: p.cells["rnokpp"],
	}}
}

// recipient reads tcfto, also as people write it, or the code of a station.
func (p *csvStaff) recipient() string {
	if word := strings.ToLower(p.cells["recipient"]); word == "тцфто" || word == schema.ToTCFTO {
		return schema.ToTCFTO
	}
	return p.cells["recipient"]
}

// principals reads persons from one cell. The numbers behind a name are known by their length: СНИЛС
// 11 digits, ИНН 12, РНОКПП 10.
func (p *csvStaff) principals() (list []schema.Person) {
	for _, written := range strings.Split(p.cells["principals"], principalSeparator) {
		var person schema.Person
		words := strings.Fields(written)
		for ; len(words) > 0; words = words[:len(words)-1] {
			number := without(words[len(words)-1], "-")
			if !isDecimal(number) || !numbered(&person, number) {
				break
			}
		}
		if person.Name = strings.Join(words, " "); person != (schema.Person{}) {
			list = append(list, person)
		}
	}
	return list
}

// numbered gives the person a number that they do not have yet.
func numbered(person *schema.Person, number string) bool {
	for _, id := range []struct {
		digits int
		at     *string
	}{{11, &person.SNILS}, {12, &person.INN}, {10, &person.RNOKPP}} {
		if len(number) == id.digits && *id.at == "" {
			*id.at = number
			return true
		}
	}
	return false
}

func (p *csvStaff) certificate() schema.CertificateRef {
	return schema.CertificateRef{Issuer: p.cells["issuer"], Serial: normalSerial(p.cells["serial"])}
}

// date reads 2026-01-31, or 31.01.2026 as spreadsheets write it here.
func (p *csvStaff) date(column string) schema.Date {
	cell := p.cells[column]
	if cell == "" {
		return schema.Date{}
	}
	written := text(cell)
	if parts := strings.Split(cell, "."); len(cell) == len("31.01.2026") && len(parts) == 3 {
		written = text(parts[2] + "-" + parts[1] + "-" + parts[0])
	}
	d, err := dateOf(written)
	if err != nil {
		p.problem(column, "%q is no day: 2026-01-31 or 31.01.2026", bounded(cell))
	}
	return d
}

func (p *csvStaff) flag(column string) bool {
	value, known := yesWords[strings.ToLower(p.cells[column])]
	if !known {
		p.problem(column, "%q is not yes or no", bounded(p.cells[column]))
	}
	return value
}

func (p *csvStaff) works() []string {
	works := p.listOf("works")
	for i, work := range works {
		if known, found := workWords[strings.ToLower(work)]; found {
			works[i] = known
		}
	}
	slices.Sort(works)
	return slices.Compact(works)
}

func (p *csvStaff) listOf(column string) (list []string) {
	separator := func(r rune) bool { return strings.ContainsRune(" ,;|", r) }
	return append(list, strings.FieldsFunc(p.cells[column], separator)...)
}
