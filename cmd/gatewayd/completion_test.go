package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shells ask for the words offered for the line in $LINE, by the script in $SCRIPT, and print them
// one a line. Bash and zsh are asked as they would call the function while someone types.
var shells = []struct{ name, ask string }{
	{"bash", `. "$SCRIPT"
read -ra COMP_WORDS <<<"$LINE"
case $LINE in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_gatewayd
printf '%s\n' "${COMPREPLY[@]}"`},

	{"zsh", `autoload() { :; }; bashcompinit() { :; }; complete() { :; }
compgen() { emulate -L zsh; local w; for w in ${=2}; do case $w in $4*) print -r -- $w ;; esac; done; }
source $SCRIPT
setopt ksharrays
COMP_WORDS=(${=LINE})
case $LINE in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_gatewayd
print -rl -- "${COMPREPLY[@]}"`},

	{"fish", `source $SCRIPT; complete -C $LINE | string replace -r '\t.*' ''; true`},
}

// Each shell offers what can follow on the command line.
func TestCompletion(t *testing.T) {
	cases := []struct {
		line string // up to the cursor
		want string // at least these words
		not  string // none of these
	}{
		{"gatewayd ", "init run queue participants version", "list man --config"},
		{"gatewayd q", "queue", "run"},
		{"gatewayd queue ", "list show retry drop pause resume", "queue run import"},
		{"gatewayd queue dr", "drop", "list"},
		{"gatewayd queue drop --", "--why --config", "--limit"},
		{"gatewayd -", "--config", "queue"},
		// What a flag is set to is no command.
		{"gatewayd --config queue ", "init run", "drop"},
		// What follows a flag that has a closed list of values is that list.
		{"gatewayd init --environment ", "test production", "run"},
		{"gatewayd completion ", "bash zsh fish", "init"},
		// A command that is not shown to people is not offered either.
		{"gatewayd m", "", "man"},
	}
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			program := installed(t, shell.name)
			script := filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(script, printed(t, "completion", shell.name), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(program, "-n", script).CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%s -n: %v\n%s", shell.name, err, out)
			}
			for _, c := range cases {
				ask := exec.Command(program, "-c", shell.ask)
				ask.Env = append(os.Environ(), "SCRIPT="+script, "LINE="+c.line, "LC_ALL=C.UTF-8", "HOME="+filepath.Dir(script))
				out, err := ask.CombinedOutput()
				if err != nil {
					t.Errorf("%q: %v\n%s", c.line, err, out)
				}
				offered := make(map[string]bool)
				for _, word := range strings.Fields(string(out)) {
					offered[word] = true
				}
				for _, word := range strings.Fields(c.want) {
					if !offered[word] {
						t.Errorf("%q: %s is not offered, but %q", c.line, word, out)
					}
				}
				for _, word := range strings.Fields(c.not) {
					if offered[word] {
						t.Errorf("%q: %s is offered", c.line, word)
					}
				}
			}
		})
	}
}
