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
	// ErrEmptyRun: the wagons run empty, and there is nothing that ЭД №2 would add to their wagon list.
	ErrEmptyRun = errors.New("the wagons run empty")
	// ErrOnPaper: the consignment note has gone over to paper.
	ErrOnPaper = errors.New("the consignment note is on paper")
)

// WagonList is what the regulation adds to the wagon list (288 п. 1.8) of the consignment note to which the
// participant's ЭД №1 or ЭД №2 belongs: of exactly the two documents that the permission is for. They
// are read from the bytes that were received, by signature and schema anew. Without a permission the
// error is ErrNotPermitted, ErrWithdrawn, ErrEmptyRun or ErrOnPaper.
func (g *Gateway) WagonList(ctx context.Context, participant, id string) (wagonlist.Sheet, error) {
	var none wagonlist.Sheet
	if err := ctx.Err(); err != nil {
		return none, err
	}
	canonical, ok := schema.CanonicalID(id)
	if !ok {
		return none, ErrNoDocument
	}
	for range tries {
		l, err := g.listOf(participant, canonical)
		if err != nil {
			return none, storeError(err)
		}
		sheet, err := g.sheet(l)
		if err != nil {
			return none, err
		}
		g.Reached("sheet")
		stands, err := g.stands(participant, l)
		if err != nil || stands {
			return sheet, storeError(err)
		}
	}
	return none, ErrBusy
}

// permittedList is what a wagon list is made of.
type permittedList struct {
	note               string
	revision           int // of the consignment
	waybill, placement keptDocument
	permission         Entry
}

// listOf finds in one snapshot what the consignment permits.
func (g *Gateway) listOf(participant, document string) (l permittedList, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		if l.note, err = noteOf(tx, participant, document); err != nil {
			return err
		}
		c, err := consignmentAt(tx, key(participant, l.note))
		if err != nil {
			return err
		}
		if document != l.note && document != c.PlacementID && c.State != workflow.Paper {
			return replacedBy(tx, participant, document)
		}
		l.revision = c.Revision
		if l.waybill, l.placement, err = g.permitted(tx, participant, l.note, c); err != nil {
			return err
		}
		l.permission, err = permissionOf(tx, participant, c)
		return err
	})
	return l, err
}

// stands says whether the consignment is still as it was when the documents were found: they are read
// meanwhile, and whoever has been told that the permission has ended must not be given a sheet any more.
func (g *Gateway) stands(participant string, l permittedList) (stands bool, err error) {
	err = g.Store.View(func(tx store.Reader) error {
		c, err := consignmentAt(tx, key(participant, l.note))
		stands = c.Revision == l.revision
		return err
	})
	return stands, err
}

// sheet reads the documents, outside of any transaction: that takes two signatures.
func (g *Gateway) sheet(l permittedList) (wagonlist.Sheet, error) {
	w, err := g.document(l.waybill)
	if err != nil {
		return wagonlist.Sheet{}, err
	}
	first := wagonlist.Accepted{Document: w, Content: l.waybill.entry.Content}
	if l.placement.then == nil {
		by := wagonlist.Permission{MessageID: l.waybill.entry.ID, At: l.waybill.entry.Judged.In(l.waybill.zone())}
		return wagonlist.ByHand(first, by, g.Environment)
	}
	p, err := g.document(l.placement)
	if err != nil {
		return wagonlist.Sheet{}, err
	}
	by := wagonlist.Permission{MessageID: l.permission.ID, At: l.permission.Judged.In(l.placement.zone())}
	return wagonlist.Of(first, wagonlist.Accepted{Document: p, Content: l.placement.entry.Content}, by, g.Environment)
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
	case c.Empty:
		return waybill, placement, ErrEmptyRun // by hand nobody signs for the placement of nothing either
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
