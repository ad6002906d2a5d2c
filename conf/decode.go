package conf

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder fills a Config from the syntax tree of its file.
//
// The decoder of the YAML library takes 1.5 for the integer 1 and "12" for 12, and stops at the
// first mistake. This one converts nothing, and reports all mistakes with their places.
type decoder struct {
	src      source
	problems Problems
}

var (
	durationType = reflect.TypeFor[Duration]()
	sizeType     = reflect.TypeFor[Size]()
	timeType     = reflect.TypeFor[time.Time]()
)

func (d *decoder) fail(t *token.Token, field, what, hint string) {
	d.problems = append(d.problems, Problem{
		File: d.src.file, Line: t.Position.Line, Column: t.Position.Column,
		Field: field, What: what, Hint: hint,
	})
}

// value decodes n into dst. An absent value keeps what dst has: a section of which every line is
// commented out is the default.
func (d *decoder) value(n ast.Node, dst reflect.Value, field string) {
	switch {
	case dst.Kind() == reflect.Struct && dst.Type() != timeType:
		if n.Type() != ast.NullType {
			d.section(n, dst, field)
		}
	case dst.Kind() == reflect.Slice:
		if n.Type() != ast.NullType {
			d.list(n, dst, field)
		}
	default:
		d.scalar(n, dst, field)
	}
}

func (d *decoder) section(n ast.Node, dst reflect.Value, field string) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		d.fail(n.GetToken(), field, "is no section: lines of «key: value» are expected", "")
		return
	}
	for _, pair := range pairs {
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			d.fail(pair.Key.GetToken(), field, "a key is a plain word", "")
			continue
		}
		name := key.Value
		at := key.GetToken().Position
		member, known := memberOf(dst, name)
		if !known {
			d.fail(key.GetToken(), join(field, bounded(name)), "unknown key", nearest(dst, name))
			continue
		}
		// A key that stands twice is refused by the parser.
		d.src.places[join(field, name)] = place{at.Line, at.Column}
		d.value(pair.Value, member, join(field, name))
	}
}

func (d *decoder) list(n ast.Node, dst reflect.Value, field string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n.GetToken(), field, "is no list", "write each item on a line of its own that begins with «- »")
		return
	}
	list := reflect.MakeSlice(dst.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		f := field + "[" + strconv.Itoa(i) + "]"
		at := item.GetToken().Position
		d.src.places[f] = place{at.Line, at.Column}
		d.value(item, list.Index(i), f)
	}
	dst.Set(list)
}

func (d *decoder) scalar(n ast.Node, dst reflect.Value, field string) {
	t := n.GetToken()
	var text string
	switch s := n.(type) {
	case *ast.StringNode:
		text = s.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = t.Value
	case *ast.NullNode:
		d.problems = append(d.problems,
			d.src.problem(field, "has no value", "put a # before the line to use the default"))
		return
	default:
		d.fail(t, field, "is not one plain value", "")
		return
	}
	if err := set(n, text, dst); err != nil {
		d.fail(t, field, err.Error(), "")
	}
}

// set stores text, which n has as written, without conversions that the operator does not see.
func set(n ast.Node, text string, dst reflect.Value) error {
	switch dst.Type() {
	case durationType:
		v, err := ParseDuration(text)
		dst.SetInt(int64(v))
		return err
	case sizeType:
		v, err := ParseSize(text)
		dst.SetInt(int64(v))
		return err
	case timeType:
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("%s is no time such as 2026-11-22T10:00:00+03:00", quote(text))
		}
		dst.Set(reflect.ValueOf(v))
		return nil
	}
	switch dst.Kind() {
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return fmt.Errorf("%s is neither true nor false", quote(text))
		}
		dst.SetBool(b.Value)
	case reflect.Int:
		v, err := strconv.ParseInt(text, 10, 32)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
			return fmt.Errorf("%s is no whole number", quote(text))
		}
		dst.SetInt(v)
	case reflect.Float64:
		v, err := strconv.ParseFloat(text, 64)
		if _, ok := n.(*ast.StringNode); ok || err != nil {
			return fmt.Errorf("%s is no number", quote(text))
		}
		dst.SetFloat(v)
	case reflect.String:
		if n.Type() == ast.BoolType {
			return fmt.Errorf("%s is not text", quote(text))
		}
		dst.SetString(text)
	default:
		panic("conf: no rule for " + dst.Type().String())
	}
	return nil
}

// memberOf finds the field of a section by its key.
func memberOf(section reflect.Value, key string) (reflect.Value, bool) {
	for i := range section.NumField() {
		if keyOf(section.Type().Field(i)) == key && key != "" {
			return section.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// keyOf is the key of a field in the file, empty for what no file can set.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return key
}

// nearest is the hint for an unknown key: the known one that differs least, else all of them.
func nearest(section reflect.Value, key string) string {
	var keys []string
	best, least := "", 3
	for i := range section.NumField() {
		k := keyOf(section.Type().Field(i))
		if k == "" {
			continue
		}
		keys = append(keys, k)
		if n := distance(bounded(key), k); n < least {
			best, least = k, n
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known here: " + strings.Join(keys, ", ")
}

// distance counts the letters to insert, delete or replace between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// bounded is a key for messages: the operator's own word, but no more than fits a line.
func bounded(key string) string {
	q := quote(key)
	return q[1 : len(q)-1]
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}
