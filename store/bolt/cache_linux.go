package bolt

import (
	"os"
	"syscall"
)

// forgetCache drops the clean pages of the file from the kernel's cache, so that they are read from
// the disk.
func forgetCache(file *os.File) {
	const dontNeed = 4 // POSIX_FADV_DONTNEED
	// Advice: nothing is wrong when it is not taken.
	_, _, _ = syscall.Syscall6(syscall.SYS_FADVISE64, file.Fd(), 0, 0, dontNeed, 0, 0)
}
