package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

type staffCommands struct {
	Import  staffImport  `cmd:"" help:"Make a file, XML or CSV, the staff list in force of its organisation."`
	Export  staffExport  `cmd:"" help:"Print a staff list as XML or CSV."`
	Show    staffShow    `cmd:"" help:"Who may do what; without an organisation, which lists there are."`
	Diff    staffDiff    `cmd:"" help:"What a file would change, and whom it would refuse."`
	Held    staffHeld    `cmd:"" help:"Lists that shrank too much and wait for a decision."`
	Release staffRelease `cmd:"" help:"Decide on a held list: put it in force, or drop it."`
}

// staffFile is a list in a file. XML names organisation and version; CSV needs them said.
type staffFile struct {
	File         string `arg:"" help:"The file; - is standard input. XML (StaffList, its signature is not needed here) or CSV." json:"-"`
	Organisation string `help:"For CSV: the organisation, by ИНН, or edrpou-…, okpo-…." placeholder:"KEY"`
	ListVersion  int    `name:"list-version" help:"For CSV: the version of the list; by default one above the one in force." placeholder:"N"`
	Content      []byte `kong:"-"`
	CSV          bool   `kong:"-"`
}

func (c *staffFile) read(s streams) (err error) {
	c.Content, err = readFile(s, c.File)
	c.CSV = strings.EqualFold(filepath.Ext(c.File), ".csv") ||
		c.File == "-" && !bytes.HasPrefix(bytes.TrimLeft(c.Content, "\ufeff \t\r\n"), []byte("<"))
	if err == nil && c.CSV && c.Organisation == "" {
		return failure{code: exitUsage, what: errors.New("a CSV file needs --organisation")}
	}
	return err
}

// list decodes the file on the desk, which knows the zone and the versions in force.
func (c *staffFile) list(d *desk) (schema.StaffList, error) {
	if !c.CSV {
		return readStaffXML(d, c.Content)
	}
	org := organisationOf(c.Organisation)
	version := c.ListVersion
	if version == 0 {
		if err := d.store.View(func(tx store.Reader) error {
			version = d.register.StaffVersion(tx, org.Key()) + 1
			return nil
		}); err != nil {
			return schema.StaffList{}, err
		}
	}
	return register.ParseStaffCSV(bytes.NewReader(c.Content), org, version)
}

// organisationOf reads the key of an organisation as people write it.
func organisationOf(key string) schema.OrgID {
	switch kind, value, _ := strings.Cut(key, "-"); {
	case kind == "edrpou":
		return schema.OrgID{EDRPOU: value}
	case kind == "okpo":
		return schema.OrgID{OKPO: value}
	}
	return schema.OrgID{INN: key}
}

// readStaffXML reads a list that the operator vouches for: its schema must hold, its signature is not
// looked at.
func readStaffXML(d *desk, content []byte) (schema.StaffList, error) {
	tree, err := xmltree.Parse(content, d.limits())
	if err != nil {
		return schema.StaffList{}, fmt.Errorf("reading the staff list: %w", err)
	}
	list, findings := schema.ReadStaffList(tree, time.UTC)
	if schema.Refused(findings) {
		return schema.StaffList{}, fmt.Errorf("reading the staff list: %w", notBySchema(findings))
	}
	return list, nil
}

// notBySchema is why a list is not by its schema. What is called as passport data are is told apart: an
// order has them, so this is no slip.
func notBySchema(findings []schema.Finding) error {
	var lines []string
	for _, f := range findings {
		line := f.Path + ": " + f.Reason
		if f.Expected != "" {
			line += ", expected " + f.Expected
		}
		if f.Actual != "" {
			line += ", found " + f.Actual
		}
		lines = append(lines, line)
		if register.PassportName(f.Actual) {
			return fmt.Errorf("%s: %q: %w", f.Path, f.Actual, register.ErrPassportData)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

type staffImport struct {
	staffFile
	AllowShrink bool `help:"Also when more than a fifth of the people would be gone."`
}

func (c *staffImport) Run(ctx context.Context, s streams, cli *cli) error {
	if err := c.read(s); err != nil {
		return err
	}
	return cli.operate(ctx, "staff/import", c, s.out)
}

func (c *staffImport) act() string { return "staff import, sha256 " + digestOf(c.Content) }

func digestOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func (c *staffImport) run(_ context.Context, d *desk, out io.Writer) error {
	l, err := c.list(d)
	if err != nil {
		return err
	}
	err = d.register.ImportStaff(l, "cli", c.AllowShrink)
	key := l.Organisation.Key()
	if errors.Is(err, register.ErrHeld) {
		return failure{
			code: exitNegative,
			what: fmt.Errorf("staff of %s: version %d has %d people, over a fifth fewer than the list in force: held", key, l.Version, len(l.Entries)),
			hint: "look at gatewayd staff diff FILE, then gatewayd staff release " + key + ", or import with --allow-shrink",
		}
	}
	if err != nil {
		return err
	}
	d.gateway.LookAgain() // it may have overtaken a held one
	_, err = fmt.Fprintf(out, "staff of %s: version %d is in force, %d people, %d powers of attorney\n",
		key, l.Version, len(l.Entries), len(l.Proxies))
	return err
}

type staffExport struct {
	Organisation string    `arg:"" help:"The organisation."`
	At           sinceFlag `help:"As it was then." placeholder:"TIME"`
	Format       string    `help:"xml or csv." enum:"xml,csv" default:"xml"`
}

func (c *staffExport) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "staff/export", c, s.out)
}

func (c *staffExport) run(_ context.Context, d *desk, out io.Writer) error {
	staff, err := d.staffAt(c.Organisation, orNow(c.At, d.now()))
	if err != nil {
		return err
	}
	if c.Format == "csv" {
		return register.WriteStaffCSV(out, &staff.StaffList)
	}
	return register.WriteStaffXML(out, &staff.StaffList, schema.Header{
		DocumentID: uuid.NewString(), CreatedAt: d.now(), Sender: d.config.Office.Railway,
		Organisation: staff.Organisation, Receiver: d.config.Office.Railway,
	})
}

// staffAt is the list of an organisation at a time, or an error that says that there is none.
func (d *desk) staffAt(organisation string, at time.Time) (*register.Staff, error) {
	var staff *register.Staff
	key := organisationOf(organisation).Key()
	err := d.store.View(func(tx store.Reader) (err error) {
		staff, err = d.register.StaffAt(tx, key, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	if staff == nil {
		return nil, failure{
			code: exitCould, what: fmt.Errorf("no staff list of %s", printable(organisation)),
			hint: "gatewayd staff show tells which lists there are",
		}
	}
	return staff, nil
}

type staffShow struct {
	Organisation string    `arg:"" optional:"" help:"The organisation."`
	At           sinceFlag `help:"As it was then." placeholder:"TIME"`
	Ending       bool      `help:"Only what ends within 30 days, and nothing follows."`
}

func (c *staffShow) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "staff/show", c, s.out)
}

func (c *staffShow) run(_ context.Context, d *desk, out io.Writer) error {
	at := orNow(c.At, d.now())
	if c.Organisation == "" {
		return d.showLists(out, at)
	}
	staff, err := d.staffAt(c.Organisation, at)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "staff of %s: version %d, in force since %s, from %s\n\n", staff.Organisation.Key(),
		staff.Version, staff.Imported.Format(time.RFC3339), staff.Source)
	t := table(out, "PERSON", "POST", "ORDER", "WORK", "SIGNS", "STATIONS", "FROM", "TO", "COPY OF")
	entries, proxies := everything(staff)
	if c.Ending {
		entries, proxies = staff.Ending(schema.DateOf(at, time.Local), endingWithin)
	}
	for _, e := range entries {
		signs := fmt.Sprint(e.MaySign)
		if e.RightUnsaid {
			signs = "-"
		}
		row(t, printable(e.Name), printable(e.Post), printable(e.OrderNumber)+" "+e.OrderDate.String(),
			strings.Join(e.Works, " "), signs, strings.Join(e.Stations, " "), e.From.String(), e.To.String(), e.Recipient)
	}
	if err := t.Flush(); err != nil || len(proxies) == 0 {
		return err
	}
	fmt.Fprintln(out)
	t = table(out, "POWER OF ATTORNEY", "OF", "GIVEN BY", "HOLDER", "SIGNS FOR", "WHAT", "FROM", "TO", "WITHDRAWN")
	for _, p := range proxies {
		row(t, printable(p.Number), p.Date.String(), cmp.Or(printable(p.Issuer.Name), "-"), printable(p.Holder.Name),
			cmp.Or(names(p.Principals), "everybody"), cmp.Or(scope(p), "everything"),
			p.From.String(), p.To.String(), p.Withdrawn.String())
	}
	return t.Flush()
}

func everything(l *register.Staff) (entries []*schema.StaffEntry, proxies []*schema.PowerOfAttorney) {
	for i := range l.Entries {
		entries = append(entries, &l.Entries[i])
	}
	for i := range l.Proxies {
		proxies = append(proxies, &l.Proxies[i])
	}
	return entries, proxies
}

func names(people []schema.Person) string {
	var list []string
	for _, p := range people {
		list = append(list, printable(p.Name))
	}
	return strings.Join(list, ", ")
}

// scope is what a power of attorney lets sign, empty for everything.
func scope(p *schema.PowerOfAttorney) string {
	var words []string
	for _, k := range p.Kinds {
		words = append(words, string(k))
	}
	for _, b := range p.Branches {
		words = append(words, "КПП "+b)
	}
	return strings.Join(words, " ")
}

// showLists tells which organisations have a list.
func (d *desk) showLists(out io.Writer, at time.Time) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		t := table(out, "ORGANISATION", "VERSION", "SINCE", "FROM", "PEOPLE")
		for _, org := range d.register.StaffOrganisations(tx, 100_000) {
			s, err := d.register.StaffAt(tx, org, at)
			if err != nil {
				return err
			}
			if s != nil {
				row(t, org, fmt.Sprint(s.Version), s.Imported.Local().Format(time.DateTime), s.Source, fmt.Sprint(len(s.Entries)))
			}
		}
		return t.Flush()
	})
}

type staffHeld struct{}

func (c *staffHeld) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "staff/held", c, s.out)
}

func (c *staffHeld) run(_ context.Context, d *desk, out io.Writer) error {
	return d.print(out, func(tx store.Reader, out io.Writer) error {
		t := table(out, "ORGANISATION", "VERSION", "PEOPLE", "IN FORCE")
		for _, org := range d.register.HeldOrganisations(tx, 100_000) {
			h, err := d.register.Held(tx, org)
			if err != nil {
				return err
			}
			now, err := d.register.Staff(tx, org)
			if err != nil {
				return err
			}
			people := 0
			if now != nil {
				people = len(now.Entries)
			}
			row(t, org, fmt.Sprint(h.Version), fmt.Sprint(len(h.Entries)), fmt.Sprint(people))
		}
		return t.Flush()
	})
}

type staffRelease struct {
	Organisation string `arg:"" help:"The organisation."`
	Drop         bool   `help:"Throw the held list away."`
}

func (c *staffRelease) Run(ctx context.Context, s streams, cli *cli) error {
	return cli.operate(ctx, "staff/release", c, s.out)
}

func (c *staffRelease) act() string {
	if c.Drop {
		return "staff release --drop " + c.Organisation
	}
	return "staff release " + c.Organisation
}

func (c *staffRelease) run(_ context.Context, d *desk, out io.Writer) error {
	key := organisationOf(c.Organisation).Key()
	if c.Drop {
		if err := d.register.DropHeld(key); err != nil {
			return err
		}
		d.gateway.LookAgain()
		_, err := fmt.Fprintf(out, "staff of %s: the held list is gone\n", key)
		return err
	}
	version, err := d.register.Release(key)
	if err != nil {
		return err
	}
	d.gateway.LookAgain()
	_, err = fmt.Fprintf(out, "staff of %s: version %d is in force\n", key, version)
	return err
}
