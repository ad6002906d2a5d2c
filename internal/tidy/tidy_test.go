// Package tidy answers: is the tree as docs/architecture.md and CONTRIBUTING.md say? It holds tests only.
package tidy

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// file is one Go file of the project.
type file struct {
	path   string // relative to the root, with slashes
	text   []byte
	set    *token.FileSet
	syntax *ast.File
}

func (f file) room() string { return filepath.ToSlash(filepath.Dir(f.path)) }
func (f file) test() bool   { return strings.HasSuffix(f.path, "_test.go") }

func files(t *testing.T) []file {
	t.Helper()
	var all []file
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || e.Name() == "testdata" || e.Name() == "bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := file{text: text, set: token.NewFileSet()}
		if f.syntax, err = parser.ParseFile(f.set, path, text, parser.ParseComments); err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		f.path = filepath.ToSlash(rel)
		all = append(all, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rooms reads the table of the rooms: room → rooms that it may import. Its last cell may be empty.
func rooms(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile("`([a-z/0-9-]+)`")
	may := make(map[string][]string)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		cells := strings.Split(lines.Text(), "|")
		if len(cells) != 5 { // three, and what is before and after the row
			continue
		}
		room := word.FindStringSubmatch(cells[1])
		if room == nil {
			continue
		}
		may[room[1]] = []string{}
		for _, w := range word.FindAllStringSubmatch(cells[3], -1) {
			may[room[1]] = append(may[room[1]], w[1])
		}
		if strings.Contains(cells[3], "everything") {
			may[room[1]] = append(may[room[1]], "*")
		}
	}
	if len(may) == 0 {
		t.Fatal("docs/architecture.md holds no table of rooms")
	}
	return may
}

// Arrows between rooms go one way, as the table of docs/architecture.md says.
func TestArrows(t *testing.T) {
	may := rooms(t)
	seen := make(map[string]bool)
	for _, f := range files(t) {
		seen[f.room()] = true
		if f.test() {
			continue // a test may set a scene with anything
		}
		allowed, ok := may[f.room()]
		if !ok {
			t.Errorf("%s: the room %s is not in the table of docs/architecture.md", f.path, f.room())
			continue
		}
		for _, i := range f.syntax.Imports {
			path, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "asugate/")
			if ours && !slices.Contains(allowed, path) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s, which the table of docs/architecture.md does not allow", f.path, path)
			}
		}
	}
	for room := range may {
		if !seen[room] {
			t.Errorf("docs/architecture.md has a room %s that there is not", room)
		}
	}
}

// Every package says which question it answers, once.
func TestPackageComments(t *testing.T) {
	docs := make(map[string]int)
	for _, f := range files(t) {
		room := f.room()
		if _, ok := docs[room]; !ok {
			docs[room] = 0
		}
		if f.syntax.Doc == nil {
			continue
		}
		docs[room]++
		first, _, _ := strings.Cut(f.syntax.Doc.Text(), ". ")
		if !strings.HasPrefix(first, "Package ") && !strings.HasPrefix(first, "Command ") {
			t.Errorf("%s: the package comment does not begin with Package or Command", f.path)
		}
	}
	for room, n := range docs {
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", room, n)
		}
	}
}

// A file fits a sitting, a function fits a screen.
func TestLengths(t *testing.T) {
	const fileLines, functionLines = 500, 70
	for _, f := range files(t) {
		if n := bytes.Count(f.text, []byte("\n")); n > fileLines {
			t.Errorf("%s has %d lines, at most %d", f.path, n, fileLines)
		}
		if f.test() {
			continue // a table of cases is as long as there are cases
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1
			if n > functionLines {
				t.Errorf("%s: %s has %d lines, at most %d", f.path, fn.Name.Name, n, functionLines)
			}
		}
	}
}

// Words that say that something is not done, and names that say nothing.
func TestWords(t *testing.T) {
	unfinished := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	for _, f := range files(t) {
		if m := unfinished.Find(f.text); m != nil {
			t.Errorf("%s says %s", f.path, m)
		}
		switch f.syntax.Name.Name {
		case "util", "utils", "common", "helper", "helpers", "manager":
			t.Errorf("%s: the package name %s says nothing", f.path, f.syntax.Name.Name)
		}
	}
}

// Each direct dependency is named with its reason.
func TestDependencies(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\s+(\S+) v\S+$`)
	named := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	var wanted, got []string
	for _, m := range direct.FindAllStringSubmatch(string(mod), -1) {
		wanted = append(wanted, m[1])
	}
	for _, m := range named.FindAllStringSubmatch(string(reasons), -1) {
		got = append(got, m[1])
	}
	slices.Sort(wanted)
	slices.Sort(got)
	if !slices.Equal(wanted, got) {
		t.Errorf("docs/dependencies.md names\n%q\ngo.mod requires\n%q", got, wanted)
	}
}
