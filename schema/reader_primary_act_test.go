package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An act with everything in it, its numbers written as other systems write them.
func TestFullAct(t *testing.T) {
	document, findings := parse(rootOf(t, readFile(t, "act.xml")), moscow)
	if !document.Valid() {
		t.Fatal(findings)
	}
	want := &Act{
		Number: "418/2", Kind: ActEnd, Cause: CauseSupplyDelay,
		Station:     Station{Code: "985609"},
		Departure:   Station{Code: "850609", Name: "Новосибирск-Главный"},
		Destination: Station{Code: "985609"},
		Owner:       Party{OrgID: OrgID{OKPO: "00083262"}, Name: "ООО «Лесоторговый дом»"},
		Siding:      "5", Train: "2104", Shipment: "ЭА123456",
		ComposedAt: at("2026-11-22T09:00:00+03:00"),
		OpenedAt:   at("2026-11-21T12:00:00+03:00"), ClosedAt: at("2026-11-22T08:45:00+03:00"),
		SupplyNotice: at("2026-11-21T11:30:00+03:00"), RemovalNotice: at("2026-11-22T08:50:00+03:00"),
		StartAct:    Reference{"0193a5b0-0000-7000-8000-000000000010", 1, strings.Repeat("0a", 32)},
		StartNumber: "417",
		Wagons: []ActWagon{
			{Number: "63498000", Containers: []MemoContainer{{Number: "CSQU3054383", Size: "20"}},
				Owner: "АО «ПГК»", Cargo: "Пиломатериалы"},
			{Number: "62310784"},
		},
		Circumstances: "Вагоны простаивали на путях станции ввиду занятости выставочного пути.",
		Present: []Person{
			{Name: "Егоров Егор Егорович", Post: "дежурный по станции"},
			{"Петрова Анна Олеговна", "представитель владельца пути", PersonID{INN: "500100732259"}},
		},
		Signatory: Person{Name: "Котова Вера Ильинична", Post: "начальник станции"},
	}
	if diff := cmp.Diff(want, document.Act()); diff != "" {
		t.Errorf("act (-want +got):\n%s", diff)
	}
	if document.Memo() != nil {
		t.Error("an act has the body of a memo")
	}
	wantFindings := []Finding{
		coded(ReasonCodeShortened, "/Act/Destination/@station", "985609", "98560"),
		coded(ReasonCodeRespelled, "/Act/Wagon[1]/@number", "63498000", "6349-8000"),
	}
	if diff := cmp.Diff(wantFindings, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// The client's two answers have one body, and the railway's reports theirs.
func TestPrimaryAnswersAndReports(t *testing.T) {
	signatory := Person{Name: "Петрова Анна Олеговна", Post: "товаровед"}
	of := Reference{"0193a5b0-0000-7000-8000-000000000011", 2, strings.Repeat("0b", 32)}
	cases := []struct {
		file     string
		kind     Kind
		body     func(Document) any
		want     any
		findings []Finding
	}{
		{
			file: "approval.xml", kind: KindApproval, body: func(d Document) any { return d.Answer() },
			want: &Answer{Document: of, Signatory: signatory},
		},
		{
			file: "rejection.xml", kind: KindRejection, body: func(d Document) any { return d.Answer() },
			want: &Answer{
				Document: of, Signatory: signatory,
				Disagreements: []Disagreement{
					{Graph: "6", Wagon: "63498000", Text: "Вагон подан на час позже"},
					{Text: "номер пути общего пользования"},
				},
			},
			findings: []Finding{coded(ReasonCodeRespelled, "/Rejection/Disagreement[1]/@wagon", "63498000", "6349 8000")},
		},
		{
			file: "state_report.xml", kind: KindStateReport, body: func(d Document) any { return d.StateReport() },
			want: &StateReport{
				Document: Reference{DocumentID: of.DocumentID}, State: ReportSpoiling, StateID: 696,
				At: time.Date(2026, 11, 22, 11, 59, 0, 0, moscow), Reason: "Ошибка в номере вагона",
			},
			findings: []Finding{zoneless("/StateReport/At", "2026-11-22T11:59:00")},
		},
		{
			file: "movements.xml", kind: KindMovements, body: func(d Document) any { return d.Movements() },
			want: &Movements{
				Station: Station{Code: "985609", Name: "Мыс Астафьева"},
				Rows: []Movement{
					{Wagon: "63498000", Operation: OperationSupply, At: at("2026-11-21T23:25:00+03:00"), Ownership: "5", CargoOp: "2"},
					{Wagon: "62310784", Operation: OperationRemoval, At: time.Date(2026, 11, 22, 7, 15, 0, 0, moscow)},
				},
			},
			findings: []Finding{
				coded(ReasonCodeShortened, "/Movements/Station/@station", "985609", "98560"),
				coded(ReasonCodeRespelled, "/Movements/Movement[1]/@wagon", "63498000", "6349 8000"),
				zoneless("/Movements/Movement[2]", "2026-11-22T07:15:00"),
			},
		},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			document, findings := parse(rootOf(t, readFile(t, c.file)), moscow)
			if diff := cmp.Diff(c.findings, findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, c.body(document)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if document.Kind() != c.kind {
				t.Errorf("kind %s, want %s", document.Kind(), c.kind)
			}
		})
	}
}

// Every state that the railway may report is in the schema, and no other.
func TestReportedStates(t *testing.T) {
	text := string(readFile(t, "state_report.xml"))
	for _, state := range []string{ReportAgreed, ReportSigned, ReportRejected, ReportSpoiling, ReportSpoiled} {
		document, findings := parse(rootOf(t, []byte(strings.Replace(text, "awaiting-spoiling", state, 1))), moscow)
		if !document.Valid() || document.StateReport().State != state {
			t.Errorf("%s: %+v", state, findings)
		}
	}
}
