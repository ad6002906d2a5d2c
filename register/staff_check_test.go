package register

import (
	"errors"
	"testing"

	"asugate/schema"
)

// proxy is a power of attorney that is right but for a change.
func proxy(change func(*schema.PowerOfAttorney)) schema.PowerOfAttorney {
	p := schema.PowerOfAttorney{
		Number: "12", Date: schema.Date{Year: 2026, Month: 1, Day: 15}, Holder: worker(9).Person,
		From: schema.Date{Year: 2026, Month: 1, Day: 15},
	}
	change(&p)
	return p
}

func TestBadLists(t *testing.T) {
	tests := []struct {
		name   string
		change func(*schema.StaffList)
		want   string // of the first problem
	}{
		{"empty", func(l *schema.StaffList) { l.Entries = nil }, "/StaffList: the list is empty"},
		{"no organisation", func(l *schema.StaffList) { l.Organisation = schema.OrgID{} }, "/StaffList/For"},
		{"version 0", func(l *schema.StaffList) { l.Version = 0 }, "/StaffList/@Version"},
		{"no name", func(l *schema.StaffList) { l.Entries[1].Name = " " }, "/StaffList/Entry[2]/Person: there is no value"},
		{"no post", func(l *schema.StaffList) { l.Entries[1].Post = "" }, "/StaffList/Entry[2]/Person/@post"},
		{"control character", func(l *schema.StaffList) { l.Entries[0].Name = "a\x1b[31m" }, "a control character"},
		{"snils", func(l *schema.StaffList) { l.Entries[0].SNILS = "11223344596" }, "/StaffList/Entry[1]/Person/@snils"},
		{"inn", func(l *schema.StaffList) { l.Entries[0].INN = "500100732258" }, "/StaffList/Entry[1]/Person/@inn"},
		{"inn of an organisation", func(l *schema.StaffList) { l.Entries[0].INN = "7708503727" }, "of an organisation, not of a person"},
		{"works", func(l *schema.StaffList) { l.Entries[0].Works = nil }, "/StaffList/Entry[1]/Work"},
		{"other work", func(l *schema.StaffList) { l.Entries[0].Works = []string{"sleep"} }, `"sleep" is not one of`},
		{"station", func(l *schema.StaffList) { l.Entries[0].Stations = []string{"985608"} }, "/StaffList/Entry[1]/Station"},
		{"no first day", func(l *schema.StaffList) { l.Entries[0].From = schema.Date{} }, "/StaffList/Entry[1]/From"},
		{"days reversed", func(l *schema.StaffList) { l.Entries[0].To = schema.Date{Year: 2025, Month: 1, Day: 1} }, "/StaffList/Entry[1]"},
		{"certificate", func(l *schema.StaffList) { l.Entries[0].Certificate.Serial = "xyz" }, "/StaffList/Entry[1]/Certificate"},
		{"person twice", func(l *schema.StaffList) {
			l.Entries[2] = l.Entries[0]
			l.Entries[2].Post = "инженер"
		}, "/StaffList/Entry[3]/Person: Иванов Иван Иванович stands in the list"},
		{"the same row twice", func(l *schema.StaffList) { l.Entries[2] = l.Entries[0] }, "/StaffList/Entry[3]"},
		{"too many", func(l *schema.StaffList) { l.Entries = make([]schema.StaffEntry, MaxStaff+1) }, "100001 rows are too many"},
		{"recipient", func(l *schema.StaffList) { l.Entries[0].Recipient = "ТЧ-1" }, "neither tcfto nor the code of a station"},
		{"station of a copy", func(l *schema.StaffList) { l.Entries[0].Recipient = "985608" }, "/StaffList/Entry[1]/@recipient"},
		{"right not told", func(l *schema.StaffList) { l.Entries[0].RightUnsaid = true }, "/StaffList/Entry[1]/MaySign"},
		{"right not told to ТЦФТО", func(l *schema.StaffList) {
			l.Entries[0].Recipient, l.Entries[0].RightUnsaid = schema.ToTCFTO, true
		}, "/StaffList/Entry[1]/MaySign"},
		{"registry", func(l *schema.StaffList) {
			l.Proxies = []schema.PowerOfAttorney{proxy(func(p *schema.PowerOfAttorney) { p.Registry = "12" })}
		},
			"/StaffList/PowerOfAttorney/@registry"},
		{"branch", func(l *schema.StaffList) {
			l.Proxies = []schema.PowerOfAttorney{proxy(func(p *schema.PowerOfAttorney) { p.Branches = []string{"7"} })}
		},
			"/StaffList/PowerOfAttorney/Branch"},
		{"principal", func(l *schema.StaffList) {
			l.Proxies = []schema.PowerOfAttorney{proxy(func(p *schema.PowerOfAttorney) { p.Principals = []schema.Person{{Name: "а | б"}} })}
		}, "/StaffList/PowerOfAttorney/Principal"},
		{"number of a principal", func(l *schema.StaffList) {
			l.Proxies = []schema.PowerOfAttorney{proxy(func(p *schema.PowerOfAttorney) {
				p.Principals = []schema.Person{{Name: "а"}, {Name: "б", PersonID: schema.PersonID{SNILS: "11223344596"}}}
			})}
		}, "/StaffList/PowerOfAttorney/Principal[2]/@snils"},
		{"kind of proxy", func(l *schema.StaffList) {
			l.Proxies = []schema.PowerOfAttorney{{Kinds: []schema.Kind{"X"}}}
		}, "/StaffList/PowerOfAttorney/Holder: there is no value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, _ := openRegister(t, startClock())
			l := list(1, 3)
			test.change(&l)
			err := r.ImportStaff(l, "cli", true)
			var e *FileError
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if got := e.Problems[0].Error(); !contains(got, test.want) {
				t.Errorf("got %q, want … %s …", got, test.want)
			}
		})
	}
	l := list(1, 3)
	if err := CheckStaff(&l); err != nil {
		t.Errorf("the good list: %v", err)
	}
}

func contains(s, part string) bool {
	for i := range s {
		if len(s)-i >= len(part) && s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// One person may stand in a list several times, as long as no day is covered twice.
func TestRepeatedPersons(t *testing.T) {
	term := func(from, to string) schema.StaffEntry {
		e := worker(0)
		e.From, e.To = date(t, from), schema.Date{}
		if to != "" {
			e.To = date(t, to)
		}
		return e
	}
	tests := []struct {
		name    string
		entries []schema.StaffEntry
		want    int // problems
	}{
		{"one after the other", []schema.StaffEntry{term("2026-01-01", "2026-01-31"), term("2026-02-01", "")}, 0},
		{"in the other order", []schema.StaffEntry{term("2026-02-01", ""), term("2026-01-01", "2026-01-31")}, 0},
		{"last day is first day", []schema.StaffEntry{term("2026-01-01", "2026-02-01"), term("2026-02-01", "")}, 1},
		{"open end", []schema.StaffEntry{term("2026-01-01", ""), term("2026-02-01", "")}, 1},
		{"long one around two", []schema.StaffEntry{term("2026-01-01", "2026-12-31"),
			term("2026-02-01", "2026-02-10"), term("2026-03-01", "2026-03-10")}, 2},
		{"gap", []schema.StaffEntry{term("2026-03-01", ""), term("2026-01-01", "2026-01-31")}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := schema.StaffList{Organisation: shipper, Version: 1, Entries: test.entries}
			if got := StaffFindings(&l); len(got) != test.want {
				t.Errorf("got %v, want %d", got, test.want)
			}
		})
	}
	// The copies of the two recipients cover the same days, and nobody minds.
	copies := schema.StaffList{Organisation: shipper, Version: 1, Entries: []schema.StaffEntry{worker(0), worker(0), worker(0)}}
	copies.Entries[0].Recipient, copies.Entries[1].Recipient = schema.ToTCFTO, "985609"
	if got := StaffFindings(&copies); len(got) != 0 {
		t.Errorf("copies: %v", got)
	}
	copies.Entries[1].Recipient, copies.Entries[1].Post = schema.ToTCFTO, "инженер"
	if got := StaffFindings(&copies); len(got) != 1 {
		t.Errorf("twice in one copy: %v", got)
	}
	// Namesakes without numbers are one person where the post is the same too.
	l := schema.StaffList{Organisation: shipper, Version: 1}
	for _, post := range []string{"мастер", "инженер", "Мастер"} {
		e := worker(0)
		e.SNILS, e.Post = "", post
		l.Entries = append(l.Entries, e)
	}
	if got := StaffFindings(&l); len(got) != 1 || got[0].Path != "/StaffList/Entry[3]/Person" {
		t.Errorf("namesakes: %v", got)
	}
}
