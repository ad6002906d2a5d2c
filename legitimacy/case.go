package legitimacy

import (
	"slices"
	"strings"
	"time"

	"asugate/register"
	"asugate/register/codes"
	"asugate/schema"
	"asugate/signature"
	"asugate/workflow"
)

// Case is everything that the rules look at.
type Case struct {
	Document     schema.Document
	Report       signature.Report
	Moment       time.Time // proven signing time, else receipt
	Received     time.Time
	Zone         *time.Location
	Environment  string                // of this gateway: test | production
	Participant  *register.Participant // nil: the document came from the railway
	Railway      *register.Railway
	Organisation *register.Organisation // nil: Sender may not act for it
	Staff        *register.Staff        // nil: none
	Norms        *register.Norms        // МТУ and НТУ; nil: none
	Consignment  workflow.Consignment
	Codes        *codes.Tables // nil: as they are shipped

	// Of memos, acts and the answers to them.
	Primary     workflow.Primary                 // the memo or act as it stands before this document
	Addressee   *register.Organisation           // to whom a memo or act goes; nil: nobody, or nobody yet
	Unaddressed string                           // why Addressee is nil: schema.ReasonAddresseeUnknown | ReasonAddresseeAmbiguous
	Wagons      map[string][]workflow.WagonEvent // what is known of the wagons named, oldest first
	NumberOf    string                           // DocumentID of another one with the same number in its scope; empty: none

	// WorkDate stands for the day of the work that the document names, where the question is what a
	// document like it would meet on another day; zero as a rule.
	WorkDate schema.Date
}

// codes are the code tables in force.
func (c *Case) codes() *codes.Tables {
	if c.Codes == nil {
		return codes.Shipped()
	}
	return c.Codes
}

// Rule is one named rule.
type Rule struct {
	Name   string
	Stage  schema.Stage
	Kinds  []schema.Kind // empty: all that clients send
	Clause string
	Check  func(*Case) []schema.Finding
}

// Authority runs the rules of the stage authenticity: the sender, the organisation, the registered
// signatory; for a document of the railway, that it is the railway's.
func Authority(c *Case) []schema.Finding { return run(c, schema.Authenticity) }

// Check runs the rules of the stage legitimacy. It must not be asked about a document whose
// authenticity failed.
func Check(c *Case) []schema.Finding { return run(c, schema.Legitimacy) }

func run(c *Case, stage schema.Stage) []schema.Finding {
	if !c.Document.Valid() {
		return []schema.Finding{finding("A01", schema.ReasonUnknownKind, "", "", "")}
	}
	var found []schema.Finding
	for _, r := range rules {
		if r.Stage == stage && r.covers(c.Document.Kind()) {
			found = append(found, c.placed(r, first(r.Check(c)))...)
		}
	}
	return found
}

// placed are the findings with the clause that the rule follows, and with the places that the
// document has. The table of reasons names the clause of technology 288 where that shares a reason
// with the other regulations.
func (c *Case) placed(r Rule, found []schema.Finding) []schema.Finding {
	shared := !strings.HasPrefix(r.Clause, technology288)
	m := c.Document.Memo()
	for i := range found {
		if shared && strings.HasPrefix(found[i].Clause, technology288) {
			found[i].Clause = r.Clause
		}
		if m != nil && m.Platform != "" {
			found[i].Path = platformPath(found[i].Path)
		}
	}
	return found
}

// technology288 is how the clauses of technology 288 begin.
const technology288 = "288 "

// mostFindings is how much one rule says of a document: a hundred thousand seals may all be wrong.
const mostFindings = 100

// first are the findings that are told: errors before the others, for they decide.
func first(found []schema.Finding) []schema.Finding {
	if len(found) <= mostFindings {
		return found
	}
	slices.SortStableFunc(found, func(a, b schema.Finding) int {
		switch aside := a.Severity != schema.Error; {
		case aside == (b.Severity != schema.Error):
			return 0
		case aside:
			return 1
		}
		return -1
	})
	return found[:mostFindings]
}

func (r Rule) covers(k schema.Kind) bool {
	if len(r.Kinds) == 0 {
		return slices.Contains(clientKinds, k)
	}
	return slices.Contains(r.Kinds, k)
}

// root is the path of the document's root, with a path below it.
func (c *Case) root(below string) string { return "/" + string(c.Document.Kind()) + below }

// day is the calendar day of a time in the railway's zone.
func (c *Case) day(t time.Time) schema.Date { return schema.DateOf(t, c.Zone) }

// finding is a finding of the severity and clause that the table of reasons gives it.
func finding(code, reason, path, expected, actual string) schema.Finding {
	return schema.Finding{
		Code: code, Reason: reason, Path: path, Expected: expected, Actual: actual,
	}.Complete()
}

func one(code, reason, path, expected, actual string) []schema.Finding {
	return []schema.Finding{finding(code, reason, path, expected, actual)}
}

// term is a period for people: 2026-01-01–2026-12-31.
func term(from, to schema.Date) string { return from.String() + "–" + to.String() }

// kindList names kinds for people.
func kindList(kinds []schema.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
