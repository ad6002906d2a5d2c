package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/store"
)

// VerifyJournal compares every verdict with the document and the acknowledgment that are kept for it.
// report is called once an entry, with nil when all is as it was written. Entries are read in short
// snapshots, so that a long journal holds nobody up.
func (g *Gateway) VerifyJournal(ctx context.Context, report func(Entry, error)) error {
	const batch = 256
	var from []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 0
		err := g.Store.View(func(tx store.Reader) error {
			tx.Range(journal, from, nil, batch, func(k, v []byte) bool {
				n++
				from = append(cloned(k), 0)
				var e Entry
				if err := json.Unmarshal(v, &e); err != nil {
					report(Entry{ID: string(k)}, fmt.Errorf("reading journal entry: %w", err))
					return true
				}
				report(e, checkEntry(tx, e))
				return true
			})
			return nil
		})
		if err != nil || n < batch {
			return err
		}
	}
}

func checkEntry(tx store.Reader, e Entry) error {
	if packed := tx.Get(store.Blobs, []byte(e.Body())); packed != nil {
		body, err := store.Unpack(packed)
		if err != nil {
			return fmt.Errorf("reading the document: %w", err)
		}
		var detached []byte
		if packed := tx.Get(store.Blobs, []byte(e.Body()+".p7s")); packed != nil {
			if detached, err = store.Unpack(packed); err != nil {
				return fmt.Errorf("reading the detached signature: %w", err)
			}
		}
		if got := sum(body, detached); got != e.Raw {
			return fmt.Errorf("the kept document has digest %s, the verdict is on %s", got, e.Raw)
		}
	} else if !e.bounded() {
		return errors.New("the document is not kept")
	}
	if _, err := store.Unpack(tx.Get(store.Blobs, []byte(e.ID))); err != nil {
		return fmt.Errorf("reading the acknowledgment: %w", err)
	}
	return nil
}
