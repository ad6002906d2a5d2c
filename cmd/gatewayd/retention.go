package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

type retentionCommands struct {
	Resume retentionResume `cmd:"" help:"Say that the clock is right although it is far ahead of when retention worked last, so that it lets go again of what is finished and old."`
}

type retentionResume struct{}

func (c *retentionResume) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "retention/resume", c, s.out)
}

func (c *retentionResume) act() string { return "retention resume" }

func (c *retentionResume) run(_ context.Context, d *desk, out io.Writer) error {
	now, err := d.gateway.ResumeRetention()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "retention measures by %s from now on; it looks once an hour\n", now.Local().Format(time.DateTime))
	return nil
}
