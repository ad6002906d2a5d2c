package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
)

const waitLimit = 20 * time.Second

// Who cannot sign cannot fill the disk: of the documents that failed authenticity only the newest
// are kept, while every verdict stays in the journal.
func TestUnverified_bounded(t *testing.T) {
	w := newWorld(t)
	var first gateway.Receipt
	for i := range 5 {
		r := w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{})))
		w.want(r, schema.Negative, "A05/untrusted")
		if i == 0 {
			first = r
		}
	}
	body, err := w.Body(first.MessageID())
	if err != nil || body != nil {
		t.Errorf("the oldest body is still kept: %d bytes, %v", len(body), err)
	}
	rows, err := w.Journal("SHIP-01", time.Time{}, 100)
	if err != nil || len(rows) != 5 {
		t.Errorf("%d verdicts in the journal, want 5: %v", len(rows), err)
	}
}

// The same holds for who has a trusted certificate and is no registered signatory.
func TestUnverified_boundsSignersWithoutRight(t *testing.T) {
	w := newWorld(t)
	var first gateway.Receipt
	for i := range 5 {
		r := w.accept(w.Unlisted.MustSign(w.Waybill(scene.Waybill{})))
		w.want(r, schema.Negative, "A11/signer-not-registered")
		if i == 0 {
			first = r
		}
	}
	body, err := w.Body(first.MessageID())
	if err != nil || body != nil {
		t.Errorf("the oldest body is still kept: %d bytes, %v", len(body), err)
	}
}

// Its ids come from unverified bytes, and the ЭСИД says so; no id is occupied.
func TestUnverified_occupiesNothing(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	r := w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{DocumentID: id})))
	if e := w.esid(r.Document()); e.InReplyTo.Verified || e.InReplyTo.DocumentID != id {
		t.Errorf("in reply to %+v", e.InReplyTo)
	}
	if _, err := w.Document(context.Background(), "SHIP-01", id); !errors.Is(err, gateway.ErrNoDocument) {
		t.Errorf("got %v, want ErrNoDocument", err)
	}
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))), schema.Positive)
}

// A client that confirms nothing is refused before anything is judged; once it confirms, it goes on.
func TestOutbox_full(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.Options.Now = func() time.Time { return now }
	w.Options.OutboxLimit = 2
	for range 2 {
		w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		now = now.Add(2 * time.Second) // the count is looked up once a second
	}
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	if _, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, gateway.ErrOutboxFull) {
		t.Fatalf("got %v, want ErrOutboxFull", err)
	}
	rows, err := w.queue.List("client/SHIP-01", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.queue.Confirm("client/SHIP-01", rows[0].ID); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Second)
	w.want(w.accept(raw), schema.Positive)
}

// Without a key to acknowledge with, nothing is judged.
func TestAccept_noKey(t *testing.T) {
	w := newWorld(t)
	key := w.Options.Key
	w.Options.Key = func(string) *signature.Key { return nil }
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	if _, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, gateway.ErrNotReady) {
		t.Fatalf("got %v, want ErrNotReady", err)
	}
	w.Options.Key = key
	w.want(w.accept(raw), schema.Positive)
}

// The zero Receipt answers nothing.
func TestReceipt_zero(t *testing.T) {
	if r := (gateway.Receipt{}); r.Valid() || r.Document() != nil || r.MessageID() != "" {
		t.Errorf("the zero Receipt says something: %+v", r)
	}
}

// Hostile text in a document is echoed in the ЭСИД without harm.
func TestAccept_hostileText(t *testing.T) {
	w := newWorld(t)
	for _, station := range []string{"]]>", "a\tb\rc\nd", `"'&<>`, "\u202e\u0000x", strings.Repeat("я", 5000)} {
		raw := w.Waybill(scene.Waybill{})
		r := w.accept(w.Signatory.MustSign([]byte(strings.Replace(string(raw), `station="985609"`,
			`station="`+escaped(station)+`"`, 1))))
		if r.Result() != schema.Negative {
			t.Errorf("%q: %s", station, r.Result())
		}
	}
}

// escaped is a value for an attribute, exact to the character but for what XML cannot hold.
func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;",
		"\u0000", "").Replace(s)
}
