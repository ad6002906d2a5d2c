package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/queue"
	"asugate/schema"
)

// grave is why a message goes to the dead queue.
type grave struct {
	code   string // of the closed list; empty: there is none for it
	reason string
	answer string // id of the ЭСИД that refuses the document; empty: there is none
}

// bury puts a message into the dead queue, with the reason, and acknowledges it once the broker has
// confirmed that. It tries as long as the connection lives; the broker delivers again what was not
// acknowledged, and the message is judged to the same end.
func (n *consumer) bury(ctx context.Context, d amqp.Delivery, g grave) error {
	p := buried(d, g)
	retries := backoff{first: firstRetry, most: longestRetry, jitter: n.config.Jitter}
	for {
		err := n.publishDead(ctx, p)
		if err == nil {
			break
		}
		if errors.Is(err, queue.ErrPermanent) {
			return n.reject(d, g.reason)
		}
		if ctx.Err() != nil {
			return cause(ctx)
		}
		n.config.Log.Warn("broker: dead message waits", slog.String("message", schema.Foreign(d.MessageId)),
			slog.String("error", schema.Foreign(err.Error())))
		if !pause(ctx, retries.next()) {
			return cause(ctx)
		}
	}
	if err := d.Ack(false); err != nil {
		return fmt.Errorf("acknowledging: %w", err)
	}
	n.died(d, g)
	return nil
}

func (n *consumer) publishDead(ctx context.Context, p amqp.Publishing) error {
	ctx, cancel := context.WithTimeout(ctx, n.config.ConfirmTimeout)
	defer cancel()
	return n.send(ctx, amqp.DefaultExchange, n.config.deadQueue(), p)
}

// reject leaves it to the broker to move a message that we do not hold, or cannot send, to the dead
// queue: by the dead-letter route with which the inbound queue is declared.
func (n *consumer) reject(d amqp.Delivery, reason string) error {
	if err := d.Reject(false); err != nil {
		return fmt.Errorf("rejecting: %w", err)
	}
	n.died(d, grave{reason: reason})
	return nil
}

func (n *consumer) died(d amqp.Delivery, g grave) {
	n.dead.Add(1)
	n.config.Log.Error("broker: message is dead", slog.String("message", schema.Foreign(d.MessageId)),
		slog.String("kind", schema.Foreign(d.Type)), slog.String("code", g.code), slog.String("reason", schema.Foreign(g.reason)))
}

// buried is the message for the dead queue: the bytes and headers of d, so that it can be sent again
// once its cause has been removed, and why it is there.
func buried(d amqp.Delivery, g grave) amqp.Publishing {
	headers := amqp.Table{}
	for name, value := range d.Headers {
		// The broker's own headers (x-death, x-delivery-count) tell of the queue it came from.
		if !strings.HasPrefix(name, "x-") {
			headers[name] = value
		}
	}
	for name, value := range map[string]string{
		"code": g.code, "reason": schema.Foreign(g.reason), "original-message-id": d.MessageId, "esid": g.answer,
	} {
		if value != "" {
			headers[name] = value
		}
	}
	return amqp.Publishing{
		Headers:      headers,
		ContentType:  d.ContentType,
		DeliveryMode: amqp.Persistent,
		// The sender's own id may be missing, or be the same for different messages.
		MessageId: uuid.NewString(),
		Timestamp: d.Timestamp,
		Type:      d.Type,
		Body:      d.Body,
	}
}
