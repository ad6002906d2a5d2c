package register

import (
	"fmt"
	"strings"
	"testing"

	"asugate/schema"
)

// addressees is a directory of two railways with the organisations of the cases below.
func addressees() *Directory {
	organisation := func(name string, id schema.OrgID, covers ...schema.Kind) *Organisation {
		return &Organisation{OrgID: id, Name: name, Agreement: Agreement{Covers: covers}}
	}
	participant := func(code, railway string, list ...*Organisation) *Participant {
		return &Participant{Code: code, Railway: railway, Organisations: list}
	}
	d := &Directory{
		Railways: map[string]*Railway{"RZD": {Code: "RZD", Profile: "rzd"}, "UZ": {Code: "UZ", Profile: "uz"}},
		Participants: map[string]*Participant{
			"MILL": participant("MILL", "RZD",
				organisation("завод", schema.OrgID{INN: "7708503727", KPP: "770801001", OKPO: "00083262"}, schema.KindMemo),
				organisation("порт", schema.OrgID{OKPO: "01126022"}, schema.KindMemo),
				organisation("предприниматель", schema.OrgID{INN: "500100732259"}, schema.KindMemo)),
			"MILL-EAST": participant("MILL-EAST", "RZD",
				organisation("филиал завода", schema.OrgID{INN: "7708503727", KPP: "253601001"}, schema.KindMemo)),
			"TIMBER": participant("TIMBER", "RZD",
				organisation("лесной дом со всеми филиалами", schema.OrgID{INN: "7707083893"}, schema.KindAct)),
			"TIMBER-NORTH": participant("TIMBER-NORTH", "RZD",
				organisation("лесной дом, север", schema.OrgID{INN: "7707083893", KPP: "784201001"}, schema.KindAct)),
			// One organisation with a channel for its notes and another for memos.
			"COAL-NOTES": participant("COAL-NOTES", "RZD",
				organisation("уголь, накладные", schema.OrgID{INN: "4205000908", KPP: "420501001"}, schema.KindWaybill)),
			"COAL-MEMOS": participant("COAL-MEMOS", "RZD",
				organisation("уголь, памятки", schema.OrgID{INN: "4205000908", KPP: "420501001"}, schema.KindMemo)),
			// One with two channels for memos, and one with two for notes alone.
			"ORE-1":  participant("ORE-1", "RZD", organisation("руда", schema.OrgID{INN: "6659010001", KPP: "665901001"}, schema.KindMemo)),
			"ORE-2":  participant("ORE-2", "RZD", organisation("руда", schema.OrgID{INN: "6659010001", KPP: "665901001"}, schema.KindAct)),
			"SAND-1": participant("SAND-1", "RZD", organisation("песок", schema.OrgID{OKPO: "57907470"}, schema.KindWaybill)),
			"SAND-2": participant("SAND-2", "RZD", organisation("песок", schema.OrgID{OKPO: "57907470"}, schema.KindWaybill)),
			"STEEL": participant("STEEL", "UZ",
				organisation("сталь", schema.OrgID{EDRPOU: "40081216", OKPO: "31170931", INN: "7710000003"}, schema.KindMemo)),
		},
	}
	d.indexAddressees()
	return d
}

func TestAddressee(t *testing.T) {
	d := addressees()
	const unknown, ambiguous = schema.ReasonAddresseeUnknown, schema.ReasonAddresseeAmbiguous
	cases := []struct {
		why, railway string
		owner        schema.OrgID
		want         string // participant and organisation, or the reason
	}{
		{"by ИНН and КПП", "RZD", schema.OrgID{INN: "7708503727", KPP: "770801001"}, "MILL завод"},
		{"the КПП tells the branch", "RZD", schema.OrgID{INN: "7708503727", KPP: "253601001"}, "MILL-EAST филиал завода"},
		{"they go before the ОКПО, even another's", "RZD",
			schema.OrgID{INN: "7708503727", KPP: "253601001", OKPO: "00083262"}, "MILL-EAST филиал завода"},
		{"a КПП that nobody has is another branch", "RZD", schema.OrgID{INN: "7708503727", KPP: "540201001"}, unknown},
		{"then the ОКПО finds whom it names", "RZD",
			schema.OrgID{INN: "7708503727", KPP: "540201001", OKPO: "00083262"}, "MILL завод"},
		{"registered without a КПП is for all branches", "RZD",
			schema.OrgID{INN: "7707083893", KPP: "770801001"}, "TIMBER лесной дом со всеми филиалами"},
		{"but for one that is registered itself", "RZD",
			schema.OrgID{INN: "7707083893", KPP: "784201001"}, "TIMBER-NORTH лесной дом, север"},
		{"by ОКПО alone", "RZD", schema.OrgID{OKPO: "01126022"}, "MILL порт"},
		{"by ОКПО of one registered without an ИНН", "RZD",
			schema.OrgID{INN: "2536000001", KPP: "253601001", OKPO: "01126022"}, "MILL порт"},
		{"the ОКПО of one with another ИНН", "RZD",
			schema.OrgID{INN: "2536000001", KPP: "253601001", OKPO: "00083262"}, unknown},
		{"the ОКПО goes before an ИНН without КПП", "RZD", schema.OrgID{INN: "7708503727", OKPO: "00083262"}, "MILL завод"},
		{"an entrepreneur has no КПП", "RZD", schema.OrgID{INN: "500100732259"}, "MILL предприниматель"},
		{"and may have an ОКПО that nobody knows", "RZD", schema.OrgID{INN: "500100732259", OKPO: "0126595004"}, "MILL предприниматель"},
		{"an ИНН without КПП that two branches have", "RZD", schema.OrgID{INN: "7708503727"}, ambiguous},
		{"the channel whose agreement covers memos", "RZD",
			schema.OrgID{INN: "4205000908", KPP: "420501001"}, "COAL-MEMOS уголь, памятки"},
		{"two such channels", "RZD", schema.OrgID{INN: "6659010001", KPP: "665901001"}, ambiguous},
		{"two channels neither of which is for it", "RZD", schema.OrgID{OKPO: "57907470"}, ambiguous},
		{"nobody has the numbers", "RZD", schema.OrgID{INN: "7710000003", KPP: "771001001"}, unknown},
		{"the document has none", "RZD", schema.OrgID{}, unknown},
		{"a КПП alone", "RZD", schema.OrgID{KPP: "770801001"}, unknown},
		{"an ОГРН is not asked", "RZD", schema.OrgID{OGRN: "1037739877295"}, unknown},
		{"by ЄДРПОУ at the edge of uz", "UZ", schema.OrgID{EDRPOU: "40081216"}, "STEEL сталь"},
		{"other numbers are not asked there", "UZ", schema.OrgID{OKPO: "31170931", INN: "7710000003"}, unknown},
		{"nor a ЄДРПОУ elsewhere", "RZD", schema.OrgID{EDRPOU: "40081216"}, unknown},
		{"known to another railway only", "UZ", schema.OrgID{INN: "7708503727", KPP: "770801001"}, unknown},
		{"no such railway", "BC", schema.OrgID{INN: "7708503727", KPP: "770801001"}, unknown},
	}
	for _, c := range cases {
		p, o, reason := d.Addressee(c.railway, c.owner)
		got := reason
		if p != nil && o != nil {
			got += p.Code + " " + o.Name
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
	if _, _, reason := new(Directory).Addressee("RZD", schema.OrgID{INN: "7708503727"}); reason != unknown {
		t.Errorf("before the first import: %q", reason)
	}
}

// The index is made of what is imported, and knows as many as there are.
func TestAddresseeIsIndexed(t *testing.T) {
	head, one, _ := strings.Cut(minimal(t), "  - code: SHIP-01")
	one = strings.Replace(one, "inn: 7708503727", "inn: 7708503727\n        kpp: KPP", 1)
	var b strings.Builder
	b.WriteString(head)
	for i := range 300 {
		fmt.Fprintf(&b, "  - code: SHIP-%d%s", i, strings.Replace(one, "KPP", fmt.Sprintf("%09d", 770800000+i), 1))
	}
	d := compiled(t, b.String())
	for i := range 300 {
		owner := schema.OrgID{INN: "7708503727", KPP: fmt.Sprintf("%09d", 770800000+i)}
		p, o, reason := d.Addressee("RZD", owner)
		if reason != "" || p.Code != fmt.Sprintf("SHIP-%d", i) || o != p.Organisations[0] {
			t.Fatalf("%s: %q %v", owner.KPP, reason, p)
		}
	}
}
