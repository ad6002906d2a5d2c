package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"asugate/register"
	"asugate/store"
)

type participantsCommands struct {
	Import participantsImport `cmd:"" help:"Make a YAML file the register in force."`
	Export participantsExport `cmd:"" help:"Print the register as the YAML file that import reads."`
	Show   participantsShow   `cmd:"" help:"Who may do what, in short."`
	Diff   participantsDiff   `cmd:"" help:"What a file would change."`
	Secret participantsSecret `cmd:"" help:"Make a secret for a participant; the two latest are valid."`
}

type participantsImport struct {
	File    string `arg:"" help:"The file; - is standard input." json:"-"`
	Content []byte `kong:"-"`
	Dir     string `kong:"-"`
}

func (c *participantsImport) Run(ctx context.Context, s streams, cli *cli) (err error) {
	if c.Content, err = readFile(s, c.File); err != nil {
		return err
	}
	if c.Dir, err = folderOf(c.File); err != nil {
		return err
	}
	return cli.operate(ctx, "participants/import", c, s.out)
}

// folderOf is where relative paths of a file begin; none for standard input.
func folderOf(file string) (string, error) {
	if file == "-" {
		return "", nil
	}
	return filepath.Abs(filepath.Dir(file))
}

func (c *participantsImport) act() string {
	return "participants import, sha256 " + digestOf(c.Content)
}

func (c *participantsImport) run(_ context.Context, d *desk, out io.Writer) error {
	version, err := d.register.ImportParticipants(c.Content, c.Dir, "cli")
	if err != nil {
		return err
	}
	d.gateway.LookAgain() // a memo or an act may have waited for its addressee
	_, err = fmt.Fprintf(out, "participants: version %d is in force\n", version)
	return err
}

type participantsExport struct {
	At sinceFlag `help:"As it was then." placeholder:"TIME"`
}

func (c *participantsExport) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "participants/export", c, s.out)
}

func (c *participantsExport) run(_ context.Context, d *desk, out io.Writer) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		dir, err := d.register.DirectoryAt(tx, orNow(c.At, d.now()))
		if err != nil {
			return err
		}
		text, err := d.register.ExportParticipants(tx, dir.Version)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	})
}

type participantsShow struct {
	At   sinceFlag `help:"As it was then." placeholder:"TIME"`
	JSON bool      `name:"json" help:"Print the versions as JSON, one a line."`
}

func (c *participantsShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "participants/show", c, s.out)
}

func (c *participantsShow) run(_ context.Context, d *desk, out io.Writer) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		dir, err := d.register.DirectoryAt(tx, orNow(c.At, d.now()))
		if err != nil {
			return err
		}
		if c.JSON {
			versions, err := d.register.DirectoryVersions(tx, 100)
			if err != nil {
				return err
			}
			for _, v := range versions {
				line := struct {
					Version  int       `json:"version"`
					Imported time.Time `json:"imported"`
					By       string    `json:"by"`
				}{v.Version, v.Imported, v.By}
				if err := json.NewEncoder(out).Encode(line); err != nil {
					return err
				}
			}
			return nil
		}
		fmt.Fprintf(out, "version %d, imported %s\n\n", dir.Version, dir.Imported.Format(time.RFC3339))
		if err := printRailways(out, dir); err != nil {
			return err
		}
		t := table(out, "PARTICIPANT", "RAILWAY", "ORGANISATION", "AGREEMENT", "FROM", "TO", "TERMS", "SIGNATORIES", "SECRETS")
		for _, code := range slices.Sorted(maps.Keys(dir.Participants)) {
			p := dir.Participants[code]
			made, err := d.register.SecretsMade(tx, code)
			if err != nil {
				return err
			}
			for _, o := range p.Organisations {
				row(t, code, p.Railway, o.Key()+" "+printable(o.Name), printable(o.Agreement.Number),
					o.Agreement.From.String(), o.Agreement.To.String(), termsTitle(&o.Agreement),
					strconv.Itoa(len(o.Signatories)), strconv.Itoa(len(made)))
			}
		}
		return t.Flush()
	})
}

// printRailways prints how each railway's memos and acts are taken.
func printRailways(out io.Writer, dir *register.Directory) error {
	t := table(out, "RAILWAY", "PROFILE", "ZONE", "CONSENT", "GUARD", "NUMBERING")
	for _, code := range slices.Sorted(maps.Keys(dir.Railways)) {
		r := dir.Railways[code]
		guard := fmt.Sprintf("wait %v, then deliver", r.Guard.Wait)
		if r.Guard.Refuse {
			guard = fmt.Sprintf("wait %v, then refuse", r.Guard.Wait)
		}
		if !r.Guard.Since.IsZero() {
			guard += ", since " + r.Guard.Since.String()
		}
		var scopes []string
		for _, n := range r.Numbering {
			scopes = append(scopes, cmp.Or(n.Station, "others")+" "+n.Scope)
		}
		row(t, code, r.Profile, r.Zone.String(), r.Consent, guard, cmp.Or(some(scopes), "-"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out)
	return err
}

// some are the first of a list for a column, with how many more there are.
func some(list []string) string {
	const shown = 3
	if len(list) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), len(list)-shown)
	}
	return strings.Join(list, ", ")
}

// termsTitle is how long the client may take for his answers.
func termsTitle(a *register.Agreement) string {
	var terms []string
	for _, kind := range slices.Sorted(maps.Keys(a.Terms)) {
		terms = append(terms, string(kind)+" "+a.Terms[kind].String())
	}
	return cmp.Or(strings.Join(terms, ", "), "-")
}

type participantsDiff struct {
	File    string `arg:"" help:"The file; - is standard input." json:"-"`
	Content []byte `kong:"-"`
	Dir     string `kong:"-"`
}

func (c *participantsDiff) Run(ctx context.Context, s streams, cli *cli) (err error) {
	if c.Content, err = readFile(s, c.File); err != nil {
		return err
	}
	if c.Dir, err = folderOf(c.File); err != nil {
		return err
	}
	return cli.operate(ctx, "participants/diff", c, s.out)
}

func (c *participantsDiff) run(_ context.Context, d *desk, out io.Writer) error {
	var inForce []byte
	if err := d.store.View(func(tx store.Reader) (err error) {
		if v := d.register.DirectoryVersion(tx); v > 0 {
			inForce, err = d.register.ExportParticipants(tx, v)
		}
		return err
	}); err != nil {
		return err
	}
	lines, err := register.DiffParticipants(inForce, c.Content, c.Dir)
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

type participantsSecret struct {
	Code string `arg:"" help:"The participant."`
}

func (c *participantsSecret) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "participants/secret", c, s.out)
}

func (c *participantsSecret) act() string { return "participants secret " + c.Code }

// run prints the secret once; only its digest is kept.
func (c *participantsSecret) run(_ context.Context, d *desk, out io.Writer) error {
	secret, err := d.register.NewSecret(c.Code)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, secret)
	return err
}

// orNow is the time of a flag, or now when it was not given.
func orNow(f sinceFlag, now time.Time) time.Time {
	if at := f.from(now); !at.IsZero() {
		return at
	}
	return now
}
