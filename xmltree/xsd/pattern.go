package xsd

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is one compiled pattern facet.
type pattern struct {
	source string // as the schema has it
	regexp *regexp.Regexp
	table  *table // nil where it would be too large
}

// compilePattern reads a regular expression of XSD 1.0 part 2, appendix F.
func compilePattern(source string) (*pattern, error) {
	t := translation{rest: source}
	if err := t.alternatives(0); err != nil {
		return nil, fmt.Errorf("pattern %s: at byte %d: %w", quote(source), len(source)-len(t.rest), err)
	}
	// The expression describes the whole value, and ^ and $ are ordinary characters in it (appendix
	// F).
	compiled, err := regexp.Compile(`\A(?:` + t.out.String() + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %v: %w", quote(source), err, ErrUnsupported)
	}
	return &pattern{source: source, regexp: compiled, table: tabulate(t.out.String())}, nil
}

// matches never backtracks: the table takes one step a byte, package regexp is linear too.
func (p *pattern) matches(value string) bool {
	if p.table != nil {
		if matched, decided := p.table.matches(value); decided {
			return matched
		}
	}
	return p.regexp.MatchString(value)
}

// translation rewrites an expression into the syntax of package regexp, piece by piece.
type translation struct {
	rest string
	out  strings.Builder
}

// maxGroups bounds the nesting of groups, so that a schema cannot exhaust the stack.
const maxGroups = 32

// alternatives is regExp of appendix F: branches separated by |.
func (t *translation) alternatives(depth int) error {
	if depth > maxGroups {
		return fmt.Errorf("groups nested over %d: %w", maxGroups, ErrUnsupported)
	}
	for t.rest != "" {
		switch t.rest[0] {
		case ')':
			if depth == 0 {
				return fmt.Errorf("unmatched ): %w", ErrIncorrect)
			}
			return nil
		case '|':
			t.rest = t.rest[1:]
			t.out.WriteByte('|')
			continue
		}
		if err := t.atom(depth); err != nil {
			return err
		}
		if err := t.quantifier(); err != nil {
			return err
		}
	}
	if depth > 0 {
		return fmt.Errorf("unclosed (: %w", ErrIncorrect)
	}
	return nil
}

// atom is a character, a class or a group.
func (t *translation) atom(depth int) error {
	switch c := t.rest[0]; c {
	case '(':
		t.rest = t.rest[1:]
		t.out.WriteString("(?:")
		if err := t.alternatives(depth + 1); err != nil {
			return err
		}
		t.rest = t.rest[1:]
		t.out.WriteByte(')')
	case '[':
		set, err := t.bracket(0)
		if err != nil {
			return err
		}
		t.out.WriteString(set.class())
	case '.':
		t.rest = t.rest[1:]
		t.out.WriteString(setOf(runeRange{'\n', '\n'}, runeRange{'\r', '\r'}).complement().class())
	case '\\':
		set, _, err := t.escape()
		if err != nil {
			return err
		}
		t.out.WriteString(set.class())
	case '?', '*', '+', '{', '}', ']':
		return fmt.Errorf("misplaced %c: %w", c, ErrIncorrect)
	default:
		_, size := utf8.DecodeRuneInString(t.rest)
		t.out.WriteString(regexp.QuoteMeta(t.rest[:size]))
		t.rest = t.rest[size:]
	}
	return nil
}

// quantifier is ?, *, +, {n}, {n,} or {n,m}, or nothing. Greed means nothing where only the whole
// value can match.
func (t *translation) quantifier() error {
	if t.rest == "" {
		return nil
	}
	switch c := t.rest[0]; c {
	case '?', '*', '+':
		t.rest = t.rest[1:]
		t.out.WriteByte(c)
	case '{':
		inside, after, closed := strings.Cut(t.rest[1:], "}")
		low, high, ranged := strings.Cut(inside, ",")
		if !closed || !isCount(low) || ranged && high != "" && !isCount(high) {
			return fmt.Errorf("broken {…}: %w", ErrIncorrect)
		}
		// Package regexp allows a count of 1,000 and says so itself; here only order is to be
		// checked.
		if n, m := count(low), count(high); ranged && high != "" && m < n {
			return fmt.Errorf("{%s}: the upper bound is below the lower: %w", inside, ErrIncorrect)
		}
		t.out.WriteString("{" + inside + "}")
		t.rest = after
	default:
		return nil
	}
	if t.rest != "" && strings.IndexByte("?*+{", t.rest[0]) >= 0 {
		return fmt.Errorf("two quantifiers in a row: %w", ErrIncorrect)
	}
	return nil
}

func isCount(s string) bool { return s != "" && len(s) <= 6 && allDigits(s) }

func count(s string) int {
	n, _ := strconv.Atoi(s) // isCount has looked
	return n
}
