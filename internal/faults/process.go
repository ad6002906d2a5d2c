package faults

import (
	"os"
	"syscall"
	"time"
)

// mayStop: the daemon may end with the code that says that it does not know what is on disk.
const mayStop = -3

// exitStopped is that code.
const exitStopped = 3

// processFaults are those of the process.
var processFaults = []fault{
	{name: "kill", what: "kill -9 at any moment", do: (*nemesis).kill},
	{name: "restart", what: "SIGTERM, and a new start", do: func(n *nemesis) error {
		if err := n.daemon.stop(); err != nil {
			return err
		}
		return n.daemon.start()
	}},
	{name: "kill-in-stop", what: "SIGTERM, and kill -9 while it stops", do: (*nemesis).killInStop},
	{name: "pause", what: "SIGSTOP, and SIGCONT later", do: func(n *nemesis) error {
		if err := n.daemon.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		pause(n.ctx, between(n.random, 200*time.Millisecond, 2*time.Second))
		return n.daemon.signal(syscall.SIGCONT)
	}},
	{name: "kill-at-fdatasync", what: "kill at the N-th fdatasync", strace: true, do: killAt("fdatasync")},
	{name: "kill-at-pwrite64", what: "kill at the N-th pwrite64", strace: true, do: killAt("pwrite64")},
	{name: "kill-at-ftruncate", what: "kill at the N-th ftruncate", strace: true, do: killAt("ftruncate")},
	{name: "kill-at-fsync", what: "kill at the N-th fsync", strace: true, do: killAt("fsync")},
	{name: "eio-at-fdatasync", what: "the N-th fdatasync fails: what is on disk is unknown", strace: true,
		do: failedSync("EIO")},
	{name: "enospc-at-fdatasync", what: "the N-th fdatasync finds no room: unknown as well", strace: true,
		do: failedSync("ENOSPC")},
	{name: "eio-at-pwrite64", what: "the N-th write fails", strace: true, do: once("pwrite64", "EIO")},
	{name: "enospc-at-pwrite64", what: "writes fail for want of room from the N-th on, for a while", strace: true,
		do: fromOn("pwrite64", "ENOSPC")},
	{name: "eio-at-ftruncate", what: "the file does not grow at the N-th time", strace: true, do: once("ftruncate", "EIO")},
	{name: "enospc-at-ftruncate", what: "the file does not grow for want of room from the N-th time on, for a while",
		strace: true, do: fromOn("ftruncate", "ENOSPC")},
	{name: "efbig-at-ftruncate", what: "the file may not grow from the N-th time on, for a while", strace: true,
		do: fromOn("ftruncate", "EFBIG")},
	{name: "eio-at-fsync", what: "the N-th fsync fails: of a file or a folder", strace: true, do: once("fsync", "EIO")},
	{name: "enospc-at-fsync", what: "the N-th fsync finds no room", strace: true, do: once("fsync", "ENOSPC")},
	{name: "clock", what: "the clock is stepped, forwards or back", do: (*nemesis).stepClock},
}

func (n *nemesis) kill() error {
	if err := n.daemon.kill(); err != nil {
		return err
	}
	return n.daemon.start()
}

// killInStop kills a process that has been told to stop. One that has stopped before is told again.
func (n *nemesis) killInStop() error {
	const tries = 5
	for try := range tries {
		p := n.daemon.process
		p.want.Store(mayStop)
		if err := n.daemon.signal(syscall.SIGTERM); err != nil {
			return err
		}
		pause(n.ctx, between(n.random, 0, 60*time.Millisecond>>try))
		if err := n.kill(); err != nil {
			return err
		}
		if n.missed = p.cmd.ProcessState.ExitCode() != -1; !n.missed {
			return nil
		}
	}
	return nil
}

// mostKilled bounds N where a call kills.
const mostKilled = 60

// killAt kills at the N-th call of a thread.
func killAt(call string) func(*nemesis) error {
	return func(n *nemesis) error {
		n.daemon.process.want.Store(-1)
		if _, err := n.inject(failing{call: call, how: "signal=KILL", most: mostKilled, lasts: stopTime}); err != nil {
			return err
		}
		return n.kill()
	}
}

// mostFailed bounds N where a call fails and the process goes on.
const mostFailed = 20

// failedSync lets one fdatasync fail. The daemon must end with the code that says so, and must have told
// nobody what the store does not hold after the restart; the latter is for the invariants.
func failedSync(code string) func(*nemesis) error {
	return func(n *nemesis) error {
		p := n.daemon.process
		p.want.Store(exitStopped)
		happened, err := n.inject(failing{call: "fdatasync", how: "error=" + code, most: mostFailed, lasts: stopTime})
		if err != nil {
			return err
		}
		if !happened {
			p.want.Store(unasked)
			return nil
		}
		if err := n.daemon.ended(); err != nil {
			return err
		}
		return n.daemon.start()
	}
}

// once lets a call fail, which the daemon survives, or ends by itself.
func once(call, code string) func(*nemesis) error {
	return func(n *nemesis) error {
		return n.survived(failing{call: call, how: "error=" + code, most: mostFailed})
	}
}

// fromOn lets all calls fail from one on, for a while.
func fromOn(call, code string) func(*nemesis) error {
	return func(n *nemesis) error {
		return n.survived(failing{call: call, how: "error=" + code, most: mostFailed, after: true,
			lasts: between(n.random, 300*time.Millisecond, time.Second)})
	}
}

// survived lets calls fail until documents are answered again, by the same process or a new one.
func (n *nemesis) survived(f failing) error {
	p := n.daemon.process
	p.want.Store(mayStop)
	if _, err := n.inject(f); err != nil {
		return err
	}
	const enough = 10 // an end that has begun may still answer what had been asked before
	before := n.answered.Load()
	ended := false
	n.eventually(progressTime, "nothing is answered after "+f.call+" has failed", func() bool {
		select {
		case <-p.done:
			ended = true
		default:
		}
		return ended || n.answered.Load() >= before+enough
	})
	if ended {
		n.daemon.process = nil
		return n.daemon.start()
	}
	p.want.CompareAndSwap(mayStop, unasked)
	return nil
}

// stepClock moves the daemon's clock. Terms of memos and acts pass, once each.
func (n *nemesis) stepClock() error {
	steps := []time.Duration{26 * time.Hour, -time.Hour, 13 * time.Hour, -26 * time.Hour, 40 * 24 * time.Hour}
	return n.setClock(steps[n.random.IntN(len(steps))])
}

func (n *nemesis) setClock(off time.Duration) error {
	n.how = "off by " + off.String()
	// Whoever reads it never sees half of it.
	if err := os.WriteFile(n.at("clock.new"), []byte(off.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(n.at("clock.new"), n.at("clock"))
}
