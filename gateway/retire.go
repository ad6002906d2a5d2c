package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"asugate/queue"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// rules are the kinds whose records are walked.
func (g *Gateway) rules() []rule {
	return []rule{
		{keptAccepted, g.Retention.Accepted, journal, fateOfBody(true), retireBody},
		{keptRefused, g.Retention.Refused, journal, fateOfBody(false), retireBody},
		{keptVerdicts, g.Retention.Verdicts, journal, fateOfVerdict, retireVerdict},
		{keptNotices, g.Retention.Notices, notices, fateOfNotice, retireNotice},
	}
}

// fateOfBody is that of the bytes of a document, accepted or not.
func fateOfBody(accepted bool) func(*look, store.Reader, string) (fate, error) {
	return func(l *look, tx store.Reader, id string) (fate, error) {
		e, found, err := entryIfAny(tx, id)
		if err != nil || !found || accepted != (e.Result == schema.Positive) || tx.Get(store.Blobs, []byte(e.Body())) == nil {
			return passes, err
		}
		newest, err := newestOn(tx, e)
		switch {
		case err != nil:
			return stays, err
		case newest.ID != e.ID && newest.Raw == e.Raw:
			return passes, nil // they go with that verdict
		}
		if unfinished, err := l.unfinished(tx, e); err != nil || unfinished {
			return stays, err
		}
		return goes, nil
	}
}

// entryIfAny is a journal entry; found is false when it has been let go.
func entryIfAny(tx store.Reader, id string) (e Entry, found bool, err error) {
	if tx.Get(journal, []byte(id)) == nil {
		return e, false, nil
	}
	e, err = entryAt(tx, id)
	return e, err == nil, err
}

// newestOn is the verdict under which the bytes of another are known now; the zero value when they are
// known no more.
func newestOn(tx store.Reader, e Entry) (Entry, error) {
	id := tx.Get(raws, key(e.Participant, e.Raw))
	switch string(id) {
	case "":
		return Entry{}, nil
	case e.ID:
		return e, nil
	}
	return entryAt(tx, string(id))
}

// unfinished says whether something is still to happen to the document of a verdict, or has happened lately
// to what it belongs to.
func (l *look) unfinished(tx store.Reader, e Entry) (bool, error) {
	bytes := key(e.Participant, e.Raw)
	if tx.Get(queued, bytes) != nil { // for later judgment
		return true, nil
	}
	if e.Result == schema.Deferred && string(tx.Get(raws, bytes)) == e.ID {
		return true, nil
	}
	if unsettled(tx, e) {
		return true, nil
	}
	if e.Result != schema.Positive {
		return false, nil
	}
	if e.Kind == schema.KindStaffList {
		return l.gateway.Register.StaffVersion(tx, e.Read.StaffOf) == e.Version, nil // in force
	}
	if e.Read.Primary != "" {
		return primaryUnfinished(tx, e.Read.Railway, e.Read.Primary, l.before)
	}
	if e.Read.Consignment != "" {
		return l.consignmentUnfinished(tx, e)
	}
	return false, nil
}

// unsettled says whether a message about the document is still to be delivered, in any lane.
func unsettled(tx store.Reader, e Entry) bool {
	m := e.message(e.ID, schema.KindESID, e.ID, "", false)
	if e.Read.Primary != "" {
		m.Order = orderOf(e.Read.Railway, e.Read.Primary)
	}
	return queue.Unsettled(tx, m)
}

// primaryUnfinished says whether a memo or an act may still be answered or corrected, or was lately.
func primaryUnfinished(tx store.Reader, railway, id string, before time.Time) (bool, error) {
	p, err := primaryAt(tx, railway, id)
	if err != nil || p.Form == "" {
		return false, err
	}
	return !ended(p) || p.Held || !p.Since.Before(before), nil
}

// ended says whether no more is expected of a memo or an act: a rejected memo may still be corrected.
func ended(p workflow.Primary) bool {
	switch p.State {
	case workflow.ClientSigned, workflow.AutoAgreed, workflow.Spoiled:
		return true
	}
	return p.State == workflow.Rejected && p.Form == schema.KindAct
}

// consignmentUnfinished says whether a consignment note still waits for a document, or got one lately.
func (l *look) consignmentUnfinished(tx store.Reader, e Entry) (bool, error) {
	c, err := consignmentAt(tx, key(e.Participant, e.Read.Consignment))
	if err != nil {
		return false, err
	}
	for _, id := range []string{e.Read.Consignment, c.PlacementID} {
		if v := tx.Get(documents, key(e.Participant, id)); v != nil {
			var s Summary
			if err := json.Unmarshal(v, &s); err != nil {
				return false, fmt.Errorf("reading document %s: %w", id, err)
			}
			if !s.Updated.Before(l.before) {
				return true, nil
			}
		}
	}
	if c.State == workflow.Complete || c.State == workflow.Paper || c.Empty {
		return false, nil
	}
	if c.State != workflow.WaybillAccepted {
		return true, nil
	}
	// Where placement is signed for by hand, no ЭД №2 is awaited.
	byHand, err := l.placedByHand(tx, idKey(e.Participant, e.Read.Consignment, c.WaybillVersion))
	return !byHand, err
}

// retireBody lets go of the bytes of a document, and notes that.
func retireBody(tx store.Tx, id string, now time.Time) error {
	e, err := entryAt(tx, id)
	if err != nil {
		return err
	}
	deleteBody(tx, e)
	tx.Put(retired, key(e.Participant, e.Raw), retiredAt(now))
	return nil
}

func deleteBody(tx store.Tx, e Entry) {
	deleteSealed(tx, e.Body())
	if e.bounded() {
		tx.Delete(unverified, key(e.Participant, e.ID))
	}
}

// deleteSealed deletes something with the signature beside it, if there is one.
func deleteSealed(tx store.Tx, body string) {
	tx.Delete(store.Blobs, []byte(body))
	if signature := []byte(signatureKey(body)); tx.Get(store.Blobs, signature) != nil {
		tx.Delete(store.Blobs, signature)
	}
}

// fateOfVerdict is that of a verdict that accepts nothing. One that ends a permission is part of what is
// known of the accepted ЭД №2, and stays with it.
func fateOfVerdict(l *look, tx store.Reader, id string) (fate, error) {
	e, found, err := entryIfAny(tx, id)
	if err != nil || !found || e.Result == schema.Positive || e.Withdraws != "" {
		return passes, err
	}
	if document, ok := schema.CanonicalID(e.DocumentID); ok {
		o, err := occupantAt(tx, idKey(e.Participant, document, e.Version))
		if err != nil || o.Entry == e.ID {
			return stays, err
		}
	}
	if unfinished, err := l.unfinished(tx, e); err != nil || unfinished {
		return stays, err
	}
	return goes, nil
}

// retireVerdict lets go of a verdict with its ЭСИД, and of the bytes if they are known by it. The same
// bytes are judged afresh from now on.
func retireVerdict(tx store.Tx, id string, now time.Time) error {
	e, err := entryAt(tx, id)
	if err != nil {
		return err
	}
	tx.Delete(journal, []byte(id))
	deleteSealed(tx, id)
	if bytes := key(e.Participant, e.Raw); string(tx.Get(raws, bytes)) == id {
		tx.Delete(raws, bytes)
		tx.Delete(retired, bytes)
		deleteBody(tx, e)
	}
	if document, ok := schema.CanonicalID(e.DocumentID); ok {
		tx.Delete(history, key(e.Participant, document, id))
		listed := key(e.Participant, document)
		if s, err := summaryAt(tx, e.Participant, document); err == nil && s.Entry == id {
			tx.Delete(documents, listed)
		}
	}
	tx.Put(retired, []byte(id), retiredAt(now))
	return nil
}

// fateOfNotice is that of a word on a memo or an act.
func fateOfNotice(l *look, tx store.Reader, id string) (fate, error) {
	v := tx.Get(notices, []byte(id))
	if v == nil {
		return passes, nil
	}
	var n Notice
	if err := json.Unmarshal(v, &n); err != nil {
		return stays, fmt.Errorf("reading notice %s: %w", id, err)
	}
	m := queue.Message{ID: id, Order: orderOf(n.Railway, n.DocumentID)}
	if queue.Unsettled(tx, m) {
		return stays, nil
	}
	if unfinished, err := primaryUnfinished(tx, n.Railway, n.DocumentID, l.before); err != nil || unfinished {
		return stays, err
	}
	return goes, nil
}

func retireNotice(tx store.Tx, id string, now time.Time) error {
	var n Notice
	if err := json.Unmarshal(tx.Get(notices, []byte(id)), &n); err != nil {
		return fmt.Errorf("reading notice %s: %w", id, err)
	}
	tx.Delete(notices, []byte(id))
	tx.Delete(noticesOf, key(n.Railway, n.DocumentID, id))
	deleteSealed(tx, id)
	tx.Put(retired, []byte(id), retiredAt(now))
	return nil
}

// retireMessages forgets messages that left their lane long ago.
func (g *Gateway) retireMessages(ctx context.Context, now time.Time, keep time.Duration) error {
	before := now.Add(-keep)
	return g.retireWhile(ctx, keptMessages, func() (int, error) { return g.Queue.Trim(before, retireBatch) })
}

// retireBatch is how many rows go in one transaction where a row is all there is.
const retireBatch = 256

// retireActs forgets what operators did long ago.
func (g *Gateway) retireActs(ctx context.Context, now time.Time, keep time.Duration) error {
	to := idsFrom(now.Add(-keep))
	if to == nil {
		return nil
	}
	return g.retireWhile(ctx, keptActs, func() (n int, err error) {
		err = g.Store.Update(func(tx store.Tx) error {
			n = 0
			tx.Range(acts, nil, to, retireBatch, func(k, _ []byte) bool {
				tx.Delete(acts, k)
				n++
				return true
			})
			return nil
		})
		return n, err
	})
}

// retireWhile repeats a transaction until there is no more for it.
func (g *Gateway) retireWhile(ctx context.Context, kind string, some func() (int, error)) error {
	for ctx.Err() == nil {
		n, err := some()
		if err != nil {
			return err
		}
		g.retiring.add(kind, n)
		if n < retireBatch {
			return nil
		}
		pause(ctx, nil, retentionRest)
	}
	return nil
}
