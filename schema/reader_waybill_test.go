package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A note of the international form with everything in it, its numbers written as other systems
// write them.
func TestFullWaybill(t *testing.T) {
	document, findings := parse(rootOf(t, readFile(t, "waybill_smgs.xml")), moscow)
	if !document.Valid() {
		t.Fatal(findings)
	}
	want := &Waybill{
		Number: "ЭА123456", Traffic: TrafficInternational, Shipment: ShipmentWagon, Run: RunLoaded,
		DepartureStation: "985609", DestinationStation: "134807",
		Departure:   Station{Code: "985609", Name: "Мыс Астафьева", Road: "96"},
		Destination: Station{Code: "134807", Name: "Брузги", Road: "13"},
		Consignor: Party{OrgID: OrgID{INN: "7708503727", OKPO: "00083262"},
			Name: "АО «Лесоотправитель»", Address: "Находка"},
		Consignee: Party{OrgID: OrgID{EDRPOU: "00034045"}, Name: "Получатель", Address: "Гродно"},
		Payer:     Party{OrgID: OrgID{INN: "0705013033"}, Name: "Плательщик"},
		Cargo: []Cargo{{ETSNG: "421034", GNG: "44071190", Name: "Пиломатериалы",
			MassKg: 999999999, Packages: 2, Packing: "пакеты"}},
		Wagons: []Wagon{
			{Number: "63498000", Owner: "АО «ПГК»", Administration: "20", Ownership: "СОБ", Type: "ПВ",
				Model: "12-132", CapacityT: "69.5", TareT: "23.5", Axles: 4, ProvidedBy: ByCarrier},
			{Number: "505126180015"},
		},
		Containers: []Container{
			{Number: "CSQU3054383", Type: "22G1", Wagon: "63498000", TareKg: 2200}, {Number: "123456789"},
		},
		Seals:       []Seal{{Number: "РЖД А1234567", Type: "ЛАВР", On: "CSQU3054383"}},
		LoadedOn:    Date{2026, 11, 21},
		PresentedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, moscow),
		SMGS: &SMGS{
			Statements:     []string{"Охрана не требуется"},
			BorderStations: []Station{{Code: "171401", Name: "Красное"}, {Name: "Осиновка"}},
			Marks:          "ЛД-7", LoadedBy: ByConsignor, MassMethod: "на вагонных весах",
			Carriers: []Carrier{
				{Code: "0020", Name: "РЖД", From: "Мыс Астафьева", To: "Красное"},
				{Name: "БЧ", From: "Красное", To: "Брузги"},
			},
			Payments: []string{"РЖД: отправитель"}, Documents: []string{"Спецификация № 7"}, Contract: "Договор 12/2026",
		},
		Signatory: Person{"Сидорова Мария Павловна", "товарный кассир", PersonID{SNILS: "11223344595"}},
	}
	if diff := cmp.Diff(want, document.Waybill()); diff != "" {
		t.Errorf("waybill (-want +got):\n%s", diff)
	}
	if got := document.Header().Organisation; got.Key() != "okpo-00083262" {
		t.Errorf("the organisation of the header is %+v", got)
	}
	note := func(reason, path, meant, written string) Finding {
		return Finding{Code: "D01", Reason: reason, Severity: Info, Clause: "288 п. 1.5", Path: path, Expected: meant, Actual: written}
	}
	wantFindings := []Finding{
		note(ReasonCodePadded, "/Waybill/Header/Organisation/@okpo", "00083262", "83262"),
		note(ReasonCodeShortened, "/Waybill/Departure/@station", "985609", "98560"),
		note(ReasonCodePadded, "/Waybill/Consignee/@edrpou", "00034045", "34045"),
		note(ReasonCodePadded, "/Waybill/Payer/@inn", "0705013033", "705013033"),
		note(ReasonCodeShortened, "/Waybill/Cargo/@etsng", "421034", "42103"),
		note(ReasonCodeRespelled, "/Waybill/Wagon[1]/@number", "63498000", "6349 8000"),
		note(ReasonCodeRespelled, "/Waybill/Wagon[2]/@number", "505126180015", "50 51 26 18 001-5"),
		note(ReasonCodeRespelled, "/Waybill/Container[1]/@number", "CSQU3054383", "csqu 305438-3"),
		note(ReasonCodeRespelled, "/Waybill/Container[1]/@wagon", "63498000", "63498-000"),
		note(ReasonCodeRespelled, "/Waybill/Seal/@on", "CSQU3054383", "CSQU 305438 3"),
		{Code: "D03", Reason: ReasonTimeWithoutZone, Severity: Info, Path: "/Waybill/PresentedAt",
			Expected: "2026-11-22T09:00:00+03:00", Actual: "2026-11-22T09:00:00"},
	}
	if diff := cmp.Diff(wantFindings, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// Five digits that fit as a code whose zero got lost, too, are read like all others, with a warning:
// 10002 is 100024 without its check digit, or 010002 of the Октябрьская.
func TestAmbiguousCode(t *testing.T) {
	text := strings.Replace(string(readFile(t, "waybill.xml")), "985609", "10002", 1)
	document, findings := parse(rootOf(t, []byte(text)), moscow)
	if !document.Valid() {
		t.Fatal(findings)
	}
	if got := document.Waybill().DepartureStation; got != "100020" {
		t.Errorf("got station %s", got)
	}
	want := []Finding{{Code: "D01", Reason: ReasonCodeAmbiguous, Severity: Warning, Clause: "288 п. 1.5",
		Path: "/Waybill/Departure/@station", Expected: "100020", Actual: "10002"}}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestWaybillBySchema(t *testing.T) {
	cases := []struct{ why, old, new, path string }{
		{"four digits of a station", `station="98560"`, `station="9856"`, "/Waybill/Departure/@station"},
		{"seven digits of a wagon", `"6349 8000"`, `"6349 800"`, "/Waybill/Wagon[1]/@number"},
		{"two spaces between digits are one", `"6349 8000"`, `"6349  8000"`, ""},
		{"a space and a hyphen", `"6349 8000"`, `"6349 -8000"`, "/Waybill/Wagon[1]/@number"},
		{"kind of traffic", "international", "transit", "/Waybill/Traffic"},
		{"kind of shipment", "<Shipment>wagon", "<Shipment>train", "/Waybill/Shipment"},
		{"how the wagons run", "<Run>loaded", "<Run>порожний", "/Waybill/Run"},
		{"number of the note", "ЭА123456", "123456", "/Waybill/Number"},
		{"Cyrillic letters of a container", "csqu 305438-3", "СSQU3054383", "/Waybill/Container[1]/@number"},
		{"eight digits of a container", "123456789", "12345678", "/Waybill/Container[2]/@number"},
		{"mass without a number", `tareT="23.5"`, `tareT="23,"`, "/Waybill/Wagon[1]/@tareT"},
		{"carrier without section", ` from="Красное"`, "", "/Waybill/SMGS/Carrier[2]"},
		{"who loads", "<LoadedBy>consignor", "<LoadedBy>shipper", "/Waybill/SMGS/LoadedBy"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			text := strings.Replace(string(readFile(t, "waybill_smgs.xml")), c.old, c.new, 1)
			document, findings := parse(rootOf(t, []byte(text)), moscow)
			if document.Valid() != (c.path == "") {
				t.Fatalf("valid %t: %+v", document.Valid(), findings)
			}
			if c.path != "" && (findings[0].Code != "A01" || !strings.HasPrefix(findings[0].Path, c.path)) {
				t.Errorf("got %+v, want A01 at %s", findings[0], c.path)
			}
		})
	}
}
