package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// ServerOptions is the listener around a handler. All but TLS and Refused are required.
type ServerOptions struct {
	Handler           http.Handler
	TLS               *tls.Config // nil: in the clear
	ReadHeaderTimeout time.Duration
	ReadTimeout       time.Duration // of head and body
	WriteTimeout      time.Duration // of an answer
	IdleTimeout       time.Duration
	MaxHeader         int // bytes
	MaxConnections    int
	Log               *slog.Logger
	Refused           func() // told each connection closed for want of room; may be nil
}

// Server is an HTTP server with a deadline for every wait and a limit for every list.
type Server struct {
	http        *http.Server
	connections *connections
	tls         *tls.Config
	cancel      context.CancelFunc // ends what only waits: long polls
}

// NewServer makes a server. It serves nothing yet.
func NewServer(o ServerOptions) *Server {
	if o.Refused == nil {
		o.Refused = func() {}
	}
	base, cancel := context.WithCancel(context.Background())
	c := &connections{most: o.MaxConnections, refused: o.Refused, waiting: make(map[net.Conn]time.Time)}
	s := &Server{connections: c, tls: o.TLS, cancel: cancel}
	s.http = &http.Server{
		Handler:           o.Handler,
		ReadHeaderTimeout: o.ReadHeaderTimeout,
		ReadTimeout:       o.ReadTimeout,
		WriteTimeout:      o.WriteTimeout,
		IdleTimeout:       o.IdleTimeout,
		MaxHeaderBytes:    o.MaxHeader,
		// What a body that waits for its room has sent ahead is in memory: over HTTP/2 this much of it,
		// over HTTP/1 4 KiB.
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 100, MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 256 << 10,
		},
		BaseContext: func(net.Listener) context.Context { return base },
		ConnState:   c.state,
		ErrorLog:    newErrorLog(o.Log),
	}
	return s
}

// Serve takes connections until Shutdown, and returns nil then. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	l = &listener{Listener: l, connections: s.connections}
	if s.tls != nil {
		c := s.tls.Clone()
		c.NextProtos = []string{"h2", "http/1.1"}
		l = tls.NewListener(l, c)
	}
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving clients: %w", err)
	}
	return nil
}

// Shutdown stops taking connections, ends long polls, and waits for what is under way until ctx ends;
// what is not done by then is cut off, and comes again from the client.
func (s *Server) Shutdown(ctx context.Context) error {
	s.cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close() // The error of Shutdown says more.
		return fmt.Errorf("draining requests: %w", err)
	}
	return nil
}

// Close cuts everything off at once: nobody is told anything.
func (s *Server) Close() error {
	s.cancel()
	return s.http.Close()
}

// quiet takes the errors of single connections out of the log of people: failed handshakes and
// clients that went away are metrics, and anyone can cause them.
type quiet struct {
	slog.Handler
	accept *rate.Limiter // of lines about connections that could not be taken
}

func newErrorLog(l *slog.Logger) *log.Logger {
	return slog.NewLogLogger(quiet{l.Handler(), rate.NewLimiter(rate.Every(time.Second), 1)}, slog.LevelDebug)
}

// Handle keeps the accept errors, which are about this machine, but no more than one a second: net/http
// writes one each time that it tries.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "Accept error") {
		if !q.accept.AllowN(r.Time, 1) {
			return nil
		}
		r.Level = slog.LevelError
	}
	if !q.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	r.Message = bounded(r.Message, 500)
	return q.Handler.Handle(ctx, r)
}

// Enabled leaves the decision to Handle, which has the message.
func (q quiet) Enabled(context.Context, slog.Level) bool { return true }
