package legitimacy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	"asugate/register"
	"asugate/schema"
)

// registered is a register of norms for these tests; the day of the work is 2026-11-21.
var registered = pki.Must(register.ReadNorms([]byte(`
norms:
- {type: mtu, number: 12, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, reconciled: agrees,
   schemes: [{number: 1, fasteners: [{name: Растяжка, quantity: 4, strands: 6, diameter: 6}, {name: брусок, quantity: 8, size: 50×100×2700}]}]}
- {type: mtu, number: 12/34, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, schemes: [
    {number: 1, fasteners: [{name: стойка, quantity: 4}]},
    {number: 2, fasteners: [{name: брусок, quantity: 8, size: 50x100x2700}, {name: растяжка, quantity: 4, strands: 6, diameter: 6}]}]}
- {type: mtu, number: 13, approved: 2024-03-05, consignor: {inn: 7707083893}, extract: 2024-03-06}
- {type: mtu, number: 14, approved: 2024-03-05, consignor: {okpo: 00083262}, extract: 2024-03-06}
- {type: mtu, number: 15, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, cancelled: 2026-11-21}
- {type: mtu, number: 16, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, cancelled: 2026-11-22}
- {type: mtu, number: 17, approved: 2019-11-20, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: mtu, number: 18, approved: 2019-11-21, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: mtu, number: 19, approved: 2019-11-20, extended: {from: 2026-11-21, to: 2027-01-01}, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: mtu, number: 20, approved: 2026-10-01, from: 2026-11-22, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: mtu, number: 21, approved: 2026-11-10, consignor: {inn: 7708503727}}
- {type: mtu, number: 22, approved: 2026-11-19, consignor: {inn: 7708503727}}
- {type: mtu, number: 23, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, reconciled: differs}
- {type: mtu, number: 24р/25р, approved: 2024-03-05/2025-01-10, by_order: true, extract: 2024-03-06}
- {type: mtu, number: 26, approved: 2024-03-05, consignor: {inn: 7707083893}, extract: 2024-03-06, cancelled: 2025-01-01}
- {type: mtu, number: 26, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: mtu, number: 27, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, drawings: 3}
- {type: mtu, number: 28, approved: 2024-03-05, consignor: {inn: 7708503727}, drawings: 1, extract: 2024-03-06}
- {type: ntu, number: 12, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, stations: [98560],
   fasteners: [{name: растяжка, quantity: 4, strands: 6}, {name: брусок, quantity: 8}]}
- {type: ntu, number: 13, approved: 2024-03-05, consignor: {inn: 7708503727}, extract: 2024-03-06, stations: [850609]}
- {type: ntu, number: 14, approved: 2021-11-20, consignor: {inn: 7708503727}, extract: 2024-03-06}
- {type: ntu, number: 15, approved: 2021-11-21, consignor: {inn: 7708503727}, extract: 2024-03-06}
`)))

// cited is an ЭД №2 by МТУ or НТУ in a class of traffic, with the register in force.
func cited(traffic, kind, number, date string) func() *scene {
	base := normPlacement(traffic, schema.Norm{Type: kind, Number: number, Date: date})
	return func() *scene {
		s := base()
		s.Case.Norms = registered
		return s
	}
}

const (
	atNorm   = " /Placement/Norm/Number"
	atScheme = " /Placement/Norm/Scheme"
	atList   = " /Placement/Fasteners"
)

func strictly(names ...string) func(*scene) {
	return func(s *scene) {
		s.Case.Organisation.Agreement.Norms = register.NormSwitches{}
		for _, name := range names {
			s.Case.Organisation.Agreement.Norms[name] = true
		}
	}
}

func good(*scene) {}

func TestRegisteredNorm(t *testing.T) {
	const day = "2024-03-05"
	for _, c := range []struct {
		kind, number, date string
		change             func(*scene)
		want               []string
	}{
		{"mtu", "12", day, good, nil},
		{"mtu", "№ 12", day, good, nil},
		{"mtu", "12/34", day, good, nil}, // the second of its schemes
		{"mtu", "34/12", day, good, []string{"warning L10 norm-unknown" + atNorm}},
		{"mtu", "99", day, good, []string{"warning L10 norm-unknown" + atNorm}},
		{"mtu", "99", day, strictly("unknown"), []string{"L10 norm-unknown" + atNorm}},
		{"mtu", "99", day, strictly("extract"), []string{"warning L10 norm-unknown" + atNorm}},
		{"mtu", "99", day, strictly("all"), []string{"L10 norm-unknown" + atNorm}},
		{"mtu", "12", "2024-03-06", good, []string{"warning L10 norm-date-differs /Placement/Norm/Date"}},
		{"mtu", "12", "2024-03-06", strictly("unknown"), []string{"L10 norm-date-differs /Placement/Norm/Date"}},
		{"mtu", "12", day, func(s *scene) { s.Case.Norms = &register.Norms{} }, []string{"warning L10 norms-empty /Placement/Norm"}},
		{"mtu", "12", day, func(s *scene) { s.Case.Norms = nil }, []string{"warning L10 norms-empty /Placement/Norm"}},
		{"mtu", "12", day, func(s *scene) {
			strictly("unknown")(s)
			s.Case.Norms = nil
		}, []string{"L10 norms-empty /Placement/Norm"}},

		{"mtu", "13", day, good, []string{"L10 norm-other-consignor" + atNorm}},
		{"mtu", "14", day, good, []string{"warning L10 consignor-not-compared" + atNorm}},
		{"mtu", "14", day, strictly("consignor"), []string{"L10 consignor-not-compared" + atNorm}},
		{"mtu", "14", day, func(s *scene) { s.Case.Organisation.OKPO = "00083262" }, nil},
		{"mtu", "14", day, func(s *scene) { s.Case.Organisation.OKPO = "11111112" }, []string{"L10 norm-other-consignor" + atNorm}},
		// Another's document of the same number and date is not meant, even a cancelled one.
		{"mtu", "26", day, good, nil},
		{"mtu", "24р/25р", "2024-03-05/2025-01-10", good, nil},
		{"mtu", "24р/25р", "2024-03-05", good, []string{"warning L10 norm-date-differs /Placement/Norm/Date"}},

		// By the day of the work, 2026-11-21, and not by today's.
		{"mtu", "15", day, good, []string{"L10 norm-cancelled" + atNorm}},
		{"mtu", "16", day, good, nil},
		{"mtu", "17", "2019-11-20", good, []string{"L10 norm-expired" + atNorm}},
		{"mtu", "18", "2019-11-21", good, nil},
		{"mtu", "18", "2019-11-21", func(s *scene) { s.Placement.WorkDate = schema.Date{Year: 2026, Month: 11, Day: 22} },
			[]string{"L10 norm-expired" + atNorm}},
		{"mtu", "19", "2019-11-20", good, nil},
		{"mtu", "20", "2026-10-01", good, []string{"L10 norm-not-yet" + atNorm}},
		{"ntu", "14", "2021-11-20", good, []string{"L10 norm-expired" + atNorm}},
		{"ntu", "15", "2021-11-21", good, nil},

		// Approved on the 10th, due on the 13th: late. Approved on the 19th: it may still come.
		{"mtu", "21", "2026-11-10", good, []string{"warning L10 no-extract" + atNorm}},
		{"mtu", "21", "2026-11-10", strictly("extract"), []string{"L10 no-extract" + atNorm}},
		{"mtu", "22", "2026-11-19", strictly("extract"), []string{"warning L10 no-extract" + atNorm}},
		{"mtu", "23", day, good, []string{"warning L10 reconciliation-negative" + atNorm}},
		{"mtu", "23", day, strictly("reconciliation"), []string{"L10 reconciliation-negative" + atNorm}},

		{"ntu", "12", day, good, nil},
		{"ntu", "13", day, good, []string{"warning L10 norm-other-station" + atNorm}},
		{"ntu", "13", day, strictly("station"), []string{"L10 norm-other-station" + atNorm}},
		{"mtu", "12", day, func(s *scene) { s.Placement.Fasteners[0].Quantity = 5 }, []string{"warning L10 fasteners-differ" + atList}},
		{"mtu", "12", day, func(s *scene) {
			strictly("fasteners")(s)
			s.Placement.Fasteners = s.Placement.Fasteners[:1]
		}, []string{"L10 fasteners-differ" + atList}},
		{"mtu", "12", day, func(s *scene) { s.Placement.Fasteners[0].Strands = 4 }, []string{"warning L10 fasteners-differ" + atList}},
		{"ntu", "12", day, func(s *scene) { s.Placement.Fasteners[1].Name = "упор" }, []string{"warning L10 fasteners-differ" + atList}},
		{"mtu", "28", day, good, nil}, // the выписка lists none
	} {
		name := c.kind + " " + c.number + " of " + c.date
		runScenes(t, cited(schema.TrafficDomestic, c.kind, c.number, c.date), registeredNorm, []sceneTest{{name, c.change, c.want}})
	}
}

// In international traffic the scheme is named where there are several (288 сноска 7).
func TestSchemes(t *testing.T) {
	scheme := func(number string) func(*scene) { return func(s *scene) { s.Placement.Norm.Scheme = number } }
	for _, traffic := range []string{schema.TrafficInternational, schema.TrafficKaliningrad} {
		runScenes(t, cited(traffic, "mtu", "12", "2024-03-05"), registeredNorm, []sceneTest{
			{"one, not named", good, nil},
			{"one, named", scheme("1"), []string{"warning L10 scheme-not-expected" + atScheme}},
			{"one, named, agreed to be an error", func(s *scene) {
				strictly("scheme")(s)
				s.Placement.Norm.Scheme = "1"
			}, []string{"L10 scheme-not-expected" + atScheme}},
			{"diameter of another", func(s *scene) { s.Placement.Fasteners[0].Diameter = "5" }, []string{"warning L10 fasteners-differ" + atList}},
			{"diameter in full", func(s *scene) { s.Placement.Fasteners[0].Diameter = "6.0" }, nil},
			{"size of another", func(s *scene) { s.Placement.Fasteners[1].Size = "50x100x2800" }, []string{"warning L10 fasteners-differ" + atList}},
		})
		runScenes(t, cited(traffic, "mtu", "12/34", "2024-03-05"), registeredNorm, []sceneTest{
			{"several, not named", good, []string{"L10 scheme-missing" + atScheme}},
			{"its own", scheme("2"), nil},
			{"its own, with the sign", scheme("№ 2"), nil},
			{"fasteners of another", scheme("1"), []string{"warning L10 fasteners-differ" + atList}},
			{"unknown", scheme("3"), []string{"warning L10 scheme-unknown" + atScheme}},
			{"unknown, agreed to be an error", func(s *scene) {
				strictly("scheme")(s)
				s.Placement.Norm.Scheme = "3"
			}, []string{"L10 scheme-unknown" + atScheme}},
		})
		// How many there are the registration says, before the выписка names them.
		runScenes(t, cited(traffic, "mtu", "27", "2024-03-05"), registeredNorm, []sceneTest{
			{"three drawings, not named", good, []string{"L10 scheme-missing" + atScheme}},
			{"three drawings, named", scheme("3"), nil},
		})
		runScenes(t, cited(traffic, "ntu", "12", "2024-03-05"), registeredNorm, []sceneTest{{"НТУ", good, nil}})
	}
}

// What a finding shows: the nearest documents, the day, the two lists.
func TestNormFindingsShow(t *testing.T) {
	for _, c := range []struct {
		number, date, expected, actual string
	}{
		{"12", "2024-03-07", "12 от 2024-03-05", "12 от 2024-03-07"},
		{"99", "2024-03-05", "", "99 от 2024-03-05"},
		{"24р", "2024-03-05", "24р/25р от 2024-03-05/2025-01-10", "24р от 2024-03-05"},
		{"13", "2024-03-05", "7707083893", "7708503727"},
		{"17", "2019-11-20", "2026-11-20", "2026-11-21"},
		{"21", "2026-11-10", "2026-11-13", "21 от 2026-11-10"},
	} {
		got := registeredNorm(cited(schema.TrafficDomestic, "mtu", c.number, c.date)().build(t))
		if len(got) != 1 || got[0].Expected != c.expected || got[0].Actual != c.actual {
			t.Errorf("%s of %s: got %+v", c.number, c.date, got)
		}
	}
	s := cited(schema.TrafficDomestic, "mtu", "12/34", "2024-03-05")()
	s.Placement.Fasteners = []schema.Fastener{{Name: "упор", Quantity: 2}}
	got := registeredNorm(s.build(t))
	want := "схема 1: стойка 4; схема 2: брусок 8 (50x100x2700), растяжка 4/6 (6)"
	if len(got) != 1 || got[0].Expected != want || got[0].Actual != "упор 2" {
		t.Errorf("got %+v", got)
	}
}

func TestSameFasteners(t *testing.T) {
	tie := schema.Fastener{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"}
	for _, c := range []struct {
		name string
		a, b []schema.Fastener
		want bool
	}{
		{"both empty", nil, nil, true},
		{"one empty", []schema.Fastener{tie}, nil, false},
		{"name in other letters", []schema.Fastener{tie}, []schema.Fastener{{Name: " РАСТЯЖКА ", Quantity: 4}}, true},
		{"twice is not once", []schema.Fastener{tie, tie}, []schema.Fastener{tie, {Name: "упор", Quantity: 4}}, false},
		{"measures", []schema.Fastener{{Name: "брусок", Quantity: 1, Size: "50х100х2700"}},
			[]schema.Fastener{{Name: "брусок", Quantity: 1, Size: "50 × 100 × 2700 мм"}}, true},
	} {
		if sameFasteners(c.a, c.b) != c.want || sameFasteners(c.b, c.a) != c.want {
			t.Errorf("%s: want %v both ways", c.name, c.want)
		}
	}
}

// The words of every finding of МТУ and НТУ stand in three languages with what they are about.
func TestNormFindingsSpeak(t *testing.T) {
	found := registeredNorm(cited(schema.TrafficDomestic, "mtu", "17", "2019-11-20")().build(t))
	for language, want := range map[string]string{
		"ru": "Срок действия документа: по 2026-11-20; день работ — 2026-11-21.",
		"uk": "Строк дії документа: по 2026-11-20; день робіт — 2026-11-21.",
		"en": "The document was in force until 2026-11-20; the work was done on 2026-11-21.",
	} {
		if diff := cmp.Diff(want, found[0].ITS(language)); diff != "" || !strings.Contains(found[0].Clause, "2835р") {
			t.Errorf("%s: %s\n%s", language, found[0].Clause, diff)
		}
	}
}
