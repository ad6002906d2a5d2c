package workflow

import (
	"slices"
	"time"

	"asugate/schema"
)

// PrimaryState is the state of a primary document that starts at the railway («первичный
// документ»): памятка ГУ-45ВЦ, акт ГУ-23ВЦ.
type PrimaryState string

const (
	Drafted          PrimaryState = ""                  // «На оформлении»: nothing signed has come
	CarrierSigned    PrimaryState = "carrier-signed"    // «Подписан ОАО «РЖД»»
	ClientSigned     PrimaryState = "client-signed"     // «Подписан Клиентом»
	Rejected         PrimaryState = "rejected"          // «Отклонен»; of an act with the block «С разногласиями»
	AutoAgreed       PrimaryState = "auto-agreed"       // «Автоматически согласован»
	AwaitingSpoiling PrimaryState = "awaiting-spoiling" // «Ожидает порчи»
	Spoiled          PrimaryState = "spoiled"           // «Испорчен»
)

// PrimaryStates are all of them, in the order in which a document may pass through them.
func PrimaryStates() []PrimaryState {
	return []PrimaryState{Drafted, CarrierSigned, ClientSigned, Rejected, AutoAgreed, AwaitingSpoiling, Spoiled}
}

// String is the state for people and in lists.
func (s PrimaryState) String() string {
	if s == Drafted {
		return "drafted"
	}
	return string(s)
}

// StateID is the number of the state in the real system as far as it is known, else 0.
func (s PrimaryState) StateID() int {
	switch s {
	case CarrierSigned:
		return 548
	case ClientSigned:
		return 469
	case AutoAgreed:
		return 696
	}
	return 0
}

// StateOf is the state with that number of the real system; ok is false for a number that is not
// known.
func StateOf(id int) (s PrimaryState, ok bool) {
	i := slices.IndexFunc(PrimaryStates(), func(s PrimaryState) bool { return id != 0 && s.StateID() == id })
	if i < 0 {
		return Drafted, false
	}
	return PrimaryStates()[i], true
}

// PrimaryEvent is what may happen to a primary document.
type PrimaryEvent string

const (
	CarrierSigns     PrimaryEvent = "carrier-signs"     // a version signed by the carrier comes
	ClientSigns      PrimaryEvent = "client-signs"      // its Approval
	ClientRejects    PrimaryEvent = "client-rejects"    // its Rejection
	TermEnds         PrimaryEvent = "term-ends"         // nobody has answered in time
	ReportedAgreed   PrimaryEvent = "reported-agreed"   // the railway says so, where it keeps the time
	ReportedSigned   PrimaryEvent = "reported-signed"   // the client has answered in another system
	ReportedRejected PrimaryEvent = "reported-rejected" // likewise
	SpoilRequested   PrimaryEvent = "spoil-requested"   // запрос на порчу
	SpoilConfirmed   PrimaryEvent = "spoil-confirmed"   // испорчен
)

// PrimaryEvents are all of them.
func PrimaryEvents() []PrimaryEvent {
	return []PrimaryEvent{
		CarrierSigns, ClientSigns, ClientRejects, TermEnds,
		ReportedAgreed, ReportedSigned, ReportedRejected, SpoilRequested, SpoilConfirmed,
	}
}

// The two who may say that silence is consent.
const (
	ConsentOurs    = "ours"
	ConsentRailway = "railway"
)

// Primary is what has become of a memo or an act. Stored as JSON; Revision rises by one with every
// change.
type Primary struct {
	Revision int
	Form     schema.Kind // Memo | Act
	State    PrimaryState
	Since    time.Time // when State took effect: of consent the end of the term, not when we saw to it

	// Of the version in force.
	Named     string // its DocumentID as sent
	Version   int
	Content   string // hex digest of what the carrier signed
	Raw       string // hex digest of the bytes received
	Entry     string // message id of the ЭСИД on it
	Number    string
	NumberKey string // under which the number is taken
	Operation string // of a memo; of an act its kind
	Station   string
	Wagons    []string

	// To whom it is addressed, and how long he has.
	Client       string // participant
	Organisation string // key
	Arrived      time.Time
	Term         string          // as the agreement said it on arrival; a running term keeps it
	SignBy       time.Time       // zero: no term has been agreed
	Consent      string          // ours | railway
	Reminders    []time.Duration // before SignBy, as agreed on arrival
	Suspended    *Suspension
	Suspensions  int  // how many have ended with a refusal
	Held         bool // the term has passed without the client being able to read: the operator decides

	Answer   string   // message id of the ЭСИД on the client's answer
	Disputed []string // graphs that rejections have named: corrections may change them

	// Spoiling is the state before «Ожидает порчи».
	Spoiling PrimaryState

	Steps []PrimaryStep // newest last, mostSteps of them
}

// Suspension stops the term while the signature of the client's answer cannot be verified.
type Suspension struct {
	Entry string        // message id of the interim ЭСИД on the answer
	Since time.Time     // receipt of the answer
	Left  time.Duration // of the term at Since
}

// PrimaryStep is one thing that happened.
type PrimaryStep struct {
	At    time.Time // when it took effect
	Event PrimaryEvent
	State PrimaryState // after it
	Entry string       // message id of the ЭСИД or notice about it
}

// mostSteps bounds the history kept with the document; the journal has all of it.
const mostSteps = 100

// Running says whether the client may still answer.
func (p Primary) Running() bool { return p.State == CarrierSigned }

// Remind is when the client is reminded of the end of his term.
func (p Primary) Remind() []time.Time {
	var at []time.Time
	for _, ahead := range p.Reminders {
		at = append(at, p.SignBy.Add(-ahead))
	}
	return at
}

// Late says whether an answer received at that time comes after the end of a term that is ours to
// keep. What comes at the very moment of the end is late. A term that is suspended, or held for the
// operator, has not ended.
func (p Primary) Late(received time.Time) bool {
	return p.Consent == ConsentOurs && !p.SignBy.IsZero() && p.Suspended == nil && !p.Held &&
		!received.Before(p.SignBy)
}

// Stepped is p with the event recorded and its state changed. Whatever the term stood still for, it does
// so no more.
func (p Primary) Stepped(e PrimaryEvent, to PrimaryState, at time.Time, entry string) Primary {
	p.Revision++
	p.Suspended, p.Held = nil, false
	p.State, p.Since = to, at
	p.Steps = append(slices.Clone(p.Steps), PrimaryStep{At: at, Event: e, State: to, Entry: entry})
	p.Steps = p.Steps[max(0, len(p.Steps)-mostSteps):]
	return p
}

// PrimaryTransition is a row of the table: what an event does to a document in a state.
type PrimaryTransition struct {
	From    PrimaryState
	Event   PrimaryEvent
	Form    schema.Kind // empty: of both
	To      PrimaryState
	Finding string // code and reason with which the event is refused instead; To is From then
	Clause  string
}
