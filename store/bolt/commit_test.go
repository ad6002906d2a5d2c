package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"asugate/store"
)

var (
	errEarly = errors.New("moved")
	errLate  = errors.New("given up")
)

// member is one Update of a batch in the tests: what it does, and what it should come to when the
// commit succeeds.
type member struct {
	name  string
	write func(tx store.Tx, key string) error
	want  error
	keeps bool
}

var members = []member{
	{"puts", func(tx store.Tx, key string) error { tx.Put(things, []byte(key), []byte("v")); return nil }, nil, true},
	{"looks", func(tx store.Tx, key string) error { tx.Get(things, []byte(key)); return nil }, nil, false},
	// ErrMoved of the gateway is of this kind: it looks, and does not put.
	{"fails early", func(tx store.Tx, key string) error { return errEarly }, errEarly, false},
	{"fails late", func(tx store.Tx, key string) error { tx.Put(things, []byte(key), nil); return errLate }, errLate, false},
	{"panics", func(tx store.Tx, key string) error { tx.Put(things, []byte(key), nil); panic("accident") }, errPanic, false},
	{"panics early", func(tx store.Tx, key string) error { panic("accident") }, errPanic, false},
	{"deletes", func(tx store.Tx, key string) error { tx.Delete(things, []byte("old")); return nil }, nil, false},
	{"puts nonsense", func(tx store.Tx, key string) error { tx.Put(things, nil, nil); return nil }, store.ErrNotWritten, false},
}

var errPanic = errors.New("panicked")

// together makes one batch of the members: it keeps the committer busy until all are queued.
func together(t *testing.T, s *Store, batch []member) []error {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.Update(func(store.Tx) error {
			once.Do(func() { close(entered) })
			<-leave
			return nil
		})
	})
	<-entered
	results := make([]error, len(batch))
	for i, m := range batch {
		all.Go(func() {
			defer func() {
				if recover() != nil {
					results[i] = errPanic
				}
			}()
			results[i] = s.Update(func(tx store.Tx) error { return m.write(tx, fmt.Sprintf("%d %s", i, m.name)) })
		})
		for len(s.queue) < i+1 { // so that they are queued in this order
			time.Sleep(10 * time.Microsecond)
		}
	}
	close(leave)
	all.Wait()
	return results
}

// commits are the ways in which a commit can end.
var commits = []struct {
	name   string
	commit func(*bbolt.Tx) error
	want   error // of every member; nil: what it deserves
}{
	{"succeeds", (*bbolt.Tx).Commit, nil},
	{"no room to write", failedBefore(&fs.PathError{Op: "write", Path: "db", Err: syscall.ENOSPC}), ErrNoRoom},
	{"page not written", failedBefore(&fs.PathError{Op: "write", Path: "db", Err: syscall.EIO}), store.ErrNotWritten},
	{"no room to grow", failedBefore(errors.New("file resize error: truncate db: file too large")), ErrNoRoom},
	{"grown and not synced", failedBefore(errors.New("file sync error: sync db: input/output error")), store.ErrUnknown},
	{"sync failed, not on disk", failedBefore(syscall.EIO), store.ErrUnknown},
	{"sync failed, on disk", failedAfter(syscall.EIO), store.ErrUnknown},
	{"write failed, on disk", failedAfter(&fs.PathError{Op: "write", Path: "db", Err: syscall.EIO}), store.ErrUnknown},
	{"some new error", failedBefore(errors.New("what is this")), store.ErrUnknown},
	{"panics", func(*bbolt.Tx) error { panic("page 7 is of type <ff>") }, store.ErrUnknown},
}

// failedBefore ends as a commit of which nothing reaches the file, failedAfter as one that all of
// reaches it.
func failedBefore(err error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		if err := tx.Rollback(); err != nil {
			panic(err)
		}
		return err
	}
}

func failedAfter(err error) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		if err := tx.Commit(); err != nil {
			panic(err)
		}
		return err
	}
}

// TestFaults: every kind of member beside every other, and every way in which their commit can end.
func TestFaults(t *testing.T) {
	for _, c := range commits {
		for _, a := range members {
			for j, b := range members {
				if c.want != nil && c.name != "sync failed, on disk" && j > 1 {
					continue // the members do not matter then
				}
				t.Run(fmt.Sprintf("%s/%s, %s", c.name, a.name, b.name), func(t *testing.T) {
					path := newPath(t)
					s := openStore(t, path, Options{})
					if err := put(s, "old", "stays or goes"); err != nil {
						t.Fatal(err)
					}
					testFault(t, s, path, []member{members[0], a, b, members[0]}, c.commit, c.want)
				})
			}
		}
	}
}

func testFault(t *testing.T, s *Store, path string, batch []member, commit func(*bbolt.Tx) error, want error) {
	before := contents(t, s)
	s.commit = commit
	results := together(t, s, batch)
	s.commit = (*bbolt.Tx).Commit
	after := maps.Clone(before)
	for i, m := range batch {
		deserved := want
		if want == nil {
			deserved = m.want
		}
		if !errors.Is(results[i], deserved) {
			t.Errorf("%d %s: %v, want %v", i, m.name, results[i], deserved)
		}
		if m.keeps {
			after[fmt.Sprintf("%d %s", i, m.name)] = "v"
		}
		if m.name == "deletes" {
			delete(after, "old")
		}
	}
	switch {
	case want == nil:
		if diff := cmp.Diff(after, contents(t, s)); diff != "" {
			t.Errorf("stored: %s", diff)
		}
	case errors.Is(want, store.ErrUnknown):
		testStopped(t, s)
		again := openStore(t, path, Options{})
		got := contents(t, again)
		if !maps.Equal(got, before) && !maps.Equal(got, after) {
			t.Errorf("after a restart half of the batch is there: %v", slices.Sorted(maps.Keys(got)))
		}
	default: // nothing is kept, and the next one is taken
		if diff := cmp.Diff(before, contents(t, s)); diff != "" {
			t.Errorf("stored: %s", diff)
		}
		if err := put(s, "next", ""); err != nil {
			t.Errorf("after a failed write: %v", err)
		}
	}
}

// testStopped: nothing is told any more.
func testStopped(t *testing.T, s *Store) {
	t.Helper()
	if err := put(s, "next", ""); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("an Update after a failed sync: %v", err)
	}
	if err := s.View(func(store.Reader) error { return nil }); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a View after a failed sync: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestBatchIsOneCommit: who is queued together is committed together.
func TestBatchIsOneCommit(t *testing.T) {
	s := newStore(t, Options{})
	commits := 0
	s.commit = func(tx *bbolt.Tx) error { commits++; return tx.Commit() }
	for i, err := range together(t, s, slices.Repeat(members[:1], 200)) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if commits != 1 || len(contents(t, s)) != 200 {
		t.Errorf("%d commits for %d updates", commits, len(contents(t, s)))
	}
}

// TestBatchIsBounded: a batch takes 16 MiB and no more.
func TestBatchIsBounded(t *testing.T) {
	s := newStore(t, Options{})
	commits := 0
	s.commit = func(tx *bbolt.Tx) error { commits++; return tx.Commit() }
	large := member{"large", func(tx store.Tx, key string) error {
		tx.Put(things, []byte(key), make([]byte, 5<<20))
		return nil
	}, nil, true}
	for i, err := range together(t, s, slices.Repeat([]member{large}, 8)) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if commits != 2 || len(contents(t, s)) != 8 {
		t.Errorf("%d commits for %d updates of 5 MiB", commits, len(contents(t, s)))
	}
}

// TestViewWaitsForSync: between the write of the meta page and its sync, bbolt shows what a power
// cut would take back. A View that begins then waits, and shares the fate of the sync.
func TestViewWaitsForSync(t *testing.T) {
	for name, fate := range map[string]error{"synced": nil, "sync failed": syscall.EIO} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, Options{})
			written, syncing := make(chan struct{}), make(chan struct{})
			s.commit = func(tx *bbolt.Tx) error {
				err := tx.Commit()
				close(written)
				<-syncing
				return errors.Join(err, fate)
			}
			var all sync.WaitGroup
			all.Go(func() { _ = put(s, "key", "value") })
			<-written
			seen := make(chan error, 1)
			all.Go(func() {
				seen <- s.View(func(r store.Reader) error {
					if r.Get(things, []byte("key")) == nil {
						t.Error("the view began before the write")
					}
					return nil
				})
			})
			select {
			case err := <-seen:
				t.Errorf("a View returned before the sync: %v", err)
			case <-time.After(20 * time.Millisecond):
			}
			close(syncing)
			if err := <-seen; (fate == nil) != (err == nil) || fate != nil && !errors.Is(err, store.ErrUnknown) {
				t.Errorf("after the sync: %v", err)
			}
			all.Wait()
		})
	}
}

// TestLittleRoom: below the watermark only what is small is taken, so that the lanes drain; it
// heals by itself.
func TestLittleRoom(t *testing.T) {
	s := newStore(t, Options{})
	if err := put(s, "old", strings.Repeat("x", 1<<20)); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	little := fmt.Errorf("%w: 1 MiB is free", ErrNoRoom)
	s.room = func() error { mu.Lock(); defer mu.Unlock(); return little }
	if err := put(s, "document", strings.Repeat("x", 10_000)); !errors.Is(err, ErrNoRoom) || !errors.Is(err, store.ErrNotWritten) {
		t.Errorf("a large write: %v", err)
	}
	if err := s.Update(func(tx store.Tx) error { tx.Delete(things, []byte("old")); return nil }); err != nil {
		t.Errorf("a deletion: %v", err)
	}
	if err := put(s, "confirmation", "small"); err != nil {
		t.Errorf("a small write: %v", err)
	}
	if hint := Hint(little); hint == "" {
		t.Error("no hint")
	}
	mu.Lock()
	little = nil
	mu.Unlock()
	if err := put(s, "document", strings.Repeat("x", 10_000)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestWatermark asks the real disk.
func TestWatermark(t *testing.T) {
	path := newPath(t)
	if free, ok := freeOn(path); !ok || free <= 0 {
		t.Errorf("%d bytes are free, %v", free, ok)
	}
	s := openStore(t, path, Options{MinFree: 1 << 60})
	if err := s.Room(); !errors.Is(err, ErrNoRoom) {
		t.Errorf("an exbibyte is free: %v", err)
	}
	if err := put(s, "document", strings.Repeat("x", 10_000)); !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
}

// TestMaxSize: the limit on the file is a full disk.
func TestMaxSize(t *testing.T) {
	path := newPath(t)
	s, err := Open(path, Options{MaxSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	value := strings.Repeat("x", 20_000)
	var full error
	for i := range 200 {
		key := fmt.Sprint(i)
		if err := put(s, key, value); err == nil {
			kept[key] = value
		} else {
			full = err
		}
	}
	if !errors.Is(full, ErrNoRoom) || !errors.Is(full, store.ErrNotWritten) || len(kept) < 10 {
		t.Errorf("after %d: %v", len(kept), full)
	}
	if diff := cmp.Diff(kept, contents(t, s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path, Options{})
	if err := put(s, "more", value); err != nil || len(contents(t, s)) != len(kept)+1 {
		t.Errorf("with a larger limit: %v, %d kept", err, len(contents(t, s)))
	}
}
