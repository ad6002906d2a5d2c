package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints a script that knows every command and flag of this version; it asks nothing at run time.
func (c *completionCommand) Run(s streams, k *kong.Kong) error {
	switch c.Shell {
	case "fish":
		completeFish(s.out, k.Model.Node)
	case "zsh":
		fmt.Fprintln(s.out, "#compdef gatewayd\nautoload -U +X bashcompinit && bashcompinit")
		completeBash(s.out, k.Model.Node)
	default:
		completeBash(s.out, k.Model.Node)
	}
	return nil
}

// leaves calls visit for the node and all below it that are shown, with the words that lead to it.
func leaves(n *kong.Node, words []string, visit func(n *kong.Node, words []string)) {
	visit(n, words)
	for _, c := range n.Children {
		if !c.Hidden {
			leaves(c, append(words[:len(words):len(words)], c.Name), visit)
		}
	}
}

// next is what may follow a node: commands, then flags.
func next(n *kong.Node) []string {
	var words []string
	for _, c := range n.Children {
		if !c.Hidden {
			words = append(words, c.Name)
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			words = append(words, "--"+f.Name)
		}
	}
	return words
}

func completeBash(w io.Writer, root *kong.Node) {
	fmt.Fprint(w, `_gatewayd() {
  local word=${COMP_WORDS[COMP_CWORD]} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in -*) ;; *) path="$path ${COMP_WORDS[i]}" ;; esac
  done
  local words=
  case $path in
`)
	leaves(root, nil, func(n *kong.Node, words []string) {
		pattern := "''"
		if len(words) > 0 {
			pattern = fmt.Sprintf("' %s'*", strings.Join(words, " "))
		}
		if len(n.Children) > 0 && len(words) > 0 {
			pattern = strings.TrimSuffix(pattern, "*")
		}
		fmt.Fprintf(w, "    %s) words='%s' ;;\n", pattern, strings.Join(next(n), " "))
	})
	fmt.Fprint(w, `  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _gatewayd gatewayd
`)
}

func completeFish(w io.Writer, root *kong.Node) {
	leaves(root, nil, func(n *kong.Node, words []string) {
		condition := "__fish_use_subcommand"
		if len(words) > 0 {
			condition = "__fish_seen_subcommand_from " + words[len(words)-1]
		}
		for _, c := range n.Children {
			if !c.Hidden {
				fmt.Fprintf(w, "complete -c gatewayd -n %q -f -a %s -d %q\n", condition, c.Name, c.Help)
			}
		}
		for _, f := range n.Flags {
			fmt.Fprintf(w, "complete -c gatewayd -n %q -l %s -d %q\n", condition, f.Name, f.Help)
		}
	})
}

type manCommand struct{}

// Run prints gatewayd(1) as troff, made from the commands themselves.
func (c *manCommand) Run(s streams, k *kong.Kong) error {
	manual(s.out, k.Model)
	return nil
}

func manual(w io.Writer, app *kong.Application) {
	fmt.Fprintf(w, ".TH GATEWAYD 1\n.SH NAME\ngatewayd \\- gateway between railway clients' systems and the railway\n")
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B gatewayd\n.I command\n[\\-\\-config FILE] ...\n.SH DESCRIPTION\n%s\n", troff(app.Help))
	fmt.Fprintf(w, ".SH COMMANDS\n")
	leaves(app.Node, nil, func(n *kong.Node, words []string) {
		if len(words) == 0 || len(n.Children) > 0 {
			return
		}
		fmt.Fprintf(w, ".SS gatewayd %s\n%s\n", troff(n.Summary()), troff(n.Help))
		for _, p := range n.Positional {
			fmt.Fprintf(w, ".TP\n.I %s\n%s\n", troff(p.Name), troff(p.Help))
		}
		for _, f := range n.Flags {
			fmt.Fprintf(w, ".TP\n.B %s\n%s\n", troff(f.String()), troff(f.Help))
		}
	})
	fmt.Fprint(w, `.SH ENVIRONMENT
.TP
.B GATEWAYD_CONFIG
The configuration file, when --config is not given.
.SH FILES
.TP
.I /etc/gatewayd/gatewayd.yaml
The configuration; the shipped one explains every field.
.SH SIGNALS
.TP
.B SIGTERM
Stops in order: no new documents, what is in work is finished, then the store is closed.
.TP
.B SIGHUP
Reads configuration, TLS and signing keys anew, all or nothing.
.SH EXIT STATUS
.TP
.B 0
Done, or a positive verdict.
.TP
.B 1
A negative verdict.
.TP
.B 2
Could not: unreachable, unreadable, undecided.
.TP
.B 3
The daemon stopped because it is not known what is on disk; start it again.
.TP
.B 64
The command line is wrong.
`)
}

// troff is text that troff prints as it is.
func troff(s string) string {
	s = strings.ReplaceAll(s, `\`, `\e`)
	s = strings.ReplaceAll(s, "-", `\-`)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
