package legitimacy

import (
	"slices"
	"strings"
	"testing"

	"asugate/register"
	"asugate/schema"
)

// Stations of these tests: Мыс Астафьева, Новосибирск, Балтийск of the Калининградская ж.д., Брузги in
// Belarus.
const (
	farEast     = "985609"
	novosibirsk = "850609"
	baltiysk    = "103902"
	bruzgi      = "134807"
)

// normPlacement is an ЭД №2 in a class of traffic, with all that the norm document asks for.
func normPlacement(traffic string, n schema.Norm) func() *scene {
	return func() *scene {
		s := goodPlacement()
		s.Placement.Traffic, s.Case.Consignment.Traffic = traffic, traffic
		s.Case.Consignment.DestinationStation = map[string]string{
			schema.TrafficDomestic: novosibirsk, schema.TrafficKaliningrad: baltiysk, schema.TrafficInternational: bruzgi,
		}[traffic]
		s.Placement.Norm = n
		s.Placement.Fasteners = nil
		if schema.NormFields(traffic, n).Fasteners {
			s.Placement.Fasteners = []schema.Fastener{
				{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"}, {Name: "брусок", Quantity: 8, Size: "50x100x2700"},
			}
			if traffic == schema.TrafficDomestic {
				s.Placement.Fasteners = goodPlacement().Placement.Fasteners
			}
		}
		return s
	}
}

// The norm documents with their data.
var norms = map[string]schema.Norm{
	schema.NormTU:        {Figure: "5", Chapter: "2", Section: "1"},
	schema.NormContainer: {Chapter: "12"},
	schema.NormLiquid:    {},
	schema.NormMTU:       {Number: "12", Date: "2024-03-05"},
	schema.NormNTU:       {Number: "12", Date: "2024-03-05"},
	schema.NormAnnex14:   {Point: "2.1", Chapter: "2"},
	schema.NormAnnex141:  {},
	schema.NormTU1990:    {Figure: "5", Chapter: "4", Section: "1"},
	schema.NormDrawing:   {Number: "12", Date: "2024-03-05"},
	schema.NormMSK:       {Number: "12", Date: "2024-03-05", ApprovedBy: "начальником станции"},
}

func normOf(kind string) schema.Norm {
	n := norms[kind]
	n.Type = kind
	return n
}

// Which norm document goes with which class of traffic: every pair of them.
func TestNormOfTraffic(t *testing.T) {
	domestic := []string{"tu", "container", "liquid", "mtu", "ntu"}
	international := []string{"annex14", "annex14-1", "tu1990", "mtu", "ntu", "drawing", "msk", "liquid"}
	allowed := map[string][]string{"domestic": domestic, "international": international, "kaliningrad": international}
	for traffic, list := range allowed {
		for kind := range norms {
			want := []string{"L09 norm-not-allowed /Placement/Norm/@type"}
			switch {
			case kind == "mtu" || kind == "ntu":
				want = []string{"warning L10 norms-empty /Placement/Norm"}
			case slices.Contains(list, kind):
				want = nil
			}
			runScenes(t, normPlacement(traffic, normOf(kind)), normRules, []sceneTest{{traffic + " " + kind, func(*scene) {}, want}})
		}
	}
	// Inland technical conditions on the way to Калининград are refused, whatever the document declares.
	runScenes(t, goodPlacement, normRules, []sceneTest{
		{"ТУ to Калининград", func(s *scene) {
			s.Case.Consignment.DestinationStation = baltiysk
		}, []string{"D03 declared-differs /Placement/Traffic", "L09 norm-not-allowed /Placement/Norm/@type"}},
		{"ТУ to Belarus", func(s *scene) {
			s.Placement.Traffic, s.Case.Consignment.Traffic = "international", "international"
			s.Case.Consignment.DestinationStation = bruzgi
			s.Placement.Fasteners = nil
		}, []string{"L09 norm-not-allowed /Placement/Norm/@type"}},
	})
}

// normRules are those of this file, in the order of the table.
func normRules(c *Case) []schema.Finding {
	var found []schema.Finding
	for _, rule := range []func(*Case) []schema.Finding{
		trafficOfWaybill, normAllowed, placedInEmpty, placeInNorm, tankByTU, fastenersComplete, jibMark, registeredNorm,
	} {
		found = append(found, rule(c)...)
	}
	return found
}

// Where the wagons run empty no ЭД №2 is expected but for returned fasteners.
func TestPlacedInEmpty(t *testing.T) {
	const placed = "warning L09 placed-in-empty /Placement/Norm/@type"
	empty := func(s *scene) { s.Case.Consignment.Empty = true }
	runScenes(t, goodPlacement, placedInEmpty, []sceneTest{
		{"loaded", func(*scene) {}, nil},
		{"empty", empty, []string{placed}},
		{"empty by agreement", func(s *scene) {
			empty(s)
			s.Case.Organisation.Agreement.Norms = register.NormSwitches{register.NormsEmpties: true}
		}, []string{"L09 placed-in-empty /Placement/Norm/@type"}},
		{"another version of the note", func(s *scene) {
			empty(s)
			s.Placement.Waybill.SHA256 = strings.Repeat("2", 64)
		}, nil},
	})
	for kind := range norms {
		want := []string{placed}
		if kind == schema.NormMSK {
			want = nil
		}
		runScenes(t, normPlacement(schema.TrafficKaliningrad, normOf(kind)), placedInEmpty, []sceneTest{{kind, empty, want}})
	}
}

func TestTrafficOfStations(t *testing.T) {
	const path = "D03 declared-differs /Waybill/Traffic"
	runScenes(t, goodWaybill, trafficOfStations, []sceneTest{
		{"within Russia", func(s *scene) {}, nil},
		{"within Калининград", func(s *scene) { s.Waybill.DepartureStation, s.Waybill.DestinationStation = baltiysk, baltiysk }, nil},
		{"to Калининград", func(s *scene) { s.Waybill.DestinationStation = baltiysk }, []string{path}},
		{"from Калининград", func(s *scene) { s.Waybill.DepartureStation = baltiysk }, []string{path}},
		{"to Belarus", func(s *scene) { s.Waybill.DestinationStation = bruzgi }, []string{path}},
		{"to Belarus, declared", func(s *scene) {
			s.Waybill.DestinationStation, s.Waybill.Traffic = bruzgi, "international"
		}, nil},
		{"within Russia, declared international", func(s *scene) { s.Waybill.Traffic = "international" }, []string{path}},
		// Of a station that no table knows nothing is said here.
		{"unknown station", func(s *scene) {
			s.Waybill.DestinationStation, s.Waybill.Traffic = "430002", "international"
		}, nil},
	})
}

func TestOutsideTechnology(t *testing.T) {
	runScenes(t, goodPlacement, normAllowed, []sceneTest{
		{"inside", func(s *scene) {}, nil},
		{"within Belarus", func(s *scene) {
			s.Case.Consignment.DepartureStation, s.Case.Consignment.DestinationStation = bruzgi, bruzgi
		}, []string{"L09 outside-technology /Placement/Traffic"}},
		{"to Latvia", func(s *scene) { s.Case.Consignment.DestinationStation = "098306" },
			[]string{"L09 outside-technology /Placement/Traffic"}},
		{"to Latvia, liquid", func(s *scene) {
			s.Case.Consignment.DestinationStation = "098306"
			s.Placement.Norm = schema.Norm{Type: "liquid"}
			s.Placement.Fasteners = nil
		}, []string{"L09 outside-technology /Placement/Traffic"}},
		{"of another waybill", func(s *scene) {
			s.Case.Consignment.WaybillContent, s.Case.Consignment.DestinationStation = "2222", "098306"
		}, nil},
		{"consignment of an earlier program", func(s *scene) { s.Case.Consignment.DestinationStation = "" }, nil},
	})
}

func TestChaptersOf1990(t *testing.T) {
	base := normPlacement(schema.TrafficInternational, normOf(schema.NormTU1990))
	tests := []sceneTest{{"good", func(s *scene) {}, nil}}
	at := func(section, chapter string, want ...string) {
		tests = append(tests, sceneTest{"section " + section + " chapter " + chapter, func(s *scene) {
			s.Placement.Norm.Section, s.Placement.Norm.Chapter = section, chapter
		}, want})
	}
	for _, chapter := range []string{"1", "2", "3", "5", "7", "8", "9"} {
		at("1", chapter, "L09 chapter-excluded /Placement/Norm/Chapter")
		at("2", chapter)
	}
	for _, chapter := range []string{"4", "6", "10", "11"} {
		at("1", chapter)
	}
	at("3", "4", "L09 section-excluded /Placement/Norm/Section")
	at("4", "1", "L09 section-excluded /Placement/Norm/Section")
	at("1", "2.1", "L09 chapter-excluded /Placement/Norm/Chapter")
	// Several are looked at one by one, and a range hides what is in it.
	at("1", "4, 6")
	at("1", "4, 5", "L09 chapter-excluded /Placement/Norm/Chapter")
	at("1", "4 и 9", "L09 chapter-excluded /Placement/Norm/Chapter")
	at("2; 4", "6", "L09 section-excluded /Placement/Norm/Section")
	at("1", "4-6", "L09 chapter-notation /Placement/Norm/Chapter")
	// Another notation does not lead past the rule.
	at("I", "2", "L09 chapter-notation /Placement/Norm/Section")
	at("01", "2", "L09 chapter-notation /Placement/Norm/Section")
	at("1", "II", "L09 chapter-notation /Placement/Norm/Chapter")
	at("III", "V", "L09 chapter-notation /Placement/Norm/Section", "L09 chapter-notation /Placement/Norm/Chapter")
	runScenes(t, base, normRules, tests)
}

func TestChaptersOfOthers(t *testing.T) {
	runScenes(t, normPlacement(schema.TrafficDomestic, normOf(schema.NormContainer)), normRules, []sceneTest{
		{"chapter 12", func(s *scene) {}, nil},
		{"chapter 11", func(s *scene) { s.Placement.Norm.Chapter = "11" },
			[]string{"L09 container-chapter /Placement/Norm/Chapter"}},
	})
	runScenes(t, normPlacement(schema.TrafficInternational, normOf(schema.NormAnnex14)), Check, []sceneTest{
		{"point and chapter", func(s *scene) {}, nil},
		{"no point", func(s *scene) { s.Placement.Norm.Point = "" },
			[]string{"L08 data-missing /Placement/Norm"}},
		{"chapter 5 without its data", func(s *scene) { s.Placement.Norm.Chapter = "5" }, []string{
			"L08 data-missing /Placement/Norm", "L08 data-missing /Placement/Norm",
			"warning L08 data-foreign /Placement/Norm/Point", "L08 fasteners-missing /Placement/Fasteners"}},
		{"chapter V", func(s *scene) { s.Placement.Norm.Chapter = "V" },
			[]string{"L09 chapter-notation /Placement/Norm/Chapter"}},
		{"chapter 5.1", func(s *scene) { s.Placement.Norm.Chapter = "5.1" },
			[]string{"L09 chapter-notation /Placement/Norm/Chapter"}},
		{"chapter 5 behind another", func(s *scene) { s.Placement.Norm.Chapter = "4, 5" },
			[]string{"L09 chapter-notation /Placement/Norm/Chapter"}},
		{"two chapters", func(s *scene) { s.Placement.Norm.Chapter = "4, 6" }, nil},
	})
	five := schema.Norm{Type: "annex14", Chapter: "5", Number: "7", Date: "2026-03-05"}
	runScenes(t, normPlacement(schema.TrafficInternational, five), Check, []sceneTest{
		{"sketch and fasteners", func(s *scene) {}, nil},
		{"no fasteners", func(s *scene) { s.Placement.Fasteners = nil },
			[]string{"L08 fasteners-missing /Placement/Fasteners"}},
		{"no sketch", func(s *scene) { s.Placement.Norm.Number = "" }, []string{"L08 data-missing /Placement/Norm"}},
	})
}

// Liquid cargo and Приложение 14.1 carry no data.
func TestWithoutData(t *testing.T) {
	for traffic, kind := range map[string]string{"domestic": "liquid", "international": "annex14-1"} {
		runScenes(t, normPlacement(traffic, normOf(kind)), Check, []sceneTest{
			{kind, func(s *scene) {}, nil},
			{kind + " with fasteners", func(s *scene) {
				s.Placement.Fasteners = []schema.Fastener{{Name: "упор", Quantity: 4}}
			}, []string{"warning L08 data-foreign /Placement/Fasteners"}},
			{kind + " with a chapter", func(s *scene) { s.Placement.Norm.Chapter = "3" },
				[]string{"warning L08 data-foreign /Placement/Norm/Chapter"}},
		})
	}
}

func TestTankByTU(t *testing.T) {
	const path = "L09 tank-by-tu /Placement/Wagon"
	tank := func(s *scene) {
		s.Placement.Wagons = []schema.Wagon{{Number: "63498000"}, {Number: "73121400"}}
		s.Case.Consignment.Wagons = []string{"63498000", "73121400"}
	}
	runScenes(t, goodPlacement, tankByTU, []sceneTest{
		{"gondola", func(s *scene) {}, nil},
		{"by its number", tank, []string{path + "[2]/@number"}},
		{"by ЭД №1", func(s *scene) { s.Case.Consignment.WagonKinds = map[string]string{"63498000": "цс"} }, []string{path + "/@number"}},
		{"by ЭД №1 in full", func(s *scene) { s.Case.Consignment.WagonKinds = map[string]string{"63498000": "Цистерна"} }, []string{path + "/@number"}},
		{"ЭД №1 prevails", func(s *scene) {
			tank(s)
			s.Case.Consignment.WagonKinds = map[string]string{"73121400": "ПЛ"}
		}, nil},
		{"liquid", func(s *scene) {
			tank(s)
			s.Placement.Norm, s.Placement.Fasteners = schema.Norm{Type: "liquid"}, nil
		}, nil},
	})
}

func TestFastenersComplete(t *testing.T) {
	const path = "/Placement/Fasteners/Fastener"
	list := func(f ...schema.Fastener) func(*scene) { return func(s *scene) { s.Placement.Fasteners = f } }
	runScenes(t, goodPlacement, fastenersComplete, []sceneTest{
		{"inland", func(s *scene) {}, nil},
		{"none", list(), nil}, // where none are needed
		{"tie without strands", list(schema.Fastener{Name: "Растяжка", Quantity: 4}), []string{"L08 strands-missing " + path + "/@strands"}},
		{"binding without strands", list(schema.Fastener{Name: "обвязка проволочная", Quantity: 2}),
			[]string{"L08 strands-missing " + path + "/@strands"}},
		{"second of two", list(schema.Fastener{Name: "растяжки", Quantity: 4, Strands: 6}, schema.Fastener{Name: "увязка", Quantity: 2}),
			[]string{"L08 strands-missing " + path + "[2]/@strands"}},
		{"of chain", list(schema.Fastener{Name: "растяжка цепная", Quantity: 4}), nil},
		// Made of wire, and without strands.
		{"nails and clamps", list(schema.Fastener{Name: "гвоздь проволочный", Quantity: 40},
			schema.Fastener{Name: "скоба из проволоки", Quantity: 8}), nil},
		{"tie with nails", list(schema.Fastener{Name: "растяжка из проволоки с гвоздями", Quantity: 4}),
			[]string{"L08 strands-missing " + path + "/@strands"}},
		{"bar without size", list(schema.Fastener{Name: "брусок", Quantity: 4}), nil},
		{"tie without diameter", list(schema.Fastener{Name: "растяжка", Quantity: 4, Strands: 6}), nil},
	})
	for _, traffic := range []string{schema.TrafficInternational, schema.TrafficKaliningrad} {
		runScenes(t, normPlacement(traffic, normOf(schema.NormNTU)), fastenersComplete, []sceneTest{
			{"complete", func(s *scene) {}, nil},
			{"wire says nothing", list(schema.Fastener{Name: "растяжка", Quantity: 4}),
				[]string{"L08 strands-missing " + path + "/@strands", "L08 diameter-missing " + path + "/@diameter"}},
			{"wire without diameter", list(schema.Fastener{Name: "скрутка из проволоки", Quantity: 4, Strands: 2}),
				[]string{"L08 diameter-missing " + path + "/@diameter"}},
			{"bar without size", list(schema.Fastener{Name: "Упорный брусок", Quantity: 4}), []string{"L08 size-missing " + path + "/@size"}},
			{"stake", list(schema.Fastener{Name: "стойка", Quantity: 4}), nil},
		})
	}
}

func TestJibMark(t *testing.T) {
	const missing = "warning L08 jib-missing /Placement/Fasteners/@jib"
	cargo := func(name string) func(*scene) {
		return func(s *scene) { s.Case.Consignment.Cargo = []string{"Ящики", name} }
	}
	runScenes(t, goodPlacement, jibMark, []sceneTest{
		{"timber", cargo("Пиломатериалы"), nil},
		{"excavator", cargo("Экскаватор ЭО-3322"), []string{missing}},
		{"excavator with the mark", func(s *scene) {
			cargo("Экскаваторы")(s)
			s.Placement.Jib = true
		}, nil},
		{"crane on wheels", cargo("Кран автомобильный КС-3577"), []string{missing}},
		{"crane on tracks", cargo("Краны на гусеничном ходу"), []string{missing}},
		{"truck crane", cargo("АВТОКРАН"), []string{missing}},
		// A crane of another sort, or a part of one, does not swing.
		{"valve", cargo("Кран шаровой"), nil},
		{"bucket", cargo("Ковш экскаватора"), nil},
		{"parts", cargo("Запчасти к экскаваторам"), nil},
		{"screen", cargo("Экраны стрелковые"), nil},
		{"agreed to be an error", func(s *scene) {
			cargo("Экскаватор")(s)
			s.Case.Organisation.Agreement.Norms = register.NormSwitches{register.NormsJib: true}
		}, []string{"L08 jib-missing /Placement/Fasteners/@jib"}},
		{"by МТУ", func(s *scene) {
			cargo("Экскаватор")(s)
			s.Placement.Norm = normOf(schema.NormMTU)
		}, []string{missing}},
		{"in a container", func(s *scene) {
			cargo("Экскаватор")(s)
			s.Placement.Norm, s.Placement.Fasteners = normOf(schema.NormContainer), nil
		}, nil},
	})
	abroad := normPlacement(schema.TrafficInternational, normOf(schema.NormNTU))
	runScenes(t, abroad, jibMark, []sceneTest{{"international", cargo("Экскаватор"), nil}})
}
