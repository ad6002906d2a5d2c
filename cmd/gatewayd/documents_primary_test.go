package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"asugate/conf"
	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/workflow"
)

// memoDesk is the desk of an operator to whom the railway has sent memos, on a clock of its own.
type memoDesk struct {
	*desk
	*scene.Scene
	t   *testing.T
	now time.Time
}

func newMemoDesk(t *testing.T) *memoDesk {
	t.Helper()
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	d := &memoDesk{desk: preparedDesk(t), Scene: s, t: t, now: time.Now().Truncate(time.Second)}
	clock := func() time.Time { return d.now }
	d.desk.now, d.gateway.Options.Now = clock, clock
	dir := t.TempDir()
	if _, _, err := s.Gateway.Write(dir, "gateway"); err != nil {
		t.Fatal(err)
	}
	d.config.Signing.Keys = []conf.SigningKey{{
		Key: filepath.Join(dir, "gateway.key"), Certificate: filepath.Join(dir, "gateway.pem"),
	}}
	if err := d.needKeys(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}

// memo comes from the railway, and is accepted or, addressed to nobody, put aside.
func (d *memoDesk) memo(m scene.Memo, want schema.Result) string {
	d.t.Helper()
	if m.DocumentID = scene.NewID(); m.CreatedAt.IsZero() {
		m.CreatedAt = d.now
	}
	r, err := d.gateway.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: d.Office.MustSign(d.Scene.Memo(m)), Received: d.now, Via: "spool",
	})
	if err != nil || r.Result() != want {
		d.t.Fatalf("%v %v %v", r.Result(), r.Findings(), err)
	}
	return m.DocumentID
}

// does runs an operation as the operator does, and is what it prints.
func (d *memoDesk) does(op operation) (string, error) {
	var out bytes.Buffer
	err := d.perform(context.Background(), op, "uid 0", &out)
	return out.String(), err
}

func (d *memoDesk) prints(op operation) string {
	d.t.Helper()
	out, err := d.does(op)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// What waits for the client's answer is listed soonest first, with the time that is left, within the time
// asked for, of the participant and in the state asked for.
func TestDocumentsList_due(t *testing.T) {
	d := newMemoDesk(t)
	later := d.memo(scene.Memo{Number: "1"}, schema.Positive)
	d.now = d.now.Add(-time.Hour)
	sooner := d.memo(scene.Memo{Number: "2", Wagons: []string{"62310784"}}, schema.Positive)
	d.now = d.now.Add(10*time.Hour + 30*time.Minute)

	text := d.prints(&documentsList{Due: new(3 * time.Hour), Limit: 10})
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "1h30m0s ") || !strings.Contains(lines[1], sooner) ||
		!strings.HasPrefix(lines[2], "2h30m0s ") || !strings.Contains(lines[2], later) {
		t.Fatal(text)
	}
	if fields := strings.Fields(lines[1]); !slices.Contains(fields, "SHIP-01") || !slices.Contains(fields, "carrier-signed") || fields[5] != "2" {
		t.Error(lines[1])
	}
	for name, c := range map[string]struct {
		list documentsList
		want []string
	}{
		"within two hours":         {documentsList{Due: new(2 * time.Hour)}, []string{sooner}},
		"within one":               {documentsList{Due: new(time.Hour)}, nil},
		"at most one":              {documentsList{Due: new(3 * time.Hour), Limit: 1}, []string{sooner}},
		"of the participant":       {documentsList{Due: new(3 * time.Hour), Participant: "SHIP-01"}, []string{sooner, later}},
		"of another":               {documentsList{Due: new(3 * time.Hour), Participant: "SHIP-02"}, nil},
		"in a state that waits":    {documentsList{Due: new(3 * time.Hour), State: "carrier-signed"}, []string{sooner, later}},
		"in a state that does not": {documentsList{Due: new(3 * time.Hour), State: "rejected"}, nil},
	} {
		if c.list.JSON = true; c.list.Limit == 0 {
			c.list.Limit = 10
		}
		var got []string
		for line := range strings.Lines(d.prints(&c.list)) {
			var row struct{ Document, Left string }
			if err := json.Unmarshal([]byte(line), &row); err != nil || row.Left == "" {
				t.Fatalf("%s: %v in %s", name, err, line)
			}
			got = append(got, row.Document)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	d.now = d.now.Add(90*time.Minute + time.Second)
	if text := d.prints(&documentsList{Due: new(time.Duration), Limit: 10}); !strings.Contains(text, "\nover ") {
		t.Errorf("once it is over: %s", text)
	}
}

// A memo whose term passed while nobody could read it is held: the operator sees it, and gives a new term,
// that of the agreement or another.
func TestDocumentsResume(t *testing.T) {
	for name, c := range map[string]struct {
		given, want time.Duration
	}{
		"as agreed":  {0, 12 * time.Hour},
		"as he says": {3 * time.Hour, 3 * time.Hour},
		"longer":     {40 * time.Hour, 40 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			d := newMemoDesk(t)
			id := d.memo(scene.Memo{}, schema.Positive)
			resume := &documentsResume{ID: id, For: c.given}
			if out, err := d.does(resume); err == nil || hintFor(err) == "" {
				t.Errorf("before it is held: %s%v", out, err)
			}
			d.now = d.now.Add(13 * time.Hour) // and no process ran
			if err := d.gateway.FireOverdue(context.Background()); err != nil {
				t.Fatal(err)
			}
			if text := d.prints(&documentsList{State: "held", Limit: 10}); !strings.Contains(text, id) {
				t.Fatalf("the list of what is held: %s", text)
			}
			if text := d.prints(&documentsShow{ID: id}); !strings.Contains(text, `"held": true`) || !strings.Contains(text, `"event": "held"`) {
				t.Errorf("it is held, and is shown as %s", text)
			}
			if out := d.prints(resume); !strings.HasPrefix(out, "Memo 10983 waits until ") || !strings.HasSuffix(out, " for the answer of SHIP-01\n") {
				t.Errorf("resuming prints %q", out)
			}
			s, err := d.gateway.Document(context.Background(), "SHIP-01", id)
			if err != nil || s.Primary.Held || !s.Primary.SignBy.Equal(s.Primary.Arrived.Add(c.want)) ||
				d.now.Sub(s.Primary.Arrived) >= time.Second {
				t.Errorf("resumed: %+v %v", s.Primary, err)
			}
			if _, err := d.does(resume); err == nil {
				t.Error("it is given a term twice")
			}
			acts, err := d.gateway.Acts(time.Time{}, 100)
			if err != nil || acts[len(acts)-2].What != resume.act() || acts[len(acts)-2].Who != "uid 0" {
				t.Errorf("%+v %v", acts, err)
			}
		})
	}
}

// Of a memo one sees what happened to it, and what was told of it; of the railway's own row only that it was
// accepted.
func TestDocumentsShow_memo(t *testing.T) {
	d := newMemoDesk(t)
	id := d.memo(scene.Memo{}, schema.Positive)
	d.now = d.now.Add(time.Hour)
	text := d.prints(&documentsShow{ID: id})
	var states []struct {
		Participant string
		Primary     *primaryShown
	}
	for r := json.NewDecoder(strings.NewReader(text)); r.More(); {
		states = append(states, struct {
			Participant string
			Primary     *primaryShown
		}{})
		if err := r.Decode(&states[len(states)-1]); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	if len(states) != 2 || states[1].Participant != "RZD" || states[1].Primary != nil {
		t.Fatal(text)
	}
	p := states[0].Primary
	if p == nil || p.Number != "10983" || p.State != "carrier-signed" || p.Term != "12h" || p.Left != "11h0m0s" ||
		p.StateID != 548 || len(p.Steps) != 1 || len(p.Notices) != 1 || p.Notices[0].Event != schema.EventArrived {
		t.Errorf("%+v", p)
	}
	if text := d.prints(&documentsShow{ID: id, Participant: "RZD"}); !strings.Contains(text, `"term": "12h"`) {
		t.Errorf("asked for the railway's alone: %s", text)
	}
}

// What nobody is known for waits without an end, and is shown so.
func TestDocumentsList_unaddressed(t *testing.T) {
	d := newMemoDesk(t)
	stranger := func(m *schema.Memo) { m.Owner.INN, m.Owner.KPP = "7736050003", "773601001" }
	id := d.memo(scene.Memo{Change: stranger}, schema.Deferred)
	text := d.prints(&documentsList{State: "deferred", Limit: 10})
	if !strings.Contains(text, id) || strings.Contains(text, "0001-") {
		t.Error(text)
	}
}

// The states that may be asked for are those that there are, and no other word.
func TestDocumentsList_states(t *testing.T) {
	app := model(t)
	list := child(child(app.Node, "documents"), "list")
	var words []string
	for _, f := range list.Flags {
		if f.Name == "state" {
			words = f.EnumSlice()
		}
	}
	want := []string{"", "accepted", "refused", "deferred", "withdrawn"}
	for _, s := range workflow.PrimaryStates() {
		if s != workflow.Drafted { // what nobody has signed has not come
			want = append(want, s.String())
		}
	}
	if want = append(want, "held"); !slices.Equal(words, want) {
		t.Errorf("%v, want %v", words, want)
	}
}

// Times that make no sense are slips of the command line.
func TestDocumentsFlags(t *testing.T) {
	for _, args := range [][]string{
		{"documents", "list", "--due", "-1h"},
		{"documents", "list", "--due", "tomorrow"},
		{"documents", "list", "--state", "drafted"},
		{"documents", "resume"},
		{"documents", "resume", "X", "--for", "5m"},
		{"documents", "resume", "X", "--for", "-3h"},
	} {
		k, err := kong.New(&cli{}, kong.Vars{"config": "none"}, kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Parse(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
