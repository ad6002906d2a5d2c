package gateway_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

const byRailway = "consent: railway"

// The railway keeps the time: the client is shown the end and reminded of it, and nothing ends before the
// railway says so; until then his answer is heard.
func TestConsent_railway(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: byRailway})
	memo, act := y.arrives(schema.KindMemo), y.arrives(schema.KindAct)
	_, body, err := y.queue.Message(shipper, y.about(shipper, memo)[0].ID)
	must(t, err)
	by := y.shown(memo).SignBy
	n := y.notice(body)
	if n.Consent != workflow.ConsentRailway || !n.SignBy.Equal(by) || n.Left != 12*time.Hour {
		t.Errorf("the notice says: by %s, %s left, %s", n.SignBy, n.Left, n.Consent)
	}
	y.pass(30 * time.Hour)
	y.tells(memo, "arrived"+toClient, "reminder"+toClient, "reminder"+toClient)
	if n := len(y.rows("deadlines")); n != 0 {
		t.Errorf("%d deadlines are left", n)
	}
	y.is(memo, workflow.CarrierSigned, y.shown(memo).Arrived)

	y.want(y.rail(y.report(memo, schema.ReportAgreed)), schema.Positive)
	y.is(memo, workflow.AutoAgreed, y.Now) // as the report says
	y.want(y.rail(y.report(memo, schema.ReportAgreed)), schema.Positive)
	// It knows what it has said itself: only the client is told.
	y.tells(memo, "arrived"+toClient, "reminder"+toClient, "reminder"+toClient, "auto-agreed"+toClient)
	y.want(y.client(y.approval(memo)), schema.Negative, "W14/term-over")
	y.want(y.client(y.approval(act)), schema.Positive)
	y.want(y.rail(y.report(act, schema.ReportAgreed)), schema.Negative, "W13/client-signed")
}

// The register gives the time to somebody else: what has arrived keeps to what it arrived under.
func TestConsent_changes(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{})
	first := y.arrives(schema.KindMemo)
	y.admit(y.Participants(scene.Participants{Railway: byRailway, MemoTerm: "1h"}))
	second := y.arrives(schema.KindMemo)
	if p := y.shown(second); p.SignBy.Sub(p.Arrived) != time.Hour {
		t.Errorf("%s for the second", p.SignBy.Sub(p.Arrived))
	}
	y.want(y.rail(y.report(first, schema.ReportAgreed)), schema.Negative, "W17/consent-elsewhere")
	y.pass(13 * time.Hour)
	if a, b := y.shown(first).State, y.shown(second).State; a != workflow.AutoAgreed || b != workflow.CarrierSigned {
		t.Errorf("%s and %s", a, b)
	}
}

// A deferred answer stops a term that the railway keeps, too; what the railway says meanwhile is obeyed.
func TestConsent_railwayWhileVerified(t *testing.T) {
	t.Parallel()
	y := newYard(t, scene.Participants{Railway: byRailway})
	id := y.arrives(schema.KindMemo)
	y.hush(y.Signatory)
	answer := y.approval(id)
	y.want(y.client(answer), schema.Deferred)
	y.want(y.rail(y.report(id, schema.ReportAgreed)), schema.Positive)
	y.speak()
	y.decide()
	y.want(y.client(answer), schema.Negative, "W14/term-over")
	if p := y.shown(id); p.State != workflow.AutoAgreed || p.Suspended != nil {
		t.Errorf("%+v", p)
	}
}

// kpedo is a memo as КП ЭДО hands it over.
type kpedo struct {
	form, cms []byte
	id        string
}

func (y *yard) kpedo(docid string, wagon int) kpedo {
	y.t.Helper()
	form := y.KPEDOForm(scene.KPEDOForm{
		Number: "1" + docid[len(docid)-4:], Wagons: []scene.KPEDOWagon{y.KPEDOWagon(wagonOf(wagon))},
	})
	cms, err := y.Office.SignDetached(form)
	must(y.t, err)
	return kpedo{form, cms, schema.KPEDOID(docid)}
}

func (y *yard) hand(k kpedo, docid string, state int) (gateway.Receipt, error) {
	return y.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: k.form, Detached: k.cms, Received: y.now, Via: "spool",
		Envelope: &gateway.Envelope{DocID: docid, StateID: state},
	})
}

// The state that the envelope of КП ЭДО says, which nobody has signed, counts only where the railway keeps
// the time, and only forwards.
func TestConsent_envelope(t *testing.T) {
	t.Parallel()
	const docid = "1766398397"
	for _, c := range []struct {
		name, railway string
		states        []int // one envelope after the other around the same document
		want          workflow.PrimaryState
		told          []string
	}{
		{"ours", "consent: ours", []int{548, 696, 469}, workflow.CarrierSigned, []string{"arrived" + toClient}},
		{"agreed", byRailway, []int{548, 696, 696}, workflow.AutoAgreed, []string{"arrived" + toClient, "auto-agreed" + toClient}},
		{"agreed when it came", byRailway, []int{696}, workflow.AutoAgreed, []string{"arrived" + toClient, "auto-agreed" + toClient}},
		{"signed elsewhere", byRailway, []int{548, 469, 696}, workflow.ClientSigned, []string{"arrived" + toClient, "client-signed" + toClient}},
		{"a state that nobody knows", byRailway, []int{548, 700, 0, 548}, workflow.CarrierSigned, []string{"arrived" + toClient}},
	} {
		t.Run(c.name, func(t *testing.T) {
			y := newYard(t, scene.Participants{Railway: c.railway})
			y.now = time.Now() // of the signature
			k := y.kpedo(docid, 1)
			var first gateway.Receipt
			for i, state := range c.states {
				r, err := y.hand(k, docid, state)
				must(t, err)
				y.want(r, schema.Positive)
				if i == 0 {
					first = r
				} else if r.MessageID() != first.MessageID() {
					t.Errorf("envelope %d has an ЭСИД of its own", i)
				}
			}
			if p := y.shown(k.id); p.State != c.want || len(p.Steps) != len(c.told) {
				t.Errorf("%+v", p)
			}
			y.tells(k.id, c.told...)
		})
	}
}

// The second write of such a message fails: nobody is answered, and the message that comes again is obeyed.
func TestConsent_envelopeFault(t *testing.T) {
	t.Parallel()
	const docid = "1766398398"
	y := newYard(t, scene.Participants{Railway: byRailway})
	y.now = time.Now()
	k := y.kpedo(docid, 1)
	f := &faulty{Store: y.store}
	f.before = func() { f.before = func() { f.fail = store.ErrNotWritten } }
	y.Options.Store = f
	if r, err := y.hand(k, docid, 696); !errors.Is(err, gateway.ErrNotReady) || r.Valid() {
		t.Fatalf("%v %v", r.Result(), err)
	}
	y.Options.Store = y.store
	if p := y.shown(k.id); p.State != workflow.CarrierSigned {
		t.Fatalf("%+v", p)
	}
	r, err := y.hand(k, docid, 696)
	must(t, err)
	y.want(r, schema.Positive)
	y.tells(k.id, "arrived"+toClient, "auto-agreed"+toClient)
	if diff := cmp.Diff([]string{"ESID positive"}, y.waits("kpedo", k.id)); diff != "" {
		t.Error(diff)
	}
}
