package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/ledger"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// VerifyJournal compares every verdict with the document, the acknowledgment and the evidence that are
// kept for it, and judges the signature of the document again: by the registers and by what was known
// of revocation then. report is called once an entry, with nil when all is as it was written. Entries
// are read in short snapshots, so that a long journal holds nobody up.
func (g *Gateway) VerifyJournal(ctx context.Context, report func(Entry, error)) error {
	v := journalAudit{gateway: g, proofs: make(map[string]error), opener: opener{gost: g.GOST}}
	var from []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := g.keys(journal, from, nil)
		if err != nil {
			return err
		}
		for _, id := range rows {
			from = append([]byte(id), 0)
			e := Entry{ID: id}
			if err := g.Store.View(func(tx store.Reader) error {
				var problem error
				e, problem = v.check(tx, id)
				report(e, problem)
				return nil
			}); err != nil {
				return err
			}
		}
		if len(rows) < pendingBatch {
			return nil
		}
	}
}

// journalAudit is one run of VerifyJournal.
type journalAudit struct {
	gateway *Gateway
	proofs  map[string]error // what was found of evidence, of which thousands of verdicts share some

	directory *register.Directory // that of the entry before, mostly also of this one

	opener opener
}

// mostProofs bounds what an audit remembers.
const mostProofs = 100_000

func (v *journalAudit) check(tx store.Reader, id string) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(tx.Get(journal, []byte(id)), &e); err != nil {
		return Entry{ID: id}, fmt.Errorf("reading journal entry: %w", err)
	}
	if e.ID != id {
		return Entry{ID: id}, fmt.Errorf("its record is that of %q", e.ID)
	}
	if err := v.checkAcknowledgment(tx, e); err != nil {
		return e, fmt.Errorf("the acknowledgment: %w", err)
	}
	if err := checkLeaf(tx, e); err != nil {
		return e, err
	}
	if err := v.checkProofs(tx, e); err != nil {
		return e, err
	}
	if tx.Get(store.Blobs, []byte(e.Body())) == nil {
		if e.bounded() || e.Result != schema.Positive && letGo(tx, e) {
			return e, nil
		}
		if gone, err := bodyRetired(tx, e); err != nil || gone {
			return e, err
		}
		return e, errors.New("the document is not kept")
	}
	body, detached, err := bodyAt(tx, e.Body())
	if err != nil {
		return e, err
	}
	if got := sum(body, detached); got != e.Raw {
		return e, fmt.Errorf("the kept document has digest %s, the verdict is on %s", got, e.Raw)
	}
	return e, v.repeat(tx, e, body, detached)
}

// letGo says of a document that is not kept whether that is right: it was refused in the end for its
// signature, and goes with that verdict on the same bytes. Since then these may be known as others in
// which the same content was accepted: see remember.
func letGo(tx store.Reader, e Entry) bool {
	id := tx.Get(raws, key(e.Participant, e.Raw))
	if id == nil {
		return true
	}
	latest, err := entryAt(tx, string(id))
	return err == nil && latest.Raw != e.Raw
}

// checkAcknowledgment opens the ЭСИД and compares it with the verdict. Whatever certificate is in it is
// believed: those of our former keys may be gone. So it finds what was changed, not what was signed anew.
func (v *journalAudit) checkAcknowledgment(tx store.Reader, e Entry) error {
	s, err := sealedAt(tx, e.ID)
	if err != nil {
		return err
	}
	if (s.detached != nil) != (e.Seal == register.SealCMS) {
		return errors.New("its signature is not where the verdict says")
	}
	tree, err := xmltree.Parse(s.document, xmltree.DefaultLimits())
	if err != nil {
		return err
	}
	signed, _, err := v.opener.open(signature.Input{Tree: tree, Detached: s.detached}, e.Judged)
	if err != nil {
		return err
	}
	esid, err := schema.ReadESID(signed.Root())
	if err != nil {
		return err
	}
	if esid.MessageID != e.ID || esid.InReplyTo.Raw != e.Raw || esid.Result != e.Result {
		return fmt.Errorf("it is %s, %s on %s", esid.MessageID, esid.Result, esid.InReplyTo.Raw)
	}
	return nil
}

// checkLeaf holds what was received and sent against what the ledger says of the verdict; the record itself
// is for VerifyLedger. Records of earlier programs have no leaf before FillLedger.
func checkLeaf(tx store.Reader, e Entry) error {
	if _, ok, err := ledger.IndexOf(tx, e.ID); err == nil && !ok && string(tx.Get(filled, []byte(ledger.Verdict))) < e.ID {
		return nil
	}
	leaf, _, err := ledger.Of(tx, e.ID)
	if err != nil {
		return err
	}
	if leaf.Kind != ledger.Verdict || leaf.Received != e.Raw {
		return fmt.Errorf("the ledger has it as a %s on %s", leaf.Kind, leaf.Received)
	}
	return sentAs(tx, leaf)
}

func (v *journalAudit) checkProofs(tx store.Reader, e Entry) error {
	if e.Evidence == nil {
		return nil
	}
	for _, digest := range e.Evidence.references() {
		problem, known := v.proofs[digest]
		if !known {
			_, _, problem = proofAt(tx, digest)
			if errors.Is(problem, ErrNoDocument) && recordRetired(tx, digest) {
				problem = nil // no document is kept any more that it proves
			}
			if len(v.proofs) < mostProofs {
				v.proofs[digest] = problem
			}
		}
		if problem != nil {
			return problem
		}
	}
	return nil
}

// repeat judges the signature as it was judged then. A verdict from before evidence was kept is left.
func (v *journalAudit) repeat(tx store.Reader, e Entry, body, detached []byte) error {
	if e.Evidence == nil {
		return nil
	}
	if v.directory == nil || v.directory.Version != e.Evidence.Directory {
		var err error
		if v.directory, err = v.gateway.Register.DirectoryOf(tx, e.Evidence.Directory); err != nil {
			return fmt.Errorf("reading participants: %w", err)
		}
	}
	signed, report, err := v.gateway.reopen(v.directory, e, body, detached)
	if err != nil {
		return err
	}
	if unverifiable(e, signed, report) != nil {
		return fmt.Errorf("the signature cannot be judged again now: %s", faultWords(report.Faults))
	}
	if got := outcomes[report.Outcome]; got != e.Evidence.Outcome {
		return fmt.Errorf("the signature was judged «%s», and judged again it is «%s» %v",
			e.Evidence.Outcome, got, schema.ErrorCodes(findingsOf(report.Faults, schema.Error)))
	}
	return nil
}
