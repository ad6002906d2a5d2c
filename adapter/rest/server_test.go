package rest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
)

// rawServer is the world behind a real listener, for clients that speak in bytes.
type rawServer struct {
	*world
	address  string
	server   *Server
	refusals atomic.Int32
}

// newRawServer has short patience.
func newRawServer(t *testing.T, change func(*ServerOptions)) *rawServer {
	t.Helper()
	return newWorld(t).raw(t, change)
}

// raw puts the API as it is now behind a listener of its own.
func (w *world) raw(t *testing.T, change func(*ServerOptions)) *rawServer {
	t.Helper()
	return w.rawOn(t, func(l net.Listener) net.Listener { return l }, change)
}

// rawOn is raw with something around the listener.
func (w *world) rawOn(t *testing.T, around func(net.Listener) net.Listener, change func(*ServerOptions)) *rawServer {
	t.Helper()
	s := &rawServer{world: w}
	o := ServerOptions{
		Handler: s.api, ReadHeaderTimeout: time.Second, ReadTimeout: 1500 * time.Millisecond,
		WriteTimeout: 5 * time.Second, IdleTimeout: 500 * time.Millisecond, MaxHeader: 16 << 10, MaxConnections: 50,
		Log: s.options.Log, Refused: func() { s.refusals.Add(1) },
	}
	if change != nil {
		change(&o)
	}
	s.server = NewServer(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	served := make(chan error, 1)
	l = around(l)
	go func() { served <- s.server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		s.server.connections.mu.Lock()
		defer s.server.connections.mu.Unlock()
		if c := s.server.connections; c.open != 0 || len(c.waiting) != 0 {
			t.Errorf("left open: %d connections, %d waiting", c.open, len(c.waiting))
		}
	})
	return s
}

func (s *rawServer) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// send writes raw bytes and reads everything until the server closes the connection.
func (s *rawServer) send(t *testing.T, raw string) string {
	t.Helper()
	c := s.dial(t)
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil && len(answer) == 0 && !strings.Contains(err.Error(), "reset") {
		t.Fatal(err)
	}
	return string(answer)
}

const postHead = "POST /v1/documents HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ship-01\r\nContent-Type: text/xml\r\n"

// Clients that break HTTP: faults.md §5, rows 4–7, 11–13.
func TestBrokenRequests(t *testing.T) {
	s := newRawServer(t, nil)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat("x", 1<<16))
	tests := []struct {
		name, raw string
		want      string   // beginning of the answer; empty: none
		contains  []string // somewhere in it
	}{
		{"row 5: Content-Length smaller than the body", postHead + "Content-Length: 3\r\n\r\n<a></a>",
			"HTTP/1.1 400 Bad Request\r\n", []string{`"code":"A01"`}},
		{"row 6: 10 GB announced", postHead + "Content-Length: 10000000000\r\n\r\n",
			"HTTP/1.1 413 ", []string{`"reason":"too-large"`, `"resend":false`}},
		{"row 7: endless chunks", postHead + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 17),
			"HTTP/1.1 413 ", []string{"Connection: close"}},
		{"row 11: a megabyte of headers", postHead + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", "HTTP/1.1 431 ", nil},
		{"row 11: ten thousand headers", postHead + strings.Repeat("X: x\r\n", 10000) + "\r\n", "HTTP/1.1 431 ", nil},
		{"row 13: two lengths", postHead + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>x", "HTTP/1.1 400 ", nil},
		{"row 13: length and chunks",
			postHead + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n<\r\n0\r\n\r\n" +
				"DELETE /v1/outbox/smuggled HTTP/1.1\r\nHost: g\r\n\r\n", "HTTP/1.1 400 ", []string{"Connection: close"}},
		{"another transfer encoding", postHead + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501 ", nil},
		{"no length at all", postHead + "\r\n", "HTTP/1.1 411 ", []string{`"reason":"length-required"`}},
		{"HTTP/1.0 without length", strings.Replace(postHead, "1.1", "1.0", 1) + "\r\n", "HTTP/1.0 411 ", nil},
		{"length that is no number", postHead + "Content-Length: x\r\n\r\n", "HTTP/1.1 400 ", nil},
		{"chunk that is no number", postHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400 ",
			[]string{"Connection: close"}},
		{"not HTTP", "\x16\x03\x01\x00\x00", "HTTP/1.1 400 ", nil},
		{"no host", "GET /v1/openapi.yaml HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", nil},
		{"another expectation", postHead + "Expect: 200-maybe\r\nContent-Length: 4\r\n\r\n<a/>", "HTTP/1.1 417 ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.send(t, tt.raw)
			if !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %.200q, want %q", got, tt.want)
			}
			for _, part := range tt.contains {
				if !strings.Contains(got, part) {
					t.Errorf("%q is not in %.600q", part, got)
				}
			}
			if strings.Count(got, "HTTP/1.") > 1 && strings.Contains(tt.raw, "smuggled") {
				t.Errorf("the smuggled request was answered: %q", got)
			}
		})
	}
	if entries, err := s.queue.List("", "", 10); err != nil || len(entries) != 0 {
		t.Errorf("something was queued: %v, %v", entries, err)
	}
}

// Row 4: the client goes away in the middle of the body. Nobody is answered, nothing is kept.
func TestTruncatedBody(t *testing.T) {
	s := newRawServer(t, nil)
	document := s.Impostor.MustSign(s.Waybill(scene.Waybill{}))
	for _, framing := range []string{
		fmt.Sprintf("Content-Length: %d\r\n\r\n", len(document)),
		fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(document)),
	} {
		c := s.dial(t)
		fmt.Fprintf(c, "%s%s%s", postHead, framing, document[:len(document)/2])
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if answer, _ := io.ReadAll(c); len(answer) != 0 {
			t.Errorf("answered %q", answer)
		}
	}
	if entries, err := s.queue.List("", "", 10); err != nil || len(entries) != 0 {
		t.Errorf("something was queued: %v, %v", entries, err)
	}
}

// A client that has sent everything and closed its sending side still gets its answer.
func TestHalfClosed(t *testing.T) {
	s := newRawServer(t, nil)
	document := s.Impostor.MustSign(s.Waybill(scene.Waybill{}))
	c := s.dial(t)
	fmt.Fprintf(c, "%sContent-Length: %d\r\n\r\n%s", postHead, len(document), document)
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnprocessableEntity {
		t.Error(resp.Status)
	}
}

// Rows 8 and 12: heads and bodies that trickle in or never come are cut off; others are served.
func TestSlowClients(t *testing.T) {
	s := newRawServer(t, nil)
	const slow = 20
	var open []net.Conn
	for i := range slow {
		c := s.dial(t)
		switch i % 3 {
		case 0: // a head without end
			io.WriteString(c, "POST /v1/documents HTTP/1.1\r\nHost: g\r\nX: ")
		case 1: // a body without end
			io.WriteString(c, postHead+"Content-Length: 1000\r\n\r\n<a>")
		case 2: // a promise
			io.WriteString(c, postHead+"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")
		}
		open = append(open, c)
	}
	if r := s.do("GET", "/v1/outbox", nil); r.StatusCode != 200 {
		t.Errorf("others: %s", r.Status)
	}
	for i, c := range open {
		answer, err := io.ReadAll(c)
		if err != nil {
			t.Errorf("client %d was not cut off: %v", i, err)
		}
		if i%3 != 0 && !bytes.Contains(answer, []byte(`"reason":"body-timeout"`)) {
			t.Errorf("client %d: %q", i, answer)
		}
	}
	if turns, bytes := s.api.InFlight(), s.api.BodyBytes(); turns != 0 || bytes != 0 {
		t.Errorf("%d turns and %d bytes kept", turns, bytes)
	}
}

// Row 9: thousands of idle connections push out one another, not those who work.
func TestManyConnections(t *testing.T) {
	s := newRawServer(t, func(o *ServerOptions) {
		o.MaxConnections = 10
		o.ReadHeaderTimeout, o.ReadTimeout, o.IdleTimeout = 20*time.Second, 20*time.Second, 20*time.Second
	})
	// One that works: its request is under way all the time.
	working := s.dial(t)
	io.WriteString(working, postHead+"Content-Length: 4\r\n\r\n<a")
	ready := s.dial(t)
	io.WriteString(ready, "GET /v1/openapi.yaml HTTP/1.1\r\nHost: g\r\n\r\n")
	head := bufio.NewReader(ready)
	if _, err := http.ReadResponse(head, nil); err != nil {
		t.Fatal(err)
	}
	for s.api.BodyBytes() == 0 {
		runtime.Gosched()
	}
	for range 100 {
		c := s.dial(t)
		fmt.Fprintf(c, "GET /v1/")
	}
	// A new client is served at once.
	c := s.dial(t)
	io.WriteString(c, "GET /v1/openapi.yaml HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")
	if answer, err := io.ReadAll(c); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
		t.Errorf("a new client: %.80q %v", answer, err)
	}
	io.WriteString(working, "/>")
	resp, err := http.ReadResponse(bufio.NewReader(working), nil)
	if err != nil {
		t.Fatalf("the one that works was pushed out: %v", err)
	}
	resp.Body.Close()
	if n := s.refusals.Load(); n < 85 {
		t.Errorf("%d connections were counted as refused", n)
	}
}

// When every connection works there is no room, and a new one is told so by being closed.
func TestNoRoom(t *testing.T) {
	s := newRawServer(t, func(o *ServerOptions) {
		o.MaxConnections = 1
		o.ReadTimeout = 20 * time.Second
	})
	working := s.dial(t)
	io.WriteString(working, postHead+"Content-Length: 4\r\n\r\n<a")
	for s.api.BodyBytes() == 0 {
		runtime.Gosched()
	}
	if answer := s.send(t, "GET /v1/openapi.yaml HTTP/1.1\r\nHost: g\r\n\r\n"); answer != "" {
		t.Errorf("answered %.80q", answer)
	}
	io.WriteString(working, "/>")
	resp, err := http.ReadResponse(bufio.NewReader(working), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// A long poll outlives the deadline for reading a request, and ends when the server stops.
func TestLongPollAndShutdown(t *testing.T) {
	s := newRawServer(t, nil)
	began := time.Now()
	const next = "GET /v1/outbox/next?wait=%s HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer ship-01\r\n%s\r\n"
	got := s.send(t, fmt.Sprintf(next, "2s", "Connection: close\r\n"))
	if !strings.HasPrefix(got, "HTTP/1.1 204") || time.Since(began) < 2*time.Second {
		t.Errorf("after %s: %.100q", time.Since(began), got)
	}
	c := s.dial(t)
	fmt.Fprintf(c, next, "10s", "")
	for s.api.service.waiting.now() == 0 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("the long poll held the server up: %v", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Errorf("%v, %v", resp, err)
	}
}

// Row 18: whoever may not come in by certificate does not get past the handshake, and row 102: what
// is under way is finished.
func TestTLS(t *testing.T) {
	now := time.Now()
	authority := pki.Must(pki.NewAuthority("ours", now))
	foreign := pki.Must(pki.NewAuthority("foreign", now))
	roots := x509.NewCertPool()
	roots.AddCert(authority.Certificate)
	config := &tls.Config{
		Certificates: []tls.Certificate{pki.Must(authority.IssueServer("localhost")).TLS()},
		ClientCAs:    roots, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	}
	s := newRawServer(t, func(o *ServerOptions) { o.TLS = config })
	expired := pki.Must(authority.Issue(pki.Request{
		Subject: pki.Subject{CommonName: "late"}, NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(-1, 0, 0),
	}))
	tests := []struct {
		name        string
		certificate []tls.Certificate
		version     uint16
		ok          bool
	}{
		{"a client of ours", []tls.Certificate{pki.Must(authority.IssueClient("SHIP-01")).TLS()}, tls.VersionTLS13, true},
		{"no certificate", nil, tls.VersionTLS13, false},
		{"a foreign authority", []tls.Certificate{pki.Must(foreign.IssueClient("SHIP-01")).TLS()}, tls.VersionTLS13, false},
		{"expired", []tls.Certificate{expired.TLS()}, tls.VersionTLS13, false},
		{"TLS 1.1", []tls.Certificate{pki.Must(authority.IssueClient("SHIP-01")).TLS()}, tls.VersionTLS11, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			transport := &http.Transport{
				TLSClientConfig: &tls.Config{
					RootCAs: roots, ServerName: "localhost", Certificates: tt.certificate,
					MinVersion: tls.VersionTLS10, MaxVersion: tt.version,
				},
				ForceAttemptHTTP2: true,
			}
			defer transport.CloseIdleConnections()
			req, err := http.NewRequest("GET", "https://"+s.address+"/v1/outbox", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer ship-01")
			resp, err := transport.RoundTrip(req)
			if (err == nil) != tt.ok {
				t.Fatalf("got %v, %v", resp, err)
			}
			if err != nil {
				return
			}
			defer resp.Body.Close()
			if resp.StatusCode != 200 || resp.ProtoMajor != 2 {
				t.Errorf("%s by %s", resp.Status, resp.Proto)
			}
		})
	}
}

// Over HTTP/2 a judgment may take longer than an answer may.
func TestHTTP2SlowJudgment(t *testing.T) {
	authority := pki.Must(pki.NewAuthority("ours", time.Now()))
	roots := x509.NewCertPool()
	roots.AddCert(authority.Certificate)
	s := newRawServer(t, func(o *ServerOptions) {
		o.TLS = &tls.Config{Certificates: []tls.Certificate{pki.Must(authority.IssueServer("localhost")).TLS()}}
		o.WriteTimeout, o.ReadTimeout = time.Second, time.Second
	})
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"}, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest("GET", "https://"+s.address+"/v1/outbox/next?wait=1500ms", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer ship-01")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.ProtoMajor != 2 {
		t.Errorf("%s by %s", resp.Status, resp.Proto)
	}
}

// What single connections do wrong is not for the log of people; what this machine lacks is.
func TestQuietLog(t *testing.T) {
	var b logBuffer
	log := newErrorLog(slog.New(slog.NewJSONHandler(&b, nil)))
	log.Print("http: TLS handshake error from 10.0.0.1:1: EOF")
	log.Print("http: Accept error: accept tcp: too many open files; retrying in 5ms")
	log.Print("http: Accept error: accept tcp: too many open files; retrying in 10ms")
	if lines := b.String(); strings.Count(lines, "\n") != 1 || !strings.Contains(lines, `"level":"ERROR"`) {
		t.Error(lines)
	}
}

// Whatever bytes a connection sends, the server answers in HTTP or not at all, and goes on.
func FuzzConnection(f *testing.F) {
	f.Add([]byte("GET /v1/openapi.yaml HTTP/1.1\r\nHost: g\r\n\r\n"))
	f.Add([]byte(postHead + "Content-Length: 4\r\n\r\n<a/>"))
	f.Add([]byte(postHead + "Transfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n"))
	f.Add([]byte("POST /v1/outbox/confirm HTTP/1.1\r\nHost: g\r\n" +
		"Authorization: Basic c2hpcC0wMTpzaGlwLTAx\r\nContent-Length: 2\r\n\r\n[]"))
	w := newWorld(f)
	w.options.Limits.InFlightWait = 0
	w.serve()
	f.Fuzz(func(t *testing.T, raw []byte) {
		server := NewServer(ServerOptions{Handler: w.api, MaxHeader: 4 << 10, MaxConnections: 1, Log: w.options.Log})
		c := &recorded{in: bytes.NewReader(raw), closed: make(chan struct{})}
		l := &single{conn: c, done: make(chan struct{})}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		<-c.closed
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		if answer := c.out.Bytes(); len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.")) {
			t.Errorf("answered %q", answer)
		}
		if lines := w.log.lines(t, "panic in a request"); len(lines) > 0 {
			t.Fatalf("%v", lines[0])
		}
		w.log.reset()
	})
}

// recorded is a connection whose client has said everything and listens.
type recorded struct {
	net.Conn // nil: what is not below is not used
	in       *bytes.Reader
	out      bytes.Buffer
	once     sync.Once
	closed   chan struct{}
}

func (c *recorded) Read(b []byte) (int, error)       { return c.in.Read(b) }
func (c *recorded) Write(b []byte) (int, error)      { return c.out.Write(b) }
func (c *recorded) SetDeadline(time.Time) error      { return nil }
func (c *recorded) SetReadDeadline(time.Time) error  { return nil }
func (c *recorded) SetWriteDeadline(time.Time) error { return nil }
func (c *recorded) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (c *recorded) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
func (c *recorded) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// single accepts one connection.
type single struct {
	conn net.Conn
	done chan struct{}
	once sync.Once
}

func (l *single) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.done
	return nil, net.ErrClosed
}
func (l *single) Addr() net.Addr { return &net.TCPAddr{} }
func (l *single) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}
