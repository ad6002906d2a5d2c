package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/rabbittest"
)

// oneNode is held by the script whose node runs: two of them at once starve each other on a small machine.
var oneNode sync.Mutex

// actOnRabbit works on a real broker, and the back office behind it:
//
//	rabbit start                   a node of its own, at $BROKER
//	rabbit kill, rabbit boot       as by a power cut, and back with its data
//	rabbit give KIND FILE [P7S]    the back office sends a document, with a detached signature
//	rabbit take QUEUE              the next message of the queue: its body is ./answer, its signature
//	                               ./answer.p7s, and stdout what is said about it
func actOnRabbit(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	if len(args) == 0 || args[0] != "start" && a.rabbit == nil {
		ts.Fatalf("usage: rabbit start | kill | boot | give KIND FILE [P7S] | take QUEUE")
	}
	switch {
	case args[0] == "start":
		oneNode.Lock()
		a.ending = append(a.ending, oneNode.Unlock)
		node, err := rabbittest.Start()
		if errors.Is(err, rabbittest.ErrNotInstalled) {
			ts.Fatalf("use [rabbitmq]")
		}
		ts.Check(err)
		a.rabbit = node
		a.ending = append(a.ending, node.Stop)
		ts.Setenv("BROKER", "amqp://"+node.Address()+"/")
	case args[0] == "kill":
		a.rabbit.Kill()
	case args[0] == "boot":
		ts.Check(a.rabbit.Boot())
	case args[0] == "give" && len(args) == 3:
		ts.Check(a.give(args[1], []byte(ts.ReadFile(args[2])), nil))
	case args[0] == "give" && len(args) == 4:
		ts.Check(a.give(args[1], []byte(ts.ReadFile(args[2])), []byte(ts.ReadFile(args[3]))))
	case args[0] == "take" && len(args) == 2:
		d, err := a.take(args[1])
		ts.Check(err)
		text, _ := d.Headers["signature-cms"].(string)
		var cms []byte
		if text != "" {
			cms, err = base64.StdEncoding.DecodeString(text)
			ts.Check(err)
			ts.Check(os.WriteFile(ts.MkAbs("answer.p7s"), cms, 0o600))
		}
		if rootOf(d.Body) == "ESID" {
			_, err := a.open(d.Body, cms)
			ts.Check(err)
		}
		ts.Check(os.WriteFile(ts.MkAbs("answer"), d.Body, 0o600))
		fmt.Fprintf(ts.Stdout(), "type: %s\nrouting-key: %s\nmessage-id: %s\n", d.Type, d.RoutingKey, d.MessageId)
		for _, name := range slices.Sorted(maps.Keys(d.Headers)) {
			fmt.Fprintf(ts.Stdout(), "%s: %v\n", name, d.Headers[name])
		}
	default:
		ts.Fatalf("usage: rabbit start | kill | boot | give KIND FILE [P7S] | take QUEUE")
	}
}

// give publishes as the back office does, and waits for the broker's confirm.
func (a *actor) give(kind string, body, cms []byte) error {
	var headers amqp.Table
	if cms != nil {
		headers = amqp.Table{"signature-cms": base64.StdEncoding.EncodeToString(cms)}
	}
	return a.channel(func(ctx context.Context, ch *amqp.Channel) error {
		if err := ch.Confirm(false); err != nil {
			return err
		}
		confirm, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", "asugate.in", true, false, amqp.Publishing{
			ContentType: "application/xml", DeliveryMode: amqp.Persistent, Type: kind, Body: body, Headers: headers,
		})
		if err != nil {
			return err
		}
		if ok, err := confirm.WaitContext(ctx); err != nil || !ok {
			return fmt.Errorf("the broker has not taken it: %w", err)
		}
		return nil
	})
}

// take waits for the next message of a queue.
func (a *actor) take(queue string) (d amqp.Delivery, err error) {
	err = a.channel(func(ctx context.Context, ch *amqp.Channel) error {
		for {
			var ok bool
			if d, ok, err = ch.Get(queue, true); ok || err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("nothing has come into %s", queue)
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	return d, err
}

func (a *actor) channel(use func(context.Context, *amqp.Channel) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := amqp.Dial(a.rabbit.URL())
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	return use(ctx, ch)
}
