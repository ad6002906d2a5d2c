package register

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/calendar"
	"asugate/internal/pki"
	"asugate/schema"
	"asugate/store"
)

// agreed puts lines into the agreement of the minimal file, which then covers the kinds.
func agreed(t *testing.T, covers, lines string) string {
	t.Helper()
	const there = "          covers: [Waybill]\n"
	file := minimal(t)
	if !strings.Contains(file, there) {
		t.Fatal("the minimal file covers something else")
	}
	return agreedIn(file, covers, lines)
}

func agreedIn(file, covers, lines string) string {
	return strings.Replace(file, "          covers: [Waybill]\n", "          covers: ["+covers+"]\n"+lines, 1)
}

// Without a word of them the rules of memos and acts are those of the regulation.
func TestCarrierDefaults(t *testing.T) {
	r := compiled(t, minimal(t)).Railways["RZD"]
	if r.Consent != ConsentOurs || r.Guard != (Guard{Wait: 10 * time.Minute}) || r.Numbering != nil {
		t.Errorf("consent %q, guard %+v, numbering %v", r.Consent, r.Guard, r.Numbering)
	}
}

func TestCarrierIsCompiled(t *testing.T) {
	r := compiled(t, within(t, "", `    consent: railway
    guard: {wait: 0s, then: refuse, since: 2026-02-01}
    numbering:
      - station: 985609
        scope: range
        ranges:
          - {workplace: "АРМ  1", from: 1, to: 999}
          - {workplace: "2", from: 1000, to: 1000}
      - {station: 850609, scope: siding}
      - scope: station
`, "")).Railways["RZD"]
	if r.Consent != ConsentRailway {
		t.Errorf("consent %q", r.Consent)
	}
	if diff := cmp.Diff(Guard{Refuse: true, Since: schema.Date{Year: 2026, Month: 2, Day: 1}}, r.Guard); diff != "" {
		t.Error(diff)
	}
	want := []Numbering{
		{Station: "985609", Scope: ScopeRange, Ranges: []NumberRange{{"АРМ 1", 1, 999}, {"2", 1000, 1000}}},
		{Station: "850609", Scope: ScopeSiding},
		{Scope: ScopeStation},
	}
	if diff := cmp.Diff(want, r.Numbering); diff != "" {
		t.Error(diff)
	}
}

// What is left out of a guard keeps its default.
func TestPartOfGuard(t *testing.T) {
	for section, want := range map[string]Guard{
		"guard: {then: refuse}": {Wait: 10 * time.Minute, Refuse: true},
		"guard: {wait: 2h}":     {Wait: 2 * time.Hour},
		"guard: {wait: 0}":      {},
		"consent: ours":         {Wait: 10 * time.Minute},
	} {
		if got := compiled(t, within(t, "", "    "+section+"\n", "")).Railways["RZD"].Guard; got != want {
			t.Errorf("%s: got %+v, want %+v", section, got, want)
		}
	}
}

func TestAgreementTerms(t *testing.T) {
	cases := []struct {
		why, covers, lines string
		want               Agreement
	}{
		{"none where nothing is answered", "Waybill", "", Agreement{}},
		{"the reminders are two unless said", "Memo", "          terms: {Memo: 720m}\n", Agreement{
			Terms:     map[schema.Kind]calendar.Term{schema.KindMemo: {Duration: 12 * time.Hour}},
			Reminders: []time.Duration{2 * time.Hour, 30 * time.Minute},
		}},
		{"none are wanted", "Act", "          terms: {Act: 1 accounting day}\n          reminders: []\n", Agreement{
			Terms: map[schema.Kind]calendar.Term{schema.KindAct: {Unit: calendar.AccountingDay, Days: 1}},
		}},
		{"all of it", "Waybill, Memo, Act", `          terms:
            Memo: 2 working days
            Act: 3h
          reminders: [24h, 90m, 1m]
          places:
            - {name: "Тупик  № 2", relocation: 30m}
            - {name: Склад, relocation: 1h}
`, Agreement{
			Terms: map[schema.Kind]calendar.Term{
				schema.KindMemo: {Unit: calendar.WorkingDay, Days: 2}, schema.KindAct: {Duration: 3 * time.Hour},
			},
			Reminders: []time.Duration{24 * time.Hour, 90 * time.Minute, time.Minute},
			Places:    []Place{{"Тупик № 2", 30 * time.Minute}, {"Склад", time.Hour}},
		}},
	}
	for _, c := range cases {
		a := compiled(t, agreed(t, c.covers, c.lines)).Participants["SHIP-01"].Organisations[0].Agreement
		got := Agreement{Terms: a.Terms, Reminders: a.Reminders, Places: a.Places}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.why, diff)
		}
	}
}

// A place of the contract is found as memos write it.
func TestPlace(t *testing.T) {
	a := &Agreement{Places: []Place{{"Тупик № 2", 30 * time.Minute}, {"Склад", time.Hour}}}
	for name, want := range map[string]time.Duration{
		"тупик  N 2": 30 * time.Minute, "СКЛАД": time.Hour, "Тупик": 0, "": 0,
	} {
		if p, ok := a.Place(name); p.Relocation != want || ok != (want != 0) {
			t.Errorf("%q: got %+v, %t", name, p, ok)
		}
	}
}

// Each mistake is told with its place, and with no other.
func TestPrimaryMistakes(t *testing.T) {
	numbering := func(rest string) string { return within(t, "", "    numbering:\n"+rest, "") }
	const agreement = "participants[0].organisations[0].agreement"
	terms := func(covers, lines string) string { return agreed(t, covers, lines) }
	for _, c := range []struct{ why, file, want string }{
		{"consent", within(t, "", "    consent: yours\n", ""),
			`line 4, column 14: railways[0].consent: "yours" is not one of [ours railway]`},
		{"wait", within(t, "", "    guard: {wait: soon}\n", ""),
			"line 4, column 19: railways[0].guard.wait: a time is 0s to 168h, like 30m or 2h"},
		{"wait too long", within(t, "", "    guard: {wait: 200h}\n", ""), "railways[0].guard.wait: a time is 0s to 168h"},
		{"wait below nothing", within(t, "", "    guard: {wait: -1m}\n", ""), "railways[0].guard.wait: a time is"},
		{"then", within(t, "", "    guard: {then: park}\n", ""),
			`line 4, column 19: railways[0].guard.then: "park" is not one of [deliver refuse]`},
		{"since", within(t, "", "    guard: {since: 01.02.2026}\n", ""),
			"line 4, column 20: railways[0].guard.since: a day is written 2026-01-31"},
		{"guard of a word", within(t, "", "    guard: refuse\n", ""), "line 4, column 12"},
		{"unknown key", within(t, "", "    guard: {until: 2026-02-01}\n", ""), `unknown field "until"`},

		{"scope", numbering("      - {scope: road}\n"), `railways[0].numbering[0].scope: "road" is not one of [station range siding]`},
		{"no scope", numbering("      - {station: 985609}\n"), `numbering[0].scope: "" is not one of`},
		{"station", numbering("      - {station: 985608, scope: station}\n"),
			"line 5, column 19: railways[0].numbering[0].station: the check digit of 985608 is wrong"},
		{"short station", numbering("      - {station: 98560, scope: station}\n"), `numbering[0].station: "98560" has not the length`},
		{"station twice", numbering("      - {station: 985609, scope: station}\n      - {station: 985609, scope: siding}\n"),
			"line 6, column 19: railways[0].numbering[1].station: how station 985609 is numbered is said already"},
		{"all others twice", numbering("      - {scope: station}\n      - {scope: siding}\n"),
			"railways[0].numbering[1]: how all other stations are numbered is said already"},
		{"no ranges", numbering("      - {scope: range}\n"), "railways[0].numbering[0]: scope range has ranges"},
		{"ranges of another scope", numbering("      - {scope: siding, ranges: [{workplace: a, from: 1, to: 2}]}\n"),
			"railways[0].numbering[0].ranges: only scope range has ranges"},
		{"nobody's range", numbering("      - {scope: range, ranges: [{from: 1, to: 2}]}\n"),
			"railways[0].numbering[0].ranges[0]: whose range it is is missing"},
		{"a long workplace", numbering("      - {scope: range, ranges: [{workplace: " + strings.Repeat("a", 65) + ", from: 1, to: 2}]}\n"),
			"ranges[0].workplace: 65 characters are too many: at most 64"},
		{"range without first", numbering("      - {scope: range, ranges: [{workplace: a, to: 2}]}\n"),
			"ranges[0].from: the first number of a range is 1 or above"},
		{"range from zero", numbering("      - {scope: range, ranges: [{workplace: a, from: 0, to: 2}]}\n"), "ranges[0].from: the first number"},
		{"range without last", numbering("      - {scope: range, ranges: [{workplace: a, from: 5}]}\n"),
			"ranges[0].to: the last number of a range is not below the first"},
		{"range reversed", numbering("      - {scope: range, ranges: [{workplace: a, from: 5, to: 4}]}\n"), "ranges[0].to: the last number"},
		{"negative", numbering("      - {scope: range, ranges: [{workplace: a, from: -5, to: 4}]}\n"), "a whole number is expected"},
		{"ranges that meet", numbering(`      - scope: range
        ranges:
          - {workplace: a, from: 1, to: 10}
          - {workplace: b, from: 10, to: 20}
`), "line 8, column 13: railways[0].numbering[0].ranges[1]: these numbers are in the range 1–10 too"},
		{"a range within one that stands below", numbering(`      - scope: range
        ranges:
          - {workplace: a, from: 3, to: 4}
          - {workplace: b, from: 1, to: 20}
`), "railways[0].numbering[0].ranges[1]: these numbers are in the range 3–4 too"},
		{"a range behind another within a wide one", numbering(`      - scope: range
        ranges:
          - {workplace: a, from: 1, to: 100}
          - {workplace: b, from: 200, to: 201}
          - {workplace: a, from: 300, to: 400}
          - {workplace: c, from: 50, to: 60}
          - {workplace: d, from: 70, to: 80}
`), "railways[0].numbering[0].ranges[4]: these numbers are in the range 1–100 too"},

		{"no term for memos", terms("Waybill, Memo", ""), agreement + ".terms: the agreement covers Memo and does not say how long"},
		{"nor for acts", terms("Memo, Act", "          terms: {Memo: 1h}\n"), agreement + ".terms: the agreement covers Act and"},
		{"no term", terms("Memo", "          terms: {Memo: soon}\n"), agreement + ".terms.Memo: not a term"},
		{"a term of nothing", terms("Memo", "          terms: {Memo: 0h}\n"), agreement + ".terms.Memo: not a term"},
		{"a term of what has none", terms("Waybill", "          terms: {Waybill: 1h}\n"),
			agreement + `.terms: "Waybill" is not one of [Memo Act]: nothing else has a term`},
		{"a term of what is not covered", terms("Memo", "          terms: {Memo: 1h, Act: 1h}\n"),
			agreement + ".terms.Act: there is a term for Act, which covers does not name"},
		{"answers are not covered", terms("Approval", ""), agreement + `.covers[0]: "Approval" is not one of`},
		{"reminders without a term", terms("Waybill", "          reminders: [1h]\n"), agreement + ".reminders: there is no term"},
		{"no reminder", terms("Memo", "          terms: {Memo: 4h}\n          reminders: [soon]\n"),
			agreement + ".reminders[0]: a time is 1m to 744h"},
		{"a reminder at the end", terms("Memo", "          terms: {Memo: 4h}\n          reminders: [0s]\n"), agreement + ".reminders[0]: a time is"},
		{"reminders in disorder", terms("Memo", "          terms: {Memo: 4h}\n          reminders: [30m, 2h]\n"),
			agreement + ".reminders[1]: the longest stands first"},
		{"a reminder twice", terms("Memo", "          terms: {Memo: 4h}\n          reminders: [2h, 120m]\n"),
			agreement + ".reminders[1]: 2h is there twice"},
		{"too many reminders", terms("Memo", "          terms: {Memo: 4h}\n          reminders: [11m, 10m, 9m, 8m, 7m, 6m, 5m, 4m, 3m, 2m, 1m]\n"),
			agreement + ".reminders: 11 reminders are too many: at most 10"},
		{"a place without a name", terms("Waybill", "          places: [{relocation: 30m}]\n"), agreement + ".places[0].name: a name is missing"},
		{"a place twice", terms("Waybill", "          places: [{name: Путь № 2, relocation: 30m}, {name: путь N 2, relocation: 1h}]\n"),
			agreement + ".places[1].name: the place путь N 2 is there twice"},
		{"no relocation", terms("Waybill", "          places: [{name: Склад}]\n"), agreement + ".places[0].relocation: a time is 1m to 24h"},
		{"a relocation of days", terms("Waybill", "          places: [{name: Склад, relocation: 25h}]\n"), agreement + ".places[0].relocation: a time is"},

		{"who signs an approval is registered for what it approves",
			strings.Replace(minimal(t), "kinds: [Waybill]", "kinds: [Approval]", 1), `signatories[0].kinds[0]: "Approval" is not one of`},
	} {
		t.Run(c.why, func(t *testing.T) {
			_, err := readParticipants([]byte(c.file), "")
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || refused.Problems[0].Line == 0 {
				t.Fatalf("got  %v\nwant … %s …", err, c.want)
			}
			if len(refused.Problems) > 2 {
				t.Errorf("one mistake, %d problems: %v", len(refused.Problems), err)
			}
		})
	}
}

// Signatories may be registered for the answers to memos and acts.
func TestSignatoryOfAnswers(t *testing.T) {
	d := compiled(t, strings.Replace(agreed(t, "Memo, Act", "          terms: {Memo: 1h, Act: 2h}\n"),
		"kinds: [Waybill]", "kinds: [Memo, Act]", 1))
	got := d.Participants["SHIP-01"].Organisations[0].Signatories[0].Kinds
	if diff := cmp.Diff([]schema.Kind{schema.KindMemo, schema.KindAct}, got); diff != "" {
		t.Error(diff)
	}
}

// The hash changes with everything that decides about memos and acts, and with nothing else.
func TestPolicyOfPrimaries(t *testing.T) {
	plain := compiled(t, minimal(t)).Policy()
	seen := map[string]string{plain: "nothing"}
	distinct := func(name, file string) {
		t.Helper()
		h := compiled(t, file).Policy()
		if other := seen[h]; other != "" {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[h] = name
	}
	for _, section := range []string{
		"consent: railway", "guard: {wait: 1h}", "guard: {wait: 0s}", "guard: {then: refuse}", "guard: {since: 2026-01-01}",
		"numbering: [{scope: station}]", "numbering: [{scope: siding}]", "numbering: [{station: 985609, scope: station}]",
		"numbering: [{scope: range, ranges: [{workplace: a, from: 1, to: 2}]}]",
		"numbering: [{scope: range, ranges: [{workplace: a, from: 1, to: 3}]}]",
		"numbering: [{scope: range, ranges: [{workplace: b, from: 1, to: 2}]}]",
	} {
		distinct(section, within(t, "", "    "+section+"\n", ""))
	}
	const base = "          terms: {Memo: 12h}\n"
	for _, lines := range []string{
		base, "          terms: {Memo: 13h}\n", "          terms: {Memo: 1 working day}\n",
		base + "          places: [{name: Склад, relocation: 30m}]\n",
		base + "          places: [{name: Склад, relocation: 31m}]\n",
		base + "          places: [{name: Тупик, relocation: 30m}]\n",
	} {
		distinct(lines, agreed(t, "Memo", lines))
	}
	for name, section := range map[string]string{
		"what is so anyway": "consent: ours\n    guard: {wait: 600s, then: deliver}",
	} {
		if compiled(t, within(t, "", "    "+section+"\n", "")).Policy() != plain {
			t.Errorf("%s changes the hash", name)
		}
	}
	term := compiled(t, agreed(t, "Memo", base)).Policy()
	for name, lines := range map[string]string{
		"the spelling of a term": "          terms: {Memo: 720m}\n", "reminders": base + "          reminders: [1h]\n",
	} {
		if compiled(t, agreed(t, "Memo", lines)).Policy() != term {
			t.Errorf("%s change the hash", name)
		}
	}
	one, other := "{scope: station}", "{station: 985609, scope: siding}"
	if compiled(t, within(t, "", "    numbering: ["+one+", "+other+"]\n", "")).Policy() !=
		compiled(t, within(t, "", "    numbering: ["+other+", "+one+"]\n", "")).Policy() {
		t.Error("the order of stations changes the hash")
	}
}

// What is said of memos and acts survives export and import, and a difference is told.
func TestPrimariesAreExportedAndCompared(t *testing.T) {
	railway := `    consent: railway
    guard: {wait: 90m, then: refuse}
    numbering:
      - {station: 985609, scope: range, ranges: [{workplace: АРМ-1, from: 1, to: 999}, {workplace: АРМ-1, from: 2000, to: 2999}]}
      - {scope: station}
`
	before := minimal(t)
	file := inserted(agreedIn(before, "Waybill, Memo", `          terms: {Memo: 1 working day}
          reminders: []
          places: [{name: Склад, relocation: 30m}]
`), "", railway, "")
	normal, err := NormalizeParticipants([]byte(file), "")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := NormalizeParticipants(normal, ""); err != nil || string(again) != string(normal) {
		t.Errorf("the normal form is not stable: %v\n%s", err, cmp.Diff(string(normal), string(again)))
	}
	lines, err := DiffParticipants([]byte(before), normal, "")
	if err != nil {
		t.Fatal(err)
	}
	const agreement = "participants[SHIP-01].organisations[7708503727].agreement."
	want := []string{
		"+ " + agreement + "covers[Memo]: yes",
		"+ " + agreement + "places[Склад].name: Склад",
		"+ " + agreement + "places[Склад].relocation: 30m",
		"+ " + agreement + "reminders: none",
		"+ " + agreement + "terms.Memo: 1 working day",
		"~ railways[RZD].consent: ours → railway",
		"~ railways[RZD].guard.then: deliver → refuse",
		"~ railways[RZD].guard.wait: 10m → 1h30m",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1 #2].from: 2000",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1 #2].to: 2999",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1 #2].workplace: АРМ-1",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1].from: 1",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1].to: 999",
		"+ railways[RZD].numbering[985609].ranges[АРМ-1].workplace: АРМ-1",
		"+ railways[RZD].numbering[985609].scope: range",
		"+ railways[RZD].numbering[985609].station: 985609",
		"+ railways[RZD].numbering[other stations].scope: station",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// oldRegister is a version as a program stored it that knew neither memos nor acts.
const oldRegister = `{"railways":[{"code":"RZD","profile":"rzd","zone":"Europe/Moscow","trust":[%[1]q]}],
"participants":[{"code":"SHIP-01","railway":"RZD","language":"ru","trust":[%[1]q],"organisations":[
{"name":"АО «Пример»","inn":"7708503727","agreement":{"number":"1","from":"2026-01-01","covers":["Waybill"],"placement":"signed"},
"signatories":[{"name":"Иванов И. И.","snils":"11223344595","kinds":["Waybill"]}]}]}]}`

// A register of an earlier program is in force as it was, with the defaults of what it did not know.
func TestOldRegister(t *testing.T) {
	root := string(pki.Must(pki.NewAuthority("Корень", start)).CertificatePEM())
	old := fmt.Sprintf(oldRegister, root)
	if !json.Valid([]byte(old)) {
		t.Fatal("what the earlier program stored is no JSON")
	}
	r, s := openRegister(t, startClock())
	if err := s.Update(func(tx store.Tx) error {
		about := DirectoryVersion{Imported: start, By: "operator", Participants: 1}
		return putVersion(tx, participantHeads, participantBodies, versionKey(nil, 1), []byte(old), about)
	}); err != nil {
		t.Fatal(err)
	}
	var exported []byte
	view(t, s, func(tx store.Reader) {
		d, err := r.Directory(tx)
		if err != nil {
			t.Fatal(err)
		}
		rzd := d.Railways["RZD"]
		if rzd.Consent != ConsentOurs || rzd.Guard != (Guard{Wait: 10 * time.Minute}) || rzd.Numbering != nil {
			t.Errorf("consent %q, guard %+v, numbering %v", rzd.Consent, rzd.Guard, rzd.Numbering)
		}
		if a := d.Participants["SHIP-01"].Organisations[0].Agreement; a.Terms != nil || a.Reminders != nil || a.Places != nil {
			t.Errorf("agreement %+v", a)
		}
		if p, _, reason := d.Addressee("RZD", schema.OrgID{INN: "7708503727", KPP: "770801001"}); p == nil || reason != "" {
			t.Errorf("addressee: %q", reason)
		}
		if exported, err = r.ExportParticipants(tx, 1); err != nil {
			t.Fatal(err)
		}
	})
	if lines, err := DiffParticipants(exported, exported, ""); err != nil || len(lines) != 0 {
		t.Errorf("what is exported differs from itself: %v, %v", lines, err)
	}
	if version, err := r.ImportParticipants(exported, "", "operator"); err != nil || version != 1 {
		t.Errorf("the file that says what is in force makes version %d, %v", version, err)
	}
	changed := strings.Replace(string(exported), "consent: ours", "consent: railway", 1)
	if version, err := r.ImportParticipants([]byte(changed), "", "operator"); err != nil || version != 2 {
		t.Errorf("a file that says something else makes version %d, %v", version, err)
	}
}
