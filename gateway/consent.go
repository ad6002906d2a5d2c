package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"asugate/calendar"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// The deadlines of memos and acts; their key is railway · DocumentID.
const (
	termEnds    = "term"     // HandlingLimit after the end of a term
	reminderDue = "reminder" // a while before
)

// errInWork: somebody may have answered in time, and is not decided yet.
var errInWork = errors.New("an answer that may have come in time is in work")

// work is what is being judged at this moment: a term does not end over it.
type work struct {
	mu    sync.Mutex
	next  int
	begun map[int]piece // guarded by mu
}

// piece is one document in work.
type piece struct {
	participant string
	received    time.Time
}

// begin notes a document; the function returned takes it off again.
func (w *work) begin(participant string, received time.Time) (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun == nil {
		w.begun = make(map[int]piece)
	}
	w.next++
	n := w.next
	w.begun[n] = piece{participant, received}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.begun, n)
	}
}

// has says whether a document of the participant received before a time is in work.
func (w *work) has(participant string, before time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.begun {
		if p.participant == participant && p.received.Before(before) {
			return true
		}
	}
	return false
}

// answering says whether an answer of the client may be in work that came before the end of the term: in
// memory, or accepted for later.
func (g *Gateway) answering(tx store.Reader, p workflow.Primary) (bool, error) {
	if g.work.has(p.Client, p.SignBy) {
		return true, nil
	}
	return g.pendingBefore(tx, p.Client, p.SignBy)
}

// endTerm is silence that has become consent (1166/р 2.12, 3.13): at the end of the term, once whoever
// answered before it has been heard.
func (g *Gateway) endTerm(_ context.Context, d deadline) error {
	railway, id, _ := strings.Cut(d.key, "\x00")
	for range tries {
		t, ready, err := g.turnOfClock(railway, id)
		switch {
		case err != nil:
			return err
		case !ticks(t.before) || t.before.Consent != workflow.ConsentOurs || !termDeadline(railway, id, t.before).at.Equal(d.at):
			return g.lapse(d) // nobody waits for it any more, or the railway keeps the time
		case !ready:
			return errInWork
		}
		event := schema.EventAgreed
		if t.unread || t.client == nil {
			// His silence says nothing: we could not be read, or not by him any more. The operator decides.
			event = schema.EventHeld
			t.after = t.before
			t.after.Revision++
			t.after.Held = true
			t.tell(event, "", nil)
		} else {
			t.after = t.before.Stepped(workflow.TermEnds, workflow.AutoAgreed, t.before.SignBy, "")
			t.tell(event, "", workflow.Routes(t.before.Form, workflow.TermEnds))
		}
		g.Reached("term")
		err = g.take(t, func(tx store.Tx) error {
			answering, err := g.answering(tx, t.before)
			if err == nil && answering {
				return errInWork
			}
			tx.Delete(deadlines, d.row())
			return err
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return ErrBusy
}

// turnOfClock is a turn of a document as it is now; ready says that no answer to it is in work.
func (g *Gateway) turnOfClock(railway, id string) (t *turn, ready bool, err error) {
	t = &turn{gateway: g, id: id}
	err = g.Store.View(func(tx store.Reader) error {
		directory, err := g.Register.Directory(tx)
		if err != nil {
			return fmt.Errorf("reading participants: %w", err)
		}
		if t.railway = directory.Railways[railway]; t.railway == nil {
			return fmt.Errorf("%w: %s", ErrUnknownParticipant, railway)
		}
		if t.before, err = primaryAt(tx, railway, id); err != nil {
			return err
		}
		t.client = directory.Participants[t.before.Client]
		answering, err := g.answering(tx, t.before)
		if ready = !answering; err == nil {
			t.unread, err = unreadable(tx, t.before)
		}
		return err
	})
	return t, ready, err
}

// remind tells the client that his time is running out. It waits for no document in work: one who always has
// some there would never be reminded. Should that be the answer, it is judged again behind the reminder.
func (g *Gateway) remind(_ context.Context, d deadline) error {
	railway, id, _ := strings.Cut(d.key, "\x00")
	for range tries {
		t, _, err := g.turnOfClock(railway, id)
		switch {
		case err != nil:
			return err
		case !ticks(t.before) || !t.before.SignBy.After(g.Now()) || !g.reminds(t.before, d.at):
			return g.lapse(d)
		}
		t.after = t.before
		t.after.Revision++
		t.tell(schema.EventReminder, "", nil)
		err = g.take(t, func(tx store.Tx) error {
			tx.Delete(deadlines, d.row())
			return nil
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return ErrBusy
}

// reminds says whether the reminder is one of the term that runs now, and none that is due follows it: after
// a standstill the last one says all that is still to be said. It is compared to the millisecond, as
// deadlines are.
func (g *Gateway) reminds(p workflow.Primary, at time.Time) bool {
	found, last := false, at
	for _, reminder := range p.Remind() {
		found = found || reminder.Truncate(time.Millisecond).Equal(at)
		if !reminder.After(g.Now()) {
			last = later(last, reminder.Truncate(time.Millisecond))
		}
	}
	return found && last.Equal(at)
}

// lapse takes away a deadline of which nothing follows.
func (g *Gateway) lapse(d deadline) error {
	return storeError(g.Store.Update(func(tx store.Tx) error {
		tx.Delete(deadlines, d.row())
		return nil
	}))
}

// GrantTerm gives the client of a document whose term passed without his being able to read a new one, from
// now on, by the operator's decision; 0: the term that had been agreed.
func (g *Gateway) GrantTerm(railway, id string, term time.Duration) (workflow.Primary, error) {
	id, ok := schema.CanonicalID(id)
	if !ok {
		return workflow.Primary{}, ErrNoDocument
	}
	for range tries {
		t, _, err := g.turnOfClock(railway, id)
		switch {
		case err != nil:
			return workflow.Primary{}, err
		case t.before.Form == "":
			return workflow.Primary{}, ErrNoDocument
		case !t.before.Held || !t.before.Running():
			return workflow.Primary{}, fmt.Errorf("%w: %s", ErrNotHeld, t.before.State)
		}
		t.after = t.before
		t.after.Revision++
		t.after.Held = false
		t.after.Arrived = g.Now().Truncate(time.Millisecond)
		t.after.SignBy = t.after.Arrived.Add(term)
		if term == 0 {
			if t.after.SignBy, err = g.agreedFrom(t.after, t.railway); err != nil {
				return workflow.Primary{}, err
			}
		}
		if s := t.before.Suspended; s != nil { // it begins when the answer in work has been refused
			t.after.Suspended = &workflow.Suspension{
				Entry: s.Entry, Since: s.Since, Left: t.after.SignBy.Sub(t.after.Arrived),
			}
		}
		t.tell(schema.EventResumed, "", nil)
		if err := g.take(t, func(store.Tx) error { return nil }); !errors.Is(err, errMoved) {
			return t.after, err
		}
	}
	return workflow.Primary{}, ErrBusy
}

// agreedFrom is the end of the term that was agreed when the document came, counted from its arrival, and
// of MinLeft at least.
func (g *Gateway) agreedFrom(p workflow.Primary, r *register.Railway) (time.Time, error) {
	term, err := calendar.ParseTerm(p.Term)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the term of document %s: %w", p.Named, err)
	}
	return later(term.End(p.Arrived, r.Zone, g.Codes().Days(r.Country())), p.Arrived.Add(MinLeft)), nil
}

// ErrNotHeld: the document does not wait for the operator.
var ErrNotHeld = errors.New("document is not held")
