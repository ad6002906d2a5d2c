package gateway_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
)

// sources is what is known of revoked certificates, which a test can change at any time.
type sources struct {
	mu      sync.Mutex
	silent  map[string]bool      // by serial number; "" for all
	revoked map[string]time.Time // by serial number
	crl     []byte
	asked   int
}

// serial is how sources know a persona.
func serial(p *scene.Persona) string { return p.Certificate.SerialNumber.String() }

func (s *sources) Status(c, _ *x509.Certificate, at time.Time) signature.Revocation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	number := c.SerialNumber.String()
	known := signature.Revocation{Source: "crl", Produced: at, Evidence: s.crl}
	since, revoked := s.revoked[number]
	switch {
	case s.silent[""] || s.silent[number]:
		return signature.Revocation{State: signature.RevocationUnknown, Why: "no answer"}
	case revoked && !since.After(at):
		known.State, known.RevokedAt, known.Reason = signature.RevocationRevoked, since, "keyCompromise"
	default:
		known.State = signature.RevocationGood
	}
	return known
}

// hush makes the sources silent about these personas, or about all.
func (s *sources) hush(who ...*scene.Persona) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = map[string]bool{"": len(who) == 0}
	for _, p := range who {
		s.silent[serial(p)] = true
	}
}

// speak lets the sources answer about everybody.
func (s *sources) speak() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = nil
}

func (s *sources) revoke(p *scene.Persona, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = map[string]time.Time{serial(p): since}
}

// silentWorld is a world whose sources are silent about the people of the shipper.
func silentWorld(t *testing.T) (*world, *sources) {
	t.Helper()
	w := newWorld(t)
	s := &sources{crl: []byte("a list of revoked certificates")}
	w.Options.Revocations = s
	s.hush(w.Signatory, w.Performer)
	return w, s
}

func (w *world) decide() {
	w.t.Helper()
	if err := w.DecideDeferred(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// interim sends a document that nobody can decide now.
func (w *world) interim(raw []byte) gateway.Receipt {
	w.t.Helper()
	r := w.accept(raw)
	w.want(r, schema.Deferred)
	return r
}

// state is that of a document as lists show it.
func (w *world) state(id string) string {
	w.t.Helper()
	d, err := w.Document(context.Background(), "SHIP-01", id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.State
}

// One interim ЭСИД, then one final one, by the receipt that the document had.
func TestDeferred_decided(t *testing.T) {
	for _, c := range []struct {
		name   string
		then   func(w *world, s *sources)
		result schema.Result
		codes  []string
		office int // messages for the back office
		state  string
	}{
		{"good", func(*world, *sources) {}, schema.Positive, nil, 2, "accepted"},
		{"revoked before receipt", func(w *world, s *sources) {
			s.revoke(w.Signatory, time.Now().Add(-time.Hour))
		}, schema.Negative, []string{"A07/revoked"}, 0, "refused"},
		{"revoked since", func(w *world, s *sources) {
			s.revoke(w.Signatory, time.Now().Add(time.Hour))
		}, schema.Positive, nil, 2, "accepted"},
		{"no longer a signatory", func(w *world, _ *sources) {
			text := bytes.Replace(w.Participants(scene.Participants{}),
				[]byte("kinds: [Waybill, "), []byte("kinds: ["), 1)
			if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
				w.t.Fatal(err)
			}
		}, schema.Negative, []string{"A11/signer-not-registered"}, 0, "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := silentWorld(t)
			before := w.lane("office")
			id := scene.NewID()
			document := w.Waybill(scene.Waybill{DocumentID: id})
			raw := w.Signatory.MustSign(document)
			first := w.interim(raw)
			e := w.esid(first.Document())
			if e.Stage != schema.Authenticity || e.Permits != nil || !e.InReplyTo.Verified {
				t.Errorf("the interim ЭСИД: %+v", e)
			}
			if i := slices.IndexFunc(e.Findings, func(f schema.Finding) bool {
				return f.Reason == "revocation-pending" && f.Severity == schema.Info && f.Expected != ""
			}); i < 0 {
				t.Errorf("it does not say until when: %+v", e.Findings)
			}
			if got := w.state(id); got != "deferred" {
				t.Errorf("state %s", got)
			}
			w.decide() // nothing is known yet
			if again := w.accept(raw); !bytes.Equal(again.Document(), first.Document()) {
				t.Error("the same bytes got another answer")
			}
			if again := w.accept(w.Signatory.MustSign(document)); again.MessageID() != first.MessageID() {
				t.Error("the same content, signed anew, got another answer")
			}
			other := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Station: "985502"}))
			w.want(w.accept(other), schema.Conflict, "A09/id-conflict")
			if got := w.lane("office"); len(got) != len(before) {
				t.Fatalf("the back office has got %v", got)
			}

			s.speak()
			c.then(w, s)
			for range 2 { // the second time there is nothing left to decide
				w.decide()
			}
			final := w.accept(raw)
			w.want(final, c.result, c.codes...)
			f := w.esid(final.Document())
			if f.Supersedes != first.MessageID() || !f.Basis.Moment.Equal(e.Basis.Moment) || f.InReplyTo != e.InReplyTo {
				t.Errorf("the final ЭСИД: %+v", f)
			}
			want := []string{"ESID deferred", "ESID conflict", "ESID " + string(c.result)}
			if diff := cmp.Diff(want, w.lane("client/SHIP-01")); diff != "" {
				t.Error(diff)
			}
			if got := len(w.lane("office")) - len(before); got != c.office {
				t.Errorf("%d messages for the back office, want %d", got, c.office)
			}
			if got := w.state(id); got != c.state {
				t.Errorf("state %s, want %s", got, c.state)
			}
			// The other content is judged on its own merits once the id is free.
			if c.result == schema.Negative && c.codes[0] == "A07/revoked" {
				s.revoke(w.Office, time.Time{})
				w.want(w.accept(w.Signatory.MustSign(document)), schema.Positive)
			}
		})
	}
}

// What is certain is said at once: nobody waits a day for it.
func TestDeferred_certain(t *testing.T) {
	w, s := silentWorld(t)
	s.hush()
	w.want(w.accept(w.Signatory.MustSign([]byte(strings.Replace(string(w.Waybill(scene.Waybill{})),
		"<Traffic>", "<Unknown/><Traffic>", 1)))), schema.Negative, "A01/unexpected-element")
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{Sender: "SHIP-02"}))),
		schema.Negative, "A11/sender-not-allowed")
	w.want(w.accept(w.Unlisted.MustSign(w.Waybill(scene.Waybill{}))), schema.Negative, "A11/signer-not-registered")
}

// ЭД №2 on a deferred ЭД №1 is W18; it can be sent again. A version that is deferred does not touch one
// that was accepted.
func TestDeferred_predecessor(t *testing.T) {
	w, s := silentWorld(t)
	s.hush(w.Signatory)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.interim(waybill)
	placement := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))
	first := w.accept(placement)
	w.want(first, schema.Negative, "W18/predecessor-deferred")
	if again := w.accept(placement); again.MessageID() != first.MessageID() {
		t.Error("nothing has changed, and it was judged anew")
	}
	s.speak()
	w.decide()
	again := w.accept(placement)
	w.want(again, schema.Positive)
	if e := w.esid(again.Document()); e.Supersedes != first.MessageID() || len(e.Permits) != 1 {
		t.Errorf("%+v", e)
	}

	// A second version, deferred: the permission stands until it is accepted.
	s.hush(w.Signatory)
	second := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 2}))
	if e := w.esid(w.interim(second).Document()); e.Withdraws != "" {
		t.Errorf("the interim ЭСИД withdraws %s", e.Withdraws)
	}
	next := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(second, id, 2)}))
	w.want(w.accept(next), schema.Negative, "W18/predecessor-deferred")
	s.speak()
	w.decide()
	if e := w.esid(w.accept(second).Document()); e.Result != schema.Positive {
		t.Errorf("the final ЭСИД: %s", e.Result)
	}
	if got := w.withdrawals(); len(got) != 1 || got[0].Withdraws != again.MessageID() {
		t.Errorf("withdrawals: %+v", got)
	}
	w.want(w.accept(next), schema.Positive)
}

// Refused in the end, the ЭД №1 is none: the same ЭД №2 now hears that.
func TestDeferred_predecessorRefused(t *testing.T) {
	w, s := silentWorld(t)
	s.hush(w.Signatory)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.interim(waybill)
	placement := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))
	w.want(w.accept(placement), schema.Negative, "W18/predecessor-deferred")
	s.speak()
	s.revoke(w.Signatory, time.Now().Add(-time.Hour))
	w.decide()
	w.want(w.accept(placement), schema.Negative, "W07/no-waybill")
}

// Whatever comes meanwhile is judged on its own; the deferred document then meets what it has become.
func TestDeferred_meanwhile(t *testing.T) {
	for _, c := range []struct {
		name  string
		then  func(w *world, s *sources, id string)
		codes []string
		state string
	}{
		// A newer version is accepted first: the deferred one is overtaken.
		{"newer version", func(w *world, s *sources, id string) {
			w.want(w.accept(w.Deputy.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 2, Signatory: w.Deputy}))),
				schema.Positive)
		}, []string{"W16/version-not-newer"}, "accepted"},
		// The consignor goes over to paper, for good.
		{"paper", func(w *world, s *sources, id string) {
			s.speak()
			w.want(w.accept(w.Signatory.MustSign(w.PaperSwitch(scene.PaperSwitch{Waybill: id}))), schema.Positive)
		}, []string{"W13/paper"}, "refused"},
		// A newer version is deferred, too: both are decided in their order.
		{"newer version deferred", func(w *world, s *sources, id string) {
			w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 2})))
		}, nil, "accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := silentWorld(t)
			text := withSignatory(w.Participants(scene.Participants{}), w.Deputy)
			if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
				t.Fatal(err)
			}
			id := scene.NewID()
			raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
			w.interim(raw)
			c.then(w, s, id)
			s.speak()
			w.decide()
			result := schema.Positive
			if c.codes != nil {
				result = schema.Negative
			}
			w.want(w.accept(raw), result, c.codes...)
			if got := w.state(id); got != c.state {
				t.Errorf("state %s, want %s", got, c.state)
			}
		})
	}
}

// The process stops while a document is deferred; the next one decides it.
func TestDeferred_restart(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	raw := s.Signatory.MustSign(s.Waybill(scene.Waybill{}))
	var interim gateway.Receipt
	t.Run("before the stop", func(t *testing.T) {
		w := worldIn(t, s, path, true)
		silent := &sources{}
		silent.hush()
		w.Options.Revocations = silent
		interim = w.interim(raw)
	})
	t.Run("after the start", func(t *testing.T) {
		w := worldIn(t, s, path, false)
		ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
		defer cancel()
		if _, err := w.queue.Confirm("client/SHIP-01", interim.MessageID()); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- w.RunDeferred(ctx) }()
		m, body, ok, err := w.queue.Next(ctx, "client/SHIP-01", waitLimit)
		if err != nil || !ok {
			t.Fatalf("no final ЭСИД: %v", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if e := w.esid(body); e.Result != schema.Positive || e.MessageID != m.ID || e.Supersedes != interim.MessageID() {
			t.Errorf("%+v", e)
		}
	})
}

// A document accepted for later judgement that cannot be decided gets its interim ЭСИД through the
// lane, then the final one.
func TestDeferred_async(t *testing.T) {
	w, s := silentWorld(t)
	if _, err := w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))); err != nil {
		t.Fatal(err)
	}
	w.pend("client/SHIP-01", 1)
	s.speak()
	w.decide()
	if diff := cmp.Diff([]string{"ESID positive"}, w.lane("client/SHIP-01")); diff != "" {
		t.Error(diff)
	}
}

// The railway's own documents are deferred likewise; their answers go to the back office. A list that
// is decided and then held for the operator says so.
func TestDeferred_office(t *testing.T) {
	w, s := silentWorld(t)
	s.hush(w.Office)
	list := w.Office.MustSign(w.StaffList(2))
	shrunk := w.Office.MustSign(w.StaffList(3, w.Entries()[:2]...))
	w.want(w.office(list), schema.Deferred)
	w.want(w.office(shrunk), schema.Deferred)
	if v := w.staffVersion(); v != 1 {
		t.Fatalf("version %d is in force", v)
	}
	s.speak()
	w.decide()
	w.want(w.office(list), schema.Positive)
	w.want(w.office(shrunk), schema.Deferred)
	if v := w.staffVersion(); v != 2 {
		t.Fatalf("version %d is in force", v)
	}
	if _, err := w.register.Release(scene.ShipperINN); err != nil {
		t.Fatal(err)
	}
	if err := w.SettleHeld(); err != nil {
		t.Fatal(err)
	}
	w.want(w.office(shrunk), schema.Positive)
	want := []string{
		"ESID positive", "ESID deferred", "ESID deferred", "ESID positive", "ESID deferred", "ESID positive",
	}
	if diff := cmp.Diff(want, w.lane("office")); diff != "" {
		t.Error(diff)
	}
}

// withSignatory registers one more person who may sign ЭД №1.
func withSignatory(participants []byte, p *scene.Persona) []byte {
	const list = "        signatories:\n"
	entry := list + "          - {name: " + p.Name + ", snils: \"" + p.SNILS + "\", kinds: [Waybill]}\n"
	return bytes.Replace(participants, []byte(list), []byte(entry), 1)
}

// The moment of a deferred document stays what it was, also when the register says otherwise meanwhile of
// the time that a signer states.
func TestDeferred_moment(t *testing.T) {
	for name, rule := range map[string]string{"stated": "24h", "receipt": "never"} {
		t.Run(name, func(t *testing.T) {
			w, s := silentWorld(t)
			rules := func(age string) {
				t.Helper()
				text := strings.Replace(string(w.Participants(scene.Participants{})),
					"policy: {", "policy: {signing_time_age: "+age+", ", 1)
				if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
					t.Fatal(err)
				}
			}
			rules(rule)
			key, err := signature.NewKey(w.Signatory.Key, w.Signatory.Chain...)
			must(t, err)
			sub := w.submission(w.Waybill(scene.Waybill{}))
			sub.Detached, err = key.SignDetached(sub.Raw)
			must(t, err)
			sub.Received = time.Now().Add(time.Hour)
			first, err := w.Accept(context.Background(), sub)
			must(t, err)
			w.want(first, schema.Deferred)
			moment := first.Entry().Basis.Moment
			if stated := moment.Before(sub.Received.Truncate(time.Millisecond)); stated != (rule == "24h") {
				t.Fatalf("received %v, the moment is %v", sub.Received, moment)
			}
			rules(map[string]string{"24h": "never", "never": "24h"}[rule])
			s.speak()
			w.decide()
			final, err := w.Accept(context.Background(), sub)
			must(t, err)
			w.want(final, schema.Positive)
			if e := w.esid(final.Document()); !e.Basis.Moment.Equal(moment) {
				t.Errorf("the moment was %v, and is %v", moment, e.Basis.Moment)
			}
			if got := w.audit(); got != nil { // by the rules of then, the moment is the same
				t.Error(got)
			}
		})
	}
}
