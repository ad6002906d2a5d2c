package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"asugate/store"
)

// Exit codes (sysexits for usage).
const (
	exitDone     = 0  // done, or a positive verdict
	exitNegative = 1  // a negative verdict
	exitCould    = 2  // could not: unreachable, unreadable, undecided
	exitUsage    = 64 // the command line is wrong
)

// streams are where a command reads and writes; a struct so that tests can hold them.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	os.Exit(program(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// program runs one command line and returns its exit code.
func program(args []string, s streams) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("gatewayd"),
		kong.Description("Gateway between the systems of railway clients and the railway's back office: "+
			"verifies signed documents and answers with signed ЭСИД."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exit = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"config": "/etc/gatewayd/gatewayd.yaml"},
	)
	if err != nil {
		panic(err) // the command structs are wrong: a mistake of ours, found by any test
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		return complain(s.err, failure{code: exitUsage, what: err, hint: "see gatewayd --help"})
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(s, &c)
	if err := parsed.Run(); err != nil {
		return complain(s.err, err)
	}
	return exitDone
}

// failure is an error with what a person needs besides: the exit code and what to do.
type failure struct {
	code int
	what error
	hint string
}

func (f failure) Error() string { return f.what.Error() }
func (f failure) Unwrap() error { return f.what }

// negative is a verdict that has been told already; only the exit code is left to say.
var negative = failure{code: exitNegative, what: errors.New("negative")}

// complain tells a person what went wrong, and what to do about it.
func complain(w io.Writer, err error) int {
	f := failure{code: exitCould, what: err}
	if errors.Is(err, store.ErrUnknown) {
		f.code = exitStopped // of a command, too: it may have been done
	}
	errors.As(err, &f)
	if errors.Is(err, negative.what) {
		return exitNegative
	}
	if f.hint == "" {
		f.hint = hintFor(err)
	}
	fmt.Fprintf(w, "gatewayd: %s\n", strings.TrimSpace(err.Error()))
	if f.hint != "" {
		fmt.Fprintf(w, "hint: %s\n", f.hint)
	}
	return f.code
}
