package rabbit

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/schema"
)

// fakeReceipt is what a gateway might answer.
type fakeReceipt struct {
	invalid  bool
	result   schema.Result
	findings []schema.Finding
}

func (r fakeReceipt) Valid() bool                { return !r.invalid }
func (r fakeReceipt) MessageID() string          { return "esid-1" }
func (r fakeReceipt) Result() schema.Result      { return r.result }
func (r fakeReceipt) Findings() []schema.Finding { return r.findings }

// fakeGateway remembers what was submitted, and answers with the next of its answers, or the last.
type fakeGateway struct {
	mu        sync.Mutex // protects what follows
	answers   []func() (receipt, error)
	submitted []gateway.Submission
}

func (g *fakeGateway) accept(_ context.Context, s gateway.Submission) (receipt, error) {
	g.mu.Lock()
	g.submitted = append(g.submitted, s)
	answer := g.answers[min(len(g.submitted), len(g.answers))-1]
	g.mu.Unlock()
	return answer()
}

func (g *fakeGateway) submissions() []gateway.Submission {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]gateway.Submission(nil), g.submitted...)
}

func answer(r receipt, err error) func() (receipt, error) {
	return func() (receipt, error) { return r, err }
}

func panics() (receipt, error) { panic("index out of range") }

// inbound is a document of the office.
func inboundMessage(n int, headers map[string]any) published {
	return published{
		properties: map[string]string{"message-id": fmt.Sprintf("office-%d", n), "type": "StaffList", "content-type": "application/xml"},
		headers:    headers,
		body:       fmt.Sprintf("<StaffList n=%q/>", fmt.Sprint(n)),
	}
}

// delivering is a fake broker that delivers messages 1, 2, … to each consumer, but for those that are
// settled already.
func delivering(messages ...published) *fakeBroker {
	f := &fakeBroker{}
	f.onConsume = func(c *fakeConn, channel uint16) {
		settled := strings.Join(f.settled(), " ")
		for i, m := range messages {
			if !strings.Contains(settled+" ", fmt.Sprintf(" %d ", i+1)) {
				c.deliver(channel, uint64(i+1), false, m)
			}
		}
	}
	return f
}

// For each thing that the gateway may answer: what becomes of the message, and after how many tries.
func TestInbound(t *testing.T) {
	ok := answer(fakeReceipt{result: schema.Positive}, nil)
	refusal := fakeReceipt{result: schema.Negative, findings: []schema.Finding{
		{Code: "D03", Reason: "zone", Severity: schema.Info},
		{Code: "A03", Reason: "content-changed", Severity: schema.Error},
	}}
	for _, test := range []struct {
		name    string
		answers []func() (receipt, error)
		headers map[string]any
		tries   int
		dead    map[string]any // headers in the dead queue; nil: the message is not there
	}{
		{name: "accepted", answers: []func() (receipt, error){ok}, tries: 1},
		{name: "decided later", answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Deferred}, nil)}, tries: 1},
		{name: "technical receipt", answers: []func() (receipt, error){answer(fakeReceipt{}, nil)}, tries: 1},
		{name: "refused", answers: []func() (receipt, error){answer(refusal, nil)}, tries: 1,
			headers: map[string]any{"trace": "7", "x-delivery-count": int64(1)},
			dead: map[string]any{"trace": "7", "code": "A03", "reason": "content-changed", "esid": "esid-1",
				"original-message-id": "office-1"}},
		{name: "conflict without a finding", tries: 1,
			answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Conflict}, nil)},
			dead:    map[string]any{"reason": "conflict", "esid": "esid-1", "original-message-id": "office-1"}},
		{name: "no XML", tries: 1,
			answers: []func() (receipt, error){answer(nil, fmt.Errorf("offset 3: %w", gateway.ErrNotDocument))},
			dead: map[string]any{"code": "A01", "reason": "offset 3: " + gateway.ErrNotDocument.Error(),
				"original-message-id": "office-1"}},
		{name: "not ready, busy, then accepted", tries: 4,
			answers: []func() (receipt, error){answer(nil, gateway.ErrNotReady), answer(nil, gateway.ErrBusy),
				answer(nil, gateway.ErrUnknownParticipant), ok}},
		// The zero Receipt proves nothing.
		{name: "no receipt, then accepted", tries: 2,
			answers: []func() (receipt, error){answer(fakeReceipt{invalid: true, result: schema.Positive}, nil), ok}},
		{name: "panic, then accepted", answers: []func() (receipt, error){panics, ok}, tries: 2},
		{name: "poison", answers: []func() (receipt, error){panics}, tries: mostFailures,
			dead: map[string]any{"reason": "5 times: handling panicked: index out of range", "original-message-id": "office-1"}},
		{name: "busy each time", answers: []func() (receipt, error){answer(nil, gateway.ErrBusy)}, tries: mostFailures,
			dead: map[string]any{"reason": "5 times: busy", "original-message-id": "office-1"}},
		{name: "never a receipt", tries: mostFailures,
			answers: []func() (receipt, error){answer(fakeReceipt{invalid: true}, nil)},
			dead: map[string]any{"reason": "5 times: the gateway answered without a receipt",
				"original-message-id": "office-1"}},
		// Not the document's fault, however long it takes.
		{name: "not ready for long, then accepted", tries: 4*mostFailures + 1,
			answers: append(slices.Repeat([]func() (receipt, error){answer(nil, gateway.ErrNotReady),
				answer(nil, gateway.ErrUnknownParticipant)}, 2*mostFailures), ok)},
		{name: "signature is no base64", headers: map[string]any{"signature-cms": "&"},
			dead: map[string]any{"signature-cms": "&", "code": "A01", "reason": "header signature-cms is no base64",
				"original-message-id": "office-1"}},
		{name: "signature is empty", headers: map[string]any{"signature-cms": " "},
			dead: map[string]any{"signature-cms": " ", "code": "A01", "reason": "header signature-cms is no base64",
				"original-message-id": "office-1"}},
		{name: "signature is too large", headers: map[string]any{"signature-cms": largeSignature},
			dead: map[string]any{"signature-cms": largeSignature, "code": "A01",
				"reason": "header signature-cms has more than 65536 bytes", "original-message-id": "office-1"}},
		// The process before this one may have died of it.
		{name: "delivered often", headers: map[string]any{"x-delivery-count": int64(mostDeliveries)},
			dead: map[string]any{"reason": "delivered 5 times and never finished", "original-message-id": "office-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &fakeGateway{answers: test.answers}
				f := delivering(inboundMessage(1, test.headers))
				b := running(t, f, nil, g.accept)
				time.Sleep(10 * time.Minute)
				if diff := cmp.Diff([]string{"ack 1"}, f.settled()); diff != "" {
					t.Errorf("settled (-want +got):\n%s", diff)
				}
				if got := len(g.submissions()); got != test.tries {
					t.Errorf("submitted %d times; want %d", got, test.tries)
				}
				var dead map[string]any
				for _, p := range f.published() {
					dead = p.headers
					if p.exchange != "" || p.key != "asugate.in.dead" || !p.mandatory || p.body != inboundMessage(1, nil).body ||
						p.properties["delivery-mode"] != "2" || p.properties["type"] != "StaffList" {
						t.Errorf("dead message %+v; want the same bytes in asugate.in.dead", p)
					}
				}
				if diff := cmp.Diff(test.dead, dead); diff != "" {
					t.Errorf("headers of the dead message (-want +got):\n%s", diff)
				}
				if s := b.State(); s.Taken+s.Dead != 1 || (s.Dead == 1) != (test.dead != nil) {
					t.Errorf("state %+v", s)
				}
			})
		})
	}
}

// What is submitted is the document in the message, in the order of the queue.
func TestSubmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeGateway{answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Positive}, nil)}}
		f := delivering(inboundMessage(1, map[string]any{"signature-cms": "MII="}), inboundMessage(2, nil))
		running(t, f, func(c *Config) { c.Prefetch = 7 }, g.accept)
		began := time.Now()
		time.Sleep(time.Minute)
		if got := f.prefetched(); got != 7 {
			t.Errorf("prefetch %d; want 7", got)
		}
		want := []gateway.Submission{
			{Participant: "RZD", Office: true, Raw: []byte(`<StaffList n="1"/>`), Detached: []byte{0x30, 0x82}, Received: began, Via: "rabbit"},
			{Participant: "RZD", Office: true, Raw: []byte(`<StaffList n="2"/>`), Received: began, Via: "rabbit"},
		}
		if diff := cmp.Diff(want, g.submissions()); diff != "" {
			t.Errorf("submissions (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"ack 1", "ack 2"}, f.settled()); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
	})
}

// Only the message at the head of a new process is suspected of having ended the one before.
func TestInboundSuspect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		often := map[string]any{"x-delivery-count": int64(mostDeliveries + 1)}
		g := &fakeGateway{answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Positive}, nil)}}
		f := delivering(inboundMessage(1, often), inboundMessage(2, often), inboundMessage(3, often))
		b := running(t, f, nil, g.accept)
		time.Sleep(time.Minute)
		if s := b.State(); s.Dead != 1 || s.Taken != 2 {
			t.Errorf("%d dead, %d taken; want 1, 2", s.Dead, s.Taken)
		}
	})
}

// A message is not acknowledged before the dead queue has confirmed it.
func TestInboundDeadQueueAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeGateway{answers: []func() (receipt, error){answer(nil, gateway.ErrNotDocument)}}
		f := delivering(inboundMessage(1, nil))
		tries := 0
		f.onPublish = func(c *fakeConn, p published) {
			if len(f.settled()) > 0 {
				t.Error("acknowledged before the dead queue had it")
			}
			switch tries++; tries {
			case 1:
				c.giveBack(p)
				c.ack(p, false)
			case 2:
				c.nack(p)
			case 3:
				c.drop()
			default:
				c.ack(p, false)
			}
		}
		running(t, f, nil, g.accept)
		time.Sleep(10 * time.Minute)
		if diff := cmp.Diff([]string{"ack 1"}, f.settled()); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
		if tries != 4 || len(g.submissions()) != 1 {
			t.Errorf("%d tries, %d submissions; want 4, 1", tries, len(g.submissions()))
		}
	})
}

// A connection lost while a message is handled, or waits: it is delivered again, and handled again.
func TestInboundRedelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f *fakeBroker
		cut := func() { f.link(t, "consume").drop() }
		g := &fakeGateway{answers: []func() (receipt, error){
			func() (receipt, error) { cut(); return fakeReceipt{result: schema.Positive}, nil },
			func() (receipt, error) { time.AfterFunc(time.Millisecond, cut); return nil, gateway.ErrNotReady },
			answer(fakeReceipt{result: schema.Positive}, nil),
		}}
		f = delivering(inboundMessage(1, nil))
		b := running(t, f, nil, g.accept)
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"ack 1"}, f.settled()); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
		if got := len(g.submissions()); got != 3 || b.State().Taken != 1 {
			t.Errorf("%d submissions, %d taken; want 3, 1", got, b.State().Taken)
		}
	})
}

// A body that is too large is not read into memory, and the broker is told to put it aside; the next
// message flows.
func TestInboundOversize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeGateway{answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Positive}, nil)}}
		large := inboundMessage(1, map[string]any{"trace": "7"})
		large.body = strings.Repeat("x", 100_001)
		f := delivering(large, inboundMessage(2, nil))
		running(t, f, func(c *Config) { c.MaxDocument = 100_000 }, g.accept)
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"reject 1", "ack 2"}, f.settled()); diff != "" {
			t.Errorf("settled (-want +got):\n%s", diff)
		}
		if got := g.submissions(); len(got) != 1 || string(got[0].Raw) != inboundMessage(2, nil).body {
			t.Errorf("submissions %v; want the second message", got)
		}
	})
}

// A queue that is deleted under us is declared again.
func TestInboundQueueDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b := running(t, f, nil, nil)
		synctest.Wait()
		c := f.link(t, "consume")
		c.method(2, 60, 30, c.consumer, true) // basic.cancel
		time.Sleep(2 * time.Second)
		if got := f.dialled(); got != 3 {
			t.Errorf("%d connections; want a third", got)
		}
		if s := b.State(); !s.Consume.Connected {
			t.Errorf("state %+v; want connected", s.Consume)
		}
	})
}

// New refuses what could not work.
func TestNew(t *testing.T) {
	accept := func(context.Context, gateway.Submission) (gateway.Receipt, error) { return gateway.Receipt{}, nil }
	good := fakeConfig(&fakeBroker{})
	for _, test := range []struct {
		name   string
		change func(*Config)
		accept Accept
	}{
		{"nobody accepts", func(*Config) {}, nil},
		{"no URL", func(c *Config) { c.URL = nil }, accept},
		{"no railway", func(c *Config) { c.Railway = "" }, accept},
		{"certificate without key", func(c *Config) { c.Certificate = "a.pem" }, accept},
		{"unknown topology", func(c *Config) { c.Topology = "guess" }, accept},
		{"a destination of two words", func(c *Config) { c.Destinations = []string{"kp.edo"} }, accept},
		{"one destination twice", func(c *Config) { c.Destinations = []string{"office", "office"} }, accept},
		{"two destinations in one queue", func(c *Config) {
			c.Destinations, c.OfficeQueue = []string{"office", "kpedo"}, "asugate.kpedo"
		}, accept},
		{"what comes in goes out", func(c *Config) { c.Destinations = []string{"kpedo", "in"} }, accept},
	} {
		c := good
		test.change(&c)
		if _, err := New(c, test.accept); err == nil {
			t.Errorf("%s: New took it", test.name)
		}
	}
	b, err := New(good, accept)
	if err != nil {
		t.Fatal(err)
	}
	// The zero Receipt, as another package may make it, is no proof of a write.
	if r, err := b.consumer.submit(t.Context(), gateway.Submission{}); err == nil && r.Valid() {
		t.Error("a zero Receipt is valid")
	}
}

var _ receipt = gateway.Receipt{}

// largeSignature is a header of more than a signature may have.
var largeSignature = base64.StdEncoding.EncodeToString(append([]byte("\x30"), make([]byte, gateway.MaxDetached)...))
