package legitimacy

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"asugate/register"
	"asugate/schema"
)

// From and to are inclusive calendar days, whatever they are; an open end never ends.
func TestDaysAreInclusive(t *testing.T) {
	c := goodPlacement().build(t)
	work := c.Document.Placement().WorkDate
	around := func(t *rapid.T, label string) schema.Date {
		days := rapid.IntRange(-40, 40).Draw(t, label)
		start := time.Date(work.Year, time.Month(work.Month), work.Day, 12, 0, 0, 0, moscow)
		return schema.DateOf(start.AddDate(0, 0, days), moscow)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := entry(ivanov)
		e.From = around(t, "from")
		e.To = schema.Date{}
		if rapid.Bool().Draw(t, "ends") {
			e.To = around(t, "to")
		}
		c.Staff = &register.Staff{StaffList: schema.StaffList{Entries: []schema.StaffEntry{e}}}
		appointed := e.From.String() <= work.String() && (e.To.IsZero() || work.String() <= e.To.String())
		refused := false
		for _, f := range performer(c) {
			refused = refused || f.Code == "L02"
		}
		if refused == appointed {
			t.Errorf("work on %s, appointed %s to %s: refused %v", work, e.From, e.To, refused)
		}
	})
}

// Rules are pure: asked twice, at any time, they say the same, and change nothing.
func TestRulesArePure(t *testing.T) {
	s := goodPlacement()
	s.List.Entries[0].To = day("2026-06-30")
	s.Placement.Text = "Груз"
	c := s.build(t)
	before := *c
	first, second := Check(c), Check(c)
	if len(first) == 0 || len(first) != len(second) {
		t.Fatalf("got %v, then %v", first, second)
	}
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("got %v, then %v", first[i], second[i])
		}
	}
	if before.Staff != c.Staff || before.Moment != c.Moment || before.Organisation != c.Organisation {
		t.Error("a rule changed its case")
	}
}

func BenchmarkPlacement(b *testing.B) {
	c := goodPlacement().build(b)
	for b.Loop() {
		if f := Authority(c); f != nil {
			b.Fatal(f)
		}
		if f := Check(c); f != nil {
			b.Fatal(f)
		}
	}
}
