package tidy

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// coveredRows are the rows that the regulations have, of each kind the numbers from first to last.
var coveredRows = []struct {
	kind        string
	first, last int
}{
	// The technology N 288.
	{"FUN", 6, 11}, {"SYS", 11, 16}, {"DOC", 15, 46}, {"TPL", 1, 18}, {"DAT", 4, 4}, {"RSN", 1, 1},
	{"ROLE", 12, 23}, {"ST", 10, 19}, {"TR", 7, 19}, {"CHK", 10, 29}, {"TMO", 2, 2}, {"MSG", 5, 14},
	// Memos and acts: order 1684/р, rules of acceptance, Д-720у.
	{"FUN", 12, 16}, {"SYS", 17, 23}, {"DOC", 47, 82}, {"TPL", 19, 19}, {"DAT", 5, 8}, {"RSN", 2, 15},
	{"ROLE", 24, 40}, {"ST", 20, 31}, {"TR", 20, 33}, {"CHK", 30, 63}, {"TMO", 3, 12}, {"MSG", 15, 24},
}

var (
	rowID  = regexp.MustCompile(`\b[A-Z]+-\d{3}\b`)
	quoted = regexp.MustCompile("`([^`]+)`")
)

// Each row of the regulations stands on the page once: with the code and what shows it, or with the
// reason why there is none; and the page counts them rightly.
func TestCoverageIsWhole(t *testing.T) {
	page := coveragePage(t)
	var want []string
	for _, r := range coveredRows {
		for n := r.first; n <= r.last; n++ {
			want = append(want, fmt.Sprintf("%s-%03d", r.kind, n))
		}
	}
	if got := rowID.FindAllString(page, -1); !slices.Equal(got, want) {
		t.Errorf("the page has the rows\n%q, want\n%q", got, want)
	}
	works, outside, notYet := 0, 0, 0
	for _, cells := range coverageRows(page) {
		place, shown := cells[3], cells[4]
		reason, isOutside := strings.CutPrefix(place, "outside: ")
		missing, isNotYet := strings.CutPrefix(place, "not yet: ")
		switch {
		case isOutside || isNotYet:
			if isOutside {
				outside++
			} else {
				notYet++
				reason = missing
			}
			if reason == "" || shown != "—" {
				t.Errorf("%s: no reason, or something that shows what is not there: %q", cells[0], cells)
			}
		case !quoted.MatchString(place) || !quoted.MatchString(shown):
			t.Errorf("%s: names no place, or nothing that shows it: %q", cells[0], cells)
		default:
			works++
		}
	}
	count := fmt.Sprintf("Of %d rows %d work, %d are outside and %d are not yet.", works+outside+notYet, works, outside, notYet)
	if !strings.Contains(page, count) {
		t.Errorf("the page does not say: %s", count)
	}
}

// Every place that the page names is there: the file, and in it the name; what shows a row is a
// test or a story.
func TestCoverageIsTrue(t *testing.T) {
	declared := declaredNames(t)
	for _, cells := range coverageRows(coveragePage(t)) {
		for _, m := range quoted.FindAllStringSubmatch(cells[3], -1) {
			declared.check(t, cells[0], m[1])
			if strings.HasSuffix(strings.Split(m[1], ":")[0], "_test.go") {
				t.Errorf("%s: %s is no place where something is done", cells[0], m[1])
			}
		}
		declared.checkShown(t, cells[0], cells[4])
	}
}

// names are those that each file declares at its top.
type names map[string]map[string]bool

func declaredNames(t *testing.T) names {
	t.Helper()
	all := make(names)
	for _, f := range files(t) {
		all[f.path] = declarations(f.syntax)
	}
	return all
}

// check finds a place, FILE or FILE:NAME, of a row.
func (n names) check(t *testing.T, row, place string) {
	t.Helper()
	path, name, named := strings.Cut(place, ":")
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); err != nil {
		t.Errorf("row %s: %v", row, err)
	} else if named && !n[path][name] {
		t.Errorf("row %s: %s does not declare %s", row, path, name)
	}
}

// checkShown finds what a cell of a row names: tests and stories, and nothing else.
func (n names) checkShown(t *testing.T, row, cell string) {
	t.Helper()
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		n.check(t, row, m[1])
		path, name, _ := strings.Cut(m[1], ":")
		if filepath.Ext(path) != ".txtar" && !(strings.HasSuffix(path, "_test.go") && strings.HasPrefix(name, "Test")) {
			t.Errorf("row %s: %s is neither a test nor a story", row, m[1])
		}
	}
}

func coveragePage(t *testing.T) string { return page(t, "coverage.md") }

// page is a page of docs.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// coverageRows are the cells of the rows that begin with an id: id, clause, what, where, shown by.
func coverageRows(page string) [][]string {
	var rows [][]string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) == 5 && rowID.MatchString(cells[0]) {
			rows = append(rows, cells)
		}
	}
	return rows
}

// declarations are the names that a file declares at its top: functions, methods, types, values.
func declarations(f *ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = true
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names[name.Name] = true
					}
				}
			}
		}
	}
	return names
}
