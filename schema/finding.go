package schema

import (
	"cmp"
	"slices"
	"strings"

	"asugate/xmltree"
)

// Severity is how much a finding weighs.
type Severity string

const (
	Error   Severity = "error"   // the document is refused
	Warning Severity = "warning" // accepted; somebody should look
	Info    Severity = "info"    // how something was read
)

// Finding is one thing that a check has to say.
type Finding struct {
	Code     string   `json:"code"`   // A01 … W18, D03: the closed list
	Reason   string   `json:"reason"` // closed list, a word each
	Severity Severity `json:"severity,omitempty"`
	Path     string   `json:"path,omitempty"`
	Clause   string   `json:"clause,omitempty"` // filled from the table of reasons when empty
	Expected string   `json:"expected,omitempty"`
	Actual   string   `json:"actual,omitempty"`
}

// Refused says whether any of the findings is an error.
func Refused(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return true
		}
	}
	return false
}

// ErrorCodes are the codes of the findings that are errors, each once, in order.
func ErrorCodes(findings []Finding) []string {
	var codes []string
	for _, f := range findings {
		if f.Complete().Severity == Error && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// Complete fills severity and clause from the table of reasons where they are empty.
func (f Finding) Complete() Finding {
	row, _ := Explain(f.Code, f.Reason)
	f.Severity = cmp.Or(f.Severity, row.Severity, Error)
	f.Clause = cmp.Or(f.Clause, row.Clause)
	return f
}

// maxQuoted bounds the values inside a sentence to people, in characters; the ЭСИД has more of them
// in Expected and Actual.
const maxQuoted = 200

// ITS is the sentence of the finding for people («ИТС») in ru, uk or en. For another language, and
// for a reason outside the table, it is the bare code and reason.
func (f Finding) ITS(language string) string {
	row, _ := Explain(f.Code, f.Reason)
	sentence, ok := row.ITS[language]
	if !ok {
		return oneLine(f.Code + " " + f.Reason)
	}
	return f.fill(sentence)
}

// Remedy is what to do about the finding, in ru, uk or en; empty where ITS has no sentence either.
func (f Finding) Remedy(language string) string {
	row, _ := Explain(f.Code, f.Reason)
	return f.fill(row.Remedy[language])
}

// fill puts the values into a sentence. It reads the sentence once, so that a value holding
// {actual} is not filled in its turn.
func (f Finding) fill(sentence string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		switch name {
		case "expected":
			b.WriteString(quoted(f.Expected))
		case "actual":
			b.WriteString(quoted(f.Actual))
		}
		sentence = after
	}
}

// quoted shows a value within a sentence; none is a dash.
func quoted(value string) string {
	return cmp.Or(clip(oneLine(value), maxQuoted), "—")
}

// SyntaxFinding says of a body that is no document what an ЭСИД would, for answers that are none.
func SyntaxFinding(err *xmltree.SyntaxError) Finding {
	return Finding{Code: SyntaxCode(err), Reason: err.Reason, Severity: Error, Actual: err.Detail}
}
