package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"asugate/conf"
	"asugate/gateway"
	"asugate/queue"
	"asugate/register"
	codetables "asugate/register/codes"
	"asugate/revocation"
	"asugate/signature"
	"asugate/signature/process"
	"asugate/store"
	"asugate/store/bolt"
	"asugate/xmltree"
)

// desk is an open store with everything that works on it: the daemon's, or that of a single command.
type desk struct {
	config   *conf.Config
	log      *slog.Logger
	now      func() time.Time
	store    *bolt.Store
	watched  *watched // store, as everybody but the operator's commands works on it
	queue    *queue.Queue
	register *register.Register
	keys     *keyring
	gost     *process.Process // verifies GOST in our place, nil when we do
	gateway  *gateway.Gateway

	codes       atomic.Pointer[codetables.Tables] // in force; a reload replaces them
	revocations *revocation.Keeper                // knows nothing before takeRevocations
	informed    bool                              // takeRevocations has been called
}

// openDesk opens the store and introduces all that needs no network. Signing keys are read by those
// who sign: see takeKeys; lists of revoked certificates by those who judge: see takeRevocations.
func openDesk(config *conf.Config, log *slog.Logger, now func() time.Time) (*desk, error) {
	tables, err := readCodes(config.Codes)
	if err != nil {
		return nil, err
	}
	s, err := bolt.Open(config.Store.Path, bolt.Options{MinFree: int64(config.Store.MinFree), Growth: growth})
	if err != nil {
		return nil, err
	}
	var ids *queue.IDs
	if err := s.View(func(tx store.Reader) error {
		ids = queue.NewIDs(tx, now)
		return nil
	}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	w := &watched{Store: s}
	d := &desk{
		config: config, log: log, now: now, store: s, watched: w,
		queue:    queue.New(w, now),
		register: register.Open(w, now),
		keys:     newKeyring(now),
	}
	d.codes.Store(tables)
	var provider signature.Provider
	if command := config.Verification.GOST.Command; len(command) > 0 {
		d.gost = process.New(command, log)
		provider = d.gost
	}
	d.revocations = revocation.New(revocation.Options{Now: now, Log: log, GOST: provider})
	d.gateway = gateway.New(gateway.Options{
		Store:       w,
		Queue:       d.queue,
		Register:    d.register,
		NextID:      ids.Next,
		Key:         d.keys.current,
		GOST:        provider,
		Revocations: d.revocations,
		DeferFor:    config.Revocation.DeferFor.Std(),
		Now:         now,
		Limits:      d.limits(),
		Environment: s.Meta().Environment,
		Origin:      "urn:uuid:" + s.Meta().ID,
		Codes:       d.codes.Load,
		OutboxLimit: config.Limits.OutboxLimit,
		Unverified:  config.Limits.Unverified,
		Retention:   retentionOf(config.Retention),
		Log:         log,
		Reached:     reached,
	})
	return d, nil
}

// retentionOf is what the configuration says, for the gateway.
func retentionOf(r conf.Retention) gateway.Retention {
	return gateway.Retention{
		Accepted: r.Accepted.Std(), Refused: r.Refused.Std(), Verdicts: r.Verdicts.Std(),
		Messages: r.Messages.Std(), Notices: r.Notices.Std(), Acts: r.Acts.Std(),
	}
}

// watched is a store that tells when a write leaves unknown what is on disk, whosever write it was.
type watched struct {
	store.Store
	unknown func(error) // set before anybody writes; may be nil
}

// Update is the store's.
func (w *watched) Update(write func(store.Tx) error) error {
	err := w.Store.Update(write)
	if w.unknown != nil && errors.Is(err, store.ErrUnknown) {
		w.unknown(err)
	}
	return err
}

// reached is told the points of the crash table. The tests' main replaces it to stop the process there.
var reached = func(point string) {}

// takeKeys reads the signing keys; all or none.
func (d *desk) takeKeys(ctx context.Context, config *conf.Config) error {
	keys, err := loadKeys(ctx, config.Signing.Keys, d.keys.set.Load(), d.log)
	if err != nil {
		return err
	}
	d.keys.take(keys)
	return nil
}

// needKeys is takeKeys for a single command that signs. The daemon has taken them at its start.
func (d *desk) needKeys(ctx context.Context) error {
	if len(d.keys.set.Load().keys) > 0 {
		return nil
	}
	return d.takeKeys(ctx, d.config)
}

func (d *desk) limits() xmltree.Limits {
	l := xmltree.DefaultLimits()
	l.Bytes = int(d.config.Limits.MaxDocument)
	return l
}

func (d *desk) close() error {
	d.keys.close()
	if d.gost != nil {
		d.gost.Close()
	}
	return d.store.Close()
}

// print reads a snapshot, and prints what read has written once it has let go of it: a terminal that
// takes nothing for hours would pin the pages of the snapshot, and the file would grow.
func (d *desk) print(out io.Writer, read func(tx store.Reader, out io.Writer) error) error {
	var text bytes.Buffer
	err := d.store.View(func(tx store.Reader) error {
		text.Reset()
		return read(tx, &text)
	})
	if err != nil {
		return err
	}
	_, err = text.WriteTo(out)
	return err
}

// directory is the register of participants in force.
func (d *desk) directory() (*register.Directory, error) {
	var found *register.Directory
	err := d.store.View(func(tx store.Reader) (err error) {
		found, err = d.register.Directory(tx)
		return err
	})
	return found, err
}

// senders are the codes in force of all who send documents, participants and then railways.
func (d *desk) senders() ([]string, error) {
	dir, err := d.directory()
	if err != nil {
		return nil, err
	}
	return slices.Concat(slices.Sorted(maps.Keys(dir.Participants)), slices.Sorted(maps.Keys(dir.Railways))), nil
}

// quiet is the log of single commands: what matters to their caller is in their result.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// operations are what the daemon does for an operator, by name.
var operations = map[string]func() operation{
	"queue/list":          func() operation { return new(queueList) },
	"queue/show":          func() operation { return new(queueShow) },
	"queue/retry":         func() operation { return new(queueRetry) },
	"queue/drop":          func() operation { return new(queueDrop) },
	"queue/pause":         func() operation { return new(queuePause) },
	"queue/resume":        func() operation { return new(queueResume) },
	"journal/list":        func() operation { return new(journalList) },
	"journal/acts":        func() operation { return new(journalActs) },
	"journal/show":        func() operation { return new(journalShow) },
	"journal/export":      func() operation { return new(journalExport) },
	"journal/verify":      func() operation { return new(journalAudit) },
	"documents/list":      func() operation { return new(documentsList) },
	"documents/show":      func() operation { return new(documentsShow) },
	"documents/resume":    func() operation { return new(documentsResume) },
	"documents/wagonlist": func() operation { return new(wagonListForm) },
	"participants/import": func() operation { return new(participantsImport) },
	"participants/export": func() operation { return new(participantsExport) },
	"participants/show":   func() operation { return new(participantsShow) },
	"participants/diff":   func() operation { return new(participantsDiff) },
	"participants/secret": func() operation { return new(participantsSecret) },
	"staff/import":        func() operation { return new(staffImport) },
	"staff/export":        func() operation { return new(staffExport) },
	"staff/show":          func() operation { return new(staffShow) },
	"staff/diff":          func() operation { return new(staffDiff) },
	"staff/held":          func() operation { return new(staffHeld) },
	"staff/release":       func() operation { return new(staffRelease) },
	"norms/import":        func() operation { return new(normsImport) },
	"norms/export":        func() operation { return new(normsExport) },
	"norms/show":          func() operation { return new(normsShow) },
	"norms/diff":          func() operation { return new(normsDiff) },
	"retention/resume":    func() operation { return new(retentionResume) },
	"backup":              func() operation { return new(backupOperation) },
	"store/check":         func() operation { return new(storeCheck) },
	"verify":              func() operation { return new(judgeOperation) },
}

// hintFor says what to do about an error that brings no hint of its own.
func hintFor(err error) string {
	if h := bolt.Hint(err); h != "" {
		return h
	}
	for _, h := range []struct {
		err  error
		hint string
	}{
		{gateway.ErrUnknownParticipant, "gatewayd participants show tells which there are; gatewayd participants import FILE changes them"},
		{register.ErrUnknownParticipant, "gatewayd participants show tells which there are"},
		{register.ErrPassportData, "take them out of the file: the list needs name, post, order, kinds of work, right to sign and term only"},
		{register.ErrNothingHeld, "gatewayd staff held shows which lists wait"},
		{gateway.ErrNoDocument, "gatewayd journal list shows what has been judged"},
		{gateway.ErrNotHeld, "gatewayd documents list --state held shows which are"},
		{queue.ErrNoMessage, "gatewayd queue list shows what is waiting"},
		{store.ErrUnknown, "the disk may have failed: check it, then start the daemon and look whether this was done"},
		{context.Canceled, "it was interrupted; nothing is half done"},
		{io.ErrUnexpectedEOF, "the file is cut short"},
	} {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return ""
}
