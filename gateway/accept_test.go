package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/xmltree"
)

// The whole road: ЭД №1, then ЭД №2 that names it, each answered, forwarded and acknowledged.
func TestAccept_consignment(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	first := w.accept(waybill)
	w.want(first, schema.Positive)
	if e := w.esid(first.Document()); e.Stage != schema.Authenticity || len(e.Permits) != 0 {
		t.Errorf("ЭД №1: stage %s, permits %v", e.Stage, e.Permits)
	}
	second := w.accept(w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)})))
	w.want(second, schema.Positive)
	e := w.esid(second.Document())
	if e.Stage != schema.Legitimacy || !cmp.Equal(e.Permits, []string{"wagon-list"}) {
		t.Errorf("ЭД №2: stage %s, permits %v", e.Stage, e.Permits)
	}
	if e.Basis.Staff != scene.ShipperINN+":1" || e.Basis.Trust != 1 {
		t.Errorf("basis: %+v", e.Basis)
	}
	want := []string{"ESID positive", "ESID positive"}
	if diff := cmp.Diff(want, w.lane("client/SHIP-01")); diff != "" {
		t.Error(diff)
	}
	want = []string{"ESID positive", "Waybill positive", "ESID positive", "Placement positive", "ESID positive"}
	if diff := cmp.Diff(want, w.lane("office")); diff != "" { // the first is on the staff list
		t.Error(diff)
	}
}

// «Same document again», contracts.md.
func TestAccept_again(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	document := w.Waybill(scene.Waybill{DocumentID: id})
	raw := w.Signatory.MustSign(document)
	first := w.accept(raw)
	w.want(first, schema.Positive)

	// The same bytes: the stored answer, byte for byte, and nothing new in any lane.
	lane := len(w.lane("office"))
	again := w.accept(raw)
	if !bytes.Equal(first.Document(), again.Document()) || !again.Repeated() {
		t.Error("the same bytes got another answer")
	}
	// The same content signed anew (ECDSA signatures differ each time): the stored answer.
	anew := w.accept(w.Signatory.MustSign(document))
	if !bytes.Equal(first.Document(), anew.Document()) {
		t.Error("the same content got another answer")
	}
	if got := len(w.lane("office")); got != lane {
		t.Errorf("a repeat made %d messages", got-lane)
	}
	// Other content under the same id and version: conflict, and the first one stays.
	other := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Cargo: "Уголь"})))
	w.want(other, schema.Conflict, "A09/id-conflict")
	if r := w.accept(raw); r.Result() != schema.Positive {
		t.Errorf("after the conflict the first is %s", r.Result())
	}
	// The next version: accepted; an older one after it: W16, also with a gap.
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 5}))), schema.Positive)
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 3, Cargo: "Лес"}))),
		schema.Negative, "W16/version-not-newer")
	// The same id from another participant is another document.
	r, err := w.Accept(context.Background(), gateway.Submission{
		Participant: "SHIP-02", Received: time.Now(), Via: "rest",
		Raw: w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Sender: "SHIP-02"})),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.want(r, schema.Positive)
}

// A refused document occupies no id: corrected and signed anew, the same version is accepted.
func TestAccept_refusedThenCorrected(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	bad := w.Unlisted.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	r := w.accept(bad)
	w.want(r, schema.Negative, "A11/signer-not-registered")
	if diff := cmp.Diff([]string{"correct-and-resend", "paper"}, w.esid(r.Document()).Exits); diff != "" {
		t.Error(diff)
	}
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))), schema.Positive)
}

// A refusal is repeated only while its basis is unchanged; then it is judged afresh and superseded.
func TestAccept_refusalJudgedAfresh(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	early := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))
	first := w.accept(early)
	w.want(first, schema.Negative, "W07/no-waybill")
	if again := w.accept(early); !bytes.Equal(first.Document(), again.Document()) {
		t.Error("nothing has changed, yet the refusal is another")
	}
	w.want(w.accept(waybill), schema.Positive)
	second := w.accept(early)
	w.want(second, schema.Positive)
	if got := w.esid(second.Document()).Supersedes; got != first.MessageID() {
		t.Errorf("supersedes %q, want %q", got, first.MessageID())
	}
}

// Bytes that are no document, and senders that nobody knows, are errors: nothing is kept.
func TestAccept_errors(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		s    gateway.Submission
		want error
	}{
		{"not XML", w.submission([]byte(`{"kind":"Waybill"}`)), gateway.ErrNotDocument},
		{"empty", w.submission(nil), gateway.ErrNotDocument},
		{"DOCTYPE", w.submission([]byte(`<!DOCTYPE a><a/>`)), gateway.ErrNotDocument},
		{"unknown participant", gateway.Submission{Participant: "NOBODY", Raw: []byte("<a/>"), Received: time.Now()}, gateway.ErrUnknownParticipant},
		{"a railway as a client", gateway.Submission{Participant: "RZD", Raw: []byte("<a/>"), Received: time.Now()}, gateway.ErrUnknownParticipant},
		{"a client as the office", gateway.Submission{Participant: "SHIP-01", Office: true, Raw: []byte("<a/>"), Received: time.Now()}, gateway.ErrUnknownParticipant},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := w.Accept(context.Background(), c.s)
			if !errors.Is(err, c.want) || r.Valid() {
				t.Errorf("got %v, valid %t, want %v", err, r.Valid(), c.want)
			}
			var syntax *xmltree.SyntaxError
			if c.want == gateway.ErrNotDocument && !errors.As(err, &syntax) {
				t.Errorf("%v does not say where", err)
			}
		})
	}
	if got := w.lane("client/SHIP-01"); got != nil {
		t.Errorf("something is in the lane: %v", got)
	}
}

// The same request many times at once: one verdict, and everybody gets the same bytes.
func TestAccept_parallelSame(t *testing.T) {
	w := newWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	answers := make([][]byte, 32)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			r, err := w.Accept(context.Background(), w.submission(raw))
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = r.Document()
		})
	}
	all.Wait()
	for i := range answers {
		if !bytes.Equal(answers[i], answers[0]) {
			t.Fatalf("answer %d differs", i)
		}
	}
	if got := w.lane("client/SHIP-01"); len(got) != 1 {
		t.Errorf("lane: %v", got)
	}
}

// Two documents with one id and version at once: one is accepted, the other is in conflict.
func TestAccept_parallelConflict(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		id := scene.NewID()
		results := make([]schema.Result, 2)
		var both sync.WaitGroup
		for i, cargo := range []string{"Лес", "Уголь"} {
			raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Cargo: cargo}))
			both.Go(func() {
				r, err := w.Accept(context.Background(), w.submission(raw))
				if err != nil {
					t.Error(err)
				}
				results[i] = r.Result()
			})
		}
		both.Wait()
		positive := results[0] == schema.Positive && results[1] == schema.Conflict
		if !positive && !(results[1] == schema.Positive && results[0] == schema.Conflict) {
			t.Fatalf("results %v", results)
		}
	}
}

// The same content signed anew has got the stored ЭСИД: its bytes get it from then on, as the first
// ones do, also when nobody would trust their certificate any more.
func TestAccept_againSignedAnew(t *testing.T) {
	w := newWorld(t)
	document := w.Waybill(scene.Waybill{})
	first, anew := w.Signatory.MustSign(document), w.Signatory.MustSign(document)
	answer := w.accept(first)
	w.want(answer, schema.Positive)
	w.accept(anew)
	root := string(pki.EncodeCertificates(w.Root.Certificate))
	text := string(w.Participants(scene.Participants{More: []string{"SHIP-02"}}))
	rail := string(pki.EncodeCertificates(w.Rail.Certificate))
	text = strings.ReplaceAll(text, indented(root), indented(rail))
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	for _, raw := range [][]byte{first, anew} {
		if r := w.accept(raw); !bytes.Equal(r.Document(), answer.Document()) {
			t.Errorf("an accepted document is %s now: %v", r.Result(), r.Findings())
		}
	}
}

// indented is a PEM as it stands in the register of the scene.
func indented(pem string) string {
	return strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n        ")
}
