package rabbit

import (
	"context"
	"fmt"
	"sync"

	"asugate/gateway"
	"asugate/queue"
	"asugate/schema"
)

// Accept judges a document of the back office: Gateway.Accept.
type Accept func(context.Context, gateway.Submission) (gateway.Receipt, error)

// receipt is what is read of a gateway.Receipt. Only the gateway makes those; tests of this package
// make others.
type receipt interface {
	Valid() bool
	MessageID() string
	Result() schema.Result
	Findings() []schema.Finding
}

// Broker is the way to the back office and from it. It is safe for concurrent use.
type Broker struct {
	config    Config
	publisher *publisher
	consumer  *consumer
}

// New is a broker that Run connects. accept gets what the back office sends.
func New(c Config, accept Accept) (*Broker, error) {
	if accept == nil {
		return nil, fmt.Errorf("broker: nobody accepts what the back office sends")
	}
	return newBroker(c, func(ctx context.Context, s gateway.Submission) (receipt, error) {
		return accept(ctx, s)
	})
}

func newBroker(c Config, accept func(context.Context, gateway.Submission) (receipt, error)) (*Broker, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	b := &Broker{config: c, publisher: newPublisher(c)}
	b.consumer = newConsumer(c, accept, b.publisher.deliver)
	return b, nil
}

// Run keeps both connections until ctx ends, however often they are lost. It returns when both are
// closed.
func (b *Broker) Run(ctx context.Context) error {
	var both sync.WaitGroup
	both.Go(func() { b.publisher.link.run(ctx) })
	both.Go(func() { b.consumer.link.run(ctx) })
	both.Wait()
	return ctx.Err()
}

// Deliver is queue.Deliver for the lanes of the back office: the lane's name is the destination, the
// first word of the routing key. It waits for the broker as long as ctx allows.
func (b *Broker) Deliver(ctx context.Context, m queue.Message, body, signature []byte) error {
	key, p, err := publishing(m, body, signature)
	if err != nil {
		return err
	}
	return b.publisher.deliver(ctx, b.config.Exchange, key, p)
}

// State is how the broker is, for /readyz and /metrics. The numbers are since the start.
type State struct {
	Publish, Consume LinkState

	Window     int    // messages that may be under way at once
	Underway   int    // messages that wait for the broker's confirm
	Delivered  uint64 // confirmed by the broker
	Unroutable uint64 // returned by the broker; each is tried again
	Refused    uint64 // by basic.nack; each is tried again
	Taken      uint64 // inbound messages acknowledged after the gateway's write
	Dead       uint64 // inbound messages put into the dead queue
}

func (b *Broker) State() State {
	s := State{
		Window:     b.config.Window,
		Delivered:  b.publisher.delivered.Load(),
		Unroutable: b.publisher.unroutable.Load(),
		Refused:    b.publisher.refused.Load(),
		Taken:      b.consumer.taken.Load(),
		Dead:       b.consumer.dead.Load(),
	}
	s.Publish, _ = b.publisher.link.now()
	s.Consume, _ = b.consumer.link.now()
	if session := b.publisher.current(); session != nil {
		s.Underway = session.count()
	}
	return s
}
