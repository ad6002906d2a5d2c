package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
)

// deferrals plays clients, sources of revocation and time against a gateway, and holds what it says
// against what it said before.
type deferrals struct {
	*world
	*sources
	now     time.Time
	signers []*scene.Persona
	notes   []string
	sent    [][]byte
	answers map[string][]byte // by message id
	settled map[string]string // raw → message id of the positive ЭСИД on it
}

func newDeferrals(t *testing.T) *deferrals {
	w := newWorld(t)
	d := &deferrals{
		world: w, sources: &sources{}, now: time.Now(), signers: []*scene.Persona{w.Signatory, w.Deputy},
		notes:   []string{scene.NewID(), scene.NewID()},
		answers: map[string][]byte{}, settled: map[string]string{},
	}
	w.Options.Revocations = d.sources
	w.Options.Now = func() time.Time { return d.now }
	text := withSignatory(w.Participants(scene.Participants{}), w.Deputy)
	if _, err := w.register.ImportParticipants(text, "", "test"); err != nil {
		t.Fatal(err)
	}
	return d
}

// send gives a document to the gateway, and compares the answer with all that it gave before.
func (d *deferrals) send(rt *rapid.T, raw []byte) {
	s := d.submission(raw)
	s.Received = d.now
	r, err := d.Accept(context.Background(), s)
	if err != nil {
		rt.Fatal(err)
	}
	d.esid(r.Document())
	id := r.MessageID()
	if known, ok := d.answers[id]; ok && !bytes.Equal(known, r.Document()) {
		rt.Fatalf("ЭСИД %s has changed", id)
	}
	d.answers[id] = r.Document()
	if final, ok := d.settled[string(raw)]; ok && final != id {
		rt.Fatalf("after the positive ЭСИД %s the same bytes get %s", final, id)
	}
	if r.Result() == schema.Positive {
		d.settled[string(raw)] = id
	}
}

func (d *deferrals) signer(rt *rapid.T) *scene.Persona {
	return d.signers[rapid.IntRange(0, len(d.signers)-1).Draw(rt, "signer")]
}

func (d *deferrals) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"waybill": func(rt *rapid.T) {
			signer := d.signer(rt)
			raw := signer.MustSign(d.Waybill(scene.Waybill{
				DocumentID: rapid.SampledFrom(d.notes).Draw(rt, "note"), Signatory: signer,
				Version: rapid.IntRange(1, 3).Draw(rt, "version"),
				Station: rapid.SampledFrom([]string{"985609", "985502"}).Draw(rt, "station"),
			}))
			d.sent = append(d.sent, raw)
			d.send(rt, raw)
		},
		"placement": func(rt *rapid.T) {
			if len(d.sent) == 0 {
				rt.Skip()
			}
			waybill := d.sent[rapid.IntRange(0, len(d.sent)-1).Draw(rt, "waybill")]
			for _, id := range d.notes {
				for v := 1; v <= 3; v++ {
					if !bytes.Contains(waybill, []byte(id)) || !bytes.Contains(waybill, fmt.Appendf(nil, `Version="%d"`, v)) {
						continue
					}
					d.send(rt, d.Performer.MustSign(d.Placement(scene.Placement{Waybill: scene.ReferenceTo(waybill, id, v)})))
				}
			}
		},
		"paper": func(rt *rapid.T) {
			if rapid.IntRange(0, 5).Draw(rt, "seldom") > 0 {
				rt.Skip()
			}
			d.send(rt, d.Signatory.MustSign(d.PaperSwitch(scene.PaperSwitch{
				Waybill: rapid.SampledFrom(d.notes).Draw(rt, "note"),
			})))
		},
		"resend": func(rt *rapid.T) {
			if len(d.sent) == 0 {
				rt.Skip()
			}
			d.send(rt, d.sent[rapid.IntRange(0, len(d.sent)-1).Draw(rt, "document")])
		},
		"hush": func(rt *rapid.T) { d.hush(d.signer(rt)) },
		"speak": func(*rapid.T) {
			d.speak()
		},
		"revoke": func(rt *rapid.T) {
			d.revoke(d.signer(rt), d.now.Add(-time.Minute))
		},
		"decide": func(*rapid.T) { d.decide() },
		"time": func(rt *rapid.T) {
			d.now = d.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
		},
		"": d.holds,
	}
}

// holds compares journal, lanes and tables.
func (d *deferrals) holds(rt *rapid.T) {
	entries, err := d.Journal("SHIP-01", time.Time{}, 10_000)
	if err != nil {
		rt.Fatal(err)
	}
	superseded, positive := map[string]string{}, map[string]string{}
	withdrawals := 0
	for _, e := range entries {
		if e.Withdraws != "" {
			withdrawals++
		}
		if e.Supersedes != "" {
			if other := superseded[e.Supersedes]; other != "" {
				rt.Fatalf("%s is superseded by %s and by %s", e.Supersedes, other, e.ID)
			}
			superseded[e.Supersedes] = e.ID
		}
		if e.Result == schema.Positive {
			at := fmt.Sprint(e.DocumentID, e.Version)
			if positive[at] != "" {
				rt.Fatalf("%s version %d was accepted twice", e.DocumentID, e.Version)
			}
			positive[at] = e.ID
		}
	}
	waiting := 0
	for _, e := range entries {
		if e.Result == schema.Deferred && superseded[e.ID] == "" {
			waiting++
		}
	}
	if rows := d.count("deferred"); rows != waiting || d.count("deadlines") != rows {
		rt.Fatalf("%d documents wait, with %d records and %d deadlines", waiting, rows, d.count("deadlines"))
	}
	// Each verdict is one ЭСИД for the client; each accepted document goes to the back office with it.
	if got := len(d.lane("client/SHIP-01")); got != len(entries) {
		rt.Fatalf("%d messages for %d verdicts", got, len(entries))
	}
	// So does the end of a permission.
	if got := len(d.lane("office")); got != 1+2*len(positive)+withdrawals { // and the ЭСИД on the staff list
		rt.Fatalf("%d messages for the back office, %d documents accepted, %d permissions withdrawn",
			got, len(positive), withdrawals)
	}
	d.holdsIDs(rt, entries)
}

// holdsIDs compares the ids that are occupied with the verdicts, and with what lists show.
func (d *deferrals) holdsIDs(rt *rapid.T, entries []gateway.Entry) {
	byID := map[string]gateway.Entry{}
	for _, e := range entries {
		byID[e.ID] = e
	}
	highest := map[string]string{} // document → state of its highest version that stands
	newest, withdrawn := map[string]int{}, map[string]int{}
	must(d.t, d.store.View(func(tx store.Reader) error {
		tx.Range("ids", []byte("SHIP-01"), []byte("SHIP-02"), 1000, func(k, v []byte) bool {
			for id, e := range byID {
				if !bytes.Contains(v, []byte(id)) {
					continue
				}
				at := strings.Split(string(k), "\x00")[1]
				if e.Withdraws != "" {
					withdrawn[at] = e.Version
					continue
				}
				if deferred := e.Result == schema.Deferred; deferred != bytes.Contains(v, []byte(`"deferred":true`)) ||
					!deferred && e.Result != schema.Positive {
					rt.Fatalf("a %s document occupies its id as %s", e.Result, v)
				}
				newest[at] = e.Version
				highest[at] = map[schema.Result]string{
					schema.Positive: "accepted", schema.Deferred: "deferred",
				}[e.Result]
			}
			return true
		})
		return nil
	}))
	for id, want := range highest {
		if withdrawn[id] == newest[id] {
			want = "withdrawn"
		}
		if got := d.state(id); got != want {
			rt.Fatalf("document %s is shown as %s, want %s", id, got, want)
		}
	}
}

// Whatever comes in whatever order: one answer to the same bytes until the next verdict, one interim
// and one final ЭСИД, nothing forwarded that is not accepted; and in the end nothing waits.
func TestDeferred_model(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDeferrals(t)
		rt.Repeat(d.actions())
		d.now = d.now.Add(25 * time.Hour)
		d.decide()
		d.holds(rt)
		if left := d.count("deferred"); left != 0 {
			rt.Fatalf("%d documents still wait", left)
		}
	})
}
