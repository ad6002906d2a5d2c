package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
	"asugate/wagonlist"
)

// The sheet is made of exactly the two documents that the permission is for.
func TestWagonList_values(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	for _, id := range []string{p.id, p.placementID, strings.ToUpper(p.id)} {
		s, err := w.WagonList(context.Background(), "SHIP-01", id)
		if err != nil {
			t.Fatal(err)
		}
		if s.Waybill.DocumentID != p.id || s.Placement.DocumentID != p.placementID ||
			s.Placement.SHA256 != p.permission.Entry().Content || s.Permission.MessageID != p.permission.MessageID() {
			t.Errorf("%+v", s)
		}
		if diff := cmp.Diff([]string{"63498000"}, s.Wagons); diff != "" || s.Form != wagonlist.Signed || s.Environment != "test" {
			t.Errorf("%s %s %s", diff, s.Form, s.Environment)
		}
		if _, offset := s.Permission.At.Zone(); offset != 3*3600 {
			t.Errorf("the time is not the railway's: %s", s.Permission.At)
		}
	}
	if _, err := w.WagonList(context.Background(), "SHIP-02", p.id); !errors.Is(err, gateway.ErrNoDocument) {
		t.Errorf("another's document: %v", err)
	}
}

// The documents are read by what was trusted and known when they were accepted: neither a certificate that
// nobody trusts any more nor a signatory who has left changes what was permitted.
func TestWagonList_thenNotNow(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	before, err := w.WagonList(context.Background(), "SHIP-01", p.id)
	if err != nil {
		t.Fatal(err)
	}
	text := string(w.Participants(scene.Participants{More: []string{"SHIP-02"}}))
	text = strings.ReplaceAll(text, indented(string(pki.EncodeCertificates(w.Root.Certificate))),
		indented(string(pki.EncodeCertificates(w.Rail.Certificate))))
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	after, err := w.WagonList(context.Background(), "SHIP-01", p.id)
	if diff := cmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// A document that has changed in the store is shown to nobody.
func TestWagonList_tampered(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	body := p.permission.Entry().Body()
	must(t, w.store.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte(body), store.Pack(bytes.Replace(p.placement, []byte("рис. 5"), []byte("рис. 6"), 1)))
		return nil
	}))
	if s, err := w.WagonList(context.Background(), "SHIP-01", p.id); err == nil {
		t.Errorf("served %q", s.Text)
	}
	must(t, w.store.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte(body), store.Pack(p.placement))
		return nil
	}))
}

// By the agreement placement is signed for by hand: the sheet has a place for it once ЭД №1 is accepted.
func TestWagonList_byHand(t *testing.T) {
	w := newWorld(t)
	text := string(w.Participants(scene.Participants{}))
	text = strings.Replace(text, "placement: signed", "placement: by-hand", 1)
	text = strings.Replace(text, "covers: [Waybill, Placement, ", "covers: [Waybill, ", 1)
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	id := scene.NewID()
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id})))
	w.want(r, schema.Positive)
	s, err := w.WagonList(context.Background(), "SHIP-01", id)
	if err != nil || s.Form != wagonlist.Blank || s.Placement != nil || s.Permission.MessageID != r.MessageID() {
		t.Errorf("%+v, %v", s, err)
	}
}

// A new version of an ЭД №2 stays with its note, and a new version of a document of its kind.
func TestAccept_identifierReused(t *testing.T) {
	w := newWorld(t)
	p := w.pair()
	other := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: other}))
	w.want(w.accept(waybill), schema.Positive)
	moved := w.Performer.MustSign(w.Placement(scene.Placement{
		DocumentID: p.placementID, Version: 2, Waybill: scene.ReferenceTo(waybill, other, 1),
	}))
	w.want(w.accept(moved), schema.Negative, "D03/identifier-reused")
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: p.placementID, Version: 2}))),
		schema.Negative, "D03/identifier-reused")
	if s, err := w.WagonList(context.Background(), "SHIP-01", p.id); err != nil || s.Placement.Version != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

// consignor sends documents about one note in any order, and believes nothing but the ЭСИД that it gets.
type consignor struct {
	*world
	id, placementID string
	waybill         []byte // the accepted one
	versions        map[string]int
	permission      string // message id of the positive ЭСИД on ЭД №2 that nothing has withdrawn
	paper           bool
	permitted       bool // ever
}

// send gives a document to the gateway, and reads what the client's lane has since.
func (c *consignor) send(rt *rapid.T, raw []byte) schema.Result {
	r, err := c.Accept(context.Background(), c.submission(raw))
	if err != nil {
		rt.Fatal(err)
	}
	for _, m := range c.messages("client/SHIP-01") {
		if _, err := c.queue.Confirm("client/SHIP-01", m.ID); err != nil {
			rt.Fatal(err)
		}
		document, _, err := c.Acknowledgment(m.ID)
		if err != nil {
			rt.Fatal(err)
		}
		e := c.esid(document)
		switch {
		case e.Withdraws != "" && e.Withdraws != c.permission:
			rt.Fatalf("%s is withdrawn, which does not stand; %s does", e.Withdraws, c.permission)
		case e.Withdraws != "":
			c.permission = ""
		case len(e.Permits) > 0 && c.permission != "":
			rt.Fatalf("%s permits, while %s does", e.MessageID, c.permission)
		case len(e.Permits) > 0:
			c.permission, c.permitted = e.MessageID, true
		}
	}
	return r.Result()
}

// next is a version that is new as a rule.
func (c *consignor) next(rt *rapid.T, id string) int {
	return max(1, c.versions[id]+rapid.SampledFrom([]int{1, 1, 1, 2, 0}).Draw(rt, "step"))
}

func (c *consignor) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"ЭД №1": func(rt *rapid.T) {
			v := c.next(rt, c.id)
			by := rapid.SampledFrom([]*scene.Persona{c.Signatory, c.Signatory, c.Unlisted}).Draw(rt, "by")
			raw := by.MustSign(c.Waybill(scene.Waybill{
				DocumentID: c.id, Version: v, Cargo: rapid.SampledFrom([]string{"Лес", "Уголь"}).Draw(rt, "cargo"),
			}))
			if r := c.send(rt, raw); r == schema.Positive && v > c.versions[c.id] {
				c.waybill, c.versions[c.id] = raw, v
			}
		},
		"ЭД №2": func(rt *rapid.T) {
			if c.waybill == nil {
				rt.Skip()
			}
			id := rapid.SampledFrom([]string{c.placementID, scene.NewID()}).Draw(rt, "id")
			v := c.next(rt, id)
			by := rapid.SampledFrom([]*scene.Persona{c.Performer, c.Performer, c.Unlisted}).Draw(rt, "by")
			raw := by.MustSign(c.Placement(scene.Placement{
				DocumentID: id, Version: v, Waybill: scene.ReferenceTo(c.waybill, c.id, c.versions[c.id]),
			}))
			if r := c.send(rt, raw); r == schema.Positive {
				c.versions[id] = max(v, c.versions[id])
			}
		},
		"paper": func(rt *rapid.T) {
			if rapid.IntRange(0, 7).Draw(rt, "seldom") > 0 {
				rt.Skip()
			}
			if c.send(rt, c.Signatory.MustSign(c.PaperSwitch(scene.PaperSwitch{Waybill: c.id}))) == schema.Positive {
				c.paper = true
			}
		},
		"": c.holds,
	}
}

// holds: there is a wagon list just while an ЭСИД permits it, and it is the one of that ЭСИД.
func (c *consignor) holds(rt *rapid.T) {
	s, err := c.WagonList(context.Background(), "SHIP-01", c.id)
	want := error(gateway.ErrNotPermitted)
	switch {
	case c.permission != "":
		want = nil
	case c.paper:
		want = gateway.ErrOnPaper
	case c.permitted:
		want = gateway.ErrWithdrawn
	case c.waybill == nil && errors.Is(err, gateway.ErrNoDocument):
		want = gateway.ErrNoDocument
	}
	if !errors.Is(err, want) {
		rt.Fatalf("by the ЭСИД %v, by the store %v", want, err)
	}
	if want != nil {
		return
	}
	if s.Permission.MessageID != c.permission || s.Waybill.Version != c.versions[c.id] {
		rt.Fatalf("the sheet is by %s of version %d, want %s of %d", s.Permission.MessageID, s.Waybill.Version,
			c.permission, c.versions[c.id])
	}
	e, err := c.JournalEntry(c.permission)
	if err != nil || fmt.Sprint(s.Placement) != fmt.Sprint(&wagonlist.Reference{
		DocumentID: e.DocumentID, Version: e.Version, SHA256: e.Content,
	}) {
		rt.Fatalf("%v: the sheet is of %+v", err, s.Placement)
	}
}

// Whatever is accepted, refused, sent as a new version or switched to paper, in whatever order: the wagon
// list is there if and only if the newest ЭСИД permit it, and no permission is withdrawn twice.
func TestWagonList_model(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := &consignor{world: w, id: scene.NewID(), placementID: scene.NewID(), versions: map[string]int{}}
		rt.Repeat(c.actions())
	})
}

// Whoever asks while the permission ends is not given a sheet that nobody may print any more, although it was
// permitted when the documents were found.
func TestWagonList_endsMeanwhile(t *testing.T) {
	for _, c := range endings {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.pair()
			signer, document := c.next(w, p)
			asked := 0
			w.Options.Reached = func(point string) {
				if point == "sheet" {
					if asked++; asked == 1 {
						w.want(w.accept(signer.MustSign(document)), schema.Positive)
					}
				}
			}
			s, err := w.WagonList(context.Background(), "SHIP-01", p.id)
			if err == nil && s.Permission.MessageID == p.permission.MessageID() {
				t.Errorf("served on %s, which has been withdrawn", s.Permission.MessageID)
			}
			if replaced := strings.HasPrefix(c.reason, "W16"); replaced != (err == nil) {
				t.Error(err)
			}
		})
	}
}

// A container whose wagon is not known yet (288 сноска 3): neither document names one.
func TestWagonList_withoutWagon(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Change: func(data *schema.Waybill) {
		data.Shipment, data.Wagons = schema.ShipmentContainer, nil
		data.Containers = []schema.Container{{Number: "CSQU3054383", Type: "22G1"}}
	}}))
	w.want(w.accept(waybill), schema.Positive)
	w.want(w.accept(w.Performer.MustSign(w.Placement(scene.Placement{
		Waybill: scene.ReferenceTo(waybill, id, 1), Norm: schema.Norm{Type: schema.NormContainer}, Wagons: []string{},
	}))), schema.Positive)
	s, err := w.WagonList(context.Background(), "SHIP-01", id)
	if err != nil || len(s.Wagons) > 0 || len(s.Containers) != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, form := range []func() ([]byte, error){s.XML, s.PDF} {
		if _, err := form(); err != nil {
			t.Error(err)
		}
	}
}

// Documents with a detached CMS signature that were decided later make a wagon list like any others.
func TestWagonList_deferredDetached(t *testing.T) {
	w, s := silentWorld(t)
	send := func(by *scene.Persona, document []byte) gateway.Receipt {
		sub := w.submission(document)
		var err error
		sub.Detached, err = by.SignDetached(document)
		must(t, err)
		_, err = w.Accept(context.Background(), sub)
		must(t, err)
		if _, err := w.WagonList(context.Background(), "SHIP-01", w.newest().DocumentID); !errors.Is(err, gateway.ErrNotPermitted) {
			t.Errorf("before it is decided: %v", err)
		}
		s.speak()
		w.decide()
		s.hush(w.Signatory, w.Performer)
		final, err := w.Accept(context.Background(), sub)
		must(t, err)
		w.want(final, schema.Positive)
		return final
	}
	note := send(w.Signatory, w.Waybill(scene.Waybill{})).Entry()
	permission := send(w.Performer, w.Placement(scene.Placement{Waybill: scene.Reference{
		DocumentID: note.DocumentID, Version: note.Version, SHA256: note.Content,
	}}))
	list, err := w.WagonList(context.Background(), "SHIP-01", note.DocumentID)
	if err != nil || list.Permission.MessageID != permission.MessageID() || list.Placement.SHA256 != permission.Entry().Content {
		t.Errorf("%+v, %v", list, err)
	}
}

// newest is the last verdict.
func (w *world) newest() gateway.Entry {
	w.t.Helper()
	rows, err := w.Journal("SHIP-01", time.Time{}, 100)
	must(w.t, err)
	return rows[len(rows)-1]
}

// What is put off ends nothing: the permission stands until the changed ЭД №1, or the next ЭД №2, is accepted
// in the end, and ends then, once.
func TestWithdrawal_deferred(t *testing.T) {
	for _, c := range endings[:3] {
		t.Run(c.name, func(t *testing.T) {
			w, s := silentWorld(t)
			s.speak()
			p := w.pair()
			s.hush(w.Signatory, w.Performer)
			signer, document := c.next(w, p)
			w.interim(signer.MustSign(document))
			if l, err := w.WagonList(context.Background(), "SHIP-01", p.id); err != nil || l.Permission.MessageID != p.permission.MessageID() {
				t.Errorf("while it is put off: %+v, %v", l, err)
			}
			if got := w.withdrawals(); got != nil {
				t.Errorf("a document that is put off withdraws %+v", got)
			}
			s.speak()
			w.decide()
			w.decide()
			if got := w.withdrawals(); len(got) != 1 || got[0].Withdraws != p.permission.MessageID() {
				t.Errorf("withdrawals %+v", got)
			}
			l, err := w.WagonList(context.Background(), "SHIP-01", p.id)
			if err == nil && l.Permission.MessageID == p.permission.MessageID() {
				t.Error("the sheet of the former permission is served")
			}
			if changed := strings.HasPrefix(c.reason, "W07"); changed != errors.Is(err, gateway.ErrWithdrawn) {
				t.Error(err)
			}
		})
	}
}
