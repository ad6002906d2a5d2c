package legitimacy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/register"
	"asugate/schema"
	"asugate/signature"
)

func TestWaybillSender(t *testing.T) {
	runScenes(t, goodWaybill, Authority, []sceneTest{
		{"good", func(s *scene) {}, nil},
		{"as somebody else", func(s *scene) { s.Header.Sender = "SHIP-02" },
			[]string{"A11 sender-not-allowed /Waybill/Header/Sender"}},
		{"as the railway", func(s *scene) { s.Header.Sender = "RZD" },
			[]string{"A11 sender-not-allowed /Waybill/Header/Sender"}},
		{"to another railway", func(s *scene) { s.Header.Receiver = "UZ" },
			[]string{"W17 receiver-unknown /Waybill/Header/Receiver"}},
		{"test to test", func(s *scene) { s.Environment = "test" }, nil},
		{"production to test", func(s *scene) { s.Environment = "production" },
			[]string{"W17 environment-differs /Waybill/@Environment"}},
		{"test to production", func(s *scene) { s.Environment, s.Case.Environment = "test", "production" },
			[]string{"W17 environment-differs /Waybill/@Environment"}},
		{"for another organisation", func(s *scene) { s.Case.Organisation = nil },
			[]string{"A11 organisation-not-allowed /Waybill/Header/Organisation"}},
		{"contradicting numbers of the organisation", func(s *scene) { s.Header.Organisation.OGRN = "1027700132195" },
			[]string{"A11 organisation-not-allowed /Waybill/Header/Organisation/@ogrn"}},
		{"a branch", func(s *scene) { s.Header.Organisation.KPP = "780101001" }, nil},
	})
}

func TestWaybillSignatory(t *testing.T) {
	runScenes(t, goodWaybill, Authority, []sceneTest{
		{"another signs", func(s *scene) { s.Case.Report.Signer = certificateOf(petrova) },
			[]string{"A11 signer-not-registered /Waybill/Signatory"}},
		// The performer of ЭД №2 is in the staff list; that gives no right to sign ЭД №1.
		{"the performer signs", func(s *scene) { s.Case.Report.Signer = certificateOf(ivanov) },
			[]string{"A11 signer-not-registered /Waybill/Signatory"}},
		{"a namesake signs", func(s *scene) { s.Case.Report.Signer.SNILS = petrova.SNILS },
			[]string{"A11 signer-not-registered /Waybill/Signatory"}},
		{"certificate without number", func(s *scene) { s.Case.Report.Signer.SNILS = "" },
			[]string{"A11 signer-not-registered /Waybill/Signatory"}},
		{"registered certificate", func(s *scene) {
			s.Case.Report.Signer.SNILS = ""
			s.Case.Organisation.Signatories[0].SNILS = ""
			s.Case.Organisation.Signatories[0].Certificate = schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
		}, nil},
		{"registered for paper only", func(s *scene) {
			s.Case.Organisation.Signatories[0].Kinds = []schema.Kind{schema.KindPaperSwitch}
		}, []string{"A11 signer-not-registered /Waybill/Signatory"}},
		{"registration from tomorrow", func(s *scene) { s.Case.Organisation.Signatories[0].From = day("2026-11-23") },
			[]string{"A11 signer-not-in-force /Waybill/Signatory"}},
		{"registration over yesterday", func(s *scene) { s.Case.Organisation.Signatories[0].To = day("2026-11-21") },
			[]string{"A11 signer-not-in-force /Waybill/Signatory"}},
		{"registration until today", func(s *scene) { s.Case.Organisation.Signatories[0].To = day("2026-11-22") }, nil},
		{"registered twice, once in force", func(s *scene) {
			former := s.Case.Organisation.Signatories[0]
			former.To = day("2026-03-01")
			s.Case.Organisation.Signatories = append(s.Case.Organisation.Signatories, former)
		}, nil},
		{"proven signing time", func(s *scene) {
			s.Case.Organisation.Signatories[0].To = day("2026-11-21")
			s.Case.Moment = received.AddDate(0, 0, -1)
		}, nil},
		{"another is named", func(s *scene) { s.Waybill.Signatory = petrova },
			[]string{"D03 declared-differs /Waybill/Signatory"}},
		{"named with another's number", func(s *scene) { s.Waybill.Signatory.SNILS = petrova.SNILS },
			[]string{"D03 declared-differs /Waybill/Signatory"}},
		{"named by initials", func(s *scene) {
			s.Waybill.Signatory = schema.Person{Name: "Сидорова М.П.", Post: "кассир"}
		}, nil},

		{"named with another number than the register has", func(s *scene) {
			s.Case.Report.Signer.SNILS = ""
			s.Case.Organisation.Signatories[0].Certificate = schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
			s.Waybill.Signatory.SNILS = petrova.SNILS
		}, []string{"D03 declared-differs /Waybill/Signatory"}},
	})
}

func TestWaybillData(t *testing.T) {
	runScenes(t, goodWaybill, Authority, []sceneTest{
		{"no agreement", func(s *scene) { s.Case.Organisation.Agreement = register.Agreement{} },
			[]string{"W17 kind-not-agreed /Waybill"}},
		{"agreement over", func(s *scene) { s.Case.Organisation.Agreement.To = day("2026-11-21") },
			[]string{"W17 kind-not-agreed /Waybill"}},
		{"not covered", func(s *scene) { s.Case.Organisation.Agreement.Covers = []schema.Kind{schema.KindPlacement} },
			[]string{"W17 kind-not-agreed /Waybill"}},

		{"made in the future", func(s *scene) { s.Header.CreatedAt = received.Add(time.Hour) },
			[]string{"D03 created-in-future /Waybill/Header/CreatedAt"}},
		{"wagon twice", func(s *scene) { s.Waybill.Wagons = append(s.Waybill.Wagons, s.Waybill.Wagons[0]) },
			[]string{"D03 wagon-repeated /Waybill/Wagon[2]/@number"}},
		{"another consignor", func(s *scene) { s.Waybill.Consignor.OrgID = schema.OrgID{INN: "7707083893"} },
			[]string{"D03 consignor-differs /Waybill/Consignor"}},
		{"consignor by ОГРН", func(s *scene) { s.Waybill.Consignor.OrgID = schema.OrgID{OGRN: ogrn} }, nil},
		{"consignor who cannot be compared", func(s *scene) { s.Waybill.Consignor.OrgID = schema.OrgID{OKPO: "00083262"} },
			[]string{"D03 consignor-differs /Waybill/Consignor"}},
		{"consignor with contradicting numbers", func(s *scene) {
			s.Waybill.Consignor.OrgID = schema.OrgID{INN: inn, OGRN: "1027700132195"}
		}, []string{"D03 consignor-differs /Waybill/Consignor"}},
		{"foreign consignee with a long number", func(s *scene) {
			s.Waybill.Consignee.OrgID = schema.OrgID{EDRPOU: "4008121699"}
		}, nil},
		{"check digits", func(s *scene) {
			w := s.Waybill
			w.DepartureStation, w.DestinationStation = "985608", "850608"
			w.Consignee.OrgID = schema.OrgID{INN: "7707083894", OGRN: "1027700132196", OKPO: "00083263", EDRPOU: "40081217"}
			w.Cargo = append(w.Cargo, schema.Cargo{ETSNG: "161127", Name: "Уголь", MassKg: 1})
			w.Wagons[0].Number = "63498001"
		}, []string{
			"D01 station-check-digit /Waybill/Departure/@station",
			"D01 station-check-digit /Waybill/Destination/@station",
			"D01 inn-check-digit /Waybill/Consignee/@inn",
			"D01 okpo-check-digit /Waybill/Consignee/@okpo",
			"D01 ogrn-check-digit /Waybill/Consignee/@ogrn",
			"D01 edrpou-check-digit /Waybill/Consignee/@edrpou",
			"D01 cargo-check-digit /Waybill/Cargo[2]/@etsng",
			"D01 wagon-check-digit /Waybill/Wagon/@number",
		}},
		{"number of a person", func(s *scene) {
			s.Waybill.Signatory.PersonID = schema.PersonID{INN: "500100732258", RNOKPP: "1234567890"}
		}, []string{"D01 inn-check-digit /Waybill/Signatory/@inn", "D01 rnokpp-check-digit /Waybill/Signatory/@rnokpp"}},
		// Two defects of different rules are both said.
		{"as somebody else, by another", func(s *scene) {
			s.Header.Sender = "SHIP-02"
			s.Case.Report.Signer = certificateOf(petrova)
		}, []string{"A11 sender-not-allowed /Waybill/Header/Sender", "A11 signer-not-registered /Waybill/Signatory"}},
	})
}

// A waybill has no stage legitimacy, and no staff list is asked about it.
func TestWaybillHasOneStage(t *testing.T) {
	s := goodWaybill()
	s.List = nil
	s.Case.Report.Signer = certificateOf(petrova)
	if got := Check(s.build(t)); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestPaperAuthority(t *testing.T) {
	runScenes(t, goodPaper, Authority, []sceneTest{
		{"good", func(s *scene) {}, nil},
		{"another signs", func(s *scene) { s.Case.Report.Signer = certificateOf(ivanov) },
			[]string{"A11 signer-not-registered /PaperSwitch/Person"}},
		{"registered for waybills only", func(s *scene) {
			s.Case.Organisation.Signatories[0].Kinds = []schema.Kind{schema.KindWaybill}
		}, []string{"A11 signer-not-registered /PaperSwitch/Person"}},
		// Who decided need not be who signed: the signer answers for what the document says.
		{"decided by another", func(s *scene) { s.Paper.Person = petrova }, nil},
		{"not covered", func(s *scene) { s.Case.Organisation.Agreement.Covers = []schema.Kind{schema.KindWaybill} },
			[]string{"W17 kind-not-agreed /PaperSwitch"}},
	})
}

const atOrganisation = " /Placement/Header/Organisation"

// The organisation in the certificate, and what binds a certificate that names none.
func TestCertificateOrganisation(t *testing.T) {
	none := func(s *scene) { s.Case.Report.Signer.INNLE, s.Case.Report.Signer.OGRN = "", "" }
	certificate := schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
	runScenes(t, goodPlacement, Authority, []sceneTest{
		{"named", func(s *scene) {}, nil},
		{"another's", func(s *scene) { s.Case.Report.Signer.INNLE, s.Case.Report.Signer.OGRN = "7707083893", "" },
			[]string{"A08 organisation-differs" + atOrganisation}},
		{"another's, both numbers", func(s *scene) {
			s.Case.Report.Signer.INNLE, s.Case.Report.Signer.OGRN = "7707083893", "1027700132195"
		}, []string{"A08 organisation-differs" + atOrganisation, "A08 organisation-differs" + atOrganisation}},
		{"one agrees, one differs", func(s *scene) { s.Case.Report.Signer.OGRN = "1027700132195" },
			[]string{"A08 organisation-differs" + atOrganisation}},
		{"by ОГРН alone", func(s *scene) { s.Case.Report.Signer.INNLE = "" }, nil},
		{"none", none, []string{"A08 organisation-absent" + atOrganisation}},
		{"none, another's power of attorney", func(s *scene) { none(s); s.List.Proxies[0].Holder = petrova },
			[]string{"A08 organisation-absent" + atOrganisation}},
		{"none, own power of attorney", func(s *scene) { none(s); s.List.Proxies[0].Holder = ivanov }, nil},
		{"none, power of attorney over", func(s *scene) {
			none(s)
			s.List.Proxies[0].Holder, s.List.Proxies[0].To = ivanov, day("2026-11-21")
		}, []string{"A08 organisation-absent" + atOrganisation}},
		{"none, power of attorney withdrawn", func(s *scene) {
			none(s)
			s.List.Proxies[0].Holder, s.List.Proxies[0].Withdrawn = ivanov, day("2026-11-22")
		}, []string{"A08 organisation-absent" + atOrganisation}},
		{"none, power of attorney for the certificate", func(s *scene) {
			none(s)
			s.Case.Report.Signer.SNILS = ""
			s.List.Proxies[0].Certificate = certificate
		}, nil},
	})
}

// A certificate that names no organisation may be registered, or belong to an entrepreneur.
func TestCertificateWithoutOrganisation(t *testing.T) {
	none := func(s *scene) { s.Case.Report.Signer.INNLE, s.Case.Report.Signer.OGRN = "", "" }
	certificate := schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
	runScenes(t, goodPlacement, Authority, []sceneTest{
		{"none, registered in the list", func(s *scene) { none(s); s.List.Entries[0].Certificate = certificate }, nil},
		{"none, registered with its owner", func(s *scene) {
			none(s)
			s.Case.Organisation.Certificates = []register.CertificateOwner{{CertificateRef: certificate, Person: ivanov}}
		}, nil},
		{"none, registered for a signatory", func(s *scene) {
			none(s)
			s.Case.Organisation.Signatories[0].Certificate = certificate
		}, nil},
		{"another's although registered", func(s *scene) {
			s.Case.Report.Signer.INNLE = "7707083893"
			s.List.Entries[0].Certificate = certificate
		}, []string{"A08 organisation-differs" + atOrganisation}},
		{"none, power of attorney with a contradicting number", func(s *scene) {
			none(s)
			s.Case.Report.Signer.INN = "526317984689"
			s.List.Proxies[0].Holder = ivanov
			s.List.Proxies[0].Holder.INN = "500100732259"
		}, []string{"A08 organisation-absent" + atOrganisation}},
		{"entrepreneur by ИНН", func(s *scene) {
			entrepreneur(s)
			s.Case.Report.Signer = signature.Identity{INN: "500100732259"}
		}, nil},
		{"entrepreneur by ОГРНИП", func(s *scene) {
			entrepreneur(s)
			s.Case.Report.Signer = signature.Identity{OGRNIP: "304500116000157"}
		}, nil},
		{"worker of an entrepreneur", func(s *scene) {
			entrepreneur(s)
			s.Case.Report.Signer = signature.Identity{INN: "526317984689"}
		}, []string{"A08 organisation-absent" + atOrganisation}},
		{"in Ukraine", func(s *scene) {
			s.Case.Organisation.OrgID = schema.OrgID{EDRPOU: "40081216"}
			s.Header.Organisation = schema.OrgID{EDRPOU: "40081216"}
			s.Case.Report.Signer = signature.Identity{EDRPOU: "40081216"}
		}, nil},
		{"in Ukraine, another's", func(s *scene) {
			s.Case.Organisation.OrgID = schema.OrgID{EDRPOU: "40081216"}
			s.Header.Organisation = schema.OrgID{EDRPOU: "40081216"}
			s.Case.Report.Signer = signature.Identity{EDRPOU: "40081237"}
		}, []string{"A08 organisation-differs" + atOrganisation}},
	})
}

func entrepreneur(s *scene) {
	s.Case.Organisation.OrgID = schema.OrgID{INN: "500100732259", OGRN: "304500116000157"}
	s.Header.Organisation = schema.OrgID{INN: "500100732259"}
}

func TestRailwayAuthority(t *testing.T) {
	runScenes(t, goodList, Authority, []sceneTest{
		{"good", func(s *scene) {}, nil},
		{"in the name of a client", func(s *scene) { s.Header.Sender = "SHIP-01" },
			[]string{"A11 sender-not-allowed /StaffList/Header/Sender"}},
		{"from nowhere", func(s *scene) { s.Case.Railway = nil },
			[]string{"A11 sender-unknown /StaffList/Header/Sender"}},
		// Poisoning the list: a client sends one, well signed by its own people.
		{"sent by a client", func(s *scene) {
			good := goodPlacement()
			s.Case.Participant, s.Case.Organisation = good.Case.Participant, good.Case.Organisation
			s.Header.Sender = "SHIP-01"
		}, []string{"A11 kind-not-allowed /StaffList"}},
		{"made in the future", func(s *scene) { s.Header.CreatedAt = received.Add(time.Hour) },
			[]string{"D03 created-in-future /StaffList/Header/CreatedAt"}},
		{"the first list", func(s *scene) { s.List = nil }, nil},
		{"not newer", func(s *scene) { s.List.Version = 43 }, []string{"W16 version-not-newer /StaffList/@Version"}},
		{"older", func(s *scene) { s.List.Version = 44 }, []string{"W16 version-not-newer /StaffList/@Version"}},
		{"a fifth less", func(s *scene) {
			s.List.Entries = make([]schema.StaffEntry, 5)
			s.Staff.Entries = []schema.StaffEntry{entry(ivanov), entry(petrova), entry(sidorova), entry(other(1))}
		}, nil},
		{"more than a fifth less", func(s *scene) {
			s.List.Entries = make([]schema.StaffEntry, 4)
			s.Staff.Entries = []schema.StaffEntry{entry(ivanov), entry(petrova), entry(sidorova)}
		}, []string{"warning W16 held /StaffList"}},
		{"person twice", func(s *scene) {
			second := entry(ivanov)
			second.From = day("2026-06-01")
			s.Staff.Entries = append(s.Staff.Entries, second)
		}, []string{"D03 entry-repeated /StaffList/Entry[2]/Person"}},
	})
}

// other is somebody else, with a valid СНИЛС.
func other(n int) schema.Person {
	return schema.Person{Name: "Орлов Олег Олегович", Post: "мастер",
		PersonID: schema.PersonID{SNILS: []string{"10000000211", "10000000312"}[n]}}
}

// The railway sends no documents of clients.
func TestRailwaySendsNoWaybill(t *testing.T) {
	s := goodWaybill()
	s.Case.Participant = nil
	s.Header.Sender = "RZD"
	got := shown(t, Authority(s.build(t)))
	if len(got) == 0 || got[0] != "A11 kind-not-allowed /Waybill" {
		t.Errorf("got %v", got)
	}
}

func TestZeroDocument(t *testing.T) {
	for name, stage := range map[string]func(*Case) []schema.Finding{"Authority": Authority, "Check": Check} {
		if got := stage(&Case{}); len(got) != 1 || got[0].Severity != schema.Error {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRuleTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		key := string(r.Stage) + " " + r.Name
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if r.Check == nil || r.Clause == "" || r.Stage != schema.Authenticity && r.Stage != schema.Legitimacy {
			t.Errorf("%s lacks something", key)
		}
		// ЭД №1 and the switch to paper get no second stage (288 п. 2.1.2), nor does the railway.
		for _, k := range allKinds {
			if r.Stage == schema.Legitimacy && r.covers(k) && k != schema.KindPlacement {
				t.Errorf("%s is asked about %s", key, k)
			}
		}
	}
	Rules()[0].Name = "changed"
	if diff := cmp.Diff("sender", Rules()[0].Name); diff != "" {
		t.Error("a caller changed the table")
	}
}
