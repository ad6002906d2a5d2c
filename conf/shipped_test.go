package conf

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreSource = cmpopts.IgnoreUnexported(Config{})

// The file as it is shipped says nothing but the defaults.
func TestShippedIsDefault(t *testing.T) {
	c, err := Parse(Shipped, "gatewayd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), c, ignoreSource); diff != "" {
		t.Errorf("shipped file against defaults (-want +got):\n%s", diff)
	}
}

// example is a field as the shipped file explains it.
type example struct {
	prose    string // comment lines above
	fallback string // what stands behind «Default: »
}

var keyLine = regexp.MustCompile(`^( *)(#?)([a-z_]+):`)

// readExamples walks the lines of the shipped file: a key line, live or behind «#», belongs to the
// comment above it.
func readExamples(t *testing.T) (examples map[string]example, uncommented []byte) {
	t.Helper()
	examples = make(map[string]example)
	var stack, prose, all []string
	fallback := ""
	for line := range strings.Lines(string(Shipped)) {
		line = strings.TrimSuffix(line, "\n")
		trimmed := strings.TrimLeft(line, " ")
		continuation := strings.HasPrefix(trimmed, "#  ") // of a commented list
		if text, ok := strings.CutPrefix(trimmed, "# "); ok && !continuation {
			if d, ok := strings.CutPrefix(text, "Default: "); ok {
				fallback = d
			} else {
				prose = append(prose, text)
			}
			continue
		}
		if m := keyLine.FindStringSubmatch(line); m != nil {
			stack = append(stack[:len(m[1])/2], m[3])
			examples[strings.Join(stack, ".")] = example{strings.Join(prose, " "), fallback}
		}
		if !continuation {
			prose, fallback = nil, ""
		}
		all = append(all, strings.Replace(line, "#", "", 1))
	}
	return examples, []byte(strings.Join(all, "\n"))
}

// eachField calls visit for every field that holds a value.
func eachField(section reflect.Value, path string, visit func(path string, v reflect.Value)) {
	for i := range section.NumField() {
		key := keyOf(section.Type().Field(i))
		if key == "" {
			continue
		}
		p, v := join(path, key), section.Field(i)
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			eachField(v, p, visit)
			continue
		}
		visit(p, v)
	}
}

// Every field stands in the shipped file with what it is for, its default and an example.
func TestShippedExplainsEveryField(t *testing.T) {
	examples, _ := readExamples(t)
	eachField(reflect.ValueOf(Default()).Elem(), "", func(path string, v reflect.Value) {
		e, ok := examples[path]
		if !ok {
			t.Errorf("%s is not in gatewayd.yaml", path)
			return
		}
		if e.prose == "" || e.fallback == "" {
			t.Errorf("%s: prose %q, default %q: both are needed", path, e.prose, e.fallback)
		}
		got := fmt.Sprint(v)
		if v.Kind() == reflect.Slice || got == "" {
			// A default that is no value is told in words: none, the host of url.
			if v.Len() != 0 {
				t.Errorf("%s: default %v; gatewayd.yaml can only tell an empty one", path, v)
			}
			return
		}
		if e.fallback != got {
			t.Errorf("%s: gatewayd.yaml says default %q, Default says %q", path, e.fallback, got)
		}
	})
	for path, e := range examples {
		if e.prose == "" {
			t.Errorf("%s has no explanation", path)
		}
	}
}

// Every example, its «#» taken away, is read, and differs from the default: else it shows nothing.
func TestShippedExamplesAreRead(t *testing.T) {
	_, text := readExamples(t)
	c, err := Parse(text, "examples.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defaults := make(map[string]string)
	eachField(reflect.ValueOf(Default()).Elem(), "", func(path string, v reflect.Value) {
		defaults[path] = fmt.Sprint(v)
	})
	eachField(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		if fmt.Sprint(v) == defaults[path] {
			t.Errorf("%s: the example is the default %v", path, v)
		}
	})
}

// What is printed as effective is read back as the same.
func TestEffectiveReadsBack(t *testing.T) {
	_, examples := readExamples(t)
	full, err := Parse(examples, "examples.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []*Config{Default(), full} {
		text, err := want.Effective()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(text, "effective.yaml")
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(want, got, ignoreSource, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +got):\n%s\n%s", diff, text)
		}
	}
}
