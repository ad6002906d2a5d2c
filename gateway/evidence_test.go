package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
)

// proofs is the evidence of a verdict.
func (w *world) proofs(id string) (list []string, bodies [][]byte) {
	w.t.Helper()
	if err := w.Evidence(id, func(p gateway.Proof, der []byte) error {
		digest := sha256.Sum256(der)
		if p.Kept != (der != nil) || p.Kept && p.SHA256 != hex.EncodeToString(digest[:]) {
			w.t.Errorf("%+v is not the digest of what is kept", p)
		}
		list, bodies = append(list, fmt.Sprintf("%s %d %t", p.Kind, p.Bytes, p.Kept)), append(bodies, der)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return list, bodies
}

// count is how many rows a table has.
func (w *world) count(table store.Table) (n int) {
	w.t.Helper()
	if err := w.store.View(func(tx store.Reader) error {
		n = 0
		tx.Range(table, nil, nil, 1000, func(_, _ []byte) bool {
			n++
			return true
		})
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// What a verdict was based on is kept with it, and once however many verdicts share it.
func TestEvidence(t *testing.T) {
	w := newWorld(t)
	large := bytes.Repeat([]byte("a list of revoked certificates "), 10_000)
	s := &sources{crl: large}
	w.Options.Revocations = s
	before := w.count("evidence")
	var last gateway.Receipt
	for range 5 {
		last = w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
		w.want(last, schema.Positive)
	}
	leaf, root := w.Signatory.Certificate.Raw, w.Root.Certificate.Raw
	list, bodies := w.proofs(last.MessageID())
	if diff := cmp.Diff([]string{
		fmt.Sprintf("certificate %d true", len(leaf)), fmt.Sprintf("certificate %d true", len(root)),
		fmt.Sprintf("crl %d true", len(large)),
	}, list); diff != "" {
		t.Error(diff)
	}
	for i, want := range [][]byte{leaf, root, large} {
		if !bytes.Equal(bodies[i], want) {
			t.Errorf("evidence %d has other bytes", i)
		}
	}
	if got := w.count("evidence") - before; got != 3 {
		t.Errorf("%d pieces of evidence for five verdicts, want 3", got)
	}
	e := last.Entry()
	if e.Evidence.Outcome != "holds" || e.Evidence.Indication != "TOTAL-PASSED" || e.Evidence.Directory == 0 ||
		e.Evidence.Revocations[0].State != "good" {
		t.Errorf("%+v", e.Evidence)
	}

	// Who has no path to the trust cannot make us keep anything.
	w.want(w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{}))), schema.Negative, "A05/untrusted")
	if got := w.count("evidence") - before; got != 3 {
		t.Errorf("%d pieces of evidence after a stranger's document", got)
	}
}

// Evidence above what a body may have is known by its digest only.
func TestEvidence_tooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("64 MiB are much for -short")
	}
	w := newWorld(t)
	w.Options.Revocations = &sources{crl: make([]byte, store.MaxBody+1)}
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	w.want(r, schema.Positive)
	list, _ := w.proofs(r.MessageID())
	if got := list[2]; got != fmt.Sprintf("crl %d false", store.MaxBody+1) {
		t.Error(got)
	}
}

// What policy lets pass is a warning in the ЭСИД of an accepted document.
func TestAccept_warnings(t *testing.T) {
	w := newWorld(t)
	text := strings.Replace(string(w.Participants(scene.Participants{})),
		"revocation-unconfigured: ignore", "revocation-unconfigured: warn", 1)
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	w.want(r, schema.Positive)
	e := w.esid(r.Document())
	if len(e.Findings) != 1 || e.Findings[0].Reason != "revocation-unconfigured" || e.Findings[0].Severity != schema.Warning {
		t.Errorf("%+v", e.Findings)
	}
}

// audit is the problems that VerifyJournal finds.
func (w *world) audit() (problems []string) {
	w.t.Helper()
	if err := w.VerifyJournal(context.Background(), func(e gateway.Entry, problem error) {
		if problem != nil {
			problems = append(problems, problem.Error())
		}
	}); err != nil {
		w.t.Fatal(err)
	}
	return problems
}

// Judged again from what is kept, every verdict is the same: whatever the registers say now, and
// whatever is known now of revoked certificates. What has been changed in the store is found.
func TestVerifyJournal_repeats(t *testing.T) {
	w := newWorld(t)
	s := &sources{crl: []byte("a list")}
	w.Options.Revocations = s
	good := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	s.revoke(w.Signatory, time.Now().Add(-time.Hour))
	revoked := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	w.want(revoked, schema.Negative, "A07/revoked")
	s.hush()
	w.interim(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	w.want(w.accept(w.Impostor.MustSign(w.Waybill(scene.Waybill{}))), schema.Negative, "A05/untrusted")
	text := strings.Replace(string(w.Participants(scene.Participants{})),
		indented(string(pki.EncodeCertificates(w.Root.Certificate))),
		indented(string(pki.EncodeCertificates(w.Foreign.Certificate))), 1)
	if _, err := w.register.ImportParticipants([]byte(text), "", "test"); err != nil {
		t.Fatal(err)
	}
	if got := w.audit(); got != nil {
		t.Errorf("nothing was changed, and it finds %v", got)
	}

	// tampered changes the record of a verdict, audits, and puts it back.
	tampered := func(id, old, new, want string) {
		t.Helper()
		var kept []byte
		must(t, w.store.Update(func(tx store.Tx) error {
			kept = bytes.Clone(tx.Get("journal", []byte(id)))
			tx.Put("journal", []byte(id), bytes.ReplaceAll(kept, []byte(old), []byte(new)))
			return nil
		}))
		if got := w.audit(); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: found %v, want %s", old, got, want)
		}
		must(t, w.store.Update(func(tx store.Tx) error {
			tx.Put("journal", []byte(id), kept)
			return nil
		}))
	}
	tampered(good.MessageID(), `"result":"positive"`, `"result":"negative"`, "the acknowledgment: it is "+good.MessageID()+", positive")
	tampered(revoked.MessageID(), `"outcome":"fails"`, `"outcome":"holds"`, "judged again it is «fails» [A07]")
	tampered(good.MessageID(), `"state":"good"`, `"state":"revoked"`, "judged again it is «fails» [A07]")
	crl := sha256.Sum256([]byte("a list"))
	tampered(good.MessageID(), hex.EncodeToString(crl[:]), strings.Repeat("0", 64), "evidence 0000")
	must(t, w.store.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte("evidence/"+hex.EncodeToString(crl[:])), store.Pack([]byte("another list")))
		return nil
	}))
	if got := w.audit(); len(got) != 2 || !strings.Contains(got[0], "has digest") {
		t.Errorf("found %v, want two verdicts with a changed list", got)
	}
	must(t, w.store.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte("evidence/"+hex.EncodeToString(crl[:])), store.Pack([]byte("a list")))
		return nil
	}))
}

// Evidence is for whoever judges again; nobody else reads it.
var _ signature.Revocations = (*sources)(nil)
