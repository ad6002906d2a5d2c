package register

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Problem is one thing that is wrong with an imported file.
type Problem struct {
	Line, Column int    // 1-based; 0: of the file, or of the line, as a whole
	Path         string // participants[0].code
	Text         string
	Cause        error // ErrPassportData, or nil
}

func (p Problem) Error() string {
	var b strings.Builder
	switch {
	case p.Column > 0:
		fmt.Fprintf(&b, "line %d, column %d: ", p.Line, p.Column)
	case p.Line > 0:
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	return b.String() + p.Text
}

// FileError is why an imported file is refused: everything that is wrong with it.
type FileError struct{ Problems []Problem }

// Is says whether any of the problems comes of the target.
func (e *FileError) Is(target error) bool {
	return slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Cause != nil && p.Cause == target })
}

// shownProblems bounds a message: after so many, the operator mends these first.
const shownProblems = 20

func (e *FileError) Error() string {
	lines := make([]string, 0, shownProblems)
	for i, p := range e.Problems {
		if i == shownProblems {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Problems)-i))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// text is a scalar exactly as it is written. YAML would make numbers of 007 and 0x1f on the way to
// a string; codes, tax numbers and dates are no numbers.
type text string

func (t *text) UnmarshalYAML(n ast.Node) error {
	switch n := n.(type) {
	case *ast.StringNode:
		*t = text(n.Value)
	case *ast.LiteralNode:
		*t = text(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		*t = text(n.GetToken().Value)
	default:
		return problemAt(n, "text is expected here, in quotes where YAML would read something else")
	}
	return nil
}

// whole is a number without sign and fraction. YAML would cut 1.5 to 1 and read 010 as 8.
type whole int

func (w *whole) UnmarshalYAML(n ast.Node) error {
	written := n.GetToken().Value
	value := 0
	for _, digit := range written {
		if digit < '0' || digit > '9' || len(written) > 9 {
			return problemAt(n, "a whole number is expected here")
		}
		value = value*10 + int(digit-'0')
	}
	if len(written) > 1 && written[0] == '0' {
		return problemAt(n, "a whole number is written without leading zeros")
	}
	*w = whole(value)
	return nil
}

func problemAt(n ast.Node, text string) Problem { return problemAtToken(n.GetToken(), text) }

func problemAtToken(t *token.Token, text string) Problem {
	p := Problem{Text: text}
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	return p
}

// yamlDocument is a parsed file that knows where its values stand.
type yamlDocument struct{ file *ast.File }

// readYAML parses one document into v, strictly: an unknown or repeated key is a problem, and so is
// everything of YAML that lets a file say other than it seems to: aliases, merges, tags, keys
// without a value, a second document.
func readYAML(file []byte, v any) (doc yamlDocument, err error) {
	// The file comes from an operator while the daemon is serving others: a panic in the library
	// is a file that cannot be read, no more.
	defer func() {
		if caught := recover(); caught != nil {
			err = &FileError{[]Problem{{Text: fmt.Sprintf("the file is no YAML: %v", caught)}}}
		}
	}()
	if nested(file) {
		return yamlDocument{}, &FileError{[]Problem{{Text: "brackets are nested too deeply"}}}
	}
	parsed, err := parser.ParseBytes(file, 0)
	if err != nil {
		return yamlDocument{}, fileError(err)
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return yamlDocument{}, &FileError{[]Problem{{Text: "one YAML document is expected"}}}
	}
	body := parsed.Docs[0].Body
	strict := strictness{}
	ast.Walk(&strict, body)
	if len(strict.problems) > 0 {
		return yamlDocument{}, &FileError{strict.problems}
	}
	if err := yaml.NodeToValue(body, v, yaml.Strict()); err != nil {
		return yamlDocument{}, fileError(err)
	}
	return yamlDocument{parsed}, nil
}

// nested says whether brackets are open to a depth that no register has: the library takes time by
// the square of it.
func nested(file []byte) bool {
	depth := 0
	for _, c := range file {
		switch c {
		case '[', '{':
			if depth++; depth > 100 {
				return true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return false
}

// fileError keeps the place and the words of an error of the YAML library, without its excerpt of
// the file: that may hold anything.
func fileError(err error) error {
	if p := (Problem{}); errors.As(err, &p) {
		return &FileError{[]Problem{p}}
	}
	if e := yaml.Error(nil); errors.As(err, &e) {
		return &FileError{[]Problem{problemAtToken(e.GetToken(), bounded(e.GetMessage()))}}
	}
	return &FileError{[]Problem{{Text: bounded(err.Error())}}}
}

// strictness finds what YAML allows and we do not.
type strictness struct{ problems []Problem }

func (s *strictness) Visit(n ast.Node) ast.Visitor {
	refuse := func(text string) { s.problems = append(s.problems, problemAt(n, text)) }
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		refuse("anchors and aliases are not allowed")
	case *ast.MergeKeyNode:
		refuse("merge keys are not allowed")
	case *ast.TagNode:
		refuse("tags are not allowed")
	case *ast.DirectiveNode:
		refuse("directives are not allowed")
	case *ast.NullNode:
		refuse("there is no value; leave the key out")
	}
	return s
}

// place finds where the value at a path stands, or the nearest thing above it that is there.
func (d yamlDocument) place(path string) (line, column int) {
	for path != "" && d.file != nil {
		if p, err := yaml.PathString("$." + path); err == nil {
			if n, err := p.FilterFile(d.file); err == nil && n != nil {
				at := problemAt(n, "")
				return at.Line, at.Column
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0, 0
}

// bounded shortens text of unknown origin for messages.
func bounded(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
