package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every command and flag that a page or a packaging file names exists.
func TestCommandsInPages(t *testing.T) {
	app := model(t)
	pages := 0
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := e.Name(); {
		case e.IsDir() && (name == ".git" || name == "testdata" || name == "bin"):
			return filepath.SkipDir
		case e.IsDir():
			return nil
		case filepath.Ext(name) == ".go":
			return nil
		case filepath.Ext(name) == ".md", strings.Contains(filepath.ToSlash(path), "/deploy/"),
			name == "Dockerfile", name == "compose.yaml", name == "gatewayd.yaml":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pages++
		for _, words := range commandLines(code(path, string(text))) {
			if problem := wrong(app, words); problem != "" {
				t.Errorf("%s: gatewayd %s: %s", path, strings.Join(words, " "), problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 10 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

// spans are what is code in Markdown: blocks between fences, and words between backquotes.
var spans = regexp.MustCompile("(?ms)^```.*?^```|`[^`\\n]+`")

// comments are what is no code elsewhere.
var comments = regexp.MustCompile(`(?m)#.*$`)

// code is the part of a page in which words are commands.
func code(path, text string) string {
	if filepath.Ext(path) == ".md" {
		return strings.Join(spans.FindAllString(text, -1), "\n")
	}
	return comments.ReplaceAllString(text, "")
}

// commandLine is gatewayd as a command, with what follows in the same command.
var commandLine = regexp.MustCompile("(?m)(?:^|[\\s`(|;&$])gatewayd((?: [^\\s`|;&)<>]+)+)")

func commandLines(code string) [][]string {
	var lines [][]string
	for _, m := range commandLine.FindAllStringSubmatch(code, -1) {
		lines = append(lines, strings.Fields(m[1]))
	}
	return lines
}

// wrong says what a command line names that there is not.
func wrong(app *kong.Application, words []string) string {
	node := app.Node
	for _, word := range words {
		word = strings.Trim(word, `"',:.…`)
		if name, ok := strings.CutPrefix(word, "--"); ok {
			name, _, _ = strings.Cut(name, "=")
			if !hasFlag(node, name) {
				return "there is no flag --" + name
			}
			continue
		}
		switch {
		case node == app.Node && strings.HasPrefix(word, "-"):
			return "" // another program speaks of the user of this name
		case len(node.Children) == 0 || word == "gatewayd" && node == app.Node:
			continue // an operand; the user or the service of this name
		}
		next := child(node, word)
		if next == nil {
			return "there is no command " + word
		}
		node = next
	}
	return ""
}

func child(n *kong.Node, name string) *kong.Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func hasFlag(n *kong.Node, name string) bool {
	for _, f := range visibleFlags(n) {
		if f.Name == name {
			return true
		}
	}
	return false
}

// A page with a mistake is found, so that the test above can fail.
func TestCommandsInPagesFails(t *testing.T) {
	app := model(t)
	for text, want := range map[string]string{
		"`gatewayd queue list`":                               "",
		"```sh\nTOKEN=$(gatewayd participants secret S)\n```": "",
		"`sudo -u gatewayd gatewayd check`":                   "",
		"`install -o gatewayd -g gatewayd file`":              "",
		"gatewayd stands at the edge, `gatewayd run`":         "",
		"```\ngatewayd sign --key a --cert b c > d\n```":      "",
		"`gatewayd queue burn`":                               "there is no command burn",
		"```sh\ngatewayd serve\n```":                          "there is no command serve",
		"`docker compose run --rm gatewayd staff imprt`":      "there is no command imprt",
		"`gatewayd queue drop --reason x ID`":                 "there is no flag --reason",
	} {
		got := "nothing was read"
		for _, words := range commandLines(code("page.md", text)) {
			got = wrong(app, words)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	k, err := kong.New(&cli{}, kong.Name("gatewayd"), kong.Vars{"config": "/etc/gatewayd/gatewayd.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return k.Model
}
