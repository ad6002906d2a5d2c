package legitimacy

import (
	"slices"
	"strings"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/workflow"
)

// near is how far apart two documents may put the same event. What lies further apart is another
// event, about which nothing can be said.
const near = 24 * time.Hour

// others is what is known of the wagon from other documents than this one: its former versions say
// nothing against it. Oldest first; of what happened in the same minute the supply comes before the
// removal.
func (c *Case) others(wagon string) []workflow.WagonEvent {
	events := slices.DeleteFunc(slices.Clone(c.Wagons[wagon]), func(e workflow.WagonEvent) bool {
		return e.Document == c.Document.ID()
	})
	slices.SortStableFunc(events, func(a, b workflow.WagonEvent) int {
		if !a.At.Equal(b.At) {
			return a.At.Compare(b.At)
		}
		return strings.Compare(b.Kind, a.Kind)
	})
	return events
}

// standing is others without what has been spoiled.
func (c *Case) standing(wagon string) []workflow.WagonEvent {
	return slices.DeleteFunc(c.others(wagon), func(e workflow.WagonEvent) bool { return e.Spoiled })
}

// nearest is the event closest to the time, of those that match and lie near it.
func nearest(events []workflow.WagonEvent, at func(workflow.WagonEvent) time.Time, to time.Time,
	match func(workflow.WagonEvent) bool) (workflow.WagonEvent, bool) {
	best, found := workflow.WagonEvent{}, false
	for _, e := range events {
		if t := at(e); t.IsZero() || !match(e) || t.Sub(to).Abs() > near {
			continue
		}
		if !found || at(e).Sub(to).Abs() < at(best).Sub(to).Abs() {
			best, found = e, true
		}
	}
	return best, found
}

func opened(e workflow.WagonEvent) time.Time { return e.At }
func closed(e workflow.WagonEvent) time.Time { return e.Until }

// sameStation says whether two codes can be one station; one that is not known can be any.
func sameStation(a, b string) bool { return a == "" || b == "" || a == b }

// sameNumber compares numbers of memos and acts as people write them: «№ 17», «17».
func sameNumber(a, b string) bool { return bareNumber(a) == bareNumber(b) }

func bareNumber(s string) string {
	return strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "№")))
}

// sameMinute: graphs have no seconds.
func sameMinute(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) }

// firstKnown is the first of the times that is known.
func firstKnown(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// clock is a time for people, in the railway's zone.
func (c *Case) clock(t time.Time) string { return t.In(c.Zone).Format(time.RFC3339) }

func (c *Case) guard() register.Guard {
	if c.Railway == nil {
		return register.Guard{}
	}
	return c.Railway.Guard
}

// exempt says whether the wagon was there before the guards were.
func (c *Case) exempt(at time.Time) bool {
	since := c.guard().Since
	return !since.IsZero() && c.day(at).Before(since)
}

// guarded is what a guard has to say: a warning to the client, for the carrier has signed already
// and it is the carrier's own worker whom 2.9.4 and 3.10 bind; a refusal where the register wants
// one (readings 12).
func (c *Case) guarded(code, reason, path, wagon string) schema.Finding {
	f := finding(code, reason, path, "", wagon)
	if c.guard().Refuse {
		f.Severity = schema.Error
	}
	return f
}

// Missing says whether the findings speak of a supply, or of the start of a delay, that the carrier
// has not signed: it may still come.
func Missing(findings []schema.Finding) bool {
	return slices.ContainsFunc(findings, func(f schema.Finding) bool { return f.Code == "W11" || f.Code == "W12" })
}

// supplyBeforeRemoval: a memo on removal needs a signed memo on the supply of each of its wagons
// (1166/р 2.9.4). One «подачи и уборки» is its own (Д-720у п. 1).
func supplyBeforeRemoval(c *Case) []schema.Finding {
	m := c.Document.Memo()
	if m.Operation != schema.OperationRemoval {
		return nil
	}
	var found []schema.Finding
	for i, w := range m.Wagons {
		if c.exempt(firstKnown(w.Supplied, w.Removed, m.ComposedAt, c.Moment)) {
			continue
		}
		if reason := c.unsupplied(m, w); reason != "" {
			found = append(found, c.guarded("W11", reason, c.wagonPath(i, len(m.Wagons)), w.Number))
		}
	}
	return found
}

// unsupplied is what is wrong with the supply of a wagon that is removed, empty when nothing is: a
// supply at this station after which it has not been removed, by the memo that the row names if it
// names one.
func (c *Case) unsupplied(m *schema.Memo, w schema.MemoWagon) string {
	removed := firstKnown(w.Removed, m.ComposedAt, c.Moment)
	supplied, spoiled := false, false
	for _, e := range c.others(w.Number) {
		switch {
		case e.At.After(removed) || !sameStation(e.Station, m.Station.Code):
		case e.Kind == workflow.WagonRemoval && !e.Spoiled:
			supplied, spoiled = false, false
		case e.Kind != workflow.WagonSupply || w.SupplyMemo != "" && !sameNumber(w.SupplyMemo, e.Number):
		case e.Spoiled:
			spoiled = true
		default:
			supplied = true
		}
	}
	switch {
	case supplied:
		return ""
	case spoiled:
		return schema.ReasonSupplySpoiled
	}
	return schema.ReasonSupplyMissing
}

// supplyLeftOpen: a wagon is not supplied twice without being removed in between (Д-720у п. 1: a
// memo for each supply, and for each removal).
func supplyLeftOpen(c *Case) []schema.Finding {
	m := c.Document.Memo()
	if m.Operation == schema.OperationRemoval {
		return nil
	}
	var found []schema.Finding
	for i, w := range m.Wagons {
		supplied := firstKnown(w.Supplied, m.ComposedAt, c.Moment)
		open, number := false, ""
		for _, e := range c.standing(w.Number) {
			switch {
			case e.At.After(supplied):
			case e.Kind == workflow.WagonSupply:
				open, number = true, e.Number
			case e.Kind == workflow.WagonRemoval:
				open = false
			}
		}
		if open {
			found = append(found, finding("D03", schema.ReasonSupplyOpen, c.wagonPath(i, len(m.Wagons)), number, w.Number))
		}
	}
	return found
}

// startBeforeEnd: an act on the end of a delay needs a signed act on its start, for each of its
// wagons (1166/р 3.10).
func startBeforeEnd(c *Case) []schema.Finding {
	a := c.Document.Act()
	if a.Kind != schema.ActEnd {
		return nil
	}
	var found []schema.Finding
	for i, w := range a.Wagons {
		if c.exempt(firstKnown(a.OpenedAt, a.ClosedAt, a.ComposedAt)) {
			continue
		}
		if reason := c.unstarted(a, w.Number); reason != "" {
			found = append(found, c.guarded("W12", reason, c.wagonPath(i, len(a.Wagons)), w.Number))
		}
	}
	return found
}

// unstarted is what is wrong with the start of a delay that ends, empty when nothing is: the act
// that is named, else one at this station that no other act has ended.
func (c *Case) unstarted(a *schema.Act, wagon string) string {
	ended := firstKnown(a.ClosedAt, a.ComposedAt)
	started, spoiled := false, false
	named := a.StartAct.DocumentID != "" || a.StartNumber != ""
	for _, e := range c.others(wagon) {
		switch {
		case e.At.After(ended) || !sameStation(e.Station, a.Station.Code):
		case e.Kind == workflow.WagonDelayEnd && !e.Spoiled && !named:
			started, spoiled = false, false
		case e.Kind != workflow.WagonDelayStart || named && !names(a, e):
		case e.Spoiled:
			spoiled = true
		default:
			started = true
		}
	}
	switch {
	case started:
		return ""
	case spoiled:
		return schema.ReasonStartSpoiled
	}
	return schema.ReasonStartMissing
}

// names says whether the act on an end names that one as its start.
func names(end *schema.Act, start workflow.WagonEvent) bool {
	if id, ok := schema.CanonicalID(end.StartAct.DocumentID); ok {
		return id == start.Document
	}
	return sameNumber(end.StartNumber, start.Number)
}
