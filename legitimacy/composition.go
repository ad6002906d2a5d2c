package legitimacy

import (
	"slices"
	"strings"

	"asugate/schema"
)

// requirement is something that the composition of a note asks for (288 сноска 3). Its name is that
// of the form, for whoever has the form before them.
type requirement struct {
	path string
	name string
	met  func(*schema.Waybill) bool
}

// The composition of the domestic note, which is decided by the kind of shipment, as the rules of
// filling in carriage documents (order of the МПС of 18.06.2003 N 39) have it of the consignor.
var (
	ofEveryNote = []requirement{
		{"/Waybill/Departure", "наименование станции отправления", func(w *schema.Waybill) bool { return w.Departure.Name != "" }},
		{"/Waybill/Departure", "дорога отправления", func(w *schema.Waybill) bool { return w.Departure.Road != "" }},
		{"/Waybill/Destination", "наименование станции назначения", func(w *schema.Waybill) bool { return w.Destination.Name != "" }},
		{"/Waybill/Destination", "дорога назначения", func(w *schema.Waybill) bool { return w.Destination.Road != "" }},
		{"/Waybill/Consignor", "адрес грузоотправителя", func(w *schema.Waybill) bool { return w.Consignor.Address != "" }},
		{"/Waybill/Consignee", "адрес грузополучателя", func(w *schema.Waybill) bool { return w.Consignee.Address != "" }},
	}
	oneWagon     = requirement{"/Waybill/Wagon", "один вагон", func(w *schema.Waybill) bool { return len(w.Wagons) == 1 }}
	manyWagons   = requirement{"/Waybill/Wagon", "не менее двух вагонов", func(w *schema.Waybill) bool { return len(w.Wagons) > 1 }}
	anyContainer = requirement{"/Waybill/Container", "номер контейнера", func(w *schema.Waybill) bool { return len(w.Containers) > 0 }}
	containerSet = requirement{"/Waybill/Container", "не менее двух контейнеров", func(w *schema.Waybill) bool { return len(w.Containers) > 1 }}
)

// ofShipment is what each kind of shipment asks for besides.
var ofShipment = map[string][]requirement{
	schema.ShipmentWagon:        {oneWagon, everyWagon("принадлежность", ownershipOf)},
	schema.ShipmentGroup:        {manyWagons, everyWagon("принадлежность", ownershipOf)},
	schema.ShipmentRoute:        {manyWagons, everyWagon("принадлежность", ownershipOf)},
	schema.ShipmentContainer:    {anyContainer, everyContainer("типоразмер", typeOf)},
	schema.ShipmentContainerSet: {oneWagon, containerSet, everyContainer("типоразмер", typeOf)},
	// The carrier puts small consignments on a wagon of its own; what there is to count is packages.
	schema.ShipmentSmall: {everyCargo("род упаковки", packingOf), everyCargo("число мест", packagesOf)},
}

// ofSMGS is the front of sheet 1 of the SMGS note as the consignor fills it in; the numbers are those
// of its graphs. Graphs 12 (tanks), 15 (marks), 17 of bulk and 25 are for those whom they concern.
var ofSMGS = []requirement{
	{"/Waybill/Consignor", "1, адрес отправителя", func(w *schema.Waybill) bool { return w.Consignor.Address != "" }},
	{"/Waybill/Departure", "2, наименование станции отправления", func(w *schema.Waybill) bool { return w.Departure.Name != "" }},
	{"/Waybill/Consignee", "4, адрес получателя", func(w *schema.Waybill) bool { return w.Consignee.Address != "" }},
	{"/Waybill/Destination", "5, наименование станции назначения", func(w *schema.Waybill) bool { return w.Destination.Name != "" }},
	{"/Waybill/SMGS/BorderStation", "6, пограничные станции переходов", func(w *schema.Waybill) bool { return len(smgs(w).BorderStations) > 0 }},
	{"/Waybill/Wagon", "7, вагон", func(w *schema.Waybill) bool { return len(w.Wagons) > 0 }},
	everyWagon("8, кем предоставлен вагон", func(w schema.Wagon) bool { return w.ProvidedBy != "" }),
	everyWagon("9, грузоподъемность", func(w schema.Wagon) bool { return w.CapacityT != "" }),
	everyWagon("10, оси", func(w schema.Wagon) bool { return w.Axles > 0 }),
	everyWagon("11, масса тары", func(w schema.Wagon) bool { return w.TareT != "" }),
	everyCargo("15, код груза по ГНГ", func(c schema.Cargo) bool { return c.GNG != "" }),
	everyCargo("16, род упаковки", packingOf),
	everyCargo("17, количество мест", packagesOf),
	{"/Waybill/SMGS/LoadedBy", "20, погружено", func(w *schema.Waybill) bool { return w.Run == schema.RunEmpty || smgs(w).LoadedBy != "" }},
	{"/Waybill/SMGS/MassMethod", "21, способ определения массы", func(w *schema.Waybill) bool { return w.Run == schema.RunEmpty || smgs(w).MassMethod != "" }},
	{"/Waybill/SMGS/Carrier", "22, перевозчики", func(w *schema.Waybill) bool { return len(smgs(w).Carriers) > 0 }},
	{"/Waybill/SMGS/Payment", "23, уплата провозных платежей", func(w *schema.Waybill) bool { return len(smgs(w).Payments) > 0 }},
}

func smgs(w *schema.Waybill) schema.SMGS {
	if w.SMGS == nil {
		return schema.SMGS{}
	}
	return *w.SMGS
}

func ownershipOf(w schema.Wagon) bool { return w.Ownership != "" }
func typeOf(c schema.Container) bool  { return c.Type != "" }
func packingOf(c schema.Cargo) bool   { return c.Packing != "" }
func packagesOf(c schema.Cargo) bool  { return c.Packages > 0 }

func everyWagon(name string, has func(schema.Wagon) bool) requirement {
	return requirement{"/Waybill/Wagon", name, func(w *schema.Waybill) bool {
		return !slices.ContainsFunc(w.Wagons, func(wagon schema.Wagon) bool { return !has(wagon) })
	}}
}

func everyContainer(name string, has func(schema.Container) bool) requirement {
	return requirement{"/Waybill/Container", name, func(w *schema.Waybill) bool {
		return !slices.ContainsFunc(w.Containers, func(c schema.Container) bool { return !has(c) })
	}}
}

// everyCargo asks nothing of empty wagons: they have no cargo that would be packed or counted.
func everyCargo(name string, has func(schema.Cargo) bool) requirement {
	return requirement{"/Waybill/Cargo", name, func(w *schema.Waybill) bool {
		return w.Run == schema.RunEmpty || !slices.ContainsFunc(w.Cargo, func(c schema.Cargo) bool { return !has(c) })
	}}
}

// requirementsOf are those of a note. One that says no kind of shipment is of the first form of the
// document, where a wagon was all that was asked for.
func requirementsOf(w *schema.Waybill) []requirement {
	switch {
	case w.Traffic != schema.TrafficDomestic:
		return ofSMGS
	case w.Shipment == "":
		return []requirement{{"/Waybill/Wagon", "вагон", func(w *schema.Waybill) bool { return len(w.Wagons) > 0 }}}
	}
	return slices.Concat(ofEveryNote, ofShipment[w.Shipment])
}

// composition: within Russia the kind of shipment decides what the note has to hold, in
// international traffic and to and from Kaliningrad the front of sheet 1 of the SMGS note does (288
// сноска 3). All that is missing is named at once.
func composition(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	var found []schema.Finding
	for _, r := range requirementsOf(w) {
		if !r.met(w) {
			found = append(found, finding("D03", schema.ReasonCompositionIncomplete, r.path, r.name, formOf(w)))
		}
	}
	return found
}

// formOf names the form whose composition is meant: domestic/small, international.
func formOf(w *schema.Waybill) string {
	return strings.TrimSuffix(w.Traffic+"/"+w.Shipment, "/")
}
