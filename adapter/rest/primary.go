package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"asugate/gateway"
	"asugate/schema"
)

// primaryView is what a client has to know of a memo or an act of the railway: until when to answer it, and
// what an answer has to name.
type primaryView struct {
	Railway     string     `json:"railway" xml:"railway,attr"`
	Number      string     `json:"number" xml:"number,attr"`
	StateID     int        `json:"state_id,omitempty" xml:"state_id,attr,omitempty"` // of the real system
	EffectiveAt time.Time  `json:"effective_at" xml:"effective_at,attr"`             // the state
	Content     string     `json:"content" xml:"content,attr"`                       // Document/@SHA256 of an answer
	ArrivedAt   time.Time  `json:"arrived_at" xml:"arrived_at,attr"`
	SignBy      *time.Time `json:"sign_by,omitempty" xml:"sign_by,attr,omitempty"` // while the term runs
	Left        string     `json:"left,omitempty" xml:"left,attr,omitempty"`       // likewise: PT3H20M
	Consent     string     `json:"consent" xml:"consent,attr"`                     // ours | railway
	Suspended   bool       `json:"suspended,omitempty" xml:"suspended,attr,omitempty"`
	Answer      string     `json:"answer,omitempty" xml:"answer,attr,omitempty"` // message id of the ЭСИД on the answer

	Disputed []string      `json:"disputed,omitempty" xml:"Disputed,omitempty"` // graphs
	Steps    []primaryStep `json:"steps" xml:"Step"`                            // oldest first
}

// primaryStep is one thing that happened.
type primaryStep struct {
	At    time.Time `json:"at" xml:"at,attr"` // when it took effect
	Event string    `json:"event" xml:"event,attr"`
	State string    `json:"state" xml:"state,attr"` // after it
}

// primaryOf is nil for every other document.
func primaryOf(d gateway.DocumentState, now time.Time) *primaryView {
	p := d.Primary
	if p == nil {
		return nil
	}
	v := &primaryView{
		Railway: d.From, Number: p.Number, StateID: p.State.StateID(), EffectiveAt: p.Since.UTC(),
		Content: p.Content, ArrivedAt: p.Arrived.UTC(), Consent: p.Consent, Suspended: p.Suspended != nil,
		Answer: p.Answer, Disputed: p.Disputed, Steps: make([]primaryStep, 0, len(p.Steps)),
	}
	if d.Until != nil {
		by := d.Until.UTC()
		v.SignBy, v.Left = &by, schema.Span(by.Sub(now))
	}
	for _, step := range p.Steps {
		v.Steps = append(v.Steps, primaryStep{At: step.At.UTC(), Event: string(step.Event), State: step.State.String()})
	}
	return v
}

// getContent serves a document as it was received: the participant's own, or a memo or an act that the
// railway has sent it.
func (s *service) getContent(w *answer, r *http.Request, c Client) error {
	document, cms, err := s.Content(r.Context(), c.Code, r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("reading the content of a document: %w", err)
	}
	room, err := s.giveOut(r, c, document)
	if err != nil {
		return err
	}
	defer room.leave()
	sum := sha256.Sum256(document)
	digest := hex.EncodeToString(sum[:])
	w.Header().Set("SHA256", digest)
	// The boundary is made of the digest: nobody writes a document that holds its own. A half of it, because a
	// boundary has 70 characters at most (RFC 2046 §5.1.1).
	writeSealed(w, r, http.StatusOK, digest[:32], document, cms)
	return nil
}
