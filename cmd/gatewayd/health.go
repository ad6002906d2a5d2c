package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

type healthCommand struct {
	Ready bool `help:"Ask whether documents can be taken, and print why not."`
}

// Run asks the running daemon, for container health checks: an image without a shell has no curl.
func (c *healthCommand) Run(ctx context.Context, s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+config.Ops.Address+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("asking the daemon: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(s.out, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return fmt.Errorf("asking the daemon: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return negative
	}
	return nil
}
