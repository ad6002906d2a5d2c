package rabbit

import (
	"errors"
	"testing"

	"asugate/internal/rabbittest"
)

// Each destination of the railway has a quorum queue of its own, which gets what is for it and nothing
// else.
func TestRabbitMQDestinations(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	c.Destinations = []string{"office", "kpedo", "easaprm"}
	b := runReal(t, c, nil)
	connected(t, b)
	queues := map[string]string{"office": c.OfficeQueue, "kpedo": "asugate.kpedo", "easaprm": "asugate.easaprm"}
	ch := office(t, n)
	for i, destination := range c.Destinations {
		m := message(i)
		m.Lane, m.Kind, m.Onward = destination, "Approval", "asust"
		if err := b.Deliver(trying(t), m, []byte(destination), nil); err != nil {
			t.Fatal(err)
		}
		d := get(t, ch, queues[destination])
		if d.MessageId != m.ID || d.RoutingKey != destination+".approval.SHIP-01" || d.Headers["onward"] != "asust" {
			t.Errorf("in the queue of %s: %+v", destination, d)
		}
	}
	for destination, name := range queues {
		q, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
		if err != nil || q.Messages != 0 {
			t.Errorf("%s: %d messages that are another's, %v", destination, q.Messages, err)
		}
	}
	stranger := message(9)
	stranger.Lane = "askmtu"
	if err := b.Deliver(trying(t), stranger, nil, nil); !errors.Is(err, ErrUnroutable) {
		t.Errorf("to a destination that was not named: %v; want ErrUnroutable", err)
	}
	if _, err := ch.QueueDeclare("asugate.kpedo", true, false, false, false, nil); err == nil {
		t.Error("the queue of kpedo is no quorum queue")
	}
}

// With check nothing is declared: a destination whose queue is missing keeps its own messages only.
func TestRabbitMQDestinationUnbound(t *testing.T) {
	n := rabbittest.Shared(t)
	c := realConfig(t, n)
	c.Destinations = []string{"office", "askmtu"}
	ch := office(t, n)
	if err := ch.ExchangeDeclare(c.Exchange, "topic", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{c.OfficeQueue, c.InboundQueue, c.InboundQueue + ".dead"} {
		if _, err := ch.QueueDeclare(name, true, false, false, false, quorum()); err != nil {
			t.Fatal(err)
		}
	}
	if err := ch.QueueBind(c.OfficeQueue, "office.#", c.Exchange, false, nil); err != nil {
		t.Fatal(err)
	}
	c.Topology = Check
	b := runReal(t, c, nil)
	m := message(1)
	m.Lane = "askmtu"
	if err := b.Deliver(trying(t), m, nil, nil); !errors.Is(err, ErrUnroutable) {
		t.Errorf("without a queue: %v; want ErrUnroutable", err)
	}
	if err := b.Deliver(trying(t), message(2), nil, nil); err != nil {
		t.Errorf("to the office: %v", err)
	}
	if _, err := ch.QueueDeclarePassive("asugate.askmtu", true, false, false, false, nil); err == nil {
		t.Error("the queue was declared all the same")
	}
}
