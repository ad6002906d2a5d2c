package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

// logged is what the log says from now on.
func (a *archive) logged() *bytes.Buffer {
	var out bytes.Buffer
	a.Options.Log = slog.New(slog.NewTextHandler(&out, nil))
	return &out
}

// What a wrong clock makes old is not let go; a gap that a person has vouched for is one in time.
func TestRetention_clock(t *testing.T) {
	ahead := func(d time.Duration) func(a *archive) { return func(a *archive) { a.now = a.now.Add(d) } }
	look := func(a *archive) { _ = a.Retire(context.Background()) }
	resume := func(a *archive) { _, err := a.ResumeRetention(); must(a.t, err) }
	refuse := func(a *archive) { a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{}))) }
	for _, c := range []struct {
		name  string
		steps []func(a *archive)
		held  bool
		kept  bool // the bytes of what was refused before the first step
	}{
		// Holidays, a repair: it goes on by itself.
		{"a month", []func(*archive){look, ahead(31 * day), look}, false, false},
		{"more than a month", []func(*archive){look, ahead(31*day + time.Second), look}, true, true},
		{"ten years", []func(*archive){look, ahead(3652 * day), look}, true, true},
		// It does not get used to it.
		{"ten years, hours later", []func(*archive){look, ahead(3652 * day), look, ahead(time.Hour), look, ahead(day), look}, true, true},
		// Verdicts that are dated by the wrong clock are no proof of it.
		{"ahead, and documents come", []func(*archive){look, ahead(300 * day), refuse, look, refuse, look}, true, true},
		{"ahead and back", []func(*archive){look, ahead(3652 * day), look, ahead(-3652 * day), look}, false, true},
		{"ahead, back, and time goes by", []func(*archive){look, ahead(3652 * day), look, ahead(-3640 * day), look}, false, false},
		// A store of an earlier program begins in 2036: the newest verdict tells.
		{"never looked before", []func(*archive){ahead(3652 * day), look, look}, true, true},
		{"never looked before, and documents come", []func(*archive){ahead(300 * day), look, refuse, look}, true, true},
		// Nobody ran for long, and a person says so.
		{"vouched for", []func(*archive){look, ahead(35 * day), look, resume, look}, false, false},
		// Without a battery it is 1970 until the time is heard.
		{"1970 and back", []func(*archive){look, ahead(-20_000 * day), look, ahead(20_000 * day), look}, false, true},
		{"vouched for by mistake, and back", []func(*archive){
			resume, ahead(-100 * day), resume, ahead(100 * day), look}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t)
			r := a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{})))
			if r.Result() != schema.Negative {
				t.Fatalf("got %s", r.Result())
			}
			a.confirmAll()
			for _, step := range c.steps {
				step(a)
			}
			if held := a.RetentionHeld(); errors.Is(held, gateway.ErrClockLeapt) != c.held {
				t.Errorf("held: %v, want %t", held, c.held)
			}
			if kept := a.kept(r.MessageID()); kept != c.kept {
				t.Errorf("kept %t, want %t", kept, c.kept)
			}
		})
	}
}

// The log says once what to do, and once that it goes on.
func TestRetention_clockIsTold(t *testing.T) {
	a := newArchive(t)
	a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{})))
	a.confirmAll()
	a.afterwards(time.Hour)
	out := a.logged()
	a.now = a.now.Add(3652 * day)
	for range 3 {
		if err := a.Retire(context.Background()); !errors.Is(err, gateway.ErrClockLeapt) {
			t.Fatalf("got %v", err)
		}
	}
	if n := strings.Count(out.String(), "gatewayd retention resume"); n != 1 {
		t.Errorf("told %d times: %s", n, out)
	}
	a.now = a.now.Add(-3652 * day)
	must(t, a.Retire(context.Background()))
	must(t, a.Retire(context.Background()))
	if n := strings.Count(out.String(), "let go again"); n != 1 {
		t.Errorf("told %d times that it goes on: %s", n, out)
	}
}

// Records that cannot be read stay, with the evidence that they may need; the log names ten of them, once,
// and everything else goes.
func TestRetention_unreadable(t *testing.T) {
	a := newArchive(t)
	a.Options.Unverified = 1000
	var refused []string
	for range 15 {
		refused = append(refused, a.send(a.Unlisted.MustSign(a.Waybill(scene.Waybill{}))).MessageID())
	}
	a.confirmAll()
	kept := map[string][]byte{}
	must(t, a.store.Update(func(tx store.Tx) error {
		for _, id := range refused[:13] {
			kept[id] = bytes.Clone(tx.Get("journal", []byte(id)))
			tx.Put("journal", []byte(id), []byte("{"))
		}
		return nil
	}))
	out, proofs := a.logged(), a.count("evidence")
	for range 4 {
		a.afterwards(25 * day)
	}
	for i, id := range refused {
		there := false
		must(t, a.store.View(func(tx store.Reader) error {
			there = tx.Get("journal", []byte(id)) != nil
			return nil
		}))
		if there != (i < 13) {
			t.Errorf("record %d is kept: %t", i, there)
		}
	}
	if now := a.count("evidence"); now != proofs {
		t.Errorf("%d pieces of evidence, were %d", now, proofs)
	}
	if n := strings.Count(out.String(), "a record is kept because"); n != 10 {
		t.Errorf("%d records are named:\n%s", n, out)
	}
	if n := strings.Count(out.String(), "let go\" records=13"); n != 1 {
		t.Errorf("the count is told %d times:\n%s", n, out)
	}
	must(t, a.store.Update(func(tx store.Tx) error {
		for id, v := range kept {
			tx.Put("journal", []byte(id), v)
		}
		return nil
	}))
	a.afterwards(day)
	for i, id := range refused {
		if _, err := a.JournalEntry(id); err == nil {
			t.Errorf("record %d is kept although it can be read again", i)
		}
	}
}

// slow is a store where a version of the register must not be read in a transaction that writes: others wait
// for that one, and reading a version takes long.
type slow struct {
	store.Store
	before func() // each Update
	read   int    // how often it was
}

type slowTx struct {
	store.Tx
	slow *slow
}

func (s *slow) Update(write func(store.Tx) error) error {
	s.before()
	return s.Store.Update(func(tx store.Tx) error { return write(slowTx{tx, s}) })
}

func (s slowTx) Get(t store.Table, k []byte) []byte {
	if t == "participants-bodies" {
		s.slow.read++
	}
	return s.Tx.Get(t, k)
}

// Whether a waybill waits for an ЭД №2 depends on the register of then, which is read beforehand.
func TestRetention_registerIsReadBefore(t *testing.T) {
	a := newArchive(t)
	text := string(a.Participants(scene.Participants{}))
	text = strings.Replace(text, "placement: signed", "placement: by-hand", 1)
	text = strings.Replace(text, "covers: [Waybill, Placement, ", "covers: [Waybill, ", 1)
	_, err := a.register.ImportParticipants([]byte(text), "", "test")
	must(t, err)
	r := a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
	a.want(r, schema.Positive)
	a.confirmAll()
	watched := &slow{Store: a.store}
	watched.before = func() { // whatever was compiled has been forgotten meanwhile
		a.Options.Register = register.Open(a.store, time.Now)
	}
	a.Options.Store = watched
	a.afterwards(61 * day)
	if a.kept(r.MessageID()) {
		t.Error("the document is kept after its time")
	}
	if watched.read > 0 {
		t.Errorf("a version of the register was read in %d transactions", watched.read)
	}
}
