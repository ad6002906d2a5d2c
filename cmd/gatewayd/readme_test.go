package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// README and the pages for integrators and operators are one session in a shell: every block «sh» is run as it
// stands, and what a block «text» shows has come by then, where … is anything.
func TestPagesRun(t *testing.T) {
	for _, program := range []string{"bash", "openssl", "curl", "xmlsec1", "xmllint"} {
		installed(t, program)
	}
	examples, err := filepath.Abs("../../docs/examples")
	if err != nil {
		t.Fatal(err)
	}
	pages := readPage(t, "../../README.md") + "\n" + readPage(t, "../../docs/integrator.md") + "\n" + readPage(t, "../../docs/operator.md")
	script, wants := session(pages)
	// Others may listen where the pages do.
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:9464"} {
		free := freeAddress(t)
		script = strings.ReplaceAll(script, address, free)
	}
	script += "kill $!\nwait $!\n" // its exit code is that of the pages

	dir := t.TempDir()
	c := exec.Command("bash", "-e", "-u", "-o", "pipefail", "-c", script)
	c.Dir = dir
	c.Env = append(os.Environ(), "EXAMPLES="+examples, "HOME="+dir, "LC_ALL=C.UTF-8", "GATEWAYD_CONFIG=")
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	// The daemon is in the background of the shell: what is left of both ends here.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	tooLong := time.AfterFunc(time.Minute, end)
	err = c.Wait()
	tooLong.Stop()
	end()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "gatewayd.log"))
		t.Fatalf("the pages' commands: %v\n%s\n%s\n%s", err, out.Bytes(), said.Bytes(), log)
	}
	if missing := notShown(out.String(), wants); missing != "" {
		t.Errorf("the pages show %q, which does not come in\n%s", missing, out.Bytes())
	}
}

// fence is a block of a page, with its language.
var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")

// session is the commands of a page, and the lines that it shows.
func session(page string) (script string, shown []string) {
	for _, block := range fence.FindAllStringSubmatch(page, -1) {
		switch block[1] {
		case "sh":
			// A line of a command that ends without a line end would hide the next one's beginning.
			script += block[2] + "echo\n"
		case "text":
			shown = append(shown, strings.Split(strings.TrimRight(block[2], "\n"), "\n")...)
		}
	}
	return script, shown
}

// notShown is the first of the lines that does not come in the output after those before it.
func notShown(output string, lines []string) string {
	for _, line := range lines {
		if line == "…" {
			continue
		}
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		at := regexp.MustCompile(`(?m)` + strings.Join(parts, `.*?`)).FindStringIndex(output)
		if at == nil {
			return line
		}
		output = output[at[1]:]
	}
	return ""
}

func TestNotShown(t *testing.T) {
	const output = "one\ntwo 22\nthree\n"
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"one", "…", "two …", "three"}, ""},
		{[]string{"two 23"}, "two 23"},
		{[]string{"three", "one"}, "one"}, // in another order
	} {
		if got := notShown(output, c.lines); got != c.want {
			t.Errorf("%q: %q is missing, want %q", c.lines, got, c.want)
		}
	}
}

// Pages in another language show the same commands.
func TestTranslations(t *testing.T) {
	english, _ := session(readPage(t, "../../docs/integrator.md"))
	russian, _ := session(readPage(t, "../../docs/integrator.ru.md"))
	if diff := cmp.Diff(english, russian); diff != "" {
		t.Errorf("docs/integrator.ru.md has other commands (-English +Russian):\n%s", diff)
	}
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
