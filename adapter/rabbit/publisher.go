package rabbit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// publisher is the connection that sends, and the session upon it.
type publisher struct {
	config Config
	link   *link

	delivered, unroutable, refused atomic.Uint64

	mu      sync.Mutex // protects session
	session *session   // nil while there is no connection
}

func newPublisher(c Config) *publisher {
	p := &publisher{config: c, link: newLink(c, "publish")}
	p.link.serve = p.serve
	return p
}

// serve makes a session and keeps it until it is of no more use.
func (p *publisher) serve(ctx context.Context, conn *amqp.Connection, _ *contents, up func()) error {
	if err := p.config.outgoing(conn); err != nil {
		return err
	}
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("opening a channel: %w", err)
	}
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	s, err := newSession(ch, p.config.Window, conn.Config.FrameSize)
	if err != nil {
		return err
	}
	p.enter(s)
	defer p.leave(s)
	up()
	return p.watch(ctx, s, closed)
}

// watch returns when the session has ended, or the broker confirms nothing any more.
func (p *publisher) watch(ctx context.Context, s *session, closed <-chan *amqp.Error) error {
	look := time.NewTicker(p.config.ConfirmTimeout / 4)
	defer look.Stop()
	for {
		state, changed := p.link.now()
		if state.Blocked != "" {
			s.resume()
		}
		select {
		case <-ctx.Done():
			return cause(ctx)
		case refusal := <-closed:
			if refusal == nil {
				return errLost
			}
			return refusal
		case <-s.failed:
			return errLost
		case <-changed:
		case <-look.C:
			if s.silent(p.config.ConfirmTimeout) {
				return fmt.Errorf("%w for %s", ErrUnconfirmed, p.config.ConfirmTimeout)
			}
		}
	}
}

func (p *publisher) enter(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.session = s
}

func (p *publisher) leave(s *session) {
	s.fail()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.session = nil
}

func (p *publisher) current() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.session
}

// deliver waits until the broker takes messages, sends, and waits for the confirm. It gives up when
// ctx ends, saying what it was waiting for.
func (p *publisher) deliver(ctx context.Context, exchange, key string, m amqp.Publishing) error {
	for {
		s, err := p.available(ctx)
		if err != nil {
			return err
		}
		if err = s.deliver(ctx, exchange, key, m); errors.Is(err, errGone) {
			continue
		}
		p.count(err)
		return err
	}
}

// available is the session of a broker that takes messages. The wait for one needs no pause: it ends
// when the state of the connection changes.
func (p *publisher) available(ctx context.Context) (*session, error) {
	for {
		state, changed := p.link.now()
		why := state.Blocked
		if why == "" && state.Connected {
			if s := p.current(); s != nil && !s.ended() {
				return s, nil
			}
		}
		if why == "" {
			why = state.LastError
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if why == "" {
				why = "not yet connected"
			}
			return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, why, ctx.Err())
		}
	}
}

func (p *publisher) count(err error) {
	switch {
	case err == nil:
		p.delivered.Add(1)
	case errors.Is(err, ErrUnroutable):
		p.unroutable.Add(1)
	case errors.Is(err, ErrRefused):
		p.refused.Add(1)
	}
}
