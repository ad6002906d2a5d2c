package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/register"
	"asugate/revocation"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// judge is what verify judges by without a register: certificates, and perhaps a policy and lists of
// revoked certificates.
type judge struct {
	trust  *signature.Trust
	policy signature.Policy
	hash   string // of the policy
}

// offline reads what the flags name.
func (c *verifyCommand) offline() (judge, error) {
	certificates, err := readTrusted(c.Trust)
	if err != nil {
		return judge{}, err
	}
	j := judge{trust: signature.NewTrust(certificates)}
	if c.Policy != "" {
		file, err := os.ReadFile(c.Policy)
		if err != nil {
			return judge{}, fmt.Errorf("reading a policy: %w", err)
		}
		if j.policy.Rules, j.hash, err = register.ReadPolicy(file); err != nil {
			return judge{}, fmt.Errorf("reading the policy %s: %w", c.Policy, err)
		}
	}
	if c.CRL != nil {
		if j.policy.Revocations, err = readLists(c.CRL, certificates); err != nil {
			return judge{}, fmt.Errorf("reading lists of revoked certificates: %w", err)
		}
	}
	return j, nil
}

// literal makes the name of a file the pattern that only it fits; Keepers take patterns.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// readLists reads lists signed by some of the certificates, in the way in which the daemon does.
func readLists(files []string, certificates []*x509.Certificate) (signature.Revocations, error) {
	dir, err := os.MkdirTemp("", "gatewayd-verify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var blocks bytes.Buffer
	for _, c := range certificates {
		if err := pem.Encode(&blocks, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return nil, err
		}
	}
	issuers := filepath.Join(dir, "issuers.pem")
	if err := os.WriteFile(issuers, blocks.Bytes(), 0o600); err != nil {
		return nil, err
	}
	config := revocation.Config{Refresh: time.Hour, Timeout: time.Minute, MaxSize: 64 << 20, Cache: dir}
	for _, file := range files {
		config.Lists = append(config.Lists, revocation.ListSource{File: literal.Replace(file), Issuer: issuers})
	}
	keeper := revocation.New(revocation.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	prepared, err := keeper.Prepare(config)
	if err != nil {
		return nil, err
	}
	keeper.Use(prepared)
	return keeper, nil
}

// authenticity judges signature and certificate, and the schema when the document is one of ours.
func (j judge) authenticity(document, detached []byte, at time.Time, ours bool) opinion {
	s := gateway.Submission{Raw: document, Detached: detached}
	if ours {
		if err := takeOut(&s, xmltree.DefaultLimits()); err != nil {
			return malformed(err)
		}
	}
	tree, err := xmltree.Parse(s.Raw, xmltree.DefaultLimits())
	if err != nil {
		return malformed(err)
	}
	o := opinion{Result: schema.Positive, Stage: schema.Authenticity, Policy: j.hash, Envelope: s.Envelope}
	g := schema.GlanceAt(tree.Root())
	if s.Envelope != nil {
		g = schema.GlanceForeign(tree.Root(), schema.Origin{DocumentID: s.Envelope.DocID})
	}
	o.Kind, o.DocumentID, o.Version = g.Kind, g.DocumentID, g.Version
	signed, report := signature.Open(signature.Input{Tree: tree, Detached: s.Detached}, j.trust, j.policy, at)
	o.describe(report)
	o.Authenticity = gateway.Explain(report)
	severity := schema.Error
	switch report.Outcome {
	case signature.Fails:
		o.Result = schema.Negative
	case signature.Undecided:
		o.Result, severity = schema.Deferred, schema.Info
	}
	o.add(report.Faults, severity)
	o.add(report.Warnings, schema.Warning)
	if report.Outcome != signature.Holds {
		return o
	}
	if ours {
		o.read(signed, report)
	}
	return o
}

// read holds what is signed against the schema of its kind, or against the form of КП ЭДО.
func (o *opinion) read(signed signature.Signed, report signature.Report) {
	var d schema.Document
	var findings []schema.Finding
	if o.Envelope == nil {
		d, findings = schema.Parse(signed, time.UTC)
	} else {
		origin := schema.Origin{DocumentID: o.Envelope.DocID, SignedAt: report.ClaimedTime}
		d, findings = schema.ParseForeign(signed, origin, moscow())
		if d.Valid() {
			o.DocumentID, o.Version = d.Header().DocumentID, d.Version()
		}
	}
	o.Findings = append(o.Findings, findings...)
	if !d.Valid() {
		o.Result = schema.Negative
	}
}

// moscow is the zone of the times in the form of КП ЭДО.
func moscow() *time.Location {
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		return time.FixedZone("MSK", 3*60*60) // built without zones, on a machine without; so it is since 2014
	}
	return zone
}

func (o *opinion) add(faults []signature.Fault, severity schema.Severity) {
	for _, f := range faults {
		o.Findings = append(o.Findings, schema.Finding{
			Code: f.Code, Reason: f.Reason, Severity: severity,
			Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		})
	}
}

// readTrusted reads a file of certificates, or every *.pem, *.crt and *.cer file of a folder.
func readTrusted(path string) ([]*x509.Certificate, error) {
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
	return all, nil
}
