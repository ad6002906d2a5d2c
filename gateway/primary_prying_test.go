package gateway_test

import (
	"testing"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
)

// A client that sends the railway's own kinds is refused, and learns nothing by it of what the railway has
// sent to others: neither which document has a number, nor where a wagon is.
func TestMemo_sentByClientTellsNothing(t *testing.T) {
	s := newSiding(t)
	s.memo(scene.Memo{Number: "10983"})
	s.want(s.rail(s.Office.MustSign(s.Act(scene.Act{Number: "417"}))), schema.Positive)
	elsewhen := []schema.Movement{
		{Wagon: "63498000", Operation: schema.OperationSupply, At: s.Supplied().Add(-time.Minute)},
	}
	for name, raw := range map[string][]byte{
		"memo":      s.Memo(scene.Memo{Number: "10983", Sender: "SHIP-01"}),
		"act":       s.Act(scene.Act{Number: "417", Sender: "SHIP-01"}),
		"movements": s.Movements(scene.Movements{Rows: elsewhen, Sender: "SHIP-01"}),
	} {
		r := s.client(s.Signatory.MustSign(raw))
		if r.Result() != schema.Negative {
			t.Errorf("%s: %s", name, r.Result())
		}
		for _, f := range r.Findings() {
			switch f.Reason {
			case "number-repeated", "supply-open", "movement-differs":
				t.Errorf("%s: the client is told %s: %s, %s", name, f.Reason, f.Expected, f.Actual)
			}
		}
	}
}
