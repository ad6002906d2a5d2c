package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

// VerifyJournal compares every verdict with the document, the acknowledgment and the evidence that are
// kept for it, and judges the signature of the document again: by the registers and by what was known
// of revocation then. report is called once an entry, with nil when all is as it was written. Entries
// are read in short snapshots, so that a long journal holds nobody up.
func (g *Gateway) VerifyJournal(ctx context.Context, report func(Entry, error)) error {
	v := journalAudit{gateway: g, proofs: make(map[string]error)}
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
}

// mostProofs bounds what an audit remembers.
const mostProofs = 100_000

func (v *journalAudit) check(tx store.Reader, id string) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(tx.Get(journal, []byte(id)), &e); err != nil {
		return Entry{ID: id}, fmt.Errorf("reading journal entry: %w", err)
	}
	if _, err := sealedAt(tx, e.ID); err != nil {
		return e, fmt.Errorf("reading the acknowledgment: %w", err)
	}
	if err := v.checkProofs(tx, e); err != nil {
		return e, err
	}
	if tx.Get(store.Blobs, []byte(e.Body())) == nil {
		// A document refused first and at last for its signature, or deferred before that, is let go
		// with the latter verdict on the same bytes.
		gone := tx.Get(raws, key(e.Participant, e.Raw)) == nil
		if e.bounded() || gone && e.Result != schema.Positive {
			return e, nil
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

func (v *journalAudit) checkProofs(tx store.Reader, e Entry) error {
	if e.Evidence == nil {
		return nil
	}
	for _, digest := range e.Evidence.references() {
		problem, known := v.proofs[digest]
		if !known {
			_, _, problem = proofAt(tx, digest)
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
	_, report, err := v.gateway.reopen(v.directory, e, body, detached)
	if err != nil {
		return err
	}
	if got := outcomes[report.Outcome]; got != e.Evidence.Outcome {
		return fmt.Errorf("the signature was judged «%s», and judged again it is «%s» %v",
			e.Evidence.Outcome, got, schema.ErrorCodes(findingsOf(report.Faults, schema.Error)))
	}
	return nil
}
