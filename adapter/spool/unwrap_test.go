package spool

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
)

// unwrapping knows envelopes that begin with «wrapped:», and cannot read those that go on with «bad».
func unwrapping(body []byte) (document, detached []byte, e gateway.Envelope, ok bool, err error) {
	inside, ok := bytes.CutPrefix(body, []byte("wrapped:"))
	switch {
	case !ok:
		return nil, nil, e, false, nil
	case bytes.HasPrefix(inside, []byte("bad")):
		return nil, nil, e, true, fmt.Errorf("%w: no document in it", gateway.ErrNotDocument)
	}
	return inside, []byte{0x30, 0x00}, gateway.Envelope{DocID: "7"}, true, nil
}

// A document in the envelope of another system is submitted without it; an envelope that cannot be read,
// or has a second signature beside it, is dead once its files have settled.
func TestUnwrap(t *testing.T) {
	o := openedSpool(t, func(c *Config) { c.Unwrap = unwrapping })
	o.put(map[string]string{
		"in/a.xml": "wrapped:<data/>", "in/a.meta": "sha256: " + sum([]byte("wrapped:<data/>")) + "\n",
		"in/b.xml": "wrapped:bad", "in/b.meta": "",
		"in/c.xml": "wrapped:<data/>", "in/c.meta": "", "in/c.p7s": "\x30\x00",
		"in/d.xml": "wrapped:<data/>", "in/d.meta": "signature-cms: d.p7s\n",
		"in/e.xml": "<e/>", "in/e.meta": "",
	})
	began := o.now
	for range 2 {
		if err := o.lookOnce(); err != "" {
			t.Fatal(err)
		}
		o.now = o.now.Add(time.Hour)
	}
	want := []gateway.Submission{
		{Participant: "RZD", Office: true, Raw: []byte("<data/>"), Detached: []byte{0x30, 0x00}, Received: began, Via: "spool",
			Envelope: &gateway.Envelope{DocID: "7"}},
		{Participant: "RZD", Office: true, Raw: []byte("<e/>"), Received: began, Via: "spool"},
	}
	if diff := cmp.Diff(want, o.gate.submitted); diff != "" {
		t.Errorf("submitted (-want +got):\n%s", diff)
	}
	files := o.files()
	for name, why := range map[string]string{
		"b": "b.xml: not a document: no document in it",
		"c": "c.p7s stands beside the signature in the envelope",
		"d": "d.p7s stands beside the signature in the envelope",
	} {
		if reason := files["in/dead/"+name+".reason"]; !strings.Contains(reason, "reason: "+why+"\n") {
			t.Errorf("%s: %q; want %s", name, reason, why)
		}
	}
	if files["in/done/a.xml"] != "wrapped:<data/>" {
		t.Error("the message as it came is not in in/done")
	}
}
