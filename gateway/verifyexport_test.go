package gateway_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
)

// exported is every file of an export.
func (w *world) exported(id string) map[string][]byte {
	w.t.Helper()
	files := make(map[string][]byte)
	if err := w.Export(context.Background(), id, func(name string, body []byte) error {
		files[name] = bytes.Clone(body)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return files
}

// results are the checks of an audit by name.
func results(a gateway.FileAudit) map[string]string {
	found := make(map[string]string)
	for _, c := range a.Checks {
		found[c.Name] = c.Result
	}
	return found
}

// Whatever became of a document, its export holds without the gateway.
func TestVerifyExport(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.want(w.accept(waybill), schema.Positive)
	w.want(w.accept(w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))), schema.Positive)
	w.accept(w.Performer.MustSign(w.Waybill(scene.Waybill{})))                                              // who may not sign
	w.accept(w.Waybill(scene.Waybill{}))                                                                    // by nobody
	w.accept(bytes.Replace(waybill, []byte(`massKg="62000"`), []byte(`massKg="26000"`), 1))                 // altered
	w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 2})))                    // which withdraws
	trust := signature.NewTrust([]*x509.Certificate{w.Scene.Gateway.Certificate, w.Scene.Root.Certificate}) // of both sides
	entries, err := w.Journal("", time.Time{}, 100)
	if err != nil || len(entries) != 8 {
		t.Fatalf("%d entries: %v", len(entries), err)
	}
	for _, e := range entries {
		files := w.exported(e.ID)
		for _, o := range []gateway.Offline{{}, {Trust: trust}} {
			if o.Trust != nil && (e.Participant != "SHIP-01" || e.Evidence == nil || e.Evidence.Outcome != "holds") {
				continue
			}
			a, err := o.VerifyExport(files)
			if err != nil {
				t.Fatal(err)
			}
			got := results(a)
			if !a.Holds || a.Message != e.ID || got["record"] != "passed" || got["document"] != "passed" || got["esid"] != "passed" {
				t.Errorf("%s %s %s: %+v", e.Kind, e.Stage, e.Result, a)
			}
			if e.Evidence != nil && got["signature"] != "passed" {
				t.Errorf("%s %s %s: %+v", e.Kind, e.Stage, e.Result, a)
			}
		}
		if e.Kind == schema.KindPlacement && e.Result == schema.Positive {
			for name, want := range map[string]string{
				"staff.json": `"order"`, "delivery.json": `"lane": "client/SHIP-01"`, "participants.yaml": "code: SHIP-01",
			} {
				if !bytes.Contains(files[name], []byte(want)) {
					t.Errorf("%s does not say %s:\n%s", name, want, files[name])
				}
			}
			if n := bytes.Count(files["delivery.json"], []byte(`"lane"`)); n < 3 {
				t.Errorf("%d messages were delivered:\n%s", n, files["delivery.json"])
			}
			if bytes.Contains(files["participants.yaml"], []byte("SHIP-02")) || bytes.Count(files["staff.json"], []byte(`"order"`)) != 1 {
				t.Errorf("others are told of:\n%s\n%s", files["participants.yaml"], files["staff.json"])
			}
		}
	}
}

// What was changed in an export is found, each by its check.
func TestVerifyExport_altered(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	other := w.exported(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))).MessageID())
	whole := w.exported(r.MessageID())
	replace := func(name, old, new string) func(map[string][]byte) {
		return func(files map[string][]byte) {
			if !bytes.Contains(files[name], []byte(old)) {
				t.Fatalf("%s does not hold %s", name, old)
			}
			files[name] = bytes.ReplaceAll(files[name], []byte(old), []byte(new))
		}
	}
	for _, c := range []struct {
		name, check, want string
		alter             func(files map[string][]byte)
	}{
		{"the document", "document", "failed", replace("document.xml", "62000", "26000")},
		{"the verdict", "record", "failed", replace("verdict.json", "positive", "negative")},
		{"the verdict, so that it says the same", "record", "failed", replace("verdict.json", "{", "{ ")},
		{"no verdict", "record", "failed", func(f map[string][]byte) { delete(f, "verdict.json") }},
		{"the ЭСИД", "esid", "failed", replace("esid.xml", "positive", "negative")},
		{"no ЭСИД", "esid", "failed", func(f map[string][]byte) { delete(f, "esid.xml") }},
		{"another's ЭСИД", "esid", "failed", func(f map[string][]byte) { f["esid.xml"] = other["esid.xml"] }},
		{"another's proof", "record", "failed", func(f map[string][]byte) { f["proof.xml"] = other["proof.xml"] }},
		{"another place", "journal", "failed", replace("proof.xml", `index="1"`, `index="2"`)},
		{"a certificate", "evidence", "failed", func(f map[string][]byte) {
			for name := range f {
				if strings.HasSuffix(name, ".cer") {
					f[name] = append(f[name], 0)
				}
			}
		}},
		{"no certificates", "evidence", "not-checked", func(f map[string][]byte) {
			maps.DeleteFunc(f, func(name string, _ []byte) bool { return strings.HasSuffix(name, ".cer") })
		}},
		{"the register: other roots are believed", "signature", "failed", func(f map[string][]byte) {
			f["participants.yaml"] = bytes.ReplaceAll(f["participants.yaml"], []byte("code: SHIP-01"), []byte("code: SHIP-09"))
		}},
		{"no register", "signature", "not-checked", func(f map[string][]byte) { delete(f, "participants.yaml") }},
		{"no document", "document", "not-checked", func(f map[string][]byte) { delete(f, "document.xml") }},
		{"a file more", "other", "not-checked", func(f map[string][]byte) { f["note.txt"] = []byte("!") }},
	} {
		files := maps.Clone(whole)
		c.alter(files)
		a, err := gateway.Offline{}.VerifyExport(files)
		if err != nil {
			t.Fatal(err)
		}
		if got := results(a)[c.check]; got != c.want || a.Holds != (c.want != "failed") {
			t.Errorf("%s: %s is %q, want %q: %+v", c.name, c.check, got, c.want, a)
		}
	}
	// Who trusts the gateway alone is told why that does not suffice.
	own := gateway.Offline{Trust: signature.NewTrust([]*x509.Certificate{w.Scene.Gateway.Certificate})}
	if a, err := own.VerifyExport(whole); err != nil || !slices.ContainsFunc(a.Checks, func(c gateway.FileCheck) bool {
		return c.Result == "failed" && c.Name == "signature" && strings.HasSuffix(c.Detail, "has to be among what is trusted, too")
	}) {
		t.Errorf("without the client's authority: %v, %+v", err, a)
	}
	delete(whole, "proof.xml")
	if _, err := (gateway.Offline{}).VerifyExport(whole); !errors.Is(err, gateway.ErrNoProof) {
		t.Errorf("without a proof: %v", err)
	}
}
