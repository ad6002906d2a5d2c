package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

func main() {
	os.Exit(program(os.Args[1:], "go", os.Stdout, os.Stderr))
}

// program runs one command line and returns its exit code.
func program(args []string, goCommand string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("testreport", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("also-skipped", "", "a `FILE` of what other steps left out, a line each")
	if err := flags.Parse(args); err != nil {
		return 64
	}
	r := newReport(stdout)
	err := r.skippedElsewhere(*file)
	if err == nil {
		err = test(r, goCommand, flags.Args(), stderr)
	}
	if !r.finish(err) {
		return 1
	}
	return 0
}

// test runs go test and reports what it prints. Its exit code counts beside what it says: it may have
// died before it could say anything.
func test(r *report, goCommand string, args []string, stderr io.Writer) error {
	c := exec.Command(goCommand, append([]string{"test", "-json"}, args...)...)
	c.Stderr = stderr
	events, err := c.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting go test: %w", err)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting go test: %w", err)
	}
	// Read to the end in any case: go test must not wait for a reader that has gone.
	readErr := r.read(events)
	if err := c.Wait(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	return readErr
}

// skippedElsewhere adds the lines of a file; no file is no lines.
func (r *report) skippedElsewhere(file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading what was skipped elsewhere: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			r.skip(line)
		}
	}
	return nil
}
