package legitimacy

import (
	"strings"
	"testing"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/workflow"
)

const memoForm, actForm = schema.KindMemo, schema.KindAct

func approval(form schema.Kind) func() *scene {
	return func() *scene { return answerTo(form, schema.KindApproval) }
}

func rejected(form schema.Kind, disagreements ...schema.Disagreement) func() *scene {
	return func() *scene { return answerTo(form, schema.KindRejection, disagreements...) }
}

// Who may answer: the organisation to which the document went, by a person registered for its form.
func TestWhoAnswers(t *testing.T) {
	for _, c := range []primaryCase{
		{"an act", approval(actForm), unchanged, nil},
		{"the organisation of another document", approval(memoForm), func(s *scene) { s.Case.Primary.Organisation = "7707083893" },
			[]string{"W17 document-unknown /Approval/Document"}},
		{"an agreement without memos", approval(memoForm), func(s *scene) { s.Case.Organisation.Agreement.Covers = []schema.Kind{actForm} },
			[]string{"W17 kind-not-agreed /Approval"}},
		{"an agreement that is over", approval(memoForm), func(s *scene) { s.Case.Organisation.Agreement.To = day("2026-11-21") },
			[]string{"W17 kind-not-agreed /Approval"}},
		// Whoever is registered for one form may not answer the other, nor does «Approval» name a
		// form.
		{"a signatory of acts", approval(memoForm), func(s *scene) { s.Case.Organisation.Signatories[0].Kinds = []schema.Kind{actForm} },
			[]string{"A11 signer-not-registered /Approval/Signatory"}},
		{"a signatory of approvals", approval(memoForm), func(s *scene) {
			s.Case.Organisation.Signatories[0].Kinds = []schema.Kind{schema.KindApproval}
		}, []string{"A11 signer-not-registered /Approval/Signatory"}},
		{"a signatory of former years", approval(memoForm), func(s *scene) { s.Case.Organisation.Signatories[0].To = day("2026-11-21") },
			[]string{"A11 signer-not-in-force /Approval/Signatory"}},
		{"another than is named", rejected(actForm, schema.Disagreement{Text: "причина составления акта"}), func(s *scene) {
			s.Primary.Answer.Signatory = petrova
		}, []string{"D03 declared-differs /Rejection/Signatory"}},
		{"СНИЛС with a slip", approval(memoForm), func(s *scene) { s.Primary.Answer.Signatory.SNILS = "10000000111" },
			[]string{"D03 declared-differs /Approval/Signatory", "D01 snils-check-digit /Approval/Signatory/@snils"}},
		{"the certificate of another organisation", approval(memoForm), func(s *scene) { s.Case.Report.Signer.INNLE = "7707083893" },
			[]string{"A08 organisation-differs /Approval/Header/Organisation"}},
		{"another receiver", approval(memoForm), func(s *scene) { s.Header.Receiver = "UZ" },
			[]string{"W17 receiver-unknown /Approval/Header/Receiver"}},
		{"made tomorrow", approval(memoForm), func(s *scene) { s.Header.CreatedAt = received.AddDate(0, 0, 1) },
			[]string{"D03 created-in-future /Approval/Header/CreatedAt"}},
		// What the document is, the workflow says; what it would have to be, nobody can.
		{"a document that is not known", rejected(actForm, schema.Disagreement{Text: "Просто так"}), func(s *scene) {
			s.Case.Primary = workflow.Primary{}
		}, nil},
	} {
		c.run(t)
	}
}

// An act is rejected for reasons of the list (1166/р 3.14), a memo for any (2.15).
func TestReasonsOfRejection(t *testing.T) {
	const first, second = "/Rejection/Disagreement[1]", "/Rejection/Disagreement[2]"
	cases := []primaryCase{
		{"several reasons of the list", rejected(actForm, schema.Disagreement{Text: "дата уведомления об уборке"},
			schema.Disagreement{Text: "время уведомления об уборке"}), unchanged, nil},
		{"with its heading", rejected(actForm, schema.Disagreement{
			Text: "Неверные дата и/или время: — начала ответственного простоя"}), unchanged, nil},
		{"under another heading", rejected(actForm, schema.Disagreement{
			Text: "Неверные дата и/или время: причина составления акта"}), unchanged, []string{"W15 reason-not-listed /Rejection/Disagreement"}},
		{"one of two is not of the list", rejected(actForm, schema.Disagreement{Text: "дата уведомления об уборке"},
			schema.Disagreement{Text: "не согласны"}), unchanged, []string{"W15 reason-not-listed " + second}},
		{"a heading alone", rejected(actForm, schema.Disagreement{Text: "Неверные дата и/или время"}), unchanged,
			[]string{"W15 reason-not-listed /Rejection/Disagreement"}},
		{"no words", rejected(actForm, schema.Disagreement{Text: "—"}), unchanged, []string{"W15 reason-missing /Rejection"}},
		{"a wagon of the act", rejected(actForm, schema.Disagreement{Wagon: second62, Text: "причина составления акта"}), unchanged, nil},
		{"a wagon that is not of the act", rejected(actForm, schema.Disagreement{Wagon: "61249611", Text: "причина составления акта"}), unchanged,
			[]string{"W15 graph-unknown /Rejection/Disagreement/@wagon"}},

		{"a memo in free words", rejected(memoForm, schema.Disagreement{Text: "Вагон подан в 9:00"}), unchanged, nil},
		{"each graph", rejected(memoForm, schema.Disagreement{Graph: "1", Text: "x"}, schema.Disagreement{Graph: "12", Wagon: first63, Text: "y"}), unchanged, nil},
		{"a graph without a word", rejected(memoForm, schema.Disagreement{Graph: "8", Text: "—"}), unchanged, nil},
		{"neither graph nor word", rejected(memoForm, schema.Disagreement{Text: "—"}), unchanged, []string{"W15 reason-missing /Rejection"}},
		{"a wagon of another memo", rejected(memoForm, schema.Disagreement{Graph: "6", Wagon: "61249611", Text: "x"},
			schema.Disagreement{Graph: "6", Wagon: first63, Text: "x"}), unchanged, []string{"W15 graph-unknown " + first + "/@wagon"}},
	}
	for _, r := range schema.RejectionReasons() {
		cases = append(cases, primaryCase{r.Heading + " " + r.Text, rejected(actForm, schema.Disagreement{Text: r.Text}), unchanged, nil})
	}
	for _, c := range cases {
		c.run(t)
	}
}

// A refused reason names all that are allowed, and the ЭСИД has room for them.
func TestReasonsAreNamed(t *testing.T) {
	s := answerTo(actForm, schema.KindRejection, schema.Disagreement{Text: "не согласны"})
	found := Authority(s.build(t))
	if len(found) != 1 || found[0].Actual != "не согласны" || len([]rune(found[0].Expected)) > 1000 {
		t.Fatalf("got %v", found)
	}
	for _, r := range schema.RejectionReasons() {
		if !strings.Contains(found[0].Expected, r.Text) || !strings.Contains(found[0].Expected, r.Heading+": ") {
			t.Errorf("%q is not named in %q", r.Text, found[0].Expected)
		}
	}
	many := make([]string, 1000)
	if got := few(many); strings.Count(got, ",") != mostShown {
		t.Errorf("%d wagons are named", strings.Count(got, ","))
	}
}

func TestStateReported(t *testing.T) {
	reported := func(state string, change func(*schema.StateReport)) func() *scene {
		return func() *scene {
			s := report(state)
			change(&s.Primary.Report)
			return s
		}
	}
	as := func(id int) func(*schema.StateReport) { return func(r *schema.StateReport) { r.StateID = id } }
	for _, c := range []primaryCase{
		{"number and word", reported(schema.ReportAgreed, as(696)), unchanged, nil},
		{"number of another state", reported(schema.ReportAgreed, as(469)), unchanged,
			[]string{"warning D03 declared-differs /StateReport/State/@id"}},
		{"a number that is not known", reported(schema.ReportSpoiled, as(700)), unchanged, nil},
		{"still to come", reported(schema.ReportSpoiled, func(r *schema.StateReport) { r.At = received.Add(time.Hour) }), unchanged,
			[]string{"D03 time-in-future /StateReport/At"}},
	} {
		c.run(t)
	}
}

// Answers under the clause of memos and acts, not of consignment notes.
func TestClausesOfAnswers(t *testing.T) {
	s := answerTo(memoForm, schema.KindApproval)
	s.Case.Organisation.Signatories = []register.Signatory{}
	found := Authority(s.build(t))
	if len(found) != 1 || found[0].Clause != "1166/р п. 2.10, 3.11" {
		t.Errorf("got %+v", found)
	}
}
