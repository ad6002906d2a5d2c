package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

func idsOf(t *testing.T, q *Queue, lane, after string, limit int) (ids []string) {
	t.Helper()
	entries, err := q.List(lane, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestList(t *testing.T) {
	q, s, ids := open(t)
	var all []string
	for i := range 30 {
		all = append(all, add(t, q, s, ids, []string{"office", "client/A", "client/A-2"}[i%3], fmt.Sprint(i)))
	}
	for _, c := range []struct {
		lane, after string
		limit       int
		want        []string
	}{
		{"", "", 100, all},
		{"", "", 7, all[:7]},
		{"", all[9], 5, all[10:15]},
		{"client/A", "", 2, []string{all[1], all[4]}},
		{"client/A", all[4], 2, []string{all[7], all[10]}},
		{"client/A", all[5], 2, []string{all[7], all[10]}}, // an id of another lane
		{"client/A-2", all[29], 2, nil},
		{"client", "", 2, nil}, // no prefix
		{"client/A", "", 0, nil},
	} {
		if diff := cmp.Diff(c.want, idsOf(t, q, c.lane, c.after, c.limit)); diff != "" {
			t.Errorf("lane %q after %.8q: %s", c.lane, c.after, diff)
		}
	}
	lanes, err := q.Lanes(2)
	if err != nil || len(lanes) != 2 || lanes[0].Lane != "client/A" || lanes[0].Waiting != 10 {
		t.Errorf("lanes %+v, %v", lanes, err)
	}
	if n, err := q.Depth("client/A", 5); n != 5 || err != nil {
		t.Errorf("depth up to 5 is %d, %v", n, err)
	}
}

// A message can be read by its lane only, also when it has been confirmed.
func TestMessage(t *testing.T) {
	q, s, ids := open(t)
	id := add(t, q, s, ids, "client/A", "d")
	for range 2 {
		m, body, err := q.Message("client/A", id)
		if err != nil || m.ID != id || string(body) != "body of "+id {
			t.Errorf("%+v %q %v", m, body, err)
		}
		for _, lane := range []string{"client/B", "client", ""} {
			if _, _, err := q.Message(lane, id); !errors.Is(err, ErrNoMessage) {
				t.Errorf("lane %q can read it: %v", lane, err)
			}
			if unknown, err := q.Confirm(lane, id); err != nil || len(unknown) != 1 {
				t.Errorf("lane %q can confirm it: %v, %v", lane, unknown, err)
			}
		}
		if unknown, err := q.Confirm("client/A", id, id); err != nil || unknown != nil {
			t.Errorf("confirming: %v, %v", unknown, err)
		}
	}
	for _, odd := range []string{"", "\x00", "x\x00y", strings.Repeat("x", 100_000), "%s", "*"} {
		if _, _, err := q.Message("client/A", odd); !errors.Is(err, ErrNoMessage) || len(err.Error()) > 500 {
			t.Errorf("message %.10q: %v", odd, err)
		}
		if unknown, err := q.Confirm("client/A", odd); err != nil || len(unknown) != 1 {
			t.Errorf("confirming %.10q: %v, %v", odd, unknown, err)
		}
	}
}

// Clients may confirm in any order; the chain of a document stays whole.
func TestConfirmInAnyOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		q, s, ids := open(t)
		var made []string
		for range 3 {
			made = append(made, add(t, q, s, ids, "client/A", "one document"))
		}
		for _, i := range order {
			if unknown, err := q.Confirm("client/A", made[i]); err != nil || unknown != nil {
				t.Error(unknown, err)
			}
			checkQueue(t, s)
		}
		if n, _ := q.Depth("client/A", 9); n != 0 {
			t.Errorf("%d are left", n)
		}
	}
}

// What a document calls itself is up to its sender, also before it is verified. It never keeps the
// answer from being queued.
func TestHostileDocumentIDs(t *testing.T) {
	q, s, ids := open(t)
	for _, name := range []string{"", "../../x", "a\r\nb", "\x1b[2J", "nul\x00nul", "\u202eabc", strings.Repeat("x", 60_000), "\xff\xfe", "message/1"} {
		first, second := add(t, q, s, ids, "client/A", name), add(t, q, s, ids, "client/A", name)
		e, err := q.Show(second)
		if err != nil || e.State != Waiting {
			t.Errorf("%.20q: %+v, %v", name, e.State, err)
		}
		if name != "" { // about the same document: one after the other
			if doc := documentIn(t, s, "client/A", first); doc == "" || doc != documentIn(t, s, "client/A", second) || len(doc) > 200 {
				t.Errorf("%.20q is kept as %q", name, doc)
			}
		}
	}
}

func documentIn(t *testing.T, s store.Store, lane, id string) (doc string) {
	t.Helper()
	err := s.View(func(r store.Reader) error { doc = string(r.Get(unconfirmed, laneKey(lane, id))); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAddRefuses(t *testing.T) {
	q, s, ids := open(t)
	id := add(t, q, s, ids, "office", "d")
	for name, m := range map[string]Message{
		"no id":             {Lane: "office"},
		"an id in capitals": {Lane: "office", ID: strings.ToUpper(ids.Next())},
		"no lane":           {ID: ids.Next()},
		"every lane":        {ID: ids.Next(), Lane: "*"},
		"a lane with NUL":   {ID: ids.Next(), Lane: "a\x00b"},
		"a long lane":       {ID: ids.Next(), Lane: strings.Repeat("x", 200)},
		"an id once more":   {ID: id, Lane: "client/A"},
	} {
		err := s.Update(func(tx store.Tx) error { return q.Add(tx, m) })
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDrop(t *testing.T) {
	q, s, ids := open(t)
	first, second := add(t, q, s, ids, "office", "d"), add(t, q, s, ids, "office", "d")
	if _, err := q.Drop(first, ""); err == nil {
		t.Error("dropped without a reason")
	}
	before, err := q.Drop(first, "delivered by hand")
	if err != nil || before.ID != first || before.State != Waiting {
		t.Errorf("dropped %+v, %v", before, err)
	}
	if e, err := q.Show(first); err != nil || e.State != Dropped || e.Reason != "delivered by hand" {
		t.Errorf("shown as %+v, %v", e, err)
	}
	for _, id := range []string{first, "none"} {
		if _, err := q.Drop(id, "again"); !errors.Is(err, ErrNoMessage) {
			t.Errorf("dropping %s again: %v", id, err)
		}
		if _, err := q.Retry(id); err == nil {
			t.Errorf("retried %s", id)
		}
	}
	if diff := cmp.Diff([]string{second}, idsOf(t, q, "office", "", 9)); diff != "" {
		t.Error(diff)
	}
}

func TestRetryAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, s, ids := open(t)
		for i := range 10 {
			add(t, q, s, ids, []string{"office", "kpedo"}[i%2], fmt.Sprint(i))
		}
		refuse := func(context.Context, Message, []byte, []byte) error { return ErrPermanent }
		for _, lane := range []string{"office", "kpedo"} {
			stop := running(t, q, lane, Options{}, refuse)
			time.Sleep(time.Second)
			stop()
		}
		for _, want := range []int{4, 4, 2, 0} {
			before, err := q.RetryAll(4)
			if err != nil || len(before) != want {
				t.Errorf("%d were retried, want %d, %v", len(before), want, err)
			}
			for _, e := range before {
				if e.State != Parked || e.Reason == "" {
					t.Errorf("it was %+v", e)
				}
			}
		}
		if got := states(t, q, "office"); len(got) != 5 || got[0] != Waiting {
			t.Errorf("now: %v", got)
		}
	})
}

// Whoever waits for the next message misses none, however it comes together.
func TestNextMissesNothing(t *testing.T) {
	q, s, ids := open(t)
	const n = 200
	var all sync.WaitGroup
	got := make(chan string, n)
	for range 3 { // three clients of one lane, who confirm what they get; one may be quicker than another
		all.Go(func() {
			for {
				m, _, ok, err := q.Next(t.Context(), "client/A", time.Minute)
				if err != nil || !ok {
					t.Errorf("Next: %v, %v", ok, err)
					return
				}
				if m.Kind == "end" {
					return
				}
				if _, err := q.Confirm("client/A", m.ID); err != nil {
					t.Error(err)
				}
				got <- m.ID
			}
		})
	}
	want := map[string]bool{}
	for i := range n {
		want[add(t, q, s, ids, "client/A", fmt.Sprint(i))] = true
	}
	end := Message{ID: ids.Next(), Lane: "client/A", Kind: "end", Body: "body/end"}
	err := s.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte(end.Body), store.Pack(nil))
		return q.Add(tx, end)
	})
	if err != nil {
		t.Fatal(err)
	}
	q.Wake("client/A")
	seen := map[string]bool{}
	for len(seen) < n {
		seen[<-got] = true
	}
	go func() {
		for range got { // who was quick has confirmed a message that another one has got too
		}
	}()
	all.Wait()
	close(got)
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := q.Next(ctx, "office", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that has gone: %v", err)
	}
}
