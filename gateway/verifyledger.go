package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"asugate/ledger"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// LedgerAudit is what VerifyLedger has looked at.
type LedgerAudit struct {
	Leaves      int64
	LetGo       int64 // records that retention has let go; their leaves stay
	Unentered   int64 // records that have no leaf yet: see FillLedger
	Checkpoints int64
	Signers     []LedgerSigner // of the checkpoints, in order of appearance
}

// LedgerSigner is a certificate under which checkpoints were signed. Whether it was ours is for whoever
// knows our certificates to say.
type LedgerSigner struct {
	Subject     string
	SHA256      string // hex
	Checkpoints int64
}

// VerifyLedger computes the tree of the ledger anew and compares it with all that is stored: every record of
// the journal hashes to its leaf, the leaves to the root of every checkpoint, so that each checkpoint
// continues the ones before it, and the signatures of these hold: by trust, or, where that is nil, by the
// certificates that they bring. kept are checkpoints from elsewhere, which the ledger must continue, too.
// report is called with everything that is wrong, and what it is about.
func (g *Gateway) VerifyLedger(
	ctx context.Context, trust *signature.Trust, kept []schema.Checkpoint, report func(about string, problem error),
) (LedgerAudit, error) {
	v := ledgerAudit{
		gateway: g, report: report, kept: make(map[int64][]schema.Checkpoint),
		opener: opener{trust: trust, gost: g.GOST},
	}
	for _, c := range kept {
		v.kept[c.Size] = append(v.kept[c.Size], c)
	}
	size, err := ledger.Audit(ctx, g.Store, v.leaf)
	if err != nil {
		return v.found, storeError(err)
	}
	v.found.Leaves = size
	if err := v.beyond(size); err != nil {
		return v.found, storeError(err)
	}
	for _, kind := range []string{ledger.Verdict, ledger.Notice} {
		if err := v.bare(ctx, kind); err != nil {
			return v.found, storeError(err)
		}
	}
	if n := v.found.Unentered; n > 0 {
		report("ledger", fmt.Errorf("%d records have no leaf, and nothing proves them: "+
			"the next start enters those of an earlier program, another program leaves none", n))
	}
	for _, list := range v.kept {
		for _, c := range list {
			report("checkpoint "+c.MessageID, fmt.Errorf(
				"it was kept and is of %d leaves: the ledger of %d does not continue it", c.Size, size))
		}
	}
	return v.found, nil
}

// ledgerAudit is one run of VerifyLedger.
type ledgerAudit struct {
	gateway *Gateway
	report  func(string, error)
	kept    map[int64][]schema.Checkpoint // by size; those that were met are taken out
	opener  opener
	found   LedgerAudit
	passed  int64 // the size up to which checkpoints were compared
}

// leaf looks at one leaf, and at the checkpoint of the tree that ends with it.
func (v *ledgerAudit) leaf(tx store.Reader, a ledger.Audited) {
	about := fmt.Sprintf("leaf %d", a.Index)
	problem := a.Problem
	if problem == nil {
		problem = v.record(tx, a.Leaf)
	}
	if problem != nil {
		v.report(about, problem)
	}
	if a.Tree == nil {
		return // without the leaves before it nothing can be said of a root
	}
	size := a.Tree.Size()
	v.passed = size
	if id := ledger.MarkedAt(tx, size); id != "" {
		v.found.Checkpoints++
		if err := v.checkpoint(tx, id, a.Tree); err != nil {
			v.report("checkpoint "+id, err)
		}
	}
	for _, c := range v.kept[size] {
		root := a.Tree.Root()
		if c.Origin != v.gateway.Origin {
			v.report("checkpoint "+c.MessageID, fmt.Errorf("it was kept, and is of another journal, %s", c.Origin))
		} else if c.Root != hex.EncodeToString(root[:]) {
			v.report("checkpoint "+c.MessageID, fmt.Errorf("it was kept, and has another root: the ledger up to leaf %d is not what it was", a.Index))
		}
	}
	delete(v.kept, size)
}

// record holds the record of a leaf against it.
func (v *ledgerAudit) record(tx store.Reader, leaf ledger.Leaf) error {
	record := tx.Get(recordTables[leaf.Kind], []byte(leaf.ID))
	switch {
	case record == nil && recordRetired(tx, leaf.ID):
		v.found.LetGo++
		return nil
	case record == nil:
		return fmt.Errorf("the record of %s %s is missing", leaf.Kind, leaf.ID)
	case sum(record) != leaf.Record:
		return fmt.Errorf("the record of %s %s is not what it was", leaf.Kind, leaf.ID)
	case leaf.Kind == ledger.Verdict:
		return nil // what was sent and received is for VerifyJournal
	}
	return sentAs(tx, leaf)
}

// sentAs holds what was sent under the id of a leaf against it.
func sentAs(tx store.Reader, leaf ledger.Leaf) error {
	s, err := sealedAt(tx, leaf.ID)
	if err != nil {
		return fmt.Errorf("reading message %s: %w", leaf.ID, err)
	}
	if got := sum(s.document, s.detached); got != leaf.Sent {
		return fmt.Errorf("message %s has digest %s, its leaf says %s", leaf.ID, got, leaf.Sent)
	}
	return nil
}

// checkpoint holds a checkpoint against the tree of which it is.
func (v *ledgerAudit) checkpoint(tx store.Reader, id string, tree *ledger.Tree) error {
	s, err := sealedAt(tx, id)
	if err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	c, certificate, err := v.opener.checkpoint(s.document)
	if err != nil {
		return err
	}
	v.signed(certificate)
	root := tree.Root()
	switch {
	case c.MessageID != id || c.Origin != v.gateway.Origin || c.Size != tree.Size():
		return fmt.Errorf("it is checkpoint %s of %d leaves of %s", c.MessageID, c.Size, c.Origin)
	case c.Root != hex.EncodeToString(root[:]):
		return errors.New("its root is another: the leaves up to it are not what they were")
	}
	return nil
}

// signed counts a checkpoint for its signer.
func (v *ledgerAudit) signed(certificate *x509.Certificate) {
	digest := sha256.Sum256(certificate.Raw)
	name := hex.EncodeToString(digest[:])
	for i := range v.found.Signers {
		if v.found.Signers[i].SHA256 == name {
			v.found.Signers[i].Checkpoints++
			return
		}
	}
	v.found.Signers = append(v.found.Signers, LedgerSigner{signature.SubjectOf(certificate), name, 1})
}

// beyond reports the checkpoints of leaves that there are not, or that could not be computed because some
// before them are missing. What has been appended since the audit came to its end is in order.
func (v *ledgerAudit) beyond(size int64) error {
	return v.gateway.Store.View(func(tx store.Reader) error {
		now, err := ledger.Size(tx)
		if err != nil {
			return err
		}
		return ledger.Marked(tx, v.passed, scanLimit, func(marked int64, id string) {
			if marked > now || marked <= size {
				v.found.Checkpoints++
				v.report("checkpoint "+id, fmt.Errorf("it is of %d leaves, of which only the first %d are there", marked, v.passed))
			}
		})
	})
}

// bare looks for the records of a kind that have no leaf. Those of earlier programs have none before
// FillLedger, and are counted. Of other verdicts VerifyJournal tells.
func (v *ledgerAudit) bare(ctx context.Context, kind string) error {
	var from []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := v.gateway.keys(recordTables[kind], from, nil)
		if err != nil {
			return err
		}
		all := false // of the verdicts have been entered
		if err := v.gateway.Store.View(func(tx store.Reader) error {
			entered := string(tx.Get(filled, []byte(kind)))
			all = kind == ledger.Verdict && entered == filledAll
			for _, id := range rows {
				from = append([]byte(id), 0)
				_, known, err := ledger.IndexOf(tx, id)
				switch {
				case err != nil:
					v.report(kind+" "+id, err)
				case known:
				case entered < id:
					v.found.Unentered++
				case kind == ledger.Notice:
					v.report(kind+" "+id, errors.New("it has no leaf"))
				}
			}
			return nil
		}); err != nil || all || len(rows) < pendingBatch {
			return err
		}
	}
}

// opener verifies what the gateway has signed: by trust or, where that is nil, by the certificate that it
// brings.
type opener struct {
	trust *signature.Trust
	gost  signature.Provider
	own   *signature.Trust // in the certificate of the one before, mostly also of this one
}

// checkpoint reads a signed checkpoint, if its signature holds.
func (o *opener) checkpoint(document []byte) (c schema.Checkpoint, certificate *x509.Certificate, err error) {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return c, nil, err
	}
	if c, err = schema.ReadCheckpoint(tree.Root()); err != nil { // for the time at which to judge
		return c, nil, err
	}
	signed, certificate, err := o.open(signature.Input{Tree: tree}, c.CreatedAt)
	if err != nil {
		return c, nil, err
	}
	c, err = schema.ReadCheckpoint(signed.Root())
	return c, certificate, err
}

// open verifies a signature as of a time.
func (o *opener) open(in signature.Input, at time.Time) (signature.Signed, *x509.Certificate, error) {
	trust := o.trust
	if trust == nil {
		if o.own == nil {
			o.own = signature.NewTrust(nil)
		}
		trust = o.own
	}
	policy := signature.Policy{GOST: o.gost}
	signed, report := signature.Open(in, trust, policy, at)
	if o.trust == nil && !signed.Valid() && report.Certificate != nil {
		o.own = signature.NewTrust([]*x509.Certificate{report.Certificate})
		signed, report = signature.Open(in, o.own, policy, at)
	}
	if report.Outcome != signature.Holds {
		return signature.Signed{}, nil, fmt.Errorf("its signature does not hold: %s", faultWords(report.Faults))
	}
	return signed, report.Certificate, nil
}

// faultWords tells a person of faults: reasons as docs/reasons.md lists them, and what was found.
func faultWords(faults []signature.Fault) string {
	var words []string
	for _, f := range faults {
		word := f.Code + "/" + f.Reason
		if f.Actual != "" {
			word += fmt.Sprintf(" (%.200s)", f.Actual)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
