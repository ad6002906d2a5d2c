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
//	1 find pages         berrors.ErrMaxSizeReached; or text, when the file could not be mapped anew
//	2 grow the file      text «file resize error: …» of ftruncate, text «file sync error: …» of fsync
//	3 write data pages   *fs.PathError of pwrite
//	4 sync               syscall.Errno of fdatasync
//	5 write meta page    *fs.PathError of pwrite
//	6 sync               syscall.Errno of fdatasync
//
// TestFaultSteps holds it against real system calls that fail.
const resizeFailed = "file resize error: "

// harmless is why nothing of the transaction that failed will ever be found, or nil when that is not certain.
// No sync may have failed, and the file must still show the transaction before: steps 3 and 5 look alike.
func (s *Store) harmless(err error) error {
	var path *fs.PathError
	switch {
	case errors.Is(err, berrors.ErrMaxSizeReached):
		err = fmt.Errorf("%w: %w", ErrNoRoom, err)
	case errors.As(err, &path) && path.Op == "write":
		for _, full := range noRoomErrors {
			if errors.Is(err, full) {
				err = fmt.Errorf("%w: %w", ErrNoRoom, err)
				break
			}
		}
	case strings.HasPrefix(err.Error(), resizeFailed):
		for _, full := range noRoomErrors {
			if strings.HasSuffix(err.Error(), full.Error()) { // bbolt has formatted it with %s
				err = fmt.Errorf("%w: %w", ErrNoRoom, err)
				break
			}
		}
	default:
		return nil
	}
	visible, failed := s.db.Begin(false)
	if failed != nil {
		return nil // the mapping is lost
	}
	defer func() { _ = visible.Rollback() }()
	if int64(visible.ID()) != s.durable.Load() {
		return nil
	}
	return err
}

// noRoomErrors are what a full disk, a full quota, and a limit on the size of files answer.
var noRoomErrors = []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
