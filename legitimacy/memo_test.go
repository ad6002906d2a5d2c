package legitimacy

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	papers "asugate/internal/scene"
	"asugate/register"
	"asugate/register/codes"
	"asugate/schema"
	"asugate/signature"
	"asugate/workflow"
	"asugate/xmltree"
)

// onMemo changes the memo of a scene.
func onMemo(change func(*schema.Memo)) func(*scene) {
	return func(s *scene) { change(&s.Primary.Memo) }
}

func TestNumbersOfMemo(t *testing.T) {
	for _, c := range []primaryCase{
		{"a slip of the finger in a wagon", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Number = "62310785" }),
			[]string{"D01 wagon-check-digit /Memo/Wagon[2]/@number"}},
		{"the one wagon of a memo", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons = m.Wagons[:1]
			m.Wagons[0].Number = "63498001"
		}), []string{"D01 wagon-check-digit /Memo/Wagon/@number"}},
		{"a wagon of a third country", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Number, m.Wagons[0].Administration = chinese, ""
		}), nil},
		{"one with a slip", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Number, m.Wagons[0].Administration = chinese[:11]+"9", ""
		}), []string{"D01 wagon-check-digit /Memo/Wagon[1]/@number"}},
		{"a wagon twice", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Number = first63 }),
			[]string{"D03 wagon-repeated /Memo/Wagon[2]/@number"}},
		{"a station", supplyMemo, onMemo(func(m *schema.Memo) { m.Station.Code = "985608" }),
			[]string{"D01 station-check-digit /Memo/Station/@station"}},
		{"ИНН and ОКПО of the owner", supplyMemo, onMemo(func(m *schema.Memo) { m.Owner.INN, m.Owner.OKPO = "7708503728", "00083263" }),
			[]string{"D01 inn-check-digit /Memo/Owner/@inn", "D01 okpo-check-digit /Memo/Owner/@okpo"}},
		{"ИНН of the contractor", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Contractor = schema.Party{OrgID: schema.OrgID{INN: "7707083894"}, Name: "ООО «Второй»"}
		}), []string{"D01 inn-check-digit /Memo/Contractor/@inn"}},
		{"a cargo", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Cargo = []schema.Cargo{{ETSNG: "161128", Name: "Уголь"}, {ETSNG: "161127", Name: "Уголь"}}
		}), []string{"D01 cargo-check-digit /Memo/Wagon[1]/Cargo[2]/@etsng"}},
		{"СНИЛС of the signatory", supplyMemo, onMemo(func(m *schema.Memo) { m.Signatory.SNILS = "11223344596" }),
			[]string{"D01 snils-check-digit /Memo/Signatory/@snils"}},
	} {
		c.run(t)
	}
}

func TestContainersOfMemo(t *testing.T) {
	with := func(containers ...schema.MemoContainer) func(*scene) {
		return onMemo(func(m *schema.Memo) { m.Wagons[1].Containers = containers })
	}
	for _, c := range []primaryCase{
		{"of each size", supplyMemo, with(schema.MemoContainer{Number: "CSQU3054383", Size: "20"}, schema.MemoContainer{Number: "123456789", Size: "3"},
			schema.MemoContainer{Number: "123456780", Size: "5"}, schema.MemoContainer{Number: "123456781", Size: "10"},
			schema.MemoContainer{Number: "123456782", Size: "24"}, schema.MemoContainer{Number: "MSCU6639870", Size: "30"}), nil},
		{"without its size", supplyMemo, with(schema.MemoContainer{Number: "CSQU3054383"}), nil},
		{"of no size that there is", supplyMemo, with(schema.MemoContainer{Number: "CSQU3054383", Size: "40"}),
			[]string{"D03 container-size /Memo/Wagon[2]/Container/@size"}},
		{"with a slip of the finger", supplyMemo, with(schema.MemoContainer{Number: "CSQU3054384", Size: "20"}),
			[]string{"D01 container-check-digit /Memo/Wagon[2]/Container/@number"}},
		{"twice", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Containers = []schema.MemoContainer{{Number: "CSQU3054383"}}
			m.Wagons[1].Containers = []schema.MemoContainer{{Number: "MSCU6639870"}, {Number: "CSQU3054383"}}
		}), []string{"D03 container-repeated /Memo/Wagon[2]/Container[2]/@number"}},
		{"of an act", startAct, func(s *scene) {
			s.Primary.Act.Wagons[1].Containers = []schema.MemoContainer{{Number: "CSQU3054384", Size: "40"}}
		}, []string{"D03 container-size /Act/Wagon[2]/Container/@size", "D01 container-check-digit /Act/Wagon[2]/Container/@number"}},
	} {
		c.run(t)
	}
}

func TestCodesOfMemo(t *testing.T) {
	const table = "code\tname\tsource\nвгр\tвыгрузка\tТаблица 3\n"
	replaced := func(file string) func(s *scene) {
		return func(s *scene) {
			s.Case.Codes = pki.Must(codes.Read(fstest.MapFS{file: {Data: []byte(table)}}))
		}
	}
	for _, c := range []primaryCase{
		{"an administration that is in no table", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Administration = "99" }),
			[]string{"warning D02 code-unknown /Memo/Wagon[1]/@administration"}},
		// Memos as they are leave it out of part of their rows.
		{"none with eight digits", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Administration = "" }),
			[]string{"warning D02 code-unknown /Memo/Wagon[1]/@administration"}},
		{"one whose wagons have twelve digits", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Administration = "33" }),
			[]string{"D03 numbering-differs /Memo/Wagon[1]/@number"}},
		{"a station that is in no table", supplyMemo, onMemo(func(m *schema.Memo) { m.Station.Code = "119703" }),
			[]string{"warning D02 code-unknown /Memo/Station/@station"}},
		{"ownership that the shipped rows lack", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Ownership = "ИНВ" }),
			[]string{"warning D02 code-unknown /Memo/Wagon[1]/@ownership"}},
		{"in small letters", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Ownership = "соб" }), nil},
		{"none", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Ownership, m.Wagons[0].Operation = "", "" }), nil},
		{"an operation that the shipped rows lack", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Operation = "рем" }),
			[]string{"warning D02 code-unknown /Memo/Wagon[2]/@operation"}},
		{"and that a whole table lacks", supplyMemo, func(s *scene) {
			replaced(codes.FileOperations)(s)
			s.Primary.Memo.Wagons[1].Operation = "рем"
		}, []string{"D02 code-unknown /Memo/Wagon[2]/@operation"}},
		{"a remark, of which nothing is known", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Remarks = []string{"срп"} }), nil},
		// Graph 12 has free words too, so that no word there is wrong.
		{"a remark that a whole table lacks", supplyMemo, func(s *scene) {
			replaced(codes.FileRemarks)(s)
			s.Primary.Memo.Wagons[1].Remarks = []string{"вгр", "срп", "вагон с грузом"}
		}, []string{"warning D02 code-unknown /Memo/Wagon[2]/Remark[2]"}},
	} {
		c.run(t)
	}
}

func TestTimesOfMemo(t *testing.T) {
	for _, c := range []primaryCase{
		{"a supply without graph 6", supplyMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Supplied = time.Time{} }),
			[]string{"D03 time-missing /Memo/Wagon[2]/Supplied"}},
		// The second group waits until the first is ready (3.6).
		{"of the second group", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Group, m.Wagons[1].Group = 1, 2
			m.Wagons[1].Supplied = time.Time{}
		}), []string{"warning D03 time-missing /Memo/Wagon[2]/Supplied"}},
		{"a removal without graph 8", removalMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Removed = time.Time{} }),
			[]string{"D03 time-missing /Memo/Wagon[1]/Removed"}},
		{"a removal without graphs 6 and 7", removalMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Supplied, m.Wagons[0].Notified = time.Time{}, time.Time{}
		}), nil},
		{"both in one without graph 8", supplyMemo, onMemo(func(m *schema.Memo) { m.Operation = schema.OperationBoth }),
			[]string{"D03 time-missing /Memo/Wagon[1]/Removed", "D03 time-missing /Memo/Wagon[2]/Removed"}},
		{"ready before it is supplied", removalMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Notified = at("07:59") }),
			[]string{"D03 times-reversed /Memo/Wagon[1]/Notified"}},
		{"removed before it is ready", removalMemo, onMemo(func(m *schema.Memo) { m.Wagons[1].Removed = at("14:59") }),
			[]string{"D03 times-reversed /Memo/Wagon[2]/Removed"}},
		{"removed before it is supplied", removalMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[1].Notified, m.Wagons[1].Removed = time.Time{}, at("07:00")
		}), []string{"D03 times-reversed /Memo/Wagon[2]/Removed", "warning W11 supply-missing /Memo/Wagon[2]/@number"}},
		{"all at once", removalMemo, onMemo(func(m *schema.Memo) {
			m.Wagons[0].Notified, m.Wagons[0].Removed = at("08:00"), at("08:00")
		}), nil},
		{"removed tomorrow", removalMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Removed = received.AddDate(0, 0, 1) }),
			[]string{"D03 time-in-future /Memo/Wagon[1]/Removed"}},
		{"by a clock that is a little ahead", removalMemo, onMemo(func(m *schema.Memo) { m.Wagons[0].Removed = received.Add(4 * time.Minute) }), nil},
		{"composed tomorrow", supplyMemo, onMemo(func(m *schema.Memo) { m.ComposedAt = received.AddDate(0, 0, 1) }),
			[]string{"D03 time-in-future /Memo/ComposedAt"}},
	} {
		c.run(t)
	}
}

func TestMessage1397(t *testing.T) {
	message := func(kind, clock string) func(*scene) {
		return func(s *scene) { s.know(first63, workflow.WagonEvent{Kind: kind, At: at(clock)}) }
	}
	rejectedFor := func(graphs ...string) func(*scene) {
		return func(s *scene) {
			message(workflow.Wagon1397Supply, "08:30")(s)
			s.Case.Primary = workflow.Primary{Form: schema.KindMemo, State: workflow.Rejected, Disputed: graphs}
		}
	}
	for _, c := range []primaryCase{
		{"graph 6 as in the message", supplyMemo, message(workflow.Wagon1397Supply, "08:00"), nil},
		{"graph 6 is another", supplyMemo, message(workflow.Wagon1397Supply, "08:01"),
			[]string{"D03 movement-differs /Memo/Wagon[1]/Supplied"}},
		{"graph 8 is another", removalMemo, message(workflow.Wagon1397Remove, "17:50"),
			[]string{"D03 movement-differs /Memo/Wagon[1]/Removed"}},
		{"a removal is not held against the message on supply", removalMemo, message(workflow.Wagon1397Supply, "08:30"), nil},
		{"the message is of another day", supplyMemo, func(s *scene) {
			s.know(first63, workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: at("08:00").AddDate(0, 0, -2)})
		}, nil},
		{"of another station", supplyMemo, func(s *scene) {
			s.know(first63, workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: at("08:30"), Station: "850609"})
		}, nil},
		{"of two the closest counts", supplyMemo, func(s *scene) {
			message(workflow.Wagon1397Supply, "07:00")(s)
			message(workflow.Wagon1397Supply, "08:00")(s)
		}, nil},
		{"a message that was called back", supplyMemo, func(s *scene) {
			s.know(first63, workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: at("08:30"), Spoiled: true})
		}, nil},
		// What the client has rejected is corrected when the carrier agrees (2.15).
		{"a correction of graph 6", supplyMemo, rejectedFor("6"), nil},
		{"a correction of what nobody has named", supplyMemo, rejectedFor(), []string{"warning D03 movement-differs /Memo/Wagon[1]/Supplied"}},
		{"a correction of another graph", supplyMemo, rejectedFor("5", "8"), []string{"D03 movement-differs /Memo/Wagon[1]/Supplied"}},

		{"the message comes second and is another", copy1397, func(s *scene) {
			s.know(second62, workflow.WagonEvent{Kind: workflow.WagonSupply, At: at("08:30"), Number: "10983"})
		}, []string{"warning D03 movement-differs /Movements/Movement[2]"}},
		{"and the same", copy1397, func(s *scene) {
			s.know(second62, workflow.WagonEvent{Kind: workflow.WagonSupply, At: at("08:00"), Number: "10983"})
		}, nil},
		{"a message about removal", copy1397, func(s *scene) {
			s.Primary.Movements.Rows[1].Operation = schema.OperationRemoval
			s.know(second62, workflow.WagonEvent{Kind: workflow.WagonSupply, At: at("08:30"), Number: "10983"})
		}, nil},
		{"a wagon of a message with a slip", copy1397, func(s *scene) { s.Primary.Movements.Rows[0].Wagon = "63498001" },
			[]string{"D01 wagon-check-digit /Movements/Movement[1]/@wagon"}},
		{"a station of a message", copy1397, func(s *scene) { s.Primary.Movements.Station.Code = "119702" }, []string{
			"D01 station-check-digit /Movements/Station/@station", "warning D02 code-unknown /Movements/Station/@station",
		}},
		{"a movement that is still to come", copy1397, func(s *scene) { s.Primary.Movements.Rows[1].At = received.Add(time.Hour) },
			[]string{"D03 time-in-future /Movements/Movement[2]"}},
	} {
		c.run(t)
	}
}

func TestNumberInScope(t *testing.T) {
	taken := func(numbering ...register.Numbering) func(*scene) {
		return func(s *scene) {
			s.Case.NumberOf = "0193f1c2-7a4b-7c3d-8e5f-00000000ffff"
			s.Case.Railway.Numbering = numbering
		}
	}
	ranges := func(workplace, number string) func(*scene) {
		return func(s *scene) {
			s.Case.Railway.Numbering = []register.Numbering{{Station: station, Scope: register.ScopeRange, Ranges: []register.NumberRange{
				{Workplace: "АРМ-1", From: 1, To: 9999}, {Workplace: "АРМ-2", From: 10000, To: 19999},
			}}}
			s.Primary.Memo.Workplace, s.Primary.Memo.Number = workplace, number
		}
	}
	const repeated = "D03 number-repeated /Memo/Number"
	for _, c := range []primaryCase{
		{"taken, where nobody has said how the station numbers", supplyMemo, taken(), []string{"warning " + repeated}},
		{"where it has been said", supplyMemo, taken(register.Numbering{Station: station, Scope: register.ScopeStation}), []string{repeated}},
		{"of all stations", supplyMemo, taken(register.Numbering{Scope: register.ScopeSiding}), []string{repeated}},
		{"of another station", supplyMemo, taken(register.Numbering{Station: "850609", Scope: register.ScopeStation}), []string{"warning " + repeated}},
		{"an act", startAct, taken(), []string{"warning D03 number-repeated /Act/Number"}},
		{"within the range", supplyMemo, ranges("АРМ-2", "10983"), nil},
		{"in the range of another", supplyMemo, ranges("АРМ-1", "10983"), []string{"warning D03 number-out-of-range /Memo/Number"}},
		{"in some range, of nobody named", supplyMemo, ranges("", "10983"), nil},
		{"in none", supplyMemo, ranges("", "20000"), []string{"warning D03 number-out-of-range /Memo/Number"}},
	} {
		c.run(t)
	}
}

func TestAddressee(t *testing.T) {
	for _, c := range []primaryCase{
		{"nobody", supplyMemo, func(s *scene) { s.Case.Addressee, s.Case.Unaddressed = nil, schema.ReasonAddresseeUnknown },
			[]string{"info W17 addressee-unknown /Memo/Owner"}},
		{"several", startAct, func(s *scene) { s.Case.Addressee, s.Case.Unaddressed = nil, schema.ReasonAddresseeAmbiguous },
			[]string{"info W17 addressee-ambiguous /Act/Owner"}},
		{"somebody whose agreement has no memos", supplyMemo, func(s *scene) {
			s.Case.Addressee.Agreement.Covers = []schema.Kind{schema.KindAct}
		}, []string{"W17 kind-not-agreed /Memo"}},
		{"somebody whose agreement is over", startAct, func(s *scene) { s.Case.Addressee.Agreement.To = day("2026-11-21") },
			[]string{"W17 kind-not-agreed /Act"}},
	} {
		c.run(t)
	}
}

// The regulation that a memo follows is named, also where the reason is shared with consignment
// notes.
func TestClausesOfMemo(t *testing.T) {
	s := supplyMemo()
	s.Primary.Memo.Wagons[0].Number = "63498001"
	s.Primary.Memo.Wagons[1].Administration = "99"
	var clauses []string
	for _, f := range Authority(s.build(t)) {
		clauses = append(clauses, f.Clause)
	}
	if want := []string{"Д-720у п. 3.1–3.5", "Д-720у п. 3.3–3.5, 3.12"}; !slices.Equal(clauses, want) {
		t.Errorf("got %v, want %v", clauses, want)
	}
	for _, r := range Rules() {
		for _, k := range r.Kinds {
			shared := slices.Contains(r.Kinds, schema.KindWaybill) // then it is of every document alike
			if slices.Contains([]schema.Kind{schema.KindMemo, schema.KindAct}, k) && !shared && strings.HasPrefix(r.Clause, technology288) {
				t.Errorf("%s follows %s", r.Name, r.Clause)
			}
		}
	}
}

// A memo in the form of КП ЭДО says neither sender nor receiver, and leaves out what it leaves out;
// what is found in it is shown where that form has it.
func TestMemoOfPlatform(t *testing.T) {
	papersOf := papers.Scene{Now: received}
	judged := func(change func(*papers.KPEDOForm), s *scene) []string {
		form := papers.KPEDOForm{Operation: "уборку", Wagons: []papers.KPEDOWagon{
			{Number: first63, Administration: "20", Ownership: "СОБ", Operation: "вгр", In: at("08:00"), Out: at("18:00"), Memo: "Памятка подачи №10983"},
			{Number: second62, Administration: "20", Ownership: "СОБ", Operation: "боп", In: at("08:00"), Out: at("18:00")},
		}}
		change(&form)
		raw := papersOf.KPEDOForm(form)
		key := pki.Must(signature.NewKey(office.Key, office.Certificate))
		tree := pki.Must(xmltree.Parse(raw, xmltree.DefaultLimits()))
		signed, report := signature.Open(signature.Input{Tree: tree, Detached: pki.Must(key.SignDetached(raw))},
			signature.NewTrust([]*x509.Certificate{office.Certificate}), signature.Policy{}, received)
		d, findings := schema.ParseForeign(signed, schema.Origin{DocumentID: "1766398397", SignedAt: received}, moscow)
		if !d.Valid() {
			t.Fatalf("%v %v\n%s", report.Faults, findings, raw)
		}
		c := s.Case
		c.Document = d
		return shown(t, Authority(&c))
	}
	if got := judged(func(*papers.KPEDOForm) {}, removalMemo()); got != nil {
		t.Errorf("got %v", got)
	}
	got := judged(func(f *papers.KPEDOForm) {
		f.Wagons[0].Administration, f.Wagons[0].Memo = "", "Памятка подачи №10984"
		f.Wagons[1].Number, f.Wagons[1].In = "62310785", at("19:00")
	}, removalMemo())
	if diff := cmp.Diff([]string{
		"D01 wagon-check-digit /data/wagons/wagon[2]/wagon_number",
		"warning D02 code-unknown /data/wagons/wagon[1]/adm_code",
		"D03 times-reversed /data/wagons/wagon[2]/get_out_date",
		"warning W11 supply-missing /data/wagons/wagon[1]/wagon_number",
		"warning W11 supply-missing /data/wagons/wagon[2]/wagon_number",
	}, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// Places in the form of КП ЭДО are named as that form has them.
func TestPlatformPaths(t *testing.T) {
	for ours, want := range map[string]string{
		"/Memo/Wagon[3]/@number":         "/data/wagons/wagon[3]/wagon_number",
		"/Memo/Wagon/Supplied":           "/data/wagons/wagon/get_in_date",
		"/Memo/Wagon[2]/Removed":         "/data/wagons/wagon[2]/get_out_date",
		"/Memo/Wagon[2]/Notified":        "/data/wagons/wagon[2]/report_date",
		"/Memo/Wagon[2]/@administration": "/data/wagons/wagon[2]/adm_code",
		"/Memo/Wagon[2]/@ownership":      "/data/wagons/wagon[2]/wagon_owner_code",
		"/Memo/Wagon[2]/@operation":      "/data/wagons/wagon[2]/gr_oper_type",
		"/Memo/Wagon[2]/Cargo/@etsng":    "/data/wagons/wagon[2]/cargo_code",
		"/Memo/Owner/@inn":               "/data/path_owner_inn",
		"/Memo/Owner":                    "/data/path_owner_name",
		"/Memo/Contractor/@okpo":         "/data/contragent_okpo",
		"/Memo/Station/@station":         "/data/railway_station_code",
		"/Memo/Number":                   "/data/number",
		"/Memo":                          "/data",
	} {
		if got := platformPath(ours); got != want {
			t.Errorf("%s is %s, want %s", ours, got, want)
		}
	}
}
