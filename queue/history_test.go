package queue

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// walk reads the whole history as a client would, page by page, until a page is short. It returns
// the ids it has seen and where to go on.
func walk(t *testing.T, q *Queue, lane, cursor string, limit int) (seen map[string]bool, next string) {
	t.Helper()
	seen = map[string]bool{}
	for range 1000 {
		rows, after, err := q.Messages(lane, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows {
			seen[e.ID] = true
		}
		cursor = after
		if len(rows) < limit {
			return seen, cursor
		}
	}
	t.Fatal("the walk does not end")
	return nil, ""
}

// An id that is committed after a greater one is not left out, whatever the client has read in
// between.
func TestHistoryOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		late := ids.Next() // made first, committed last
		time.Sleep(time.Second)
		var want []string
		for i := range 25 {
			want = append(want, add(t, q, s, ids, "client/A", fmt.Sprint(i)))
		}
		seen, cursor := walk(t, q, "client/A", "", 10)
		if len(seen) != len(want) {
			t.Errorf("saw %d of %d", len(seen), len(want))
		}
		time.Sleep(50 * time.Second)
		m := Message{ID: late, Lane: "client/A", Created: time.Now(), Body: "body/late"}
		err := s.Update(func(tx store.Tx) error {
			tx.Put(store.Blobs, []byte(m.Body), store.Pack(nil))
			return q.Add(tx, m)
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		seen, cursor = walk(t, q, "client/A", cursor, 10)
		if !seen[late] {
			t.Error("the late one was left out")
		}
		seen, again := walk(t, q, "client/A", cursor, 10)
		if len(seen) != 0 || again != cursor {
			t.Errorf("with everything settled it repeats %d rows, cursor %q", len(seen), again)
		}
	})
}

// While messages keep coming, a walk goes forward, and the next one repeats only the last minute.
func TestHistoryGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		every := map[string]bool{}
		seen := map[string]bool{}
		cursor := ""
		for i := range 40 {
			for j := range 5 {
				id := add(t, q, s, ids, "client/A", fmt.Sprint(i, j))
				every[id] = true
				if j%2 == 0 {
					if _, err := q.Confirm("client/A", id); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(10 * time.Second)
			var page map[string]bool
			page, cursor = walk(t, q, "client/A", cursor, 7)
			if len(page) > 5*8 {
				t.Errorf("a walk repeats %d rows", len(page))
			}
			for id := range page {
				seen[id] = true
			}
		}
		if diff := cmp.Diff(every, seen); diff != "" {
			t.Error(diff)
		}
		all, _ := walk(t, q, "", "", 50)
		if diff := cmp.Diff(every, all); diff != "" {
			t.Errorf("all lanes: %s", diff)
		}
	})
}

// What has left its lane before a time is forgotten, and nothing else.
func TestTrim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		confirm := func(lane, id string) {
			if _, err := q.Confirm(lane, id); err != nil {
				t.Fatal(err)
			}
		}
		early := add(t, q, s, ids, "client/A", "early")
		confirm("client/A", early)
		slow := add(t, q, s, ids, "client/B", "slow")
		waits := add(t, q, s, ids, "client/B", "waits")
		dropped := add(t, q, s, ids, "office", "dropped")
		if _, err := q.Drop(dropped, "on paper now"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * 24 * time.Hour)
		confirm("client/B", slow) // made long ago, confirmed now
		recent := add(t, q, s, ids, "client/A", "recent")
		confirm("client/A", recent)
		newest := add(t, q, s, ids, "client/A", "newest")

		before := time.Now().Add(-time.Hour)
		if n, err := q.Trim(before, 1); n != 1 || err != nil {
			t.Errorf("trimmed %d with a limit of 1, %v", n, err)
		}
		if n, err := q.Trim(before, 100); n != 1 || err != nil {
			t.Errorf("trimmed %d more, %v", n, err)
		}
		if n, err := q.Trim(before, 100); n != 0 || err != nil {
			t.Errorf("and %d more, %v", n, err)
		}
		left, _ := walk(t, q, "", "", 100)
		want := map[string]bool{slow: true, waits: true, recent: true, newest: true}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Error(diff)
		}
	})
}
