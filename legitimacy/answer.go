package legitimacy

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"asugate/schema"
	"asugate/workflow"
)

// form is the kind of document that the agreement and the registrations of signatories name. Of an
// answer it is what is answered: who may sign memos may approve and reject them. It is empty where
// what is answered is not known, which the workflow says.
func (c *Case) form() schema.Kind {
	if c.Document.Answer() != nil {
		return c.Primary.Form
	}
	return c.Document.Kind()
}

// owner is the addressee that a memo or an act names.
func (c *Case) owner() schema.Party {
	if m := c.Document.Memo(); m != nil {
		return m.Owner
	}
	return c.Document.Act().Owner
}

// addressee: somebody is to sign it. While nobody is, the document waits and no term runs (readings
// 16), so that this is no fault of the document.
func addressee(c *Case) []schema.Finding {
	if c.Addressee != nil {
		return nil
	}
	reason := cmp.Or(c.Unaddressed, schema.ReasonAddresseeUnknown)
	return one("W17", reason, c.root("/Owner"), "", c.owner().Key())
}

// agreedWithAddressee: documents are made out electronically with those who have an agreement on it
// (Правила приема грузов, п. 95). Without it his silence could be no consent.
func agreedWithAddressee(c *Case) []schema.Finding {
	if c.Addressee == nil {
		return nil // said already
	}
	return c.agreed(c.Addressee.Agreement, c.Document.Kind())
}

// addressed: the answer is that of the organisation to which the document went. Of another's
// documents it learns nothing, not even that they exist.
func addressed(c *Case) []schema.Finding {
	if c.Organisation == nil || c.Primary.Form == "" || c.Organisation.Key() == c.Primary.Organisation {
		return nil
	}
	return one("W17", schema.ReasonDocumentUnknown, c.root("/Document"), "", c.Document.Answer().Document.DocumentID)
}

// rejection: an act is rejected for reasons of Приложение № 2 (1166/р 3.14), a memo for any (2.15),
// and both for what they say of their wagons.
func rejection(c *Case) []schema.Finding {
	answer := c.Document.Answer()
	if c.Primary.Form == "" {
		return nil // said by the workflow
	}
	var found []schema.Finding
	given := false
	for i, d := range answer.Disagreements {
		path := indexed("/Rejection/Disagreement", i, len(answer.Disagreements))
		wordless := !strings.ContainsFunc(d.Text, unicode.IsLetter)
		given = given || !wordless || c.Primary.Form == schema.KindMemo && d.Graph != ""
		if d.Wagon != "" && !slices.Contains(c.Primary.Wagons, d.Wagon) {
			found = append(found, finding("W15", schema.ReasonGraphUnknown, path+"/@wagon", few(c.Primary.Wagons), d.Wagon))
		}
		if _, listed := schema.ListedReason(d.Text); c.Primary.Form == schema.KindAct && !wordless && !listed {
			found = append(found, finding("W15", schema.ReasonReasonNotListed, path, listedReasons(), d.Text))
		}
	}
	if !given {
		found = append(found, finding("W15", schema.ReasonReasonMissing, c.root(""), "", ""))
	}
	return found
}

// mostShown is how many wagons a finding names; a memo has up to a thousand.
const mostShown = 20

// few names the first of them for people.
func few(wagons []string) string {
	if len(wagons) > mostShown {
		return strings.Join(wagons[:mostShown], ", ") + ", …"
	}
	return strings.Join(wagons, ", ")
}

// listedReasons are the reasons of Приложение № 2 in a line.
func listedReasons() string {
	var b strings.Builder
	heading := ""
	for _, r := range schema.RejectionReasons() {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if r.Heading != heading {
			heading = r.Heading
			b.WriteString(heading + ": ")
		}
		b.WriteString(r.Text)
	}
	return b.String()
}

// stateReported: a report is of what has happened, and its number of the state says the same as the
// word.
func stateReported(c *Case) []schema.Finding {
	s := c.Document.StateReport()
	t := &timeChecker{c: c}
	t.past("/StateReport/At", s.At)
	if state, known := workflow.StateOf(s.StateID); known && string(state) != s.State {
		f := finding("D03", schema.ReasonDeclaredDiffers, "/StateReport/State/@id", s.State, cmp.Or(string(state), "drafted"))
		f.Severity = schema.Warning // the numbers are known from documents, not from a regulation
		t.found = append(t.found, f)
	}
	return t.found
}
