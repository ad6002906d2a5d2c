package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
)

// A памятка in the envelope of КП ЭДО is taken out of it and judged as the daemon would, by the registers
// and by certificates alone; so is one whose signature is in a file of its own.
func TestVerifyKPEDO(t *testing.T) {
	d := preparedDesk(t)
	d.config.Office.Railway = "RZD"
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	form := s.KPEDOForm(scene.KPEDOForm{})
	cms, err := s.Office.SignDetached(form)
	if err != nil {
		t.Fatal(err)
	}
	trust := filepath.Join(t.TempDir(), "rail.pem")
	if err := os.WriteFile(trust, pki.EncodeCertificates(s.Rail.Certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := (&verifyCommand{Trust: trust}).offline()
	if err != nil {
		t.Fatal(err)
	}
	reply := scene.KPEDO{Docid: "1766398397", Form: form, CMS: cms, Number: "11013", SignedAt: time.Now()}
	asJSON, inSOAP, another := reply, reply, reply
	asJSON.JSON, inSOAP.SOAP, another.Doctype = true, true, "GU-23"
	const sees = "/Memo/1766398397"
	for name, c := range map[string]struct {
		document, detached []byte
		want               string // result/kind/Docid
		code               string
	}{
		"XML":                      {reply.Bytes(), nil, "positive" + sees, ""},
		"SOAP":                     {inSOAP.Bytes(), nil, "positive" + sees, ""},
		"JSON":                     {asJSON.Bytes(), nil, "positive" + sees, ""},
		"without an envelope":      {form, cms, "positive/Memo/", ""},
		"changed after signing":    {bytes.Replace(form, []byte("63498000"), []byte("62310784"), 1), cms, "negative/Memo/", "A03"},
		"another form of КП ЭДО":   {another.Bytes(), nil, "negative/", "A01"},
		"an envelope that is torn": {reply.Bytes()[:900], nil, "negative/", "A01"},
	} {
		t.Run(name, func(t *testing.T) {
			for how, verify := range map[string]func(*bytes.Buffer) error{
				"by registers": func(out *bytes.Buffer) error {
					op := &judgeOperation{Document: c.document, Detached: c.detached, At: time.Now(), JSON: true, Lang: "en"}
					return op.run(context.Background(), d, out)
				},
				"offline": func(out *bytes.Buffer) error {
					return tell(out, j.authenticity(c.document, c.detached, time.Now(), true), true, "en")
				},
			} {
				var out bytes.Buffer
				if err := verify(&out); err != nil && !errors.Is(err, negative.what) {
					t.Fatalf("%s: %v", how, err)
				}
				var o opinion
				if err := json.Unmarshal(out.Bytes(), &o); err != nil {
					t.Fatal(err)
				}
				got := string(o.Result) + "/" + string(o.Kind)
				if o.Envelope != nil {
					got += "/" + o.Envelope.DocID
				}
				if codes := strings.Join(schema.ErrorCodes(o.Findings), " "); got != c.want || codes != c.code {
					t.Errorf("%s: %s %s, want %s %s\n%s", how, got, codes, c.want, c.code, &out)
				}
			}
		})
	}
	var out bytes.Buffer
	describe(&out, j.authenticity(reply.Bytes(), nil, time.Now(), true), "en")
	if want := "envelope  КП ЭДО, not signed: document 1766398397, number 11013, state 548 "; !strings.Contains(out.String(), want) {
		t.Errorf("%s\nwant %s", &out, want)
	}
}
