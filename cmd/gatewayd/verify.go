package main

import (
	"context"
	"errors"
	"io"
	"time"

	"asugate/adapter/kpedo"
	"asugate/gateway"
	"asugate/schema"
	"asugate/xmltree"
)

type verifyCommand struct {
	Trust         string    `type:"path" help:"Believe these certificates, a file or a folder, instead of the register; one that is no CA is trusted as itself. Registers are not looked at." placeholder:"PEM|DIR"`
	SignatureOnly bool      `help:"Authenticity of any XML document; needs --trust."`
	Policy        string    `type:"path" help:"With --trust: judge by the section «policy» of this file, which is written as in the register of participants." placeholder:"FILE"`
	CRL           []string  `name:"crl" type:"path" help:"With --trust: a list of revoked certificates, signed by one of those trusted. May be repeated." placeholder:"FILE"`
	Signature     string    `type:"path" help:"A detached CMS signature over the document. One in an envelope getPPSReply of КП ЭДО brings its own." placeholder:"P7S"`
	At            sinceFlag `help:"Judge as of then." placeholder:"TIME"`
	Participant   string    `help:"The participant that would send it; else the document's Sender, of a memo in the form of КП ЭДО the railway of the configuration." placeholder:"CODE"`
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
	s := gateway.Submission{Participant: c.Participant, Raw: c.Document, Detached: c.Detached, Received: c.At, Via: "verify"}
	if err := takeOut(&s, d.limits()); err != nil {
		return tell(out, malformed(err), c.JSON, c.Lang)
	}
	if s.Participant == "" && s.Envelope != nil {
		s.Participant = d.config.Office.Railway // the form names no sender
	}
	if s.Participant == "" {
		tree, err := xmltree.Parse(s.Raw, d.limits())
		if err != nil {
			return tell(out, malformed(err), c.JSON, c.Lang)
		}
		s.Participant = schema.GlanceAt(tree.Root()).Sender
	}
	dir, err := d.directory()
	if err != nil {
		return err
	}
	s.Office = dir.Railways[s.Participant] != nil && dir.Participants[s.Participant] == nil
	j, err := d.gateway.Verify(ctx, s)
	if errors.Is(err, gateway.ErrNotDocument) {
		return tell(out, malformed(err), c.JSON, c.Lang)
	}
	if err != nil {
		return err
	}
	o := opinion{
		Result: j.Result, Stage: j.Stage, Kind: j.Kind, DocumentID: j.DocumentID, Version: j.Version,
		Findings: j.Findings, Basis: &j.Basis, Known: j.Known, Envelope: s.Envelope,
	}
	o.describe(j.Report)
	o.Authenticity = j.Authenticity()
	return tell(out, o, c.JSON, c.Lang)
}

// takeOut takes a document of КП ЭДО out of its envelope, as the daemon does. Such a document with its
// signature in a file of its own is one whose envelope says nothing.
func takeOut(s *gateway.Submission, limits xmltree.Limits) error {
	if s.Detached != nil {
		if schema.RootName(s.Raw) == "data" {
			s.Envelope = &gateway.Envelope{}
		}
		return nil
	}
	document, detached, e, ok, err := kpedo.Unwrap(s.Raw, limits)
	if err != nil || !ok {
		return err
	}
	s.Raw, s.Detached, s.Envelope = document, detached, &e
	return nil
}
