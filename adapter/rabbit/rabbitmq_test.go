package rabbit

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"asugate/gateway"
	"asugate/internal/rabbittest"
	"asugate/schema"
)

func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m)) }

// patience is how long a test waits for what must happen on a machine that is busy with others.
const patience = 60 * time.Second

// realConfig is a configuration for the real broker, with names of the test's own.
func realConfig(t testing.TB, n *rabbittest.Node) Config {
	name := strings.ToLower(t.Name())
	return Config{
		URL:          func() (string, error) { return n.URL(), nil },
		Railway:      "RZD",
		Exchange:     name + ".out",
		OfficeQueue:  name + ".office",
		InboundQueue: name + ".in",
	}
}

// runReal runs a broker until the test ends, and then looks for goroutines left behind.
func runReal(t testing.TB, c Config, accept func(context.Context, gateway.Submission) (receipt, error)) *Broker {
	t.Helper()
	before := []goleak.Option{
		goleak.IgnoreCurrent(),
		goleak.IgnoreAnyFunction("asugate/internal/rabbittest.start.func1"), // a node that the test booted
	}
	b, err := newBroker(c, accept)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if err := goleak.Find(before...); err != nil {
			t.Error(err)
		}
	})
	return b
}

// office is a client as the back office has it, of its own connection.
func office(t testing.TB, n *rabbittest.Node) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// get is the next message of a queue.
func get(t testing.TB, ch *amqp.Channel, queue string) amqp.Delivery {
	t.Helper()
	var d amqp.Delivery
	eventually(t, "a message in "+queue, func() bool {
		var ok bool
		var err error
		if d, ok, err = ch.Get(queue, true); err != nil {
			t.Fatal(err)
		}
		return ok
	})
	return d
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// connected waits until both connections are there.
func connected(t testing.TB, b *Broker) {
	t.Helper()
	eventually(t, "both connections", func() bool {
		s := b.State()
		return s.Publish.Connected && s.Consume.Connected
	})
}

func trying(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// A message goes to the office's queue with all that was said about it.
func TestRabbitMQDeliver(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, nil)
	if err := b.Deliver(trying(t), message(1), []byte("<Placement/>"), []byte{0x30, 0x82}); err != nil {
		t.Fatal(err)
	}
	d := get(t, office(t, n), c.OfficeQueue)
	if d.MessageId != message(1).ID || string(d.Body) != "<Placement/>" || d.RoutingKey != "office.placement.SHIP-01" ||
		d.Headers["signature-cms"] != "MII=" || d.Headers["document-version"] != int32(3) || d.DeliveryMode != amqp.Persistent {
		t.Errorf("delivered %+v", d)
	}
}

// The broker is killed in the middle of a stream: nothing is lost, and what comes twice has the same id.
func TestRabbitMQKilled(t *testing.T) {
	const lanes, each = 16, 200
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, nil)
	var tries, confirmed atomic.Int64
	half := make(chan struct{})
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			for i := range each {
				m := message(lane*each + i)
				for {
					tries.Add(1)
					err := b.Deliver(trying(t), m, []byte(m.ID), nil)
					if err == nil {
						break
					}
					if !errors.Is(err, ErrUnconfirmed) && !errors.Is(err, ErrUnavailable) {
						t.Errorf("%s: %v", m.ID, err)
						return
					}
				}
				if confirmed.Add(1) == lanes*each/2 {
					close(half)
				}
			}
		})
	}
	<-half
	n.Kill()
	if err := n.Boot(); err != nil {
		t.Fatal(err)
	}
	all.Wait()

	ch := office(t, n)
	seen := map[string]int{}
	for {
		d, ok, err := ch.Get(c.OfficeQueue, true)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if d.MessageId != string(d.Body) {
			t.Errorf("message %s has the body of %s", d.MessageId, d.Body)
		}
		seen[d.MessageId]++
	}
	twice := 0
	for i := range lanes * each {
		switch count := seen[message(i).ID]; {
		case count == 0:
			t.Errorf("message %d is lost", i)
		case count > 1:
			twice++
		}
	}
	if len(seen) != lanes*each {
		t.Errorf("%d ids; want %d", len(seen), lanes*each)
	}
	t.Logf("%d messages, %d tries, %d came twice", lanes*each, tries.Load(), twice)
}

// A message for which there is no queue is not delivered, and is when there is one.
func TestRabbitMQUnroutable(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, nil)
	connected(t, b)
	ch := office(t, n)
	if err := ch.QueueUnbind(c.OfficeQueue, "office.#", c.Exchange, nil); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			if err := b.Deliver(trying(t), message(i), nil, nil); !errors.Is(err, ErrUnroutable) {
				t.Errorf("without a binding: %v; want ErrUnroutable", err)
			}
		})
	}
	all.Wait()
	if err := ch.QueueBind(c.OfficeQueue, "office.#", c.Exchange, false, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Deliver(trying(t), message(1), nil, nil); err != nil {
		t.Errorf("with the binding: %v", err)
	}
	if s := b.State(); s.Unroutable != 300 || s.Delivered != 1 {
		t.Errorf("state %+v; want 300 unroutable, 1 delivered", s)
	}
}

// The exchange is deleted under us: it is declared again, and nothing is lost.
func TestRabbitMQExchangeDeleted(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, nil)
	connected(t, b)
	if err := office(t, n).ExchangeDelete(c.Exchange, false, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message to be delivered", func() bool { return b.Deliver(trying(t), message(1), nil, nil) == nil })
}

// A message whose connection is closed while it is handled comes again, and is acknowledged once.
func TestRabbitMQRedelivery(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	var handled atomic.Int64
	entered := make(chan struct{}, 1)
	leave := make(chan struct{})
	b := runReal(t, c, func(context.Context, gateway.Submission) (receipt, error) {
		if handled.Add(1) == 1 {
			entered <- struct{}{}
			<-leave
		}
		return fakeReceipt{result: schema.Positive}, nil
	})
	connected(t, b)
	ch := office(t, n)
	publish(t, ch, c, amqp.Publishing{Type: "StaffList", Body: []byte("<StaffList/>")})
	<-entered
	if _, err := n.Ctl("close_all_user_connections", "guest", "test"); err != nil {
		t.Fatal(err)
	}
	close(leave)
	eventually(t, "the message to be taken", func() bool { return b.State().Taken == 1 })
	if got := handled.Load(); got != 2 {
		t.Errorf("handled %d times; want twice", got)
	}
}

// A message that makes the handling panic, and one that is no document, end in the dead queue; the
// others flow.
func TestRabbitMQPoison(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	c.Jitter = func() float64 { return 0 }
	b := runReal(t, c, func(_ context.Context, s gateway.Submission) (receipt, error) {
		switch string(s.Raw) {
		case "poison":
			panic("poison")
		case "garbage":
			return nil, gateway.ErrNotDocument
		}
		return fakeReceipt{result: schema.Positive}, nil
	})
	connected(t, b)
	ch := office(t, n)
	for _, body := range []string{"<a/>", "garbage", "<b/>", "poison", "<c/>"} {
		publish(t, ch, c, amqp.Publishing{MessageId: "id of " + body, Type: "StaffList", Body: []byte(body)})
	}
	eventually(t, "all to be taken", func() bool { s := b.State(); return s.Taken == 3 && s.Dead == 2 })
	for _, want := range []string{"garbage", "poison"} {
		d := get(t, ch, c.InboundQueue+".dead")
		if string(d.Body) != want || d.Headers["original-message-id"] != "id of "+want || d.Headers["reason"] == nil {
			t.Errorf("dead: %s %v; want %s with a reason", d.Body, d.Headers, want)
		}
	}
	if q, err := ch.QueueDeclarePassive(c.InboundQueue, true, false, false, false, nil); err != nil || q.Messages != 0 {
		t.Errorf("inbound queue: %d messages, %v; want none", q.Messages, err)
	}
}

func publish(t testing.TB, ch *amqp.Channel, c Config, p amqp.Publishing) {
	t.Helper()
	if err := ch.PublishWithContext(context.Background(), "", c.InboundQueue, true, false, p); err != nil {
		t.Fatal(err)
	}
}

// 100 MB are not read into memory; the broker moves them to the dead queue.
func TestRabbitMQOversize(t *testing.T) {
	const large = 100 << 20
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, func(context.Context, gateway.Submission) (receipt, error) {
		return fakeReceipt{result: schema.Positive}, nil
	})
	connected(t, b)
	ch := office(t, n)
	body := make([]byte, large)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	publish(t, ch, c, amqp.Publishing{MessageId: "large", Body: body})
	publish(t, ch, c, amqp.Publishing{Body: []byte("<StaffList/>")})
	eventually(t, "the next message to be taken", func() bool { s := b.State(); return s.Dead == 1 && s.Taken == 1 })
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > large/10 {
		t.Errorf("allocated %d bytes for a message of %d", got, large)
	}
	eventually(t, "the message in the dead queue", func() bool {
		q, err := ch.QueueDeclarePassive(c.InboundQueue+".dead", true, false, false, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		return q.Messages == 1
	})
	if _, err := ch.QueueDelete(c.InboundQueue+".dead", false, false, false); err != nil {
		t.Error(err)
	}
}

// What the operator has got wrong is told in words.
func TestRabbitMQRefusals(t *testing.T) {
	n := rabbittest.Shared(t)
	with := func(change func(*url.URL)) func(*Config) {
		return func(c *Config) {
			c.URL = func() (string, error) {
				u, err := url.Parse(n.URL())
				if err == nil {
					change(u)
				}
				return u.String(), err
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"wrong password", with(func(u *url.URL) { u.User = url.UserPassword("guest", "wrong") }), "not allowed"},
		{"no such virtual host", with(func(u *url.URL) { u.Path = "/nowhere" }), "vhost nowhere not found"},
		{"the queue is of another type", func(c *Config) {
			if _, err := office(t, n).QueueDeclare(c.InboundQueue, true, false, false, false, nil); err != nil {
				t.Fatal(err)
			}
		}, "inequivalent arg"},
		{"check: the queue is not there", func(c *Config) { c.Topology = Check }, "no queue"},
		{"none: the queue is not there", func(c *Config) { c.Topology = None }, "no queue"},
		{"the name is the broker's own", func(c *Config) { c.InboundQueue = "amq.in" }, "reserved prefix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := realConfig(t, n)
			test.change(&c)
			b := runReal(t, c, nil)
			eventually(t, "a refusal", func() bool { return b.State().Consume.LastError != "" })
			if got := b.State().Consume; got.Connected || !strings.Contains(got.LastError, test.want) {
				t.Errorf("state %+v; want %q", got, test.want)
			}
		})
	}
}

// A broker short of memory is waited for.
func TestRabbitMQAlarm(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	b := runReal(t, c, nil)
	if err := b.Deliver(trying(t), message(0), nil, nil); err != nil {
		t.Fatal(err)
	}
	heal := sync.OnceFunc(func() {
		if _, err := n.Ctl("set_vm_memory_high_watermark", "0.8"); err != nil {
			t.Fatal(err)
		}
	})
	defer heal()
	if _, err := n.Ctl("set_vm_memory_high_watermark", "0"); err != nil {
		t.Fatal(err)
	}
	// The broker tells so at the first message that it gets in this state, and takes that one.
	if err := b.Deliver(trying(t), message(1), nil, nil); err != nil {
		t.Error(err)
	}
	eventually(t, "the alarm", func() bool { return strings.Contains(b.State().Publish.Blocked, "memory") })
	results := make(chan error, 10)
	for i := range cap(results) {
		go func() { results <- b.Deliver(trying(t), message(i+1), nil, nil) }()
	}
	select {
	case err := <-results:
		t.Errorf("Deliver under alarm = %v; want it to wait", err)
	case <-time.After(500 * time.Millisecond):
	}
	heal()
	for range cap(results) {
		if err := <-results; err != nil {
			t.Errorf("after the alarm: %v", err)
		}
	}
	if s := b.State(); s.Publish.Blocked != "" || !s.Publish.Connected {
		t.Errorf("state %+v; want connected, not blocked", s.Publish)
	}
}

// BenchmarkRabbitMQDeliver is documents of 10 KiB a second with a window of 256.
func BenchmarkRabbitMQDeliver(b *testing.B) {
	c := realConfig(b, rabbittest.Shared(b))
	c.OfficeQueue = fmt.Sprintf("%s.%d", c.OfficeQueue, b.N)
	broker := runReal(b, c, nil)
	connected(b, broker)
	body := make([]byte, 10<<10)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range 256 {
		all.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				if err := broker.Deliver(context.Background(), message(int(i)), body, nil); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}
