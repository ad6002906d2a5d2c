package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Real runs of go test over a module with one package, each ending in its own way.
func TestRuns(t *testing.T) {
	cases := []struct {
		name  string
		test  string   // the body of the test file
		args  []string // before ./...
		code  int
		wants []string // in the report
		last  string
	}{
		{
			// A run in which all is well says what was skipped, and why.
			name: "skipped",
			test: `func TestGood(t *testing.T) {}
func TestPeer(t *testing.T) { t.Log("looking"); t.Skip("xmlsec1 is not installed") }`,
			code:  0,
			wants: []string{"ok    odd ", "skipped:\n  odd TestPeer: xmlsec1 is not installed\n"},
			last:  "1 passed, 0 failed, 1 skipped",
		},
		{
			// What a failing test has said is shown in full; what passed says nothing.
			name: "failing",
			test: `func TestGood(t *testing.T) { t.Log("fine") }
func TestBad(t *testing.T) { t.Error("got 1, want 2") }`,
			code:  1,
			wants: []string{"FAIL  odd TestBad\n", "odd_test.go:4: got 1, want 2", "nothing was skipped"},
			last:  "1 passed, 1 failed, 0 skipped",
		},
		{
			name:  "subtest failing",
			test:  `func TestBad(t *testing.T) { t.Run("case", func(t *testing.T) { t.Fatal("no") }) }`,
			code:  1,
			wants: []string{"FAIL  odd TestBad/case\n"},
			last:  "0 passed, 2 failed, 0 skipped",
		},
		{
			// The compiler's message is shown, and the package counts although no test ran.
			name:  "not compiling",
			test:  `func TestBad(t *testing.T) { nowhere() }`,
			code:  1,
			wants: []string{"FAIL  build of odd", "undefined: nowhere"},
			last:  "0 passed, 1 failed, 0 skipped",
		},
		{
			// go vet, which go test runs, refuses as well.
			name:  "vet",
			test:  `func TestBad(t *testing.T) { t.Errorf("%d", "word") }`,
			code:  1,
			wants: []string{"Errorf format %d has arg"},
			last:  "0 passed, 1 failed, 0 skipped",
		},
		{
			name:  "panic",
			test:  `func TestGood(t *testing.T) {}; func TestBad(t *testing.T) { panic("the sky fell") }`,
			code:  1,
			wants: []string{"the sky fell"},
			last:  "1 passed, 1 failed, 0 skipped",
		},
		{
			// The test that was running is named, with the stacks of its goroutines.
			name:  "out of time",
			test:  `func TestGood(t *testing.T) {}; func TestBad(t *testing.T) { t.Log("waiting"); select {} }`,
			args:  []string{"-timeout", "200ms"},
			code:  1,
			wants: []string{"odd TestBad\n", "test timed out after 200ms"},
			last:  "1 passed, 1 failed, 0 skipped",
		},
		{
			// A test that ends the process must not look like a package that is well.
			name:  "exit",
			test:  `func TestBad(t *testing.T) { os.Exit(0) }; var _ = os.Args`,
			code:  1,
			wants: []string{"unexpected call to os.Exit(0) during test"},
			last:  "0 passed, 1 failed, 0 skipped",
		},
		{
			// TestMain fails before any test has begun.
			name:  "main failing",
			test:  `func TestMain(m *testing.M) { println("no peer"); os.Exit(7) }; func TestGood(t *testing.T) {}`,
			code:  1,
			wants: []string{"FAIL  odd\nno peer\n"},
			last:  "0 passed, 1 failed, 0 skipped",
		},
		{
			// Nothing tested is nothing shown.
			name:  "no tests",
			test:  `var _ = testing.Short`,
			code:  1,
			wants: []string{"no test ran"},
			last:  "0 passed, 0 failed, 0 skipped",
		},
		{
			name:  "no such package",
			test:  `func TestGood(t *testing.T) {}`,
			args:  []string{"./nowhere"},
			code:  1,
			wants: []string{"nowhere: directory not found"},
			last:  "1 passed, 1 failed, 0 skipped",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			imports := "import \"testing\"\n"
			if strings.Contains(c.test, "os.") {
				imports = "import (\"os\"; \"testing\")\n"
			}
			write(t, filepath.Join(dir, "go.mod"), "module odd\n\ngo 1.26\n")
			write(t, filepath.Join(dir, "odd_test.go"), "package odd\n"+imports+c.test+"\n")
			t.Chdir(dir)
			t.Setenv("GOFLAGS", "")
			t.Setenv("GOWORK", "off")
			check(t, "go", append(append([]string{"--"}, c.args...), "./..."), c.code, c.wants, c.last)
		})
	}
}

// A go command that does not end as it should fails the run, whatever it has said before.
func TestDeaths(t *testing.T) {
	const passed = `echo '{"Action":"pass","Package":"odd","Test":"TestGood"}'` + "\n" +
		`echo '{"Action":"pass","Package":"odd","Elapsed":0.1}'` + "\n"
	cases := []struct {
		name, script string
		wants        []string
		last         string
	}{
		{
			// Killed, as by the system when memory runs out, in the middle of a package.
			name: "killed",
			script: passed + `echo '{"Action":"run","Package":"even","Test":"TestLong"}'
echo '{"Action":"output","Package":"even","Test":"TestLong","Output":"begun"}'
kill -9 $$`,
			wants: []string{"CUT   even TestLong\nbegun", "go test: signal: killed"},
			last:  "1 passed, 1 failed, 0 skipped",
		},
		{
			name:   "exit code alone",
			script: passed + "exit 2",
			wants:  []string{"go test: exit status 2"},
			last:   "1 passed, 1 failed, 0 skipped",
		},
		{
			// What is no event is passed on: it is all that there is to read.
			name:   "no events",
			script: "echo 'go: go.mod: no such file'\nexit 1",
			wants:  []string{"go: go.mod: no such file\n"},
			last:   "0 passed, 1 failed, 0 skipped",
		},
		{
			name:   "silence",
			script: "exit 0",
			wants:  []string{"no test ran"},
			last:   "0 passed, 0 failed, 0 skipped",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			command := filepath.Join(t.TempDir(), "go")
			write(t, command, "#!/bin/sh\n"+c.script+"\n")
			check(t, command, nil, 1, c.wants, c.last)
		})
	}
	t.Run("no go", func(t *testing.T) {
		check(t, filepath.Join(t.TempDir(), "go"), nil, 1, []string{"starting go test: "}, "0 passed, 1 failed, 0 skipped")
	})
}

// What other steps have left out stands in the same list.
func TestSkippedElsewhere(t *testing.T) {
	dir := t.TempDir()
	command, file := filepath.Join(dir, "go"), filepath.Join(dir, "skipped")
	write(t, command, `#!/bin/sh
echo '{"Action":"pass","Package":"odd","Test":"TestGood"}'
echo '{"Action":"pass","Package":"odd","Elapsed":0.1}'
`)
	write(t, file, "staticcheck: it could not be fetched\n\n")
	check(t, command, []string{"-also-skipped", file}, 0,
		[]string{"skipped:\n  staticcheck: it could not be fetched\n"}, "1 passed, 0 failed, 1 skipped")
	check(t, command, []string{"-also-skipped", file + ".none"}, 0,
		[]string{"nothing was skipped"}, "1 passed, 0 failed, 0 skipped")
	check(t, command, []string{"-also-skipped", dir}, 1, []string{"reading what was skipped elsewhere"}, "0 passed, 1 failed, 0 skipped")
}

// A line may be longer than any buffer.
func TestLongLine(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out)
	long := strings.Repeat("x", 1<<21)
	err := r.read(strings.NewReader(`{"Action":"output","Package":"odd","Test":"TestBad","Output":"` + long + `"}
{"Action":"fail","Package":"odd","Test":"TestBad"}`))
	if err != nil || !strings.Contains(out.String(), long) || r.finish(nil) {
		t.Errorf("error %v, %d bytes", err, out.Len())
	}
}

func check(t *testing.T, command string, args []string, code int, wants []string, last string) {
	t.Helper()
	var out, errors bytes.Buffer
	if got := program(args, command, &out, &errors); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	report := strings.TrimRight(out.String(), "\n")
	if got := report[strings.LastIndex(report, "\n")+1:]; got != last {
		t.Errorf("it ends with %q, want %q", got, last)
	}
	for _, want := range wants {
		if !strings.Contains(report, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if t.Failed() {
		t.Logf("the report:\n%s\n%s", report, errors.String())
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
