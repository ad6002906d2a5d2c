package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/time/rate"
)

// child is one run of the program.
type child struct {
	command  *exec.Cmd
	in       *os.File // its standard input
	out, err *os.File // its standard output and standard error
	log      *slog.Logger
	window   chan struct{} // has room for the requests that may be under way at once

	writing sync.Mutex // held while a line is written, so that two do not mix

	mu      sync.Mutex // guards what follows
	last    uint64     // id of the latest request
	heard   uint64     // how many answers have come
	pending map[uint64]chan answer
	failure error
	words   string // the latest line of its standard error

	gone   chan struct{} // closed once failure is set: it answers no more
	heeded chan struct{} // closed when its standard error has been read to the end
	exited chan struct{} // closed when the process has ended; state is set before
	state  error
}

// environment of the child: nothing of ours, which may hold secrets. What a program needs besides
// its command line says, with env(1) in front.
var environment = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}

// maxUnderWay bounds the requests that wait for an answer of one child.
const maxUnderWay = 64

// spawn starts the program. It has no shell, no folder of ours and a process group of its own: the
// signal that stops us must not stop it before we have signed what is in work.
func spawn(command []string, log *slog.Logger) (*child, error) {
	var ends [3]struct{ read, write *os.File }
	for i := range ends {
		r, w, err := os.Pipe()
		if err != nil {
			for _, e := range ends[:i] {
				e.read.Close()
				e.write.Close()
			}
			return nil, fmt.Errorf("starting %s: %w", command[0], err)
		}
		ends[i].read, ends[i].write = r, w
	}
	c := &child{
		command: exec.Command(command[0], command[1:]...),
		in:      ends[0].write, out: ends[1].read, err: ends[2].read,
		log:     log,
		window:  make(chan struct{}, maxUnderWay),
		pending: make(map[uint64]chan answer),
		gone:    make(chan struct{}), heeded: make(chan struct{}), exited: make(chan struct{}),
	}
	c.command.Stdin, c.command.Stdout, c.command.Stderr = ends[0].read, ends[1].write, ends[2].write
	c.command.Env, c.command.Dir = environment, "/"
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := c.command.Start()
	for _, f := range []*os.File{ends[0].read, ends[1].write, ends[2].write} {
		f.Close()
	}
	if err != nil {
		for _, f := range []*os.File{c.in, c.out, c.err} {
			f.Close()
		}
		return nil, fmt.Errorf("starting %s: %w", command[0], err)
	}
	go c.listen()
	go c.heed()
	go func() {
		c.state = c.command.Wait()
		close(c.exited)
		// A grandchild that holds the pipes open keeps nobody waiting for more.
		soon := time.Now().Add(time.Second)
		_, _ = c.out.SetReadDeadline(soon), c.err.SetReadDeadline(soon)
	}()
	return c, nil
}

// ask writes a request and waits for its answer until ctx ends.
func (c *child) ask(ctx context.Context, q request) (answer, error) {
	select {
	case c.window <- struct{}{}:
		defer func() { <-c.window }()
	case <-c.gone:
		return answer{}, c.why()
	case <-ctx.Done():
		return answer{}, fmt.Errorf("%w: too much is under way", ErrSilent)
	}
	c.mu.Lock()
	if c.failure != nil {
		defer c.mu.Unlock()
		return answer{}, c.failure
	}
	c.last++
	q.ID = c.last
	heard, reply := c.heard, make(chan answer, 1)
	c.pending[q.ID] = reply
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, q.ID)
		c.mu.Unlock()
	}()
	if err := c.write(ctx, q); err != nil {
		return answer{}, err
	}
	select {
	case a := <-reply:
		return a, a.refusal()
	case <-c.gone:
		return answer{}, c.why()
	case <-ctx.Done():
		c.mu.Lock()
		stuck := c.heard == heard
		c.mu.Unlock()
		if stuck && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			c.fail(ErrSilent) // to nobody, all this time: it hangs
		}
		return answer{}, fmt.Errorf("%w in time", ErrSilent)
	}
}

// write writes the line of a request. A program that reads none of it in time is given up: half a
// line cannot be taken back.
func (c *child) write(ctx context.Context, q request) error {
	line, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("writing a request: %w", err)
	}
	if len(line) >= maxRequest {
		return fmt.Errorf("%w: a request of %d bytes", ErrRefused, len(line))
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	deadline, _ := ctx.Deadline()
	err = c.in.SetWriteDeadline(deadline)
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.fail(fmt.Errorf("%w: it does not read", ErrSilent))
	default: // nobody holds the other end
		c.fail(fmt.Errorf("%w: it ended", ErrDown))
	}
	return c.why()
}

// listen hands each answer to whoever asked, in whatever order they come.
func (c *child) listen() {
	defer c.out.Close()
	lines := bufio.NewReaderSize(c.out, maxAnswer)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			c.fail(fmt.Errorf("%w: an answer is longer than %d bytes", ErrProtocol, maxAnswer))
		case err != nil:
			c.fail(fmt.Errorf("%w: it ended", ErrDown))
		default:
			c.deliver(line)
		}
		select {
		case <-c.gone:
			_, _ = io.Copy(io.Discard, c.out) // let it die of its own accord, not of a full pipe
			return
		default:
		}
	}
}

func (c *child) deliver(line []byte) {
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		c.fail(fmt.Errorf("%w: no answer, but %s", ErrProtocol, shown(string(line))))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.ID == 0 || a.ID > c.last {
		c.failLocked(fmt.Errorf("%w: it answers request %d, which nobody made", ErrProtocol, a.ID))
		return
	}
	c.heard++
	if reply := c.pending[a.ID]; reply != nil { // else it comes too late
		delete(c.pending, a.ID)
		reply <- a
	}
}

// maxWords bounds a line of the program's standard error in our log, and words how many a second.
const maxWords = 1 << 10

// heed writes the program's standard error into our log, line by line and not too much of it.
func (c *child) heed() {
	defer close(c.heeded)
	defer c.err.Close()
	limit := rate.NewLimiter(10, 50)
	lines := bufio.NewReaderSize(c.err, maxWords)
	for left := 0; ; {
		line, prefix, err := lines.ReadLine()
		if err != nil {
			return
		}
		text := shown(string(line))
		for prefix && err == nil { // the rest of a line too long
			_, prefix, err = lines.ReadLine()
		}
		c.mu.Lock()
		c.words = text
		c.mu.Unlock()
		if !limit.Allow() {
			left++
			continue
		}
		c.log.Info("a signing program says", "program", c.command.Path, "text", text, "left_out", left)
		left = 0
	}
}

// fail gives the child up; the first reason counts.
func (c *child) fail(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failLocked(why)
}

func (c *child) failLocked(why error) {
	if c.failure == nil {
		c.failure = why
		close(c.gone)
	}
}

// why is the reason for which the child was given up.
func (c *child) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

// end closes the child's input, which tells it to stop, waits as long as grace, then kills it with
// all that it has started. It says how the child ended, in its own last words if it had some.
func (c *child) end(grace time.Duration) error {
	c.fail(ErrClosed)
	c.writing.Lock()
	c.in.Close()
	c.writing.Unlock()
	select {
	case <-c.exited:
	case <-time.After(grace):
	}
	// Also after it has ended: what it has started itself may still be there.
	_ = syscall.Kill(-c.command.Process.Pid, syscall.SIGKILL)
	<-c.exited
	<-c.heeded
	c.mu.Lock()
	defer c.mu.Unlock()
	why := c.failure
	if c.state != nil && errors.Is(why, ErrDown) {
		why = fmt.Errorf("%w: %w", ErrDown, c.state)
	}
	if c.words != "" && !errors.Is(why, ErrClosed) {
		why = fmt.Errorf("%w: its last words: %s", why, c.words)
	}
	return why
}
