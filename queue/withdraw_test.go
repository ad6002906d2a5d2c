package queue

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// watched is a store that tells before each of its transactions which one it is, from 1.
type watched struct {
	store.Store
	views, updates          atomic.Int32
	beforeView, beforeWrite func(nth int)
}

func (w *watched) View(read func(store.Reader) error) error {
	if n := int(w.views.Add(1)); w.beforeView != nil {
		w.beforeView(n)
	}
	return w.Store.View(read)
}

func (w *watched) Update(write func(store.Tx) error) error {
	if n := int(w.updates.Add(1)); w.beforeWrite != nil {
		w.beforeWrite(n)
	}
	return w.Store.Update(write)
}

// recall is a memo whose lane is delivered and which is recalled meanwhile. Behind the memo wait a
// reminder and an ЭСИД; the recall takes back all but the ЭСИД, and adds a notice.
type recall struct {
	t       *testing.T
	store   store.Store // below watched
	watched *watched
	queue   *Queue // on watched
	ids     *IDs
	office  *office
	names   map[string]string // by id
	stopped []string          // names
	fails   error             // of the transaction of the recall
}

const ofMemo = "RZD/0195f0a2-7c00-7000-8000-000000000002"

func newRecall(t *testing.T) *recall {
	_, s, ids := open(t)
	r := &recall{t: t, store: s, watched: &watched{Store: s}, ids: ids, names: map[string]string{}}
	r.queue = New(r.watched, time.Now)
	r.office = &office{answer: func(Message, int) error { return nil }}
	r.write(func(tx store.Tx) error {
		return errors.Join(r.add(tx, "memo", ofMemo), r.add(tx, "reminder", ofMemo), r.add(tx, "ESID", ofMemo),
			r.add(tx, "other", "RZD/another memo"))
	})
	return r
}

func (r *recall) write(do func(store.Tx) error) {
	r.t.Helper()
	if err := r.store.Update(do); !errors.Is(err, r.fails) {
		r.t.Fatal(err)
	}
}

// add puts a message into the chain; each is of another participant and document.
func (r *recall) add(tx store.Tx, name, order string) error {
	id := r.ids.Next()
	r.names[id] = name
	tx.Put(store.Blobs, []byte("body/"+id), store.Pack([]byte("body of "+id)))
	return r.queue.Add(tx, Message{
		ID: id, Lane: "office", Kind: name, Participant: name, DocumentID: "of " + name, Order: order,
		Created: time.Now(), Body: "body/" + id,
	})
}

func (r *recall) now() {
	r.write(func(tx store.Tx) error {
		stopped, err := r.queue.Withdraw(tx, "office", ofMemo, "awaits spoiling", func(m Message) bool { return m.Kind == "ESID" })
		r.stopped = nil
		for _, m := range stopped {
			r.stopped = append(r.stopped, m.Kind)
		}
		return errors.Join(err, r.add(tx, "notice", ofMemo), r.fails)
	})
	r.queue.Wake("office")
}

// run delivers the lane until nothing happens any more.
func (r *recall) run(then func()) {
	stop := running(r.t, r.queue, "office", Options{Window: 1}, r.office.deliver)
	if then != nil {
		time.Sleep(500 * time.Millisecond) // shorter than any wait between two tries
		then()
	}
	time.Sleep(time.Hour)
	stop()
	if left := r.queue.failing("office"); len(left) > 0 {
		r.t.Errorf("failures of messages that are gone are remembered: %v", left)
	}
}

// outcome is what has become of a message: its state, and whether it arrived all the same.
func (r *recall) outcome(name string) (outcome string) {
	for id, n := range r.names {
		if n != name {
			continue
		}
		e, err := r.queue.Show(id)
		if err != nil {
			r.t.Error(err)
		}
		if outcome = e.State; !e.Delivered.IsZero() {
			outcome += ", arrived"
		}
		if (e.State == Withdrawn) != (e.Reason == "awaits spoiling") {
			r.t.Errorf("%s is %+v", name, e)
		}
	}
	return outcome
}

// TestWithdraw: a recall at each point of the delivery. What has not left never does; what is under way
// is told of when it has arrived; whatever comes after it in the chain comes after it.
func TestWithdraw(t *testing.T) {
	all := []string{"memo", "reminder"}
	rest := []string{"ESID", "notice"}
	for name, c := range map[string]struct {
		when func(r *recall) (then func())
		// What it comes to:
		stopped, delivered []string
		memo, reminder     string
		tries              int // of the memo
	}{
		"before the lane is read": {
			func(r *recall) func() { r.now(); return nil },
			all, rest, Withdrawn, Withdrawn, 0,
		},
		"after it was picked, before it is loaded": {
			func(r *recall) func() {
				r.watched.beforeView = func(nth int) {
					if nth == 2 { // the first has read the lane
						r.now()
					}
				}
				return nil
			},
			all, rest, Withdrawn, Withdrawn, 0,
		},
		"while it is delivered": {
			func(r *recall) func() { return r.during("memo", nil) },
			all, append([]string{"memo"}, rest...), Withdrawn + ", arrived", Withdrawn, 1,
		},
		"while it is delivered, and that fails": {
			func(r *recall) func() { return r.during("memo", errDown) },
			all, rest, Withdrawn, Withdrawn, 1,
		},
		"while it is delivered, and that is refused": {
			func(r *recall) func() { return r.during("memo", ErrRefused) },
			all, rest, Withdrawn, Withdrawn, 1,
		},
		"while it is delivered, and that is impossible": {
			func(r *recall) func() { return r.during("memo", ErrPermanent) },
			all, rest, Withdrawn, Withdrawn, 1,
		},
		"after it was delivered, before that is recorded": {
			func(r *recall) func() {
				r.watched.beforeWrite = func(nth int) {
					if nth == 1 {
						r.now()
					}
				}
				return nil
			},
			all, append([]string{"memo"}, rest...), Withdrawn + ", arrived", Withdrawn, 1,
		},
		"after that is recorded, while the next is delivered": {
			func(r *recall) func() { return r.during("reminder", nil) },
			[]string{"reminder"}, append(all, rest...), Confirmed, Withdrawn + ", arrived", 1,
		},
		"while it waits for its next try": {
			func(r *recall) func() { r.answer("memo", errDown); return r.now },
			all, rest, Withdrawn, Withdrawn, 1,
		},
		"when it is parked": {
			func(r *recall) func() { r.answer("memo", ErrPermanent); return r.now },
			all, rest, Withdrawn, Withdrawn, 1,
		},
		// Nobody is told that it is recalled.
		"in a transaction that comes to nothing": {
			func(r *recall) func() { r.fails = errors.New("no"); return r.during("memo", nil) },
			all, append(all, "ESID"), Confirmed, Confirmed, 1,
		},
		"when all is delivered": {
			func(r *recall) func() { return r.now },
			nil, append(all, rest...), Confirmed, Confirmed, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRecall(t)
				r.run(c.when(r))
				var delivered []string
				tries := 0
				for _, d := range r.office.noted() {
					if name := r.names[d.id]; d.ok && name != "other" {
						delivered = append(delivered, name)
					}
					if r.names[d.id] == "memo" {
						tries++
					}
				}
				if diff := cmp.Diff(c.delivered, delivered); diff != "" {
					t.Errorf("delivered: %s", diff)
				}
				if diff := cmp.Diff(c.stopped, r.stopped); diff != "" {
					t.Errorf("stopped: %s", diff)
				}
				if tries != c.tries {
					t.Errorf("the memo was tried %d times, want %d", tries, c.tries)
				}
				got := []string{r.outcome("memo"), r.outcome("reminder"), r.outcome("ESID"), r.outcome("other")}
				if diff := cmp.Diff([]string{c.memo, c.reminder, Confirmed, Confirmed}, got); diff != "" {
					t.Errorf("memo, reminder, ЭСИД, another memo: %s", diff)
				}
			})
		})
	}
}

// during recalls while a message is delivered for the first time, which then comes to answer.
func (r *recall) during(name string, answer error) (then func()) {
	r.office.answer = func(m Message, nth int) error {
		if r.names[m.ID] == name && nth == 1 {
			r.now()
			return answer
		}
		return nil
	}
	return nil
}

func (r *recall) answer(name string, answer error) {
	r.office.answer = func(m Message, _ int) error {
		if r.names[m.ID] == name {
			return answer
		}
		return nil
	}
}

// An operator's Drop of what is under way is as honest, and leaves no failure in memory either.
func TestDropUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		answer  error
		arrived bool
	}{
		"it arrives": {nil, true},
		"it fails":   {errDown, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, s, ids := open(t)
				id := add(t, q, s, ids, "office", "d")
				defer running(t, q, "office", Options{}, func(context.Context, Message, []byte, []byte) error {
					if _, err := q.Drop(id, "told by telephone"); err != nil {
						t.Error(err)
					}
					return c.answer
				})()
				time.Sleep(time.Hour)
				e, err := q.Show(id)
				if err != nil || e.State != Dropped || e.Delivered.IsZero() == c.arrived {
					t.Errorf("shown as %+v, %v", e, err)
				}
				if left := q.failing("office"); len(left) > 0 {
					t.Errorf("remembered: %v", left)
				}
			})
		})
	}
}

// A client is not offered what was withdrawn. It may have read it before, and confirms it then.
func TestWithdrawFromClient(t *testing.T) {
	const lane = "client/SHIP-01"
	q, s, ids := open(t)
	id := ids.Next()
	m := Message{ID: id, Lane: lane, Kind: "Memo", Order: ofMemo, Created: q.now(), Body: "memo"}
	change(t, s, func(tx store.Tx) {
		tx.Put(store.Blobs, []byte("memo"), store.Pack([]byte("<Memo/>")))
		if err := q.Add(tx, m); err != nil {
			t.Error(err)
		}
	})
	if _, _, ok, err := q.Next(t.Context(), lane, 0); !ok || err != nil {
		t.Fatal(ok, err)
	}
	withdraw := func() (stopped []Message) {
		change(t, s, func(tx store.Tx) {
			var err error
			if stopped, err = q.Withdraw(tx, lane, ofMemo, "recalled\nby the railway", nil); err != nil {
				t.Error(err)
			}
		})
		return stopped
	}
	if got := withdraw(); len(got) != 1 || got[0].ID != id {
		t.Errorf("stopped %v", got)
	}
	if got := withdraw(); got != nil {
		t.Errorf("stopped again: %v", got)
	}
	if _, _, ok, err := q.Next(t.Context(), lane, 0); ok || err != nil {
		t.Errorf("it is offered still, %v", err)
	}
	if n, err := q.Depth(lane, 9); n != 0 || err != nil {
		t.Errorf("depth is %d, %v", n, err)
	}
	e, body, err := q.Message(lane, id)
	if err != nil || e.State != Withdrawn || e.Reason != "recalled by the railway" || !e.Delivered.IsZero() || string(body) != "<Memo/>" {
		t.Errorf("%+v %q %v", e, body, err)
	}
	var confirmedAt time.Time
	for range 2 {
		if unknown, err := q.Confirm(lane, id); err != nil || unknown != nil {
			t.Errorf("confirming: %v, %v", unknown, err)
		}
		e, err := q.Show(id)
		if err != nil || e.State != Withdrawn || e.Delivered.IsZero() || !confirmedAt.IsZero() && !confirmedAt.Equal(e.Delivered) {
			t.Errorf("confirmed, it is %+v, %v", e, err)
		}
		confirmedAt = e.Delivered
	}
	// The body of what was spoiled is let go of; what is known of it stays.
	change(t, s, func(tx store.Tx) { tx.Delete(store.Blobs, []byte("memo")) })
	if e, body, err := q.Message(lane, id); !errors.Is(err, ErrNoBody) || body != nil || e.State != Withdrawn {
		t.Errorf("without its body: %+v %q %v", e, body, err)
	}
	if _, err := q.Retry(id); !errors.Is(err, ErrNotParked) {
		t.Errorf("retrying it: %v", err)
	}
	if _, err := q.Drop(id, "why"); !errors.Is(err, ErrNoMessage) {
		t.Errorf("dropping it: %v", err)
	}
}

// A chain of any length is withdrawn, and no other: not that of another order, not that in another lane,
// not that of a document of the same name.
func TestWithdrawChain(t *testing.T) {
	q, s, ids := open(t)
	const length = 250
	var chain, others []string
	change(t, s, func(tx store.Tx) {
		put := func(m Message) string {
			m.ID, m.Created, m.Body = ids.Next(), q.now(), "body"
			if err := q.Add(tx, m); err != nil {
				t.Error(err)
			}
			return m.ID
		}
		tx.Put(store.Blobs, []byte("body"), store.Pack(nil))
		for i := range length {
			chain = append(chain, put(Message{Lane: "kpedo", Order: "m", DocumentID: fmt.Sprint(i)}))
		}
		for _, m := range []Message{
			{Lane: "kpedo", Order: "m2"}, {Lane: "kpedo", Order: "M"}, {Lane: "office", Order: "m"},
			{Lane: "kpedo", Participant: "order", DocumentID: "x"}, {Lane: "kpedo", DocumentID: "m"}, {Lane: "kpedo"},
		} {
			others = append(others, put(m))
		}
	})
	var got []string
	change(t, s, func(tx store.Tx) {
		got = nil
		stopped, err := q.Withdraw(tx, "kpedo", "m", "recalled", nil)
		if err != nil {
			t.Error(err)
		}
		for _, m := range stopped {
			got = append(got, m.ID)
		}
		if none, err := q.Withdraw(tx, "kpedo", "unknown", "recalled", nil); err != nil || none != nil {
			t.Errorf("of an unknown order: %v, %v", none, err)
		}
	})
	if diff := cmp.Diff(chain, got); diff != "" {
		t.Errorf("stopped: %s", diff)
	}
	if diff := cmp.Diff(others, idsOf(t, q, "", "", 99)); diff != "" {
		t.Errorf("left: %s", diff)
	}
	for name, args := range map[string][2]string{"no order": {"", "why"}, "no reason": {"m", ""}} {
		err := s.Update(func(tx store.Tx) error {
			_, err := q.Withdraw(tx, "kpedo", args[0], args[1], nil)
			return err
		})
		if err == nil {
			t.Errorf("withdrawn with %s", name)
		}
	}
}
