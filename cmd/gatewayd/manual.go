package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type manCommand struct{}

// Run prints gatewayd(1), made from the commands themselves.
func (c *manCommand) Run(s streams, k *kong.Kong) error {
	manual(s.out, k.Model)
	return nil
}

// manual writes the page in the macros of man(7).
func manual(w io.Writer, app *kong.Application) {
	fmt.Fprint(w, `.TH GATEWAYD 1 "" gatewayd "User Commands"
.SH NAME
gatewayd \- gateway between the systems of railway clients and the railway's back office
.SH SYNOPSIS
.B gatewayd
.I COMMAND
.RI [ FLAG ...]
.RI [ ARGUMENT ...]
.SH DESCRIPTION
`)
	paragraph(w, app.Help)
	fmt.Fprint(w, `.PP
The daemon holds the store while it runs; the operator's commands then go to it over its admin socket.
When it is stopped they open the store themselves.
Nothing in how they are used differs.
.SH OPTIONS
`)
	for _, f := range app.Flags {
		manualFlag(w, f)
	}
	fmt.Fprintln(w, ".SH COMMANDS")
	shown(app.Node, nil, func(n *kong.Node, path []string) {
		if len(n.Children) > 0 {
			return
		}
		fmt.Fprintf(w, ".SS gatewayd %s\n", troff(usage(n, path)))
		paragraph(w, n.Help)
		for _, p := range n.Positional {
			fmt.Fprintf(w, ".TP\n.I %s\n", troff(operand(p)))
			paragraph(w, p.Help)
		}
		for _, f := range n.Flags {
			manualFlag(w, f)
		}
	})
	fmt.Fprint(w, manualEnd)
}

// usage is the command line of a command: what must be there, then that there may be flags.
func usage(n *kong.Node, path []string) string {
	words := append([]string(nil), path...)
	optional := false
	for _, f := range n.Flags {
		switch {
		case f.Hidden:
		case f.Required:
			words = append(words, flagUsage(f))
		default:
			optional = true
		}
	}
	if optional {
		words = append(words, "[FLAG...]")
	}
	for _, p := range n.Positional {
		if word := operand(p); p.Required {
			words = append(words, word)
		} else {
			words = append(words, "["+word+"]")
		}
	}
	return strings.Join(words, " ")
}

// flagUsage is a flag with what stands for its value.
func flagUsage(f *kong.Flag) string {
	switch {
	case f.IsBool():
		return "--" + f.Name
	case f.PlaceHolder != "":
		return "--" + f.Name + "=" + f.PlaceHolder
	}
	return "--" + f.Name + "=" + strings.ToUpper(f.Name)
}

func operand(p *kong.Positional) string { return strings.ToUpper(p.Name) }

func manualFlag(w io.Writer, f *kong.Flag) {
	if f.Hidden {
		return
	}
	fmt.Fprintf(w, ".TP\n.B %s\n", troff(flagUsage(f)))
	help := f.Help
	switch {
	case f.Enum != "":
		help += " One of " + strings.Join(choices(f.Value), ", ") + "."
		if f.Default != "" {
			help += " Default: " + f.Default + "."
		}
	case f.HasDefault && f.Default != "" && !f.IsBool():
		help += " Default: " + f.Default + "."
	}
	paragraph(w, help)
}

// paragraph writes text a sentence a line, as troff wants it to space them.
func paragraph(w io.Writer, text string) {
	fmt.Fprintln(w, strings.ReplaceAll(troff(text), ". ", ".\n"))
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

const manualEnd = `.SH ENVIRONMENT
.TP
.B GATEWAYD_CONFIG
The configuration file, when
.B \-\-config
is not given.
.SH FILES
.TP
.I /etc/gatewayd/gatewayd.yaml
The configuration of this machine.
The shipped file explains every field.
Participants, their secrets and staff lists are not in it but in the store.
.TP
.I /var/lib/gatewayd/gatewayd.db
The store: documents, acknowledgments, queues, registers and journal.
.TP
.I /run/gatewayd/admin.sock
Where the running daemon takes the operator's commands.
.SH SIGNALS
.TP
.B SIGTERM, SIGINT
Stops in order: no new documents, what is in work is finished, then the store is closed.
.TP
.B SIGHUP
Reads configuration, TLS and signing keys, lists of revoked certificates and code tables anew: all of
them or, when one is wrong, none.
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
The daemon stopped because it is not known what is on disk.
Look at the disk, then start it again.
.TP
.B 64
The command line is wrong.
.SH SEE ALSO
.BR openssl (1),
.BR systemctl (1),
.BR xmlsec1 (1)
`
