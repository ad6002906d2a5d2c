package schema

import "asugate/xmltree"

func (r *reader) act(root xmltree.Element) *Act {
	a := &Act{}
	for e := range children(root) {
		switch e.Local() {
		case "Number":
			a.Number = text(e)
		case "Kind":
			a.Kind = text(e)
		case "Cause":
			a.Cause = text(e)
		case "Station":
			a.Station = r.station(e)
		case "Departure":
			a.Departure = r.station(e)
		case "Destination":
			a.Destination = r.station(e)
		case "Owner":
			a.Owner = r.namedParty(e)
		case "Siding":
			a.Siding = text(e)
		case "Train":
			a.Train = text(e)
		case "Shipment":
			a.Shipment = text(e)
		case "ComposedAt":
			a.ComposedAt = r.moment(e)
		case "OpenedAt":
			a.OpenedAt = r.moment(e)
		case "ClosedAt":
			a.ClosedAt = r.moment(e)
		case "SupplyNotice":
			a.SupplyNotice = r.moment(e)
		case "RemovalNotice":
			a.RemovalNotice = r.moment(e)
		case "StartAct":
			a.StartAct = r.reference(e)
		case "StartNumber":
			a.StartNumber = text(e)
		case "Wagon":
			a.Wagons = append(a.Wagons, r.actWagon(e))
		case "Circumstances":
			a.Circumstances = text(e)
		case "Present":
			a.Present = append(a.Present, person(e))
		case "Signatory":
			a.Signatory = person(e)
		}
	}
	// A delay is one of the wagons «включенных в указанный акт» (1166/р 3.10): without wagons an act on
	// its end would have nothing to wait for.
	if len(a.Wagons) == 0 && (a.Kind == ActStart || a.Kind == ActEnd) {
		r.fail(root.Path(), "Wagon", "")
	}
	return a
}

func (r *reader) actWagon(e xmltree.Element) ActWagon {
	w := ActWagon{Number: r.wagonNumber(e), Owner: attribute(e, "owner")}
	for c := range children(e) {
		switch c.Local() {
		case "Container":
			w.Containers = append(w.Containers, r.memoContainer(c))
		case "Cargo":
			w.Cargo = text(c)
		}
	}
	return w
}

// answer reads an Approval, or a Rejection with its reasons.
func (r *reader) answer(root xmltree.Element) *Answer {
	a := &Answer{}
	for e := range children(root) {
		switch e.Local() {
		case "Document":
			a.Document = r.reference(e)
		case "Disagreement":
			a.Disagreements = append(a.Disagreements, Disagreement{
				Graph: attribute(e, "graph"), Wagon: r.compact(e, "wagon"), Text: text(e),
			})
		case "Signatory":
			a.Signatory = person(e)
		}
	}
	return a
}

func (r *reader) stateReport(root xmltree.Element) *StateReport {
	s := &StateReport{}
	for e := range children(root) {
		switch e.Local() {
		case "Document":
			s.Document = r.reference(e)
		case "State":
			s.State, s.StateID = text(e), r.number(e, "id")
		case "At":
			s.At = r.moment(e)
		case "Reason":
			s.Reason = text(e)
		}
	}
	return s
}

func (r *reader) movements(root xmltree.Element) *Movements {
	m := &Movements{}
	for e := range children(root) {
		switch e.Local() {
		case "Station":
			m.Station = r.station(e)
		case "Movement":
			m.Rows = append(m.Rows, Movement{
				Wagon:     r.compact(e, "wagon"),
				Operation: attribute(e, "operation"),
				At:        r.moment(e),
				Ownership: attribute(e, "ownership"),
				CargoOp:   attribute(e, "cargoOp"),
			})
		}
	}
	return m
}
