package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// used is the processor time that the daemon has taken so far (proc(5), fields 14 and 15, ticks of 10 ms).
func (d *daemon) used() time.Duration {
	_, rest, _ := strings.Cut(d.proc("stat"), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is what the daemon holds of its own (RssAnon): pages of the store that are mapped into it are the
// kernel's cache, and go when others need the room.
func (d *daemon) memory() int64 { return d.number("status", "RssAnon:") << 10 }

// written is how many bytes the daemon has had written to disk so far, store and spool, as the kernel accounts
// it: more than the sum of the calls, perhaps because it counts what becomes dirty by whole folios.
func (d *daemon) written() int64 { return d.number("io", "write_bytes:") }

// number is what stands behind the name in a file of /proc.
func (d *daemon) number(file, name string) int64 {
	for line := range strings.Lines(d.proc(file)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			var n int64
			if _, err := fmt.Sscan(rest, &n); err == nil {
				return n
			}
		}
	}
	return 0
}

func (d *daemon) proc(file string) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", d.process.Process.Pid, file))
	if err != nil {
		return ""
	}
	return string(text)
}

// watchMemory keeps the greatest memory seen until done is closed.
func (d *daemon) watchMemory(done <-chan struct{}, peak *int64) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		*peak = max(*peak, d.memory())
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}
