package schema

import (
	"strings"
	"unicode/utf8"
)

// What it costs to read a text otherwise than its template has it. A slip of the pen is nearer than
// another word.
const (
	costSlip    = 1
	costForeign = 2 // a word of the fixed text in a value
	costOther   = 3
)

// alignment reads words by a template at the least cost, as an edit distance does, but that a slot
// takes any number of words, one at least. cost[i][j] is that of words[i:] by template[j:];
// inside[i][j] the same where slot j has taken words[i-1] and may take more. Both are bounded by
// maxText and the length of the longest template.
type alignment struct {
	words        []string
	template     []word
	cost, inside [][]int
}

func align(words []string, template []word) reading {
	a := alignment{words: words, template: template}
	width := len(template) + 1
	cells := make([]int, 2*width*(len(words)+1))
	for range len(words) + 1 {
		a.cost, a.inside = append(a.cost, cells[:width]), append(a.inside, cells[width:2*width])
		cells = cells[2*width:]
	}
	for i := len(words); i >= 0; i-- {
		for j := len(template); j >= 0; j-- {
			if j < len(template) && template[j].slot != "" && i > 0 {
				a.inside[i][j] = a.leave(i, j)
				if i < len(words) {
					a.inside[i][j] = min(a.inside[i][j], a.inside[i+1][j]+a.goesOn(i, j))
				}
			}
			a.cost[i][j] = a.least(i, j)
		}
	}
	return a.read()
}

// least is the cost at i, j outside a slot.
func (a *alignment) least(i, j int) int {
	switch {
	case i == len(a.words):
		return (len(a.template) - j) * costOther
	case j == len(a.template):
		return (len(a.words) - i) * costOther
	}
	return min(a.take(i, j), a.cost[i+1][j]+costOther, a.cost[i][j+1]+costOther)
}

// take reads words[i] by template[j].
func (a *alignment) take(i, j int) int {
	if a.template[j].slot != "" {
		return a.inside[i+1][j] + a.enters(i, j)
	}
	return a.cost[i+1][j+1] + difference(a.words[i], a.template[j].prefix)
}

// leave ends slot j with words[i-1].
func (a *alignment) leave(i, j int) int { return a.cost[i][j+1] + a.leaves(i, j) }

func (a *alignment) enters(i, j int) int {
	w := a.template[j]
	if !strings.HasPrefix(a.words[i], w.prefix) || len(a.words[i]) == len(w.prefix) {
		return costOther
	}
	return swallowed(w.slot, a.words[i])
}

// goesOn takes words[i] as a further word of slot j. A date is one word.
func (a *alignment) goesOn(i, j int) int {
	switch slot := a.template[j].slot; slot {
	case FieldDate, "ProxyDate":
		return costOther
	default:
		return swallowed(slot, a.words[i])
	}
}

// swallowed says what it costs that a value has swallowed the beginning of the next part of the text.
// What follows the word of which its beginning is misspelled would fit otherwise.
func swallowed(slot, word string) int {
	switch word {
	case "Применены", "крепления:", "подписано", "доверенности":
		return costForeign
	case "поворота", "стрелы":
		if slot == "Fasteners" {
			return costForeign
		}
	}
	return 0
}

func (a *alignment) leaves(i, j int) int {
	if w := a.template[j]; !strings.HasSuffix(a.words[i-1], w.suffix) || len(a.words[i-1]) == len(w.suffix) {
		return costOther
	}
	return 0
}

// read goes the cheapest way, short values before long ones, and notes values and the first word
// that departs.
func (a *alignment) read() reading {
	r := reading{cost: a.cost[0][0], at: -1, values: map[string]string{}, spans: map[string]span{}}
	i, j := 0, 0
	for i < len(a.words) && j < len(a.template) {
		w := a.template[j]
		switch {
		case a.cost[i][j] != a.take(i, j):
			r.depart(i, w)
			if a.cost[i][j] == a.cost[i+1][j]+costOther {
				i++
			} else {
				j++
			}
		case w.slot == "":
			if a.words[i] != w.prefix {
				r.depart(i, w)
			}
			i, j = i+1, j+1
		default:
			from := i
			if a.enters(i, j) > 0 {
				r.depart(i, w)
			}
			for i++; a.inside[i][j] != a.leave(i, j); i++ {
				if a.goesOn(i, j) > 0 {
					r.depart(i, w)
				}
			}
			if a.leaves(i, j) > 0 {
				r.depart(i-1, w)
			}
			value := strings.Join(a.words[from:i], " ")
			r.values[w.slot] = strings.TrimSuffix(strings.TrimPrefix(value, w.prefix), w.suffix)
			r.spans[w.slot] = span{from, i}
			j++
		}
	}
	if j < len(a.template) {
		r.depart(i, a.template[j])
	} else if i < len(a.words) {
		r.depart(i, word{})
	}
	return r
}

func (r *reading) depart(at int, expected word) {
	if r.at >= 0 {
		return
	}
	r.at, r.expected = at, expected.prefix
	if expected.slot != "" {
		r.expected += blank + expected.suffix
	}
}

// difference of two fixed words.
func difference(a, b string) int {
	switch {
	case a == b:
		return 0
	case isSlip(a, b):
		return costSlip
	}
	return costOther
}

// isSlip says whether the words differ by one character.
func isSlip(a, b string) bool {
	if d := len(a) - len(b); d < -utf8.UTFMax || d > utf8.UTFMax {
		return false
	}
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(x)-len(y) > 1 {
		return false
	}
	i := 0
	for i < len(y) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return i < len(x) && string(x[i+1:]) == string(y[i+1:])
	}
	return string(x[i+1:]) == string(y[i:])
}
