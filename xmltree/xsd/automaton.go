package xsd

import (
	"fmt"
	"slices"
	"strings"

	"asugate/xmltree"
)

// automaton is a content model made deterministic: each state is the set of places where the last
// element can have stood. XSD 1.0 demands that the particle is never in doubt (part 1, 3.8.6,
// Unique Particle Attribution), so that a state and the next name decide the next state.
type automaton struct {
	states []state
	terms  []*term // all of the model, for going on after a violation
}

// state 0 is the beginning.
type state struct {
	edges    []edge
	final    bool
	loop     *term // of a state that counts: the element counted
	min, max int   // of a state that counts: how often in all
}

type edge struct {
	term *term
	to   int
}

// cursor is where in a content model a parent's children have come to.
type cursor struct {
	state int
	count int // in a state that counts
}

// maxModelStates bounds the subset construction.
const maxModelStates = 4000

// step moves the cursor over one child; term is nil where no such child may come.
func (a *automaton) step(at cursor, space, local string) (next cursor, matched *term) {
	s := &a.states[at.state]
	if s.loop != nil {
		if at.count < s.max && s.loop.matches(space, local) {
			// Without an upper bound, counting ends at the lower one.
			if s.max != unbounded || at.count < s.min {
				at.count++
			}
			return at, s.loop
		}
		if at.count < s.min {
			return at, nil
		}
	}
	for i := range s.edges {
		if e := &s.edges[i]; e.term.matches(space, local) {
			return cursor{e.to, 1}, e.term
		}
	}
	return at, nil
}

// complete says whether the children may end at the cursor.
func (a *automaton) complete(at cursor) bool {
	s := &a.states[at.state]
	return s.final && (s.loop == nil || at.count >= s.min)
}

// expected lists what may come at the cursor in the element. When that is its end, the end tag says so:
// the list is shown to people of several languages.
func (a *automaton) expected(at cursor, in xmltree.Element) string {
	s := &a.states[at.state]
	var names []string
	if s.loop != nil && at.count < s.max {
		names = append(names, s.loop.String())
	}
	if s.loop == nil || at.count >= s.min {
		for _, e := range s.edges {
			names = append(names, e.term.String())
		}
	}
	if a.complete(at) {
		names = append(names, endTag(in))
	}
	return strings.Join(names, " | ")
}

// named finds the declaration of a name anywhere in the model; there is at most one type for it.
func (a *automaton) named(space, local string) *element {
	for _, t := range a.terms {
		if t.element != nil && t.matches(space, local) {
			return t.element
		}
	}
	return nil
}

// compileModel makes the automaton of a content model, or says why that would not be deterministic.
func compileModel(p *particle) (*automaton, error) {
	l := &layout{}
	whole, err := l.particle(p)
	if err != nil {
		return nil, err
	}
	d := determination{layout: l, whole: whole, automaton: &automaton{}, known: map[string]int{}}
	d.state(nil)
	for i := 0; i < len(d.sets); i++ {
		if len(d.sets) > maxModelStates {
			return nil, fmt.Errorf("content model of more than %d states: %w", maxModelStates, ErrUnsupported)
		}
		if err := d.leave(i); err != nil {
			return nil, err
		}
	}
	for _, place := range l.places {
		if !slices.Contains(d.automaton.terms, place.term) {
			d.automaton.terms = append(d.automaton.terms, place.term)
		}
	}
	return d.automaton, consistent(d.automaton.terms)
}

// consistent is XSD 1.0 part 1, 3.8.6, Element Declarations Consistent: one name, one type.
func consistent(terms []*term) error {
	for i, t := range terms {
		for _, o := range terms[:i] {
			if t.element != nil && o.element != nil && t.element.name == o.element.name &&
				t.element.typed != o.element.typed {
				return fmt.Errorf("element %s with two types: %w", t.element.name, ErrIncorrect)
			}
		}
	}
	return nil
}

// determination is the subset construction in progress.
type determination struct {
	layout    *layout
	whole     fragment
	automaton *automaton
	sets      [][]int // of places, by state; nil is the beginning
	known     map[string]int
}

// state finds the state of a set of places or makes one.
func (d *determination) state(set []int) int {
	key := fmt.Sprint(set)
	at, ok := d.known[key]
	if ok {
		return at
	}
	at = len(d.sets)
	d.known[key] = at
	d.sets = append(d.sets, set)
	s := state{final: set == nil && d.whole.empty}
	for _, p := range set {
		s.final = s.final || slices.Contains(d.whole.last, p)
	}
	if len(set) == 1 && d.layout.places[set[0]].counts() {
		counted := d.layout.places[set[0]]
		s.loop, s.min, s.max = counted.term, counted.min, counted.max
	}
	d.automaton.states = append(d.automaton.states, s)
	return at
}

// leave adds the edges of a state.
func (d *determination) leave(from int) error {
	follow := slices.Clone(d.whole.first)
	if set := d.sets[from]; set != nil {
		follow = nil
		for _, p := range set {
			follow = append(follow, d.layout.places[p].follow...)
		}
	}
	slices.Sort(follow)
	follow = slices.Compact(follow)

	var terms []*term
	targets := map[*term][]int{}
	for _, p := range follow {
		t := d.layout.places[p].term
		if targets[t] == nil {
			terms = append(terms, t)
		}
		targets[t] = append(targets[t], p)
	}
	if err := d.unambiguous(from, terms, targets); err != nil {
		return err
	}
	for _, t := range terms {
		to := d.state(targets[t])
		s := &d.automaton.states[from]
		s.edges = append(s.edges, edge{t, to})
	}
	return nil
}

// unambiguous refuses a state in which the next element does not decide the particle, or whether to
// count on.
func (d *determination) unambiguous(from int, terms []*term, targets map[*term][]int) error {
	s := d.automaton.states[from]
	if s.loop != nil && s.min < s.max {
		// After exactly max elements nothing is left to count, so that an equal min leaves no
		// doubt.
		for _, t := range terms {
			if t == s.loop {
				return fmt.Errorf("repeated count of %s is ambiguous: %w", t, ErrUnsupported)
			}
		}
		terms = append(slices.Clone(terms), s.loop)
	}
	if a, b := competitors(terms); a != nil {
		return fmt.Errorf("%s and %s compete (Unique Particle Attribution): %w", a, b, ErrIncorrect)
	}
	for _, t := range terms {
		for _, p := range targets[t] {
			if d.layout.places[p].counts() && len(targets[t]) > 1 {
				return fmt.Errorf("count of %s is ambiguous: %w", t, ErrUnsupported)
			}
		}
	}
	return nil
}

// competitors finds two different terms that the same element could match.
func competitors(terms []*term) (a, b *term) {
	named := map[name]*term{}
	var wildcards []*term
	for _, t := range terms {
		if t.wildcard != nil {
			wildcards = append(wildcards, t)
		} else if other := named[t.element.name]; other != nil {
			return other, t
		} else {
			named[t.element.name] = t
		}
	}
	for i, w := range wildcards {
		for _, t := range terms {
			if t.element != nil && w.overlaps(t) {
				return t, w
			}
		}
		for _, other := range wildcards[:i] {
			if w.overlaps(other) {
				return other, w
			}
		}
	}
	return nil, nil
}
