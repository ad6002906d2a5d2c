package wagonlist

import (
	"bytes"
	"crypto/x509"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
	"asugate/xmltree/xsd"
)

var update = flag.Bool("update", false, "rewrite golden files")

var theScene = sync.OnceValues(func() (*scene.Scene, error) { return scene.New(time.Now()) })

var at = time.Date(2026, 11, 22, 12, 30, 0, 0, time.FixedZone("", 3*3600))

var permission = Permission{MessageID: "0193a5b0-1111-7000-8000-000000000001", At: at}

// accepted makes a document of its XML by the only way there is.
func accepted(t testing.TB, by *scene.Persona, s *scene.Scene, text []byte) Accepted {
	t.Helper()
	raw := by.MustSign(text)
	tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	signed, report := signature.Open(signature.Input{Tree: tree}, signature.NewTrust([]*x509.Certificate{s.Root.Certificate}), signature.Policy{}, s.Now)
	if !signed.Valid() {
		t.Fatal(report.Faults)
	}
	d, findings := schema.Parse(signed, time.UTC)
	if !d.Valid() {
		t.Fatal(findings)
	}
	return Accepted{Document: d, Content: strings.Repeat("ab", 32)}
}

// note is an accepted ЭД №1 and its reference.
func note(t testing.TB, s *scene.Scene, w scene.Waybill) (Accepted, scene.Reference) {
	t.Helper()
	a := accepted(t, s.Signatory, s, s.Waybill(w))
	return a, scene.Reference{DocumentID: a.Document.ID(), Version: a.Document.Version(), SHA256: strings.Repeat("ab", 32)}
}

// Every text of п. 1.6, with and without proxy, is parted before the word for who signs; what stands after
// that in the wagon list is a form of footnote 8.
func TestOf_everyText(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	domestic := []string{schema.NormTU, schema.NormLiquid, schema.NormContainer, schema.NormMTU, schema.NormNTU}
	international := []string{schema.NormAnnex14, schema.NormAnnex141, schema.NormTU1990, schema.NormMTU,
		schema.NormNTU, schema.NormDrawing, schema.NormMSK}
	waybill, reference := note(t, s, scene.Waybill{})
	for traffic, norms := range map[string][]string{
		schema.TrafficDomestic: domestic, schema.TrafficInternational: international,
	} {
		for _, norm := range norms {
			for _, proxy := range []bool{false, true} {
				p := scene.Placement{Waybill: reference, Traffic: traffic, Norm: schema.Norm{Type: norm}}
				want := "Подписано ЭП мастер погрузки Иванов Иван Иванович"
				if proxy {
					p.Proxy = &scene.Proxy{Number: "12/3", Date: "2026-01-15", Signer: s.Deputy}
					want = "За мастер погрузки Иванов Иван Иванович подписано ЭП " + s.Deputy.Post + " " + s.Deputy.Name +
						" по доверенности N 12/3 от 15.01.2026"
				}
				placement := accepted(t, s.Performer, s, s.Placement(p))
				got, err := Of(waybill, placement, permission, "production")
				if err != nil {
					t.Fatal(err)
				}
				whole := placement.Document.Placement().Text
				rest, found := strings.CutPrefix(whole, got.Text+" ")
				if !found || !strings.HasPrefix(rest, got.Caption) || strings.Contains(got.Text, "тправитель") {
					t.Errorf("%s %s: %q is parted before %q", traffic, norm, whole, rest)
				}
				caption := "Грузоотправитель"
				if schema.InternationalRules(traffic) {
					caption = "Отправитель"
				}
				if got.Caption != caption || got.Signature() != want {
					t.Errorf("%s %s: %s: %s, want %s: %s", traffic, norm, got.Caption, got.Signature(), caption, want)
				}
			}
		}
	}
}

// Where the statement ends, also in texts that are hard to part.
func TestStatement(t *testing.T) {
	for _, c := range []struct {
		name, text, post, person string
		want, caption            string
	}{
		{"colon", "Груз. Грузоотправитель: мастер Иванов И. И.", "мастер", "Иванов И. И.", "Груз.", "Грузоотправитель"},
		{"none", "Груз. Грузоотправитель мастер Иванов И. И.", "мастер", "Иванов И. И.", "Груз.", "Грузоотправитель"},
		{"lines", "Груз\n  лежит.\nОтправитель\tмастер Иванов", "мастер", "Иванов", "Груз лежит.", "Отправитель"},
		{"the misprint of the regulation", "Груз. Отравитель мастер Иванов", "мастер", "Иванов", "Груз.", "Отправитель"},
		{"ё and case", "Груз. Отправитель МАСТЕР Семёнов", "мастер", "Семенов", "Груз.", "Отправитель"},
		{"a post with the word", "Груз. Отправитель: Отправитель поездов Иванов", "Отправитель поездов", "Иванов",
			"Груз.", "Отправитель"},
		{"the word among the fasteners", "Крепления: Отправитель 4. Отправитель мастер Иванов", "мастер", "Иванов",
			"Крепления: Отправитель 4.", "Отправитель"},
		{"a post that begins with «за»", "Груз. Отправитель: заведующий складом Иванов", "заведующий складом", "Иванов",
			"Груз.", "Отправитель"},
		{"for whom somebody signs", "Груз. Отправитель: За заведующий Иванов подписано ЭП мастер Петров",
			"заведующий", "Иванов", "Груз.", "Отправитель"},
		{"within a word", "Грузоотправительский текст", "мастер", "Иванов", "Грузоотправительский текст", "Грузоотправитель"},
		{"a person written otherwise", "Груз. Отправитель мастер Иванов Иван", "мастер", "Иванов И.", "Груз.", "Отправитель"},
		{"nothing", "", "", "", "", "Грузоотправитель"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, caption := statement(&schema.Placement{Text: c.text, Performer: schema.Person{Post: c.post, Name: c.person}})
			if text != c.want || caption != c.caption {
				t.Errorf("got %q, %q; want %q, %q", text, caption, c.want, c.caption)
			}
		})
	}
}

// What is not a pair makes no sheet.
func TestOf_notPair(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	waybill, reference := note(t, s, scene.Waybill{})
	other, _ := note(t, s, scene.Waybill{})
	placement := accepted(t, s.Performer, s, s.Placement(scene.Placement{Waybill: reference}))
	for name, pair := range map[string][2]Accepted{
		"nothing":             {},
		"no ЭД №2":            {waybill, {}},
		"exchanged":           {placement, waybill},
		"twice the same":      {waybill, waybill},
		"of another ЭД №1":    {other, placement},
		"without its ЭД №1":   {{}, placement},
		"two times the ЭД №2": {placement, placement},
	} {
		if _, err := Of(pair[0], pair[1], permission, "test"); !errors.Is(err, ErrNotPair) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ByHand(placement, permission, "test"); !errors.Is(err, ErrNotPair) {
		t.Errorf("ЭД №2 as ЭД №1: %v", err)
	}
}

// example is a sheet with everything in it.
func example() Sheet {
	return Sheet{
		Environment: "production", Permission: permission,
		Waybill:   Reference{"0193f1c2-7a4b-7c3d-8e5f-000000000001", 2, strings.Repeat("ab", 32)},
		Placement: &Reference{"0193f1c2-7a4b-7c3d-8e5f-000000000002", 1, strings.Repeat("cd", 32)},
		Number:    "ЭА123456", Consignor: schema.Party{OrgID: schema.OrgID{INN: "7707083893"}, Name: "ООО «Лес» & Ко"},
		Departure: schema.Station{Code: "985609", Name: "Находка"}, Destination: schema.Station{Code: "850609"},
		Wagons: []string{"63498000", "62310784"}, Containers: []string{"MSKU1234565"},
		Text:    "Груз размещен и закреплен в соответствии с МТУ N 12/34 от 01.02.2024 правильно.",
		Caption: "Грузоотправитель", Form: Proxy, Performer: schema.Person{Post: "мастер", Name: "Иванов И. И."},
		Proxy: &schema.Proxy{Number: "12", Date: schema.Date{Year: 2026, Month: 1, Day: 15},
			Signer: schema.Person{Post: "инженер", Name: "Петрова А. О."}},
	}
}

// sheets are the three forms of footnote 8, each with as little and as much as there may be.
func sheets() map[string]Sheet {
	proxy := example()
	signed := proxy
	signed.Form, signed.Proxy, signed.Containers, signed.Number, signed.Environment = Signed, nil, nil, "", "test"
	blank := signed
	blank.Form, blank.Placement, blank.Text, blank.Performer = Blank, nil, "", schema.Person{}
	long := proxy
	long.Text = strings.Repeat("Груз размещен и закреплен. ", 150)
	long.Wagons = slices.Repeat(long.Wagons, 400)
	return map[string]Sheet{"proxy": proxy, "signed": signed, "blank": blank, "long": long}
}

// The XML is as the published schema says, and the same each time.
func TestXML(t *testing.T) {
	set, err := xsd.Load(schema.Schemas(), "WagonList.xsd")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range sheets() {
		body, err := s.XML()
		if err != nil {
			t.Fatal(err)
		}
		tree, err := xmltree.Parse(body, xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if found := set.Validate(tree.Root(), 10); len(found) > 0 {
			t.Errorf("%s: %+v\n%s", name, found, body)
		}
		if again, _ := s.XML(); !bytes.Equal(body, again) {
			t.Errorf("%s: other bytes the second time", name)
		}
	}
}

// The XML word for word.
func TestXML_golden(t *testing.T) {
	got, err := example().XML()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/proxy.golden"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}
