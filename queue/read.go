package queue

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"asugate/store"
)

// The states of a message.
const (
	Waiting   = "waiting"
	Parked    = "parked"
	Held      = "held" // behind a parked message of its document
	Confirmed = "confirmed"
	Dropped   = "dropped"   // by an operator, for Reason
	Withdrawn = "withdrawn" // by the gateway, for Reason
)

// Entry is a message with its place in the life of the lane.
type Entry struct {
	Message
	State     string    `json:"state"`                // waiting | parked | held | confirmed | dropped | withdrawn
	Reason    string    `json:"reason,omitempty"`     // why parked, dropped or withdrawn
	Since     time.Time `json:"since"`                // of the state
	LastError string    `json:"last_error,omitempty"` // of the latest try, kept in memory only

	// Delivered is set when the message was dropped or withdrawn while it was under way and has arrived
	// all the same, as far as we got to hear of it: then.
	Delivered time.Time `json:"delivered,omitzero"`
}

// listMost is the longest list that is read at once, whatever the caller asks for.
const listMost = 1000

// ErrNoMessage: the lane has no message of that id.
var ErrNoMessage = errors.New("no such message")

// List is the unconfirmed messages of a lane ("" = all lanes), oldest first, after the given id, up
// to limit of them and never more than a thousand.
func (q *Queue) List(lane, after string, limit int) (entries []Entry, err error) {
	limit = min(limit, listMost)
	err = q.store.View(func(r store.Reader) error {
		entries = nil
		for _, at := range rows(r, []store.Table{unconfirmed}, lane, after, limit) {
			e, err := entry(r, at.lane, at.id)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing lane %q: %w", lane, err)
	}
	q.addErrors(entries)
	return entries, nil
}

// row is where a message is.
type row struct{ lane, id string }

// rows finds the oldest messages in these tables after the given id, in one lane or, with "", in
// all.
func rows(r store.Reader, tables []store.Table, lane, after string, limit int) []row {
	if limit <= 0 {
		return nil
	}
	var found []row
	for _, t := range tables {
		if lane != "" {
			found = merge(found, rowsOf(r, t, lane, after, limit, ""), limit)
			continue
		}
		eachLane(r, t, func(lane string) bool {
			before := "" // with enough at hand, only older ones are of interest
			if len(found) == limit {
				before = found[limit-1].id
			}
			found = merge(found, rowsOf(r, t, lane, after, limit, before), limit)
			return true
		})
	}
	return found
}

func rowsOf(r store.Reader, t store.Table, lane, after string, limit int, before string) (found []row) {
	to := laneEnd(lane)
	if before != "" {
		to = laneKey(lane, before)
	}
	r.Range(t, afterKey(lane, after), to, limit, func(key, _ []byte) bool {
		found = append(found, row{lane, idOf(key)})
		return true
	})
	return found
}

// merge keeps the oldest of both.
func merge(a, b []row, limit int) []row {
	if len(b) == 0 {
		return a
	}
	a = append(a, b...)
	sort.Slice(a, func(i, j int) bool { return a[i].id < a[j].id })
	return a[:min(limit, len(a))]
}

// eachLane visits the lanes that have rows in t, one step a lane.
func eachLane(r store.Reader, t store.Table, visit func(lane string) bool) {
	for from, more := []byte(nil), true; more; {
		more = false
		r.Range(t, from, nil, 1, func(key, _ []byte) bool {
			lane := laneOf(key)
			from, more = laneEnd(lane), visit(lane)
			return false
		})
	}
}

// entry is a message with its state. The error is ErrNoMessage when the lane has none of that id.
func entry(r store.Reader, lane, id string) (e Entry, err error) {
	key := laneKey(lane, id)
	found, err := get(r, messages, []byte(id), &e.Message)
	if err != nil {
		return e, err
	}
	doc := r.Get(unconfirmed, key)
	if !found || e.Lane != lane {
		return e, fmt.Errorf("%w: %.64q in lane %q", ErrNoMessage, id, lane)
	}
	if doc == nil {
		var c confirmation
		found, err := get(r, confirmed, key, &c)
		if err != nil || !found {
			return e, errors.Join(err, fmt.Errorf("%w: %s in lane %q", ErrNoMessage, id, lane))
		}
		e.State, e.Since, e.Reason, e.Delivered = Confirmed, c.At, c.Dropped, c.Delivered
		switch {
		case c.By != "":
			e.State = Withdrawn
		case c.Dropped != "":
			e.State = Dropped
		}
		return e, nil
	}
	e.State, e.Since = Waiting, e.Created
	if r.Get(ready, key) != nil {
		return e, nil
	}
	head, p, err := parkedHead(r, lane, string(doc))
	if err != nil || head == "" {
		return e, err
	}
	e.State, e.Since = Held, p.Since
	if head == id {
		e.State, e.Reason = Parked, p.Reason
	}
	return e, nil
}

// parkedHead finds the parked message of a chain, if it has one.
func parkedHead(r store.Reader, lane, doc string) (head string, p parking, err error) {
	const most = 100 // heads come first, but for ids that were committed out of order
	r.Range(chains, chainKey(lane, doc, ""), chainEnd(lane, doc), most, func(key, _ []byte) bool {
		var found bool
		if found, err = get(r, parked, laneKey(lane, idOf(key)), &p); found {
			head = idOf(key)
		}
		return err == nil && !found
	})
	return head, p, err
}

// addErrors fills in what only memory knows.
func (q *Queue) addErrors(entries []Entry) {
	for i, e := range entries {
		entries[i].LastError = q.lastError(e.Lane, e.ID)
	}
}

// Show is one message of any lane with its state, for the operator.
func (q *Queue) Show(id string) (e Entry, err error) {
	err = q.store.View(func(r store.Reader) error {
		e, err = find(r, id)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("showing a message: %w", err)
	}
	e.LastError = q.lastError(e.Lane, e.ID)
	return e, nil
}

// Message is a message of the lane with its body, whatever has become of it. Beside ErrNoBody the
// entry is there all the same.
func (q *Queue) Message(lane, id string) (e Entry, body []byte, err error) {
	err = q.store.View(func(r store.Reader) error {
		if e, err = entry(r, lane, id); err != nil {
			return err
		}
		body, err = blob(r, e.Body)
		return err
	})
	if err != nil {
		err = fmt.Errorf("reading a message: %w", err)
		if !errors.Is(err, ErrNoBody) {
			e = Entry{}
		}
		return e, nil, err
	}
	e.LastError = q.lastError(e.Lane, e.ID)
	return e, body, nil
}

// Signature is the detached CMS signature of a message, nil when it has none.
func (q *Queue) Signature(m Message) (cms []byte, err error) {
	if m.Signature == "" {
		return nil, nil
	}
	err = q.store.View(func(r store.Reader) error {
		cms, err = blob(r, m.Signature)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the signature of a message: %w", err)
	}
	return cms, nil
}

// ErrNoBody: the body of a message is not in the store any more, or not what was put there.
var ErrNoBody = errors.New("body of the message is missing or damaged")

// content is a message with its body. The error is ErrNoBody when the store has lost either.
func content(r store.Reader, id string) (m Message, body []byte, err error) {
	found, err := get(r, messages, []byte(id), &m)
	if err != nil || !found {
		return m, nil, errors.Join(ErrNoBody, err)
	}
	body, err = blob(r, m.Body)
	return m, body, err
}

// blob is a body, a copy.
func blob(r store.Reader, key string) ([]byte, error) {
	packed := r.Get(store.Blobs, []byte(key))
	if packed == nil {
		return nil, fmt.Errorf("%w: %.100q", ErrNoBody, key)
	}
	body, err := store.Unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %.100q: %w", ErrNoBody, key, err)
	}
	return body, nil
}

// Next is the oldest unconfirmed message of a lane that clients read, waiting up to wait for one.
// ok false: none came. A paused lane has none. What cannot be read is parked, and passed over with
// all that is behind it.
func (q *Queue) Next(ctx context.Context, lane string, wait time.Duration) (m Message, body []byte, ok bool, err error) {
	wake, stop := q.watch(lane)
	defer stop()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		m, body, ok, err = q.oldest(lane)
		if ok || err != nil || wait <= 0 {
			return m, body, ok, err
		}
		select {
		case <-wake:
		case <-timer.C:
			return Message{}, nil, false, nil
		case <-ctx.Done():
			return Message{}, nil, false, ctx.Err()
		}
	}
}

// oldest is the first message of the lane that can be read. What cannot be is parked on the way, for a
// client's lane need not have a Run that would do it.
func (q *Queue) oldest(lane string) (m Message, body []byte, ok bool, err error) {
	var unreadable []result
	err = q.store.View(func(r store.Reader) error {
		m, body, ok, unreadable = Message{}, nil, false, nil
		if !isPaused(r, lane) {
			m, body, ok, unreadable = readable(r, lane)
		}
		return nil
	})
	if err == nil && len(unreadable) > 0 {
		err = q.record(lane, unreadable)
	}
	if err != nil {
		return Message{}, nil, false, fmt.Errorf("reading the oldest message of lane %q: %w", lane, err)
	}
	return m, body, ok, nil
}

// readable finds the oldest unconfirmed message that is whole and not behind a head that is not, and
// the heads before it that are to be parked. One that is no head waits for its turn.
func readable(r store.Reader, lane string) (m Message, body []byte, ok bool, unreadable []result) {
	held := map[string]bool{} // documents whose head cannot be read
	r.Range(unconfirmed, laneKey(lane, ""), laneEnd(lane), failingMost, func(key, value []byte) bool {
		h := head{id: idOf(key), document: string(value)}
		if held[h.document] {
			return true
		}
		whole, its, err := content(r, h.id)
		if err == nil {
			m, body, ok = whole, its, true
			return false
		}
		isReady := r.Get(ready, key) != nil
		if isReady {
			unreadable = append(unreadable, result{head: h, fate: undelivered, reason: reasonOf(err)})
		}
		held[h.document] = isReady || r.Get(parked, key) != nil
		return true
	})
	return m, body, ok, unreadable
}

// Depth counts the unconfirmed messages of a lane, up to limit.
func (q *Queue) Depth(lane string, limit int) (n int, err error) {
	err = q.store.View(func(r store.Reader) error {
		n, err = DepthIn(r, lane)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("counting lane %q: %w", lane, err)
	}
	return min(n, limit), nil
}

// DepthIn counts the unconfirmed messages of a lane in a snapshot. It reads one record.
func DepthIn(r store.Reader, lane string) (int, error) {
	var t tally
	_, err := get(r, lanes, []byte(lane), &t)
	return t.Unconfirmed, err
}
