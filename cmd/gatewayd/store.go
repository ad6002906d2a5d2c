package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"asugate/conf"
	"asugate/gateway"
	"asugate/queue"
	"asugate/register"
	"asugate/signature/process"
	"asugate/store"
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

// Run makes a copy that is whole or not there.
func (c *backupCommand) Run(ctx context.Context, s streams, cli *cli) error {
	size, err := newFile(c.File, func(out io.Writer) error {
		return cli.operate(ctx, "backup", &backupOperation{}, out)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes\n", c.File, size)
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
	Migrate storeMigrateCommand `cmd:"" help:"Carry a store of an earlier version of this program over; the daemon must be stopped."`
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

func (c *storeCompactCommand) Run(ctx context.Context, s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	before, after, err := bolt.Compact(ctx, config.Store.Path, told(s.err))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes, was %d\n", config.Store.Path, after, before)
	return nil
}

// toldEvery is how often a person is told how far a long step is.
const toldEvery = 5 * time.Second

// told tells a person which steps a command takes, and now and then how far a long one is.
func told(w io.Writer) func(step string, done, of int64) {
	last := time.Now()
	return func(step string, done, of int64) {
		switch now := time.Now(); {
		case of == 0:
			fmt.Fprintln(w, step)
			last = now
		case now.Sub(last) >= toldEvery:
			fmt.Fprintf(w, "%s: %d of about %d MiB\n", step, done>>20, of>>20)
			last = now
		}
	}
}

type storeMigrateCommand struct {
	File string `arg:"" type:"path" help:"The copy to make of the store as it is; it must not exist."`
}

// Run makes a copy first: what has been carried over cannot be read by the program before any more.
func (c *storeMigrateCommand) Run(ctx context.Context, s streams, cli *cli) (err error) {
	config, err := cli.load()
	if err != nil {
		return err
	}
	from, err := bolt.OpenOlder(config.Store.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if from.Meta().Format == bolt.Format {
		fmt.Fprintf(s.out, "%s has format %d already\n", config.Store.Path, bolt.Format)
		return nil
	}
	size, err := newFile(c.File, func(out io.Writer) error {
		_, err := from.Backup(out)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes, the store as it was\n", c.File, size)
	done, err := from.Migrate(ctx, gateway.Migrations())
	for _, step := range done {
		fmt.Fprintln(s.out, step)
	}
	return err
}

type checkCommand struct{}

// Run reads what run would read and opens nothing to write. The store is looked at when no daemon holds it.
func (c *checkCommand) Run(ctx context.Context, s streams, cli *cli) error {
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
	keys, err := readable(ctx, config)
	if err != nil {
		return err
	}
	defer keys.close()
	if err := readRevocations(config, s.out); err != nil {
		return err
	}
	if _, err := readCodes(config.Codes); err != nil {
		return err
	}
	switch s, err := bolt.Open(config.Store.Path, bolt.Options{CheckUpTo: -1}); {
	case errors.Is(err, bolt.ErrLocked):
		return nil // the daemon has it, so it can be opened
	case err != nil:
		return err
	default:
		return errors.Join(knownSeals(s, keys), s.Close())
	}
}

// knownSeals says which participants name a signing key that is not there.
func knownSeals(s store.Store, keys *keyring) error {
	r := register.Open(s, time.Now)
	return s.View(func(tx store.Reader) error {
		dir, err := r.Directory(tx)
		if err != nil {
			return err
		}
		return keys.checkAll(dir)
	})
}

// readable reads the files and starts the programs that the configuration names, as the start of the
// daemon does. The keys are to be closed.
func readable(ctx context.Context, config *conf.Config) (*keyring, error) {
	ring := newKeyring(time.Now)
	keys, err := loadKeys(ctx, config.Signing.Keys, &keySet{}, quiet())
	if err != nil {
		return nil, err
	}
	ring.take(keys)
	if err := readableBeside(ctx, config, ring); err != nil {
		ring.close()
		return nil, err
	}
	return ring, nil
}

func readableBeside(ctx context.Context, config *conf.Config, ring *keyring) error {
	if err := ring.check(""); err != nil {
		return err
	}
	if command := config.Verification.GOST.Command; len(command) > 0 {
		program := process.New(command, quiet())
		defer program.Close()
		if err := program.Verifies(ctx, gostAlgorithms...); err != nil {
			return fmt.Errorf("starting verification.gost: %w", err)
		}
	}
	if _, err := serverTLS(config.Listen.TLS); err != nil {
		return err
	}
	_, err := pushRoots(config.Push.CA)
	return err
}
