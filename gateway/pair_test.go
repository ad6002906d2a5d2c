package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/store"
)

// messages are what waits in a lane, oldest first.
func (w *world) messages(lane string) []queue.Entry {
	w.t.Helper()
	rows, err := w.queue.List(lane, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// withdrawals are the ЭСИД in the client's lane by which a permission ends. Each is in the lane of the
// office, too, once, with the same bytes.
func (w *world) withdrawals() []schema.ESID {
	w.t.Helper()
	office := map[string]int{}
	for _, m := range w.messages("office") {
		office[m.Body]++
	}
	var found []schema.ESID
	for _, m := range w.messages("client/SHIP-01") {
		document, _, err := w.Acknowledgment(m.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		e := w.esid(document)
		if e.Withdraws == "" {
			continue
		}
		if found = append(found, e); office[m.Body] != 1 {
			w.t.Errorf("the withdrawal %s is %d times in the lane of the office", m.ID, office[m.Body])
		}
	}
	return found
}

// pair is a consignment with both documents accepted.
type pair struct {
	id, placementID    string
	waybill, placement []byte
	permission         gateway.Receipt
}

func (w *world) pair() pair {
	w.t.Helper()
	p := pair{id: scene.NewID(), placementID: scene.NewID()}
	p.waybill = w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: p.id}))
	w.want(w.accept(p.waybill), schema.Positive)
	p.placement = w.Performer.MustSign(w.Placement(scene.Placement{
		DocumentID: p.placementID, Waybill: scene.ReferenceTo(p.waybill, p.id, 1),
	}))
	p.permission = w.accept(p.placement)
	w.want(p.permission, schema.Positive)
	return p
}

// endings are the documents that end a permission, who signs them, and what the withdrawal says.
var endings = []struct {
	name   string
	next   func(w *world, p pair) (*scene.Persona, []byte)
	reason string
	exits  []string
}{
	{"another version of ЭД №1", func(w *world, p pair) (*scene.Persona, []byte) {
		return w.Signatory, w.Waybill(scene.Waybill{DocumentID: p.id, Version: 2})
	}, "W07/waybill-changed", []string{"correct-and-resend", "paper"}},
	{"another version of ЭД №2", func(w *world, p pair) (*scene.Persona, []byte) {
		return w.Performer, w.Placement(scene.Placement{
			DocumentID: p.placementID, Version: 2, Waybill: scene.ReferenceTo(p.waybill, p.id, 1),
		})
	}, "W16/replaced", nil},
	{"another ЭД №2", func(w *world, p pair) (*scene.Persona, []byte) {
		return w.Performer, w.Placement(scene.Placement{Waybill: scene.ReferenceTo(p.waybill, p.id, 1)})
	}, "W16/replaced", nil},
	{"paper", func(w *world, p pair) (*scene.Persona, []byte) {
		return w.Signatory, w.PaperSwitch(scene.PaperSwitch{Waybill: p.id})
	}, "W13/paper", nil},
}

// A permission ends when one of the two documents that it is for is replaced, or paper takes over: an
// ЭСИД of its own says so, in answer to the ЭД №2, to the client and to the office, once.
func TestWithdrawal(t *testing.T) {
	for _, c := range endings {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.pair()
			signer, document := c.next(w, p)
			// What is refused ends nothing.
			w.accept(w.Unlisted.MustSign(document))
			if got := w.withdrawals(); got != nil {
				t.Fatalf("a refused document withdraws %+v", got)
			}
			raw := signer.MustSign(document)
			next := w.accept(raw)
			w.want(next, schema.Positive)
			if again := w.accept(raw); !bytes.Equal(again.Document(), next.Document()) {
				t.Error("resent, it gets another answer")
			}
			got := w.withdrawals()
			if len(got) != 1 {
				t.Fatalf("%d withdrawals, want one", len(got))
			}
			e, of := got[0], p.permission.Entry()
			want := schema.InReplyTo{
				Kind: schema.KindPlacement, DocumentID: of.DocumentID, Version: 1,
				Raw: of.Raw, Content: of.Content, Verified: true,
			}
			if diff := cmp.Diff(want, e.InReplyTo); diff != "" {
				t.Error(diff)
			}
			if e.Withdraws != of.ID || e.Result != schema.Negative || e.Stage != schema.Legitimacy || e.Permits != nil {
				t.Errorf("%+v", e)
			}
			if diff := cmp.Diff(c.exits, e.Exits); diff != "" {
				t.Error(diff)
			}
			if f := e.Findings; len(f) != 1 || f[0].Code+"/"+f[0].Reason != c.reason || f[0].Severity != schema.Error {
				t.Errorf("findings %+v", f)
			}
			if w.esid(next.Document()).Withdraws != "" {
				t.Error("the ЭСИД on the document withdraws as well")
			}
			// The same ЭД №2 again: its stored answer, as ever.
			if r := w.accept(p.placement); !bytes.Equal(r.Document(), p.permission.Document()) {
				t.Error("the stored ЭСИД of the ЭД №2 has changed")
			}
		})
	}
}

// In every lane the end of a permission stands before what takes its place.
func TestWithdrawal_order(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	signer, document := endings[1].next(w, p)
	r := w.accept(signer.MustSign(document))
	w.want(r, schema.Positive)
	withdrawal := w.withdrawals()[0].MessageID
	var got []string
	for _, m := range w.messages("client/SHIP-01")[2:] {
		got = append(got, m.Body)
	}
	if diff := cmp.Diff([]string{withdrawal, r.MessageID()}, got); diff != "" {
		t.Errorf("client's lane: %s", diff)
	}
	got = nil
	for _, m := range w.messages("office")[5:] { // the staff list's ЭСИД, two documents with theirs
		got = append(got, m.Body)
	}
	if diff := cmp.Diff([]string{withdrawal, r.Entry().Body(), r.MessageID()}, got); diff != "" {
		t.Errorf("office: %s", diff)
	}
}

// The journal has the withdrawal, with what it ends and what ended it, and the document shows it.
func TestWithdrawal_recorded(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: p.id, Version: 2})))
	id := w.withdrawals()[0].MessageID
	e, err := w.JournalEntry(id)
	if err != nil || e.Withdraws != p.permission.MessageID() || e.Because != r.MessageID() {
		t.Errorf("%+v, %v", e, err)
	}
	d, err := w.Document(context.Background(), "SHIP-01", p.placementID)
	if err != nil || d.State != "withdrawn" || len(d.Versions) != 2 || d.Versions[1].ID != id {
		t.Errorf("%+v, %v", d, err)
	}
	// A newer version that is refused does not hide it; one that is accepted takes its place.
	w.want(w.accept(w.Performer.MustSign(w.Placement(scene.Placement{
		DocumentID: p.placementID, Version: 2, Waybill: scene.ReferenceTo(p.waybill, p.id, 1),
	}))), schema.Negative, "W07/waybill-other-version", "W07/waybill-other-content")
	if d, _ := w.Document(context.Background(), "SHIP-01", p.placementID); d.State != "withdrawn" {
		t.Errorf("after a refused version the document is %s", d.State)
	}
}

// The one write fails, or is lost, at the document that ends a permission: after the resend there is one
// withdrawal, and never one without the verdict that it follows from.
func TestWithdrawal_faults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fail    error
		persist bool
		want    error
	}{
		{"not written, nothing on disk", store.ErrNotWritten, false, gateway.ErrNotReady},
		{"unknown, nothing on disk", store.ErrUnknown, false, gateway.ErrStopping},
		{"unknown, yet on disk", store.ErrUnknown, true, gateway.ErrStopping},
	} {
		for _, ending := range endings {
			t.Run(c.name+", "+ending.name, func(t *testing.T) {
				w := newWorld(t)
				p := w.pair()
				signer, document := ending.next(w, p)
				raw := signer.MustSign(document)
				w.Options.Store = &faulty{Store: w.store, fail: c.fail, persist: c.persist}
				if r, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, c.want) || r.Valid() {
					t.Fatalf("got %v, want %v", err, c.want)
				}
				if got := len(w.withdrawals()); got != map[bool]int{true: 1}[c.persist] {
					t.Errorf("%d withdrawals on disk, persisted %t", got, c.persist)
				}
				w.want(w.accept(raw), schema.Positive)
				if got := w.withdrawals(); len(got) != 1 {
					t.Errorf("%d withdrawals, want one", len(got))
				}
			})
		}
	}
}

// The permission ends while another document that would end it is being judged: there is one withdrawal
// for each permission.
func TestWithdrawal_moved(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	f := &faulty{Store: w.store}
	second := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: p.id, Version: 2}))
	f.before = func() {
		signer, document := endings[2].next(w, p)
		w.want(w.accept(signer.MustSign(document)), schema.Positive)
	}
	w.Options.Store = f
	w.want(w.accept(second), schema.Positive)
	seen := map[string]bool{}
	for _, e := range w.withdrawals() {
		if seen[e.Withdraws] {
			t.Errorf("%s is withdrawn twice", e.Withdraws)
		}
		seen[e.Withdraws] = true
	}
	if len(seen) != 2 || !seen[p.permission.MessageID()] {
		t.Errorf("withdrawn: %v", seen)
	}
}

// A participant who wants a detached CMS signature gets the withdrawal with one.
func TestWithdrawal_detached(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	text := bytes.Replace(w.Participants(scene.Participants{}), []byte("  - code: SHIP-01\n"),
		[]byte("  - code: SHIP-01\n    seal: {container: cms}\n"), 1)
	if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
		t.Fatal(err)
	}
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: p.id, Version: 2}))
	if _, err := w.Accept(context.Background(), w.submission(raw)); err != nil {
		t.Fatal(err)
	}
	rows, err := w.Journal("SHIP-01", time.Time{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range rows {
		if e.Withdraws == "" {
			continue
		}
		found++
		if _, cms, err := w.Acknowledgment(e.ID); err != nil || cms == nil || e.Seal != "cms" {
			t.Errorf("%v, %d bytes of signature, seal %q", err, len(cms), e.Seal)
		}
	}
	if found != 1 {
		t.Errorf("%d withdrawals", found)
	}
}

// An ЭД №2 that comes after the cargo was presented is late, whenever it was signed.
func TestAccept_afterPresentation(t *testing.T) {
	w := newWorld(t)
	id, presented := scene.NewID(), time.Now().Add(time.Hour)
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{
		DocumentID: id, Change: func(data *schema.Waybill) { data.PresentedAt = presented },
	}))
	w.want(w.accept(waybill), schema.Positive)
	s := w.submission(w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)})))
	s.Received = presented.Add(time.Second)
	r, err := w.Accept(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	w.want(r, schema.Negative, "W14/after-presentation")
	if diff := cmp.Diff([]string{"correct-and-resend", "paper"}, w.esid(r.Document()).Exits); diff != "" {
		t.Error(diff)
	}
}
