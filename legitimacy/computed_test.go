package legitimacy

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asugate/register"
	"asugate/schema"
	"asugate/workflow"
)

// act is what an act says of a wagon; clocks that are empty stand for nothing.
func actEvent(kind, cause, number, from, until string) workflow.WagonEvent {
	e := workflow.WagonEvent{Kind: kind, Cause: cause, Number: number, At: at(from)}
	if until != "" {
		e.Until = at(until)
	}
	e.Document = fmt.Sprintf("0193f1c2-7a4b-7c3d-8e5f-%012s", number)
	return e
}

// Graph 9 is what the acts of graph 10 say (Д-720у 3.9, 3.10).
func TestDelayOfMemo(t *testing.T) {
	delay := func(minutes int, acts ...string) func(*scene) {
		return onMemo(func(m *schema.Memo) {
			m.Wagons[0].Delay, m.Wagons[0].Acts = time.Duration(minutes)*time.Minute, acts
		})
	}
	knows := func(events ...workflow.WagonEvent) func(*scene) {
		return func(s *scene) {
			for _, e := range events {
				s.know(first63, e)
			}
		}
	}
	whole := actEvent(workflow.WagonAct, schema.CauseDefect, "17", "15:00", "17:30")
	start := actEvent(workflow.WagonDelayStart, schema.CauseDefect, "17", "15:00", "")
	end := actEvent(workflow.WagonDelayEnd, schema.CauseDefect, "18", "17:30", "17:30")
	again := actEvent(workflow.WagonAct, schema.CauseDefect, "19", "10:00", "10:15")
	const differs = "warning D03 delay-differs /Memo/Wagon[1]/Delay"
	for _, c := range []primaryCase{
		{"by one act", removalMemo, does(knows(whole), delay(150, "17")), nil},
		{"written with its sign", removalMemo, does(knows(whole), delay(150, "№ 17")), nil},
		{"another than by the act", removalMemo, does(knows(whole), delay(149, "17")), []string{differs}},
		{"by the act on its start, which another ends", removalMemo, does(knows(start, end), delay(150, "17")), nil},
		{"by the act on its end", removalMemo, does(knows(start, end), delay(150, "18")), nil},
		{"by both, which are one delay", removalMemo, does(knows(start, end), delay(150, "17", "18")), nil},
		{"by both, counted twice", removalMemo, does(knows(start, end), delay(300, "17", "18")), []string{differs}},
		{"by two acts", removalMemo, does(knows(whole, again), delay(165, "17", "19")), nil},
		{"by one of two", removalMemo, does(knows(whole, again), delay(150, "17", "19")), []string{differs}},
		{"by an act that is still open", removalMemo, does(knows(start), delay(1, "17")), nil},
		{"by an act that is spoiled", removalMemo, does(knows(spoiled(whole)), delay(1, "17")), nil},
		{"by an act of which nothing is known", removalMemo, delay(1, "17"), nil},
		{"by no act", removalMemo, delay(150), []string{differs}},
		{"none, by an act of which nothing is known", removalMemo, delay(0, "17"), []string{differs}},
		{"none, by an act that kept nothing", removalMemo,
			does(knows(actEvent(workflow.WagonAct, schema.CauseOther, "17", "15:00", "15:00")), delay(0, "17")), nil},
	} {
		c.run(t)
	}
}

// The second group is supplied when the first is ready, and has been changed for it (3.6).
func TestGroupsOfMemo(t *testing.T) {
	groups := func(clocks ...string) func(*scene) {
		return func(s *scene) {
			s.Case.Addressee.Agreement.Places = []register.Place{{Name: "Путь  5", Relocation: 40 * time.Minute}}
			m := &s.Primary.Memo
			m.Operation = schema.OperationBoth
			m.Wagons = append(m.Wagons, m.Wagons[0])
			m.Wagons[2].Number = chinese
			m.Wagons[2].Administration = ""
			for i, clock := range clocks {
				m.Wagons[i].Group = 1 + i/2
				m.Wagons[i].Supplied, m.Wagons[i].Removed = at("08:00"), at("23:00")
				if i < 2 && clock != "" {
					m.Wagons[i].Notified = at(clock)
				} else if i == 2 {
					m.Wagons[i].Supplied = at(clock)
				}
			}
		}
	}
	const differs = "warning D03 group-time-differs /Memo/Wagon[3]/Supplied"
	for _, c := range []primaryCase{
		{"the last of the first group, and the change", supplyMemo, groups("11:00", "12:00", "12:40"), nil},
		{"whichever of them is the last", supplyMemo, groups("12:00", "11:00", "12:40"), nil},
		{"too early", supplyMemo, groups("11:00", "12:00", "12:39"), []string{differs}},
		{"too late", supplyMemo, groups("11:00", "12:00", "13:00"), []string{differs}},
		{"one of the first group is not ready", supplyMemo, groups("11:00", "", "13:00"), nil},
		{"a place that the contract does not have", supplyMemo, does(groups("11:00", "12:00", "13:00"),
			onMemo(func(m *schema.Memo) { m.Place = "путь 6" })), nil},
		{"one group", supplyMemo, does(groups("11:00", "12:00", "13:00"), onMemo(func(m *schema.Memo) {
			for i := range m.Wagons {
				m.Wagons[i].Group = 0
			}
		})), nil},
	} {
		c.run(t)
	}
}

// A wagon is supplied when the act on the delay of its supply ends, and when its cleaning begins
// (3.6); whichever of memo and act comes second says so.
func TestSupplyAndActs(t *testing.T) {
	delayed := func(until string) workflow.WagonEvent {
		return actEvent(workflow.WagonAct, schema.CauseSupplyDelay, "5", "05:00", until)
	}
	cleaned := func(from string) workflow.WagonEvent {
		return actEvent(workflow.WagonAct, schema.CauseCleaning, "5", from, "10:00")
	}
	knows := func(e workflow.WagonEvent) func(*scene) { return func(s *scene) { s.know(first63, e) } }
	act := func(cause, kind, opened, closed string) func() *scene {
		return func() *scene {
			s := startAct()
			a := &s.Primary.Act
			a.Cause, a.Kind, a.OpenedAt, a.ComposedAt = cause, kind, at(opened), at("10:30")
			if closed != "" {
				a.ClosedAt = at(closed)
			}
			s.know(first63, supplied("08:00"))
			return s
		}
	}
	const (
		lateMemo  = "warning D03 supply-time-differs /Memo/Wagon[1]/Supplied"
		lateAct   = "warning D03 supply-time-differs /Act/Wagon[1]/@number"
		cleanMemo = "warning D03 cleaning-differs /Memo/Wagon[1]/Supplied"
		cleanAct  = "warning D03 cleaning-differs /Act/Wagon[1]/@number"
	)
	for _, c := range []primaryCase{
		{"supplied at the end of the delay", supplyMemo, knows(delayed("08:00")), nil},
		{"and later", supplyMemo, knows(delayed("07:30")), []string{lateMemo}},
		{"while it still lasts", supplyMemo, knows(delayed("")), nil},
		{"an act of two days ago", supplyMemo, knows(workflow.WagonEvent{Kind: workflow.WagonAct, Cause: schema.CauseSupplyDelay,
			At: at("05:00").AddDate(0, 0, -2), Until: at("07:30").AddDate(0, 0, -2)}), nil},
		{"an act about something else", supplyMemo, knows(actEvent(workflow.WagonAct, schema.CauseDefect, "5", "05:00", "07:30")), nil},
		{"an act that is spoiled", supplyMemo, knows(spoiled(delayed("07:30"))), nil},
		{"an act of another station", supplyMemo, knows(awayFrom(delayed("07:30"))), nil},
		{"a removal is not held against it", removalMemo, knows(delayed("07:30")), nil},
		{"cleaned from the supply on", supplyMemo, knows(cleaned("08:00")), nil},
		{"and later", supplyMemo, knows(cleaned("08:20")), []string{cleanMemo}},

		{"the act ends at the supply", act(schema.CauseSupplyDelay, schema.ActOther, "05:00", "08:00"), unchanged, nil},
		{"and before it", act(schema.CauseSupplyDelay, schema.ActOther, "05:00", "07:30"), unchanged, []string{lateAct}},
		{"cleaning begins at the supply", act(schema.CauseCleaning, schema.ActOther, "08:00", "10:00"), unchanged, nil},
		{"and after it", act(schema.CauseCleaning, schema.ActOther, "08:20", "10:00"), unchanged, []string{cleanAct}},
		{"the supply is spoiled", act(schema.CauseCleaning, schema.ActOther, "08:20", "10:00"), only(spoiled(supplied("08:00"))), nil},
	} {
		c.run(t)
	}
}

// The act comes after the memo that names it in graph 10.
func TestDelayOfAct(t *testing.T) {
	memo := func(minutes int, acts ...string) func(*scene) {
		return func(s *scene) {
			e := removed("18:00")
			e.Delay, e.Acts = time.Duration(minutes)*time.Minute, acts
			s.know(first63, e)
		}
	}
	whole := func() *scene {
		s := startAct()
		s.Primary.Act.Kind, s.Primary.Act.ClosedAt, s.Primary.Act.ComposedAt = schema.ActOther, at("17:30"), at("17:40")
		return s
	}
	const differs = "warning D03 delay-differs /Act/Wagon[1]/@number"
	for _, c := range []primaryCase{
		{"as the memo says", whole, memo(150, "17"), nil},
		{"another", whole, memo(100, "17"), []string{differs}},
		{"of another act", whole, memo(100, "16"), nil},
		{"with another that is not known", whole, memo(100, "17", "16"), nil},
		{"a start whose end is not known", startAct, memo(100, "17"), nil},
		{"the end of a start that the memo names", endAct, does(memo(100, "17"), func(s *scene) { s.Primary.Act.StartNumber = "17" }), []string{differs}},
		{"as the memo says", endAct, does(memo(150, "17"), func(s *scene) { s.Primary.Act.StartNumber = "17" }), nil},
	} {
		c.run(t)
	}
}

// Memos whose values follow from each other are refused by no rule, and nothing is said of them.
func TestConsistentMemos(t *testing.T) {
	all := []string{first63, second62, chinese, "61249611", "52468402"}
	rapid.Check(t, func(rt *rapid.T) {
		s := supplyMemo()
		m := &s.Primary.Memo
		m.Operation = rapid.SampledFrom([]string{schema.OperationSupply, schema.OperationRemoval, schema.OperationBoth}).Draw(rt, "operation")
		m.Wagons = nil
		m.ComposedAt = at("+11:00")
		minutes := func(most int, label string) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(rt, label)) * time.Minute
		}
		for i, number := range all[:rapid.IntRange(1, len(all)).Draw(rt, "wagons")] {
			w := schema.MemoWagon{Order: i + 1, Number: number, Ownership: "СОБ", Operation: "пгр"}
			if len(number) == 8 {
				w.Administration = "20"
			}
			w.Supplied = at("00:30").Add(minutes(600, "supplied"))
			if m.Operation != schema.OperationSupply {
				w.Notified = w.Supplied.Add(minutes(600, "notified"))
				w.Removed = w.Notified.Add(minutes(600, "removed"))
			}
			if m.Operation == schema.OperationRemoval {
				s.know(number, workflow.WagonEvent{Kind: workflow.WagonSupply, At: w.Supplied, Number: "10983"})
				s.know(number, workflow.WagonEvent{Kind: workflow.Wagon1397Remove, At: w.Removed})
			} else {
				s.know(number, workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: w.Supplied})
				s.know(number, workflow.WagonEvent{Kind: workflow.WagonRemoval, At: w.Supplied.Add(-time.Hour)})
			}
			if m.Operation != schema.OperationSupply && rapid.Bool().Draw(rt, "delayed") {
				w.Delay = minutes(120, "delay")
				w.Acts = []string{"17"}
				e := actEvent(workflow.WagonAct, schema.CauseDefect, "17", "00:00", "")
				e.At = w.Supplied
				e.Until = e.At.Add(w.Delay)
				s.know(number, e)
			}
			m.Wagons = append(m.Wagons, w)
		}
		if found := Authority(s.build(t)); found != nil {
			rt.Errorf("%+v: %v", m.Wagons, found)
		}
	})
}
