package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"
	"time"

	"asugate/adapter/ops"
	"asugate/adapter/rabbit"
	"asugate/adapter/rest"
	"asugate/gateway"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

// listenOps opens the listener for whoever operates the gateway.
func listenOps(d *daemon) (*listener, error) {
	socket, err := net.Listen("tcp", d.config.Ops.Address)
	if err != nil {
		return nil, fmt.Errorf("listening for operators: %w", err)
	}
	return &listener{socket: socket, server: ops.NewServer(ops.Options{
		Checks: d.checks(), Metrics: d.metrics.Metrics, Pprof: d.config.Ops.Pprof, Log: d.log,
	})}, nil
}

// checks are what /readyz asks.
func (d *daemon) checks() []ops.Check {
	return []ops.Check{
		{Name: "store", Vital: true, Probe: func(context.Context) error {
			return d.store.View(func(store.Reader) error { return nil })
		}},
		{Name: "disk", Vital: true, Probe: func(context.Context) error { return d.store.Room() }},
		{Name: "signing key", Vital: true, Probe: func(context.Context) error { return d.keys.check("") }},
		{Name: "trust", Vital: true, Probe: func(context.Context) error { return d.checkTrust() }},
		{Name: "other signing keys", Probe: func(context.Context) error { return d.checkKeys() }},
		{Name: "verifying program", Probe: func(context.Context) error { return d.checkGOST() }},
		{Name: "signing certificate", Probe: func(context.Context) error { return d.checkExpiry() }},
		{Name: "revocation", Probe: func(context.Context) error { return d.checkRevocation() }},
		{Name: "staff lists", Probe: func(context.Context) error { return d.checkStaff() }},
		{Name: "memos and acts", Probe: func(context.Context) error { return d.checkAwaited() }},
		{Name: "back office", Probe: func(context.Context) error { return d.office.check() }},
		{Name: "lanes", Probe: func(context.Context) error { return d.checkLanes() }},
		{Name: "retention", Probe: func(context.Context) error { return d.gateway.RetentionHeld() }},
	}
}

// checkTrust refuses to call ready what would refuse every document.
func (d *daemon) checkTrust() error {
	dir, err := d.directory()
	if err != nil {
		return err
	}
	if dir.Version == 0 {
		return errors.New("no participants have been imported: gatewayd participants import FILE")
	}
	for code, p := range dir.Participants {
		if p.Trust.Empty() {
			return fmt.Errorf("participant %s has no trusted certificates", code)
		}
	}
	return nil
}

func (d *daemon) checkExpiry() error {
	names := d.keys.set.Load().names
	var words []string
	for _, name := range names {
		k := d.keys.inForce(name)
		if k == nil {
			continue // told by others
		}
		until := k.key.Certificate().NotAfter
		if until.Sub(d.now()) >= d.config.Ops.CertificateWarn.Std() {
			continue
		}
		word := "ends on " + until.Format(time.DateOnly)
		if len(names) > 1 {
			word = "that of key " + name + " " + word
		}
		words = append(words, word)
	}
	if len(words) > 0 {
		return errors.New(strings.Join(words, "; "))
	}
	return nil
}

// checkKeys names the keys that do not work beside the first one, and the participants whose ЭСИД
// would be signed with a key that nobody has configured.
func (d *daemon) checkKeys() error {
	dir, err := d.directory()
	if err != nil {
		return err
	}
	return d.keys.checkAll(dir)
}

func (d *daemon) checkGOST() error {
	if d.gost == nil {
		return nil
	}
	return d.gost.Check()
}

// verifying says whether the program that verifies in our place answers; nil when there is none.
func (d *daemon) verifying() func() bool {
	if d.gost == nil {
		return nil
	}
	return func() bool { return d.gost.Check() == nil }
}

// organisationsLimit bounds what a probe or a scrape looks at.
const organisationsLimit = 10_000

func (d *daemon) checkStaff() error {
	lists, err := d.staffLists()
	if err != nil {
		return err
	}
	dir, err := d.directory()
	if err != nil {
		return err
	}
	known := make(map[string]time.Time)
	for _, l := range lists {
		known[l.Organisation] = l.Imported
	}
	for _, p := range dir.Participants {
		for _, o := range p.Organisations {
			imported, ok := known[o.Key()]
			if !ok && wantsStaff(o) {
				return fmt.Errorf("organisation %s has no staff list: its ЭД №2 are refused", o.Key())
			}
			if most := d.config.Ops.StaffMaxAge.Std(); ok && most > 0 && d.now().Sub(imported) > most {
				return fmt.Errorf("the staff list of %s came on %s", o.Key(), imported.Format(time.DateOnly))
			}
		}
	}
	return nil
}

// wantsStaff says whether the organisation's ЭД №2 are expected.
func wantsStaff(o *register.Organisation) bool {
	for _, k := range o.Agreement.Covers {
		if k == schema.KindPlacement {
			return o.Agreement.Placement != register.PlacementByHand
		}
	}
	return false
}

func (d *daemon) staffLists() ([]ops.StaffList, error) {
	var lists []ops.StaffList
	err := d.store.View(func(tx store.Reader) error {
		lists = nil
		for _, org := range d.register.StaffOrganisations(tx, organisationsLimit) {
			v, err := d.register.StaffVersions(tx, org, 1)
			if err != nil {
				return err
			}
			if len(v) > 0 {
				lists = append(lists, ops.StaffList{
					Organisation: org, Version: v[0].Version, Imported: v[0].Imported,
				})
			}
		}
		return nil
	})
	return lists, err
}

// checkAwaited names the memos and acts that go no further without a person.
func (d *daemon) checkAwaited() error {
	a, err := d.gateway.Awaited()
	if err != nil {
		return err
	}
	var words []string
	if a.Unaddressed > 0 {
		words = append(words, fmt.Sprintf("%d without an addressee in the register", a.Unaddressed))
	}
	if a.Held > 0 {
		words = append(words, fmt.Sprintf("%d held: the term passed while they could not be read", a.Held))
	}
	if len(words) > 0 {
		return errors.New(strings.Join(words, "; "))
	}
	return nil
}

func (d *daemon) checkLanes() error {
	lanes, err := d.queue.Lanes(organisationsLimit)
	if err != nil {
		return err
	}
	var words []string
	for _, l := range lanes {
		if l.Parked > 0 {
			words = append(words, fmt.Sprintf("%s has %d parked", l.Lane, l.Parked))
		}
		if l.Paused {
			words = append(words, l.Lane+" is paused")
		}
	}
	if len(words) > 0 {
		return errors.New(strings.Join(words, "; "))
	}
	return nil
}

// check says what keeps the back office from being reached.
func (o *office) check() error {
	if o.broker == nil {
		return o.spool.Check()
	}
	s := o.broker.State()
	for _, l := range []rabbit.LinkState{s.Publish, s.Consume} {
		switch {
		case !l.Connected:
			return fmt.Errorf("no connection to the broker: %s", l.LastError)
		case l.Blocked != "":
			return fmt.Errorf("the broker takes nothing at present: %s", l.Blocked)
		}
	}
	return nil
}

// observed is the daemon's metrics, with what the clients' adapter tells.
type observed struct{ *ops.Metrics }

func newObserved(d *daemon) observed {
	return observed{ops.NewMetrics(ops.Sources{
		Version:    version,
		Now:        d.now,
		InFlight:   d.inFlight,
		BodyBytes:  d.bodyBytes,
		Lanes:      d.lanes,
		StaffLists: newEndings(d.desk).lists(d.staffLists),
		Certificates: func() []ops.Certificate {
			var list []ops.Certificate
			for _, k := range d.keys.set.Load().keys {
				c := k.key.Certificate()
				list = append(list, ops.Certificate{
					Use: "signing", Key: k.name, Subject: c.Subject.CommonName, Serial: c.SerialNumber.Text(16), Until: c.NotAfter,
				})
			}
			return list
		},
		Revocation: d.revocation,
		Deferred:   d.gateway.Undecided,
		Retired:    d.retired,
		Awaited:    d.awaited,
		Signing:    d.keys.up,
		Verifying:  d.verifying(),
		StoreBytes: func() (size, free int64, err error) {
			free, err = d.store.Space()
			return d.store.Stats().Size, free, err
		},
	})}
}

// bodyBytes is how long the documents are that clients have under way; none before the listener is open.
func (d *daemon) bodyBytes() int64 {
	if d.api == nil {
		return 0
	}
	return d.api.BodyBytes()
}

// awaited is how many memos and acts wait, and for what.
func (d *daemon) awaited() (ops.Awaited, error) {
	a, err := d.gateway.Awaited()
	return ops.Awaited{
		Over: a.Over, HalfHour: a.HalfHour, TwoHours: a.TwoHours, Longer: a.Longer,
		Held: a.Held, Unaddressed: a.Unaddressed,
	}, err
}

// inFlight is how many documents of clients are being judged; none before the listener is open.
func (d *daemon) inFlight() int {
	if d.api == nil {
		return 0
	}
	return d.api.InFlight()
}

// retired is what retention has let go, with a zero for every kind that it has not.
func (d *daemon) retired() map[string]int {
	counts := make(map[string]int)
	for _, kind := range gateway.RetiredKinds() {
		counts[kind] = 0
	}
	maps.Copy(counts, d.gateway.Retired())
	return counts
}

// Observe counts an answer to a client.
func (o observed) Observe(a rest.Observation) {
	o.Request(a.Route, a.Status)
	if doc := a.Document; doc != nil && !doc.DryRun {
		o.Document(ops.Document{
			Kind: doc.Kind, Via: "rest", Result: doc.Result, Codes: doc.Codes, Duration: a.Duration,
		})
	}
}

func (d *daemon) lanes() ([]ops.Lane, error) {
	states, err := d.queue.Lanes(organisationsLimit)
	lanes := make([]ops.Lane, 0, len(states))
	for _, s := range states {
		lanes = append(lanes, ops.Lane{Name: s.Lane, Depth: s.Waiting + s.Parked, Parked: s.Parked, Oldest: s.Oldest})
	}
	return lanes, err
}
