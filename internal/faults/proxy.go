package faults

import (
	"bytes"
	"net"
	"sync"
)

// proxy stands between the daemon and the broker, and is the network that fails.
type proxy struct {
	listener net.Listener
	target   string
	done     sync.WaitGroup

	mu    sync.Mutex // protects below
	conns map[net.Conn]struct{}
	dials int            // connections so far
	said  map[method]int // how often the broker has said so; whether it was swallowed does not matter
	deaf  bool           // what the broker says is swallowed: publishings arrive, their confirms do not
	hole  bool           // everything is swallowed, and no connection ends: it is half open
}

// method is one of AMQP by its two numbers, as they stand in its frame (AMQP 0-9-1, 2.3.5.1).
type method [4]byte

// Methods that are counted.
var (
	confirms = method{0, 60, 0, 80} // basic.ack
	blocks   = method{0, 10, 0, 60} // connection.blocked, of RabbitMQ
)

func newProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, target: target, conns: make(map[net.Conn]struct{}), said: make(map[method]int)}
	p.done.Go(p.run)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) run() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.mu.Lock()
		p.dials++
		p.mu.Unlock()
		to, err := net.Dial("tcp", p.target)
		if err != nil {
			from.Close()
			continue
		}
		p.hold(from, to)
		p.done.Go(func() { p.pump(from, to, false) })
		p.done.Go(func() { p.pump(to, from, true) })
	}
}

func (p *proxy) hold(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
}

// pump carries bytes one way until either side has ended.
func (p *proxy) pump(from, to net.Conn, back bool) {
	defer func() {
		p.mu.Lock()
		delete(p.conns, from)
		p.mu.Unlock()
		from.Close()
		to.Close()
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		swallow := p.hole || p.deaf && back
		for _, m := range []method{confirms, blocks} {
			if back && bytes.Contains(buffer[:n], m[:]) {
				p.said[m]++
			}
		}
		p.mu.Unlock()
		if !swallow {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// set changes what the network does from now on.
func (p *proxy) set(deaf, hole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf, p.hole = deaf, hole
}

// heard is how often the broker has said something. What stands across two reads is not counted.
func (p *proxy) heard(m method) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[m]
}

// dialled is how many connections there have been.
func (p *proxy) dialled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dials
}

// carried is how many connections there are.
func (p *proxy) carried() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.conns) / 2 // each has two ends
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) close() {
	p.listener.Close()
	p.cut()
	p.done.Wait()
}
