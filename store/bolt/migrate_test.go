package bolt

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// olderStore is a store that says it is of a format before ours, with one thing in it.
func olderStore(t *testing.T, format string) (path string) {
	t.Helper()
	path = newPath(t)
	s, err := Open(path, Options{MaxSize: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(tx store.Tx) error {
		tx.Put(metaTable, []byte(metaKey), []byte(`{"format":`+format+`,"id":"x","environment":"test"}`))
		tx.Put(things, []byte("old"), []byte("value"))
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// renamed is a step that leaves traces.
var renamed = store.Step{From: Format - 1, What: "old is new", Carry: func(tx store.Tx) error {
	tx.Put(things, []byte("new"), tx.Get(things, []byte("old")))
	tx.Delete(things, []byte("old"))
	return nil
}}

// A store of an earlier format is refused, saying what to do; carried over it opens, with what the step
// has made of it.
func TestMigrate(t *testing.T) {
	path := olderStore(t, "1")
	if _, err := Open(path, Options{}); !errors.Is(err, ErrOlder) || !strings.Contains(Hint(err), "store migrate") {
		t.Fatalf("opened: %v, hint %q", err, Hint(err))
	}
	older, err := OpenOlder(path)
	if err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if _, err := older.Backup(&copied); err != nil {
		t.Fatal(err)
	}
	done, err := older.Migrate(context.Background(), []store.Step{renamed})
	if err != nil || len(done) != 1 {
		t.Errorf("migrated: %q, %v", done, err)
	}
	if again, err := older.Migrate(context.Background(), nil); err != nil || again != nil {
		t.Errorf("migrated again: %q, %v", again, err)
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, path, Options{})
	if diff := cmp.Diff(map[string]string{"new": "value"}, contents(t, s)); diff != "" {
		t.Error(diff)
	}
	if m := s.Meta(); m.Format != Format || m.ID != "x" {
		t.Errorf("the store says %+v", m)
	}

	// The copy from before is brought back by the new program, carried over on the way.
	restoredAt := newPath(t) + ".restored"
	if err := Restore(&copied, restoredAt, []store.Step{renamed}, asItIs); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"new": "value"}, contents(t, openStore(t, restoredAt, Options{}))); diff != "" {
		t.Error(diff)
	}
}

// A step that fails, or is missing, leaves the file as it was, byte for byte in what it says.
func TestMigrateFails(t *testing.T) {
	broken := renamed
	broken.Carry = func(tx store.Tx) error {
		tx.Delete(things, []byte("old"))
		return errors.New("a row is odd")
	}
	for name, steps := range map[string][]store.Step{"fails": {broken}, "is missing": nil, "is another's": {{From: 7}}} {
		path := olderStore(t, "1")
		older, err := OpenOlder(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := older.Migrate(context.Background(), steps); err == nil {
			t.Errorf("a step %s: no error", name)
		}
		if diff := cmp.Diff(map[string]string{"old": "value"}, contents(t, older)); diff != "" {
			t.Errorf("a step %s: %s", name, diff)
		}
		if err := older.Close(); err != nil {
			t.Error(err)
		}
		if _, err := Open(path, Options{}); !errors.Is(err, ErrOlder) {
			t.Errorf("a step %s: opened afterwards: %v", name, err)
		}
	}
}

// What comes from the future, or from nowhere, is refused by whoever opens it, and not touched.
func TestMigrateRefuses(t *testing.T) {
	for _, format := range []string{"99", "0", "-1"} {
		path := olderStore(t, format)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenOlder(path); !errors.Is(err, ErrFormat) {
			t.Errorf("format %s: opened: %v", format, err)
		}
		if _, err := Open(path, Options{}); !errors.Is(err, ErrFormat) {
			t.Errorf("format %s: opened: %v", format, err)
		}
		err = Restore(bytes.NewReader(before), newPath(t)+".restored", []store.Step{renamed}, asItIs)
		if !errors.Is(err, ErrFormat) {
			t.Errorf("format %s: restored: %v", format, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("format %s: the file was changed: %v", format, err)
		}
	}
}
