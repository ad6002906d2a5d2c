package bolt

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"asugate/store"
)

// value is what the children put under a key: of all sizes, and to be told from any other.
func value(key string) string {
	size := 10
	for _, c := range key {
		size = (size*31 + int(c)) % 9000
	}
	return key + strings.Repeat(" "+key, size/(len(key)+1))
}

// childWrite puts and deletes until it has written enough or is killed, and says what became of
// each on stdout.
func childWrite(path string) {
	s, err := Open(path, Options{})
	if err != nil {
		fmt.Println("open", answerOf(err))
		return
	}
	// strace counts the calls of each thread, so the committer stays on one from its first commit.
	if err := s.Update(func(store.Tx) error { runtime.LockOSThread(); return nil }); err != nil {
		fmt.Println("open", answerOf(err))
		return
	}
	const writers, each = 4, 15
	var all sync.WaitGroup
	var mu sync.Mutex // one line at a time
	for w := range writers {
		all.Go(func() {
			for i := range each {
				key := fmt.Sprintf("%d-%02d", w, i)
				err := put(s, key, value(key))
				mu.Lock()
				fmt.Println(key, answerOf(err)) // unbuffered: what is said has been said
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		fmt.Println("close", err)
	}
}

func answerOf(err error) string {
	switch {
	case err == nil:
		return "stored"
	case errors.Is(err, store.ErrNotWritten):
		return "not-written"
	case errors.Is(err, store.ErrUnknown):
		return "unknown"
	default:
		return err.Error()
	}
}

// child is this test binary as a child, behind a tool or by itself.
func child(name, path string, tool ...string) *exec.Cmd {
	line := append(tool, os.Args[0], "-test.run=^$", path)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "BOLT_TEST_CHILD="+name, "GOMAXPROCS=2")
	return cmd
}

// verify holds what a child has said against what is in its store. It returns how many of each
// answer it gave.
func verify(t *testing.T, path, said string) (answers map[string]int) {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Errorf("opening after the child has ended: %v", err)
		return nil
	}
	defer s.Close()
	stored := contents(t, s)
	answers = map[string]int{}
	for line := range strings.Lines(said) {
		key, answer, _ := strings.Cut(strings.TrimSpace(line), " ")
		answers[answer]++
		v, there := stored[key]
		if there && v != value(key) {
			t.Errorf("%s is not what was put", key)
		}
		switch {
		case answer == "stored" && !there:
			t.Errorf("%s was answered «stored» and is not there", key)
		case answer == "not-written" && there:
			t.Errorf("%s was answered «not written» and is there", key)
		case answer != "stored" && answer != "not-written" && answer != "unknown":
			t.Errorf("the child said %q", line)
		}
	}
	// A store that has survived is a store.
	if err := put(s, "after", "all"); err != nil {
		t.Error(err)
	}
	return answers
}

// TestKill: a process that is killed at any moment has stored what it has answered.
func TestKill(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	path := newPath(t)
	for range rounds {
		cmd := child("write", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		lines := bufio.NewReader(out)
		for range rand.IntN(60) {
			line, err := lines.ReadString('\n')
			said.WriteString(line)
			if err != nil {
				break
			}
		}
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond) // into the middle of something
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		if _, err := io.Copy(&said, lines); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait()
		verify(t, path, wholeLines(said.String()))
	}
}

// wholeLines leaves out what the kill has cut off.
func wholeLines(s string) string { return s[:strings.LastIndexByte(s, '\n')+1] }

// lookStrace finds strace, where it may trace.
func lookStrace(t *testing.T) string {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	if out, err := exec.Command(strace, "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here: %s", out)
	}
	return strace
}

// TestFaultSteps lets real system calls of a commit fail, one after the other, and holds fault.go
// against it.
func TestFaultSteps(t *testing.T) {
	strace := lookStrace(t)
	for _, c := range []struct {
		inject string // see strace(1); %d: from which call on, of a thread
		calls  []int
		only   []string // answers that may come
		must   string   // answer that has to come
	}{
		{"fdatasync:error=EIO:when=%d", []int{1, 2, 3, 4, 9}, []string{"stored", "unknown"}, "unknown"},
		{"pwrite64:error=ENOSPC:when=%d", []int{1, 2, 3, 5, 9, 10, 11}, []string{"stored", "not-written"}, "not-written"},
		{"pwrite64:error=EIO:when=%d", []int{1, 2, 7}, []string{"stored", "not-written"}, "not-written"},
		{"pwrite64:error=ENOSPC:when=%d+", []int{1, 8}, []string{"stored", "not-written"}, "not-written"},
		{"ftruncate:error=EFBIG:when=%d", []int{1}, []string{"stored", "not-written"}, "not-written"},
		{"fsync:error=EIO:when=%d", []int{2}, []string{"stored", "unknown"}, ""}, // 1 is of Open, perhaps on another thread
		{"fdatasync:signal=SIGKILL:when=%d", []int{1, 2, 3, 4, 5, 6}, []string{"stored"}, ""},
		{"pwrite64:signal=SIGKILL:when=%d", []int{1, 2, 3, 4, 5, 6, 7, 8}, []string{"stored"}, ""},
		{"ftruncate:signal=SIGKILL:when=%d", []int{1}, []string{"stored"}, ""},
	} {
		for _, n := range c.calls {
			inject := fmt.Sprintf(c.inject, n)
			t.Run(inject, func(t *testing.T) {
				if testing.Short() && n > 2 {
					t.Skip("in short mode")
				}
				path := newPath(t)
				call, _, _ := strings.Cut(inject, ":")
				out, _ := child("write", path, strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+inject).Output()
				answers := verify(t, path, wholeLines(string(out)))
				for answer := range answers {
					if !bytes.Contains([]byte(fmt.Sprint(c.only)), []byte(answer)) {
						t.Errorf("answers %v, expected only %v", answers, c.only)
					}
				}
				if c.must != "" && answers[c.must] == 0 {
					t.Errorf("answers %v, and no %s", answers, c.must)
				}
			})
		}
	}
}

// childLimit lowers the limit on the size of files (ulimit -f) under a running store, writes
// against it, lifts it, and writes again.
func childLimit(path string) {
	s, err := Open(path, Options{})
	if err != nil {
		fmt.Println("open", err)
		return
	}
	var n atomic.Int64
	round := func(want string) {
		for range 20 {
			key := fmt.Sprintf("%s-%d", want, n.Add(1))
			fmt.Println(key, answerOf(put(s, key, strings.Repeat(value(key), 200))))
		}
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("limit", err)
	}
	lifted := limit.Cur
	round("before")
	limit.Cur = 4 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("limit", err)
	}
	round("limited")
	limit.Cur = lifted
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("limit", err)
	}
	round("after")
	if err := s.Check(context.Background()); err != nil {
		fmt.Println("check", err)
	}
	if err := s.Close(); err != nil {
		fmt.Println("close", err)
	}
}

// TestFileSizeLimit: a limit that is reached is a full disk: refused, and well again when it is
// lifted.
func TestFileSizeLimit(t *testing.T) {
	path := newPath(t)
	out, err := child("limit", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]int{}
	for line := range strings.Lines(string(out)) {
		key, answer, _ := strings.Cut(strings.TrimSpace(line), " ")
		when, _, _ := strings.Cut(key, "-")
		answers[when+" "+answer]++
	}
	if answers["before stored"] != 20 || answers["limited not-written"] == 0 || answers["after stored"] != 20 ||
		answers["limited stored"]+answers["limited not-written"] != 20 {
		t.Errorf("answers: %v", answers)
	}
	s := openStore(t, path, Options{})
	if got, want := len(contents(t, s)), 40+answers["limited stored"]; got != want {
		t.Errorf("%d are stored, want %d", got, want)
	}
}
