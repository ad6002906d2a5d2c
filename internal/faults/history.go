package faults

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
	"time"
)

// Document is what somebody has signed, or not, and sent.
type Document struct {
	Raw     string // hex SHA-256 of the bytes
	Sender  string // participant, or the railway
	Kind    string
	ID      string
	Version int

	// Genuine: its signature holds and is by somebody who is trusted, so that it may pass authenticity.
	Genuine bool
	// Digest is that of its signed content, for those who refer to it.
	Digest string
}

// Attempt is one request with a document, and what came of it.
type Attempt struct {
	Document   string // its Raw
	Sender     string
	Begin, End time.Duration // since the beginning of the history; End is that of the answer
	Drain      bool          // made after all was healed, until there was an answer

	Status  int    // 0: no whole answer came
	Message string // message id of the ЭСИД
	Body    string // its SHA-256
	Result  string // Gateway-Result
	Reason  string // of a problem
	Failure string // of the connection, for people
}

// Answered says that the gateway has said what became of the document, by an ЭСИД.
func (a Attempt) Answered() bool { return a.Message != "" }

// NotTaken says that the gateway has said that it keeps nothing of the request.
func (a Attempt) NotTaken() bool {
	return a.Status != 0 && a.Message == ""
}

// Places where messages of the gateway are seen.
const (
	InAnswer   = "answer"   // of a POST
	InOutbox   = "outbox"   // fetched from there
	InList     = "list"     // of the outbox: no body
	InMessages = "messages" // everything that was ever in the outbox, at the end
	InOffice   = "office"   // reached the back office
)

// Sighting is a message of the gateway that somebody outside has seen.
type Sighting struct {
	At       time.Duration // when it had been seen
	Begin    time.Duration // when it was asked for
	Where    string
	Lane     string // of the back office: destination; of clients the participant
	Message  string
	Kind     string
	Document string // DocumentID
	Version  int
	Sender   string // participant as the message says, in the back office
	Body     string // SHA-256; empty in lists
	ESID     string // in the back office: the message id that the ЭСИД has for its client
	Event    string // of a notice on the state of a memo or an act
}

// made says that the gateway has made the message itself: it is no document of somebody else's.
func (s Sighting) made() bool { return s.Kind == "ESID" || s.Kind == "StateNotice" }

// Confirmation is a message that a client has confirmed, and the gateway has said so.
type Confirmation struct {
	At      time.Duration
	Client  string
	Message string
}

// Given is a document that the railway has given away for good: into the broker or the spool.
type Given struct {
	At time.Duration
	Document
	To string // the participant that it is for, if it is for one
}

// Register is a staff list that was put in force by the operator.
type Register struct {
	At      time.Duration // when the command had returned
	Version int
}

// Incident is something that the nemesis did, or that happened to the daemon.
type Incident struct {
	Begin, End time.Duration
	Name       string
	// Partner: it concerns a partner only, so that the others go on being served.
	Partner bool
	How     string // for people: the N of a call, say
	Missed  bool   // it has not come to it
}

// Ending is an end of the daemon's process.
type Ending struct {
	At   time.Duration
	Code int    // -1: by a signal
	Want int    // what was expected, or unasked
	Log  string // its last words
}

// unasked: nobody had asked for this end.
const unasked = -2

// Finding is something that the final examination has found; empty when all is well.
type Finding struct{ What, Text string }

// History is everything that was sent, seen and done.
type History struct {
	Seed      uint64
	began     time.Time
	mu        sync.Mutex // protects all below while the run is on
	Documents map[string]Document
	bodies    map[string][]byte

	Attempts      []Attempt
	Sightings     []Sighting
	Confirmations []Confirmation
	Given         []Given
	Registers     []Register
	Incidents     []Incident
	Acts          map[string]int // what clients did, how often
	Endings       []Ending
	Late          []string // waits that had no end within their deadline
	End           Final
}

// Final is the state at the end.
type Final struct {
	Healed time.Duration // when everything had been healed and the clients were quiet
	// Before is the journal then, before anything was sent again.
	Before, Journal []Entry
	Queue           []string          // what waits for the back office after the drain
	Notices         map[string]string // message id of a notice that was seen → SHA-256 of what the queue keeps
	Findings        []Finding         // of store check and journal verify
	Descriptors     [2]int            // open ones: at the first start, at the end
	Memory          [2]int64          // bytes of its own, likewise
}

// Entry is a verdict in the journal.
type Entry struct {
	ID          string    `json:"id"`
	Participant string    `json:"participant"`
	Kind        string    `json:"kind"`
	DocumentID  string    `json:"document"`
	Version     int       `json:"version"`
	Raw         string    `json:"raw"`
	Content     string    `json:"content"`
	Stage       string    `json:"stage"`
	Result      string    `json:"result"`
	Supersedes  string    `json:"supersedes"`
	Withdraws   string    `json:"withdraws"`
	Because     string    `json:"because"`
	Received    time.Time `json:"received"`
	Findings    []Found   `json:"findings"`
	Basis       struct {
		Staff string `json:"staff"`
	} `json:"basis"`
}

// Found is a finding of a verdict.
type Found struct {
	Code     string `json:"code"`
	Reason   string `json:"reason"`
	Severity string `json:"severity"`
}

// NewHistory begins one.
func NewHistory(seed uint64) *History {
	return &History{
		Seed: seed, began: time.Now(), Documents: make(map[string]Document), bodies: make(map[string][]byte),
		Acts: make(map[string]int),
	}
}

func (h *History) now() time.Duration { return time.Since(h.began) }

// Keep keeps bytes, and returns their SHA-256.
func (h *History) Keep(body []byte) string {
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies[digest] = body
	return digest
}

// Body is what was kept.
func (h *History) Body(digest string) []byte { return h.bodies[digest] }

// note appends under the lock.
func note[T any](h *History, list *[]T, one T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(*list, one)
}

// written notes a document before it is sent.
func (h *History) written(d Document, raw []byte) Document {
	d.Raw = h.Keep(raw)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Documents[d.Raw] = d
	return d
}

// late notes a wait without an end.
func (h *History) late(format string, arguments ...any) {
	note(h, &h.Late, fmt.Sprintf("%6.2fs ", h.now().Seconds())+fmt.Sprintf(format, arguments...))
}

// acted counts what a client did.
func (h *History) acted(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Acts[name]++
}

// Happened is how often each fault has happened, and each wrong that clients do.
func (h *History) Happened() map[string]int {
	count := maps.Clone(h.Acts)
	for _, i := range h.Incidents {
		if !i.Missed {
			count[i.Name]++
		}
	}
	return count
}

// Summary is a line about it.
func (h *History) Summary() string {
	answered, unknown := 0, 0
	for _, a := range h.Attempts {
		switch {
		case a.Drain:
		case a.Answered():
			answered++
		case a.Status == 0:
			unknown++
		}
	}
	office := make(map[string]bool)
	repeats := 0
	for _, s := range h.Sightings {
		if s.Where != InOffice {
			continue
		}
		if office[s.Message] {
			repeats++
		}
		office[s.Message] = true
	}
	return fmt.Sprintf("%d documents, %d answers, %d without one; %d messages to the back office, %d of them again; "+
		"%d from the railway; %d verdicts", len(h.Documents), answered, unknown, len(office), repeats, len(h.Given), len(h.End.Journal))
}
