//go:build linux || darwin

package bolt

import (
	"fmt"
	"syscall"
)

// Space is how many bytes are free for us on the disk of the store.
func (s *Store) Space() (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Fstatfs(int(s.file.Fd()), &disk); err != nil {
		return 0, fmt.Errorf("asking for free space: %w", err)
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil
}
