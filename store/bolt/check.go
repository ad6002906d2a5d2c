package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// Check reads the whole store: the order of all keys, the checksum of all values, the use of all
// pages. It is ErrDamaged with what was found first, or the context's error. It may run while the
// store is in use.
func (s *Store) Check(ctx context.Context) error {
	if err := s.warm(ctx); err != nil {
		return err
	}
	if err := s.checkContents(ctx); err != nil {
		return err
	}
	return s.checkPages(ctx)
}

// warm reads the file once from beginning to end. bbolt has it mapped for random access, so that a
// walk from a cold disk costs a fault a page, twenty times as long. A sector that cannot be read is
// found here too.
func (s *Store) warm(ctx context.Context) error {
	info, err := s.file.Stat()
	if errors.Is(err, os.ErrClosed) {
		return ErrClosed
	}
	if err != nil {
		return err
	}
	buffer := make([]byte, 1<<20)
	for at := int64(0); at < info.Size(); at += int64(len(buffer)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := s.file.ReadAt(buffer, at); err != nil && err != io.EOF {
			return damaged("reading the file at %d: %w", at, err)
		}
	}
	return nil
}

// checkContents walks every table as a reader does, through the mapping, where a bad page is a panic.
func (s *Store) checkContents(ctx context.Context) (err error) {
	snapshot, err := s.snapshot()
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	where := "the list of tables"
	defer func() {
		_ = snapshot.Rollback()
		if r := recover(); r != nil {
			err = fmt.Errorf("reading %s: %w", where, caught(r))
		}
	}()
	return tables(snapshot, func(name []byte, b *bbolt.Bucket) error {
		where = "table " + quote(name)
		return checkTable(ctx, &cursor{b.Cursor()}, where)
	})
}

// tables calls visit for every bucket of the root, which holds nothing else.
func tables(snapshot *bbolt.Tx, visit func(name []byte, b *bbolt.Bucket) error) error {
	c := snapshot.Cursor()
	for name, value := first(c); name != nil; name, value = next(c) {
		b := bucket(snapshot, name)
		if value != nil || b == nil {
			return damaged("the list of tables has an entry %s that is none", quote(name))
		}
		if err := visit(name, b); err != nil {
			return err
		}
	}
	return nil
}

func first(c *bbolt.Cursor) (key, value []byte) {
	defer pageDamage()
	return c.First()
}

func next(c *bbolt.Cursor) (key, value []byte) {
	defer pageDamage()
	return c.Next()
}

func bucket(snapshot *bbolt.Tx, name []byte) *bbolt.Bucket {
	defer pageDamage()
	return snapshot.Bucket(name)
}

func checkTable(ctx context.Context, c *cursor, where string) error {
	const between = 1024 // looks at the context
	var before []byte
	n := 0
	for key, _ := c.first(nil); key != nil; key, _ = c.next(key, false) {
		if before != nil && bytes.Compare(before, key) >= 0 {
			return damaged("%s: key %s comes after %s", where, quote(key), quote(before))
		}
		before = key
		if n++; n%between == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
