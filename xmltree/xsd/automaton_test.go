package xsd

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestAutomatonAgainstDefinition makes random content models and compares what their automata
// accept with what the definition of particles says (XSD 1.0 part 1, 3.9.4): for all short words,
// for words of the model, and for words one letter away from those.
func TestAutomatonAgainstDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	short := shortWords(3)
	compiled, accepted, refused := 0, 0, 0
	for range 600 {
		model := randomParticle(random, 3, true)
		automaton, err := compileModel(model)
		if errors.Is(err, ErrIncorrect) || errors.Is(err, ErrUnsupported) {
			continue // most random models are ambiguous
		}
		if err != nil {
			t.Fatal(err)
		}
		compiled++
		words := slices.Clone(short)
		for range 20 {
			if word := sample(random, model, nil); len(word) < 60 {
				words = append(words, word, edit(random, word))
			}
		}
		for _, word := range words {
			want := definition{word, map[begin][]int{}}.allows(model)
			if want {
				accepted++
			} else {
				refused++
			}
			if got := accepts(automaton, word); got != want {
				t.Fatalf("%s and %q: %t, want %t", show(model), word, got, want)
			}
		}
	}
	t.Logf("%d models, %d words accepted, %d refused", compiled, accepted, refused)
	if compiled < 120 || accepted < 20*compiled || refused < 20*compiled {
		t.Error("too few models or words were worth a look")
	}
}

// accepts runs the automaton over a word whose letters are element names.
func accepts(a *automaton, word []string) bool {
	at := cursor{}
	for _, letter := range word {
		next, matched := a.step(at, "", letter)
		if matched == nil || !matched.matches("", letter) {
			return false
		}
		at = next
	}
	return a.complete(at)
}

// definition decides without any cleverness, but for remembering, whether a particle allows a word.
type definition struct {
	word  []string
	known map[begin][]int
}

type begin struct {
	p  *particle
	at int
}

func (d definition) allows(p *particle) bool { return slices.Contains(d.ends(p, 0), len(d.word)) }

// ends are the places in the word where p can end when it begins at from.
func (d definition) ends(p *particle, from int) []int {
	if known, ok := d.known[begin{p, from}]; ok {
		return known
	}
	var result []int
	reached := []int{from}
	for n := 0; n <= p.max && len(reached) > 0 && n <= p.min+len(d.word); n++ {
		if n >= p.min {
			result = append(result, reached...)
		}
		var next []int
		for _, at := range reached {
			next = append(next, d.once(p, at)...)
		}
		reached = distinct(next)
	}
	result = distinct(result)
	d.known[begin{p, from}] = result
	return result
}

// once is ends for a single occurrence of p.
func (d definition) once(p *particle, from int) []int {
	all := []int{from}
	switch p.kind {
	case leaf:
		if from < len(d.word) && p.term.matches("", d.word[from]) {
			return []int{from + 1}
		}
		return nil
	case choice:
		all = nil
		for _, part := range p.parts {
			all = append(all, d.ends(part, from)...)
		}
	case sequence:
		for _, part := range p.parts {
			var next []int
			for _, at := range all {
				next = append(next, d.ends(part, at)...)
			}
			all = distinct(next)
		}
	}
	return all
}

func distinct(places []int) []int {
	slices.Sort(places)
	return slices.Compact(places)
}

// sample appends a word of p.
func sample(random *rand.Rand, p *particle, word []string) []string {
	most := min(p.max, p.min+3)
	for range p.min + random.IntN(most-p.min+1) {
		switch p.kind {
		case leaf:
			word = append(word, p.term.element.name.local)
		case choice:
			word = sample(random, p.parts[random.IntN(len(p.parts))], word)
		case sequence:
			for _, part := range p.parts {
				word = sample(random, part, word)
			}
		}
	}
	return word
}

// edit drops, doubles or changes a letter.
func edit(random *rand.Rand, word []string) []string {
	word = slices.Clone(word)
	if len(word) == 0 {
		return []string{"a"}
	}
	switch at := random.IntN(len(word)); random.IntN(3) {
	case 0:
		return slices.Delete(word, at, at+1)
	case 1:
		return slices.Insert(word, at, word[at])
	default:
		word[at] = string(rune('a' + random.IntN(3)))
		return word
	}
}

func randomParticle(random *rand.Rand, depth int, group bool) *particle {
	bounds := [][2]int{{1, 1}, {1, 1}, {0, 1}, {0, unbounded}, {1, unbounded}, {2, 3}, {2, 2}, {0, 3}, {3, unbounded}}
	if !group && random.IntN(4) == 0 {
		bounds = [][2]int{{0, 12}, {10, 12}, {11, 11}, {9, unbounded}} // counted, not written out
	}
	bound := bounds[random.IntN(len(bounds))]
	p := &particle{min: bound[0], max: bound[1]}
	if depth == 0 || !group && random.IntN(2) == 0 {
		p.term = &term{element: &element{name: name{"", string(rune('a' + random.IntN(3)))}}}
		return p
	}
	p.kind = sequence
	if random.IntN(2) == 0 {
		p.kind = choice
	}
	for range 1 + random.IntN(3) {
		p.parts = append(p.parts, randomParticle(random, depth-1, false))
	}
	return p
}

// shortWords are all words of a, b and c up to that length.
func shortWords(length int) [][]string {
	all := [][]string{nil}
	for begin := 0; length > 0; length-- {
		end := len(all)
		for _, word := range all[begin:end] {
			for _, letter := range []string{"a", "b", "c"} {
				all = append(all, append(slices.Clone(word), letter))
			}
		}
		begin = end
	}
	return all
}

func show(p *particle) string {
	bounds := fmt.Sprintf("{%d,%d}", p.min, p.max)
	if p.kind == leaf {
		return p.term.String() + bounds
	}
	separator := ","
	if p.kind == choice {
		separator = "|"
	}
	var parts []string
	for _, part := range p.parts {
		parts = append(parts, show(part))
	}
	return "(" + strings.Join(parts, separator) + ")" + bounds
}

// TestLargeCounts: bounds that are not written out, exact at both ends.
func TestLargeCounts(t *testing.T) {
	for _, c := range []struct{ low, high int }{{0, 100}, {50, 100}, {100, 100}, {1, 1000000}, {100, unbounded}} {
		one := &particle{min: c.low, max: c.high, term: &term{element: &element{name: name{"", "a"}}}}
		other := &particle{min: 0, max: 1, term: &term{element: &element{name: name{"", "b"}}}}
		a, err := compileModel(&particle{kind: sequence, min: 1, max: 1, parts: []*particle{one, other}})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.states) > 3 {
			t.Errorf("%v: %d states", c, len(a.states))
		}
		for _, n := range []int{0, 1, 49, 50, 51, 99, 100, 101, 1000} {
			for _, last := range []string{"", "b"} {
				word := slices.Repeat([]string{"a"}, n)
				if last != "" {
					word = append(word, last)
				}
				if got, want := accepts(a, word), n >= c.low && n <= c.high; got != want {
					t.Errorf("%v: %d and %q: %t", c, n, last, got)
				}
			}
		}
	}
}

// TestWildcards: what each form of namespace allows.
func TestWildcards(t *testing.T) {
	for _, c := range []struct{ attribute, child string }{
		{``, "urn:t urn:o none"},
		{`namespace="##any"`, "urn:t urn:o none"},
		{`namespace="##other"`, "urn:o"},
		{`namespace="##targetNamespace"`, "urn:t"},
		{`namespace="##local"`, "none"},
		{`namespace="##local urn:o"`, "urn:o none"},
		{`namespace="urn:p"`, ""},
	} {
		set, err := loadText(schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence>
			<xs:any processContents="skip" ` + c.attribute + `/></xs:sequence></xs:complexType></xs:element>`))
		if err != nil {
			t.Fatal(err)
		}
		for _, space := range []string{"urn:t", "urn:o", "none"} {
			child := `<e xmlns="` + strings.TrimPrefix(space, "none") + `" a="1">anything<e/></e>`
			got := set.Validate(parse(t, `<r xmlns="urn:t">`+child+`</r>`), 1) == nil
			if want := slices.Contains(strings.Fields(c.child), space); got != want {
				t.Errorf("%q and %s: %t", c.attribute, space, got)
			}
		}
	}
}
