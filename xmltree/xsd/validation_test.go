package xsd

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"asugate/xmltree"
)

// TestViolations changes the example of a kind in one place and wants the violations that follow,
// word for word.
func TestViolations(t *testing.T) {
	const (
		afterHeader = "/Placement/Traffic"
		departure   = `<Departure station="985609"/>`
	)
	set := loadKinds(t)
	for _, c := range []struct {
		kind, old, new string
		want           []Violation
	}{
		// The element that should come is named; what is wrong inside the wrong one is told too.
		{"Waybill", "<Traffic>domestic</Traffic>", "", []Violation{
			{Path: "/Waybill/Departure", Rule: RuleUnexpectedElement, Expected: "Number | Traffic", Actual: "Departure"}}},
		{"Waybill", departure, `<Wagon number="1"/>` + departure, []Violation{
			{Path: "/Waybill/Wagon[1]", Rule: RuleUnexpectedElement, Expected: "Shipment | Run | Departure", Actual: "Wagon"},
			{Path: "/Waybill/Wagon[1]/@number", Rule: RulePattern, Expected: `[0-9]([ \-]?[0-9]){7}(([ \-]?[0-9]){4})?`, Actual: "1"}}},
		{"Placement", "<Traffic>", `<Extra/><Traffic>`, []Violation{
			{Path: "/Placement/Extra", Rule: RuleUnexpectedElement, Expected: "Traffic", Actual: "Extra"}}},
		{"Placement", "<Traffic>", `<o:Traffic xmlns:o="urn:other"/><Traffic>`, []Violation{
			{Path: "/Placement/Traffic[1]", Rule: RuleUnexpectedElement, Expected: "Traffic", Actual: "{urn:other}Traffic"}}},
		// What may still come is listed.
		{"ESID", "<Result>negative</Result>", "<Result>negative</Result><x/>", []Violation{
			{Path: "/ESID/x", Rule: RuleUnexpectedElement, Expected: "Finding | Basis", Actual: "x"}}},
		{"PaperSwitch", "<Reason>Нет связи</Reason>", "<Why/>", []Violation{
			{Path: "/PaperSwitch/Why", Rule: RuleUnexpectedElement, Actual: "Why",
				Expected: "Reason | {http://www.w3.org/2000/09/xmldsig#}* | </PaperSwitch>"}}},
		{"Waybill", departure, "", []Violation{
			{Path: "/Waybill/Destination", Rule: RuleUnexpectedElement, Expected: "Shipment | Run | Departure", Actual: "Destination"}}},
		// What is missing at the end is named, too.
		{"Placement", `<Signer post="инженер">Петрова Анна Олеговна</Signer>`, "", []Violation{
			{Path: "/Placement/Proxy", Rule: RuleMissingElement, Expected: "Signer"}}},
		// Text where there can be none.
		{"Placement", "<Figure>5</Figure>", "5<Figure>5</Figure>", []Violation{
			{Path: "/Placement/Norm", Rule: RuleUnexpectedText, Actual: "5"}}},
		{"Placement", `<Wagon number="63498000"/>`, `<Wagon number="63498000"> </Wagon>`, []Violation{
			{Path: "/Placement/Wagon", Rule: RuleUnexpectedText, Expected: "</Wagon>", Actual: " "}}},
		{"Placement", `<Wagon number="63498000"/>`, `<Wagon number="63498000"><a/></Wagon>`, []Violation{
			{Path: "/Placement/Wagon/a", Rule: RuleUnexpectedElement, Expected: "</Wagon>", Actual: "a"}}},
		{"Placement", "<Traffic>domestic</Traffic>", "<Traffic>domestic<b/></Traffic>", []Violation{
			{Path: "/Placement/Traffic/b", Rule: RuleUnexpectedElement, Expected: "</Traffic>", Actual: "b"}}},
		// Attributes.
		{"Placement", `<Wagon number="63498000"/>`, `<Wagon/>`, []Violation{
			{Path: "/Placement/Wagon/@number", Rule: RuleMissingAttribute, Expected: "number"}}},
		{"Placement", `<Wagon number="63498000"/>`, `<Wagon number="63498000" xml:space="preserve"/>`, []Violation{
			{Path: "/Placement/Wagon/@xml:space", Rule: RuleUnexpectedAttribute, Expected: "number", Actual: "space"}}},
		{"Placement", "<Traffic>", `<Traffic a="1">`, []Violation{
			{Path: afterHeader + "/@a", Rule: RuleUnexpectedAttribute, Expected: "no attribute", Actual: "a"}}},
		{"Placement", "<Traffic>", `<Traffic xmlns:xsi="` + instanceNamespace + `" xsi:nil="false">`, []Violation{
			{Path: afterHeader + "/@xsi:nil", Rule: RuleInstanceAttribute, Actual: "nil"}}},
		{"ESID", ` xml:lang="en"`, ``, []Violation{
			{Path: "/ESID/Finding[1]/ITS[3]/@xml:lang", Rule: RuleMissingAttribute, Expected: "lang"}}},
		// Values.
		{"Placement", "domestic", "inner", []Violation{
			{Path: afterHeader, Rule: RuleEnumeration, Expected: "domestic | international | kaliningrad", Actual: "inner"}}},
		{"Placement", `strands="6"`, `strands="0"`, []Violation{
			{Path: "/Placement/Fasteners/Fastener[1]/@strands", Rule: RuleMinInclusive, Expected: "≥ 1", Actual: "0"}}},
		{"Placement", `strands="6"`, `strands="1000"`, []Violation{
			{Path: "/Placement/Fasteners/Fastener[1]/@strands", Rule: RuleMaxInclusive, Expected: "≤ 999", Actual: "1000"}}},
		{"Placement", `quantity="4"`, `quantity="1234567"`, []Violation{
			{Path: "/Placement/Fasteners/Fastener[1]/@quantity", Rule: RuleTotalDigits, Expected: "≤ 6", Actual: "1234567"}}},
		{"Placement", `number="12"`, `number=" "`, []Violation{
			{Path: "/Placement/Proxy/@number", Rule: RuleMinLength, Expected: "≥ 1", Actual: " "}}},
		{"Placement", "2026-11-21", "2026-02-29", []Violation{
			{Path: "/Placement/WorkDate", Rule: RuleType, Expected: "xs:date", Actual: "2026-02-29"}}},
		{"ESID", `Raw="9f`, `Raw="`, []Violation{
			{Path: "/ESID/Header/InReplyTo/@Raw", Rule: RuleLength, Expected: "= 32",
				Actual: "86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}},
		{"ESID", "correct-and-resend paper", "paper give-up", []Violation{
			{Path: "/ESID/Exits", Rule: RuleEnumeration, Expected: "correct-and-resend | paper", Actual: "paper give-up"}}},
		// Two places, each told; blanks round a value are no violation.
		{"Placement", "<Figure>5</Figure><Chapter>2</Chapter>", "<Figure></Figure><Chapter> 2\n</Chapter><Chapter/>", []Violation{
			{Path: "/Placement/Norm/Figure", Rule: RuleMinLength, Expected: "≥ 1"},
			{Path: "/Placement/Norm/Chapter[2]", Rule: RuleUnexpectedElement, Expected: "Section | Scheme | ApprovedBy | </Norm>", Actual: "Chapter"},
			{Path: "/Placement/Norm/Chapter[2]", Rule: RuleMinLength, Expected: "≥ 1"}}},
	} {
		document := example(t, c.kind)
		if !strings.Contains(document, c.old) {
			t.Fatalf("%s has no %s", c.kind, c.old)
		}
		got := set.Validate(parse(t, strings.Replace(document, c.old, c.new, 1)), 10)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Violation{}, "Offset")); diff != "" {
			t.Errorf("%s with %s for %s (-want +got):\n%s", c.kind, c.new, c.old, diff)
		}
	}
}

func TestViolationString(t *testing.T) {
	v := Violation{Path: "/a/@b", Rule: RuleType, Expected: "xs:int", Actual: "\u202e\n1"}
	if got, want := v.String(), `/a/@b: type, expected xs:int, found "\u202e\n1"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestUnknownRoot(t *testing.T) {
	set := loadKinds(t)
	for document, want := range map[string]string{
		`<Invoice xmlns="urn:asugate:1"/>`: "{urn:asugate:1}Invoice",
		`<Waybill/>`:                       "Waybill",
		`<Header xmlns="urn:asugate:1"/>`:  "{urn:asugate:1}Header",
	} {
		got := set.Validate(parse(t, document), 10)
		if len(got) != 1 || got[0].Rule != RuleUnknownRoot || got[0].Actual != want {
			t.Errorf("%s: %v", document, got)
		}
	}
}

// TestSignatureIsOptional validates what is left when the signature was detached.
func TestSignatureIsOptional(t *testing.T) {
	set := loadKinds(t)
	for _, kind := range kinds {
		tree, err := xmltree.Parse([]byte(example(t, kind)), xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		for child := range tree.Root().Children() {
			if child.Local() == "Signature" {
				tree.Detach(child)
			}
		}
		if vs := set.Validate(tree.Root(), 3); vs != nil {
			t.Errorf("%s: %v", kind, vs)
		}
	}
}

// TestMax: never more than asked for, and never none where there is one, as none would say «valid».
func TestMax(t *testing.T) {
	set := loadKinds(t)
	root := parse(t, strings.ReplaceAll(tenKB(t), `number="63498000"`, `number="x"`))
	for _, c := range []struct{ max, want int }{{-1, 1}, {0, 1}, {1, 1}, {7, 7}} {
		if got := len(set.Validate(root, c.max)); got != c.want {
			t.Errorf("max %d: %d violations", c.max, got)
		}
	}
	if all := set.Validate(root, 1e6); len(all) < 100 {
		t.Errorf("%d violations, one a wagon was wanted", len(all))
	}
}

// TestOffset is that of the element, of attributes too.
func TestOffset(t *testing.T) {
	document := strings.Replace(example(t, "Placement"), `number="63498000"`, `number="x"`, 1)
	got := loadKinds(t).Validate(parse(t, document), 10)
	if len(got) != 1 || got[0].Offset != strings.Index(document, "<Wagon") {
		t.Errorf("%+v", got)
	}
}

// TestBounded: what a violation repeats is cut at a whole character.
func TestBounded(t *testing.T) {
	for _, n := range []int{maxShown - 1, maxShown, maxShown + 1, 5 * maxShown} {
		for _, letter := range []string{"x", "я", "€", "😀"} {
			text := strings.Repeat(letter, n)
			got := bounded(text)
			if len(got) > maxShown || !utf8.ValidString(got) || len(text) <= maxShown && got != text {
				t.Errorf("%d × %s became %d bytes", n, letter, len(got))
			}
		}
	}
}

// TestIDs: a value of xs:ID stands once in a document, be it in attributes or elements. The names
// are none that the parser takes for identifiers itself.
func TestIDs(t *testing.T) {
	set, err := loadText(schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence>
		<xs:element name="e" type="xs:ID" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
		<xs:attribute name="a" type="xs:ID"/></xs:complexType></xs:element>`))
	if err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]int{
		`<r xmlns="urn:t" a="x"><e>y</e><e>z</e></r>`:                 0,
		`<r xmlns="urn:t" a="x"><e> x </e></r>`:                       1,
		`<r xmlns="urn:t"><e>x</e><e>y</e><e>y</e><e>x</e></r>`:       2,
		`<r xmlns="urn:t" a="x"><e>y</e><e>z</e><e>z</e><e>y</e></r>`: 2,
	} {
		got := set.Validate(parse(t, document), 10)
		if len(got) != want || want > 0 && got[0].Rule != RuleDuplicateID {
			t.Errorf("%s: %v", document, got)
		}
	}
}

// TestConcurrentUse: a set serves any number of goroutines; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	set := loadKinds(t)
	var group sync.WaitGroup
	for i := range 16 {
		kind := kinds[i%len(kinds)]
		root := parse(t, example(t, kind))
		group.Go(func() {
			for range 50 {
				if vs := set.Validate(root, 3); vs != nil {
					t.Errorf("%s: %v", kind, vs)
					return
				}
			}
		})
	}
	group.Wait()
}

// TestValidDocumentsCostNoAllocation keeps what the speed rests on.
func TestValidDocumentsCostNoAllocation(t *testing.T) {
	set := loadKinds(t)
	for _, kind := range kinds {
		root := parse(t, example(t, kind))
		if n := testing.AllocsPerRun(20, func() { set.Validate(root, 3) }); n != 0 {
			t.Errorf("%s: %v allocations", kind, n)
		}
	}
}

func FuzzValidate(f *testing.F) {
	set := loadKinds(f)
	for _, kind := range kinds {
		f.Add(example(f, kind))
	}
	f.Fuzz(func(t *testing.T, document string) {
		tree, err := xmltree.Parse([]byte(document), xmltree.DefaultLimits())
		if err != nil {
			return
		}
		all := set.Validate(tree.Root(), 1000)
		if again := set.Validate(tree.Root(), 1000); !cmp.Equal(all, again) {
			t.Errorf("two verdicts: %v and %v", all, again)
		}
		if first := set.Validate(tree.Root(), 1); len(first) != min(1, len(all)) || len(first) > 0 && first[0] != all[0] {
			t.Errorf("the first is %v, of all %v", first, all)
		}
		for _, v := range all {
			if v.Rule == "" || v.Path == "" || v.Offset >= len(document) || len(v.Actual) > maxShown || len(v.Expected) > maxShown {
				t.Errorf("%+v", v)
			}
		}
	})
}
