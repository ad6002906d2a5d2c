package tidy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link is a link of Markdown to a file of ours, outside code.
var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?ms)^```.*?^```")
	title  = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Links between pages lead somewhere.
func TestLinks(t *testing.T) {
	links := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || e.Name() == "testdata" || e.Name() == "bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if !leads(path, m[1]) {
				t.Errorf("%s: the link to %s leads nowhere", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links == 0 {
		t.Error("no links were found")
	}
}

// leads says whether a link from a page is to a file that exists and, in it, to a title.
func leads(page, target string) bool {
	file, anchor, _ := strings.Cut(target, "#")
	path := page
	if file != "" {
		path = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
	}
	if anchor == "" {
		_, err := os.Stat(path)
		return err == nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	for _, m := range title.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
		if anchor == slug(m[1]) {
			return true
		}
	}
	return false
}

// slug is the anchor that code hosts give to a title.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r == ' ':
			b.WriteRune('-')
		case r == '-' || r == '_' || r > 127 || strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
