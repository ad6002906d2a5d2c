package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"asugate/gateway"
	"asugate/schema"
	"asugate/signature"
)

type journalVerify struct {
	File     string   `arg:"" optional:"" help:"A file of journal export, or a proof that the gateway gave out, to be checked without a store; else the whole journal is."`
	Document []string `help:"With a proof: the document that it is to be about, and its detached signature (DER) if it has one." placeholder:"FILE[,P7S]"`
	ESID     []string `name:"esid" help:"With a proof: the ЭСИД, likewise." placeholder:"FILE[,P7S]"`
	Trust    string   `type:"path" help:"Believe these certificates only, a file or a folder; else those that come with what is checked." placeholder:"PEM|DIR"`
	Kept     []string `type:"path" help:"Without FILE: a checkpoint, a proof or an export that was kept elsewhere, which the journal must continue. May be repeated." placeholder:"FILE"`
	JSON     bool     `name:"json" help:"Print one JSON object."`
}

func (c *journalVerify) Run(ctx context.Context, s streams, cli *cli) error {
	if c.File == "" && (c.Document != nil || c.ESID != nil) {
		return failure{code: exitUsage, what: errors.New("--document and --esid need a proof")}
	}
	if c.File != "" && c.Kept != nil {
		return failure{code: exitUsage, what: errors.New("--kept is for the whole journal")}
	}
	var certificates []*x509.Certificate
	var o gateway.Offline
	if c.Trust != "" {
		var err error
		if certificates, err = readTrusted(c.Trust); err != nil {
			return err
		}
		o.Trust = signature.NewTrust(certificates)
	}
	if c.File != "" {
		return c.offline(s, o)
	}
	op := journalAudit{JSON: c.JSON}
	for _, certificate := range certificates {
		op.Trusted = append(op.Trusted, certificate.Raw)
	}
	for _, name := range c.Kept {
		document, err := readKept(s, name)
		if err != nil {
			return err
		}
		checkpoint, err := o.Checkpoint(document)
		if err != nil {
			return fmt.Errorf("reading the checkpoint in %s: %w", name, err)
		}
		op.Kept = append(op.Kept, checkpoint)
	}
	return cli.operate(ctx, "journal/verify", &op, s.out)
}

// journalAudit is the proof of the whole journal.
type journalAudit struct {
	Trusted [][]byte // DER; none: certificates that come with the checkpoints are believed
	Kept    []schema.Checkpoint
	JSON    bool
}

// journalAudited is what it prints.
type journalAudited struct {
	Verdicts    int              `json:"verdicts"`
	Leaves      int64            `json:"leaves"`
	LetGo       int64            `json:"let_go"`
	Checkpoints int64            `json:"checkpoints"`
	Kept        int              `json:"kept"`
	Signers     []journalSigner  `json:"signers"`
	Bad         int              `json:"bad"`
	Problems    []journalProblem `json:"problems"` // the first of them

	badVerdicts int // of Bad
}

type journalSigner struct {
	Subject     string `json:"subject"`
	SHA256      string `json:"sha256"` // of the certificate
	Checkpoints int64  `json:"checkpoints"`
}

type journalProblem struct {
	About   string `json:"about"`
	Problem string `json:"problem"`
}

// mostProblems bounds what verify keeps in memory until it prints.
const mostProblems = 10_000

func (a *journalAudited) add(about string, problem error) {
	if a.Bad++; a.Bad <= mostProblems {
		a.Problems = append(a.Problems, journalProblem{printable(about), printable(problem.Error())})
	}
}

// run prints when all has been read: problems are reported inside of a snapshot, which a terminal that
// takes nothing would pin.
func (c *journalAudit) run(ctx context.Context, d *desk, out io.Writer) error {
	var trust *signature.Trust
	if c.Trusted != nil {
		var certificates []*x509.Certificate
		for _, der := range c.Trusted {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return fmt.Errorf("reading a trusted certificate: %w", err)
			}
			certificates = append(certificates, certificate)
		}
		trust = signature.NewTrust(certificates)
	}
	found := journalAudited{Kept: len(c.Kept), Problems: []journalProblem{}, Signers: []journalSigner{}}
	if err := d.gateway.VerifyJournal(ctx, func(e gateway.Entry, problem error) {
		if found.Verdicts++; problem != nil {
			found.add(e.ID, problem)
		}
	}); err != nil {
		return err
	}
	found.badVerdicts = found.Bad
	ledger, err := d.gateway.VerifyLedger(ctx, trust, c.Kept, found.add)
	if err != nil {
		return err
	}
	found.Leaves, found.LetGo, found.Checkpoints = ledger.Leaves, ledger.LetGo, ledger.Checkpoints
	for _, s := range ledger.Signers {
		found.Signers = append(found.Signers, journalSigner{printable(s.Subject), s.SHA256, s.Checkpoints})
	}
	if c.JSON {
		err = indented(out, found)
	} else {
		err = found.describe(out)
	}
	if err == nil && found.Bad > 0 {
		return negative
	}
	return err
}

func (a *journalAudited) describe(out io.Writer) error {
	var text bytes.Buffer
	for _, p := range a.Problems {
		fmt.Fprintf(&text, "%s: %s\n", p.About, p.Problem)
	}
	if more := a.Bad - len(a.Problems); more > 0 {
		fmt.Fprintf(&text, "and %d more\n", more)
	}
	fmt.Fprintf(&text, "%d verdicts, %d with problems\n", a.Verdicts, a.badVerdicts)
	fmt.Fprintf(&text, "%d leaves (%d of records let go) and %d checkpoints, %d with problems\n",
		a.Leaves, a.LetGo, a.Checkpoints, a.Bad-a.badVerdicts)
	for _, s := range a.Signers {
		fmt.Fprintf(&text, "checkpoints signed by %s: %d, certificate %s\n", s.Subject, s.Checkpoints, s.SHA256)
	}
	if a.Kept > 0 && a.Bad == 0 {
		fmt.Fprintf(&text, "the journal continues the %d kept\n", a.Kept)
	}
	_, err := text.WriteTo(out)
	return err
}
