package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/wagonlist"
	"asugate/workflow"
)

// Why there is no wagon list for a consignment note now.
var (
	// ErrNotPermitted: ЭД №1 and ЭД №2 have not both a positive final ЭСИД.
	ErrNotPermitted = errors.New("the wagon list is not permitted")
	// ErrWithdrawn: it was permitted, and is not any more: ЭД №1 was changed, or another ЭД №2 accepted.
	ErrWithdrawn = errors.New("the permission for the wagon list has been withdrawn")
	// ErrOnPaper: the consignment note has gone over to paper.
	ErrOnPaper = errors.New("the consignment note is on paper")
)

// WagonList is what the regulation adds to the wagon list (288 п. 1.8) of the consignment note to which the
// participant's ЭД №1 or ЭД №2 belongs: of exactly the two documents that the permission is for. They
// are read from the bytes that were received, by signature and schema anew. Without a permission the
// error is ErrNotPermitted, ErrWithdrawn or ErrOnPaper.
func (g *Gateway) WagonList(ctx context.Context, participant, id string) (wagonlist.Sheet, error) {
	var none wagonlist.Sheet
	if err := ctx.Err(); err != nil {
		return none, err
	}
	canonical, ok := schema.CanonicalID(id)
	if !ok {
		return none, ErrNoDocument
	}
	var waybill, placement keptDocument
	var permission Entry
	if err := g.Store.View(func(tx store.Reader) error {
		note, err := noteOf(tx, participant, canonical)
		if err != nil {
			return err
		}
		c, err := consignmentAt(tx, key(participant, note))
		if err != nil {
			return err
		}
		if canonical != note && canonical != c.PlacementID && c.State != workflow.Paper {
			return replacedBy(tx, participant, canonical)
		}
		if waybill, placement, err = g.permitted(tx, participant, note, c); err != nil {
			return err
		}
		permission, err = permissionOf(tx, participant, c)
		return err
	}); err != nil {
		return none, storeError(err)
	}
	return g.sheet(waybill, placement, permission)
}

// sheet reads the documents, outside of any transaction: that takes two signatures.
func (g *Gateway) sheet(waybill, placement keptDocument, permission Entry) (wagonlist.Sheet, error) {
	w, err := g.document(waybill)
	if err != nil {
		return wagonlist.Sheet{}, err
	}
	first := wagonlist.Accepted{Document: w, Content: waybill.entry.Content}
	if placement.then == nil {
		by := wagonlist.Permission{MessageID: waybill.entry.ID, At: waybill.entry.Judged.In(waybill.zone())}
		return wagonlist.ByHand(first, by, g.Environment)
	}
	p, err := g.document(placement)
	if err != nil {
		return wagonlist.Sheet{}, err
	}
	by := wagonlist.Permission{MessageID: permission.ID, At: permission.Judged.In(placement.zone())}
	return wagonlist.Of(first, wagonlist.Accepted{Document: p, Content: placement.entry.Content}, by, g.Environment)
}

// permitted are the two documents of the consignment, if they permit the wagon list. Where the agreement
// says that placement is signed for by hand, no ЭД №2 is expected, and the second is the zero value.
func (g *Gateway) permitted(
	tx store.Reader, participant, note string, c workflow.Consignment,
) (waybill, placement keptDocument, err error) {
	switch c.State {
	case workflow.Paper:
		return waybill, placement, ErrOnPaper
	case workflow.WaybillAccepted, workflow.Complete:
	default:
		return waybill, placement, ErrNotPermitted
	}
	if waybill, err = g.keptAt(tx, idKey(participant, note, c.WaybillVersion)); err != nil {
		return waybill, placement, err
	}
	switch {
	case c.State == workflow.Complete:
		placement, err = g.keptAt(tx, idKey(participant, c.PlacementID, c.PlacementVersion))
		return waybill, placement, err
	case waybill.byHand():
		return waybill, placement, nil
	case c.Lapsed != "":
		return waybill, placement, ErrWithdrawn
	}
	return waybill, placement, ErrNotPermitted
}

// byHand says whether by the agreement of then placement was to be signed for on the wagon list itself.
func (k keptDocument) byHand() bool {
	p := k.then.Participants[k.entry.Participant]
	if p == nil {
		return false
	}
	o := p.Organisation(k.entry.Organisation)
	return o != nil && o.Agreement.Placement == register.PlacementByHand
}

// noteOf is the DocumentID of the ЭД №1 that the document is or belongs to.
func noteOf(tx store.Reader, participant, document string) (string, error) {
	s, err := summaryAt(tx, participant, document)
	switch {
	case errors.Is(err, ErrNoDocument) && tx.Get(consignments, key(participant, document)) != nil:
		return document, nil // it went over to paper before any ЭД №1 was accepted
	case err != nil:
		return "", err
	}
	switch s.Kind {
	case schema.KindWaybill:
		return document, nil
	case schema.KindPlacement:
		e, err := entryAt(tx, s.Entry)
		return e.Read.Consignment, err
	}
	return "", ErrNoDocument
}

// replacedBy says of an ЭД №2 that is not the one of its note whether it ever was.
func replacedBy(tx store.Reader, participant, document string) error {
	s, err := summaryAt(tx, participant, document)
	if err == nil && s.State == withdrawn {
		return ErrWithdrawn
	}
	if err == nil {
		return ErrNotPermitted
	}
	return err
}

// summaryAt is the newest of what is known of a document, or ErrNoDocument.
func summaryAt(tx store.Reader, participant, document string) (s Summary, err error) {
	v := tx.Get(documents, key(participant, document))
	if v == nil {
		return s, ErrNoDocument
	}
	if err := json.Unmarshal(v, &s); err != nil {
		return s, fmt.Errorf("reading document %s: %w", document, err)
	}
	return s, nil
}
