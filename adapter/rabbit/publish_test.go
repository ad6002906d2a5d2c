package rabbit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/queue"
)

// message is one that a lane delivers.
func message(n int) queue.Message {
	return queue.Message{
		ID:         fmt.Sprintf("01935f00-0000-7000-8000-%012d", n),
		Lane:       "office",
		Kind:       "Placement",
		DocumentID: "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", Version: 3,
		Participant: "SHIP-01", Organisation: "7708503727", Signer: "Иванов Иван Иванович",
		Result: "positive", Stage: "legitimacy", SHA256: strings.Repeat("ab", 32),
		Created: time.Unix(1764000000, 0),
	}
}

// running is a broker in a bubble of virtual time, run until the test ends.
func running(t *testing.T, f *fakeBroker, change func(*Config),
	accept func(context.Context, gateway.Submission) (receipt, error)) *Broker {
	t.Helper()
	c := fakeConfig(f)
	if change != nil {
		change(&c)
	}
	b, err := newBroker(c, accept)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return b
}

// What has an addressee behind the destination, or a term, says so; a queue of the railway sorts by it.
func TestDeliverOnward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b := running(t, f, nil, nil)
		plain, onward, memo := message(1), message(2), message(3)
		onward.Lane, onward.Onward = "kpedo", "easaprm"
		memo.SignBy = time.Date(2026, 11, 22, 12, 0, 0, 999, time.FixedZone("MSK", 3*3600))
		for _, m := range []queue.Message{plain, onward, memo} {
			if err := b.Deliver(hourglass(t, time.Minute), m, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		var got [][]any
		for _, p := range f.published() {
			got = append(got, []any{p.key, p.headers["onward"], p.headers["sign-by"]})
		}
		want := [][]any{
			{"office.placement.SHIP-01", nil, nil},
			{"kpedo.placement.SHIP-01", "easaprm", nil},
			{"office.placement.SHIP-01", nil, "2026-11-22T09:00:00Z"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("key, onward, sign-by (-want +got):\n%s", diff)
		}
	})
}

// What arrives at the broker is the message, whole.
func TestDeliver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b := running(t, f, nil, nil)
		body := strings.Repeat("<Placement/>", 30_000) // several frames
		if err := b.Deliver(hourglass(t, time.Minute), message(1), []byte(body), []byte{0x30, 0x82}); err != nil {
			t.Fatal(err)
		}
		want := []published{{
			channel: 2, tag: 1, exchange: "asugate.out", key: "office.placement.SHIP-01", mandatory: true, body: body,
			properties: map[string]string{
				"content-type": "application/xml", "delivery-mode": "2", "type": "Placement", "app-id": "gatewayd",
				"message-id": message(1).ID, "timestamp": "1764000000",
			},
			headers: map[string]any{
				"document-id": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "document-version": int32(3),
				"participant": "SHIP-01", "organisation": "7708503727", "signer": "Иванов Иван Иванович",
				"result": "positive", "stage": "legitimacy", "sha256": strings.Repeat("ab", 32), "signature-cms": "MII=",
			},
		}}
		got := f.published()
		for i := range got {
			got[i].rawProperties = nil
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(published{})); diff != "" {
			t.Errorf("published (-want +got):\n%s", diff)
		}
		synctest.Wait()
		if s := b.State(); s.Delivered != 1 || s.Underway != 0 || !s.Publish.Connected || !s.Consume.Connected {
			t.Errorf("state %+v; want one delivered, both connected", s)
		}
	})
}

// What no broker would take is told at once, and not sent.
func TestDeliverPermanent(t *testing.T) {
	big := make([]byte, 120_000) // as base64 larger than a frame
	for _, test := range []struct {
		name      string
		change    func(*queue.Message)
		signature []byte
	}{
		{name: "destination with a dot", change: func(m *queue.Message) { m.Lane = "office.x" }},
		{name: "participant with a wildcard", change: func(m *queue.Message) { m.Participant = "#" }},
		{name: "no kind", change: func(m *queue.Message) { m.Kind = "" }},
		{name: "id longer than a short string", change: func(m *queue.Message) { m.ID = strings.Repeat("7", 300) }},
		{name: "signature larger than a frame", signature: big},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeBroker{}
				b := running(t, f, nil, nil)
				m := message(1)
				if test.change != nil {
					test.change(&m)
				}
				err := b.Deliver(hourglass(t, time.Minute), m, nil, test.signature)
				if !errors.Is(err, queue.ErrPermanent) {
					t.Errorf("Deliver = %v; want ErrPermanent", err)
				}
				if got := f.published(); len(got) != 0 {
					t.Errorf("published %d messages; want none", len(got))
				}
			})
		})
	}
}

// For each thing that a broker may do with a message: what Deliver says, and that a second try, when
// the broker is well again, delivers the message under the same id.
func TestDeliverFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  func(c *fakeConn, p published)
		want   error
		copies int // of the message that the broker sees in both tries
	}{
		{"nack", func(c *fakeConn, p published) { c.nack(p) }, ErrRefused, 2},
		{"returned, then confirmed", func(c *fakeConn, p published) { c.giveBack(p); c.ack(p, false) }, ErrUnroutable, 2},
		{"returned, then refused", func(c *fakeConn, p published) { c.giveBack(p); c.nack(p) }, ErrUnroutable, 2},
		{"returned, then cut", func(c *fakeConn, p published) { c.giveBack(p); c.flush(); c.drop() }, ErrUnroutable, 2},
		{"cut before the confirm", func(c *fakeConn, p published) { c.drop() }, ErrUnconfirmed, 2},
		{"cut in the middle of the confirm", func(c *fakeConn, p published) {
			ack := methodFrame(p.channel, 60, 80, p.tag, false)
			c.send(ack[:len(ack)/2])
			c.flush()
			c.drop()
		}, ErrUnconfirmed, 2},
		{"the exchange has been deleted", func(c *fakeConn, p published) {
			c.closeChannel(p.channel, refusal{404, "NOT_FOUND - no exchange"})
		}, ErrUnconfirmed, 2},
		{"an operator closes the connection", func(c *fakeConn, p published) {
			c.closeConnection(refusal{320, "CONNECTION_FORCED - broker forced connection closure"})
		}, ErrUnconfirmed, 2},
		{"silence: the publication goes on, so there is no second one", func(*fakeConn, published) {}, ErrUnconfirmed, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var well atomic.Bool
				f := &fakeBroker{}
				f.onPublish = func(c *fakeConn, p published) {
					if !well.Load() {
						test.fault(c, p)
						return
					}
					c.ack(p, false)
				}
				// The one slot is held by the first try as long as its publication is under way.
				b := running(t, f, func(c *Config) { c.Window = 1 }, nil)
				err := b.Deliver(hourglass(t, 10*time.Second), message(1), []byte("<a/>"), nil)
				if !errors.Is(err, test.want) || errors.Is(err, queue.ErrPermanent) {
					t.Errorf("first try = %v; want %v", err, test.want)
				}
				well.Store(true)
				if test.copies == 1 {
					c, p := f.link(t, "publish"), f.published()[0]
					time.AfterFunc(time.Second, func() { c.ack(p, false) })
				}
				if err := b.Deliver(hourglass(t, 10*time.Second), message(1), []byte("<a/>"), nil); err != nil {
					t.Errorf("second try = %v; want none", err)
				}
				var ids []string
				for _, p := range f.published() {
					ids = append(ids, p.id())
				}
				want := []string{message(1).ID, message(1).ID}[:test.copies]
				if diff := cmp.Diff(want, ids); diff != "" {
					t.Errorf("ids (-want +got):\n%s", diff)
				}
				if s := b.State(); s.Delivered != 1 || s.Underway != 0 {
					t.Errorf("state %+v; want 1 delivered, none under way", s)
				}
			})
		})
	}
}

// Many messages under way, every third returned, confirmed out of order and several at once: each
// gets its own answer, and no more than the window are under way.
func TestDeliverWindow(t *testing.T) {
	const window, count = 16, 500
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		var pending []published
		most := 0
		f.onPublish = func(c *fakeConn, p published) {
			pending = append(pending, p)
			most = max(most, len(pending))
			if len(pending) < window && int(p.tag) < count {
				return
			}
			for _, p := range pending {
				if p.tag%3 == 0 {
					c.giveBack(p)
				}
			}
			// First one from the middle, then all up to the last but one, then the last.
			last := len(pending) - 1
			if last > 1 {
				c.ack(pending[last/2], false)
				c.ack(pending[last-1], true)
			}
			c.ack(pending[last], false)
			pending = nil
		}
		b := running(t, f, func(c *Config) { c.Window = window }, nil)
		results := make([]error, count+1)
		var all sync.WaitGroup
		for n := 1; n <= count; n++ {
			all.Go(func() {
				results[n] = b.Deliver(hourglass(t, time.Minute), message(n), []byte("<a/>"), nil)
			})
		}
		all.Wait()
		returned := map[string]bool{}
		for _, p := range f.published() {
			returned[p.id()] = p.tag%3 == 0
		}
		for n := 1; n <= count; n++ {
			if got, want := errors.Is(results[n], ErrUnroutable), returned[message(n).ID]; got != want ||
				!want && results[n] != nil {
				t.Errorf("message %d: %v; returned: %v", n, results[n], want)
			}
		}
		if most > window {
			t.Errorf("%d messages under way; want at most %d", most, window)
		}
		if s := b.State(); s.Underway != 0 || s.Delivered+s.Unroutable != count {
			t.Errorf("state %+v; want %d in all, none under way", s, count)
		}
	})
}

// A broker that takes messages and confirms nothing loses the connection, once; what it was sent is
// sent again.
func TestDeliverSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		f.onPublish = func(c *fakeConn, p published) {
			if len(f.published()) > 1 {
				c.ack(p, false)
			}
		}
		b := running(t, f, nil, nil)
		if err := b.Deliver(hourglass(t, 10*time.Second), message(1), nil, nil); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("first try = %v; want ErrUnconfirmed", err)
		}
		// The publication is given up after ConfirmTimeout, by whoever waits for it then.
		if err := b.Deliver(hourglass(t, time.Minute), message(1), nil, nil); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("second try = %v; want ErrUnconfirmed", err)
		}
		if err := b.Deliver(hourglass(t, time.Minute), message(1), nil, nil); err != nil {
			t.Errorf("third try = %v; want none", err)
		}
		if got := f.dialled(); got != 3 { // publish, consume, publish again
			t.Errorf("%d connections; want 3", got)
		}
	})
}
