package queue

import (
	stdcmp "cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asugate/store"
	"asugate/store/bolt"
)

// model is what the queue should be, as plainly as possible.
type model struct {
	t     *testing.T
	path  string
	store *bolt.Store
	queue *Queue
	ids   *IDs
	clock time.Time

	lines     map[string][]*modelled // by lane, in the order in which they were added
	left      []*modelled            // confirmed, dropped or withdrawn
	underway  []*modelled            // loaded and not settled, at most one a chain
	delivered map[string][]string    // by chain, ids
}

// modelled is a message of the model.
type modelled struct {
	id, lane, kind string
	document       string    // its Order, else its DocumentID
	state          string    // Waiting, Parked; then Confirmed, Dropped, Withdrawn
	ready          bool      // to be delivered next of its document
	arrived        time.Time // after it was dropped or withdrawn
}

func (one *modelled) chain() string { return one.lane + " " + one.document }

// come is what becomes of one that the other side has.
func (one *modelled) come(at time.Time) {
	if (one.state == Dropped || one.state == Withdrawn) && one.arrived.IsZero() {
		one.arrived = at
	}
}

var (
	lanesOfModel  = []string{"office", "client/A", "client/B"}
	kindsOfModel  = []string{"Memo", "StateNotice", "ESID"}
	ordersOfModel = []string{"memo 1", "memo 2"}
)

func (m *model) now() time.Time { return m.clock }

func (m *model) open() {
	s, err := bolt.Open(m.path, bolt.Options{})
	if err != nil {
		m.t.Fatal(err)
	}
	m.store, m.queue, m.ids = s, New(s, m.now), newIDs(m.t, s, m.now)
}

func (m *model) close() {
	checkQueue(m.t, m.store)
	if err := m.store.Close(); err != nil {
		m.t.Fatal(err)
	}
}

// all is the unconfirmed messages of a lane, or of all, in the order of their ids.
func (m *model) all(lane string) (all []*modelled) {
	for l, line := range m.lines {
		if lane == "" || l == lane {
			all = append(all, line...)
		}
	}
	slices.SortFunc(all, func(a, b *modelled) int { return cmpStrings(a.id, b.id) })
	return all
}

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// any draws a message that the queue knows, or one that it does not.
func (m *model) any(rt *rapid.T) *modelled {
	known := append(m.all(""), m.left...)
	i := rapid.IntRange(0, len(known)).Draw(rt, "message")
	if i == len(known) {
		return &modelled{id: "00000000-0000-7000-8000-000000000000", lane: "office", state: "unknown"}
	}
	return known[i]
}

func (m *model) add(rt *rapid.T) {
	one := &modelled{
		id:       m.ids.Next(),
		lane:     rapid.SampledFrom(lanesOfModel).Draw(rt, "lane"),
		kind:     rapid.SampledFrom(kindsOfModel).Draw(rt, "kind"),
		document: rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "document"),
		state:    Waiting,
		ready:    true,
	}
	message := Message{
		ID: one.id, Lane: one.lane, Kind: one.kind, DocumentID: one.document, Body: one.id, Created: m.clock,
	}
	if order := rapid.SampledFrom(append([]string{""}, ordersOfModel...)).Draw(rt, "order"); order != "" {
		message.Order, one.document = order, order
	}
	for _, other := range m.lines[one.lane] {
		if other.document == one.document {
			one.ready = false
		}
	}
	err := m.store.Update(func(tx store.Tx) error {
		tx.Put(store.Blobs, []byte(one.id), store.Pack([]byte(one.id)))
		return m.queue.Add(tx, message)
	})
	if err != nil {
		rt.Fatal(err)
	}
	m.lines[one.lane] = append(m.lines[one.lane], one)
}

// leave takes a message out of the model; the oldest of its document comes forward.
func (m *model) leave(one *modelled, state string) {
	line := m.lines[one.lane]
	m.lines[one.lane] = slices.DeleteFunc(line, func(o *modelled) bool { return o == one })
	head := one.ready || one.state == Parked
	one.state, one.ready = state, false
	m.left = append(m.left, one)
	if !head {
		return
	}
	for _, other := range m.all(one.lane) {
		if other.document == one.document {
			other.ready = true
			return
		}
	}
}

// heads is what is to be delivered.
func (m *model) heads() (heads []*modelled) {
	for _, one := range m.all("") {
		if one.ready {
			heads = append(heads, one)
		}
	}
	return heads
}

// begin does what Run does with a message that it has picked: much may have happened to that since.
func (m *model) begin(rt *rapid.T) {
	one := m.any(rt)
	if heads := m.heads(); len(heads) > 0 && rapid.IntRange(0, 3).Draw(rt, "stale") > 0 {
		one = rapid.SampledFrom(heads).Draw(rt, "head")
	}
	for _, other := range m.underway {
		if other.chain() == one.chain() {
			rt.Skip("one of its chain is under way")
		}
	}
	_, body, _, err := (&runner{queue: m.queue, lane: one.lane}).load(one.id)
	if one.ready && (err != nil || string(body) != one.id) || !one.ready && !errors.Is(err, ErrNoMessage) {
		rt.Fatal(one, string(body), err)
	}
	if one.ready {
		m.underway = append(m.underway, one)
	}
}

// finish does what Run does when a delivery has ended: with each outcome.
func (m *model) finish(rt *rapid.T) {
	if len(m.underway) == 0 {
		rt.Skip("nothing is under way")
	}
	i := rapid.IntRange(0, len(m.underway)-1).Draw(rt, "underway")
	one := m.underway[i]
	m.underway = slices.Delete(m.underway, i, i+1)
	fate := rapid.SampledFrom([]fate{delivered, undelivered, failed}).Draw(rt, "fate")
	if fate == failed {
		return // the store gets to know nothing of it
	}
	if err := m.queue.record(one.lane, []result{{head: head{id: one.id}, fate: fate, reason: "no"}}); err != nil {
		rt.Fatal(err)
	}
	switch waits := !slices.Contains(m.left, one); {
	case fate == delivered && waits:
		m.leave(one, Confirmed)
	case fate == delivered:
		one.come(m.clock)
	case waits:
		one.state, one.ready = Parked, false
	}
	if fate == delivered {
		before := m.delivered[one.chain()]
		if len(before) > 0 && before[len(before)-1] >= one.id {
			rt.Fatalf("%s was delivered after %v", one.id, before)
		}
		m.delivered[one.chain()] = append(before, one.id)
	}
}

// withdraw takes back what is about one memo, but for some kinds, unless its transaction fails.
func (m *model) withdraw(rt *rapid.T) {
	lane := rapid.SampledFrom(lanesOfModel).Draw(rt, "lane")
	order := rapid.SampledFrom(ordersOfModel).Draw(rt, "order")
	kept := rapid.SliceOfDistinct(rapid.SampledFrom(kindsOfModel), rapid.ID[string]).Draw(rt, "kept")
	var want, got []string
	var taken []*modelled
	for _, one := range m.all(lane) {
		if one.document == order && !slices.Contains(kept, one.kind) {
			want, taken = append(want, one.id), append(taken, one)
		}
	}
	var failure error
	if rapid.IntRange(0, 3).Draw(rt, "failure") == 0 {
		failure = errors.New("the caller has found a reason to stop")
	}
	err := m.store.Update(func(tx store.Tx) error {
		foreseen, err := m.queue.Withdrawable(tx, lane, order, func(m Message) bool {
			return slices.Contains(kept, m.Kind)
		})
		if len(foreseen) != len(want) || err != nil {
			rt.Errorf("foreseen %v, %v, want %v", foreseen, err, want)
		}
		stopped, err := m.queue.Withdraw(tx, lane, order, "recalled", func(m Message) bool {
			return slices.Contains(kept, m.Kind)
		})
		got = nil
		for _, s := range stopped {
			got = append(got, s.ID)
		}
		return errors.Join(err, failure)
	})
	if diff := cmp.Diff(want, got); !errors.Is(err, failure) || diff != "" {
		rt.Fatal(err, diff)
	}
	if failure != nil {
		return
	}
	for _, one := range taken {
		m.leave(one, Withdrawn)
	}
}

func (m *model) confirm(rt *rapid.T) {
	lane := rapid.SampledFrom(lanesOfModel).Draw(rt, "lane")
	var ids, unknown []string
	var take []*modelled
	for range rapid.IntRange(1, 4).Draw(rt, "n") {
		one := m.any(rt)
		ids = append(ids, one.id)
		switch {
		case one.lane != lane || one.state == "unknown":
			unknown = append(unknown, one.id)
		case slices.Contains(m.left, one):
			one.come(m.clock)
		case !slices.Contains(take, one):
			take = append(take, one)
		}
	}
	got, err := m.queue.Confirm(lane, ids...)
	if diff := cmp.Diff(unknown, got); err != nil || diff != "" {
		rt.Fatal(err, diff)
	}
	for _, one := range take {
		m.leave(one, Confirmed)
	}
}

func (m *model) drop(rt *rapid.T) {
	one := m.any(rt)
	_, err := m.queue.Drop(one.id, "why not")
	waits := one.state == Waiting || one.state == Parked
	if waits != (err == nil) {
		rt.Fatal(one.state, err)
	}
	if waits {
		m.leave(one, Dropped)
	}
}

func (m *model) retry(rt *rapid.T) {
	one := m.any(rt)
	before, err := m.queue.Retry(one.id)
	may := one.state == Parked || one.state == Waiting && m.stateOf(one) == Waiting
	if may != (err == nil) || err == nil && before.State != one.state {
		rt.Fatal(one.state, before.State, err)
	}
	if one.state == Parked {
		one.state, one.ready = Waiting, true
	}
}

func (m *model) retryAll(rt *rapid.T) {
	limit := rapid.IntRange(1, 3).Draw(rt, "limit")
	var want []string
	for _, one := range m.all("") {
		if one.state == Parked && len(want) < limit {
			one.state, one.ready = Waiting, true
			want = append(want, one.id)
		}
	}
	before, err := m.queue.RetryAll(limit)
	var got []string
	for _, e := range before {
		got = append(got, e.ID)
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		rt.Fatal(err, diff)
	}
}

func (m *model) reopen(rt *rapid.T) {
	m.close()
	m.open()
	m.underway = nil
}

// clockMoves by anything, also back.
func (m *model) clockMoves(rt *rapid.T) {
	m.clock = m.clock.Add(time.Duration(rapid.IntRange(-100, 10_000).Draw(rt, "seconds")) * time.Second)
}

// stateOf is what List should say.
func (m *model) stateOf(one *modelled) string {
	for _, other := range m.lines[one.lane] {
		if one.state == Waiting && other.state == Parked && other.document == one.document {
			return Held
		}
	}
	return one.state
}

// check compares everything that can be asked.
func (m *model) check(rt *rapid.T) {
	if err := m.store.View(Check); err != nil {
		rt.Fatal(err)
	}
	for _, lane := range append([]string{""}, lanesOfModel...) {
		var want, got []string
		for _, one := range m.all(lane) {
			want = append(want, fmt.Sprint(one.id, one.lane, one.document, m.stateOf(one)))
		}
		entries, err := m.queue.List(lane, "", 1000)
		if err != nil {
			rt.Fatal(err)
		}
		for _, e := range entries {
			got = append(got, fmt.Sprint(e.ID, e.Lane, stdcmp.Or(e.Order, e.DocumentID), e.State))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("lane %q: %s", lane, diff)
		}
		if lane == "" {
			continue
		}
		if n, err := m.queue.Depth(lane, 1000); err != nil || n != len(want) {
			rt.Fatal(n, len(want), err)
		}
		first, _, ok, err := m.queue.Next(m.t.Context(), lane, 0)
		if err != nil || ok != (len(entries) > 0) || ok && first.ID != entries[0].ID {
			rt.Fatal(first, ok, err)
		}
	}
	for _, one := range m.left {
		e, err := m.queue.Show(one.id)
		if err != nil || e.State != one.state || !e.Delivered.Equal(one.arrived) {
			rt.Fatalf("%s left the lane as %+v and is shown as %+v, %v", one.id, one, e, err)
		}
	}
	var want, got []string
	err := m.store.View(func(r store.Reader) error {
		r.Range(ready, nil, nil, 1000, func(key, _ []byte) bool { got = append(got, idOf(key)); return true })
		return nil
	})
	for _, one := range m.heads() {
		want = append(want, one.id)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		rt.Fatalf("ready: %v %s", err, diff)
	}
}

// TestModel plays random moves, with restarts and a clock that jumps, and compares all answers with
// the model. rapid prints the seed of a failure, and takes it with -rapid.seed.
func TestModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		m := &model{
			t:         t,
			path:      filepath.Join(dir, fmt.Sprint(n), "gatewayd.db"),
			clock:     time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
			lines:     map[string][]*modelled{},
			delivered: map[string][]string{},
		}
		if err := bolt.Create(m.path, bolt.Meta{Environment: bolt.Test}); err != nil {
			t.Fatal(err)
		}
		m.open()
		defer m.close()
		rt.Repeat(map[string]func(*rapid.T){
			"add":      m.add,
			"begin":    m.begin,
			"finish":   m.finish,
			"confirm":  m.confirm,
			"drop":     m.drop,
			"withdraw": m.withdraw,
			"retry":    m.retry,
			"all":      m.retryAll,
			"reopen":   m.reopen,
			"clock":    m.clockMoves,
			"":         m.check,
		})
	})
}
