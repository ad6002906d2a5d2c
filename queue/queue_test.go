package queue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"asugate/store"
	"asugate/store/bolt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes a queue on a real file; its tables are checked when the test ends.
func open(t testing.TB) (*Queue, *bolt.Store, *IDs) {
	t.Helper()
	s, err := bolt.Open(newPath(t), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		checkQueue(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(s, time.Now), s, newIDs(t, s, time.Now)
}

func newPath(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return path
}

func newIDs(t testing.TB, s store.Store, now func() time.Time) (ids *IDs) {
	t.Helper()
	if err := s.View(func(r store.Reader) error { ids = NewIDs(r, now); return nil }); err != nil {
		t.Fatal(err)
	}
	return ids
}

func checkQueue(t testing.TB, s store.Store) {
	t.Helper()
	if err := s.View(Check); err != nil {
		t.Errorf("the tables contradict each other: %v", err)
	}
}

// add puts a message about a document with its body and wakes the lane.
func add(t testing.TB, q *Queue, s store.Store, ids *IDs, lane, document string) string {
	t.Helper()
	id := ids.Next()
	m := Message{ID: id, Lane: lane, Kind: "ESID", DocumentID: document, Participant: "SHIP-01", Created: q.now(), Body: "body/" + id}
	packed := store.Pack([]byte("body of " + id))
	err := s.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte(m.Body), packed)
		return q.Add(tx, m)
	})
	if err != nil {
		t.Fatal(err)
	}
	q.Wake(lane)
	return id
}

func TestDeliversAndConfirms(t *testing.T) {
	q, s, ids := open(t)
	var want []string
	for i := range 100 {
		want = append(want, add(t, q, s, ids, "office", fmt.Sprint(i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	got := map[string]string{}
	err := q.Run(ctx, "office", Options{Window: 8}, func(_ context.Context, m Message, body, _ []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got[m.ID] = string(body)
		if len(got) == len(want) {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range want {
		if got[id] != "body of "+id {
			t.Errorf("message %s came as %q", id, got[id])
		}
	}
	if n, err := q.Depth("office", 1000); n != 0 || err != nil {
		t.Errorf("depth is %d, %v", n, err)
	}
	unknown, err := q.Confirm("office", want[0], "no such id")
	if diff := cmp.Diff([]string{"no such id"}, unknown); err != nil || diff != "" {
		t.Errorf("confirming again: %v %s", err, diff)
	}
}

func TestNextWaits(t *testing.T) {
	q, s, ids := open(t)
	if _, _, ok, err := q.Next(t.Context(), "client/SHIP-01", 0); ok || err != nil {
		t.Fatalf("an empty lane has %v, %v", ok, err)
	}
	got := make(chan string)
	go func() {
		m, _, _, _ := q.Next(t.Context(), "client/SHIP-01", time.Minute)
		got <- m.ID
	}()
	id := add(t, q, s, ids, "client/SHIP-01", "d")
	if first := <-got; first != id {
		t.Errorf("got %q, want %q", first, id)
	}
	if _, err := q.Show("x"); !errors.Is(err, ErrNoMessage) {
		t.Error(err)
	}
}
