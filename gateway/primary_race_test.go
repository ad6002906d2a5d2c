package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/workflow"
)

// race is one answer against one end of a term: when it is received and begins to be judged, and when the
// clock strikes, by the same virtual time, counted from the end of the term.
type race struct {
	*yard
	id     string
	by     time.Time // the end of the term
	answer []byte
	async  bool
	begun  bool
	struck bool // the clock was heard at the end, or later, before the answer began
	r      gateway.Receipt
}

// moments around the end of a term and around when it is put into effect.
var moments = []time.Duration{
	-5 * time.Second, -time.Millisecond, -time.Microsecond, 0, time.Microsecond, time.Millisecond, time.Second,
	gateway.HandlingLimit - time.Millisecond, gateway.HandlingLimit, gateway.HandlingLimit + time.Second, 10 * time.Minute,
}

// at draws a moment that is not before the present.
func (r *race) at(rt *rapid.T, name string) time.Time {
	var left []time.Time
	for _, m := range moments {
		if t := r.by.Add(m); !t.Before(r.now) {
			left = append(left, t)
		}
	}
	if len(left) == 0 {
		return r.now
	}
	return rapid.SampledFrom(left).Draw(rt, name)
}

// strikes lets the clock strike some times, each later than the one before.
func (r *race) strikes(rt *rapid.T, name string) {
	for range rapid.IntRange(0, 2).Draw(rt, name) {
		r.now = r.at(rt, name+" at")
		r.fire()
		r.struck = r.struck || !r.begun && !r.now.Before(r.by.Add(gateway.HandlingLimit))
	}
}

// run plays a schedule, and is when the answer was received.
func (r *race) run(rt *rapid.T) (received time.Time) {
	received = r.by.Add(rapid.SampledFrom(moments).Draw(rt, "received"))
	r.now = received
	r.strikes(rt, "on the way")
	r.now = r.at(rt, "begins")
	submit := func() {
		r.begun = true
		s := r.submission(r.answer)
		s.Received, s.Async = received, r.async
		var err error
		r.r, err = r.Accept(context.Background(), s)
		must(r.t, err)
	}
	f := &faulty{Store: r.store}
	r.Options.Store = f
	within := rapid.Bool().Draw(rt, "within the clock's turn")
	switch {
	case within && !r.now.Before(r.by.Add(gateway.HandlingLimit)):
		// Everything is ready for consent to be written when the answer begins.
		r.Options.Reached = func(point string) {
			if point == "term" && !r.begun {
				submit()
			}
		}
		r.fire()
		if !r.begun {
			submit() // the term has ended before
		}
	default:
		f.before = func() { r.strikes(rt, "before the write") }
		r.Options.Reached = func(point string) {
			if point == "judged" || point == "committed" {
				r.strikes(rt, point)
			}
		}
		submit()
	}
	r.Options.Reached, f.before = func(string) {}, nil
	r.strikes(rt, "after it")
	if r.async {
		r.judgeLater(func() { r.strikes(rt, "judged later") })
	}
	r.Options.Store = r.store
	r.now = r.by.Add(15 * time.Minute)
	r.fire()
	r.fire()
	return received
}

// judgeLater judges the one document that was accepted for later; judged is called before it is written.
func (y *yard) judgeLater(judged func()) {
	y.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	y.Options.Reached = func(point string) {
		switch point {
		case "judged":
			judged()
		case "committed":
			cancel()
		}
	}
	must(y.t, y.RunPending(ctx))
	y.Options.Reached = func(string) {}
}

// holds compares what both sides have got with the rule: what was received before the end wins, unless it
// began to be judged after silence had become consent; everything else is late.
func (r *race) holds(rt *rapid.T, received time.Time, rejects bool) {
	wins := received.Truncate(time.Millisecond).Before(r.by) && !r.struck
	p := r.shown(r.id)
	state, since, finding := workflow.AutoAgreed, r.by, []string{"W14 term-over"}
	told := []string{"arrived client/SHIP-01", "auto-agreed client/SHIP-01", "auto-agreed kpedo"}
	kpedo := []string{"ESID positive", "StateNotice asust"}
	if wins {
		state, since, finding = workflow.ClientSigned, received.Truncate(time.Millisecond), nil
		told, kpedo = told[:1], []string{"ESID positive", "Approval positive asust", "ESID positive asust"}
		if rejects {
			state, kpedo[1] = workflow.Rejected, "Rejection positive asust"
		}
	}
	if p.State != state || !p.Since.Equal(since) || p.Suspended != nil || p.Held || len(p.Steps) != 2 {
		rt.Fatalf("%s since %s, want %s since %s: %+v", p.State, p.Since, state, since, p)
	}
	esid := r.answered(rt)
	if diff := cmp.Diff(finding, codesOf(esid)); diff != "" {
		rt.Fatalf("the ЭСИД is %s, received at %s of %s: %s", esid.Result, received, r.by, diff)
	}
	if diff := cmp.Diff(told, r.told(r.id)); diff != "" {
		rt.Fatalf("told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kpedo, r.waits("kpedo", r.id)); diff != "" {
		rt.Fatalf("lane kpedo (-want +got):\n%s", diff)
	}
	if n := r.due("term", r.id) + r.due("reminder", r.id); n != 0 {
		rt.Fatalf("%d deadlines are left", n)
	}
	if again := r.siding.client(r.answer); wins && (p.Answer != esid.MessageID || again.MessageID() != esid.MessageID) {
		rt.Fatalf("answered by %s, the ЭСИД is %s, and once more %s", p.Answer, esid.MessageID, again.MessageID())
	} else if r.esid(again.Document()).Result != esid.Result {
		rt.Fatalf("asked again: %s", again.Result())
	}
}

// answered is the one ЭСИД that the client has got on its answer.
func (r *race) answered(rt *rapid.T) schema.ESID {
	if !r.async {
		return r.esid(r.r.Document())
	}
	var found []schema.ESID
	digest := fmt.Sprintf("%x", sha256.Sum256(r.answer))
	rows, err := r.queue.List(shipper, "", 1000)
	must(r.t, err)
	for _, m := range rows {
		if m.Kind != string(schema.KindESID) {
			continue
		}
		_, body, err := r.queue.Message(shipper, m.ID)
		must(r.t, err)
		if e := r.esid(body); e.InReplyTo.Raw == digest {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		rt.Fatalf("%d ЭСИД on the answer", len(found))
	}
	return found[0]
}

func codesOf(e schema.ESID) (found []string) {
	for _, f := range e.Findings {
		if f.Severity == schema.Error {
			found = append(found, f.Code+" "+f.Reason)
		}
	}
	return found
}

// A thousand schedules of an answer and the end of the term: one of them wins, by the rule, once, and
// everybody is told the same.
func TestTerm_race(t *testing.T) {
	t.Parallel()
	for name, async := range map[string]bool{"answered at once": false, "accepted for later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, scene.Participants{MemoTerm: "30m"})
			rapid.Check(t, func(rt *rapid.T) {
				for range 5 {
					r := &race{yard: y, id: y.arrives(schema.KindMemo), async: async}
					r.by = y.shown(r.id).SignBy
					rejects := rapid.IntRange(0, 3).Draw(rt, "rejects") == 0
					if r.answer = r.approval(r.id); rejects {
						r.answer = r.rejection(schema.KindMemo, r.id)
					}
					y.now = r.by.Add(-10 * time.Second)
					must(t, y.Awake())
					r.holds(rt, r.run(rt), rejects)
					must(t, y.Awake())
				}
				y.drain()
			})
		})
	}
}

// The same with everybody at once: clients that were in time and clients that were not, and two clocks.
func TestTerm_concurrent(t *testing.T) {
	t.Parallel()
	const documents = 12
	y := newYard(t, scene.Participants{MemoTerm: "30m"})
	var ids []string
	for range documents {
		ids = append(ids, y.arrives(schema.KindMemo))
	}
	by := y.shown(ids[0]).SignBy
	y.pass(by.Add(-time.Second).Sub(y.now))
	answers := map[string][]byte{}
	for _, id := range ids {
		answers[id] = y.approval(id)
	}
	y.now = by.Add(gateway.HandlingLimit + time.Second)
	var running sync.WaitGroup
	var mu sync.Mutex
	results := map[string][]byte{}
	for i, id := range ids {
		running.Go(func() {
			s := y.submission(answers[id])
			s.Received = by.Add(-time.Second)
			if i%3 == 0 {
				s.Received = by
			}
			r, err := y.Accept(context.Background(), s)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			results[id] = r.Document()
		})
	}
	for range 2 {
		running.Go(func() {
			for range 20 {
				if err := y.FireOverdue(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	y.fire()
	for i, id := range ids {
		p, e := y.shown(id), y.esid(results[id])
		signed := e.Result == schema.Positive
		if signed && i%3 == 0 {
			t.Errorf("document %d: an answer at the end of the term is accepted", i)
		}
		want := workflow.AutoAgreed
		if signed {
			want = workflow.ClientSigned
		}
		consents := strings.Count(strings.Join(y.told(id), "\n"), "auto-agreed")
		if p.State != want || (consents != 0) == signed || consents%2 != 0 || consents > 2 {
			t.Errorf("document %d is %s, its answer %s, told %v", i, p.State, e.Result, y.told(id))
		}
		again := y.client(answers[id])
		if signed != bytes.Equal(again.Document(), results[id]) && signed {
			t.Errorf("document %d: the answer changed", i)
		}
	}
	if left := slices.DeleteFunc(y.rows("deadlines"), func(row string) bool { return !strings.Contains(row, "\x00term\x00") }); len(left) != 0 {
		t.Errorf("%q", left)
	}
}
