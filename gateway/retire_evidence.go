package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"asugate/store"
)

// evidenceUsed is the newest verdict that names a piece of evidence, as far as retention has looked. A
// verdict that names one which none has named for evidenceFresh says so itself: retention has not looked at
// it yet when it decides what nobody needs any more.
const evidenceUsed store.Table = "evidence-used" // hex SHA-256 of the DER → message id

// evidenceFresh is far longer than a verdict takes, and far shorter than anything is kept.
const evidenceFresh = time.Hour

// evidence is for how long evidence is kept after the last verdict that names it: as long as any document
// of that verdict's age; zero when one kind of these is kept for ever.
func (r Retention) evidence() time.Duration {
	if r.Accepted == 0 || r.Refused == 0 {
		return 0
	}
	return max(r.Accepted, r.Refused)
}

// settledJournal is the age from which no older entry can appear in the journal any more: far longer than
// it takes from making an id to its commit.
const settledJournal = 10 * time.Minute

// retireEvidence lets go of certificates, CRLs and OCSP responses that prove the signature of no document
// that is still kept.
func (g *Gateway) retireEvidence(ctx context.Context, now time.Time, keep time.Duration) error {
	if err := g.noteEvidence(ctx, now); err != nil {
		return err
	}
	needed, whole, err := g.evidenceWithheld(ctx)
	if err != nil || !whole {
		return err
	}
	newest := string(idsFrom(now.Add(-keep)))
	var from []byte
	for ctx.Err() == nil {
		digests, err := g.keys(evidence, from, nil)
		if err != nil {
			return err
		}
		for few := range slices.Chunk(digests, retireFew) {
			if err := g.retireUnused(ctx, few, needed, newest); err != nil {
				return err
			}
		}
		if len(digests) < pendingBatch {
			return nil
		}
		from = append([]byte(digests[len(digests)-1]), 0)
	}
	return nil
}

// retireUnused lets go of those that only verdicts before an id name.
func (g *Gateway) retireUnused(ctx context.Context, digests []string, needed map[string]string, newest string) error {
	unused := func(tx store.Reader, digest string) bool {
		used := tx.Get(evidenceUsed, []byte(digest))
		return used != nil && string(used) < newest && needed[digest] == ""
	}
	var some []string
	if err := g.Store.View(func(tx store.Reader) error {
		some = nil
		for _, d := range digests {
			if unused(tx, d) {
				some = append(some, d)
			}
		}
		return nil
	}); err != nil || len(some) == 0 {
		return err
	}
	now, gone := g.Now(), 0
	if err := g.Store.Update(func(tx store.Tx) error {
		gone = 0
		for _, d := range some {
			if !unused(tx, d) {
				continue // a verdict has come meanwhile that names it
			}
			gone++
			tx.Put(retired, []byte(d), retiredAt(now))
			tx.Delete(evidence, []byte(d))
			tx.Delete(evidenceUsed, []byte(d))
			tx.Delete(store.Blobs, []byte(evidenceKey(d)))
		}
		return nil
	}); err != nil {
		return err
	}
	g.retiring.add(keptEvidence, gone)
	pause(ctx, nil, retentionRest)
	return nil
}

// noteEvidence goes through the verdicts that have come since the last time, each once, and notes what
// they name.
func (g *Gateway) noteEvidence(ctx context.Context, now time.Time) error {
	looked := rule{kind: keptEvidence}.looked()
	var from []byte
	if err := g.Store.View(func(tx store.Reader) error {
		from = append(cloned(tx.Get(retention, looked)), 0)
		return nil
	}); err != nil {
		return err
	}
	to := idsFrom(now.Add(-settledJournal))
	used, upTo := make(map[string]string), []byte(nil)
	for looks := 1; ctx.Err() == nil; looks++ {
		ids, err := g.keys(journal, from, to)
		if err != nil {
			return err
		}
		// What cannot be read is withheld when it is of age, and with it all evidence. Until then it is near
		// enough that a verdict says so itself when it names what none has lately.
		if _, err := g.evidenceOf(ids, used); err != nil {
			return err
		}
		if len(ids) > 0 {
			upTo = []byte(ids[len(ids)-1])
			from = append(cloned(upTo), 0)
		}
		last := len(ids) < pendingBatch
		if upTo == nil || !last && looks%looksAWrite != 0 {
			if last {
				return nil
			}
			continue
		}
		if err := g.Store.Update(func(tx store.Tx) error {
			for digest, id := range used {
				if string(tx.Get(evidenceUsed, []byte(digest))) < id { // else one that is newer has said so
					tx.Put(evidenceUsed, []byte(digest), []byte(id))
				}
			}
			tx.Put(retention, looked, upTo)
			return nil
		}); err != nil || last {
			return err
		}
		clear(used)
		pause(ctx, nil, retentionRest)
	}
	return nil
}

// looksAWrite is how many batches of verdicts are read before what they name is written down.
const looksAWrite = 16

// evidenceOf adds what some verdicts name, with the newest of these that does; whole is false when one of them
// cannot be read.
func (g *Gateway) evidenceOf(ids []string, used map[string]string) (whole bool, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		whole = true
		for _, id := range ids {
			var e struct {
				Evidence *Evidence `json:"evidence"`
			}
			v := tx.Get(journal, []byte(id))
			if v == nil {
				continue // let go meanwhile
			}
			if err := json.Unmarshal(v, &e); err != nil {
				whole = false
				g.retiring.riddles.add(g.Log, id, fmt.Errorf("reading journal entry: %w", err))
				continue
			}
			if e.Evidence == nil {
				continue
			}
			for _, digest := range e.Evidence.references() {
				used[digest] = id
			}
		}
		return nil
	})
	return whole, err
}

// evidenceWithheld is what documents need that are old enough to go and not finished. whole is false when one
// of them cannot be read: then nobody knows what it needs.
func (g *Gateway) evidenceWithheld(ctx context.Context) (needed map[string]string, whole bool, err error) {
	needed, whole = make(map[string]string), true
	for _, kind := range []string{keptAccepted, keptRefused} {
		prefix := rule{kind: kind}.allWithheld()
		for from := prefix; ctx.Err() == nil; {
			rows, err := g.keys(retention, from, after(prefix))
			if err != nil {
				return nil, false, err
			}
			ids := make([]string, 0, len(rows))
			for _, row := range rows {
				ids = append(ids, row[len(prefix):])
				from = append([]byte(row), 0)
			}
			known, err := g.evidenceOf(ids, needed)
			if err != nil {
				return nil, false, err
			}
			whole = whole && known
			if len(rows) < pendingBatch {
				break
			}
		}
	}
	return needed, whole, ctx.Err()
}
