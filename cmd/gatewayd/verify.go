package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

type verifyCommand struct {
	Trust         string    `type:"path" help:"Believe these certificates, a file or a folder, instead of the register; one that is no CA is trusted as itself. Registers are not looked at." placeholder:"PEM|DIR"`
	SignatureOnly bool      `help:"Authenticity of any XML document; needs --trust."`
	Signature     string    `type:"path" help:"A detached CMS signature over the document." placeholder:"P7S"`
	At            sinceFlag `help:"Judge as of then." placeholder:"TIME"`
	Participant   string    `help:"The participant that would send it; else the document's Sender." placeholder:"CODE"`
	JSON          bool      `name:"json" help:"Print one JSON object."`
	Lang          string    `help:"Language of the explanations." enum:"ru,uk,en" default:"en"`
	File          string    `arg:"" help:"The document; - is standard input."`
}

// opinion is what verify prints.
type opinion struct {
	Result     schema.Result    `json:"result"`
	Stage      schema.Stage     `json:"stage"`
	Kind       schema.Kind      `json:"kind,omitempty"`
	DocumentID string           `json:"document,omitempty"`
	Version    int              `json:"version,omitempty"`
	Signer     string           `json:"signer,omitempty"`
	Algorithm  string           `json:"algorithm,omitempty"`
	Content    string           `json:"content,omitempty"`
	Known      bool             `json:"known,omitempty"`
	Findings   []schema.Finding `json:"findings,omitempty"`
	Basis      *schema.Basis    `json:"basis,omitempty"`
}

func (c *verifyCommand) Run(ctx context.Context, s streams, cli *cli) error {
	document, err := readFile(s, c.File)
	if err != nil {
		return err
	}
	var detached []byte
	if c.Signature != "" {
		if detached, err = readFile(s, c.Signature); err != nil {
			return err
		}
	}
	at := c.At.from(time.Now())
	if at.IsZero() {
		at = time.Now()
	}
	if c.Trust == "" {
		if c.SignatureOnly {
			return failure{code: exitUsage, what: errors.New("--signature-only needs --trust")}
		}
		op := &judgeOperation{
			Document: document, Detached: detached, At: at, Participant: c.Participant,
			JSON: c.JSON, Lang: c.Lang,
		}
		return cli.operate(ctx, "verify", op, s.out)
	}
	trust, err := readTrust(c.Trust)
	if err != nil {
		return err
	}
	return tell(s.out, authenticity(document, detached, trust, at, !c.SignatureOnly), c.JSON, c.Lang)
}

// judgeOperation judges a document by the registers of the store, and keeps nothing.
type judgeOperation struct {
	Document, Detached []byte
	At                 time.Time
	Participant        string
	JSON               bool
	Lang               string
}

func (c *judgeOperation) run(ctx context.Context, d *desk, out io.Writer) error {
	participant := c.Participant
	if participant == "" {
		tree, err := xmltree.Parse(c.Document, d.limits())
		if err != nil {
			return tell(out, malformed(err), c.JSON, c.Lang)
		}
		participant = schema.GlanceAt(tree.Root()).Sender
	}
	dir, err := d.directory()
	if err != nil {
		return err
	}
	j, err := d.gateway.Verify(ctx, gateway.Submission{
		Participant: participant, Office: dir.Railways[participant] != nil && dir.Participants[participant] == nil,
		Raw: c.Document, Detached: c.Detached, Received: c.At, Via: "verify",
	})
	if errors.Is(err, gateway.ErrNotDocument) {
		return tell(out, malformed(err), c.JSON, c.Lang)
	}
	if err != nil {
		return err
	}
	o := opinion{
		Result: j.Result, Stage: j.Stage, Kind: j.Kind, DocumentID: j.DocumentID, Version: j.Version,
		Findings: j.Findings, Basis: &j.Basis, Known: j.Known,
	}
	o.describe(j.Report)
	return tell(out, o, c.JSON, c.Lang)
}

// authenticity judges signature and certificate, and the schema when the document is one of ours.
func authenticity(document, detached []byte, trust *signature.Trust, at time.Time, ours bool) opinion {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return malformed(err)
	}
	o := opinion{Result: schema.Positive, Stage: schema.Authenticity}
	g := schema.GlanceAt(tree.Root())
	o.Kind, o.DocumentID, o.Version = g.Kind, g.DocumentID, g.Version
	signed, report := signature.Open(
		signature.Input{Tree: tree, Detached: detached}, trust, signature.Policy{}, at)
	o.describe(report)
	for _, f := range report.Faults {
		o.Findings = append(o.Findings, schema.Finding{
			Code: f.Code, Reason: f.Reason, Severity: schema.Error,
			Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		})
	}
	if report.Outcome != signature.Holds {
		o.Result = schema.Negative
		return o
	}
	if ours {
		d, findings := schema.Parse(signed, time.UTC)
		o.Findings = append(o.Findings, findings...)
		if !d.Valid() {
			o.Result = schema.Negative
		}
	}
	return o
}

func (o *opinion) describe(r signature.Report) {
	o.Algorithm = r.Signature
	if r.Certificate != nil {
		o.Signer = r.Signer.Person()
	}
	if r.Content != ([32]byte{}) {
		o.Content = fmt.Sprintf("%x", r.Content)
	}
}

// malformed is the opinion on bytes that are no document.
func malformed(err error) opinion {
	o := opinion{Result: schema.Negative, Stage: schema.Authenticity}
	var syntax *xmltree.SyntaxError
	if errors.As(err, &syntax) {
		o.Findings = []schema.Finding{{
			Code: schema.SyntaxCode(syntax), Reason: syntax.Reason, Severity: schema.Error,
			Actual: fmt.Sprintf("byte %d: %s", syntax.Offset, syntax.Detail),
		}}
	}
	return o
}

// tell prints an opinion; a negative one ends with exit code 1.
func tell(out io.Writer, o opinion, asJSON bool, lang string) error {
	if asJSON {
		if err := indented(out, o); err != nil {
			return err
		}
	} else {
		describe(out, o, lang)
	}
	switch o.Result {
	case schema.Positive:
		return nil
	case schema.Deferred:
		return failure{code: exitCould, what: errors.New("undecided")}
	}
	return negative
}

func describe(out io.Writer, o opinion, lang string) {
	fmt.Fprintf(out, "%s (%s)\n", o.Result, o.Stage)
	for _, line := range [][2]string{
		{"kind", string(o.Kind)}, {"document", o.DocumentID}, {"signer", o.Signer},
		{"algorithm", o.Algorithm}, {"content", o.Content},
	} {
		if line[1] != "" {
			fmt.Fprintf(out, "%-10s%s\n", line[0], printable(line[1]))
		}
	}
	if o.Known {
		fmt.Fprintln(out, "known     this is the answer that the gateway has given and would give again")
	}
	for _, f := range o.Findings {
		fmt.Fprintf(out, "%s %s/%s %s\n", f.Severity, f.Code, f.Reason, printable(f.Path))
		for _, text := range []string{f.ITS(lang), f.Remedy(lang)} {
			if text != "" {
				fmt.Fprintf(out, "    %s\n", printable(text))
			}
		}
		if f.Expected != "" {
			fmt.Fprintf(out, "    expected: %s\n", printable(f.Expected))
		}
		if f.Actual != "" {
			fmt.Fprintf(out, "    actual:   %s\n", printable(f.Actual))
		}
	}
}

// readTrust reads a file of certificates, or every *.pem, *.crt and *.cer file of a folder.
func readTrust(path string) (*signature.Trust, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading trusted certificates: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("reading trusted certificates: %w", err)
		}
		files = files[:0]
		for _, e := range entries {
			switch strings.ToLower(filepath.Ext(e.Name())) {
			case ".pem", ".crt", ".cer":
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
	}
	var all []*x509.Certificate
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("reading trusted certificates: %w", err)
		}
		certificates, err := signature.ParseCertificates(b)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", f, err)
		}
		all = append(all, certificates...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no certificates", path)
	}
	return signature.NewTrust(all), nil
}
