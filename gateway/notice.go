package gateway

import (
	"time"

	"asugate/queue"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// notices is what was told of memos and acts, whoever or whatever moved them.
const notices store.Table = "notices" // message id → Notice

// noticesOf is the notices about one memo or act.
const noticesOf store.Table = "notices-of" // railway · DocumentID · message id → nothing

// Notice is one StateNotice that was sent. The signed one is among the bodies, under the same id.
type Notice struct {
	ID         string      `json:"id"`
	At         time.Time   `json:"at"`
	Railway    string      `json:"railway"`
	DocumentID string      `json:"document"` // canonical
	Kind       schema.Kind `json:"kind"`
	Version    int         `json:"version"`
	Lane       string      `json:"lane"`
	Onward     string      `json:"onward,omitempty"`
	Event      string      `json:"event"`
	State      string      `json:"state"`
	Effective  time.Time   `json:"effective"`
	Because    string      `json:"because,omitempty"` // message id of the ЭСИД that it follows from
	Stopped    []string    `json:"stopped,omitempty"`
}

// notice is one of them on its way.
type notice struct {
	lane, onward   string
	receiver       string
	event, because string
	findings       []schema.Finding
	stopped        []string
	seal           register.Seal

	// Made by compose.
	id     string
	at     time.Time
	sealed packed
	line   line
	beside bool
}

// compose makes and signs the notices of a turn. They do not leave before the write.
func (t *turn) compose() error {
	if t.recalls {
		if err := t.foreseeStopped(); err != nil {
			return err
		}
	}
	for _, n := range t.notices {
		n.id, n.at = t.gateway.NextID(), t.gateway.Now().Truncate(time.Millisecond)
		s, err := t.gateway.seal(t.statement(n).Element(), n.seal)
		if err != nil {
			return err
		}
		n.sealed, n.beside = s.pack(), s.detached != nil
		n.line = t.noticed(n).line(n.sealed)
	}
	return nil
}

// foreseeStopped lets the notices say what will never leave; the write holds it against what is so then.
func (t *turn) foreseeStopped() error {
	return t.gateway.Store.View(func(tx store.Reader) error {
		stopped, err := t.stoppable(func(lane string, keep func(queue.Message) bool) ([]queue.Message, error) {
			return t.gateway.Queue.Withdrawable(tx, lane, t.order(), keep)
		})
		for _, n := range t.notices {
			n.stopped = stopped
		}
		return err
	})
}

// statement is the notice before it is signed.
func (t *turn) statement(n *notice) schema.StateNotice {
	p := t.after
	s := schema.StateNotice{
		MessageID: n.id, CreatedAt: n.at.In(t.railway.Zone), Sender: t.railway.Code, Receiver: n.receiver,
		Environment: t.gateway.Environment,
		About: schema.InReplyTo{
			Kind: p.Form, DocumentID: p.Named, Version: p.Version, Raw: p.Raw, Content: p.Content, Verified: true,
		},
		Number: p.Number, Event: n.event, State: p.State.String(), StateID: p.State.StateID(),
		EffectiveAt: p.Since.In(t.railway.Zone), ArrivedAt: p.Arrived.In(t.railway.Zone),
		Because: n.because, Stopped: n.stopped, Findings: n.findings,
	}
	if p.Held {
		s.State = heldState
	}
	if ticks(p) {
		s.SignBy, s.Left, s.Consent = p.SignBy.In(t.railway.Zone), max(0, p.SignBy.Sub(n.at)), p.Consent
	}
	return s
}

// noticed is what is kept of a notice.
func (t *turn) noticed(n *notice) Notice {
	p := t.after
	return Notice{
		ID: n.id, At: n.at, Railway: t.railway.Code, DocumentID: t.id, Kind: p.Form, Version: p.Version,
		Lane: n.lane, Onward: n.onward, Event: n.event, State: p.State.String(), Effective: p.Since,
		Because: n.because, Stopped: n.stopped,
	}
}

// keep writes a notice down.
func (t *turn) keep(tx store.Tx, n *notice) error {
	n.sealed.put(tx, n.id)
	tx.Put(noticesOf, key(t.railway.Code, t.id, n.id), []byte{})
	return n.line.put(tx)
}

// messages are those that carry the notices, in the order in which they were made.
func (t *turn) messages() []queue.Message {
	var messages []queue.Message
	p := t.after
	for _, n := range t.notices {
		m := queue.Message{
			ID: n.id, Lane: n.lane, Onward: n.onward, Order: t.order(), Kind: string(schema.KindStateNotice),
			DocumentID: t.id, Version: p.Version, Participant: p.Client, Organisation: p.Organisation,
			SHA256: n.sealed.sum, Created: n.at, Body: n.id,
		}
		if n.beside {
			m.Signature = signatureKey(n.id)
		}
		if ticks(p) {
			m.SignBy = p.SignBy
		}
		messages = append(messages, m)
	}
	return messages
}

// events are what the notices call what has happened.
var events = map[workflow.PrimaryEvent]string{
	workflow.ReportedAgreed:   schema.EventAgreed,
	workflow.ReportedSigned:   schema.EventSigned,
	workflow.ReportedRejected: schema.EventRejected,
	workflow.SpoilRequested:   schema.EventSpoiling,
	workflow.SpoilConfirmed:   schema.EventSpoiled,
}
