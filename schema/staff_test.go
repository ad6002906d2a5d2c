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
