//go:build unix

package rest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// counted counts the connections that could not be taken.
type counted struct {
	net.Listener
	failures atomic.Int32
}

func (l *counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		l.failures.Add(1)
	}
	return c, err
}

// Row 10: a process that may open no more files tries again, ever more seldom, says so at most once a
// second, and goes on when it can. A connection that only waits makes room. The test has a process of
// its own, for the limit is that of a process.
func TestDescriptors(t *testing.T) {
	const inside = "GATEWAYD_TEST_DESCRIPTORS"
	if os.Getenv(inside) == "" {
		program := exec.Command(os.Args[0], "-test.run=^TestDescriptors$", "-test.v")
		program.Env = append(os.Environ(), inside+"=1")
		if out, err := program.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	var listener *counted
	s := newWorld(t).rawOn(t, func(l net.Listener) net.Listener {
		listener = &counted{Listener: l}
		return listener
	}, func(o *ServerOptions) { o.IdleTimeout = time.Minute })
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = 100
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	var files []*os.File
	// exhaust leaves one descriptor, for the client, whose connection the kernel takes before we do.
	exhaust := func() net.Conn {
		for {
			f, err := os.Open(os.DevNull)
			if errors.Is(err, syscall.EMFILE) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		_ = files[len(files)-1].Close()
		files = files[:len(files)-1]
		return s.dial(t)
	}
	ask := func(c net.Conn) {
		t.Helper()
		if _, err := io.WriteString(c, "GET /v1/openapi.yaml HTTP/1.1\r\nHost: g\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s, %v", resp.Status, err)
		}
	}
	began := time.Now()
	first := exhaust()
	for listener.failures.Load() < 6 {
		runtime.Gosched()
	}
	for _, f := range files {
		_ = f.Close()
	}
	files = nil
	ask(first)
	lines := strings.Count(s.log.String(), "Accept error")
	if most := 1 + int(time.Since(began)/time.Second); lines == 0 || lines > most {
		t.Errorf("%d lines for %d failures, at most %d", lines, listener.failures.Load(), most)
	}
	// Now two wait for nothing, and nobody else lets go of anything. The second makes room for what comes
	// after the new one: the kernel wants a descriptor before it looks whether anybody is there.
	second := s.dial(t)
	ask(second)
	ask(exhaust())
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the one that waited: %v", err)
	}
	for _, f := range files {
		_ = f.Close()
	}
}
