package gateway

import (
	"fmt"
	"slices"

	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// addressee finds the participant whose document a notice of the railway answers.
func (a *assessment) addressee(tx store.Reader) {
	n := a.document.OfficeNotice()
	refuse := func(reason, path, actual string) {
		a.findings = append(a.findings, schema.Finding{
			Code: "W17", Reason: reason, Severity: schema.Error, Path: path, Actual: actual,
		})
	}
	if a.directory.Participants[n.Participant] == nil {
		refuse(schema.ReasonReceiverUnknown, "/OfficeNotice/Participant", n.Participant)
		return
	}
	id, ok := schema.CanonicalID(n.InReplyTo.DocumentID)
	if !ok || tx.Get(documents, key(n.Participant, id)) == nil {
		refuse(schema.ReasonDocumentUnknown, "/OfficeNotice/InReplyTo", n.InReplyTo.DocumentID)
		return
	}
	a.forwarded = n.Participant
}

// fromOffice is the source of staff lists that the railway has sent.
const fromOffice = "office"

// putStaff makes an accepted list the one in force. A list that shrinks too much is laid aside for the
// operator: the ЭСИД said so, because the list in force has not changed since it was composed.
func (g *Gateway) putStaff(tx store.Tx, a *assessment, l schema.StaffList) error {
	aside, err := g.Register.PutStaff(tx, l, fromOffice, false)
	if err != nil {
		return fmt.Errorf("putting staff list %s:%d: %w", l.Organisation.Key(), l.Version, err)
	}
	if aside != (a.result == schema.Deferred) {
		return errMoved
	}
	if aside {
		tx.Put(held, key(l.Organisation.Key(), a.id), []byte{})
	}
	return nil
}

// OfficeLanes are the lanes of the railway's side, each of which wants a queue.Run.
func OfficeLanes() []string {
	lanes := append(workflow.AllDestinations(), Office)
	slices.Sort(lanes)
	return slices.Compact(lanes)
}
