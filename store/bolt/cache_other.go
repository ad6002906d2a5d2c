//go:build !linux

package bolt

import "os"

// forgetCache is for Linux, where a page that could not be written counts as clean afterwards.
func forgetCache(*os.File) {}
