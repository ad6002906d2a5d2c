package queue

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"asugate/store"
)

// These are all the moves of a message, each within the caller's transaction:
//
//	         add                         retire
//	(new) ─────────> behind, or ready ─────────> confirmed
//	                  park │   ▲ release
//	                       ▼   │
//	                      parked ──────────────> confirmed (by name, or withdrawn)
//
// They keep: a chain that is not empty has exactly one head, ready or parked. Check verifies it.

// ErrMalformed: a message cannot be added: its id is no UUID in canonical form, or its lane has no
// name that a key could be made of, or the id was used before.
var ErrMalformed = errors.New("message cannot be queued")

// Add puts m at the end of its lane, within the caller's transaction. Wake the lane after the
// commit.
func (q *Queue) Add(tx store.Tx, m Message) error {
	if id, err := uuid.Parse(m.ID); err != nil || id.String() != m.ID {
		return fmt.Errorf("%w: id %.64q is not a UUID", ErrMalformed, m.ID)
	}
	const longest = 128
	if m.Lane == "" || m.Lane == every || len(m.Lane) > longest || !printable(m.Lane) {
		return fmt.Errorf("%w: lane %.64q", ErrMalformed, m.Lane)
	}
	if tx.Get(messages, []byte(m.ID)) != nil {
		return fmt.Errorf("%w: id %s is in use", ErrMalformed, m.ID)
	}
	m.DocumentID = strings.ToValidUTF8(m.DocumentID, "\uFFFD") // as JSON keeps it
	m.Order = validOrder(m.Order)
	doc := document(m)
	_, behind := first(tx, m.Lane, doc)
	if err := put(tx, messages, []byte(m.ID), m); err != nil {
		return err
	}
	tx.Put(unconfirmed, laneKey(m.Lane, m.ID), []byte(doc))
	tx.Put(chains, chainKey(m.Lane, doc, m.ID), nil)
	if !behind {
		tx.Put(ready, laneKey(m.Lane, m.ID), []byte(doc))
	}
	return count(tx, m.Lane, tally{Unconfirmed: 1})
}

// first is the oldest message of a chain.
func first(r store.Reader, lane, doc string) (id string, ok bool) {
	r.Range(chains, chainKey(lane, doc, ""), chainEnd(lane, doc), 1, func(key, _ []byte) bool {
		id, ok = idOf(key), true
		return false
	})
	return id, ok
}

// retire takes a message out of its lane for good and lets the next of its chain come forward. It
// adds to by what has to be counted. ok is false when the lane has no such unconfirmed message.
func retire(tx store.Tx, lane, id string, c confirmation, by *tally) (ok bool, err error) {
	key := laneKey(lane, id)
	value := tx.Get(unconfirmed, key)
	if value == nil {
		return false, nil
	}
	doc := string(value)
	isReady, isParked := tx.Get(ready, key) != nil, tx.Get(parked, key) != nil
	if err := put(tx, confirmed, key, c); err != nil {
		return false, err
	}
	tx.Delete(unconfirmed, key)
	tx.Delete(chains, chainKey(lane, doc, id))
	by.Unconfirmed--
	if isReady {
		tx.Delete(ready, key)
	}
	if isParked {
		tx.Delete(parked, key)
		by.Parked--
	}
	if isReady || isParked {
		if next, ok := first(tx, lane, doc); ok {
			tx.Put(ready, laneKey(lane, next), []byte(doc))
		}
	}
	return true, nil
}

// arrived is for a message that the other side has although its lane is done with it: one that was
// dropped or withdrawn while it was under way says so from now on. ok is false when the lane never had
// it.
func arrived(tx store.Tx, lane, id string, at time.Time) (ok bool, err error) {
	var c confirmation
	if ok, err = get(tx, confirmed, laneKey(lane, id), &c); !ok || err != nil {
		return ok, err
	}
	if c.Dropped == "" || !c.Delivered.IsZero() {
		return true, nil
	}
	c.Delivered = at
	return true, put(tx, confirmed, laneKey(lane, id), c)
}

// park sets a ready message aside, and with it all later ones of its document. ok is false when it
// is not ready.
func park(tx store.Tx, lane, id string, p parking, by *tally) (ok bool, err error) {
	key := laneKey(lane, id)
	if tx.Get(ready, key) == nil {
		return false, nil
	}
	if err := put(tx, parked, key, p); err != nil {
		return false, err
	}
	tx.Delete(ready, key)
	by.Parked++
	return true, nil
}

// release makes a parked message ready again. ok is false when it is not parked.
func release(tx store.Tx, lane, id string, by *tally) (ok bool) {
	key := laneKey(lane, id)
	doc := tx.Get(unconfirmed, key)
	if doc == nil || tx.Get(parked, key) == nil {
		return false
	}
	tx.Put(ready, key, doc)
	tx.Delete(parked, key)
	by.Parked--
	return true
}

// Confirm takes messages out of the lane, in any order, in one transaction. Ids already confirmed
// are fine; unknown ids are returned.
func (q *Queue) Confirm(lane string, ids ...string) (unknown []string, err error) {
	at := q.now()
	err = q.store.Update(func(tx store.Tx) error {
		unknown = nil
		var by tally
		for _, id := range ids {
			ok, err := retire(tx, lane, id, confirmation{At: at}, &by)
			if err == nil && !ok {
				ok, err = arrived(tx, lane, id, at)
			}
			if err != nil {
				return err
			}
			if !ok {
				unknown = append(unknown, id)
			}
		}
		return count(tx, lane, by)
	})
	if err != nil {
		return nil, fmt.Errorf("confirming in lane %s: %w", lane, err)
	}
	q.forget(lane, ids...)
	q.Wake(lane) // the next of a chain may have come forward
	return unknown, nil
}

// reasonOf is an error as it is kept and shown: one line, bounded, nothing that a terminal would
// obey.
func reasonOf(err error) string {
	const longest = 400
	s := strings.Map(func(r rune) rune {
		if !printable(string(r)) {
			return ' '
		}
		return r
	}, err.Error())
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
