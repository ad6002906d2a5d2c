package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"asugate/gateway"
	"asugate/queue"
	"asugate/store"
	"asugate/store/bolt"
)

type restoreCommand struct {
	File string `arg:"" type:"path" help:"The backup."`
}

// Run puts the backup where no store is, with its lanes paused: it is older than what was delivered
// since, and a person has to say that delivering again is right.
func (c *restoreCommand) Run(s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	backup, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	defer backup.Close()
	err = bolt.Restore(backup, config.Store.Path, gateway.Migrations(), func(tx store.Tx) error {
		return restored(tx, fmt.Sprintf("uid %d", os.Geteuid()), "restore "+filepath.Base(c.File), time.Now)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "restored %s\nlanes are paused: messages delivered since the backup would be delivered again, under the same ids\n", config.Store.Path)
	fmt.Fprintln(s.out, "hint: look at gatewayd queue list, then gatewayd queue resume")
	return nil
}

// restored makes a backup one that may be put in the place of a store: nothing is delivered from it
// before an operator resumes, and the act is written down. It runs before the file has its name, so
// that no daemon ever finds it otherwise.
func restored(tx store.Tx, who, act string, now func() time.Time) error {
	queue.PauseIn(tx, "", now())
	g := gateway.New(gateway.Options{Store: within{tx}, NextID: queue.NewIDs(tx, now).Next, Now: now})
	return g.RecordAct(who, act)
}

// within is a store inside a transaction that is under way: what is done to it is done there.
type within struct{ tx store.Tx }

func (w within) View(read func(store.Reader) error) error { return read(w.tx) }
func (w within) Update(write func(store.Tx) error) error  { return write(w.tx) }
func (w within) Close() error                             { return nil }
