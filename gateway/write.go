package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/queue"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// Office is the lane to which acknowledgments of the railway's own documents go.
const Office = "office"

// ClientLane is the lane of a participant.
func ClientLane(participant string) string { return "client/" + participant }

// write is the one write: raw bytes, verdict with the versions of all it was based on, the
// acknowledgment, the new state, the message for the client's lane and, when accepted, the messages
// for the railway's lanes. All or none, synced. A crash before it: nothing was promised. After it: the
// sender asks again and gets the same bytes.
func (g *Gateway) write(a *assessment, job string) (Receipt, error) {
	// Compression and encoding happen once, outside the transaction, which others wait for.
	w := oneWrite{
		gateway: g, assessment: a, entry: a.entry(), job: job,
		body: store.Pack(a.Raw), esid: a.esid.pack(),
	}
	var err error
	if w.entry.Evidence, w.proofs, err = g.prove(a); err != nil {
		return Receipt{}, storeError(err)
	}
	if a.Detached != nil {
		w.detached = store.Pack(a.Detached)
	}
	w.line = w.entry.line(w.esid)
	if d := a.withdrawal; d != nil {
		w.withdrawal = d.esid.pack()
		w.withdrawalLine = d.entry.line(w.withdrawal)
	}
	w.address()
	w.arrange()
	if a.Writing != nil {
		a.Writing()
	}
	if err := g.Store.Update(w.apply); err != nil {
		return Receipt{}, storeError(err)
	}
	if a.deferral != nil {
		g.Reached("settled")
	} else {
		g.Reached("committed")
	}
	if a.turn != nil {
		a.turn.wake()
	}
	if a.postponed {
		g.wakeClock()
	}
	for _, m := range w.messages {
		g.Queue.Wake(m.Lane)
	}
	if a.document.StaffList() != nil {
		g.wakePending() // it may have overtaken a held one
	}
	if a.turn != nil && (a.turn.said != nil || a.turn.recalls) {
		g.LookAgain() // another memo or act may have waited for it; or it does itself, and shall not any more
	}
	return Receipt{valid: true, sealed: a.esid, entry: w.entry}, nil
}

// storeError translates the store's outcomes into ours.
func storeError(err error) error {
	switch {
	case err == nil || errors.Is(err, ErrStopping):
		return err
	case errors.Is(err, store.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrStopping, err)
	case errors.Is(err, store.ErrNotWritten):
		return fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	return err
}

// oneWrite is what one verdict puts into the store.
type oneWrite struct {
	gateway        *Gateway
	assessment     *assessment
	entry          Entry
	body, detached []byte
	esid           packed
	line           line   // of entry and esid
	withdrawal     packed // of the assessment's withdrawal, if it has one
	withdrawalLine line
	proofs         []proof
	messages       []queue.Message // in the order in which they leave
	job            string
}

// apply may run more than once: it only reads its receiver.
func (w *oneWrite) apply(tx store.Tx) error {
	a, g := w.assessment, w.gateway
	ok, err := a.read.holds(tx, g.Register, a.Participant, a.rawKey)
	if err != nil {
		return err
	}
	if !ok {
		return errMoved
	}
	tx.Put(store.Blobs, []byte(w.entry.Body()), w.body)
	if w.detached != nil {
		tx.Put(store.Blobs, []byte(signatureKey(w.entry.Body())), w.detached)
	}
	w.esid.put(tx, a.id)
	if err := keepProofs(tx, w.proofs, a.id); err != nil {
		return err
	}
	tx.Put(raws, a.rawKey, []byte(a.id))
	if a.withdrawal != nil {
		if err := w.withdraw(tx); err != nil {
			return err
		}
	}
	if err := w.line.put(tx); err != nil {
		return err
	}
	if a.document.Valid() || a.deferral != nil {
		if err := w.register(tx); err != nil {
			return err
		}
	}
	w.settle(tx)
	if w.entry.bounded() {
		g.boundUnverified(tx, a)
	}
	if err := w.effects(tx); err != nil {
		return err
	}
	for _, m := range w.messages {
		if err := g.Queue.Add(tx, m); err != nil {
			return err
		}
	}
	return finish(tx, w.job)
}

// register enters a document under its id, as its signature covers it; what is accepted or deferred
// occupies that.
func (w *oneWrite) register(tx store.Tx) error {
	a, e := w.assessment, w.entry
	id, ok := schema.CanonicalID(e.DocumentID)
	if !ok {
		return fmt.Errorf("document id %q of a verified document", e.DocumentID)
	}
	tx.Put(history, key(a.Participant, id, a.id), []byte{})
	at := idKey(a.Participant, id, e.Version)
	switch {
	case a.result == schema.Positive || a.result == schema.Deferred:
		put(tx, ids, at, occupant{Entry: a.id, Content: e.Content, Deferred: a.result == schema.Deferred})
	case a.deferral != nil:
		tx.Delete(ids, at) // its own: the bytes were still known under the interim ЭСИД
	}
	// A refused version does not replace in the lists one that stands, and an older one not a newer.
	_, stands, err := standing(tx, a.Participant, id)
	if err != nil {
		return err
	}
	if stands.Entry != "" && stands.Entry != a.id {
		if a.deferral == nil {
			return nil // it is shown already
		}
		if e, err = entryAt(tx, stands.last()); err != nil {
			return err
		}
	}
	put(tx, documents, key(a.Participant, id), e.summary())
	return nil
}

// settle keeps what has to be decided later, and takes out what is decided with this verdict.
func (w *oneWrite) settle(tx store.Tx) {
	a := w.assessment
	if d := a.deferral; d != nil {
		tx.Delete(deferred, d.row())
		tx.Delete(deadlines, d.deadline().row())
	}
	if !a.postponed {
		return
	}
	d := deferral{participant: a.Participant, interim: a.id, Due: a.due, Office: a.Office, Rests: a.rests()}
	if chain := w.entry.Evidence.Chain; len(chain) > 0 {
		d.Certificate = chain[0]
	}
	d.put(tx)
}

// effects are what an accepted document changes besides its own records. Of one that is still to be
// decided nothing follows.
func (w *oneWrite) effects(tx store.Tx) error {
	a := w.assessment
	if a.turn != nil {
		if err := a.turn.put(tx); err != nil {
			return err
		}
	}
	if a.postponed {
		return nil
	}
	if a.result == schema.Positive && a.document.Movements() != nil {
		// What a former version said of these wagons at other times is not so any more.
		if err := unsay(tx, a.railway.Code, a.document.ID(), a.read.Wagons, false); err != nil {
			return err
		}
		putSaid(tx, a.railway.Code, saidOf(a.document))
	}
	if a.result == schema.Positive && a.read.Consignment != "" {
		put(tx, consignments, key(a.Participant, a.read.Consignment), a.after)
	}
	if l := a.document.StaffList(); l != nil && (a.result == schema.Positive || a.result == schema.Deferred) {
		return w.gateway.putStaff(tx, a, *l)
	}
	return nil
}

// address makes the messages: the ЭСИД for whoever sent the document; an accepted document, and then
// its ЭСИД, for each destination; an accepted notice for the participant that it answers. Before them go
// those of a withdrawal.
func (w *oneWrite) address() {
	a := w.assessment
	if a.withdrawal != nil {
		w.addressWithdrawal()
	}
	esid := w.message(w.entry.ID, schema.KindESID, w.entry.ID, w.esid.sum)
	esid.Lane = ClientLane(a.Participant)
	if a.Office {
		esid.Lane, esid.Order = workflow.Acknowledged(a.kind()), w.order()
	}
	w.messages = append(w.messages, esid)
	if a.result != schema.Positive {
		return
	}
	forward := func(r workflow.Route, k schema.Kind, body, digest string) {
		m := w.message(w.gateway.NextID(), k, body, digest)
		m.Lane, m.Onward = r.Lane, r.Onward
		if !a.Office {
			m.Order = w.order()
		}
		w.messages = append(w.messages, m)
	}
	raw := sum(a.Raw) // the body alone, whatever is beside it
	if a.forwarded != "" {
		forward(workflow.Route{Lane: ClientLane(a.forwarded)}, a.document.Kind(), w.entry.Body(), raw)
	}
	for _, r := range a.routes() {
		forward(r, a.document.Kind(), w.entry.Body(), raw)
		forward(r, schema.KindESID, w.entry.ID, w.esid.sum)
	}
	if t := a.turn; t != nil && t.said != nil {
		// The memo or the act itself, behind the notice that it has arrived.
		m := w.message(w.gateway.NextID(), a.document.Kind(), w.entry.Body(), raw)
		m.Lane, m.Order = ClientLane(t.after.Client), w.order()
		if ticks(t.after) {
			m.SignBy = t.after.SignBy
		}
		w.messages = append(w.messages, m)
	}
}

// arrange puts the notices of a turn among the other messages: what was made first leaves first.
func (w *oneWrite) arrange() {
	if w.assessment.turn == nil {
		return
	}
	w.messages = append(w.messages, w.assessment.turn.messages()...)
	slices.SortStableFunc(w.messages, func(m, n queue.Message) int { return strings.Compare(m.ID, n.ID) })
}

// order keeps what is about one memo or act together, whoever has sent it; empty for all else.
func (w *oneWrite) order() string {
	if r := w.assessment.read; r.Primary != "" {
		return orderOf(r.Railway, r.Primary)
	}
	return ""
}

// message is about the document of this verdict; body is the key of what it carries.
func (w *oneWrite) message(id string, k schema.Kind, body, digest string) queue.Message {
	beside := w.detached
	if k == schema.KindESID {
		beside = w.esid.detached
	}
	return w.entry.message(id, k, body, digest, beside != nil)
}

// message is about the document of the verdict; body is the key of what it carries, with its signature
// beside it or inside.
func (e Entry) message(id string, k schema.Kind, body, digest string, beside bool) queue.Message {
	document := e.DocumentID
	if canonical, ok := schema.CanonicalID(document); ok && e.Verified {
		document = canonical // in one chain with all that was said of it before
	}
	m := queue.Message{
		ID: id, Kind: string(k), DocumentID: document, Version: e.Version, Participant: e.Participant,
		Organisation: e.Organisation, Signer: e.Signer, Result: string(e.Result), Stage: string(e.Stage),
		SHA256: digest, Created: e.Judged, Body: body,
	}
	if beside {
		m.Signature = signatureKey(body)
	}
	if document == "" {
		m.DocumentID = e.Raw // nothing readable: the bytes are the document
	}
	return m
}

// boundUnverified keeps a document that failed authenticity, and lets go of the oldest body beyond the
// participant's quota: who may not sign shall not fill the disk. The journal keeps its line.
func (g *Gateway) boundUnverified(tx store.Tx, a *assessment) {
	tx.Put(unverified, key(a.Participant, a.id), []byte(a.raw))
	prefix := append(key(a.Participant), 0)
	var oldest, raw []byte
	count := 0
	tx.Range(unverified, prefix, after(prefix), g.Unverified+1, func(k, v []byte) bool {
		if count++; count == 1 {
			oldest, raw = cloned(k), cloned(v)
		}
		return true
	})
	if count <= g.Unverified {
		return
	}
	tx.Delete(unverified, oldest)
	// The same bytes may have been judged again since; then they are the later verdict's. Or they wait
	// for that.
	id, known := oldest[len(prefix):], key(a.Participant, string(raw))
	if string(tx.Get(raws, known)) != string(id) || tx.Get(queued, known) != nil {
		return
	}
	body := bodyKey(a.Participant, string(raw))
	tx.Delete(raws, known)
	tx.Delete(store.Blobs, []byte(body))
	tx.Delete(store.Blobs, []byte(signatureKey(body)))
}

// remember makes the bytes known in which an accepted document has come again, signed anew: from now
// on they get its ЭСИД before any verification, as the first ones do. A deferred document is not
// remembered so, for its answer will be another. The job that brought it is done.
func (g *Gateway) remember(a *assessment, job string) error {
	known := a.known.entry
	anew := known.ID != a.read.Raw && known.Result == schema.Positive
	if !anew && job == "" {
		return nil
	}
	again, err := g.again(a, job)
	if err != nil {
		return err
	}
	err = g.Store.Update(func(tx store.Tx) error {
		if anew {
			tx.Put(raws, a.rawKey, []byte(known.ID))
		}
		if again != nil {
			if string(tx.Get(raws, key(a.Participant, known.Raw))) != known.ID {
				return errMoved // an interim ЭСИД must not come after the final one
			}
			if err := g.Queue.Add(tx, *again); err != nil {
				return err
			}
		}
		return finish(tx, job)
	})
	if err == nil && again != nil {
		g.Queue.Wake(again.Lane)
	}
	return storeError(err)
}

// again is a message with a stored ЭСИД for a client that was promised one through its lane and has
// confirmed it before: it waits for a message, and the old one will not come again.
func (g *Gateway) again(a *assessment, job string) (*queue.Message, error) {
	if job == "" {
		return nil, nil
	}
	known := a.known
	e, err := g.Queue.Show(known.entry.ID)
	m := e.Message
	switch {
	case errors.Is(err, queue.ErrNoMessage): // confirmed so long ago that the lane has forgotten it
		m = known.entry.message("", schema.KindESID, known.entry.ID, sum(known.sealed.document), known.sealed.detached != nil)
		m.Lane = ClientLane(known.entry.Participant)
	case err != nil || e.State != queue.Confirmed:
		return nil, storeError(err)
	}
	m.ID, m.Created = g.NextID(), g.Now().Truncate(time.Millisecond)
	return &m, nil
}

// sum is the hex SHA-256 of the parts, one after the other: of a document with its detached signature
// it is the digest by which the bytes received are known.
func sum(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
