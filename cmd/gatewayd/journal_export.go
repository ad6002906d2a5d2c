package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"asugate/gateway"
)

type journalExportCommand struct {
	ID   string `arg:"" help:"The ЭСИД's message id."`
	File string `short:"o" required:"" type:"path" help:"The ZIP archive to make; it must not exist." placeholder:"FILE"`
}

// Run writes the archive where the operator is, whoever has the store open.
func (c *journalExportCommand) Run(ctx context.Context, s streams, cli *cli) error {
	size, err := newFile(c.File, func(out io.Writer) error {
		return cli.operate(ctx, "journal/export", &journalExport{ID: c.ID}, out)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes\n", c.File, size)
	return nil
}

// journalExport sends the archive.
type journalExport struct{ ID string }

func (c *journalExport) run(ctx context.Context, d *desk, out io.Writer) error {
	// The proof needs a checkpoint, and a single command has no keys to sign one unless it must.
	if _, err := d.gateway.ProofOf(ctx, c.ID); errors.Is(err, gateway.ErrNotReady) {
		if err := d.needKeys(ctx); err != nil {
			return err
		}
	}
	archive := zip.NewWriter(out)
	err := d.gateway.Export(ctx, c.ID, func(name string, body []byte) error {
		w, err := archive.Create(name)
		if err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	})
	if err != nil {
		return err
	}
	return archive.Close()
}

// newFile makes a file that was not there, whole or not at all.
func newFile(path string, fill func(io.Writer) error) (size int64, err error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, failure{code: exitCould, what: fmt.Errorf("%s exists", path), hint: "nothing is overwritten: take another name"}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gatewayd-")
	if err != nil {
		return 0, fmt.Errorf("making a file: %w", err)
	}
	defer os.Remove(f.Name()) // its other name
	if err := fill(f); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		return 0, fmt.Errorf("naming the file: %w", err)
	}
	// Whoever migrates goes on when there is a copy: its name is to survive as its bytes do.
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return 0, fmt.Errorf("naming the file: %w", err)
	}
	return info.Size(), nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
