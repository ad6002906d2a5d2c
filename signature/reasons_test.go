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
		if !slices.Contains([]string{"A02", "A03", "A04", "A05", "A06", "A10", "A12"}, code) {
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
