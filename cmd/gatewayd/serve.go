package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"asugate/adapter/rest"
	"asugate/conf"
	"asugate/gateway"
	"asugate/store"
)

type runCommand struct {
	AddressFile string `hidden:"" type:"path" help:"Write the addresses listened on to this file, one NAME=ADDRESS a line."`
}

func (c *runCommand) Run(ctx context.Context, s streams, cli *cli) error {
	config, err := cli.load()
	if err != nil {
		return err
	}
	// From now on a SIGHUP means to reload, and not to die: one that comes too early waits.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	// Whoever read our log may go away: that would end us at the next line, for nothing that is asked for
	// or owed depends on it. What is to be proved is in the journal, which is in the store.
	signal.Ignore(syscall.SIGPIPE)
	log := newLog(s.err, config.Log.Level)
	if !config.Ops.Pprof {
		runtime.MemProfileRate = 0 // nobody can ask for the profile, and each sample costs a walk of the stack
	}
	tuneMemory(config.Limits)
	d, err := startDaemon(ctx, config, log)
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		log.Info("gatewayd was stopped before it served") // it goes on there at the next start
		return nil
	case err != nil:
		return err
	}
	if c.AddressFile != "" {
		if err := d.writeAddresses(c.AddressFile); err != nil {
			return errors.Join(err, d.stop())
		}
	}
	go d.reloadOn(ctx, hangups, cli.load)
	return d.wait()
}

// exitStopped is the exit code when what is on disk is not known: be restarted.
const exitStopped = 3

// daemon is the running gateway.
type daemon struct {
	*desk
	web     *listener // for clients
	api     *rest.API // behind web
	ops     *listener // for operators
	admin   net.Listener
	office  *office
	metrics observed
	group   *errgroup.Group
	cancel  context.CancelFunc

	fatal     chan error // has room for the one error that stops everything
	reloading sync.Mutex // held by reload, so that two do not mix
}

// fail stops the daemon because of err; the first one counts.
func (d *daemon) fail(err error) {
	select {
	case d.fatal <- err:
	default:
	}
}

// startDaemon opens the store and the keys, lets happen what is overdue, opens the way to the back
// office and the listeners, in this order, and begins to serve. What is missing here stops the start,
// with a sentence; what fails later is retried and shown by /readyz.
func startDaemon(ctx context.Context, config *conf.Config, log *slog.Logger) (*daemon, error) {
	desk, err := openDesk(config, log, clock)
	if err != nil {
		return nil, err
	}
	d := &daemon{desk: desk, fatal: make(chan error, 1)}
	d.watched.unknown = d.fail // whoever finds out: see exitStopped
	d.metrics = newObserved(d)
	if err := d.open(ctx); err != nil {
		return nil, unknown(errors.Join(err, d.closeListeners(), desk.close()))
	}
	serving, cancel := context.WithCancel(ctx)
	d.cancel = cancel
	d.group, serving = errgroup.WithContext(serving)
	d.start(serving)
	log.Info("gatewayd serves", "version", version, "clients", d.web.address(), "ops", d.ops.address(),
		"office", config.Office.Transport, "store", config.Store.Path, "environment", d.store.Meta().Environment)
	return d, nil
}

func (d *daemon) open(ctx context.Context) error {
	if err := d.takeKeys(ctx, d.config); err != nil {
		return err
	}
	if err := d.keys.check(""); err != nil {
		return failure{code: exitCould, what: err, hint: "name a key and its certificate under signing.keys"}
	}
	if d.gost != nil {
		if err := d.gost.Verifies(ctx, gostAlgorithms...); err != nil {
			return fmt.Errorf("starting verification.gost: %w", err)
		}
	}
	if err := d.takeRevocations(); err != nil {
		return err
	}
	// What an earlier program has written into the journal gets its leaves before anything new does.
	if err := d.gateway.FillLedger(ctx); err != nil {
		return err
	}
	// What had to happen while no process ran comes before anybody is listened to: an answer that comes
	// now must not win over a term that has passed (1166/р п. 2.12, 3.13). What is told of it is signed.
	if err := d.gateway.FireOverdue(ctx); err != nil {
		return err
	}
	var err error
	if d.office, err = newOffice(d.desk, d.acceptOffice); err != nil {
		return err
	}
	d.office.deliver = d.metrics.Deliveries(delivering(d.office.deliver))
	if d.web, err = listenClients(d); err != nil {
		return err
	}
	if d.ops, err = listenOps(d); err != nil {
		return err
	}
	d.admin, err = listenUnix(d.config.Admin.Socket)
	return err
}

// start begins everything that serves, each under the group: the first failure stops all.
//
// The order of stopping is the reverse of trust: the clients' listener stops taking first, what is in
// work is finished within the grace, then lanes and office stop, and last the store is closed (wait).
func (d *daemon) start(ctx context.Context) {
	lanes, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	d.group.Go(func() error {
		defer stopLanes()
		return d.web.serve(ctx, d.config.Shutdown.Grace.Std())
	})
	d.group.Go(func() error { return d.ops.serve(lanes, time.Second) })
	d.group.Go(func() error { return serveAdmin(lanes, d.admin, d.desk) })
	d.group.Go(func() error { return d.gateway.RunPending(lanes) })
	d.group.Go(func() error { return d.gateway.RunDeferred(lanes) })
	d.group.Go(func() error { return d.gateway.RunClock(lanes) })
	d.group.Go(func() error { return d.gateway.RunCheckpoints(lanes) })
	d.group.Go(func() error { return d.gateway.RunRetention(lanes) })
	d.group.Go(func() error { return d.revocations.Run(lanes) })
	d.group.Go(func() error { return d.lookAgain(lanes) })
	d.group.Go(func() error { return d.runPushes(lanes) })
	d.office.start(lanes, d.group)
	d.group.Go(func() error {
		select {
		case err := <-d.fatal:
			return err
		case <-ctx.Done():
			return nil
		}
	})
}

// stop begins the orderly end, and waits for it.
func (d *daemon) stop() error {
	d.cancel()
	return d.wait()
}

// wait returns when everything has stopped and the store is closed.
func (d *daemon) wait() error {
	err := d.group.Wait()
	d.cancel()
	err = errors.Join(err, d.close())
	select {
	case fatal := <-d.fatal: // found out when we were stopping already
		if !errors.Is(err, store.ErrUnknown) || !errors.Is(fatal, store.ErrUnknown) { // the same once
			err = errors.Join(err, fatal)
		}
	default:
	}
	if err == nil {
		d.log.Info("gatewayd has stopped")
	}
	return unknown(err)
}

// unknown gives the exit code of its own to an error after which it is not known what is on disk.
func unknown(err error) error {
	if !errors.Is(err, gateway.ErrStopping) && !errors.Is(err, store.ErrUnknown) {
		return err
	}
	return failure{
		code: exitStopped, what: err,
		hint: "the disk may have failed: check it, then start again; clients resend what was not answered",
	}
}

func (d *daemon) closeListeners() error {
	var errs []error
	for _, l := range []*listener{d.web, d.ops} {
		if l != nil {
			errs = append(errs, l.close())
		}
	}
	if d.admin != nil {
		errs = append(errs, d.admin.Close())
	}
	return errors.Join(errs...)
}

// writeAddresses tells scripts where we listen when the configuration says port 0.
func (d *daemon) writeAddresses(path string) error {
	text := fmt.Sprintf("clients=%s\nops=%s\n", d.web.address(), d.ops.address())
	// Whoever waits for the file must never see half of it.
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing addresses: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing addresses: %w", err)
	}
	return nil
}

// reloadOn reloads at each signal: all or nothing, and a line in the log either way.
func (d *daemon) reloadOn(ctx context.Context, hangups <-chan os.Signal, load func() (*conf.Config, error)) {
	for range hangups {
		if err := d.reload(ctx, load); err != nil {
			d.log.Error("reload refused, everything stays as it was", "error", err)
			continue
		}
		d.log.Info("reloaded")
	}
}

// reload reads YAML, TLS and signing keys, lists of revoked certificates and code tables anew. All are
// read before any is put in force.
func (d *daemon) reload(ctx context.Context, load func() (*conf.Config, error)) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	config, err := load()
	if err != nil {
		return err
	}
	if err := unchanged(d.config, config); err != nil {
		return err
	}
	tables, err := readCodes(config.Codes)
	if err != nil {
		return err
	}
	inForce := d.keys.set.Load()
	keys, err := loadKeys(ctx, config.Signing.Keys, inForce, d.log)
	if err != nil {
		return err
	}
	trial := newKeyring(d.now)
	trial.set.Store(keys)
	if err := trial.check(""); err != nil {
		keys.retire(inForce)
		return err
	}
	certificate, err := serverTLS(config.Listen.TLS)
	if err != nil {
		keys.retire(inForce)
		return err
	}
	revocations, err := d.revocations.Prepare(revocationSources(config.Revocation))
	if err != nil {
		keys.retire(inForce)
		return err
	}
	d.codes.Store(tables)
	d.revocations.Use(revocations)
	d.gateway.PutOffFor(config.Revocation.DeferFor.Std())
	d.web.tls.Store(certificate)
	d.keys.take(keys) // last: it waits for the programs that end
	return nil
}

// tuneMemory lets the collector run less often while there is memory to spare, up to what the limits
// on documents in flight can need at most. GOGC and GOMEMLIMIT in the environment prevail.
func tuneMemory(l conf.Limits) {
	const base, copies, spare = 256 << 20, 4, 400
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(spare)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(base + copies*int64(l.MaxDocument)*int64(l.MaxInFlight))
	}
}

// newLog writes JSON lines; level is one of conf's words.
func newLog(w interface{ Write([]byte) (int, error) }, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // conf has checked the word
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}

// unchanged names what a reload cannot change, and refuses it rather than leave it half in force.
func unchanged(old, now *conf.Config) error {
	field := ""
	if old.Listen.TLS.Enabled() != now.Listen.TLS.Enabled() {
		field = "listen.tls"
	}
	a, b := *old, *now
	for _, c := range []*conf.Config{&a, &b} {
		c.Signing = conf.Signing{}
		c.Revocation = conf.Revocation{}
		c.Codes = conf.Codes{}
		c.Listen.TLS = conf.ServerTLS{}
	}
	if field == "" {
		field = a.Difference(&b)
	}
	if field == "" {
		return nil
	}
	return failure{
		code: exitCould, what: fmt.Errorf("%s cannot change while the daemon runs", field),
		hint: "restart the daemon",
	}
}
