package schema

import (
	"strings"

	"asugate/xmltree"
)

func (r *reader) placement(root xmltree.Element) *Placement {
	p := &Placement{}
	for e := range children(root) {
		switch e.Local() {
		case "Waybill":
			p.Waybill = r.reference(e)
		case "Traffic":
			p.Traffic = text(e)
		case "Norm":
			p.Norm = r.norm(e)
		case "Fasteners":
			p.Fasteners = r.fasteners(e)
			p.Jib = isTrue(attribute(e, "jib"))
		case "Wagon":
			p.Wagons = append(p.Wagons, Wagon{Number: r.wagonNumber(e)})
		case "WorkDate":
			p.WorkDate = r.dayOf(e)
		case "Performer":
			p.Performer = person(e)
		case "Proxy":
			p.Proxy = r.proxy(e)
		case "Text":
			p.Text = e.Text()
		}
	}
	return p
}

func (r *reader) norm(e xmltree.Element) Norm {
	n := Norm{Type: attribute(e, "type")}
	for c := range children(e) {
		if value := n.field(c.Local()); value != nil {
			*value = text(c)
		}
		if c.Local() == FieldDate {
			for part := range strings.SplitSeq(n.Date, "/") {
				r.day(c.Path(), part)
			}
		}
	}
	return n
}

func (r *reader) fasteners(e xmltree.Element) []Fastener {
	var list []Fastener
	for c := range children(e) {
		list = append(list, Fastener{
			Name:     attribute(c, "name"),
			Quantity: r.number(c, "quantity"),
			Strands:  r.number(c, "strands"),
			Diameter: attribute(c, "diameter"),
			Size:     attribute(c, "size"),
		})
	}
	return list
}

func (r *reader) proxy(e xmltree.Element) *Proxy {
	p := &Proxy{Number: attribute(e, "number"), Date: r.dayAttribute(e, "date")}
	for c := range children(e) {
		if c.Local() == "Signer" {
			p.Signer = person(c)
		}
	}
	return p
}
