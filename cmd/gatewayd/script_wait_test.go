package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
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
}

// until asks again and again; a process in the background gives no other sign.
func until(ts *testscript.TestScript, limit time.Duration, otherwise string, done func() bool) {
	for deadline := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s after %s", otherwise, limit)
		}
	}
}

// eventually waits until something is so:
//
//	eventually 10 http METHOD PATH STATUS [TEXT]   the answer has the status and holds the text
//	eventually 10 ops PATH STATUS [TEXT]           likewise, of the operators' listener
//	eventually 10 files PATTERN COUNT              so many files
//	eventually 10 log TEXT                         the daemon has logged it
//	eventually 10 erp COUNT                        the client's server has taken so many messages
//	eventually 10 exec COMMAND… TEXT               the command prints the text
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: eventually SECONDS http|ops|files|log|erp|exec …")
	}
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	ask := question(ts, args[1], args[2:])
	last := ""
	deadline := time.Now().Add(time.Duration(seconds) * time.Second)
	for {
		var so bool
		if so, last = ask(); so {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("it has not come to pass: %s\n%s", strings.Join(args[1:], " "), last)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// question is whether it is so, and what is the case instead.
func question(ts *testscript.TestScript, kind string, args []string) func() (bool, string) {
	a := actorOf(ts)
	text := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	switch {
	case kind == "http" && len(args) >= 3:
		return func() (bool, string) {
			r := a.send(ts, args[0], args[1], nil)
			return r.status(args[2]) && strings.Contains(string(r.body), text(3)), r.String()
		}
	case kind == "ops" && len(args) >= 2:
		return func() (bool, string) {
			r := a.ask(ts, args[0])
			return r.status(args[1]) && strings.Contains(string(r.body), text(2)), r.String()
		}
	case kind == "files" && len(args) == 2:
		return func() (bool, string) {
			names, err := filepath.Glob(ts.MkAbs(args[0]))
			ts.Check(err)
			return strconv.Itoa(len(names)) == args[1], strings.Join(names, "\n")
		}
	case kind == "log" && len(args) == 1:
		return func() (bool, string) {
			b, _ := os.ReadFile(ts.MkAbs("log"))
			return strings.Contains(string(b), args[0]), string(b)
		}
	case kind == "erp" && len(args) == 1:
		return func() (bool, string) {
			got := strconv.Itoa(a.erp.taken())
			return got == args[0], got + " have been taken"
		}
	case kind == "exec" && len(args) >= 2:
		return func() (bool, string) {
			out, _ := command(ts, args[0], args[1:len(args)-1]...).CombinedOutput()
			return strings.Contains(string(out), args[len(args)-1]), string(out)
		}
	}
	ts.Fatalf("eventually does not know how to ask %s %s", kind, strings.Join(args, " "))
	return nil
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
