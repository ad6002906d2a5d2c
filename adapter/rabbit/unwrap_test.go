package rabbit

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/schema"
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
// or has a second signature beside it, is dead with the reason.
func TestUnwrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeGateway{answers: []func() (receipt, error){answer(fakeReceipt{result: schema.Positive}, nil)}}
		wrapped, bad, twice := inboundMessage(1, nil), inboundMessage(2, nil), inboundMessage(3, map[string]any{"signature-cms": "MII="})
		wrapped.body, bad.body, twice.body = "wrapped:<data/>", "wrapped:bad", "wrapped:<data/>"
		f := delivering(wrapped, bad, twice, inboundMessage(4, nil))
		running(t, f, func(c *Config) { c.Unwrap = unwrapping }, g.accept)
		began := time.Now()
		time.Sleep(time.Minute)
		want := []gateway.Submission{
			{Participant: "RZD", Office: true, Raw: []byte("<data/>"), Detached: []byte{0x30, 0x00}, Received: began,
				Via: "rabbit", Envelope: &gateway.Envelope{DocID: "7"}},
			{Participant: "RZD", Office: true, Raw: []byte(`<StaffList n="4"/>`), Received: began, Via: "rabbit"},
		}
		if diff := cmp.Diff(want, g.submissions()); diff != "" {
			t.Errorf("submissions (-want +got):\n%s", diff)
		}
		var dead []string
		for _, p := range f.published() {
			dead = append(dead, fmt.Sprint(p.body, " | ", p.headers["code"], " | ", p.headers["reason"]))
		}
		wantDead := []string{
			"wrapped:bad | A01 | not a document: no document in it",
			"wrapped:<data/> | A01 | header signature-cms stands beside the signature in the envelope",
		}
		if diff := cmp.Diff(wantDead, dead); diff != "" {
			t.Errorf("dead (-want +got):\n%s", diff)
		}
	})
}
