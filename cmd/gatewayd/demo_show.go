package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// show plays the demonstration and prints it.
type show struct {
	out    io.Writer
	lang   string
	stage  *stage
	client *client
	failed bool
}

// client is the shipper's system.
type client struct {
	http    *http.Client
	address string
	secret  string
}

func demoClient(address, secret string) *client {
	return &client{http: &http.Client{Timeout: 30 * time.Second}, address: "http://" + address, secret: secret}
}

func (c *client) do(ctx context.Context, method, path string, body []byte) (status int, header http.Header, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, c.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.secret)
	if body != nil {
		r.Header.Set("Content-Type", "application/xml")
	}
	response, err := c.http.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, response.Header, answer, err
}

// act is one document of the demonstration, with the answer that it must get.
type act struct {
	title    string
	document []byte
	status   int
	codes    string // of the findings that are errors, in order
}

// play submits every document, lets the railway send some, then shows outbox and back office. It says whether anything was
// otherwise than it must be.
func (s *show) play(ctx context.Context) (failed bool) {
	for _, a := range s.acts() {
		s.submit(ctx, a)
	}
	s.railway(ctx)
	s.outbox(ctx)
	s.backOffice(ctx, "office", 10) // five accepted documents, each with its ЭСИД
	s.backOffice(ctx, "kpedo", 6)   // two ЭСИД on memos; the answers to them, with their ЭСИД
	return s.failed
}

func (s *show) acts() []act {
	st := s.stage
	waybill, early := scene.NewID(), scene.NewID()
	first := st.Signatory.MustSign(st.Waybill(scene.Waybill{DocumentID: waybill}))
	second := st.Signatory.MustSign(st.Waybill(scene.Waybill{DocumentID: early}))
	reference := scene.ReferenceTo(first, waybill, 1)
	placement := func(by *scene.Persona, p scene.Placement) []byte {
		if p.Waybill == (scene.Reference{}) {
			p.Waybill = reference
		}
		p.Performer = by
		if p.Proxy != nil {
			return p.Proxy.Signer.MustSign(st.Placement(p))
		}
		return by.MustSign(st.Placement(p))
	}
	proxy := func(number string) *scene.Proxy {
		return &scene.Proxy{Number: number, Date: st.Now.AddDate(0, -2, 0).Format(time.DateOnly), Signer: st.Deputy}
	}
	tampered := bytes.Replace(first, []byte("Пиломатериалы"), []byte("Лом черных металлов"), 1)
	good := placement(st.Performer, scene.Placement{})
	paper := scene.NewID()
	return []act{
		{"ЭД №1, the consignment note, signed by the registered signatory", first, 200, ""},
		{"the same bytes again: the stored ЭСИД", first, 200, ""},
		{"ЭД №1 changed after it was signed", tampered, 422, "A03"},
		{"ЭД №1 signed under a certificate of last year",
			st.Expired.MustSign(st.Waybill(scene.Waybill{})), 422, "A06"},
		{"ЭД №1 signed under a certificate that was revoked last week",
			st.Revoked.MustSign(st.Waybill(scene.Waybill{})), 422, "A07"},
		{"ЭД №1 signed by an impostor of a foreign authority",
			st.Impostor.MustSign(st.Waybill(scene.Waybill{})), 422, "A05"},
		{"ЭД №1 signed by somebody who is no signatory",
			st.Unlisted.MustSign(st.Waybill(scene.Waybill{Signatory: st.Unlisted})), 422, "A11"},
		{"another document under the same id and version",
			st.Signatory.MustSign(st.Waybill(scene.Waybill{DocumentID: waybill, Cargo: "Уголь"})), 409, "A09"},
		{"ЭД №2 by somebody who is not in the staff list", placement(st.Unlisted, scene.Placement{}), 422, "L01"},
		{"ЭД №2 by somebody dismissed last month", placement(st.Dismissed, scene.Placement{}), 422, "L02 L03"},
		{"ЭД №2 by somebody without the right to sign", placement(st.Helper, scene.Placement{}), 422, "L03"},
		{"ЭД №2 under a power of attorney that nobody knows",
			placement(st.Performer, scene.Placement{Proxy: proxy("99")}), 422, "L05"},
		{"ЭД №2 for a consignment note that was not accepted",
			placement(st.Performer, scene.Placement{Waybill: scene.ReferenceTo(second, early, 1)}), 422, "W07"},
		{"ЭД №2 as it must be: the wagon list is permitted", good, 200, ""},
		{"ЭД №1 of a second consignment", second, 200, ""},
		{"ЭД №2 of it, by proxy", placement(st.Performer, scene.Placement{
			Waybill: scene.ReferenceTo(second, early, 1), Proxy: proxy("12"),
		}), 200, ""},
		{"the decision to go on with paper, for a third",
			st.Signatory.MustSign(st.PaperSwitch(scene.PaperSwitch{Waybill: paper})), 200, ""},
		{"ЭД №1 of the third, too late",
			st.Signatory.MustSign(st.Waybill(scene.Waybill{DocumentID: paper})), 422, "W13"},
	}
}

// submit sends one document and prints the answer.
func (s *show) submit(ctx context.Context, a act) {
	fmt.Fprintf(s.out, "\n→ %s\n", a.title)
	status, header, answer, err := s.client.do(ctx, http.MethodPost, "/v1/documents", a.document)
	if err != nil {
		s.fail("no answer: %v", err)
		return
	}
	esid, err := s.read(answer)
	if err != nil {
		s.fail("%d %s: %v", status, bytes.TrimSpace(answer), err)
		return
	}
	fmt.Fprintf(s.out, "← %d ЭСИД %s: %s (%s)", status, header.Get("Message-ID"), esid.Result, esid.Stage)
	if len(esid.Permits) > 0 {
		fmt.Fprintf(s.out, ", permits %s", strings.Join(esid.Permits, " "))
	}
	fmt.Fprintln(s.out)
	var codes []string
	for _, f := range esid.Findings {
		if f.Severity == schema.Error {
			codes = append(codes, f.Code)
		}
		fmt.Fprintf(s.out, "  %s %s: %s\n", f.Code, f.Reason, f.ITS(s.lang))
	}
	if got := strings.Join(codes, " "); status != a.status || got != a.codes {
		s.fail("expected %d %s", a.status, a.codes)
	}
}

// read reads an ЭСИД.
func (s *show) read(answer []byte) (schema.ESID, error) {
	root, err := s.believe(answer)
	if err != nil {
		return schema.ESID{}, err
	}
	return schema.ReadESID(root)
}

// believe opens what the gateway says as a client must: only under its certificate.
func (s *show) believe(answer []byte) (xmltree.Element, error) {
	tree, err := xmltree.Parse(answer, xmltree.DefaultLimits())
	if err != nil {
		return xmltree.Element{}, err
	}
	trust := signature.NewTrust(s.stage.Gateway.Chain[:1])
	signed, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds {
		return xmltree.Element{}, fmt.Errorf("the signature of the gateway does not hold: %v", report.Faults)
	}
	return signed.Root(), nil
}

// outbox confirms what the client has received, as a system does that polls.
func (s *show) outbox(ctx context.Context) {
	fmt.Fprintln(s.out, "\n→ the outbox: every message is kept until it is confirmed")
	confirmed := 0
	for {
		status, header, _, err := s.client.do(ctx, http.MethodGet, "/v1/outbox/next", nil)
		if err != nil || status != http.StatusOK {
			break
		}
		if status, _, _, err := s.client.do(ctx, http.MethodDelete, "/v1/outbox/"+header.Get("Message-ID"), nil); err != nil || status/100 != 2 {
			s.fail("confirming %s: %d %v", header.Get("Message-ID"), status, err)
			return
		}
		confirmed++
	}
	fmt.Fprintf(s.out, "← %d fetched and confirmed, the outbox is empty\n", confirmed)
	// One a document; the repeat has the ЭСИД of the first. Of each memo the notice, itself, and the ЭСИД on the
	// answer.
	if confirmed != 17+2*3 {
		s.fail("expected %d", 17+2*3)
	}
}

// backOffice waits for what the railway gets in a lane.
func (s *show) backOffice(ctx context.Context, lane string, expected int) {
	dir := filepath.Join(s.stage.config.Spool.Dir, "out", lane)
	var names []string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; {
		names, _ = filepath.Glob(filepath.Join(dir, "*.meta"))
		if len(names) >= expected {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Fprintf(s.out, "\n→ the railway has %d files in %s\n", len(names), dir)
	if len(names) != expected {
		s.fail("expected %d", expected)
	}
}

func (s *show) fail(format string, args ...any) {
	s.failed = true
	fmt.Fprintf(s.out, "✗ "+format+"\n", args...)
}

// howToGoOn prints what to type next while the daemon is left running.
func (st *stage) howToGoOn(out io.Writer, d *daemon) {
	first := filepath.Join(st.dir, "waybill.xml")
	if err := os.WriteFile(first, st.Waybill(scene.Waybill{}), 0o600); err != nil {
		fmt.Fprintf(out, "writing %s: %v\n", first, err)
		return
	}
	fmt.Fprintf(out, `
The daemon keeps running until Ctrl-C. Try, in another terminal:

  export GATEWAYD_CONFIG=%[1]s/gatewayd.yaml TOKEN=%[2]s
  gatewayd sign --key %[1]s/petrova.key --cert %[1]s/petrova.pem %[1]s/waybill.xml > signed.xml
  curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/xml" --data-binary @signed.xml http://%[3]s/v1/documents
  curl -H "Authorization: Bearer $TOKEN" http://%[3]s/v1/outbox
  gatewayd journal list
  curl http://%[4]s/readyz
`, st.dir, st.secret, d.web.address(), d.ops.address())
}
