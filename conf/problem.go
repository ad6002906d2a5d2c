package conf

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File   string // empty: not read from a file
	Line   int    // from 1; 0: the value is a default
	Column int
	Field  string // listen.tls.key, signing.keys[1].from
	What   string // «is no duration such as …»
	Hint   string // what to do, may be empty
}

func (p Problem) Error() string {
	var b strings.Builder
	switch {
	case p.File != "" && p.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	case p.File != "":
		fmt.Fprintf(&b, "%s: ", p.File)
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.What)
	return b.String()
}

// Problems is everything that is wrong, in the order of the file: an operator corrects it in one go.
type Problems []Problem

func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
		if p.Hint != "" {
			b.WriteString("\nhint: " + p.Hint)
		}
	}
	return b.String()
}

// err is nil when there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int { return a.Line - b.Line })
	return ps
}

// source is where the values of a Config were found.
type source struct {
	file   string
	places map[string]place // by field
}

type place struct{ line, column int }

// problem points at the field, or at the nearest section that the file has.
func (s source) problem(field, what, hint string) Problem {
	p := Problem{File: s.file, Field: field, What: what, Hint: hint}
	for f := field; f != ""; f = parent(f) {
		if at, ok := s.places[f]; ok {
			p.Line, p.Column = at.line, at.column
			break
		}
	}
	return p
}

// parent is the field around: listen.tls.key → listen.tls, signing.keys[1] → signing.keys.
func parent(field string) string {
	if i := strings.LastIndexAny(field, ".["); i >= 0 {
		return field[:i]
	}
	return ""
}
