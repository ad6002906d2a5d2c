// Package spool answers: how does the back office reach us through files, and we it?
package spool

import (
	"context"
	"log/slog"
	"time"

	"asugate/gateway"
	"asugate/queue"
)

// The face that cmd/gatewayd is wired to already (keep it; replace this file by the real ones).

type Config struct {
	Dir         string
	Interval    time.Duration
	Railway     string
	MaxDocument int64
	Handling    time.Duration
	Now         func() time.Time
	Log         *slog.Logger
}

type Spool struct{}

func Open(c Config, accept func(context.Context, gateway.Submission) (gateway.Receipt, error)) (*Spool, error) {
	panic("api")
}

func (s *Spool) Deliver(ctx context.Context, m queue.Message, body, signature []byte) error { panic("api") }
func (s *Spool) Run(ctx context.Context) error                                               { panic("api") }

// Check says what keeps files from being exchanged, for /readyz.
func (s *Spool) Check() error { panic("api") }
