//go:build !linux

package faults

import (
	"errors"
	"syscall"
)

// errNotLinux: only Linux has it.
var errNotLinux = errors.New("only on Linux")

func endWithParent(*syscall.SysProcAttr) {}

func mountTmpfs(string) error { return errNotLinux }

func unmount(string) error { return errNotLinux }
