package legitimacy

import (
	"testing"
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/workflow"
)

const (
	noSupply = "warning W11 supply-missing /Memo/Wagon[1]/@number"
	noStart  = "warning W12 start-missing /Act/Wagon[1]/@number"
)

// only lets nothing be known of the first wagon but these events.
func only(events ...workflow.WagonEvent) func(*scene) {
	return func(s *scene) {
		s.Case.Wagons[first63] = nil
		for _, e := range events {
			s.know(first63, e)
		}
	}
}

// does does one after the other.
func does(changes ...func(*scene)) func(*scene) {
	return func(s *scene) {
		for _, change := range changes {
			change(s)
		}
	}
}

func supplied(clock string) workflow.WagonEvent {
	return workflow.WagonEvent{Kind: workflow.WagonSupply, At: at(clock), Number: "10983"}
}

func removed(clock string) workflow.WagonEvent {
	return workflow.WagonEvent{Kind: workflow.WagonRemoval, At: at(clock), Number: "10999"}
}

func spoiled(e workflow.WagonEvent) workflow.WagonEvent { e.Spoiled = true; return e }

func awayFrom(e workflow.WagonEvent) workflow.WagonEvent { e.Station = "850609"; return e }

func own(e workflow.WagonEvent) workflow.WagonEvent { e.Document = primary; return e }

// The supply of every wagon of a removal is signed (1166/р 2.9.4).
func TestSupplyBeforeRemoval(t *testing.T) {
	named := func(number string) func(*scene) {
		return onMemo(func(m *schema.Memo) { m.Wagons[0].SupplyMemo = number })
	}
	since := func(on string) func(*scene) {
		return func(s *scene) { s.Case.Railway.Guard.Since = day(on) }
	}
	for _, c := range []primaryCase{
		{"none", removalMemo, only(), []string{noSupply}},
		{"of none of the wagons", removalMemo, func(s *scene) { clear(s.Case.Wagons) },
			[]string{noSupply, "warning W11 supply-missing /Memo/Wagon[2]/@number"}},
		{"none, where that is refused", removalMemo, does(only(), func(s *scene) { s.Case.Railway.Guard.Refuse = true }),
			[]string{"W11 supply-missing /Memo/Wagon[1]/@number"}},
		{"spoiled", removalMemo, only(spoiled(supplied("08:00"))), []string{"warning W11 supply-spoiled /Memo/Wagon[1]/@number"}},
		{"one spoiled and one that stands", removalMemo, only(spoiled(supplied("08:00")), supplied("08:05")), nil},
		{"of another station", removalMemo, only(awayFrom(supplied("08:00"))), []string{noSupply}},
		{"after the removal", removalMemo, only(supplied("18:01")), []string{noSupply}},
		{"in its minute", removalMemo, only(supplied("18:00")), nil},
		{"used up by another removal", removalMemo, only(supplied("08:00"), removed("12:00")), []string{noSupply}},
		{"by one that is spoiled", removalMemo, only(supplied("08:00"), spoiled(removed("12:00"))), nil},
		{"by one of another station", removalMemo, only(supplied("08:00"), awayFrom(removed("12:00"))), nil},
		{"of the next turn", removalMemo, only(supplied("02:00"), removed("06:00"), supplied("08:00")), nil},
		{"and removal in one minute, of one memo", removalMemo, only(removed("08:00"), supplied("08:00")), []string{noSupply}},
		{"by the memo that is named", removalMemo, does(only(supplied("08:00")), named("№ 10983")), nil},
		{"by another than is named", removalMemo, does(only(supplied("08:00")), named("10984")), []string{noSupply}},
		// The former version of a corrected memo on removal has not removed the wagon from under
		// it.
		{"of a correction", removalMemo, only(supplied("08:00"), own(removed("17:00"))), nil},
		{"and removal in one memo", supplyMemo, onMemo(func(m *schema.Memo) {
			m.Operation = schema.OperationBoth
			m.Wagons[0].Removed, m.Wagons[1].Removed = at("09:00"), at("09:00")
		}), nil},
		{"before the guards began", removalMemo, does(only(), since("2026-11-22")), nil},
		{"on the day when they did", removalMemo, does(only(), since("2026-11-21")), []string{noSupply}},
		{"by graph 8 where there is no graph 6", removalMemo, does(only(), since("2026-11-22"), onMemo(func(m *schema.Memo) {
			m.Wagons[0].Supplied = time.Time{}
			m.Wagons[0].Notified, m.Wagons[0].Removed = at("+01:00"), at("+02:00")
		})), []string{noSupply}},
		{"message 1397 is no memo", removalMemo, only(workflow.WagonEvent{Kind: workflow.Wagon1397Supply, At: at("08:00")}), []string{noSupply}},
	} {
		c.run(t)
	}
}

// A wagon that has been supplied is not supplied again before it is removed.
func TestSupplyLeftOpen(t *testing.T) {
	const open = "warning D03 supply-open /Memo/Wagon[1]/@number"
	for _, c := range []primaryCase{
		{"open", supplyMemo, only(supplied("02:00")), []string{open}},
		{"removed since", supplyMemo, only(supplied("02:00"), removed("06:00")), nil},
		{"spoiled", supplyMemo, only(spoiled(supplied("02:00"))), nil},
		{"its removal is spoiled", supplyMemo, only(supplied("02:00"), spoiled(removed("06:00"))), []string{open}},
		{"later", supplyMemo, only(supplied("09:00")), nil},
		{"of a correction", supplyMemo, only(own(supplied("07:00"))), nil},
		{"of a removal it is wanted", removalMemo, unchanged, nil},
	} {
		c.run(t)
	}
}

// The start of the delay of every wagon is signed (1166/р 3.10).
func TestStartBeforeEnd(t *testing.T) {
	start := func(clock, number string) workflow.WagonEvent {
		return workflow.WagonEvent{Kind: workflow.WagonDelayStart, At: at(clock), Number: number, Document: "0193f1c2-7a4b-7c3d-8e5f-0000000000" + number}
	}
	end := func(clock string) workflow.WagonEvent {
		return workflow.WagonEvent{Kind: workflow.WagonDelayEnd, At: at(clock), Until: at(clock)}
	}
	onAct := func(change func(*schema.Act)) func(*scene) { return func(s *scene) { change(&s.Primary.Act) } }
	for _, c := range []primaryCase{
		{"none", endAct, only(), []string{noStart}},
		{"none, where that is refused", endAct, does(only(), func(s *scene) { s.Case.Railway.Guard.Refuse = true }),
			[]string{"W12 start-missing /Act/Wagon[1]/@number"}},
		{"spoiled", endAct, only(spoiled(start("15:00", "17"))), []string{"warning W12 start-spoiled /Act/Wagon[1]/@number"}},
		{"of another station", endAct, only(awayFrom(start("15:00", "17"))), []string{noStart}},
		{"after the end", endAct, only(start("17:31", "17")), []string{noStart}},
		{"ended already", endAct, only(start("15:00", "17"), end("16:00")), []string{noStart}},
		{"ended by one that is spoiled", endAct, only(start("15:00", "17"), spoiled(end("16:00"))), nil},
		{"of the next delay", endAct, only(start("09:00", "15"), end("10:00"), start("15:00", "17")), nil},
		{"named by its number", endAct, onAct(func(a *schema.Act) { a.StartNumber = "17" }), nil},
		{"another than is named", endAct, does(only(start("15:00", "17")), onAct(func(a *schema.Act) { a.StartNumber = "16" })),
			[]string{noStart, "warning W12 start-missing /Act/Wagon[2]/@number"}},
		{"named by its identifier", endAct, does(func(s *scene) { s.Case.Wagons[second62] = nil; s.know(second62, start("15:00", "17")) },
			only(start("15:00", "17")), onAct(func(a *schema.Act) {
				a.StartAct = schema.Reference{DocumentID: "0193F1C2-7A4B-7C3D-8E5F-000000000017"}
			})), nil},
		{"before the guards began", endAct, does(only(), func(s *scene) { s.Case.Railway.Guard.Since = day("2026-11-22") }), nil},
		{"an act on the start needs none", startAct, only(), nil},
		{"an act on something else needs none", endAct, does(only(), onAct(func(a *schema.Act) { a.Kind = schema.ActOther })), nil},
	} {
		c.run(t)
	}
}

func TestTimesOfAct(t *testing.T) {
	onAct := func(change func(*schema.Act)) func(*scene) { return func(s *scene) { change(&s.Primary.Act) } }
	for _, c := range []primaryCase{
		{"a start without its time", startAct, onAct(func(a *schema.Act) { a.OpenedAt = time.Time{} }), []string{"D03 time-missing /Act/OpenedAt"}},
		{"an end without its time", endAct, onAct(func(a *schema.Act) { a.ClosedAt = time.Time{} }), []string{"D03 time-missing /Act/ClosedAt"}},
		{"an end that says only when it ended", endAct, onAct(func(a *schema.Act) { a.OpenedAt = time.Time{} }), nil},
		{"ended before it began", endAct, onAct(func(a *schema.Act) { a.OpenedAt = at("17:31") }), []string{"D03 times-reversed /Act/ClosedAt"}},
		{"still to come", startAct, onAct(func(a *schema.Act) { a.OpenedAt, a.RemovalNotice = received.Add(time.Hour), received.Add(time.Hour) }),
			[]string{"D03 time-in-future /Act/OpenedAt", "D03 time-in-future /Act/RemovalNotice"}},
		{"a wagon with a slip", startAct, onAct(func(a *schema.Act) { a.Wagons[1].Number = "62310785" }),
			[]string{"D01 wagon-check-digit /Act/Wagon[2]/@number"}},
		{"a wagon twice", startAct, onAct(func(a *schema.Act) { a.Wagons[1].Number = first63 }),
			[]string{"D03 wagon-repeated /Act/Wagon[2]/@number"}},
		{"stations and the owner", startAct, onAct(func(a *schema.Act) {
			a.Departure.Code, a.Destination.Code, a.Owner.INN = "119703", "985608", "7708503728"
		}), []string{"D01 station-check-digit /Act/Destination/@station", "D01 inn-check-digit /Act/Owner/@inn",
			"warning D02 code-unknown /Act/Departure/@station"}},
	} {
		c.run(t)
	}
}

// The gateway waits for what may still come.
func TestMissing(t *testing.T) {
	for reason, want := range map[string]bool{"W11": true, "W12": true, "W13": false, "D03": false} {
		if got := Missing([]schema.Finding{{Code: "D01"}, {Code: reason}}); got != want {
			t.Errorf("%s: got %v", reason, got)
		}
	}
	if Missing(nil) {
		t.Error("nothing is missing where nothing was found")
	}
}

// A case without a railway is refused, and not more than that.
func TestNoRailway(t *testing.T) {
	for _, make := range []func() *scene{removalMemo, endAct, copy1397} {
		s := make()
		s.Case.Railway = (*register.Railway)(nil)
		if found := Authority(s.build(t)); !schema.Refused(found) || found[0].Reason != schema.ReasonSenderUnknown {
			t.Errorf("got %v", found)
		}
	}
}
