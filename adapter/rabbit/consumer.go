package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/gateway"
	"asugate/schema"
)

const (
	// mostFailures is how often a message is handled on which the gateway fails: there is one way
	// in, and those behind it wait.
	mostFailures = 5
	// mostDeliveries is how often the broker may have delivered the message that a new process finds
	// at the head of the queue.
	mostDeliveries = 5
	// firstRetry and longestRetry bound the wait between two tries of a message that cannot be taken
	// now. The broker waits 30 min for an acknowledgment, then delivers again.
	firstRetry   = time.Second
	longestRetry = 30 * time.Second
)

// consumer is the connection that reads the inbound queue. It handles one message at a time, in the
// order of the queue, because the gateway must see the versions of a staff list and the notices on a
// document in the order in which the office wrote them.
type consumer struct {
	config Config
	link   *link
	accept func(context.Context, gateway.Submission) (receipt, error)
	send   func(ctx context.Context, exchange, key string, p amqp.Publishing) error

	first bool // the next delivery is the first of this process; used by serve only

	taken, dead atomic.Uint64
}

func newConsumer(c Config, accept func(context.Context, gateway.Submission) (receipt, error),
	send func(context.Context, string, string, amqp.Publishing) error) *consumer {
	n := &consumer{config: c, link: newLink(c, "consume"), accept: accept, send: send, first: true}
	n.link.limit = c.MaxDocument
	n.link.serve = n.serve
	return n
}

// serve reads the queue until the connection is lost.
func (n *consumer) serve(ctx context.Context, conn *amqp.Connection, in *contents, up func()) error {
	if err := n.config.incoming(conn); err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("opening a channel: %w", err)
	}
	// What cannot be acknowledged any more need not be handled to the end: it will be delivered again.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	go func() {
		why := errLost
		for refusal := range closed {
			why = refusal
		}
		cancel(why)
	}()
	if err := ch.Qos(n.config.Prefetch, 0, false); err != nil {
		return fmt.Errorf("setting the prefetch: %w", err)
	}
	deliveries, err := ch.Consume(n.config.InboundQueue, "", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consuming %s: %w", n.config.InboundQueue, err)
	}
	up()
	for {
		select {
		case <-ctx.Done():
			return cause(ctx)
		case d, ok := <-deliveries:
			if !ok {
				return n.ended(ctx)
			}
			if err := n.handle(ctx, d, in.leftOut(d.DeliveryTag)); err != nil {
				return err
			}
		}
	}
}

// ended says why there are no more deliveries: the channel is closed, or the queue has been deleted.
func (n *consumer) ended(ctx context.Context) error {
	wait, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	<-wait.Done()
	if ctx.Err() != nil {
		return cause(ctx)
	}
	return fmt.Errorf("the broker ended the consumption of %s: was the queue deleted?", n.config.InboundQueue)
}

// handle takes one delivery to its end: acknowledged after the write, or dead. An error says that the
// connection is of no more use; the broker delivers again what was not acknowledged.
func (n *consumer) handle(ctx context.Context, d amqp.Delivery, leftOut uint64) error {
	first := n.first
	n.first = false
	if leftOut > 0 {
		return n.reject(d, fmt.Sprintf("%d bytes are more than the greatest document of %d", leftOut, n.config.MaxDocument))
	}
	if times := deliveries(d); first && times >= mostDeliveries {
		// The process before this one may have died of the message: a stack overflow or a lack of memory
		// cannot be caught. Those behind it in the queue were delivered as often, and are innocent.
		return n.bury(ctx, d, grave{reason: fmt.Sprintf("delivered %d times and never finished", times)})
	}
	s, err := n.submission(d)
	if err != nil {
		return n.bury(ctx, d, grave{code: "A01", reason: err.Error()})
	}
	return n.take(ctx, d, s)
}

// take submits until the gateway has taken the document or will never take it.
func (n *consumer) take(ctx context.Context, d amqp.Delivery, s gateway.Submission) error {
	retries := backoff{first: firstRetry, most: longestRetry, jitter: n.config.Jitter}
	for failures := 0; ; {
		r, err := n.submit(ctx, s)
		switch {
		case err == nil && !r.Valid():
			err = errors.New("the gateway answered without a receipt")
		case err == nil:
			if g, no := refused(r); no {
				return n.bury(ctx, d, g)
			}
			if err := d.Ack(false); err != nil {
				return fmt.Errorf("acknowledging: %w", err)
			}
			n.taken.Add(1)
			return nil
		case errors.Is(err, gateway.ErrNotDocument):
			return n.bury(ctx, d, grave{code: "A01", reason: err.Error()})
		}
		if ctx.Err() != nil {
			return cause(ctx)
		}
		if !closed(err) {
			if failures++; failures == mostFailures {
				return n.bury(ctx, d, grave{reason: fmt.Sprintf("%d times: %s", failures, err)})
			}
		}
		wait := retries.next()
		n.config.Log.Warn("broker: message waits", slog.String("message", schema.Foreign(d.MessageId)),
			slog.String("error", schema.Foreign(err.Error())), slog.Duration("again_in", wait))
		if !pause(ctx, wait) {
			return cause(ctx)
		}
	}
}

// closed says whether the gateway's error is about itself, and would be the same for every document: it
// is not ready, is stopping, or its register does not know the railway.
func closed(err error) bool {
	return errors.Is(err, gateway.ErrNotReady) || errors.Is(err, gateway.ErrStopping) ||
		errors.Is(err, gateway.ErrUnknownParticipant)
}

// submit hands one document to the gateway, and survives its panic.
func (n *consumer) submit(ctx context.Context, s gateway.Submission) (r receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, n.config.Handling)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			n.config.Log.Error("broker: panic", slog.String("stack", string(debug.Stack())))
			r, err = nil, fmt.Errorf("handling panicked: %s", schema.Foreign(fmt.Sprint(p)))
		}
	}()
	return n.accept(ctx, s)
}

// submission is the document in a delivery, without what AMQP put around it.
func (n *consumer) submission(d amqp.Delivery) (gateway.Submission, error) {
	s := gateway.Submission{
		Participant: n.config.Railway,
		Office:      true,
		Raw:         d.Body,
		Received:    n.config.Now(),
		Via:         "rabbit",
	}
	if n.config.Unwrap != nil {
		document, detached, e, ok, err := n.config.Unwrap(d.Body)
		switch {
		case err != nil:
			return s, err
		case ok && d.Headers[headerSignature] != nil:
			return s, fmt.Errorf("header %s stands beside the signature in the envelope", headerSignature)
		case ok:
			s.Raw, s.Detached, s.Envelope = document, detached, &e
			return s, nil
		}
	}
	var text string
	switch value := d.Headers[headerSignature].(type) {
	case nil:
		return s, nil
	case string:
		text = value
	case []byte:
		text = string(value)
	default:
		return s, fmt.Errorf("header %s is no text", headerSignature)
	}
	signature, err := gateway.Detached([]byte(text))
	switch {
	case err != nil:
		return s, fmt.Errorf("header %s is no base64", headerSignature)
	case len(signature) > gateway.MaxDetached:
		return s, fmt.Errorf("header %s has more than %d bytes", headerSignature, gateway.MaxDetached)
	}
	s.Detached = signature
	return s, nil
}

// refused is why a document that was judged goes to the dead queue; false: it does not.
func refused(r receipt) (grave, bool) {
	if result := r.Result(); result != schema.Negative && result != schema.Conflict {
		return grave{}, false
	}
	g := grave{reason: string(r.Result()), answer: r.MessageID()}
	for _, f := range r.Findings() {
		if f.Severity == schema.Error {
			g.code, g.reason = f.Code, f.Reason
			break
		}
	}
	return g, true
}

// deliveries is how often the broker has delivered the message before; quorum queues count.
func deliveries(d amqp.Delivery) int64 {
	switch count := d.Headers["x-delivery-count"].(type) {
	case int64:
		return count
	case int32:
		return int64(count)
	case string:
		number, _ := strconv.ParseInt(count, 10, 64)
		return number
	}
	return 0
}
