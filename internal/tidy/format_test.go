package tidy

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Every table of the store is described in store/FORMAT.md, and none that is not there.
func TestTablesAreDescribed(t *testing.T) {
	named := regexp.MustCompile(`store\.Table\s*=\s*"([^"]+)"|\bTable = "([^"]+)"`)
	var inCode []string
	for _, f := range files(t) {
		if f.test() || f.room() == "store/storetest" {
			continue
		}
		for _, m := range named.FindAllSubmatch(f.text, -1) {
			inCode = append(inCode, string(m[1])+string(m[2]))
		}
	}
	page, err := os.ReadFile(filepath.Join(root, "store", "FORMAT.md"))
	if err != nil {
		t.Fatal(err)
	}
	var onPage []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z.-]+)` \\|").FindAllSubmatch(page, -1) {
		onPage = append(onPage, string(m[1]))
	}
	slices.Sort(inCode)
	slices.Sort(onPage)
	if !slices.Equal(inCode, onPage) {
		t.Errorf("in code:\n%q\nin store/FORMAT.md:\n%q", inCode, onPage)
	}
}
