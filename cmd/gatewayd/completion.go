package main

import (
	"fmt"
	"io"
	"slices"
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
		// zsh understands the completions of bash.
		fmt.Fprintln(s.out, "# In ~/.zshrc: source <(gatewayd completion zsh)\nautoload -U +X bashcompinit && bashcompinit")
		completeBash(s.out, k.Model.Node)
	default:
		fmt.Fprintln(s.out, "# In ~/.bashrc: source <(gatewayd completion bash)")
		completeBash(s.out, k.Model.Node)
	}
	return nil
}

// shown calls visit for the node and all below it that people see, with the words that lead to it.
func shown(n *kong.Node, words []string, visit func(n *kong.Node, words []string)) {
	visit(n, words)
	for _, c := range n.Children {
		if !c.Hidden {
			shown(c, append(words[:len(words):len(words)], c.Name), visit)
		}
	}
}

// subcommands are the names that may follow a node.
func subcommands(n *kong.Node) []string {
	var names []string
	for _, c := range n.Children {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}

// visibleFlags are the flags of a node, those of the program included.
func visibleFlags(n *kong.Node) []*kong.Flag {
	var flags []*kong.Flag
	for _, group := range n.AllFlags(true) {
		flags = append(flags, group...)
	}
	return flags
}

// choices are the words that a value may be; none when it may be anything.
func choices(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	return strings.FieldsFunc(v.Enum, func(r rune) bool { return r == ',' })
}

// completeBash writes a function that finds out which command the words before the cursor name.
// Values of flags and operands are no commands, so they are passed over.
func completeBash(w io.Writer, root *kong.Node) {
	var known, offers, values strings.Builder
	var valued []string // flags that a value follows
	seen := make(map[string]bool)
	shown(root, nil, func(n *kong.Node, path []string) {
		if len(path) > 0 {
			fmt.Fprintf(&known, "|' %s'", strings.Join(path, " "))
		}
		follow := subcommands(n)
		for _, p := range n.Positional {
			follow = append(follow, choices(p)...)
		}
		var flags []string
		for _, f := range visibleFlags(n) {
			flags = append(flags, "--"+f.Name)
			if !f.IsBool() && !slices.Contains(valued, "--"+f.Name) {
				valued = append(valued, "--"+f.Name)
			}
			if c := choices(f.Value); c != nil && !seen[f.Name] {
				seen[f.Name] = true
				fmt.Fprintf(&values, "    --%s) offer='%s' dashed= ;;\n", f.Name, strings.Join(c, " "))
			}
		}
		spaced := ""
		if len(path) > 0 {
			spaced = " " + strings.Join(path, " ")
		}
		fmt.Fprintf(&offers, "    '%s') offer='%s' dashed='%s' ;;\n", spaced, strings.Join(follow, " "), strings.Join(flags, " "))
	})
	fmt.Fprintf(w, bashFunction, strings.Join(valued, "|"), strings.TrimPrefix(known.String(), "|"),
		offers.String(), values.String())
}

// bashFunction avoids names that zsh keeps for itself, such as path, words and options.
const bashFunction = `_gatewayd() {
  local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} chain= offer= dashed= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in
    %s)
      i=$((i + 1))
      if [ "${COMP_WORDS[i]}" = = ]; then i=$((i + 1)); fi
      continue ;;
    esac
    case "$chain ${COMP_WORDS[i]}" in
    %s) chain="$chain ${COMP_WORDS[i]}" ;;
    esac
  done
  case $chain in
%s  esac
  if [ "$now" = = ]; then now=; elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
  case $before in
%s  esac
  case $now in -*) offer=$dashed ;; esac
  COMPREPLY=($(compgen -W "$offer" -- "$now"))
}
complete -o default -F _gatewayd gatewayd
`

// completeFish writes a line for each command and flag, with its help.
func completeFish(w io.Writer, root *kong.Node) {
	var known, valued []string
	shown(root, nil, func(n *kong.Node, path []string) {
		if len(path) > 0 {
			known = append(known, fishQuoted(strings.Join(path, " ")))
		}
		for _, f := range n.Flags {
			if name := "--" + f.Name; !f.IsBool() && !slices.Contains(valued, name) {
				valued = append(valued, name)
			}
		}
	})
	fmt.Fprintf(w, fishFunction, strings.Join(valued, " "), strings.Join(known, " "))
	shown(root, nil, func(n *kong.Node, path []string) {
		line := "complete -c gatewayd -n " + fishQuoted("__gatewayd_at "+fishQuoted(strings.Join(path, " ")))
		for _, c := range n.Children {
			if !c.Hidden {
				fmt.Fprintf(w, "%s -a %s -d %s\n", line, c.Name, fishQuoted(c.Help))
			}
		}
		for _, p := range n.Positional {
			if c := choices(p); c != nil {
				fmt.Fprintf(w, "%s -a %s\n", line, fishQuoted(strings.Join(c, " ")))
			} else {
				fmt.Fprintf(w, "%s -F\n", line)
			}
		}
		for _, f := range visibleFlags(n) {
			fmt.Fprintf(w, "%s -l %s%s -d %s\n", line, f.Name, fishValue(f), fishQuoted(f.Help))
		}
	})
}

// fishFunction says whether the words before the cursor name just this command.
const fishFunction = `# gatewayd completion fish > ~/.config/fish/completions/gatewayd.fish
function __gatewayd_at
    set -l at
    set -l value 0
    for word in (commandline -opc)[2..]
        if test $value = 1
            set value 0
        else if contains -- $word %s
            set value 1
        else if contains -- (string join ' ' -- $at $word) %s
            set at $at $word
        end
    end
    test "$at" = "$argv[1]"
end
complete -c gatewayd -f
`

// fishValue says what follows a flag.
func fishValue(f *kong.Flag) string {
	switch c := choices(f.Value); {
	case f.IsBool():
		return ""
	case c != nil:
		return " -x -a " + fishQuoted(strings.Join(c, " "))
	}
	return " -r -F"
}

func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
