package register

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/schema"
)

func TestCounterpart(t *testing.T) {
	entry := func(recipient, order, from, to string) schema.StaffEntry {
		e := worker(0)
		e.Recipient, e.OrderNumber, e.From, e.To = recipient, order, date(t, from), schema.Date{}
		if to != "" {
			e.To = date(t, to)
		}
		return e
	}
	all := []schema.StaffEntry{
		entry(schema.ToTCFTO, "17-К", "2026-01-01", ""),
		entry("985609", "3-К", "2025-01-01", "2025-12-31"),
		entry("985609", "18-К", "2026-01-01", "2026-06-30"),
		entry("850609", "№ 17-к", "2026-01-01", ""),
		entry("850609", "20-К", "2026-01-01", ""),
	}
	var entries []*schema.StaffEntry
	for i := range all {
		entries = append(entries, &all[i])
	}
	tests := []struct {
		recipient, day string
		want           int // index, -1: none
	}{
		{schema.ToTCFTO, "2026-05-01", 0}, // itself
		{"985609", "2026-05-01", 2},       // in force on the day
		{"985609", "2025-05-01", 1},
		{"985609", "2026-11-01", 2}, // none is in force: the last
		{"850609", "2026-05-01", 3}, // the same order, written otherwise
		{"111111", "2026-05-01", -1},
	}
	for _, test := range tests {
		got := Counterpart(&all[0], entries, test.recipient, date(t, test.day))
		if test.want < 0 && got != nil || test.want >= 0 && got != &all[test.want] {
			t.Errorf("%s on %s: got %+v", test.recipient, test.day, got)
		}
	}
}

func TestDisagreements(t *testing.T) {
	l := list(1, 3)
	for i, recipient := range []string{schema.ToTCFTO, "985609", "850609"} {
		l.Entries[i] = worker(0)
		l.Entries[i].Recipient = recipient
	}
	if got := Disagreements(&l); len(got) != 0 {
		t.Errorf("equal copies: %v", got)
	}
	l.Entries[2].MaySign = false
	want := []string{
		"Иванов Иван Иванович, order N 17-К 2026-01-10: tcfto: MaySign true; 850609: MaySign false",
		"Иванов Иван Иванович, order N 17-К 2026-01-10: 985609: MaySign true; 850609: MaySign false",
	}
	if diff := cmp.Diff(want, Disagreements(&l)); diff != "" {
		t.Error(diff)
	}
	l.Entries[2].RightUnsaid = true
	if got := Disagreements(&l); len(got) != 0 {
		t.Errorf("a copy that does not tell: %v", got)
	}
}
