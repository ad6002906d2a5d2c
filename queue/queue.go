package queue

import (
	"math/rand/v2"
	"sync"
	"time"

	"asugate/store"
)

// What any write of a queue may come to: the store's outcomes, for those who know the queue only.
var (
	// ErrNotWritten: nothing has changed; it may heal.
	ErrNotWritten = store.ErrNotWritten
	// ErrUnknown: whether anything has changed is not known, so nobody is to be told anything. All
	// reads give it from then on, too.
	ErrUnknown = store.ErrUnknown
)

// Message is one thing to deliver, without its body.
type Message struct {
	ID           string    `json:"id"`             // UUIDv7, made by IDs, never reused
	Lane         string    `json:"lane"`           // "office", "client/SHIP-01"
	Kind         string    `json:"kind,omitempty"` // kind of document in the body: Waybill, ESID …
	DocumentID   string    `json:"document,omitempty"`
	Version      int       `json:"version,omitempty"`
	Participant  string    `json:"participant,omitempty"` // with DocumentID the document whose order is kept
	Order        string    `json:"order,omitempty"`       // instead of these: what is about one thing, whoever said it
	Organisation string    `json:"organisation,omitempty"`
	Signer       string    `json:"signer,omitempty"`
	Result       string    `json:"result,omitempty"` // of an ESID
	Stage        string    `json:"stage,omitempty"`
	Onward       string    `json:"onward,omitempty"` // system behind the destination that it is for: asust, easaprm
	SignBy       time.Time `json:"sign_by,omitzero"` // until when the client may answer
	SHA256       string    `json:"sha256,omitempty"` // hex, of the body
	Created      time.Time `json:"created"`
	Body         string    `json:"body"`                // key of the body in blobs
	Signature    string    `json:"signature,omitempty"` // key of a detached CMS signature in blobs, or empty
}

// Queue is the durable lanes. All state is in the store; memory holds only who waits for a wake-up,
// and what has failed lately.
type Queue struct {
	store  store.Store
	now    func() time.Time // of the wall clock: ages of messages
	random func() float64   // in [0,1), for the jitter

	// mu protects what follows. It is never held across a transaction or a delivery.
	mu      sync.Mutex
	waiters map[string]map[chan struct{}]struct{} // by lane
	running map[string]bool                       // lanes that have a Run
	hurried map[string]bool                       // of them those that a person has asked to try now
	tries   map[string]map[string]try             // by lane and id: messages whose latest delivery failed
}

// New makes a Queue on s. now is the wall clock.
func New(s store.Store, now func() time.Time) *Queue {
	return &Queue{
		store:   s,
		now:     now,
		random:  rand.Float64,
		waiters: map[string]map[chan struct{}]struct{}{},
		running: map[string]bool{},
		hurried: map[string]bool{},
		tries:   map[string]map[string]try{},
	}
}
