package schema

import (
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

// TextOptions is what a consignor's agreement says about texts.
type TextOptions struct {
	// Misprints of the regulation pass for the words that it means: «Отравитель», «закрашен».
	Misprints bool
}

// CompareText holds the text of ЭД №2 against RenderPlacement. Spellings that make no difference
// are evened out first. Fixed words, numbers, dates and persons must agree; a person may stand with
// initials. In the list of fasteners names may be worded otherwise as long as the numbers agree,
// which is a warning.
func CompareText(expected, actual string, o TextOptions) TextDifference {
	if expected == actual {
		return TextDifference{}
	}
	expected, actual = normalizeText(expected), normalizeText(actual)
	if o.Misprints {
		actual = misprints.Replace(actual)
	}
	e, a := splitText(expected), splitText(actual)
	if a.signer == "" { // nothing says where the list of fasteners ends
		return compareWords(strings.Fields(expected), strings.Fields(actual), never)
	}
	if d := compareWords(e.work, a.work, never); !d.Equal() {
		return d
	}
	fasteners := compareFasteners(e.fasteners, a.fasteners)
	if fasteners.Severity == Error {
		return fasteners
	}
	if d := compareWords(e.jib, a.jib, never); !d.Equal() {
		return d
	}
	if d := compareWords(signerWords(e.signer), signerWords(a.signer), initialOf); !d.Equal() {
		return d
	}
	return fasteners
}

// misprints of the regulation, in п. 1.6 (глава 5 of Приложение 14, чертеж) and п. 2.1.3 2).
var misprints = strings.NewReplacer(" Отравитель ", " Отправитель ", " закрашен ", " закреплен ")

// textParts are the parts of a text that are compared by rules of their own.
type textParts struct {
	work      []string // up to the list of fasteners
	fasteners []string // items
	jib       []string // the mark about the swing of a jib
	signer    string   // from «Грузоотправитель» or «Отправитель»
}

const fastenersMark = " Применены средства крепления"

// signerMarks are the words with which the part about the signer may begin, also where they are the
// wrong ones.
var signerMarks = []string{" " + consignor + " ", " " + sender + " ", " Отравитель "}

func splitText(s string) textParts {
	var p textParts
	s, p.signer = cutBefore(s, signerMarks)
	at := jibAt(s)
	s, p.jib = s[:at], strings.Fields(s[at:])
	work, list, _ := strings.Cut(s, fastenersMark)
	p.work = strings.Fields(work)
	for _, item := range itemEnd.Split(strings.Trim(list, ":. "), -1) {
		if item = strings.TrimSpace(item); item != "" {
			p.fasteners = append(p.fasteners, item)
		}
	}
	return p
}

// jibAt is where the mark about the swing of a jib begins, also where one of its first words is
// misspelled; the end when there is none.
func jibAt(s string) int {
	if i := strings.Index(s, ". От "); i >= 0 {
		return i + 1
	}
	if i := strings.Index(s, " поворота стрелы "); i >= 0 {
		return max(0, strings.LastIndexByte(s[:i], ' '))
	}
	return len(s)
}

// cutBefore cuts s in front of the first of the marks.
func cutBefore(s string, marks []string) (before, after string) {
	at := len(s)
	for _, mark := range marks {
		if i := strings.Index(s, mark); i >= 0 {
			at = min(at, i)
		}
	}
	return s[:at], strings.TrimPrefix(s[at:], " ")
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

// around shows the words next to the i-th, the place of a difference, and that one in brackets.
func around(words []string, i int) string {
	if len(words) == 0 {
		return ""
	}
	i = min(i, len(words))
	from, to := max(0, i-3), min(len(words), i+4)
	shown := slices.Clone(words[from:to])
	if i < len(words) {
		shown[i-from] = "[" + words[i] + "]"
	} else {
		shown = append(shown, "[]") // a word is missing
	}
	s := strings.Join(shown, " ")
	if from > 0 {
		s = "… " + s
	}
	if to < len(words) {
		s += " …"
	}
	return s
}
