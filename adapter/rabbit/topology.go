package rabbit

import (
	"errors"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// quorum is the arguments of our queues: kept by a majority of the broker's nodes and on disk.
func quorum() amqp.Table { return amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum} }

// inbound is quorum with the route to the dead queue. at-least-once keeps a message until it has
// arrived there, and wants reject-publish, so that what overflows is refused to the sender.
func inbound(dead string) amqp.Table {
	arguments := quorum()
	arguments["x-dead-letter-exchange"] = amqp.DefaultExchange
	arguments["x-dead-letter-routing-key"] = dead
	arguments["x-dead-letter-strategy"] = "at-least-once"
	arguments["x-overflow"] = "reject-publish"
	return arguments
}

// outgoing makes, or looks for, what Deliver publishes to.
func (c Config) outgoing(conn *amqp.Connection) error {
	switch c.Topology {
	case Declare:
		return onChannel(conn, func(ch *amqp.Channel) error {
			err := ch.ExchangeDeclare(c.Exchange, amqp.ExchangeTopic, true, false, false, false, nil)
			if err != nil {
				return fmt.Errorf("declaring exchange %s: %w", c.Exchange, hinted(err))
			}
			for _, destination := range c.Destinations {
				name := c.queueOf(destination)
				if _, err := ch.QueueDeclare(name, true, false, false, false, quorum()); err != nil {
					return fmt.Errorf("declaring queue %s: %w", name, hinted(err))
				}
				if err := ch.QueueBind(name, strings.ToLower(destination)+".#", c.Exchange, false, nil); err != nil {
					return fmt.Errorf("binding queue %s: %w", name, hinted(err))
				}
			}
			return nil
		})
	case Check:
		// The railway may name its queues as it likes; whether one is bound, mandatory tells.
		return onChannel(conn, func(ch *amqp.Channel) error {
			err := ch.ExchangeDeclarePassive(c.Exchange, amqp.ExchangeTopic, true, false, false, false, nil)
			if err != nil {
				return fmt.Errorf("looking for exchange %s: %w", c.Exchange, err)
			}
			return nil
		})
	}
	return nil
}

// incoming makes, or looks for, the queues that inbound messages come from and end in.
func (c Config) incoming(conn *amqp.Connection) error {
	queues := []struct {
		name      string
		arguments amqp.Table
	}{
		{c.deadQueue(), quorum()},
		{c.InboundQueue, inbound(c.deadQueue())},
	}
	return onChannel(conn, func(ch *amqp.Channel) error {
		for _, q := range queues {
			switch c.Topology {
			case Declare:
				if _, err := ch.QueueDeclare(q.name, true, false, false, false, q.arguments); err != nil {
					return fmt.Errorf("declaring queue %s: %w", q.name, hinted(err))
				}
			case Check:
				if _, err := ch.QueueDeclarePassive(q.name, true, false, false, false, nil); err != nil {
					return fmt.Errorf("looking for queue %s: %w", q.name, err)
				}
			}
		}
		return nil
	})
}

// onChannel runs do on a channel of its own, because the broker closes a channel at the first refusal.
func onChannel(conn *amqp.Connection, do func(*amqp.Channel) error) error {
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("opening a channel: %w", err)
	}
	if err := do(ch); err != nil {
		return err
	}
	return ch.Close()
}

// hinted adds what to do to a refusal that names only the difference.
func hinted(err error) error {
	var refusal *amqp.Error
	if errors.As(err, &refusal) && refusal.Code == amqp.PreconditionFailed {
		return fmt.Errorf("%w: it exists with other arguments; delete it, or set topology to check", err)
	}
	return err
}
