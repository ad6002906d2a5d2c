package schema

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"asugate/internal/cputime"
)

// direct is ЭД №2 signed by the performer; byProxy the same signed by somebody else.
func direct() *Placement {
	return &Placement{
		Norm:      Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1"},
		Fasteners: []Fastener{{Name: "растяжка", Quantity: 4, Strands: 6}, {Name: "брусок упорный", Quantity: 8, Strands: 0}},
		Performer: Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки"},
	}
}

func proxied() *Placement {
	p := direct()
	p.Proxy = &Proxy{"12-Д", Date{2026, 1, 15}, Person{Name: "Петрова Анна Олеговна", Post: "инженер"}}
	return p
}

// withJib carries a crane; abroad goes by sketch to another country.
func withJib() *Placement {
	p := direct()
	p.Jib = true
	return p
}

const abroadList = "растяжка 4/6 из проволоки диаметром 6,5 мм, брусок 8 размерами 50x100x2700 мм"

func abroad() *Placement {
	p := direct()
	p.Traffic, p.Norm = TrafficInternational, Norm{Type: NormAnnex14, Chapter: "5", Number: "31", Date: "2025-07-01"}
	p.Fasteners = []Fastener{
		{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6.5"}, {Name: "брусок", Quantity: 8, Size: "50x100x2700"},
	}
	return p
}

func TestRenderPlacement(t *testing.T) {
	bare := direct()
	bare.Fasteners = nil
	cases := []struct {
		name string
		p    *Placement
		want string
	}{
		{"signed by the performer", direct(), // 288 п. 1.6, footnote 5
			"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
				"Применены средства крепления: растяжка 4/6, брусок упорный 8. " +
				"Грузоотправитель мастер погрузки Иванов Иван Иванович"},
		{"signed by proxy", proxied(), // footnote 6
			"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
				"Применены средства крепления: растяжка 4/6, брусок упорный 8. " +
				"Грузоотправитель: За мастер погрузки Иванов Иван Иванович подписано ЭП инженер Петрова Анна Олеговна " +
				"по доверенности N 12-Д от 15.01.2026"},
		{"without fasteners", bare,
			"Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. " +
				"Грузоотправитель мастер погрузки Иванов Иван Иванович"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := RenderPlacement(c.p)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if d := CompareText(got, got, TextOptions{}); !d.Equal() {
				t.Errorf("differs from itself: %+v", d)
			}
		})
	}
}

// What makes no difference, one spelling a case.
func TestEqualTexts(t *testing.T) {
	cases := []struct {
		name     string
		p        *Placement
		old, new string
	}{
		{"colon after the consignor", direct(), "Грузоотправитель ", "Грузоотправитель: "},
		{"no colon in a proxy's text", proxied(), "Грузоотправитель: ", "Грузоотправитель "},
		{"sign of number", proxied(), "N 12-Д", "№ 12-Д"},
		{"sign of number without blank", proxied(), "N 12-Д", "№12-Д"},
		{"dash", proxied(), "12-Д", "12–Д"},
		{"minus sign", proxied(), "12-Д", "12\u2212Д"},
		{"no-break space", direct(), "рис. 5", "рис.\u00a05"},
		{"no blank after the point", direct(), "рис. 5", "рис.5"},
		{"ё", direct(), "размещен и закреплен", "размещён и закреплён"},
		{"decomposed letters", direct(), "мастер", "мастер"},
		{"case of the proxy's words", proxied(), "по доверенности", "По Доверенности"},
		{"runs of white space", direct(), " главы ", "\r\n\t главы  "},
		{"soft hyphen and byte order mark", direct(), "размещен", "\ufeffразме\u00adщен"},
		{"blank before the full stop", direct(), "брусок упорный 8. ", "брусок упорный 8 . "},
		{"no blank after the colon", direct(), "крепления: ", "крепления:"},
		{"full stop at the end", direct(), "Иван Иванович", "Иван Иванович."},
		{"initials", direct(), "Иван Иванович", "И.И."},
		{"initials with a blank", direct(), "Иван Иванович", "И. И."},
		{"initials of both in a proxy's text", proxied(), "Анна Олеговна", "А.О."},
		{"comma between post and name", direct(), "мастер погрузки Иванов", "мастер погрузки, Иванов"},
		{"г. after a date", proxied(), "15.01.2026", "15.01.2026 г."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expected := RenderPlacement(c.p)
			actual := strings.Replace(expected, c.old, c.new, 1)
			if actual == expected && c.old != c.new {
				t.Fatal("nothing was changed")
			}
			if d := CompareText(expected, actual, TextOptions{}); !d.Equal() {
				t.Errorf("%+v", d)
			}
		})
	}
}

// Quotation marks of any kind are one.
func TestEqualQuotes(t *testing.T) {
	p := direct()
	p.Fasteners = []Fastener{{Name: `стойка «Волна»`, Quantity: 2}}
	expected := RenderPlacement(p)
	for _, quotes := range []string{`"Волна"`, "“Волна”", "„Волна“"} {
		if d := CompareText(expected, strings.Replace(expected, "«Волна»", quotes, 1), TextOptions{}); !d.Equal() {
			t.Errorf("%s: %+v", quotes, d)
		}
	}
}

// What does make a difference, and what is shown of it.
func TestDifferentTexts(t *testing.T) {
	const list = "растяжка 4/6, брусок упорный 8"
	cases := []struct {
		name             string
		p                *Placement
		old, new         string
		severity         Severity
		expected, actual string
	}{
		{"figure", direct(), "рис. 5", "рис. 6", Error,
			"… закреплен согласно рис. [5] главы 2 раздела …", "… закреплен согласно рис. [6] главы 2 раздела …"},
		{"fixed word", direct(), "правильно", "верно", Error,
			"… 1 Технических условий [правильно.]", "… 1 Технических условий [верно.]"},
		{"case of a fixed word", direct(), "Технических", "технических", Error,
			"… 2 раздела 1 [Технических] условий правильно.", "… 2 раздела 1 [технических] условий правильно."},
		{"word left out", direct(), " правильно.", ".", Error,
			"… раздела 1 Технических [условий] правильно.", "… раздела 1 Технических [условий.]"},
		{"caption rendered", direct(), "Иванович", "Иванович (должность, Ф.И.О.)", Error,
			"… Иванов Иван Иванович []", "… Иванов Иван Иванович [(должность] Ф. И. О.)"},
		{"other person", direct(), "Иванов Иван", "Петров Иван", Error,
			"Грузоотправитель мастер погрузки [Иванов] Иван Иванович",
			"Грузоотправитель мастер погрузки [Петров] Иван Иванович"},
		{"initial of another", direct(), "Иван Иванович", "И.П.", Error,
			"… погрузки Иванов Иван [Иванович]", "… погрузки Иванов И. [П]"},
		{"surname abbreviated", direct(), "Иванов Иван Иванович", "И.И.И.", Error,
			"Грузоотправитель мастер погрузки [Иванов] Иван Иванович", "Грузоотправитель мастер погрузки [И.] И. И"},
		{"date of the proxy", proxied(), "15.01.2026", "16.01.2026", Error,
			"… N 12-Д от [15.01.2026]", "… N 12-Д от [16.01.2026]"},
		{"number of the proxy", proxied(), "12-Д", "13-Д", Error,
			"… по доверенности N [12-Д] от 15.01.2026", "… по доверенности N [13-Д] от 15.01.2026"},
		{"empty", direct(), "", "", Error, "[Груз] размещен и закреплен …", ""},

		{"fastener worded otherwise", direct(), "растяжка 4/6", "растяжка из проволоки 4/6", Warning,
			"растяжка 4/6", "растяжка из проволоки 4/6"},
		{"diameter added", direct(), "растяжка 4/6", "растяжка из проволоки 6 мм 4/6", Warning,
			"растяжка 4/6", "растяжка из проволоки 6 мм 4/6"},
		{"units added", direct(), "растяжка 4/6", "растяжка 4 шт./6 нитей", Warning,
			"растяжка 4/6", "растяжка 4 шт./6 нитей"},
		{"other order", direct(), list, "брусок упорный 8, растяжка 4/6", Warning,
			"растяжка 4/6", "брусок упорный 8"},
		{"one sentence", direct(), list, "растяжка 4/6 и брусок упорный 8", Warning,
			list, "растяжка 4/6 и брусок упорный 8"},
		{"semicolon between items is none", direct(), list, "растяжка 4/6; брусок упорный 8", "", "", ""},

		{"quantity", direct(), "растяжка 4/6", "растяжка 5/6", Error, "растяжка 4/6", "растяжка 5/6"},
		{"strands", direct(), "растяжка 4/6", "растяжка 4/4", Error, "растяжка 4/6", "растяжка 4/4"},
		{"strands left out", direct(), "растяжка 4/6", "растяжка 4", Error, "растяжка 4/6", "растяжка 4"},
		{"fastener left out", direct(), ", брусок упорный 8", "", Error, list, "растяжка 4/6"},
		{"fastener added", direct(), "упорный 8", "упорный 8, клин 2", Error, list, list + ", клин 2"},
		{"quantities exchanged", direct(), list, "растяжка 8, брусок упорный 4/6", Error, "растяжка 4/6", "растяжка 8"},
		{"number moved to another item", direct(), list, "растяжки 4, бруски 6/8", Error, "растяжка 4/6", "растяжки 4"},
		{"names exchanged", direct(), list, "брусок упорный 4/6, растяжка 8", Error, "растяжка 4/6", "брусок упорный 4/6"},
		{"mark about the jib that the data do not have", direct(), "упорный 8. ", "упорный 8. От поворота стрелы применены " +
			"четыре растяжки из проволоки диаметром 6 мм в четыре нити. ", Error,
			"", "[От] поворота стрелы применены …"},
		{"mark about the jib left out", withJib(), " От поворота стрелы применены четыре растяжки из проволоки " +
			"диаметром 6 мм в четыре нити.", "", Error,
			"[От] поворота стрелы применены …", ""},
		{"sender for consignor", direct(), "Грузоотправитель", "Отправитель", Error,
			"[Грузоотправитель] мастер погрузки Иванов …", "[Отправитель] мастер погрузки Иванов …"},

		{"sizes with other signs", abroad(), "50x100x2700", "50×100х2700", "", "", ""},
		{"no full stop after the list", abroad(), "2700 мм. ", "2700 мм ", "", "", ""},
		{"wire before quantity", abroad(), "4/6 из проволоки диаметром 6,5 мм", "из проволоки 6.5 мм 4/6", Warning,
			"растяжка 4/6 из проволоки диаметром 6,5 мм", "растяжка из проволоки 6.5 мм 4/6"},
		{"commas within an item", abroad(), "4/6 из проволоки диаметром 6,5 мм", "4, проволока 6,5 мм, 6 нитей", Warning,
			abroadList, "растяжка 4, проволока 6,5 мм, 6 нитей, брусок 8 размерами 50x100x2700 мм"},
		{"diameter", abroad(), "6,5 мм", "6,4 мм", Error,
			"растяжка 4/6 из проволоки диаметром 6,5 мм", "растяжка 4/6 из проволоки диаметром 6,4 мм"},
		{"strands and diameter exchanged", abroad(), "4/6 из проволоки диаметром 6,5 мм", "4/6,5 проволока 6 мм", Error,
			"растяжка 4/6 из проволоки диаметром 6,5 мм", "растяжка 4/6,5 проволока 6 мм"},
		{"size", abroad(), "50x100", "100x50", Error,
			"брусок 8 размерами 50x100x2700 мм", "брусок 8 размерами 100x50x2700 мм"},
		{"size left out", abroad(), " размерами 50x100x2700 мм", "", Error, "брусок 8 размерами 50x100x2700 мм", "брусок 8"},
		{"no list at all", direct(), "Применены средства крепления: " + list + ". ", "", Error, list, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expected := RenderPlacement(c.p)
			actual := ""
			if c.old != "" {
				actual = strings.Replace(expected, c.old, c.new, 1)
			}
			got := CompareText(expected, actual, TextOptions{})
			if got != (TextDifference{c.severity, c.expected, c.actual}) {
				t.Errorf("got %q\n expected %q\n actual   %q", got.Severity, got.Expected, got.Actual)
			}
		})
	}
}

// The data may list more fasteners than any text can hold: what the comparison costs, and what it shows,
// stay within bounds.
func TestManyFasteners(t *testing.T) {
	p := direct()
	for i := range 50_000 {
		p.Fasteners = append(p.Fasteners, Fastener{Name: "клин " + string(rune('а'+i%32)), Quantity: i + 1})
	}
	actual := strings.Replace(RenderPlacement(direct()), "растяжка 4/6", strings.Repeat("б 1, ", 700)+"растяжка 4/6", 1)
	var d TextDifference
	took := cputime.Of(func() { d = CompareText(RenderPlacement(p), actual, TextOptions{}) })
	if d.Severity != Error || len(d.Expected) > 8*maxText {
		t.Errorf("%s, %d bytes are shown", d.Severity, len(d.Expected))
	}
	if took > time.Minute { // by the square it would be ten, under the race detector
		t.Errorf("comparing took %s", took)
	}
}

// A list that is expected empty may be left out, or say so in words; numbers would be an addition.
func TestNoFasteners(t *testing.T) {
	p := direct()
	p.Fasteners = nil
	expected := RenderPlacement(p)
	for words, want := range map[string]Severity{
		"Применены средства крепления: нет. ":     Warning,
		"Применены средства крепления: . ":        "",
		"Применены средства крепления: 2 клина. ": Error,
	} {
		actual := strings.Replace(expected, "Грузоотправитель", words+"Грузоотправитель", 1)
		if d := CompareText(expected, actual, TextOptions{}); d.Severity != want {
			t.Errorf("%s: got %+v, want %q", words, d, want)
		}
	}
}

// The texts of the examples are those of their data.
func TestTextsOfExamples(t *testing.T) {
	for _, file := range []string{"placement.xml", "placement_proxy.xml"} {
		d, findings := parse(rootOf(t, readFile(t, file)), moscow)
		if !d.Valid() {
			t.Fatal(findings)
		}
		if got := RenderPlacement(d.Placement()); got != d.Placement().Text {
			t.Errorf("%s: got %s", file, got)
		}
	}
}

// FuzzCompareText: a text equals itself; no difference shows nothing, and a shown one is not cut
// inside a character.
func FuzzCompareText(f *testing.F) {
	f.Add(RenderPlacement(direct()), RenderPlacement(proxied()))
	f.Add("Применены средства крепления: 1, 2; 3. Грузоотправитель А. Б.", "ё№—«»")
	f.Fuzz(func(t *testing.T, a, b string) {
		if d := CompareText(a, a, TextOptions{}); !d.Equal() {
			t.Errorf("%q differs from itself: %+v", a, d)
		}
		d := CompareText(a, b, TextOptions{})
		if d.Equal() && d != (TextDifference{}) {
			t.Errorf("equal, but shows %+v", d)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && !utf8.ValidString(d.Expected+d.Actual) {
			t.Errorf("the difference is cut inside a character: %+v", d)
		}
	})
}

func BenchmarkCompareText(b *testing.B) {
	p := direct()
	expected := RenderPlacement(p)
	actual := strings.Replace(expected, "размещен", "размещён", 1)
	for b.Loop() {
		if d := CompareText(expected, actual, TextOptions{}); !d.Equal() {
			b.Fatal(d)
		}
	}
}
