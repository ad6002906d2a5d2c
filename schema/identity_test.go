package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonicalID(t *testing.T) {
	const want = "0193a5b0-0000-7000-8000-00000000000f"
	good := []string{
		want,
		"0193A5B0-0000-7000-8000-00000000000F",
		"0193a5b000007000800000000000000f", // SAP
		"0193A5B000007000800000000000000F",
	}
	for _, id := range good {
		if got, ok := CanonicalID(id); got != want || !ok {
			t.Errorf("CanonicalID(%q) is %q, %v", id, got, ok)
		}
	}
	bad := []string{
		"", "0193a5b0", "{0193a5b0-0000-7000-8000-00000000000f}", "urn:uuid:0193a5b0-0000-7000-8000-00000000000f",
		"0193a5b0-0000-7000-8000-00000000000g", "0193a5b00-000-7000-8000-00000000000f",
		"0193a5b0-0000-7000-8000-0000000000-f", "../../../../../../../../etc/passwdxx", "ёёёёёёёёёёёёёёёё",
		"0193a5b0 0000 7000 8000 00000000000f", want + "\n",
	}
	for _, id := range bad {
		if got, ok := CanonicalID(id); got != "" || ok {
			t.Errorf("CanonicalID(%q) is %q, %v", id, got, ok)
		}
	}
}

func TestOrgKey(t *testing.T) {
	cases := []struct {
		id   OrgID
		want string
	}{
		{OrgID{INN: "1", KPP: "2", OKPO: "3", OGRN: "4", EDRPOU: "5"}, "1"},
		{OrgID{OKPO: "3", EDRPOU: "5"}, "edrpou-5"},
		{OrgID{OKPO: "3", OGRN: "4"}, "okpo-3"},
		{OrgID{OGRN: "4", KPP: "2"}, ""}, // registers do not know organisations by these
	}
	for _, c := range cases {
		if got := c.id.Key(); got != c.want {
			t.Errorf("%+v has key %q, want %q", c.id, got, c.want)
		}
	}
}

// A glance at unverified bytes echoes nothing that has not the form of its type.
func TestGlance(t *testing.T) {
	const id = "0193a5b0-0000-7000-8000-000000000001"
	document := func(root, header string) string {
		return `<` + root + ` xmlns="urn:asugate:1" Version=" +7 "><Header>` + header + `</Header></` + root + `>`
	}
	fields := "<DocumentID> " + id + "\n</DocumentID><CreatedAt/><Sender>SHIP-01</Sender>"
	cases := []struct {
		name, document string
		want           Glance
	}{
		{"all there", document("Placement", fields), Glance{KindPlacement, id, 7, "SHIP-01"}},
		{"unknown kind", document("Invoice", fields), Glance{"", id, 7, "SHIP-01"}},
		{"foreign namespace", `<Placement Version="1"/>`, Glance{}},
		{"no header", `<Placement xmlns="urn:asugate:1"/>`, Glance{Kind: KindPlacement}},
		{"header not first", `<Placement xmlns="urn:asugate:1"><x/><Header>` + fields + `</Header></Placement>`,
			Glance{Kind: KindPlacement}},
		{"hostile id and sender", document("Waybill", "<DocumentID>../../x</DocumentID><Sender>ship 01</Sender>"),
			Glance{KindWaybill, "", 7, ""}},
		{"the first of two ids", document("Waybill", fields+"<DocumentID>00000000-0000-0000-0000-000000000000</DocumentID>"),
			Glance{KindWaybill, id, 7, "SHIP-01"}},
		{"sender far away", document("Waybill", strings.Repeat("<x/>", 5)+fields), Glance{Kind: KindWaybill, Version: 7}},
		{"version 0", `<Waybill xmlns="urn:asugate:1" Version="0"/>`, Glance{Kind: KindWaybill}},
		{"version beyond", `<Waybill xmlns="urn:asugate:1" Version="2147483648"/>`, Glance{Kind: KindWaybill}},
		{"values of another namespace", `<Waybill xmlns="urn:asugate:1"><Header><DocumentID xmlns="u:x">` + id +
			`</DocumentID></Header></Waybill>`, Glance{Kind: KindWaybill}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, GlanceAt(rootOf(t, []byte(c.document)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestIsParticipantCode(t *testing.T) {
	for code, want := range map[string]bool{
		"SHIP-01": true, "-": true, strings.Repeat("A", 32): true,
		"": false, strings.Repeat("A", 33): false, "ship": false, "A B": false, "Ж": false, "A\n": false,
	} {
		if IsParticipantCode(code) != want {
			t.Errorf("%q: want %v", code, want)
		}
	}
}

// Every kind has its published schema, and all of them load.
func TestSchemas(t *testing.T) {
	for _, kind := range Kinds() {
		if _, err := Schemas().Open(string(kind) + ".xsd"); err != nil {
			t.Error(err)
		}
		if !schemas().Declares(Namespace, string(kind)) {
			t.Errorf("no schema declares %s", kind)
		}
	}
}
