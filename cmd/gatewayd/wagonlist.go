package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"asugate/gateway"
	"asugate/wagonlist"
)

type wagonListCommand struct {
	ID          string `arg:"" help:"The DocumentID of ЭД №1 or ЭД №2."`
	Participant string `help:"Whose document; needed when several participants use the id." placeholder:"CODE"`
	XML         bool   `name:"xml" help:"As data instead of a PDF to print."`
	File        string `short:"o" required:"" type:"path" help:"The file to make; it must not exist." placeholder:"FILE"`
}

// Run writes the file where the operator is, whoever has the store open.
func (c *wagonListCommand) Run(ctx context.Context, s streams, cli *cli) error {
	size, err := newFile(c.File, func(out io.Writer) error {
		return cli.operate(ctx, "documents/wagonlist", &wagonListForm{c.ID, c.Participant, c.XML}, out)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d bytes\n", c.File, size)
	return nil
}

// wagonListForm sends the sheet.
type wagonListForm struct {
	ID, Participant string
	XML             bool
}

func (c *wagonListForm) run(ctx context.Context, d *desk, out io.Writer) error {
	sheet, err := c.find(ctx, d)
	if err != nil {
		return err
	}
	form := wagonlist.Sheet.PDF
	if c.XML {
		form = wagonlist.Sheet.XML
	}
	body, err := form(sheet)
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	return err
}

// find is the one participant's that has such a document.
func (c *wagonListForm) find(ctx context.Context, d *desk) (wagonlist.Sheet, error) {
	senders := []string{c.Participant}
	if c.Participant == "" {
		var err error
		if senders, err = d.senders(); err != nil {
			return wagonlist.Sheet{}, err
		}
	}
	var found []wagonlist.Sheet
	var refusal error
	for _, p := range senders {
		switch s, err := d.gateway.WagonList(ctx, p, c.ID); {
		case err == nil:
			found = append(found, s)
		case errors.Is(err, gateway.ErrNoDocument):
		case errors.Is(err, gateway.ErrNotPermitted), errors.Is(err, gateway.ErrWithdrawn),
			errors.Is(err, gateway.ErrEmptyRun), errors.Is(err, gateway.ErrOnPaper):
			refusal = err
		default:
			return wagonlist.Sheet{}, err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return wagonlist.Sheet{}, failure{
			code: exitCould, what: fmt.Errorf("%d participants have a document %s", len(found), printable(c.ID)),
			hint: "say whose with --participant",
		}
	case refusal != nil:
		return wagonlist.Sheet{}, failure{
			code: exitNegative, what: refusal, hint: "gatewayd documents show " + printable(c.ID) + " says why",
		}
	}
	return wagonlist.Sheet{}, failure{code: exitCould, what: fmt.Errorf("no ЭД №1 or ЭД №2 %s", printable(c.ID))}
}
