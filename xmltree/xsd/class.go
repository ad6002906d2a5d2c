package xsd

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bracket is charClassExpr of XSD 1.0 part 2, appendix F: [group], [^group], [group-[taken away]].
func (t *translation) bracket(depth int) (runeSet, error) {
	if depth > maxGroups {
		return nil, fmt.Errorf("classes nested over %d: %w", maxGroups, ErrUnsupported)
	}
	t.rest = t.rest[1:]
	negated := strings.HasPrefix(t.rest, "^")
	if negated {
		t.rest = t.rest[1:]
	}
	var set runeSet
	for first := true; ; first = false {
		switch {
		case t.rest == "":
			return nil, fmt.Errorf("unclosed [: %w", ErrIncorrect)
		case t.rest[0] == ']' && first:
			return nil, fmt.Errorf("empty class: %w", ErrIncorrect)
		case t.rest[0] == ']':
			t.rest = t.rest[1:]
			return positive(set, negated), nil
		case strings.HasPrefix(t.rest, "-[") && !first:
			t.rest = t.rest[1:]
			taken, err := t.bracket(depth + 1)
			if err != nil {
				return nil, err
			}
			if !strings.HasPrefix(t.rest, "]") {
				return nil, fmt.Errorf("text after a subtraction: %w", ErrIncorrect)
			}
			t.rest = t.rest[1:]
			return positive(set, negated).minus(taken), nil
		}
		part, err := t.classPart(first)
		if err != nil {
			return nil, err
		}
		set = set.union(part)
	}
}

func positive(set runeSet, negated bool) runeSet {
	if negated {
		return set.complement()
	}
	return set
}

// classPart is one escape, character or range of a class.
func (t *translation) classPart(first bool) (runeSet, error) {
	low, single, err := t.classCharacter(first)
	if err != nil || !single {
		return low, err
	}
	if len(t.rest) < 2 || t.rest[0] != '-' || t.rest[1] == ']' || t.rest[1] == '[' {
		return low, nil
	}
	t.rest = t.rest[1:]
	high, single, err := t.classCharacter(false)
	if err != nil {
		return nil, err
	}
	if !single || high[0].low < low[0].low {
		return nil, fmt.Errorf("broken range: %w", ErrIncorrect)
	}
	return runeSet{{low[0].low, high[0].low}}, nil
}

// classCharacter is a character or an escape; single says that it is one character, which may begin
// a range.
func (t *translation) classCharacter(first bool) (set runeSet, single bool, err error) {
	switch c := t.rest[0]; {
	case c == '\\':
		return t.escape()
	case c == '[':
		return nil, false, fmt.Errorf("unescaped [ in a class: %w", ErrIncorrect)
	case c == '-' && !first && !strings.HasPrefix(t.rest, "-]"):
		// A hyphen stands for itself only at either end (appendix F, «positive character group»);
		// what it means elsewhere is read differently by different readers.
		return nil, false, fmt.Errorf("unescaped - inside a class: %w", ErrUnsupported)
	case c == '-':
		t.rest = t.rest[1:]
		return runeSet{{'-', '-'}}, false, nil
	}
	r, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return runeSet{{r, r}}, true, nil
}

// escape is SingleCharEsc, MultiCharEsc or catEsc of appendix F.
func (t *translation) escape() (set runeSet, single bool, err error) {
	if len(t.rest) < 2 {
		return nil, false, fmt.Errorf("backslash at the end: %w", ErrIncorrect)
	}
	c := t.rest[1]
	if c == 'p' || c == 'P' {
		return t.property(c == 'P')
	}
	t.rest = t.rest[2:]
	switch c {
	case 'n':
		return runeSet{{'\n', '\n'}}, true, nil
	case 'r':
		return runeSet{{'\r', '\r'}}, true, nil
	case 't':
		return runeSet{{'\t', '\t'}}, true, nil
	case '\\', '|', '.', '-', '^', '?', '*', '+', '{', '}', '(', ')', '[', ']':
		return runeSet{{rune(c), rune(c)}}, true, nil
	case 's', 'S':
		set = setOf(runeRange{'\t', '\n'}, runeRange{'\r', '\r'}, runeRange{' ', ' '})
	case 'i', 'I':
		set = setOf(nameStart...)
	case 'c', 'C':
		set = nameStart.union(nameRest)
	case 'd', 'D':
		set = setOfTable(unicode.Nd)
	case 'w', 'W':
		set = setOfTable(unicode.P).union(setOfTable(unicode.Z)).union(setOfTable(unicode.C)).complement()
	default:
		return nil, false, fmt.Errorf("unknown escape \\%c: %w", c, ErrIncorrect)
	}
	return positive(set, c >= 'A' && c <= 'Z'), false, nil
}

// property is \p{Lu}, \p{IsCyrillic} and their opposites.
func (t *translation) property(negated bool) (set runeSet, single bool, err error) {
	name, rest, closed := strings.Cut(t.rest[2:], "}")
	name, opened := strings.CutPrefix(name, "{")
	if !opened || !closed {
		return nil, false, fmt.Errorf("broken \\p{…}: %w", ErrIncorrect)
	}
	t.rest = rest
	switch block, isBlock := strings.CutPrefix(name, "Is"); {
	case isBlock:
		set = blocks[block]
	case len(name) <= 2 && name != "LC" && unicode.Categories[name] != nil:
		// LC is a category of Unicode that XSD 1.0 does not know.
		set = setOfTable(unicode.Categories[name])
	}
	if set == nil {
		return nil, false, fmt.Errorf("property %s: %w", quote(name), ErrUnsupported)
	}
	return positive(set, negated), false, nil
}

// blocks are the Unicode blocks that texts of this trade can need, named as appendix F names them.
var blocks = map[string]runeSet{
	"BasicLatin":            {{0x0000, 0x007F}},
	"Latin-1Supplement":     {{0x0080, 0x00FF}},
	"LatinExtended-A":       {{0x0100, 0x017F}},
	"LatinExtended-B":       {{0x0180, 0x024F}},
	"Greek":                 {{0x0370, 0x03FF}},
	"Cyrillic":              {{0x0400, 0x04FF}},
	"GeneralPunctuation":    {{0x2000, 0x206F}},
	"CurrencySymbols":       {{0x20A0, 0x20CF}},
	"LetterlikeSymbols":     {{0x2100, 0x214F}},
	"NumberForms":           {{0x2150, 0x218F}},
	"MathematicalOperators": {{0x2200, 0x22FF}},
}
