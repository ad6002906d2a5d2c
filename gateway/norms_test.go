package gateway_test

import (
	"strings"
	"testing"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// normsFile is a register with МТУ N 12 of a year ago, as the scene's ЭД №2 cites it; more stands
// behind it in the entry.
func (w *world) normsFile(more string) []byte {
	return []byte("norms:\n- {type: mtu, number: 12, approved: " + w.Day(-1, 0) + ", consignor: {inn: " + scene.ShipperINN + "}," +
		" extract: " + w.Day(-1, 0) + more + "}\n")
}

func (w *world) importNorms(more string) {
	w.t.Helper()
	if _, _, err := w.register.ImportNorms(w.normsFile(more), "test"); err != nil {
		w.t.Fatal(err)
	}
}

// byMTU is an accepted ЭД №1 and an ЭД №2 that cites МТУ.
func (w *world) byMTU() []byte {
	w.t.Helper()
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.want(w.accept(waybill), schema.Positive)
	return w.Performer.MustSign(w.Placement(scene.Placement{
		Waybill: scene.ReferenceTo(waybill, id, 1), Norm: schema.Norm{Type: schema.NormMTU},
	}))
}

// A verdict names the version of the norms that it is based on, and rests on it alone.
func TestNorms_basis(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.byMTU())
	w.want(r, schema.Positive)
	e := w.esid(r.Document())
	if e.Basis.Norms != 0 || len(e.Findings) != 1 || e.Findings[0].Reason != "norms-empty" || e.Findings[0].Severity != schema.Warning {
		t.Errorf("empty register: norms %d, %+v", e.Basis.Norms, e.Findings)
	}
	w.importNorms("")
	raw := w.byMTU()
	r = w.accept(raw)
	w.want(r, schema.Positive)
	if e := w.esid(r.Document()); e.Basis.Norms != 1 || len(e.Findings) != 0 {
		t.Errorf("norms %d, %+v", e.Basis.Norms, e.Findings)
	}
	// What was accepted stays so, with the same bytes, whatever is imported later.
	w.importNorms(", cancelled: " + w.Day(-1, 1))
	if again := w.accept(raw); string(again.Document()) != string(r.Document()) {
		t.Error("the answer changed with the register")
	}
	refused := w.accept(w.byMTU())
	w.want(refused, schema.Negative, "L10/norm-cancelled")
	if e := w.esid(refused.Document()); e.Basis.Norms != 2 {
		t.Errorf("judged by norms %d", e.Basis.Norms)
	}
	// The version that a verdict names can be read again.
	if err := w.store.View(func(tx store.Reader) error {
		for version, cancelled := range map[int]bool{1: false, 2: true} {
			n, err := w.register.NormsOf(tx, version)
			if err != nil {
				return err
			}
			if got := !n.Documents[0].Cancelled.IsZero(); got != cancelled {
				t.Errorf("version %d: cancelled %v", version, got)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Of a document by ТУ the register of norms is not asked: an import does not touch its verdict.
func TestNorms_notAsked(t *testing.T) {
	w := newWorld(t)
	w.importNorms("")
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.want(w.accept(waybill), schema.Positive)
	r := w.accept(w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)})))
	w.want(r, schema.Positive)
	if e := w.esid(r.Document()); e.Basis.Norms != 0 {
		t.Errorf("based on norms %d", e.Basis.Norms)
	}
}

// Norms that are imported between judging and writing: nothing commits under the old ones.
func TestNorms_move(t *testing.T) {
	w := newWorld(t)
	raw := w.byMTU() // judged by an empty register first
	f := &faulty{Store: w.store}
	f.before = func() { w.importNorms(", cancelled: " + w.Day(-1, 1)) }
	w.Options.Store = f
	r := w.accept(raw)
	w.want(r, schema.Negative, "L10/norm-cancelled")
	if e := w.esid(r.Document()); e.Basis.Norms != 1 {
		t.Errorf("judged by norms %d", e.Basis.Norms)
	}
}

// A refusal is looked at again once the norms have changed, and not before.
func TestNorms_refusalJudgedAfresh(t *testing.T) {
	w := newWorld(t)
	w.importNorms(", to: " + w.Day(-1, 1))
	raw := w.byMTU()
	first := w.accept(raw)
	w.want(first, schema.Negative, "L10/norm-expired")
	if again := w.accept(raw); string(again.Document()) != string(first.Document()) {
		t.Error("nothing has changed, and the answer did")
	}
	w.importNorms("")
	second := w.accept(raw)
	w.want(second, schema.Positive)
	if e := w.esid(second.Document()); e.Supersedes == "" || e.Basis.Norms != 2 {
		t.Errorf("supersedes %q, norms %d", e.Supersedes, e.Basis.Norms)
	}
}

// What is a warning becomes an error where the agreement says so.
func TestNorms_switch(t *testing.T) {
	w := newWorld(t)
	text := strings.Replace(string(w.Participants(scene.Participants{})), "placement: signed",
		"placement: signed\n          norms: {unknown: error}", 1)
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	w.want(w.accept(w.byMTU()), schema.Negative, "L10/norms-empty")
	if _, _, err := w.register.ImportNorms([]byte("norms:\n- {type: mtu, number: 13, approved: "+
		time.Now().Format(time.DateOnly)+", by_order: true}\n"), "test"); err != nil {
		t.Fatal(err)
	}
	w.want(w.accept(w.byMTU()), schema.Negative, "L10/norm-unknown")
}

// What ЭД №1 says of cargo and wagons decides about ЭД №2, too.
func TestNorms_ofWaybill(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{
		DocumentID: id, Cargo: "Экскаватор ЭО-3322", Wagons: []string{"73121402"},
		Change: func(data *schema.Waybill) { data.Wagons[0].Type = "ЦС" },
	}))
	w.want(w.accept(waybill), schema.Positive)
	r := w.accept(w.Performer.MustSign(w.Placement(scene.Placement{
		Waybill: scene.ReferenceTo(waybill, id, 1), Wagons: []string{"73121402"},
	})))
	w.want(r, schema.Negative, "L09/tank-by-tu")
	var warned bool
	for _, f := range w.esid(r.Document()).Findings {
		warned = warned || f.Reason == "jib-missing" && f.Severity == schema.Warning
	}
	if !warned {
		t.Errorf("no word of the jib: %+v", w.esid(r.Document()).Findings)
	}
}
