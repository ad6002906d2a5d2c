package legitimacy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/workflow"
)

// sceneTest changes a good scene and says what is found then.
type sceneTest struct {
	name   string
	change func(*scene)
	want   []string
}

func runScenes(t *testing.T, good func() *scene, stage func(*Case) []schema.Finding, tests []sceneTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := good()
			test.change(s)
			if diff := cmp.Diff(test.want, shown(t, stage(s.build(t)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const (
	atPerformer = " /Placement/Performer"
	atProxy     = " /Placement/Proxy"
)

func TestPerformer(t *testing.T) {
	runScenes(t, goodPlacement, Check, []sceneTest{
		{"good", func(s *scene) {}, nil},
		{"no list", func(s *scene) { s.List = nil }, []string{"L01 no-list" + atPerformer}},
		{"not listed", func(s *scene) { s.List.Entries = []schema.StaffEntry{entry(petrova)} },
			[]string{"L01 not-in-list" + atPerformer}},
		// Named without number, by a name that only he has.
		{"by name", func(s *scene) { s.Placement.Performer.SNILS = "" }, nil},
		{"by initials", func(s *scene) {
			s.Placement.Performer = schema.Person{Name: "И. И. Иванов", Post: "мастер погрузки"}
		}, nil},
		{"not listed, by name", func(s *scene) {
			s.Placement.Performer = schema.Person{Name: "Орлов О. О.", Post: "мастер"}
		}, []string{"L01 not-in-list" + atPerformer, "L04 signer-differs" + atPerformer}},
		{"ё and е", func(s *scene) {
			s.Placement.Performer.Name = "Королев Петр Ильич"
			s.List.Entries[0].Name = "КОРОЛЁВ Пётр Ильич"
		}, nil},
		// The number finds him, and the name must confirm: another name would stand in the text.
		{"number of another", func(s *scene) { s.Placement.Performer.Name = "Орлов Олег Олегович" },
			[]string{"L01 name-differs" + atPerformer}},
		{"namesakes", func(s *scene) {
			s.Placement.Performer.SNILS = ""
			other := entry(ivanov)
			other.SNILS = petrova.SNILS
			s.List.Entries = append(s.List.Entries, other)
		}, []string{"L01 ambiguous-name" + atPerformer}},
		{"namesakes told apart by number", func(s *scene) {
			other := entry(ivanov)
			other.SNILS = petrova.SNILS
			s.List.Entries = append(s.List.Entries, other)
		}, nil},
		{"namesake long gone", func(s *scene) {
			s.Placement.Performer.SNILS = ""
			other := entry(ivanov)
			other.SNILS, other.To = petrova.SNILS, day("2026-06-30")
			s.List.Entries = append(s.List.Entries, other)
		}, nil},
		{"initials of two", func(s *scene) {
			s.Placement.Performer = schema.Person{Name: "Иванов И.И.", Post: "мастер погрузки"}
			other := entry(schema.Person{Name: "Иванов Игорь Ильич", Post: "мастер", PersonID: petrova.PersonID})
			s.List.Entries = append(s.List.Entries, other)
		}, []string{"L01 ambiguous-name" + atPerformer}},

		{"namesakes without numbers", func(s *scene) {
			s.Placement.Performer.SNILS = ""
			first, second := entry(ivanov), entry(ivanov)
			first.SNILS, second.SNILS, second.Post = "", "", "инженер"
			s.List.Entries = []schema.StaffEntry{first, second}
		}, []string{"L01 ambiguous-name" + atPerformer}},
		{"contradicting numbers", func(s *scene) {
			s.Placement.Performer.INN = "500100732259"
			s.List.Entries[0].INN = "526317984689"
		}, []string{"L01 not-in-list" + atPerformer}},
	})
}

// WorkDate decides whether the performer was appointed, the moment whether they may sign.
func TestPerformerOnDates(t *testing.T) {
	runScenes(t, goodPlacement, Check, []sceneTest{
		{"first day", func(s *scene) { s.List.Entries[0].From = day("2026-11-21") }, nil},
		{"last day", func(s *scene) {
			s.List.Entries[0].To = day("2026-11-21")
			s.Case.Moment = received.AddDate(0, 0, -1)
		}, nil},
		{"appointed the day after", func(s *scene) { s.List.Entries[0].From = day("2026-11-22") },
			[]string{"L02 not-in-force" + atPerformer}},
		{"dismissed the day before", func(s *scene) { s.List.Entries[0].To = day("2026-11-20") },
			[]string{"L02 not-in-force" + atPerformer, "L03 no-right-to-sign" + atPerformer}},
		// In force when the work was done, and no more when it was signed: the two dates differ.
		{"dismissed between work and signature", func(s *scene) { s.List.Entries[0].To = day("2026-11-21") },
			[]string{"L03 no-right-to-sign" + atPerformer}},
		{"no right", func(s *scene) { s.List.Entries[0].MaySign = false },
			[]string{"L03 no-right-to-sign" + atPerformer}},
		{"open end", func(s *scene) { s.List.Entries[0].To = schema.Date{} }, nil},
		{"two appointments", func(s *scene) {
			second := entry(ivanov)
			s.List.Entries[0].To = day("2026-06-30")
			second.From = day("2026-11-01")
			s.List.Entries = append(s.List.Entries, second)
		}, nil},
		{"between two appointments", func(s *scene) {
			second := entry(ivanov)
			s.List.Entries[0].To = day("2026-06-30")
			second.From = day("2026-11-22")
			s.List.Entries = append(s.List.Entries, second)
		}, []string{"L02 not-in-force" + atPerformer}},
		{"right only in the former appointment", func(s *scene) {
			second := entry(ivanov)
			s.List.Entries[0].To = day("2026-10-31")
			second.From, second.MaySign = day("2026-11-01"), false
			s.List.Entries = append(s.List.Entries, second)
		}, []string{"L03 no-right-to-sign" + atPerformer}},

		{"this station", func(s *scene) { s.List.Entries[0].Stations = []string{"850609", "985609"} }, nil},
		{"another station", func(s *scene) { s.List.Entries[0].Stations = []string{"850609"} },
			[]string{"L01 station-not-covered" + atPerformer}},
		// Without ЭД №1 there is no station to compare; that it is missing the workflow says.
		{"station not known", func(s *scene) {
			s.List.Entries[0].Stations = []string{"850609"}
			s.Case.Consignment = workflow.Consignment{}
		}, nil},
		{"unloading only", func(s *scene) { s.List.Entries[0].Works = []string{"unloading"} },
			[]string{"L01 work-not-covered" + atPerformer}},
		{"the right to sign stands in the order for unloading", func(s *scene) {
			e := s.List.Entries[0]
			e.MaySign = false
			other := s.List.Entries[0]
			other.Works = []string{"unloading"}
			s.List.Entries = append([]schema.StaffEntry{e, other}, s.List.Entries[1:]...)
		}, []string{"L03 no-right-to-sign" + atPerformer}},
		{"everything at once", func(s *scene) {
			e := &s.List.Entries[0]
			e.Stations, e.Works, e.MaySign, e.To = []string{"850609"}, []string{"loading"}, false, day("2026-06-30")
		}, []string{"L02 not-in-force" + atPerformer, "L01 work-not-covered" + atPerformer,
			"L01 station-not-covered" + atPerformer, "L03 no-right-to-sign" + atPerformer}},
	})
}

func TestSigner(t *testing.T) {
	certificate := schema.CertificateRef{Issuer: "CN = УЦ", Serial: "00:1a:2b"} // that of certificateOf
	anonymous := func(s *scene) { s.Case.Report.Signer.SNILS = "" }
	runScenes(t, goodPlacement, Check, []sceneTest{
		{"another signs", func(s *scene) { s.Case.Report.Signer = certificateOf(petrova) },
			[]string{"L04 signer-differs" + atPerformer}},
		{"a namesake signs", func(s *scene) { s.Case.Report.Signer.SNILS = petrova.SNILS },
			[]string{"L04 signer-differs" + atPerformer}},
		// After a marriage the certificate still has the former name: the number binds.
		{"other name in the certificate", func(s *scene) { s.Case.Report.Signer.Surname = "Орлов" }, nil},
		{"no number in the certificate", anonymous, []string{"L04 signer-not-identified" + atPerformer}},
		{"no number and another name", func(s *scene) {
			anonymous(s)
			s.Case.Report.Signer.Surname = "Орлов"
		}, []string{"L04 signer-differs" + atPerformer}},
		{"registered in the list", func(s *scene) {
			anonymous(s)
			s.List.Entries[0].Certificate = certificate
		}, nil},
		{"another serial in the list", func(s *scene) {
			anonymous(s)
			s.List.Entries[0].Certificate = schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2C"}
		}, []string{"L04 signer-not-identified" + atPerformer}},
		{"the serial of another issuer", func(s *scene) {
			anonymous(s)
			s.List.Entries[0].Certificate = schema.CertificateRef{Issuer: "CN=Другой", Serial: "1A2B"}
		}, []string{"L04 signer-not-identified" + atPerformer}},
		{"owner registered by number", func(s *scene) {
			anonymous(s)
			s.Case.Organisation.Certificates = []register.CertificateOwner{{CertificateRef: certificate, Person: ivanov}}
		}, nil},
		{"owner registered by name", func(s *scene) {
			anonymous(s)
			s.Case.Organisation.Certificates = []register.CertificateOwner{{
				CertificateRef: certificate, Person: schema.Person{Name: "Иванов И. И."}}}
		}, nil},
		{"another's registered certificate", func(s *scene) {
			anonymous(s)
			s.Case.Organisation.Certificates = []register.CertificateOwner{{CertificateRef: certificate, Person: petrova}}
		}, []string{"L04 signer-differs" + atPerformer}},
		{"by the number of a tax payer", func(s *scene) {
			s.Case.Report.Signer = certificateOf(schema.Person{Name: ivanov.Name,
				PersonID: schema.PersonID{INN: "500100732259"}})
			s.List.Entries[0].INN = "500100732259"
		}, nil},
		// One number agrees and another contradicts: not the same person.
		{"contradicting numbers", func(s *scene) {
			s.Case.Report.Signer.INN = "500100732259"
			s.List.Entries[0].INN = "526317984689"
		}, []string{"L04 signer-differs" + atPerformer}},
		{"entry without number", func(s *scene) {
			s.List.Entries[0].SNILS = ""
			s.Placement.Performer.SNILS = ""
		}, []string{"L04 signer-not-identified" + atPerformer}},
		{"entry without number, registered certificate", func(s *scene) {
			s.List.Entries[0].SNILS = ""
			s.List.Entries[0].Certificate = certificate
		}, nil},
		{"in Ukraine", func(s *scene) {
			person := schema.Person{Name: "Дем’яненко Олена Петрівна", Post: "майстер",
				PersonID: schema.PersonID{RNOKPP: "1234567899"}}
			s.Placement.Performer = person
			s.List.Entries = []schema.StaffEntry{entry(person)}
			s.Case.Report.Signer = certificateOf(person)
		}, nil},
	})
}

func TestProxy(t *testing.T) {
	runScenes(t, proxyPlacement, Check, []sceneTest{
		{"good", func(s *scene) {}, nil},
		{"number written otherwise", func(s *scene) { s.Placement.Proxy.Number = "№12" }, nil},
		{"signer by initials", func(s *scene) {
			s.Placement.Proxy.Signer = schema.Person{Name: "Петрова А. О.", Post: "инженер"}
		}, nil},
		// Who signs by proxy need not be in the list, and the performer need not have the right.
		{"performer without right", func(s *scene) { s.List.Entries[0].MaySign = false }, nil},
		{"performer gone since", func(s *scene) { s.List.Entries[0].To = day("2026-11-21") }, nil},
		// But the performer must have been there when the work was done.
		{"performer not listed", func(s *scene) { s.List.Entries = []schema.StaffEntry{entry(petrova)} },
			[]string{"L01 not-in-list" + atPerformer}},
		{"performer dismissed", func(s *scene) { s.List.Entries[0].To = day("2026-11-20") },
			[]string{"L02 not-in-force" + atPerformer}},
		{"no list", func(s *scene) { s.List = nil }, []string{"L01 no-list" + atPerformer}},
	})
}

func TestPowerOfAttorney(t *testing.T) {
	runScenes(t, proxyPlacement, Check, []sceneTest{
		{"absent", func(s *scene) { s.List.Proxies = nil }, []string{"L05 proxy-absent" + atProxy}},
		{"other number", func(s *scene) { s.Placement.Proxy.Number = "13" }, []string{"L05 proxy-absent" + atProxy}},
		{"other date", func(s *scene) { s.Placement.Proxy.Date = day("2026-01-16") },
			[]string{"D03 proxy-date-differs" + atProxy + "/@date"}},
		{"same number of two years", func(s *scene) {
			former := s.List.Proxies[0]
			former.Date, former.To = day("2025-01-15"), day("2025-12-31")
			s.List.Proxies = append([]schema.PowerOfAttorney{former}, s.List.Proxies...)
		}, nil},
		// One paper names two representatives: each has a row, and signs by his own.
		{"given to two", func(s *scene) {
			other := s.List.Proxies[0]
			other.Holder = sidorova
			s.List.Proxies = append([]schema.PowerOfAttorney{other}, s.List.Proxies...)
		}, nil},
		{"given to two others", func(s *scene) {
			other := s.List.Proxies[0]
			other.Holder = sidorova
			s.List.Proxies = []schema.PowerOfAttorney{other, other}
		}, []string{"L05 proxy-other-person" + atProxy + "/Signer"}},
		{"from today", func(s *scene) { s.List.Proxies[0].From = day("2026-11-22") }, nil},
		{"until today", func(s *scene) { s.List.Proxies[0].To = day("2026-11-22") }, nil},
		{"from tomorrow", func(s *scene) { s.List.Proxies[0].From = day("2026-11-23") },
			[]string{"L05 proxy-not-yet" + atProxy}},
		// In force on the work date, over when it was signed: the moment decides.
		{"over yesterday", func(s *scene) { s.List.Proxies[0].To = day("2026-11-21") },
			[]string{"L05 proxy-expired" + atProxy}},
		{"withdrawn tomorrow", func(s *scene) { s.List.Proxies[0].Withdrawn = day("2026-11-23") }, nil},
		{"withdrawn today", func(s *scene) { s.List.Proxies[0].Withdrawn = day("2026-11-22") },
			[]string{"L05 proxy-withdrawn" + atProxy}},
		{"signed before the withdrawal", func(s *scene) {
			s.List.Proxies[0].Withdrawn = day("2026-11-22")
			s.Case.Moment = received.AddDate(0, 0, -1)
		}, nil},
		{"for this kind", func(s *scene) { s.List.Proxies[0].Kinds = []schema.Kind{schema.KindPlacement} }, nil},
		{"for another kind", func(s *scene) { s.List.Proxies[0].Kinds = []schema.Kind{schema.KindWaybill} },
			[]string{"L05 proxy-other-scope" + atProxy}},
		{"for this branch", func(s *scene) { s.List.Proxies[0].Branches = []string{"780101001", "770801001"} }, nil},
		{"for another branch", func(s *scene) { s.List.Proxies[0].Branches = []string{"780101001"} },
			[]string{"L05 proxy-other-branch" + atProxy}},
		{"to sign for the performer", func(s *scene) { s.List.Proxies[0].Principals = []schema.Person{sidorova, ivanov} }, nil},
		{"to sign for one of this name", func(s *scene) {
			s.List.Proxies[0].Principals = []schema.Person{{Name: "Иванов И. И."}}
		}, nil},
		{"to sign for another", func(s *scene) { s.List.Proxies[0].Principals = []schema.Person{sidorova} },
			[]string{"L05 proxy-other-principal" + atPerformer}},
		// The document names him without a number; the staff list knows it.
		{"to sign for a namesake", func(s *scene) {
			s.Placement.Performer.SNILS = ""
			s.List.Proxies[0].Principals = []schema.Person{{Name: ivanov.Name, PersonID: sidorova.PersonID}}
		}, []string{"L05 proxy-other-principal" + atPerformer}},
		// Who gave the power of attorney is recorded, and changes nothing.
		{"given by the head", func(s *scene) {
			s.List.Proxies[0].Issuer = schema.Person{Name: "Орлов О. О.", Post: "директор"}
		}, nil},
		{"named by its number in the register", func(s *scene) {
			s.List.Proxies[0].Registry = "0193f1c2-7a4b-7c3d-8e5f-0000000000ab"
			s.Placement.Proxy.Number = "0193F1C2-7A4B-7C3D-8E5F-0000000000AB"
		}, nil},
		{"given to another", func(s *scene) { s.List.Proxies[0].Holder = sidorova },
			[]string{"L05 proxy-other-person" + atProxy + "/Signer"}},
		{"given to a namesake", func(s *scene) { s.List.Proxies[0].Holder.SNILS = sidorova.SNILS },
			[]string{"L05 proxy-other-person" + atProxy + "/Signer"}},
		// Иванов signs himself, although the text says that Петрова did.
		{"the performer signs", func(s *scene) { s.Case.Report.Signer = certificateOf(ivanov) },
			[]string{"L04 proxy-signer-differs" + atProxy + "/Signer", "L05 proxy-other-person" + atProxy + "/Signer"}},
		{"another is named", func(s *scene) { s.Placement.Proxy.Signer = sidorova },
			[]string{"L04 proxy-signer-differs" + atProxy + "/Signer"}},
		// The number of the one who signs under another's name: the name stands in the text.
		{"false name with the right number", func(s *scene) { s.Placement.Proxy.Signer.Name = "Орлова Ольга Олеговна" },
			[]string{"L04 proxy-signer-differs" + atProxy + "/Signer"}},
		{"certificate without number", func(s *scene) { s.Case.Report.Signer.SNILS = "" },
			[]string{"L04 signer-not-identified" + atProxy + "/Signer"}},
		{"certificate registered with the power", func(s *scene) {
			s.Case.Report.Signer.SNILS = ""
			s.List.Proxies[0].Certificate = schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
		}, nil},
		{"everything at once", func(s *scene) {
			p := &s.List.Proxies[0]
			p.Holder, p.To, p.Kinds = sidorova, day("2026-06-30"), []schema.Kind{schema.KindWaybill}
		}, []string{"L05 proxy-other-person" + atProxy + "/Signer", "L05 proxy-expired" + atProxy,
			"L05 proxy-other-scope" + atProxy}},
	})
}

func TestAgreement(t *testing.T) {
	runScenes(t, goodPlacement, Check, []sceneTest{
		{"none", func(s *scene) { s.Case.Organisation.Agreement = register.Agreement{} },
			[]string{"L06 no-agreement /Placement/Header/Organisation"}},
		{"organisation unknown", func(s *scene) { s.Case.Organisation = nil },
			[]string{"L06 no-agreement /Placement/Header/Organisation"}},
		{"from today", func(s *scene) { s.Case.Organisation.Agreement.From = day("2026-11-22") }, nil},
		{"until today", func(s *scene) { s.Case.Organisation.Agreement.To = day("2026-11-22") }, nil},
		{"over yesterday", func(s *scene) { s.Case.Organisation.Agreement.To = day("2026-11-21") },
			[]string{"L06 agreement-not-in-force /Placement/Header/Organisation"}},
		{"waybills only", func(s *scene) { s.Case.Organisation.Agreement.Covers = []schema.Kind{schema.KindWaybill} },
			[]string{"L06 not-covered /Placement"}},
		{"by hand", func(s *scene) {
			a := &s.Case.Organisation.Agreement
			a.Placement, a.Covers = register.PlacementByHand, []schema.Kind{schema.KindWaybill}
		}, []string{"L06 placement-by-hand /Placement"}},
	})
}

func TestPlacementData(t *testing.T) {
	runScenes(t, goodPlacement, Check, []sceneTest{
		{"made ahead of our clock", func(s *scene) { s.Header.CreatedAt = received.Add(5 * time.Minute) }, nil},
		{"made in the future", func(s *scene) { s.Header.CreatedAt = received.Add(5*time.Minute + time.Second) },
			[]string{"D03 created-in-future /Placement/Header/CreatedAt"}},
		{"work today", func(s *scene) { s.Placement.WorkDate = day("2026-11-22") }, nil},
		{"work tomorrow", func(s *scene) { s.Placement.WorkDate = day("2026-11-23") },
			[]string{"D03 work-date-in-future /Placement/WorkDate"}},
		// Half past midnight in Moscow is still yesterday in Greenwich.
		{"work today, by the railway's calendar", func(s *scene) {
			s.Case.Received = time.Date(2026, 11, 22, 21, 30, 0, 0, time.UTC)
			s.Placement.WorkDate = day("2026-11-23")
		}, nil},
		{"wagon number", func(s *scene) {
			s.Placement.Wagons[0].Number = "63498001"
			s.Case.Consignment.Wagons[0] = "63498001"
		}, []string{"D01 wagon-check-digit /Placement/Wagon/@number"}},
		{"second wagon number", func(s *scene) {
			s.Placement.Wagons = append(s.Placement.Wagons, schema.Wagon{Number: "62310785"})
			s.Case.Consignment.Wagons = []string{"62310785", "63498000"}
		}, []string{"D01 wagon-check-digit /Placement/Wagon[2]/@number"}},
		{"wagon twice", func(s *scene) { s.Placement.Wagons = append(s.Placement.Wagons, s.Placement.Wagons[0]) },
			[]string{"D03 wagon-repeated /Placement/Wagon[2]/@number"}},
		// A container or a small consignment whose wagon the carrier finds later (288 сноска 3).
		{"none in either", func(s *scene) { s.Placement.Wagons, s.Case.Consignment.Wagons = nil, nil }, nil},
		{"none in ЭД №1", func(s *scene) { s.Case.Consignment.Wagons = nil }, []string{"D03 wagons-differ /Placement/Wagon"}},
		{"none in ЭД №2", func(s *scene) { s.Placement.Wagons = nil }, []string{"D03 wagons-differ /Placement/Wagon"}},
		{"wagon left out", func(s *scene) { s.Case.Consignment.Wagons = []string{"62310784", "63498000"} },
			[]string{"D03 wagons-differ /Placement/Wagon"}},
		{"foreign wagon", func(s *scene) { s.Placement.Wagons[0].Number = "62310784" },
			[]string{"D03 wagons-differ /Placement/Wagon"}},
		{"wagons in another order", func(s *scene) {
			s.Placement.Wagons = []schema.Wagon{{Number: "63498000"}, {Number: "62310784"}}
			s.Case.Consignment.Wagons = []string{"62310784", "63498000"}
		}, nil},
		// Of another ЭД №1 the workflow speaks; there is nothing to compare with.
		{"another waybill", func(s *scene) {
			s.Case.Consignment.WaybillContent = "2222"
			s.Case.Consignment.Wagons, s.Case.Consignment.Traffic = []string{"62310784"}, "other"
		}, nil},
		{"other traffic", func(s *scene) { s.Case.Consignment.Traffic = "international" },
			[]string{"D03 declared-differs /Placement/Traffic"}},
		{"snils", func(s *scene) { s.Placement.Performer.SNILS = "11223344596" },
			[]string{"L01 not-in-list" + atPerformer, "L04 signer-differs" + atPerformer,
				"D01 snils-check-digit /Placement/Performer/@snils"}},
		{"person's inn", func(s *scene) { s.Placement.Performer.INN = "500100732258" },
			[]string{"D01 inn-check-digit /Placement/Performer/@inn"}},
		{"text", func(s *scene) { s.Placement.Text = "Груз размещен и закреплен" }, []string{"L08 text-differs /Placement/Text"}},
		{"text of another", func(s *scene) {
			p := *s.Placement
			p.Performer = petrova
			s.Placement.Text = schema.RenderPlacement(&p)
		}, []string{"L08 text-differs /Placement/Text"}},
		{"fasteners worded otherwise", func(s *scene) {
			p := *s.Placement
			p.Fasteners = []schema.Fastener{{Name: "растяжка проволочная", Quantity: 4, Strands: 6}, p.Fasteners[1]}
			s.Placement.Text = schema.RenderPlacement(&p)
		}, []string{"warning L08 fasteners-differ /Placement/Text"}},
	})
}

// All rules are asked, and the findings come in the order of the table.
func TestAllFindingsTogether(t *testing.T) {
	s := goodPlacement()
	s.Case.Organisation.Agreement.To = day("2026-11-21")
	s.List.Entries[0].To = day("2026-11-20")
	s.Case.Report.Signer = certificateOf(petrova)
	s.Placement.Text = "Груз"
	s.Placement.WorkDate = day("2026-11-23")
	s.Placement.Wagons[0].Number = "63498001"
	want := []string{
		"L06 agreement-not-in-force /Placement/Header/Organisation",
		"L02 not-in-force" + atPerformer,
		"L03 no-right-to-sign" + atPerformer,
		"L04 signer-differs" + atPerformer,
		"L08 text-differs /Placement/Text",
		"D03 work-date-in-future /Placement/WorkDate",
		"D01 wagon-check-digit /Placement/Wagon/@number",
		"D03 wagons-differ /Placement/Wagon",
	}
	if diff := cmp.Diff(want, shown(t, Check(s.build(t)))); diff != "" {
		t.Error(diff)
	}
}

// What findings show of people: names, and numbers only where nothing else tells them apart.
func TestNumbersAreNotShownInFull(t *testing.T) {
	s := goodPlacement()
	s.Case.Report.Signer.SNILS = petrova.SNILS
	got := Check(s.build(t))
	if len(got) != 1 || got[0].Expected != "Иванов Иван Иванович (112…4595)" ||
		got[0].Actual != "Иванов Иван Иванович (100…0009)" {
		t.Errorf("got %+v", got)
	}
	s.Case.Report.Signer = signature.Identity{CommonName: "Орлов Олег Олегович", SNILS: petrova.SNILS}
	got = Check(s.build(t))
	if len(got) != 1 || got[0].Expected != ivanov.Name || got[0].Actual != "Орлов Олег Олегович" {
		t.Errorf("got %+v", got)
	}
}
