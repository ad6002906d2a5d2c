package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// sealed makes SHIP-01 one who wants our signatures so.
func (w *world) sealed(seal string) {
	w.t.Helper()
	text := strings.Replace(string(w.Participants(scene.Participants{})),
		"    language: ru\n", "    language: ru\n    seal: "+seal+"\n", 1)
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		w.t.Fatal(err)
	}
}

// beside reads an ЭСИД whose signature is beside it, and believes none that does not verify.
func (w *world) beside(document, detached []byte) schema.ESID {
	w.t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	in := signature.Input{Tree: tree, Detached: detached}
	signed, report := signature.Open(in, w.trust, signature.Policy{}, w.Options.Now())
	if detached == nil || report.Outcome != signature.Holds {
		w.t.Fatalf("ЭСИД does not verify: %v\n%s", report.Faults, document)
	}
	e, err := schema.ReadESID(signed.Root())
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// Who wants a CMS beside the ЭСИД gets it: at once, again, in the outbox, after a restart, and the back
// office with its copy. The interim ЭСИД, the final one and the technical Receipt are no exceptions.
func TestSeal_cms(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	raw := s.Signatory.MustSign(s.Waybill(scene.Waybill{}))
	var first gateway.Receipt
	t.Run("before the stop", func(t *testing.T) {
		w := worldIn(t, s, path, true)
		w.sealed("{container: cms}")
		silent := &sources{}
		silent.hush(w.Signatory)
		w.Options.Revocations = silent
		r, err := w.Accept(context.Background(), w.submission(raw))
		must(t, err)
		if e := w.beside(r.Document(), r.Detached()); e.Result != schema.Deferred {
			t.Errorf("the interim ЭСИД is %s", e.Result)
		}
		silent.speak()
		w.decide()
		first, err = w.Accept(context.Background(), w.submission(raw))
		must(t, err)
		if e := w.beside(first.Document(), first.Detached()); e.Result != schema.Positive {
			t.Errorf("the final ЭСИД is %s", e.Result)
		}
		if first.Entry().Seal != "cms" {
			t.Errorf("the journal says %q", first.Entry().Seal)
		}

		later, err := w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		must(t, err)
		tree, err := xmltree.Parse(later.Document(), xmltree.DefaultLimits())
		must(t, err)
		in := signature.Input{Tree: tree, Detached: later.Detached()}
		if _, report := signature.Open(in, w.trust, signature.Policy{}, w.Options.Now()); report.Outcome != signature.Holds {
			t.Errorf("the Receipt does not verify: %v", report.Faults)
		}
		w.pend("client/SHIP-01", 3)
		if got := w.signatures(later.MessageID()); got {
			t.Error("the signature of the Receipt is still kept")
		}
	})
	t.Run("after the start", func(t *testing.T) {
		w := worldIn(t, s, path, false)
		again, err := w.Accept(context.Background(), w.submission(raw))
		must(t, err)
		if !bytes.Equal(again.Document(), first.Document()) || !bytes.Equal(again.Detached(), first.Detached()) {
			t.Error("the answer changed")
		}
		rows, err := w.queue.List("", "", 100)
		must(t, err)
		copies := 0
		for _, m := range rows {
			if m.Kind != "ESID" || m.Participant != "SHIP-01" {
				continue
			}
			copies++
			if m.Signature != m.Body+".p7s" || !w.signatures(m.Body) {
				t.Errorf("%s to %s has the signature %q", m.ID, m.Lane, m.Signature)
			}
		}
		if copies == 0 {
			t.Error("no lane has an ЭСИД")
		}
	})
}

// signatures says whether a body has its detached signature in the store.
func (w *world) signatures(body string) (kept bool) {
	w.t.Helper()
	if err := w.store.View(func(tx store.Reader) error {
		kept = tx.Get(store.Blobs, []byte(body+".p7s")) != nil
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return kept
}

// The key that the participant's entry names signs; without it nothing is judged, and others get their
// answers all the same.
func TestSeal_key(t *testing.T) {
	w := newWorld(t)
	w.sealed("{key: gost}")
	other, err := signature.NewKey(w.Successor.Key, w.Successor.Chain...)
	must(t, err)
	first := w.Options.Key
	w.Options.Key = func(name string) *signature.Key {
		if name == "gost" {
			return nil
		}
		return first(name)
	}
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	if r, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, gateway.ErrNotReady) || r.Valid() {
		t.Fatalf("without the key: %v, want ErrNotReady", err)
	}
	w.want(w.office(w.Office.MustSign(w.StaffList(2))), schema.Positive)
	w.Options.Key = func(name string) *signature.Key {
		if name == "gost" {
			return other
		}
		return first(name)
	}
	r, err := w.Accept(context.Background(), w.submission(raw))
	must(t, err)
	w.want(r, schema.Positive)
	w.trust = signature.NewTrust(w.Successor.Chain[:1])
	w.esid(r.Document())
}

// An ЭСИД that was changed in the store is found, inside as well as beside its signature; so is one whose
// signature has gone, or that belongs to another verdict.
func TestVerifyJournal_acknowledgment(t *testing.T) {
	for name, seal := range map[string]string{"inside": "{container: xmldsig}", "beside": "{container: cms}"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sealed(seal)
			var receipts []gateway.Receipt
			for range 2 {
				r, err := w.Accept(context.Background(), w.submission(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))))
				must(t, err)
				receipts = append(receipts, r)
			}
			id, document, detached := receipts[0].MessageID(), receipts[0].Document(), receipts[0].Detached()
			other := receipts[1]
			stored := func(document, detached []byte, want string) {
				t.Helper()
				must(t, w.store.Update(func(tx store.Tx) error {
					tx.Put(store.Blobs, []byte(id), store.Pack(document))
					tx.Delete(store.Blobs, []byte(id+".p7s"))
					if detached != nil {
						tx.Put(store.Blobs, []byte(id+".p7s"), store.Pack(detached))
					}
					return nil
				}))
				got := w.audit()
				if want == "" && got != nil || want != "" && (len(got) != 1 || !strings.Contains(got[0], want)) {
					t.Errorf("found %v, want %s", got, want)
				}
			}
			stored(bytes.Replace(document, []byte("positive"), []byte("negative"), 1), detached, "its signature does not hold")
			stored(other.Document(), other.Detached(), "it is "+other.MessageID())
			if detached != nil {
				stored(document, nil, "is not where the verdict says")
			}
			stored(document, detached, "")
		})
	}
}
