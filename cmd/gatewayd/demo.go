package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

type demoCommand struct {
	Dir  string `type:"path" help:"Where everything is put; a temporary folder when not named." placeholder:"DIR"`
	Keep bool   `help:"Leave the daemon running at the end, and print curl lines and a token."`
	Lang string `help:"Language of the explanations: ru, uk or en; by default that of the environment." enum:",ru,uk,en" default:""`
}

// Run plays the whole job: what a shipper's system and the railway's back office would do, one
// document after the other, each with the answer that it must get. Any other answer is a failure.
func (c *demoCommand) Run(ctx context.Context, s streams) error {
	dir, err := c.folder()
	if err != nil {
		return err
	}
	if c.Dir == "" && !c.Keep {
		defer os.RemoveAll(dir)
	}
	if c.Lang == "" {
		c.Lang = environmentLanguage(os.Getenv)
	}
	fmt.Fprintf(s.out, "gatewayd demo in %s\n", dir)
	play, err := stageDemo(dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	daemon, err := startDaemon(ctx, play.config, play.log)
	if err != nil {
		return err
	}
	sh := &show{out: s.out, lang: c.Lang, stage: play, client: demoClient(daemon.web.address(), play.secret)}
	failed := sh.play(ctx)
	if c.Keep && !failed {
		play.howToGoOn(s.out, daemon)
		<-ctx.Done()
	}
	stop()
	if err := daemon.wait(); err != nil {
		return err
	}
	if failed {
		return failure{code: exitNegative, what: errors.New("an answer was not the expected one")}
	}
	return nil
}

// folder is where the demonstration lives: fresh, so that nothing of the operator's is touched.
func (c *demoCommand) folder() (string, error) {
	if c.Dir == "" {
		return os.MkdirTemp("", "gatewayd-demo-")
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return "", fmt.Errorf("making the folder of the demonstration: %w", err)
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return "", fmt.Errorf("reading the folder of the demonstration: %w", err)
	}
	if len(entries) > 0 {
		return "", failure{
			code: exitCould, what: fmt.Errorf("%s is not empty", c.Dir),
			hint: "name a new folder: the demonstration overwrites nothing",
		}
	}
	return filepath.Abs(c.Dir)
}

// environmentLanguage is the language of explanations by the usual variables.
func environmentLanguage(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); len(v) >= 2 {
			switch v[:2] {
			case "ru", "uk":
				return v[:2]
			}
			return "en"
		}
	}
	return "en"
}
