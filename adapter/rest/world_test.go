package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/store/bolt"
	"asugate/xmltree"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// world is the API before a real gateway on a real store.
type world struct {
	*scene.Scene
	t       testing.TB
	options Options // of the API; change them and call serve
	api     *API
	server  *httptest.Server
	log     *logBuffer
	gateway *gateway.Gateway
	queue   *queue.Queue

	ahead atomic.Int64 // nanoseconds by which the gateway's clock is ahead

	mu   sync.Mutex // protects seen
	seen []Observation
}

// theScene is made once: keys cost more than tests.
var theScene = sync.OnceValues(func() (*scene.Scene, error) { return scene.New(time.Now()) })

// The secrets of the participants are their codes in lower case.
func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Scene: s, t: t, log: &logBuffer{}}
	w.open()
	credentials := Credentials{
		Secret: func(code, secret string) (string, bool, error) {
			owner := strings.ToUpper(secret)
			return owner, strings.HasPrefix(owner, "SHIP-0") && (code == "" || code == owner), nil
		},
		Certificate: func(string) (string, bool, error) { return "", false, nil },
		Client: func(code string) (Client, bool, error) {
			return Client{Code: code, Language: "en", AlwaysOK: code == "SHIP-02"}, true, nil
		},
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.options = Options{
		Authenticate: credentials.Authenticate, Accept: w.gateway.Accept, Verify: w.gateway.Verify,
		Document: w.gateway.Document, Acknowledgment: w.gateway.Acknowledgment,
		WagonList: w.gateway.WagonList, Proof: w.gateway.Proof, Content: w.gateway.Content, MayShow: w.gateway.MayShow,
		Malformed: malformed, Unwrap: gateway.Unwrap, Queue: w.queue, Lane: gateway.ClientLane,
		Certificates: func() []SigningCertificate {
			return []SigningCertificate{{Certificate: s.Gateway.Certificate, State: "current"}}
		},
		Schemas: schema.Schemas(),
		Limits: Limits{
			Document: 1 << 20, InFlight: 8, InFlightPerClient: 4, InFlightWait: 5 * time.Second,
			Handling: 10 * time.Second, WaitMax: 10 * time.Second, Write: 5 * time.Second, Rate: 1000, Burst: 1000,
		},
		Now: time.Now, Log: log,
		Observe: func(o Observation) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.seen = append(w.seen, o)
		},
	}
	w.serve()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log:\n%s", w.log)
		}
	})
	return w
}

// open makes gateway and queue on a new store with the scene's registers.
func (w *world) open() {
	w.t.Helper()
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	path := filepath.Join(w.t.TempDir(), "gatewayd.db")
	must(bolt.Create(path, bolt.Meta{Environment: "test", Created: w.Now}))
	db, err := bolt.Open(path, bolt.Options{})
	must(err)
	w.t.Cleanup(func() {
		must(db.View(queue.Check))
		must(db.Close())
	})
	w.queue = queue.New(db, time.Now)
	reg := register.Open(db, time.Now)
	key, err := signature.NewKey(w.Scene.Gateway.Key, w.Scene.Gateway.Chain...)
	must(err)
	var ids *queue.IDs
	must(db.View(func(tx store.Reader) error {
		ids = queue.NewIDs(tx, time.Now)
		return nil
	}))
	w.gateway = gateway.New(gateway.Options{
		Store: db, Queue: w.queue, Register: reg, NextID: ids.Next,
		Key: func(string) *signature.Key { return key }, Now: w.now,
		Limits: xmltree.DefaultLimits(), Environment: "test", OutboxLimit: 20, Unverified: 3,
		Log: slog.New(slog.DiscardHandler),
	})
	_, err = reg.ImportParticipants(w.Participants(scene.Participants{More: []string{"SHIP-02"}}), "", "test")
	must(err)
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// later puts the gateway's clock forward.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

// malformed is what cmd hands in.
func malformed(err error) (schema.Finding, int, bool) {
	e, ok := errors.AsType[*xmltree.SyntaxError](err)
	if !ok {
		return schema.Finding{}, 0, false
	}
	return schema.SyntaxFinding(e), e.Offset, true
}

// serve begins to serve with the options as they are now.
func (w *world) serve() {
	if w.server != nil {
		w.server.Close()
	}
	w.api = Handler(w.options)
	w.server = httptest.NewServer(w.api)
	w.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.t.Cleanup(w.server.Close)
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	body []byte
}

// do sends a request as SHIP-01 unless headers, "Name: value", say otherwise.
func (w *world) do(method, path string, body []byte, headers ...string) reply {
	w.t.Helper()
	r, err := w.try(method, path, body, headers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) try(method, path string, body []byte, headers ...string) (reply, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, w.server.URL+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer ship-01")
	if body != nil {
		req.Header.Set("Content-Type", "application/xml")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp, b}, err
}

// problem reads a problem and holds it against what every problem is.
func (w *world) problem(t *testing.T, r reply) Problem {
	t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%s, Content-Type %q, body %.300s", r.Status, got, r.body)
	}
	var p Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != r.StatusCode || p.Type != "urn:asugate:problem:"+p.Reason || p.Title == "" {
		t.Errorf("%s: %+v", r.Status, p)
	}
	return p
}

// esid believes no ЭСИД that does not verify.
func (w *world) esid(t *testing.T, document []byte) schema.ESID {
	t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		t.Fatalf("%v in %.300s", err, document)
	}
	trust := signature.NewTrust([]*x509.Certificate{w.Scene.Gateway.Certificate})
	signed, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds {
		t.Fatalf("ЭСИД does not verify: %v\n%s", report.Faults, document)
	}
	e, err := schema.ReadESID(signed.Root())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// waybill is ЭД №1 signed as it should be.
func (w *world) waybill(d scene.Waybill) []byte { return w.Signatory.MustSign(w.Waybill(d)) }

func (w *world) observed() []Observation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Observation(nil), w.seen...)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu sync.Mutex // protects b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

// lines are the records with the message.
func (l *logBuffer) lines(t testing.TB, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(l.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record["msg"] == message {
			found = append(found, record)
		}
	}
	return found
}
