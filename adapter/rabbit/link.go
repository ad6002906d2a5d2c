package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/schema"
)

const (
	// firstPause and longestPause bound the wait between two dials.
	firstPause   = 500 * time.Millisecond
	longestPause = 10 * time.Second
	// steady is how long a connection must have been of use for the next loss to start from the
	// first pause again. A broker that takes us in and throws us out is no hot loop.
	steady = time.Minute
)

// errLost is the end of a connection for which the broker gave no reason.
var errLost = errors.New("the connection to the broker is lost")

// LinkState is how one connection is, for /readyz and /metrics.
type LinkState struct {
	Connected bool
	Since     time.Time // of Connected being as it is
	Blocked   string    // why the broker takes no publishings at present; empty: it does
	LastError string    // why the connection was lost or could not be made; empty once it is
}

// link keeps one connection to the broker: it dials, lets serve use it, and dials again whatever ends
// it, for as long as ctx lives.
type link struct {
	config Config
	name   string // publish | consume
	limit  int64  // greatest content read; 0: any

	// serve uses a connection until it is lost or ctx ends, and says why it stopped. It calls up
	// once the connection is ready for its purpose.
	serve func(ctx context.Context, conn *amqp.Connection, in *contents, up func()) error

	mu      sync.Mutex // protects what follows
	state   LinkState
	changed chan struct{} // closed, and replaced, when state changes
}

func newLink(c Config, name string) *link {
	return &link{config: c, name: name, changed: make(chan struct{}), state: LinkState{Since: c.Now()}}
}

// run returns when ctx ends, never before.
func (l *link) run(ctx context.Context) {
	pauses := backoff{first: firstPause, most: longestPause, jitter: l.config.Jitter}
	for {
		began := time.Now()
		err := l.once(ctx)
		if ctx.Err() != nil {
			l.down(nil)
			return
		}
		if time.Since(began) >= steady {
			pauses.reset()
		}
		wait := pauses.next()
		level := slog.LevelWarn
		if !l.down(err) {
			level = slog.LevelDebug // the same again
		}
		l.config.Log.Log(ctx, level, "broker: not connected", slog.String("link", l.name),
			slog.String("error", schema.Foreign(err.Error())), slog.Duration("again_in", wait))
		if !pause(ctx, wait) {
			return
		}
	}
}

// once is the life of one connection.
func (l *link) once(ctx context.Context) error {
	conn, t, err := l.config.dial(ctx, l.name, l.limit)
	if t != nil {
		defer t.Close()
	}
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	// Whoever waits for the broker's answer stops waiting when the transport is closed.
	setup := time.AfterFunc(l.config.DialTimeout, func() { t.Close() })
	defer setup.Stop()

	served, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	gone := make(chan struct{})
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	go func() {
		defer close(gone)
		why := errLost
		for e := range closed {
			why = e
		}
		cancel(why)
	}()
	blocked := conn.NotifyBlocked(make(chan amqp.Blocking, 8))
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for b := range blocked {
			l.block(b)
		}
	}()

	err = l.serve(served, conn, t.in, func() {
		setup.Stop()
		l.up()
	})
	quit(conn, t)
	// The next connection begins when nothing of this one is left.
	<-gone
	<-watched
	return err
}

func (l *link) change(change func(*LinkState)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.state)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *link) up() {
	l.change(func(s *LinkState) { *s = LinkState{Connected: true, Since: l.config.Now()} })
	l.config.Log.Info("broker: connected", slog.String("link", l.name))
}

// down reports whether that is news.
func (l *link) down(why error) (news bool) {
	l.change(func(s *LinkState) {
		if s.Connected {
			*s = LinkState{Since: l.config.Now()}
		}
		if why != nil {
			text := schema.Foreign(why.Error())
			news = s.LastError != text
			s.LastError = text
		}
	})
	return news
}

func (l *link) block(b amqp.Blocking) {
	reason := ""
	if b.Active {
		reason = "the broker takes no messages: " + schema.Foreign(b.Reason)
	}
	l.change(func(s *LinkState) { s.Blocked = reason })
	l.config.Log.Warn("broker: flow", slog.String("link", l.name),
		slog.Bool("blocked", b.Active), slog.String("reason", schema.Foreign(b.Reason)))
}

// now is the state, and a channel that is closed when it changes.
func (l *link) now() (LinkState, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.changed
}

// cause is why served ended: what the broker said, or that nothing was said.
func cause(served context.Context) error {
	if err := context.Cause(served); err != nil {
		return err
	}
	return errLost
}
