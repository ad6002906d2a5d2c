// Package cputime answers: how much time of a processor did that take? Tests that bound the cost of
// hostile input ask it instead of the clock on the wall, because other programs run beside them.
package cputime

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// threadClock is CLOCK_THREAD_CPUTIME_ID of clock_gettime(2), Linux: unlike getrusage it does not
// count in ticks.
const threadClock = 3

// Of is the time that f took on a processor, without goroutines that it may start.
func Of(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := used()
	f()
	return used() - start
}

func used() time.Duration {
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		panic(errno) // it fails for a wrong argument only
	}
	return time.Duration(t.Nano())
}
