package schema

import "time"

// Result is what has become of a document.
type Result string

const (
	Positive Result = "positive"
	Negative Result = "negative"
	Deferred Result = "deferred"
	Conflict Result = "conflict"
)

// Stage is the check with which the examination of a document ended.
type Stage string

const (
	Authenticity Stage = "authenticity" // проверка достоверности
	Legitimacy   Stage = "legitimacy"   // контроль легитимности
)

// TemplatesVersion names the rules by which the fixed texts are rendered, evened out and compared;
// every ЭСИД records it in its Basis. It rises when RenderPlacement or CompareText would judge a
// document differently. docs/texts.md has the rules.
const TemplatesVersion = "2.0"

// InReplyTo names the document that an ЭСИД or a Receipt answers.
type InReplyTo struct {
	Kind         Kind
	DocumentID   string // as sent
	Version      int
	Raw, Content string // hex; Content empty when nothing signed could be read
	Verified     bool
}

// Basis is everything that the verdict was based on.
type Basis struct {
	Moment time.Time `json:"moment"`
	Staff  string    `json:"staff,omitempty"` // "7708503727:42"
	// Of that list: whose entry, and which power of attorney, the verdict rests on.
	Appointment string `json:"appointment,omitempty"`
	Proxy       string `json:"proxy,omitempty"`
	Trust       int    `json:"trust,omitempty"`  // version of the register of participants
	Policy      string `json:"policy,omitempty"` // hex SHA-256
	Norms       int    `json:"norms,omitempty"`
	Templates   string `json:"templates,omitempty"`
	Revocation  string `json:"revocation,omitempty"`
}

// ESID is an electronic service document («ЭСИД») before it is signed.
type ESID struct {
	MessageID        string
	CreatedAt        time.Time
	Sender, Receiver string
	Environment      string
	InReplyTo        InReplyTo
	Stage            Stage
	Result           Result
	Findings         []Finding
	Basis            Basis
	Permits          []string      // wagon-list
	Exits            []string      // correct-and-resend, paper
	SignBy           time.Time     // of a client's answer that has not stopped the term of a memo or act
	Left             time.Duration // until SignBy
	Supersedes       string        // message id
	Withdraws        string        // message id, of a message that ends a permission and does nothing else
}

// Receipt is the technical «принято к обработке»: no result, no permits.
type Receipt struct {
	MessageID                     string
	CreatedAt                     time.Time
	Sender, Receiver, Environment string
	InReplyTo                     InReplyTo
}
