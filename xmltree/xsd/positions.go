package xsd

import (
	"fmt"
	"slices"
)

// A content model becomes an automaton in two steps. Here its particle is written out as places,
// one for each element that can stand somewhere, and for each place which places can follow
// (Glushkov's construction). Small occurrence bounds are written out by repeating places; a large
// bound of a single element becomes a place that counts.

const (
	// maxWrittenOut is the largest occurrence bound of a single element that is written out.
	maxWrittenOut = 8

	// maxPlaces bounds what nested bounds can multiply to.
	maxPlaces = 2000
)

// place is one occurrence of a term.
type place struct {
	term     *term
	min, max int   // of a place that counts; 1, 1 of others
	follow   []int // places that can come next
}

func (p *place) counts() bool { return p.max > 1 }

// layout is the places of a content model.
type layout struct{ places []place }

// fragment is a part of a model: where it can begin and end, and whether it can be nothing at all.
type fragment struct {
	empty       bool
	first, last []int
}

var nothing = fragment{empty: true}

// particle lays out p with its occurrence bounds.
func (l *layout) particle(p *particle) (fragment, error) {
	switch {
	case p.max == 0:
		return nothing, nil
	case p.kind != leaf:
		return l.repeat(p.min, p.max, func() (fragment, error) { return l.group(p) })
	case p.max == unbounded && p.min <= maxWrittenOut || p.max <= maxWrittenOut:
		return l.repeat(p.min, p.max, func() (fragment, error) { return l.place(p.term, 1, 1) })
	}
	f, err := l.place(p.term, max(p.min, 1), p.max)
	f.empty = p.min == 0
	return f, err
}

func (l *layout) place(t *term, low, high int) (fragment, error) {
	if len(l.places) >= maxPlaces {
		return nothing, fmt.Errorf("content model of more than %d places: %w", maxPlaces, ErrUnsupported)
	}
	l.places = append(l.places, place{term: t, min: low, max: high})
	at := []int{len(l.places) - 1}
	return fragment{first: at, last: at}, nil
}

// group lays out one occurrence of a sequence or choice.
func (l *layout) group(p *particle) (fragment, error) {
	whole := nothing
	for i, part := range p.parts {
		f, err := l.particle(part)
		if err != nil {
			return nothing, err
		}
		switch {
		case i == 0:
			whole = f
		case p.kind == sequence:
			whole = l.concatenate(whole, f)
		default:
			whole = fragment{whole.empty || f.empty, slices.Concat(whole.first, f.first), slices.Concat(whole.last, f.last)}
		}
	}
	return whole, nil
}

// repeat writes body out: what must come, then what may come, each optional one inside the one
// before it, so that the place to go on at is never in doubt.
func (l *layout) repeat(low, high int, body func() (fragment, error)) (fragment, error) {
	copies := high
	if high == unbounded {
		copies = max(low, 1)
	}
	if copies > maxPlaces {
		return nothing, fmt.Errorf("group repeated over %d times: %w", maxPlaces, ErrUnsupported)
	}
	whole := nothing
	for i := copies - 1; i >= 0; i-- {
		f, err := body()
		if err != nil {
			return nothing, err
		}
		if len(f.first) == 0 {
			return nothing, nil // however often
		}
		if high == unbounded && i == copies-1 {
			l.connect(f.last, f.first)
		}
		whole = l.concatenate(f, whole)
		whole.empty = whole.empty || i >= low
	}
	return whole, nil
}

func (l *layout) concatenate(a, b fragment) fragment {
	l.connect(a.last, b.first)
	whole := fragment{a.empty && b.empty, a.first, b.last}
	if a.empty {
		whole.first = slices.Concat(a.first, b.first)
	}
	if b.empty {
		whole.last = slices.Concat(a.last, b.last)
	}
	return whole
}

func (l *layout) connect(from, to []int) {
	for _, p := range from {
		l.places[p].follow = append(l.places[p].follow, to...)
	}
}
