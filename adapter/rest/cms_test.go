package rest

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"asugate/gateway"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
)

// inMultipart is a body as a client writes it that has never heard of us.
func inMultipart(t testing.TB, document, cms []byte, encoding string) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	addPart(t, w, "application/xml", document, encoding)
	addPart(t, w, "application/pkcs7-signature", cms, encoding)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), "multipart/mixed; boundary=" + w.Boundary()
}

func addPart(t testing.TB, w *multipart.Writer, mediaType string, content []byte, encoding string) {
	t.Helper()
	head := map[string][]string{"Content-Type": {mediaType}}
	if encoding != "" {
		head["Content-Transfer-Encoding"] = []string{encoding}
	}
	if encoding == "base64" {
		content = base64.StdEncoding.AppendEncode(nil, content)
	}
	part, err := w.CreatePart(head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
}

// attachedTo is what openssl makes of a document with the key of a persona: a .p7m in DER.
func attachedTo(t *testing.T, document []byte, p *scene.Persona, more ...string) []byte {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	if _, _, err := p.Write(dir, "signer"); err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(dir, "document.xml")
	if err := os.WriteFile(in, document, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", in,
		"-signer", filepath.Join(dir, "signer.pem"), "-inkey", filepath.Join(dir, "signer.key")}, more...)
	out, err := exec.Command(openssl, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// form is one way to send a document with its CMS signature.
type form struct {
	name, contentType string
	body              []byte
}

func formsOf(t *testing.T, document, cms []byte) []form {
	forms := []form{{"<Signed>", "application/xml", schema.AppendSigned(nil, document, cms)}}
	for _, encoding := range []string{"", "binary", "base64"} {
		body, contentType := inMultipart(t, document, cms, encoding)
		forms = append(forms, form{"multipart " + encoding, contentType, body})
	}
	return forms
}

// In whatever form a document and its signature come, it is the same submission: judged once, answered
// with the same bytes.
func TestPostCMS(t *testing.T) {
	w := newWorld(t)
	document := w.Waybill(scene.Waybill{})
	cms := pki.Must(w.Signatory.SignDetached(document))
	attached := attachedTo(t, document, w.Signatory)
	var first reply
	for _, f := range formsOf(t, document, cms) {
		r := w.do("POST", "/v1/documents", f.body, "Content-Type: "+f.contentType)
		if r.StatusCode != 200 || w.esid(t, r.body).Result != schema.Positive {
			t.Fatalf("%s: %s %s", f.name, r.Status, r.body)
		}
		if first.Response == nil {
			first = r
		}
		if !bytes.Equal(first.body, r.body) {
			t.Errorf("%s: another answer", f.name)
		}
	}
	if e := w.esid(t, first.body); e.InReplyTo.Content != hexSum(document) || e.InReplyTo.Raw != hexSum(append(bytes.Clone(document), cms...)) {
		t.Errorf("in reply to %+v", e.InReplyTo)
	}
	// The same content with another signature: the same ЭСИД, in PEM and base64 too.
	for name, body := range map[string][]byte{
		"DER": attached, "base64": base64.StdEncoding.AppendEncode(nil, attached),
		"PEM": []byte("-----BEGIN CMS-----\n" + base64.StdEncoding.EncodeToString(attached) + "\n-----END CMS-----\n"),
		"BER": attachedTo(t, document, w.Signatory, "-stream"),
	} {
		r := w.do("POST", "/v1/documents", body, "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=waybill.xml.p7m")
		if r.StatusCode != 200 || !bytes.Equal(r.body, first.body) {
			t.Errorf("attached, %s: %s %s", name, r.Status, r.body)
		}
	}
	if entries, err := w.queue.List("", "", 10); err != nil || len(entries) != 3 {
		t.Errorf("%d messages, %v", len(entries), err) // the ЭСИД for the client, document and ЭСИД for the office
	}
}

// What is attached is submitted as document and detached signature, small enough for every road.
func TestUnwrapDetaches(t *testing.T) {
	w := newWorld(t)
	var got gateway.Submission
	w.options.Verify = func(_ context.Context, s gateway.Submission) (gateway.Judgment, error) {
		got = s
		return gateway.Judgment{Result: schema.Positive}, nil
	}
	w.serve()
	document := w.Waybill(scene.Waybill{Cargo: strings.Repeat("груз ", 50<<10)})
	r := w.do("POST", "/v1/verify", attachedTo(t, document, w.Signatory), "Content-Type: application/x-pkcs7-mime")
	if r.StatusCode != 200 || !bytes.Equal(got.Raw, document) || len(got.Detached) == 0 || len(got.Detached) > 8<<10 {
		t.Errorf("%s: %d bytes of document, %d of signature", r.Status, len(got.Raw), len(got.Detached))
	}
}

// Tampered with on its way, in either part; signed by somebody else; with nothing inside.
func TestPostCMSRefused(t *testing.T) {
	w := newWorld(t)
	document := w.Waybill(scene.Waybill{})
	cms := pki.Must(w.Signatory.SignDetached(document))
	changed := bytes.Replace(document, []byte("62000"), []byte("62001"), 1)
	broken := bytes.Clone(cms)
	broken[len(broken)-1] ^= 1
	tests := []struct {
		name          string
		document, cms []byte
		code          string
	}{
		{"the document", changed, cms, "A03"},
		{"the signature", document, broken, "A03"},
		{"a stranger", document, pki.Must(w.Impostor.SignDetached(document)), "A05"},
		{"one who may not", document, pki.Must(w.Helper.SignDetached(document)), "A11"},
		{"signed inside too", w.Signatory.MustSign(document), pki.Must(w.Signatory.SignDetached(w.Signatory.MustSign(document))), ""},
	}
	for _, tt := range tests {
		for _, f := range formsOf(t, tt.document, tt.cms)[:2] {
			r := w.do("POST", "/v1/documents", f.body, "Content-Type: "+f.contentType)
			e := w.esid(t, r.body)
			codes := schema.ErrorCodes(e.Findings)
			if r.StatusCode != 422 || e.Result != schema.Negative || tt.code != "" && (len(codes) == 0 || codes[0] != tt.code) {
				t.Errorf("%s, %s: %s %v", tt.name, f.name, r.Status, codes)
			}
		}
	}
	r := w.do("POST", "/v1/documents", cms, "Content-Type: application/pkcs7-mime")
	if p := w.problem(t, r); p.Code != "A01" || p.Reason != "not-attached" || p.Hint == "" || p.Detail == "" {
		t.Errorf("a detached signature alone: %+v", p)
	}
}

// However a signature was written down before it was put into a body, it is submitted in DER: so all forms
// are one submission, and the back office gets what it can read.
func TestSignatureComesInDER(t *testing.T) {
	w := newWorld(t)
	var got gateway.Submission
	w.options.Verify = func(_ context.Context, s gateway.Submission) (gateway.Judgment, error) {
		got = s
		return gateway.Judgment{Result: schema.Positive}, nil
	}
	w.serve()
	document := w.Waybill(scene.Waybill{})
	cms := pki.Must(w.Signatory.SignDetached(document))
	in64 := base64.StdEncoding.AppendEncode(nil, cms)
	written := map[string][]byte{
		"DER": cms, "base64": in64, "PEM": []byte("-----BEGIN PKCS7-----\n" + string(in64) + "\n-----END PKCS7-----\n"),
	}
	for name, cmsAsWritten := range written {
		for _, f := range formsOf(t, document, cmsAsWritten) {
			got = gateway.Submission{}
			r := w.do("POST", "/v1/verify", f.body, "Content-Type: "+f.contentType)
			if r.StatusCode != 200 || !bytes.Equal(got.Raw, document) || !bytes.Equal(got.Detached, cms) {
				t.Errorf("%s, %s: %s, a signature of %d bytes, not %d", name, f.name, r.Status, len(got.Detached), len(cms))
			}
		}
	}
	for _, f := range formsOf(t, document, []byte("no signature"))[:2] {
		r := w.do("POST", "/v1/documents", f.body, "Content-Type: "+f.contentType)
		if p := w.problem(t, r); p.Code != "A01" || !strings.Contains(p.Detail, "neither DER nor base64 nor PEM") || *p.Offset == 0 {
			t.Errorf("%s: %+v", f.name, p)
		}
	}
}

// The limits are on document and signature, whatever is around them.
func TestCMSLimits(t *testing.T) {
	w := newWorld(t)
	const limit = 64 << 10
	w.options.Limits.Document = limit
	w.options.Verify = func(context.Context, gateway.Submission) (gateway.Judgment, error) {
		return gateway.Judgment{Result: schema.Positive}, nil
	}
	w.serve()
	bytesOf := func(n int) []byte { return append([]byte("\x30"), bytes.Repeat([]byte{1}, n-1)...) }
	tests := []struct {
		name          string
		document, cms int
		reason        string // empty: taken
	}{
		{"the greatest of both", limit, gateway.MaxDetached, ""},
		{"a document too large", limit + 1, 10, "too-large"},
		{"a signature too large", 10, gateway.MaxDetached + 1, "signature-too-large"},
		{"much too large", 4 * limit, 10, "too-large"},
	}
	for _, tt := range tests {
		for _, f := range formsOf(t, bytesOf(tt.document), bytesOf(tt.cms)) {
			for _, chunked := range []bool{false, true} {
				var body io.Reader = bytes.NewReader(f.body)
				if chunked {
					body = struct{ io.Reader }{body}
				}
				req, err := http.NewRequest("POST", w.server.URL+"/v1/verify", body)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer ship-01")
				req.Header.Set("Content-Type", f.contentType)
				resp, err := w.server.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				if tt.reason == "" && resp.StatusCode != 200 || !strings.Contains(string(text), tt.reason) {
					t.Errorf("%s, %s, chunked %v: %s %s", tt.name, f.name, chunked, resp.Status, text)
				}
			}
		}
	}
}

// sealedParts opens an answer of ours with what every language has.
func sealedParts(t *testing.T, contentType string, body []byte) (document, cms []byte) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "multipart/mixed" {
		t.Fatalf("%q %v: %s", contentType, err, body)
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	var read [2][]byte
	for i, want := range []string{"application/xml", "application/pkcs7-signature"} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Type"); got != want {
			t.Errorf("part %d is %q", i, got)
		}
		if read[i], err = io.ReadAll(part); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("after two parts: %v", err)
	}
	return read[0], read[1]
}

// A notice that the railway has signed with a CMS reaches the client with its signature, as multipart or
// as the envelope, the same bytes each time.
func TestOutboxCMS(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id}))
	notice := w.Notice(scene.Notice{InReplyTo: id})
	cms := pki.Must(w.Office.SignDetached(notice))
	receipt, err := w.gateway.Accept(t.Context(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: notice, Detached: cms, Received: w.now(), Via: "rabbit",
	})
	if err != nil || receipt.Result() != schema.Positive {
		t.Fatalf("%v, %+v", err, receipt.Findings())
	}
	entries, err := w.queue.List(gateway.ClientLane("SHIP-01"), "", 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%+v, %v", entries, err)
	}
	path := "/v1/outbox/" + entries[1].ID
	r := w.do("GET", path, nil)
	document, got := sealedParts(t, r.Header.Get("Content-Type"), r.body)
	if !bytes.Equal(document, notice) || !bytes.Equal(got, cms) {
		t.Errorf("%q, %q", document, got)
	}
	if r.Header.Get("SHA256") != hexSum(notice) || r.Header.Get("Vary") != "Accept" || r.Header.Get("Kind") != "OfficeNotice" {
		t.Errorf("%v", r.Header)
	}
	w.do("DELETE", "/v1/outbox/"+entries[0].ID, nil)
	for _, p := range []string{path, "/v1/outbox/next"} {
		for _, accept := range []string{"*/*", "multipart/mixed, application/xml;q=0.9", "application/json"} {
			if again := w.do("GET", p, nil, "Accept: "+accept); !bytes.Equal(again.body, r.body) {
				t.Errorf("%s, %s: %s", p, accept, again.body)
			}
		}
		inEnvelope := w.do("GET", p, nil, "Accept: application/xml, */*;q=0.1")
		document, got, err := schema.ReadSigned(inEnvelope.body)
		if err != nil || !bytes.Equal(document, notice) || !bytes.Equal(got, cms) {
			t.Errorf("%s: %v in %s", p, err, inEnvelope.body)
		}
	}
}

// A pushed message has the same two parts as a fetched one.
func TestPushCMS(t *testing.T) {
	var contentType string
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		contentType = r.Header.Get("Content-Type")
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	push := pushTo(server.URL, nil)
	document, cms := []byte("<a/>"), []byte("\x30\x01\x00")
	for _, m := range []queue.Message{{ID: "m1", Kind: "ESID"}, {ID: "m1", Kind: "ESID"}} {
		if err := push(t.Context(), m, document, cms); err != nil {
			t.Fatal(err)
		}
		gotDocument, gotCMS := sealedParts(t, contentType, body)
		if !bytes.Equal(gotDocument, document) || !bytes.Equal(gotCMS, cms) {
			t.Errorf("%q, %q", gotDocument, gotCMS)
		}
		wantType, want := multipartOf(m.ID, document, cms)
		if contentType != wantType || !bytes.Equal(body, want) {
			t.Errorf("fetched it would be another: %q", body)
		}
	}
}

// GET /v1/documents/{id} shows an ЭСИД with the signature beside it.
func TestGetDocumentCMS(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	accepted := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id}))
	w.options.Acknowledgment = func(string) ([]byte, []byte, error) { return accepted.body, []byte("cms"), nil }
	w.serve()
	encodedCMS := base64.StdEncoding.EncodeToString([]byte("cms"))
	for accept, want := range map[string]string{"application/json": `"cms":"` + encodedCMS + `"`, "application/xml": ` cms="` + encodedCMS + `"`} {
		if r := w.do("GET", "/v1/documents/"+id, nil, "Accept: "+accept); !strings.Contains(string(r.body), want) {
			t.Errorf("%s: no %s in %s", accept, want, r.body)
		}
	}
}
