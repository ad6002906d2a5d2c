package gateway_test

import (
	"bytes"
	"testing"
	"testing/fstest"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/register/codes"
	"asugate/schema"
)

// One judgment rests on one set of code tables; the ЭСИД names it within the policy, and a refusal is
// repeated only while it is in force.
func TestAccept_codeTables(t *testing.T) {
	w := newWorld(t)
	tables := codes.Shipped()
	w.Codes = func() *codes.Tables { return tables }
	shipped := w.esid(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))).Document()).Basis.Policy

	tables = pki.Must(codes.Read(fstest.MapFS{"stations.tsv": {Data: []byte(
		"first\tlast\troad\tsource\n850609\t850609\t83\tx\n985609\t985609\t10\tx\n")}}))
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	first := w.accept(raw)
	w.want(first, schema.Negative, "D03/declared-differs")
	if own := w.esid(first.Document()).Basis.Policy; own == shipped || len(own) != 64 {
		t.Errorf("policy %q with tables of the operator's own, %q with the shipped ones", own, shipped)
	}
	if again := w.accept(raw); !bytes.Equal(first.Document(), again.Document()) {
		t.Error("nothing has changed, yet the refusal is another")
	}
	tables = codes.Shipped()
	second := w.accept(raw)
	w.want(second, schema.Positive)
	if e := w.esid(second.Document()); e.Supersedes != first.MessageID() || e.Basis.Policy != shipped {
		t.Errorf("supersedes %q, want %q; policy %q, want %q", e.Supersedes, first.MessageID(), e.Basis.Policy, shipped)
	}
}
