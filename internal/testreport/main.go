// Command testreport answers: what did the tests say? It reads the output of go test -json, shows failures in full
// and everything else in a line a package, and ends with what was skipped and why, so that no test is left out silently.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is a line of go test -json (see go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// report counts what ran. Output is kept per test until its end is known.
type report struct {
	out                     io.Writer
	output                  map[string][]string
	passed, failed, skipped int
	skips                   []string
}

func main() {
	r := report{out: os.Stdout, output: make(map[string][]string)}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(r.out, lines.Text()) // a compiler's message
			continue
		}
		r.add(e)
	}
	if !r.finish() || lines.Err() != nil {
		os.Exit(1)
	}
}

func (r *report) add(e event) {
	name := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		r.output[name] = append(r.output[name], e.Output)
	case "pass":
		if e.Test == "" {
			fmt.Fprintf(r.out, "ok    %-40s %6.1fs\n", e.Package, e.Elapsed)
		} else {
			r.passed++
		}
		delete(r.output, name)
	case "skip":
		if e.Test != "" {
			r.skipped++
			r.skips = append(r.skips, name+": "+reason(r.output[name]))
		}
		delete(r.output, name)
	case "fail", "build-fail":
		if e.Test != "" {
			r.failed++
		} else if e.Action == "build-fail" || len(r.output[name]) > 0 {
			r.failed = max(r.failed, 1)
		}
		fmt.Fprintf(r.out, "FAIL  %s\n%s", name, strings.Join(r.output[name], ""))
		delete(r.output, name)
	}
}

// reason is what the test said when it was skipped.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			if _, after, ok := strings.Cut(line, ".go:"); ok {
				_, line, _ = strings.Cut(after, ": ")
			}
			return line
		}
	}
	return "no reason given"
}

func (r *report) finish() bool {
	fmt.Fprintln(r.out)
	if len(r.skips) == 0 {
		fmt.Fprintln(r.out, "nothing was skipped")
	} else {
		fmt.Fprintln(r.out, "skipped:")
		slices.Sort(r.skips)
		for _, s := range r.skips {
			fmt.Fprintln(r.out, "  "+s)
		}
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return r.failed == 0 && r.passed > 0
}
