package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/schema"
	"asugate/workflow"
)

// siding is a world in which the railway's memos and acts come, on a clock of its own.
type siding struct {
	*world
	now time.Time
}

func newSiding(t *testing.T) *siding {
	s := &siding{world: newWorld(t)}
	s.now = s.Now
	s.Options.Now = func() time.Time { return s.now }
	must(t, s.Awake())
	return s
}

// pass lets time pass, while the gateway is awake, and its deadlines happen.
func (s *siding) pass(d time.Duration) {
	s.t.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(min(20*time.Minute, end.Sub(s.now)))
		must(s.t, s.Awake())
		must(s.t, s.FireOverdue(context.Background()))
	}
}

func (s *siding) rail(raw []byte) gateway.Receipt {
	s.t.Helper()
	r, err := s.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: raw, Received: s.now, Via: "spool",
	})
	must(s.t, err)
	s.esid(r.Document())
	return r
}

func (s *siding) client(raw []byte) gateway.Receipt {
	s.t.Helper()
	sub := s.submission(raw)
	sub.Received = s.now
	r, err := s.Accept(context.Background(), sub)
	must(s.t, err)
	s.esid(r.Document())
	return r
}

// memo sends a memo, which must be accepted, and is the reference to it.
func (s *siding) memo(m scene.Memo) scene.Reference {
	s.t.Helper()
	if m.DocumentID == "" {
		m.DocumentID = scene.NewID()
	}
	raw := s.Office.MustSign(s.Memo(m))
	s.want(s.rail(raw), schema.Positive)
	return scene.ReferenceTo(raw, m.DocumentID, max(1, m.Version))
}

func (s *siding) primary(id string) workflow.Primary {
	s.t.Helper()
	d, err := s.Document(context.Background(), "SHIP-01", id)
	must(s.t, err)
	return *d.Primary
}

// sent is the kinds in a lane with where they go on to, oldest first.
func (s *siding) sent(lane string) []string {
	s.t.Helper()
	rows, err := s.queue.List(lane, "", 1000)
	must(s.t, err)
	var words []string
	for _, m := range rows {
		words = append(words, strings.Join(strings.Fields(m.Kind+" "+m.Result+" "+m.Onward), " "))
	}
	return words
}

func (s *siding) lanes(want map[string][]string) {
	s.t.Helper()
	for lane, kinds := range want {
		if diff := cmp.Diff(kinds, s.sent(lane)); diff != "" {
			s.t.Errorf("lane %s (-want +got):\n%s", lane, diff)
		}
	}
}

const shipper = "client/SHIP-01"

// A memo comes, with the time that is left; the client signs it; the railway gets the signature.
func TestMemo_signed(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	p := s.primary(memo.DocumentID)
	if p.State != workflow.CarrierSigned || !p.SignBy.Equal(s.now.Add(12*time.Hour)) {
		t.Fatalf("state %s, sign by %s", p.State, p.SignBy)
	}
	s.lanes(map[string][]string{
		shipper: {"StateNotice", "Memo positive"}, "kpedo": {"ESID positive"},
	})
	s.pass(time.Hour)
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: memo}))), schema.Positive)
	if p := s.primary(memo.DocumentID); p.State != workflow.ClientSigned || !p.Since.Equal(s.now) {
		t.Errorf("state %s since %s", p.State, p.Since)
	}
	s.lanes(map[string][]string{
		shipper: {"StateNotice", "Memo positive", "ESID positive"},
		"kpedo": {"ESID positive", "Approval positive asust", "ESID positive asust"},
	})
	// Silence says nothing any more.
	s.pass(24 * time.Hour)
	if p := s.primary(memo.DocumentID); p.State != workflow.ClientSigned {
		t.Errorf("after the term: %s", p.State)
	}
}

// Nobody answers: reminders, then consent, effective when the term ended, told to both sides once.
func TestMemo_silence(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	by := s.primary(memo.DocumentID).SignBy
	s.pass(30 * time.Hour)
	p := s.primary(memo.DocumentID)
	if p.State != workflow.AutoAgreed || !p.Since.Equal(by) {
		t.Fatalf("state %s since %s, want from %s", p.State, p.Since, by)
	}
	s.lanes(map[string][]string{
		shipper: {"StateNotice", "Memo positive", "StateNotice", "StateNotice", "StateNotice"},
		"kpedo": {"ESID positive", "StateNotice asust"},
	})
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: memo}))), schema.Negative, "W14/term-over")
}

// A memo is rejected, corrected, and signed with a new clock; an act stands as it was rejected.
func TestMemo_corrected(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	s.want(s.client(s.Signatory.MustSign(s.Rejection(scene.Answer{Of: memo}))), schema.Positive)
	if p := s.primary(memo.DocumentID); p.State != workflow.Rejected {
		t.Fatal(p.State)
	}
	s.pass(time.Hour)
	corrected := s.memo(scene.Memo{DocumentID: memo.DocumentID, Version: 2})
	if p := s.primary(memo.DocumentID); p.State != workflow.CarrierSigned || !p.SignBy.Equal(s.now.Add(12*time.Hour)) {
		t.Fatalf("state %s, sign by %s", p.State, p.SignBy)
	}
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: memo}))), schema.Negative,
		"D03/answer-other-version", "D03/answer-other-content")
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: corrected}))), schema.Positive)
}

// Recalled in two steps: nothing that has not left leaves any more, and both sides are told.
func TestMemo_recalled(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: memo}))), schema.Positive)
	s.want(s.rail(s.Office.MustSign(s.StateReport(scene.StateReport{Of: memo.DocumentID}))), schema.Positive)
	if p := s.primary(memo.DocumentID); p.State != workflow.AwaitingSpoiling {
		t.Fatal(p.State)
	}
	s.lanes(map[string][]string{
		shipper: {"ESID positive", "StateNotice"},
		"kpedo": {"ESID positive", "ESID positive", "StateNotice asust"},
	})
	if _, _, err := s.Content(context.Background(), "SHIP-01", memo.DocumentID); err != nil {
		t.Error(err)
	}
	s.want(s.rail(s.Office.MustSign(s.StateReport(scene.StateReport{
		Of: memo.DocumentID, State: schema.ReportSpoiled,
	}))), schema.Positive)
	if _, _, err := s.Content(context.Background(), "SHIP-01", memo.DocumentID); err != gateway.ErrSpoiled {
		t.Error(err)
	}
	must(t, s.store.View(queue.Check))
}

// A memo that still waits for its supply is recalled: it never reaches the client.
func TestMemo_recalledWaiting(t *testing.T) {
	s := newSiding(t)
	id := scene.NewID()
	r := s.rail(s.Office.MustSign(s.Memo(scene.Memo{DocumentID: id, Operation: schema.OperationRemoval})))
	s.want(r, schema.Deferred)
	s.want(s.rail(s.Office.MustSign(s.StateReport(scene.StateReport{Of: id}))), schema.Positive)
	s.decide()
	s.pass(time.Hour)
	s.lanes(map[string][]string{
		shipper: nil,
		"kpedo": {"ESID deferred", "ESID positive", "StateNotice asust", "ESID negative"},
	})
	s.want(s.rail(s.Office.MustSign(s.StateReport(scene.StateReport{Of: id, State: schema.ReportSpoiled}))),
		schema.Positive)
}

// A client's own document cannot take the DocumentID of a memo that was sent to it.
func TestMemo_idReused(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	s.want(s.client(s.Signatory.MustSign(s.Waybill(scene.Waybill{DocumentID: memo.DocumentID}))), schema.Negative,
		"D03/identifier-reused")
}

// The gateway was away for the whole term. An answer in the minute before the clock sees to it is not late.
func TestMemo_answeredAfterDowntime(t *testing.T) {
	s := newSiding(t)
	memo := s.memo(scene.Memo{})
	s.now = s.primary(memo.DocumentID).SignBy.Add(10 * time.Second)
	s.want(s.client(s.Signatory.MustSign(s.Approval(scene.Answer{Of: memo}))), schema.Positive)
}
