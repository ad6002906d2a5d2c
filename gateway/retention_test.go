package gateway_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/store"
)

// day is how retention is counted.
const day = 24 * time.Hour

// periods of the tests: the order of their ends is that of the configuration.
var periods = gateway.Retention{
	Accepted: 60 * day, Refused: 10 * day, Verdicts: 40 * day, Messages: 30 * day, Notices: 40 * day, Acts: 40 * day,
}

// archive is a world with retention, on a clock of its own.
type archive struct {
	*siding
}

func newArchive(t *testing.T) *archive {
	a := &archive{newSiding(t)}
	a.Options.Retention = periods
	now := func() time.Time { return a.now }
	a.queue = queue.New(a.store, now)
	a.Options.Queue = a.queue
	must(t, a.store.View(func(tx store.Reader) error {
		a.Options.NextID = queue.NewIDs(tx, now).Next
		return nil
	}))
	return a
}

// send gives a document to the gateway now.
func (a *archive) send(raw []byte) gateway.Receipt {
	a.t.Helper()
	s := a.submission(raw)
	s.Received = a.now
	r, err := a.Accept(context.Background(), s)
	must(a.t, err)
	return r
}

// confirmAll empties all lanes, as clients and the back office do.
func (a *archive) confirmAll() {
	a.t.Helper()
	rows, err := a.queue.List("", "", 1000)
	must(a.t, err)
	for _, m := range rows {
		_, err := a.queue.Confirm(m.Lane, m.ID)
		must(a.t, err)
	}
}

// afterwards lets time pass and retention work, often enough that it believes the clock.
func (a *archive) afterwards(d time.Duration) {
	a.t.Helper()
	for d > 0 {
		step := min(d, 30*day)
		a.now = a.now.Add(step)
		d -= step
		must(a.t, a.Retire(context.Background()))
	}
}

// kept says whether the bytes of a verdict's document are in the store.
func (a *archive) kept(id string) bool {
	a.t.Helper()
	body, err := a.Body(id)
	must(a.t, err)
	return body != nil
}

// An accepted document of a note that is complete loses its bytes when it is old enough, and not its id:
// the same bytes get the same ЭСИД, byte for byte, and other content the same conflict.
func TestRetention_accepted(t *testing.T) {
	a := newArchive(t)
	p := a.pair()
	first := a.send(p.waybill)
	a.confirmAll()
	a.afterwards(59 * day)
	if !a.kept(first.MessageID()) || !a.kept(p.permission.MessageID()) {
		t.Fatal("a document has gone before its time")
	}
	a.afterwards(2 * day)
	if a.kept(first.MessageID()) || a.kept(p.permission.MessageID()) {
		t.Error("documents are kept after their time")
	}
	again := a.send(p.waybill)
	if !again.Repeated() || !bytes.Equal(again.Document(), first.Document()) {
		t.Errorf("the same bytes get another answer: %s %s", again.MessageID(), again.Result())
	}
	anew := a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{DocumentID: p.id, Station: "985502"})))
	if anew.Result() != schema.Conflict {
		t.Errorf("other content under the id: %s %v", anew.Result(), anew.Findings())
	}
	if _, err := a.WagonList(context.Background(), "SHIP-01", p.id); !strings.Contains(errorText(err), gateway.ErrNoContent.Error()) {
		t.Errorf("the wagon list: %v", err)
	}
	if n := a.Retired()["accepted"]; n < 2 {
		t.Errorf("%d documents are counted", n)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What is refused loses its bytes first and its verdict later; then the same bytes are judged afresh.
func TestRetention_refused(t *testing.T) {
	a := newArchive(t)
	raw := a.Unlisted.MustSign(a.Waybill(scene.Waybill{}))
	first := a.send(raw)
	if first.Result() != schema.Negative {
		t.Fatalf("got %s", first.Result())
	}
	a.confirmAll()
	a.afterwards(11 * day)
	if a.kept(first.MessageID()) {
		t.Error("its bytes are kept after their time")
	}
	if again := a.send(raw); !again.Repeated() || !bytes.Equal(again.Document(), first.Document()) {
		t.Error("while the verdict is kept it is the answer")
	}
	a.afterwards(30 * day)
	if _, err := a.JournalEntry(first.MessageID()); err == nil {
		t.Error("the verdict is kept after its time")
	}
	if again := a.send(raw); again.Repeated() || again.Result() != schema.Negative {
		t.Errorf("the same bytes: %s, repeated %v", again.Result(), again.Repeated())
	}
}

// Nothing goes that waits for somebody or something, however old it is; all of it goes once that has come.
func TestRetention_unfinished(t *testing.T) {
	for _, c := range []struct {
		name   string
		begin  func(a *archive) (id string) // of the verdict whose document has to stay
		finish func(a *archive)
	}{
		{"a message that the client has not confirmed", func(a *archive) string {
			p := a.pair()
			rows, err := a.queue.List("", "", 1000)
			must(a.t, err)
			for _, m := range rows {
				if m.Lane != "client/SHIP-01" || m.ID != p.permission.MessageID() {
					_, err := a.queue.Confirm(m.Lane, m.ID)
					must(a.t, err)
				}
			}
			return p.permission.MessageID()
		}, (*archive).confirmAll},
		{"a note without its ЭД №2", func(a *archive) string {
			r := a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
			a.confirmAll()
			return r.MessageID()
		}, func(a *archive) {
			rows, err := a.Journal("SHIP-01", time.Time{}, 1000)
			must(a.t, err)
			a.send(a.Signatory.MustSign(a.PaperSwitch(scene.PaperSwitch{Waybill: rows[0].DocumentID, CreatedAt: a.now})))
			a.confirmAll()
		}},
		{"the staff list in force", func(a *archive) string {
			a.confirmAll()
			rows, err := a.Journal("RZD", time.Time{}, 1000)
			must(a.t, err)
			return rows[0].ID
		}, func(a *archive) {
			a.office(a.Office.MustSign(a.StaffList(2)))
			a.confirmAll()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t)
			id := c.begin(a)
			for range 3 {
				a.afterwards(61 * day)
			}
			if !a.kept(id) {
				t.Fatal("its bytes have gone")
			}
			c.finish(a)
			a.afterwards(61 * day)
			a.afterwards(61 * day)
			if a.kept(id) {
				t.Error("its bytes are kept although it is finished")
			}
		})
	}
}

// What was accepted for later judgment, and what is deferred, is judged by its bytes whenever that is.
func TestRetention_undecided(t *testing.T) {
	a := newArchive(t)
	sources := &sources{}
	a.Options.Revocations = sources
	sources.hush()
	s := a.submission(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
	s.Received = a.now
	interim, err := a.Accept(context.Background(), s)
	must(t, err)
	s = a.submission(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
	s.Received, s.Async = a.now, true
	_, err = a.Accept(context.Background(), s)
	must(t, err)
	a.confirmAll()
	a.afterwards(300 * day)
	if !a.kept(interim.MessageID()) {
		t.Error("the bytes of a deferred document have gone")
	}
	sources.speak()
	a.decide()
	if a.count("deferred") != 0 {
		t.Error("the deferred document was not decided")
	}
	a.pend("client/SHIP-01", 2)
	if a.count("pending") != 0 {
		t.Error("the document accepted for later was not judged")
	}
}

// Bytes that were refused first belong to whoever needs them later: a verdict that accepts them, or a job
// that has promised one.
func TestRetention_refusedFirst(t *testing.T) {
	a := newArchive(t)
	accepted := a.Unlisted.MustSign(a.Waybill(scene.Waybill{Signatory: a.Unlisted}))
	promised := a.Unlisted.MustSign(a.Waybill(scene.Waybill{Signatory: a.Unlisted}))
	for _, raw := range [][]byte{accepted, promised} {
		if r := a.send(raw); r.Result() != schema.Negative {
			t.Fatalf("got %s", r.Result())
		}
	}
	text := withSignatory(a.Participants(scene.Participants{}), a.Unlisted)
	_, err := a.register.ImportParticipants(text, "", "test")
	must(t, err)
	r := a.send(accepted)
	a.want(r, schema.Positive)
	s := a.submission(promised)
	s.Received, s.Async = a.now, true
	_, err = a.Accept(context.Background(), s)
	must(t, err)
	a.confirmAll()
	a.afterwards(45 * day)
	if !a.kept(r.MessageID()) {
		t.Error("the bytes of an accepted document have gone with an earlier verdict on them")
	}
	a.pend("client/SHIP-01", 1)
	if a.count("pending") != 0 {
		t.Error("the document accepted for later was not judged")
	}
}

// Evidence goes with the last document that it proves; a verdict whose document has gone can still be told.
func TestRetention_evidence(t *testing.T) {
	a := newArchive(t)
	a.Options.Revocations = &sources{crl: []byte("the list of revoked certificates of this month")}
	p := a.pair()
	a.confirmAll()
	before := a.count("evidence")
	a.afterwards(30 * day)
	a.Options.Revocations = &sources{crl: []byte("the list of revoked certificates of a later month")}
	waiting := a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{CreatedAt: a.now})))
	a.confirmAll()
	if now := a.count("evidence"); now != before+1 {
		t.Fatalf("%d pieces of evidence, were %d", now, before)
	}
	a.afterwards(31 * day)
	// The former list, and the certificate of who signed for the placement.
	if now := a.count("evidence"); now != before-1 || a.Retired()["evidence"] != 2 {
		t.Errorf("%d pieces of evidence, want %d; counted %d", now, before-1, a.Retired()["evidence"])
	}
	// What an unfinished document needs stays with it.
	a.afterwards(200 * day)
	proofs, _ := a.proofs(waiting.MessageID())
	if len(proofs) < 2 {
		t.Errorf("the document that waits has %q", proofs)
	}
	if left, _ := a.proofs(p.permission.MessageID()); len(left) > len(proofs) {
		t.Errorf("the document that has gone has %q", left)
	}
}

// Messages and acts go by their age; those nobody has confirmed stay.
func TestRetention_messages(t *testing.T) {
	a := newArchive(t)
	must(t, a.RecordAct("uid 0", "staff import"))
	r := a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
	_, err := a.queue.Confirm("client/SHIP-01", r.MessageID())
	must(t, err)
	a.send(a.Signatory.MustSign(a.Waybill(scene.Waybill{})))
	waiting := len(a.lane("client/SHIP-01"))
	a.afterwards(41 * day)
	if _, err := a.queue.Show(r.MessageID()); err == nil {
		t.Error("the confirmed message is kept after its time")
	}
	if now := len(a.lane("client/SHIP-01")); now != waiting || waiting == 0 {
		t.Errorf("%d messages wait, were %d", now, waiting)
	}
	if acts, err := a.Acts(time.Time{}, 10); err != nil || len(acts) != 0 {
		t.Errorf("%d acts are kept, %v", len(acts), err)
	}
	// A client that was promised an ЭСИД through its lane gets it although the lane has forgotten it.
	s := a.submission(a.bodyOf(r.MessageID()))
	s.Received, s.Async = a.now, true
	if again, err := a.Accept(context.Background(), s); err != nil || again.MessageID() != r.MessageID() {
		t.Errorf("the same bytes: %v", err)
	}
}

func (a *archive) bodyOf(id string) []byte {
	a.t.Helper()
	body, err := a.Body(id)
	must(a.t, err)
	return body
}

// A pass that is broken off goes on, and one that finds nothing writes nothing.
func TestRetention_costsNothing(t *testing.T) {
	a := newArchive(t)
	a.pair()
	a.confirmAll()
	a.afterwards(300 * day)
	retired, batches := a.Retired(), a.store.Stats().Batches
	for range 3 {
		a.afterwards(time.Hour)
	}
	if now := a.store.Stats().Batches; now > batches+6 { // what Trim asks
		t.Errorf("%d transactions for nothing", now-batches)
	}
	for kind, n := range a.Retired() {
		if n != retired[kind] {
			t.Errorf("%s: %d more", kind, n-retired[kind])
		}
	}
	must(t, a.store.View(queue.Check))
}
