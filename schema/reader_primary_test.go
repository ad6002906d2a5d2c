package schema

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A memo with everything in it, its numbers written as other systems write them.
func TestFullMemo(t *testing.T) {
	document, findings := parse(rootOf(t, readFile(t, "memo.xml")), moscow)
	if !document.Valid() {
		t.Fatal(findings)
	}
	want := &Memo{
		Number: "10984", Operation: OperationBoth,
		Station: Station{Code: "985609", Name: "Мыс Астафьева", Road: "96"},
		Owner: Party{OrgID: OrgID{INN: "7707083893", KPP: "770801001", OKPO: "00083262"},
			Name: "ООО «Лесоторговый дом»", Address: "Находка"},
		Contractor: Party{OrgID: OrgID{INN: "2508033063"}, Name: "АО «Порт»"},
		Place:      "Путь № 5 грузового двора", Siding: "5", Workplace: "АРМ-1", Locomotive: OfOwner,
		Train: "9856-012-8506", ComposedAt: at("2026-11-22T09:58:00+03:00"),
		Wagons: []MemoWagon{
			{
				Order: 1, Number: "63498000", Administration: "20", Ownership: "СОБ", Operation: "пгр",
				Cargo:      []Cargo{{ETSNG: "421034", Name: "Пиломатериалы"}, {Name: "Прочий груз"}},
				Containers: []MemoContainer{{Number: "CSQU3054383", Size: "20"}, {Number: "123456789"}},
				Supplied:   at("2026-11-21T23:25:00+03:00"),
				Notified:   time.Date(2026, 11, 22, 6, 0, 0, 0, moscow),
				Removed:    at("2026-11-22T07:15:00+03:00"),
				Delay:      90 * time.Minute, Acts: []string{"417", "418/2"}, Weighings: 2,
				Remarks:    []string{"ДВ", "Пиломатериалы после погрузки"},
				SupplyMemo: "10983", Group: 1, Contractor: "ООО «Мебель»",
			},
			{Order: 2, Number: "505126180015", Delay: 45 * time.Minute},
		},
		Remarks:   []string{"Отказ от подписи приемосдатчиком", "Акт ГУ-23 № 417"},
		Signatory: Person{"Котова Вера Ильинична", "приемосдатчик груза и багажа", PersonID{SNILS: "11223344595"}},
		Bill:      "31",
	}
	if diff := cmp.Diff(want, document.Memo()); diff != "" {
		t.Errorf("memo (-want +got):\n%s", diff)
	}
	if document.Kind() != KindMemo || document.Version() != 2 || document.Act() != nil || document.Answer() != nil {
		t.Errorf("got %s version %d", document.Kind(), document.Version())
	}
	wantFindings := []Finding{
		coded(ReasonCodeShortened, "/Memo/Station/@station", "985609", "98560"),
		coded(ReasonCodePadded, "/Memo/Owner/@okpo", "00083262", "83262"),
		coded(ReasonCodeRespelled, "/Memo/Wagon[1]/@number", "63498000", "6349 8000"),
		coded(ReasonCodeShortened, "/Memo/Wagon[1]/Cargo[1]/@etsng", "421034", "42103"),
		coded(ReasonCodeRespelled, "/Memo/Wagon[1]/Container[1]/@number", "CSQU3054383", "csqu 305438-3"),
		zoneless("/Memo/Wagon[1]/Notified", "2026-11-22T06:00:00"),
		coded(ReasonCodeRespelled, "/Memo/Wagon[2]/@number", "505126180015", "50 51 26 18 001-5"),
	}
	if diff := cmp.Diff(wantFindings, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// coded is the note that a code is read otherwise than it is written.
func coded(reason, path, meant, written string) Finding {
	return Finding{Code: "D01", Reason: reason, Path: path, Expected: meant, Actual: written}.Complete()
}

// zoneless is the note that a time was taken as Moscow's.
func zoneless(path, written string) Finding {
	return Finding{Code: "D03", Reason: ReasonTimeWithoutZone, Severity: Info, Path: path,
		Expected: written + "+03:00", Actual: written}
}

// A time without offset is that of the railway whose document it is.
func TestMemoTimesInTheZoneOfTheRailway(t *testing.T) {
	kyiv := must(time.LoadLocation("Europe/Kyiv"))
	document, _ := parse(rootOf(t, readFile(t, "memo.xml")), kyiv)
	if got := document.Memo().Wagons[0].Notified; !got.Equal(at("2026-11-22T06:00:00+02:00")) {
		t.Errorf("got %v", got)
	}
}

// What the regulation lets a memo leave out (Д-720у п. 3.3, 3.6) may be absent: the rest of the row is
// its number and its wagon.
func TestLeastMemo(t *testing.T) {
	text := string(readFile(t, "memo.xml"))
	from, to := strings.Index(text, "  <Contractor"), strings.Index(text, "  <Place>")
	text = text[:from] + text[to:]
	from, to = strings.Index(text, "  <Siding>"), strings.Index(text, "  <ComposedAt>")
	text = text[:from] + text[to:]
	from, to = strings.Index(text, "  <Wagon "), strings.Index(text, "  <Signatory")
	text = text[:from] + `<Wagon order="1" number="63498000"/>` + text[to:]
	document, findings := parse(rootOf(t, []byte(text)), moscow)
	if !document.Valid() {
		t.Fatal(findings)
	}
	want := []MemoWagon{{Order: 1, Number: "63498000"}}
	if diff := cmp.Diff(want, document.Memo().Wagons); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Each document is changed in one place, and the change is refused at the path, or holds where there
// is none.
func TestPrimaryBySchema(t *testing.T) {
	row := `<Wagon order="2" number="62310784"/>`
	cases := []struct{ why, file, old, new, path string }{
		{"no number", "memo.xml", "<Number> 10984 </Number>", "", "/Memo"},
		{"number of 33 characters", "memo.xml", "10984", strings.Repeat("1", 33), "/Memo/Number"},
		{"operation of another list", "memo.xml", "<Operation>both", "<Operation>подача", "/Memo/Operation"},
		{"a wagon of seven digits", "memo.xml", `"6349 8000"`, `"6349 800"`, "/Memo/Wagon[1]/@number"},
		{"a row without its number", "memo.xml", ` order="2"`, "", "/Memo/Wagon[2]/@order"},
		{"row 0", "memo.xml", `order="2"`, `order="0"`, "/Memo/Wagon[2]/@order"},
		{"a thousand wagons", "memo.xml", "<Remark>Отказ", strings.Repeat(row, 998) + "<Remark>Отказ", ""},
		{"a thousand and one", "memo.xml", "<Remark>Отказ", strings.Repeat(row, 999) + "<Remark>Отказ", "/Memo"},
		{"locomotive of a third", "memo.xml", "<Locomotive>owner", "<Locomotive>consignor", "/Memo/Locomotive"},
		{"delay without minutes", "memo.xml", "PT1H30M", "PT2H", ""},
		{"delay of 75 minutes beside an hour", "memo.xml", "PT1H30M", "PT1H75M", "/Memo/Wagon[1]/Delay"},
		{"delay of a day", "memo.xml", "PT1H30M", "P1D", "/Memo/Wagon[1]/Delay"},
		{"delay below zero", "memo.xml", "PT1H30M", "-PT1H", "/Memo/Wagon[1]/Delay"},
		{"delay in seconds", "memo.xml", "PT1H30M", "PT5400S", "/Memo/Wagon[1]/Delay"},
		{"cargo without name", "memo.xml", "<Cargo><Name>Прочий груз</Name></Cargo>", "<Cargo/>", "/Memo/Wagon[1]/Cargo[2]"},
		{"Cyrillic letters of a container", "memo.xml", "csqu 305438-3", "СSQU3054383", "/Memo/Wagon[1]/Container[1]/@number"},
		{"a time that is none", "memo.xml", "2026-11-21T23:25:00", "2026-11-21T24:25:00", "/Memo/Wagon[1]/Supplied"},
		{"a wagon not supplied yet", "memo.xml", "<Supplied>2026-11-21T23:25:00+03:00</Supplied>", "", ""},
		{"an empty remark", "memo.xml", "<Remark>ДВ</Remark>", "<Remark> </Remark>", "/Memo/Wagon[1]/Remark[1]"},
		{"an addressee without identifier", "memo.xml", ` inn="7707083893" kpp="770801001" okpo="83262"`, ` ogrn="1037739877295"`,
			"/Memo/Owner"},
		{"an addressee by his ОКПО", "memo.xml", ` inn="7707083893" kpp="770801001"`, "", ""},
		{"a contractor by his name only", "memo.xml", `<Contractor inn="2508033063">`, "<Contractor>", ""},
		{"no signatory", "memo.xml", "Signatory", "Signer", "/Memo"},

		{"kind of another list", "act.xml", "<Kind>delay-end", "<Kind>delay", "/Act/Kind"},
		{"no kind", "act.xml", "<Kind>delay-end</Kind>", "", "/Act"},
		{"a cause of its own", "act.xml", "supply-delay", "weather", "/Act/Cause"},
		{"no cause", "act.xml", "<Cause>supply-delay</Cause>", "", ""},
		{"an act that is still open", "act.xml", "<ClosedAt>2026-11-22T08:45:00+03:00</ClosedAt>", "", ""},
		{"a start act without version", "act.xml", ` Version="1" SHA256="`, ` SHA256="`, ""},
		{"a start act without id", "act.xml", `DocumentID="0193a5b0-0000-7000-8000-000000000010" `, "", "/Act/StartAct/@DocumentID"},
		{"4000 characters", "act.xml", "Вагоны простаивали на путях станции", strings.Repeat("щ", 3965), ""},
		{"4001 characters", "act.xml", "Вагоны простаивали на путях станции", strings.Repeat("щ", 3966), "/Act/Circumstances"},
		{"an act without addressee", "act.xml", `okpo="00083262"`, "", "/Act/Owner"},

		{"an approval of any version", "approval.xml", ` Version="2" `, " ", "/Approval/Document/@Version"},
		{"an approval without digest", "approval.xml", "SHA256", "sha256", "/Approval/Document/@"},
		{"an approval with a reason", "approval.xml", "<Signatory", "<Disagreement>нет</Disagreement><Signatory", "/Approval"},
		{"graph 12", "rejection.xml", `graph="6"`, `graph="12"`, ""},
		{"graph 13", "rejection.xml", `graph="6"`, `graph="13"`, "/Rejection/Disagreement[1]/@graph"},
		{"500 characters", "rejection.xml", "номер пути общего пользования", strings.Repeat("щ", 500), ""},
		{"501 characters", "rejection.xml", "номер пути общего пользования", strings.Repeat("щ", 501), "/Rejection/Disagreement[2]"},
		{"50 reasons", "rejection.xml", "<Signatory", strings.Repeat("<Disagreement>нет</Disagreement>", 48) + "<Signatory", ""},
		{"51 reasons", "rejection.xml", "<Signatory", strings.Repeat("<Disagreement>нет</Disagreement>", 49) + "<Signatory", "/Rejection"},

		{"a state of our own", "state_report.xml", "awaiting-spoiling", "carrier-signed", "/StateReport/State"},
		{"state id 0", "state_report.xml", `id="696"`, `id="0"`, "/StateReport/State/@id"},
		{"a report in its version", "state_report.xml", `0011"/>`, `0011" Version="2"/>`, ""},
		{"no moment", "state_report.xml", "<At>2026-11-22T11:59:00</At>", "", "/StateReport"},

		{"no operation", "movements.xml", ` operation="removal"`, "", "/Movements/Movement[2]/@operation"},
		{"supply and removal at once", "movements.xml", `"removal"`, `"both"`, "/Movements/Movement[2]/@operation"},
		{"a movement on a day", "movements.xml", "2026-11-22T07:15:00", "2026-11-22", "/Movements/Movement[2]"},
	}
	for _, c := range cases {
		t.Run(c.file+" "+c.why, func(t *testing.T) {
			text := string(readFile(t, c.file))
			changed := strings.ReplaceAll(text, c.old, c.new)
			if c.old == c.new || changed == text {
				t.Fatal("nothing was changed")
			}
			document, findings := parse(rootOf(t, []byte(changed)), moscow)
			if document.Valid() != (c.path == "") {
				t.Fatalf("valid %t: %+v", document.Valid(), findings)
			}
			if c.path == "" {
				return
			}
			first := slices.IndexFunc(findings, func(f Finding) bool { return f.Severity == Error })
			if f := findings[first]; f.Code != "A01" || !strings.HasPrefix(f.Path, c.path) {
				t.Errorf("got %+v, want A01 at %s", f, c.path)
			}
		})
	}
}

// Lists that may not be empty.
func TestPrimaryWithoutRows(t *testing.T) {
	without := func(file, from, to string) string {
		text := string(readFile(t, file))
		first, last := strings.Index(text, from), strings.LastIndex(text, to)
		if first < 0 || last < first {
			t.Fatalf("%s has no %s before %s", file, from, to)
		}
		return text[:first] + text[last:]
	}
	act := without("act.xml", "  <Wagon", "  <Circumstances")
	cases := []struct{ why, text, path string }{
		{"a memo without wagons", without("memo.xml", "  <Wagon", "  <Bill"), "/Memo/Bill"},
		{"a rejection without reason", without("rejection.xml", "  <Disagreement", "  <Signatory"), "/Rejection/Signatory"},
		{"a copy of 1397 without wagons", without("movements.xml", "  <Movement ", "</Movements"), "/Movements"},
		// The guard of 1166/р 3.10 asks for the wagons «включенных в указанный акт».
		{"the end of a delay of nothing", act, "/Act"},
		{"the start of a delay of nothing", strings.Replace(act, "delay-end", "delay-start", 1), "/Act"},
		{"another act, of no wagon", strings.Replace(act, "delay-end", "other", 1), ""},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			document, findings := parse(rootOf(t, []byte(c.text)), moscow)
			if document.Valid() != (c.path == "") {
				t.Fatalf("valid %t: %+v", document.Valid(), findings)
			}
			if f := findings[len(findings)-1]; c.path != "" && (f.Code != "A01" || f.Path != c.path) {
				t.Errorf("got %+v, want A01 at %s", f, c.path)
			}
		})
	}
}
