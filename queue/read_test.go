package queue

import (
	"bytes"
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

// A message that cannot be read does not stand in the way of a client that polls: it is parked for a
// person to look at, what is about the same document waits behind it, and the rest is handed out.
func TestNextParksUnreadable(t *testing.T) {
	const lane = "client/A"
	for name, spoil := range map[string]func(tx store.Tx, id string){
		"body is missing":   func(tx store.Tx, id string) { tx.Delete(store.Blobs, []byte("body/"+id)) },
		"body is damaged":   func(tx store.Tx, id string) { tx.Put(store.Blobs, []byte("body/"+id), []byte("?")) },
		"record is damaged": func(tx store.Tx, id string) { tx.Put(messages, []byte(id), []byte("?")) },
	} {
		t.Run(name, func(t *testing.T) {
			q, s, ids := open(t)
			lost, also := add(t, q, s, ids, lane, "lost"), add(t, q, s, ids, lane, "lost too")
			behind, want := add(t, q, s, ids, lane, "lost"), add(t, q, s, ids, lane, "well")
			whole := map[string][]byte{} // by table and key
			change(t, s, func(tx store.Tx) {
				for _, id := range []string{lost, also} {
					for _, at := range []struct {
						table store.Table
						key   string
					}{{store.Blobs, "body/" + id}, {messages, id}} {
						whole[string(at.table)+at.key] = bytes.Clone(tx.Get(at.table, []byte(at.key)))
					}
					spoil(tx, id)
				}
			})
			counted := &counting{Store: s}
			q = New(counted, time.Now)
			for range 2 {
				m, body, ok, err := q.Next(t.Context(), lane, 0)
				if err != nil || !ok || m.ID != want || string(body) != "body of "+want {
					t.Fatalf("next is %+v %q, %v, %v", m, body, ok, err)
				}
			}
			if counted.updates != 1 {
				t.Errorf("%d writes for two messages to be parked", counted.updates)
			}
			if lanes, err := q.Lanes(9); err != nil || len(lanes) != 1 || lanes[0].Parked != 2 {
				t.Errorf("nobody is alarmed: %+v, %v", lanes, err)
			}
			if _, err := q.Confirm(lane, want); err != nil {
				t.Fatal(err)
			}
			if m, _, ok, err := q.Next(t.Context(), lane, 0); ok || err != nil {
				t.Errorf("what has to wait was handed out: %+v, %v", m, err)
			}
			change(t, s, func(tx store.Tx) { // a person has brought it back
				for _, id := range []string{lost, also} {
					tx.Put(store.Blobs, []byte("body/"+id), whole[string(store.Blobs)+"body/"+id])
					tx.Put(messages, []byte(id), whole[string(messages)+id])
				}
			})
			if e, err := q.Show(lost); err != nil || e.State != Parked || e.Reason == "" {
				t.Errorf("the unreadable one is %+v, %v", e, err)
			}
			for _, id := range []string{lost, also} {
				if _, err := q.Retry(id); err != nil {
					t.Error(err)
				}
			}
			for _, id := range []string{lost, also, behind} {
				if m, _, _, err := q.Next(t.Context(), lane, 0); err != nil || m.ID != id {
					t.Errorf("next is %s, %v, want %s", m.ID, err, id)
				}
				if _, err := q.Confirm(lane, id); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// An unreadable message that was committed after a younger one of its document does not hold that
// one up, and is parked when its turn comes.
func TestNextPassesUnreadableBehind(t *testing.T) {
	q, s, ids := open(t)
	late := ids.Next()
	head := add(t, q, s, ids, "client/A", "d")
	change(t, s, func(tx store.Tx) {
		m := Message{ID: late, Lane: "client/A", DocumentID: "d", Participant: "SHIP-01", Created: q.now(), Body: "none"}
		if err := q.Add(tx, m); err != nil {
			t.Error(err)
		}
	})
	if m, _, _, err := q.Next(t.Context(), "client/A", 0); err != nil || m.ID != head {
		t.Fatalf("next is %+v, %v", m, err)
	}
	if _, err := q.Confirm("client/A", head); err != nil {
		t.Fatal(err)
	}
	if m, _, ok, err := q.Next(t.Context(), "client/A", 0); ok || err != nil {
		t.Errorf("next is %+v, %v", m, err)
	}
	if e, err := q.Drop(late, "the body is lost"); err != nil || e.State != Parked {
		t.Errorf("it was %+v, %v", e, err)
	}
}

// When an unreadable message cannot be parked the client is told so, and nothing else.
func TestNextCannotPark(t *testing.T) {
	for _, want := range []error{ErrNotWritten, ErrUnknown} {
		q, s, ids := open(t)
		lost := add(t, q, s, ids, "client/A", "lost")
		add(t, q, s, ids, "client/A", "well")
		change(t, s, func(tx store.Tx) { tx.Delete(store.Blobs, []byte("body/"+lost)) })
		broken := New(&faulty{Store: s, failing: []fault{{want, false}}}, time.Now)
		if m, body, ok, err := broken.Next(t.Context(), "client/A", 0); ok || !errors.Is(err, want) || m.ID != "" || body != nil {
			t.Errorf("%v: next is %+v, %v", want, m, err)
		}
		if _, err := q.Drop(lost, "the body is lost"); err != nil {
			t.Error(err)
		}
	}
}

func change(t *testing.T, s store.Store, write func(store.Tx)) {
	t.Helper()
	if err := s.Update(func(tx store.Tx) error { write(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// counting is a store that counts what is written.
type counting struct {
	store.Store
	updates int
}

func (c *counting) Update(write func(store.Tx) error) error {
	c.updates++
	return c.Store.Update(write)
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
