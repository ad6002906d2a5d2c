package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/scene"
	"asugate/schema"
)

// primaryKeys are those of documents that start at the railway, and of the client's answers. Times are
// said by how far they are from now: supplied=-26h.
var primaryKeys = map[string][]string{
	"memo":      {"number", "operation", "wagons", "owner", "supplied", "removed", "environment"},
	"act":       {"number", "kind", "wagons", "owner", "start"},
	"approval":  {"of", "document", "ofversion", "sha256", "sender", "signatory"},
	"rejection": {"of", "document", "ofversion", "sha256", "sender", "signatory", "graph", "wagon", "text"},
	"report":    {"of", "ofversion", "state", "stateid", "reason"},
	"movements": {"operation", "wagons", "at"},
}

// primary is one of them without a signature, and who usually signs it.
func (a *actor) primary(kind, id string, version int, v map[string]string) (by string, text []byte, err error) {
	var wagons []string
	if v["wagons"] != "" {
		wagons = strings.Split(v["wagons"], ",")
	}
	switch kind {
	case "memo":
		text, err = a.memo(scene.Memo{
			DocumentID: id, Version: version, Number: v["number"], Operation: v["operation"], Wagons: wagons,
			Environment: v["environment"],
		}, v)
	case "act":
		act := scene.Act{DocumentID: id, Version: version, Number: v["number"], Kind: v["kind"], Wagons: wagons}
		if v["start"] != "" {
			act.Start = a.id(v["start"])
		}
		if v["owner"] != "" {
			act.Change = func(data *schema.Act) { data.Owner.INN, data.Owner.KPP = v["owner"], "" }
		}
		text = a.Act(act)
	case "report":
		of, stateID := 0, 0
		if of, err = number(v["ofversion"], 0); err == nil {
			stateID, err = number(v["stateid"], 0)
		}
		text = a.StateReport(scene.StateReport{
			DocumentID: id, Of: a.id(v["of"]), OfVersion: of, State: v["state"], StateID: stateID, Reason: v["reason"],
			CreatedAt: time.Now(),
		})
	case "movements":
		text, err = a.movements(id, wagons, v)
	default:
		text, err = a.answer(kind, id, version, v)
		return "petrova", text, err
	}
	return "office", text, err
}

// memo has the same times in all its rows, and goes to another client where an INN is named.
func (a *actor) memo(m scene.Memo, v map[string]string) ([]byte, error) {
	supplied, err := a.fromNow(v["supplied"])
	if err != nil {
		return nil, err
	}
	removed, err := a.fromNow(v["removed"])
	if err != nil {
		return nil, err
	}
	m.Change = func(data *schema.Memo) {
		if v["owner"] != "" {
			data.Owner.INN, data.Owner.KPP = v["owner"], ""
		}
		for i := range data.Wagons {
			w := &data.Wagons[i]
			if !supplied.IsZero() {
				w.Supplied = supplied
			}
			if !removed.IsZero() {
				w.Notified, w.Removed = removed, removed
			}
		}
	}
	return a.Memo(m), nil
}

func (a *actor) movements(id string, wagons []string, v map[string]string) ([]byte, error) {
	at, err := a.fromNow(v["at"])
	if err != nil {
		return nil, err
	}
	m := scene.Movements{DocumentID: id}
	for _, wagon := range wagons {
		m.Rows = append(m.Rows, schema.Movement{Wagon: wagon, Operation: v["operation"], At: at})
	}
	return a.Movements(m), nil
}

// answer names what it answers by a label of the script, in its newest version, or by itself.
func (a *actor) answer(kind, id string, version int, v map[string]string) (text []byte, err error) {
	answer := scene.Answer{DocumentID: id, Version: version, Sender: v["sender"]}
	answer.Of = scene.Reference{DocumentID: v["document"], SHA256: v["sha256"]}
	if answer.Of.Version, err = number(v["ofversion"], a.versions[v["of"]]); err != nil {
		return nil, err
	}
	if answer.Of.DocumentID == "" {
		answer.Of.DocumentID = a.id(v["of"])
	}
	if answer.Of.SHA256 == "" {
		answer.Of.SHA256 = a.digests[v["of"]]
	}
	if v["signatory"] != "" {
		if answer.Signatory, err = a.persona(v["signatory"]); err != nil {
			return nil, err
		}
	}
	if kind == "approval" {
		return a.Approval(answer), nil
	}
	if v["graph"]+v["wagon"]+v["text"] != "" {
		answer.Disagreements = []schema.Disagreement{{Graph: v["graph"], Wagon: v["wagon"], Text: v["text"]}}
	}
	return a.Rejection(answer), nil
}

// fromNow is so long after the now of all scripts, to the minute as the graphs of a memo have it; nothing is
// the zero time.
func (a *actor) fromNow(span string) (time.Time, error) {
	if span == "" {
		return time.Time{}, nil
	}
	d, err := time.ParseDuration(span)
	return a.Now.Add(d).Truncate(time.Minute), err
}

// writeKPEDO writes the envelope getPPSReply with a signed memo in the form of КП ЭДО:
//
//	kpedo FILE [docid=N] [number=N] [as=xml|json|soap] [by=PERSONA|gost] [state=ID] [operation=…] [form=FILE]
//
// by=gost is whoever gostkey has made last. The form itself is FILE.data, its signature FILE.data.p7s. With
// form=FILE the envelope goes around a form that has been signed before, with its signature.
func writeKPEDO(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: kpedo FILE [key=value…]")
	}
	a := actorOf(ts)
	ts.Check(a.scene(ts))
	v, err := options(args[1:], "docid", "number", "as", "by", "state", "operation", "form")
	ts.Check(err)
	e := scene.KPEDO{Docid: v["docid"], JSON: v["as"] == "json", SOAP: v["as"] == "soap", SignedAt: time.Now()}
	e.StateID, err = number(v["state"], 0)
	ts.Check(err)
	if v["form"] != "" {
		e.Form, e.CMS = []byte(ts.ReadFile(v["form"])), []byte(ts.ReadFile(v["form"]+".p7s"))
	} else {
		e.Form = a.KPEDOForm(scene.KPEDOForm{Number: v["number"], Operation: v["operation"]})
		e.CMS, err = a.beside(v["by"], e.Form)
		ts.Check(err)
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(file, e.Bytes(), 0o600))
	ts.Check(os.WriteFile(file+".data", e.Form, 0o600))
	ts.Check(os.WriteFile(file+".data.p7s", e.CMS, 0o600))
	docid := v["docid"]
	if docid == "" {
		docid = "1766398397" // of the scene
	}
	a.files[args[0]] = schema.KPEDOID(docid)
	ts.Setenv("KPEDO", a.files[args[0]])
}

// beside is a detached CMS signature of a persona, or of the railway's GOST key.
func (a *actor) beside(by string, text []byte) ([]byte, error) {
	switch by {
	case "gost":
		return a.gost.SignCMS(a.gostSigner, text), nil
	case "":
		by = "office"
	}
	p, err := a.persona(by)
	if err != nil {
		return nil, err
	}
	return p.SignDetached(text)
}

// rejectFor has the client reject an act for each of the reasons of a file, one a line: an act comes, the
// rejection is accepted, and the act is rejected.
func rejectFor(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: rejectfor FILE")
	}
	a := actorOf(ts)
	for i, reason := range strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n") {
		label := fmt.Sprintf("act%d", i+1)
		ts.Check(a.document(label+".xml", "act", []string{"id=" + label, fmt.Sprintf("number=%d", 500+i)}))
		rail(ts, false, []string{label + ".xml", "positive"})
		ts.Check(a.document("no.xml", "rejection", []string{"of=" + label, "text=" + reason}))
		post(ts, false, []string{"no.xml", "200", "positive"})
		r := a.send(ts, http.MethodGet, "/v1/documents/"+a.id(label), nil)
		if !strings.Contains(r.String(), `"state":"rejected"`) {
			ts.Fatalf("for %s the act is not rejected: %s", reason, r)
		}
	}
}

// setClock lets the clock of every gatewayd of the script be so far ahead of this machine's. A daemon that
// runs is told to look at it.
func setClock(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: clock DURATION")
	}
	_, err := time.ParseDuration(args[0])
	ts.Check(err)
	file := ts.Getenv("CLOCK")
	ts.Check(os.WriteFile(file+".new", []byte(args[0]), 0o600))
	ts.Check(os.Rename(file+".new", file))
	for _, c := range ts.BackgroundCmds() {
		if err := c.Process.Signal(syscall.SIGHUP); !errors.Is(err, os.ErrProcessDone) {
			ts.Check(err)
		}
	}
}

// shifted is a clock as far ahead as the file says, when there is one.
func shifted(file string) func() time.Time {
	return func() time.Time {
		ahead, _ := os.ReadFile(file)
		d, _ := time.ParseDuration(string(ahead)) // setClock has written it
		return time.Now().Add(d)
	}
}
