package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxText bounds the texts that are parsed, as the schema bounds those of documents.
const maxText = 4000

// ErrTextTooLong is returned by ParsePlacementText for a text that no document may have.
var ErrTextTooLong = errors.New("text over 4000 characters")

// TextError says where a text departs from the texts of 288 п. 1.6.
type TextError struct {
	Word             int // from 1
	Expected, Actual string
}

func (e *TextError) Error() string {
	return fmt.Sprintf("word %d: %q is expected: %q", e.Word, e.Expected, clip(e.Actual, maxQuoted))
}

// ParsePlacementText reads the data out of a text that is written as RenderPlacement writes it:
// traffic (domestic or international; empty where the text is the same), norm document, fasteners,
// the mark about the jib, performer and proxy. The text does not part post and name by a sign: the
// name is the last words that begin with a capital letter, three at most and a patronymic particle.
//
// The error is a *TextError, at the first word that departs from the text that comes nearest.
func ParsePlacementText(text string) (*Placement, error) {
	if utf8.RuneCountInString(text) > maxText {
		return nil, ErrTextTooLong
	}
	words := strings.Fields(text)
	var best reading
	for i, c := range candidates(words) {
		if i > 0 && c.atLeast >= best.cost {
			break // nor can any that follows come nearer
		}
		r := align(words, c.words)
		if r.template, r.form = c.template, c.form; i == 0 || r.cost < best.cost {
			best = r
		}
		if best.cost == 0 {
			return best.checked(words, text)
		}
	}
	return nil, textError(words, best.at, best.expected)
}

// candidate is a text that the words may be meant for.
type candidate struct {
	template template
	form     textForm
	words    []word
	atLeast  int // that it costs to read them so: fixed words that do not stand
}

// candidates are all texts, the likeliest first.
func candidates(words []string) []candidate {
	stands := make(map[string]bool, len(words))
	for _, w := range words {
		stands[w] = true
	}
	var all []candidate
	for _, t := range templates {
		for _, f := range t.forms() {
			c := candidate{template: t, form: f, words: t.words(f)}
			for _, w := range c.words {
				if w.slot == "" && !stands[w.prefix] {
					c.atLeast += costSlip
				}
			}
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.atLeast, b.atLeast) })
	return all
}

// checked are the data of a text that fits, when they ask for this text: chapter 5 of Приложение 14
// fits the text of the other chapters too, but has its own.
func (r reading) checked(words []string, text string) (*Placement, error) {
	p, err := r.placement(words)
	if err != nil {
		return nil, err
	}
	if d := CompareText(RenderPlacement(p), text, TextOptions{}); !d.Equal() {
		return nil, &TextError{Word: 1, Expected: d.Expected, Actual: d.Actual}
	}
	return p, nil
}

// forms are the texts that a template can have, those with more parts first: a part that stands is
// not taken for the end of a value.
func (t template) forms() []textForm {
	data := t.data()
	yes := func(possible bool) []bool {
		if possible {
			return []bool{true, false}
		}
		return []bool{false}
	}
	var all []textForm
	for _, optional := range yes(data.Optional != nil) {
		for _, fasteners := range yes(data.Fasteners) {
			for _, jib := range yes(data.Jib) {
				for _, proxy := range yes(true) {
					all = append(all, textForm{optional, fasteners, jib, proxy})
				}
			}
		}
	}
	return all
}

func textError(words []string, at int, expected string) *TextError {
	return &TextError{Word: at + 1, Expected: expected, Actual: around(words, at)}
}

// span is where the value of a slot stands: words[from:to].
type span struct{ from, to int }

// reading is how a text was read by one template.
type reading struct {
	template template
	form     textForm
	cost     int // 0: it fits
	at       int // of the first word that does not
	expected string
	values   map[string]string
	spans    map[string]span
}

// placement makes the data of the values.
func (r reading) placement(words []string) (*Placement, error) {
	p := &Placement{Traffic: r.template.traffic, Norm: Norm{Type: r.template.norm}, Jib: r.form.jib}
	p.Norm.Chapter = r.template.chapter
	if r.form.proxy {
		p.Proxy = &Proxy{}
	}
	for slot, value := range r.values {
		ok, expected := true, slot
		switch slot {
		case FieldDate:
			p.Norm.Date, ok = isoDates(value)
			expected = "02.01.2006"
		case "ProxyDate":
			p.Proxy.Date, ok = parseRussianDate(value)
			expected = "02.01.2006"
		case "Fasteners":
			bad := ""
			p.Fasteners, bad = parseFasteners(value)
			ok, expected = bad == "", "наименование количество/нити"
		case "Performer":
			p.Performer, ok = splitSigned(value)
			expected = "должность Ф.И.О."
		case "Signer":
			p.Proxy.Signer, ok = splitSigned(value)
			expected = "должность Ф.И.О."
		case "ProxyNumber":
			p.Proxy.Number = value
		default:
			p.Norm.SetField(slot, value)
		}
		if !ok {
			return nil, textError(words, r.spans[slot].from, expected)
		}
	}
	return p, nil
}

// isoDates reads the days of Norm.Date as texts have them.
func isoDates(value string) (string, bool) {
	parts := strings.Split(value, "/")
	for i, part := range parts {
		d, ok := parseRussianDate(part)
		if !ok {
			return "", false
		}
		parts[i] = d.String()
	}
	return strings.Join(parts, "/"), len(parts) <= 2
}

func parseRussianDate(s string) (Date, bool) {
	if !isRussianDate(s) {
		return Date{}, false
	}
	d, err := ParseDate(s[6:] + "-" + s[3:5] + "-" + s[:2])
	return d, err == nil
}

// splitSigned parts post and name. A comma between them, as in the caption of the form, decides.
func splitSigned(s string) (Person, bool) {
	if at := strings.LastIndex(s, ", "); at > 0 {
		return Person{Post: s[:at], Name: s[at+2:]}, true
	}
	words := strings.Fields(s)
	from, most := len(words), 3
	if from > 0 && patronymicParticles[words[from-1]] {
		from, most = from-1, most+1
	}
	for from > 1 && len(words)-from < most && startsUpper(words[from-1]) {
		from--
	}
	if from < 1 || from == len(words) {
		return Person{}, false
	}
	return Person{Post: strings.Join(words[:from], " "), Name: strings.Join(words[from:], " ")}, true
}

var patronymicParticles = map[string]bool{"оглы": true, "кызы": true, "гызы": true, "улы": true, "уулу": true}
