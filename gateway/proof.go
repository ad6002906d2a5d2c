package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/ledger"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

// Proof shows that a message about the participant's document is in the journal, with what it answers: by
// its id or, when that is empty, the newest ЭСИД that is final, or the interim one while there is none. It
// may wait a moment for a checkpoint. The error is ErrNoDocument when the document or the message is not
// the participant's.
func (g *Gateway) Proof(ctx context.Context, participant, document, message string) (proof []byte, err error) {
	canonical, ok := schema.CanonicalID(document)
	if !ok {
		return nil, ErrNoDocument
	}
	if err := g.Store.View(func(tx store.Reader) error {
		if message == "" {
			message, err = newestFinal(tx, participant, canonical)
			return err
		}
		return belongs(tx, participant, canonical, message)
	}); err != nil {
		return nil, storeError(err)
	}
	return g.ProofOf(ctx, message)
}

// newestFinal is the message id of the newest ЭСИД on a document, a final one if there is any. Of a memo or
// an act, which the participant has not sent, it is that for the railway.
func newestFinal(tx store.Reader, participant, document string) (id string, err error) {
	summary, err := summaryAt(tx, participant, document)
	if err != nil {
		return "", err
	}
	newest, final := "", ""
	prefix := append(key(participant, document), 0)
	tx.RangeBack(history, prefix, after(prefix), versionsLimit, func(k, _ []byte) bool {
		var e Entry
		if e, err = entryAt(tx, string(k[len(prefix):])); err != nil {
			return false
		}
		if newest == "" {
			newest = e.ID
		}
		if e.Result != schema.Deferred {
			final = e.ID
		}
		return final == ""
	})
	switch {
	case err != nil:
		return "", err
	case final != "":
		return final, nil
	case newest != "":
		return newest, nil
	}
	return summary.Entry, nil
}

// belongs says whether a message is about the participant's document, and for the participant to know.
func belongs(tx store.Reader, participant, document, message string) error {
	if v := tx.Get(notices, []byte(message)); v != nil {
		var n Notice
		if err := json.Unmarshal(v, &n); err != nil {
			return fmt.Errorf("reading notice %s: %w", message, err)
		}
		if n.DocumentID == document && n.Lane == ClientLane(participant) {
			return nil
		}
		return ErrNoDocument
	}
	if tx.Get(history, key(participant, document, message)) != nil {
		return nil
	}
	if e, err := entryAt(tx, message); err == nil && e.Participant == participant {
		// Of one whose signature does not hold the id is what it says of itself, and it stands in no list.
		if id, ok := schema.CanonicalID(e.DocumentID); ok && id == document {
			return nil
		}
	}
	if s, err := summaryAt(tx, participant, document); err != nil || s.Entry == message {
		return err
	}
	return ErrNoDocument
}

// ProofOf shows that a message is in the journal.
func (g *Gateway) ProofOf(ctx context.Context, message string) ([]byte, error) {
	var index int64
	if err := g.Store.View(func(tx store.Reader) error {
		at, ok, err := ledger.IndexOf(tx, message)
		if err == nil && !ok {
			err = ErrNoDocument
		}
		index = at
		return err
	}); err != nil {
		return nil, storeError(err)
	}
	covered, err := g.covered(index)
	if err == nil && !covered {
		err = g.checkpointWith(ctx, index)
	}
	if err != nil {
		return nil, err
	}
	var p schema.Proof
	if err := g.Store.View(func(tx store.Reader) (err error) {
		p, err = proofIn(tx, message)
		return err
	}); err != nil {
		return nil, storeError(err)
	}
	// Nothing leaves that would be refused: the tree may have been damaged since.
	if _, _, err := CheckProof(p); err != nil {
		return nil, fmt.Errorf("proving message %s: %w", message, err)
	}
	return p.Bytes(), nil
}

// proofIn makes the proof of a message by the latest checkpoint, which has its leaf.
func proofIn(tx store.Reader, message string) (p schema.Proof, err error) {
	leaf, index, err := ledger.Of(tx, message)
	if err != nil {
		return p, err
	}
	size, id, err := ledger.Latest(tx)
	if err != nil {
		return p, err
	}
	path, err := ledger.Prove(tx, index, size)
	if err != nil {
		return p, err
	}
	signed, err := sealedAt(tx, id)
	if err != nil {
		return p, fmt.Errorf("reading checkpoint %s: %w", id, err)
	}
	p = schema.Proof{Leaf: string(leaf.Text()), Index: index, Checkpoint: signed.document}
	for _, h := range path {
		p.Path = append(p.Path, hex.EncodeToString(h[:]))
	}
	return p, nil
}

// CheckProof says what a proof proves, if the signature of its checkpoint holds: that is for the caller to
// find out.
func CheckProof(p schema.Proof) (ledger.Leaf, schema.Checkpoint, error) {
	var none schema.Checkpoint
	leaf, err := ledger.ParseLeaf([]byte(p.Leaf))
	if err != nil {
		return leaf, none, err
	}
	tree, err := xmltree.Parse(p.Checkpoint, xmltree.DefaultLimits())
	if err != nil {
		return leaf, none, fmt.Errorf("reading the checkpoint: %w", err)
	}
	c, err := schema.ReadCheckpoint(tree.Root())
	if err != nil {
		return leaf, none, err
	}
	root, err := hashOf(c.Root)
	if err != nil {
		return leaf, none, err
	}
	path := make([]ledger.Hash, len(p.Path))
	for i, h := range p.Path {
		if path[i], err = hashOf(h); err != nil {
			return leaf, none, err
		}
	}
	return leaf, c, ledger.Included(leaf, p.Index, path, c.Size, root)
}

func hashOf(digits string) (ledger.Hash, error) {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != ledger.HashSize {
		return ledger.Hash{}, errors.New("no hash")
	}
	return ledger.Hash(b), nil
}
