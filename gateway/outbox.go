package gateway

import (
	"fmt"
	"sync"
	"time"

	"asugate/queue"
	"asugate/store"
)

// outboxes remembers for a second how full a client's lane is, because counting costs more than a verdict.
type outboxes struct {
	mu    sync.Mutex // protects known
	known map[string]outbox
}

type outbox struct {
	full bool
	at   time.Time
}

const outboxFresh = time.Second

// outboxFull says whether the participant has to confirm messages before we take more from it.
func (g *Gateway) outboxFull(participant string) (bool, error) {
	now := g.Now()
	g.outboxes.mu.Lock()
	o, ok := g.outboxes.known[participant]
	g.outboxes.mu.Unlock()
	if age := now.Sub(o.at); ok && age >= 0 && age < outboxFresh {
		return o.full, nil
	}
	limit, n := g.OutboxLimit, 0
	err := g.Store.View(func(tx store.Reader) error {
		d, err := g.Register.Directory(tx)
		if err != nil {
			return fmt.Errorf("reading participants: %w", err)
		}
		if p := d.Participants[participant]; p == nil {
			return fmt.Errorf("%w: %s", ErrUnknownParticipant, participant)
		} else if p.OutboxLimit > 0 {
			limit = p.OutboxLimit
		}
		n, err = queue.DepthIn(tx, ClientLane(participant))
		n += promised(tx, participant, limit)
		return err
	})
	if err != nil {
		return false, err
	}
	g.outboxes.mu.Lock()
	g.outboxes.known[participant] = outbox{full: n >= limit, at: now}
	g.outboxes.mu.Unlock()
	return n >= limit, nil
}

// promised counts, up to limit of each, the documents accepted for later judgement and those deferred:
// each will have its ЭСИД in the outbox.
func promised(tx store.Reader, participant string, limit int) (n int) {
	prefix := append(key(participant), 0)
	for _, t := range []store.Table{queued, deferred} {
		tx.Range(t, prefix, after(prefix), max(1, limit), func(_, _ []byte) bool {
			n++
			return true
		})
	}
	return n
}
