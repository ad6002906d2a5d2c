package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// faulty is a store whose next Update goes wrong in a way of its own.
type faulty struct {
	store.Store
	mu      sync.Mutex // protects the rest once others write, too; not held while they do
	fail    error      // what the next Update answers
	persist bool       // although it is on disk
	before  func()
	after   func() // the next Update
}

func (f *faulty) Update(write func(store.Tx) error) error {
	f.mu.Lock()
	before := f.before
	f.before = nil
	f.mu.Unlock()
	if before != nil {
		before() // it may say what comes next
	}
	f.mu.Lock()
	after, fail := f.after, f.fail
	f.after, f.fail = nil, nil
	f.mu.Unlock()
	if after != nil {
		defer after()
	}
	if fail == nil {
		return f.Store.Update(write)
	}
	if f.persist {
		if err := f.Store.Update(write); err != nil {
			return err
		}
	}
	return fail
}

// The one write fails: nobody is told anything, and whatever is on disk, the resend ends with one
// verdict, one ЭСИД, one message a lane.
func TestWrite_faults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fail    error
		persist bool
		want    error
	}{
		{"not written, nothing on disk", store.ErrNotWritten, false, gateway.ErrNotReady},
		{"unknown, nothing on disk", store.ErrUnknown, false, gateway.ErrStopping},
		{"unknown, yet on disk", store.ErrUnknown, true, gateway.ErrStopping},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			f := &faulty{Store: w.store, fail: c.fail, persist: c.persist}
			w.Options.Store = f
			raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
			r, err := w.Accept(context.Background(), w.submission(raw))
			if !errors.Is(err, c.want) || r.Valid() || r.Document() != nil {
				t.Fatalf("got %v, document %d bytes, want %v", err, len(r.Document()), c.want)
			}
			again := w.accept(raw)
			w.want(again, schema.Positive)
			if again.Repeated() != c.persist {
				t.Errorf("repeated %t, want %t", again.Repeated(), c.persist)
			}
			if got := w.lane("client/SHIP-01"); len(got) != 1 {
				t.Errorf("client's lane: %v", got)
			}
			if got := w.lane("office"); len(got) != 3 { // ЭСИД on the staff list; document; ЭСИД
				t.Errorf("office lane: %v", got)
			}
		})
	}
}

// A register that is replaced between judging and writing: nothing commits under the old one.
func TestWrite_registerMoves(t *testing.T) {
	w := newWorld(t)
	id := scene.NewID()
	waybill := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	w.want(w.accept(waybill), schema.Positive)
	entries := w.Entries()
	raw := w.Performer.MustSign(w.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, 1)}))

	f := &faulty{Store: w.store}
	f.before = func() { // the performer leaves the list at the last moment
		list := w.Office.MustSign(w.StaffList(2, append(entries[1:], w.Entry(w.Deputy, true, "", "2020-01-01", ""))...))
		w.want(w.office(list), schema.Positive)
	}
	w.Options.Store = f
	r := w.accept(raw)
	w.want(r, schema.Negative, "L01/not-in-list")
	if e := w.esid(r.Document()); e.Basis.Staff != scene.ShipperINN+":2" {
		t.Errorf("judged by %s", e.Basis.Staff)
	}
}

// It moves each time: after three tries we say busy, and keep nothing.
func TestWrite_busy(t *testing.T) {
	w := newWorld(t)
	version := 1
	f := &faulty{Store: w.store}
	var move func()
	move = func() {
		f.before = move
		version++
		text := w.Participants(scene.Participants{More: []string{"SHIP-02"}, Rate: version})
		if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
			t.Error(err)
		}
	}
	f.before = move
	w.Options.Store = f
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	if _, err := w.Accept(context.Background(), w.submission(raw)); !errors.Is(err, gateway.ErrBusy) {
		t.Fatalf("got %v, want ErrBusy", err)
	}
	w.Options.Store = w.store
	if got := w.lane("client/SHIP-01"); got != nil {
		t.Errorf("something was kept: %v", got)
	}
	w.want(w.accept(raw), schema.Positive)
}

// The answer is given only after the write: at the crash point before it the store has nothing.
func TestWrite_order(t *testing.T) {
	w := newWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	var points []string
	w.Options.Reached = func(point string) {
		points = append(points, point)
		got := len(w.lane("client/SHIP-01"))
		if want := map[string]int{"judged": 0, "committed": 1}[point]; got != want {
			t.Errorf("at %s the lane has %d messages, want %d", point, got, want)
		}
	}
	first := w.accept(raw)
	if len(points) != 2 || points[0] != "judged" || points[1] != "committed" {
		t.Errorf("points %v", points)
	}
	w.Options.Reached = func(string) {}
	if again := w.accept(raw); !bytes.Equal(first.Document(), again.Document()) {
		t.Error("the answer changed")
	}
}

// broken is a store after ErrUnknown: it answers everything with it.
type broken struct{ store.Store }

func (broken) View(func(store.Reader) error) error { return store.ErrUnknown }
func (broken) Update(func(store.Tx) error) error   { return store.ErrUnknown }

// Whoever found out first that the disk's state is not known: all others stop, too.
func TestAccept_brokenStore(t *testing.T) {
	w := newWorld(t)
	raw := w.Signatory.MustSign(w.Waybill(scene.Waybill{}))
	w.Options.Store = broken{w.store}
	for _, async := range []bool{false, true} {
		s := w.submission(raw)
		s.Async = async
		if r, err := w.Accept(context.Background(), s); !errors.Is(err, gateway.ErrStopping) || r.Valid() {
			t.Errorf("async %t: got %v, want ErrStopping", async, err)
		}
	}
	if _, err := w.Verify(context.Background(), w.submission(raw)); !errors.Is(err, gateway.ErrStopping) {
		t.Errorf("Verify: got %v, want ErrStopping", err)
	}
	if err := w.RunPending(context.Background()); !errors.Is(err, gateway.ErrStopping) {
		t.Errorf("RunPending: got %v, want ErrStopping", err)
	}
	w.Options.Store = w.store
}

// A sync that fails while a held list is settled stops the process like any other.
func TestRunPending_unknown(t *testing.T) {
	w := newWorld(t)
	w.want(w.office(w.Office.MustSign(w.StaffList(2, w.Entries()[:2]...))), schema.Deferred)
	if err := w.register.DropHeld(scene.ShipperINN); err != nil {
		t.Fatal(err)
	}
	w.Options.Store = &faulty{Store: w.store, fail: store.ErrUnknown}
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	if err := w.RunPending(ctx); !errors.Is(err, gateway.ErrStopping) {
		t.Errorf("got %v, want ErrStopping", err)
	}
	w.Options.Store = w.store
}
