package gateway

import (
	"fmt"
	"sync"
	"time"

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
	limit := g.OutboxLimit
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
		return nil
	})
	if err != nil {
		return false, err
	}
	n, err := g.Queue.Depth(ClientLane(participant), limit)
	if err != nil {
		return false, err
	}
	g.outboxes.mu.Lock()
	g.outboxes.known[participant] = outbox{full: n >= limit, at: now}
	g.outboxes.mu.Unlock()
	return n >= limit, nil
}
