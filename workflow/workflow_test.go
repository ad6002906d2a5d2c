package workflow

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const (
	waybillID   = "0193f1c2-7a4b-7c3d-8e5f-000000000001"
	placementID = "0193f1c2-7a4b-7c3d-8e5f-000000000002"
	otherID     = "0193f1c2-7a4b-7c3d-8e5f-000000000009"
	oneContent  = "1111111111111111111111111111111111111111111111111111111111111111"
	twoContent  = "2222222222222222222222222222222222222222222222222222222222222222"
	shipperINN  = "7708503727"
)

// signer signs documents, and is trusted as itself.
var signer = pki.Must(pki.Must(pki.NewAuthority("Корень", now)).Issue(
	pki.Request{Subject: pki.Subject{CommonName: "Подписант"}}))

// document makes a document of its XML, by the only way there is: signed, opened, parsed.
func document(t *testing.T, kind schema.Kind, id string, version int, body string) schema.Document {
	t.Helper()
	xml := fmt.Sprintf(`<%s xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="%d"><Header>`+
		`<DocumentID>%s</DocumentID><CreatedAt>2026-11-22T12:00:00+03:00</CreatedAt><Sender>SHIP-01</Sender>`+
		`<Organisation inn="%s"/><Receiver>RZD</Receiver></Header>%s</%s>`, kind, version, id, shipperINN, body, kind)
	signed := pki.Must(pki.Must(signature.NewKey(signer.Key, signer.Certificate)).Sign([]byte(xml)))
	tree := pki.Must(xmltree.Parse(signed, xmltree.DefaultLimits()))
	trust := signature.NewTrust([]*x509.Certificate{signer.Certificate})
	opened, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, now)
	if !opened.Valid() {
		t.Fatalf("%v\n%s", report.Faults, signed)
	}
	d, findings := schema.Parse(opened, time.UTC)
	if !d.Valid() {
		t.Fatalf("%v\n%s", findings, xml)
	}
	return d
}

func waybill(t *testing.T, version int) schema.Document {
	return document(t, schema.KindWaybill, waybillID, version,
		`<Traffic>domestic</Traffic><Departure station="985609"/><Destination station="850609"/>`+
			`<Consignor inn="7708503727"><Name>А</Name></Consignor><Consignee inn="7707083893"><Name>Б</Name></Consignee>`+
			`<Cargo etsng="161128" massKg="60000"><Name>Уголь</Name></Cargo>`+
			`<Wagon number="63498000"/><Wagon number="62310784"/><Signatory post="кассир">Сидорова М. П.</Signatory>`)
}

// placement is an ЭД №2 that refers to ЭД №1 in a version and with a content.
func placement(t *testing.T, id string, version, of int, content string) schema.Document {
	return document(t, schema.KindPlacement, id, version,
		fmt.Sprintf(`<Waybill DocumentID="%s" Version="%d" SHA256="%s"/>`,
			strings.ToUpper(strings.ReplaceAll(waybillID, "-", "")), of, strings.ToUpper(content))+
			`<Traffic>domestic</Traffic><Norm type="tu"><Figure>5</Figure><Chapter>2</Chapter><Section>1</Section></Norm>`+
			`<Fasteners/><Wagon number="63498000"/><WorkDate>2026-11-21</WorkDate>`+
			`<Performer post="мастер">Иванов И. И.</Performer><Text>Груз</Text>`)
}

// paperSwitch names a version of ЭД №1 that was never accepted, as a client does that lost count.
func paperSwitch(t *testing.T) schema.Document {
	return document(t, schema.KindPaperSwitch, otherID, 1,
		`<Waybill DocumentID="`+waybillID+`" Version="77" SHA256="`+twoContent+`"/><Person post="начальник">Кузнецов О. И.</Person>`+
			`<At>2026-11-22T09:30:00Z</At>`)
}

func staffList(t *testing.T) schema.Document {
	return document(t, schema.KindStaffList, otherID, 1,
		`<For inn="7708503727"/><Entry><Person post="мастер">Иванов И. И.</Person>`+
			`<Order number="1" date="2026-01-01"/><Work>placement</Work><MaySign>true</MaySign><From>2026-01-01</From></Entry>`)
}

func officeNotice(t *testing.T) schema.Document {
	return document(t, schema.KindOfficeNotice, otherID, 1,
		`<InReplyTo DocumentID="`+waybillID+`"/><Participant>SHIP-01</Participant><State>registered</State>`)
}

// in is a consignment in a state, as it comes about.
func in(s State) Consignment {
	c := Consignment{Revision: 7, State: s}
	if s == WaybillAccepted || s == Complete {
		c.WaybillVersion, c.WaybillContent = 3, oneContent
		c.DepartureStation, c.Organisation, c.Traffic = "985609", shipperINN, "domestic"
		c.Wagons = []string{"62310784", "63498000"}
	}
	if s == Complete {
		c.PlacementID, c.PlacementVersion, c.PlacementContent = placementID, 2, twoContent
	}
	if s == Paper {
		c.Organisation, c.PaperBy, c.PaperAt = shipperINN, "Кузнецов О. И.", now
	}
	return c
}

// The whole table: every state and every kind that comes in.
func TestMatrix(t *testing.T) {
	documents := map[schema.Kind]schema.Document{
		schema.KindWaybill:      waybill(t, 4),
		schema.KindPlacement:    placement(t, placementID, 3, 3, oneContent),
		schema.KindPaperSwitch:  paperSwitch(t),
		schema.KindStaffList:    staffList(t),
		schema.KindOfficeNotice: officeNotice(t),
	}
	type outcome struct {
		next    State
		finding string
		permits string
	}
	want := map[schema.Kind]map[State]outcome{
		schema.KindWaybill: {
			None:            {WaybillAccepted, "", ""},
			WaybillAccepted: {WaybillAccepted, "", ""},
			Complete:        {WaybillAccepted, "", ""}, // the permission lapses
			Paper:           {Paper, "W13 paper", ""},
		},
		schema.KindPlacement: {
			None:            {None, "W07 no-waybill", ""},
			WaybillAccepted: {Complete, "", WagonList},
			Complete:        {Complete, "", WagonList},
			Paper:           {Paper, "W13 paper", ""},
		},
		schema.KindPaperSwitch: {
			None:            {Paper, "", ""},
			WaybillAccepted: {Paper, "", ""},
			Complete:        {Paper, "", ""},
			Paper:           {Paper, "W13 paper", ""},
		},
		// What the railway sends touches no consignment.
		schema.KindStaffList:    {None: {}, WaybillAccepted: {WaybillAccepted, "", ""}, Complete: {Complete, "", ""}, Paper: {Paper, "", ""}},
		schema.KindOfficeNotice: {None: {}, WaybillAccepted: {WaybillAccepted, "", ""}, Complete: {Complete, "", ""}, Paper: {Paper, "", ""}},
	}
	for kind, d := range documents {
		for _, state := range States() {
			t.Run(fmt.Sprintf("%s in %s", kind, state), func(t *testing.T) {
				before := in(state)
				var got outcome
				for _, f := range May(d, before, now, false) {
					got.finding += f.Code + " " + f.Reason
				}
				after, permits := After(d, twoContent, before, now)
				got.next, got.permits = after.State, strings.Join(permits, " ")
				if diff := cmp.Diff(want[kind][state], got, cmp.AllowUnexported(outcome{})); diff != "" {
					t.Error(diff)
				}
				moves := got.finding == "" && ConsignmentOf(d) != ""
				if rise := after.Revision - before.Revision; moves != (rise == 1) || !moves && rise != 0 {
					t.Errorf("the revision rises by %d", rise)
				}
				if !moves && !cmp.Equal(before, after) {
					t.Error("a document that may not come changed the consignment")
				}
			})
		}
	}
}

// Every state × every kind of a consignment has exactly one row, and leads to a known state.
func TestTableIsWhole(t *testing.T) {
	rows := map[string]int{}
	for _, r := range Transitions() {
		rows[fmt.Sprintf("%s %s", r.From, r.Kind)]++
		if !slices.Contains(States(), r.To) {
			t.Errorf("%v leads to an unknown state", r)
		}
		if r.Clause == "" {
			t.Errorf("%v names no clause", r)
		}
		if code, reason, found := strings.Cut(r.Finding, " "); r.Finding != "" {
			if _, known := schema.Explain(code, reason); !found || !known || r.To != r.From {
				t.Errorf("%v: the finding is not in the table of reasons, or the state changes", r)
			}
		}
	}
	for _, kind := range []schema.Kind{schema.KindWaybill, schema.KindPlacement, schema.KindPaperSwitch} {
		for _, state := range States() {
			if n := rows[fmt.Sprintf("%s %s", state, kind)]; n != 1 {
				t.Errorf("%s in state %s has %d rows", kind, state, n)
			}
		}
	}
	if len(rows) != 3*len(States()) {
		t.Errorf("%d rows", len(rows))
	}
}

func TestPaperIsTerminal(t *testing.T) {
	c := in(Paper)
	for _, d := range []schema.Document{waybill(t, 99), placement(t, placementID, 99, 99, oneContent), paperSwitch(t)} {
		findings := May(d, c, now, false)
		if len(findings) != 1 || findings[0].Code != "W13" || findings[0].Severity != schema.Error {
			t.Errorf("%s: %v", d.Kind(), findings)
		}
		if got := findings[0].Actual; got != "Кузнецов О. И. 2026-11-22T10:00:00Z" {
			t.Errorf("%s does not say by whom and when: %q", d.Kind(), got)
		}
	}
}

func TestReferenceToWaybill(t *testing.T) {
	tests := []struct {
		name    string
		version int
		content string
		want    []string
	}{
		{"the accepted one", 3, oneContent, nil},
		{"an older version", 2, oneContent, []string{"W07 waybill-other-version /Placement/Waybill/@Version"}},
		{"a version to come", 4, oneContent, []string{"W07 waybill-other-version /Placement/Waybill/@Version"}},
		{"other content", 3, twoContent, []string{"W07 waybill-other-content /Placement/Waybill/@SHA256"}},
		{"both", 9, twoContent, []string{"W07 waybill-other-version /Placement/Waybill/@Version",
			"W07 waybill-other-content /Placement/Waybill/@SHA256"}},
	}
	for _, test := range tests {
		for _, state := range []State{WaybillAccepted, Complete} {
			t.Run(fmt.Sprintf("%s in %s", test.name, state), func(t *testing.T) {
				d := placement(t, placementID, 3, test.version, test.content)
				var got []string
				for _, f := range May(d, in(state), now, false) {
					got = append(got, f.Code+" "+f.Reason+" "+f.Path)
					if f.Expected == "" || f.Actual == "" || f.Clause == "" {
						t.Errorf("the finding lacks something: %+v", f)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Another organisation of the same participant has no such note.
func TestNoteOfAnotherOrganisation(t *testing.T) {
	for _, d := range []schema.Document{placement(t, placementID, 1, 3, oneContent), paperSwitch(t)} {
		c := in(WaybillAccepted)
		c.Organisation = "7707083893"
		findings := May(d, c, now, false)
		if len(findings) != 1 || findings[0].Code != "W07" || findings[0].Reason != "no-waybill" ||
			findings[0].Path != "/"+string(d.Kind())+"/Header/Organisation" {
			t.Errorf("%s: %v", d.Kind(), findings)
		}
	}
}

// A whole life: what is kept of each document, and when the permission lapses.
func TestLifeOfAConsignment(t *testing.T) {
	var c Consignment
	step := func(d schema.Document, content string, want Consignment, wantPermits ...string) {
		t.Helper()
		if f := May(d, c, now, false); f != nil {
			t.Fatalf("%s may not come: %v", d.Kind(), f)
		}
		next, permits := After(d, content, c, now)
		if diff := cmp.Diff(want, next); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(wantPermits, permits); diff != "" {
			t.Fatal(diff)
		}
		c = next
	}
	first := Consignment{
		Revision: 1, State: WaybillAccepted, WaybillVersion: 1, WaybillContent: oneContent,
		DepartureStation: "985609", Organisation: shipperINN, Traffic: "domestic",
		Wagons: []string{"62310784", "63498000"}, DestinationStation: "850609", Cargo: []string{"Уголь"},
	}
	step(waybill(t, 1), oneContent, first)

	complete := first
	complete.Revision, complete.State = 2, Complete
	complete.PlacementID, complete.PlacementVersion, complete.PlacementContent = placementID, 1, twoContent
	step(placement(t, placementID, 1, 1, oneContent), twoContent, complete, WagonList)

	corrected := complete
	corrected.Revision, corrected.PlacementVersion, corrected.PlacementContent = 3, 2, oneContent
	step(placement(t, placementID, 2, 1, oneContent), oneContent, corrected, WagonList)

	changed := first
	changed.Revision, changed.WaybillVersion, changed.WaybillContent = 4, 2, twoContent
	changed.Lapsed = placementID
	step(waybill(t, 2), twoContent, changed)

	// ЭД №2 has to name the new version.
	if f := May(placement(t, placementID, 3, 1, oneContent), c, now, false); len(f) != 2 {
		t.Errorf("an ЭД №2 on the former ЭД №1: %v", f)
	}
	paper := changed
	paper.Revision, paper.State = 5, Paper
	paper.PaperBy, paper.PaperAt = "Кузнецов О. И.", now.Add(-30*time.Minute) // as the document says
	step(paperSwitch(t), oneContent, paper)
}

func TestConsignmentOf(t *testing.T) {
	for _, test := range []struct {
		d    schema.Document
		want string
	}{
		{waybill(t, 1), waybillID},
		{placement(t, placementID, 1, 1, oneContent), waybillID}, // written without hyphens in it
		{paperSwitch(t), waybillID},
		{staffList(t), ""},
		{officeNotice(t), ""},
		{schema.Document{}, ""},
	} {
		if got := ConsignmentOf(test.d); got != test.want {
			t.Errorf("%s: %q, want %q", test.d.Kind(), got, test.want)
		}
	}
}

func TestDestinations(t *testing.T) {
	for kind, want := range map[schema.Kind][]string{
		schema.KindWaybill: {"office"}, schema.KindPlacement: {"office"}, schema.KindPaperSwitch: {"office"},
		schema.KindStaffList: nil, schema.KindOfficeNotice: nil, schema.KindESID: nil, schema.KindReceipt: nil,
	} {
		if diff := cmp.Diff(want, Destinations(kind)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	if diff := cmp.Diff([]string{"easaprm", "kpedo", "office"}, AllDestinations()); diff != "" {
		t.Error(diff)
	}
	Destinations(schema.KindWaybill)[0] = "elsewhere"
	if Destinations(schema.KindWaybill)[0] != "office" {
		t.Error("a caller changed the table")
	}
}

// The zero value of a document is refused, and a state that a newer program wrote is not left.
func TestNothingIsAcceptedBlindly(t *testing.T) {
	if f := May(schema.Document{}, Consignment{}, now, false); len(f) != 1 || f[0].Severity != schema.Error {
		t.Errorf("no document: %v", f)
	}
	if next, permits := After(schema.Document{}, "", in(Complete), now); permits != nil || !cmp.Equal(next, in(Complete)) {
		t.Errorf("no document changed something: %v %v", next, permits)
	}
	unknown := in(Complete)
	unknown.State = "spoiled"
	if f := May(waybill(t, 9), unknown, now, false); len(f) != 1 || f[0].Severity != schema.Error {
		t.Errorf("unknown state: %v", f)
	}
	if next, _ := After(waybill(t, 9), "", unknown, now); !cmp.Equal(next, unknown) {
		t.Error("an unknown state was left")
	}
}

// A new version of a note is made by the organisation whose note it is, not by another one of the
// same participant.
func TestMay_waybillOfAnother(t *testing.T) {
	c, _ := After(waybill(t, 1), oneContent, Consignment{}, now)
	if found := May(waybill(t, 2), c, now, false); len(found) != 0 {
		t.Errorf("its own second version: %v", found)
	}
	c.Organisation = "7707083893"
	found := May(waybill(t, 2), c, now, false)
	if len(found) != 1 || found[0].Code != "D03" || found[0].Reason != schema.ReasonConsignorDiffers {
		t.Errorf("another's second version: %v", found)
	}
}

// While the check of the ЭД №1 that it names is put off, an ЭД №2 is told so whatever else is known of the
// note; after the switch to paper there is nothing to wait for. Other kinds are not concerned.
func TestMay_predecessorDeferred(t *testing.T) {
	for _, state := range States() {
		c := Consignment{State: state, WaybillVersion: 1, WaybillContent: oneContent}
		want := "W18"
		if state == Paper {
			want = "W13"
		}
		found := May(placement(t, placementID, 1, 2, twoContent), c, now, true)
		if len(found) != 1 || found[0].Code != want || found[0].Severity != schema.Error {
			t.Errorf("in state %s: %v, want %s", state, found, want)
		}
	}
	if found := May(waybill(t, 2), Consignment{}, now, true); found != nil {
		t.Errorf("ЭД №1 is told %v", found)
	}
}

// Both documents come before the cargo is presented, where that time is known: at that very moment still,
// after it no more. Paper is never too late.
func TestMay_presentation(t *testing.T) {
	presented := func(at time.Time) schema.Document {
		return document(t, schema.KindWaybill, waybillID, 4,
			`<Traffic>domestic</Traffic><Departure station="985609"/><Destination station="850609"/>`+
				`<Consignor inn="7708503727"><Name>А</Name></Consignor><Consignee inn="7707083893"><Name>Б</Name></Consignee>`+
				`<Cargo etsng="161128" massKg="60000"><Name>Уголь</Name></Cargo><Wagon number="63498000"/>`+
				`<PresentedAt>`+at.Format(time.RFC3339)+`</PresentedAt><Signatory post="кассир">Сидорова М. П.</Signatory>`)
	}
	known := in(WaybillAccepted)
	known.PresentedAt = now
	for _, test := range []struct {
		name     string
		d        schema.Document
		c        Consignment
		received time.Time
		late     bool
	}{
		{"ЭД №1 in time", presented(now), Consignment{}, now, false},
		{"ЭД №1 too late", presented(now), Consignment{}, now.Add(time.Second), true},
		{"ЭД №1 that does not say", waybill(t, 4), Consignment{}, now.Add(time.Hour), false},
		{"a new version that does not say any more", waybill(t, 4), known, now.Add(time.Second), true},
		{"a new version with a later time", presented(now.Add(time.Hour)), known, now.Add(time.Second), false},
		{"ЭД №2 in time", placement(t, placementID, 1, 3, oneContent), known, now, false},
		{"ЭД №2 too late", placement(t, placementID, 1, 3, oneContent), known, now.Add(time.Second), true},
		{"ЭД №2, nothing is known", placement(t, placementID, 1, 3, oneContent), in(WaybillAccepted), now.Add(time.Hour), false},
		{"paper", paperSwitch(t), known, now.Add(time.Hour), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := May(test.d, test.c, test.received, false)
			late := len(found) == 1 && found[0].Code == "W14" && found[0].Reason == schema.ReasonAfterPresentation
			if late != test.late || !late && found != nil {
				t.Errorf("%+v", found)
			}
		})
	}
	// What one version has said stands for the next one that does not.
	c, _ := After(presented(now), oneContent, Consignment{}, now)
	if c, _ = After(waybill(t, 5), twoContent, c, now); !c.PresentedAt.Equal(now) {
		t.Errorf("presented %s", c.PresentedAt)
	}
}

// Why a permission has ended, in every state and for every kind: only what stands can be withdrawn.
func TestWithdrawal(t *testing.T) {
	for _, d := range []schema.Document{
		waybill(t, 4), placement(t, placementID, 3, 3, oneContent), paperSwitch(t), staffList(t), officeNotice(t), {},
	} {
		for _, state := range States() {
			before := in(state)
			after, _ := After(d, twoContent, before, now)
			why := Withdrawal(d, before, after)
			if ends := state == Complete && after.Revision != before.Revision; (why != nil) != ends {
				t.Errorf("%s in %s: %+v", d.Kind(), state, why)
			}
			if why == nil {
				continue
			}
			if _, known := schema.Explain(why.Code, why.Reason); !known || why.Severity != schema.Error || why.Actual == "" {
				t.Errorf("%s: %+v", d.Kind(), why)
			}
		}
	}
}
