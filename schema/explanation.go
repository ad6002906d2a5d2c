package schema

import (
	"embed"
	"sync"
)

// Explanation is a row of the closed table: what code and reason mean and what to do.
type Explanation struct {
	Code, Reason string
	Stage        string            // authenticity | legitimacy
	Severity     Severity          // the usual one; a register may make a warning an error
	Clause       string            // «288 п. 2.1.4 3)б»
	ITS          map[string]string // ru, uk, en: for people; may use {expected} and {actual}
	Remedy       map[string]string // ru, uk, en: what to do
	RemedyName   string            // of one that many rows share, else empty
}

// Code is an entry of the closed list of codes: what its reasons have in common.
type Code struct {
	Code    string
	Stage   Stage
	Meaning map[string]string // ru, uk, en
}

//go:embed reasons/*.txt
var reasonFiles embed.FS

// reasons reads the embedded table once. It is part of the program: a table that does not parse is
// a mistake of ours that the first test meets, hence the panic.
var reasons = sync.OnceValue(func() *reasonTable {
	table, err := readExplanations(reasonFiles)
	if err != nil {
		panic(err)
	}
	return table
})

// Explanations is the whole table, sorted by code and reason. It is shared and read-only.
func Explanations() []Explanation { return reasons().rows }

// Codes is the closed list of codes, sorted; also those for which this version has no reason. It is
// shared and read-only.
func Codes() []Code { return reasons().codes }

// explanationIndex finds rows by code and reason.
var explanationIndex = sync.OnceValue(func() map[[2]string]*Explanation {
	table := Explanations()
	index := make(map[[2]string]*Explanation, len(table))
	for i := range table {
		index[[2]string{table[i].Code, table[i].Reason}] = &table[i]
	}
	return index
})

// Explain is the row for code and reason.
func Explain(code, reason string) (Explanation, bool) {
	row, ok := explanationIndex()[[2]string{code, reason}]
	if !ok {
		return Explanation{}, false
	}
	return *row, true
}
