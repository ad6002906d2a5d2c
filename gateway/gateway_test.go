package gateway_test

import (
	"context"
	"crypto/x509"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

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

// world is a gateway on a real store, with the scene's registers in force.
type world struct {
	*gateway.Gateway
	*scene.Scene
	t        testing.TB
	store    *bolt.Store
	queue    *queue.Queue
	register *register.Register
	trust    *signature.Trust // of the gateway's own certificate
}

// theScene is made once: keys cost more than tests.
var theScene = sync.OnceValues(func() (*scene.Scene, error) { return scene.New(time.Now()) })

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	return worldIn(t, s, filepath.Join(t.TempDir(), "gatewayd.db"), true)
}

// worldIn opens the store at path, a new one with registers if fresh.
func worldIn(t testing.TB, s *scene.Scene, path string, fresh bool) *world {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if fresh {
		must(bolt.Create(path, bolt.Meta{Environment: "test", Created: s.Now}))
	}
	db, err := bolt.Open(path, bolt.Options{})
	must(err)
	w := &world{Scene: s, t: t, store: db}
	w.queue = queue.New(db, time.Now)
	w.register = register.Open(db, time.Now)
	key, err := signature.NewKey(s.Gateway.Key, s.Gateway.Chain...)
	must(err)
	w.trust = signature.NewTrust([]*x509.Certificate{s.Gateway.Certificate})
	var ids *queue.IDs
	must(db.View(func(tx store.Reader) error {
		ids = queue.NewIDs(tx, time.Now)
		return nil
	}))
	w.Gateway = gateway.New(gateway.Options{
		Store: db, Queue: w.queue, Register: w.register, NextID: ids.Next,
		Key: func(string) *signature.Key { return key }, Now: time.Now,
		Limits: xmltree.DefaultLimits(), Environment: "test", OutboxLimit: 1000, Unverified: 3,
		Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		w.check()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	must(w.FillLedger(context.Background()))
	if fresh {
		_, err = w.register.ImportParticipants(s.Participants(scene.Participants{More: []string{"SHIP-02"}}), "", "test")
		must(err)
		r := w.office(s.Office.MustSign(s.StaffList(1)))
		if r.Result() != schema.Positive {
			t.Fatalf("staff list: %s %v", r.Result(), r.Findings())
		}
	}
	return w
}

// check holds the store against itself at the end of every test.
func (w *world) check() {
	w.t.Helper()
	if err := w.store.View(queue.Check); err != nil {
		w.t.Error(err)
	}
	err := w.VerifyJournal(context.Background(), func(e gateway.Entry, problem error) {
		if problem != nil {
			w.t.Errorf("journal %s: %v", e.ID, problem)
		}
	})
	if err != nil {
		w.t.Error(err)
	}
	if _, err := w.VerifyLedger(context.Background(), nil, nil, func(about string, problem error) {
		w.t.Errorf("%s: %v", about, problem)
	}); err != nil {
		w.t.Error(err)
	}
}

func (w *world) submission(raw []byte) gateway.Submission {
	return gateway.Submission{Participant: "SHIP-01", Raw: raw, Received: time.Now(), Via: "rest"}
}

// accept sends a document as SHIP-01, and believes no ЭСИД that does not verify.
func (w *world) accept(raw []byte) gateway.Receipt {
	w.t.Helper()
	r, err := w.Accept(context.Background(), w.submission(raw))
	if err != nil {
		w.t.Fatal(err)
	}
	w.esid(r.Document())
	return r
}

func (w *world) office(raw []byte) gateway.Receipt {
	w.t.Helper()
	r, err := w.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: raw, Received: time.Now(), Via: "spool",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) esid(document []byte) schema.ESID {
	w.t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	signed, report := signature.Open(signature.Input{Tree: tree}, w.trust, signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds {
		w.t.Fatalf("ЭСИД does not verify: %v\n%s", report.Faults, document)
	}
	e, err := schema.ReadESID(signed.Root())
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// want fails unless the answer has the result and exactly these codes as errors.
func (w *world) want(r gateway.Receipt, result schema.Result, codes ...string) {
	w.t.Helper()
	var got []string
	for _, f := range r.Findings() {
		if f.Severity == schema.Error {
			got = append(got, f.Code+"/"+f.Reason)
		}
	}
	if r.Result() != result || len(got) != len(codes) {
		w.t.Fatalf("got %s %v, want %s %v", r.Result(), got, result, codes)
	}
	for i := range got {
		if got[i] != codes[i] {
			w.t.Fatalf("got %s %v, want %s %v", r.Result(), got, result, codes)
		}
	}
}

// lane is the kinds and results that wait in a lane, oldest first.
func (w *world) lane(name string) []string {
	w.t.Helper()
	rows, err := w.queue.List(name, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, m := range rows {
		words = append(words, m.Kind+" "+m.Result)
	}
	return words
}
