package register

import (
	"bytes"
	"fmt"
	"strings"

	"asugate/schema"
)

// normsFile is the register of norms as it is written: in YAML by the operator, in JSON in the store.
type normsFile struct {
	normsHead `yaml:",inline"`
	Norms     []normEntry `yaml:"norms,omitempty" json:"norms"`
}

// normsHead is what a file says of the register as a whole.
type normsHead struct {
	DaysOff     []text `yaml:"days_off,omitempty" json:"days_off,omitempty"`
	WorkingDays []text `yaml:"working_days,omitempty" json:"working_days,omitempty"`
}

type normEntry struct {
	Type         text             `yaml:"type,omitempty" json:"type"`
	Number       text             `yaml:"number,omitempty" json:"number"`
	Approved     text             `yaml:"approved,omitempty" json:"approved"`
	ByOrder      bool             `yaml:"by_order,omitempty" json:"by_order,omitempty"`
	Consignor    *normConsignor   `yaml:"consignor,omitempty" json:"consignor,omitempty"`
	From         text             `yaml:"from,omitempty" json:"from,omitempty"`
	To           text             `yaml:"to,omitempty" json:"to,omitempty"`
	Extended     *normExtension   `yaml:"extended,omitempty" json:"extended,omitempty"`
	Cancelled    text             `yaml:"cancelled,omitempty" json:"cancelled,omitempty"`
	Cargo        text             `yaml:"cargo,omitempty" json:"cargo,omitempty"`
	RollingStock text             `yaml:"rolling_stock,omitempty" json:"rolling_stock,omitempty"`
	Stations     []text           `yaml:"stations,omitempty" json:"stations,omitempty"`
	Gauge        text             `yaml:"gauge,omitempty" json:"gauge,omitempty"`
	Drawings     whole            `yaml:"drawings,omitempty" json:"drawings,omitempty"`
	Extract      text             `yaml:"extract,omitempty" json:"extract,omitempty"`
	Reconciled   text             `yaml:"reconciled,omitempty" json:"reconciled,omitempty"`
	Schemes      []schemeEntry    `yaml:"schemes,omitempty" json:"schemes,omitempty"`
	Fasteners    []fastenerRecord `yaml:"fasteners,omitempty" json:"fasteners,omitempty"`
}

type normConsignor struct {
	INN    text `yaml:"inn,omitempty" json:"inn,omitempty"`
	OKPO   text `yaml:"okpo,omitempty" json:"okpo,omitempty"`
	EDRPOU text `yaml:"edrpou,omitempty" json:"edrpou,omitempty"`
	Name   text `yaml:"name,omitempty" json:"name,omitempty"`
}

type normExtension struct {
	From text `yaml:"from,omitempty" json:"from,omitempty"`
	To   text `yaml:"to,omitempty" json:"to"`
}

type schemeEntry struct {
	Number    text             `yaml:"number,omitempty" json:"number"`
	Fasteners []fastenerRecord `yaml:"fasteners,omitempty" json:"fasteners,omitempty"`
}

type fastenerRecord struct {
	Name     text  `yaml:"name,omitempty" json:"name"`
	Quantity whole `yaml:"quantity,omitempty" json:"quantity"`
	Strands  whole `yaml:"strands,omitempty" json:"strands,omitempty"`
	Diameter text  `yaml:"diameter,omitempty" json:"diameter,omitempty"`
	Size     text  `yaml:"size,omitempty" json:"size,omitempty"`
}

// Bounds of a file of norms. Its parsed form takes a hundred times the memory of its bytes, so it is
// read by portions; after so many problems an operator mends these first.
const (
	normsFileLimit    = 32 << 20
	normsPortion      = 256 // entries parsed at once
	normsPortionLimit = 2 << 20
	normsProblems     = 100
)

// readNorms reads a file and brings it to its normal form.
func readNorms(file []byte) (*normsFile, error) {
	if len(file) > normsFileLimit {
		return nil, &FileError{Problems: []Problem{{Text: fmt.Sprintf("more than %d bytes", normsFileLimit)}}}
	}
	r := &normsReader{taken: map[normIdentity]int{}}
	portions, head, err := splitNorms(file)
	if err != nil {
		return nil, err
	}
	if err := r.head(head); err != nil {
		return nil, err
	}
	for _, p := range portions {
		if err := r.portion(p); err != nil {
			return nil, err
		}
		if len(r.problems) > normsProblems {
			break
		}
	}
	if len(r.problems) > 0 {
		return nil, &FileError{Problems: r.problems}
	}
	return &r.file, nil
}

// normsReader collects what the portions of a file say.
type normsReader struct {
	file     normsFile
	problems []Problem
	taken    map[normIdentity]int // → the entry's place
}

// head reads what stands before and after the list.
func (r *normsReader) head(text []byte) error {
	if len(bytes.TrimSpace(withoutComments(text))) == 0 {
		return nil
	}
	doc, err := readYAML(text, &r.file.normsHead)
	if err != nil {
		return err
	}
	c := &checker{doc: doc}
	c.days("days_off", r.file.DaysOff)
	c.days("working_days", r.file.WorkingDays)
	r.problems = append(r.problems, c.problems...)
	return nil
}

// normsText is a run of entries with the line at which it begins, 0-based.
type normsText struct {
	line    int
	entries []byte
}

// portion parses some entries, checks them and keeps them.
func (r *normsReader) portion(p normsText) error {
	var read struct {
		Norms []normEntry `yaml:"norms,omitempty"`
	}
	doc, err := readYAML(append([]byte("norms:\n"), p.entries...), &read)
	if err != nil {
		if refused, ok := err.(*FileError); ok {
			return &FileError{Problems: append(r.problems, shifted(refused.Problems, p.line-1)...)}
		}
		return err
	}
	before := len(r.file.Norms)
	c := &checker{doc: doc}
	for i := range read.Norms {
		e := &read.Norms[i]
		normalizeNorm(e)
		path := fmt.Sprintf("norms[%d]", i)
		c.norm(path, e)
		id := identityOf(e)
		if first, taken := r.taken[id]; taken {
			c.problem(path, "%s %s of %s is there already, as norms[%d]", e.Type, e.Number, e.Approved, first)
		} else {
			r.taken[id] = before + i
		}
		if len(c.problems) > normsProblems {
			break
		}
	}
	for i := range c.problems {
		c.problems[i].Path = renumbered(c.problems[i].Path, before)
	}
	r.problems = append(r.problems, shifted(c.problems, p.line-1)...)
	r.file.Norms = append(r.file.Norms, read.Norms...)
	if len(r.file.Norms) > MaxNorms {
		return &FileError{Problems: []Problem{{Text: fmt.Sprintf("more than %d norms", MaxNorms)}}}
	}
	return nil
}

func shifted(problems []Problem, lines int) []Problem {
	for i := range problems {
		if problems[i].Line > 0 {
			problems[i].Line += lines
		}
	}
	return problems
}

// renumbered makes the place in a portion one in the file.
func renumbered(path string, by int) string {
	index := 0
	if _, err := fmt.Sscanf(path, "norms[%d]", &index); err != nil {
		return path
	}
	_, rest, _ := strings.Cut(path, "]")
	return fmt.Sprintf("norms[%d]%s", by+index, rest)
}

// splitNorms cuts the list out of a file and into portions; head is the file with blank lines in its
// place. In block style a line that has the indent of the first entry and a hyphen begins another
// one: what belongs to an entry is indented deeper. A file that is written otherwise does not parse.
func splitNorms(file []byte) (portions []normsText, head []byte, err error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	s := normsSplitter{indent: -1}
	for number, line := range bytes.Split(file, []byte("\n")) {
		if err := s.line(number, bytes.TrimSuffix(line, []byte("\r"))); err != nil {
			return nil, nil, err
		}
	}
	s.flush()
	return s.portions, s.head.Bytes(), nil
}

type normsSplitter struct {
	head     bytes.Buffer
	portions []normsText
	current  normsText
	count    int // of entries in current
	indent   int // of the list, -1 before its first entry
	inside   bool
	seen     bool
}

func (s *normsSplitter) line(number int, line []byte) error {
	trimmed := bytes.TrimLeft(line, " ")
	if rest, found := bytes.CutPrefix(line, []byte("norms:")); found {
		rest = bytes.TrimSpace(withoutComments(rest))
		switch {
		case s.seen:
			return &FileError{Problems: []Problem{{Line: number + 1, Text: "norms is there twice"}}}
		case len(rest) > 0 && !bytes.Equal(rest, []byte("[]")):
			return &FileError{Problems: []Problem{{Line: number + 1, Text: "norms are listed one below the other, each behind a hyphen"}}}
		}
		s.seen, s.inside = true, len(rest) == 0
		s.head.WriteByte('\n')
		return nil
	}
	top := len(trimmed) == len(line) && len(line) > 0 && line[0] != '#' && line[0] != '-'
	if s.inside = s.inside && !top; !s.inside {
		s.head.Write(line)
		s.head.WriteByte('\n')
		return nil
	}
	s.head.WriteByte('\n')
	if len(trimmed) > 0 && trimmed[0] == '-' && (s.indent < 0 || len(line)-len(trimmed) == s.indent) {
		s.indent = len(line) - len(trimmed)
		if s.count == normsPortion || len(s.current.entries) > normsPortionLimit {
			s.flush()
		}
		if s.count++; s.count == 1 {
			s.current.line = number
		}
	}
	if s.count == 0 && (len(trimmed) == 0 || trimmed[0] == '#') {
		return nil
	}
	if s.count == 0 {
		return &FileError{Problems: []Problem{{Line: number + 1, Text: "an entry of norms begins with a hyphen"}}}
	}
	s.current.entries = append(append(s.current.entries, line...), '\n')
	return nil
}

func (s *normsSplitter) flush() {
	if s.count > 0 {
		s.portions = append(s.portions, s.current)
	}
	s.current, s.count = normsText{}, 0
}

// withoutComments drops the comments of lines that hold nothing else.
func withoutComments(text []byte) []byte {
	var kept []byte
	for _, line := range bytes.Split(text, []byte("\n")) {
		if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			kept = append(append(kept, line...), '\n')
		}
	}
	return kept
}

func normalizeNorm(e *normEntry) {
	for _, s := range []*text{&e.Number, &e.Cargo, &e.RollingStock, &e.Gauge} {
		*s = tidy(*s)
	}
	e.Approved = text(without(string(e.Approved), " "))
	if e.Consignor != nil {
		e.Consignor.Name = tidy(e.Consignor.Name)
	}
	for i := range e.Schemes {
		e.Schemes[i].Number = tidy(e.Schemes[i].Number)
		normalizeFasteners(e.Schemes[i].Fasteners)
	}
	normalizeFasteners(e.Fasteners)
}

func normalizeFasteners(list []fastenerRecord) {
	for i := range list {
		for _, s := range []*text{&list[i].Name, &list[i].Diameter, &list[i].Size} {
			*s = tidy(*s)
		}
	}
}

// normIdentity is what no two entries share: numbers begin anew with each consignor.
type normIdentity struct{ kind, number, approved, consignor string }

func identityOf(e *normEntry) normIdentity {
	return normIdentity{
		string(e.Type), normNumber(string(e.Number)), string(e.Approved), e.Consignor.id().Key(),
	}
}

func (c *normConsignor) id() schema.OrgID {
	if c == nil {
		return schema.OrgID{}
	}
	return schema.OrgID{INN: string(c.INN), OKPO: string(c.OKPO), EDRPOU: string(c.EDRPOU)}
}
