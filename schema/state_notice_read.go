package schema

import (
	"errors"
	"fmt"
	"time"

	"asugate/xmltree"
)

// ErrNotStateNotice is wrapped by ReadStateNotice for a document that is not a notice of the gateway
// on the state of a memo or act as its schema says.
var ErrNotStateNotice = errors.New("not a state notice")

// ReadStateNotice reads a notice that the gateway has sent. Like ReadESID it establishes the form,
// not the origin.
func ReadStateNotice(root xmltree.Element) (StateNotice, error) {
	if err := messageOf(KindStateNotice, root); err != nil {
		return StateNotice{}, fmt.Errorf("%w: %w", ErrNotStateNotice, err)
	}
	r := reader{zone: time.UTC}
	n := StateNotice{Environment: attribute(root, "Environment")}
	for c := range children(root) {
		switch c.Local() {
		case "Header":
			h := r.messageHeader(c)
			n.MessageID, n.CreatedAt, n.Sender, n.Receiver, n.About = h.id, h.created, h.sender, h.receiver, h.reply
		case "Number":
			n.Number = text(c)
		case "Event":
			n.Event = text(c)
		case "State":
			n.State, n.StateID = text(c), r.number(c, "id")
		case "EffectiveAt":
			n.EffectiveAt = r.moment(c)
		case "ArrivedAt":
			n.ArrivedAt = r.moment(c)
		case "Term":
			n.SignBy, n.Left = r.term(c)
		case "Consent":
			n.Consent = text(c)
		case "Because":
			n.Because = text(c)
		case "Stopped":
			n.Stopped = append(n.Stopped, text(c))
		case "Finding":
			n.Findings = append(n.Findings, finding(c))
		}
	}
	if err := r.refused(); err != nil {
		return StateNotice{}, fmt.Errorf("%w: %w", ErrNotStateNotice, err)
	}
	return n, nil
}
