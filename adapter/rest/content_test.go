package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// railed is a document of the railway that the gateway has accepted from it.
func (w *world) railed(raw, detached []byte) gateway.Receipt {
	w.t.Helper()
	r, err := w.gateway.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: raw, Detached: detached, Received: w.now(), Via: "spool",
	})
	if err != nil || r.Result() != schema.Positive {
		w.t.Fatalf("%v %v %v", r.Result(), r.Findings(), err)
	}
	return r
}

// The state of a memo says until when to answer and what an answer has to name; once it is answered, that.
func TestDocumentOfRailway(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	memo := w.Office.MustSign(w.Memo(scene.Memo{DocumentID: id, Number: "10984"}))
	arrived := w.railed(memo, nil)
	reference := scene.ReferenceTo(memo, id, 1)
	w.later(time.Hour)
	w.options.Now = w.now
	w.serve()

	told := func() documentView {
		t.Helper()
		var views []documentView
		for accept, read := range map[string]func([]byte, any) error{"application/json": json.Unmarshal, "application/xml": xml.Unmarshal} {
			r := w.do("GET", "/v1/documents/"+id, nil, "Accept: "+accept)
			var v documentView
			if err := read(r.body, &v); err != nil || r.StatusCode != 200 {
				t.Fatalf("%s: %v in %s", r.Status, err, r.body)
			}
			views = append(views, v)
		}
		// Both say the same but for what is left, which may have grown less by a second.
		if diff := cmp.Diff(views[0], views[1], cmpopts.IgnoreTypes(xml.Name{}), cmpopts.EquateEmpty(),
			cmpopts.IgnoreFields(primaryView{}, "Left")); diff != "" {
			t.Errorf("JSON against XML: %s", diff)
		}
		return views[0]
	}
	v := told()
	p := v.Primary
	if v.State != "carrier-signed" || v.Kind != "Memo" || p == nil {
		t.Fatalf("%+v", v)
	}
	left := p.Left
	if left != "PT11H" && !bytes.HasPrefix([]byte(left), []byte("PT10H59M")) {
		t.Errorf("an hour after it has come %s of 12 are left", left)
	}
	came := arrived.Entry().Received.UTC()
	by := came.Add(12 * time.Hour)
	want := primaryView{
		Railway: "RZD", Number: "10984", StateID: 548, EffectiveAt: came, Content: reference.SHA256, ArrivedAt: came,
		SignBy: &by, Left: left, Consent: "ours", Steps: []primaryStep{{came, "carrier-signs", "carrier-signed"}},
	}
	if diff := cmp.Diff(want, *p); diff != "" {
		t.Error(diff)
	}

	r := w.do("POST", "/v1/documents", w.Signatory.MustSign(w.Rejection(scene.Answer{Of: reference})))
	if r.StatusCode != 200 {
		t.Fatalf("%s %s", r.Status, r.body)
	}
	v = told()
	p = v.Primary
	if v.State != "rejected" || p.SignBy != nil || p.Left != "" || p.Answer != r.Header.Get("Message-ID") ||
		!cmp.Equal(p.Disputed, []string{"6"}) || len(p.Steps) != 2 || p.Steps[1].Event != "client-rejects" {
		t.Errorf("answered: %+v", p)
	}
	// It is nobody else's, and other documents have no such part.
	if p := w.problem(t, w.do("GET", "/v1/documents/"+id, nil, "Authorization: Bearer ship-02")); p.Reason != "no-such-document" {
		t.Errorf("to another: %+v", p)
	}
	note := scene.NewID()
	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: note}))
	if r := w.do("GET", "/v1/documents/"+note, nil); r.StatusCode != 200 || bytes.Contains(r.body, []byte("primary")) {
		t.Errorf("a note: %s %s", r.Status, r.body)
	}
}

// A document is given as it was received, whoever has sent it and however it was signed.
func TestContent(t *testing.T) {
	w := newWorld(t)
	note, memo, beside := scene.NewID(), scene.NewID(), scene.NewID()
	waybill := w.waybill(scene.Waybill{DocumentID: note})
	w.do("POST", "/v1/documents", waybill)
	signed := append([]byte("\ufeff"), w.Office.MustSign(w.Memo(scene.Memo{DocumentID: memo}))...)
	w.railed(signed, nil)
	plain := w.Memo(scene.Memo{DocumentID: beside, Number: "10985", Wagons: []string{"62310784"}})
	cms, err := w.Office.SignDetached(plain)
	if err != nil {
		t.Fatal(err)
	}
	w.railed(plain, cms)

	for _, c := range []struct {
		why, id       string
		document, cms []byte
	}{
		{"the participant's own", note, waybill, nil},
		{"of the railway, with a mark of its encoding that a parser would drop", memo, signed, nil},
		{"with its signature beside it", beside, plain, cms},
	} {
		path := "/v1/documents/" + c.id + "/content"
		r := w.do("GET", path, nil)
		got, detached := r.body, []byte(nil)
		if c.cms != nil {
			got, detached = sealedParts(t, r.Header.Get("Content-Type"), r.body)
		}
		if r.StatusCode != 200 || !bytes.Equal(got, c.document) || !bytes.Equal(detached, c.cms) {
			t.Errorf("%s: %s %q", c.why, r.Status, r.body)
		}
		if want := fmt.Sprintf("%x", sha256.Sum256(c.document)); r.Header.Get("SHA256") != want {
			t.Errorf("%s: SHA256 %s, want %s", c.why, r.Header.Get("SHA256"), want)
		}
		again := w.do("HEAD", path, nil)
		if again.StatusCode != 200 || len(again.body) > 0 || again.ContentLength != int64(len(r.body)) ||
			again.Header.Get("Content-Type") != r.Header.Get("Content-Type") {
			t.Errorf("%s: HEAD %s %v", c.why, again.Status, again.Header)
		}
		if p := w.problem(t, w.do("GET", path, nil, "Authorization: Bearer ship-02")); p.Reason != "no-such-document" {
			t.Errorf("%s, to another: %+v", c.why, p)
		}
	}
	r := w.do("GET", "/v1/documents/"+beside+"/content", nil, "Accept: application/xml")
	if document, detached, err := schema.ReadSigned(r.body); err != nil || !bytes.Equal(document, plain) || !bytes.Equal(detached, cms) {
		t.Errorf("in the envelope: %v in %s", err, r.body)
	}
	for _, id := range []string{scene.NewID(), "no-id"} {
		if p := w.problem(t, w.do("GET", "/v1/documents/"+id+"/content", nil)); p.Reason != "no-such-document" {
			t.Errorf("%s: %+v", id, p)
		}
	}
}

// A spoiled memo is not shown any more, a spoiled act is (1166/р п. 4.1); and bytes that were let go are not
// to be had of any.
func TestContentGone(t *testing.T) {
	w := newWorld(t)
	memo, act := scene.NewID(), scene.NewID()
	w.railed(w.Office.MustSign(w.Memo(scene.Memo{DocumentID: memo})), nil)
	w.railed(w.Office.MustSign(w.Act(scene.Act{DocumentID: act})), nil)
	content := func(id string) reply { return w.do("GET", "/v1/documents/"+id+"/content", nil) }
	state := func(id string) string {
		t.Helper()
		var v documentView
		if err := json.Unmarshal(w.do("GET", "/v1/documents/"+id, nil).body, &v); err != nil {
			t.Fatal(err)
		}
		return v.State
	}
	for _, id := range []string{memo, act} {
		w.railed(w.Office.MustSign(w.StateReport(scene.StateReport{Of: id})), nil)
		if r := content(id); r.StatusCode != 200 || state(id) != "awaiting-spoiling" {
			t.Errorf("while it is recalled: %s, %s", r.Status, state(id))
		}
		w.railed(w.Office.MustSign(w.StateReport(scene.StateReport{Of: id, State: schema.ReportSpoiled})), nil)
		if state(id) != "spoiled" {
			t.Errorf("state %s", state(id))
		}
	}
	r := content(memo)
	if p := w.problem(t, r); p.Status != http.StatusGone || p.Reason != "document-spoiled" || p.Resend {
		t.Errorf("a memo: %+v", p)
	}
	if r := w.do("HEAD", "/v1/documents/"+memo+"/content", nil); r.StatusCode != http.StatusGone {
		t.Errorf("HEAD of a memo: %s", r.Status)
	}
	if r := content(act); r.StatusCode != 200 {
		t.Errorf("an act: %s %s", r.Status, r.body)
	}
	w.change(func(tx store.Tx) error {
		var bodies [][]byte
		tx.Range(store.Blobs, []byte("RZD/"), []byte("RZD0"), 100, func(k, _ []byte) bool {
			bodies = append(bodies, bytes.Clone(k))
			return true
		})
		for _, k := range bodies {
			tx.Delete(store.Blobs, k)
		}
		return nil
	})
	if p := w.problem(t, content(act)); p.Status != http.StatusGone || p.Reason != "document-not-kept" {
		t.Errorf("let go: %+v", p)
	}
}
