package xsd

import (
	"regexp/syntax"
	"slices"
)

// table is a pattern as a deterministic automaton over ASCII: most codes and numbers are checked by
// it, at about a nanosecond a byte. A value with any other character goes to package regexp.
type table struct {
	column  [asciiBytes]uint8 // of next: bytes that no state tells apart share one
	columns int
	next    []uint8 // state × columns + column
	accept  []bool
}

const (
	asciiBytes = 128

	// maxStates and maxInstructions, of one state, bound the memory of a table and the work to make
	// it; a pattern that needs more is left to package regexp.
	maxStates       = 255
	maxInstructions = 100

	dead  = 0 // the state that nothing leaves
	start = 1
)

// matches says nothing (decided is false) of a value that is not all ASCII.
func (t *table) matches(value string) (matched, decided bool) {
	state := start
	for i := range len(value) {
		if value[i] >= asciiBytes {
			return false, false
		}
		state = int(t.next[state*t.columns+int(t.column[value[i]])])
	}
	return t.accept[state], true
}

// tabulate builds the table of an expression by the subset construction, nil where that needs too
// many states.
func tabulate(expression string) *table {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil
	}
	b := subsets{program: program, known: map[string]int{}}
	b.add(nil)
	b.add(b.closure([]uint32{uint32(program.Start)}))
	for state := start; state < len(b.sets); state++ {
		if len(b.sets[state]) > maxInstructions {
			return nil
		}
		row := [asciiBytes]uint8{}
		for c := range rune(asciiBytes) {
			target := b.add(b.step(b.sets[state], c))
			if target >= maxStates {
				return nil
			}
			row[c] = uint8(target)
		}
		b.rows = append(b.rows, row)
	}
	return b.table()
}

// subsets is the subset construction in progress: each state of the table is a set of instructions.
type subsets struct {
	program *syntax.Prog
	sets    [][]uint32
	known   map[string]int
	rows    [][asciiBytes]uint8 // of the states from start on
}

// add finds the state of a set or makes one.
func (b *subsets) add(set []uint32) int {
	key := make([]byte, 0, len(set)*4)
	for _, pc := range set {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	state, ok := b.known[string(key)]
	if !ok {
		state = len(b.sets)
		b.known[string(key)] = state
		b.sets = append(b.sets, set)
	}
	return state
}

func (b *subsets) step(set []uint32, c rune) []uint32 {
	var reached []uint32
	for _, pc := range set {
		in := &b.program.Inst[pc]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if in.MatchRune(c) {
				reached = append(reached, in.Out)
			}
		}
	}
	return b.closure(reached)
}

// closure follows the instructions that consume nothing. The expression has no anchors, so none of
// them asks where in the text it stands.
func (b *subsets) closure(work []uint32) []uint32 {
	var set []uint32
	for len(work) > 0 {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		if slices.Contains(set, pc) {
			continue
		}
		set = append(set, pc)
		switch in := &b.program.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			work = append(work, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			work = append(work, in.Out)
		}
	}
	slices.Sort(set)
	return set
}

func (b *subsets) accepts(set []uint32) bool {
	return slices.ContainsFunc(set, func(pc uint32) bool { return b.program.Inst[pc].Op == syntax.InstMatch })
}

// table merges the bytes that every state treats alike into columns.
func (b *subsets) table() *table {
	t := &table{}
	columns := map[string]uint8{}
	var representatives []int
	for c := range asciiBytes {
		key := make([]byte, len(b.rows))
		for i, row := range b.rows {
			key[i] = row[c]
		}
		column, ok := columns[string(key)]
		if !ok {
			column = uint8(len(representatives))
			columns[string(key)] = column
			representatives = append(representatives, c)
		}
		t.column[c] = column
	}
	t.columns = len(representatives)
	t.next = make([]uint8, t.columns, t.columns*len(b.sets)) // the row of dead leads to dead
	for _, row := range b.rows {
		for _, c := range representatives {
			t.next = append(t.next, row[c])
		}
	}
	for _, set := range b.sets {
		t.accept = append(t.accept, b.accepts(set))
	}
	return t
}
