package schema

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The forms of 288 п. 1.6 as the regulation prints them, with its blanks, captions, marks of
// footnotes, spacing and misprints.
var printedForms = []struct {
	traffic string
	norm    Norm
	form    string
}{
	{TrafficDomestic, Norm{Type: NormTU},
		"Груз размещен и закреплен согласно рис. ____ главы ____ раздела ______ Технических условий правильно. " +
			"Применены средства крепления: _______(5). Грузоотправитель __________________ (должность, Ф.И.О.)(6)"},
	{TrafficDomestic, Norm{Type: NormLiquid},
		"Груз погружен согласно Правилам перевозок грузов наливом в вагонах-цистернах и в вагонах бункерного типа " +
			"для перевозки нефтебитума железнодорожным транспортом. Грузоотправитель _______ (должность, Ф.И.О.)"},
	{TrafficDomestic, Norm{Type: NormContainer, Chapter: "12"},
		"Груз в контейнере размещен и закреплен в соответствии с главой 12 Технических условий правильно. " +
			"Грузоотправитель _________ (должность, Ф.И.О.)"},
	{TrafficDomestic, Norm{Type: NormMTU},
		"Груз размещен и закреплен в соответствии с МТУ N ___ от ______ правильно. " +
			"Применены средства крепления: ____. Грузоотправитель ____________ (должность, Ф.И.О.)"},
	{TrafficDomestic, Norm{Type: NormNTU},
		"Груз размещен и закреплен в соответствии с НТУ N ___ от _______ правильно. " +
			"Применены средства крепления: _________. Грузоотправитель __________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormAnnex14},
		"Груз размещен и закреплен в соответствии с п.___ гл. ____ Прил.14 к СМГС. " +
			"Отправитель ___________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormAnnex14}, // п. 2.1.3 2), with its misprint
		"Груз размещен и закрашен в соответствии с п.___ гл. ___ Прил. 14 к СМГС. Отправитель ___"},
	{TrafficInternational, Norm{Type: NormAnnex14, Chapter: "5"}, // the blank of the list is lost
		"Груз размещен и закреплен в соответствии с гл.5 Прил.14 к СМГС, эскиз N ___ от ______ . " +
			"Применены средства крепления: ___. Отравитель ______ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormTU1990}, // without a full stop after the list
		"Груз размещен и закреплен согласно рис. ____ главы ____ раздела ____ ТУ1990 правильно. " +
			"Применены средства крепления: ________ Отправитель _____ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormNTU},
		"Груз размещен и закреплен в соответствии с НТУ N ___ от ______. " +
			"Применены средства крепления: ________. Отправитель ___________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormMTU, Scheme: "1"},
		"Груз размещен и закреплен в соответствии с МТУ N ____ от ______, схема N _____ (7). " +
			"Применены средства крепления: __________ . Отправитель _________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormDrawing},
		"Груз размещен и закреплен в соответствии с чертежом N _____ от ________. " +
			"Отравитель _____________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormMSK},
		"МСК размещено и закреплено в соответствии со схемой N ______ от ___________, утвержденной __________. " +
			"Применены средства крепления:__________. Отправитель ___________ (должность, Ф.И.О.)"},
	{TrafficInternational, Norm{Type: NormAnnex141},
		"Автопоезд (автомобиль, тягач, прицеп, полуприцеп, съемный автомобильный кузов) размещен и закреплен " +
			"в соответствии с Прил.14.1 к СМГС. Отправитель ____________ (должность, Ф.И.О.)"},
}

var (
	notFilledIn = regexp.MustCompile(` ?\((?:должность,? Ф\.И\.О\.?|5|6|7)\)`)
	blanks      = regexp.MustCompile(`_+`)
)

// Each template is the form that the regulation prints, word for word.
func TestTemplatesAreTheForms(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range printedForms {
		chosen, _ := templateFor(c.traffic, c.norm)
		seen[chosen.work] = true
		var b strings.Builder
		for _, w := range chosen.words(textForm{optional: true, fasteners: chosen.fasteners}) {
			fmt.Fprint(&b, w.prefix)
			if w.slot != "" {
				fmt.Fprint(&b, blank, w.suffix)
			}
			b.WriteByte(' ')
		}
		got := splitText(normalizeText(b.String()))
		form := blanks.ReplaceAllString(notFilledIn.ReplaceAllString(c.form, ""), blank)
		want := splitText(misprints.Replace(normalizeText(form)))
		if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
			t.Errorf("%s %s:\n%s\n%s", c.traffic, c.norm.Type, g, w)
		}
	}
	if len(seen) != len(templates) {
		t.Errorf("%d templates of %d are held against the regulation", len(seen), len(templates))
	}
}

// filledText is a text of the regulation with data filled in; signer and proxy are added by the test.
var filledTexts = []struct {
	name    string
	traffic string
	norm    Norm
	list    []Fastener
	jib     bool
	want    string // up to the signer
	sender  string
}{
	{"ТУ", TrafficDomestic, Norm{Type: NormTU, Figure: "5", Chapter: "2", Section: "1"},
		[]Fastener{{Name: "растяжка", Quantity: 4, Strands: 6}, {Name: "брусок упорный", Quantity: 8}}, false,
		"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
			"Применены средства крепления: растяжка 4/6, брусок упорный 8.", "Грузоотправитель"},
	{"ТУ, кран (сноска 5)", TrafficDomestic, Norm{Type: NormTU, Figure: "5", Chapter: "2", Section: "1"},
		[]Fastener{{Name: "растяжка", Quantity: 8, Strands: 4}}, true,
		"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
			"Применены средства крепления: растяжка 8/4. От поворота стрелы применены четыре растяжки из проволоки " +
			"диаметром 6 мм в четыре нити.", "Грузоотправитель"},
	{"ТУ, без средств крепления", TrafficDomestic, Norm{Type: NormTU, Figure: "5", Chapter: "2", Section: "1"}, nil, false,
		"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно.", "Грузоотправитель"},
	{"налив", TrafficDomestic, Norm{Type: NormLiquid}, nil, false,
		"Груз погружен согласно Правилам перевозок грузов наливом в вагонах-цистернах и в вагонах бункерного типа " +
			"для перевозки нефтебитума железнодорожным транспортом.", "Грузоотправитель"},
	{"налив, международное", TrafficInternational, Norm{Type: NormLiquid}, nil, false, // readings: in any class
		"Груз погружен согласно Правилам перевозок грузов наливом в вагонах-цистернах и в вагонах бункерного типа " +
			"для перевозки нефтебитума железнодорожным транспортом.", "Грузоотправитель"},
	{"контейнер", TrafficDomestic, Norm{Type: NormContainer, Chapter: "12"}, nil, false,
		"Груз в контейнере размещен и закреплен в соответствии с главой 12 Технических условий правильно.",
		"Грузоотправитель"},
	{"МТУ", TrafficDomestic, Norm{Type: NormMTU, Number: "17", Date: "2024-03-05"},
		[]Fastener{{Name: "обвязка", Quantity: 2, Strands: 4}}, false,
		"Груз размещен и закреплен в соответствии с МТУ N 17 от 05.03.2024 правильно. " +
			"Применены средства крепления: обвязка 2/4.", "Грузоотправитель"},
	{"МТУ, измененные распоряжением", TrafficDomestic, // both number and date are fractions
		Norm{Type: NormMTU, Number: "12/34", Date: "2020-02-01/2020-06-05"},
		[]Fastener{{Name: "обвязка", Quantity: 2, Strands: 4}}, false,
		"Груз размещен и закреплен в соответствии с МТУ N 12/34 от 01.02.2020/05.06.2020 правильно. " +
			"Применены средства крепления: обвязка 2/4.", "Грузоотправитель"},
	{"НТУ", TrafficDomestic, Norm{Type: NormNTU, Number: "8-26", Date: "2026-01-09"},
		[]Fastener{{Name: "стойка", Quantity: 12}}, false,
		"Груз размещен и закреплен в соответствии с НТУ N 8-26 от 09.01.2026 правильно. " +
			"Применены средства крепления: стойка 12.", "Грузоотправитель"},
	{"Приложение 14", TrafficInternational, Norm{Type: NormAnnex14, Point: "2.1", Chapter: "3"}, nil, false,
		"Груз размещен и закреплен в соответствии с п.2.1 гл. 3 Прил.14 к СМГС.", "Отправитель"},
	{"Приложение 14, глава 5", TrafficInternational,
		Norm{Type: NormAnnex14, Chapter: "5", Number: "31", Date: "2025-07-01"},
		[]Fastener{{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"},
			{Name: "брусок", Quantity: 8, Size: "50x100x2700"}}, false,
		"Груз размещен и закреплен в соответствии с гл.5 Прил.14 к СМГС, эскиз N 31 от 01.07.2025. " +
			"Применены средства крепления: растяжка 4/6 из проволоки диаметром 6 мм, брусок 8 размерами 50x100x2700 мм.",
		"Отправитель"},
	{"ТУ1990", TrafficInternational, Norm{Type: NormTU1990, Figure: "11", Chapter: "4", Section: "1"},
		[]Fastener{{Name: "растяжка", Quantity: 4, Strands: 8, Diameter: "6.5"}}, false,
		"Груз размещен и закреплен согласно рис. 11 главы 4 раздела 1 ТУ1990 правильно. " +
			"Применены средства крепления: растяжка 4/8 из проволоки диаметром 6,5 мм.", "Отправитель"},
	{"НТУ, международное", TrafficInternational, Norm{Type: NormNTU, Number: "8-26", Date: "2026-01-09"},
		[]Fastener{{Name: "стойка", Quantity: 12}}, false,
		"Груз размещен и закреплен в соответствии с НТУ N 8-26 от 09.01.2026. " +
			"Применены средства крепления: стойка 12.", "Отправитель"},
	{"МТУ, международное", TrafficInternational, Norm{Type: NormMTU, Number: "17", Date: "2024-03-05"},
		[]Fastener{{Name: "стойка", Quantity: 12}}, false,
		"Груз размещен и закреплен в соответствии с МТУ N 17 от 05.03.2024. " +
			"Применены средства крепления: стойка 12.", "Отправитель"},
	{"МТУ со схемой (сноска 7)", TrafficInternational,
		Norm{Type: NormMTU, Number: "17", Date: "2024-03-05", Scheme: "3"},
		[]Fastener{{Name: "стойка", Quantity: 12}}, false,
		"Груз размещен и закреплен в соответствии с МТУ N 17 от 05.03.2024, схема N 3. " +
			"Применены средства крепления: стойка 12.", "Отправитель"},
	{"чертеж", TrafficInternational, Norm{Type: NormDrawing, Number: "НГ-104", Date: "2026-02-28"}, nil, false,
		"Груз размещен и закреплен в соответствии с чертежом N НГ-104 от 28.02.2026.", "Отправитель"},
	{"МСК", TrafficInternational,
		Norm{Type: NormMSK, Number: "2", Date: "2023-11-30", ApprovedBy: "начальником станции Владивосток"},
		[]Fastener{{Name: "увязка", Quantity: 6, Strands: 2, Diameter: "6"}}, false,
		"МСК размещено и закреплено в соответствии со схемой N 2 от 30.11.2023, утвержденной начальником станции " +
			"Владивосток. Применены средства крепления: увязка 6/2 из проволоки диаметром 6 мм.", "Отправитель"},
	{"Приложение 14.1", TrafficInternational, Norm{Type: NormAnnex141}, nil, false,
		"Автопоезд (автомобиль, тягач, прицеп, полуприцеп, съемный автомобильный кузов) размещен и закреплен " +
			"в соответствии с Прил.14.1 к СМГС.", "Отправитель"},
}

// Every text of 288 п. 1.6, signed by the performer and by proxy (сноска 6); the traffic from and to
// Калининградская железная дорога has those of the international one.
func TestFilledTexts(t *testing.T) {
	for _, c := range filledTexts {
		classes := []string{c.traffic}
		if c.traffic == TrafficInternational {
			classes = append(classes, TrafficKaliningrad)
		}
		for _, traffic := range classes {
			for _, signer := range []struct {
				name  string
				proxy *Proxy
				want  string
			}{
				{"performer", nil, " мастер погрузки Иванов Иван Иванович"},
				{"proxy", &Proxy{"12-Д", Date{2026, 1, 15}, Person{Name: "Петрова Анна Олеговна", Post: "инженер"}},
					": За мастер погрузки Иванов Иван Иванович подписано ЭП инженер Петрова Анна Олеговна " +
						"по доверенности N 12-Д от 15.01.2026"},
			} {
				t.Run(c.name+"/"+traffic+"/"+signer.name, func(t *testing.T) {
					p := &Placement{
						Traffic: traffic, Norm: c.norm, Fasteners: c.list, Jib: c.jib, Proxy: signer.proxy,
						Performer: Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки"},
					}
					want := c.want + " " + c.sender + signer.want
					if got := RenderPlacement(p); got != want {
						t.Errorf("got  %s\nwant %s", got, want)
					}
				})
			}
		}
	}
}

// A norm document of the other traffic has its own text; a missing field is the blank of the form.
func TestTextsOfUnsuitableData(t *testing.T) {
	p := &Placement{Traffic: TrafficDomestic, Norm: Norm{Type: NormTU1990, Chapter: "4", Section: "1"},
		Performer: Person{Name: "Иванов И.И.", Post: "мастер"}}
	want := "Груз размещен и закреплен согласно рис. ____ главы 4 раздела 1 ТУ1990 правильно. Отправитель мастер Иванов И.И."
	if got := RenderPlacement(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Which data go with which norm document says п. 2.1.3 2).
func TestNormFields(t *testing.T) {
	cases := []struct {
		traffic            string
		norm               Norm
		required, optional string
		fasteners, jib     bool
	}{
		{TrafficDomestic, Norm{Type: NormTU}, "Figure Chapter Section", "", true, true},
		{TrafficDomestic, Norm{Type: NormLiquid}, "", "", false, false},
		{TrafficInternational, Norm{Type: NormLiquid}, "", "", false, false},
		{TrafficDomestic, Norm{Type: NormContainer}, "Chapter", "", false, false},
		{TrafficDomestic, Norm{Type: NormMTU}, "Number Date", "", true, true},
		{TrafficDomestic, Norm{Type: NormNTU}, "Number Date", "", true, true},
		{TrafficInternational, Norm{Type: NormAnnex14, Chapter: "3"}, "Point Chapter", "", false, false},
		{TrafficInternational, Norm{Type: NormAnnex14, Chapter: "5"}, "Number Date Chapter", "", true, false},
		{TrafficInternational, Norm{Type: NormTU1990}, "Figure Chapter Section", "", true, false},
		{TrafficInternational, Norm{Type: NormNTU}, "Number Date", "", true, false},
		{TrafficKaliningrad, Norm{Type: NormMTU}, "Number Date", "Scheme", true, false},
		{TrafficInternational, Norm{Type: NormDrawing}, "Number Date", "", false, false},
		{TrafficInternational, Norm{Type: NormMSK}, "Number Date ApprovedBy", "", true, false},
		{TrafficInternational, Norm{Type: NormAnnex141}, "", "", false, false},
	}
	for _, c := range cases {
		got := NormFields(c.traffic, c.norm)
		if strings.Join(got.Required, " ") != c.required || strings.Join(got.Optional, " ") != c.optional ||
			got.Fasteners != c.fasteners || got.Jib != c.jib {
			t.Errorf("%s %+v: got %+v", c.traffic, c.norm, got)
		}
	}
}

// The misprints of the regulation pass where the agreement lets them, and nowhere else.
func TestMisprints(t *testing.T) {
	for _, c := range filledTexts {
		if c.sender != "Отправитель" {
			continue
		}
		p := &Placement{Traffic: c.traffic, Norm: c.norm, Fasteners: c.list,
			Performer: Person{Name: "Иванов Иван Иванович", Post: "мастер"}}
		expected := RenderPlacement(p)
		for _, colon := range []string{"", ":"} {
			actual := strings.Replace(strings.Replace(expected, "Отправитель", "Отравитель"+colon, 1), "закреплен ", "закрашен ", 1)
			if d := CompareText(expected, actual, TextOptions{Misprints: true}); !d.Equal() {
				t.Errorf("%s: %+v", c.name, d)
			}
			if d := CompareText(expected, actual, TextOptions{}); d.Severity != Error {
				t.Errorf("%s: the misprint passes", c.name)
			}
		}
	}
}
