package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/schema"
)

// For each thing that the gateway may answer: where the files go.
func TestTake(t *testing.T) {
	document := map[string]string{"in/7.xml": "<StaffList/>", "in/7.meta": ""}
	in := func(dir string) map[string]string {
		return map[string]string{dir + "/7.xml": "<StaffList/>", dir + "/7.meta": ""}
	}
	with := func(files map[string]string, name, content string) map[string]string {
		files[name] = content
		return files
	}
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	const reasonTime = "time: 2026-11-22T10:00:00Z\n"
	for _, test := range []struct {
		name   string
		answer func(gateway.Submission) (receipt, error)
		looks  int // until it is at its end
		err    string
		want   map[string]string
	}{
		{name: "accepted", want: in("in/done")},
		{name: "decided later", want: in("in/done"),
			answer: func(gateway.Submission) (receipt, error) { return fakeReceipt{result: schema.Deferred}, nil }},
		{name: "technical receipt", want: in("in/done"),
			answer: func(gateway.Submission) (receipt, error) { return fakeReceipt{}, nil }},
		{name: "refused", want: with(in("in/dead"), "in/dead/7.reason", "code: A03\nreason: content-changed\nesid: esid-1\n"+reasonTime),
			answer: func(gateway.Submission) (receipt, error) {
				return fakeReceipt{result: schema.Negative, findings: []schema.Finding{
					{Code: "D03", Reason: "zone", Severity: schema.Info},
					{Code: "A03", Reason: "content-changed", Severity: schema.Error},
				}}, nil
			}},
		{name: "no XML", want: with(in("in/dead"), "in/dead/7.reason", "code: A01\nreason: offset 3: not a document\n"+reasonTime),
			answer: func(gateway.Submission) (receipt, error) {
				return nil, fmt.Errorf("offset 3: %w", gateway.ErrNotDocument)
			}},
		{name: "not ready", looks: 3 * mostFailures, err: gateway.ErrNotReady.Error(), want: in("in"),
			answer: func(gateway.Submission) (receipt, error) { return nil, gateway.ErrNotReady }},
		{name: "stopping", looks: 3 * mostFailures, err: gateway.ErrStopping.Error(), want: in("in"),
			answer: func(gateway.Submission) (receipt, error) { return nil, gateway.ErrStopping }},
		// The register does not know the railway: that is no fault of the document.
		{name: "unknown railway", looks: 3 * mostFailures, err: "unknown participant", want: in("in"),
			answer: func(gateway.Submission) (receipt, error) { return nil, gateway.ErrUnknownParticipant }},
		{name: "busy", looks: mostFailures - 1, want: in("in"),
			answer: func(gateway.Submission) (receipt, error) { return nil, gateway.ErrBusy }},
		{name: "busy each time", looks: mostFailures,
			want:   with(in("in/dead"), "in/dead/7.reason", "reason: 5 times: busy\n"+reasonTime),
			answer: func(gateway.Submission) (receipt, error) { return nil, gateway.ErrBusy }},
		// The zero Receipt proves nothing.
		{name: "no receipt", want: in("in"),
			answer: func(gateway.Submission) (receipt, error) {
				return fakeReceipt{invalid: true, result: schema.Positive}, nil
			}},
		{name: "panic", want: in("in"),
			answer: func(gateway.Submission) (receipt, error) { panic("index out of range") }},
		{name: "poison", looks: mostFailures,
			want: with(in("in/dead"), "in/dead/7.reason",
				"reason: 5 times: handling panicked: index out of range\n"+reasonTime),
			answer: func(gateway.Submission) (receipt, error) { panic("index out of range") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := openedSpool(t, nil)
			o.now = at
			o.gate.answer = test.answer
			o.put(document)
			for range max(test.looks, 1) {
				if err := o.lookOnce(); (err == "") != (test.err == "") || !strings.Contains(err, test.err) {
					t.Errorf("look = %q; want %q", err, test.err)
				}
			}
			o.want(test.want)
		})
	}
}

// What is submitted is the document, in the order of the names.
func TestSubmission(t *testing.T) {
	o := openedSpool(t, nil)
	o.put(map[string]string{
		"in/b.xml": "<b/>", "in/b.meta": "sha256: " + strings.ToUpper(sum([]byte("<b/>"))) + "\r\n",
		"in/a.xml": "<a/>", "in/a.meta": "type: StaffList\nsignature-cms: a.p7s\n", "in/a.p7s": "MII=\n",
		"in/c.xml": "<c/>", "in/c.meta": "", "in/c.p7s": "\x30\x00",
	})
	if err := o.lookOnce(); err != "" {
		t.Fatal(err)
	}
	want := []gateway.Submission{
		{Participant: "RZD", Office: true, Raw: []byte("<a/>"), Detached: []byte{0x30, 0x82}, Received: o.now, Via: "spool"},
		{Participant: "RZD", Office: true, Raw: []byte("<b/>"), Received: o.now, Via: "spool"},
		{Participant: "RZD", Office: true, Raw: []byte("<c/>"), Detached: []byte{0x30, 0x00}, Received: o.now, Via: "spool"},
	}
	if diff := cmp.Diff(want, o.gate.submitted); diff != "" {
		t.Errorf("submitted (-want +got):\n%s", diff)
	}
}

// Files that are not, or not yet, a message: what is left alone, and what is dead when it stays as it is.
func TestUnfit(t *testing.T) {
	large := strings.Repeat("x", 101)
	for _, test := range []struct {
		name   string
		files  map[string]string
		make   func(o *opened)
		reason string // in the end; empty: left alone
		state  State  // while it is left alone
	}{
		{name: "no meta yet", files: map[string]string{"in/7.xml": "<a/>", "in/7.p7s": "x"}},
		{name: "no document yet", files: map[string]string{"in/7.meta": ""}, state: State{Waiting: 1}},
		{name: "no signature yet", files: map[string]string{"in/7.xml": "<a/>", "in/7.meta": "signature-cms: yes\n"},
			state: State{Waiting: 1}},
		{name: "document cut off", files: map[string]string{"in/7.xml": "<a", "in/7.meta": "sha256: " + sum([]byte("<a/>")) + "\n"},
			state: State{Waiting: 1}, reason: "7.xml has another sha256 than 7.meta says"},
		{name: "meta cut off", files: map[string]string{"in/7.xml": "<a/>", "in/7.meta": "sha256: 00"},
			state: State{Waiting: 1}, reason: "7.meta: the last line has no end"},
		{name: "signature is none", files: map[string]string{"in/7.xml": "<a/>", "in/7.meta": "", "in/7.p7s": "&"},
			state: State{Waiting: 1}, reason: "7.p7s is neither DER nor base64 nor PEM"},
		{name: "signature too large", files: map[string]string{
			"in/7.xml": "<a/>", "in/7.meta": "", "in/7.p7s": "\x30" + strings.Repeat("x", gateway.MaxDetached)},
			state: State{Waiting: 1}, reason: "7.p7s has more than 65536 bytes"},
		{name: "signature much too large", files: map[string]string{
			"in/7.xml": "<a/>", "in/7.meta": "", "in/7.p7s": strings.Repeat("A", 2*gateway.MaxDetached+1)},
			state: State{Waiting: 1}, reason: "7.p7s has 131073 bytes; the most is 131072"},
		{name: "too large", files: map[string]string{"in/7.xml": large, "in/7.meta": ""},
			state: State{Waiting: 1}, reason: "7.xml has 101 bytes; the most is 100"},
		{name: "meta too large", files: map[string]string{"in/7.xml": "<a/>", "in/7.meta": strings.Repeat("\n", mostMeta+1)},
			state: State{Waiting: 1}, reason: "7.meta has 65537 bytes; the most is 65536"},
		{name: "document is a link", files: map[string]string{"in/7.meta": ""},
			make:  func(o *opened) { os.Symlink("/etc/passwd", o.dir+"/in/7.xml") },
			state: State{Waiting: 1, Strange: 1}, reason: "7.xml is no file"},
		{name: "document is a pipe", files: map[string]string{"in/7.meta": ""},
			make:  func(o *opened) { syscall.Mkfifo(o.dir+"/in/7.xml", 0o600) },
			state: State{Waiting: 1, Strange: 1}, reason: "7.xml is no file"},
		{name: "meta is a link", files: map[string]string{"in/7.xml": "<a/>"},
			make: func(o *opened) { os.Symlink("/etc/passwd", o.dir+"/in/7.meta") }, state: State{Strange: 1}},
		{name: "a folder", make: func(o *opened) { os.Mkdir(o.dir+"/in/7.meta", 0o700) }, state: State{Strange: 1}},
		{name: "odd names", files: map[string]string{
			"in/.meta": "", "in/ 7.meta": "", "in/7\n.meta": "", "in/№7.meta": "", "in/7.txt": "", "in/.7.xml.swp": "",
		}, state: State{Strange: 6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := openedSpool(t, func(c *Config) { c.MaxDocument = 100 })
			o.put(test.files)
			if test.make != nil {
				test.make(o)
			}
			// The next message is taken all the same.
			o.put(map[string]string{"in/8.xml": "<b/>", "in/8.meta": ""})
			before := o.files()
			look := func() {
				if err := o.lookOnce(); err != "" {
					t.Errorf("look = %s", err)
				}
			}
			look()
			test.state.Taken = 1
			if diff := cmp.Diff(test.state, o.State()); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			o.now = o.now.Add(o.config.Settle - time.Second)
			look()
			for name, content := range before {
				if !strings.HasPrefix(name, "in/8") && o.files()[name] != content {
					t.Errorf("%s is no longer there", name)
				}
			}
			o.now = o.now.Add(time.Hour)
			look()
			reason := o.files()["in/dead/7.reason"]
			if (reason == "") != (test.reason == "") || !strings.Contains(reason, "reason: "+test.reason+"\n") && reason != "" {
				t.Errorf("reason %q; want %q", reason, test.reason)
			}
			if len(o.gate.submitted) != 1 {
				t.Errorf("submitted %d; want only the next message", len(o.gate.submitted))
			}
		})
	}
}

// A message written slowly and without care is not dead as long as it grows.
func TestUnfitGrows(t *testing.T) {
	o := openedSpool(t, nil)
	whole := "<StaffList>slow</StaffList>"
	o.put(map[string]string{"in/7.meta": "sha256: " + sum([]byte(whole)) + "\n"})
	for i := range whole {
		o.put(map[string]string{"in/7.xml": whole[:i]})
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
		o.now = o.now.Add(o.config.Settle - time.Second)
	}
	o.put(map[string]string{"in/7.xml": whole})
	if err := o.lookOnce(); err != "" {
		t.Fatal(err)
	}
	if len(o.gate.submitted) != 1 || string(o.gate.submitted[0].Raw) != whole {
		t.Errorf("submitted %v; want the whole document", o.gate.submitted)
	}
}

// A process that died between the write and the move, or in the middle of the move, leaves what the
// next one brings to its end.
func TestMoveInterrupted(t *testing.T) {
	want := map[string]string{"in/done/7.xml": "<a/>", "in/done/7.p7s": "\x30", "in/done/7.meta": ""}
	for moved := range 4 {
		o := openedSpool(t, nil)
		for i, name := range []string{"7.xml", "7.p7s", "7.meta"} {
			dir := "in/"
			if i < moved {
				dir = "in/done/"
			}
			o.put(map[string]string{dir + name: want["in/done/"+name]})
		}
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
		o.want(want)
		// Where the document is still there it is submitted again, with its signature; a gateway knows it.
		if got := len(o.gate.submitted); (got == 1) != (moved < 1) {
			t.Errorf("%d files moved: submitted %d times", moved, got)
		}
	}
}

// A NAME that was used before comes again, NAME.meta first: it waits for its document, and is not taken
// for the rest of the former message.
func TestNameUsedAgain(t *testing.T) {
	for _, dir := range []string{"in/done/", "in/dead/"} {
		o := openedSpool(t, nil)
		if dir == "in/dead/" {
			o.gate.answer = func(gateway.Submission) (receipt, error) { return nil, gateway.ErrNotDocument }
		}
		for _, document := range []string{"<a/>", "<b/>"} {
			o.put(map[string]string{"in/list.meta": ""})
			if err := o.lookOnce(); err != "" {
				t.Fatal(err)
			}
			o.put(map[string]string{"in/list.xml": document})
			if err := o.lookOnce(); err != "" {
				t.Fatal(err)
			}
			if got := o.files()[dir+"list.xml"]; got != document {
				t.Errorf("%s has %q, want %q", dir, got, document)
			}
		}
	}
}

// While a file cannot be moved, NAME.meta stays, by which the rest is found again, and the document is
// never submitted without its signature.
func TestMoveFails(t *testing.T) {
	o := openedSpool(t, nil)
	o.put(map[string]string{
		"in/7.xml": "<a/>", "in/7.p7s": "\x30", "in/7.meta": "", "in/8.xml": "<b/>", "in/8.p7s": "\x30", "in/8.meta": "",
	})
	if err := os.MkdirAll(o.dir+"/in/done/7.xml/x", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := o.lookOnce(); !strings.Contains(err, "moving to in/done") {
		t.Errorf("look = %q; want why it could not be moved", err)
	}
	// The next message does not wait for it.
	o.want(map[string]string{
		"in/7.xml": "<a/>", "in/7.p7s": "\x30", "in/7.meta": "",
		"in/done/8.xml": "<b/>", "in/done/8.p7s": "\x30", "in/done/8.meta": "",
	})
	if err := os.RemoveAll(o.dir + "/in/done/7.xml"); err != nil {
		t.Fatal(err)
	}
	if err := o.lookOnce(); err != "" {
		t.Error(err)
	}
	o.want(map[string]string{
		"in/done/7.xml": "<a/>", "in/done/7.p7s": "\x30", "in/done/7.meta": "",
		"in/done/8.xml": "<b/>", "in/done/8.p7s": "\x30", "in/done/8.meta": "",
	})
	for i, s := range o.gate.submitted {
		if s.Detached == nil {
			t.Errorf("submission %d is without the signature", i+1)
		}
	}
}

// While the gateway takes nothing, Run asks it more and more rarely, and goes on when it does.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openedSpool(t, func(c *Config) { c.Now = time.Now })
		began := time.Now()
		o.gate.answer = func(gateway.Submission) (receipt, error) {
			if time.Since(began) < 10*time.Minute {
				return nil, gateway.ErrNotReady
			}
			return fakeReceipt{result: schema.Positive}, nil
		}
		o.put(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		time.Sleep(9 * time.Minute)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), gateway.ErrNotReady.Error()) {
			t.Errorf("Check = %v; want why", err)
		}
		time.Sleep(2 * time.Minute)
		if err := o.Check(); err != nil || o.State().Taken != 1 {
			t.Errorf("Check = %v, state %+v; want 1 taken", err, o.State())
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v; want canceled", err)
		}
		if got := len(o.gate.submitted); got < 10 || got > 30 {
			t.Errorf("submitted %d times in 10 min", got)
		}
	})
}

// What has been taken does not stay for ever; what is dead does.
func TestClean(t *testing.T) {
	o := openedSpool(t, nil)
	o.put(map[string]string{"in/7.xml": "<a/>", "in/7.meta": "", "in/dead/6.xml": "<b/>"})
	if err := os.Chtimes(o.dir+"/in/7.xml", time.Time{}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := o.lookOnce(); err != "" {
		t.Fatal(err)
	}
	o.now = o.now.Add(o.config.Keep - time.Minute)
	o.clean()
	// The age is that in done/, not that of the file.
	o.want(map[string]string{"in/done/7.xml": "<a/>", "in/done/7.meta": "", "in/dead/6.xml": "<b/>"})
	o.now = o.now.Add(2 * time.Minute)
	o.clean()
	o.want(map[string]string{"in/dead/6.xml": "<b/>"})
}

// The gateway's context ends with Handling.
func TestHandling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := openedSpool(t, nil)
		o.accept = func(ctx context.Context, _ gateway.Submission) (receipt, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		o.put(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
		for range mostFailures {
			if err := o.lookOnce(); err != "" {
				t.Errorf("look = %q", err)
			}
		}
		if got := o.files()["in/dead/7.reason"]; !strings.Contains(got, context.DeadlineExceeded.Error()) {
			t.Errorf("reason %q; want a deadline", got)
		}
	})
}

// A folder with more than fits into one look is taken in order all the same.
func TestManyNames(t *testing.T) {
	o := openedSpool(t, nil)
	const count = mostNames + 500
	for i := range count {
		o.put(map[string]string{fmt.Sprintf("in/%05d.xml", i): fmt.Sprintf("<a n=\"%05d\"/>", i), fmt.Sprintf("in/%05d.meta", i): ""})
	}
	for _, want := range []int{mostNames, count} {
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
		if got := len(o.gate.submitted); got != want {
			t.Errorf("submitted %d; want %d", got, want)
		}
	}
	for i, s := range o.gate.submitted {
		if want := fmt.Sprintf("<a n=\"%05d\"/>", i); string(s.Raw) != want {
			t.Fatalf("submission %d is %s", i, s.Raw)
		}
	}
}

// The zero Receipt, as another package may make it, is no proof of a write.
func TestZeroReceipt(t *testing.T) {
	s, err := Open(Config{Dir: t.TempDir(), Railway: "RZD"},
		func(context.Context, gateway.Submission) (gateway.Receipt, error) { return gateway.Receipt{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	o := &opened{Spool: s, t: t, dir: s.config.Dir}
	o.put(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
	if err := o.lookOnce(); err != "" {
		t.Errorf("look = %q", err)
	}
	o.want(map[string]string{"in/7.xml": "<a/>", "in/7.meta": ""})
}
