//go:build linux || darwin

package bolt

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock takes the file for this process, waiting a little for one that is about to end.
func lock(file *os.File, wait time.Duration) error {
	const pause = 20 * time.Millisecond
	for deadline := time.Now().Add(wait); ; time.Sleep(pause) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("locking: %w", err)
		case time.Now().After(deadline):
			return ErrLocked
		}
	}
}

// freeOn is how many bytes are free for us on the disk of path.
func freeOn(path string) (free int64, ok bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil {
		return 0, false
	}
	return int64(disk.Bavail) * int64(disk.Bsize), true
}

// roomToMap tells whether the process may take that much address space (ulimit -v).
func roomToMap(size uint64) bool {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit)
	return err != nil || uint64(limit.Cur) > 4*size
}

// sameOwner gives a new file owner and mode of another: whoever may open the store shall be able to open
// what takes its place, also when it is root who makes it.
func sameOwner(file, like *os.File) error {
	info, err := like.Stat()
	if err != nil {
		return err
	}
	ours, err := file.Stat()
	if err != nil {
		return err
	}
	if want := ownerOf(info); want != ownerOf(ours) {
		if err := file.Chown(want[0], want[1]); err != nil {
			return err
		}
	}
	return file.Chmod(info.Mode().Perm())
}

// ownerOf is the numbers of user and group.
func ownerOf(info os.FileInfo) (ids [2]int) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		ids = [2]int{int(stat.Uid), int(stat.Gid)}
	}
	return ids
}
