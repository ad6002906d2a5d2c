package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"asugate/legitimacy"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/workflow"
)

// deferred is the documents that cannot be decided now: their authenticity, or of a memo or an act for whom
// it is or whether what it depends on is still to come.
const deferred store.Table = "deferred" // participant · message id of the interim ЭСИД → deferral

// deferral is one of them: what has to be known to decide it later. All else is in the journal, under
// the id of the interim ЭСИД.
type deferral struct {
	participant, interim string // its key

	Due         time.Time `json:"due,omitzero"` // decided then with what is known; zero: it waits without end
	Office      bool      `json:"office,omitempty"`
	Certificate string    `json:"certificate,omitempty"` // hex SHA-256 of the signer's

	// Rests is what it was found in the store to wait for. While that holds, and before Due, another look would
	// find the same, and verifying thousands of parked memos once a minute would keep the verifier from all
	// others. nil: it waits for evidence, of which the store does not say whether it has come.
	Rests *readSet `json:"rests,omitempty"`
}

// DefaultDeferFor is for how long a verdict may be deferred.
const DefaultDeferFor = 24 * time.Hour

func (d deferral) row() []byte { return key(d.participant, d.interim) }

func (d deferral) deadline() deadline {
	return deadline{at: d.Due, kind: deferralEnds, key: string(d.row())}
}

// deferralAt is nil when the document has been decided.
func deferralAt(tx store.Reader, row string) (*deferral, error) {
	v := tx.Get(deferred, []byte(row))
	if v == nil {
		return nil, nil
	}
	d := new(deferral)
	if err := json.Unmarshal(v, d); err != nil {
		return nil, fmt.Errorf("reading deferral %.100q: %w", row, err)
	}
	d.participant, d.interim, _ = strings.Cut(row, "\x00")
	return d, nil
}

// postpone is the verdict on a document whose certificate may have been revoked, nobody knows: deferred,
// and refused once that has lasted too long. What is wrong with sender and signatory is certain
// already, and said at once. Nothing else is looked at, and nothing else follows.
func (g *Gateway) postpone(a *assessment) {
	a.findings = append(a.findings, legitimacy.Authority(g.caseOf(a))...)
	if a.document.Answer() != nil { // one that comes too late shall not stop the clock
		a.findings = append(a.findings, workflow.MayPrimary(a.document, a.met(), a.Received.In(a.railway.Zone))...)
		a.findings = append(a.findings, a.answeredTwice()...)
	}
	if schema.Refused(a.findings) {
		a.result = schema.Negative
		return
	}
	due := a.Received.Add(time.Duration(g.deferFor.Load()))
	if a.deferral != nil && !a.deferral.Due.IsZero() {
		due = a.deferral.Due
	}
	until := due.In(a.railway.Zone).Truncate(time.Second).Format(time.RFC3339)
	if g.Now().Before(due) {
		a.result, a.postponed, a.due = schema.Deferred, true, due
		for _, f := range findingsOf(a.report.Faults, schema.Info) { // what could not be found out
			f.Expected = until
			a.findings = append(a.findings, f)
		}
		return
	}
	a.result = schema.Negative
	a.findings = append(a.findings, schema.Finding{
		Code: "A07", Reason: schema.ReasonRevocationUnavailable, Severity: schema.Error, Expected: until,
	})
}

// unavailable says that the document was refused only because nothing could be found out in time: the
// same bytes are worth another look.
func (e Entry) unavailable() bool {
	for _, f := range e.Findings {
		if f.Code == "A07" && f.Reason == schema.ReasonRevocationUnavailable {
			return true
		}
	}
	return false
}

// predecessor is the message id of the interim ЭСИД on the ЭД №1 that an ЭД №2 names, where that is
// still deferred.
func predecessor(tx store.Reader, participant string, d schema.Document, c workflow.Consignment) (string, error) {
	if d.Kind() != schema.KindPlacement {
		return "", nil
	}
	r := d.Placement().Waybill
	id := workflow.ConsignmentOf(d)
	if r.Version != 0 {
		o, err := occupantAt(tx, idKey(participant, id, r.Version))
		if err != nil || !o.Deferred {
			return "", err
		}
		return o.Entry, nil
	}
	_, o, err := standing(tx, participant, id)
	if err != nil || !o.Deferred || c.State != workflow.None {
		return "", err
	}
	return o.Entry, nil
}

// DecideDeferred judges again every deferred document of which something may be known by now, each
// participant's in the order in which they came. It is the ordinary path and the recovery.
func (g *Gateway) DecideDeferred(ctx context.Context) error {
	participants, err := g.waitingParticipants()
	if err != nil {
		return storeError(err)
	}
	var (
		group sync.WaitGroup
		turns = make(chan struct{}, deferralTurns)
		errs  = make([]error, len(participants))
	)
	for i, p := range participants {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			errs[i] = g.decideOf(ctx, p)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// deferralTurns is how many participants' deferred documents are judged at a time: their writes share
// syncs, and one with very many keeps nobody waiting.
const deferralTurns = 4

// waitingParticipants are those who have deferred documents, one step of the table each.
func (g *Gateway) waitingParticipants() (codes []string, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		codes = nil
		for from, more := []byte(nil), true; more; {
			more = false
			tx.Range(deferred, from, nil, 1, func(k, _ []byte) bool {
				code, _, _ := strings.Cut(string(k), "\x00")
				codes = append(codes, code)
				from, more = after(append([]byte(code), 0)), true
				return false
			})
		}
		return nil
	})
	return codes, err
}

// decideOf judges again the deferred documents of one participant. Once a signer's document could not be
// decided his later ones are left alone: evidence that is too old for one is so for them, too.
func (g *Gateway) decideOf(ctx context.Context, participant string) error {
	silent := make(map[string]bool) // certificates
	var errs []error
	from := append([]byte(participant), 0)
	to := after(from)
	for {
		rows, err := g.keys(deferred, from, to)
		if err != nil {
			return storeError(err)
		}
		for _, row := range rows {
			if ctx.Err() != nil {
				return nil
			}
			from = append([]byte(row), 0)
			switch err := g.decideDeferral(ctx, row, silent); {
			case errors.Is(err, ErrStopping), errors.Is(err, ErrUnknownParticipant):
				return errors.Join(append(errs, err)...) // the next one would fare no better
			case err != nil && len(errs) < pendingBatch:
				errs = append(errs, err)
			}
		}
		if len(rows) < pendingBatch {
			return errors.Join(errs...)
		}
	}
}

// decideDeferral judges one deferred document again, by the receipt and moment that it had, and gives
// it its final ЭСИД if that can be done now.
func (g *Gateway) decideDeferral(ctx context.Context, row string, silent map[string]bool) (err error) {
	_, interim, _ := strings.Cut(row, "\x00")
	defer func() {
		if p := recover(); p != nil { // that document's alone
			g.Log.Error("panic while judging", "deferred", interim, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %.500v", p)
		}
		if err != nil {
			err = fmt.Errorf("deciding deferred document %s: %w", interim, storeError(err))
		}
	}()
	var certificate string
	defer func() {
		// Whoever verifies his signatures is silent, or nothing can be signed or kept. His next one
		// would fare no better, but another's may: its algorithm is another.
		if errors.Is(storeError(err), ErrNotReady) {
			silent[certificate] = true
		}
	}()
	for range tries {
		d, s, err := g.deferredSubmission(row, silent)
		if err != nil || d == nil {
			return err
		}
		certificate = d.Certificate
		a, err := g.assess(s, d)
		if err != nil {
			return err
		}
		if a.known.valid {
			return nil // somebody else was faster
		}
		if a.postponed {
			silent[certificate] = a.report.Outcome == signature.Undecided
			return g.putOff(d, a)
		}
		if g.Now().Before(d.Due) && waitsForPredecessor(a) {
			return nil // evidence came between the two: the next look finds it for both
		}
		if err := g.compose(a); err != nil {
			return err
		}
		g.Reached("decided")
		r, err := g.write(a, "")
		if errors.Is(err, errMoved) {
			continue
		}
		if err == nil {
			err = g.heedEnvelope(s, r)
		}
		return err
	}
	return ErrBusy
}

// putOff notes that a deferral lasts, for a cause or up to an end that is another now.
func (g *Gateway) putOff(d *deferral, a *assessment) error {
	if a.due.Equal(d.Due) && a.rests() == nil && d.Rests == nil {
		return nil
	}
	return storeError(g.Store.Update(func(tx store.Tx) error {
		now, err := deferralAt(tx, string(d.row()))
		if err != nil || now == nil || !now.Due.Equal(d.Due) {
			return err // decided, or moved already
		}
		tx.Delete(deadlines, d.deadline().row())
		now.Due, now.Rests = a.due, a.rests()
		now.put(tx)
		return nil
	}))
}

// rests is deferral.Rests of a verdict to wait.
func (a *assessment) rests() *readSet {
	if a.report.Outcome == signature.Undecided {
		return nil
	}
	return &a.read
}

// idle says that another look at the deferral would find what the last one has found.
func (g *Gateway) idle(tx store.Reader, d *deferral) (bool, error) {
	if d.Rests == nil || d.Rests.Codes != codesRead(g.Codes()) || !d.Due.IsZero() && !g.Now().Before(d.Due) {
		return false, nil
	}
	return d.Rests.registersHold(tx, g.Register, d.participant)
}

// put keeps the deferral and the time of its end, if it has one.
func (d deferral) put(tx store.Tx) {
	put(tx, deferred, d.row(), d)
	if !d.Due.IsZero() {
		tx.Put(deadlines, d.deadline().row(), []byte{})
	}
}

// waitsForPredecessor says that the document is refused because the ЭД №1 to which it belongs is itself
// deferred. It came behind that one, and is decided behind it.
func waitsForPredecessor(a *assessment) bool {
	return slices.ContainsFunc(a.findings, func(f schema.Finding) bool {
		return f.Reason == schema.ReasonPredecessorDeferred
	})
}

// deferredSubmission is the document as it came. d is nil when there is nothing to decide.
func (g *Gateway) deferredSubmission(row string, silent map[string]bool) (d *deferral, s Submission, err error) {
	err = g.Store.View(func(tx store.Reader) (err error) {
		if d, err = deferralAt(tx, row); err != nil || d == nil {
			return err
		}
		idle, err := g.idle(tx, d)
		if idle || err != nil || silent[d.Certificate] {
			d = nil
			return err
		}
		e, err := entryAt(tx, d.interim)
		if err != nil {
			return err
		}
		s = Submission{
			Participant: d.participant, Office: d.Office, Received: e.Received, Via: e.Via, Envelope: e.Envelope,
		}
		s.Raw, s.Detached, err = bodyAt(tx, e.Body())
		return err
	})
	return d, s, err
}

// endDeferral is the deadline: one last look, and then the document is refused.
func (g *Gateway) endDeferral(ctx context.Context, due deadline) error {
	var gone bool
	if err := g.Store.View(func(tx store.Reader) error {
		gone = tx.Get(deferred, []byte(due.key)) == nil
		return nil
	}); err != nil {
		return err
	}
	if !gone {
		return g.decideDeferral(ctx, due.key, map[string]bool{})
	}
	return storeError(g.Store.Update(func(tx store.Tx) error {
		tx.Delete(deadlines, due.row())
		return nil
	}))
}

// Between two looks at the deferred documents. The longer one is for evidence that came without our
// being told.
const (
	decideLongest  = time.Minute
	decideShortest = time.Second
)

// RunDeferred decides what was deferred, whenever LookAgain says that more may be known and once a
// minute, until ctx ends.
func (g *Gateway) RunDeferred(ctx context.Context) error {
	for ctx.Err() == nil {
		err := g.DecideDeferred(ctx)
		if errors.Is(err, ErrStopping) {
			return err
		}
		if err != nil {
			g.Log.Warn("a deferred document cannot be decided now", "error", fmt.Sprintf("%.2000s", err))
		}
		pause(ctx, nil, decideShortest) // however often we are told
		pause(ctx, g.recheck, decideLongest-decideShortest)
	}
	return nil
}

// pause waits for the end of ctx, for wake or for the time to pass.
func pause(ctx context.Context, wake <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}
