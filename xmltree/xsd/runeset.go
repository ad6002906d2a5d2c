package xsd

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// runeSet is a set of characters as ranges, ascending, neither overlapping nor adjoining.
type runeSet []runeRange

type runeRange struct{ low, high rune }

// setOf brings ranges in any order into the form of a runeSet.
func setOf(ranges ...runeRange) runeSet {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b runeRange) int { return int(a.low) - int(b.low) })
	var s runeSet
	for _, r := range sorted {
		if n := len(s); n > 0 && r.low <= s[n-1].high+1 {
			s[n-1].high = max(s[n-1].high, r.high)
			continue
		}
		s = append(s, r)
	}
	return s
}

// setOfTable is the characters of a Unicode table.
func setOfTable(table *unicode.RangeTable) runeSet {
	var ranges []runeRange
	add := func(low, high, stride rune) {
		if stride == 1 {
			ranges = append(ranges, runeRange{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			ranges = append(ranges, runeRange{r, r})
		}
	}
	for _, r := range table.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range table.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return setOf(ranges...)
}

func (s runeSet) contains(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(in runeRange, r rune) int {
		switch {
		case in.high < r:
			return -1
		case in.low > r:
			return 1
		}
		return 0
	})
	return found
}

func (s runeSet) union(o runeSet) runeSet { return setOf(slices.Concat(s, o)...) }

func (s runeSet) complement() runeSet {
	var c runeSet
	next := rune(0)
	for _, r := range s {
		if r.low > next {
			c = append(c, runeRange{next, r.low - 1})
		}
		next = r.high + 1
	}
	if next <= unicode.MaxRune {
		c = append(c, runeRange{next, unicode.MaxRune})
	}
	return c
}

// minus is the characters of s that are not in o.
func (s runeSet) minus(o runeSet) runeSet {
	return s.complement().union(o).complement()
}

// class writes s as a character class of package regexp.
func (s runeSet) class() string {
	if len(s) == 0 {
		return `[^\x{0}-\x{10FFFF}]`
	}
	var b strings.Builder
	b.WriteByte('[')
	for _, r := range s {
		fmt.Fprintf(&b, `\x{%X}-\x{%X}`, r.low, r.high)
	}
	b.WriteByte(']')
	return b.String()
}
