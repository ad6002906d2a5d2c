package revocation

import (
	"cmp"
	"slices"
	"time"

	"asugate/signature"
)

// State is how one place stands from which evidence comes, for whoever operates the gateway.
type State struct {
	Source   string // a file or a URL
	Kind     string // crl | ocsp
	Issuers  string // names of those it speaks for
	Entries  int    // of the list in force
	Known    int    // certificates that a responder has been asked about
	Produced time.Time
	Next     time.Time // nextUpdate of the list in force, zero when it names none
	Until    time.Time // from then on the list says nothing good; zero: none has been had
	Looked   time.Time // when the place was last found to be in order
	Failure  string    // why it is not; empty: it is
	Had, Bad uint64    // looks that went well and that did not
}

// Silent says that documents of its issuers are deferred: the list is missing or out of date, or the
// responder does not answer.
func (s State) Silent(at time.Time) bool {
	if s.Kind == "ocsp" {
		return s.Failure != ""
	}
	return at.After(s.Until)
}

// Sources are all places in the order of their names.
func (k *Keeper) Sources() []State {
	b := k.book.Load()
	var all []State
	b.mu.Lock()
	for _, s := range b.sources {
		for _, o := range s.origins {
			all = append(all, o.state(b))
		}
	}
	b.mu.Unlock()
	for _, r := range b.responders {
		all = append(all, r.state())
	}
	slices.SortStableFunc(all, func(x, y State) int { return cmp.Compare(x.Source, y.Source) })
	return all
}

// state is called with the book's mu held.
func (o *origin) state(b *book) State {
	s := State{Source: o.name, Kind: "crl", Looked: o.looked, Failure: o.failure, Had: o.had, Bad: o.bad}
	if o.list != nil {
		s.Issuers, s.Entries = nameOf(o.list.issuerName), len(o.list.entries)
		s.Produced, s.Next = o.list.thisUpdate, o.list.nextUpdate
		s.Until = b.until(o.list.thisUpdate, o.list.nextUpdate)
	}
	return s
}

func (r *responder) state() State {
	s := State{Source: r.config.URL, Kind: "ocsp"}
	for i, c := range r.issuers {
		if i > 0 {
			s.Issuers += ", "
		}
		s.Issuers += nameOf(c.RawSubject)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Known, s.Looked, s.Failure, s.Had, s.Bad = len(r.present)+len(r.former), r.answered, r.failure, r.had, r.bad
	return s
}

// Answers counts what Status has said, by state.
func (k *Keeper) Answers(state signature.RevocationState) uint64 { return k.answers[state].Load() }
