package bolt

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"

	"asugate/store"
)

// What one commit takes at most: it bounds the time to the answer, and the memory of the pages.
const (
	batchMembers = 256
	batchBytes   = 16 << 20
)

// reserved is what an Update may put when there is no room left: enough to confirm and to delete,
// so that the lanes drain and room comes back.
const reserved = 4 << 10

// update is one call of Update on its way through the committer.
type update struct {
	write    func(store.Tx) error
	err      error
	panicked *panicked
	failed   bool          // write must not be run again: err or panicked says why
	answered chan struct{} // closed when the rest holds
}

// panicked carries a panic of write, with the place where it happened, to the goroutine that called
// Update.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("%v\n\nin Update:\n%s", p.value, p.stack) }

// Unwrap lets errors.Is find a value that was an error.
func (p *panicked) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// run is the committer: the only goroutine that writes.
func (s *Store) run() {
	defer close(s.done)
	debug.SetPanicOnFault(true) // this goroutine's: see pageDamage
	batch := make([]*update, 0, batchMembers)
	for first := range s.queue {
		batch = append(batch[:0], first)
		room := s.room()
		if room == nil {
			batch = s.gather(batch)
		}
		s.settle(batch, room)
		clear(batch) // lets go of what the functions hold
	}
}

// gather adds what is queued, without waiting.
func (s *Store) gather(batch []*update) []*update {
	// Those who were answered a moment ago are about to come back: let them, it costs a
	// microsecond.
	runtime.Gosched()
	for len(batch) < batchMembers {
		select {
		case u, ok := <-s.queue:
			if !ok {
				return batch
			}
			batch = append(batch, u)
		default:
			return batch
		}
	}
	return batch
}

// settle commits and answers every member. room is why only a small write is taken now, or nil.
func (s *Store) settle(batch []*update, room error) {
	for len(batch) > 0 {
		if err := s.broken.Load(); err != nil {
			answer(batch, *err)
			return
		}
		taken, again, err := s.attempt(batch, room)
		if again {
			s.redone.Add(1)
			continue // without the member that has failed
		}
		answer(batch[:taken], err)
		batch = batch[taken:]
	}
}

// answer tells the members. When the commit has failed, so have those that have put nothing, and
// those that have failed themselves: what they went by may have been a neighbour's write, which is
// gone.
func answer(members []*update, err error) {
	for _, u := range members {
		if err != nil {
			u.err, u.panicked = err, nil
		}
		close(u.answered)
	}
}

// attempt runs the members in one transaction and commits it. taken is how many it got through
// before the batch was full. again: a member has failed after its first Put, nothing is kept.
func (s *Store) attempt(batch []*update, room error) (taken int, again bool, err error) {
	bolt, err := s.db.Begin(true)
	if err != nil {
		// The file is open and ours, so the mapping is lost: nothing can be read or written any
		// more.
		return len(batch), false, s.stop(fmt.Errorf("beginning to write: %w", err))
	}
	t := &tx{bolt: bolt}
	if room != nil {
		t.limit = reserved
	}
	for ; taken < len(batch) && t.bytes < batchBytes; taken++ {
		u := batch[taken]
		if u.failed {
			continue
		}
		changes := t.changes
		u.panicked, u.err = run(u.write, t, room)
		if u.err == nil && u.panicked == nil {
			continue
		}
		u.failed = true
		if t.changes > changes || u.panicked != nil {
			return 0, true, s.rollback(bolt)
		}
	}
	s.batches.Add(1)
	s.members.Add(int64(taken))
	if t.changes == 0 {
		return taken, false, s.rollback(bolt)
	}
	return taken, false, s.write(bolt)
}

// run calls write and turns what it panics with into an error where that is ours.
func run(write func(store.Tx) error, t *tx, room error) (p *panicked, err error) {
	returned := false
	defer func() {
		switch r := recover().(type) {
		case nil:
			if !returned {
				panic("bolt: a transaction function has called runtime.Goexit (t.Fatal?)")
			}
		case noRoom:
			err = notWritten(room)
		case damage:
			err = notWritten(damaged("%w", r.err))
		default:
			p = &panicked{r, debug.Stack()}
		}
	}()
	err = write(t)
	returned = true
	if err == nil {
		err, t.refused = t.refused, nil
	}
	return nil, err
}

// rollback gives up the transaction. It touches no page.
func (s *Store) rollback(bolt *bbolt.Tx) error {
	if err := bolt.Rollback(); err != nil {
		return s.stop(fmt.Errorf("rolling back: %w", err))
	}
	return nil
}

// write commits and says what has become of it.
func (s *Store) write(bolt *bbolt.Tx) error {
	s.committing.Lock()
	defer s.committing.Unlock()
	id := int64(bolt.ID())
	err := s.try(bolt)
	if err == nil {
		s.durable.Store(id)
		return nil
	}
	if reason := s.harmless(err); reason != nil {
		return notWritten(reason)
	}
	return s.stop(fmt.Errorf("committing: %w", err))
}

// try commits. What bbolt panics with leaves its locks held unless the transaction is rolled back.
func (s *Store) try(bolt *bbolt.Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damaged("page is wrong: %.200v", r)
			defer func() { _ = recover() }()
			_ = bolt.Rollback()
		}
	}()
	return s.commit(bolt)
}

// stop makes err the answer to everything from now on, for it is no longer known what is on disk.
func (s *Store) stop(err error) error {
	err = fmt.Errorf("%w: %w", store.ErrUnknown, err)
	s.broken.CompareAndSwap(nil, &err)
	return *s.broken.Load()
}
