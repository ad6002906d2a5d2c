package schema

import (
	"fmt"
	"strings"
	"time"

	"asugate/xmltree"
)

func (r *reader) memo(root xmltree.Element) *Memo {
	m := &Memo{}
	for e := range children(root) {
		switch e.Local() {
		case "Number":
			m.Number = text(e)
		case "Operation":
			m.Operation = text(e)
		case "Station":
			m.Station = r.station(e)
		case "Owner":
			m.Owner = r.namedParty(e)
		case "Contractor":
			m.Contractor = r.party(e)
		case "Place":
			m.Place = text(e)
		case "Siding":
			m.Siding = text(e)
		case "Workplace":
			m.Workplace = text(e)
		case "Locomotive":
			m.Locomotive = text(e)
		case "Train":
			m.Train = text(e)
		case "ComposedAt":
			m.ComposedAt = r.moment(e)
		case "Wagon":
			m.Wagons = append(m.Wagons, r.memoWagon(e))
		case "Remark":
			m.Remarks = append(m.Remarks, text(e))
		case "Bill":
			m.Bill = text(e)
		case "Signatory":
			m.Signatory = person(e)
		}
	}
	return m
}

func (r *reader) memoWagon(e xmltree.Element) MemoWagon {
	w := MemoWagon{
		Order:          r.number(e, "order"),
		Number:         r.wagonNumber(e),
		Administration: attribute(e, "administration"),
		Ownership:      attribute(e, "ownership"),
		Operation:      attribute(e, "operation"),
		Weighings:      r.number(e, "weighings"),
		SupplyMemo:     attribute(e, "supplyMemo"),
		Group:          r.number(e, "group"),
	}
	for c := range children(e) {
		switch c.Local() {
		case "Cargo":
			w.Cargo = append(w.Cargo, r.cargo(c))
		case "Container":
			w.Containers = append(w.Containers, r.memoContainer(c))
		case "Supplied":
			w.Supplied = r.moment(c)
		case "Notified":
			w.Notified = r.moment(c)
		case "Removed":
			w.Removed = r.moment(c)
		case "Delay":
			w.Delay = r.span(place{Element: c}, text(c))
		case "Act":
			w.Acts = append(w.Acts, text(c))
		case "Remark":
			w.Remarks = append(w.Remarks, text(c))
		case "Contractor":
			w.Contractor = text(c)
		}
	}
	return w
}

func (r *reader) memoContainer(e xmltree.Element) MemoContainer {
	return MemoContainer{Number: r.compact(e, "number"), Size: attribute(e, "size")}
}

// namedParty reads a party that has to be found in the register: the addressee.
func (r *reader) namedParty(e xmltree.Element) Party {
	p := r.party(e)
	r.identified(e, p.OrgID)
	return p
}

// span reads a time as people count it, PT3H20M; zero when absent. Days, months and years of
// xs:duration are left out: how long they are depends on the calendar.
func (r *reader) span(at place, value string) time.Duration {
	if value == "" {
		return 0
	}
	digits, ok := strings.CutPrefix(value, "PT")
	d, err := time.ParseDuration(strings.ToLower(digits))
	if !ok || err != nil || d < 0 {
		r.fail(at.path(), "PT3H20M", value)
		return 0
	}
	return d
}

// Span is what is left of a term as notices and ЭСИД write it, in whole seconds: PT3H20M, PT0S once it is
// over.
func Span(left time.Duration) string { return spanText(max(left, 0)) }

// spanText is a time as span reads it, in whole seconds.
func spanText(d time.Duration) string {
	var b strings.Builder
	b.WriteString("PT")
	part := func(n time.Duration, unit string) {
		if n != 0 {
			fmt.Fprintf(&b, "%d%s", n, unit)
		}
	}
	part(d/time.Hour, "H")
	part(d%time.Hour/time.Minute, "M")
	part(d%time.Minute/time.Second, "S")
	if b.Len() == len("PT") {
		return "PT0S"
	}
	return b.String()
}
