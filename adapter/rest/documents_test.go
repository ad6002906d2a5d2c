package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
	"asugate/schema"
)

// The four outcomes, as their statuses, with the signed ЭСИД as it is kept.
func TestPostDocument(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	good := w.waybill(scene.Waybill{DocumentID: id})
	tests := []struct {
		name     string
		document []byte
		client   string
		status   int
		result   schema.Result
	}{
		{"accepted", good, "ship-01", 200, schema.Positive},
		{"the same bytes again", good, "ship-01", 200, schema.Positive},
		{"the same id with other content", w.waybill(scene.Waybill{DocumentID: id, Cargo: "Уголь"}), "ship-01",
			409, schema.Conflict},
		{"signed by a stranger", w.Impostor.MustSign(w.Waybill(scene.Waybill{})), "ship-01", 422, schema.Negative},
		{"tampered", bytes.Replace(w.waybill(scene.Waybill{}), []byte("62000"), []byte("62001"), 1), "ship-01",
			422, schema.Negative},
		{"tampered, for a participant that wants 200 for every ЭСИД",
			bytes.Replace(w.waybill(scene.Waybill{Sender: "SHIP-02"}), []byte("62000"), []byte("62001"), 1), "ship-02", 200, schema.Negative},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := w.do("POST", "/v1/documents", tt.document, "Authorization: Bearer "+tt.client)
			if r.StatusCode != tt.status || r.Header.Get("Gateway-Result") != string(tt.result) {
				t.Errorf("got %s, %s, want %d, %s\n%s", r.Status, r.Header.Get("Gateway-Result"), tt.status, tt.result, r.body)
			}
			e := w.esid(t, r.body)
			if e.Result != tt.result || e.MessageID != r.Header.Get("Message-ID") {
				t.Errorf("ЭСИД says %s, %s; the header %s", e.Result, e.MessageID, r.Header.Get("Message-ID"))
			}
			kept := w.do("GET", "/v1/outbox/"+e.MessageID, nil, "Authorization: Bearer "+tt.client)
			if !bytes.Equal(kept.body, r.body) {
				t.Errorf("outbox has other bytes: %s", kept.body)
			}
		})
	}
	first, second := w.do("POST", "/v1/documents", good), w.do("POST", "/v1/documents", good)
	if !bytes.Equal(first.body, second.body) {
		t.Error("the same document got different bytes")
	}
}

// A technical Receipt comes at once, the ЭСИД later, through the outbox.
func TestPostDocumentAsync(t *testing.T) {
	w := newWorld(t)
	r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}), "Prefer: wait=5, respond-async")
	if r.StatusCode != 202 || r.Header.Get("Gateway-Result") != "received" || r.Header.Get("Preference-Applied") != "respond-async" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	if !bytes.Contains(r.body, []byte("<Receipt ")) || bytes.Contains(r.body, []byte("<Result>")) {
		t.Errorf("no technical Receipt: %s", r.body)
	}
}

// Every result has its status, and none is taken for a good one.
func TestStatusOf(t *testing.T) {
	tests := []struct {
		result       schema.Result
		plain, often int // often: 200 for every ЭСИД
	}{
		{schema.Positive, 200, 200},
		{schema.Negative, 422, 200},
		{schema.Deferred, 202, 200},
		{schema.Conflict, 409, 200},
		{"", 202, 202}, // a Receipt is no ЭСИД
		{"another", 422, 200},
	}
	for _, tt := range tests {
		if got := statusOf(tt.result, Client{}); got != tt.plain {
			t.Errorf("%q: %d, want %d", tt.result, got, tt.plain)
		}
		if got := statusOf(tt.result, Client{AlwaysOK: true}); got != tt.often {
			t.Errorf("%q with AlwaysOK: %d, want %d", tt.result, got, tt.often)
		}
	}
}

// What is no document is a problem, not an ЭСИД: faults.md §5, rows 1–3, 14, 21, 32.
func TestPostDocumentRefuses(t *testing.T) {
	w := newWorld(t)
	const signed = `<?xml version="1.0"?><!-- <a> --><Signed xmlns="urn:asugate:1"><Content/><CMS/></Signed>`
	tests := []struct {
		name, body, header string
		status             int
		code, reason       string
		offset             int // -1: none
	}{
		{"empty", "", "", 400, "A01", "empty-document", -1},
		{"white space", " \n", "", 400, "A01", "empty-document", 2},
		{"a comment", "<!-- x -->", "", 400, "A01", "empty-document", 10},
		{"JSON labelled as XML", `{"a": 1}`, "", 400, "A01", "not-xml", 0},
		{"two roots", "<a/><b/>", "", 400, "A01", "malformed-xml", 4},
		{"DOCTYPE", "<!DOCTYPE a><a/>", "", 400, "A01", "dtd-not-allowed", 0},
		{"bytes that are not UTF-8", "<a>\xff</a>", "", 400, "A13", "bad-encoding", 3},
		{"JSON", `{"a": 1}`, "Content-Type: application/json", 415, "", "content-type-not-supported", -1},
		{"no type", "<a/>", "Content-Type: ", 415, "", "content-type-not-supported", -1},
		{"a PNG", "\x89PNG", "Content-Type: image/png", 415, "", "content-type-not-supported", -1},
		{"SOAP", "<a/>", "Content-Type: application/soap+xml", 415, "", "content-type-not-supported", -1},
		{"gzip", "\x1f\x8b", "Content-Encoding: gzip", 415, "", "content-encoding-not-supported", -1},
		{"S/MIME", "--a", "Content-Type: multipart/signed; boundary=a", 415, "", "container-not-supported", -1},
		{"MTOM", "--a", "Content-Type: multipart/related; boundary=a", 415, "", "container-not-supported", -1},
		{"a multipart of one part", "--a\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--a--",
			"Content-Type: multipart/mixed; boundary=a", 400, "A01", "bad-multipart", 42},
		{"a multipart without boundary", "--a", "Content-Type: multipart/mixed", 400, "A01", "bad-multipart", 0},
		{"an envelope without a document", signed, "", 400, "A01", "bad-base64", 63},
		{"an envelope that does not end", "<Signed xmlns='urn:asugate:1'>", "", 400, "A01", "malformed-xml", 30},
		{"no CMS", "<a/>", "Content-Type: application/pkcs7-mime", 400, "A01", "not-attached", 0},
		{"too large", strings.Repeat(" ", 1<<20+1), "", 413, "", "too-large", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.header != "" {
				headers = []string{tt.header}
			}
			p := w.problem(t, w.do("POST", "/v1/documents", []byte(tt.body), headers...))
			if p.Status != tt.status || p.Code != tt.code || p.Reason != tt.reason || p.Resend {
				t.Errorf("got %+v, want %d %s %s", p, tt.status, tt.code, tt.reason)
			}
			switch {
			case tt.offset < 0 && p.Offset != nil:
				t.Errorf("offset %d", *p.Offset)
			case tt.offset >= 0 && (p.Offset == nil || *p.Offset != tt.offset || p.Detail == ""):
				t.Errorf("offset %v, want %d; detail %q", p.Offset, tt.offset, p.Detail)
			}
		})
	}
	if entries, err := w.queue.List("", "", 10); err != nil || len(entries) != 0 {
		t.Errorf("something was queued: %v, %v", entries, err)
	}
}

// The usual ways to label XML are all taken, with and without a declared length.
func TestPostDocumentLabels(t *testing.T) {
	w := newWorld(t)
	document := w.waybill(scene.Waybill{})
	labels := []string{"application/xml", "text/xml; charset=utf-8", `TEXT/XML;charset="windows-1251"`, "text/xml; charset"}
	for _, label := range labels {
		if r := w.do("POST", "/v1/documents", document, "Content-Type: "+label); r.StatusCode != 200 {
			t.Errorf("%s: %s %s", label, r.Status, r.body)
		}
	}
	req, err := http.NewRequest("POST", w.server.URL+"/v1/documents", struct{ *bytes.Reader }{bytes.NewReader(document)})
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = -1 // chunked
	req.Header.Set("Authorization", "Bearer ship-01")
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("Content-Encoding", "identity")
	resp, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || !resp.Close {
		t.Errorf("chunked: %s, close %v", resp.Status, resp.Close)
	}
}

// One of two encodings is seen by whoever unpacks, the other by whoever does not.
func TestContentEncodingTwice(t *testing.T) {
	w := newWorld(t)
	for _, second := range []string{"gzip", "identity, br"} {
		r := httptest.NewRequest("POST", "/v1/documents", strings.NewReader("<a/>"))
		r.Header = http.Header{"Content-Type": {"text/xml"}, "Content-Encoding": {"identity", second}, "Authorization": {"Bearer ship-01"}}
		answer := httptest.NewRecorder()
		Handler(w.options).ServeHTTP(answer, r)
		if answer.Code != 415 || !strings.Contains(answer.Body.String(), "content-encoding-not-supported") {
			t.Errorf("%s: %d %s", second, answer.Code, answer.Body)
		}
	}
}

// A dry run says the same, and leaves nothing behind.
func TestVerify(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	r := w.do("POST", "/v1/verify", w.waybill(scene.Waybill{DocumentID: id}))
	var v judgmentView
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != 200 || v.Result != "positive" || v.DocumentID != id || v.Kind != "Waybill" || v.Version != 1 || v.Known {
		t.Errorf("%s %+v", r.Status, v)
	}
	if a := v.Authenticity; a == nil || a.Outcome != "holds" || a.Indication != "TOTAL-PASSED" || a.Signer.Name == "" ||
		len(a.Path) != 2 || len(a.Checks) < 20 {
		t.Errorf("authenticity %+v", a)
	}
	if r := w.do("GET", "/v1/documents/"+id, nil); r.StatusCode != 404 {
		t.Errorf("a dry run was kept: %s", r.Status)
	}
	bad := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	r, v = w.do("POST", "/v1/verify", bad, "Accept: application/xml"), judgmentView{}
	if err := xml.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	if r.StatusCode != 422 || v.Result != "negative" || len(v.Findings) == 0 || v.Findings[0].Code != "A05" ||
		v.Findings[0].Text == "" || v.Findings[0].Remedy == "" || v.Authenticity.SubIndication != "NO_CERTIFICATE_CHAIN_FOUND" {
		t.Errorf("%s %+v\n%s", r.Status, v, r.body)
	}
	if p := w.problem(t, w.do("POST", "/v1/verify", []byte("<a>"))); p.Code != "A01" {
		t.Errorf("%+v", p)
	}
}

// State, versions and every ЭСИД of a document, to its owner only.
func TestGetDocument(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	refused := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id, Receiver: "UZ"}))
	accepted := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id}))
	if refused.StatusCode != 422 || accepted.StatusCode != 200 {
		t.Fatal(refused.Status, accepted.Status)
	}
	read := map[string]func([]byte, any) error{"application/json": json.Unmarshal, "text/xml, */*;q=0.1": xml.Unmarshal}
	for accept, unmarshal := range read {
		r := w.do("GET", "/v1/documents/"+strings.ToUpper(id), nil, "Accept: "+accept)
		var v struct {
			State    string `json:"state" xml:"state,attr"`
			Versions []struct {
				Number int `json:"version" xml:"number,attr"`
				ESIDs  []struct {
					Result string `json:"result" xml:"result,attr"`
					Body   []byte `json:"esid" xml:"-"`
					Text   string `json:"-" xml:",chardata"`
				} `json:"esids" xml:"ESID"`
			} `json:"versions" xml:"Version"`
		}
		if err := unmarshal(r.body, &v); err != nil {
			t.Fatalf("%s: %v in %s", accept, err, r.body)
		}
		if v.State != "accepted" || len(v.Versions) != 1 || v.Versions[0].Number != 1 {
			t.Fatalf("%s: %s %s", accept, r.Status, r.body)
		}
		var results []string
		for i, e := range v.Versions[0].ESIDs {
			results = append(results, e.Result)
			want := [][]byte{refused.body, accepted.body}[i]
			text, err := encoded(want).MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(e.Body, want) && e.Text != string(text) {
				t.Errorf("%s: ЭСИД %d has other bytes", accept, i)
			}
		}
		if diff := cmp.Diff([]string{"negative", "positive"}, results); diff != "" {
			t.Errorf("%s (-want +got):\n%s", accept, diff)
		}
	}
	for _, path := range []string{id, "nonsense", scene.NewID()} {
		r := w.do("GET", "/v1/documents/"+path, nil, "Authorization: Bearer ship-02")
		if p := w.problem(t, r); p.Reason != "no-such-document" {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// One line a document for people: what became of it, and neither body nor person.
func TestAuditLine(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	document := w.Impostor.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	r := w.do("POST", "/v1/documents", document)
	w.do("POST", "/v1/documents", document)
	w.do("POST", "/v1/documents", []byte("<"))
	w.server.Close()
	lines := w.log.lines(t, "document")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), w.log)
	}
	got := lines[0]
	for _, volatile := range []string{"time", "ms"} {
		delete(got, volatile)
	}
	want := map[string]any{
		"level": "INFO", "msg": "document", "request": r.Header.Get("Request-ID"), "participant": "SHIP-01",
		"kind": "Waybill", "document": id, "version": 1.0, "result": "negative", "codes": "A05",
		"message": r.Header.Get("Message-ID"), "repeated": false, "dry": false, "status": 422.0, "problem": "",
		"bytes": float64(len(document)),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if lines[1]["repeated"] != true || lines[1]["message"] != want["message"] {
		t.Errorf("again: %v", lines[1])
	}
	if lines[2]["problem"] != "malformed-xml" || lines[2]["result"] != "" || lines[2]["status"] != 400.0 {
		t.Errorf("no document: %v", lines[2])
	}
	for _, person := range []string{"Петрова", "11223344595", "112-233"} {
		if strings.Contains(w.log.String(), person) {
			t.Errorf("the log names %s", person)
		}
	}
	seen := w.observed()
	if len(seen) != 3 || seen[0].Document == nil || seen[0].Document.Result != "negative" || seen[0].Status != 422 ||
		seen[0].Route != "POST /v1/documents" {
		t.Errorf("observed %+v", seen)
	}
}

// What a client calls its document cannot paint on the operator's terminal.
func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Waybill": "Waybill", "\x1b[31m": `"\x1b[31m"`, "a\u202eb": `"a\u202eb"`, "a b": `"a b"`, "12345678901": `"1234567890\u2026"`,
	} {
		if got := visible(text, 10); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
