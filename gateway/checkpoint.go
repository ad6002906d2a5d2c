package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"asugate/ledger"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

// Checkpoints are made outside of the way of documents: once a checkpointEvery while the ledger grows, and
// for whoever asks for a proof of what is newer, but not more often than each checkpointRest. They are kept
// for ever, so their number is bounded by time.
const (
	checkpointEvery = time.Minute
	checkpointRest  = time.Second
)

// marking makes checkpoints one at a time.
type marking struct {
	turn chan struct{} // holds one while a checkpoint is made
	last time.Time     // when the one before was made; belongs to whoever has the turn
}

// RunCheckpoints signs the root of the ledger once a minute when it has grown, until ctx ends. When that
// cannot be done now, it is tried again: the next checkpoint stands for the leaves of the missing one.
func (g *Gateway) RunCheckpoints(ctx context.Context) error {
	for ctx.Err() == nil {
		switch err := g.markNow(ctx); {
		case errors.Is(err, ErrStopping):
			return err
		case err != nil && ctx.Err() == nil:
			g.Log.Warn("no checkpoint can be made now", "error", err)
		}
		pause(ctx, nil, checkpointEvery)
	}
	return nil
}

// markNow makes a checkpoint of all leaves that there are.
func (g *Gateway) markNow(ctx context.Context) error {
	var size int64
	if err := g.Store.View(func(tx store.Reader) (err error) {
		size, err = ledger.Size(tx)
		return err
	}); err != nil || size == 0 {
		return storeError(err)
	}
	return g.checkpointWith(ctx, size-1)
}

// checkpointWith makes sure that there is a checkpoint of the tree with a leaf in it. Those who wait for
// the same leave with the same one.
func (g *Gateway) checkpointWith(ctx context.Context, leaf int64) error {
	select {
	case g.marking.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for a checkpoint: %w", ctx.Err())
	}
	defer func() { <-g.marking.turn }()
	if covered, err := g.covered(leaf); err != nil || covered {
		return err
	}
	if since := g.Now().Sub(g.marking.last); since >= 0 && since < checkpointRest {
		pause(ctx, nil, checkpointRest-since)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("waiting for a checkpoint: %w", err)
		}
	}
	if err := g.mark(); err != nil {
		return err
	}
	g.marking.last = g.Now()
	return nil
}

func (g *Gateway) covered(leaf int64) (covered bool, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		size, _, err := ledger.Latest(tx)
		covered = size > leaf
		return err
	})
	return covered, storeError(err)
}

// continues says whether the tree has the latest checkpoint in its past. What was changed before that is
// not signed anew: who has written the store would have our signature on another past.
func continues(tx store.Reader, now int64) error {
	size, id, err := ledger.Latest(tx)
	if err != nil || id == "" {
		return err
	}
	signed, err := sealedAt(tx, id)
	if err != nil {
		return fmt.Errorf("reading checkpoint %s: %w", id, err)
	}
	tree, err := xmltree.Parse(signed.document, xmltree.DefaultLimits())
	if err != nil {
		return fmt.Errorf("reading checkpoint %s: %w", id, err)
	}
	c, err := schema.ReadCheckpoint(tree.Root())
	if err != nil {
		return fmt.Errorf("reading checkpoint %s: %w", id, err)
	}
	if c.Size != size || size > now {
		return fmt.Errorf("%w: checkpoint %s is of %d leaves, the tree has %d", ledger.ErrDamaged, id, c.Size, now)
	}
	root, err := ledger.Root(tx, size)
	if err == nil && hex.EncodeToString(root[:]) != c.Root {
		err = fmt.Errorf("%w: the tree does not continue checkpoint %s", ledger.ErrDamaged, id)
	}
	return err
}

// mark signs the root of the tree as it is now.
func (g *Gateway) mark() error {
	c := schema.Checkpoint{Environment: g.Environment, Origin: g.Origin}
	if err := g.Store.View(func(tx store.Reader) (err error) {
		if c.Size, err = ledger.Size(tx); err != nil {
			return err
		}
		if err := continues(tx, c.Size); err != nil {
			return err
		}
		root, err := ledger.Root(tx, c.Size)
		c.Root = hex.EncodeToString(root[:])
		return err
	}); err != nil {
		return storeError(err)
	}
	c.MessageID, c.CreatedAt = g.NextID(), g.Now().UTC().Truncate(time.Millisecond)
	signed, err := g.seal(c.Element(), register.Seal{})
	if err != nil {
		return fmt.Errorf("making a checkpoint: %w", err)
	}
	packed := signed.pack()
	return storeError(g.Store.Update(func(tx store.Tx) error {
		packed.put(tx, c.MessageID)
		ledger.Mark(tx, c.Size, c.MessageID) // whatever has come since is behind
		return nil
	}))
}
