package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"asugate/gateway"
)

// Topology says who makes exchange, queues and bindings.
type Topology string

const (
	Declare Topology = "declare" // we do
	Check   Topology = "check"   // the broker's administrator does; we look whether they are there
	None    Topology = "none"    // the broker's administrator does, and may not let us look
)

// Config is what the operator says about the broker. Zero values of the lower half mean the default.
type Config struct {
	// URL is asked before each connection, so that a password can be changed while we run. It is
	// amqp:// or amqps://, with user and password.
	URL func() (string, error)

	// PEM files, read before each connection. An empty CA means those of the system. With a
	// certificate and auth_mechanism=external in the URL the broker knows us by it.
	CA, Certificate, Key string
	ServerName           string // that the broker's certificate must have; empty: the host of URL

	Railway string // the code as which the back office speaks

	Exchange     string   // asugate.out
	Destinations []string // lanes that are delivered here, each with a queue of its own; nil: office
	OfficeQueue  string   // asugate.office, bound to the exchange with office.#
	InboundQueue string   // asugate.in; the dead queue has the same name with .dead behind
	Topology     Topology

	Window         int           // messages under way at once
	Prefetch       int           // inbound messages in memory, each at most MaxDocument
	MaxDocument    int64         // bytes
	Heartbeat      time.Duration // a dead connection is noticed after one and a half of these
	ConfirmTimeout time.Duration // without a confirm before the connection is made anew
	DialTimeout    time.Duration // from the first packet to a connection in use
	Handling       time.Duration // of one inbound message by the gateway

	// Unwrap takes a document and its signature out of the envelope of another system, before anything else
	// is looked at; ok is false for a body that is no such envelope. nil: there are none.
	Unwrap func(body []byte) (document, detached []byte, e gateway.Envelope, ok bool, err error)

	Now    func() time.Time
	Jitter func() float64 // in [0, 1)
	Log    *slog.Logger

	// connect opens the transport below TLS and AMQP; tests have a broker of their own behind it.
	connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults is c with every field set.
func (c Config) withDefaults() Config {
	orString := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	orString(&c.Exchange, "asugate.out")
	if c.Destinations == nil {
		c.Destinations = []string{officeLane}
	}
	orString(&c.OfficeQueue, "asugate.office")
	orString(&c.InboundQueue, "asugate.in")
	orString((*string)(&c.Topology), string(Declare))
	orInt := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	orInt(&c.Window, 256)
	// One is handled at a time; the others only hide the way from the broker.
	orInt(&c.Prefetch, 8)
	if c.MaxDocument == 0 {
		c.MaxDocument = 5 << 20
	}
	orDuration := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	orDuration(&c.Heartbeat, 10*time.Second)
	orDuration(&c.ConfirmTimeout, 30*time.Second)
	orDuration(&c.DialTimeout, 15*time.Second)
	orDuration(&c.Handling, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.connect == nil {
		c.connect = new(net.Dialer).DialContext
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate says what New would trip over later. The operator's wording of it is conf's.
func (c Config) validate() error {
	switch {
	case c.URL == nil:
		return errors.New("no URL of the broker")
	case c.Railway == "":
		return errors.New("no code of the railway")
	case (c.Certificate == "") != (c.Key == ""):
		return errors.New("certificate and key belong together")
	case c.Window < 0 || c.Prefetch < 0 || c.Prefetch > 65535 || c.MaxDocument < 0:
		return errors.New("window, prefetch or greatest document out of range")
	}
	switch c.Topology {
	case Declare, Check, None:
	default:
		return fmt.Errorf("topology %q is none of declare, check, none", c.Topology)
	}
	owners := map[string]string{c.InboundQueue: "what comes in", c.deadQueue(): "what cannot be taken"}
	for _, destination := range c.Destinations {
		if !word.MatchString(destination) {
			return fmt.Errorf("destination %q is no word of a routing key", destination)
		}
		name := c.queueOf(destination)
		if other, taken := owners[name]; taken {
			return fmt.Errorf("queue %s would be for %s and for %s", name, other, destination)
		}
		owners[name] = destination
	}
	return nil
}

// officeLane is the destination whose queue the operator names.
const officeLane = "office"

// queueOf is the queue that a destination reads.
func (c Config) queueOf(destination string) string {
	if destination == officeLane {
		return c.OfficeQueue
	}
	return "asugate." + strings.ToLower(destination)
}

func (c Config) deadQueue() string { return c.InboundQueue + ".dead" }
