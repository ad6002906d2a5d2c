package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/internal/rabbittest"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/store"
	"asugate/store/bolt"
)

// window is how many messages are under way to the broker at once, as shipped; the plain publisher has the same.
const window = 64

// runQueue prints how many messages a second leave a full lane for RabbitMQ, beside a publisher with nothing
// behind it: the same bytes, persistent and mandatory, as many unconfirmed at once.
func runQueue(ctx context.Context, p plan) (err error) {
	fmt.Printf("\n| to RabbitMQ, %d unconfirmed | messages/s |\n|---|---|\n", window)
	node, err := rabbittest.Start()
	if errors.Is(err, rabbittest.ErrNotInstalled) {
		fmt.Println("| absent: RabbitMQ is not installed | |")
		return nil
	}
	if err != nil {
		return err
	}
	defer node.Stop()
	s, err := scene.New(time.Now())
	if err != nil {
		return err
	}
	body := s.Signatory.MustSign(s.Waybill(scene.Waybill{}))
	plain, err := publish(ctx, node.URL(), body, p.messages)
	if err != nil {
		return err
	}
	fmt.Printf("| a plain publisher | %.0f |\n", plain)
	dir, err := os.MkdirTemp(p.dir, "queue-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config := common + fmt.Sprintf("office: {transport: rabbit, railway: RZD}\nbroker: {url: \"amqp://%s/\", window: %d}\n", node.Address(), window)
	d, err := newDaemon(ctx, s, p.gatewayd, dir, config, nil)
	if err != nil {
		return err
	}
	if err := fillLane(d.storePath(), p.messages, store.Pack(body)); err != nil {
		return err
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	ours, err := d.drain(ctx, p.messages)
	if err != nil {
		return err
	}
	fmt.Printf("| the daemon, from its store, each confirmation synced | %.0f (%.0f %%) |\n", ours, 100*ours/plain)
	return nil
}

// publish sends messages as fast as confirms come back.
func publish(ctx context.Context, url string, body []byte, count int) (float64, error) {
	connection, err := amqp.Dial(url)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return 0, err
	}
	q, err := channel.QueueDeclare("plain", true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	if err != nil {
		return 0, err
	}
	if err := channel.Confirm(false); err != nil {
		return 0, err
	}
	underWay := make(chan *amqp.DeferredConfirmation, window)
	confirmed := make(chan error, 1)
	go func() {
		for c := range underWay {
			if ok, err := c.WaitContext(ctx); err != nil || !ok {
				confirmed <- fmt.Errorf("a message was not confirmed: %w", err)
				return
			}
		}
		confirmed <- nil
	}()
	start := time.Now()
	for range count {
		c, err := channel.PublishWithDeferredConfirm("", q.Name, true, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
		if err != nil {
			return 0, err
		}
		select {
		case underWay <- c:
		case err := <-confirmed:
			return 0, err
		}
	}
	close(underWay)
	if err := <-confirmed; err != nil {
		return 0, err
	}
	return float64(count) / time.Since(start).Seconds(), nil
}

// fillLane puts messages into the lane of the back office by the queue's own moves, each about a document of its
// own and with a body of its own.
func fillLane(path string, count int, body []byte) (err error) {
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	q := queue.New(s, time.Now)
	var ids *queue.IDs
	if err := s.View(func(tx store.Reader) error {
		ids = queue.NewIDs(tx, time.Now)
		return nil
	}); err != nil {
		return err
	}
	for done := 0; done < count; {
		if err := s.Update(func(tx store.Tx) error {
			for range min(5000, count-done) {
				id := ids.Next()
				tx.Put(store.Blobs, []byte(first+"/"+id), body)
				if err := q.Add(tx, queue.Message{
					ID: id, Lane: "office", Kind: "Waybill", DocumentID: scene.NewID(), Version: 1, Participant: first,
					Organisation: scene.ShipperINN, Created: time.Now(), Body: first + "/" + id,
				}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		done += min(5000, count-done)
	}
	return nil
}

// drain is how many messages a second leave the lane of the back office, from the first that does to the last
// tenth, in which the window may not be full.
func (d *daemon) drain(ctx context.Context, count int) (float64, error) {
	left, begun := count, time.Time{}
	for deadline := time.Now().Add(10 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		now, err := d.depth(ctx)
		switch {
		case err != nil:
			return 0, err
		case begun.IsZero() && now < count:
			left, begun = now, time.Now()
		case !begun.IsZero() && now < count/10:
			return float64(left-now) / time.Since(begun).Seconds(), nil
		}
	}
	return 0, errors.New("the lane of the back office did not drain within ten minutes")
}

// depth is how many messages are in the lane of the back office, by the daemon's metrics.
func (d *daemon) depth(ctx context.Context) (int, error) {
	text, err := d.operator(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, `gatewayd_lane_depth{lane="office"} `); ok {
			depth, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			return int(depth), err
		}
	}
	return 0, nil // an empty lane is not told of
}
