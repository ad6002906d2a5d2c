package queue

import (
	"fmt"
	"strings"
	"time"

	"asugate/store"
)

// settledAfter is the age from which no older id can appear any more: far longer than a request may
// take from making an id to its commit.
const settledAfter = time.Minute

// Messages is List with the confirmed ones. The cursor may repeat rows, and never leaves one out.
//
// Ids are committed out of order, so a cursor at the newest row would leave out an older one that
// is still on its way. The cursor has two parts: the place up to which everything is settled, older
// than a minute, and the place to go on from. When a walk has come to its end (fewer rows than
// limit), the next one begins at the former.
func (q *Queue) Messages(lane, cursor string, limit int) (rowsFound []Entry, next string, err error) {
	limit = max(1, min(limit, listMost))
	settled, at, walking := strings.Cut(cursor, "/")
	if !walking {
		at = settled
	}
	horizon := floor(q.now().Add(-settledAfter))
	err = q.store.View(func(r store.Reader) error {
		rowsFound = nil
		for _, place := range rows(r, []store.Table{unconfirmed, confirmed}, lane, at, limit) {
			e, err := entry(r, place.lane, place.id)
			if err != nil {
				return err
			}
			rowsFound = append(rowsFound, e)
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("reading the history of lane %q: %w", lane, err)
	}
	q.addErrors(rowsFound)
	for _, e := range rowsFound {
		if !walking && e.ID < horizon {
			settled = e.ID
		}
		at = e.ID
	}
	if len(rowsFound) < limit || at == settled {
		return rowsFound, settled, nil
	}
	return rowsFound, settled + "/" + at, nil
}

// Trim forgets messages that left their lane before a time, up to limit of them, in one
// transaction. Less than limit: there are no more. Bodies belong to whoever put them.
func (q *Queue) Trim(before time.Time, limit int) (trimmed int, err error) {
	limit = min(limit, listMost)
	var old []row
	err = q.store.View(func(r store.Reader) error {
		old = nil
		newest := "" // stays, for the next id has to be above it
		r.RangeBack(messages, nil, nil, 1, func(key, _ []byte) bool {
			newest = string(key)
			return false
		})
		var bad error
		eachLane(r, confirmed, func(lane string) bool {
			bad = oldOf(r, lane, before, func(id string) bool {
				if id != newest {
					old = append(old, row{lane, id})
				}
				return len(old) < limit
			})
			return bad == nil && len(old) < limit
		})
		return bad
	})
	if err == nil && len(old) > 0 {
		err = q.store.Update(func(tx store.Tx) error {
			for _, at := range old {
				tx.Delete(confirmed, laneKey(at.lane, at.id))
				tx.Delete(messages, []byte(at.id))
			}
			return nil
		})
	}
	if err != nil {
		return 0, fmt.Errorf("trimming the history of the lanes: %w", err)
	}
	return len(old), nil
}

// oldOf visits the messages of a lane that left it before a time. Those made later cannot have left
// before.
func oldOf(r store.Reader, lane string, before time.Time, visit func(id string) bool) (err error) {
	const page = 1000
	for from, more := laneKey(lane, ""), true; more && err == nil; {
		n := 0
		r.Range(confirmed, from, laneKey(lane, floor(before)), page, func(key, _ []byte) bool {
			n++
			from = append(append([]byte(nil), key...), 0)
			var c confirmation
			if _, err = get(r, confirmed, key, &c); err != nil {
				return false
			}
			more = !c.At.Before(before) || visit(idOf(key))
			return more
		})
		more = more && n == page
	}
	return err
}
