package register

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"asugate/calendar"
	"asugate/internal/pki"
	"asugate/schema"
	"asugate/store"
)

func normsExample(t testing.TB) []byte {
	t.Helper()
	file, err := os.ReadFile("../conf/norms.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// importNorms puts a file in force and returns what is compiled from it.
func importNorms(t testing.TB, file string) *Norms {
	t.Helper()
	f, err := readNorms([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return pki.Must(compileNorms(f, NormsVersion{}))
}

func normDay(s string) schema.Date { return pki.Must(schema.ParseDate(s)) }

func TestNormsExample(t *testing.T) {
	r, s := openRegister(t, startClock())
	version, count, err := r.ImportNorms(normsExample(t), "operator")
	if err != nil || version != 1 || count != 3 {
		t.Fatalf("got version %d, %d norms, %v", version, count, err)
	}
	view(t, s, func(tx store.Reader) {
		n, err := r.Norms(tx)
		if err != nil {
			t.Fatal(err)
		}
		if n.Version != 1 || n.By != "operator" || !n.Imported.Equal(start) {
			t.Errorf("got %d by %s at %v", n.Version, n.By, n.Imported)
		}
		want := []NormDocument{{
			Type: "mtu", Number: "12/34", Approved: []schema.Date{normDay("2024-03-05")},
			Consignor: schema.OrgID{INN: "7708503727", OKPO: "00083262"}, Name: "АО «Грузоотправитель»",
			Terms: []Term{{normDay("2024-03-05"), normDay("2031-03-05")}},
			Cargo: "пиломатериалы в пакетах", RollingStock: "платформа 13-401", Drawings: 2,
			Extract: normDay("2024-03-06"), Reconciled: ReconciledAgrees,
			Schemes: []NormScheme{{"1", []schema.Fastener{
				{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"},
				{Name: "брусок", Quantity: 8, Size: "100x100x2700"},
			}}, {"2", []schema.Fastener{{Name: "растяжка", Quantity: 8, Strands: 4, Diameter: "6"}}}},
		}, {
			Type: "mtu", Number: "1450р/812р", ByOrder: true,
			Approved: []schema.Date{normDay("2021-06-15"), normDay("2025-04-02")},
			Terms:    []Term{{normDay("2025-04-02"), normDay("2028-06-15")}}, Extract: normDay("2025-04-03"),
		}, {
			Type: "ntu", Number: "7", Approved: []schema.Date{normDay("2025-02-10")},
			Consignor: schema.OrgID{INN: "7708503727"}, Terms: []Term{{normDay("2025-02-10"), normDay("2030-02-10")}},
			Stations: []string{"985609"}, Gauge: "зональный", Extract: normDay("2025-02-11"),
			Schemes: []NormScheme{{"", []schema.Fastener{{Name: "растяжка", Quantity: 4, Strands: 8, Diameter: "6"}}}},
		}}
		if diff := cmp.Diff(want, n.Documents, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		again, err := r.NormsOf(tx, 1)
		if err != nil || again != n {
			t.Errorf("version 1 is compiled again: %v", err)
		}
	})
}

func TestNormsVersions(t *testing.T) {
	clock := startClock()
	r, s := openRegister(t, clock)
	view(t, s, func(tx store.Reader) {
		n, err := r.Norms(tx)
		if err != nil || n.Version != 0 || len(n.Documents) != 0 || r.NormsVersion(tx) != 0 {
			t.Errorf("empty: got %+v, %v", n, err)
		}
		if n, err := r.NormsOf(tx, 0); err != nil || n.Version != 0 {
			t.Errorf("version 0: got %+v, %v", n, err)
		}
		if _, err := r.NormsOf(tx, 1); !errors.Is(err, ErrNoVersion) {
			t.Errorf("version 1: got %v", err)
		}
	})
	one := "norms:\n- {type: mtu, number: 1, approved: 2024-01-10, by_order: true}\n"
	for i, c := range []struct {
		file string
		want int
	}{
		{string(normsExample(t)), 1},
		{"# the same, said otherwise\n" + string(normsExample(t)), 1},
		{one, 2},
		{"norms: []\n", 3},
	} {
		clock.now = start.Add(time.Duration(i) * time.Hour)
		if got, _, err := r.ImportNorms([]byte(c.file), "cli"); err != nil || got != c.want {
			t.Errorf("import %d: version %d, %v", i, got, err)
		}
	}
	view(t, s, func(tx store.Reader) {
		for at, want := range map[time.Duration]int{-time.Hour: 0, 0: 1, time.Hour: 1, 2 * time.Hour: 2, 9 * time.Hour: 3} {
			n, err := r.NormsAt(tx, start.Add(at))
			if err != nil || n.Version != want {
				t.Errorf("at %v: version %d, %v; want %d", at, n.Version, err, want)
			}
		}
		versions, err := r.NormsVersions(tx, 2)
		if err != nil || len(versions) != 2 || versions[0].Version != 3 || versions[1].Norms != 1 {
			t.Errorf("got %+v, %v", versions, err)
		}
	})
}

// What is exported says what was imported, whatever the number of portions in which it is read.
func TestNormsExportRoundTrip(t *testing.T) {
	many := strings.Builder{}
	many.WriteString("days_off: [2026-11-04]\nworking_days: [2026-11-07]\nnorms:\n")
	for i := range 3*normsPortion + 1 {
		fmt.Fprintf(&many, "  - type: ntu # %d\n    number: %d\n    approved: 2024-01-10\n\n    consignor: {inn: 7708503727}\n", i, i)
	}
	for _, file := range []string{string(normsExample(t)), many.String(), "norms: []\n", "norms:\n"} {
		f, err := readNorms([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		written, err := writeNorms(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readNorms(written)
		if err != nil {
			t.Fatalf("%v\n%.2000s", err, written)
		}
		if diff := cmp.Diff(f, again, cmp.AllowUnexported(normsFile{}), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
	f := pki.Must(readNorms([]byte(many.String())))
	if len(f.Norms) != 3*normsPortion+1 || f.Norms[3*normsPortion].Number != "768" {
		t.Errorf("got %d norms", len(f.Norms))
	}
}

// goodNorms is a file that is right; the mistakes of the next test are put into it.
const goodNorms = `# norms
days_off: [2026-11-04]
norms:
    # the first
  - type: mtu
    number: 12
    approved: 2024-03-05
    consignor: {inn: 7708503727}
    schemes:
      - number: 1
        fasteners:
          - {name: растяжка, quantity: 4}

  - type: ntu
    number: 12
    approved: 2024-03-05
    consignor: {okpo: 00083262}
    fasteners: []
working_days: [2026-11-07]
`

func TestBadNorms(t *testing.T) {
	if _, err := readNorms([]byte(goodNorms)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		old, new string
		want     string
	}{
		{"unknown key", "number: 12\n", "number: 12\n    colour: red\n", `line 7, column 5: unknown field "colour"`},
		{"key twice", "    approved", "    type: mtu\n    approved", `already defined`},
		{"no value", "number: 12\n", "number:\n", "line 6"},
		{"alias", "number: 12\n", "number: &x 12\n", "anchors and aliases"},
		{"unknown key of the file", "# norms", "colour: red", `line 1, column 1: unknown field "colour"`},
		{"list twice", "working_days: [2026-11-07]", "norms: []", "line 19: norms is there twice"},
		{"flow list", "norms:\n", "norms: [{}]\n", "line 3: norms are listed one below the other"},
		{"no hyphen", "  - type: mtu\n", "    type: mtu\n", "line 5: an entry of norms begins with a hyphen"},
		{"type", "type: mtu", "type: tu", `line 5, column 11: norms[0].type: "tu" is not one of [mtu ntu]`},
		{"number", "    number: 12\n    approved: 2024-03-05\n    consignor: {okpo: 00083262}\n", "    approved: 2024-03-05\n    consignor: {okpo: 00083262}\n",
			"norms[1].number: this is missing"},
		{"approval", "approved: 2024-03-05\n    consignor: {inn", "approved: 05.03.2024\n    consignor: {inn", "norms[0].approved: the approval is a day"},
		{"no approval", "    approved: 2024-03-05\n    consignor: {inn", "    consignor: {inn", "norms[0].approved: the approval is a day"},
		{"two days", "approved: 2024-03-05\n    consignor: {inn", "approved: 2024-03-05/2025-01-02\n    consignor: {inn", "two days are of МТУ by order"},
		{"consignor", "consignor: {inn: 7708503727}", "cargo: лес", "norms[0].consignor: the consignor is missing"},
		{"check digit", "inn: 7708503727", "inn: 7708503728", "the check digit of 7708503728 is wrong"},
		{"consignor of an order", "consignor: {inn: 7708503727}", "by_order: true\n    consignor: {inn: 7708503727}", "have no consignor"},
		{"НТУ by order", "consignor: {okpo: 00083262}", "by_order: true", "only МТУ are approved by order"},
		{"days reversed", "consignor: {inn", "from: 2026-01-01\n    to: 2025-01-01\n    consignor: {inn", "the last day is before the first"},
		{"extended", "consignor: {inn", "extended: {from: 2030-01-01}\n    consignor: {inn", "until when it is extended is missing"},
		{"cancelled", "consignor: {inn", "cancelled: yes\n    consignor: {inn", "norms[0].cancelled: a day is written"},
		{"reconciled without extract", "consignor: {inn", "reconciled: agrees\n    consignor: {inn", "no extract that could have been reconciled"},
		{"reconciled", "consignor: {inn", "extract: 2024-03-06\n    reconciled: ok\n    consignor: {inn", `"ok" is not one of [agrees differs]`},
		{"schemes of НТУ", "fasteners: []\n", "schemes: [{number: 1}]\n", "norms[1].schemes: НТУ have no schemes"},
		{"fasteners of МТУ", "    schemes:\n", "    fasteners: [{name: x, quantity: 1}]\n    schemes:\n", "listed by scheme"},
		{"too few drawings", "      - number: 1\n        fasteners:\n          - {name: растяжка, quantity: 4}\n",
			"      - number: 1\n      - number: 2\n    drawings: 1\n", "2 schemes, and 1 drawings only"},
		{"scheme twice", "      - number: 1\n", "      - number: № 1\n      - number: 1\n", "scheme 1 is there twice"},
		{"quantity", "quantity: 4", "quantity: 0", "norms[0].schemes[0].fasteners[0].quantity: a quantity is 1 to"},
		{"stations", "fasteners: []", "stations: [985608]", "norms[1].stations[0]: the check digit of 985608 is wrong"},
		{"day off", "[2026-11-04]", "[04.11.2026]", "line 2, column 12: days_off[0]: a day is written"},
		{"same again", "type: ntu\n    number: 12\n    approved: 2024-03-05\n    consignor: {okpo: 00083262}\n    fasteners: []",
			"type: mtu\n    number: № 12\n    approved: 2024-03-05\n    consignor: {inn: 7708503727}", "is there already, as norms[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(goodNorms, c.old, c.new, 1)
			if file == goodNorms {
				t.Fatalf("%q is not in the file", c.old)
			}
			_, err := readNorms([]byte(file))
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Problems of a later portion are told with the line and the place that they have in the file.
func TestBadNormsFarDown(t *testing.T) {
	var b strings.Builder
	b.WriteString("norms:\n")
	for i := range 700 {
		fmt.Fprintf(&b, "- type: mtu\n  number: %d\n  approved: 2024-01-10\n  by_order: true\n", i)
	}
	file := strings.Replace(b.String(), "number: 600\n", "number: 3\n", 1)
	file = strings.Replace(file, "number: 650\n", "number: 650\n  extract: x\n", 1)
	_, err := readNorms([]byte(file))
	want := "line 2402, column 7: norms[600]: mtu 3 of 2024-01-10 is there already, as norms[3]\n" +
		"line 2604, column 12: norms[650].extract: a day is written 2026-01-31"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	file = strings.Replace(b.String(), "number: 600\n", "number: [\n", 1)
	if _, err := readNorms([]byte(file)); err == nil || !strings.Contains(err.Error(), "line 240") {
		t.Errorf("got %v", err)
	}
}

func TestNormNumbers(t *testing.T) {
	n := importNorms(t, `norms:
- {type: mtu, number: 12, approved: 2024-01-10, by_order: true}
- {type: mtu, number: 12/34, approved: 2024-01-10, by_order: true}
- {type: mtu, number: 12/34, approved: 2024-01-10, consignor: {inn: 7708503727}}
- {type: mtu, number: № 7-ф/2, approved: 2024-01-10, by_order: true}
- {type: ntu, number: 12, approved: 2024-01-10, consignor: {inn: 7708503727}}
`)
	for _, c := range []struct {
		kind, number string
		want         int
	}{
		{"mtu", "12", 1}, {"ntu", "12", 1}, {"mtu", "12/34", 2}, {"mtu", "№ 12 / 34", 2}, {"mtu", "N12/34", 2},
		{"mtu", "34/12", 0}, {"mtu", "1/234", 0}, {"mtu", "1234", 0}, {"mtu", "34", 0}, {"mtu", "12/34/5", 0},
		{"ntu", "12/34", 0}, {"mtu", "7-Ф/2", 1}, {"mtu", "", 0},
	} {
		if got := len(n.Numbered(c.kind, c.number)); got != c.want {
			t.Errorf("%s %q: %d documents, want %d", c.kind, c.number, got, c.want)
		}
	}
	if got := n.Amended("mtu", "№ 12"); len(got) != 2 || got[0].Number != "12/34" {
		t.Errorf("amended: got %v", got)
	}
}

func TestNormTerms(t *testing.T) {
	for _, c := range []struct {
		name, entry string
		in, out     []string
	}{
		{"МТУ seven years", "{type: mtu, number: 1, approved: 2019-11-22, by_order: true}",
			[]string{"2019-11-22", "2026-11-22"}, []string{"2019-11-21", "2026-11-23"}},
		{"НТУ five years", "{type: ntu, number: 1, approved: 2019-11-22, consignor: {inn: 7708503727}}",
			[]string{"2019-11-22", "2024-11-22"}, []string{"2024-11-23"}},
		{"29 February", "{type: mtu, number: 1, approved: 2020-02-29, by_order: true}",
			[]string{"2027-02-28"}, []string{"2027-03-01"}},
		{"29 February, five years to no leap year", "{type: ntu, number: 1, approved: 2020-02-29, consignor: {inn: 7708503727}}",
			[]string{"2025-02-28"}, []string{"2025-03-01"}},
		{"explicit days beat", "{type: mtu, number: 1, approved: 2019-11-22, from: 2019-12-01, to: 2020-06-30, by_order: true}",
			[]string{"2019-12-01", "2020-06-30"}, []string{"2019-11-30", "2020-07-01"}},
		{"longer than seven years", "{type: mtu, number: 1, approved: 2019-11-22, to: 2030-01-01, by_order: true}",
			[]string{"2029-12-31"}, []string{"2030-01-02"}},
		{"extended", "{type: mtu, number: 1, approved: 2019-11-22, extended: {to: 2028-01-01}, by_order: true}",
			[]string{"2019-11-22", "2026-11-23", "2028-01-01"}, []string{"2028-01-02"}},
		// It was not in force in between, whenever we heard of the extension.
		{"extended after a break", "{type: mtu, number: 1, approved: 2019-11-22, extended: {from: 2027-01-01, to: 2028-01-01}, by_order: true}",
			[]string{"2026-11-22", "2027-01-01"}, []string{"2026-11-23", "2026-12-31", "2028-01-02"}},
		{"amended by order", "{type: mtu, number: 1/2, approved: 2019-11-22/2021-02-03, by_order: true}",
			[]string{"2021-02-03", "2026-11-22"}, []string{"2021-02-02", "2026-11-23"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &importNorms(t, "norms:\n- "+c.entry+"\n").Documents[0]
			for _, day := range c.in {
				if !d.InForce(normDay(day)) {
					t.Errorf("not in force on %s: %v", day, d.Terms)
				}
			}
			for _, day := range c.out {
				if d.InForce(normDay(day)) {
					t.Errorf("in force on %s: %v", day, d.Terms)
				}
			}
		})
	}
	d := &importNorms(t, "norms:\n- {type: mtu, number: 1, approved: 2019-11-22, cancelled: 2024-05-06, by_order: true}\n").Documents[0]
	if d.CancelledOn(normDay("2024-05-05")) || !d.CancelledOn(normDay("2024-05-06")) {
		t.Error("cancelled from its own day on")
	}
}

func TestExtractDue(t *testing.T) {
	for _, c := range []struct{ approved, head, want string }{
		{"2026-11-16", "", "2026-11-19"},                                                   // a Monday
		{"2026-11-19", "", "2026-11-24"},                                                   // over the weekend
		{"2026-11-21", "", "2026-11-25"},                                                   // a Saturday
		{"2026-11-02", "days_off: [2026-11-04]", "2026-11-06"},                             // a day of rest
		{"2026-11-05", "days_off: [2026-11-07]\nworking_days: [2026-11-07]", "2026-11-09"}, // a working Saturday
	} {
		n := importNorms(t, c.head+"\nnorms:\n- {type: mtu, number: 1, approved: "+c.approved+", by_order: true}\n")
		if got := n.ExtractDue(&n.Documents[0], nil); got.String() != c.want {
			t.Errorf("approved %s: due %s, want %s", c.approved, got, c.want)
		}
	}
}

// What neither the register nor the code tables name is Monday to Friday; what both do is as the
// register has it.
func TestExtractDue_country(t *testing.T) {
	country := pki.Must(calendar.Read(calendar.Shipped(calendar.Russia)))
	for _, c := range []struct{ approved, head, want string }{
		{"2026-04-29", "", "2026-05-05"},                           // 1 May is of the country
		{"2026-04-29", "days_off: [2026-05-04]", "2026-05-06"},     // and one more day of the register
		{"2026-04-29", "working_days: [2026-05-01]", "2026-05-04"}, // the register knows better
		{"2025-10-30", "", "2025-11-05"},                           // Saturday 1 November worked, 3 and 4 not
		{"2025-10-30", "days_off: [2025-11-01]", "2025-11-06"},     // but not by the register
		{"2030-04-29", "", "2030-05-02"},                           // a year of which nothing is known
	} {
		n := importNorms(t, c.head+"\nnorms:\n- {type: mtu, number: 1, approved: "+c.approved+", by_order: true}\n")
		if got := n.ExtractDue(&n.Documents[0], country); got.String() != c.want {
			t.Errorf("approved %s, %s: due %s, want %s", c.approved, c.head, got, c.want)
		}
	}
}

func TestDiffNorms(t *testing.T) {
	before := "norms:\n- {type: mtu, number: 1, approved: 2024-01-10, by_order: true}\n" +
		"- {type: ntu, number: 2, approved: 2024-01-10, consignor: {inn: 7708503727}}\n"
	after := "days_off: [2026-11-04]\nnorms:\n- {type: mtu, number: 1, approved: 2024-01-10, by_order: true, cancelled: 2026-01-01}\n" +
		"- {type: mtu, number: 3, approved: 2024-01-10, by_order: true}\n"
	r, _ := openRegister(t, startClock())
	if got, err := r.DiffNorms(normsExample(t)); err != nil || len(got) != 3 {
		t.Errorf("against none: got %v, %v", got, err)
	}
	if _, _, err := r.ImportNorms([]byte(before), "cli"); err != nil {
		t.Fatal(err)
	}
	got, err := r.DiffNorms([]byte(after))
	want := []string{
		"+ days_off[2026-11-04]: yes",
		"~ mtu 1 of 2024-01-10: from approval, to end of term, by order → from approval, to end of term, by order, cancelled 2026-01-01",
		"+ mtu 3 of 2024-01-10: from approval, to end of term, by order",
		"- ntu 2 of 2024-01-10 for 7708503727: from approval, to end of term, inn 7708503727",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, err := r.DiffNorms([]byte(before)); err != nil || got != nil {
		t.Errorf("against itself: got %v, %v", got, err)
	}
}

func TestNormSwitches(t *testing.T) {
	for _, c := range []struct{ written, want, fault string }{
		{"", "", ""},
		{"norms: warn", "", ""},
		{"norms: error", "unknown,consignor,extract,reconciliation,scheme,fasteners,station,jib,fields,empties", ""},
		{"norms: {unknown: error, extract: warn}", "unknown", ""},
		{"norms: {all: error, jib: warn, fields: warn}", "unknown,consignor,extract,reconciliation,scheme,fasteners,station,empties", ""},
		{"norms: strict", "", `"strict" is not one of [warn error]`},
		{"norms: {colour: error}", "", `agreement.norms: "colour" is not one of`},
		{"norms: [error]", "", "line "},
	} {
		file := strings.Replace(minimal(t), "covers: [Waybill]", "covers: [Waybill]\n          "+c.written, 1)
		f, err := readParticipants([]byte(file), "")
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: got %v, want %q", c.written, err, c.fault)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.written, err)
			continue
		}
		d := pki.Must(compileDirectory(f, DirectoryVersion{}))
		if got := d.Participants["SHIP-01"].Organisations[0].Agreement.Norms.String(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.written, got, c.want)
		}
		plain := pki.Must(compileDirectory(pki.Must(readParticipants([]byte(minimal(t)), "")), DirectoryVersion{}))
		if same := d.Policy() == plain.Policy(); same != (c.want == "") {
			t.Errorf("%s: the hash of the policy changes: %v", c.written, !same)
		}
	}
}

// FuzzReadNorms: what is read can be written and is read again as the same.
func FuzzReadNorms(f *testing.F) {
	f.Add(string(normsExample(f)))
	f.Add(goodNorms)
	f.Add("norms: []\n")
	f.Fuzz(func(t *testing.T, file string) {
		read, err := readNorms([]byte(file))
		if err != nil {
			return
		}
		if _, err := compileNorms(read, NormsVersion{}); err != nil {
			t.Fatalf("what was checked does not compile: %v", err)
		}
		written, err := writeNorms(read)
		if err != nil {
			t.Fatal(err)
		}
		again, err := readNorms(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if diff := cmp.Diff(read, again, cmp.AllowUnexported(normsFile{}), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

// BenchmarkReadNorms reads a register of ten thousand entries.
func BenchmarkReadNorms(b *testing.B) {
	var file strings.Builder
	file.WriteString("norms:\n")
	for i := range 10_000 {
		fmt.Fprintf(&file, "  - type: mtu\n    number: %d\n    approved: 2024-03-05\n    consignor: {okpo: 00083262}\n"+
			"    extract: 2024-03-06\n    schemes:\n      - number: 1\n        fasteners:\n"+
			"          - {name: растяжка, quantity: 4, strands: 6, diameter: 6}\n", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readNorms([]byte(file.String())); err != nil {
			b.Fatal(err)
		}
	}
}

// A document may be extended after a break: within the break it has expired, and by the day before it.
func TestNormEndedBefore(t *testing.T) {
	n := importNorms(t, `norms:
- {type: mtu, number: 1, approved: 2019-11-20, consignor: {inn: 7708503727}, to: 2024-11-20,
   extended: {from: 2026-01-01, to: 2027-12-31}}
`)
	d := &n.Documents[0]
	for day, want := range map[string]string{
		"2024-11-20": "", "2024-11-21": "2024-11-20", "2025-12-31": "2024-11-20", "2026-01-01": "2024-11-20", "2028-01-01": "2027-12-31",
	} {
		if got := d.EndedBefore(normDay(day)).String(); got != want {
			t.Errorf("on %s: %q, want %q", day, got, want)
		}
	}
}
