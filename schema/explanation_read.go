package schema

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Languages are those in which the gateway speaks to people, in the order of ЭСИД.
func Languages() []string { return []string{"ru", "uk", "en"} }

// reasonTable is what the files of the table of reasons say.
type reasonTable struct {
	codes []Code
	rows  []Explanation
}

// explanationReader reads the table of reasons: blocks of «key: value» lines, parted by empty
// lines, the first line of a block naming its row (A08 organisation-differs), a code of the closed
// list (code A08), or a remedy that many rows share (remedy sign-again).
type explanationReader struct {
	reasonTable
	remedies map[string]map[string]string
	used     map[string]bool
	seen     map[string]bool // titles
}

func readExplanations(files fs.FS) (*reasonTable, error) {
	names, err := fs.Glob(files, "reasons/*.txt")
	if err != nil {
		return nil, fmt.Errorf("listing the table of reasons: %w", err)
	}
	r := explanationReader{
		remedies: map[string]map[string]string{},
		used:     map[string]bool{},
		seen:     map[string]bool{},
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the table of reasons: %w", err)
		}
		if err := r.readFile(name, text); err != nil {
			return nil, err
		}
	}
	return r.finish()
}

// explanationBlock is one block of a file.
type explanationBlock struct {
	place  string // file:line, for errors
	title  []string
	values map[string]string
}

func (r *explanationReader) readFile(name string, text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	var block *explanationBlock
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if err := r.add(block); err != nil {
				return err
			}
			block = nil
		case block == nil:
			block = &explanationBlock{fmt.Sprintf("%s:%d", name, number), strings.Split(line, " "), map[string]string{}}
		default:
			key, value, found := strings.Cut(line, ": ")
			if !found || value == "" || strings.TrimSpace(value) != value || block.values[key] != "" {
				return fmt.Errorf("%s:%d: want «key: value», each key once", name, number)
			}
			block.values[key] = value
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return r.add(block)
}

// add takes a finished block; nil is none.
func (r *explanationReader) add(b *explanationBlock) error {
	if b == nil {
		return nil
	}
	title := strings.Join(b.title, " ")
	if len(b.title) != 2 || r.seen[title] {
		return fmt.Errorf("%s: want «CODE reason», «code CODE» or «remedy name», once", b.place)
	}
	r.seen[title] = true
	switch b.title[0] {
	case "code":
		texts := b.takeLanguages("")
		r.codes = append(r.codes, Code{Code: b.title[1], Stage: stageOf(b.title[1]), Meaning: texts})
		return b.complete(texts != nil)
	case "remedy":
		r.remedies[b.title[1]] = b.takeLanguages("")
		return b.complete(r.remedies[b.title[1]] != nil)
	}
	row := Explanation{
		Code:       b.title[0],
		Reason:     b.title[1],
		Stage:      string(stageOf(b.title[0])),
		Severity:   Severity(cmp.Or(b.take("severity"), string(Error))),
		Clause:     b.take("clause"),
		ITS:        b.takeLanguages(""),
		RemedyName: b.take("do"),
	}
	if row.RemedyName == "" {
		row.Remedy = b.takeLanguages("do ")
	}
	r.rows = append(r.rows, row)
	known := row.Severity == Error || row.Severity == Warning || row.Severity == Info
	return b.complete(known && row.Clause != "" && row.ITS != nil && (row.RemedyName != "" || row.Remedy != nil))
}

// complete says whether the block had all that it needs, and nothing else.
func (b *explanationBlock) complete(all bool) error {
	if !all || len(b.values) != 0 {
		return fmt.Errorf("%s: want ru, uk and en; in a reason also clause, do or do ru, do uk and do en, and severity "+
			"error, warning or info where it is not error; nothing else", b.place)
	}
	return nil
}

// finish puts the shared remedies in and sorts.
func (r *explanationReader) finish() (*reasonTable, error) {
	for i := range r.rows {
		row := &r.rows[i]
		if !r.seen["code "+row.Code] {
			return nil, fmt.Errorf("table of reasons: %s %s: the code is not in the closed list", row.Code, row.Reason)
		}
		if row.RemedyName == "" {
			continue
		}
		if row.Remedy = r.remedies[row.RemedyName]; row.Remedy == nil {
			return nil, fmt.Errorf("table of reasons: %s %s: no remedy %q", row.Code, row.Reason, row.RemedyName)
		}
		r.used[row.RemedyName] = true
	}
	for name := range r.remedies {
		if !r.used[name] {
			return nil, fmt.Errorf("table of reasons: remedy %q is not used", name)
		}
	}
	slices.SortFunc(r.codes, func(a, b Code) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(r.rows, func(a, b Explanation) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Reason, b.Reason))
	})
	return &r.reasonTable, nil
}

// take removes a value from the block.
func (b *explanationBlock) take(key string) string {
	value := b.values[key]
	delete(b.values, key)
	return value
}

// takeLanguages removes a text in every language, nil when one is missing.
func (b *explanationBlock) takeLanguages(prefix string) map[string]string {
	texts := map[string]string{}
	for _, language := range Languages() {
		if texts[language] = b.take(prefix + language); texts[language] == "" {
			return nil
		}
	}
	return texts
}

// stageOf is the stage that gives findings of the code: A is authenticity; L, W and D are collected
// together after it.
func stageOf(code string) Stage {
	if strings.HasPrefix(code, "A") {
		return Authenticity
	}
	return Legitimacy
}
