package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/internal/rabbittest"
)

// office is a back office that takes everything that comes.
type office interface {
	configuration() string
	consume(ctx context.Context)
	close()
}

func openOffice(transport, dir string) (office, error) {
	switch transport {
	case "spool":
		return folder(filepath.Join(dir, "spool", "out", "office")), nil
	case "rabbit":
		node, err := rabbittest.Start()
		return broker{node}, err
	}
	return nil, fmt.Errorf("transport %q is neither spool nor rabbit", transport)
}

// folder takes the files away as they come.
type folder string

func (f folder) configuration() string {
	return "office: {transport: spool, railway: RZD}\nspool: {dir: spool}\n"
}

func (f folder) consume(ctx context.Context) {
	for ctx.Err() == nil {
		d, err := os.Open(string(f))
		if err == nil {
			names, _ := d.Readdirnames(1000)
			d.Close()
			for _, name := range names {
				_ = os.Remove(filepath.Join(string(f), name))
			}
			if len(names) > 0 {
				continue
			}
		}
		time.Sleep(50 * time.Millisecond) // it is empty, or not made yet
	}
}

func (f folder) close() {}

// broker is a RabbitMQ with one consumer.
type broker struct{ node *rabbittest.Node }

func (b broker) configuration() string {
	return fmt.Sprintf("office: {transport: rabbit, railway: RZD}\nbroker: {url: \"amqp://%s/\"}\n", b.node.Address())
}

func (b broker) consume(ctx context.Context) {
	for ctx.Err() == nil {
		if err := b.consumeOnce(ctx); err != nil {
			time.Sleep(50 * time.Millisecond) // the daemon has not declared its queue yet
		}
	}
}

func (b broker) consumeOnce(ctx context.Context) error {
	connection, err := amqp.Dial(b.node.URL())
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	if err := channel.Qos(500, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume("asugate.office", "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	n := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case d, ok := <-deliveries:
			if !ok {
				return amqp.ErrClosed
			}
			if n++; n%100 != 0 {
				continue
			}
			if err := d.Ack(true); err != nil { // and all before it
				return err
			}
		}
	}
}

func (b broker) close() { b.node.Stop() }
