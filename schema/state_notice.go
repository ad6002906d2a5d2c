package schema

import (
	"time"

	"github.com/beevik/etree"
)

// maxPrimaryNumber bounds the number of a memo or act, in characters, as types.xsd has it: that of
// another system's form may be longer.
const maxPrimaryNumber = 32

// Element builds the notice for signature.Key.Seal, in the manner of ESID.Element.
func (n StateNotice) Element() *etree.Element {
	root := message(KindStateNotice, n.MessageID, n.Environment)
	addMessageHeader(root, n.MessageID, n.CreatedAt, n.Sender, n.Receiver, n.About)
	addOptional(root, "Number", collapse(clip(oneLine(n.Number), maxPrimaryNumber)))
	addText(root, "Event", n.Event)
	addAttribute(addText(root, "State", n.State), "id", positive(n.StateID))
	addText(root, "EffectiveAt", n.EffectiveAt.Format(time.RFC3339Nano))
	if !n.ArrivedAt.IsZero() {
		addText(root, "ArrivedAt", n.ArrivedAt.Format(time.RFC3339Nano))
	}
	if !n.SignBy.IsZero() || n.Left > 0 {
		addTerm(root, n.SignBy, n.Left)
	}
	addOptional(root, "Consent", n.Consent)
	addOptional(root, "Because", n.Because)
	for _, id := range n.Stopped {
		addText(root, "Stopped", id)
	}
	for _, f := range fold(n.Findings) {
		addFinding(root, f)
	}
	return root
}
