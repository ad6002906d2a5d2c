package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
)

// Options of Open. The zero value is good.
type Options struct {
	// MinFree is the free space in bytes below which only small writes (confirmations) are taken.
	MinFree int64
	// MaxSize of the file in bytes, about; 0: no limit.
	MaxSize int64
	// Growth is how many bytes the file grows by at once, at least. 0: 16 MiB.
	Growth int64
	// CheckUpTo is the size in bytes up to which Open reads the whole file and checks it. 0: 64
	// MiB; negative: never. Larger ones are checked by Check.
	CheckUpTo int64
	// Salvage opens a store whose newest transaction may be lost, and checks nothing.
	Salvage bool

	older bool // a store of an earlier format is taken, too: see Migrate
}

const (
	checkUpTo = 64 << 20
	// lockWait is how long another process may take to let go of the file; bbolt tries every 50 ms.
	lockWait = 500 * time.Millisecond
	// mapped is how much address space is taken at first. bbolt waits for all readers before it
	// maps a file anew that has outgrown its mapping; with this it practically never does, and a
	// backup delays nobody.
	mapped = math.MaxInt >> 29 // 16 GiB, and nothing where addresses have 32 bits
)

// Open opens the store at path, which Create has made, and holds it until Close.
func Open(path string, o Options) (*Store, error) {
	s, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	return s, nil
}

func open(path string, o Options) (*Store, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoStore
	}
	if err != nil {
		return nil, err
	}
	if err := admit(file, o); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	db, err := openBolt(file, o)
	if err != nil {
		_ = file.Close() // in vain when bbolt has got that far
		return nil, err
	}
	s := &Store{
		db:       db,
		file:     file,
		pageSize: int64(db.Info().PageSize),
		commit:   (*bbolt.Tx).Commit,
		queue:    make(chan *update, batchMembers),
		done:     make(chan struct{}),
	}
	s.room = func() error { return s.roomFor(path, o.MinFree) }
	if err := s.admit(o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.run()
	return s, nil
}

// admit locks the file and makes sure that it is a whole one before bbolt maps it. The lock belongs
// to the open file, so bbolt's own attempt finds it taken by itself.
func admit(file *os.File, o Options) error {
	if err := lock(file, lockWait); err != nil {
		return err
	}
	if err := stillThere(file); err != nil {
		return err
	}
	// After a kill, pages may be in the kernel's cache and not on disk: what is read must not be
	// lost later. After a failed sync, the cache may hold pages that the disk does not: forget
	// them.
	if err := file.Sync(); err != nil {
		return err
	}
	forgetCache(file)
	return inspect(file, o.Salvage)
}

// stillThere makes sure that the file we have locked is the one at the path: while we waited for
// the lock, Compact may have put another in its place.
func stillThere(file *os.File) error {
	ours, err := file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(file.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(ours, named) {
		return fmt.Errorf("%w: it has just put another file at the path", ErrLocked)
	}
	return nil
}

// settings of bbolt. The file is handed in, so that bbolt never makes one.
func settings(file *os.File) *bbolt.Options {
	return &bbolt.Options{
		Timeout:      lockWait,
		FreelistType: bbolt.FreelistMapType,
		OpenFile:     func(string, int, os.FileMode) (*os.File, error) { return file, nil },
	}
}

func openBolt(file *os.File, o Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damaged("page is wrong: %.200v", r)
		}
	}()
	with := settings(file)
	with.MaxSize = int(o.MaxSize)
	if o.MaxSize == 0 && roomToMap(mapped) { // MaxSize is inexact by 16 MiB with it
		with.InitialMmapSize = mapped
	}
	if db, err = bbolt.Open(file.Name(), 0o600, with); err != nil {
		return nil, damaged("%w", err)
	}
	if o.Growth > 0 {
		db.AllocSize = int(o.Growth)
	}
	return db, nil
}

// admit reads the meta record, and the rest as far as the options want.
func (s *Store) admit(o Options) error {
	if err := s.readMeta(o.older); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	limit := o.CheckUpTo
	if limit == 0 {
		limit = checkUpTo
	}
	if o.Salvage || info.Size() > limit {
		return nil
	}
	return s.Check(context.Background())
}

func (s *Store) readMeta(older bool) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = caught(r)
		}
	}()
	return s.db.View(func(bolt *bbolt.Tx) error {
		s.durable.Store(int64(bolt.ID())) // synced by admit
		record := (&tx{bolt: bolt}).Get(metaTable, []byte(metaKey))
		if record == nil {
			return damaged("the record of the store is missing")
		}
		if err := json.Unmarshal(record, &s.meta); err != nil {
			return damaged("reading the record of the store: %w", err)
		}
		return admitFormat(s.meta.Format, older)
	})
}

// admitFormat takes our own format only, and an earlier one where it is to be carried over.
func admitFormat(format int, older bool) error {
	reason := ErrFormat
	switch {
	case format == Format, older && format > 0 && format < Format:
		return nil
	case format > 0 && format < Format:
		reason = ErrOlder
	}
	return fmt.Errorf("%w: the file has %d, this program %d", reason, format, Format)
}
