package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/man/gatewayd.1")

const manualPage = "../../docs/man/gatewayd.1"

// The manual page that is installed is the one that the program would print.
func TestManual(t *testing.T) {
	page := printed(t, "man")
	if *update {
		if err := os.WriteFile(manualPage, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(manualPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), string(page)); diff != "" {
		t.Errorf("docs/man/gatewayd.1 is not what gatewayd man prints; make docs writes it anew (-committed +printed):\n%s", diff)
	}
}

// The readers of manual pages find nothing wrong with it.
func TestManualLint(t *testing.T) {
	t.Run("man", func(t *testing.T) {
		man := installed(t, "man")
		installed(t, "groff")
		// As Debian checks its packages.
		c := exec.Command(man, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", manualPage)
		c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANROFFSEQ=", "MANWIDTH=80")
		var warnings bytes.Buffer
		c.Stderr = &warnings
		out, err := c.Output()
		if err != nil || warnings.Len() > 0 || len(out) == 0 {
			t.Errorf("%v\n%s", err, warnings.Bytes())
		}
	})
	t.Run("mandoc", func(t *testing.T) {
		out, err := exec.Command(installed(t, "mandoc"), "-T", "lint", "-W", "warning", manualPage).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			// A date would only say when the page was written, and differ for no reason.
			if !strings.Contains(line, "missing date") {
				t.Errorf("%v: %s", err, line)
			}
		}
	})
}

func installed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip(program + " is not installed")
	}
	return path
}

// printed is what a command prints that needs nothing else.
func printed(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errors bytes.Buffer
	if code := program(args, streams{strings.NewReader(""), &out, &errors}); code != exitDone {
		t.Fatalf("gatewayd %s: exit code %d\n%s", strings.Join(args, " "), code, errors.Bytes())
	}
	return out.Bytes()
}
