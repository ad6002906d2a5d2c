package signature

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// declaredReasons are the composite literals reason{"Axx", …} of reasons.go.
func declaredReasons(t *testing.T) (words []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if name, ok := literal.Type.(*ast.Ident); ok && name.Name == "reason" && len(literal.Elts) == 2 {
			words = append(words, literal.Elts[1].(*ast.BasicLit).Value)
		}
		return true
	})
	return words
}

// Every reason has been put into the closed list, once, under a code of the contract.
func TestClosedList(t *testing.T) {
	seen := make(map[string]bool)
	for code, words := range Reasons() {
		if !slices.Contains([]string{"A02", "A03", "A04", "A05", "A06", "A07", "A10", "A12", "D01", "D03"}, code) {
			t.Errorf("code %s", code)
		}
		for _, word := range words {
			if seen[word] {
				t.Errorf("reason %s stands twice", word)
			}
			seen[word] = true
		}
	}
	if declared := declaredReasons(t); len(declared) != len(seen) {
		t.Errorf("%d reasons are declared, %d listed", len(declared), len(seen))
	}
}

// Every reason of the closed list answers a check and has a sub-indication, once; what is undecided
// is so in the words of the standard, too.
func TestVerdictsAreTotal(t *testing.T) {
	seen := map[reason]int{}
	for _, v := range verdicts {
		seen[v.why]++
		if v.sub == noSubIndication || v.check >= checkCount {
			t.Errorf("%s %s: check %d, %q", v.why.code, v.why.word, v.check, v.sub)
		}
		if v.undecided && v.sub != TryLater {
			t.Errorf("%s %s is undecided, and %s", v.why.code, v.why.word, v.sub)
		}
	}
	for _, why := range closedList {
		if seen[why] != 1 {
			t.Errorf("%s %s has %d rows in verdicts (check_indication.go)", why.code, why.word, seen[why])
		}
	}
}
