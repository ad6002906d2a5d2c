package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"asugate/queue"
	"asugate/register"
	"asugate/register/codes"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// Submission is one document as an adapter received it, its own envelope stripped.
type Submission struct {
	Participant string // authenticated code of a participant; of a railway when Office
	Office      bool   // from the railway's back office
	Raw         []byte
	Detached    []byte    // CMS signature over Raw, nil for an enveloped one
	Received    time.Time // receipt of the last byte
	Via         string    // rest | rabbit | spool
	Async       bool      // answer with a technical Receipt, judge later
	Writing     func()    // told when only the write is left, perhaps more than once; may be nil
	Envelope    *Envelope // of a document of КП ЭДО, which is in a form of its own; nil: Raw is one of ours
}

var (
	// ErrNotDocument: the bytes are not one well-formed element within limits; wraps a *xmltree.SyntaxError.
	ErrNotDocument = errors.New("not a document")
	// ErrNotReady: no trust, no signing key, no room: nothing can be judged or kept now.
	ErrNotReady = errors.New("not ready")
	// ErrOutboxFull: the participant has too many unconfirmed messages.
	ErrOutboxFull = errors.New("outbox is full")
	// ErrBusy: what the verdict was based on moved three times while we judged.
	ErrBusy = errors.New("busy")
	// ErrStopping: a sync failed or the process is going down; nobody is to be told anything.
	ErrStopping = errors.New("stopping")
	// ErrUnknownParticipant: no such participant in the register in force.
	ErrUnknownParticipant = errors.New("unknown participant")
	// ErrNoDocument: no such document of this participant.
	ErrNoDocument = errors.New("no such document")
)

// Options introduce the gateway to everything that it works with. All but Reached, Codes and Origin are required.
type Options struct {
	Store       store.Store
	Queue       *queue.Queue
	Register    *register.Register
	NextID      func() string                    // greater with each call: see queue.IDs
	Key         func(name string) *signature.Key // the signing key of that name in force, "" is the first; nil when there is none
	Revocations signature.Revocations            // who knows of revoked certificates; nil: nobody
	GOST        signature.Provider               // who verifies GOST signatures; nil: we
	DeferFor    time.Duration                    // see PutOffFor
	Now         func() time.Time
	Limits      xmltree.Limits
	Environment string               // test | production, of the store
	Origin      string               // of the journal, in its checkpoints: a URN; empty: urn:gatewayd:journal
	Codes       func() *codes.Tables // the code tables in force; nil: as they are shipped
	OutboxLimit int                  // unconfirmed messages of a participant that names no limit of its own
	Unverified  int                  // documents kept per participant that failed authenticity
	Retention   Retention            // for how long what is finished is kept: see RunRetention
	Log         *slog.Logger
	Reached     func(point string) // told the points of the crash table, for tests; may be nil
}

// Gateway judges documents. It is safe for concurrent use.
type Gateway struct {
	Options
	outboxes outboxes

	// seals caches the trust by which our own acknowledgments are opened again. It goes by certificate,
	// because every reload makes the keys anew.
	seals sync.Map // SHA-256 of a signing certificate → *signature.Trust

	deferFor atomic.Int64 // a time.Duration: see PutOffFor

	evidence digests // of large evidence, which is the same for thousands of verdicts

	marking marking // of the ledger

	work work // what is being judged now

	retiring retiring // what has been let go

	// When this run began, and was last written down. They belong to whoever runs the clock.
	awakeSince, lastBeat time.Time

	pending chan struct{} // wakes the goroutine that judges what was accepted for later
	recheck chan struct{} // wakes the goroutine that decides what was deferred
	clock   chan struct{} // wakes the goroutine that watches the deadlines
}

// New is a gateway ready to Accept.
func New(o Options) *Gateway {
	if o.Reached == nil {
		o.Reached = func(string) {}
	}
	if o.Codes == nil {
		o.Codes = codes.Shipped
	}
	g := &Gateway{
		Options:  o,
		outboxes: outboxes{known: make(map[string]outbox)},
		pending:  make(chan struct{}, 1),
		recheck:  make(chan struct{}, 1),
		marking:  marking{turn: make(chan struct{}, 1)},
		clock:    make(chan struct{}, 1),
	}
	g.Origin = cmp.Or(g.Origin, "urn:gatewayd:journal")
	g.PutOffFor(o.DeferFor)
	return g
}

// PutOffFor sets for how long a verdict may be deferred from now on; 0: 24 h. What is deferred already
// has been told until when.
func (g *Gateway) PutOffFor(d time.Duration) { g.deferFor.Store(int64(cmp.Or(d, DefaultDeferFor))) }

// tries is how often a document is judged when the registers move meanwhile.
const tries = 3

// Accept judges a document and returns once verdict and answer are durable. An error means that we
// could not judge, and that nothing is kept.
func (g *Gateway) Accept(ctx context.Context, s Submission) (Receipt, error) {
	if err := g.open(s); err != nil {
		return Receipt{}, storeError(err)
	}
	defer g.work.begin(s.Participant, s.Received)()
	if s.Async {
		r, err := g.acceptLater(ctx, s)
		return r, storeError(err)
	}
	r, err := g.decide(ctx, s, "")
	if err == nil {
		err = g.heedEnvelope(s, r)
	}
	if err != nil {
		return Receipt{}, storeError(err)
	}
	return r, nil
}

// decide judges and writes, again when what the verdict was based on has moved. job is the key of the
// pending job that this fulfils, if any.
func (g *Gateway) decide(ctx context.Context, s Submission, job string) (Receipt, error) {
	for range tries {
		if err := ctx.Err(); err != nil {
			return Receipt{}, fmt.Errorf("judging: %w", err)
		}
		c, err := g.assess(s, nil)
		if err != nil {
			return Receipt{}, err
		}
		if c.known.valid {
			err := g.remember(c, job)
			if errors.Is(err, errMoved) {
				continue
			}
			if err != nil {
				return Receipt{}, err
			}
			return c.known, nil
		}
		if err := g.compose(c); err != nil {
			return Receipt{}, err
		}
		g.Reached("judged")
		r, err := g.write(c, job)
		if errors.Is(err, errMoved) {
			continue
		}
		return r, err
	}
	return Receipt{}, ErrBusy
}

// open says whether anything can be taken now: there is a key to acknowledge with, and room in the outbox.
// A key of the participant's own is not asked for: what is stored already is answered without it, and a
// verdict that cannot be signed ends before anything is written.
func (g *Gateway) open(s Submission) error {
	if g.Key("") == nil {
		return fmt.Errorf("%w: no signing key", ErrNotReady)
	}
	if s.Office {
		return nil
	}
	full, err := g.outboxFull(s.Participant)
	if err != nil {
		return err
	}
	if full {
		return ErrOutboxFull
	}
	return nil
}

// Judgment is what Accept would say, unsigned, nothing stored.
type Judgment struct {
	Kind       schema.Kind
	DocumentID string
	Version    int
	Stage      schema.Stage
	Result     schema.Result
	Findings   []schema.Finding
	Basis      schema.Basis
	Report     signature.Report
	Known      bool // the answer is stored already
}

// Verify judges like Accept, and keeps nothing.
func (g *Gateway) Verify(ctx context.Context, s Submission) (Judgment, error) {
	if err := ctx.Err(); err != nil {
		return Judgment{}, fmt.Errorf("judging: %w", err)
	}
	c, err := g.assess(s, nil)
	if err != nil {
		return Judgment{}, storeError(err)
	}
	if c.known.valid {
		return c.known.judgment(), nil
	}
	return c.judgment(), nil
}

// cloned is b kept beyond a transaction.
func cloned(b []byte) []byte { return bytes.Clone(b) }
