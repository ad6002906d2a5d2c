package faults

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The end of a log is kept, and a refusal is counted once, however its bytes come.
func TestTail(t *testing.T) {
	whole := strings.Repeat("a line\n", mostLog) + "reload refused\nanother\nreload refused\n"
	for _, size := range []int{1, 3, 100, mostLog, len(whole)} {
		var log tail
		for part := range slices.Chunk([]byte(whole), size) {
			if n, err := log.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got := log.refused(); got != 2 {
			t.Errorf("in writes of %d bytes %d refusals are counted, want 2", size, got)
		}
		if got := log.String(); got != whole[len(whole)-mostLog:] {
			t.Errorf("in writes of %d bytes %d are kept, or others", size, len(got))
		}
	}
}

// The first call that fails is noticed, also when its line comes in two parts.
func TestInjected(t *testing.T) {
	i := &injected{first: make(chan struct{})}
	for _, c := range []struct {
		text string
		want bool
	}{
		{"[pid 7] fdatasync(5) = 0\n", false},
		{strings.Repeat("[pid 7] fdatasync(5) = 0\n", 1000), false},
		{"[pid 7] fdatasync(5) = -1 EIO (Input/output error) (INJ", false},
		{"ECTED)\n", true},
		{"[pid 7] fdatasync(5) = -1 EIO (Input/output error) (INJECTED)\n", true},
	} {
		if _, err := i.Write([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		got := false
		select {
		case <-i.first:
			got = true
		default:
		}
		if got != c.want {
			t.Errorf("after %.60q: noticed %t, want %t", c.text, got, c.want)
		}
	}
}

// What has not come to pass does not count.
func TestHappened(t *testing.T) {
	h := NewHistory(1)
	h.Incidents = []Incident{{Name: "kill"}, {Name: "kill", End: time.Second}, {Name: "alarm", Missed: true}}
	h.acted(hangs)
	if got, want := h.Happened(), map[string]int{"kill": 2, hangs: 1}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Each fault has a name of its own, a line that says what it is, and stands on the page.
func TestFaultsAreNamed(t *testing.T) {
	names, what := All()
	if len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("a name twice: %v", names)
	}
	page, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !bytes.Contains(page, []byte("`"+name+"`")) {
			t.Errorf("docs/faults.md does not know %s", name)
		}
		if what[name] == "" {
			t.Errorf("%s is not described", name)
		}
	}
}
