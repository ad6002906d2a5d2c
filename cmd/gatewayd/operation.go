package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// operation is something that the operator does to an open store. It runs inside the daemon when one
// holds the store, and inside the command itself otherwise; it cannot tell the difference. Its
// exported fields are its parameters and travel as JSON, so files are read before.
type operation interface {
	run(ctx context.Context, d *desk, out io.Writer) error
}

// changes is an operation that is written down in the journal of acts before it runs.
type changes interface {
	operation
	// act says in a few words what is done, without secrets and file contents.
	act() string
}

// operate runs an operation where the store is: in the daemon, else here.
func (c *cli) operate(ctx context.Context, name string, op operation, out io.Writer) error {
	config, err := c.load()
	if err != nil {
		return err
	}
	switch done, err := callDaemon(ctx, config.Admin.Socket, name, op, out); {
	case err != nil:
		return err
	case done:
		return nil
	}
	d, err := openDesk(config, quiet(), clock)
	if err != nil {
		return err
	}
	defer d.close()
	return d.perform(ctx, op, fmt.Sprintf("uid %d", os.Geteuid()), out)
}

// perform runs an operation on this desk, and writes down who changed what.
func (d *desk) perform(ctx context.Context, op operation, who string, out io.Writer) error {
	if c, ok := op.(changes); ok {
		if err := d.gateway.RecordAct(who, c.act()); err != nil {
			return err
		}
	}
	return op.run(ctx, d, out)
}

// decodeOperation is the operation of a name with its parameters.
func decodeOperation(name string, parameters []byte) (operation, error) {
	construct, ok := operations[name]
	if !ok {
		return nil, failure{
			code: exitCould, what: fmt.Errorf("the daemon knows no operation %q", name),
			hint: "the daemon runs another version of gatewayd; restart it",
		}
	}
	op := construct()
	if err := json.Unmarshal(parameters, op); err != nil {
		return nil, fmt.Errorf("reading parameters of %s: %w", name, err)
	}
	return op, nil
}
