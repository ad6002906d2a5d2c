//go:build !linux

package lossyfs

import (
	"errors"
	"math/rand/v2"
)

// FS is one such file system, mounted: on Linux.
type FS struct{}

// ErrNotLinux: only Linux has what this needs.
var ErrNotLinux = errors.New("this needs FUSE of Linux")

// Mount says that it cannot.
func Mount(string) (*FS, error) { return nil, ErrNotLinux }

// Cut says that it cannot.
func (*FS) Cut(*rand.Rand) (int, error) { return 0, ErrNotLinux }

// Unmount says that it cannot.
func (*FS) Unmount() error { return ErrNotLinux }
