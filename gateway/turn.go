package gateway

import (
	"slices"
	"time"

	"asugate/queue"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// turn is what one event does to a memo or an act, with everything that follows from it in the same write:
// whoever makes the event, a document or the clock.
type turn struct {
	gateway       *Gateway
	railway       *register.Railway
	client        *register.Participant // to whom it is addressed; nil: he is in the register no more
	id            string                // canonical DocumentID
	before, after workflow.Primary
	said          map[string][]workflow.WagonEvent // of a new version
	notices       []*notice
	recalls       bool // what has not left yet is stopped
	unread        bool // of the clock: the client could not read during the term
}

func (t *turn) order() string { return orderOf(t.railway.Code, t.id) }

// tell adds a notice of the event to the client, while there is one, and to wherever the table of routes says.
func (t *turn) tell(event, because string, routes []workflow.Route) {
	if t.client != nil {
		t.notices = append(t.notices, &notice{
			lane: ClientLane(t.client.Code), event: event, because: because, seal: t.client.Seal, receiver: t.client.Code,
		})
	}
	for _, r := range routes {
		t.notices = append(t.notices, &notice{
			lane: r.Lane, onward: r.Onward, event: event, because: because, receiver: t.railway.Code,
		})
	}
}

// HandlingLimit is how long after the end of a term it is put into effect: whoever has answered in time is
// in work until then at the latest (readings 13).
const HandlingLimit = time.Minute

// MinLeft is what a client is left of a term at least that had been stopped, and in how much of a term he
// must have been able to read at least for his silence to be consent (readings 13).
const MinLeft = 30 * time.Minute

// stoppedBySpoiling is why a message of a recalled document never leaves.
const stoppedBySpoiling = "recalled: awaiting spoiling"

// put writes the turn down, but for its messages. errMoved: the document is not as it was when the turn was
// made.
func (t *turn) put(tx store.Tx) error {
	now, err := primaryAt(tx, t.railway.Code, t.id)
	if err != nil {
		return err
	}
	if now.Revision != t.before.Revision {
		return errMoved
	}
	put(tx, primaries, key(t.railway.Code, t.id), t.after)
	t.show(tx, now)
	t.watch(tx, now) // the verdict may rest on more than the store has: see placePrimary
	if err := t.record(tx); err != nil {
		return err
	}
	if err := t.stop(tx); err != nil {
		return err
	}
	for _, n := range t.notices {
		if err := t.keep(tx, n); err != nil {
			return err
		}
	}
	return nil
}

// show lets the client's list have the document as it is after the turn; before is what the store has.
func (t *turn) show(tx store.Tx, before workflow.Primary) {
	p := t.after
	if p.Client == "" {
		return
	}
	s := Summary{
		Participant: p.Client, Kind: p.Form, DocumentID: p.Named, Version: p.Version,
		State: p.State.String(), Entry: p.Entry, Updated: p.Since, From: t.railway.Code, Number: p.Number,
	}
	if p.Held {
		s.State = heldState
	}
	if ticks(t.after) {
		s.Until = &p.SignBy
	}
	put(tx, documents, key(p.Client, t.id), s)
	if p.Held {
		tx.Put(helds, key(t.railway.Code, t.id), []byte{})
	} else if before.Held {
		tx.Delete(helds, key(t.railway.Code, t.id))
	}
}

// helds is the memos and acts that wait for the operator.
const helds store.Table = "held-terms" // railway · DocumentID → nothing

// heldState is the state of a document whose term has passed without the client being able to read.
const heldState = "held"

// ticks says whether the time for an answer is running.
func ticks(p workflow.Primary) bool {
	return p.Running() && !p.SignBy.IsZero() && p.Suspended == nil && !p.Held
}

// watch sets the deadlines of a term that runs, and takes back those of one that does not any more: each that
// were left would have the clock write once more, for nothing.
func (t *turn) watch(tx store.Tx, before workflow.Primary) {
	if ticks(before) && ticks(t.after) && t.after.SignBy.Equal(before.SignBy) {
		return
	}
	if ticks(before) {
		tx.Delete(deadlines, termDeadline(t.railway.Code, t.id, before).row())
		for _, at := range before.Remind() {
			tx.Delete(deadlines, reminderDeadline(t.railway.Code, t.id, at).row())
		}
	}
	if !ticks(t.after) {
		return
	}
	tx.Put(deadlines, termDeadline(t.railway.Code, t.id, t.after).row(), []byte{})
	for _, at := range t.after.Remind() {
		if at.After(t.gateway.Now()) {
			tx.Put(deadlines, reminderDeadline(t.railway.Code, t.id, at).row(), []byte{})
		}
	}
}

func reminderDeadline(railway, id string, at time.Time) deadline {
	return deadline{at: at, kind: reminderDue, key: string(key(railway, id))}
}

func termDeadline(railway, id string, p workflow.Primary) deadline {
	at := p.SignBy.Add(HandlingLimit).Truncate(time.Millisecond) // as its row has it
	return deadline{at: at, kind: termEnds, key: string(key(railway, id))}
}

// record keeps what a new version says of wagons and the number that it has; of a spoiled one nothing
// counts any more.
func (t *turn) record(tx store.Tx) error {
	spoiled := t.after.State == workflow.Spoiled && t.before.State != workflow.Spoiled
	if t.said == nil && !spoiled {
		return nil
	}
	if err := unsay(tx, t.railway.Code, t.id, t.before.Wagons, spoiled); err != nil {
		return err
	}
	if k := []byte(t.before.NumberKey); len(k) > 0 && string(tx.Get(numbers, k)) == t.id {
		tx.Delete(numbers, k)
	}
	if spoiled {
		return nil
	}
	putSaid(tx, t.railway.Code, t.said)
	if t.after.NumberKey != "" {
		tx.Put(numbers, []byte(t.after.NumberKey), []byte(t.id))
	}
	return nil
}

// stop takes out of the lanes what has not left yet of a document that is recalled (1166/р 4.1): the
// document itself and what was told of it; towards the railway the client's answer. The ЭСИД on what the
// railway sends still go.
func (t *turn) stop(tx store.Tx) error {
	if !t.recalls {
		return nil
	}
	stopped, err := t.stoppable(func(lane string, keep func(queue.Message) bool) ([]queue.Message, error) {
		return t.gateway.Queue.Withdraw(tx, lane, t.order(), stoppedBySpoiling, keep)
	})
	if err != nil {
		return err
	}
	for _, n := range t.notices {
		if !slices.Equal(n.stopped, stopped) {
			return errMoved // one of them has left meanwhile, or another has come
		}
	}
	return nil
}

// lanes are all that may have something about the document.
func (t *turn) lanes() []string {
	lanes := OfficeLanes()
	if t.client != nil {
		lanes = append(lanes, ClientLane(t.client.Code))
	}
	return lanes
}

// stoppable names what each lane has of the document that may still be stopped.
func (t *turn) stoppable(lane func(string, func(queue.Message) bool) ([]queue.Message, error)) (ids []string, err error) {
	keep := func(m queue.Message) bool {
		return m.Kind == string(schema.KindESID) && m.Participant == t.railway.Code
	}
	for _, name := range t.lanes() {
		messages, err := lane(name, keep)
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}

// take writes down a turn that no document makes: one of the clock, or of the operator.
func (g *Gateway) take(t *turn, also func(store.Tx) error) error {
	if err := t.compose(); err != nil {
		return err
	}
	err := g.Store.Update(func(tx store.Tx) error {
		if err := t.put(tx); err != nil {
			return err
		}
		for _, m := range t.messages() {
			if err := g.Queue.Add(tx, m); err != nil {
				return err
			}
		}
		return also(tx)
	})
	if err != nil {
		return storeError(err)
	}
	t.wake()
	if t.after.Revision != t.before.Revision {
		g.Log.Info("document", "id", t.id, "kind", t.after.Form, "participant", t.after.Client,
			"state", t.after.State.String(), "held", t.after.Held, "notices", len(t.notices))
	}
	return nil
}

// wake tells whoever waits for what the turn has brought.
func (t *turn) wake() {
	lanes := make(map[string]bool)
	for _, n := range t.notices {
		lanes[n.lane] = true
	}
	if t.recalls { // what has been kept may have come forward
		for _, lane := range t.lanes() {
			lanes[lane] = true
		}
	}
	for lane := range lanes {
		t.gateway.Queue.Wake(lane)
	}
	if ticks(t.after) {
		t.gateway.wakeClock()
	}
}
