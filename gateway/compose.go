package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"asugate/register"
	"asugate/schema"
)

// exits are what the regulation leaves the consignor after a refusal (288 п. 1.5, 2.1.2, 2.1.4).
var exits = []string{"correct-and-resend", "paper"}

// compose makes the acknowledgment and signs it. It does not leave before the write.
func (g *Gateway) compose(a *assessment) error {
	a.judged = g.Now().Truncate(time.Millisecond)
	if a.withdrawal != nil {
		a.withdrawal.id = g.NextID() // before the verdict's own: what ends is said before what begins
	}
	a.id = g.NextID()
	a.turn = g.follow(a)
	e := schema.ESID{
		MessageID:   a.id,
		CreatedAt:   a.judged.In(a.railway.Zone),
		Sender:      a.railway.Code,
		Receiver:    a.Participant,
		Environment: g.Environment,
		InReplyTo:   a.inReplyTo(),
		Stage:       a.stage,
		Result:      a.result,
		Findings:    a.findings,
		Basis:       a.basis(),
		Permits:     a.permits,
		Supersedes:  a.kept.ID,
	}
	if a.result == schema.Negative || a.result == schema.Conflict {
		e.Exits = a.exits()
	}
	e.SignBy, e.Left = a.term()
	var err error
	if a.esid, err = g.seal(e.Element(), a.sealOf()); err != nil {
		return err
	}
	if a.turn != nil {
		if err := a.turn.compose(); err != nil {
			return err
		}
	}
	if a.withdrawal == nil {
		return nil
	}
	return g.composeWithdrawal(a)
}

// term is until when the client may still answer a memo or an act whose answer this ЭСИД refuses, and how
// long that is; zero: no time runs, or the document is none of that.
func (a *assessment) term() (by time.Time, left time.Duration) {
	switch {
	case a.result == schema.Positive || a.Office || a.read.Primary == "":
		return time.Time{}, 0
	case a.turn == nil && !ticks(a.primary):
		return time.Time{}, 0
	case a.turn == nil:
		by = a.primary.SignBy
	case !ticks(a.turn.after):
		return time.Time{}, 0
	default:
		by = a.turn.after.SignBy
	}
	if left = by.Sub(a.judged); left <= 0 {
		return time.Time{}, 0
	}
	return by.In(a.railway.Zone), left
}

// exits are those that this refusal leaves.
func (a *assessment) exits() []string {
	open, paper := exits[:1], exits[1:]
	if slices.ContainsFunc(a.findings, func(f schema.Finding) bool { return f.Reason == schema.ReasonPaper }) {
		open = nil // the note is on paper already: whatever is corrected, nothing electronic follows
	}
	switch k := a.kind(); {
	case a.Office, k == schema.KindPaperSwitch, k == schema.KindApproval, k == schema.KindRejection:
		paper = nil // it is for the consignment note only
	}
	return slices.Concat(open, paper)
}

func (a *assessment) kind() schema.Kind {
	if a.document.Valid() {
		return a.document.Kind()
	}
	return a.glance.Kind
}

// inReplyTo names the document; from the verified one when there is one, else from what the bytes say.
func (a *assessment) inReplyTo() schema.InReplyTo {
	r := schema.InReplyTo{
		Kind: a.glance.Kind, DocumentID: a.glance.DocumentID, Version: a.glance.Version,
		Raw: a.raw, Content: a.content(),
	}
	if a.kept.Verified && !a.document.Valid() { // the final word on a document judged before
		r.Kind, r.DocumentID, r.Version = a.kept.Kind, a.kept.DocumentID, a.kept.Version
		r.Content, r.Verified = a.kept.Content, true
	}
	if a.document.Valid() {
		r.Kind, r.DocumentID = a.document.Kind(), a.document.Header().DocumentID
		r.Version, r.Verified = a.document.Version(), true
	}
	return r
}

func (a *assessment) basis() schema.Basis {
	b := schema.Basis{
		Moment: a.moment.In(a.railway.Zone), Trust: a.directory.Version, Policy: a.policy(),
		Norms: a.read.Norms, Templates: schema.TemplatesVersion, Revocation: a.report.Revocation,
	}
	if a.read.StaffOf != "" {
		b.Staff = fmt.Sprintf("%s:%d", a.read.StaffOf, a.read.Staff)
	}
	if a.appointment != nil {
		b.Appointment = a.appointment.Title()
	}
	if a.proxy != nil {
		b.Proxy = a.proxy.Title()
	}
	return b
}

// policy is the digest of the switches of the register and, where the operator has tables of codes of
// its own, of these too: both decide alike.
func (a *assessment) policy() string {
	if a.read.Codes == "" {
		return a.directory.Policy()
	}
	sum := sha256.Sum256([]byte(a.directory.Policy() + " codes=" + a.read.Codes))
	return hex.EncodeToString(sum[:])
}

func (a *assessment) judgment() Judgment {
	r := a.inReplyTo()
	return Judgment{
		Kind: r.Kind, DocumentID: r.DocumentID, Version: r.Version, Stage: a.stage,
		Result: a.result, Findings: a.findings, Basis: a.basis(), Report: a.report,
	}
}

// entry is the line of the journal.
func (a *assessment) entry() Entry {
	r := a.inReplyTo()
	e := Entry{
		ID: a.id, Received: a.Received, Judged: a.judged, Participant: a.Participant, Via: a.Via,
		Kind: r.Kind, DocumentID: r.DocumentID, Version: r.Version, Raw: a.raw, Content: r.Content,
		Verified: r.Verified, Stage: a.stage, Result: a.result, Findings: a.findings,
		Permits: a.permits, Basis: a.basis(), Read: a.read, Supersedes: a.kept.ID,
		Algorithm: a.report.Signature, Envelope: a.Envelope,
	}
	if a.report.Certificate != nil {
		id := a.report.Signer
		e.Signer, e.Certificate = id.Person(), id.Serial+" "+id.Issuer
	}
	if a.turn != nil {
		e.Read.PrimaryRevision = a.turn.after.Revision // what the verdict has changed itself does not outdate it
	}
	if a.deferral != nil {
		e.Organisation = a.kept.Organisation
	}
	if a.document.Valid() {
		e.Organisation = a.document.Header().Organisation.Key()
	}
	if a.esid.detached != nil {
		e.Seal = register.SealCMS
	}
	return e
}
