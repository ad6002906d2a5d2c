package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// answeredTwice refuses an answer while the signature of another one to the same document is still being
// verified: the first decides. One that is refused anyhow need not wait for that.
func (a *assessment) answeredTwice() []schema.Finding {
	if a.document.Answer() == nil || a.primary.Suspended == nil || a.settlesSuspension() || schema.Refused(a.findings) {
		return nil
	}
	return []schema.Finding{schema.Finding{
		Code: "W18", Reason: schema.ReasonPredecessorDeferred, Path: "/" + string(a.document.Kind()) + "/Document",
		Actual: a.document.Answer().Document.DocumentID,
	}.Complete()}
}

// pendingBefore says whether the participant has a document accepted for later judgment that came before a
// time.
func (g *Gateway) pendingBefore(tx store.Reader, participant string, before time.Time) (found bool, err error) {
	prefix := append(key(participant), 0)
	tx.Range(queued, prefix, after(prefix), scanLimit, func(_, id []byte) bool {
		var j job
		if err = json.Unmarshal(tx.Get(pending, id), &j); err != nil {
			err = fmt.Errorf("reading job %s: %w", id, err)
			return false
		}
		found = j.Received.Before(before)
		return !found
	})
	return found, err
}

// heedEnvelope obeys the state that КП ЭДО says a document to be in, where the register says that the
// railway keeps the time. Nobody has signed it: where the time is ours it changes nothing.
func (g *Gateway) heedEnvelope(s Submission, r Receipt) error {
	if s.Envelope == nil || !s.Office || r.Result() != schema.Positive {
		return nil
	}
	state, known := workflow.StateOf(s.Envelope.StateID)
	event, tells := map[workflow.PrimaryState]workflow.PrimaryEvent{
		workflow.AutoAgreed: workflow.ReportedAgreed, workflow.ClientSigned: workflow.ReportedSigned,
	}[state]
	if !known || !tells {
		return nil
	}
	id, ok := schema.CanonicalID(r.Entry().DocumentID)
	if !ok {
		return fmt.Errorf("document id %q of a verified document", r.Entry().DocumentID)
	}
	for range tries {
		t, _, err := g.turnOfClock(s.Participant, id)
		if err != nil {
			return err
		}
		if t.before.Entry != r.MessageID() {
			return nil // a former version has come once more: it says nothing of the one in force
		}
		if t.before.Consent != workflow.ConsentRailway {
			g.Log.Warn("state of a document is not obeyed: the register says that we keep the time",
				"document", id, "state", s.Envelope.StateID)
			return nil
		}
		if row, ok := t.before.Next(t.before.Form, event); !ok || row.Finding != "" || row.To == t.before.State {
			return nil // it is said again, or comes too late to change anything
		}
		g.heed(t, event, s.Received.Truncate(time.Millisecond), r.MessageID())
		if err := g.take(t, func(store.Tx) error { return nil }); !errors.Is(err, errMoved) {
			return err
		}
	}
	return ErrBusy
}
