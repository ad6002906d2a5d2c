package rest

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The certificates under which we sign, in each form.
func TestCertificates(t *testing.T) {
	w := newWorld(t)
	current := w.Scene.Gateway.Certificate
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.FixedZone("", 3*3600))
	w.options.Certificates = func() []SigningCertificate {
		return []SigningCertificate{
			{Key: "default", Certificate: current, State: "current"}, {Key: "gost", Certificate: w.Office.Certificate, State: "next", From: from},
		}
	}
	w.serve()
	r := w.do("GET", "/v1/certificates", nil)
	var got []*x509.Certificate
	for rest := r.body; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, c)
	}
	if len(got) != 2 || !got[0].Equal(current) || !got[1].Equal(w.Office.Certificate) {
		t.Errorf("PEM: %s", r.body)
	}
	if !strings.Contains(string(r.body), "# next, key gost, ") {
		t.Errorf("PEM: %s", r.body)
	}
	type view struct {
		Certificates []struct {
			Key    string    `json:"key" xml:"key,attr"`
			State  string    `json:"state" xml:"state,attr"`
			From   time.Time `json:"from" xml:"from,attr"`
			SHA256 string    `json:"sha256" xml:"SHA256"`
		} `json:"certificates" xml:"Certificate"`
	}
	read := map[string]func([]byte, any) error{"application/json": json.Unmarshal, "application/xml": xml.Unmarshal}
	for accept, unmarshal := range read {
		var v view
		r := w.do("GET", "/v1/certificates", nil, "Accept: "+accept)
		if err := unmarshal(r.body, &v); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
		if len(v.Certificates) != 2 || v.Certificates[0].State != "current" || v.Certificates[0].SHA256 != hexSum(current.Raw) ||
			v.Certificates[0].Key != "default" || v.Certificates[1].Key != "gost" || !v.Certificates[0].From.IsZero() || !v.Certificates[1].From.Equal(from) {
			t.Errorf("%s: %s", accept, r.body)
		}
	}
}

// Schemas and description are for everyone, and are not sent again to those who have them.
func TestPublished(t *testing.T) {
	w := newWorld(t)
	var list struct{ Schemas []string }
	r := w.do("GET", "/v1/schemas/", nil, "Authorization: ")
	if err := json.Unmarshal(r.body, &list); err != nil || len(list.Schemas) < 7 {
		t.Fatalf("%s %s", r.Status, r.body)
	}
	paths := []string{"/v1/openapi.yaml"}
	for _, name := range list.Schemas {
		paths = append(paths, "/v1/schemas/"+name)
	}
	for _, path := range paths {
		r := w.do("GET", path, nil, "Authorization: ")
		if r.StatusCode != 200 || len(r.body) == 0 {
			t.Errorf("%s: %s", path, r.Status)
		}
		if strings.HasSuffix(path, ".xsd") && !bytes.Contains(r.body, []byte("http://www.w3.org/2001/XMLSchema")) {
			t.Errorf("%s is no schema", path)
		}
		again := w.do("GET", path, nil, "If-None-Match: "+r.Header.Get("ETag"))
		if again.StatusCode != 304 || len(again.body) != 0 {
			t.Errorf("%s again: %s", path, again.Status)
		}
	}
}

// Accept, as clients write it.
func TestPreferred(t *testing.T) {
	w := newWorld(t)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/html": "application/json",
		"application/xml": "application/xml", "text/xml;charset=utf-8": "application/xml",
		"text/html, application/xml;q=0.9, */*;q=0.8":    "application/xml",
		"application/xml;q=0.5, application/json":        "application/json",
		"application/json;q=0.1, application/xml;q=0.2":  "application/xml",
		"application/xml;q=0":                            "application/json",
		"application/x-pem-file, ,;;, application/xml ,": "application/xml",
	} {
		r := w.do("GET", "/v1/outbox", nil, "Accept: "+accept)
		if diff := cmp.Diff(want, r.Header.Get("Content-Type")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", accept, diff)
		}
	}
}
