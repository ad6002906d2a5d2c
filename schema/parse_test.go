package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	"asugate/signature"
	"asugate/xmltree"
)

var moscow = must(time.LoadLocation("Europe/Moscow"))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func rootOf(t testing.TB, document []byte) xmltree.Element {
	t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return tree.Root()
}

// identity is a key that signs and the trust by which its signatures are believed.
type identity struct {
	key   *signature.Key
	trust *signature.Trust
	now   time.Time
}

func newIdentity(t testing.TB) identity {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	authority := must(pki.NewAuthority("Test CA", now))
	c := must(authority.Issue(pki.Request{Subject: pki.Subject{CommonName: "Шлюз"}}))
	return identity{
		key:   must(signature.NewKey(c.Key, c.Chain...)),
		trust: signature.NewTrust(must(signature.ParseCertificates(authority.CertificatePEM()))),
		now:   now,
	}
}

// open verifies a document that the identity has signed.
func (i identity) open(t testing.TB, signed []byte) signature.Signed {
	t.Helper()
	tree, err := xmltree.Parse(signed, xmltree.DefaultLimits())
	if err != nil {
		t.Fatalf("%v in %s", err, signed)
	}
	opened, report := signature.Open(signature.Input{Tree: tree}, i.trust, signature.Policy{}, i.now)
	if report.Outcome != signature.Holds {
		t.Fatalf("signature does not hold: %+v", report.Faults)
	}
	return opened
}

// wanted are the documents of testdata as Go values.
var wanted = []struct {
	file     string
	want     Document
	findings []Finding
}{
	{
		file: "waybill.xml", // white space collapsed, +0500 is 500
		want: Document{
			kind: KindWaybill, id: "0193a5b0-0000-7000-8000-000000000001", version: 1, format: "1.0", environment: "test",
			header: Header{
				DocumentID: "0193a5b0-0000-7000-8000-000000000001", CreatedAt: at("2026-11-22T10:00:00+03:00"),
				Sender: "SHIP-01", Organisation: OrgID{INN: "7708503727", KPP: "770801001"}, Receiver: "RZD",
			},
			body: &Waybill{
				Traffic: "domestic", DepartureStation: "985609", DestinationStation: "850609",
				Departure: Station{Code: "985609"}, Destination: Station{Code: "850609"},
				Consignor: Party{Name: "АО «Лесоотправитель»",
					OrgID: OrgID{INN: "7708503727", KPP: "770801001", OKPO: "00083262", OGRN: "1037739877295"}},
				Consignee: Party{OrgID: OrgID{INN: "7707083893"}, Name: "ООО «Получатель и сыновья»"},
				Cargo: []Cargo{
					{ETSNG: "161128", GNG: "27011290", Name: "Уголь каменный марки Д", MassKg: 69000, Packages: 12},
					{ETSNG: "421034", Name: "Прочий груз", MassKg: 500},
				},
				Wagons: []Wagon{{Number: "63498000", Owner: "АО «ПГК»"}, {Number: "62310784"}},
				Signatory: Person{"Сидорова Мария Павловна", "товарный кассир",
					PersonID{SNILS: "11223344595", INN: "500100732259"}},
			},
		},
	},
	{
		file: "placement.xml", // SAP's form of the id is echoed as sent
		want: Document{
			kind: KindPlacement, id: "0193a5b0-0000-7000-8000-000000000002", version: 1, format: "1.0",
			header: Header{
				DocumentID: "0193A5B0000070008000000000000002", CreatedAt: at("2026-11-22T11:00:00.5+03:00"),
				Sender: "SHIP-01", Organisation: OrgID{INN: "7708503727", KPP: "770801001"}, Receiver: "RZD",
			},
			body: &Placement{
				Waybill: Reference{"0193a5b0-0000-7000-8000-000000000001", 1, strings.Repeat("0a", 32)},
				Traffic: "domestic", Norm: Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1"},
				Fasteners: []Fastener{{Name: "растяжка", Quantity: 4, Strands: 6}, {Name: "брусок упорный", Quantity: 8}},
				Wagons:    []Wagon{{Number: "63498000"}}, WorkDate: Date{2026, 11, 21},
				Performer: Person{"Иванов Иван Иванович", "мастер погрузки", PersonID{SNILS: "11223344595"}},
				Text: "Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. Применены " +
					"средства крепления: растяжка 4/6, брусок упорный 8. Грузоотправитель мастер погрузки Иванов Иван Иванович",
			},
		},
	},
	{
		file: "placement_proxy.xml", // a time without zone is Moscow's, and the sender is told
		want: Document{
			kind: KindPlacement, id: "0193a5b0-0000-7000-8000-000000000003", version: 2147483647, format: "1.0",
			environment: "production",
			header: Header{
				DocumentID: "0193a5b0-0000-7000-8000-000000000003", CreatedAt: at("2026-11-22T11:00:00+03:00"),
				Sender: "SHIP-01", Organisation: OrgID{INN: "7708503727", KPP: "770801001"}, Receiver: "RZD",
			},
			body: &Placement{
				Waybill: Reference{"0193a5b0-0000-7000-8000-000000000001", 1, strings.Repeat("0a", 32)},
				Traffic: "domestic", Norm: Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1"},
				Wagons: []Wagon{{Number: "63498000"}}, WorkDate: Date{2026, 11, 21},
				Performer: Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки"},
				Proxy: &Proxy{"12", Date{2026, 1, 15},
					Person{"Петрова Анна Олеговна", "инженер", PersonID{SNILS: "11223344595"}}},
				Text: "Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
					"Грузоотправитель: За мастер погрузки Иванов Иван Иванович подписано ЭП инженер Петрова Анна Олеговна " +
					"по доверенности N 12 от 15.01.2026",
			},
		},
		findings: []Finding{{Code: "D03", Reason: "time-without-zone", Severity: Info,
			Path:     "/Placement/Header/CreatedAt",
			Expected: "2026-11-22T11:00:00+03:00", Actual: "2026-11-22T11:00:00"}},
	},
	{
		file: "paper_switch.xml",
		want: Document{
			kind: KindPaperSwitch, id: "0193a5b0-0000-7000-8000-000000000004", version: 1, format: "1.0",
			header: Header{
				DocumentID: "0193a5b0-0000-7000-8000-000000000004", CreatedAt: at("2026-11-22T12:00:00Z"),
				Sender: "SHIP-01", Organisation: OrgID{INN: "7708503727", KPP: "770801001"}, Receiver: "RZD",
			},
			body: &PaperSwitch{
				Waybill: Reference{DocumentID: "0193a5b0-0000-7000-8000-000000000001"},
				Person:  Person{Name: "Сидорова М.П.", Post: "диспетчер"},
				At:      at("2026-11-22T14:59:00+03:00"), Reason: "Нет связи с АСУ",
			},
		},
		findings: []Finding{{Code: "D03", Reason: "time-without-zone", Severity: Info, Path: "/PaperSwitch/At",
			Expected: "2026-11-22T14:59:00+03:00", Actual: "2026-11-22T14:59:00"}},
	},
	{
		file: "staff_list.xml", // serial numbers as signature.Identity writes them
		want: Document{
			kind: KindStaffList, id: "0193a5b0-0000-7000-8000-000000000005", version: 42, format: "1.0",
			header: Header{
				DocumentID: "0193a5b0-0000-7000-8000-000000000005", CreatedAt: at("2026-11-20T09:00:00+03:00"),
				Sender: "RZD", Organisation: OrgID{INN: "7708503727"}, Receiver: "GATE",
			},
			body: &StaffList{
				Organisation: OrgID{INN: "2508033063"}, Version: 42,
				Entries: []StaffEntry{
					{
						Person:      Person{"Иванов Иван Иванович", "мастер погрузки", PersonID{SNILS: "11223344595"}},
						OrderNumber: "17-к", OrderDate: Date{2026, 1, 12}, Works: []string{"loading", "placement"},
						MaySign: true, Stations: []string{"985609", "850609"},
						From: Date{2026, 1, 12}, To: Date{2026, 12, 31},
						Certificate: CertificateRef{"CN=Test CA,O=Test", "AB12"},
					},
					{
						Person:      Person{"Шевченко Олег Іванович", "майстер", PersonID{RNOKPP: "1234567899"}},
						OrderNumber: "18", OrderDate: Date{2026, 2, 1}, Works: []string{"unloading"},
						From: Date{2026, 2, 1}, Recipient: ToTCFTO,
					},
					{
						Person:      Person{"Шевченко Олег Іванович", "майстер", PersonID{RNOKPP: "1234567899"}},
						OrderNumber: "18", OrderDate: Date{2026, 2, 1}, Works: []string{"unloading"},
						From: Date{2026, 2, 1}, Recipient: "985609", RightUnsaid: true,
					},
				},
				Proxies: []PowerOfAttorney{{
					Number: "12", Date: Date{2026, 1, 15}, Registry: "0193f1c2-7a4b-7c3d-8e5f-0000000000ab",
					Issuer: Person{Name: "Орлов Олег Олегович", Post: "директор"},
					Principals: []Person{
						{Name: "Иванов И. И.", PersonID: PersonID{SNILS: "11223344595"}}, {Name: "Шевченко О. І."},
					},
					Branches:    []string{"250801001"},
					Holder:      Person{"Петрова Анна Олеговна", "инженер", PersonID{INN: "500100732259"}},
					Certificate: CertificateRef{"CN=Test CA", "0"},
					Kinds:       []Kind{KindPlacement, KindWaybill},
					From:        Date{2026, 1, 15}, To: Date{2026, 12, 31}, Withdrawn: Date{2026, 6, 1},
				}},
			},
		},
	},
	{
		file: "office_notice.xml",
		want: Document{
			kind: KindOfficeNotice, id: "0193a5b0-0000-7000-8000-000000000006", version: 1, format: "1.0",
			header: Header{
				DocumentID: "0193a5b0-0000-7000-8000-000000000006", CreatedAt: at("2026-11-22T13:00:00+03:00"),
				Sender: "RZD", Organisation: OrgID{INN: "7708503727"}, Receiver: "GATE",
			},
			body: &OfficeNotice{
				InReplyTo:   Reference{DocumentID: "0193a5b0-0000-7000-8000-000000000001", Version: 1},
				Participant: "SHIP-01", Registration: "ЭА123456", State: "registered",
			},
		},
	},
}

func at(s string) time.Time { return must(time.Parse(time.RFC3339Nano, s)) }

var openDocument = cmp.AllowUnexported(Document{})

// Every kind that comes in is read completely, through a real signature.
func TestParse(t *testing.T) {
	signer := newIdentity(t)
	for _, c := range wanted {
		t.Run(c.file, func(t *testing.T) {
			signed := must(signer.key.Sign(readFile(t, c.file)))
			got, findings := Parse(signer.open(t, signed), moscow)
			if diff := cmp.Diff(c.want, got, openDocument); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.findings, findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if !got.Valid() || got.ID() != c.want.id || got.Version() != c.want.version {
				t.Error("the accessors say something else")
			}
		})
	}
}

// Nothing but signature.Open makes what Parse takes, and nothing but Parse makes a Document.
func TestZeroValuesAreRefused(t *testing.T) {
	d, findings := Parse(signature.Signed{}, moscow)
	if d.Valid() || !Refused(findings) {
		t.Errorf("got %+v, %+v for a zero Signed", d, findings)
	}
	if (Document{}).Valid() {
		t.Error("the zero Document is valid")
	}
}

// Each document is changed in one place; the finding names code, reason and path.
func TestParseRefuses(t *testing.T) {
	cases := []struct {
		name, file, old, new string
		want                 Finding
	}{
		{"kind unknown", "waybill.xml", "Waybill", "Invoice",
			Finding{Code: "A01", Reason: "unknown-kind", Path: "/Invoice", Actual: "Invoice"}},
		{"foreign namespace", "waybill.xml", "urn:asugate:1", "urn:asugate:2",
			Finding{Code: "A01", Reason: "unknown-kind", Path: "/Waybill", Actual: "{urn:asugate:2}Waybill"}},
		{"kind that only we send", "waybill.xml", "Waybill", "ESID",
			Finding{Code: "A01", Reason: "unknown-kind", Path: "/ESID", Actual: "ESID"}},
		{"format of the future", "waybill.xml", `Format="1.0"`, `Format="2.0"`,
			Finding{Code: "A01", Reason: "unknown-format", Path: "/Waybill/@Format", Expected: "1.0", Actual: "2.0"}},
		{"no key of the organisation", "placement.xml", `inn="7708503727" kpp="770801001"`, `ogrn="1037739877295"`,
			Finding{Code: "A01", Reason: "no-identifier", Path: "/Placement/Header/Organisation",
				Expected: "inn, edrpou, okpo"}},
		{"value outside its list", "placement.xml", `type="tu"`, `type="etu"`,
			Finding{Code: "A01", Reason: "enumeration", Path: "/Placement/Norm/@type", Actual: "etu"}},
		{"day that does not exist", "placement.xml", "2026-11-21", "2026-11-31",
			Finding{Code: "A01", Reason: "type", Path: "/Placement/WorkDate", Actual: "2026-11-31"}},
		{"missing version", "placement.xml", ` Version="1">`, `>`,
			Finding{Code: "A01", Reason: "missing-attribute", Path: "/Placement/@Version"}},
		{"check digit in a staff list", "staff_list.xml", "112-233-445 95", "112-233-445 96",
			Finding{Code: "D01", Reason: "snils-check-digit", Path: "/StaffList/Entry[1]/Person/@snils",
				Actual: "11223344596"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := string(readFile(t, c.file))
			changed := strings.ReplaceAll(text, c.old, c.new)
			if changed == text {
				t.Fatal("nothing was changed")
			}
			d, findings := parse(rootOf(t, []byte(changed)), moscow)
			if d.Valid() || len(findings) == 0 {
				t.Fatalf("got %+v, %+v", d, findings)
			}
			got := findings[0]
			c.want.Severity = Error
			if c.want.Expected == "" {
				got.Expected = "" // the wording of facets is package xsd's
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			if _, ok := Explain(got.Code, got.Reason); !ok {
				t.Errorf("%s %s is not in the table of reasons", got.Code, got.Reason)
			}
		})
	}
}

// The schemas let unvalidated elements of the signature's namespace stand at the end. A value is
// never taken from one.
func TestForeignElementsAreNoValues(t *testing.T) {
	text := strings.Replace(string(readFile(t, "placement.xml")), "</Placement>",
		`<ds:Text xmlns:ds="http://www.w3.org/2000/09/xmldsig#">Груз не закреплен</ds:Text></Placement>`, 1)
	d, findings := parse(rootOf(t, []byte(text)), moscow)
	if !d.Valid() {
		t.Fatalf("refused: %+v", findings)
	}
	if strings.Contains(d.Placement().Text, "не закреплен") {
		t.Error("the text was taken from a foreign element")
	}
}

// A document of many faults answers with a bounded number of findings.
func TestFindingsAreBounded(t *testing.T) {
	text := strings.Replace(string(readFile(t, "waybill.xml")), "<Wagon ", strings.Repeat(`<Wagon number="x"/>`, 300)+"<Wagon ", 1)
	_, findings := parse(rootOf(t, []byte(text)), moscow)
	if len(findings) != maxViolations {
		t.Errorf("got %d findings, want %d", len(findings), maxViolations)
	}
}

// FuzzParse: no input makes Parse panic; what it takes has an id and a body of its kind, and every
// finding has a row in the table of reasons.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.xml")
	for _, file := range files {
		f.Add(must(os.ReadFile(file)))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
		if err != nil {
			return
		}
		glance := GlanceAt(tree.Root())
		d, findings := parse(tree.Root(), moscow)
		for _, finding := range findings {
			if _, ok := Explain(finding.Code, finding.Reason); !ok {
				t.Errorf("no row for %+v", finding)
			}
		}
		if d.Valid() == Refused(findings) {
			t.Errorf("valid is %v with %+v", d.Valid(), findings)
		}
		if !d.Valid() {
			return
		}
		if d.body == nil || d.header.Organisation.Key() == "" {
			t.Errorf("incomplete: %+v", d)
		}
		if glance.Kind != d.Kind() || glance.DocumentID != d.Header().DocumentID ||
			glance.Version != d.Version() || glance.Sender != d.Header().Sender {
			t.Errorf("glance %+v of %+v", glance, d)
		}
	})
}
