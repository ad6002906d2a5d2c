package faults

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// failing is a system call of the daemon's that fails, or kills it.
type failing struct {
	call  string
	how   string        // as strace(1) has it
	most  int           // the N-th of a thread fails, and N is at most so much
	after bool          // those after it fail, too
	lasts time.Duration // how long, at most, once one has failed
}

const (
	// injectTime is how long the N-th call is waited for.
	injectTime = 4 * time.Second
	// nextTime is how long the next one is, where the N-th has not come.
	nextTime = time.Minute
)

// inject lets the N-th call fail, or where there are not so many the next one: the fault has to happen. It
// says whether it has.
func (n *nemesis) inject(f failing) (bool, error) {
	when := 1 + n.random.IntN(f.most)
	n.how = fmt.Sprintf("N=%d", when)
	happened, err := n.traced(f, when, injectTime)
	if err == nil && !happened && when > 1 {
		n.how = fmt.Sprintf("N=1, there were not %d", when)
		happened, err = n.traced(f, 1, nextTime)
	}
	n.missed = !happened
	return happened, err
}

// traced lets the call with this number fail if it comes within the limit.
func (n *nemesis) traced(f failing, when int, limit time.Duration) (happened bool, err error) {
	rule := fmt.Sprintf("inject=%s:%s:when=%d", f.call, f.how, when)
	if f.after {
		rule += "+"
	}
	said := &injected{first: make(chan struct{})}
	strace := exec.Command("strace", "-f", "-qq", "-e", "trace="+f.call, "-e", rule,
		"-p", fmt.Sprint(n.daemon.process.cmd.Process.Pid))
	strace.Stderr = said
	if err := strace.Start(); err != nil {
		return false, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = strace.Wait() // it ends with the daemon, or because we end it
	}()
	defer func() {
		// A tracer that is killed lets its tracees go on.
		_ = strace.Process.Kill()
		<-ended
	}()
	select {
	case <-n.daemon.process.done:
		return true, nil
	case <-said.first:
	case <-ended: // before the daemon is known to have
		select {
		case <-n.daemon.process.done:
			return true, nil
		case <-time.After(stopTime):
			return false, fmt.Errorf("strace has ended by itself: %s", said)
		}
	case <-time.After(limit):
		return false, nil
	case <-n.ctx.Done():
		return false, n.ctx.Err()
	}
	select {
	case <-n.daemon.process.done:
	case <-time.After(f.lasts):
	}
	return true, nil
}

// injected reads what strace prints, until a call has failed by its hand.
type injected struct {
	first chan struct{} // closed then

	mu   sync.Mutex // protects what follows
	last []byte     // its newest words
	seen bool
}

// Write is io.Writer.
func (i *injected) Write(p []byte) (int, error) {
	const mark, most = "(INJECTED)", 500
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = append(i.last, p...)
	if !i.seen && bytes.Contains(i.last, []byte(mark)) {
		i.seen = true
		close(i.first)
	}
	if over := len(i.last) - most; over > 0 {
		i.last = append(i.last[:0], i.last[over:]...)
	}
	return len(p), nil
}

// String is what it has said.
func (i *injected) String() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return string(i.last)
}

// Straced says why strace cannot inject faults here, if it cannot.
var Straced = sync.OnceValue(func() error {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return fmt.Errorf("strace is not installed")
	}
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		return err
	}
	defer func() {
		_ = sleep.Process.Kill()
		_ = sleep.Wait()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second/2)
	defer cancel()
	out, err := exec.CommandContext(ctx, strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
		"inject=fdatasync:error=EIO:when=1000", "-p", fmt.Sprint(sleep.Process.Pid)).CombinedOutput()
	if ctx.Err() == nil { // it has ended by itself
		return fmt.Errorf("strace may not trace here: %w: %s", err, out)
	}
	return nil
})
