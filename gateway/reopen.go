package gateway

import (
	"fmt"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// reopen judges the signature of a kept document as it was judged then: by the register of participants
// and by what was known of revocation then.
func (g *Gateway) reopen(
	then *register.Directory, e Entry, body, detached []byte,
) (signature.Signed, signature.Report, error) {
	var trust *signature.Trust
	var rules *signature.Rules
	if p := then.Participants[e.Participant]; p != nil {
		trust, rules = p.Trust, p.Rules
	} else if r := then.Railways[e.Participant]; r != nil {
		trust, rules = r.Trust, r.Rules
	}
	tree, err := xmltree.Parse(body, g.Limits)
	if err != nil {
		return signature.Signed{}, signature.Report{}, fmt.Errorf("reading the document: %w", err)
	}
	policy := signature.Policy{Rules: rules, GOST: g.GOST}
	if e.Evidence != nil {
		policy.Revocations = recorded(e.Evidence.Revocations)
	}
	in := signature.Input{Tree: tree, Detached: detached}
	return g.openKeeping(in, trust, policy, e.Received, e.Basis.Moment)
}

// keptDocument is an accepted document as the store has it, with the register of participants of then.
type keptDocument struct {
	entry          Entry
	then           *register.Directory
	body, detached []byte
}

// keptAt reads the accepted document that holds an id.
func (g *Gateway) keptAt(tx store.Reader, at []byte) (k keptDocument, err error) {
	if k.entry, err = acceptedAt(tx, at); err != nil {
		return k, err
	}
	if k.then, err = g.Register.DirectoryOf(tx, k.entry.Read.Directory); err != nil {
		return k, fmt.Errorf("reading participants: %w", err)
	}
	k.body, k.detached, err = bodyAt(tx, k.entry.Body())
	return k, err
}

// document reads the kept bytes by the road on which they came in: signature first, then schema, so that
// values are still those that the signature covers, and nothing that has rotted or been changed since.
func (g *Gateway) document(k keptDocument) (schema.Document, error) {
	e := k.entry
	signed, report, err := g.reopen(k.then, e, k.body, k.detached)
	if err != nil {
		return schema.Document{}, fmt.Errorf("opening document %s: %w", e.ID, err)
	}
	if err := unverifiable(e, signed, report); err != nil {
		return schema.Document{}, err
	}
	if !signed.Valid() || report.Outcome == signature.Fails || contentOf(report) != e.Content {
		return schema.Document{}, fmt.Errorf("opening document %s: its signature does not hold any more: %v",
			e.ID, schema.ErrorCodes(findingsOf(report.Faults, schema.Error)))
	}
	d, findings := parse(signed, e.Envelope, report, k.zone())
	if !d.Valid() {
		return schema.Document{}, fmt.Errorf("reading document %s: %v", e.ID, schema.ErrorCodes(findings))
	}
	return d, nil
}

// unverifiable says that a kept signature cannot be verified now: whoever computes its algorithm is silent.
// That is no word on the document; later it may be read.
func unverifiable(e Entry, signed signature.Signed, report signature.Report) error {
	if report.Outcome != signature.Undecided || signed.Valid() {
		return nil
	}
	return fmt.Errorf("%w: the signature of document %s cannot be verified now", ErrNotReady, e.ID)
}

// zone is that of the railway of the participant.
func (k keptDocument) zone() *time.Location {
	if p := k.then.Participants[k.entry.Participant]; p != nil {
		if r := k.then.Railways[p.Railway]; r != nil {
			return r.Zone
		}
	}
	return time.UTC
}
