package gateway_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

// staffVersion is the list in force.
func (w *world) staffVersion() int {
	w.t.Helper()
	v := 0
	if err := w.store.View(func(tx store.Reader) error {
		v = w.register.StaffVersion(tx, scene.ShipperINN)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// A list comes signed by the railway, with a rising version; a bad one leaves the last good one in force.
func TestOffice_staffList(t *testing.T) {
	w := newWorld(t)
	entries := w.Entries()

	w.want(w.office(w.Signatory.MustSign(w.StaffList(2))), schema.Negative, "A05/untrusted")
	w.want(w.office(w.StaffList(2)), schema.Negative, "A02/no-signature")
	w.want(w.office(w.Office.MustSign(w.StaffList(1, entries[:3]...))), schema.Conflict, "A09/id-conflict")
	if v := w.staffVersion(); v != 1 {
		t.Fatalf("version %d is in force, want 1", v)
	}

	// Half of the people gone: held, and the list in force stays.
	held := w.Office.MustSign(w.StaffList(2, entries[:2]...))
	r := w.office(held)
	w.want(r, schema.Deferred)
	if v := w.staffVersion(); v != 1 {
		t.Fatalf("version %d is in force, want 1", v)
	}
	if _, err := w.register.Release(scene.ShipperINN); err != nil {
		t.Fatal(err)
	}
	if v := w.staffVersion(); v != 2 {
		t.Fatalf("version %d is in force, want 2", v)
	}
	// The interim ЭСИД is followed by the final one, which a redelivery gets from now on.
	if again := w.office(held); !bytes.Equal(again.Document(), r.Document()) {
		t.Error("the interim ЭСИД has changed before the final one was made")
	}
	for range 2 { // the second time there is nothing left to settle
		if err := w.SettleHeld(); err != nil {
			t.Fatal(err)
		}
	}
	final := w.office(held)
	w.want(final, schema.Positive)
	if e := w.esid(final.Document()); e.Supersedes != r.MessageID() || e.InReplyTo != w.esid(r.Document()).InReplyTo {
		t.Errorf("the final ЭСИД: %+v", e)
	}
	want := []string{"ESID positive", "ESID negative", "ESID negative", "ESID conflict", "ESID deferred", "ESID positive"}
	if diff := cmp.Diff(want, w.lane("office")); diff != "" {
		t.Error(diff)
	}
	w.want(w.office(w.Office.MustSign(w.StaffList(3))), schema.Positive)
	if v := w.staffVersion(); v != 3 {
		t.Fatalf("version %d is in force, want 3", v)
	}
}

// A held list that the operator drops, or that a newer one overtakes, gets a negative final ЭСИД.
func TestOffice_heldRefused(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		decide       func(w *world) error
	}{
		{"dropped", "W16/held-refused", func(w *world) error { return w.register.DropHeld(scene.ShipperINN) }},
		{"overtaken by the operator's own list of that number", "W16/version-not-newer", func(w *world) error {
			tree, err := xmltree.Parse(w.StaffList(2), xmltree.DefaultLimits())
			if err != nil {
				return err
			}
			list, _ := schema.ReadStaffList(tree, time.UTC)
			return w.register.ImportStaff(list, "cli", false)
		}},
		{"overtaken", "W16/version-not-newer", func(w *world) error {
			w.want(w.office(w.Office.MustSign(w.StaffList(3))), schema.Positive)
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			list := w.Office.MustSign(w.StaffList(2, w.Entries()[:2]...))
			w.want(w.office(list), schema.Deferred)
			if err := c.decide(w); err != nil {
				t.Fatal(err)
			}
			if err := w.SettleHeld(); err != nil {
				t.Fatal(err)
			}
			final := w.office(list)
			w.want(final, schema.Negative, c.reason)
			w.esid(final.Document())
		})
	}
}

// A notice of the railway goes to the lane of the participant whose document it answers.
func TestOffice_notice(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))), schema.Positive)

	notice := w.Office.MustSign(w.Notice(scene.Notice{InReplyTo: id}))
	w.want(w.office(notice), schema.Positive)
	if diff := cmp.Diff([]string{"ESID positive", "OfficeNotice positive"}, w.lane("client/SHIP-01")); diff != "" {
		t.Error(diff)
	}
	// Redelivered by the broker: nothing new.
	if r := w.office(notice); !r.Repeated() {
		t.Error("a redelivery was judged anew")
	}
	if got := len(w.lane("client/SHIP-01")); got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
	// On a document that nobody sent: refused, and nothing reaches the client.
	w.want(w.office(w.Office.MustSign(w.Notice(scene.Notice{InReplyTo: scene.NewID()}))),
		schema.Negative, "W17/document-unknown")
	if got := len(w.lane("client/SHIP-01")); got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
}

// What only the railway may send is refused from a client, and the other way round.
func TestOffice_wrongSide(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.StaffList(2)))
	if r.Result() != schema.Negative {
		t.Errorf("a staff list from a client: %s", r.Result())
	}
	if v := w.staffVersion(); v != 1 {
		t.Errorf("version %d is in force, want 1", v)
	}
	r = w.office(w.Office.MustSign(w.Waybill(scene.Waybill{Sender: "RZD"})))
	if r.Result() != schema.Negative {
		t.Errorf("ЭД №1 from the office: %s", r.Result())
	}
}

// A client that plays the railway learns nothing: neither who else there is, nor what is in force.
func TestOffice_wrongSideLearnsNothing(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))), schema.Positive)
	said := func(document []byte) map[string]bool {
		codes := map[string]bool{}
		r := w.accept(w.Signatory.MustSign(document))
		for _, f := range r.Findings() {
			codes[f.Code+"/"+f.Reason+" "+f.Expected] = true
		}
		if basis := w.esid(r.Document()).Basis.Staff; basis != "" {
			t.Errorf("the basis names the staff list %s", basis)
		}
		return codes
	}
	there := said(w.Notice(scene.Notice{InReplyTo: id}))
	notThere := said(w.Notice(scene.Notice{InReplyTo: scene.NewID()}))
	if diff := cmp.Diff(there, notThere); diff != "" {
		t.Errorf("a notice tells whether a document is there: %s", diff)
	}
	if diff := cmp.Diff(said(w.StaffList(1)), said(w.StaffList(2))); diff != "" {
		t.Errorf("a staff list tells which version is in force: %s", diff)
	}
}
