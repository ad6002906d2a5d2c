package storetest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

func testValues(t *testing.T, s store.Store) {
	if got := get(t, s, "a"); got != "-" {
		t.Errorf("a table that nobody has used yet has %q", got)
	}
	large := strings.Repeat("large ", 1<<20)
	update(t, s, func(tx store.Tx) {
		tx.Put(things, []byte("a"), []byte("1"))
		tx.Put(things, []byte("empty"), nil)
		tx.Put(things, []byte("large"), []byte(large))
		tx.Put(things, []byte{0}, []byte("zero"))
		tx.Put("storetest.others", []byte("a"), []byte("another table"))
		if got := tx.Get(things, []byte("a")); string(got) != "1" {
			t.Errorf("a transaction reads %q of what it wrote itself", got)
		}
		tx.Put(things, []byte("b"), []byte("2"))
		tx.Delete(things, []byte("b"))
		tx.Delete(things, []byte("never there"))
		if got := tx.Get(things, []byte("b")); got != nil {
			t.Errorf("a transaction reads %q of what it deleted itself", got)
		}
	})
	for key, want := range map[string]string{"a": "1", "empty": "", "large": large, "\x00": "zero", "b": "-", "": "-"} {
		if got := get(t, s, key); got != want {
			t.Errorf("%q is %.20q, want %.20q", key, got, want)
		}
	}
	update(t, s, func(tx store.Tx) { tx.Put(things, []byte("a"), []byte("changed")); tx.Delete(things, []byte("large")) })
	if a, large := get(t, s, "a"), get(t, s, "large"); a != "changed" || large != "-" {
		t.Errorf("after a change: %q, %.20q", a, large)
	}
}

// testBytes: Put copies, so the caller may go on using its slices.
func testBytes(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) {
		key, value := []byte("key"), []byte("value")
		tx.Put(things, key, value)
		copy(key, "xxx")
		copy(value, "xxxxx")
	})
	if got := get(t, s, "key"); got != "value" {
		t.Errorf("after the caller has changed its slices: %q", got)
	}
}

func testRanges(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) {
		for _, key := range []string{"b", "d", "a", "c", "e"} {
			tx.Put(things, []byte(key), []byte("of "+key))
		}
		tx.Put("storetest.others", []byte("x"), nil)
	})
	for _, c := range []struct {
		from, to string // "-": nil
		limit    int
		stop     string
		want     string // forward
		back     string
	}{
		{"-", "-", 100, "", "abcde", "edcba"},
		{"a", "e", 100, "", "abcd", "dcba"},       // to is not included
		{"bb", "dd", 100, "", "cd", "dc"},         // neither has to be there
		{"b", "-", 2, "", "bc", "ed"},             // at most limit
		{"-", "d", 2, "", "ab", "cb"},             //
		{"c", "c", 100, "", "", ""},               // nothing between
		{"d", "b", 100, "", "", ""},               // the wrong way round
		{"x", "-", 100, "", "", ""},               // after the last
		{"-", "A", 100, "", "", ""},               // before the first
		{"-", "-", 100, "c", "abc", "edc"},        // until visit is false
		{"a", "z", 5, "", "abcde", "edcba"},       // exactly limit
		{"\xff", "-", 1, "", "", ""},              //
		{"", "\xff\xff", 9, "", "abcde", "edcba"}, // empty from is the start
	} {
		view(t, s, func(r store.Reader) {
			var got, back string
			collect := func(to *string) func(key, value []byte) bool {
				return func(key, value []byte) bool {
					if want := "of " + string(key); string(value) != want {
						t.Errorf("%s has value %q", key, value)
					}
					*to += string(key)
					return string(key) != c.stop
				}
			}
			r.Range(things, bound(c.from), bound(c.to), c.limit, collect(&got))
			r.RangeBack(things, bound(c.from), bound(c.to), c.limit, collect(&back))
			if diff := cmp.Diff([]string{c.want, c.back}, []string{got, back}); diff != "" {
				t.Errorf("%q ≤ key < %q, at most %d: %s", c.from, c.to, c.limit, diff)
			}
		})
	}
}

func bound(s string) []byte {
	if s == "-" {
		return nil
	}
	return []byte(s)
}

// testChangesWhileRanging: visit may change the table that it walks; a walk sees what lies ahead of
// it as it is.
func testChangesWhileRanging(t *testing.T, s store.Store) {
	const n = 2000 // several pages
	key := func(i int) []byte { return []byte{byte(i >> 8), byte(i), 'k'} }
	fill := func() {
		update(t, s, func(tx store.Tx) {
			for i := range n {
				tx.Put(things, key(i), bytes.Repeat([]byte{1}, 50))
			}
		})
	}
	for _, c := range []struct {
		name string
		walk func(tx store.Tx, visit func(key, value []byte) bool)
	}{
		{"forward", func(tx store.Tx, visit func(key, value []byte) bool) { tx.Range(things, nil, nil, 10*n, visit) }},
		{"back", func(tx store.Tx, visit func(key, value []byte) bool) { tx.RangeBack(things, nil, nil, 10*n, visit) }},
	} {
		fill()
		update(t, s, func(tx store.Tx) {
			visited := 0
			c.walk(tx, func(key, _ []byte) bool {
				visited++
				tx.Delete(things, key)
				return true
			})
			if visited != n {
				t.Errorf("%s, deleting each: visited %d of %d", c.name, visited, n)
			}
			tx.Range(things, nil, nil, 1, func(key, _ []byte) bool { t.Errorf("%s: %q is left", c.name, key); return false })
		})
		fill()
		update(t, s, func(tx store.Tx) {
			visited := 0
			c.walk(tx, func(key, value []byte) bool {
				visited++
				tx.Put(things, key, append(value, 2)) // in place
				tx.Put("storetest.others", key, value)
				return true
			})
			if visited != n {
				t.Errorf("%s, changing each: visited %d of %d", c.name, visited, n)
			}
		})
	}
}

func testRangeNeedsLimit(t *testing.T, s store.Store) {
	for _, limit := range []int{0, -1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a range with limit %d was taken", limit)
				}
			}()
			_ = s.View(func(r store.Reader) error {
				r.Range(things, nil, nil, limit, func(_, _ []byte) bool { return true })
				return nil
			})
		}()
	}
	update(t, s, func(tx store.Tx) { tx.Put(things, []byte("still"), []byte("alive")) })
}
