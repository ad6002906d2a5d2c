package legitimacy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"asugate/schema"
)

// Every finding that a rule can make has its row in the table of reasons: without one, a client
// would be refused with two bare words.
func TestEveryFindingIsExplained(t *testing.T) {
	files := token.NewFileSet()
	reasons := map[string]string{} // name of the constant → word
	source, err := parser.ParseFile(files, "../schema/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(source, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			reasons[spec.Names[0].Name] = word
		}
		return true
	})
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	look := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 5 {
			return true
		}
		name, ok := call.Fun.(*ast.Ident)
		if !ok || name.Name != "finding" && name.Name != "one" {
			return true
		}
		literal, isLiteral := call.Args[0].(*ast.BasicLit)
		reason, isConstant := call.Args[1].(*ast.SelectorExpr)
		if !isLiteral || !isConstant {
			return true // chosen among constants; the tests of that rule see it
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		made++
		if _, known := schema.Explain(code, reasons[reason.Sel.Name]); !known {
			t.Errorf("%s: %s %s has no explanation", files.Position(call.Pos()), code, reason.Sel.Name)
		}
		return true
	}
	for _, name := range sources {
		parsed, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, look)
	}
	if made < 40 {
		t.Errorf("only %d findings were looked at", made)
	}
}
