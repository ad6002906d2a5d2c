package gateway_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/workflow"
)

// recall lets the railway ask for a document back, which must be granted.
func (y *yard) recall(id string) {
	y.t.Helper()
	y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
	if p := y.shown(id); p.State != workflow.AwaitingSpoiling || y.due("term", id) != 0 {
		y.t.Fatalf("recalled: %s, %d ends of its term", p.State, y.due("term", id))
	}
}

// stopped is what the last notice of the recall says has been stopped.
func (y *yard) stopped(id string) (ids []string) {
	y.t.Helper()
	for _, n := range y.notices(id) {
		if n.Event == schema.EventSpoiling {
			ids = n.Stopped
		}
	}
	return ids
}

// fetch is what a client gets that asks for its next message: the body, unless it may not be shown.
func (y *yard) fetch() queue.Message {
	y.t.Helper()
	m, _, ok, err := y.queue.Next(context.Background(), shipper, 0)
	if err != nil || !ok {
		y.t.Fatalf("nothing to fetch: %v", err)
	}
	must(y.t, y.MayShow(m))
	return m
}

func (y *yard) confirm(m queue.Message) {
	y.t.Helper()
	_, err := y.queue.Confirm(m.Lane, m.ID)
	must(y.t, err)
}

// The recall finds the document in the client's lane at each point of its delivery.
func TestRecall_clientsLane(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		read    int // messages confirmed: the notice of the arrival, the document
		fetched bool
		stopped []string
	}{
		{"nothing read", 0, false, []string{"StateNotice", "Memo"}},
		{"the notice fetched", 0, true, []string{"StateNotice", "Memo"}},
		{"the notice confirmed", 1, false, []string{"Memo"}},
		{"the document fetched", 1, true, []string{"Memo"}},
		{"the document confirmed", 2, false, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			y := newYard(t, scene.Participants{})
			id := y.arrives(schema.KindMemo)
			for range c.read {
				y.confirm(y.fetch())
			}
			var held queue.Message
			if c.fetched {
				held = y.fetch()
			}
			y.recall(id)
			var kinds []string
			for _, one := range y.stopped(id) {
				e, err := y.queue.Show(one)
				must(t, err)
				if e.State != queue.Withdrawn || e.Reason == "" {
					t.Errorf("%s is %s", e.Kind, e.State)
				}
				kinds = append(kinds, e.Kind)
			}
			if diff := gocmp.Diff(c.stopped, kinds); diff != "" {
				t.Errorf("stopped (-want +got):\n%s", diff)
			}
			y.lanes(map[string][]string{shipper: {"StateNotice"}})
			if c.fetched {
				y.confirm(held) // he has it, and says so
				if e, err := y.queue.Show(held.ID); err != nil || e.Delivered.IsZero() {
					t.Errorf("what was fetched before: %+v %v", e, err)
				}
			}
			if m := y.fetch(); m.Kind != string(schema.KindStateNotice) {
				t.Errorf("next is %s", m.Kind)
			}
			must(t, y.store.View(queue.Check))
		})
	}
}

// The recall finds the client's answer on its way to КП ЭДО, at each point of its delivery.
func TestRecall_railwaysLane(t *testing.T) {
	t.Parallel()
	answer := []string{"Approval positive asust", "ESID positive asust"}
	recall := []string{"ESID positive", "StateNotice asust"} // on the request, and of it
	cases := map[string]struct {
		before, after []string // the recall
		stopped       []string
	}{
		"not sent":        {nil, slices.Concat([]string{"ESID positive"}, recall), answer},
		"being delivered": {[]string{"ESID positive", answer[0]}, recall, answer},
		"delivered":       {slices.Concat([]string{"ESID positive"}, answer), recall, nil},
	}
	for point, c := range cases {
		t.Run(point, func(t *testing.T) {
			y := newYard(t, scene.Participants{})
			id := y.arrives(schema.KindMemo)
			y.want(y.client(y.approval(id)), schema.Positive)
			r := &reading{arrived: make(chan struct{}), release: make(chan struct{}), ended: make(chan error, 1)}
			switch point {
			case "being delivered":
				r.slow = schema.KindApproval
				go r.read(y.queue)
				<-r.arrived
			case "delivered":
				for _, m := range y.about("kpedo", id) {
					y.confirm(m.Message)
					r.got = append(r.got, m.Message)
				}
			}
			if diff := gocmp.Diff(c.before, words(r.got)); diff != "" {
				t.Errorf("before it (-want +got):\n%s", diff)
			}
			y.recall(id)
			if point == "being delivered" {
				close(r.release)
			} else {
				go r.read(y.queue)
			}
			must(t, <-r.ended)
			if diff := gocmp.Diff(slices.Concat(c.before, c.after), words(r.got)); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
			var stopped []string
			for _, one := range y.stopped(id) {
				e, err := y.queue.Show(one)
				must(t, err)
				if e.Lane != "kpedo" {
					continue
				}
				stopped = append(stopped, words([]queue.Message{e.Message})...)
				if arrived := point == "being delivered" && e.Kind == "Approval"; e.Delivered.IsZero() == arrived {
					t.Errorf("%s is %s, delivered %s", e.Kind, e.State, e.Delivered)
				}
			}
			if diff := gocmp.Diff(c.stopped, stopped); diff != "" {
				t.Errorf("stopped (-want +got):\n%s", diff)
			}
		})
	}
}

// words are messages by kind, result and where they go on to.
func words(messages []queue.Message) (found []string) {
	for _, m := range messages {
		found = append(found, strings.Join(strings.Fields(m.Kind+" "+m.Result+" "+m.Onward), " "))
	}
	return found
}

// reading is whoever reads a lane, КП ЭДО's if none is named, up to a StateNotice or to so many messages, and
// dawdles over those of one kind.
type reading struct {
	lane    string
	most    int
	slow    schema.Kind
	arrived chan struct{}   // closed when such a message is under way
	release chan struct{}   // closed to let it arrive
	ended   chan error      // when the notice has arrived
	got     []queue.Message // not before arrived or ended
}

func (r *reading) read(q *queue.Queue) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.ended <- q.Run(ctx, cmp.Or(r.lane, "kpedo"), queue.Options{}, func(_ context.Context, m queue.Message, _, _ []byte) error {
		r.got = append(r.got, m)
		if m.Kind == string(r.slow) {
			close(r.arrived)
			<-r.release
		}
		if r.most == 0 && m.Kind == string(schema.KindStateNotice) || len(r.got) == r.most {
			cancel()
		}
		return nil
	})
}

// What was made first arrives first, whoever reads the lane: the notice before the document, the ЭСИД on a
// recall before the notice of it.
func TestPrimary_order(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindAct)
	read := func(lane string, want ...string) {
		t.Helper()
		r := &reading{lane: lane, most: len(want), ended: make(chan error, 1)}
		r.read(y.queue)
		must(t, <-r.ended)
		if diff := gocmp.Diff(want, words(r.got)); diff != "" {
			t.Errorf("lane %s (-want +got):\n%s", lane, diff)
		}
		for i, m := range r.got[1:] {
			if m.ID < r.got[i].ID {
				t.Errorf("lane %s: %s was made before %s", lane, m.Kind, r.got[i].Kind)
			}
		}
	}
	read(shipper, "StateNotice", "Act positive")
	read("kpedo", "ESID positive")
	y.want(y.client(y.rejection(schema.KindAct, id)), schema.Positive)
	read("kpedo", "Rejection positive easaprm", "ESID positive easaprm")
	read("easaprm", "Rejection positive", "ESID positive")
	y.recall(id)
	read("kpedo", "ESID positive", "StateNotice easaprm")
	read(shipper, "ESID positive", "StateNotice")
}

// The signature of the client's answer is still being verified when the document is recalled: the answer
// comes too late, whatever is found, and no time begins again.
func TestRecall_answerInWork(t *testing.T) {
	t.Parallel()
	for name, revoked := range map[string]bool{"it holds": false, "it does not": true} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t, scene.Participants{})
			id := y.arrives(schema.KindMemo)
			y.hush(y.Signatory)
			answer := y.approval(id)
			y.want(y.client(answer), schema.Deferred)
			y.recall(id)
			finding := "W13/awaiting-spoiling"
			if revoked {
				y.revoke(y.Signatory, y.Now.Add(-1))
				finding = "A07/revoked"
			}
			y.speak()
			must(t, y.DecideDeferred(context.Background()))
			y.want(y.client(answer), schema.Negative, finding)
			if p := y.shown(id); p.State != workflow.AwaitingSpoiling || p.Suspended != nil {
				t.Errorf("%+v", p)
			}
			y.tells(id, "arrived"+toClient, "awaiting-spoiling"+toClient, "awaiting-spoiling"+toKPEDO)
			y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
		})
	}
}

// Each step of a recall may be said again, to the same effect; the second not without the first.
func TestRecall_steps(t *testing.T) {
	t.Parallel()
	for _, form := range []schema.Kind{schema.KindMemo, schema.KindAct} {
		t.Run(string(form), func(t *testing.T) {
			y := newYard(t, scene.Participants{})
			id := y.arrives(form)
			m := y.about(shipper, id)[1].Message // the document itself
			y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Negative, "W13/not-awaiting-spoiling")
			y.recall(id)
			again := y.shown(id)
			y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
			if diff := gocmp.Diff(again, y.shown(id)); diff != "" {
				t.Errorf("said again:\n%s", diff)
			}
			for range 2 {
				y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
			}
			y.tells(id, "arrived"+toClient, "awaiting-spoiling"+toClient, "awaiting-spoiling"+toKPEDO,
				"spoiled"+toClient, "spoiled"+toKPEDO)
			y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
			// Of the memo nothing is shown any more, of the act everything (readings 17).
			want := error(nil)
			if form == schema.KindMemo {
				want = gateway.ErrSpoiled
			}
			body, _, err := y.Content(context.Background(), "SHIP-01", id)
			if !errors.Is(err, want) || (len(body) == 0) != (want != nil) {
				t.Errorf("content: %d bytes, %v, want %v", len(body), err, want)
			}
			if err := y.MayShow(m); !errors.Is(err, want) {
				t.Errorf("may show: %v, want %v", err, want)
			}
			if _, _, err := y.Content(context.Background(), "SHIP-02", id); !errors.Is(err, gateway.ErrNoDocument) {
				t.Errorf("another's: %v", err)
			}
			y.want(y.rail(y.carrier(form, id, 2)), schema.Negative, "W13/spoiled")
		})
	}
}

// A recall while the railway is told of consent, or the client fetches: what has left is not said to be
// stopped.
func TestRecall_moves(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	id := y.arrives(schema.KindMemo)
	f := &faulty{Store: y.store}
	f.before = func() { y.confirm(y.fetch()) }
	y.Options.Store = f
	y.recall(id)
	y.Options.Store = y.store
	if n := len(y.stopped(id)); n != 1 {
		t.Errorf("%d messages are said to be stopped, the notice of the arrival has left", n)
	}
	for _, n := range y.notices(id)[1:] {
		_, body, err := y.queue.Message(n.Lane, n.ID)
		must(t, err)
		if got := y.notice(body).Stopped; len(got) != 1 || got[0] != n.Stopped[0] {
			t.Errorf("the notice in lane %s tells of %v", n.Lane, got)
		}
	}
}
