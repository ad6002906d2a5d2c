package legitimacy

import (
	"crypto/x509"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"asugate/internal/pki"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/workflow"
	"asugate/xmltree"
)

// moscow is the zone of the railway: 21:30 UTC of one day is half past midnight of the next there.
var moscow = pki.Must(time.LoadLocation("Europe/Moscow"))

// received is when documents of these tests come in.
var received = time.Date(2026, 11, 22, 12, 0, 0, 0, moscow)

const (
	waybillID = "0193f1c2-7a4b-7c3d-8e5f-000000000001"
	content   = "1111111111111111111111111111111111111111111111111111111111111111"
	inn       = "7708503727"
	ogrn      = "1037739877295"
)

func day(s string) schema.Date { return pki.Must(schema.ParseDate(s)) }

// scene is a document and all that it meets. Tests change what they are about.
type scene struct {
	Header      schema.Header
	Environment string
	Version     int
	Placement   *schema.Placement
	Waybill     *schema.Waybill
	Paper       *schema.PaperSwitch
	Staff       *schema.StaffList // the document
	Primary     *primaryDocument  // of memos and acts
	Case        Case
	List        *schema.StaffList // the register, nil: none
}

// The people of these tests. Their СНИЛС are valid.
var (
	ivanov = schema.Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки",
		PersonID: schema.PersonID{SNILS: "11223344595"}}
	petrova = schema.Person{Name: "Петрова Анна Олеговна", Post: "инженер",
		PersonID: schema.PersonID{SNILS: "10000000009"}}
	sidorova = schema.Person{Name: "Сидорова Мария Павловна", Post: "товарный кассир",
		PersonID: schema.PersonID{SNILS: "10000000110"}}
)

// certificateOf is what a certificate of the person says, issued to the organisation.
func certificateOf(p schema.Person) signature.Identity {
	surname, given, _ := strings.Cut(p.Name, " ")
	return signature.Identity{
		CommonName: p.Name, Surname: surname, GivenName: given,
		SNILS: p.SNILS, INN: p.INN, RNOKPP: p.RNOKPP, INNLE: inn, OGRN: ogrn,
		Issuer: "CN=УЦ", Serial: "1A2B",
	}
}

func entry(p schema.Person) schema.StaffEntry {
	return schema.StaffEntry{
		Person: p, OrderNumber: "17-К", OrderDate: day("2026-01-10"),
		Works: []string{"loading", "placement"}, MaySign: true,
		From: day("2026-01-12"), To: day("2026-12-31"),
	}
}

// goodScene is the surroundings in which everything is right; signed by p.
func goodScene(p schema.Person) *scene {
	s := &scene{
		Version: 1,
		Header: schema.Header{
			DocumentID: waybillID, CreatedAt: received.Add(-time.Minute),
			Sender: "SHIP-01", Organisation: schema.OrgID{INN: inn, KPP: "770801001"}, Receiver: "RZD",
		},
		List: &schema.StaffList{
			Organisation: schema.OrgID{INN: inn}, Version: 42,
			Entries: []schema.StaffEntry{entry(ivanov)},
			Proxies: []schema.PowerOfAttorney{{
				Number: "12", Date: day("2026-01-15"), Holder: petrova,
				From: day("2026-01-15"), To: day("2026-12-31"),
			}},
		},
	}
	s.Case = Case{
		Report: signature.Report{Outcome: signature.Holds, Signer: certificateOf(p)},
		Moment: received, Received: received, Zone: moscow, Environment: "test",
		Railway: &register.Railway{Code: "RZD", Profile: "rzd", Zone: moscow},
		Organisation: &register.Organisation{
			OrgID: schema.OrgID{INN: inn, KPP: "770801001", OGRN: ogrn}, Name: "АО «Пример»",
			Agreement: register.Agreement{
				Number: "ЭОД-1", From: day("2026-01-01"), To: day("2026-12-31"),
				Covers:    []schema.Kind{schema.KindWaybill, schema.KindPlacement, schema.KindPaperSwitch},
				Placement: register.PlacementSigned,
			},
			Signatories: []register.Signatory{{
				Person: sidorova, Kinds: []schema.Kind{schema.KindWaybill, schema.KindPaperSwitch},
				From: day("2026-02-01"), To: day("2026-12-31"),
			}},
		},
		Consignment: workflow.Consignment{
			Revision: 1, State: workflow.WaybillAccepted, WaybillVersion: 1, WaybillContent: content,
			DepartureStation: "985609", DestinationStation: "850609", Organisation: inn, Traffic: "domestic", Wagons: []string{"63498000"},
		},
	}
	s.Case.Participant = &register.Participant{
		Code: "SHIP-01", Railway: "RZD", Organisations: []*register.Organisation{s.Case.Organisation},
	}
	return s
}

// goodPlacement is an ЭД №2 of Иванов, signed by himself.
func goodPlacement() *scene {
	s := goodScene(ivanov)
	s.Placement = &schema.Placement{
		Waybill:   schema.Reference{DocumentID: waybillID, Version: 1, SHA256: content},
		Traffic:   "domestic",
		Norm:      schema.Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1"},
		Fasteners: []schema.Fastener{{Name: "растяжка", Quantity: 4, Strands: 6}, {Name: "брусок", Quantity: 8}},
		Wagons:    []schema.Wagon{{Number: "63498000"}},
		WorkDate:  day("2026-11-21"),
		Performer: ivanov,
	}
	return s
}

// proxyPlacement is an ЭД №2 of Иванов, signed for him by Петрова.
func proxyPlacement() *scene {
	s := goodPlacement()
	s.Case.Report.Signer = certificateOf(petrova)
	s.Placement.Proxy = &schema.Proxy{Number: "12", Date: day("2026-01-15"), Signer: petrova}
	return s
}

// goodWaybill is an ЭД №1 signed by Сидорова.
func goodWaybill() *scene {
	s := goodScene(sidorova)
	s.Case.Consignment = workflow.Consignment{}
	s.Waybill = &schema.Waybill{
		Traffic: "domestic", DepartureStation: "985609", DestinationStation: "850609",
		Consignor: schema.Party{OrgID: schema.OrgID{INN: inn}, Name: "АО «Пример»"},
		Consignee: schema.Party{OrgID: schema.OrgID{INN: "7707083893"}, Name: "ПАО «Получатель»"},
		Cargo:     []schema.Cargo{{ETSNG: "161128", Name: "Уголь", MassKg: 60000}},
		Wagons:    []schema.Wagon{{Number: "63498000"}},
		Signatory: sidorova,
	}
	return s
}

func goodPaper() *scene {
	s := goodScene(sidorova)
	s.Paper = &schema.PaperSwitch{
		Waybill: schema.Reference{DocumentID: waybillID}, Person: sidorova, At: received,
	}
	return s
}

// goodList is a staff list signed by the railway.
func goodList() *scene {
	s := goodScene(schema.Person{Name: "Офис"})
	s.Case.Participant, s.Case.Organisation = nil, nil
	s.Header.Sender = "RZD"
	s.Staff = &schema.StaffList{
		Organisation: schema.OrgID{INN: inn}, Version: 43, Entries: []schema.StaffEntry{entry(ivanov)},
	}
	s.Version = 43
	return s
}

// build makes the case, its document by the only way there is: written, signed, opened, parsed.
func (s *scene) build(t testing.TB) *Case {
	t.Helper()
	c := s.Case
	c.Document = s.document(t)
	if s.List != nil {
		c.Staff = &register.Staff{StaffList: *s.List}
	}
	return &c
}

var office = pki.Must(pki.Must(pki.NewAuthority("Корень", received)).Issue(
	pki.Request{Subject: pki.Subject{CommonName: "Подписант"}}))

func (s *scene) document(t testing.TB) schema.Document {
	t.Helper()
	written := s.xml(t)
	signed := pki.Must(pki.Must(signature.NewKey(office.Key, office.Certificate)).Sign([]byte(written)))
	tree := pki.Must(xmltree.Parse(signed, xmltree.DefaultLimits()))
	trust := signature.NewTrust([]*x509.Certificate{office.Certificate})
	opened, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, received)
	if !opened.Valid() {
		t.Fatalf("%v\n%s", report.Faults, signed)
	}
	d, findings := schema.Parse(opened, moscow)
	if !d.Valid() {
		t.Fatalf("%v\n%s", findings, written)
	}
	return d
}

func (s *scene) xml(t testing.TB) string {
	if s.Staff != nil {
		var b strings.Builder
		if err := register.WriteStaffXML(&b, s.Staff, s.Header); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	kind, body := schema.KindPaperSwitch, ""
	switch {
	case s.Primary != nil:
		kind, body = s.Primary.Kind, s.Primary.xml()
	case s.Placement != nil:
		kind, body = schema.KindPlacement, placementXML(s.Placement)
	case s.Waybill != nil:
		kind, body = schema.KindWaybill, waybillXML(s.Waybill)
	case s.Paper != nil:
		body = fmt.Sprintf(`<Waybill DocumentID="%s"/>%s<At>%s</At>`, s.Paper.Waybill.DocumentID,
			personXML("Person", s.Paper.Person), s.Paper.At.Format(time.RFC3339))
	}
	environment := ""
	if s.Environment != "" {
		environment = ` Environment="` + s.Environment + `"`
	}
	h := s.Header
	return fmt.Sprintf(`<%s xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="%d"%s><Header><DocumentID>%s</DocumentID>`+
		`<CreatedAt>%s</CreatedAt><Sender>%s</Sender>%s<Receiver>%s</Receiver></Header>%s</%[1]s>`,
		kind, s.Version, environment, h.DocumentID, h.CreatedAt.Format(time.RFC3339), h.Sender,
		orgXML("Organisation", h.Organisation, ""), h.Receiver, body)
}

func placementXML(p *schema.Placement) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Waybill DocumentID="%s" Version="%d" SHA256="%s"/><Traffic>%s</Traffic><Norm type="%s">`,
		p.Waybill.DocumentID, p.Waybill.Version, p.Waybill.SHA256, p.Traffic, p.Norm.Type)
	for _, name := range schema.NormFieldNames() {
		if value := p.Norm.Field(name); value != "" {
			fmt.Fprintf(&b, "<%s>%s</%[1]s>", name, escaped(value))
		}
	}
	fmt.Fprintf(&b, `</Norm><Fasteners jib="%v">`, p.Jib)
	for _, f := range p.Fasteners {
		fmt.Fprintf(&b, `<Fastener name="%s" quantity="%d"%s`, escaped(f.Name), f.Quantity,
			attributes("diameter", f.Diameter, "size", f.Size))
		if f.Strands > 0 {
			fmt.Fprintf(&b, ` strands="%d"`, f.Strands)
		}
		b.WriteString("/>")
	}
	b.WriteString("</Fasteners>")
	for _, w := range p.Wagons {
		fmt.Fprintf(&b, `<Wagon number="%s"/>`, w.Number)
	}
	fmt.Fprintf(&b, `<WorkDate>%s</WorkDate>%s`, p.WorkDate, personXML("Performer", p.Performer))
	if p.Proxy != nil {
		fmt.Fprintf(&b, `<Proxy number="%s" date="%s">%s</Proxy>`, p.Proxy.Number, p.Proxy.Date,
			personXML("Signer", p.Proxy.Signer))
	}
	text := p.Text
	if text == "" {
		text = schema.RenderPlacement(p)
	}
	fmt.Fprintf(&b, `<Text>%s</Text>`, escaped(text))
	return b.String()
}

func personXML(element string, p schema.Person) string {
	return fmt.Sprintf(`<%s post="%s"%s>%s</%[1]s>`, element, escaped(p.Post),
		attributes("snils", p.SNILS, "inn", p.INN, "rnokpp", p.RNOKPP), escaped(p.Name))
}

func orgXML(element string, o schema.OrgID, name string) string {
	if name != "" {
		name = "<Name>" + escaped(name) + "</Name>"
	}
	return fmt.Sprintf(`<%s%s>%s</%[1]s>`, element,
		attributes("inn", o.INN, "kpp", o.KPP, "okpo", o.OKPO, "ogrn", o.OGRN, "edrpou", o.EDRPOU), name)
}

func attributes(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(&b, ` %s="%s"`, pairs[i], pairs[i+1])
		}
	}
	return b.String()
}

func escaped(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.String()
}

// shown are findings as tests compare them; each must be complete.
func shown(t testing.TB, findings []schema.Finding) []string {
	t.Helper()
	var lines []string
	for _, f := range findings {
		if _, known := schema.Explain(f.Code, f.Reason); !known || f.Clause == "" || f.Severity == "" {
			t.Errorf("not a finding of the table: %+v", f)
		}
		line := f.Code + " " + f.Reason + " " + f.Path
		if f.Severity != schema.Error {
			line = string(f.Severity) + " " + line
		}
		lines = append(lines, line)
	}
	return lines
}
