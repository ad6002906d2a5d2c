package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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

// Restore makes a store at path from a backup, after a full check of it, with what prepare changes. One of
// an earlier format is carried over by the steps. A file at the path is never touched: ErrExists. What has been delivered since the backup is in it
// undelivered, so prepare pauses what must not be delivered again: the file gets its name only once
// that is in it, whatever happens in between.
func Restore(backup io.Reader, path string, steps []store.Step, prepare func(store.Tx) error) error {
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
		return prepareFile(f.Name(), func(tx store.Tx) error {
			if _, err := carry(tx, steps); err != nil {
				return err
			}
			return prepare(tx)
		})
	})
	if err != nil {
		return fmt.Errorf("restoring store %s: %w", path, err)
	}
	return nil
}

// prepareFile checks a closed store and then changes it.
func prepareFile(path string, prepare func(store.Tx) error) error {
	s, err := open(path, Options{CheckUpTo: -1, older: true})
	if err != nil {
		return err
	}
	err = s.Check(context.Background())
	if err == nil {
		err = s.Update(prepare)
	}
	return errors.Join(err, s.Close())
}
