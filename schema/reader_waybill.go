package schema

import (
	"strconv"
	"strings"

	"asugate/xmltree"
)

func (r *reader) waybill(root xmltree.Element) *Waybill {
	w := &Waybill{}
	for e := range children(root) {
		switch e.Local() {
		case "Number":
			w.Number = text(e)
		case "Traffic":
			w.Traffic = text(e)
		case "Shipment":
			w.Shipment = text(e)
		case "Run":
			w.Run = text(e)
		case "Departure":
			w.Departure = r.station(e)
		case "Destination":
			w.Destination = r.station(e)
		case "Consignor":
			w.Consignor = r.party(e)
		case "Consignee":
			w.Consignee = r.party(e)
		case "Payer":
			w.Payer = r.party(e)
		case "Cargo":
			w.Cargo = append(w.Cargo, r.cargo(e))
		case "Wagon":
			w.Wagons = append(w.Wagons, r.wagon(e))
		case "Container":
			w.Containers = append(w.Containers, r.container(e))
		case "Seal":
			w.Seals = append(w.Seals, r.seal(e))
		case "LoadedOn":
			w.LoadedOn = r.dayOf(e)
		case "PresentedAt":
			w.PresentedAt = r.moment(e)
		case "SMGS":
			w.SMGS = r.smgs(e)
		case "Signatory":
			w.Signatory = person(e)
		}
	}
	w.DepartureStation, w.DestinationStation = w.Departure.Code, w.Destination.Code
	return w
}

func (r *reader) station(e xmltree.Element) Station {
	return Station{Code: r.code6(e, "station"), Name: attribute(e, "name"), Road: attribute(e, "road")}
}

func (r *reader) cargo(e xmltree.Element) Cargo {
	c := Cargo{
		ETSNG:    r.code6(e, "etsng"),
		GNG:      attribute(e, "gng"),
		MassKg:   r.mass(e, "massKg"),
		Packages: r.number(e, "packages"),
		Packing:  attribute(e, "packing"),
	}
	for n := range children(e) {
		if n.Local() == "Name" {
			c.Name = text(n)
		}
	}
	return c
}

// mass reads kilograms, 0 when absent.
func (r *reader) mass(e xmltree.Element, name string) int64 {
	value := attribute(e, name)
	if value == "" {
		return 0
	}
	kg, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		r.fail(e.Path()+"/@"+name, "integer", value)
	}
	return kg
}

func (r *reader) wagon(e xmltree.Element) Wagon {
	return Wagon{
		Number:         r.wagonNumber(e),
		Owner:          attribute(e, "owner"),
		Administration: attribute(e, "administration"),
		Ownership:      attribute(e, "ownership"),
		Type:           attribute(e, "kind"),
		Model:          attribute(e, "model"),
		CapacityT:      tonnes(e, "capacityT"),
		TareT:          tonnes(e, "tareT"),
		Axles:          r.number(e, "axles"),
		ProvidedBy:     attribute(e, "providedBy"),
	}
}

// tonnes reads a mass in tonnes, whose comma some systems write as people do.
func tonnes(e xmltree.Element, name string) string {
	return strings.Replace(attribute(e, name), ",", ".", 1)
}

func (r *reader) container(e xmltree.Element) Container {
	return Container{
		Number: r.compact(e, "number"),
		Type:   attribute(e, "type"),
		Wagon:  r.compact(e, "wagon"),
		TareKg: r.mass(e, "tareKg"),
	}
}

// seal reads a ЗПУ. What it is on is a wagon or a container by its number, however grouped.
func (r *reader) seal(e xmltree.Element) Seal {
	return Seal{Number: attribute(e, "number"), Type: attribute(e, "type"), On: r.compact(e, "on")}
}

func (r *reader) smgs(e xmltree.Element) *SMGS {
	s := &SMGS{}
	for c := range children(e) {
		switch c.Local() {
		case "Statement":
			s.Statements = append(s.Statements, text(c))
		case "BorderStation":
			s.BorderStations = append(s.BorderStations, r.station(c))
		case "Marks":
			s.Marks = text(c)
		case "LoadedBy":
			s.LoadedBy = text(c)
		case "MassMethod":
			s.MassMethod = text(c)
		case "Carrier":
			s.Carriers = append(s.Carriers, Carrier{
				Code: attribute(c, "code"), Name: text(c), From: attribute(c, "from"), To: attribute(c, "to"),
			})
		case "Payment":
			s.Payments = append(s.Payments, text(c))
		case "Document":
			s.Documents = append(s.Documents, text(c))
		case "Contract":
			s.Contract = text(c)
		}
	}
	return s
}
