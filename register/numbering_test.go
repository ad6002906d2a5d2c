package register

import (
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// threeStations is a railway three of whose stations are numbered each in another way, and the rest not.
var threeStations = &Railway{Code: "RZD", Numbering: []Numbering{
	{Station: "985609", Scope: ScopeRange, Ranges: []NumberRange{
		{"АРМ-1", 1, 999}, {"АРМ-2", 1000, 1999}, {"АРМ-1", 3000, 3999},
	}},
	{Station: "850609", Scope: ScopeStation},
	{Station: "100001", Scope: ScopeSiding},
}}

func TestScope(t *testing.T) {
	owner := schema.OrgID{INN: "7708503727", KPP: "770801001"}
	cases := []struct {
		why  string
		of   Numbered
		want string
	}{
		{"through the whole station", Numbered{Station: "850609", Number: "7", Workplace: "АРМ-1", Owner: owner, Siding: "5"}, ""},
		{"of a workplace", Numbered{Station: "985609", Number: "7", Workplace: "АРМ-1", Owner: owner}, "арм-1"},
		{"of a workplace outside its range", Numbered{Station: "985609", Number: "1500", Workplace: "арм-1"}, "арм-1"},
		{"the range tells the workplace", Numbered{Station: "985609", Number: "1500", Owner: owner}, "арм-2"},
		{"its first number", Numbered{Station: "985609", Number: "1000"}, "арм-2"},
		{"its last, with zeros", Numbered{Station: "985609", Number: "01999"}, "арм-2"},
		{"a further range", Numbered{Station: "985609", Number: "3999"}, "арм-1"},
		{"of no range", Numbered{Station: "985609", Number: "2000"}, ""},
		{"no number", Numbered{Station: "985609", Number: "12/3"}, ""},
		{"a siding", Numbered{Station: "100001", Number: "7", Owner: owner, Siding: "№ 5"}, "7708503727|n 5"},
		{"its owner's КПП is no matter", Numbered{Station: "100001", Owner: schema.OrgID{INN: "7708503727"}, Siding: "№ 5"}, "7708503727|n 5"},
		{"the siding goes before the place", Numbered{Station: "100001", Owner: owner, Siding: "5", Place: "Тупик"}, "7708503727|5"},
		{"a place in another spelling", Numbered{Station: "100001", Owner: owner, Place: "ТУПИК\u00a0«Зелёный» –  2"}, "7708503727|тупик зеленый - 2"},
		{"and in this", Numbered{Station: "100001", Owner: owner, Place: " тупик \"зеленый\" - 2\u200b"}, "7708503727|тупик зеленый - 2"},
		{"nobody has said", Numbered{Station: "200004", Number: "7", Workplace: "АРМ-1", Owner: owner, Place: "Склад"}, "7708503727|склад"},
		{"an owner without numbers", Numbered{Station: "200004", Place: "Склад"}, "|склад"},
		{"nothing at all", Numbered{}, "|"},
	}
	for _, c := range cases {
		if got := threeStations.Scope(c.of); got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}

// What is said of all other stations holds for those that are not named, wherever it stands.
func TestNumberingOf(t *testing.T) {
	r := &Railway{Numbering: append([]Numbering{{Scope: ScopeStation}}, threeStations.Numbering...)}
	for station, want := range map[string]string{
		"985609": ScopeRange, "850609": ScopeStation, "100001": ScopeSiding, "200004": ScopeStation,
	} {
		if n, registered := r.NumberingOf(station); n.Scope != want || !registered {
			t.Errorf("%s: got %s, registered %t; want %s", station, n.Scope, registered, want)
		}
	}
	if n, registered := threeStations.NumberingOf("200004"); n.Scope != ScopeSiding || registered {
		t.Errorf("nobody has said: got %s, registered %t", n.Scope, registered)
	}
}

func TestFits(t *testing.T) {
	cases := []struct {
		why, station, workplace, number, ranges string
		ok                                      bool
	}{
		{"in the range", "985609", "АРМ-1", "999", "", true},
		{"in its other one, written otherwise", "985609", "арм–1", "3000", "", true},
		{"in another's", "985609", "АРМ-1", "1000", "1–999, 3000–3999", false},
		{"in anybody's", "985609", "", "1000", "", true},
		{"in nobody's", "985609", "", "2500", "1–999, 1000–1999, 3000–3999", false},
		{"zero", "985609", "", "0", "1–999, 1000–1999, 3000–3999", false},
		{"no number", "985609", "АРМ-2", "1000а", "1000–1999", false},
		{"longer than any", "985609", "АРМ-2", strings.Repeat("1", 30), "1000–1999", false},
		{"a workplace that has none", "985609", "АРМ-3", "1000", "", false},
		{"through the whole station", "850609", "АРМ-3", "12/3", "", true},
		{"nobody has said", "200004", "АРМ-3", "12/3", "", true},
	}
	for _, c := range cases {
		n, _ := threeStations.NumberingOf(c.station)
		if ranges, ok := n.Fits(c.workplace, c.number); ranges != c.ranges || ok != c.ok {
			t.Errorf("%s: got %q, %t; want %q, %t", c.why, ranges, ok, c.ranges, c.ok)
		}
	}
}

// The scope is that of the document: a memo has place and workplace, an act its siding only.
func TestNumberScope(t *testing.T) {
	s := pki.Must(scene.New(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)))
	signedAt := time.Date(2026, 3, 9, 20, 27, 24, 0, time.UTC)
	document := func(raw []byte) schema.Document {
		t.Helper()
		tree := pki.Must(xmltree.Parse(s.Office.MustSign(raw), xmltree.DefaultLimits()))
		trust := signature.NewTrust(pki.Must(signature.ParseCertificates(s.Rail.CertificatePEM())))
		signed, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, s.Now)
		d, findings := schema.Parse(signed, time.UTC)
		if signed.Root().Is("", "data") {
			d, findings = schema.ParseForeign(signed, schema.Origin{DocumentID: "1", SignedAt: signedAt}, time.UTC)
		}
		if report.Outcome != signature.Holds || schema.Refused(findings) {
			t.Fatalf("%+v %+v", report.Faults, findings)
		}
		return d
	}
	memo := document(s.Memo(scene.Memo{Number: "1500", Change: func(m *schema.Memo) {
		m.Station.Code, m.Workplace, m.Siding, m.Place = "985609", "АРМ-2", "5", "Склад"
	}}))
	elsewhere := document(s.Memo(scene.Memo{Change: func(m *schema.Memo) {
		m.Station.Code, m.Workplace, m.Siding, m.Place = "850609", "", "5", "Склад"
	}}))
	foreign := document(s.KPEDOForm(scene.KPEDOForm{Number: "77"}))
	act := document(s.Act(scene.Act{Number: "77", Change: func(a *schema.Act) {
		a.Station.Code, a.Siding = "985609", "5"
	}}))
	for _, c := range []struct {
		why      string
		document schema.Document
		railway  *Railway
		want     string
		composed time.Time
	}{
		{"a memo of a workplace", memo, threeStations, "арм-2", memo.Memo().ComposedAt},
		{"the same, where nobody has said", memo, &Railway{}, memo.Memo().Owner.Key() + "|5", memo.Memo().ComposedAt},
		{"a memo of a whole station", elsewhere, threeStations, "", elsewhere.Memo().ComposedAt},
		// The form of КП ЭДО does not say when it was drawn up; the numbers of each year are its own all the same.
		{"a memo of КП ЭДО", foreign, threeStations, "арм-1", signedAt},
		{"an act", act, threeStations, "арм-1", act.Act().ComposedAt},
		{"the same, where nobody has said", act, &Railway{}, act.Act().Owner.Key() + "|5", act.Act().ComposedAt},
		{"neither", schema.Document{}, threeStations, "", time.Time{}},
	} {
		scope, composed := c.railway.NumberScope(c.document)
		if scope != c.want || !composed.Equal(c.composed) {
			t.Errorf("%s: got %q, %v; want %q, %v", c.why, scope, composed, c.want, c.composed)
		}
	}
}

// Names that differ in nothing that people see have one spelling, and it is its own.
func FuzzFold(f *testing.F) {
	f.Add("Путь № 5 «Зелёный»")
	f.Add("\x00\u0301Й –")
	f.Fuzz(func(t *testing.T, name string) {
		once := fold(name)
		if again := fold(once); again != once {
			t.Errorf("%q: %q and then %q", name, once, again)
		}
		if spaced := fold("  " + strings.ReplaceAll(name, " ", "\t ") + "\n"); spaced != once {
			t.Errorf("%q: spaces make %q of %q", name, spaced, once)
		}
		if strings.ContainsRune(once, 0) {
			t.Errorf("%q: %q would end a part of a key", name, once)
		}
	})
}
