package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
		body: store.Pack(a.Raw), esid: store.Pack(a.esid),
	}
	if a.Detached != nil {
		w.detached = store.Pack(a.Detached)
	}
	w.address()
	if err := g.Store.Update(w.apply); err != nil {
		return Receipt{}, storeError(err)
	}
	g.Reached("committed")
	for _, m := range w.messages {
		g.Queue.Wake(m.Lane)
	}
	if a.document.StaffList() != nil {
		g.LookAgain() // it may have overtaken a held one
	}
	return Receipt{valid: true, document: a.esid, entry: w.entry}, nil
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
	gateway              *Gateway
	assessment           *assessment
	entry                Entry
	body, detached, esid []byte
	messages             []queue.Message // in the order in which they leave
	job                  string
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
		tx.Put(store.Blobs, []byte(w.entry.Body()+".p7s"), w.detached)
	}
	tx.Put(store.Blobs, []byte(a.id), w.esid)
	put(tx, journal, []byte(a.id), w.entry)
	tx.Put(raws, a.rawKey, []byte(a.id))
	if a.document.Valid() {
		w.register(tx)
	}
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

// register enters a document whose authenticity holds under its id.
func (w *oneWrite) register(tx store.Tx) {
	a := w.assessment
	d := a.document
	tx.Put(history, key(a.Participant, d.ID(), a.id), []byte{})
	state := "refused"
	switch a.result {
	case schema.Positive:
		state = "accepted"
		put(tx, ids, idKey(a.Participant, d.ID(), d.Version()), occupant{Entry: a.id, Content: a.content()})
	case schema.Deferred:
		state = "deferred"
		put(tx, ids, idKey(a.Participant, d.ID(), d.Version()), occupant{Entry: a.id, Content: a.content()})
	}
	if state == "refused" && a.read.Highest > 0 {
		return // an accepted version stands; a refused one does not replace it in the lists
	}
	put(tx, documents, key(a.Participant, d.ID()), Summary{
		Participant: a.Participant, Kind: d.Kind(), DocumentID: d.Header().DocumentID,
		Version: d.Version(), State: state, Entry: a.id, Updated: a.judged,
	})
}

// effects are what an accepted document changes besides its own records.
func (w *oneWrite) effects(tx store.Tx) error {
	a := w.assessment
	if a.result == schema.Positive && a.read.Consignment != "" {
		put(tx, consignments, key(a.Participant, a.read.Consignment), a.after)
	}
	if l := a.document.StaffList(); l != nil && (a.result == schema.Positive || a.result == schema.Deferred) {
		return w.gateway.putStaff(tx, a, *l)
	}
	return nil
}

// address makes the messages: the ЭСИД for whoever sent the document; an accepted document, and then
// its ЭСИД, for each destination; an accepted notice for the participant that it answers.
func (w *oneWrite) address() {
	a := w.assessment
	esid := w.message(w.entry.ID, schema.KindESID, w.entry.ID, a.esid)
	esid.Lane = ClientLane(a.Participant)
	if a.Office {
		esid.Lane = Office
	}
	w.messages = append(w.messages, esid)
	if a.result != schema.Positive {
		return
	}
	forward := func(lane string, k schema.Kind, body string, bytes []byte) {
		m := w.message(w.gateway.NextID(), k, body, bytes)
		m.Lane = lane
		if k != schema.KindESID && w.detached != nil {
			m.Signature = body + ".p7s"
		}
		w.messages = append(w.messages, m)
	}
	if a.forwarded != "" {
		forward(ClientLane(a.forwarded), a.document.Kind(), w.entry.Body(), a.Raw)
	}
	for _, lane := range workflow.Destinations(a.document.Kind()) {
		forward(lane, a.document.Kind(), w.entry.Body(), a.Raw)
		forward(lane, schema.KindESID, w.entry.ID, a.esid)
	}
}

func (w *oneWrite) message(id string, k schema.Kind, body string, bytes []byte) queue.Message {
	e := w.entry
	document := e.DocumentID
	if w.assessment.document.Valid() {
		document = w.assessment.document.ID()
	}
	m := queue.Message{
		ID: id, Kind: string(k), DocumentID: document, Version: e.Version, Participant: e.Participant,
		Organisation: e.Organisation, Signer: e.Signer, Result: string(e.Result), Stage: string(e.Stage),
		SHA256: sum(bytes), Created: w.assessment.judged, Body: body,
	}
	if document == "" {
		m.DocumentID = w.assessment.raw // nothing readable: the bytes are the document
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
	tx.Delete(store.Blobs, []byte(body+".p7s"))
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
	e, err := g.Queue.Show(a.known.entry.ID)
	if err != nil || e.State != queue.Confirmed {
		return nil, storeError(err)
	}
	m := e.Message
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
