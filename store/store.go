package store

import "errors"

// Table names an ordered map. Each package that keeps something names its tables; FORMAT.md lists
// all.
type Table string

// Reader reads one consistent snapshot. Bytes live until the transaction function returns.
type Reader interface {
	// Get is nil when there is no such key.
	Get(t Table, key []byte) []byte
	// Range calls visit for the keys from ≤ key < to in order (to nil: to the end), at most limit
	// of them, until visit returns false. limit must be positive. visit may Put and Delete.
	Range(t Table, from, to []byte, limit int, visit func(key, value []byte) bool)
	// RangeBack is Range from the greatest key down.
	RangeBack(t Table, from, to []byte, limit int, visit func(key, value []byte) bool)
}

// Tx reads and writes. Nothing is visible to others before Update has returned nil. key and value
// are copied by Put.
type Tx interface {
	Reader
	Put(t Table, key, value []byte)
	Delete(t Table, key []byte)
}

// Store is safe for concurrent use.
type Store interface {
	View(read func(Reader) error) error
	// Update runs write and returns once its effect is durable. Concurrent Updates share a sync.
	// write may run more than once and has no side effect outside tx. An error of write is returned
	// as it is, and nothing of that write is kept. Otherwise nil, or an error that is ErrNotWritten
	// or ErrUnknown.
	Update(write func(Tx) error) error
	Close() error
}

var (
	// ErrNotWritten: nothing of the transaction is on disk: no room, or a page could not be
	// written. May heal.
	ErrNotWritten = errors.New("not written")
	// ErrUnknown: a sync failed, so the transaction may or may not be found after a restart. Tell
	// nobody anything; stop. The store answers everything with it from then on.
	ErrUnknown = errors.New("written or not: unknown")
)
