package scene

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"asugate/schema"
)

// ends are the stations of the documents made here: departure and, by the traffic, destination.
var ends = map[string]schema.Station{
	"":                          {Code: "985609", Name: "Мыс Астафьева", Road: "96"},
	schema.TrafficDomestic:      {Code: "850609", Name: "Новосибирск-Главный", Road: "83"},
	schema.TrafficKaliningrad:   {Code: "103902", Name: "Балтийск", Road: "10"},
	schema.TrafficInternational: {Code: "134807", Name: "Брузги", Road: "13"},
}

// stationOf is the station with that code; what else is known of it only where it is one of ends.
func stationOf(code string, ordinary schema.Station) schema.Station {
	if code == "" || code == ordinary.Code {
		return ordinary
	}
	return schema.Station{Code: code, Name: "Станция " + code, Road: ordinary.Road}
}

// Waybill writes ЭД №1.
func (s *Scene) Waybill(w Waybill) []byte {
	orElse(&w.DocumentID, NewID())
	orElse(&w.Version, 1)
	orElse(&w.Sender, "SHIP-01")
	orElse(&w.Receiver, "RZD")
	orElse(&w.CreatedAt, s.Now)
	orElse(&w.Signatory, s.Signatory)
	data := ordinaryWaybill(w)
	if w.Change != nil {
		w.Change(&data)
	}
	return fill("Waybill", struct {
		Waybill
		Data string
	}{w, WaybillData(data)})
}

// ordinaryWaybill has all that the composition of its note asks for (288 сноска 3).
func ordinaryWaybill(w Waybill) schema.Waybill {
	traffic := cmp.Or(w.Traffic, schema.TrafficDomestic)
	data := schema.Waybill{
		Traffic:     traffic,
		Departure:   stationOf(w.Station, ends[""]),
		Destination: stationOf(w.Destination, ends[traffic]),
		Consignor: schema.Party{OrgID: schema.OrgID{INN: "7707083893", KPP: "770801001"},
			Name: "ООО «Лесоторговый дом»", Address: "Находка, ул. Лесная, 1"},
		Consignee: schema.Party{OrgID: schema.OrgID{INN: "2508033063"},
			Name: "АО «Порт»", Address: "Новосибирск, ул. Вокзальная, 30"},
		Cargo: []schema.Cargo{{ETSNG: "421034", Name: cmp.Or(w.Cargo, "Пиломатериалы"), MassKg: 62000,
			Packages: 12, Packing: "пакеты"}},
	}
	numbers := w.Wagons
	if numbers == nil {
		numbers = []string{"63498000"}
	}
	for _, number := range numbers {
		data.Wagons = append(data.Wagons, schema.Wagon{Number: number, Administration: "20", Ownership: "own",
			Type: "ПВ", CapacityT: "69", TareT: "24", Axles: 4, ProvidedBy: schema.ByConsignor})
	}
	if traffic == schema.TrafficDomestic {
		data.Shipment = schema.ShipmentWagon
		if len(numbers) > 1 {
			data.Shipment = schema.ShipmentGroup
		}
		return data
	}
	data.Consignee.OrgID = schema.OrgID{}
	data.Cargo[0].GNG = "44071190"
	data.SMGS = &schema.SMGS{
		BorderStations: []schema.Station{{Code: "171401", Name: "Красное (эксп.)"}},
		LoadedBy:       schema.ByConsignor,
		MassMethod:     "на вагонных весах",
		Carriers: []schema.Carrier{
			{Code: "0020", Name: "РЖД", From: "Мыс Астафьева", To: "Красное"},
			{Code: "0021", Name: "БЧ", From: "Красное", To: data.Destination.Name},
		},
		Payments:  []string{"РЖД, БЧ: отправитель"},
		Documents: []string{"Спецификация № 7 — 1 экз."},
	}
	return data
}

// WaybillData are the elements of ЭД №1 between its header and the signatory.
func WaybillData(w schema.Waybill) string {
	var b strings.Builder
	element(&b, "Number", w.Number)
	element(&b, "Traffic", w.Traffic)
	element(&b, "Shipment", w.Shipment)
	element(&b, "Run", w.Run)
	stationElement(&b, "Departure", w.Departure)
	stationElement(&b, "Destination", w.Destination)
	partyElement(&b, "Consignor", w.Consignor)
	partyElement(&b, "Consignee", w.Consignee)
	partyElement(&b, "Payer", w.Payer)
	for _, c := range w.Cargo {
		fmt.Fprintf(&b, "  <Cargo%s><Name>%s</Name></Cargo>\n", attributes("etsng", c.ETSNG, "gng", c.GNG,
			"massKg", fmt.Sprint(c.MassKg), "packing", c.Packing, "packages", positive(c.Packages)), escape(c.Name))
	}
	for _, wagon := range w.Wagons {
		fmt.Fprintf(&b, "  <Wagon%s/>\n", attributes("number", wagon.Number, "administration", wagon.Administration,
			"ownership", wagon.Ownership, "owner", wagon.Owner, "kind", wagon.Type, "model", wagon.Model,
			"capacityT", wagon.CapacityT, "tareT", wagon.TareT, "axles", positive(wagon.Axles), "providedBy", wagon.ProvidedBy))
	}
	for _, c := range w.Containers {
		fmt.Fprintf(&b, "  <Container%s/>\n",
			attributes("number", c.Number, "type", c.Type, "wagon", c.Wagon, "tareKg", positive(c.TareKg)))
	}
	for _, seal := range w.Seals {
		fmt.Fprintf(&b, "  <Seal%s/>\n", attributes("number", seal.Number, "type", seal.Type, "on", seal.On))
	}
	element(&b, "LoadedOn", w.LoadedOn.String())
	if !w.PresentedAt.IsZero() {
		element(&b, "PresentedAt", w.PresentedAt.Format(time.RFC3339))
	}
	if w.SMGS != nil {
		smgsElement(&b, *w.SMGS)
	}
	return b.String()
}

func smgsElement(b *strings.Builder, s schema.SMGS) {
	b.WriteString("  <SMGS>\n")
	for _, text := range s.Statements {
		element(b, "Statement", text)
	}
	for _, station := range s.BorderStations {
		stationElement(b, "BorderStation", station)
	}
	element(b, "Marks", s.Marks)
	element(b, "LoadedBy", s.LoadedBy)
	element(b, "MassMethod", s.MassMethod)
	for _, c := range s.Carriers {
		fmt.Fprintf(b, "  <Carrier%s>%s</Carrier>\n", attributes("code", c.Code, "from", c.From, "to", c.To), escape(c.Name))
	}
	for _, text := range s.Payments {
		element(b, "Payment", text)
	}
	for _, text := range s.Documents {
		element(b, "Document", text)
	}
	element(b, "Contract", s.Contract)
	b.WriteString("  </SMGS>\n")
}

// element writes an element with text, and nothing where there is none.
func element(b *strings.Builder, name, text string) {
	if text != "" {
		fmt.Fprintf(b, "  <%s>%s</%[1]s>\n", name, escape(text))
	}
}

func stationElement(b *strings.Builder, name string, s schema.Station) {
	fmt.Fprintf(b, "  <%s%s/>\n", name, attributes("station", s.Code, "name", s.Name, "road", s.Road))
}

func partyElement(b *strings.Builder, name string, p schema.Party) {
	if p == (schema.Party{}) {
		return
	}
	address := ""
	if p.Address != "" {
		address = "<Address>" + escape(p.Address) + "</Address>"
	}
	fmt.Fprintf(b, "  <%s%s><Name>%s</Name>%s</%[1]s>\n", name, attributes("inn", p.INN, "kpp", p.KPP,
		"okpo", p.OKPO, "ogrn", p.OGRN, "edrpou", p.EDRPOU), escape(p.Name), address)
}

// attributes are pairs of name and value; without value there is no attribute.
func attributes(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(&b, ` %s="%s"`, pairs[i], escape(pairs[i+1]))
		}
	}
	return b.String()
}

// positive is a number as an attribute has it, empty for 0.
func positive[N int | int64](n N) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
