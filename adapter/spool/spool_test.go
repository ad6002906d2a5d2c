package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/queue"
	"asugate/schema"
)

// fakeReceipt is what a gateway might answer.
type fakeReceipt struct {
	invalid  bool
	result   schema.Result
	findings []schema.Finding
}

func (r fakeReceipt) Valid() bool                { return !r.invalid }
func (r fakeReceipt) MessageID() string          { return "esid-1" }
func (r fakeReceipt) Result() schema.Result      { return r.result }
func (r fakeReceipt) Findings() []schema.Finding { return r.findings }

// fakeGateway remembers what was submitted, and answers with answer.
type fakeGateway struct {
	answer    func(gateway.Submission) (receipt, error)
	submitted []gateway.Submission
}

func (g *fakeGateway) accept(_ context.Context, s gateway.Submission) (receipt, error) {
	g.submitted = append(g.submitted, s)
	if g.answer == nil {
		return fakeReceipt{result: schema.Positive}, nil
	}
	return g.answer(s)
}

// opened is a spool in a folder of the test's own, with a clock that the test sets.
type opened struct {
	*Spool
	t    *testing.T
	dir  string
	now  time.Time
	gate *fakeGateway
}

func openedSpool(t *testing.T, change func(*Config)) *opened {
	t.Helper()
	o := &opened{t: t, dir: t.TempDir(), now: time.Now(), gate: &fakeGateway{}}
	c := Config{Dir: o.dir, Railway: "RZD", Now: func() time.Time { return o.now }}
	if change != nil {
		change(&c)
	}
	var err error
	if o.Spool, err = open(c, o.gate.accept); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

// files are all files of the spool with what they hold, and fail the test when others may read them.
func (o *opened) files() map[string]string {
	o.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(o.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if e.Type()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 && path != o.dir {
			o.t.Errorf("%s has mode %v", path, info.Mode())
		}
		if !e.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(o.dir, path)
		found[name] = string(content)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

// put writes files as a careful back office does.
func (o *opened) put(files map[string]string) {
	o.t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o600); err != nil {
			o.t.Fatal(err)
		}
	}
}

// lookOnce looks at in/ and returns the error as text.
func (o *opened) lookOnce() string {
	o.t.Helper()
	if err := o.look(o.t.Context()); err != nil {
		return err.Error()
	}
	return ""
}

func (o *opened) want(files map[string]string) {
	o.t.Helper()
	if diff := cmp.Diff(files, o.files()); diff != "" {
		o.t.Errorf("files (-want +got):\n%s", diff)
	}
}

func message() queue.Message {
	return queue.Message{
		ID: "01935f00-0000-7000-8000-000000000001", Lane: "office", Kind: "Placement",
		DocumentID: "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", Version: 3, Participant: "SHIP-01", Organisation: "7708503727",
		Signer: "Иванов Иван\nresult: positive", SHA256: sum([]byte("<Placement/>")), Created: time.Unix(1764000000, 0),
	}
}

const metaOfMessage = `message-id: 01935f00-0000-7000-8000-000000000001
type: Placement
timestamp: 2025-11-24T16:00:00Z
document-id: A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11
document-version: 3
participant: SHIP-01
organisation: 7708503727
sha256: SUM
signer: Иванов Иван result: positive
`

// A message is three files, or two; a second delivery changes nothing.
func TestDeliver(t *testing.T) {
	o := openedSpool(t, nil)
	m := message()
	meta := strings.Replace(metaOfMessage, "SUM", m.SHA256, 1)
	want := map[string]string{
		"out/office/" + m.ID + ".xml":  "<Placement/>",
		"out/office/" + m.ID + ".meta": meta,
	}
	for range 2 {
		if err := o.Deliver(t.Context(), m, []byte("<Placement/>"), nil); err != nil {
			t.Fatal(err)
		}
		o.want(want)
	}
	m.Lane = "kpedo"
	if err := o.Deliver(t.Context(), m, []byte("<Placement/>"), []byte{0x30, 0x00}); err != nil {
		t.Fatal(err)
	}
	want["out/kpedo/"+m.ID+".xml"] = "<Placement/>"
	want["out/kpedo/"+m.ID+".p7s"] = "\x30\x00"
	want["out/kpedo/"+m.ID+".meta"] = meta + "signature-cms: " + m.ID + ".p7s\n"
	o.want(want)
	m.ID, m.Onward = "01935f00-0000-7000-8000-000000000002", "easaprm"
	m.SignBy = time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("MSK", 3*3600))
	if err := o.Deliver(t.Context(), m, []byte("<Placement/>"), nil); err != nil {
		t.Fatal(err)
	}
	want["out/kpedo/"+m.ID+".xml"] = "<Placement/>"
	want["out/kpedo/"+m.ID+".meta"] = strings.Replace(meta, "000000000001", "000000000002", 1) +
		"onward: easaprm\nsign-by: 2026-11-22T09:00:00Z\n"
	o.want(want)
	if s := o.State(); s.Delivered != 4 {
		t.Errorf("state %+v; want 3 delivered", s)
	}
}

// Many at once get their place in one folder.
func TestDeliverConcurrently(t *testing.T) {
	o := openedSpool(t, nil)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			m := message()
			m.ID = fmt.Sprintf("message-%d", i)
			if err := o.Deliver(t.Context(), m, []byte(m.ID), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for name, content := range o.files() {
		if base := filepath.Base(name); strings.HasSuffix(base, ".xml") && content+".xml" != base {
			t.Errorf("%s holds %s", name, content)
		}
		if strings.HasPrefix(name, "tmp/") {
			t.Errorf("%s is left", name)
		}
	}
}

// Names that would leave the folder are refused for good, and so is nothing else.
func TestDeliverRefused(t *testing.T) {
	o := openedSpool(t, nil)
	for _, change := range []func(*queue.Message){
		func(m *queue.Message) { m.ID = "../../etc/passwd" },
		func(m *queue.Message) { m.ID = "" },
		func(m *queue.Message) { m.ID = ".hidden" },
		func(m *queue.Message) { m.Lane = "client/SHIP-01" },
		func(m *queue.Message) { m.Lane = ".." },
		func(m *queue.Message) { m.ID = strings.Repeat("a", 300) },
	} {
		m := message()
		change(&m)
		if err := o.Deliver(t.Context(), m, nil, nil); !errors.Is(err, queue.ErrPermanent) {
			t.Errorf("%q in %q: %v; want ErrPermanent", m.ID, m.Lane, err)
		}
	}
	o.want(map[string]string{})
}

// Where a step fails the message is not delivered, is tried again, and then whole; nothing is left in tmp/.
func TestDeliverFaults(t *testing.T) {
	full := errors.New("no space left")
	m := message()
	base := "out/office/" + m.ID
	for _, test := range []struct {
		name string
		fail func(o *opened)
		heal func(o *opened)
	}{
		{"no room",
			func(o *opened) { o.config.Room = func() error { return full } },
			func(o *opened) { o.config.Room = func() error { return nil } }},
		{"somebody has removed the folder of the destination",
			func(o *opened) {
				o.Deliver(o.t.Context(), m, nil, nil)
				os.RemoveAll(o.dir + "/out")
			},
			func(o *opened) { os.Mkdir(o.dir+"/out", 0o700) }},
		{"tmp is not there",
			func(o *opened) { os.Rename(o.dir+"/tmp", o.dir+"/away") },
			func(o *opened) { os.Rename(o.dir+"/away", o.dir+"/tmp") }},
		{"the destination is a file",
			func(o *opened) { os.WriteFile(o.dir+"/out/office", nil, 0o600) },
			func(o *opened) { os.Remove(o.dir + "/out/office") }},
		// Between document and meta: the document is in its place, the meta is not.
		{"something is in the place of the meta",
			func(o *opened) { os.MkdirAll(o.dir+"/"+base+".meta/x", 0o700) },
			func(o *opened) { os.RemoveAll(o.dir + "/" + base + ".meta") }},
		{"the destination is a link to elsewhere",
			func(o *opened) { os.Symlink(o.t.TempDir(), o.dir+"/out/office") },
			func(o *opened) { os.Remove(o.dir + "/out/office") }},
		{"an earlier try has left a file in tmp",
			func(o *opened) {
				os.Mkdir(o.dir+"/tmp/gatewayd-office-"+m.ID+".xml", 0o700)
				os.WriteFile(o.dir+"/tmp/gatewayd-office-"+m.ID+".xml/x", nil, 0o600)
			},
			func(o *opened) {
				os.RemoveAll(o.dir + "/tmp/gatewayd-office-" + m.ID + ".xml")
				os.WriteFile(o.dir+"/tmp/gatewayd-office-"+m.ID+".xml", []byte("torn"), 0o600)
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := openedSpool(t, nil)
			test.fail(o)
			before := o.files()
			err := o.Deliver(t.Context(), m, []byte("<a/>"), nil)
			if err == nil || errors.Is(err, queue.ErrPermanent) {
				t.Errorf("Deliver = %v; want an error that may heal", err)
			}
			if o.Check() == nil {
				t.Error("Check sees nothing")
			}
			for name := range o.files() {
				if _, old := before[name]; !old && strings.HasPrefix(name, "tmp/") {
					t.Errorf("%s is left behind", name)
				}
			}
			test.heal(o)
			if err := o.Deliver(t.Context(), m, []byte("<a/>"), nil); err != nil {
				t.Errorf("second try: %v", err)
			}
			if err := o.Check(); err != nil {
				t.Errorf("Check afterwards: %v", err)
			}
			files := o.files()
			if files[base+".xml"] != "<a/>" || files[base+".meta"] == "" || len(files) != 2 {
				t.Errorf("files %v; want the message", files)
			}
		})
	}
}

// What another process was writing is removed; what the back office writes there is not.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gatewayd-office-1.xml", "theirs.xml"} {
		if err := os.WriteFile(dir+"/tmp/"+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := openedSpool(t, func(c *Config) { c.Dir = dir })
	o.dir = dir
	o.want(map[string]string{"tmp/theirs.xml": ""})
}

// Open refuses what could not work.
func TestOpen(t *testing.T) {
	accept := func(context.Context, gateway.Submission) (gateway.Receipt, error) { return gateway.Receipt{}, nil }
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		config Config
		accept Accept
	}{
		{"nobody accepts", Config{Dir: t.TempDir(), Railway: "RZD"}, nil},
		{"no folder", Config{Railway: "RZD"}, accept},
		{"no railway", Config{Dir: t.TempDir()}, accept},
		{"the folder is a file", Config{Dir: file, Railway: "RZD"}, accept},
	} {
		if _, err := Open(test.config, test.accept); err == nil {
			t.Errorf("%s: Open took it", test.name)
		}
	}
	s, err := Open(Config{Dir: t.TempDir(), Railway: "RZD"}, accept)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := Open(Config{Dir: s.config.Dir, Railway: "RZD"}, accept); err != nil {
		t.Errorf("folders that are there already: %v", err)
	}
}

// What encode writes, decode reads, whatever the values are.
func FuzzMeta(f *testing.F) {
	f.Add("Иванов Иван", "a\nresult: positive\r\n")
	f.Add(" : ", "\x00\u2028\xff")
	f.Fuzz(func(t *testing.T, first, second string) {
		text := encode([]field{{"signer", first}, {"stage", second}})
		fields, err := decode(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for key := range fields {
			if key != "signer" && key != "stage" {
				t.Errorf("%q has the key %s", text, key)
			}
		}
		again := encode([]field{{"signer", fields["signer"]}, {"stage", fields["stage"]}})
		if string(again) != string(text) {
			t.Errorf("%q became %q", text, again)
		}
		decode([]byte(first))
	})
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		text string
		want map[string]string // nil: refused
	}{
		{"", map[string]string{}},
		{"sha256: AB\n", map[string]string{"sha256": "AB"}},
		{"\ufeffsha256:AB\r\n\r\ntype: StaffList \r\n", map[string]string{"sha256": "AB", "type": "StaffList"}},
		{"url: http://x\n", map[string]string{"url": "http://x"}},
		{"sha256: AB", nil},               // cut off
		{"sha256: AB\nsha256: CD\n", nil}, // which?
		{"no colon\n", nil},
		{"Key: value\n", nil},
		{"key: \xff\n", nil},
	} {
		got, err := decode([]byte(test.text))
		if (err == nil) != (test.want != nil) || err == nil && !cmp.Equal(got, test.want) {
			t.Errorf("decode(%q) = %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

// BenchmarkDeliver is documents of 10 KiB, each of two files synced to disk, 64 under way.
func BenchmarkDeliver(b *testing.B) {
	s, err := open(Config{Dir: b.TempDir(), Railway: "RZD"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	body := make([]byte, 10<<10)
	b.SetBytes(int64(len(body)))
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				m := message()
				m.ID = fmt.Sprintf("message-%d", i)
				if err := s.Deliver(context.Background(), m, body, nil); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}
