package legitimacy

import (
	"slices"
	"strings"
	"time"

	"asugate/schema"
	"asugate/workflow"
)

// The values of a memo that follow from other documents (Д-720у п. 3.6, 3.9, 3.10). They are
// compared from the side that comes second, and a difference is told to people, not refused: both
// documents are the carrier's own, and which of them is wrong cannot be seen here.

// delayOfMemo: graph 9 is what the acts of graph 10 say, and one of the two does not stand alone
// (3.9, 3.10).
func delayOfMemo(c *Case) []schema.Finding {
	m := c.Document.Memo()
	var found []schema.Finding
	for i, w := range m.Wagons {
		if w.Delay == 0 && len(w.Acts) == 0 {
			continue
		}
		path, actual := graphPath(m, i, "/Delay"), hoursMinutes(w.Delay)
		sum, known := delayBy(c.standing(w.Number), w.Acts)
		switch {
		case len(w.Acts) == 0:
			found = append(found, finding("D03", schema.ReasonDelayDiffers, path, "", actual))
		case known && !sameSpan(sum, w.Delay):
			found = append(found, finding("D03", schema.ReasonDelayDiffers, path, hoursMinutes(sum), actual))
		case !known && w.Delay == 0:
			found = append(found, finding("D03", schema.ReasonDelayDiffers, path, "№ "+strings.Join(w.Acts, ", "), actual))
		}
	}
	return found
}

// sameSpan: graph 9 has no seconds.
func sameSpan(a, b time.Duration) bool { return a.Truncate(time.Minute) == b.Truncate(time.Minute) }

// delayBy is the delay by the acts with these numbers; known is false where one of them is not
// known, or is still open.
func delayBy(events []workflow.WagonEvent, acts []string) (sum time.Duration, known bool) {
	counted := make(map[string]bool, len(acts)) // by what closed it: the act on the start may be named besides
	for _, number := range acts {
		from, until, by := delayOf(events, number)
		if by == "" {
			return 0, false
		}
		if !counted[by] {
			counted[by] = true
			sum += until.Sub(from)
		}
	}
	return sum, len(acts) > 0
}

// delayOf is from when until when the act with the number keeps a wagon, and the document that says
// until when; empty: it is not known. Acts on the start and the end of a delay make one.
func delayOf(events []workflow.WagonEvent, number string) (from, until time.Time, by string) {
	var named *workflow.WagonEvent
	for i, e := range events { // the last, for numbers begin anew each year
		if isAct(e) && sameNumber(e.Number, number) {
			named = &events[i]
		}
	}
	if named == nil {
		return
	}
	from, until, by = named.At, named.Until, named.Document
	switch named.Kind {
	case workflow.WagonDelayStart:
		until = time.Time{}
		for _, e := range events {
			if e.Kind == workflow.WagonDelayEnd && !e.Until.Before(from) && (until.IsZero() || e.Until.Before(until)) {
				until, by = e.Until, e.Document
			}
		}
	case workflow.WagonDelayEnd:
		for _, e := range events {
			if e.Kind == workflow.WagonDelayStart && !e.At.After(until) {
				from = e.At
			}
		}
	}
	if until.IsZero() || until.Before(from) {
		return time.Time{}, time.Time{}, ""
	}
	return from, until, by
}

func isAct(e workflow.WagonEvent) bool {
	return e.Kind == workflow.WagonAct || e.Kind == workflow.WagonDelayStart || e.Kind == workflow.WagonDelayEnd
}

// groupsOfMemo: of wagons supplied at once beyond the capacity of the place, those of the next
// group are supplied when the last of the former one is ready and it has been changed for them
// (3.6).
func groupsOfMemo(c *Case) []schema.Finding {
	m := c.Document.Memo()
	if c.Addressee == nil {
		return nil
	}
	place, known := c.Addressee.Agreement.Place(m.Place)
	if !known {
		return nil // the contract says how long it takes, and we do not have it
	}
	ready := map[int]time.Time{} // by group; the zero time: one of its wagons is not ready
	for _, w := range m.Wagons {
		last, begun := ready[w.Group]
		switch {
		case w.Notified.IsZero() || begun && last.IsZero():
			ready[w.Group] = time.Time{}
		case w.Notified.After(last):
			ready[w.Group] = w.Notified
		}
	}
	var found []schema.Finding
	for i, w := range m.Wagons {
		last := ready[w.Group-1]
		if w.Group < 2 || w.Supplied.IsZero() || last.IsZero() {
			continue
		}
		if want := last.Add(place.Relocation); !sameMinute(want, w.Supplied) {
			found = append(found, finding("D03", schema.ReasonGroupTimeDiffers, graphPath(m, i, "/Supplied"),
				c.clock(want), c.clock(w.Supplied)))
		}
	}
	return found
}

// supplyByActs: a wagon that an act kept from being supplied is supplied when the act ends, and one
// that is cleaned with the consignor's consent when the cleaning begins (3.6).
func supplyByActs(c *Case) []schema.Finding {
	m := c.Document.Memo()
	if !supplies(m) {
		return nil
	}
	var found []schema.Finding
	for i, w := range m.Wagons {
		if w.Supplied.IsZero() {
			continue
		}
		known := c.standing(w.Number)
		path, actual := graphPath(m, i, "/Supplied"), c.clock(w.Supplied)
		act, ok := nearest(known, closed, w.Supplied, func(e workflow.WagonEvent) bool {
			return isAct(e) && e.Cause == schema.CauseSupplyDelay && sameStation(e.Station, m.Station.Code)
		})
		if ok && !sameMinute(act.Until, w.Supplied) {
			found = append(found, finding("D03", schema.ReasonSupplyTimeDiffers, path, c.clock(act.Until), actual))
		}
		act, ok = nearest(known, opened, w.Supplied, func(e workflow.WagonEvent) bool {
			return isAct(e) && e.Kind != workflow.WagonDelayEnd && e.Cause == schema.CauseCleaning &&
				sameStation(e.Station, m.Station.Code)
		})
		if ok && !sameMinute(act.At, w.Supplied) {
			found = append(found, finding("D03", schema.ReasonCleaningDiffers, path, c.clock(act.At), actual))
		}
	}
	return found
}

// memosOfAct is supplyByActs and delayOfMemo from the side of an act that comes after the memo.
func memosOfAct(c *Case) []schema.Finding {
	a := c.Document.Act()
	var found []schema.Finding
	for i, w := range a.Wagons {
		path := c.wagonPath(i, len(a.Wagons))
		known := c.standing(w.Number)
		supplied := func(to time.Time) (workflow.WagonEvent, bool) {
			return nearest(known, opened, to, func(e workflow.WagonEvent) bool {
				return e.Kind == workflow.WagonSupply && sameStation(e.Station, a.Station.Code)
			})
		}
		switch {
		case a.Cause == schema.CauseSupplyDelay && !a.ClosedAt.IsZero():
			if e, ok := supplied(a.ClosedAt); ok && !sameMinute(e.At, a.ClosedAt) {
				found = append(found, finding("D03", schema.ReasonSupplyTimeDiffers, path, c.clock(a.ClosedAt), c.clock(e.At)))
			}
		case a.Cause == schema.CauseCleaning && a.Kind != schema.ActEnd && !a.OpenedAt.IsZero():
			if e, ok := supplied(a.OpenedAt); ok && !sameMinute(e.At, a.OpenedAt) {
				found = append(found, finding("D03", schema.ReasonCleaningDiffers, path, c.clock(a.OpenedAt), c.clock(e.At)))
			}
		}
		known = append(known, c.event(a))
		for _, memo := range known {
			if !slices.ContainsFunc(memo.Acts, func(number string) bool { return c.about(a, number) }) {
				continue
			}
			if sum, all := delayBy(known, memo.Acts); all && !sameSpan(sum, memo.Delay) {
				found = append(found, finding("D03", schema.ReasonDelayDiffers, path, hoursMinutes(sum), hoursMinutes(memo.Delay)))
			}
		}
	}
	return found
}

// about says whether the act is that of the number, or ends it.
func (c *Case) about(a *schema.Act, number string) bool {
	return sameNumber(number, a.Number) || a.StartNumber != "" && sameNumber(number, a.StartNumber)
}

// event is what the act says of each of its wagons.
func (c *Case) event(a *schema.Act) workflow.WagonEvent {
	e := workflow.WagonEvent{
		Kind: workflow.WagonAct, At: firstKnown(a.OpenedAt, a.ComposedAt), Until: a.ClosedAt,
		Number: a.Number, Cause: a.Cause, Document: c.Document.ID(),
	}
	switch a.Kind {
	case schema.ActStart:
		e.Kind = workflow.WagonDelayStart
	case schema.ActEnd:
		e.Kind = workflow.WagonDelayEnd
	}
	return e
}
