package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// startTime is how long the daemon may take until it serves, on a machine that is busy.
	startTime = 2 * time.Minute
	// stopTime is the same of its end.
	stopTime = 2 * time.Minute
	// commandTime bounds one operator's command.
	commandTime = 3 * time.Minute
	// mostLog is how much of the daemon's last words is kept.
	mostLog = 4 << 10
)

// daemon is the real program. Its processes come and go.
type daemon struct {
	history *History
	program string
	dir     string   // of its configuration
	environ []string // of all its processes

	address atomic.Pointer[string] // for clients, of the newest process
	process *running               // nil when none runs; the nemesis' alone
}

// running is one process of it.
type running struct {
	cmd  *exec.Cmd
	log  *tail
	done chan struct{} // closed at its end
	want atomic.Int32  // exit code that is expected, or unasked
}

// tail keeps the end of what is written, and counts configurations that were refused.
type tail struct {
	mu       sync.Mutex // protects what follows
	text     []byte
	refusals int
}

// reloadRefused is what the daemon says of a configuration.
var reloadRefused = []byte("reload refused")

// Write is io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := max(0, len(t.text)-len(reloadRefused)+1)
	t.text = append(t.text, p...)
	t.refusals += bytes.Count(t.text[seen:], reloadRefused)
	if over := len(t.text) - mostLog; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

// refused is how many configurations were.
func (t *tail) refused() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refusals
}

// String is what it has kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// command runs the program as an operator does.
func (d *daemon) command(ctx context.Context, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	c := exec.CommandContext(ctx, d.program, arguments...)
	c.Env = d.environ
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("gatewayd %s: %w: %s%s", strings.Join(arguments, " "), err,
			bytes.TrimSpace(said.Bytes()), bytes.TrimSpace(out.Bytes()[:min(out.Len(), 2000)]))
	}
	return out.String(), nil
}

// start starts a process and waits until it serves.
func (d *daemon) start() error {
	addresses := filepath.Join(d.dir, "addresses")
	if err := os.Remove(addresses); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	r := &running{log: &tail{}, done: make(chan struct{})}
	r.want.Store(unasked)
	r.cmd = exec.Command(d.program, "run", "--address-file", addresses)
	r.cmd.Env = d.environ
	r.cmd.Stderr = r.log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{}
	endWithParent(r.cmd.SysProcAttr)
	begun := make(chan error)
	go func() {
		// «Parent» is the thread that started the child (prctl(2), PR_SET_PDEATHSIG).
		runtime.LockOSThread()
		defer close(r.done)
		err := r.cmd.Start()
		begun <- err
		if err != nil {
			return
		}
		_ = r.cmd.Wait() // the state says it
		note(d.history, &d.history.Endings, Ending{
			At: d.history.now(), Code: r.cmd.ProcessState.ExitCode(), Want: int(r.want.Load()), Log: r.log.String(),
		})
	}()
	if err := <-begun; err != nil {
		return err
	}
	d.process = r
	late := time.After(startTime)
	for {
		if text, err := os.ReadFile(addresses); err == nil {
			line, _, _ := strings.Cut(string(text), "\n")
			address := strings.TrimPrefix(line, "clients=")
			d.address.Store(&address)
			return nil
		}
		select {
		case <-r.done:
			d.process = nil
			return fmt.Errorf("the daemon does not start: %s", r.log)
		case <-late:
			d.history.late("the daemon does not serve after %s", startTime)
			return fmt.Errorf("the daemon does not serve after %s: %s", startTime, r.log)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// signal sends one.
func (d *daemon) signal(s os.Signal) error {
	if d.process == nil {
		return nil
	}
	return d.process.cmd.Process.Signal(s)
}

// kill ends the process as a power cut does, and waits for its end.
func (d *daemon) kill() error {
	if d.process == nil {
		return nil
	}
	d.process.want.CompareAndSwap(unasked, -1) // somebody may expect more than this
	if err := d.process.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return d.ended()
}

// stop asks the process to end in order.
func (d *daemon) stop() error {
	if d.process == nil {
		return nil
	}
	d.process.want.Store(0)
	if err := d.signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.ended()
}

// ended waits for the end of the process.
func (d *daemon) ended() error {
	select {
	case <-d.process.done:
		d.process = nil
		return nil
	case <-time.After(stopTime):
		d.history.late("the daemon has not ended after %s", stopTime)
		err := d.process.cmd.Process.Kill()
		<-d.process.done
		d.process = nil
		return err
	}
}

// descriptors is how many files the process holds open.
func (d *daemon) descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.process.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	return len(entries)
}

// memory is what it holds of its own (RssAnon of proc(5)); mapped pages of the store are the kernel's.
func (d *daemon) memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.process.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// Build builds gatewayd with a clock that can be stepped, and returns where it is.
func Build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "gatewayd")
	c := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-tags", "timetzdata,faults", "-o", program, "asugate/cmd/gatewayd")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building gatewayd: %w: %s", err, out)
	}
	return program, nil
}
