package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/conf"
	"asugate/store"
	"asugate/store/bolt"
)

// preparedDesk is a desk on a store with the registers of the scene.
func preparedDesk(t *testing.T) *desk {
	t.Helper()
	p, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	config := &conf.Config{}
	config.Store.Path = filepath.Join(t.TempDir(), "gatewayd.db")
	if err := os.WriteFile(config.Store.Path, p.store, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openDesk(config, quiet(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	return d
}

// terminal is where an operation prints, and may take nothing for hours.
type terminal struct {
	store   *bolt.Store
	printed int
	pinned  bool // something was printed while a snapshot was open
}

func (p *terminal) Write(b []byte) (int, error) {
	p.printed += len(b)
	p.pinned = p.pinned || p.store.Stats().OpenViews > 0
	return len(b), nil
}

// What an operation prints, it prints when it has let go of the snapshot: the pages that a snapshot
// sees cannot be used again, and a terminal on ^S would make the file grow.
func TestPrintsAfterSnapshot(t *testing.T) {
	d := preparedDesk(t)
	var organisations []string
	if err := d.store.View(func(tx store.Reader) error {
		organisations = d.register.StaffOrganisations(tx, 1)
		return nil
	}); err != nil || len(organisations) == 0 {
		t.Fatalf("%d staff lists, %v", len(organisations), err)
	}
	// A verdict without its document is a problem to print.
	err := d.store.Update(func(tx store.Tx) error {
		tx.Put("journal", []byte("01935f00-0000-7000-8000-000000000001"), []byte(`{}`))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]operation{
		"participants export":     &participantsExport{},
		"participants show":       &participantsShow{},
		"participants show JSON":  &participantsShow{JSON: true},
		"staff show":              &staffShow{},
		"staff show ORGANISATION": &staffShow{Organisation: organisations[0]},
		"staff export":            &staffExport{Organisation: organisations[0], Format: "csv"},
		"staff held":              &staffHeld{},
		"journal list":            &journalList{Limit: 10},
		"journal verify":          &journalAudit{},
		"documents list":          &documentsList{Limit: 10},
		"queue list":              &queueList{Limit: 10},
		"store check":             &storeCheck{},
	} {
		out := &terminal{store: d.store}
		if err := o.run(context.Background(), d, out); err != nil && !errors.Is(err, negative.what) {
			t.Errorf("%s: %v", name, err)
		}
		if out.printed == 0 || out.pinned {
			t.Errorf("%s printed %d bytes, pinning a snapshot: %t", name, out.printed, out.pinned)
		}
	}
}

// One look sees a bounded part of a long table; the list is whole all the same.
func TestDocumentsList_longTable(t *testing.T) {
	d := preparedDesk(t)
	const most = 100_000
	err := d.store.Update(func(tx store.Tx) error {
		for i := range most {
			tx.Put("documents", fmt.Appendf(nil, "A\x00%06d", i), []byte(`{"state":"accepted"}`))
		}
		tx.Put("documents", []byte("B\x00last"), []byte(`{"participant":"B","document":"last","state":"refused"}`))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	list := &documentsList{State: "refused", Limit: 10, JSON: true}
	if err := list.run(context.Background(), d, &out); err != nil || !strings.Contains(out.String(), `"document":"last"`) {
		t.Errorf("%v, and it lists %q", err, out.String())
	}
}
