package bolt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"asugate/store"
)

// Format is the version of the tables that this program reads and writes, see store/FORMAT.md.
const Format = 2

// The environments that a store can be of. A store never changes its environment.
const (
	Test       = "test"
	Production = "production"
)

// The store's own table and its one key.
const metaTable store.Table = "meta"

const metaKey = "store"

// Create makes a new, empty store. Environment says what it is for; Format is filled in, and ID
// when empty. The directory is made when it is missing. A file at the path is never touched:
// ErrExists.
func Create(path string, m Meta) error {
	if m.Environment != Test && m.Environment != Production {
		return fmt.Errorf("creating store %s: environment %q is neither %s nor %s", path, m.Environment, Test, Production)
	}
	m.Format = Format
	if m.ID == "" {
		m.ID = uuid.NewString()
	}
	if err := directory(filepath.Dir(path)); err != nil {
		return fmt.Errorf("creating store %s: %w", path, err)
	}
	err := place(path, func(f *os.File) error { return initialise(f, m) })
	if err != nil {
		return fmt.Errorf("creating store %s: %w", path, err)
	}
	return nil
}

// directory makes sure that there is one, and that nobody else can put another file in the place of
// ours.
func directory(dir string) error {
	if err := makeDirectory(dir); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("directory %s can be written by everybody (mode %#o): make it 0700", dir, info.Mode().Perm())
	}
	return nil
}

// makeDirectory is os.MkdirAll that is still there after a power cut.
func makeDirectory(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := makeDirectory(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFile(parent)
}

// initialise writes an empty store into f.
func initialise(f *os.File, m Meta) error {
	record, err := json.Marshal(m)
	if err != nil {
		return err
	}
	db, err := bbolt.Open(f.Name(), 0o600, settings(f))
	if err != nil {
		return err
	}
	err = db.Update(func(bolt *bbolt.Tx) error {
		t := &tx{bolt: bolt}
		t.Put(metaTable, []byte(metaKey), record)
		return t.refused
	})
	return errors.Join(err, db.Close())
}

// place lets fill write a file that nobody sees before it is whole: into a file beside it, synced,
// then linked to the path, which fails when there is one already, then the directory synced. fill
// closes the file.
func place(path string, fill func(*os.File) error) error {
	if _, err := os.Lstat(path); err == nil {
		return ErrExists
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if err := fill(draft); err != nil {
		_ = draft.Close() // in vain when fill has got that far
		return err
	}
	if err := syncFile(draft.Name()); err != nil {
		return err
	}
	err = os.Link(draft.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil { // a file system without links; a moment ago there was no file at the path
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// syncFile syncs a file or a directory. Without the latter a new name is gone after a power cut.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
