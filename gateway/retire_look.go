package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"asugate/store"
)

// look is one look at records that have come of age. Fates are told twice: by reading, and again in the
// transaction that lets go, because much may have happened since. In that one, which others wait for, nothing
// is done that takes long.
type look struct {
	gateway *Gateway
	before  time.Time // what happened after it is lately
	writing bool      // in the transaction that lets go

	// byHand is, by message id of the ЭСИД on it, whether placement on an accepted waybill is signed for by
	// hand. That follows from what never changes: the verdict and a version of the register. To read
	// such a version takes longer than all the rest.
	byHand map[string]bool
}

// errUnread: what a fate depends on was not read before the transaction; it is told the next time.
var errUnread = errors.New("not read before the transaction")

// placedByHand is look.byHand of the accepted waybill under a key of ids.
func (l *look) placedByHand(tx store.Reader, at []byte) (bool, error) {
	waybill, err := acceptedAt(tx, at)
	if err != nil {
		return false, err
	}
	byHand, known := l.byHand[waybill.ID]
	if known {
		return byHand, nil
	}
	if l.writing {
		return false, errUnread
	}
	then, err := l.gateway.Register.DirectoryOf(tx, waybill.Read.Directory)
	if err != nil {
		return false, fmt.Errorf("reading participants: %w", err)
	}
	byHand = keptDocument{entry: waybill, then: then}.byHand()
	l.byHand[waybill.ID] = byHand
	return byHand, nil
}

// riddles are records that cannot be read, so that nobody can say whether they may go. They stay, and are
// looked at again in each round; the log names the first few, each once, and how many there are when that has
// changed.
type riddles struct {
	named map[string]bool
	seen  map[string]bool // in this round, mostSeen of them at most
	was   int             // how many were seen in the one before
}

// mostSeen bounds how many riddles are counted.
const mostSeen = 1000

// begin is called at the beginning of a round.
func (r *riddles) begin() {
	if r.named == nil {
		r.named = make(map[string]bool)
	}
	r.seen, r.was = make(map[string]bool), len(r.seen)
}

func (r *riddles) add(log *slog.Logger, id string, err error) {
	if len(r.seen) < mostSeen {
		r.seen[id] = true
	}
	if !r.named[id] && len(r.named) < mostTold {
		r.named[id] = true
		log.Warn("a record is kept because nobody can tell whether it may be let go", "id", id, "error", err)
	}
}

// tell is called at the end of a round.
func (r *riddles) tell(log *slog.Logger) {
	if len(r.seen) > len(r.named) && len(r.seen) != r.was {
		log.Warn("more records are kept because nobody can tell whether they may be let go", "records", len(r.seen))
	}
}
