package schema

import (
	"strconv"

	"asugate/xmltree"
)

func (r *reader) waybill(root xmltree.Element) *Waybill {
	w := &Waybill{}
	for e := range children(root) {
		switch e.Local() {
		case "Traffic":
			w.Traffic = text(e)
		case "Departure":
			w.DepartureStation = attribute(e, "station")
		case "Destination":
			w.DestinationStation = attribute(e, "station")
		case "Consignor":
			w.Consignor = party(e)
		case "Consignee":
			w.Consignee = party(e)
		case "Cargo":
			w.Cargo = append(w.Cargo, r.cargo(e))
		case "Wagon":
			w.Wagons = append(w.Wagons, Wagon{Number: attribute(e, "number"), Owner: attribute(e, "owner")})
		case "Signatory":
			w.Signatory = person(e)
		}
	}
	return w
}

func (r *reader) cargo(e xmltree.Element) Cargo {
	c := Cargo{
		ETSNG:    attribute(e, "etsng"),
		GNG:      attribute(e, "gng"),
		Packages: r.number(e, "packages"),
	}
	mass := attribute(e, "massKg")
	var err error
	if c.MassKg, err = strconv.ParseInt(mass, 10, 64); err != nil {
		r.fail(e.Path()+"/@massKg", "integer", mass)
	}
	for n := range children(e) {
		if n.Local() == "Name" {
			c.Name = text(n)
		}
	}
	return c
}

func (r *reader) placement(root xmltree.Element) *Placement {
	p := &Placement{}
	for e := range children(root) {
		switch e.Local() {
		case "Waybill":
			p.Waybill = r.reference(e)
		case "Traffic":
			p.Traffic = text(e)
		case "Norm":
			p.Norm = normOf(e)
		case "Fasteners":
			p.Fasteners = r.fasteners(e)
		case "Wagon":
			p.Wagons = append(p.Wagons, Wagon{Number: attribute(e, "number")})
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

func normOf(e xmltree.Element) Norm {
	n := Norm{Type: attribute(e, "type")}
	for c := range children(e) {
		switch c.Local() {
		case "Figure":
			n.Figure = text(c)
		case "Chapter":
			n.Chapter = text(c)
		case "Section":
			n.Section = text(c)
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

func (r *reader) paperSwitch(root xmltree.Element) *PaperSwitch {
	p := &PaperSwitch{}
	for e := range children(root) {
		switch e.Local() {
		case "Waybill":
			p.Waybill = r.reference(e)
		case "Person":
			p.Person = person(e)
		case "At":
			p.At = r.moment(e)
		case "Reason":
			p.Reason = text(e)
		}
	}
	return p
}

func (r *reader) officeNotice(root xmltree.Element) *OfficeNotice {
	n := &OfficeNotice{}
	for e := range children(root) {
		switch e.Local() {
		case "InReplyTo":
			n.InReplyTo = r.reference(e)
		case "Participant":
			n.Participant = text(e)
		case "Registration":
			n.Registration = text(e)
		case "State":
			n.State = text(e)
		case "Reason":
			n.Reason = text(e)
		}
	}
	return n
}
