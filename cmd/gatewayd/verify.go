package main

import (
	"context"
	"errors"
	"io"
	"time"

	"asugate/gateway"
	"asugate/schema"
	"asugate/xmltree"
)

type verifyCommand struct {
	Trust         string    `type:"path" help:"Believe these certificates, a file or a folder, instead of the register; one that is no CA is trusted as itself. Registers are not looked at." placeholder:"PEM|DIR"`
	SignatureOnly bool      `help:"Authenticity of any XML document; needs --trust."`
	Policy        string    `type:"path" help:"With --trust: judge by the section «policy» of this file, which is written as in the register of participants." placeholder:"FILE"`
	CRL           []string  `name:"crl" type:"path" help:"With --trust: a list of revoked certificates, signed by one of those trusted. May be repeated." placeholder:"FILE"`
	Signature     string    `type:"path" help:"A detached CMS signature over the document." placeholder:"P7S"`
	At            sinceFlag `help:"Judge as of then." placeholder:"TIME"`
	Participant   string    `help:"The participant that would send it; else the document's Sender." placeholder:"CODE"`
	JSON          bool      `name:"json" help:"Print one JSON object."`
	Lang          string    `help:"Language of the explanations." enum:"ru,uk,en" default:"en"`
	File          string    `arg:"" help:"The document; - is standard input."`
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
		for _, one := range []struct {
			name  string
			given bool
		}{{"--signature-only", c.SignatureOnly}, {"--policy", c.Policy != ""}, {"--crl", c.CRL != nil}} {
			if one.given {
				return failure{code: exitUsage, what: errors.New(one.name + " needs --trust")}
			}
		}
		op := &judgeOperation{
			Document: document, Detached: detached, At: at, Participant: c.Participant,
			JSON: c.JSON, Lang: c.Lang,
		}
		return cli.operate(ctx, "verify", op, s.out)
	}
	j, err := c.offline()
	if err != nil {
		return err
	}
	return tell(s.out, j.authenticity(document, detached, at, !c.SignatureOnly), c.JSON, c.Lang)
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
	if err := d.needRevocations(); err != nil {
		return err
	}
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
	o.Authenticity = j.Authenticity()
	return tell(out, o, c.JSON, c.Lang)
}
