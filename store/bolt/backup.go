package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"asugate/store"
)

// Backup writes a consistent copy of the store while it is in use, itself a store file. The file
// grows by what is changed meanwhile, so w is a disk, not a slow network.
func (s *Store) Backup(w io.Writer) (written int64, err error) {
	snapshot, err := s.snapshot()
	if err != nil {
		return 0, err
	}
	defer func() { _ = snapshot.Rollback() }()
	written, err = snapshot.WriteTo(w)
	if err != nil {
		return written, fmt.Errorf("writing a backup: %w", err)
	}
	return written, nil
}

// Restore makes a store at path from a backup, after a full check of it, with what prepare changes. A
// file at the path is never touched: ErrExists. What has been delivered since the backup is in it
// undelivered, so prepare pauses what must not be delivered again: the file gets its name only once
// that is in it, whatever happens in between.
func Restore(backup io.Reader, path string, prepare func(store.Tx) error) error {
	if err := directory(filepath.Dir(path)); err != nil {
		return fmt.Errorf("restoring store %s: %w", path, err)
	}
	err := place(path, func(f *os.File) error {
		to := bufio.NewWriterSize(f, 1<<20)
		if _, err := io.Copy(to, backup); err != nil {
			return err
		}
		if err := errors.Join(to.Flush(), f.Close()); err != nil {
			return err
		}
		return prepareFile(f.Name(), prepare)
	})
	if err != nil {
		return fmt.Errorf("restoring store %s: %w", path, err)
	}
	return nil
}

// prepareFile checks a closed store and then changes it.
func prepareFile(path string, prepare func(store.Tx) error) error {
	s, err := open(path, Options{CheckUpTo: -1})
	if err != nil {
		return err
	}
	err = s.Check(context.Background())
	if err == nil {
		err = s.Update(prepare)
	}
	return errors.Join(err, s.Close())
}

func checkFile(path string) error {
	s, err := open(path, Options{CheckUpTo: -1})
	if err != nil {
		return err
	}
	return errors.Join(s.Check(context.Background()), s.Close())
}

// Compact writes what is in use of a closed store into a new file and puts it in the place of the
// old one, in one step. It also makes a whole store of one whose newest transaction is lost
// (ErrDamaged of Open), but not of one whose contents are wrong. It answers the size before and
// after.
func Compact(path string) (before, after int64, err error) {
	s, err := open(path, Options{Salvage: true})
	if err != nil {
		return 0, 0, fmt.Errorf("compacting store %s: %w", path, err)
	}
	// The old file stays locked until the new one has its name, so that nobody begins to write into
	// it.
	defer func() { err = errors.Join(err, s.Close()) }()
	before = s.Stats().Size
	if err := errors.Join(s.warm(context.Background()), s.checkContents(context.Background())); err != nil {
		return before, 0, fmt.Errorf("compacting store %s: %w", path, err)
	}
	if after, err = s.compact(path); err != nil {
		return before, 0, fmt.Errorf("compacting store %s: %w", path, err)
	}
	return before, after, nil
}

func (s *Store) compact(path string) (size int64, err error) {
	const transaction = 16 << 20 // bytes between two commits
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".compact-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(draft.Name()) // in vain once it has its new name
	to, err := bbolt.Open(draft.Name(), 0o600, settings(draft))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(bbolt.Compact(to, s.db, transaction), to.Close()); err != nil {
		return 0, err
	}
	if err := checkFile(draft.Name()); err != nil {
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
