package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"asugate/adapter/kpedo"
	"asugate/adapter/rabbit"
	"asugate/adapter/spool"
	"asugate/conf"
	"asugate/gateway"
	"asugate/queue"
)

// office is the way to the railway's back office, in one of two transports.
type office struct {
	desk    *desk
	deliver queue.Deliver
	run     func(context.Context) error
	options queue.Options
	broker  *rabbit.Broker // nil for the spool
	spool   *spool.Spool   // nil for the broker
}

// The back office is one hop away and watched: when it is back, the lane shall not wait for minutes.
const (
	brokerRetry = 15 * time.Second
	spoolRetry  = 15 * time.Second
)

// spoolWindow is how many messages are written as files at once. More of them only contend for the
// folder's lock and take the processor from accepting: make bench shows it.
const spoolWindow = 2

// newOffice opens the configured transport; accept takes what the office sends.
func newOffice(d *desk, accept func(context.Context, gateway.Submission) (gateway.Receipt, error)) (*office, error) {
	o := &office{desk: d}
	c := d.config
	if c.Office.Transport == conf.TransportRabbit {
		b, err := rabbit.New(rabbitConfig(d), accept)
		if err != nil {
			return nil, err
		}
		o.broker, o.deliver, o.run = b, b.Deliver, b.Run
		o.options = queue.Options{
			Window: c.Broker.Window, Retry: brokerRetry, Timeout: 2 * c.Broker.ConfirmTimeout.Std(),
		}
		return o, nil
	}
	s, err := spool.Open(spool.Config{
		Dir:         c.Spool.Dir,
		Interval:    c.Spool.Interval.Std(),
		Railway:     c.Office.Railway,
		MaxDocument: int64(c.Limits.MaxDocument),
		Handling:    c.Limits.Handling.Std(),
		Unwrap:      unwrapping(d),
		Room:        d.store.Room,
		Now:         d.now,
		Log:         d.log,
	}, accept)
	if err != nil {
		return nil, err
	}
	o.spool, o.deliver, o.run = s, s.Deliver, s.Run
	o.options = queue.Options{Window: spoolWindow, Retry: spoolRetry}
	return o, nil
}

func rabbitConfig(d *desk) rabbit.Config {
	c, l := d.config.Broker, d.config.Limits
	return rabbit.Config{
		URL:            c.Dial,
		CA:             c.TLS.CA,
		Certificate:    c.TLS.Certificate,
		Key:            c.TLS.Key,
		ServerName:     c.TLS.ServerName,
		Railway:        d.config.Office.Railway,
		Exchange:       c.Exchange,
		Destinations:   gateway.OfficeLanes(),
		OfficeQueue:    c.OfficeQueue,
		InboundQueue:   c.InboundQueue,
		Topology:       rabbit.Topology(c.Topology),
		Window:         c.Window,
		MaxDocument:    int64(l.MaxDocument),
		Heartbeat:      c.Heartbeat.Std(),
		ConfirmTimeout: c.ConfirmTimeout.Std(),
		Handling:       l.Handling.Std(),
		Unwrap:         unwrapping(d),
		Now:            d.now,
		Jitter:         rand.Float64,
		Log:            d.log,
	}
}

// unwrapping takes documents out of the envelope of КП ЭДО, within the limits of documents.
func unwrapping(d *desk) func([]byte) (document, detached []byte, e gateway.Envelope, ok bool, err error) {
	return func(body []byte) (document, detached []byte, e gateway.Envelope, ok bool, err error) {
		return kpedo.Unwrap(body, d.limits())
	}
}

// start begins the transport and a lane for each destination. The transport ends after the lanes, so
// that what is under way can still be confirmed.
func (o *office) start(ctx context.Context, group *errgroup.Group) {
	transport, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { return ended(transport, o.run(transport)) })
	var lanes sync.WaitGroup
	for _, lane := range gateway.OfficeLanes() {
		lanes.Add(1)
		group.Go(func() error {
			defer lanes.Done()
			return ended(ctx, o.desk.queue.Run(ctx, lane, o.options, o.deliver))
		})
	}
	group.Go(func() error {
		lanes.Wait()
		stop()
		return nil
	})
}

// ended turns the error of a stop that was asked for into none.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// delivering passes the point of the crash table between a delivery and its deletion from the lane.
func delivering(deliver queue.Deliver) queue.Deliver {
	return func(ctx context.Context, m queue.Message, body, signature []byte) error {
		err := deliver(ctx, m, body, signature)
		if err == nil {
			reached("delivered")
		}
		return err
	}
}
