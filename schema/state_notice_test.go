package schema

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// notice is a StateNotice that uses every field.
func notice() StateNotice {
	return StateNotice{
		MessageID: "0193a5b0-1111-7000-8000-000000000011", CreatedAt: at("2026-11-22T12:00:00.5+03:00"),
		Sender: "RZD", Receiver: "SHIP-01", Environment: "production",
		About: InReplyTo{
			Kind: KindMemo, DocumentID: "0193A5B0000070008000000000000011", Version: 2,
			Raw: strings.Repeat("0a", 32), Content: strings.Repeat("0b", 32), Verified: true,
		},
		Number: "10984", Event: EventReminder, State: "carrier-signed", StateID: 548,
		EffectiveAt: at("2026-11-22T10:00:00+03:00"), ArrivedAt: at("2026-11-22T10:00:00+03:00"),
		SignBy: at("2026-11-22T15:20:00+03:00"), Left: 3*time.Hour + 20*time.Minute, Consent: "ours",
		Because: "0193a5b0-0000-7000-8000-000000000015",
		Stopped: []string{"0193a5b0-1111-7000-8000-000000000002", "0193a5b0-1111-7000-8000-000000000003"},
		Findings: []Finding{{Code: "D01", Reason: ReasonWagonCheckDigit, Path: "/Memo/Wagon[2]/@number",
			Actual: "62310785"}},
	}
}

// The whole form of a notice, for people to read.
func TestStateNoticeGolden(t *testing.T) {
	element := notice().Element()
	got := write(t, element, true)
	path := filepath.Join("testdata", "state_notice.golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(must(os.ReadFile(path))), string(got)); diff != "" {
		t.Errorf("-golden +got:\n%s", diff)
	}
	checkMessage(t, rootOf(t, write(t, element, false)))
}

// What is written is read back the same, through a real signature, of each event.
func TestReadStateNotice(t *testing.T) {
	signer := newIdentity(t)
	least := StateNotice{
		MessageID: "0193a5b0-1111-7000-8000-000000000012", CreatedAt: at("2026-11-22T12:00:00Z"),
		Sender: "RZD", Receiver: "SHIP-01", About: InReplyTo{Raw: strings.Repeat("0a", 32)},
		Event: EventSpoiled, State: "spoiled", EffectiveAt: at("2026-11-22T12:00:00Z"),
	}
	cases := map[string]StateNotice{"whole": notice(), "least": least}
	for _, event := range []string{EventArrived, EventReminder, EventAgreed, EventSigned, EventRejected, EventSpoiling,
		EventSpoiled, EventCorrected, EventSuspended, EventResumed, EventHeld} {
		n := notice()
		n.Event = event
		cases[event] = n
	}
	stopped := notice() // the term stands still: there is an amount left, but no end
	stopped.Event, stopped.SignBy = EventSuspended, time.Time{}
	cases["stopped term"] = stopped
	ended := notice()
	ended.Left = 0
	cases["term that has just ended"] = ended
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			sealed := must(signer.key.Seal(want.Element()))
			root := signer.open(t, sealed).Root()
			checkMessage(t, root)
			verifyElsewhere(t, KindStateNotice, sealed)
			got, err := ReadStateNotice(root)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range want.Findings {
				want.Findings[i] = f.Complete()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadStateNoticeRefuses(t *testing.T) {
	whole := string(write(t, notice().Element(), false))
	cases := []struct{ why, document, want string }{
		{"another kind", string(write(t, sample().Element(), false)), `root is "ESID"`},
		{"event of another list", strings.Replace(whole, "reminder", "signed", 1), "enumeration at /StateNotice/Event"},
		{"state in words", strings.Replace(whole, ">carrier-signed", ">Подписан", 1), "pattern at /StateNotice/State"},
		{"consent of nobody", strings.Replace(whole, ">ours", ">theirs", 1), "enumeration at /StateNotice/Consent"},
		{"left in days", strings.Replace(whole, "PT3H20M", "P1D", 1), "pattern at /StateNotice/Term/@left"},
		{"year 0", strings.Replace(whole, "2026-11-22T15:20", "0000-11-22T15:20", 1), "at /StateNotice/Term/@signBy"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			_, err := ReadStateNotice(rootOf(t, []byte(c.document)))
			if !errors.Is(err, ErrNotStateNotice) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// What a form of another system makes us echo leaves the notice by its schema.
func TestStateNoticeEchoesHostileNumbers(t *testing.T) {
	for _, text := range hostile {
		n := notice()
		n.Number = text
		root := rootOf(t, write(t, n.Element(), false))
		checkMessage(t, root)
		if _, err := ReadStateNotice(root); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// A notice is nothing that comes in: it is not read as a document even when it is well signed.
func TestStateNoticeIsNoDocument(t *testing.T) {
	d, findings := parse(rootOf(t, write(t, notice().Element(), false)), moscow)
	if d.Valid() || !Refused(findings) || findings[0].Reason != ReasonUnknownKind {
		t.Errorf("got %+v, %+v", d, findings)
	}
}

func TestSpanText(t *testing.T) {
	anywhere := place{Element: rootOf(t, []byte("<Delay/>"))}
	cases := []struct {
		in   time.Duration
		want string
		back time.Duration
	}{
		{0, "PT0S", 0},
		{3*time.Hour + 20*time.Minute, "PT3H20M", 3*time.Hour + 20*time.Minute},
		{26 * time.Hour, "PT26H", 26 * time.Hour}, // a day is no unit: it need not have 24 hours
		{45 * time.Minute, "PT45M", 45 * time.Minute},
		{time.Hour + time.Second, "PT1H1S", time.Hour + time.Second},
		{90*time.Second + 999*time.Millisecond, "PT1M30S", 90 * time.Second}, // never more than is left
		{999 * time.Millisecond, "PT0S", 0},
	}
	for _, c := range cases {
		if got := spanText(c.in); got != c.want {
			t.Errorf("spanText(%v) is %s, want %s", c.in, got, c.want)
		}
		r := reader{zone: time.UTC}
		if got := r.span(anywhere, c.want); got != c.back || len(r.findings) > 0 {
			t.Errorf("%s is read as %v: %+v", c.want, got, r.findings)
		}
	}
	for _, text := range []string{"P1D", "3h", "PT", "PTx", "PT-1H", "PT9999999999H"} {
		r := reader{zone: time.UTC}
		if got := r.span(anywhere, text); got != 0 || !Refused(r.findings) {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}

// A negative answer to a client's signature says how much of the term is left; other answers are as
// they were.
func TestESIDTerm(t *testing.T) {
	e := sample()
	e.SignBy, e.Left = at("2026-11-22T15:20:00+03:00"), 200*time.Minute
	root := rootOf(t, write(t, e.Element(), false))
	checkMessage(t, root)
	got := must(ReadESID(root))
	if !got.SignBy.Equal(e.SignBy) || got.Left != e.Left {
		t.Errorf("got %v, %v", got.SignBy, got.Left)
	}
	if text := string(write(t, sample().Element(), false)); strings.Contains(text, "Term") {
		t.Errorf("a term that is none: %s", text)
	}
}
