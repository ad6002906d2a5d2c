package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"asugate/conf"
	"asugate/queue"
	"asugate/store/bolt"
)

type initCommand struct {
	IfMissing   bool   `help:"Succeed when there is a store already."`
	Environment string `help:"What the store is for; it never changes." enum:"test,production" default:"production"`
}

func (c *initCommand) Run(s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	err = bolt.Create(config.Store.Path, bolt.Meta{Environment: c.Environment, Created: time.Now().UTC()})
	if errors.Is(err, bolt.ErrExists) && c.IfMissing {
		fmt.Fprintf(s.out, "there is a store already: %s\n", config.Store.Path)
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "made an empty store for %s: %s\n", c.Environment, config.Store.Path)
	return nil
}

type backupCommand struct {
	File string `arg:"" type:"path" help:"The copy to make; it must not exist."`
}

// Run writes beside the file and renames, so that a copy with the name is a whole one.
func (c *backupCommand) Run(ctx context.Context, s streams, cli *cli) error {
	if _, err := os.Lstat(c.File); err == nil {
		return failure{code: exitCould, what: fmt.Errorf("%s exists", c.File), hint: "a backup is never overwritten"}
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), ".gatewayd-backup-")
	if err != nil {
		return fmt.Errorf("making the backup: %w", err)
	}
	defer os.Remove(f.Name()) // a no-op once it is renamed
	if err := cli.operate(ctx, "backup", &backupOperation{}, f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if err := os.Link(f.Name(), c.File); err != nil {
		return fmt.Errorf("naming the backup: %w", err)
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes\n", c.File, info.Size())
	return nil
}

// backupOperation sends the whole store.
type backupOperation struct{}

func (c *backupOperation) act() string { return "backup" }

func (c *backupOperation) run(_ context.Context, d *desk, out io.Writer) error {
	_, err := d.store.Backup(out)
	return err
}

type storeCommands struct {
	Check   storeCheck          `cmd:"" help:"Read every page and every record, and say what is wrong."`
	Compact storeCompactCommand `cmd:"" help:"Write the store anew without its free pages; the daemon must be stopped."`
}

type storeCheck struct{}

// Run needs no configuration that could be read by the daemon only: a damaged store is checked as well.
func (c *storeCheck) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "store/check", c, s.out)
}

func (c *storeCheck) run(ctx context.Context, d *desk, out io.Writer) error {
	if err := d.store.Check(ctx); err != nil {
		return err
	}
	if err := d.store.View(queue.Check); err != nil {
		return err
	}
	stats := d.store.Stats()
	fmt.Fprintf(out, "%s: no damage\n%d bytes, %d of them free\n", d.config.Store.Path, stats.Size, stats.Free)
	return nil
}

type storeCompactCommand struct{}

func (c *storeCompactCommand) Run(s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	before, after, err := bolt.Compact(config.Store.Path)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes, was %d\n", config.Store.Path, after, before)
	return nil
}

type checkCommand struct{}

// Run reads what run would read and opens nothing to write. The store is looked at when no daemon holds it.
func (c *checkCommand) Run(s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	text, err := config.Effective()
	if err != nil {
		return err
	}
	if _, err := s.out.Write(text); err != nil {
		return err
	}
	if err := readable(config); err != nil {
		return err
	}
	switch s, err := bolt.Open(config.Store.Path, bolt.Options{CheckUpTo: -1}); {
	case errors.Is(err, bolt.ErrLocked):
		return nil // the daemon has it, so it can be opened
	case err != nil:
		return err
	default:
		return s.Close()
	}
}

// readable reads the files that the configuration names, as the start of the daemon does.
func readable(config *conf.Config) error {
	keys, err := loadKeys(config.Signing.Keys)
	if err != nil {
		return err
	}
	ring := &keyring{now: time.Now}
	ring.keys.Store(&keys)
	if err := ring.check(); err != nil {
		return err
	}
	if _, err := serverTLS(config.Listen.TLS); err != nil {
		return err
	}
	_, err = pushRoots(config.Push.CA)
	return err
}
