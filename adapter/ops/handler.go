package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// Options introduce the listener to everything that it asks.
type Options struct {
	Checks  []Check
	Metrics *Metrics
	Pprof   bool
	Log     *slog.Logger
}

// Handler serves /healthz, /readyz, /metrics and, when switched on, /debug/pprof/.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // Whoever asked may be gone.
	})
	mux.Handle("GET /readyz", newChecks(o.Checks))
	mux.Handle("GET /metrics", o.Metrics.handler(o.Log))
	if o.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// Server is the operator's listener.
type Server struct{ http *http.Server }

// NewServer makes the server. It serves nothing yet.
func NewServer(o Options) *Server {
	return &Server{&http.Server{
		Handler:           Handler(o),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a profile of a minute
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}}
}

// Serve answers until Shutdown, and returns nil then. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the operator: %w", err)
	}
	return nil
}

// Shutdown waits for what is under way until ctx ends, then cuts it off.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // The error of Shutdown says more.
		return fmt.Errorf("draining the operator's requests: %w", err)
	}
	return nil
}
