package workflow

import (
	"cmp"
	"slices"
	"time"

	"asugate/schema"
)

// Consignment is what has become of one consignment note: ЭД №1, ЭД №2, paper. Stored as JSON;
// Revision rises by one with every change.
type Consignment struct {
	Revision int
	State    State

	// Of the accepted ЭД №1, as far as ЭД №2 is compared with it.
	WaybillVersion   int
	WaybillContent   string // hex digest
	DepartureStation string
	Organisation     string // key
	Traffic          string
	Wagons           []string
	PresentedAt      time.Time // when the cargo is presented, as far as any ЭД №1 has said; else zero

	// Of it, too, for the rules on norm documents; empty in consignments of earlier programs.
	DestinationStation string
	WagonKinds         map[string]string // by number: род вагона, where ЭД №1 says it
	Cargo              []string          // names
	Empty              bool              // порожний рейс: no ЭД №2 is expected, but of returned МСК

	// Of the accepted ЭД №2; empty again once another ЭД №1 has been accepted.
	PlacementID      string
	PlacementVersion int
	PlacementContent string

	// Lapsed is the ЭД №2 that was accepted on a former ЭД №1, while none is on this one: the permission
	// has been withdrawn, and is not merely awaited.
	Lapsed string

	// The switch to paper is recorded as a decision of the consignor, with person and time.
	PaperBy string
	PaperAt time.Time
}

// Permits is what the consignor may do in the state that the consignment is in. The permission
// holds for exactly the two documents named in it.
func (c Consignment) Permits() []string {
	if c.State == Complete {
		return []string{WagonList}
	}
	return nil
}

// Awaits says whether ЭД №2 is still to come.
func (c Consignment) Awaits() bool { return c.State == WaybillAccepted && !c.Empty }

// WagonList is the permission to form and print the wagon list (288 п. 2.1.4).
const WagonList = "wagon-list"

// After is the consignment once the document has been accepted, and what that permits. A document
// that May would refuse changes nothing.
func After(
	d schema.Document, content string, c Consignment, at time.Time,
) (next Consignment, permits []string) {
	t, found := transition(d, c)
	if !found || t.Finding != "" {
		return c, nil
	}
	next = c
	next.Revision++
	next.State = t.To
	switch d.Kind() {
	case schema.KindWaybill:
		next.acceptWaybill(d, content)
	case schema.KindPlacement:
		next.PlacementID = d.ID()
		next.PlacementVersion = d.Version()
		next.PlacementContent = content
		next.Lapsed = ""
	case schema.KindPaperSwitch:
		next.PaperBy = d.PaperSwitch().Person.Name
		next.PaperAt = d.PaperSwitch().At
		if next.PaperAt.IsZero() {
			next.PaperAt = at
		}
	}
	return next, next.Permits()
}

// acceptWaybill takes a new ЭД №1. An ЭД №2 that was accepted on the former one lapses, and with it
// the permission: cargo, wagons or station may be others now (288 п. 1.5: «каждого ЭД»; 1.8: the
// wagon list is made of both).
func (c *Consignment) acceptWaybill(d schema.Document, content string) {
	w := d.Waybill()
	c.WaybillVersion = d.Version()
	c.WaybillContent = content
	c.DepartureStation = w.DepartureStation
	c.Organisation = d.Header().Organisation.Key()
	c.Traffic = w.Traffic
	c.PresentedAt = presentation(w, *c)
	c.DestinationStation = w.DestinationStation
	c.Empty = w.Run == schema.RunEmpty
	c.Wagons, c.WagonKinds, c.Cargo = nil, nil, nil
	for _, wagon := range w.Wagons {
		c.Wagons = append(c.Wagons, wagon.Number)
		if wagon.Type != "" && c.WagonKinds == nil {
			c.WagonKinds = make(map[string]string)
		}
		if wagon.Type != "" {
			c.WagonKinds[wagon.Number] = wagon.Type
		}
	}
	for _, cargo := range w.Cargo {
		c.Cargo = append(c.Cargo, cargo.Name)
	}
	slices.Sort(c.Wagons)
	c.Lapsed = cmp.Or(c.PlacementID, c.Lapsed)
	c.PlacementID, c.PlacementVersion, c.PlacementContent = "", 0, ""
}

// ConsignmentOf is the canonical DocumentID of the consignment note that the document belongs to;
// empty: to none.
func ConsignmentOf(d schema.Document) string {
	switch d.Kind() {
	case schema.KindWaybill:
		return d.ID()
	case schema.KindPlacement:
		id, _ := schema.CanonicalID(d.Placement().Waybill.DocumentID)
		return id
	case schema.KindPaperSwitch:
		id, _ := schema.CanonicalID(d.PaperSwitch().Waybill.DocumentID)
		return id
	}
	return ""
}
