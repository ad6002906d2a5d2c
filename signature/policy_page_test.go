package signature

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/policy.md has every check in order, with its default and whether it may be set.
func TestPolicyPage(t *testing.T) {
	page, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got [][]string
	for _, row := range checkRows {
		level := map[Level]string{Fail: "fail", Warn: "warn", Ignore: "ignore"}[row.level]
		want = append(want, []string{row.name, level, map[bool]string{true: "yes", false: "no"}[row.relaxable]})
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* \\| (\\w+) \\| (\\w+) \\|$").FindAllStringSubmatch(string(page), -1) {
		got = append(got, m[1:])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, row := range legacyNames {
		if !regexp.MustCompile(`\b` + row.name + `\b`).Match(page) {
			t.Errorf("the page does not name the switch %s", row.name)
		}
	}
}
