// Package storetest answers: is this engine a store? Every engine runs the suite in its own tests.
package storetest

import (
	"testing"

	"asugate/store"
)

// Open makes a new, empty store for one test, which closes it when it ends.
type Open func(t *testing.T) store.Store

// Run holds an engine against the contract of package store.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"Values", testValues},
		{"Ranges", testRanges},
		{"ChangesWhileRanging", testChangesWhileRanging},
		{"RangeNeedsLimit", testRangeNeedsLimit},
		{"Bytes", testBytes},
		{"Errors", testErrors},
		{"Panics", testPanics},
		{"Refusals", testRefusals},
		{"Serializable", testSerializable},
		{"Snapshots", testSnapshots},
		{"Model", testModel},
		{"Close", testClose},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// things is a table of the tests' own.
const things store.Table = "storetest.things"

func update(t testing.TB, s store.Store, write func(store.Tx)) {
	t.Helper()
	if err := s.Update(func(tx store.Tx) error { write(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s store.Store, read func(store.Reader)) {
	t.Helper()
	if err := s.View(func(r store.Reader) error { read(r); return nil }); err != nil {
		t.Fatal(err)
	}
}

// get is a copy of a value, "-" when there is none.
func get(t testing.TB, s store.Store, key string) (value string) {
	t.Helper()
	view(t, s, func(r store.Reader) {
		value = "-"
		if v := r.Get(things, []byte(key)); v != nil {
			value = string(v)
		}
	})
	return value
}
