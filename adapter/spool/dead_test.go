package spool

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/schema"
)

// A document on which the gateway errors each time keeps none of the others, and is dead in the end;
// one that is taken after some errors begins to be counted anew.
func TestFailingKeepsNoOther(t *testing.T) {
	o := openedSpool(t, nil)
	failing := true
	o.gate.answer = func(s gateway.Submission) (receipt, error) {
		if failing && string(s.Raw) == "<a/>" {
			return nil, gateway.ErrBusy
		}
		return fakeReceipt{result: schema.Positive}, nil
	}
	look := func() {
		t.Helper()
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
	}
	o.put(map[string]string{"in/1.xml": "<a/>", "in/1.meta": "", "in/2.xml": "<b/>", "in/2.meta": ""})
	look()
	if got := o.State().Taken; got != 1 {
		t.Fatalf("%d taken; want the other one", got)
	}
	for range mostFailures - 2 {
		look()
	}
	failing = false
	look()
	if s := o.State(); s.Taken != 2 || s.Dead != 0 {
		t.Fatalf("state %+v; want both taken", s)
	}
	failing = true
	o.put(map[string]string{"in/1.xml": "<a/>", "in/1.meta": ""})
	for range mostFailures - 1 {
		look()
	}
	if got := o.State().Dead; got != 0 {
		t.Error("the failures of an earlier message of the name were counted")
	}
	look()
	if got := o.State().Dead; got != 1 {
		t.Error("not dead after as many failures as are borne")
	}
}

// When we stop while a document is handled, its error is not held against it.
func TestStopIsNoFailure(t *testing.T) {
	o := openedSpool(t, nil)
	o.put(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
	for range 3 * mostFailures {
		ctx, cancel := context.WithCancel(t.Context())
		o.accept = func(ctx context.Context, _ gateway.Submission) (receipt, error) {
			cancel()
			return nil, ctx.Err()
		}
		if err := o.look(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("look = %v; want canceled", err)
		}
	}
	o.want(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
}

// A document whose NAME.meta does not come is left alone, and whoever asks is told; so is a signature that
// nothing else of its NAME comes to, as happens when it is written after NAME.meta.
func TestNoMeta(t *testing.T) {
	o := openedSpool(t, nil)
	o.put(map[string]string{"in/7.xml": "<a/>", "in/8.p7s": "\x30"})
	look := func(want State) {
		t.Helper()
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, o.State()); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}
	look(State{})
	if err := o.Check(); err != nil {
		t.Errorf("Check = %v while it may still be written", err)
	}
	o.now = o.now.Add(o.config.Settle + time.Minute)
	look(State{Waiting: 1, NoMeta: 1, Strange: 1})
	if err := o.Check(); err == nil || !strings.Contains(err.Error(), "1 document in in/ waits for its NAME.meta") {
		t.Errorf("Check = %v; want the document without NAME.meta", err)
	}
	o.put(map[string]string{"in/7.meta": ""})
	look(State{Taken: 1, Strange: 1})
	if err := o.Check(); err != nil {
		t.Errorf("Check = %v", err)
	}
}

// Dead messages of one NAME are all kept, the latest under the NAME itself.
func TestDeadNameUsedAgain(t *testing.T) {
	o := openedSpool(t, nil)
	o.gate.answer = func(s gateway.Submission) (receipt, error) {
		return fakeReceipt{result: schema.Negative, findings: []schema.Finding{
			{Code: "A03", Reason: "refused " + string(s.Raw), Severity: schema.Error},
		}}, nil
	}
	for _, document := range []string{"<a/>", "<b/>", "<c/>"} {
		o.put(map[string]string{"in/list.xml": document, "in/list.p7s": "\x30" + document, "in/list.meta": "note: " + document + "\n"})
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
	}
	got := o.files()
	for name, document := range map[string]string{"list~2": "<a/>", "list~3": "<b/>", "list": "<c/>"} {
		for extension, want := range map[string]string{
			extDocument: document, extSignature: "\x30" + document, extMeta: "note: " + document + "\n",
		} {
			if content := got["in/dead/"+name+extension]; content != want {
				t.Errorf("%s holds %q; want %q", name+extension, content, want)
			}
		}
		if reason := got["in/dead/"+name+extReason]; !strings.Contains(reason, "refused "+document) {
			t.Errorf("%s holds %q; want the reason of %s", name+extReason, reason, document)
		}
	}
	if len(got) != 12 {
		t.Errorf("%d files; want 12: %v", len(got), got)
	}
}

// A process that died while it buried leaves a reason, or a part of the files: they are not taken for
// an earlier message. One that died while it put an earlier message aside has lost nothing of it.
func TestDeadInterrupted(t *testing.T) {
	aside := map[string]string{"in/dead/7.xml": "<b/>", "in/dead/7.meta": "",
		"in/dead/7~2.xml": "<a/>", "in/dead/7~2.meta": "x", "in/dead/7~2.reason": "old"}
	for _, test := range []struct {
		name        string
		files, want map[string]string
	}{
		{"reason only", map[string]string{"in/7.xml": "<a/>", "in/7.meta": "", "in/dead/7.reason": "old"},
			map[string]string{"in/dead/7.xml": "<a/>", "in/dead/7.meta": ""}},
		{"put aside: the reason", map[string]string{"in/7.xml": "<b/>", "in/7.meta": "",
			"in/dead/7~2.reason": "old", "in/dead/7.xml": "<a/>", "in/dead/7.meta": "x"}, aside},
		{"put aside: all but NAME.meta", map[string]string{"in/7.xml": "<b/>", "in/7.meta": "",
			"in/dead/7~2.reason": "old", "in/dead/7~2.xml": "<a/>", "in/dead/7.meta": "x"}, aside},
		{"put aside", map[string]string{"in/7.xml": "<b/>", "in/7.meta": "",
			"in/dead/7~2.reason": "old", "in/dead/7~2.xml": "<a/>", "in/dead/7~2.meta": "x"}, aside},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := openedSpool(t, nil)
			o.gate.answer = func(gateway.Submission) (receipt, error) { return nil, gateway.ErrNotDocument }
			o.put(test.files)
			if err := o.lookOnce(); err != "" {
				t.Fatal(err)
			}
			reason, err := os.ReadFile(o.dir + "/in/dead/7.reason")
			if err != nil || !strings.Contains(string(reason), "not a document") {
				t.Errorf("reason %q, %v", reason, err)
			}
			test.want["in/dead/7.reason"] = string(reason)
			o.want(test.want)
		})
	}
}
