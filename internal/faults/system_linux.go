package faults

import (
	"syscall"
)

// endWithParent lets no daemon outlive the run.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }

// mountTmpfs puts a small disk of its own at a folder.
func mountTmpfs(dir string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m,mode=0700")
}

// unmount takes away what was mounted there.
func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }
