package gateway

import (
	"fmt"

	"asugate/schema"
	"asugate/store"
)

// Receipt is the proof that the one write has happened, now or earlier. Only the one write and the
// look-up of what it stored make one; an adapter has nothing else to answer with.
type Receipt struct {
	valid    bool
	repeated bool
	sealed   sealed
	entry    Entry
}

// Valid says that the gateway made this value; the zero value answers nothing.
func (r Receipt) Valid() bool { return r.valid }

// MessageID is the id of the answer: the one to confirm in the outbox.
func (r Receipt) MessageID() string { return r.entry.ID }

// Document is the signed ЭСИД, or the technical Receipt.
func (r Receipt) Document() []byte { return r.sealed.document }

// Detached is the CMS signature (DER) over Document of a participant who wants it so, else nil: then
// the signature is inside.
func (r Receipt) Detached() []byte { return r.sealed.detached }

// Result is empty for a technical Receipt.
func (r Receipt) Result() schema.Result { return r.entry.Result }

// Repeated says that the answer had been stored before this request.
func (r Receipt) Repeated() bool { return r.repeated }

// Findings are what the ЭСИД says.
func (r Receipt) Findings() []schema.Finding { return r.entry.Findings }

// Entry is the line of the journal behind the answer.
func (r Receipt) Entry() Entry { return r.entry }

func (r Receipt) judgment() Judgment {
	e := r.entry
	return Judgment{
		Kind: e.Kind, DocumentID: e.DocumentID, Version: e.Version, Stage: e.Stage,
		Result: e.Result, Findings: e.Findings, Basis: e.Basis, Known: true,
	}
}

// stored is the answer that was written for a journal entry.
func stored(tx store.Reader, id string) (Receipt, error) {
	e, err := entryAt(tx, id)
	if err != nil {
		return Receipt{}, err
	}
	sealed, err := sealedAt(tx, e.ID)
	if err != nil {
		return Receipt{}, fmt.Errorf("reading acknowledgment %s: %w", e.ID, err)
	}
	return Receipt{valid: true, repeated: true, sealed: sealed, entry: e}, nil
}
