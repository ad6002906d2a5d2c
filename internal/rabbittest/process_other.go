//go:build unix && !linux

package rabbittest

import "syscall"

// endWithParent: only Linux has it. Elsewhere a test binary that is killed leaves its node behind.
func endWithParent(*syscall.SysProcAttr) {}
