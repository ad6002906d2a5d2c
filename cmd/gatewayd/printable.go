package main

import (
	"strconv"
	"strings"
	"unicode"
)

// printable is foreign text for a terminal: what could move the cursor or hide text is shown as its code.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// printableLines is printable for bodies: line ends and tabs stay.
func printableLines(b []byte) string {
	lines := strings.Split(string(b), "\n")
	for i, l := range lines {
		cells := strings.Split(l, "\t")
		for j := range cells {
			cells[j] = printable(cells[j])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}
