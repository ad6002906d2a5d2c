package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

// job is a document accepted for later judgement («принято к обработке»).
type job struct {
	ID          string    `json:"id"` // message id of the technical Receipt
	Participant string    `json:"participant"`
	Received    time.Time `json:"received"` // the moment by which it will be judged
	Via         string    `json:"via"`
	Raw         string    `json:"raw"`
	Detached    bool      `json:"detached,omitempty"`
}

// queued maps the bytes of a waiting job to its id, so that a repeat gets the same Receipt.
const queued store.Table = "queued" // participant 0 SHA-256 of the bytes received → job id

// acceptLater makes the document durable and answers with the technical Receipt; the ЭСИД follows
// through the lane. What has an answer already gets it at once.
func (g *Gateway) acceptLater(ctx context.Context, s Submission) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("accepting: %w", err)
	}
	tree, err := xmltree.Parse(s.Raw, g.Limits)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrNotDocument, err)
	}
	j := job{
		ID: g.NextID(), Participant: s.Participant, Received: s.Received, Via: s.Via,
		Raw: sum(s.Raw, s.Detached), Detached: s.Detached != nil,
	}
	glance := schema.GlanceAt(tree.Root())
	for range tries {
		r, err := g.promise(j, s, glance)
		if !errors.Is(err, errMoved) {
			return r, err
		}
	}
	return Receipt{}, ErrBusy
}

// promise answers with what the bytes have already, an ЭСИД or a Receipt, else with a new Receipt once
// the job is kept. errMoved: the same bytes came in parallel.
func (g *Gateway) promise(j job, s Submission, glance schema.Glance) (Receipt, error) {
	known, err := g.waiting(j)
	if err != nil || known.valid {
		return known, err
	}
	railway, zone, seal := "", time.UTC, register.Seal{}
	if err := g.Store.View(func(tx store.Reader) error {
		a := assessment{Submission: s, raw: j.Raw, rawKey: key(s.Participant, j.Raw)}
		if err := g.look(tx, &a); err != nil {
			return err
		}
		known, railway, zone, seal = a.known, a.railway.Code, a.railway.Zone, a.sealOf()
		return nil
	}); err != nil || known.valid {
		return known, err
	}
	receipt, err := g.seal(schema.Receipt{
		MessageID: j.ID, CreatedAt: g.Now().In(zone), Sender: railway, Receiver: s.Participant,
		Environment: g.Environment,
		InReplyTo: schema.InReplyTo{
			Kind: glance.Kind, DocumentID: glance.DocumentID, Version: glance.Version, Raw: j.Raw,
		},
	}.Element(), seal)
	if err != nil {
		return Receipt{}, err
	}
	if err := g.enqueue(j, s, receipt); err != nil {
		return Receipt{}, storeError(err)
	}
	g.wakePending()
	return Receipt{valid: true, sealed: receipt, entry: Entry{ID: j.ID}}, nil
}

// LookAgain wakes RunPending and RunDeferred: what was put off may be decided now. It is for whoever
// knows more of revoked certificates or of participants, or has decided on a held staff list. It wakes
// RunClock, too: whoever has set the clock of the machine need not wait for the next look at it.
func (g *Gateway) LookAgain() {
	g.wakePending()
	g.wakeClock()
	select {
	case g.recheck <- struct{}{}:
	default: // it is awake already
	}
}

func (g *Gateway) wakePending() {
	select {
	case g.pending <- struct{}{}:
	default: // it is awake already
	}
}

// enqueue keeps the job and its bytes.
func (g *Gateway) enqueue(j job, s Submission, receipt sealed) error {
	body, packed := store.Pack(s.Raw), receipt.pack()
	var detached []byte
	if s.Detached != nil {
		detached = store.Pack(s.Detached)
	}
	if s.Writing != nil {
		s.Writing()
	}
	return g.Store.Update(func(tx store.Tx) error {
		bytes := key(j.Participant, j.Raw)
		if tx.Get(queued, bytes) != nil {
			return errMoved
		}
		tx.Put(queued, bytes, []byte(j.ID))
		put(tx, pending, []byte(j.ID), j)
		packed.put(tx, j.ID)
		tx.Put(store.Blobs, []byte(bodyKey(j.Participant, j.Raw)), body)
		if detached != nil {
			tx.Put(store.Blobs, []byte(signatureKey(bodyKey(j.Participant, j.Raw))), detached)
		}
		return nil
	})
}

// waiting is the Receipt of a job with the same bytes that has not been judged yet.
func (g *Gateway) waiting(j job) (Receipt, error) {
	var r Receipt
	err := g.Store.View(func(tx store.Reader) error {
		id := tx.Get(queued, key(j.Participant, j.Raw))
		if id == nil {
			return nil
		}
		sealed, err := sealedAt(tx, string(id))
		if err != nil {
			return fmt.Errorf("reading receipt %s: %w", id, err)
		}
		r = Receipt{valid: true, repeated: true, sealed: sealed, entry: Entry{ID: string(id)}}
		return nil
	})
	return r, err
}

// finish takes a job out within the write that answers it; an empty id is that of none.
func finish(tx store.Tx, id string) error {
	v := tx.Get(pending, []byte(id))
	if v == nil {
		return nil
	}
	var j job
	if err := json.Unmarshal(v, &j); err != nil {
		return fmt.Errorf("reading job %s: %w", id, err)
	}
	tx.Delete(pending, []byte(id))
	tx.Delete(queued, key(j.Participant, j.Raw))
	tx.Delete(store.Blobs, []byte(id))
	tx.Delete(store.Blobs, []byte(signatureKey(id)))
	return nil
}

// pendingBatch bounds how many jobs are read at once, and how many may fail before we pause.
const pendingBatch = 64

// RunPending judges the documents that were accepted for later, until ctx ends. What a stopped
// process left is found in the store by the same loop.
func (g *Gateway) RunPending(ctx context.Context) error {
	from := "" // the job after which the last round broke off
	for ctx.Err() == nil {
		unsettled := g.SettleHeld()
		if errors.Is(unsettled, ErrStopping) {
			return unsettled
		}
		if unsettled != nil {
			g.Log.Warn("a held staff list cannot be settled now", "error", unsettled)
		}
		next, failed, err := g.round(ctx, from)
		if err != nil {
			return storeError(err)
		}
		from = next
		wake, pause := g.pending, time.Minute
		if failed || unsettled != nil {
			wake, pause = nil, time.Second // new jobs wait, too, else they would hurry the failing ones
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// round judges what is pending after a job, up to the end or until a batch of them have failed; next
// is where to go on. So those that cannot be judged now neither keep the others from being judged nor
// are tried without pause. failed: some are left. An error ends RunPending.
func (g *Gateway) round(ctx context.Context, after string) (next string, failed bool, err error) {
	failures := 0
	for from := after; ; {
		jobs, err := g.jobs(from)
		if err != nil {
			return "", false, err
		}
		for _, j := range jobs {
			if ctx.Err() != nil {
				return "", false, nil
			}
			from = j.ID
			if err := g.fulfil(ctx, j); errors.Is(err, ErrStopping) {
				return "", false, err
			} else if err != nil {
				failures++
				g.Log.Warn("accepted document cannot be judged now", "job", j.ID, "error", err)
			}
		}
		switch {
		case failures >= pendingBatch:
			return from, true, nil
		case len(jobs) < pendingBatch:
			return "", failures > 0 || after != "", nil
		}
	}
}

// jobs are the first ones after a job.
func (g *Gateway) jobs(after string) ([]job, error) {
	var jobs []job
	err := g.Store.View(func(tx store.Reader) error {
		var broken error
		tx.Range(pending, append([]byte(after), 0), nil, pendingBatch, func(k, v []byte) bool {
			var j job
			if broken = json.Unmarshal(v, &j); broken != nil {
				broken = fmt.Errorf("reading job %s: %w", k, broken)
				return false
			}
			jobs = append(jobs, j)
			return true
		})
		return broken
	})
	return jobs, err
}

// fulfil judges one job by the moment at which it was received. A panic is that job's alone.
func (g *Gateway) fulfil(ctx context.Context, j job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while judging: %.500v", p)
			g.Log.Error("panic while judging", "job", j.ID, "panic", err, "stack", string(debug.Stack()))
		}
	}()
	s := Submission{Participant: j.Participant, Received: j.Received, Via: j.Via}
	err = g.Store.View(func(tx store.Reader) (err error) {
		s.Raw, s.Detached, err = bodyAt(tx, bodyKey(j.Participant, j.Raw))
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the body of job %s: %w", j.ID, err)
	}
	if g.Key("") == nil {
		return fmt.Errorf("%w: no signing key", ErrNotReady)
	}
	_, err = g.decide(ctx, s, j.ID)
	return err
}
