package schema

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/xmltree"
)

var dataOfExample = regexp.MustCompile(`(?s)<Traffic>.*</Fasteners>`)

// withData is the example of ЭД №2 with other elements Traffic, Norm and Fasteners.
func withData(t *testing.T, data string) []byte {
	t.Helper()
	text := string(readFile(t, "placement.xml"))
	changed := dataOfExample.ReplaceAllLiteralString(text, data)
	if changed == text {
		t.Fatal("nothing was changed")
	}
	return []byte(changed)
}

// Every field of the data is read, for each kind of norm document.
func TestReadPlacementData(t *testing.T) {
	cases := []struct {
		name, data string
		want       Placement
	}{
		{"crane by ТУ", `<Traffic>domestic</Traffic><Norm type="tu"><Figure>5</Figure><Chapter>2</Chapter><Section>1</Section></Norm>` +
			`<Fasteners jib="true"><Fastener name="растяжка" quantity="8" strands="4"/></Fasteners>`,
			Placement{Traffic: TrafficDomestic, Norm: Norm{Type: NormTU, Figure: "5", Chapter: "2", Section: "1"},
				Fasteners: []Fastener{{Name: "растяжка", Quantity: 8, Strands: 4}}, Jib: true}},
		{"liquid, no list at all", `<Traffic>domestic</Traffic><Norm type="liquid"/>`,
			Placement{Traffic: TrafficDomestic, Norm: Norm{Type: NormLiquid}}},
		{"МТУ changed by order", `<Traffic>kaliningrad</Traffic><Norm type="mtu"><Number> 12/34 </Number><Date>2020-02-01/2020-06-05</Date>` +
			`<Scheme>3</Scheme></Norm><Fasteners jib="0"><Fastener name="брусок" quantity="8" size="50x100x2700"/>` +
			`<Fastener name="растяжка" quantity="4" strands="6" diameter="6.5"/></Fasteners>`,
			Placement{Traffic: TrafficKaliningrad,
				Norm: Norm{Type: NormMTU, Number: "12/34", Date: "2020-02-01/2020-06-05", Scheme: "3"},
				Fasteners: []Fastener{{Name: "брусок", Quantity: 8, Size: "50x100x2700"},
					{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6.5"}}}},
		{"Приложение 14", `<Traffic>international</Traffic><Norm type="annex14"><Point>2.1</Point><Chapter>3</Chapter></Norm>`,
			Placement{Traffic: TrafficInternational, Norm: Norm{Type: NormAnnex14, Point: "2.1", Chapter: "3"}}},
		{"МСК", `<Traffic>international</Traffic><Norm type="msk"><Number>2</Number><Date>2023-11-30</Date>` +
			`<ApprovedBy>начальником станции</ApprovedBy></Norm><Fasteners/>`,
			Placement{Traffic: TrafficInternational,
				Norm: Norm{Type: NormMSK, Number: "2", Date: "2023-11-30", ApprovedBy: "начальником станции"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, findings := parse(rootOf(t, withData(t, c.data)), moscow)
			if !d.Valid() {
				t.Fatal(findings)
			}
			got := d.Placement()
			if diff := cmp.Diff(c.want, Placement{Traffic: got.Traffic, Norm: got.Norm, Fasteners: got.Fasteners, Jib: got.Jib}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func treeOf(t *testing.T, document []byte) *xmltree.Tree {
	t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// What the schema or the calendar does not allow is named by its place.
func TestReadPlacementRefuses(t *testing.T) {
	fastener := func(attributes string) string {
		return `<Traffic>domestic</Traffic><Norm type="tu"/><Fasteners><Fastener name="а" quantity="1" ` + attributes + `/></Fasteners>`
	}
	norm := func(fields string) string {
		return `<Traffic>domestic</Traffic><Norm type="mtu">` + fields + `</Norm>`
	}
	cases := []struct{ name, data, reason, path string }{
		{"no such day", norm(`<Date>2025-02-30</Date>`), "bad-value", "/Placement/Norm/Date"},
		{"no such day after the stroke", norm(`<Date>2025-02-01/2025-13-01</Date>`), "bad-value", "/Placement/Norm/Date"},
		{"three days", norm(`<Date>2025-02-01/2025-03-01/2025-04-01</Date>`), "pattern", "/Placement/Norm/Date"},
		{"Russian day", norm(`<Date>01.02.2025</Date>`), "pattern", "/Placement/Norm/Date"},
		{"empty number", norm(`<Number/>`), "min-length", "/Placement/Norm/Number"},
		{"fields in another order", norm(`<Date>2025-02-01</Date><Number>1</Number>`), "unexpected-element", "/Placement/Norm/Number"},
		{"unknown field", norm(`<Gauge>1Т</Gauge>`), "unexpected-element", "/Placement/Norm/Gauge"},
		{"diameter with unit", fastener(`diameter="6 мм"`), "pattern", "/Placement/Fasteners/Fastener/@diameter"},
		{"one size", fastener(`size="50"`), "pattern", "/Placement/Fasteners/Fastener/@size"},
		{"no strands", fastener(`strands="0"`), "min-inclusive", "/Placement/Fasteners/Fastener/@strands"},
		{"traffic", `<Traffic>inland</Traffic><Norm type="tu"/>`, "enumeration", "/Placement/Traffic"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, findings := parse(rootOf(t, withData(t, c.data)), moscow)
			if d.Valid() || len(findings) == 0 {
				t.Fatalf("it is read: %v", findings)
			}
			if f := findings[0]; f.Code != "A01" || f.Reason != c.reason || f.Path != c.path {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// ReadPlacement takes a document without its text, and nothing else that is incomplete.
func TestReadPlacementWithoutText(t *testing.T) {
	text := string(readFile(t, "placement.xml"))
	bare := regexp.MustCompile(`(?s)<Text>.*</Text>`).ReplaceAllString(text, "")
	p, findings := ReadPlacement(treeOf(t, []byte(bare)), moscow)
	if p == nil || p.Text != "" || p.Performer.Name != "Иванов Иван Иванович" {
		t.Errorf("got %+v, %v", p, findings)
	}
	if p, findings = ReadPlacement(treeOf(t, []byte(text)), moscow); p == nil || p.Text == "" {
		t.Errorf("got %+v, %v", p, findings)
	}
	for name, document := range map[string]string{
		"no day of the work":   strings.Replace(bare, "<WorkDate>2026-11-21</WorkDate>", "", 1),
		"no performer, either": regexp.MustCompile(`(?s)<Performer.*</Performer>`).ReplaceAllString(bare, ""),
		"another kind":         string(readFile(t, "waybill.xml")),
		"no such day":          strings.Replace(bare, "2026-11-21", "2026-11-31", 1),
	} {
		if p, findings := ReadPlacement(treeOf(t, []byte(document)), moscow); p != nil || len(findings) == 0 {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// Dates are the days of a date, a fraction of two included.
func TestNormDates(t *testing.T) {
	for date, want := range map[string][]Date{
		"":                      nil,
		"2020-02-01":            {{2020, 2, 1}},
		"2020-02-01/2020-06-05": {{2020, 2, 1}, {2020, 6, 5}},
		"2020-02-30/2020-06-05": {{2020, 6, 5}},
	} {
		if diff := cmp.Diff(want, Norm{Date: date}.Dates()); diff != "" {
			t.Errorf("%s: %s", date, diff)
		}
	}
}
