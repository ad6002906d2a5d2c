package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/conf"
)

// ready finds out where the daemon listens, and waits until it serves. The file with the addresses is
// taken away, so that the next daemon of the script is waited for too.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	until(ts, 30*time.Second, "the daemon does not serve", func() bool {
		text, err := os.ReadFile(ts.MkAbs("addresses"))
		if err != nil {
			return false
		}
		for line := range strings.Lines(string(text)) {
			name, address, _ := strings.Cut(strings.TrimSpace(line), "=")
			ts.Setenv(strings.ToUpper(name), address)
			if name == "clients" {
				actorOf(ts).clients.Store(&address)
			}
		}
		answer, err := http.Get("http://" + ts.Getenv("OPS") + "/healthz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	ts.Check(os.Remove(ts.MkAbs("addresses")))
	a := actorOf(ts)
	config, err := conf.Load(a.config)
	ts.Check(err)
	a.scheme = "http"
	if config.Listen.TLS.Enabled() {
		a.scheme = "https"
	}
}

// until asks again and again; a process in the background gives no other sign.
func until(ts *testscript.TestScript, limit time.Duration, otherwise string, done func() bool) {
	for deadline := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s after %s", otherwise, limit)
		}
	}
}

// eventually waits until something is so; what is shown is stdout:
//
//	eventually 10 post FILE STATUS [REGEXP]          the answer has the status and matches
//	eventually 10 http METHOD PATH STATUS [REGEXP]   likewise
//	eventually 10 ops PATH STATUS [REGEXP]           likewise, of the operators' listener
//	eventually 10 files PATTERN COUNT                so many files
//	eventually 10 log REGEXP                         the daemon has logged it
//	eventually 10 erp COUNT                          the client's server has taken so many messages
//	eventually 10 exec COMMAND… REGEXP               the command prints it
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: eventually SECONDS http|ops|files|log|erp|exec|post …")
	}
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	ask := question(ts, args[1], args[2:])
	// A machine that is busy with other tests may take its time.
	deadline := time.Now().Add(time.Duration(4*seconds) * time.Second)
	for {
		so, shown := ask()
		if so {
			fmt.Fprint(ts.Stdout(), shown)
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("it has not come to pass: %s\n%s", strings.Join(args[1:], " "), shown)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// question is whether it is so, and what is the case instead.
func question(ts *testscript.TestScript, kind string, args []string) func() (bool, string) {
	a := actorOf(ts)
	// The last argument may be what the answer has to match.
	answered := func(n int, ask func() reply) func() (bool, string) {
		pattern := matching(ts, args[n+1:])
		return func() (bool, string) {
			r := ask()
			if !r.status(args[n]) || !pattern.Match(r.body) {
				return false, r.String()
			}
			a.want(ts, kind, r, args[n:n+1])
			return true, ""
		}
	}
	switch {
	case kind == "post" && len(args) >= 2:
		body := []byte(ts.ReadFile(args[0]))
		return answered(1, func() reply { return a.send(ts, http.MethodPost, "/v1/documents", body) })
	case kind == "http" && len(args) >= 3:
		return answered(2, func() reply { return a.send(ts, args[0], args[1], nil) })
	case kind == "ops" && len(args) >= 2:
		return answered(1, func() reply { return a.ask(ts, args[0]) })
	case kind == "files" && len(args) == 2:
		return func() (bool, string) {
			names, err := filepath.Glob(ts.MkAbs(args[0]))
			ts.Check(err)
			return strconv.Itoa(len(names)) == args[1], strings.Join(names, "\n")
		}
	case kind == "log" && len(args) == 1:
		pattern := matching(ts, args)
		return func() (bool, string) {
			b, _ := os.ReadFile(ts.MkAbs("log"))
			return pattern.Match(b), string(b)
		}
	case kind == "erp" && len(args) == 1:
		return func() (bool, string) {
			got := strconv.Itoa(a.erp.taken())
			return got == args[0], got + " have been taken"
		}
	case kind == "exec" && len(args) >= 2:
		pattern := matching(ts, args[len(args)-1:])
		return func() (bool, string) {
			out, _ := command(ts, args[0], args[1:len(args)-1]...).CombinedOutput()
			return pattern.Match(out), string(out)
		}
	}
	ts.Fatalf("eventually does not know how to ask %s %s", kind, strings.Join(args, " "))
	return nil
}

// matching is the expression that is the last argument, if there is one; otherwise anything matches.
func matching(ts *testscript.TestScript, args []string) *regexp.Regexp {
	if len(args) > 1 {
		ts.Fatalf("%q is too much", args[1:])
	}
	pattern, err := regexp.Compile("(?s)" + strings.Join(args, ""))
	ts.Check(err)
	return pattern
}

// sendSignal is for those signals that testscript's kill does not know.
func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	number, ok := map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT,
	}[args[0]]
	if !ok {
		ts.Fatalf("no signal %s", args[0])
	}
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(number))
	}
}
