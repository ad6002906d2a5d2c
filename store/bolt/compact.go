package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// Compact writes what is in use of a closed store into a new file and puts it in the place of the
// old one, in one step; a crash before leaves the old one. It also makes a whole store of one whose
// newest transaction is lost (ErrDamaged of Open), but not of one whose contents are wrong. It
// answers the size before and after. told is called at the beginning of each step, and as one goes on
// with how many of how many bytes are done; it may be nil.
func Compact(ctx context.Context, path string, told func(step string, done, of int64)) (before, after int64, err error) {
	if told == nil {
		told = func(string, int64, int64) {}
	}
	s, err := open(path, Options{Salvage: true})
	if err != nil {
		return 0, 0, fmt.Errorf("compacting store %s: %w", path, err)
	}
	// The old file stays locked until the new one has its name, so that nobody begins to write into
	// it.
	defer func() { err = errors.Join(err, s.Close()) }()
	before = s.Stats().Size
	told("reading", 0, 0)
	err = errors.Join(removeDrafts(path), s.warm(ctx))
	if err == nil {
		err = s.checkContents(ctx)
	}
	if err == nil {
		after, err = s.compact(ctx, path, told)
	}
	if err != nil {
		return before, 0, fmt.Errorf("compacting store %s: %w", path, err)
	}
	return before, after, nil
}

// drafts is the pattern of the names under which Compact writes.
func drafts(path string) string { return "." + filepath.Base(path) + ".compact-*" }

// removeDrafts removes what a Compact has left that was killed. Nobody is at work on it, for we have
// the lock of the store.
func removeDrafts(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if is, err := filepath.Match(drafts(path), e.Name()); err != nil || !is {
			continue // a path with a bracket in it matches nothing
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) compact(ctx context.Context, path string, told func(step string, done, of int64)) (size int64, err error) {
	draft, err := os.CreateTemp(filepath.Dir(path), drafts(path))
	if err != nil {
		return 0, err
	}
	defer os.Remove(draft.Name()) // in vain once it has its new name
	if err := sameOwner(draft, s.file); err != nil {
		return 0, errors.Join(fmt.Errorf("giving the new file to the owner of the old one: %w", err), draft.Close())
	}
	to, err := bbolt.Open(draft.Name(), 0o600, settings(draft))
	if err != nil {
		return 0, errors.Join(err, draft.Close())
	}
	stats := s.Stats()
	told("writing", 0, 0)
	copied := &copying{ctx: ctx, to: to, told: func(done int64) { told("written", done, stats.Size-stats.Free) }}
	if err := errors.Join(copied.from(s), to.Close()); err != nil {
		return 0, err
	}
	told("checking what was written", 0, 0)
	if err := checkFile(ctx, draft.Name()); err != nil {
		return 0, err
	}
	info, err := os.Stat(draft.Name())
	if err != nil {
		return 0, err
	}
	if err := syncFile(draft.Name()); err != nil {
		return 0, err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return 0, err
	}
	return info.Size(), syncFile(filepath.Dir(path))
}

func checkFile(ctx context.Context, path string) error {
	s, err := open(path, Options{CheckUpTo: -1})
	if err != nil {
		return err
	}
	return errors.Join(s.Check(ctx), s.Close())
}

// copying writes tables into a new file, in their order, so that its pages are full.
type copying struct {
	ctx  context.Context
	to   *bbolt.DB
	told func(done int64)

	tx   *bbolt.Tx
	held int64 // bytes put since the last commit
	done int64 // before it
}

// copyBytes is how much is put between two commits: it bounds the memory.
const copyBytes = 16 << 20

func (c *copying) from(s *Store) (err error) {
	snapshot, err := s.snapshot()
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if c.tx != nil {
			_ = c.tx.Rollback() // of what is thrown away
		}
		_ = snapshot.Rollback()
		if r := recover(); r != nil {
			err = caught(r)
		}
	}()
	if c.tx, err = c.to.Begin(true); err != nil {
		return err
	}
	if err := tables(snapshot, c.table); err != nil {
		return err
	}
	if err := c.commit(); err != nil {
		return err
	}
	// Once more, with nothing: both meta pages show everything then. The older one would show part of
	// the tables, and a Compact that has to mend the file by it would take that part for the whole.
	if c.tx, err = c.to.Begin(true); err != nil {
		return err
	}
	return c.commit()
}

// table copies one table, value for value with its checksum.
func (c *copying) table(name []byte, from *bbolt.Bucket) error {
	b, err := c.tx.CreateBucket(name)
	if err != nil {
		return err
	}
	b.FillPercent = 1
	read := from.Cursor()
	for k, v := first(read); k != nil; k, v = next(read) {
		if c.held >= copyBytes {
			if err := errors.Join(c.ctx.Err(), c.commit()); err != nil {
				return err
			}
			if c.tx, err = c.to.Begin(true); err != nil {
				return err
			}
			b = c.tx.Bucket(name)
			b.FillPercent = 1
		}
		if err := b.Put(k, v); err != nil {
			return err
		}
		c.held += int64(len(k) + len(v))
	}
	return c.ctx.Err()
}

func (c *copying) commit() error {
	if err := c.tx.Commit(); err != nil {
		return err
	}
	c.tx = nil
	c.done += c.held
	c.held = 0
	c.told(c.done)
	return nil
}
