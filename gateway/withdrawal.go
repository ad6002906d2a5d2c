package gateway

import (
	"cmp"
	"fmt"
	"strings"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// withdrawal is the ЭСИД by which a permission ends. It answers the ЭД №2 on which the permission was
// given, besides the ЭСИД on the document that ends it, and is made in the same write. Its result is
// negative: whoever knows nothing of withdrawals does the right thing all the same.
type withdrawal struct {
	of  Entry // the verdict that gave the permission
	why schema.Finding

	// Made by compose.
	id    string
	entry Entry
	esid  sealed
}

// permissionOf is the verdict that permits what the consignment permits, zero when it permits nothing.
func permissionOf(tx store.Reader, participant string, c workflow.Consignment) (Entry, error) {
	if len(c.Permits()) == 0 {
		return Entry{}, nil
	}
	return acceptedAt(tx, idKey(participant, c.PlacementID, c.PlacementVersion))
}

// acceptedAt is the verdict on the document that holds an id.
func acceptedAt(tx store.Reader, at []byte) (Entry, error) {
	o, err := occupantAt(tx, at)
	if err != nil {
		return Entry{}, err
	}
	return entryAt(tx, o.Entry)
}

// strays refuses a version of a document that is of another kind than the one accepted before, or belongs
// to another consignment note: a permission is for exact versions, and each has one note.
func (a *assessment) strays() []schema.Finding {
	former, d := a.former, a.document
	if a.addressed != "" {
		return []schema.Finding{schema.Finding{
			Code: "D03", Reason: schema.ReasonIdentifierReused, Path: "/" + string(d.Kind()) + "/Header/DocumentID",
			Expected: string(a.addressed), Actual: string(d.Kind()),
		}.Complete()}
	}
	if former.ID == "" || former.Kind == d.Kind() && former.Read.Consignment == a.read.Consignment {
		return nil
	}
	describe := func(k schema.Kind, note string) string { return strings.TrimSpace(string(k) + " " + note) }
	return []schema.Finding{schema.Finding{
		Code: "D03", Reason: schema.ReasonIdentifierReused, Path: "/" + string(d.Kind()) + "/Header/DocumentID",
		Expected: describe(former.Kind, former.Read.Consignment), Actual: describe(d.Kind(), a.read.Consignment),
	}.Complete()}
}

// composeWithdrawal makes and signs the ЭСИД that ends a permission, once that of the verdict that ends
// it is made.
func (g *Gateway) composeWithdrawal(a *assessment) error {
	w := a.withdrawal
	basis := schema.Basis{
		Moment: a.moment.In(a.railway.Zone), Trust: a.directory.Version, Policy: a.policy(),
		Templates: schema.TemplatesVersion,
	}
	e := schema.ESID{
		MessageID: w.id, CreatedAt: a.judged.In(a.railway.Zone), Sender: a.railway.Code, Receiver: a.Participant,
		Environment: g.Environment,
		InReplyTo: schema.InReplyTo{
			Kind: w.of.Kind, DocumentID: w.of.DocumentID, Version: w.of.Version,
			Raw: w.of.Raw, Content: w.of.Content, Verified: true,
		},
		Stage: schema.Legitimacy, Result: schema.Negative, Findings: []schema.Finding{w.why}, Basis: basis,
		Withdraws: w.of.ID,
	}
	if a.after.State == workflow.WaybillAccepted {
		e.Exits = exits // otherwise another ЭД №2 or paper has taken its place already
	}
	var err error
	if w.esid, err = g.seal(e.Element(), a.sealOf()); err != nil {
		return err
	}
	w.entry = Entry{
		ID: w.id, Received: a.Received, Judged: a.judged, Participant: a.Participant, Via: a.Via,
		Kind: w.of.Kind, DocumentID: w.of.DocumentID, Version: w.of.Version, Raw: w.of.Raw, Content: w.of.Content,
		Verified: true, Signer: w.of.Signer, Organisation: w.of.Organisation,
		Stage: e.Stage, Result: e.Result, Findings: e.Findings, Basis: basis, Read: a.read,
		Withdraws: w.of.ID, Because: a.id,
	}
	if w.esid.detached != nil {
		w.entry.Seal = register.SealCMS
	}
	return nil
}

// withdraw puts the withdrawal into the store, before the verdict that ends the permission: that may be on
// a newer version of the same ЭД №2.
func (w *oneWrite) withdraw(tx store.Tx) error {
	d := w.assessment.withdrawal
	w.withdrawal.put(tx, d.id)
	if err := w.withdrawalLine.put(tx); err != nil {
		return err
	}
	id, ok := schema.CanonicalID(d.of.DocumentID)
	if !ok {
		return fmt.Errorf("document id %q of an accepted ЭД №2", d.of.DocumentID)
	}
	tx.Put(history, key(d.of.Participant, id, d.id), []byte{})
	at := idKey(d.of.Participant, id, d.of.Version)
	o, err := occupantAt(tx, at)
	if err != nil {
		return err
	}
	o.Withdrawn = d.id
	put(tx, ids, at, o)
	if _, stands, err := standing(tx, d.of.Participant, id); err != nil || stands.Entry != d.of.ID {
		return err // lists show a newer version
	}
	put(tx, documents, key(d.of.Participant, id), d.entry.summary())
	return nil
}

// last is the message id of the newest verdict on the document that holds the id.
func (o occupant) last() string { return cmp.Or(o.Withdrawn, o.Entry) }

// addressWithdrawal makes the messages of the withdrawal: for the client, and for wherever the ЭД №2 went.
func (w *oneWrite) addressWithdrawal() {
	d := w.assessment.withdrawal
	beside := d.esid.detached != nil
	m := d.entry.message(d.id, schema.KindESID, d.id, w.withdrawal.sum, beside)
	m.Lane = ClientLane(d.of.Participant)
	w.messages = append(w.messages, m)
	for _, lane := range workflow.Destinations(d.of.Kind) {
		m.ID, m.Lane = w.gateway.NextID(), lane
		w.messages = append(w.messages, m)
	}
}
