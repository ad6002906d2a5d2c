package rest

import (
	"context"
	"crypto/x509"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"asugate/gateway"
	"asugate/queue"
	"asugate/schema"
	"asugate/wagonlist"
)

// Client is the participant on whose behalf a request came, as far as this adapter needs to know it.
type Client struct {
	Code     string
	Language string  // ru | uk | en: of texts for people
	AlwaysOK bool    // HTTP 200 for every ЭСИД, for middleware that drops the body of a 4xx
	Rate     float64 // documents a second; 0: the default
	Burst    int     // 0: the default
}

// SigningCertificate is a certificate under which our ЭСИД are signed: then, now, or soon.
type SigningCertificate struct {
	Key         string // name of its key
	Certificate *x509.Certificate
	State       string    // past | current | next
	From        time.Time // when its key begins to sign; zero: always
}

// Limits of what clients may ask for. All are required but InFlightWait and WaitMax.
type Limits struct {
	Document          int64 // bytes
	InFlight          int   // documents being read and judged at once
	InFlightPerClient int
	InFlightWait      time.Duration // for one's turn, before one is told to try again
	Handling          time.Duration // of one document, from its last byte
	WaitMax           time.Duration // of GET /v1/outbox/next
	Write             time.Duration // for the client to take an answer
	Rate              float64       // documents a second of a client that has no rate of its own
	Burst             int
}

// Options introduce the handler to everything that it works with. All but MayShow and Observe are
// required.
type Options struct {
	// Authenticate says who is calling. An error that is neither ErrUnauthenticated nor ErrForbidden is
	// a failure of ours.
	Authenticate func(*http.Request) (Client, error)

	Accept         func(context.Context, gateway.Submission) (gateway.Receipt, error)
	Verify         func(context.Context, gateway.Submission) (gateway.Judgment, error)
	Document       func(ctx context.Context, participant, id string) (gateway.DocumentState, error)
	Acknowledgment func(messageID string) (document, cms []byte, err error)
	WagonList      func(ctx context.Context, participant, id string) (wagonlist.Sheet, error)

	// Proof shows that a message about a document is in the journal, the newest final ЭСИД when none is
	// named. The error is gateway.ErrNoDocument where it is none of the participant's.
	Proof func(ctx context.Context, participant, id, message string) ([]byte, error)

	// Content is a document as it was received, with its detached signature if it has one. The error is
	// gateway.ErrNoDocument, gateway.ErrSpoiled or gateway.ErrNoContent.
	Content func(ctx context.Context, participant, id string) (document, cms []byte, err error)

	// Unwrap takes the document out of an attached CMS signature. Both come back as they were detached.
	// The error is a *schema.ContainerError.
	Unwrap func(attached []byte) (document, cms []byte, err error)

	// Malformed takes out of an error that is gateway.ErrNotDocument what is wrong, and at which byte.
	Malformed func(error) (f schema.Finding, offset int, ok bool)

	// MayShow says whether a message of the outbox may be given out; nil: any may. The error is
	// gateway.ErrSpoiled for one that carries a spoiled memo, or a failure of ours.
	MayShow func(queue.Message) error

	Queue        *queue.Queue
	Lane         func(participant string) string
	Certificates func() []SigningCertificate
	Schemas      fs.FS // XSD, flat

	Limits  Limits
	Now     func() time.Time
	Log     *slog.Logger
	Observe func(Observation) // told each answer, for metrics; may be nil
}

// Observation is one answer, for metrics.
type Observation struct {
	Route    string // pattern of the route, empty when none matched
	Status   int    // 0: the connection was closed without an answer
	Duration time.Duration
	Document *DocumentObservation // of a request that brought a document, else nil
}

// DocumentObservation is what became of a document.
type DocumentObservation struct {
	Kind   string
	Result string // positive …; received for a technical Receipt; empty when there was no verdict
	Stage  string
	Codes  []string // of findings that are errors, each once
	Bytes  int
	DryRun bool
}
