package xmltree

import (
	"testing"
	"unicode/utf8"
)

// The productions of XML 1.0 (5th ed.), range by range.
var (
	// NameStartChar [4], without the colon.
	nameStartRanges = [][2]rune{
		{'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D},
		{0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
		{0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
	}
	// What NameChar [4a] adds.
	nameRestRanges = [][2]rune{
		{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040},
	}
	// Char [2].
	characterRanges = [][2]rune{
		{0x9, 0xA}, {0xD, 0xD}, {0x20, 0xD7FF}, {0xE000, 0xFFFD}, {0x10000, 0x10FFFF},
	}
)

func within(ranges [][2]rune, r rune) bool {
	for _, limits := range ranges {
		if r >= limits[0] && r <= limits[1] {
			return true
		}
	}
	return false
}

// TestCharacters compares every character with the productions.
func TestCharacters(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if got, want := isCharacter(r), within(characterRanges, r); got != want {
			t.Errorf("isCharacter(%U) = %v", r, got)
		}
		if !utf8.ValidRune(r) {
			continue
		}
		start := within(nameStartRanges, r)
		rest := start || within(nameRestRanges, r)
		if got := ncName(string(r)) > 0; got != start {
			t.Errorf("a name may begin with %U: %v", r, got)
		}
		if got := ncName("a"+string(r)) > 1; got != rest {
			t.Errorf("a name may go on with %U: %v", r, got)
		}
	}
}

// edges are the characters at and beside the ends of all ranges.
func edges() []rune {
	var edges []rune
	for _, ranges := range [][][2]rune{nameStartRanges, nameRestRanges, characterRanges} {
		for _, limits := range ranges {
			for _, r := range []rune{limits[0] - 1, limits[0], limits[1], limits[1] + 1} {
				if utf8.ValidRune(r) && r > 0 {
					edges = append(edges, r)
				}
			}
		}
	}
	return edges
}
