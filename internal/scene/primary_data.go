package scene

import (
	"fmt"
	"strings"
	"time"

	"asugate/schema"
)

// MemoData are the elements of a memo after its header.
func MemoData(m schema.Memo) string {
	var b strings.Builder
	element(&b, "Number", m.Number)
	element(&b, "Operation", m.Operation)
	stationElement(&b, "Station", m.Station)
	partyElement(&b, "Owner", m.Owner)
	partyElement(&b, "Contractor", m.Contractor)
	element(&b, "Place", m.Place)
	element(&b, "Siding", m.Siding)
	element(&b, "Workplace", m.Workplace)
	element(&b, "Locomotive", m.Locomotive)
	element(&b, "Train", m.Train)
	momentElement(&b, "ComposedAt", m.ComposedAt)
	for _, w := range m.Wagons {
		memoWagonElement(&b, w)
	}
	for _, text := range m.Remarks {
		element(&b, "Remark", text)
	}
	element(&b, "Bill", m.Bill)
	personElement(&b, "Signatory", m.Signatory)
	return b.String()
}

func memoWagonElement(b *strings.Builder, w schema.MemoWagon) {
	fmt.Fprintf(b, "  <Wagon%s>\n", attributes("order", positive(w.Order), "number", w.Number,
		"administration", w.Administration, "ownership", w.Ownership, "operation", w.Operation,
		"weighings", positive(w.Weighings), "supplyMemo", w.SupplyMemo, "group", positive(w.Group)))
	for _, c := range w.Cargo {
		fmt.Fprintf(b, "  <Cargo%s><Name>%s</Name></Cargo>\n", attributes("etsng", c.ETSNG), escape(c.Name))
	}
	containerElements(b, w.Containers)
	momentElement(b, "Supplied", w.Supplied)
	momentElement(b, "Notified", w.Notified)
	momentElement(b, "Removed", w.Removed)
	if w.Delay != 0 {
		element(b, "Delay", fmt.Sprintf("PT%dM", int(w.Delay.Minutes())))
	}
	for _, number := range w.Acts {
		element(b, "Act", number)
	}
	for _, text := range w.Remarks {
		element(b, "Remark", text)
	}
	element(b, "Contractor", w.Contractor)
	b.WriteString("  </Wagon>\n")
}

// ActData are the elements of an act after its header.
func ActData(a schema.Act) string {
	var b strings.Builder
	element(&b, "Number", a.Number)
	element(&b, "Kind", a.Kind)
	element(&b, "Cause", a.Cause)
	stationElement(&b, "Station", a.Station)
	if a.Departure.Code != "" {
		stationElement(&b, "Departure", a.Departure)
	}
	if a.Destination.Code != "" {
		stationElement(&b, "Destination", a.Destination)
	}
	partyElement(&b, "Owner", a.Owner)
	element(&b, "Siding", a.Siding)
	element(&b, "Train", a.Train)
	element(&b, "Shipment", a.Shipment)
	momentElement(&b, "ComposedAt", a.ComposedAt)
	momentElement(&b, "OpenedAt", a.OpenedAt)
	momentElement(&b, "ClosedAt", a.ClosedAt)
	momentElement(&b, "SupplyNotice", a.SupplyNotice)
	momentElement(&b, "RemovalNotice", a.RemovalNotice)
	if r := a.StartAct; r.DocumentID != "" {
		fmt.Fprintf(&b, "  <StartAct%s/>\n",
			attributes("DocumentID", r.DocumentID, "Version", positive(r.Version), "SHA256", r.SHA256))
	}
	element(&b, "StartNumber", a.StartNumber)
	for _, w := range a.Wagons {
		fmt.Fprintf(&b, "  <Wagon%s>\n", attributes("number", w.Number, "owner", w.Owner))
		containerElements(&b, w.Containers)
		element(&b, "Cargo", w.Cargo)
		b.WriteString("  </Wagon>\n")
	}
	element(&b, "Circumstances", a.Circumstances)
	for _, p := range a.Present {
		personElement(&b, "Present", p)
	}
	personElement(&b, "Signatory", a.Signatory)
	return b.String()
}

func containerElements(b *strings.Builder, list []schema.MemoContainer) {
	for _, c := range list {
		fmt.Fprintf(b, "  <Container%s/>\n", attributes("number", c.Number, "size", c.Size))
	}
}

// momentElement writes an element with a time, and nothing for the zero time.
func momentElement(b *strings.Builder, name string, t time.Time) {
	if !t.IsZero() {
		element(b, name, t.Format(time.RFC3339))
	}
}

func personElement(b *strings.Builder, name string, p schema.Person) {
	fmt.Fprintf(b, "  <%s%s>%s</%[1]s>\n", name,
		attributes("post", p.Post, "snils", p.SNILS, "inn", p.INN, "rnokpp", p.RNOKPP), escape(p.Name))
}
