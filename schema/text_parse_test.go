package schema

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyPlacement draws data of any template. What no text can give back is left out: posts end in a
// word without capital, names begin each word with one.
func anyPlacement(t *rapid.T) *Placement {
	tpl := rapid.SampledFrom(templates).Draw(t, "template")
	p := &Placement{Traffic: tpl.traffic, Norm: Norm{Type: tpl.norm, Chapter: tpl.chapter}}
	data := tpl.data()
	for _, name := range append(data.Required, data.Optional...) {
		switch {
		case name == FieldChapter && tpl.chapter != "":
		case name == FieldDate:
			p.Norm.Date = anyDate(t).String()
			if rapid.Bool().Draw(t, "by order") {
				p.Norm.Date += "/" + anyDate(t).String()
			}
		case slices.Contains(data.Optional, name) && rapid.Bool().Draw(t, "left out"):
		case name == FieldApprovedBy:
			p.Norm.ApprovedBy = rapid.SampledFrom([]string{"начальником станции", "Главным инженером ДВЖД, г. Хабаровск", "ТЦФТО"}).Draw(t, name)
		case name == FieldChapter: // 5 has a text of its own
			p.Norm.Chapter = rapid.StringMatching(`[1-46-9][0-9]?`).Draw(t, name)
		default:
			p.Norm.SetField(name, rapid.StringMatching(`[0-9А-ЯЁа-яё]{1,4}([-/.][0-9]{1,3})?( доп)?`).Draw(t, name))
		}
	}
	if data.Fasteners {
		for range rapid.IntRange(0, 5).Draw(t, "fasteners") {
			p.Fasteners = append(p.Fasteners, anyFastener(t, tpl.traffic == TrafficInternational))
		}
	}
	p.Jib = data.Jib && rapid.Bool().Draw(t, "jib")
	p.Performer = anySigner(t)
	if rapid.Bool().Draw(t, "by proxy") {
		p.Proxy = &Proxy{rapid.StringMatching(`[0-9]{1,4}(-[А-Я])?`).Draw(t, "proxy"), anyDate(t), anySigner(t)}
	}
	return p
}

func anyDate(t *rapid.T) Date {
	return Date{rapid.IntRange(1990, 2040).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")}
}

func anyFastener(t *rapid.T, international bool) Fastener {
	f := Fastener{
		Name: rapid.SampledFrom([]string{"растяжка", "обвязка", "упорный брусок", "брусок 25", "стойка «Ель»",
			"щит, сосна", "гвоздь К 6", "увязка ё"}).Draw(t, "name"),
		Quantity: rapid.IntRange(1, 999999).Draw(t, "quantity"),
		Strands:  rapid.IntRange(0, 999).Draw(t, "strands"),
	}
	if international {
		f.Diameter = rapid.SampledFrom([]string{"", "6", "6.5", "12"}).Draw(t, "diameter")
		f.Size = rapid.SampledFrom([]string{"", "50x100", "50x100x2700", "25х150х3000", "5×5×5"}).Draw(t, "size")
	}
	return f
}

func anySigner(t *rapid.T) Person {
	return Person{
		Post: rapid.SampledFrom([]string{"мастер погрузки", "инженер", "Начальник участка", "приемосдатчик груза и багажа",
			"начальник ОТК цеха"}).Draw(t, "post"),
		Name: rapid.SampledFrom([]string{"Иванов Иван Иванович", "Петрова А.О.", "Ли Ён", "Мамедов Гасан Али оглы",
			"Римский-Корсаков Н. А."}).Draw(t, "name"),
	}
}

// A rendered text parsed back gives the same data.
func TestParseRenderedText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyPlacement(t)
		text := RenderPlacement(want)
		got, err := ParsePlacementText(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	})
}

// Any changed letter or digit is refused, and what is shown holds the change; in the name of a
// fastener it may be a warning.
func TestChangedCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlacement(t)
		text := RenderPlacement(p)
		list := ""
		if data := NormFields(p.Traffic, p.Norm); data.Fasteners {
			list = fastenerList(p.Fasteners, InternationalRules(p.Traffic))
		}
		from := strings.Index(text, list)
		nth, phase := 0, rapid.IntRange(0, 4).Draw(t, "phase")
		for at, c := range text {
			with := otherThan(c)
			if nth++; with == c || nth%5 != phase {
				continue
			}
			changed := text[:at] + string(with) + text[at+utf8.RuneLen(c):]
			d := CompareText(text, changed, TextOptions{})
			inName := unicode.IsLetter(c) && from <= at && at < from+len(list)
			if d.Severity != Error && !(inName && d.Severity == Warning) {
				t.Fatalf("%s\n%s\ngot %+v", text, changed, d)
			}
			if !strings.ContainsRune(d.Actual, with) {
				t.Errorf("%s\nthe place of the change is not shown: %+v", changed, d)
			}
		}
	})
}

// otherThan is a letter or digit like c that c is not and that no text holds; c for other
// characters.
func otherThan(c rune) rune {
	switch {
	case unicode.IsUpper(c):
		return 'Ѣ'
	case unicode.IsLetter(c):
		return 'ѣ'
	case '0' <= c && c <= '8':
		return c + 1
	case c == '9':
		return '0'
	}
	return c
}

// A changed fixed word is no text of the regulation, and the error names just that word.
func TestParseNamesTheWord(t *testing.T) {
	for _, c := range filledTexts {
		p := &Placement{Traffic: c.traffic, Norm: c.norm, Fasteners: c.list, Jib: c.jib,
			Performer: Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки"},
			Proxy:     &Proxy{"12", Date{2026, 1, 15}, Person{Name: "Петрова Анна Олеговна", Post: "инженер"}}}
		words := strings.Fields(RenderPlacement(p))
		tpl, _ := templateFor(p.Traffic, p.Norm)
		fixed := map[string]bool{}
		for _, w := range tpl.words(formOf(tpl, p)) {
			if w.slot == "" && len(w.prefix) > 4 {
				fixed[w.prefix] = true
			}
		}
		for i, w := range words {
			if !fixed[w] {
				continue
			}
			changed := slices.Clone(words)
			changed[i] = "щ" + string([]rune(w)[1:])
			_, err := ParsePlacementText(strings.Join(changed, " "))
			var where *TextError
			if !errors.As(err, &where) || where.Word != i+1 || !strings.Contains(where.Actual, "["+changed[i]+"]") {
				t.Errorf("%s: word %d, %s: %v", c.name, i+1, changed[i], err)
			}
		}
	}
}

// What is no text, and where it stops being one.
func TestParseTextRefuses(t *testing.T) {
	good := RenderPlacement(proxied())
	cases := []struct {
		name, old, new string
		word           int
		expected       string
	}{
		{"word left out", " главы", "", 8, "главы"},
		{"word added", "условий", "же условий", 13, "условий"},
		{"no such day", "15.01.2026", "32.01.2026", 41, "02.01.2006"},
		{"date of the wrong form", "15.01.2026", "2026-01-15", 41, "02.01.2006"},
		{"quantity without a number", "растяжка 4/6, брусок упорный 8", "растяжка много", 18, "наименование количество/нити"},
		{"post alone", "мастер погрузки Иванов Иван Иванович", "мастер погрузки", 25, "должность Ф.И.О."},
		{"cut short", " 15.01.2026", "", 41, "____"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatal("nothing was changed")
			}
			_, err := ParsePlacementText(text)
			var where *TextError
			if !errors.As(err, &where) || where.Word != c.word || where.Expected != c.expected {
				t.Errorf("got %v", err)
			}
		})
	}
	for _, text := range []string{"", " ", "Груз", strings.Repeat("а ", 1999)} {
		var where *TextError
		if _, err := ParsePlacementText(text); !errors.As(err, &where) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := ParsePlacementText(strings.Repeat("а", 4001)); !errors.Is(err, ErrTextTooLong) {
		t.Errorf("got %v", err)
	}
}

// FuzzParsePlacementText: what is read renders to the text that was read, by the rules of
// comparison.
func FuzzParsePlacementText(f *testing.F) {
	f.Add(RenderPlacement(direct()))
	f.Add(RenderPlacement(proxied()))
	for _, c := range printedForms {
		f.Add(c.form)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePlacementText(text)
		if err != nil {
			return
		}
		if d := CompareText(RenderPlacement(p), text, TextOptions{}); !d.Equal() {
			t.Errorf("%q: %+v", text, d)
		}
	})
}

func BenchmarkParsePlacementText(b *testing.B) {
	text := RenderPlacement(proxied())
	for b.Loop() {
		if _, err := ParsePlacementText(text); err != nil {
			b.Fatal(err)
		}
	}
}
