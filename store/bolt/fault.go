package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// A commit of bbolt 1.5.0 is these steps (tx.go, Commit), and their errors tell them apart:
//
//	1 find pages        berrors.ErrMaxSizeReached; text, when the file could not be mapped anew
//	2 grow the file     text «file resize error: …» of ftruncate, «file sync error: …» of fsync
//	3 write data pages  *fs.PathError of pwrite
//	4 sync              syscall.Errno of fdatasync
//	5 write meta page   *fs.PathError of pwrite
//	6 sync              syscall.Errno of fdatasync
//
// TestFaultSteps holds it against real system calls that fail.
const resizeFailed = "file resize error: "

// harmless is why nothing of the transaction that failed will ever be found, or nil when that is
// not certain. No sync may have failed, and the file must still show the transaction before, since
// steps 3 and 5 look alike.
func (s *Store) harmless(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, berrors.ErrMaxSizeReached):
	case errors.As(err, &path) && path.Op == "write":
	case strings.HasPrefix(err.Error(), resizeFailed):
	default:
		return nil
	}
	visible, failed := s.db.Begin(false)
	if failed != nil {
		return nil // the mapping is lost
	}
	defer func() { _ = visible.Rollback() }()
	switch {
	case int64(visible.ID()) != s.durable.Load():
		return nil
	case full(err):
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	default:
		return err
	}
}

// full tells whether an error is that of a full disk, a full quota, or a limit on the size of
// files. bbolt formats some with %s, so it is known by its last words.
func full(err error) bool {
	for _, reason := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, berrors.ErrMaxSizeReached} {
		if strings.HasSuffix(err.Error(), reason.Error()) {
			return true
		}
	}
	return false
}
