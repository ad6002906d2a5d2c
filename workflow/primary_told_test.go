package workflow

import (
	"testing"
	"time"

	"asugate/schema"
)

// Since when a memo is in its state is told by the clock of the railway, as the end of its term is, although
// the store has it in UTC.
func TestForbidden_toldInZone(t *testing.T) {
	moscow := time.FixedZone("", 3*60*60)
	now := time.Date(2026, 11, 22, 13, 0, 0, 0, moscow)
	p := Primary{Form: schema.KindMemo, State: ClientSigned, Since: now.Add(-time.Hour).UTC()}
	next, ok := p.Next(schema.KindMemo, ClientSigns)
	if !ok {
		t.Fatal("no such transition")
	}
	f := forbidden(next, "/Approval/Document", schema.Document{}, p, now)
	if want := "2026-11-22T12:00:00+03:00"; f.Actual != want {
		t.Errorf("since %s, want %s", f.Actual, want)
	}
}
