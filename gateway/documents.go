package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// DocumentState is what becomes of one document, for the client and the operator.
type DocumentState struct {
	Summary
	Versions []Entry `json:"verdicts"` // oldest first

	// Primary is what has become of a memo or an act, of the railway or addressed to the participant; nil for
	// other documents.
	Primary *workflow.Primary `json:"primary,omitempty"`
}

// versionsLimit bounds the verdicts told of one document.
const versionsLimit = 1000

// Document is the participant's document with its verdicts, the newest versionsLimit of them, or
// ErrNoDocument.
func (g *Gateway) Document(ctx context.Context, participant, id string) (DocumentState, error) {
	var d DocumentState
	canonical, ok := schema.CanonicalID(id)
	if !ok {
		return d, ErrNoDocument
	}
	err := g.Store.View(func(tx store.Reader) error {
		var broken error
		if d.Summary, broken = summaryAt(tx, participant, canonical); broken != nil {
			return broken
		}
		if err := d.Summary.untilWhen(tx); err != nil {
			return err
		}
		prefix := append(key(participant, canonical), 0)
		tx.RangeBack(history, prefix, after(prefix), versionsLimit, func(k, _ []byte) bool {
			e, err := entryAt(tx, string(k[len(prefix):]))
			if err != nil {
				broken = err
				return false
			}
			d.Versions = append(d.Versions, e)
			return true
		})
		slices.Reverse(d.Versions)
		if broken == nil {
			d.Primary, broken = g.primaryOf(tx, d.Summary, canonical)
		}
		return broken
	})
	return d, err
}

// Acknowledgment is the signed ЭСИД of a journal entry, with its detached CMS signature where it has
// one.
func (g *Gateway) Acknowledgment(id string) (document, cms []byte, err error) {
	var r Receipt
	err = g.Store.View(func(tx store.Reader) (err error) {
		r, err = stored(tx, id)
		return err
	})
	return r.Document(), r.Detached(), err
}

// Body is the bytes received of a journal entry, nil when they have been let go.
func (g *Gateway) Body(id string) ([]byte, error) {
	var body []byte
	err := g.Store.View(func(tx store.Reader) error {
		e, err := entryAt(tx, id)
		if err != nil {
			return err
		}
		packed := tx.Get(store.Blobs, []byte(e.Body()))
		if packed == nil {
			return nil
		}
		body, err = store.Unpack(packed)
		return err
	})
	return body, err
}

// Documents lists the newest state of documents, in order of participant and id, after the given
// cursor; next is empty at the end. participant and state may be empty for all.
func (g *Gateway) Documents(participant, state, cursor string, limit int) (rows []Summary, next string, err error) {
	from, to := []byte(nil), []byte(nil)
	if participant != "" {
		prefix := append(key(participant), 0)
		from, to = prefix, after(prefix)
	}
	if cursor != "" {
		from = append([]byte(cursor), 0)
	}
	seen := 0
	err = g.Store.View(func(tx store.Reader) error {
		var broken error
		tx.Range(documents, from, to, scanLimit, func(k, v []byte) bool {
			seen++
			var s Summary
			if broken = json.Unmarshal(v, &s); broken != nil {
				return false
			}
			next = string(k)
			if state == "" || s.State == state {
				if broken = s.untilWhen(tx); broken != nil {
					return false
				}
				rows = append(rows, s)
			}
			return len(rows) < limit
		})
		return broken
	})
	if len(rows) < limit && seen < scanLimit {
		next = ""
	}
	return rows, next, err
}

// Undecided counts the documents whose authenticity cannot be decided now, scanLimit of them at most, and
// says when the oldest was deferred; zero when there is none.
func (g *Gateway) Undecided() (documents int, oldest time.Time, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		documents, oldest = 0, time.Time{}
		first := ""
		tx.Range(deferred, nil, nil, scanLimit, func(k, _ []byte) bool {
			documents++
			if _, interim, _ := strings.Cut(string(k), "\x00"); first == "" || interim < first {
				first = interim
			}
			return true
		})
		if first == "" {
			return nil
		}
		e, err := entryAt(tx, first)
		oldest = e.Judged
		return err
	})
	return documents, oldest, err
}

// untilWhen says of a deferred document when it is decided at the latest; a staff list that waits for the
// operator, and a memo of which nobody knows whose it is, wait for as long as he likes.
func (s *Summary) untilWhen(tx store.Reader) error {
	if s.State != "deferred" {
		return nil
	}
	d, err := deferralAt(tx, string(key(s.Participant, s.Entry)))
	if d != nil && !d.Due.IsZero() {
		s.Until = &d.Due
	}
	return err
}

// scanLimit bounds one look through a table, which must not hold a snapshot for long.
const scanLimit = 100_000

// Journal lists verdicts oldest first, from a time on; participant may be empty for all.
func (g *Gateway) Journal(participant string, since time.Time, limit int) ([]Entry, error) {
	var rows []Entry
	err := g.Store.View(func(tx store.Reader) error {
		var broken error
		tx.Range(journal, idsFrom(since), nil, scanLimit, func(_, v []byte) bool {
			var e Entry
			if broken = json.Unmarshal(v, &e); broken != nil {
				return false
			}
			if participant == "" || e.Participant == participant {
				rows = append(rows, e)
			}
			return len(rows) < limit
		})
		return broken
	})
	return rows, err
}

// JournalEntry is one verdict, or ErrNoDocument.
func (g *Gateway) JournalEntry(id string) (Entry, error) {
	var e Entry
	err := g.Store.View(func(tx store.Reader) (err error) {
		e, err = entryAt(tx, id)
		return err
	})
	return e, err
}

// idsFrom is the least UUIDv7 of a time: its first 48 bits are the milliseconds (RFC 9562 §5.7).
func idsFrom(t time.Time) []byte {
	if t.IsZero() || t.UnixMilli() < 0 {
		return nil
	}
	h := fmt.Sprintf("%012x", t.UnixMilli())
	return []byte(h[:8] + "-" + h[8:])
}
