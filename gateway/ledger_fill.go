package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"asugate/ledger"
	"asugate/store"
)

// filled says how far the records of programs that knew no ledger have been entered into it.
const filled store.Table = "ledger.filled" // kind of record → id of the last one, or filledAll

// filledAll is greater than every id: all records of the kind have their leaves.
const filledAll = "~"

// What is entered in one transaction: it bounds how often there is a sync, and the memory.
const (
	fillBatch = 1000
	fillBytes = 8 << 20
)

// fillTold is how often whoever waits for the start is told how far it is.
const fillTold = 5 * time.Second

// FillLedger enters into the ledger what earlier programs have written into the journal, oldest first. It
// is for the start, before anybody is listened to: what comes then finds its place behind. Where it broke
// off it goes on; when there is nothing to do it costs one look.
func (g *Gateway) FillLedger(ctx context.Context) error {
	for _, kind := range []string{ledger.Verdict, ledger.Notice} {
		if err := g.fill(ctx, kind); err != nil {
			return fmt.Errorf("entering the journal into the ledger: %w", storeError(err))
		}
	}
	return nil
}

// fill enters the records of a kind.
func (g *Gateway) fill(ctx context.Context, kind string) error {
	entered, told := 0, g.Now()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		bare, at, err := g.unentered(kind)
		if err != nil {
			return err
		}
		if at == "" {
			break
		}
		if err := g.enter(kind, g.leavesOf(kind, bare), at); err != nil {
			return err
		}
		entered += len(bare)
		if now := g.Now(); at != filledAll && now.Sub(told) >= fillTold {
			told = now
			g.Log.Info("records of an earlier program are being entered into the ledger", "kind", kind,
				"records", entered, "at", dayOf(at), "until", dayOf(g.newestOf(kind)))
		}
	}
	if entered > 0 {
		g.Log.Info("records of an earlier program have been entered into the ledger", "kind", kind, "records", entered)
	}
	return nil
}

// dayOf is when the record with an id was made: how far it is to the newest tells how long it will take.
func dayOf(id string) string {
	at, err := madeAt(id)
	if err != nil {
		return "unknown"
	}
	return at.UTC().Format(time.DateOnly)
}

// newestOf is the id of the newest record of a kind; empty when there is none, or it cannot be told.
func (g *Gateway) newestOf(kind string) (id string) {
	_ = g.Store.View(func(tx store.Reader) error { // only for the log
		tx.RangeBack(recordTables[kind], nil, nil, 1, func(k, _ []byte) bool {
			id = string(k)
			return false
		})
		return nil
	})
	return id
}

// bareRecord is one without a leaf, as it is stored.
type bareRecord struct {
	id                         string
	record, document, detached []byte
}

// unentered reads the next records of a kind, and says up to which it has looked: filledAll when that was the
// last, empty when all had been looked at before.
func (g *Gateway) unentered(kind string) (bare []bareRecord, at string, err error) {
	err = g.Store.View(func(tx store.Reader) (broken error) {
		if at = string(tx.Get(filled, []byte(kind))); at == filledAll {
			at = ""
			return nil
		}
		count, bytes := 0, 0
		tx.Range(recordTables[kind], append([]byte(at), 0), nil, fillBatch, func(k, v []byte) bool {
			count++
			at = string(k)
			_, known, err := ledger.IndexOf(tx, at)
			if broken = err; err != nil || known {
				return err == nil
			}
			b := bareRecord{at, cloned(v), cloned(tx.Get(store.Blobs, k)), cloned(tx.Get(store.Blobs, []byte(signatureKey(at))))}
			bare = append(bare, b)
			bytes += len(b.record) + len(b.document) + len(b.detached)
			return bytes < fillBytes
		})
		if count < fillBatch && bytes < fillBytes {
			at = filledAll
		}
		return broken
	})
	return bare, at, err
}

// leavesOf makes the leaves of records, on all processors: unpacking and hashing is what takes the time.
func (g *Gateway) leavesOf(kind string, bare []bareRecord) []ledger.Leaf {
	leaves := make([]ledger.Leaf, len(bare))
	var group sync.WaitGroup
	share := len(bare)/runtime.GOMAXPROCS(0) + 1
	done := 0
	for some := range slices.Chunk(bare, share) {
		first := done
		done += len(some)
		group.Go(func() {
			for i, b := range some {
				leaves[first+i] = g.leafOf(kind, b)
			}
		})
	}
	group.Wait()
	return leaves
}

// enter appends leaves, and notes up to where.
func (g *Gateway) enter(kind string, leaves []ledger.Leaf, at string) error {
	return g.Store.Update(func(tx store.Tx) error {
		for _, l := range leaves {
			if _, err := ledger.Append(tx, l); err != nil {
				return err
			}
		}
		tx.Put(filled, []byte(kind), []byte(at))
		return nil
	})
}

// leafOf is the leaf of a record that has none. What of it cannot be read has no digest: that stops
// nobody, and verifying the journal tells of it.
func (g *Gateway) leafOf(kind string, b bareRecord) ledger.Leaf {
	l := ledger.Leaf{Kind: kind, ID: b.id, Record: sum(b.record)}
	if s, err := unpackSealed(b.document, b.detached); err == nil {
		l.Sent = sum(s.document, s.detached)
	} else {
		g.Log.Warn("a message cannot be read", "message", b.id, "error", err)
	}
	var e struct {
		Raw string `json:"raw"`
	}
	if kind == ledger.Verdict {
		if err := json.Unmarshal(b.record, &e); err != nil {
			g.Log.Warn("a journal entry cannot be read", "entry", b.id, "error", err)
		}
		l.Received = e.Raw
	}
	return l
}
