package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A machine on which peers are missing is told exactly what to install; one that has all is told
// nothing.
func TestSetup(t *testing.T) {
	peers := []string{"rabbitmq-server", "xmlsec1", "xmllint", "openssl", "curl", "strace", "bash", "gcc", "softhsm2-util", "pdftotext"}
	cases := []struct {
		name      string
		installed []string
		code      int
		wants     []string
	}{
		{"all there", peers, 0, nil},
		{"some missing", peers[:3], 1, []string{
			"    apt-get install --no-install-recommends openssl curl strace bash gcc libc6-dev softhsm2 poppler-utils libengine-gost-openssl\n", "make test-without-peers",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "id"), "#!/bin/sh\necho 1000\n") // nobody who may install
			for _, program := range c.installed {
				write(t, filepath.Join(dir, program), "#!/bin/sh\n")
			}
			said, code := script(t, "test-setup", "PATH="+dir)
			if code != c.code || (c.wants == nil) != (said == "") {
				t.Errorf("exit code %d, want %d; it says\n%s", code, c.code, said)
			}
			for _, want := range c.wants {
				if !strings.Contains(said, want) {
					t.Errorf("%q is missing in\n%s", want, said)
				}
			}
		})
	}
}

// A staticcheck that finds something fails the run, one that cannot be fetched is among what was
// skipped.
func TestStaticcheck(t *testing.T) {
	cases := []struct {
		name, goCommand string
		code            int
		skipped         string
	}{
		{"clean", "exit 0", 0, ""},
		{"findings", `[ "$3" = -version ] || exit 1`, 1, ""},
		{"no network", "echo 'dial tcp: no route to host' >&2; exit 1", 0,
			"staticcheck: tool@v1 could not be fetched: dial tcp: no route to host\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			command, skipped := filepath.Join(dir, "go"), filepath.Join(dir, "bin", "skipped")
			write(t, command, "#!/bin/sh\n"+c.goCommand+"\n")
			if c.skipped == "" {
				// What a run before has left says nothing of this one.
				if err := os.Mkdir(filepath.Dir(skipped), 0o700); err != nil {
					t.Fatal(err)
				}
				write(t, skipped, "of yesterday\n")
			}
			said, code := script(t, "staticcheck", "PATH="+os.Getenv("PATH"), "GO="+command, "STATICCHECK=tool@v1", "SKIPPED="+skipped)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, said)
			}
			text, err := os.ReadFile(skipped)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if string(text) != c.skipped {
				t.Errorf("skipped: %q, want %q", text, c.skipped)
			}
		})
	}
}

// script runs one of the scripts in an environment of its own.
func script(t *testing.T, name string, environ ...string) (said string, code int) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not installed")
	}
	c := exec.Command(sh, filepath.Join("..", "..", "scripts", name))
	c.Env = environ
	out, err := c.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}
