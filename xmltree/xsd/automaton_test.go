package xsd

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestAutomatonAgainstDefinition makes random content models and compares what their automata accept with what the
// definition of particles says (XSD 1.0 part 1, 3.9.4), for all short words and random long ones.
func TestAutomatonAgainstDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "b", "c"}
	words := shortWords(letters, 5)
	compiled, accepted := 0, 0
	for range 20000 {
		model := randomParticle(random, 3, true)
		automaton, err := compileModel(model)
		if errors.Is(err, ErrIncorrect) || errors.Is(err, ErrUnsupported) {
			continue // most random models are ambiguous
		}
		if err != nil {
			t.Fatal(err)
		}
		compiled++
		for range 5 {
			words = append(words, randomWord(random, letters, 40))
		}
		for _, word := range words {
			want := slices.Contains(ends(model, word, 0), len(word))
			if want {
				accepted++
			}
			if got := accepts(automaton, word); got != want {
				t.Fatalf("%s and %q: %t, want %t", show(model), word, got, want)
			}
		}
		words = words[:len(words)-5]
	}
	if compiled < 2000 || accepted < 10*compiled {
		t.Errorf("only %d models and %d words were worth a look", compiled, accepted)
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

// ends are the places in word where p can end when it begins at from: the definition, without any cleverness.
func ends(p *particle, word []string, from int) []int {
	once := func(from int) []int {
		switch p.kind {
		case leaf:
			if from < len(word) && p.term.matches("", word[from]) {
				return []int{from + 1}
			}
			return nil
		case choice:
			var all []int
			for _, part := range p.parts {
				all = append(all, ends(part, word, from)...)
			}
			return all
		}
		all := []int{from}
		for _, part := range p.parts {
			var next []int
			for _, at := range all {
				next = append(next, ends(part, word, at)...)
			}
			all = next
		}
		return all
	}
	var result []int
	reached := []int{from}
	for n := 0; n <= p.max && len(reached) > 0; n++ {
		if n >= p.min {
			result = append(result, reached...)
		}
		if n >= p.min+len(word)+1 {
			break // only empty rounds are left
		}
		var next []int
		for _, at := range reached {
			next = append(next, once(at)...)
		}
		slices.Sort(next)
		reached = slices.Compact(next)
	}
	slices.Sort(result)
	return slices.Compact(result)
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

func shortWords(letters []string, length int) [][]string {
	all := [][]string{nil}
	for begin := 0; length > 0; length-- {
		end := len(all)
		for _, word := range all[begin:end] {
			for _, letter := range letters {
				all = append(all, append(slices.Clone(word), letter))
			}
		}
		begin = end
	}
	return all
}

// randomWord has long runs, as counts need them.
func randomWord(random *rand.Rand, letters []string, length int) []string {
	var word []string
	for len(word) < length {
		letter := letters[random.IntN(len(letters))]
		for range 1 + random.IntN(14) {
			word = append(word, letter)
		}
	}
	return word[:random.IntN(length)]
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
