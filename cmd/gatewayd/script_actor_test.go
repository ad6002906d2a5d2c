package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/conf"
	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/internal/rabbittest"
	"asugate/internal/scene"
	"asugate/signature"
)

type actorKey struct{}

// actor is whoever acts in a script.
type actor struct {
	*scene.Scene
	dir, config string
	test        testing.TB
	openssl     []string // environment in which openssl knows GOST, nil before gostkey
	gost        *gostengine.Engine
	gostSigner  gostengine.Credential // of the railway
	trust       *signature.Trust      // in what the railway signs
	ids         map[string]string     // label → DocumentID
	digests     map[string]string     // label → content digest of the newest version written
	versions    map[string]int        // label → that version
	files       map[string]string     // file → DocumentID of what is in it
	given       int                   // messages that the railway has put into the spool

	scheme        string                 // http or https
	authorization string                 // of requests
	certificates  []tls.Certificate      // likewise
	headers       map[string]string      // of requests
	token, second string                 // secrets of SHIP-01 and SHIP-02
	clients       atomic.Pointer[string] // address of the daemon, for those who act meanwhile
	paused        *pausedClient
	crowd         *crowd
	erp           *erpServer
	rabbit        *rabbittest.Node
	publisher     *publisher

	background func() []*exec.Cmd
	ending     []func() // what has to be given back
}

func actorOf(ts *testscript.TestScript) *actor { return ts.Value(actorKey{}).(*actor) }

func setScene(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) > 0 {
		ts.Fatalf("scene takes no arguments")
	}
	ts.Check(actorOf(ts).scene(ts))
}

// scene writes what an operator has before the first start, but for what the script brings itself.
func (a *actor) scene(ts *testscript.TestScript) (err error) {
	if a.Scene != nil {
		return nil
	}
	if a.Scene, err = theScene(); err != nil {
		return err
	}
	a.background = ts.BackgroundCmds
	a.trust = signature.NewTrust([]*x509.Certificate{a.Rail.Certificate})
	for name, c := range map[string]pki.Credential{"gateway": a.Gateway, "successor": a.Successor} {
		if _, _, err := c.Write(a.dir, name); err != nil {
			return err
		}
	}
	for name, p := range a.personas() {
		if _, _, err := p.Write(a.dir, name); err != nil {
			return err
		}
	}
	more, err := os.ReadFile(filepath.Join(a.dir, "more.yaml"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for name, text := range map[string][]byte{
		"rail-root.pem":     pki.EncodeCertificates(a.Rail.Certificate),
		"root.pem":          pki.EncodeCertificates(a.Root.Certificate),
		"gatewayd.yaml":     append([]byte(demoConfig), more...),
		"participants.yaml": a.Participants(scene.Participants{More: []string{"SHIP-02"}}),
		"staff.xml":         a.Office.MustSign(a.StaffList(1)),
	} {
		path := filepath.Join(a.dir, name)
		if _, err := os.Stat(path); err == nil {
			continue
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
		"petrova-revoked": a.Revoked,
		"petrova-foreign": a.Impostor, "office": a.Office,
	}
}

// prepared is a store with the registers of the scene and two secrets, made once for all scripts.
var prepared = sync.OnceValues(func() (p struct {
	store         []byte
	token, second string
}, err error) {
	s, err := theScene()
	if err != nil {
		return p, err
	}
	dir, err := os.MkdirTemp("", "gatewayd-prepared-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	if _, _, err := s.Gateway.Write(dir, "gateway"); err != nil {
		return p, err
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string][]byte{
		"gatewayd.yaml":     []byte(demoConfig),
		"participants.yaml": s.Participants(scene.Participants{More: []string{"SHIP-02"}}),
		"staff.xml":         s.StaffList(1),
	} {
		if err := os.WriteFile(at(name), text, 0o600); err != nil {
			return p, err
		}
	}
	run := func(args ...string) (out string) {
		if err == nil {
			out, err = operator(at("gatewayd.yaml"), args...)
		}
		return strings.TrimSpace(out)
	}
	run("init", "--environment", "test")
	run("participants", "import", at("participants.yaml"))
	run("staff", "import", at("staff.xml"))
	p.token, p.second = run("participants", "secret", "SHIP-01"), run("participants", "secret", "SHIP-02")
	if err != nil {
		return p, err
	}
	p.store, err = os.ReadFile(at("gatewayd.db"))
	return p, err
})

// operator runs a command in this process: it costs no start of another.
func operator(config string, args ...string) (string, error) {
	var out, said bytes.Buffer
	code := program(append([]string{"--config", config}, args...), streams{strings.NewReader(""), &out, &said})
	if code != exitDone {
		return out.String(), errors.New(out.String() + said.String())
	}
	return out.String(), nil
}

func prepare(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	ts.Check(a.scene(ts))
	p, err := prepared()
	ts.Check(err)
	config, err := conf.Load(a.config)
	ts.Check(err)
	ts.Check(os.WriteFile(config.Store.Path, p.store, 0o600))
	a.token, a.second = p.token, p.second
	ts.Setenv("TOKEN", a.token)
	ts.Setenv("TOKEN2", a.second)
	ts.Setenv("SOON", time.Now().Add(4*time.Second).Format(time.RFC3339))
	ts.Setenv("LATER", time.Now().Add(time.Hour).Format(time.RFC3339))
	a.authorization = "Bearer " + a.token
	if len(args) == 0 {
		return
	}
	o := scene.Participants{More: []string{"SHIP-02"}}
	v, err := options(args, "push", "rate", "outbox_limit", "memo", "act", "railway")
	ts.Check(err)
	o.Push, o.MemoTerm, o.ActTerm, o.Railway = v["push"], v["memo"], v["act"], v["railway"]
	o.Rate, err = number(v["rate"], 0)
	ts.Check(err)
	o.OutboxLimit, err = number(v["outbox_limit"], 0)
	ts.Check(err)
	file := ts.MkAbs("participants.yaml")
	ts.Check(os.WriteFile(file, a.Participants(o), 0o600))
	_, err = operator(a.config, "participants", "import", file)
	ts.Check(err)
}

// end gives back what was taken, and looks at the store that the script leaves.
func (a *actor) end(t testscript.T) {
	for _, f := range a.ending {
		defer f() // the last first
	}
	if a.Scene == nil {
		return
	}
	failed := false
	for _, c := range a.background() {
		// The script has failed: otherwise none would be left.
		failed = true
		_ = c.Process.Kill()
	}
	config, err := conf.Load(a.config)
	if failed || err != nil {
		return
	}
	if _, err := os.Stat(config.Store.Path); err != nil {
		return
	}
	for _, check := range [][]string{{"store", "check"}, {"journal", "verify"}} {
		if _, err := operator(a.config, check...); err != nil {
			t.Fatal("at the end of the script: gatewayd ", strings.Join(check, " "), ": ", err)
		}
	}
	if err := a.checkSpool(config.Spool.Dir); err != nil {
		t.Fatal("at the end of the script: ", err)
	}
}

// checkSpool believes nothing of ours that the back office got and that does not verify.
func (a *actor) checkSpool(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "out", "*", "*.xml"))
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if rootOf(text) == "" {
			continue
		}
		cms, err := os.ReadFile(strings.TrimSuffix(f, ".xml") + ".p7s")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if _, err := a.open(text, cms); err != nil {
			return err
		}
	}
	return nil
}

// exits runs a program whose exit code is the point.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := number(args[0], 0)
	ts.Check(err)
	c := command(ts, args[1], args[2:]...)
	out, said := ts.Stdout(), ts.Stderr()
	c.Stdout, c.Stderr = out, said
	err = c.Run()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		ts.Check(err)
	}
	if got := c.ProcessState.ExitCode(); got != want {
		ts.Fatalf("%s ends with %d, want %d\n%s%s", strings.Join(args[1:], " "), got, want, out, said)
	}
}

// command is a program in the environment of the script.
func command(ts *testscript.TestScript, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = ts.MkAbs(".")
	c.Stdin = io.NopCloser(strings.NewReader(""))
	for _, v := range []string{"PATH", "GATEWAYD_CONFIG", "GATEWAYD_LOG", "GORACE", "GOCOVERDIR", "TMPDIR", "CRASH", "CLOCK", "LANG"} {
		if value := ts.Getenv(v); value != "" {
			c.Env = append(c.Env, v+"="+value)
		}
	}
	return c
}
