package rest

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// connections keeps the number of connections below a limit. When there is one too many, the one
// that has waited longest without a request makes room: somebody who opens thousands and says
// nothing pushes out his own, not those that work.
type connections struct {
	most    int
	refused func()

	mu      sync.Mutex             // protects what follows
	open    int                    // accepted and not yet closed
	waiting map[net.Conn]time.Time // without a request, since when
}

// admit counts a new connection; false: there is no room, and none can be made.
func (c *connections) admit(n net.Conn) bool {
	c.mu.Lock()
	var oldest net.Conn
	if c.open >= c.most {
		if oldest = c.oldest(); oldest == nil {
			c.mu.Unlock()
			return false
		}
	}
	c.open++
	c.waiting[n] = time.Now()
	c.mu.Unlock()
	if oldest != nil {
		c.pushOut(oldest)
	}
	return true
}

// oldest takes the connection that has waited longest out of those that wait; nil: none waits. Called
// under mu.
func (c *connections) oldest() net.Conn {
	var oldest net.Conn
	for w, since := range c.waiting {
		if oldest == nil || since.Before(c.waiting[oldest]) {
			oldest = w
		}
	}
	delete(c.waiting, oldest)
	return oldest
}

// pushOut closes a connection. Its goroutine notices and ends; closing twice is harmless. open falls when
// it has ended.
func (c *connections) pushOut(n net.Conn) {
	c.refused()
	_ = n.Close()
}

// makeRoom closes a connection that waits, when the machine has no more of what connections are made of.
func (c *connections) makeRoom() {
	c.mu.Lock()
	oldest := c.oldest()
	c.mu.Unlock()
	if oldest != nil {
		c.pushOut(oldest)
	}
}

// gone is called once for each connection admitted.
func (c *connections) gone(n net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	delete(c.waiting, n)
}

// state is http.Server.ConnState.
func (c *connections) state(n net.Conn, s http.ConnState) {
	if t, ok := n.(*tls.Conn); ok {
		n = t.NetConn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch s {
	case http.StateActive:
		// net/http says so once it has the whole head: one that trickles in still counts as waiting.
		delete(c.waiting, n)
	case http.StateIdle:
		c.waiting[n] = time.Now()
	}
}

// listener admits the connections that it accepts.
type listener struct {
	net.Listener
	connections *connections
}

// Accept never waits for room: a queue in the kernel would hide from clients that they should try
// again.
func (l *listener) Accept() (net.Conn, error) {
	for {
		n, err := l.Listener.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			// The limit of the process or of the machine is below ours. net/http tries again, after waits
			// that double up to a second. The oldest go until there is a descriptor for the next one, also
			// when nobody stands before the door: the kernel wants it before it looks.
			l.connections.makeRoom()
		}
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: n, connections: l.connections}
		if l.connections.admit(c) {
			return c, nil
		}
		l.connections.refused()
		_ = n.Close() // It was never ours.
	}
}

// conn tells when it is closed.
type conn struct {
	net.Conn
	connections *connections
	once        sync.Once
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.connections.gone(c) })
	return err
}
