package register

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/schema"
)

func TestEnding(t *testing.T) {
	entry := func(n int, from, to string) schema.StaffEntry {
		e := worker(n)
		e.OrderNumber, e.From, e.To = from, date(t, from), schema.Date{}
		if to != "" {
			e.To = date(t, to)
		}
		return e
	}
	paper := func(number, to, withdrawn string) schema.PowerOfAttorney {
		return proxy(func(p *schema.PowerOfAttorney) {
			p.Number, p.To = number, date(t, to)
			if withdrawn != "" {
				p.Withdrawn = date(t, withdrawn)
			}
		})
	}
	unnamed := entry(4, "2026-03-01", "2026-12-01")
	unnamed.SNILS = ""
	copied := entry(3, "2026-01-04", "2026-12-22") // the station's copy of nobody who is in the other
	copied.Recipient = "985609"
	s := &Staff{StaffList: schema.StaffList{
		Entries: []schema.StaffEntry{
			entry(0, "2026-01-01", "2026-12-22"), // the last of the thirty days
			entry(1, "2026-01-02", "2026-12-23"), // the day after
			entry(2, "2026-01-03", "2026-11-22"), // today is the last day
			entry(3, "2026-01-04", "2026-11-30"),
			entry(3, "2026-12-01", ""), // goes on
			copied,
			unnamed,
			entry(5, "2026-01-05", "2026-11-21"), // over
			entry(6, "2026-11-23", "2026-11-30"), // not begun
			entry(7, "2026-01-06", ""),
		},
		Proxies: []schema.PowerOfAttorney{
			paper("1", "2026-12-01", ""), paper("2", "2026-12-01", "2026-11-25"), paper("3", "2027-01-01", ""),
		},
	}}
	people, proxies := s.Ending(date(t, "2026-11-22"), 30)
	var got []string
	for _, e := range people {
		got = append(got, e.OrderNumber+" "+e.Recipient)
	}
	for _, p := range proxies {
		got = append(got, "N "+p.Number)
	}
	want := []string{"2026-01-01 ", "2026-01-03 ", "2026-01-04 985609", "2026-03-01 ", "N 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
