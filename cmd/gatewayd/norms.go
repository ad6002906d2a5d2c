package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

type normsCommands struct {
	Import normsImport `cmd:"" help:"Make a YAML file the register in force."`
	Export normsExport `cmd:"" help:"Print the register as the YAML file that import reads."`
	Show   normsShow   `cmd:"" help:"Which МТУ and НТУ there are, and until when."`
	Diff   normsDiff   `cmd:"" help:"What a file would change."`
}

type normsImport struct {
	File    string `arg:"" help:"The file; - is standard input." json:"-"`
	Content []byte `kong:"-"`
}

func (c *normsImport) Run(ctx context.Context, s streams, cli *cli) (err error) {
	if c.Content, err = readFile(s, c.File); err != nil {
		return err
	}
	return cli.operate(ctx, "norms/import", c, s.out)
}

func (c *normsImport) act() string { return "norms import, sha256 " + digestOf(c.Content) }

func (c *normsImport) run(_ context.Context, d *desk, out io.Writer) error {
	version, count, err := d.register.ImportNorms(c.Content, "cli")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "norms: version %d is in force, %d documents\n", version, count)
	return err
}

type normsExport struct {
	At sinceFlag `help:"As it was then." placeholder:"TIME"`
}

func (c *normsExport) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "norms/export", c, s.out)
}

func (c *normsExport) run(_ context.Context, d *desk, out io.Writer) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		n, err := d.register.NormsAt(tx, orNow(c.At, d.now()))
		if err != nil {
			return err
		}
		text, err := d.register.ExportNorms(tx, n.Version)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	})
}

type normsShow struct {
	Number string        `arg:"" optional:"" help:"Only those of this number, with their schemes."`
	At     sinceFlag     `help:"As it was then." placeholder:"TIME"`
	Due    time.Duration `help:"Only those whose term ends within this time." placeholder:"DURATION"`
	JSON   bool          `name:"json" help:"Print the versions as JSON, one a line."`
}

func (c *normsShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "norms/show", c, s.out)
}

func (c *normsShow) run(_ context.Context, d *desk, out io.Writer) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		if c.JSON {
			return d.normsVersions(tx, out)
		}
		at := orNow(c.At, d.now())
		n, err := d.register.NormsAt(tx, at)
		if err != nil {
			return err
		}
		if n.Version == 0 {
			_, err := fmt.Fprintln(out, "no norms have been imported")
			return err
		}
		fmt.Fprintf(out, "version %d, imported %s\n\n", n.Version, n.Imported.Format(time.RFC3339))
		if c.Number != "" {
			return showNorms(out, n, c.Number)
		}
		today := schema.DateOf(at, at.Location())
		last := schema.DateOf(at.Add(c.Due), at.Location())
		t := table(out, "TYPE", "NUMBER", "APPROVED", "CONSIGNOR", "FROM", "TO", "EXTRACT", "STATE")
		for i := range n.Documents {
			x := &n.Documents[i]
			if c.Due > 0 && (x.Last().IsZero() || !x.Last().Within(today, last)) {
				continue
			}
			row(t, x.Type, printable(x.Number), x.Date(), consignorOf(x), x.First().String(), x.Last().String(),
				x.Extract.String(), normState(x, today))
		}
		return t.Flush()
	})
}

func (d *desk) normsVersions(tx store.Reader, out io.Writer) error {
	versions, err := d.register.NormsVersions(tx, 100)
	if err != nil {
		return err
	}
	for _, v := range versions {
		line := struct {
			Version  int       `json:"version"`
			Imported time.Time `json:"imported"`
			By       string    `json:"by"`
			Norms    int       `json:"norms"`
		}{v.Version, v.Imported, v.By, v.Norms}
		if err := json.NewEncoder(out).Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func consignorOf(x *register.NormDocument) string {
	if x.ByOrder {
		return "by order"
	}
	return strings.TrimSpace(x.Consignor.Key() + " " + printable(x.Name))
}

// normState says in words what a verdict of that day would say.
func normState(x *register.NormDocument, day schema.Date) string {
	switch {
	case x.CancelledOn(day):
		return "cancelled"
	case day.Before(x.First()):
		return "not yet in force"
	case !x.InForce(day):
		return "expired"
	case x.Extract.IsZero():
		return "in force, no extract"
	case x.Reconciled == register.ReconciledDiffers:
		return "in force, extract differs"
	}
	return "in force"
}

// showNorms tells all that is known of the documents of a number.
func showNorms(out io.Writer, n *register.Norms, number string) error {
	t := table(out, "TYPE", "NUMBER", "APPROVED", "CONSIGNOR", "SCHEME", "FASTENER", "QUANTITY", "STRANDS", "DIAMETER", "SIZE")
	for _, kind := range []string{schema.NormMTU, schema.NormNTU} {
		for _, x := range n.Numbered(kind, number) {
			row(t, x.Type, printable(x.Number), x.Date(), consignorOf(x))
			for _, s := range x.Schemes {
				for _, f := range s.Fasteners {
					row(t, "", "", "", "", printable(s.Number), printable(f.Name), fmt.Sprint(f.Quantity),
						fmt.Sprint(f.Strands), printable(f.Diameter), printable(f.Size))
				}
			}
		}
	}
	return t.Flush()
}

type normsDiff struct {
	File    string `arg:"" help:"The file; - is standard input." json:"-"`
	Content []byte `kong:"-"`
}

func (c *normsDiff) Run(ctx context.Context, s streams, cli *cli) (err error) {
	if c.Content, err = readFile(s, c.File); err != nil {
		return err
	}
	return cli.operate(ctx, "norms/diff", c, s.out)
}

func (c *normsDiff) run(_ context.Context, d *desk, out io.Writer) error {
	lines, err := d.register.DiffNorms(c.Content)
	if err != nil {
		return err
	}
	for _, l := range lines {
		fmt.Fprintln(out, printable(l))
	}
	if len(lines) == 0 {
		fmt.Fprintln(out, "no difference")
	}
	return nil
}
