package schema

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/signature"
	"asugate/xmltree"
)

// kpedoForm is a whole form; each %s is more of it.
const kpedoForm = `<?xml version="1.0" encoding="UTF-8"?>
<data>
  <number>11013</number><oper_type>уборку</oper_type><oper_code>0</oper_code>
  <get_by>ОАО "РЖД"</get_by><get_by_id>1</get_by_id><get_place>Причал -1 путь</get_place><orgid>258772</orgid>
  <text_mark>Вагон 2 без ЗПУ</text_mark><client_mark>сдал</client_mark><person_mark>принял</person_mark>
  <railway_name>Дальневосточная</railway_name>
  <railway_station_code>98560</railway_station_code><railway_station_name>МЫС  АСТАФЬЕВА</railway_station_name>
  <path_owner_name>АО «Причал»</path_owner_name><path_owner_okpo>1126022</path_owner_okpo>
  <path_owner_inn>7707083893</path_owner_inn><path_owner_kpp>770801001</path_owner_kpp>
  <contragent_name>ООО «Склад»</contragent_name><contragent_okpo>31170931</contragent_okpo>
  <wagons>
    <wagon>
      <order_number>1</order_number><wagon_number>63498000</wagon_number><adm_code>20</adm_code>
      <wagon_owner_code>СОБ</wagon_owner_code><gr_oper_type>вгр</gr_oper_type>
      <cargo_code>42103</cargo_code><cargo_name>ВАГОНЫ Ж/Д</cargo_name><containers/>
      <get_in_date>18.07</get_in_date><get_in_time>18:50</get_in_time>
      <report_date>19.07</report_date><report_time>10:14</report_time>
      <get_out_date>19.07</get_out_date><get_out_time>23:25</get_out_time>
      <number_memo>Памятка подачи №10983</number_memo>
    </wagon>
    <wagon>
      <order_number>2</order_number><wagon_number>6231 0784</wagon_number><adm_code/>
      <wagon_owner_code>АРС</wagon_owner_code><gr_oper_type>боп</gr_oper_type>
      <containers><container><no>CSQU3054383</no><t>40</t></container></containers>
      <get_in_date>17.07.2026</get_in_date><get_in_time>24:00</get_in_time>
      <report_date></report_date><report_time></report_time>
      <get_out_date>19.07</get_out_date><get_out_time>23:25</get_out_time>
      <number_memo>Памятка подачи № 10984</number_memo><number_memo>Памятка уборки №10990</number_memo>
      <wagon_agent_name>ООО «Склад»</wagon_agent_name><wagon_agent_okpo>31170931</wagon_agent_okpo>
      <a_field_of_tomorrow><x/><x/></a_field_of_tomorrow>
    </wagon>
  </wagons>
</data>`

// The signature was made at 23:27:24 in Moscow, when it was 06:27 of the next day at the station.
var kpedoSigned = time.Date(2026, 7, 19, 20, 27, 24, 0, time.UTC)

func readKPEDO(t testing.TB, form string, o Origin) (Document, []Finding) {
	t.Helper()
	return parseForeign(rootOf(t, []byte(form)), o, moscow)
}

// A whole form: where each of its values goes, and what is said of how it was read.
func TestKPEDO(t *testing.T) {
	d, findings := readKPEDO(t, kpedoForm, Origin{DocumentID: "1766398397", SignedAt: kpedoSigned})
	if !d.Valid() {
		t.Fatal(findings)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 7, day, hour, minute, 0, 0, moscow) }
	want := &Memo{
		Platform: PlatformKPEDO, Number: "11013", Operation: OperationRemoval, Place: "Причал -1 путь", Locomotive: OfCarrier,
		Station:    Station{Code: "985609", Name: "МЫС АСТАФЬЕВА"},
		Owner:      Party{Name: "АО «Причал»", OrgID: OrgID{INN: "7707083893", KPP: "770801001", OKPO: "01126022"}},
		Contractor: Party{Name: "ООО «Склад»", OrgID: OrgID{OKPO: "31170931"}},
		Remarks:    []string{"Вагон 2 без ЗПУ"},
		Wagons: []MemoWagon{
			{
				Order: 1, Number: "63498000", Administration: "20", Ownership: "СОБ", Operation: "вгр",
				Cargo:    []Cargo{{ETSNG: "421034", Name: "ВАГОНЫ Ж/Д"}},
				Supplied: at(18, 18, 50), Notified: at(19, 10, 14), Removed: at(19, 23, 25), SupplyMemo: "10983",
			},
			{
				Order: 2, Number: "62310784", Ownership: "АРС", Operation: "боп",
				Supplied: at(18, 0, 0), Removed: at(19, 23, 25), SupplyMemo: "10984",
				Remarks: []string{"Памятка уборки №10990", "CSQU3054383 40"}, Contractor: "ООО «Склад»",
			},
		},
	}
	if diff := cmp.Diff(want, d.Memo()); diff != "" {
		t.Errorf("memo (-want +got):\n%s", diff)
	}
	wantFindings := []Finding{
		{Code: "D01", Reason: ReasonCodeShortened, Path: "/data/railway_station_code", Expected: "985609", Actual: "98560"},
		{Code: "D01", Reason: ReasonCodePadded, Path: "/data/path_owner_okpo", Expected: "01126022", Actual: "1126022"},
		{Code: "D01", Reason: ReasonCodeRespelled, Path: "/data/wagons/wagon[2]/wagon_number", Expected: "62310784", Actual: "6231 0784"},
		{Code: "D01", Reason: ReasonCodeShortened, Path: "/data/wagons/wagon[1]/cargo_code", Expected: "421034", Actual: "42103"},
		{Code: "D03", Reason: ReasonYearDerived, Path: "/data/wagons/wagon[1]/get_in_date", Expected: "18.07.2026", Actual: "18.07"},
	}
	var got []Finding
	for _, f := range findings {
		got = append(got, Finding{Code: f.Code, Reason: f.Reason, Path: f.Path, Expected: f.Expected, Actual: f.Actual})
	}
	sorted := cmp.Transformer("byPath", func(list []Finding) map[Finding]bool {
		set := map[Finding]bool{}
		for _, f := range list {
			set[f] = true
		}
		return set
	})
	if diff := cmp.Diff(wantFindings, got, sorted); diff != "" || len(got) != len(wantFindings) {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	head := Header{DocumentID: KPEDOID("1766398397"), CreatedAt: kpedoSigned}
	if diff := cmp.Diff(head, d.Header()); diff != "" || d.Kind() != KindMemo || d.ID() != head.DocumentID || d.Version() != 206656044 {
		t.Errorf("kind %s, id %s, version %d, header (-want +got):\n%s", d.Kind(), d.ID(), d.Version(), diff)
	}
}

// The identity of a document is made of its Docid, else of station, year, number and form; it never changes.
func TestKPEDOIdentity(t *testing.T) {
	if got, want := KPEDOID("1766398397"), "e16ce90c-2cb8-584c-b415-9755793676f8"; got != want {
		t.Errorf("the identifier of Docid 1766398397 has become %s; it was %s", got, want)
	}
	if KPEDOID(" 1766398397\n") != KPEDOID("1766398397") || KPEDOID("1766398397") == KPEDOID("1766398398") {
		t.Error("white space makes another document, or another Docid the same")
	}
	id := func(form string, o Origin) string {
		d, findings := readKPEDO(t, form, o)
		if !d.Valid() {
			t.Fatal(findings)
		}
		return d.ID()
	}
	unnamed := id(kpedoForm, Origin{SignedAt: kpedoSigned})
	for _, c := range []struct {
		name string
		form string
		o    Origin
		same bool
	}{
		{"signed anew a minute later", kpedoForm, Origin{SignedAt: kpedoSigned.Add(time.Minute)}, true},
		{"the station in full", strings.Replace(kpedoForm, ">98560<", ">985609<", 1), Origin{SignedAt: kpedoSigned}, true},
		{"another number", strings.Replace(kpedoForm, ">11013<", ">11014<", 1), Origin{SignedAt: kpedoSigned}, false},
		{"another year", kpedoForm, Origin{SignedAt: kpedoSigned.AddDate(1, 0, 0)}, false},
		{"another station", strings.Replace(kpedoForm, ">98560<", ">134807<", 1), Origin{SignedAt: kpedoSigned}, false},
		{"with a Docid", kpedoForm, Origin{DocumentID: "11013", SignedAt: kpedoSigned}, false},
		// 31.12 at 21:30 UTC is the next year in Moscow: its numbers begin anew.
		{"the new year of Moscow", kpedoForm, Origin{SignedAt: time.Date(2026, 12, 31, 21, 30, 0, 0, time.UTC)}, false},
	} {
		if got := id(c.form, c.o); (got == unnamed) != c.same {
			t.Errorf("%s: %s beside %s", c.name, got, unnamed)
		}
	}
}

func TestKPEDOVersion(t *testing.T) {
	for _, c := range []struct {
		signed time.Time
		want   int // 0: none
	}{
		{time.Date(2020, 1, 1, 0, 0, 1, 999e6, time.UTC), 1},
		{time.Date(2020, 1, 1, 3, 0, 2, 0, moscow), 2},
		{kpedoSigned, 206656044},
		{kpedoSigned.Add(time.Second), 206656045},
		{kpedoEpoch.Add(math.MaxInt32 * time.Second), math.MaxInt32},
		{kpedoEpoch.Add((math.MaxInt32 + 1) * time.Second), 0},
		{kpedoEpoch, 0},
		{kpedoEpoch.Add(-time.Hour), 0},
		{time.Time{}, 0},
	} {
		if got, ok := KPEDOVersion(c.signed); got != c.want || ok != (c.want != 0) {
			t.Errorf("%s: version %d, %v; want %d", c.signed, got, ok, c.want)
		}
	}
}

// The year of a date is that of the nearest such day up to a day after the signature.
func TestKPEDOYear(t *testing.T) {
	newYear := time.Date(2027, 1, 1, 0, 10, 0, 0, moscow)
	for _, c := range []struct {
		name        string
		signed      time.Time
		date, clock string
		want        string // empty: refused
	}{
		{"the same evening", kpedoSigned, "19.07", "23:25", "2026-07-19T23:25:00+03:00"},
		// In Moscow it is the 1st already; in UTC, the time zone of the signature, still the 31st.
		{"supplied on 31.12, signed on 01.01", newYear, "31.12", "23:50", "2026-12-31T23:50:00+03:00"},
		{"after midnight", newYear, "01.01", "00:05", "2027-01-01T00:05:00+03:00"},
		{"signed on 31.12, removed after midnight", newYear.Add(-time.Hour), "01.01", "00:05", "2027-01-01T00:05:00+03:00"},
		{"24:00 of 31.12", newYear, "31.12", "24:00", "2027-01-01T00:00:00+03:00"},
		{"a day ahead", kpedoSigned, "20.07", "23:27", "2026-07-20T23:27:00+03:00"},
		{"more than a day ahead is last year's", kpedoSigned, "20.07", "23:28", "2025-07-20T23:28:00+03:00"},
		{"a wagon that has stood long", kpedoSigned, "21.07", "10:00", "2025-07-21T10:00:00+03:00"},
		{"29.02 of this year", time.Date(2028, 3, 1, 9, 0, 0, 0, moscow), "29.02", "10:00", "2028-02-29T10:00:00+03:00"},
		{"29.02 of last year", time.Date(2029, 1, 1, 9, 0, 0, 0, moscow), "29.02", "10:00", "2028-02-29T10:00:00+03:00"},
		{"29.02 of no year that can be meant", kpedoSigned, "29.02", "10:00", ""},
		{"with a year", kpedoSigned, "19.07.2024", "9:05", "2024-07-19T09:05:00+03:00"},
		{"with seconds", kpedoSigned, "9.7", "09:05:30", "2026-07-09T09:05:30+03:00"},
		{"no such day", kpedoSigned, "31.06", "10:00", ""},
		{"no such month", kpedoSigned, "01.13", "10:00", ""},
		{"a year of two digits", kpedoSigned, "19.07.26", "10:00", ""},
		{"no such hour", kpedoSigned, "19.07", "24:01", ""},
		{"no such minute", kpedoSigned, "19.07", "10:60", ""},
		{"a date of another form", kpedoSigned, "2026-07-19", "10:00", ""},
		{"no time of day", kpedoSigned, "19.07", "", ""},
		{"no date", kpedoSigned, "", "10:00", ""},
		{"a sign", kpedoSigned, "+1.07", "10:00", ""},
	} {
		form := strings.Replace(kpedoForm, "<get_in_date>18.07</get_in_date><get_in_time>18:50</get_in_time>",
			"<get_in_date>"+c.date+"</get_in_date><get_in_time>"+c.clock+"</get_in_time>", 1)
		d, findings := readKPEDO(t, form, Origin{DocumentID: "1", SignedAt: c.signed})
		if c.want == "" {
			f := firstError(findings)
			if d.Valid() || f.Reason != ReasonBadValue || f.Path != "/data/wagons/wagon[1]/get_in_date" {
				t.Errorf("%s: not refused: %+v", c.name, findings)
			}
			continue
		}
		if !d.Valid() {
			t.Errorf("%s: %+v", c.name, findings)
			continue
		}
		if got := d.Memo().Wagons[0].Supplied.Format(time.RFC3339); got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
}

func firstError(findings []Finding) Finding {
	for _, f := range findings {
		if f.Severity == Error {
			return f
		}
	}
	return Finding{}
}

// What of a form is refused, and where it says so.
func TestKPEDORefused(t *testing.T) {
	without := func(name string) string {
		_, rest, _ := strings.Cut(kpedoForm, "<"+name+">")
		value, _, _ := strings.Cut(rest, "</"+name+">")
		return strings.Replace(kpedoForm, "<"+name+">"+value+"</"+name+">", "", 1)
	}
	instead := func(old, new string) string {
		if !strings.Contains(kpedoForm, old) {
			t.Fatalf("the form has no %s", old)
		}
		return strings.Replace(kpedoForm, old, new, 1)
	}
	rows := instead("<wagons>", "<wagons>"+strings.Repeat("<wagon><wagon_number>63498000</wagon_number></wagon>", mostRows-1))
	for _, c := range []struct {
		name, form, reason, path string
	}{
		{"no number", without("number"), "missing-element", "/data"},
		{"an empty number", instead(">11013<", "> <"), "min-length", "/data/number"},
		{"a number with an element in it", instead(">11013<", ">11<b>9</b>013<"), "unexpected-element", "/data/number/b"},
		{"two numbers", instead("<number>", "<number>11014</number><number>"), "unexpected-element", "/data/number[2]"},
		{"a number too long", instead(">11013<", ">"+strings.Repeat("я", mostNumber+1)+"<"), "max-length", "/data/number"},
		{"no operation", without("oper_type"), "missing-element", "/data"},
		{"another operation", instead(">уборку<", ">маневры<"), ReasonBadValue, "/data/oper_type"},
		{"a code of the other operation", instead("<oper_code>0", "<oper_code>1"), ReasonBadValue, "/data/oper_code"},
		{"no station", without("railway_station_code"), "missing-element", "/data"},
		{"a station of four digits", instead(">98560<", ">9856<"), "pattern", "/data/railway_station_code"},
		{"an ИНН of letters", instead(">7707083893<", ">ООО<"), "pattern", "/data/path_owner_inn"},
		{"no list of wagons", strings.ReplaceAll(kpedoForm, "wagons>", "vagons>"), "missing-element", "/data"},
		{"no wagon", strings.ReplaceAll(kpedoForm, "wagon>", "vagon>"), "missing-element", "/data/wagons"},
		{"no number of a wagon", without("wagon_number"), "missing-element", "/data/wagons/wagon[1]"},
		{"a wagon of seven digits", instead(">63498000<", ">6349800<"), "pattern", "/data/wagons/wagon[1]/wagon_number"},
		{"too many wagons", rows, "unexpected-element", "/data/wagons"},
		{"in a namespace", instead("<data>", `<data xmlns="urn:x">`), ReasonUnknownKind, "/data"},
		{"another root", strings.ReplaceAll(kpedoForm, "data>", "date>"), ReasonUnknownKind, "/date"},
	} {
		d, findings := readKPEDO(t, c.form, Origin{DocumentID: "1", SignedAt: kpedoSigned})
		if f := firstError(findings); d.Valid() || f.Code != "A01" || f.Reason != c.reason || f.Path != c.path {
			t.Errorf("%s: %+v; want %s at %s", c.name, f, c.reason, c.path)
		}
	}
	for _, c := range []struct {
		name, code, reason string
		signed             time.Time
	}{
		{"no signing time", "D03", ReasonTimeMissing, time.Time{}},
		{"a signing time before all others", "A01", ReasonBadValue, time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		d, findings := readKPEDO(t, kpedoForm, Origin{DocumentID: "1", SignedAt: c.signed})
		if f := firstError(findings); d.Valid() || f.Code != c.code || f.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, findings)
		}
	}
}

// A document cannot make us say more than so much about it.
func TestKPEDOBounded(t *testing.T) {
	wagon := `<wagon><wagon_number>6-3498000</wagon_number><cargo_code>42103</cargo_code><get_in_date>x</get_in_date></wagon>`
	form := `<data><number>1</number><wagons>` + strings.Repeat(wagon, mostRows) + `</wagons></data>`
	_, findings := readKPEDO(t, form, Origin{SignedAt: kpedoSigned})
	if len(findings) != 2*maxViolations || !Refused(findings) {
		t.Errorf("%d findings", len(findings))
	}
}

// The words of the form, as they are written here and there.
func TestKPEDOWords(t *testing.T) {
	for written, want := range map[string]string{
		"Подачу": OperationSupply, "ПОДАЧУ": OperationSupply, "на подачу": OperationSupply, " уборку ": OperationRemoval,
		"Уборка": OperationRemoval, "подачи и уборки": OperationBoth,
	} {
		d, findings := readKPEDO(t, strings.Replace(kpedoForm, ">уборку<", ">"+written+"<", 1), Origin{SignedAt: kpedoSigned})
		if !d.Valid() || d.Memo().Operation != want {
			t.Errorf("%q: %v", written, findings)
		}
	}
	for form, want := range map[string]string{
		`<get_by_id>0</get_by_id>`: OfOwner,
		`<get_by_id/>`:             OfCarrier, // by the words
		`<get_by_id>7</get_by_id>`: OfCarrier,
	} {
		d, findings := readKPEDO(t, strings.Replace(kpedoForm, "<get_by_id>1</get_by_id>", form, 1), Origin{SignedAt: kpedoSigned})
		if !d.Valid() || d.Memo().Locomotive != want {
			t.Errorf("%s: %v", form, findings)
		}
	}
	for written, want := range map[string]string{
		"Памятка подачи №10983": "10983", "памятка подачи № 7/А": "7/А", "Памятка на подачу N 12": "12", "10983": "10983",
		"Памятка уборки №10983": "", "Памятки подачи №1, №2": "", "№": "", "см. акт": "", "": "",
	} {
		if got := supplyMemo(written); got != want {
			t.Errorf("supplyMemo(%q) = %q; want %q", written, got, want)
		}
	}
}

// What is unknown of containers is kept as it stands, and no more than a remark of it.
func TestKPEDOContainers(t *testing.T) {
	deep := strings.Repeat("<c>", 50) + "x" + strings.Repeat("</c>", 50)
	for written, want := range map[string]int{deep: 1, strings.Repeat("<c>ящик</c>", 1000): mostRemark, "<c/>": 0} {
		form := strings.Replace(kpedoForm, "<containers/>", "<containers>"+written+"</containers>", 1)
		d, findings := readKPEDO(t, form, Origin{SignedAt: kpedoSigned})
		if !d.Valid() {
			t.Fatal(findings)
		}
		if got := len([]rune(strings.Join(d.Memo().Wagons[0].Remarks, ""))); got != want {
			t.Errorf("%.20s…: %d characters; want %d", written, got, want)
		}
	}
}

// Nothing is read of what nobody signed, and an answer to it names the document all the same.
func TestKPEDOUnsigned(t *testing.T) {
	d, findings := ParseForeign(signature.Signed{}, Origin{DocumentID: "1", SignedAt: kpedoSigned}, moscow)
	if d.Valid() || len(findings) != 1 || findings[0].Code != "A02" {
		t.Errorf("%+v", findings)
	}
	root := rootOf(t, []byte(kpedoForm))
	want := Glance{Kind: KindMemo, DocumentID: KPEDOID("1")}
	if diff := cmp.Diff(want, GlanceForeign(root, Origin{DocumentID: "1"})); diff != "" {
		t.Errorf("glance (-want +got):\n%s", diff)
	}
	if got := GlanceForeign(rootOf(t, []byte("<x/>")), Origin{DocumentID: "1"}); got != (Glance{}) {
		t.Errorf("glance at another root: %+v", got)
	}
}

// Whatever the form says, reading it ends, and a document that is valid has all that the rules rest on.
func FuzzKPEDO(f *testing.F) {
	f.Add("19.07", "23:25", "63498000", "Памятка подачи №10983", int64(206656044))
	f.Add("31.12", "24:00", "6231 0784", "№", int64(220924800))
	f.Add("29.02.2028", "", "", "<c/>", int64(0))
	f.Fuzz(func(t *testing.T, date, clock, wagon, memo string, signed int64) {
		escape := strings.NewReplacer("<", "&lt;", "&", "&amp;", "]]>", "").Replace
		form := fmt.Sprintf(`<data><number>%s</number><oper_type>подачу</oper_type>`+
			`<railway_station_code>985609</railway_station_code><wagons><wagon><wagon_number>%s</wagon_number>`+
			`<get_out_date>%s</get_out_date><get_out_time>%s</get_out_time><number_memo>%s</number_memo></wagon></wagons></data>`,
			escape(memo), escape(wagon), escape(date), escape(clock), escape(memo))
		tree, err := xmltree.Parse([]byte(form), xmltree.DefaultLimits())
		if err != nil {
			return
		}
		o := Origin{SignedAt: kpedoEpoch.Add(time.Duration(signed%(1<<32)) * time.Second)}
		d, findings := parseForeign(tree.Root(), o, moscow)
		if d.Valid() == Refused(findings) {
			t.Fatalf("valid %v with %+v", d.Valid(), findings)
		}
		if !d.Valid() {
			return
		}
		m := d.Memo()
		if m.Number == "" || len(m.Wagons) != 1 || m.Wagons[0].Number == "" || d.Version() < 1 {
			t.Fatalf("valid with %+v", m)
		}
		if at := m.Wagons[0].Removed; !at.IsZero() && strings.Count(date, ".") == 1 &&
			(at.After(o.SignedAt.Add(24*time.Hour)) || at.Before(o.SignedAt.AddDate(-1, 0, -1))) {
			t.Fatalf("%q %q is %s, signed %s", date, clock, at, o.SignedAt)
		}
	})
}
