package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Process is a program that is kept running. It is started at the first request and started again
// whenever it ends; while it is down, requests fail at once. It is safe for concurrent use.
type Process struct {
	command []string
	log     *slog.Logger
	limits  limits

	stop  context.CancelFunc
	ctx   context.Context // of the supervision; ended by stop
	first chan struct{}   // closed when the first start has succeeded or failed
	ended chan struct{}   // closed when the supervision has ended

	mu      sync.Mutex // guards what follows
	started bool
	child   *child // that answers, nil when none does
	hello   answer // of child
	down    error  // why none does
}

// limits are how long things may take.
type limits struct {
	answer time.Duration // an answer
	start  time.Duration // the first answer: a token may take its time to log in
	pause  time.Duration // before the second start in a row; each further one waits twice as long
	most   time.Duration // the longest of these pauses; who has lived so long has started well
	grace  time.Duration // to end by itself
}

var usual = limits{
	answer: 10 * time.Second, start: 30 * time.Second,
	pause: 250 * time.Millisecond, most: 30 * time.Second, grace: 2 * time.Second,
}

// New is the program of a command: an absolute path and arguments. Nothing is started yet.
func New(command []string, log *slog.Logger) *Process {
	p := &Process{
		command: slices.Clone(command), log: log, limits: usual,
		first: make(chan struct{}), ended: make(chan struct{}),
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// Command is the command of the program.
func (p *Process) Command() []string { return slices.Clone(p.command) }

// Start starts the program when nobody has yet, and says whether it answers.
func (p *Process) Start(ctx context.Context) error {
	_, _, err := p.running(ctx)
	return err
}

// Check says why the program answers nobody now: nil when it answers, or when nobody has started it.
func (p *Process) Check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil && p.started {
		return p.down
	}
	return nil
}

// Close stops the program, and waits until it has ended.
func (p *Process) Close() {
	p.mu.Lock()
	started := p.started
	p.started = true
	p.mu.Unlock()
	p.stop()
	if !started {
		p.set(nil, answer{}, ErrClosed)
		close(p.first)
		close(p.ended)
	}
	<-p.ended
}

// running is the child that answers. Only for the very first start it waits.
func (p *Process) running(ctx context.Context) (*child, answer, error) {
	p.mu.Lock()
	if !p.started {
		p.started = true
		p.down = ErrDown
		go p.supervise()
	}
	p.mu.Unlock()
	select {
	case <-p.first:
	case <-ctx.Done():
		return nil, answer{}, fmt.Errorf("starting %s: %w", p.command[0], ctx.Err())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil {
		return nil, answer{}, p.down
	}
	return p.child, p.hello, nil
}

func (p *Process) set(c *child, hello answer, down error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.child, p.hello, p.down = c, hello, down
}

// supervise starts the program, and again whenever it ends, until Close.
func (p *Process) supervise() {
	defer close(p.ended)
	began := false
	for pause := time.Duration(0); ; {
		at := time.Now()
		c, hello, err := p.launch()
		p.set(c, hello, err)
		if !began {
			began = true
			close(p.first)
		}
		if err == nil {
			p.log.Info("a signing program runs", "program", p.command[0], "says", shown(hello.Program))
			err = p.attend(c)
		}
		if p.ctx.Err() != nil {
			p.set(nil, answer{}, ErrClosed)
			return
		}
		if time.Since(at) >= p.limits.most {
			pause = 0
		}
		p.log.Warn("a signing program is down", "program", p.command[0], "error", err, "again_in", pause)
		select {
		case <-time.After(pause):
		case <-p.ctx.Done():
			p.set(nil, answer{}, ErrClosed)
			return
		}
		pause = min(max(2*pause, p.limits.pause), p.limits.most)
	}
}

// attend waits for the end of a child, and sees that nothing is left of it.
func (p *Process) attend(c *child) error {
	grace := time.Duration(0) // who was given up has had its chance
	select {
	case <-c.gone:
		p.set(nil, answer{}, fmt.Errorf("%w: %w", ErrDown, c.why()))
		if errors.Is(c.why(), ErrDown) {
			grace = p.limits.grace // it is ending already
		}
	case <-p.ctx.Done():
		p.set(nil, answer{}, ErrClosed)
		c.settle(p.limits.answer)
		grace = p.limits.grace
	}
	err := c.end(grace)
	p.set(nil, answer{}, err)
	return err
}

// launch starts a child and greets it.
func (p *Process) launch() (*child, answer, error) {
	c, err := spawn(p.command, p.log)
	if err != nil {
		return nil, answer{}, fmt.Errorf("%w: %w", ErrDown, err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.limits.start)
	defer cancel()
	hello, err := c.ask(ctx, request{Op: opHello, Protocol: protocol})
	if err == nil && hello.Protocol != protocol {
		err = fmt.Errorf("%w: it speaks version %d, we speak %d", ErrProtocol, hello.Protocol, protocol)
	}
	if err == nil {
		return c, hello, nil
	}
	c.fail(err)
	grace := time.Duration(0)
	if errors.Is(err, ErrDown) {
		grace = p.limits.grace
	}
	if ended := c.end(grace); errors.Is(err, ErrDown) {
		err = ended
	}
	return nil, answer{}, fmt.Errorf("%s: %w", p.command[0], err)
}

// settle waits until nothing is under way, or for so long.
func (c *child) settle(most time.Duration) {
	limit := time.After(most)
	for range cap(c.window) {
		select {
		case c.window <- struct{}{}: // one that is not under way
		case <-c.gone:
			return
		case <-limit:
			return
		}
	}
}

// ask sends a request to the running child.
func (p *Process) ask(ctx context.Context, q request) (answer, error) {
	c, _, err := p.running(ctx)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.limits.answer)
	defer cancel()
	a, err := c.ask(ctx, q)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", p.command[0], err)
	}
	return a, nil
}
