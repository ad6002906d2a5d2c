package bolt

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"asugate/store"
)

// Store is an open store file. It is safe for concurrent use.
type Store struct {
	db       *bbolt.DB
	file     *os.File // of db, which closes it
	pageSize int64
	meta     Meta
	room     func() error // ErrNoRoom when less is free than wanted

	// commit is (*bbolt.Tx).Commit, but in tests of its failures.
	commit func(*bbolt.Tx) error

	// gate is held for reading while an Update is being queued, for writing by Close, so that
	// nobody sends on the closed queue.
	gate   sync.RWMutex
	closed bool
	queue  chan *update
	done   chan struct{} // closed when the committer has ended

	// committing is held by the committer from before the write of a transaction until after its
	// sync.
	committing sync.RWMutex
	durable    atomic.Int64          // id of the newest transaction that is known to be on disk
	broken     atomic.Pointer[error] // set once, when what is on disk is no longer known

	batches, members, redone atomic.Int64
}

var _ store.Store = (*Store)(nil)

// Meta is what the file says about itself.
type Meta struct {
	Format      int       `json:"format"` // of the tables, see FORMAT.md
	ID          string    `json:"id"`     // of this store; a backup keeps it
	Environment string    `json:"environment"`
	Created     time.Time `json:"created"`
}

// Meta is the record that Create made.
func (s *Store) Meta() Meta { return s.meta }

// View shows read the newest durable state. It is no place to wait or to talk to the outside: as
// long as it runs, the file cannot reuse the pages that it sees.
func (s *Store) View(read func(store.Reader) error) (err error) {
	snapshot, err := s.snapshot()
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		_ = snapshot.Rollback() // of a read-only transaction: cannot fail
		if r := recover(); r != nil {
			err = caught(r)
		}
	}()
	return read(&tx{bolt: snapshot})
}

// snapshot begins a read-only transaction of a durable state. The caller rolls it back.
func (s *Store) snapshot() (*bbolt.Tx, error) {
	if err := s.broken.Load(); err != nil {
		return nil, *err
	}
	snapshot, err := s.db.Begin(false)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return nil, ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("beginning to read: %w", err)
	}
	if int64(snapshot.ID()) > s.durable.Load() {
		// The meta page of this transaction is written and not yet synced. The pages of the file
		// are all mapped by then, so the committer does not wait for us while we wait for it.
		s.committing.RLock()
		failed := s.broken.Load()
		s.committing.RUnlock()
		if failed != nil {
			_ = snapshot.Rollback()
			return nil, *failed
		}
	}
	return snapshot, nil
}

// Update is store.Store's. A panic of write continues in the caller's goroutine.
func (s *Store) Update(write func(store.Tx) error) error {
	u := &update{write: write, answered: make(chan struct{})}
	if !s.send(u) {
		return notWritten(ErrClosed)
	}
	<-u.answered
	if u.panicked != nil {
		panic(u.panicked)
	}
	return u.err
}

func (s *Store) send(u *update) bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return false
	}
	s.queue <- u // the committer reads until Close, which waits for us
	return true
}

// Close commits what is queued, waits for open Views, and gives the file free.
func (s *Store) Close() error {
	s.gate.Lock()
	if s.closed {
		s.gate.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.gate.Unlock()
	<-s.done
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("closing the store: %w", err)
	}
	return nil
}
