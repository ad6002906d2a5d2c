package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/workflow"
)

// removal is a memo on the removal of wagons, of which nobody need have signed the supply.
func (y *yard) removal(id string, wagons ...string) []byte {
	return y.Office.MustSign(y.Memo(scene.Memo{
		DocumentID: id, Number: "R" + id[:6], Operation: schema.OperationRemoval, Wagons: wagons,
	}))
}

// supply is a memo on the supply of wagons.
func (y *yard) supply(id string, wagons ...string) []byte {
	return y.Office.MustSign(y.Memo(scene.Memo{DocumentID: id, Number: "S" + id[:6], Wagons: wagons}))
}

// warned is the codes and reasons that the client is warned of with the arrival of a document.
func (y *yard) warned(id string) (found []string) {
	y.t.Helper()
	for _, m := range y.about(shipper, id) {
		if m.Kind != string(schema.KindStateNotice) {
			continue
		}
		_, body, err := y.queue.Message(shipper, m.ID)
		must(y.t, err)
		for _, f := range y.notice(body).Findings {
			found = append(found, f.Code+" "+f.Reason)
		}
	}
	return found
}

const waits = "guard: {wait: 1h}"

// One of two wagons that are removed was not supplied: the memo waits, and the source is told so; it goes to
// the client when the supply comes, without a word about it.
func TestGuard_supplyComes(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: waits})
	first, second, id := wagonOf(1), wagonOf(2), scene.NewID()
	y.want(y.rail(y.supply(scene.NewID(), first)), schema.Positive)
	raw := y.removal(id, first, second)
	interim := y.rail(raw)
	y.want(interim, schema.Deferred)
	if diff := cmp.Diff([]string{"ESID deferred"}, y.waits("kpedo", id)); diff != "" {
		t.Error(diff)
	}
	y.pass(30 * time.Minute)
	y.decide()
	y.tells(id)
	y.want(y.rail(y.supply(scene.NewID(), second)), schema.Positive)
	y.decide()
	p := y.shown(id)
	if p.State != workflow.CarrierSigned || !p.Arrived.Equal(y.now) || !p.SignBy.Equal(y.now.Add(12*time.Hour)) {
		t.Fatalf("%+v", p)
	}
	y.tells(id, "arrived"+toClient)
	if got := y.warned(id); got != nil {
		t.Errorf("the client is warned of %v", got)
	}
	final := y.rail(raw)
	y.want(final, schema.Positive)
	if e := y.esid(final.Document()); e.Supersedes != interim.MessageID() {
		t.Errorf("supersedes %s", e.Supersedes)
	}
	y.want(y.client(y.Signatory.MustSign(y.Approval(scene.Answer{Of: scene.ReferenceTo(raw, id, 1)}))), schema.Positive)
}

// What is missing does not come: delivered with a warning to both sides, or refused where the register
// says so, when the wait is over and not before; a term that is shorter than the wait has not begun yet.
func TestGuard_nothingComes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		railway string
		refused bool
	}{
		"delivered": {"guard: {wait: 2h}", false}, "refused": {"guard: {wait: 2h, then: refuse}", true},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t, scene.Participants{Railway: c.railway, MemoTerm: "1h", ActTerm: "1h"})
			memo, act := scene.NewID(), scene.NewID()
			raws := map[string][]byte{
				memo: y.removal(memo, wagonOf(1)),
				act:  y.Office.MustSign(y.Act(scene.Act{DocumentID: act, Kind: schema.ActEnd, Wagons: []string{wagonOf(2)}})),
			}
			for _, raw := range raws {
				y.want(y.rail(raw), schema.Deferred)
			}
			y.pass(2*time.Hour - time.Second)
			y.decide()
			y.tells(memo)
			y.tells(act)
			y.pass(time.Second)
			for id, finding := range map[string]string{memo: "W11 supply-missing", act: "W12 start-missing"} {
				final := y.rail(raws[id])
				if c.refused {
					if diff := cmp.Diff([]string{finding}, refused(final)); diff != "" || final.Result() != schema.Negative {
						t.Errorf("%s: %s", final.Result(), diff)
					}
					y.tells(id)
					continue
				}
				y.want(final, schema.Positive)
				if diff := cmp.Diff([]string{finding}, y.warned(id)); diff != "" {
					t.Errorf("the client is warned (-want +got):\n%s", diff)
				}
				if f := y.esid(final.Document()).Findings; len(f) != 1 || f[0].Code+" "+f[0].Reason != finding {
					t.Errorf("the source is told %v", f)
				}
				if p := y.shown(id); !p.SignBy.Equal(y.now.Add(time.Hour)) {
					t.Errorf("sign by %s, now it is %s", p.SignBy, y.now)
				}
			}
		})
	}
}

// What else satisfies the guard, and what does not.
func TestGuard_what(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		railway string
		before  func(y *yard)
		result  schema.Result
	}{
		{"supplied", waits, func(y *yard) { y.rail(y.supply(scene.NewID(), wagonOf(1))) }, schema.Positive},
		{"another wagon supplied", waits, func(y *yard) { y.rail(y.supply(scene.NewID(), wagonOf(2))) }, schema.Deferred},
		{"supplied and removed already", waits, func(y *yard) {
			y.want(y.rail(y.supply(scene.NewID(), wagonOf(1))), schema.Positive)
			y.want(y.rail(y.Office.MustSign(y.Memo(scene.Memo{
				Number: "R", Operation: schema.OperationRemoval, Wagons: []string{wagonOf(1)},
				Change: func(m *schema.Memo) {
					m.Wagons[0].Removed = m.Wagons[0].Removed.Add(-time.Hour)
					m.Wagons[0].Notified = m.Wagons[0].Removed
				},
			}))), schema.Positive)
		}, schema.Deferred},
		{"supplied, which is recalled", waits, func(y *yard) {
			id := scene.NewID()
			y.want(y.rail(y.supply(id, wagonOf(1))), schema.Positive)
			y.recall(id)
		}, schema.Positive}, // nothing is spoiled yet
		{"supplied, which is spoiled", waits, func(y *yard) {
			id := scene.NewID()
			y.want(y.rail(y.supply(id, wagonOf(1))), schema.Positive)
			y.recall(id)
			y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
		}, schema.Deferred},
		{"supplied by a memo that waits itself", waits, func(y *yard) {
			y.want(y.rail(y.Office.MustSign(y.Memo(scene.Memo{
				Wagons: []string{wagonOf(1)}, Change: func(m *schema.Memo) { m.Owner.INN, m.Owner.KPP = "7710140679", "" },
			}))), schema.Deferred)
		}, schema.Deferred},
		{"before the baseline", waits, nil, schema.Positive},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			y := newYard(t, scene.Participants{Railway: c.railway})
			if c.before == nil {
				railway := "guard: {wait: 1h, since: \"" + y.Now.AddDate(0, 0, 2).Format(time.DateOnly) + "\"}"
				y.admit(y.Participants(scene.Participants{Railway: railway}))
			} else {
				c.before(y)
			}
			if r := y.rail(y.removal(scene.NewID(), wagonOf(1))); r.Result() != c.result {
				t.Errorf("%s %v, want %s", r.Result(), r.Findings(), c.result)
			}
		})
	}
}

// A memo that waits is recalled: it never reaches the client, whatever comes.
func TestGuard_recalled(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: waits})
	id := scene.NewID()
	raw := y.removal(id, wagonOf(1))
	y.want(y.rail(raw), schema.Deferred)
	y.want(y.rail(y.report(id, schema.ReportSpoiling)), schema.Positive)
	y.want(y.rail(y.supply(scene.NewID(), wagonOf(1))), schema.Positive)
	y.decide()
	y.pass(2 * time.Hour)
	y.want(y.rail(raw), schema.Negative, "W13/awaiting-spoiling")
	if got := y.about(shipper, id); len(got) != 0 {
		t.Errorf("the client gets %v", got)
	}
	y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
	y.want(y.rail(y.report(id, schema.ReportSpoiled)), schema.Positive)
}

// The act on the end waits for the one on the start, and finds it by number, by id or by the wagon.
func TestGuard_start(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(a *schema.Act, start string){
		"by wagon": func(*schema.Act, string) {}, "by id": func(a *schema.Act, start string) { a.StartAct.DocumentID = start },
		"by number": func(a *schema.Act, _ string) { a.StartNumber = "№ 417" },
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t, scene.Participants{Railway: waits})
			start, id := scene.NewID(), scene.NewID()
			y.want(y.rail(y.Office.MustSign(y.Act(scene.Act{
				DocumentID: id, Number: "418", Kind: schema.ActEnd, Change: func(a *schema.Act) { change(a, start) },
			}))), schema.Deferred)
			y.decide()
			y.tells(id)
			y.want(y.rail(y.Office.MustSign(y.Act(scene.Act{DocumentID: start}))), schema.Positive)
			y.decide()
			y.tells(id, "arrived"+toClient)
			if got := y.warned(id); got != nil {
				t.Errorf("the client is warned of %v", got)
			}
		})
	}
}

// A number is taken in its scope from when a document is accepted until it is spoiled.
func TestNumbers(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: "numbering: [{scope: station}]"})
	memo := func(id, siding string, version int) gateway.Receipt {
		return y.rail(y.Office.MustSign(y.Memo(scene.Memo{
			DocumentID: id, Version: version, Wagons: []string{wagonOf(y.serialOf(id))},
			Change: func(m *schema.Memo) { m.Siding = siding },
		})))
	}
	first, second := scene.NewID(), scene.NewID()
	y.want(memo(first, "5", 1), schema.Positive)
	y.want(memo(second, "6", 1), schema.Negative, "D03/number-repeated")
	y.want(y.rail(y.Office.MustSign(y.Act(scene.Act{Number: "10983"}))), schema.Positive) // another form
	y.want(y.rail(y.report(first, schema.ReportRejected)), schema.Positive)
	y.want(memo(first, "7", 2), schema.Positive) // its own
	y.want(memo(second, "6", 1), schema.Negative, "D03/number-repeated")
	y.recall(first)
	y.want(memo(second, "6", 1), schema.Negative, "D03/number-repeated")
	y.want(y.rail(y.report(first, schema.ReportSpoiled)), schema.Positive)
	y.want(memo(second, "6", 1), schema.Positive)
	if got := len(y.rows("numbers")); got != 2 {
		t.Errorf("%d numbers are taken", got)
	}

	// Where nobody has said how a station numbers, the same number is a warning; whoever has it, keeps it.
	y.admit(y.Participants(scene.Participants{}))
	third, fourth := scene.NewID(), scene.NewID()
	y.want(memo(third, "8", 1), schema.Positive)
	y.want(memo(fourth, "8", 1), schema.Positive)
	if diff := cmp.Diff([]string{"D03 number-repeated"}, y.warned(fourth)); diff != "" {
		t.Error(diff)
	}
	y.recall(third)
	y.want(y.rail(y.report(third, schema.ReportSpoiled)), schema.Positive)
	y.want(memo(scene.NewID(), "8", 1), schema.Positive)
	if got := len(y.rows("numbers")); got != 3 {
		t.Errorf("%d numbers are taken", got)
	}
}

// Graph 6 is what message 1397 says, before or after the memo; what the client has rejected the carrier
// may correct all the same (2.6, 2.15).
func TestMovements(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	wagon := wagonOf(1)
	report := func(at time.Time) gateway.Receipt {
		return y.rail(y.Office.MustSign(y.Movements(scene.Movements{
			Rows: []schema.Movement{{Wagon: wagon, Operation: schema.OperationSupply, At: at}},
		})))
	}
	memo := func(id string, version int, at time.Time) gateway.Receipt {
		raw := y.Office.MustSign(y.Memo(scene.Memo{
			DocumentID: id, Version: version, Wagons: []string{wagon},
			Change: func(m *schema.Memo) { m.Wagons[0].Supplied = at },
		}))
		r := y.rail(raw)
		if r.Result() == schema.Positive {
			y.refs[id] = scene.ReferenceTo(raw, id, version)
		}
		return r
	}
	at := y.Supplied()
	y.want(report(at), schema.Positive)
	id := scene.NewID()
	y.want(memo(id, 1, at.Add(time.Hour)), schema.Negative, "D03/movement-differs")
	y.want(memo(id, 1, at), schema.Positive)
	y.want(y.client(y.Signatory.MustSign(y.Rejection(scene.Answer{
		Of: y.refs[id], Disagreements: []schema.Disagreement{{Graph: "4", Text: "вагон не наш"}},
	}))), schema.Positive)
	y.want(memo(id, 2, at.Add(time.Hour)), schema.Negative, "D03/movement-differs") // graph 6 was not rejected
	y.want(memo(id, 2, at), schema.Positive)
	y.want(y.client(y.rejection(schema.KindMemo, id)), schema.Positive) // graph 6
	y.want(memo(id, 3, at.Add(time.Hour)), schema.Positive)

	// The copy that comes after the memo.
	later := scene.NewID()
	wagon = wagonOf(2)
	y.want(memo(later, 1, at), schema.Positive)
	r := report(at.Add(2 * time.Minute))
	y.want(r, schema.Positive)
	if f := r.Findings(); len(f) != 1 || f[0].Reason != schema.ReasonMovementDiffers || f[0].Severity != schema.Warning {
		t.Errorf("%v", f)
	}
}
