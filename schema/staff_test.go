package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is a good one, changed by the caller.
func entry(change func(*StaffEntry)) StaffEntry {
	e := StaffEntry{
		Person:      Person{"Иванов Иван Иванович", "мастер", PersonID{SNILS: "11223344595"}},
		OrderNumber: "1", OrderDate: Date{2026, 1, 1}, Works: []string{"placement"}, From: Date{2026, 1, 1},
	}
	if change != nil {
		change(&e)
	}
	return e
}

func TestStaffCheck(t *testing.T) {
	finding := func(code, reason, path, expected, actual string) Finding {
		return Finding{Code: code, Reason: reason, Severity: Error, Path: path, Expected: expected, Actual: actual}
	}
	cases := []struct {
		name string
		list StaffList
		want []Finding
	}{
		{name: "nothing wrong", list: StaffList{Entries: []StaffEntry{entry(nil)}}},
		{
			name: "one person under two orders, once with initials",
			list: StaffList{Entries: []StaffEntry{entry(nil), entry(func(e *StaffEntry) {
				e.OrderNumber, e.Name = "2", "Иванов И.И."
			})}},
		},
		{
			name: "check digits, with an index only where there are several",
			list: StaffList{Entries: []StaffEntry{entry(func(e *StaffEntry) {
				e.PersonID = PersonID{SNILS: "11223344596", INN: "500100732258", RNOKPP: "1234567890"}
				e.Stations = []string{"985609", "985608"}
			})}},
			want: []Finding{
				finding("D01", ReasonSNILSCheckDigit, "/StaffList/Entry/Person/@snils", "", "11223344596"),
				finding("D01", ReasonINNCheckDigit, "/StaffList/Entry/Person/@inn", "", "500100732258"),
				finding("D01", ReasonRNOKPPCheckDigit, "/StaffList/Entry/Person/@rnokpp", "", "1234567890"),
				finding("D01", ReasonStationCheckDigit, "/StaffList/Entry/Station[2]", "", "985608"),
			},
		},
		{
			name: "copies of the order for both recipients, of which the station's does not tell of the right",
			list: StaffList{Entries: []StaffEntry{
				entry(func(e *StaffEntry) { e.Recipient = ToTCFTO }),
				entry(func(e *StaffEntry) { e.Recipient, e.RightUnsaid = "985609", true }),
			}},
		},
		{
			name: "copies that leave open what they may not, or are nobody's",
			list: StaffList{Entries: []StaffEntry{
				entry(func(e *StaffEntry) { e.Recipient, e.RightUnsaid = ToTCFTO, true }),
				entry(func(e *StaffEntry) { e.RightUnsaid = true }),
				entry(func(e *StaffEntry) { e.Recipient = "985608" }),
			}},
			want: []Finding{
				finding("A01", ReasonRightUnsaid, "/StaffList/Entry[1]/MaySign", "true, false", ""),
				finding("A01", ReasonRightUnsaid, "/StaffList/Entry[2]/MaySign", "true, false", ""),
				finding("D01", ReasonStationCheckDigit, "/StaffList/Entry[3]/@recipient", "", "985608"),
			},
		},
		{
			name: "numbers of those for whom may be signed",
			list: StaffList{Entries: []StaffEntry{entry(nil)}, Proxies: []PowerOfAttorney{{
				Number: "1", Holder: Person{Name: "Петрова А.О."},
				Principals: []Person{{Name: "Иванов И.И."}, {Name: "Орлов О.О.", PersonID: PersonID{SNILS: "11223344595"}}},
			}}},
			want: []Finding{
				finding("D03", ReasonEntriesContradict, "/StaffList/PowerOfAttorney/Principal[2]", "Иванов Иван Иванович", "Орлов О.О."),
			},
		},
		{
			name: "terms that end before they begin",
			list: StaffList{
				Entries: []StaffEntry{entry(nil), entry(func(e *StaffEntry) {
					e.From, e.To = Date{2026, 2, 2}, Date{2026, 2, 1}
				})},
				Proxies: []PowerOfAttorney{{Number: "1", From: Date{2026, 2, 2}, To: Date{2026, 2, 1}}},
			},
			want: []Finding{
				finding("D03", ReasonDatesReversed, "/StaffList/Entry[2]", "2026-02-02", "2026-02-01"),
				finding("D03", ReasonDatesReversed, "/StaffList/PowerOfAttorney", "2026-02-02", "2026-02-01"),
			},
		},
		{
			name: "one number for two persons",
			list: StaffList{
				Entries: []StaffEntry{entry(nil), entry(func(e *StaffEntry) { e.Name = "Петров Пётр Петрович" })},
				Proxies: []PowerOfAttorney{{Number: "1", Holder: Person{Name: "Сидоров С.С.",
					PersonID: PersonID{SNILS: "11223344595"}}}},
			},
			want: []Finding{
				finding("D03", ReasonEntriesContradict, "/StaffList/Entry[2]/Person",
					"Иванов Иван Иванович", "Петров Пётр Петрович"),
				finding("D03", ReasonEntriesContradict, "/StaffList/PowerOfAttorney/Holder",
					"Иванов Иван Иванович", "Сидоров С.С."),
			},
		},
		{
			name: "the same entry and the same power of attorney twice",
			list: StaffList{
				Entries: []StaffEntry{entry(nil), entry(nil)},
				Proxies: []PowerOfAttorney{{Number: "7"}, {Number: "7", From: Date{2026, 1, 1}}},
			},
			want: []Finding{
				finding("D03", ReasonEntryRepeated, "/StaffList/Entry[2]", "", "Иванов Иван Иванович"),
				finding("D03", ReasonEntryRepeated, "/StaffList/PowerOfAttorney[2]", "", "7"),
			},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.list.Check()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEntryCovers(t *testing.T) {
	for _, test := range []struct {
		recipient string
		stations  []string
		want      bool // at 985609
	}{
		{"", nil, true},
		{ToTCFTO, nil, true},
		{ToTCFTO, []string{"850609"}, false},
		{"985609", nil, true},
		{"850609", nil, false},
		{"850609", []string{"985609"}, true},
	} {
		e := entry(func(e *StaffEntry) { e.Recipient, e.Stations = test.recipient, test.stations })
		if got := e.Covers("985609"); got != test.want {
			t.Errorf("copy of %q for %v: %v", test.recipient, test.stations, got)
		}
	}
}
