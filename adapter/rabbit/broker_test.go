package rabbit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeBroker speaks as much of AMQP 0-9-1 as the adapter uses, over pipes, so that tests run in virtual
// time, and does what a test says at each point where a broker may fail. Its zero behaviour is good.
type fakeBroker struct {
	// Set before Run, called by the goroutine that reads a connection.
	tls       *tls.Config                                // nil: none
	onDial    func(count int) error                      // no connection for an error
	onStartOK func(c *fakeConn) bool                     // false: the handshake ends without a word
	onOpen    func(c *fakeConn) *refusal                 // of the virtual host
	onDeclare func(kind, name string) *refusal           // exchange, queue, and both passively
	onPublish func(c *fakeConn, p published)             // default: ack
	onConsume func(c *fakeConn, channel uint16)          // deliveries may begin
	onSettle  func(c *fakeConn, verb string, tag uint64) // ack, reject or requeue of a delivery

	mu     sync.Mutex // protects what follows
	dials  int
	conns  []*fakeConn
	record []published
	verbs  []string // what became of deliveries, in order: «ack 1»

	prefetch uint16 // of the latest consumer
}

// refusal is a close with a reply code.
type refusal struct {
	code uint16
	text string
}

// published is a message that arrived at the fake broker.
type published struct {
	channel       uint16
	tag           uint64 // 1, 2, … on its channel
	exchange, key string
	mandatory     bool
	properties    map[string]string
	headers       map[string]any
	rawProperties []byte // as they came, to be sent back
	body          string
}

func (p published) id() string { return p.properties["message-id"] }

// fakeConn is the broker's end of one connection.
type fakeConn struct {
	broker *fakeBroker
	pipe   net.Conn
	name   string // publish | consume
	tags   map[uint16]uint64

	consumer string // tag of the consumer

	out    chan []byte
	closed chan struct{}
	once   sync.Once
	mute   atomic.Bool // what is sent gets lost
	deaf   atomic.Bool // nothing more is read, so that the peer's writes wait
}

// connect is Config.connect.
func (b *fakeBroker) connect(ctx context.Context, _, _ string) (net.Conn, error) {
	b.mu.Lock()
	b.dials++
	count := b.dials
	b.mu.Unlock()
	if b.onDial != nil {
		if err := b.onDial(count); err != nil {
			return nil, err
		}
	}
	ours, theirs := net.Pipe()
	if b.tls != nil {
		// TLS writes alerts to a peer that may be writing: it needs what a pipe has not, a buffer.
		var err error
		if ours, theirs, err = loopback(); err != nil {
			return nil, err
		}
		ours = tls.Server(ours, b.tls)
	}
	c := &fakeConn{broker: b, pipe: ours, tags: map[uint16]uint64{}, out: make(chan []byte, 4096), closed: make(chan struct{})}
	b.mu.Lock()
	b.conns = append(b.conns, c)
	b.mu.Unlock()
	go c.write()
	go c.read()
	return theirs, nil
}

// loopback is both ends of a connection of TCP.
func loopback() (ours, theirs net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if theirs, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	ours, err = l.Accept()
	return ours, theirs, err
}

func (b *fakeBroker) published() []published {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]published(nil), b.record...)
}

func (b *fakeBroker) settled() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.verbs...)
}

func (b *fakeBroker) prefetched() uint16 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.prefetch
}

func (b *fakeBroker) dialled() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dials
}

// link is the latest connection of that name.
func (b *fakeBroker) link(t *testing.T, name string) *fakeConn {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.conns) - 1; i >= 0; i-- {
		if b.conns[i].name == name {
			return b.conns[i]
		}
	}
	t.Fatalf("no connection %s", name)
	return nil
}

// drop cuts the connection without a word.
func (c *fakeConn) drop() {
	c.once.Do(func() {
		close(c.closed)
		c.pipe.Close()
	})
}

func (c *fakeConn) write() {
	beat := time.NewTicker(5 * time.Second)
	defer beat.Stop()
	for {
		b := heartbeat
		select {
		case b = <-c.out:
		case <-beat.C:
		case <-c.closed:
			return
		}
		if c.mute.Load() {
			continue
		}
		if _, err := c.pipe.Write(b); err != nil {
			c.drop()
			return
		}
	}
}

// flush waits until all that was sent has been read. It is not called by the goroutine that writes.
func (c *fakeConn) flush() {
	for len(c.out) > 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Millisecond)
}

func (c *fakeConn) send(octets []byte) {
	select {
	case c.out <- octets:
	case <-c.closed:
	}
}

// method sends a method frame. Arguments: string is a short string, table a table, the rest by width.
func (c *fakeConn) method(channel uint16, class, method uint16, arguments ...any) {
	c.send(methodFrame(channel, class, method, arguments...))
}

func (c *fakeConn) ack(p published, multiple bool) { c.method(p.channel, 60, 80, p.tag, multiple) }
func (c *fakeConn) nack(p published)               { c.method(p.channel, 60, 120, p.tag, false) }

// giveBack is a basic.return.
func (c *fakeConn) giveBack(p published) {
	c.method(p.channel, 60, 50, uint16(312), "NO_ROUTE", p.exchange, p.key)
	c.content(p.channel, p.rawProperties, p.body)
}

// deliver is a basic.deliver.
func (c *fakeConn) deliver(channel uint16, tag uint64, redelivered bool, p published) {
	c.method(channel, 60, 60, c.consumer, tag, redelivered, "", "asugate.in")
	c.content(channel, encodeProperties(p), p.body)
}

func (c *fakeConn) content(channel uint16, properties []byte, body string) {
	var header bytes.Buffer
	put(&header, uint16(60), uint16(0), uint64(len(body)))
	header.Write(properties)
	c.send(rawFrame(frameHeader, channel, header.Bytes()))
	for len(body) > 0 {
		n := min(len(body), 4096)
		c.send(rawFrame(frameBody, channel, []byte(body[:n])))
		body = body[n:]
	}
}

func (c *fakeConn) closeChannel(channel uint16, r refusal) {
	c.method(channel, 20, 40, r.code, r.text, uint16(0), uint16(0))
}

func (c *fakeConn) closeConnection(r refusal) {
	c.method(0, 10, 50, r.code, r.text, uint16(0), uint16(0))
}

// read serves the connection until it ends.
func (c *fakeConn) read() {
	defer c.drop()
	in := bufio.NewReader(c.pipe)
	if _, err := io.CopyN(io.Discard, in, 8); err != nil { // AMQP0091
		return
	}
	c.method(0, 10, 10, uint8(0), uint8(9), table{}, longString("PLAIN EXTERNAL"), longString("en_US"))
	var message *published
	var missing uint64
	for {
		if c.deaf.Load() {
			<-c.closed
			return
		}
		kind, channel, payload, err := readFrame(in)
		if err != nil {
			return
		}
		switch kind {
		case frameMethod:
			p, ok := c.serve(channel, payload)
			if !ok {
				return
			}
			message = p
		case frameHeader:
			r := &octets{b: payload}
			r.next(4)
			missing = r.uint64()
			message.rawProperties = r.b
			message.properties, message.headers = decodeProperties(r)
		case frameBody:
			message.body += string(payload)
			missing -= uint64(len(payload))
		}
		if message != nil && message.properties != nil && missing == 0 {
			c.arrived(channel, *message)
			message = nil
		}
	}
}

func (c *fakeConn) arrived(channel uint16, p published) {
	c.tags[channel]++
	p.channel, p.tag = channel, c.tags[channel]
	c.broker.mu.Lock()
	c.broker.record = append(c.broker.record, p)
	c.broker.mu.Unlock()
	if c.broker.onPublish != nil {
		c.broker.onPublish(c, p)
		return
	}
	c.ack(p, false)
}

// serve answers one method. It returns the message that a basic.publish begins.
func (c *fakeConn) serve(channel uint16, payload []byte) (p *published, ok bool) {
	r := &octets{b: payload}
	b := c.broker
	switch class, method := r.uint16(), r.uint16(); [2]uint16{class, method} {
	case [2]uint16{10, 11}: // start-ok
		b.mu.Lock()
		c.name = strings.TrimPrefix(fmt.Sprint(r.table()["connection_name"]), "gatewayd ")
		b.mu.Unlock()
		if b.onStartOK != nil && !b.onStartOK(c) {
			return nil, false
		}
		c.method(0, 10, 30, uint16(2047), uint32(131072), uint16(60))
	case [2]uint16{10, 31}: // tune-ok
	case [2]uint16{10, 40}: // open
		if b.onOpen != nil {
			if refused := b.onOpen(c); refused != nil {
				c.closeConnection(*refused)
				return nil, true
			}
		}
		c.method(0, 10, 41, "")
	case [2]uint16{10, 50}: // close
		c.method(0, 10, 51)
	case [2]uint16{20, 10}: // channel.open
		c.tags[channel] = 0
		c.method(channel, 20, 11, longString(""))
	case [2]uint16{20, 40}: // channel.close
		c.method(channel, 20, 41)
	case [2]uint16{40, 10}, [2]uint16{50, 10}: // exchange.declare, queue.declare
		r.uint16()
		kind, name := map[uint16]string{40: "exchange", 50: "queue"}[class], r.short()
		if b.onDeclare != nil {
			if refused := b.onDeclare(kind, name); refused != nil {
				c.closeChannel(channel, *refused)
				return nil, true
			}
		}
		if class == 40 {
			c.method(channel, 40, 11)
		} else {
			c.method(channel, 50, 11, name, uint32(0), uint32(0))
		}
	case [2]uint16{50, 20}: // queue.bind
		c.method(channel, 50, 21)
	case [2]uint16{60, 10}: // qos
		r.uint32()
		b.mu.Lock()
		b.prefetch = r.uint16()
		b.mu.Unlock()
		c.method(channel, 60, 11)
	case [2]uint16{60, 20}: // consume
		r.uint16()
		r.short()
		c.consumer = r.short()
		c.method(channel, 60, 21, c.consumer)
		if b.onConsume != nil {
			b.onConsume(c, channel)
		}
	case [2]uint16{60, 40}: // publish
		r.uint16()
		return &published{exchange: r.short(), key: r.short(), mandatory: r.uint8()&1 == 1}, true
	case [2]uint16{60, 80}: // ack
		c.settle("ack", r.uint64())
	case [2]uint16{60, 90}: // reject
		tag := r.uint64()
		c.settle(map[uint8]string{0: "reject", 1: "requeue"}[r.uint8()], tag)
	case [2]uint16{85, 10}: // confirm.select
		c.method(channel, 85, 11)
	}
	return nil, true
}

func (c *fakeConn) settle(verb string, tag uint64) {
	c.broker.mu.Lock()
	c.broker.verbs = append(c.broker.verbs, fmt.Sprintf("%s %d", verb, tag))
	c.broker.mu.Unlock()
	if c.broker.onSettle != nil {
		c.broker.onSettle(c, verb, tag)
	}
}

// fakeConfig is a configuration whose broker is b.
func fakeConfig(b *fakeBroker) Config {
	return Config{
		URL:     func() (string, error) { return "amqp://guest:secret@broker/", nil },
		Railway: "RZD",
		Jitter:  func() float64 { return 0.5 },
		connect: b.connect,
	}
}

var errNoRoute = errors.New("no route to host")

// hourglass is a context that ends after d.
func hourglass(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func readFrame(in io.Reader) (kind uint8, channel uint16, payload []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, 0, nil, err
	}
	payload = make([]byte, binary.BigEndian.Uint32(head[3:])+1)
	if _, err := io.ReadFull(in, payload); err != nil {
		return 0, 0, nil, err
	}
	return head[0], binary.BigEndian.Uint16(head[1:]), payload[:len(payload)-1], nil
}
