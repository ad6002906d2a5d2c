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
	declared := make(map[string]map[string]bool)
	for _, f := range files(t) {
		declared[f.path] = declarations(f.syntax)
	}
	for _, cells := range coverageRows(coveragePage(t)) {
		for column, cell := range cells {
			if column != 3 && column != 4 {
				continue
			}
			for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
				path, name, named := strings.Cut(m[1], ":")
				test := strings.HasSuffix(path, "_test.go")
				switch _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); {
				case err != nil:
					t.Errorf("%s: %v", cells[0], err)
				case named && !declared[path][name]:
					t.Errorf("%s: %s does not declare %s", cells[0], path, name)
				case column == 3 && test:
					t.Errorf("%s: %s is no place where something is done", cells[0], m[1])
				case column == 4 && !strings.HasSuffix(path, ".txtar") && !(test && strings.HasPrefix(name, "Test")):
					t.Errorf("%s: %s is neither a test nor a story", cells[0], m[1])
				}
			}
		}
	}
}

func coveragePage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "coverage.md"))
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
