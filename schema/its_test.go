package schema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A notice is complete in every language: field, what was found and expected, clause, what to do.
func TestNotice(t *testing.T) {
	for _, row := range Explanations() {
		f := Finding{Code: row.Code, Reason: row.Reason, Path: "/Placement/WorkDate", Expected: "<expected>", Actual: "<actual>"}
		for _, language := range Languages() {
			got := f.Notice(language)
			want := []string{f.Path, row.Clause, f.ITS(language), lowered(f.Remedy(language))}
			for _, value := range []string{"expected", "actual"} {
				if strings.Contains(row.ITS[language], "{"+value+"}") {
					want = append(want, "<"+value+">")
				}
			}
			for _, part := range want {
				if part == "" || !strings.Contains(got, part) {
					t.Errorf("%s %s %s does not say %q: %s", row.Code, row.Reason, language, part, got)
				}
			}
		}
	}
}

func TestNoticeOfUnknown(t *testing.T) {
	if got := (Finding{Code: "A01", Reason: "no-such-reason", Path: "/x"}).Notice("ru"); got != "A01 no-such-reason" {
		t.Errorf("got %q", got)
	}
	if got := (Finding{Code: "A02", Reason: "no-signature"}).Notice("de"); got != "A02 no-signature" {
		t.Errorf("got %q", got)
	}
	f := Finding{Code: "A02", Reason: "no-signature", Path: "/" + strings.Repeat("x", 5000)}
	if got := f.Notice("en"); len(got) > 1000 {
		t.Errorf("%d bytes", len(got))
	}
}

// shown is which of the two values of a finding a rule fills, or a sentence shows.
type shownValues struct{ expected, actual bool }

// The sentence shows what the rule fills, and nothing that no rule fills: «—» would stand there.
func TestSentencesShowWhatRulesFill(t *testing.T) {
	words := map[string]string{} // name of the constant → word
	for _, spec := range parsed(t, "reason.go").specs {
		words[spec.Names[0].Name] = unquoted(spec.Values[0])
	}
	sometimes, always := map[string]shownValues{}, map[string]shownValues{} // word → what rules fill
	made := 0
	for _, dir := range []string{"../legitimacy", "../workflow", "../gateway", "../register", "."} {
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range sources {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, f := range parsed(t, name).findings {
				word := words[f.reason]
				if word == "" {
					word = f.reason
				}
				if _, known := always[word]; !known {
					always[word] = f.shownValues
				}
				a, b := always[word], sometimes[word]
				always[word] = shownValues{a.expected && f.expected, a.actual && f.actual}
				sometimes[word] = shownValues{b.expected || f.expected, b.actual || f.actual}
				made++
			}
		}
	}
	if made < 80 {
		t.Errorf("only %d findings were looked at", made)
	}
	for _, row := range Explanations() {
		by, ours := sometimes[row.Reason]
		if !ours {
			continue // of signature, xmltree or xsd, or made where this test cannot see it
		}
		sentence := row.ITS["ru"]
		shows := shownValues{strings.Contains(sentence, "{expected}"), strings.Contains(sentence, "{actual}")}
		if shows.expected && !by.expected || shows.actual && !by.actual {
			t.Errorf("%s %s: rules fill %+v, the sentence shows %+v: %s", row.Code, row.Reason, by, shows, sentence)
		}
		if row.Reason == ReasonNoWaybill {
			continue // the table of transitions names it too, by a word that this test does not follow
		}
		if by = always[row.Reason]; by.expected && !shows.expected || by.actual && !shows.actual {
			t.Errorf("%s %s: each rule fills %+v, the sentence shows %+v: %s", row.Code, row.Reason, by, shows, sentence)
		}
	}
}

// source is what a file holds for these tests.
type source struct {
	specs    []*ast.ValueSpec
	findings []madeFinding
}

// madeFinding is a finding that a rule makes: the name or word of its reason, and what it fills.
type madeFinding struct {
	reason string
	shownValues
}

func parsed(t *testing.T, name string) source {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var s source
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Values) == 1 && strings.HasPrefix(n.Names[0].Name, "Reason") {
				s.specs = append(s.specs, n)
			}
		case *ast.CallExpr:
			name, ok := n.Fun.(*ast.Ident)
			if method, is := n.Fun.(*ast.SelectorExpr); is {
				name, ok = method.Sel, true
			}
			if ok && len(n.Args) == 5 && (name.Name == "finding" || name.Name == "one" || name.Name == "add") {
				s.add(n.Args[1], n.Args[3], n.Args[4])
			}
		case *ast.CompositeLit:
			if s.literal(n); elementsAreFindings(n) {
				for _, element := range n.Elts {
					if literal, ok := element.(*ast.CompositeLit); ok {
						s.taken(literal)
					}
				}
			}
		}
		return true
	})
	return s
}

// literal takes Finding{Reason: …}; in a list of findings the name of the type is left out.
func (s *source) literal(n *ast.CompositeLit) {
	if typeName(n.Type) == "Finding" {
		s.taken(n)
	}
}

func elementsAreFindings(n *ast.CompositeLit) bool {
	list, ok := n.Type.(*ast.ArrayType)
	return ok && typeName(list.Elt) == "Finding"
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func (s *source) taken(n *ast.CompositeLit) {
	var reason, expected, actual ast.Expr
	for _, element := range n.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		switch key, _ := pair.Key.(*ast.Ident); {
		case key == nil:
			return
		case key.Name == "Reason":
			reason = pair.Value
		case key.Name == "Expected":
			expected = pair.Value
		case key.Name == "Actual":
			actual = pair.Value
		}
	}
	if reason != nil {
		s.add(reason, expected, actual)
	}
}

func (s *source) add(reason, expected, actual ast.Expr) {
	name := ""
	switch r := reason.(type) {
	case *ast.Ident:
		name = r.Name
	case *ast.SelectorExpr:
		name = r.Sel.Name
	case *ast.BasicLit:
		name = unquoted(r)
	}
	s.findings = append(s.findings, madeFinding{name, shownValues{fills(expected), fills(actual)}})
}

// fills says whether an argument can be more than the empty text.
func fills(e ast.Expr) bool {
	literal, ok := e.(*ast.BasicLit)
	return e != nil && !(ok && literal.Value == `""`)
}

func unquoted(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	word, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return word
}
