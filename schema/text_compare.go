package schema

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextDifference is how a text departs from the one that its data ask for.
type TextDifference struct {
	// Severity is empty where there is no difference, Warning where only fasteners are worded
	// otherwise, Error for anything else.
	Severity         Severity
	Expected, Actual string // around the first difference, in normalized spelling
}

// Equal says that the texts say the same.
func (d TextDifference) Equal() bool { return d.Severity == "" }

// CompareText holds the text of ЭД №2 against RenderPlacement. Spellings that make no difference
// are evened out first. Fixed words, numbers, dates and persons must agree; a person may stand with
// initials. In the list of fasteners names may be worded otherwise as long as the numbers agree,
// which is a warning. The mark about the swing of a jib (288 fn. 5) may follow the list: the data
// have no field for it.
func CompareText(expected, actual string) TextDifference {
	if expected == actual {
		return TextDifference{}
	}
	expected, actual = normalizeText(expected), normalizeText(actual)
	if !strings.Contains(expected, jibMark) {
		actual = strings.Replace(actual, jibMark, "", 1)
	}
	e, a := splitText(expected), splitText(actual)
	if d := compareWords(e.work, a.work, never); !d.Equal() {
		return d
	}
	fasteners := compareFasteners(e.fasteners, a.fasteners)
	if fasteners.Severity == Error {
		return fasteners
	}
	if d := compareWords(signerWords(e.signer), signerWords(a.signer), initialOf); !d.Equal() {
		return d
	}
	return fasteners
}

// textParts are the parts of a text that are compared by rules of their own.
type textParts struct {
	work      []string // up to the list of fasteners
	fasteners []string // items
	signer    string   // from «Грузоотправитель»
}

const (
	jibMark       = " От поворота стрелы применены четыре растяжки из проволоки диаметром 6 мм в четыре нити."
	fastenersMark = " Применены средства крепления"
	signerMark    = " Грузоотправитель "
)

func splitText(s string) textParts {
	var p textParts
	work, rest, listed := strings.Cut(s, fastenersMark)
	if !listed {
		work, p.signer = cutBefore(s, signerMark)
		p.work = strings.Fields(work)
		return p
	}
	list, signer := cutBefore(rest, signerMark)
	p.work = strings.Fields(work)
	p.signer = signer
	for _, item := range itemEnd.Split(strings.Trim(list, ":. "), -1) {
		if item = strings.TrimSpace(item); item != "" {
			p.fasteners = append(p.fasteners, item)
		}
	}
	return p
}

// cutBefore cuts s in front of the mark.
func cutBefore(s, mark string) (before, after string) {
	if i := strings.Index(s, mark); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// signerWords leave out commas: some put one between post and name, as in the caption of the form.
func signerWords(s string) []string { return strings.Fields(strings.ReplaceAll(s, ",", " ")) }

// compareWords finds the first word that differs; abbreviates may let a pair of other words pass.
func compareWords(e, a []string, abbreviates func(e, a []string, i int) bool) TextDifference {
	for i := range max(len(e), len(a)) {
		if i < len(e) && i < len(a) && (e[i] == a[i] || abbreviates(e, a, i)) {
			continue
		}
		return TextDifference{Severity: Error, Expected: around(e, i), Actual: around(a, i)}
	}
	return TextDifference{}
}

func never(_, _ []string, _ int) bool { return false }

// initialOf says whether one of the words at i is the initial of the other. Only given name and
// patronymic may be abbreviated: the word before must begin with a capital, and two initials at
// most stand together.
func initialOf(e, a []string, i int) bool {
	if i < 2 || !startsUpper(e[i-1]) || !startsUpper(e[i]) || !startsUpper(a[i]) {
		return false
	}
	short := a
	if !abbreviated(a[i]) {
		short = e
	}
	if !abbreviated(short[i]) || abbreviated(short[i-1]) && abbreviated(short[i-2]) {
		return false
	}
	return sameGivenName(NormalizeName(e[i]), NormalizeName(a[i]))
}

func startsUpper(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(c)
}

func abbreviated(word string) bool { return isInitial(NormalizeName(word)) }

// around shows the words next to the i-th, the place of a difference.
func around(words []string, i int) string {
	from, to := max(0, min(i, len(words))-3), min(len(words), i+4)
	s := strings.Join(words[from:to], " ")
	if from > 0 {
		s = "… " + s
	}
	if to < len(words) {
		s += " …"
	}
	return s
}

var (
	itemEnd = regexp.MustCompile(`[,;](?: |$)`)
	numbers = regexp.MustCompile(`\d+`)
)

// compareFasteners compares the lists item by item. Nothing is lost and nothing added as long as
// the numbers agree: all of them in their order, or those at the end of each item, or whole items
// in another order.
func compareFasteners(e, a []string) TextDifference {
	if slices.Equal(e, a) {
		return TextDifference{}
	}
	d := TextDifference{Severity: Error, Expected: strings.Join(e, ", "), Actual: strings.Join(a, ", ")}
	if len(e) == len(a) {
		for i := range e {
			if e[i] != a[i] {
				d.Expected, d.Actual = e[i], a[i]
				break
			}
		}
	}
	if contradicts(e, a) {
		return d
	}
	sameNumbers := slices.Equal(numbersOf(e...), numbersOf(a...))
	sameEnds := slices.EqualFunc(e, a, func(x, y string) bool {
		want, got := numbersOf(x), numbersOf(y)
		return len(got) >= len(want) && slices.Equal(want, got[len(got)-len(want):])
	})
	sameItems := slices.Equal(slices.Sorted(slices.Values(e)), slices.Sorted(slices.Values(a)))
	if sameNumbers || sameEnds || sameItems {
		d.Severity = Warning
	}
	return d
}

// contradicts says whether a fastener that both lists name by the same words has other numbers in
// each.
func contradicts(e, a []string) bool {
	for _, actual := range a {
		name, known, agrees := nameOf(actual), false, false
		for _, expected := range e {
			if nameOf(expected) == name {
				known = true
				agrees = agrees || slices.Equal(numbersOf(expected), numbersOf(actual))
			}
		}
		if known && !agrees {
			return true
		}
	}
	return false
}

// nameOf is an item without its numbers.
func nameOf(item string) string {
	return strings.ToLower(strings.Trim(numbers.ReplaceAllString(item, ""), " /-"))
}

// numbersOf are the numbers of items in their order, without leading zeros.
func numbersOf(items ...string) []string {
	var all []string
	for _, item := range items {
		for _, number := range numbers.FindAllString(item, -1) {
			all = append(all, strings.TrimLeft(number, "0"))
		}
	}
	return all
}
