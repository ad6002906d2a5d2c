package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/store"
)

// years plays clients, the railway, sources of revocation and a clock that runs in days against a gateway
// that lets go of what is old.
type years struct {
	*archive
	*sources
	begin   time.Time
	sent    [][]byte
	notes   []note
	settled map[string]gateway.Receipt // raw → positive answer
}

// note is a consignment note whose ЭД №1 was accepted.
type note struct {
	id      string
	waybill []byte
}

func newYears(t *testing.T) *years {
	y := &years{archive: newArchive(t), sources: &sources{}, settled: map[string]gateway.Receipt{}}
	y.begin = y.now
	y.Options.Revocations = y.sources
	return y
}

// say sends a document, and holds the answer against what was said of it before.
func (y *years) say(rt *rapid.T, raw []byte) gateway.Receipt {
	r := y.archive.send(raw)
	if was, ok := y.settled[string(raw)]; ok && (was.MessageID() != r.MessageID() || !bytes.Equal(was.Document(), r.Document())) {
		rt.Fatalf("an accepted document gets %s %s, and got %s before", r.Result(), r.MessageID(), was.MessageID())
	}
	if r.Result() == schema.Positive {
		y.settled[string(raw)] = r
	}
	return r
}

func (y *years) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"waybill": func(rt *rapid.T) {
			n := note{id: scene.NewID()}
			n.waybill = y.Signatory.MustSign(y.Waybill(scene.Waybill{DocumentID: n.id, CreatedAt: y.now}))
			y.sent = append(y.sent, n.waybill)
			if y.say(rt, n.waybill).Result() == schema.Positive {
				y.notes = append(y.notes, n)
			}
		},
		"placement": func(rt *rapid.T) {
			if len(y.notes) == 0 {
				rt.Skip()
			}
			n := y.notes[rapid.IntRange(0, len(y.notes)-1).Draw(rt, "note")]
			raw := y.Performer.MustSign(y.Placement(scene.Placement{Waybill: scene.ReferenceTo(n.waybill, n.id, 1)}))
			y.sent = append(y.sent, raw)
			y.say(rt, raw)
		},
		"paper": func(rt *rapid.T) {
			if len(y.notes) == 0 {
				rt.Skip()
			}
			n := y.notes[rapid.IntRange(0, len(y.notes)-1).Draw(rt, "note")]
			y.say(rt, y.Signatory.MustSign(y.PaperSwitch(scene.PaperSwitch{Waybill: n.id})))
		},
		"refused": func(rt *rapid.T) {
			raw := y.Unlisted.MustSign(y.Waybill(scene.Waybill{}))
			y.sent = append(y.sent, raw)
			y.say(rt, raw)
		},
		"tampered": func(rt *rapid.T) {
			y.say(rt, bytes.Replace(y.Signatory.MustSign(y.Waybill(scene.Waybill{})), []byte("985609"), []byte("985502"), 1))
		},
		"memo": func(rt *rapid.T) { y.rail(y.Office.MustSign(y.Memo(scene.Memo{}))) },
		"later": func(rt *rapid.T) {
			s := y.submission(y.Signatory.MustSign(y.Waybill(scene.Waybill{})))
			s.Received, s.Async = y.now, true
			if _, err := y.Accept(context.Background(), s); err != nil {
				rt.Fatal(err)
			}
		},
		"resend": func(rt *rapid.T) {
			if len(y.sent) == 0 {
				rt.Skip()
			}
			y.say(rt, y.sent[rapid.IntRange(0, len(y.sent)-1).Draw(rt, "document")])
		},
		"confirm": func(rt *rapid.T) { y.confirmSome(rt) },
		"hush":    func(rt *rapid.T) { y.hush() },
		"speak": func(*rapid.T) {
			y.speak()
			y.decide()
		},
		"days": func(rt *rapid.T) {
			if y.now.Sub(y.begin) > 300*day {
				rt.Skip() // the certificates of the scene end then
			}
			y.now = y.now.Add(time.Duration(rapid.IntRange(1, 35).Draw(rt, "days")) * day)
		},
		"term":   func(rt *rapid.T) { must(y.t, y.FireOverdue(context.Background())) },
		"retire": func(rt *rapid.T) { y.holds(rt) },
		"leap":   func(rt *rapid.T) { y.leaps(rt) },
	}
}

// confirmSome confirms the messages of some lanes, and leaves others for a long time.
func (y *years) confirmSome(rt *rapid.T) {
	rows, err := y.queue.List("", "", 1000)
	must(y.t, err)
	share := rapid.IntRange(1, 3).Draw(rt, "share")
	for i, m := range rows {
		if i%share != 0 {
			continue
		}
		if _, err := y.queue.Confirm(m.Lane, m.ID); err != nil {
			rt.Fatal(err)
		}
	}
}

// holds lets retention work, and looks for what it should not have touched.
func (y *years) holds(rt *rapid.T) {
	unconfirmed, err := y.queue.List("", "", 1000)
	must(y.t, err)
	before := map[string]int{}
	for _, table := range []string{"deferred", "deadlines", "pending", "queued", "ids", "consignments", "primaries", "held"} {
		before[table] = y.count(store.Table(table))
	}
	switch err := y.Retire(context.Background()); {
	case errors.Is(err, gateway.ErrClockLeapt): // nobody has let retention work for a long time
		_, err := y.ResumeRetention()
		must(y.t, err)
		must(y.t, y.Retire(context.Background()))
	case err != nil:
		rt.Fatal(err)
	}
	for table, n := range before {
		if now := y.count(store.Table(table)); now != n {
			rt.Fatalf("%s had %d rows, and has %d", table, n, now)
		}
	}
	after, err := y.queue.List("", "", 1000)
	must(y.t, err)
	if len(after) != len(unconfirmed) {
		rt.Fatalf("%d messages wait, %d did", len(after), len(unconfirmed))
	}
	if err := y.store.View(queue.Check); err != nil { // every message that waits has its body
		rt.Fatal(err)
	}
	complete := map[string]bool{}
	entries, err := y.Journal("SHIP-01", time.Time{}, 10_000)
	must(y.t, err)
	for _, e := range entries {
		if e.Result == schema.Positive && e.Kind != schema.KindWaybill {
			complete[e.Read.Consignment] = true
		}
	}
	for _, n := range y.notes {
		if !complete[n.id] && !y.kept(y.settled[string(n.waybill)].MessageID()) {
			rt.Fatalf("the ЭД №1 of a note that waits for its ЭД №2 has gone")
		}
	}
	y.audits(rt)
}

// leaps boots years ahead: documents come, retention looks, and nothing goes before the clock is back.
func (y *years) leaps(rt *rapid.T) {
	if err := y.Retire(context.Background()); err != nil && !errors.Is(err, gateway.ErrClockLeapt) {
		rt.Fatal(err) // what the clock is held against is known from then on, as from the start of the daemon
	}
	now, retired := y.now, y.Retired()
	y.now = now.Add(time.Duration(rapid.IntRange(62, 5000).Draw(rt, "ahead")) * day)
	if y.now.Sub(y.begin) < 330*day { // later our own certificate has ended, so that nothing is answered
		y.say(rt, y.Unlisted.MustSign(y.Waybill(scene.Waybill{})))
	}
	if err := y.Retire(context.Background()); !errors.Is(err, gateway.ErrClockLeapt) {
		rt.Fatalf("retention in %s: %v", y.now, err)
	}
	if diff := cmp.Diff(retired, y.Retired()); diff != "" {
		rt.Fatalf("a clock that is wrong has let go of (-before +after):\n%s", diff)
	}
	y.now = now
}

// audits proves journal and ledger.
func (y *years) audits(rt *rapid.T) {
	report := func(e gateway.Entry, problem error) {
		if problem != nil {
			rt.Fatalf("journal %s: %v", e.ID, problem)
		}
	}
	if err := y.VerifyJournal(context.Background(), report); err != nil {
		rt.Fatal(err)
	}
	if _, err := y.VerifyLedger(context.Background(), nil, nil, func(about string, problem error) {
		rt.Fatalf("ledger, %s: %v", about, problem)
	}); err != nil {
		rt.Fatal(err)
	}
}

// Whatever happens in whatever order: nothing goes that is not finished, what is accepted is answered for
// ever with the same bytes, and journal, ledger and lanes contradict each other at no time.
func TestRetention_model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		y := newYears(t)
		rt.Repeat(y.actions())
		y.holds(rt)
		for raw := range y.settled {
			y.say(rt, []byte(raw))
		}
	})
}
