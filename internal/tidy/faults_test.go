package tidy

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// faultRows is how many kinds of bad input and of failure docs/faults.md goes through.
const faultRows = 112

// Each row stands on the page once and in order: with tests that exist, or with the reason why there is
// none; and the page counts them rightly.
func TestFaultsAreShown(t *testing.T) {
	declared := declaredNames(t)
	text := page(t, "faults.md")
	next, shown, told := 1, 0, 0
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		row, err := strconv.Atoi(cells[0])
		if err != nil {
			continue
		}
		if row != next || len(cells) != 4 {
			t.Fatalf("%d cells in row %d, after row %d: %s", len(cells), row, next-1, line)
		}
		next++
		reason, none := strings.CutPrefix(cells[3], "no test: ")
		switch {
		case none && reason != "":
			told++
		case !none && quoted.MatchString(cells[3]):
			shown++
			declared.checkShown(t, cells[0], cells[3])
		default:
			t.Errorf("row %d has neither a test nor a reason: %q", row, cells[3])
		}
	}
	if next-1 != faultRows {
		t.Errorf("%d rows, want %d", next-1, faultRows)
	}
	count := fmt.Sprintf("Of %d rows %d have a test and %d have the reason why not.", faultRows, shown, told)
	if !strings.Contains(text, count) {
		t.Errorf("the page does not say: %s", count)
	}
}
