package bolt

import (
	"errors"
	"fmt"

	"asugate/store"
)

var (
	// ErrNoStore: there is no file at the path. Open never makes one.
	ErrNoStore = errors.New("no store")
	// ErrExists: there is a file where a new store is to be made.
	ErrExists = errors.New("store exists already")
	// ErrLocked: another process has the store open.
	ErrLocked = errors.New("store is in use by another process")
	// ErrFormat: the tables are of a format that this program does not read.
	ErrFormat = errors.New("format of the store is not known")
	// ErrOlder: the tables are of an earlier format, which Migrate carries over.
	ErrOlder = errors.New("store is of an earlier format")
	// ErrDamaged: the file is not what was written.
	ErrDamaged = errors.New("store is damaged")
	// ErrLastLost: the newest transaction cannot be told; comes with ErrDamaged. Compact makes a whole
	// store of the rest.
	ErrLastLost = errors.New("one of the two meta pages is not whole, the last transaction may be lost")
	// ErrNoRoom: the disk or the quota is full, or less is free than Options.MinFree. Comes with
	// store.ErrNotWritten, and heals when there is room again.
	ErrNoRoom = errors.New("no room on the disk")
	// ErrClosed: Close has been called. Comes with store.ErrNotWritten.
	ErrClosed = errors.New("store is closed")
)

// hints say what a person can do about an error.
var hints = []struct {
	err  error
	hint string
}{
	{ErrNoStore, "make a new, empty store with `gatewayd init`, or bring one back with `gatewayd restore FILE`"},
	{ErrExists, "move the file away first; a store is never overwritten"},
	{ErrLocked, "the daemon is running: stop it, or let the command reach it over its admin socket"},
	{ErrFormat, "run the version of gatewayd that wrote it, or a later one"},
	{ErrOlder, "`gatewayd store migrate FILE` writes a copy of it to FILE, and carries it over"},
	{ErrLastLost, "copy the file away, then `gatewayd store compact` makes a whole store of it, without the last " +
		"transaction at worst"},
	{ErrDamaged, "`gatewayd store check` says what is wrong; move the file away and bring back a backup with " +
		"`gatewayd restore FILE`"},
	{ErrNoRoom, "free disk space; the daemon goes on by itself"},
}

// Hint is the line for the person who has to do something about err, or empty.
func Hint(err error) string {
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return ""
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
}

func notWritten(reason error) error {
	return fmt.Errorf("%w: %w", store.ErrNotWritten, reason)
}
