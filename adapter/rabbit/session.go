package rabbit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/schema"
)

var (
	// ErrUnavailable: there is no connection, or the broker takes no messages at present.
	ErrUnavailable = errors.New("the broker is not available")
	// ErrUnroutable: the broker has no queue for the message, and has not kept it.
	ErrUnroutable = errors.New("the broker has no queue for the message")
	// ErrRefused: the broker could not keep the message (basic.nack).
	ErrRefused = errors.New("the broker refused the message")
	// ErrUnconfirmed: the connection was lost, or the time was up, before the broker confirmed. It
	// may have the message or not.
	ErrUnconfirmed = errors.New("the broker did not confirm the message")

	// errGone: the session had ended before anything of the message was sent. The next one may.
	errGone = errors.New("the channel is closed")
)

// session is a channel in confirm mode, from its opening until its connection is lost.
type session struct {
	channel *amqp.Channel
	frame   int           // greatest frame agreed upon
	slots   chan struct{} // one for each publication under way
	returns chan amqp.Return

	failed  chan struct{} // closed when the channel can be used no more; see fail
	failing sync.Once

	mu       sync.Mutex              // protects what follows; held across a write to the broker
	underway map[string]*publication // by message id
	returned map[string]amqp.Return  // what the broker returned of them
	resumed  time.Time               // when the broker last took messages again
}

// publication is one message under way to the broker.
type publication struct {
	id        string
	sent      time.Time
	confirm   *amqp.DeferredConfirmation
	settled   bool
	err       error // of settle
	abandoned bool  // nobody may be waiting for it
}

// newSession puts the channel into confirm mode.
func newSession(ch *amqp.Channel, window, frame int) (*session, error) {
	s := &session{
		channel: ch,
		frame:   frame,
		slots:   make(chan struct{}, window),
		// There is room for a return of each publication under way. The library drops a return that
		// nobody takes within 5 s; here it never has to wait.
		returns:  make(chan amqp.Return, window),
		failed:   make(chan struct{}),
		underway: make(map[string]*publication),
		returned: make(map[string]amqp.Return),
		resumed:  time.Now(),
	}
	ch.NotifyReturn(s.returns)
	if err := ch.Confirm(false); err != nil {
		return nil, fmt.Errorf("asking for confirms: %w", err)
	}
	return s, nil
}

// deliver publishes, and returns nil when the broker has confirmed and not returned the message. A
// message that is still under way from an earlier try is not sent again: its confirm is awaited. So
// a slow broker is not sent the same message over and over, and a message id names one publication.
func (s *session) deliver(ctx context.Context, exchange, key string, m amqp.Publishing) error {
	if err := sendable(m.Headers, s.frame); err != nil {
		return err
	}
	p, err := s.publish(ctx, exchange, key, m)
	if err != nil {
		return err
	}
	if _, err := p.confirm.WaitContext(ctx); err != nil {
		s.abandon(p)
		return fmt.Errorf("%w: %w", ErrUnconfirmed, err)
	}
	return s.settle(p)
}

func (s *session) publish(ctx context.Context, exchange, key string, m amqp.Publishing) (*publication, error) {
	if p := s.find(m.MessageId); p != nil {
		return p, nil
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.failed:
		return nil, errGone
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %d messages are under way: %w", ErrUnavailable, cap(s.slots), ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.underway[m.MessageId]; p != nil {
		<-s.slots
		return p, nil
	}
	confirm, err := s.channel.PublishWithDeferredConfirmWithContext(ctx, exchange, key, true, false, m)
	if err != nil {
		<-s.slots
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		// Part of the message may have been written: nothing more can be sent here.
		s.fail()
		if errors.Is(err, amqp.ErrClosed) {
			return nil, errGone
		}
		return nil, fmt.Errorf("%w: publishing: %w", ErrUnconfirmed, err)
	}
	p := &publication{id: m.MessageId, sent: time.Now(), confirm: confirm}
	s.underway[p.id] = p
	return p, nil
}

func (s *session) find(id string) *publication {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.underway[id]
}

// settle says what became of a publication whose confirm has come, or whose channel is closed.
//
// The broker sends a return before the confirm of the same message. The library's one reading
// goroutine puts it into returns before it looks at the confirm; so when the confirm is seen here,
// the return, if there was one, has been in returns, and is found there or in returned. Two Go
// channels read by a select would not keep that order.
func (s *session) settle(p *publication) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.settled {
		return p.err
	}
	s.collect()
	r, returned := s.returned[p.id]
	switch {
	case returned:
		p.err = fmt.Errorf("%w: %s to %s (%d %s)", ErrUnroutable, schema.Foreign(r.RoutingKey), schema.Foreign(r.Exchange), r.ReplyCode,
			schema.Foreign(r.ReplyText))
	case p.confirm.Acked():
	case s.channel.IsClosed():
		// The library closes the confirms of a lost channel as refused.
		p.err = fmt.Errorf("%w: %w", ErrUnconfirmed, errLost)
	default:
		p.err = ErrRefused
	}
	p.settled = true
	delete(s.underway, p.id)
	delete(s.returned, p.id)
	<-s.slots
	return p.err
}

// collect moves what has been returned from the channel to the map, under mu, so that no settle
// passes a return that another one is holding in its hand.
func (s *session) collect() {
	for {
		select {
		case r, ok := <-s.returns:
			if !ok {
				return
			}
			s.returned[r.MessageId] = r
		default:
			return
		}
	}
}

// abandon lets a publication go on without anybody waiting. Its slot is freed when the confirm comes,
// or with the channel at the latest.
func (s *session) abandon(p *publication) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.abandoned || p.settled {
		return
	}
	p.abandoned = true
	go func() {
		<-p.confirm.Done()
		s.settle(p)
	}()
}

// fail ends the session for a reason that the connection itself has not noticed.
func (s *session) fail() { s.failing.Do(func() { close(s.failed) }) }

func (s *session) ended() bool {
	select {
	case <-s.failed:
		return true
	default:
		return false
	}
}

// resume starts the time anew in which the broker has to confirm: while it takes no messages, it
// cannot.
func (s *session) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resumed = time.Now()
}

// silent says whether a publication has been waiting for its confirm longer than patience.
func (s *session) silent(patience time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.resumed) < patience {
		return false
	}
	for _, p := range s.underway {
		if time.Since(p.sent) >= patience {
			return true
		}
	}
	return false
}

// count is the number of messages under way.
func (s *session) count() int { return len(s.slots) }
