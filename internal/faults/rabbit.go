package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/internal/rabbittest"
)

// queues are those of the back office.
var queues = []string{"asugate.office", "asugate.kpedo", "asugate.easaprm"}

const (
	exchange     = "asugate.out"
	inboundQueue = "asugate.in"
	// brokerTime bounds a wait for the broker.
	brokerTime = time.Minute
)

// rabbit is the transport by RabbitMQ. It speaks with the broker itself: the network that fails is the
// gateway's.
type rabbit struct {
	*world
	node *rabbittest.Node

	taking sync.RWMutex // held for reading by who consumes, for writing by who wants nobody to

	mu   sync.Mutex    // protects rest
	rest chan struct{} // closed when somebody wants nobody to consume
}

func newRabbit(w *world, node *rabbittest.Node) *rabbit {
	return &rabbit{world: w, node: node, rest: make(chan struct{})}
}

// record consumes the queues, and begins anew whenever the broker or a queue has gone.
func (b *rabbit) record(ctx context.Context) {
	var all sync.WaitGroup
	for _, q := range queues {
		all.Go(func() { b.recordQueue(ctx, q) })
	}
	all.Wait()
}

func (b *rabbit) recordQueue(ctx context.Context, queue string) {
	for ctx.Err() == nil {
		b.taking.RLock()
		_ = b.channel(func(ch *amqp.Channel) error { return b.consume(ctx, ch, queue) }) // it begins anew
		b.taking.RUnlock()
		pause(ctx, 50*time.Millisecond)
	}
}

// alone does something while nobody consumes. What had been delivered and was not written down is in its
// queue again.
func (b *rabbit) alone(do func() error) error {
	b.mu.Lock()
	close(b.rest)
	b.mu.Unlock()
	b.taking.Lock()
	defer b.taking.Unlock()
	err := do()
	b.mu.Lock()
	b.rest = make(chan struct{})
	b.mu.Unlock()
	return err
}

// empty takes everything out of a queue to which nothing is routed any more.
func (b *rabbit) empty(queue string) error {
	return b.channel(func(ch *amqp.Channel) error {
		const sure = 5 // what was not acknowledged comes back a moment after its channel has closed
		for nothing := 0; nothing < sure; {
			d, ok, err := ch.Get(queue, false)
			if err != nil {
				return err
			}
			if !ok {
				nothing++
				pause(context.Background(), 50*time.Millisecond)
				continue
			}
			nothing = 0
			b.written(queue, d)
			if err := d.Ack(false); err != nil {
				return err
			}
		}
		return nil
	})
}

// written writes a message down.
func (b *rabbit) written(queue string, d amqp.Delivery) {
	fields := map[string]string{"message-id": d.MessageId, "type": d.Type}
	for _, name := range []string{"document-id", "document-version", "participant"} {
		fields[name] = fmt.Sprint(d.Headers[name])
	}
	b.arrived(strings.TrimPrefix(queue, "asugate."), fields, d.Body)
}

// consume acknowledges only what has been written down.
func (b *rabbit) consume(ctx context.Context, ch *amqp.Channel, queue string) error {
	if err := ch.Qos(64, 0, false); err != nil {
		return err
	}
	b.mu.Lock()
	rest := b.rest
	b.mu.Unlock()
	deliveries, err := ch.ConsumeWithContext(ctx, queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-rest:
			return nil
		case d, open := <-deliveries:
			if !open {
				return errors.New("the broker has ended it")
			}
			b.written(queue, d)
			if err := d.Ack(false); err != nil {
				return err
			}
		}
	}
}

// give publishes as the back office does: into a queue that must be there, and until it is confirmed.
func (b *rabbit) give(name, kind string, raw []byte) error {
	return b.channel(func(ch *amqp.Channel) error {
		if err := ch.Confirm(false); err != nil {
			return err
		}
		returned := ch.NotifyReturn(make(chan amqp.Return, 1))
		ctx, cancel := context.WithTimeout(context.Background(), brokerTime)
		defer cancel()
		confirm, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", inboundQueue, true, false, amqp.Publishing{
			ContentType: "application/xml", DeliveryMode: amqp.Persistent, Type: kind, MessageId: name, Body: raw,
		})
		if err != nil {
			return err
		}
		if ok, err := confirm.WaitContext(ctx); err != nil || !ok {
			return fmt.Errorf("the broker has not taken it: %w", err)
		}
		select {
		case <-returned:
			return errors.New("there is no queue")
		default:
			return nil
		}
	})
}

func (b *rabbit) left() (left int, err error) {
	err = b.channel(func(ch *amqp.Channel) error {
		q, err := ch.QueueDeclarePassive(inboundQueue, true, false, false, false, nil)
		left = q.Messages
		return err
	})
	return left, err
}

// depth is how many messages lie in a queue, and whether it is there.
func (b *rabbit) depth(queue string) (n int, err error) {
	err = b.channel(func(ch *amqp.Channel) error {
		q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		n = q.Messages
		return err
	})
	return n, err
}

// channel is one for a while, on a connection of its own.
func (b *rabbit) channel(use func(*amqp.Channel) error) error {
	conn, err := amqp.DialConfig(b.node.URL(), amqp.Config{Heartbeat: 2 * time.Second, Locale: "en_US"})
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	return use(ch)
}
