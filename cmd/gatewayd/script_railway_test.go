package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/schema"
)

// said is a message of ours that the spool has for the railway.
type said struct {
	name string            // its message id: later ones are greater
	meta map[string]string // NAME.meta
	text []byte
}

// inLane are the messages of a lane, oldest first.
func (a *actor) inLane(ts *testscript.TestScript, lane string) []said {
	metas, err := filepath.Glob(ts.MkAbs("spool/out/" + lane + "/*.meta"))
	ts.Check(err)
	var list []said
	for _, file := range metas {
		m := said{name: strings.TrimSuffix(filepath.Base(file), ".meta"), meta: make(map[string]string)}
		for line := range strings.Lines(ts.ReadFile(file)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			m.meta[key] = value
		}
		m.text = []byte(ts.ReadFile(strings.TrimSuffix(file, ".meta") + ".xml"))
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b said) int { return strings.Compare(a.name, b.name) })
	return list
}

// rail puts a document into the spool as the railway does; the ЭСИД on it must be just so.
func rail(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: rail FILE RESULT [CODE/reason…]")
	}
	a := actorOf(ts)
	before := a.latest(ts, args[0]).name
	a.put(ts, args[0])
	var m said
	until(ts, time.Minute, "no ЭСИД on "+args[0], func() bool {
		m = a.latest(ts, args[0])
		return m.name != before
	})
	if got, want := a.heard(ts, m), strings.Join(args[1:], " "); got != want {
		ts.Fatalf("%s: %s, want %s\n%s", args[0], got, want, m.text)
	}
}

// judged waits until the latest ЭСИД on a document of the railway's is so.
func judged(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: judged FILE RESULT [CODE/reason…]")
	}
	a := actorOf(ts)
	got, want := "", strings.Join(args[1:], " ")
	until(ts, time.Minute, args[0]+" is not "+want, func() bool {
		m := a.latest(ts, args[0])
		if m.name != "" {
			got = a.heard(ts, m)
		}
		return got == want
	})
}

// heard is the verdict of an ЭСИД, which is ./answer from now on.
func (a *actor) heard(ts *testscript.TestScript, m said) string {
	e, err := a.open(m.text, nil)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), m.text, 0o600))
	return verdict(e)
}

// latest is the newest ЭСИД on a document of the railway's, in whichever lane it is.
func (a *actor) latest(ts *testscript.TestScript, file string) said {
	id, known := a.files[file]
	if !known {
		ts.Fatalf("no document is in %s", file)
	}
	var found said
	for _, m := range a.inLane(ts, "*") {
		if m.meta["type"] == string(schema.KindESID) && strings.EqualFold(m.meta["document-id"], id) {
			found = m
		}
	}
	return found
}

// put writes the files of a message of the railway's, whose machine has the time of the script, NAME.meta
// last. They are taken in the order of their names.
func (a *actor) put(ts *testscript.TestScript, file string) {
	a.given++
	name := fmt.Sprintf("%04d-%s", a.given, strings.TrimSuffix(filepath.Base(file), ".xml"))
	now := shifted(ts.Getenv("CLOCK"))()
	place := func(extension string, content []byte) {
		written := ts.MkAbs(name + extension)
		ts.Check(os.WriteFile(written, content, 0o600))
		ts.Check(os.Chtimes(written, now, now))
		ts.Check(os.Rename(written, ts.MkAbs("spool/in/"+name+extension)))
	}
	meta := ""
	if cms, err := os.ReadFile(ts.MkAbs(file + ".p7s")); err == nil {
		place(".p7s", cms)
		meta = "signature-cms: " + name + ".p7s\n"
	} else if !errors.Is(err, os.ErrNotExist) {
		ts.Check(err)
	}
	place(".xml", []byte(ts.ReadFile(file)))
	place(".meta", []byte(meta))
}

// lane waits until the railway's folder of a lane holds just these messages, oldest first, each as
// KIND[=RESULT or EVENT][/ONWARD]. The last of them is ./answer.
func lane(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: lane NAME KIND[=WORD][/ONWARD]…")
	}
	a := actorOf(ts)
	want, got := strings.Join(args[1:], " "), ""
	for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		list := a.inLane(ts, args[0])
		got = wordsOf(list, args[1:])
		if got == want {
			ts.Check(os.WriteFile(ts.MkAbs("answer"), list[len(list)-1].text, 0o600))
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("lane %s: %s, want %s", args[0], got, want)
		}
	}
}

// wordsOf says of each message as much as is wanted of the one in its place.
func wordsOf(list []said, want []string) string {
	var words []string
	for i, m := range list {
		word := m.meta["type"]
		if i >= len(want) || strings.Contains(want[i], "=") {
			if more := cmp.Or(m.meta["result"], eventOf(m.text)); more != "" {
				word += "=" + more
			}
		}
		if m.meta["onward"] != "" {
			word += "/" + m.meta["onward"]
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

var anEvent = regexp.MustCompile(`<Event>([^<]*)</Event>`)

// eventOf is what a StateNotice tells of; nothing of anything else.
func eventOf(text []byte) string {
	if m := anEvent.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

// take waits for the next message of the client's outbox, which must be just that, and confirms it.
func take(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: take KIND[=RESULT or EVENT]")
	}
	a := actorOf(ts)
	var r reply
	until(ts, 40*time.Second, "no "+args[0]+" has come", func() bool {
		r = a.send(ts, http.MethodGet, "/v1/outbox/next", nil)
		return !r.status("204")
	})
	a.want(ts, "the next message", r, []string{"200"})
	got := r.head.Get("Kind")
	if strings.Contains(args[0], "=") {
		got += "=" + cmp.Or(r.head.Get("Gateway-Result"), eventOf(r.body))
	}
	if got != args[0] {
		ts.Fatalf("the next message is %s, want %s\n%s", got, args[0], r)
	}
	done := a.send(ts, http.MethodDelete, "/v1/outbox/"+r.head.Get("Message-ID"), nil)
	if !done.status("204") {
		ts.Fatalf("confirming %s: %s", args[0], done)
	}
}

// outbox waits until just messages of these kinds are not confirmed, oldest first; nothing: none is.
func outbox(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	got := ""
	until(ts, 40*time.Second, "the outbox does not hold "+strings.Join(args, " "), func() bool {
		var list struct{ Messages []struct{ Kind string } }
		r := a.send(ts, http.MethodGet, "/v1/outbox", nil)
		ts.Check(json.Unmarshal(r.body, &list))
		var kinds []string
		for _, m := range list.Messages {
			kinds = append(kinds, m.Kind)
		}
		got = strings.Join(kinds, " ")
		return got == strings.Join(args, " ")
	})
}
