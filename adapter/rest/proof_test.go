package rest

import (
	"strings"
	"testing"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/ledger"
	"asugate/schema"
	"asugate/xmltree"
)

// A client gets the proof of its own document, as its schema says, and of no other's.
func TestProof(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	document := w.waybill(scene.Waybill{DocumentID: id})
	answer := w.do("POST", "/v1/documents", document)
	message := answer.Header.Get("Message-ID")
	for _, path := range []string{
		"/v1/documents/" + id + "/proof",
		"/v1/documents/" + strings.ToUpper(strings.ReplaceAll(id, "-", "")) + "/proof?message=" + message,
	} {
		r := w.do("GET", path, nil)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/xml" || r.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %s %v\n%s", path, r.Status, r.Header, r.body)
		}
		tree, err := xmltree.Parse(r.body, xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		p, err := schema.ReadProof(tree.Root())
		if err != nil {
			t.Fatal(err)
		}
		leaf, _, err := gateway.CheckProof(p)
		want := ledger.Leaf{Kind: ledger.Verdict, ID: message, Record: leaf.Record, Sent: hexSum(answer.body), Received: hexSum(document)}
		if err != nil || leaf != want {
			t.Errorf("%s proves %+v, want %+v: %v", path, leaf, want, err)
		}
	}
	for _, c := range []struct{ name, path, credentials string }{
		{"another's", "/v1/documents/" + id + "/proof", "Authorization: Bearer ship-02"},
		{"another's, by its message", "/v1/documents/" + id + "/proof?message=" + message, "Authorization: Bearer ship-02"},
		{"none", "/v1/documents/" + scene.NewID() + "/proof", "Authorization: Bearer ship-01"},
		{"a message about something else", "/v1/documents/" + id + "/proof?message=" + scene.NewID(), "Authorization: Bearer ship-01"},
	} {
		if p := w.problem(t, w.do("GET", c.path, nil, c.credentials)); p.Reason != noDocument.Reason {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}
