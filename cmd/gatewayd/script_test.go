package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// The test binary is gatewayd when a script calls it so. CRASH names a point of the crash table at
// which the process dies as by a power cut.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gatewayd": func() {
			if at := os.Getenv("CRASH"); at != "" {
				reached = func(point string) {
					if point == at {
						_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
						select {} // the signal is on its way
					}
				}
			}
			main()
		},
	})
}

// theScene is shared by all scripts: its keys cost more than they do. Each script has its own store.
var theScene = sync.OnceValues(func() (*scene.Scene, error) { return scene.New(time.Now()) })

// Each script is a story; its comments read alone are the story. The commands besides testscript's own:
//
//	scene                         keys of all personas, registers, configuration in the work folder
//	prepare                       scene, and an empty store with the registers imported and a secret in $TOKEN
//	ready                         wait until the daemon that writes ./addresses takes documents
//	doc FILE KIND [key=value…]    write a signed document; its id, digest follow the label id=
//	post FILE STATUS [RESULT [CODE/reason…]]   send it; the answer must be just so, and verify with xmlsec1
//	http METHOD PATH STATUS [FILE]              any other request; the body is the command's stdout
//	eventually SECONDS http|files|exec …        until it is so
//	signal TERM|HUP|STOP|CONT                   to every process in the background
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GATEWAYD_CONFIG", filepath.Join(e.WorkDir, "gatewayd.yaml"))
			e.Values[actorKey{}] = &actor{dir: e.WorkDir, ids: make(map[string]string), digests: make(map[string]string)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"scene":      func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(actorOf(ts).scene(args)) },
			"prepare":    prepare,
			"ready":      ready,
			"doc":        func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(actorOf(ts).document(args)) },
			"post":       post,
			"http":       request,
			"eventually": eventually,
			"signal":     sendSignal,
		},
	})
}

type actorKey struct{}

// actor is whoever acts in a script.
type actor struct {
	*scene.Scene
	dir     string
	ids     map[string]string // label → DocumentID
	digests map[string]string // label → content digest of the newest version written
}

func actorOf(ts *testscript.TestScript) *actor { return ts.Value(actorKey{}).(*actor) }

// scene writes what an operator has before the first start. Arguments are lines added to the
// configuration.
func (a *actor) scene(more []string) (err error) {
	if a.Scene, err = theScene(); err != nil {
		return err
	}
	if _, _, err := a.Gateway.Write(a.dir, "gateway"); err != nil {
		return err
	}
	for name, p := range a.personas() {
		if _, _, err := p.Write(a.dir, name); err != nil {
			return err
		}
	}
	for name, text := range map[string][]byte{
		"rail-root.pem":     pki.EncodeCertificates(a.Rail.Certificate),
		"root.pem":          pki.EncodeCertificates(a.Root.Certificate),
		"gatewayd.yaml":     []byte(demoConfig + strings.Join(more, "\n") + "\n"),
		"participants.yaml": a.Participants(scene.Participants{More: []string{"SHIP-02"}}),
		"staff.xml":         a.Office.MustSign(a.StaffList(1)),
	} {
		path := filepath.Join(a.dir, name)
		if _, err := os.Stat(path); err == nil {
			continue // the script brings its own
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (a *actor) personas() map[string]*scene.Persona {
	return map[string]*scene.Persona{
		"petrova": a.Signatory, "ivanov": a.Performer, "sidorova": a.Deputy, "orlov": a.Dismissed,
		"nikitin": a.Unlisted, "egorov": a.Helper, "volkov": a.Elsewhere, "petrova-expired": a.Expired,
		"petrova-foreign": a.Impostor, "office": a.Office,
	}
}

func prepare(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(actorOf(ts).scene(args))
	for _, line := range [][]string{
		{"init", "--environment", "test"},
		{"participants", "import", "participants.yaml"},
		{"staff", "import", "staff.xml"},
	} {
		ts.Check(ts.Exec("gatewayd", line...))
	}
	for code, name := range map[string]string{"SHIP-01": "TOKEN", "SHIP-02": "TOKEN2"} {
		c := exec.Command("gatewayd", "participants", "secret", code)
		c.Env = []string{"PATH=" + ts.Getenv("PATH"), "GATEWAYD_CONFIG=" + ts.Getenv("GATEWAYD_CONFIG")}
		secret, err := c.Output()
		ts.Check(err)
		ts.Setenv(name, strings.TrimSpace(string(secret)))
	}
}

// ready finds out where the daemon listens and waits until it is ready.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	until(ts, 20*time.Second, "the daemon is not ready", func() bool {
		text, err := os.ReadFile(ts.MkAbs("addresses"))
		if err != nil {
			return false
		}
		for line := range strings.Lines(string(text)) {
			name, address, _ := strings.Cut(strings.TrimSpace(line), "=")
			ts.Setenv(strings.ToUpper(name), address)
		}
		answer, err := http.Get("http://" + ts.Getenv("OPS") + "/healthz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// until asks again and again; a process in the background gives no other sign.
func until(ts *testscript.TestScript, limit time.Duration, otherwise string, done func() bool) {
	for deadline := time.Now().Add(limit); ; {
		if done() {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s after %s", otherwise, limit)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// eventually repeats http until its status is the wanted one.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	var last string
	until(ts, time.Duration(seconds)*time.Second, "it has not come to pass: "+strings.Join(args[1:], " "), func() bool {
		switch args[1] {
		case "http":
			status, body := send(ts, args[2], args[3], nil)
			last = string(body)
			return strconv.Itoa(status) == args[4] && (len(args) < 6 || strings.Contains(last, args[5]))
		case "files": // PATTERN COUNT
			names, err := filepath.Glob(ts.MkAbs(args[2]))
			ts.Check(err)
			return strconv.Itoa(len(names)) == args[3]
		case "exec": // a command whose output holds the last argument
			c := exec.Command(args[2], args[3:len(args)-1]...)
			c.Dir = ts.MkAbs(".")
			c.Env = []string{"PATH=" + ts.Getenv("PATH"), "GATEWAYD_CONFIG=" + ts.Getenv("GATEWAYD_CONFIG")}
			out, _ := c.CombinedOutput()
			last = string(out)
			return strings.Contains(last, args[len(args)-1])
		}
		ts.Fatalf("eventually knows http, files and exec, not %s", args[1])
		return false
	})
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

func send(ts *testscript.TestScript, method, path string, body []byte) (int, []byte) {
	r, err := http.NewRequest(method, "http://"+ts.Getenv("CLIENTS")+path, bytes.NewReader(body))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+ts.Getenv("TOKEN"))
	if body != nil {
		r.Header.Set("Content-Type", "application/xml")
	}
	if prefer := ts.Getenv("PREFER"); prefer != "" {
		r.Header.Set("Prefer", prefer)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, []byte(err.Error()) // the daemon is gone: a script may want just that
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	if id := answer.Header.Get("Message-ID"); id != "" {
		ts.Setenv("MESSAGE", id)
	}
	return answer.StatusCode, b
}

// request is any request; the body of the answer is stdout.
func request(ts *testscript.TestScript, _ bool, args []string) {
	var body []byte
	if len(args) > 3 {
		body = []byte(ts.ReadFile(args[3]))
	}
	status, answer := send(ts, args[0], args[1], body)
	if strconv.Itoa(status) != args[2] {
		ts.Fatalf("%s %s: %d, want %s\n%s", args[0], args[1], status, args[2], answer)
	}
	fmt.Fprint(ts.Stdout(), string(answer))
	ts.Check(os.WriteFile(ts.MkAbs("answer"), answer, 0o600))
}

// post sends a document; status 0 means that no answer must come.
func post(ts *testscript.TestScript, _ bool, args []string) {
	status, answer := send(ts, http.MethodPost, "/v1/documents", []byte(ts.ReadFile(args[0])))
	if strconv.Itoa(status) != args[1] {
		ts.Fatalf("%s: status %d, want %s\n%s", args[0], status, args[1], answer)
	}
	fmt.Fprint(ts.Stdout(), string(answer))
	ts.Check(os.WriteFile(ts.MkAbs("answer"), answer, 0o600))
	if len(args) == 2 {
		return
	}
	e, err := readESID(ts, answer)
	ts.Check(err)
	got := []string{string(e.Result)}
	for _, f := range e.Findings {
		if f.Severity == schema.Error {
			got = append(got, f.Code+"/"+f.Reason)
		}
	}
	if want := strings.Join(args[2:], " "); strings.Join(got, " ") != want {
		ts.Fatalf("%s: %s, want %s\n%s", args[0], strings.Join(got, " "), want, answer)
	}
}

// readESID believes an ЭСИД only when we and, where it is installed, xmlsec1 believe it.
func readESID(ts *testscript.TestScript, answer []byte) (schema.ESID, error) {
	a := actorOf(ts)
	tree, err := xmltree.Parse(answer, xmltree.DefaultLimits())
	if err != nil {
		return schema.ESID{}, err
	}
	signed, report := signature.Open(signature.Input{Tree: tree},
		signature.NewTrust(a.Gateway.Chain[:1]), signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds {
		return schema.ESID{}, fmt.Errorf("the ЭСИД does not verify: %v", report.Faults)
	}
	if xmlsec, err := exec.LookPath("xmlsec1"); err == nil {
		file := filepath.Join(a.dir, "esid-for-xmlsec1.xml")
		if err := os.WriteFile(file, answer, 0o600); err != nil {
			return schema.ESID{}, err
		}
		c := exec.Command(xmlsec, "--verify", "--id-attr:ID", "urn:asugate:1:ESID",
			"--trusted-pem", filepath.Join(a.dir, "rail-root.pem"), "--enabled-key-data", "x509", file)
		if out, err := c.CombinedOutput(); err != nil {
			return schema.ESID{}, fmt.Errorf("xmlsec1: %w\n%s", err, out)
		}
	}
	return schema.ReadESID(signed.Root())
}

// document writes a signed document. Keys: by, id, version, performer, waybill, proxy, cargo, station,
// workdate, sender, receiver, text, environment; id and waybill are labels.
func (a *actor) document(args []string) error {
	file, kind := args[0], args[1]
	v := make(map[string]string)
	for _, arg := range args[2:] {
		k, value, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q is not key=value", arg)
		}
		v[k] = value
	}
	people := a.personas()
	version := 1
	if v["version"] != "" {
		n, err := strconv.Atoi(v["version"])
		if err != nil {
			return err
		}
		version = n
	}
	id := a.id(v["id"])
	var text []byte
	by := "petrova"
	switch kind {
	case "waybill":
		text = a.Waybill(scene.Waybill{
			DocumentID: id, Version: version, Cargo: v["cargo"], Station: v["station"], Sender: v["sender"],
			Receiver: v["receiver"], Environment: v["environment"], Signatory: people[v["signatory"]],
		})
	case "placement":
		p := scene.Placement{
			DocumentID: id, Version: version, WorkDate: v["workdate"], Performer: people[v["performer"]], Text: v["text"],
			Waybill: scene.Reference{DocumentID: a.id(v["waybill"]), Version: 1, SHA256: a.digests[v["waybill"]]},
		}
		if n, err := strconv.Atoi(v["waybillversion"]); err == nil {
			p.Waybill.Version = n
		}
		if v["proxy"] != "" {
			p.Proxy = &scene.Proxy{Number: v["proxy"], Date: a.Now.AddDate(0, -2, 0).Format(time.DateOnly), Signer: people[v["by"]]}
		}
		text = a.Placement(p)
		by = "ivanov"
		if v["performer"] != "" {
			by = v["performer"]
		}
	case "paper":
		text = a.PaperSwitch(scene.PaperSwitch{DocumentID: id, Waybill: a.id(v["waybill"])})
	case "staff":
		by = "office"
		entries := a.Entries()
		if n, err := strconv.Atoi(v["people"]); err == nil {
			entries = entries[:n]
		}
		text = a.StaffList(version, entries...)
	case "notice":
		by = "office"
		text = a.Notice(scene.Notice{DocumentID: id, InReplyTo: a.id(v["document"]), State: v["state"]})
	default:
		return fmt.Errorf("no document of kind %s", kind)
	}
	if v["by"] != "" {
		by = v["by"]
	}
	a.digests[v["id"]] = scene.ReferenceTo(text, id, version).SHA256
	if by != "nobody" {
		signed, err := people[by].Sign(text)
		if err != nil {
			return err
		}
		text = signed
	}
	return os.WriteFile(filepath.Join(a.dir, file), text, 0o600)
}

// id is the DocumentID of a label; a fresh one for none.
func (a *actor) id(label string) string {
	if label == "" {
		return scene.NewID()
	}
	if a.ids[label] == "" {
		a.ids[label] = scene.NewID()
	}
	return a.ids[label]
}
