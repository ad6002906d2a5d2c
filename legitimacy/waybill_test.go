package legitimacy

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	papers "asugate/internal/scene"
	"asugate/register/codes"
	"asugate/schema"
)

func waybillXML(w *schema.Waybill) string {
	data := *w
	data.Departure.Code, data.Destination.Code = w.DepartureStation, w.DestinationStation
	return papers.WaybillData(data) + personXML("Signatory", w.Signatory)
}

// fullWaybill is an ЭД №1 that says all that the domestic note of a wagon asks for.
func fullWaybill() *scene {
	s := goodWaybill()
	w := s.Waybill
	w.Shipment = schema.ShipmentWagon
	w.Departure = schema.Station{Name: "Мыс Астафьева", Road: "96"}
	w.Destination = schema.Station{Name: "Новосибирск-Главный", Road: "83"}
	w.Consignor.Address, w.Consignee.Address = "Москва", "Новосибирск"
	w.Cargo[0].Packing, w.Cargo[0].Packages = "навалом", 1
	w.Wagons[0] = schema.Wagon{Number: "63498000", Administration: "20", Ownership: "own", Type: "ПВ"}
	return s
}

// internationalWaybill says all that the front of sheet 1 of the SMGS note asks for.
func internationalWaybill() *scene {
	s := fullWaybill()
	w := s.Waybill
	w.Traffic, w.Shipment = schema.TrafficInternational, ""
	w.DestinationStation, w.Destination = "134807", schema.Station{Name: "Брузги", Road: "13"}
	w.Cargo[0].GNG = "27011290"
	w.Wagons[0].CapacityT, w.Wagons[0].TareT, w.Wagons[0].Axles = "69.5", "24", 4
	w.Wagons[0].ProvidedBy = schema.ByConsignor
	w.SMGS = &schema.SMGS{
		BorderStations: []schema.Station{{Code: "171401", Name: "Красное"}, {Name: "Осиновка"}},
		LoadedBy:       schema.ByConsignor,
		MassMethod:     "на вагонных весах",
		Carriers:       []schema.Carrier{{Code: "0020", Name: "РЖД", From: "Мыс Астафьева", To: "Красное"}},
		Payments:       []string{"РЖД: отправитель"},
	}
	return s
}

// withContainers makes it a consignment of two containers on the wagon.
func withContainers(w *schema.Waybill) {
	w.Shipment = schema.ShipmentContainer
	w.Containers = []schema.Container{
		{Number: "CSQU3054383", Type: "22G1", Wagon: "63498000"}, {Number: "MSCU6639870", Type: "22G1"},
	}
}

func TestComposition(t *testing.T) {
	const incomplete = "D03 composition-incomplete /Waybill/"
	cases := []struct {
		why    string
		make   func() *scene
		change func(*schema.Waybill)
		want   []string
	}{
		{"the domestic note of a wagon", fullWaybill, func(*schema.Waybill) {}, nil},
		{"the first form, which says no kind of shipment", goodWaybill, func(*schema.Waybill) {}, nil},
		{"even that needs a wagon", goodWaybill, func(w *schema.Waybill) { w.Wagons = nil }, []string{incomplete + "Wagon"}},
		{"names and roads of the stations", fullWaybill, func(w *schema.Waybill) {
			w.Departure, w.Destination = schema.Station{}, schema.Station{}
		}, []string{incomplete + "Departure", incomplete + "Departure", incomplete + "Destination", incomplete + "Destination"}},
		{"addresses", fullWaybill, func(w *schema.Waybill) {
			w.Consignor.Address, w.Consignee.Address = "", ""
		}, []string{incomplete + "Consignor", incomplete + "Consignee"}},
		{"two wagons are a group", fullWaybill, func(w *schema.Waybill) {
			w.Wagons = append(w.Wagons, schema.Wagon{Number: "62310784", Ownership: "СОБ"})
		}, []string{incomplete + "Wagon"}},
		{"a group", fullWaybill, func(w *schema.Waybill) {
			w.Shipment = schema.ShipmentGroup
			w.Wagons = append(w.Wagons, schema.Wagon{Number: "62310784", Ownership: "СОБ"})
		}, nil},
		{"ownership of every wagon", fullWaybill, func(w *schema.Waybill) {
			w.Shipment = schema.ShipmentRoute
			w.Wagons = append(w.Wagons, schema.Wagon{Number: "62310784"})
		}, []string{incomplete + "Wagon"}},
		{"a route of one wagon", fullWaybill, func(w *schema.Waybill) { w.Shipment = schema.ShipmentRoute },
			[]string{incomplete + "Wagon"}},
		{"a container", fullWaybill, withContainers, nil},
		{"a container without number or wagon", fullWaybill, func(w *schema.Waybill) {
			w.Shipment, w.Wagons = schema.ShipmentContainer, nil
		}, []string{incomplete + "Container"}},
		{"a container before it has a wagon", fullWaybill, func(w *schema.Waybill) {
			w.Shipment, w.Wagons = schema.ShipmentContainer, nil
			w.Containers = []schema.Container{{Number: "CSQU3054383", Type: "22G1"}}
		}, nil},
		{"type of every container", fullWaybill, func(w *schema.Waybill) {
			withContainers(w)
			w.Containers[1].Type = ""
		}, []string{incomplete + "Container"}},
		{"a set of one container", fullWaybill, func(w *schema.Waybill) {
			withContainers(w)
			w.Shipment, w.Containers = schema.ShipmentContainerSet, w.Containers[:1]
		}, []string{incomplete + "Container"}},
		{"a small consignment", fullWaybill, func(w *schema.Waybill) { w.Shipment, w.Wagons = schema.ShipmentSmall, nil }, nil},
		{"packing and packages of a small consignment", fullWaybill, func(w *schema.Waybill) {
			w.Shipment, w.Wagons = schema.ShipmentSmall, nil
			w.Cargo[0].Packing, w.Cargo[0].Packages = "", 0
		}, []string{incomplete + "Cargo", incomplete + "Cargo"}},
		{"the front of the SMGS note", internationalWaybill, func(*schema.Waybill) {}, nil},
		{"empty wagons have nothing that is packed, counted, loaded or weighed", internationalWaybill, func(w *schema.Waybill) {
			w.Run = schema.RunEmpty
			w.Cargo[0] = schema.Cargo{ETSNG: w.Cargo[0].ETSNG, Name: "Вагоны собственные порожние"}
			w.SMGS.LoadedBy, w.SMGS.MassMethod = "", ""
		}, nil},
		{"cargo weighs something", fullWaybill, func(w *schema.Waybill) {
			w.Cargo = append(w.Cargo, schema.Cargo{ETSNG: "161128", Name: "Уголь", Packing: "навалом", Packages: 1})
		}, []string{"D03 mass-missing /Waybill/Cargo[2]/@massKg"}},
		{"whoever says that the run is loaded", fullWaybill, func(w *schema.Waybill) {
			w.Run, w.Cargo[0].MassKg = schema.RunLoaded, 0
		}, []string{"D03 mass-missing /Waybill/Cargo/@massKg"}},
		{"the same to Kaliningrad", internationalWaybill, func(w *schema.Waybill) {
			w.Traffic, w.DestinationStation, w.Destination.Road = schema.TrafficKaliningrad, "103902", "10"
		}, nil},
		{"the domestic note where the SMGS note is wanted", fullWaybill, func(w *schema.Waybill) {
			w.Traffic, w.DestinationStation, w.Destination.Road = schema.TrafficKaliningrad, "103902", "10"
		}, []string{
			incomplete + "SMGS/BorderStation", incomplete + "Wagon", incomplete + "Wagon", incomplete + "Wagon", incomplete + "Wagon",
			incomplete + "Cargo", incomplete + "SMGS/LoadedBy", incomplete + "SMGS/MassMethod", incomplete + "SMGS/Carrier",
			incomplete + "SMGS/Payment",
		}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			s := c.make()
			c.change(s.Waybill)
			if diff := cmp.Diff(c.want, shown(t, Authority(s.build(t)))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Each graph of the SMGS note that the composition asks for is missed when it is empty, by its name.
func TestEveryGraph(t *testing.T) {
	cases := map[string]func(*schema.Waybill){
		"1, адрес отправителя":                func(w *schema.Waybill) { w.Consignor.Address = "" },
		"2, наименование станции отправления": func(w *schema.Waybill) { w.Departure.Name = "" },
		"4, адрес получателя":                 func(w *schema.Waybill) { w.Consignee.Address = "" },
		"5, наименование станции назначения":  func(w *schema.Waybill) { w.Destination.Name = "" },
		"6, пограничные станции переходов":    func(w *schema.Waybill) { w.SMGS.BorderStations = nil },
		"7, вагон": func(w *schema.Waybill) { w.Wagons = nil },
		"8, кем предоставлен вагон":     func(w *schema.Waybill) { w.Wagons[0].ProvidedBy = "" },
		"9, грузоподъемность":           func(w *schema.Waybill) { w.Wagons[0].CapacityT = "" },
		"10, оси":                       func(w *schema.Waybill) { w.Wagons[0].Axles = 0 },
		"11, масса тары":                func(w *schema.Waybill) { w.Wagons[0].TareT = "" },
		"15, код груза по ГНГ":          func(w *schema.Waybill) { w.Cargo[0].GNG = "" },
		"16, род упаковки":              func(w *schema.Waybill) { w.Cargo[0].Packing = "" },
		"17, количество мест":           func(w *schema.Waybill) { w.Cargo[0].Packages = 0 },
		"20, погружено":                 func(w *schema.Waybill) { w.SMGS.LoadedBy = "" },
		"21, способ определения массы":  func(w *schema.Waybill) { w.SMGS.MassMethod = "" },
		"22, перевозчики":               func(w *schema.Waybill) { w.SMGS.Carriers = nil },
		"23, уплата провозных платежей": func(w *schema.Waybill) { w.SMGS.Payments = nil },
	}
	if len(cases) != len(ofSMGS) {
		t.Errorf("%d graphs are asked for, %d tried", len(ofSMGS), len(cases))
	}
	for name, empty := range cases {
		s := internationalWaybill()
		empty(s.Waybill)
		var missing []string
		for _, f := range Authority(s.build(t)) {
			missing = append(missing, f.Expected)
		}
		if !slices.Equal(missing, []string{name}) {
			t.Errorf("without %s: missing are %q", name, missing)
		}
	}
}

func TestWaybillCodes(t *testing.T) {
	cases := []struct {
		why    string
		change func(*schema.Waybill)
		want   []string
	}{
		{"a station that no table knows; its road then says nothing", func(w *schema.Waybill) { w.DestinationStation = "000023" },
			[]string{"warning D02 code-unknown /Waybill/Destination/@station"}},
		{"another road than the station's", func(w *schema.Waybill) { w.Destination.Road = "96" },
			[]string{"warning D03 road-differs /Waybill/Destination/@road"}},
		{"no such road", func(w *schema.Waybill) { w.Destination.Road = "99" },
			[]string{"warning D02 code-unknown /Waybill/Destination/@road"}},
		{"words that no table has", func(w *schema.Waybill) { w.Wagons[0].Ownership, w.Wagons[0].Type = "ЧУЖ", "ХХ" },
			[]string{"warning D02 code-unknown /Waybill/Wagon/@ownership", "warning D02 code-unknown /Waybill/Wagon/@kind"}},
		{"mnemonics in small letters", func(w *schema.Waybill) { w.Wagons[0].Ownership, w.Wagons[0].Type = "соб", "пв" }, nil},
		{"a kind that the number contradicts", func(w *schema.Waybill) { w.Wagons[0].Type = "ЦС" },
			[]string{"warning D03 wagon-kind-differs /Waybill/Wagon/@kind"}},
		{"a kind that has no digit of its own", func(w *schema.Waybill) { w.Wagons[0].Type = "ЗРВ" }, nil},
		{"a number that tells no kind", func(w *schema.Waybill) { w.Wagons[0].Number = "53100517" }, nil},
		{"no administration, as Д-720у allows", func(w *schema.Waybill) { w.Wagons[0].Administration = "" }, nil},
		{"12 digits without administration", func(w *schema.Waybill) {
			w.Wagons[0].Number, w.Wagons[0].Administration = "505126180015", ""
		}, nil},
		{"an administration that the shipped table has not", func(w *schema.Waybill) { w.Wagons[0].Administration = "51" },
			[]string{"warning D02 code-unknown /Waybill/Wagon/@administration"}},
		{"12 digits on a railway that gives 8", func(w *schema.Waybill) { w.Wagons[0].Number = "505126180015" },
			[]string{"D03 numbering-differs /Waybill/Wagon/@number"}},
		{"8 digits of a railway that gives 12", func(w *schema.Waybill) { w.Wagons[0].Administration = "33" },
			[]string{"D03 numbering-differs /Waybill/Wagon/@number"}},
		{"12 digits of another administration", func(w *schema.Waybill) {
			w.Wagons[0].Number, w.Wagons[0].Administration = "505126180015", "33"
		}, []string{"D03 numbering-differs /Waybill/Wagon/@number"}},
		{"12 digits of that administration", func(w *schema.Waybill) {
			w.Wagons[0].Number, w.Wagons[0].Administration = "503326180010", "33"
		}, []string{"D01 wagon-check-digit /Waybill/Wagon/@number"}},
		{"a container whose check digit does not fit", func(w *schema.Waybill) {
			withContainers(w)
			w.Containers[0].Number = "CSQU3054384"
		}, []string{"D01 container-check-digit /Waybill/Container[1]/@number"}},
		{"an old container of nine digits has no known rule", func(w *schema.Waybill) {
			withContainers(w)
			w.Containers[0].Number = "123456789"
		}, nil},
		{"the payer's number", func(w *schema.Waybill) {
			w.Payer = schema.Party{OrgID: schema.OrgID{INN: "7707083894"}, Name: "Плательщик"}
		}, []string{"D01 inn-check-digit /Waybill/Payer/@inn"}},
		// 37536162 is a valid ЄДРПОУ and no ОКПО, 38428679 the reverse: the attribute names the country.
		{"a Ukrainian number as ОКПО", func(w *schema.Waybill) { w.Consignee.OKPO = "37536162" },
			[]string{"D01 okpo-check-digit /Waybill/Consignee/@okpo"}},
		{"a Russian number as ЄДРПОУ", func(w *schema.Waybill) { w.Consignee.EDRPOU = "38428679" },
			[]string{"D01 edrpou-check-digit /Waybill/Consignee/@edrpou"}},
		{"each in its own register", func(w *schema.Waybill) { w.Consignee.EDRPOU, w.Consignee.OKPO = "37536162", "38428679" }, nil},
		{"the stations say another traffic", func(w *schema.Waybill) { w.DestinationStation, w.Destination.Road = "103902", "10" },
			[]string{"D03 declared-differs /Waybill/Traffic"}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			s := fullWaybill()
			c.change(s.Waybill)
			if diff := cmp.Diff(c.want, shown(t, Authority(s.build(t)))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaybillPlacesAndDates(t *testing.T) {
	cases := []struct {
		why    string
		change func(*schema.Waybill)
		want   []string
	}{
		{"seals on wagon and container, one that does not say", func(w *schema.Waybill) {
			withContainers(w)
			w.Seals = []schema.Seal{{Number: "А1", On: "63498000"}, {Number: "А2", On: "MSCU6639870"}, {Number: "А3"}}
		}, nil},
		{"a seal on a wagon of another note", func(w *schema.Waybill) { w.Seals = []schema.Seal{{Number: "А1", On: "62310784"}} },
			[]string{"D03 not-in-document /Waybill/Seal/@on"}},
		{"a container on a wagon of another note", func(w *schema.Waybill) {
			withContainers(w)
			w.Containers[0].Wagon = "62310784"
		}, []string{"D03 not-in-document /Waybill/Container[1]/@wagon"}},
		{"a container twice", func(w *schema.Waybill) {
			withContainers(w)
			w.Containers[1].Number = "CSQU3054383"
		}, []string{"D03 container-repeated /Waybill/Container[2]/@number"}},
		{"loaded today and presented today", func(w *schema.Waybill) {
			w.LoadedOn, w.PresentedAt = day("2026-11-22"), received.Add(time.Hour)
		}, nil},
		{"loaded tomorrow", func(w *schema.Waybill) { w.LoadedOn = day("2026-11-23") },
			[]string{"D03 loaded-in-future /Waybill/LoadedOn"}},
		{"presented before it was loaded", func(w *schema.Waybill) {
			w.LoadedOn, w.PresentedAt = day("2026-11-22"), received.AddDate(0, 0, -1)
		}, []string{"D03 loaded-after-presented /Waybill/LoadedOn"}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			s := fullWaybill()
			c.change(s.Waybill)
			if diff := cmp.Diff(c.want, shown(t, Authority(s.build(t)))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// The tables of the case are asked, and not those that are shipped.
func TestReplacedTables(t *testing.T) {
	s := fullWaybill()
	s.Waybill.Wagons[0].Ownership = "ЧУЖ"
	s.Case.Codes = pki.Must(codes.Read(fstest.MapFS{
		"ownership.tsv": {Data: []byte("code\tname\tsource\nЧУЖ\tчужой\tнаша\n")},
	}))
	if found := shown(t, Authority(s.build(t))); found != nil {
		t.Errorf("with the operator's table: %v", found)
	}
}

// However much is wrong with a document, what is said of it stays within bounds.
func TestFindingsAreBounded(t *testing.T) {
	s := fullWaybill()
	s.Waybill.Wagons = slices.Repeat(s.Waybill.Wagons, 5_000)
	s.Waybill.Seals = slices.Repeat([]schema.Seal{{Number: "1", On: "62310784"}}, 5_000)
	found := Authority(s.build(t))
	if !schema.Refused(found) || len(found) < 2*mostFindings || len(found) > 5*mostFindings {
		t.Errorf("%d findings", len(found))
	}
}

// Errors are said before warnings, for they decide; all else keeps its order.
func TestFirst(t *testing.T) {
	warning := schema.Finding{Code: "D02", Severity: schema.Warning}
	list := append(slices.Repeat([]schema.Finding{warning}, 2*mostFindings), schema.Finding{Code: "D03", Severity: schema.Error})
	if told := first(slices.Clone(list)); len(told) != mostFindings || told[0].Code != "D03" || told[1] != warning {
		t.Errorf("%d findings, the first %+v", len(told), told[0])
	}
	if told := first(list[:mostFindings]); len(told) != mostFindings {
		t.Errorf("%d findings", len(told))
	}
}
