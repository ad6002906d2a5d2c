package legitimacy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	papers "asugate/internal/scene"
	"asugate/register"
	"asugate/schema"
	"asugate/workflow"
)

// primaryDocument is a memo, an act, an answer or what the railway says of one, before it is
// signed.
type primaryDocument struct {
	Kind      schema.Kind
	Memo      schema.Memo
	Act       schema.Act
	Answer    schema.Answer
	Report    schema.StateReport
	Movements schema.Movements
}

func (p *primaryDocument) xml() string {
	switch p.Kind {
	case schema.KindMemo:
		return papers.MemoData(p.Memo)
	case schema.KindAct:
		return papers.ActData(p.Act)
	case schema.KindStateReport:
		id := ""
		if p.Report.StateID != 0 {
			id = fmt.Sprintf(` id="%d"`, p.Report.StateID)
		}
		return fmt.Sprintf(`<Document DocumentID="%s"/><State%s>%s</State><At>%s</At>`,
			p.Report.Document.DocumentID, id, p.Report.State, p.Report.At.Format(time.RFC3339))
	case schema.KindMovements:
		var b strings.Builder
		fmt.Fprintf(&b, `<Station station="%s"/>`, p.Movements.Station.Code)
		for _, row := range p.Movements.Rows {
			fmt.Fprintf(&b, `<Movement wagon="%s" operation="%s">%s</Movement>`, row.Wagon, row.Operation, row.At.Format(time.RFC3339))
		}
		return b.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<Document DocumentID="%s" Version="%d" SHA256="%s"/>`, p.Answer.Document.DocumentID, 1, content)
	for _, d := range p.Answer.Disagreements {
		fmt.Fprintf(&b, `<Disagreement%s>%s</Disagreement>`, attributes("graph", d.Graph, "wagon", d.Wagon), escaped(d.Text))
	}
	return b.String() + personXML("Signatory", p.Answer.Signatory)
}

// Wagons of these tests, with valid check digits; the last is one of a third country.
const (
	first63  = "63498000"
	second62 = "62310784"
	chinese  = "213312345670"
	primary  = "0193f1c2-7a4b-7c3d-8e5f-00000000abcd"
	station  = "985609"
)

// at is a time of the day before the documents come in, and of that day itself with a «+».
func at(clock string) time.Time {
	days := -1
	if strings.HasPrefix(clock, "+") {
		days = 0
	}
	t, err := time.ParseInLocation("15:04", strings.TrimPrefix(clock, "+"), moscow)
	if err != nil {
		panic(err)
	}
	return time.Date(received.Year(), received.Month(), received.Day()+days, t.Hour(), t.Minute(), 0, 0, moscow)
}

// fromRailway is a document of the railway, addressed to the organisation of the other tests.
func fromRailway(kind schema.Kind) *scene {
	s := goodScene(schema.Person{Name: "Приемосдатчик"})
	s.List = nil
	s.Header.DocumentID = primary
	s.Header.Sender, s.Header.Receiver = "RZD", "SHIP-01"
	s.Case.Addressee = s.Case.Organisation
	s.Case.Addressee.Agreement.Covers = append(s.Case.Addressee.Agreement.Covers, schema.KindMemo, schema.KindAct)
	s.Case.Participant, s.Case.Organisation = nil, nil
	s.Case.Consignment = workflow.Consignment{}
	s.Case.Wagons = map[string][]workflow.WagonEvent{}
	s.Primary = &primaryDocument{Kind: kind}
	return s
}

var worker = schema.Person{Name: "Приемосдатчикова П. П.", Post: "приемосдатчик"}

// supplyMemo is a памятка на подачу of two wagons at 08:00 of yesterday.
func supplyMemo() *scene {
	s := fromRailway(schema.KindMemo)
	s.Primary.Memo = schema.Memo{
		Number: "10983", Operation: schema.OperationSupply, Station: schema.Station{Code: station},
		Owner: schema.Party{OrgID: schema.OrgID{INN: inn, KPP: "770801001"}, Name: "АО «Пример»"},
		Place: "путь 5", ComposedAt: at("08:10"), Signatory: worker,
	}
	for i, number := range []string{first63, second62} {
		s.Primary.Memo.Wagons = append(s.Primary.Memo.Wagons, schema.MemoWagon{
			Order: i + 1, Number: number, Administration: "20", Ownership: "СОБ", Operation: "вгр", Supplied: at("08:00"),
		})
	}
	return s
}

// removalMemo is the памятка на уборку of the same wagons at 18:00, their supply being known.
func removalMemo() *scene {
	s := supplyMemo()
	m := &s.Primary.Memo
	m.Number, m.Operation, m.ComposedAt = "11013", schema.OperationRemoval, at("18:10")
	for i := range m.Wagons {
		m.Wagons[i].Notified, m.Wagons[i].Removed = at("15:00"), at("18:00")
		s.know(m.Wagons[i].Number, workflow.WagonEvent{Kind: workflow.WagonSupply, At: at("08:00"), Number: "10983"})
	}
	return s
}

// startAct is an акт на начало задержки, endAct the one on its end.
func startAct() *scene {
	s := fromRailway(schema.KindAct)
	s.Primary.Act = schema.Act{
		Number: "17", Kind: schema.ActStart, Cause: schema.CauseDefect, Station: schema.Station{Code: station},
		Owner:      schema.Party{OrgID: schema.OrgID{INN: inn, KPP: "770801001"}, Name: "АО «Пример»"},
		ComposedAt: at("15:10"), OpenedAt: at("15:00"), Wagons: []schema.ActWagon{{Number: first63}, {Number: second62}},
		Circumstances: "Отсутствуют ЗПУ", Signatory: worker,
	}
	return s
}

func endAct() *scene {
	s := startAct()
	a := &s.Primary.Act
	a.Number, a.Kind, a.ComposedAt, a.ClosedAt = "18", schema.ActEnd, at("17:40"), at("17:30")
	for _, w := range a.Wagons {
		s.know(w.Number, workflow.WagonEvent{Kind: workflow.WagonDelayStart, At: at("15:00"), Number: "17"})
	}
	return s
}

// copy1397 is a copy of message 1397 of the supply of the memo.
func copy1397() *scene {
	s := fromRailway(schema.KindMovements)
	s.Primary.Movements = schema.Movements{Station: schema.Station{Code: station}, Rows: []schema.Movement{
		{Wagon: first63, Operation: schema.OperationSupply, At: at("08:00")},
		{Wagon: second62, Operation: schema.OperationSupply, At: at("08:00")},
	}}
	return s
}

// report is what the railway says of the state of the memo.
func report(state string) *scene {
	s := fromRailway(schema.KindStateReport)
	s.Primary.Report = schema.StateReport{Document: schema.Reference{DocumentID: primary}, State: state, At: received}
	return s
}

// answerTo is what the client says of the document of the form, signed by Сидорова.
func answerTo(form, kind schema.Kind, disagreements ...schema.Disagreement) *scene {
	s := goodScene(sidorova)
	o := s.Case.Organisation
	o.Agreement.Covers = []schema.Kind{form}
	o.Signatories[0].Kinds = []schema.Kind{form}
	s.Case.Consignment = workflow.Consignment{}
	s.Case.Primary = workflow.Primary{
		Form: form, State: workflow.CarrierSigned, Version: 1, Content: content, Client: "SHIP-01", Organisation: inn,
		Wagons: []string{first63, second62},
	}
	s.Primary = &primaryDocument{Kind: kind, Answer: schema.Answer{
		Document: schema.Reference{DocumentID: primary}, Disagreements: disagreements, Signatory: sidorova,
	}}
	return s
}

// know lets the register of wagons have the event, of another document unless it says of which.
func (s *scene) know(wagon string, e workflow.WagonEvent) {
	if e.Document == "" {
		e.Document = fmt.Sprintf("0193f1c2-7a4b-7c3d-8e5f-%012d", len(s.Case.Wagons[wagon])+1)
	}
	if e.Station == "" {
		e.Station = station
	}
	s.Case.Wagons[wagon] = append(s.Case.Wagons[wagon], e)
	slices.SortStableFunc(s.Case.Wagons[wagon], func(a, b workflow.WagonEvent) int { return a.At.Compare(b.At) })
}

// primaryCase is a document, what is changed in it, and what is said of it then.
type primaryCase struct {
	why    string
	make   func() *scene
	change func(*scene)
	want   []string
}

func unchanged(*scene) {}

func (c primaryCase) run(t *testing.T) {
	t.Run(c.why, func(t *testing.T) {
		s := c.make()
		c.change(s)
		got := shown(t, Authority(s.build(t)))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
	})
}

// The ordinary documents of these tests are right.
func TestPrimaryDocuments(t *testing.T) {
	approval := func() *scene { return answerTo(schema.KindMemo, schema.KindApproval) }
	rejection := func() *scene {
		return answerTo(schema.KindMemo, schema.KindRejection, schema.Disagreement{Graph: "6", Text: "Подан в 9:00"})
	}
	for _, c := range []primaryCase{
		{"a supply", supplyMemo, unchanged, nil},
		{"a removal", removalMemo, unchanged, nil},
		{"an act on the start of a delay", startAct, unchanged, nil},
		{"an act on its end", endAct, unchanged, nil},
		{"message 1397", copy1397, unchanged, nil},
		{"a recall", func() *scene { return report(schema.ReportSpoiling) }, unchanged, nil},
		{"an approval", approval, unchanged, nil},
		{"a rejection", rejection, unchanged, nil},
	} {
		c.run(t)
		t.Run(c.why+" has one stage", func(t *testing.T) {
			if got := Check(c.make().build(t)); got != nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Each kind has its sender.
func TestWhoSendsPrimaryDocuments(t *testing.T) {
	fromClient := func(s *scene) {
		s.Case.Organisation = s.Case.Addressee
		s.Case.Participant = &register.Participant{Code: "SHIP-01", Railway: "RZD", Organisations: []*register.Organisation{s.Case.Organisation}}
		s.Header.Sender, s.Header.Receiver = "SHIP-01", "RZD"
	}
	for _, c := range []primaryCase{
		{"no memo from a client", supplyMemo, fromClient, []string{"A11 kind-not-allowed /Memo"}},
		{"no act", startAct, fromClient, []string{"A11 kind-not-allowed /Act"}},
		{"no message 1397", copy1397, fromClient, []string{"A11 kind-not-allowed /Movements"}},
		{"no state", func() *scene { return report(schema.ReportSpoiled) }, fromClient, []string{"A11 kind-not-allowed /StateReport"}},
		{"no answer from the railway", func() *scene { return answerTo(schema.KindMemo, schema.KindApproval) }, func(s *scene) {
			s.Case.Participant = nil
			s.Header.Sender = "RZD"
		}, []string{"A11 kind-not-allowed /Approval"}},
		{"a memo of another railway", supplyMemo, func(s *scene) { s.Header.Sender = "UZ" },
			[]string{"A11 sender-not-allowed /Memo/Header/Sender"}},
		{"a memo of the other contour", supplyMemo, func(s *scene) { s.Environment = "production" },
			[]string{"W17 environment-differs /Memo/@Environment"}},
		{"a memo made tomorrow", supplyMemo, func(s *scene) { s.Header.CreatedAt = received.AddDate(0, 0, 1) },
			[]string{"D03 created-in-future /Memo/Header/CreatedAt"}},
	} {
		c.run(t)
	}
}
