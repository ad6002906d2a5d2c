package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"asugate/queue"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// primaryOf is the state of a memo or an act, whether the railway's or addressed to the participant.
func (g *Gateway) primaryOf(tx store.Reader, s Summary, id string) (*workflow.Primary, error) {
	railway := cmp.Or(s.From, s.Participant)
	if tx.Get(primaries, key(railway, id)) == nil {
		return nil, nil
	}
	p, err := primaryAt(tx, railway, id)
	if s.From != "" && p.Client != s.Participant {
		return nil, err // it has been corrected, and goes to another now
	}
	return &p, err
}

var (
	// ErrSpoiled: a spoiled ГУ-45 is not shown to the client any more (1166/р 4.1).
	ErrSpoiled = errors.New("document is spoiled")
	// ErrNoContent: the bytes have been let go.
	ErrNoContent = errors.New("the document is not kept")
)

// Content is a document as it was received or, of a memo or an act, as the participant got it, with its
// detached signature where it has one. The error is ErrNoDocument, ErrSpoiled or ErrNoContent.
func (g *Gateway) Content(ctx context.Context, participant, id string) (body, detached []byte, err error) {
	d, err := g.Document(ctx, participant, id)
	if err != nil {
		return nil, nil, err
	}
	err = g.Store.View(func(tx store.Reader) error {
		canonical, _ := schema.CanonicalID(id)
		p, err := primaryAt(tx, cmp.Or(d.From, participant), canonical) // also of one that goes to another now
		if err != nil {
			return err
		}
		if err := shown(p); err != nil {
			return err
		}
		e, err := entryAt(tx, d.Entry)
		if err != nil {
			return err
		}
		if tx.Get(store.Blobs, []byte(e.Body())) == nil {
			return ErrNoContent
		}
		body, detached, err = bodyAt(tx, e.Body())
		return err
	})
	return body, detached, err
}

// shown says whether the client may see the memo or act: a spoiled act stays visible, marked (readings 17).
func shown(p workflow.Primary) error {
	if p.Form == schema.KindMemo && p.State == workflow.Spoiled {
		return ErrSpoiled
	}
	return nil
}

// MayShow says whether the body of a message may be shown to the client: nil, or ErrSpoiled.
func (g *Gateway) MayShow(m queue.Message) error {
	if m.Kind != string(schema.KindMemo) {
		return nil
	}
	railway, id, found := strings.Cut(m.Order, "/")
	if !found {
		return nil
	}
	return g.Store.View(func(tx store.Reader) error {
		p, err := primaryAt(tx, railway, id)
		if err != nil {
			return err
		}
		return shown(p)
	})
}

// Notices lists what was told of a memo or an act from a time on, oldest first, limit of them at most.
func (g *Gateway) Notices(railway, id string, since time.Time, limit int) (rows []Notice, err error) {
	err = g.Store.View(func(tx store.Reader) (broken error) {
		rows = nil
		prefix := append(key(railway, id), 0)
		from := append(cloned(prefix), idsFrom(since)...)
		tx.Range(noticesOf, from, after(prefix), limit, func(k, _ []byte) bool {
			var n Notice
			if broken = json.Unmarshal(tx.Get(notices, k[len(prefix):]), &n); broken != nil {
				broken = fmt.Errorf("reading notice %.100q: %w", k, broken)
				return false
			}
			rows = append(rows, n)
			return true
		})
		return broken
	})
	return rows, err
}

// Awaited is how many memos and acts wait for the client's answer, by the time that is left.
type Awaited struct {
	Over, HalfHour, TwoHours, Longer int // over: the term has passed, and is about to be put into effect
	Held                             int // for the operator
	Unaddressed                      int // for the register to know to whom they go
}

// Awaited counts what waits, up to scanLimit of each.
func (g *Gateway) Awaited() (a Awaited, err error) {
	now := g.Now()
	err = g.Store.View(func(tx store.Reader) (broken error) {
		a = Awaited{}
		tx.Range(deadlines, nil, nil, scanLimit, func(k, _ []byte) bool {
			var d deadline
			if d, broken = deadlineOf(string(k)); broken != nil {
				return false
			}
			if d.kind != termEnds {
				return true
			}
			switch left := d.at.Add(-HandlingLimit).Sub(now); {
			case left <= 0:
				a.Over++
			case left <= 30*time.Minute:
				a.HalfHour++
			case left <= 2*time.Hour:
				a.TwoHours++
			default:
				a.Longer++
			}
			return true
		})
		tx.Range(helds, nil, nil, scanLimit, func([]byte, []byte) bool { a.Held++; return true })
		tx.Range(deferred, nil, nil, scanLimit, func(k, _ []byte) bool {
			var d *deferral
			if d, broken = deferralAt(tx, string(k)); broken == nil && d != nil && d.Due.IsZero() {
				a.Unaddressed++
			}
			return broken == nil
		})
		return broken
	})
	return a, err
}

// Due lists the memos and acts that wait for an answer whose time ends within so long, soonest first.
func (g *Gateway) Due(within time.Duration, participant string, limit int) (rows []Summary, err error) {
	end := key(g.Now().Add(within + HandlingLimit).UTC().Format(deadlineTime))
	err = g.Store.View(func(tx store.Reader) (broken error) {
		rows = nil
		tx.Range(deadlines, nil, end, scanLimit, func(k, _ []byte) bool {
			var d deadline
			if d, broken = deadlineOf(string(k)); broken != nil {
				return false
			}
			if d.kind != termEnds {
				return true
			}
			railway, id, _ := strings.Cut(d.key, "\x00")
			var p workflow.Primary
			if p, broken = primaryAt(tx, railway, id); broken != nil {
				return false
			}
			if participant != "" && p.Client != participant {
				return true
			}
			var s Summary
			if s, broken = summaryAt(tx, p.Client, id); broken != nil {
				broken = fmt.Errorf("reading document %s: %w", id, broken)
				return false
			}
			rows = append(rows, s)
			return len(rows) < limit
		})
		return broken
	})
	return rows, err
}
