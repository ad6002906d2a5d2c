package gateway

import (
	"errors"
	"fmt"
	"strings"

	"asugate/queue"
	"asugate/schema"
	"asugate/store"
)

// held is the deferred verdicts on staff lists that wait for the operator.
const held store.Table = "held" // organisation 0 message id → nothing

// heldBatch bounds how many are looked at in one go.
const heldBatch = 256

// SettleHeld gives the final ЭСИД to every held staff list whose fate is known by now: released or
// dropped by the operator, or overtaken by a newer list. It is the ordinary path and the recovery.
func (g *Gateway) SettleHeld() error {
	var errs []error
	var from []byte
	for {
		var rows []string
		if err := g.Store.View(func(tx store.Reader) error {
			tx.Range(held, from, nil, heldBatch, func(k, _ []byte) bool {
				rows = append(rows, string(k))
				return true
			})
			return nil
		}); err != nil {
			return err
		}
		for _, row := range rows {
			organisation, id, _ := strings.Cut(row, "\x00")
			if err := g.settle(organisation, id); err != nil {
				errs = append(errs, fmt.Errorf("settling the held staff list of %s: %w", organisation, err))
			}
			from = append([]byte(row), 0)
		}
		if len(rows) < heldBatch {
			return errors.Join(errs...)
		}
	}
}

// settle gives one held list its final ЭСИД, if its fate is known.
func (g *Gateway) settle(organisation, interim string) error {
	a := &assessment{stage: schema.Authenticity}
	var before Entry
	if err := g.Store.View(func(tx store.Reader) (err error) {
		if before, err = entryAt(tx, interim); err != nil {
			return err
		}
		if a.directory, err = g.Register.Directory(tx); err != nil {
			return err
		}
		a.railway = a.directory.Railways[before.Participant]
		return g.fate(tx, a, organisation, before)
	}); err != nil || a.result == "" {
		return err
	}
	if a.railway == nil {
		return fmt.Errorf("%w: %s", ErrUnknownParticipant, before.Participant)
	}
	a.Submission = Submission{Participant: before.Participant, Office: true, Received: before.Received, Via: before.Via}
	a.raw, a.moment, a.kept = before.Raw, before.Basis.Moment, before
	if err := g.compose(a); err != nil {
		return err
	}
	final := before
	final.ID, final.Judged, final.Supersedes = a.id, a.judged, interim
	final.Result, final.Findings, final.Basis = a.result, a.findings, a.basis()
	final.Read.Directory, final.Read.Staff = a.directory.Version, a.read.Staff
	esid := a.esid.pack()
	line := final.line(esid)
	err := g.Store.Update(func(tx store.Tx) error {
		return g.writeFinal(tx, key(organisation, interim), final, line, esid)
	})
	if err != nil {
		return storeError(err)
	}
	g.Queue.Wake(Office)
	return nil
}

// fate is the result of a held list, or none while the operator has not decided.
func (g *Gateway) fate(tx store.Reader, a *assessment, organisation string, before Entry) error {
	waiting, err := g.Register.Held(tx, organisation)
	if err != nil {
		return err
	}
	if waiting != nil && waiting.Version == before.Version {
		return nil
	}
	inForce := g.Register.StaffVersion(tx, organisation)
	a.read.StaffOf, a.read.Staff = organisation, inForce
	released, err := g.released(tx, organisation, before.Version)
	if err != nil {
		return err
	}
	if released {
		a.result = schema.Positive
		return nil
	}
	f := schema.Finding{
		Code: "W16", Reason: schema.ReasonHeldRefused, Severity: schema.Error, Path: "/StaffList/@Version",
		Expected: fmt.Sprint(inForce), Actual: fmt.Sprint(before.Version),
	}
	if inForce >= before.Version {
		f.Reason, f.Expected = schema.ReasonVersionNotNewer, fmt.Sprintf("> %d", inForce)
	}
	a.result, a.findings = schema.Negative, []schema.Finding{f}
	return nil
}

// released says whether the office's list of that version came into force, now or for a while; one of
// the same number that the operator imported is another list.
func (g *Gateway) released(tx store.Reader, organisation string, version int) (bool, error) {
	versions, err := g.Register.StaffVersions(tx, organisation, scanLimit)
	if err != nil {
		return false, err
	}
	for _, v := range versions {
		if v.Version == version {
			return v.Source == fromOffice, nil
		}
	}
	return false, nil
}

// writeFinal replaces the interim verdict: a resend of the same bytes gets the final one from now on.
func (g *Gateway) writeFinal(tx store.Tx, row []byte, e Entry, line line, esid packed) error {
	if tx.Get(held, row) == nil {
		return nil // settled already
	}
	tx.Delete(held, row)
	id, ok := schema.CanonicalID(e.DocumentID)
	if !ok {
		return fmt.Errorf("document id %q of a verified document", e.DocumentID)
	}
	esid.put(tx, e.ID)
	if err := line.put(tx); err != nil {
		return err
	}
	tx.Put(raws, key(e.Participant, e.Raw), []byte(e.ID))
	tx.Put(history, key(e.Participant, id, e.ID), []byte{})
	occupied := idKey(e.Participant, id, e.Version)
	state := "accepted"
	if e.Result == schema.Positive {
		put(tx, ids, occupied, occupant{Entry: e.ID, Content: e.Content})
	} else {
		state = "refused"
		tx.Delete(ids, occupied)
	}
	put(tx, documents, key(e.Participant, id), Summary{
		Participant: e.Participant, Kind: e.Kind, DocumentID: e.DocumentID, Version: e.Version,
		State: state, Entry: e.ID, Updated: e.Judged,
	})
	return g.Queue.Add(tx, queue.Message{
		ID: e.ID, Lane: Office, Kind: string(schema.KindESID), DocumentID: id, Version: e.Version,
		Participant: e.Participant, Organisation: e.Organisation, Signer: e.Signer,
		Result: string(e.Result), Stage: string(e.Stage), SHA256: esid.sum, Created: e.Judged, Body: e.ID,
	})
}
