package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"asugate/store"
)

// busy is a server with a client that never comes to an end.
type busy struct{ stopped chan struct{} }

func (b busy) Serve(net.Listener) error {
	<-b.stopped
	return http.ErrServerClosed
}

func (b busy) Shutdown(ctx context.Context) error {
	close(b.stopped)
	<-ctx.Done()
	return ctx.Err()
}

// A client that is slow has the whole grace at a stop, and none to speak of when nobody can be answered.
func TestGraceOfListener(t *testing.T) {
	for _, c := range []struct {
		name  string
		cause error
		grace time.Duration
		want  time.Duration
	}{
		{"told to stop", context.Canceled, time.Minute, time.Minute},
		{"something else has failed", errors.New("no listener"), time.Minute, time.Minute},
		{"what is on disk is not known", fmt.Errorf("syncing: %w", store.ErrUnknown), time.Minute, hasty},
		// The operator's own haste is greater.
		{"not known, and no grace", fmt.Errorf("syncing: %w", store.ErrUnknown), time.Millisecond, time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				cancel(c.cause)
				began := time.Now()
				l := &listener{server: busy{make(chan struct{})}}
				if err := l.serve(ctx, c.grace); err != nil {
					t.Error(err)
				}
				if got := time.Since(began); got != c.want {
					t.Errorf("it took %s, want %s", got, c.want)
				}
			})
		})
	}
}
