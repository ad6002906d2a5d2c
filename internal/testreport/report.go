package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is a line of go test -json: of a test, of a package, or of its build (go doc test2json, go
// help buildjson).
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build, with the variant in brackets
	Test       string
	Output     string
	Elapsed    float64
}

// report counts what ran. Subtests count as tests.
type report struct {
	out                     io.Writer
	running                 map[string]*packageRun
	builds                  map[string][]string // output, by import path
	passed, failed, skipped int
	skips                   []string
}

// packageRun is a package whose end is not known yet. Output is kept until then.
type packageRun struct {
	output []string            // of the package itself
	tests  map[string][]string // of each test that has not ended
	failed bool                // a test has
}

func newReport(out io.Writer) *report {
	return &report{out: out, running: make(map[string]*packageRun), builds: make(map[string][]string)}
}

// read takes events to the end. What is no event is shown as it is: the go command speaks so when it
// cannot even begin.
func (r *report) read(events io.Reader) error {
	for lines := bufio.NewReader(events); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil || e.Action == "" {
				fmt.Fprintf(r.out, "%s", line)
			} else {
				r.add(e)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading what go test says: %w", err)
		}
	}
}

func (r *report) add(e event) {
	switch {
	case e.ImportPath != "":
		r.addBuild(e)
	case e.Test != "":
		r.addTest(r.of(e.Package), e)
	default:
		r.addPackage(r.of(e.Package), e)
	}
}

func (r *report) of(name string) *packageRun {
	p := r.running[name]
	if p == nil {
		p = &packageRun{tests: make(map[string][]string)}
		r.running[name] = p
	}
	return p
}

func (r *report) addBuild(e event) {
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
	case "build-fail":
		// The packages that need it fail too, each with an event of its own; they are counted there.
		r.show("FAIL", "build of "+e.ImportPath, r.builds[e.ImportPath])
		delete(r.builds, e.ImportPath)
	}
}

func (r *report) addTest(p *packageRun, e event) {
	switch e.Action {
	case "run":
		p.tests[e.Test] = nil
	case "output":
		p.tests[e.Test] = append(p.tests[e.Test], e.Output)
	case "pass":
		r.passed++
		delete(p.tests, e.Test)
	case "skip":
		r.skip(e.Package + " " + e.Test + ": " + reason(p.tests[e.Test]))
		delete(p.tests, e.Test)
	case "fail":
		r.failed++
		p.failed = true
		r.show("FAIL", e.Package+" "+e.Test, p.tests[e.Test])
		delete(p.tests, e.Test)
	}
}

func (r *report) addPackage(p *packageRun, e event) {
	switch e.Action {
	case "output":
		p.output = append(p.output, e.Output)
	case "pass":
		fmt.Fprintf(r.out, "ok    %-36s %6.1fs\n", e.Package, e.Elapsed)
		delete(r.running, e.Package)
	case "skip": // it has no tests
		delete(r.running, e.Package)
	case "fail":
		r.unfinished(e.Package, p)
		r.show("FAIL", e.Package, p.output)
		if !p.failed {
			r.failed++ // not built, killed, out of time: no test of it says so
		}
		delete(r.running, e.Package)
	}
}

// unfinished shows the tests that were running when their package ended.
func (r *report) unfinished(name string, p *packageRun) {
	for _, test := range slices.Sorted(maps.Keys(p.tests)) {
		r.show("CUT", name+" "+test, p.tests[test])
	}
}

func (r *report) show(word, what string, output []string) {
	fmt.Fprintf(r.out, "%-5s %s\n%s", word, what, strings.Join(output, ""))
}

func (r *report) skip(what string) {
	r.skipped++
	r.skips = append(r.skips, what)
}

// logged is a line that a test has logged, with its place.
var logged = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*)`)

// reason is what the test said last before it was skipped.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		if m := logged.FindStringSubmatch(line); m != nil {
			return strings.TrimSpace(m[1])
		}
	}
	return "no reason given"
}

// finish prints the end of the report and says whether all is well. err is what kept the run from
// being a whole one.
func (r *report) finish(err error) bool {
	for _, name := range slices.Sorted(maps.Keys(r.running)) {
		p := r.running[name]
		r.unfinished(name, p)
		r.show("CUT", name, p.output)
		r.failed++
	}
	if err != nil {
		fmt.Fprintf(r.out, "\n%v\n", err)
		r.failed = max(r.failed, 1)
	}
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
	if r.passed+r.failed == 0 {
		fmt.Fprintln(r.out, "no test ran")
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return r.failed == 0 && r.passed > 0
}
