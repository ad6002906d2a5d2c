package workflow

import "time"

// What is known of a wagon from memos, acts and message 1397. A memo on both operations says supply and
// removal.
const (
	WagonSupply     = "supply"
	WagonRemoval    = "removal"
	WagonDelayStart = "delay-start"
	WagonDelayEnd   = "delay-end"
	WagonAct        = "act"          // another act
	Wagon1397Supply = "1397-supply"  // message 1397: подача
	Wagon1397Remove = "1397-removal" // message 1397: уборка
)

// WagonEvent is one thing that an accepted document says of a wagon. Stored as JSON.
type WagonEvent struct {
	Kind     string
	At       time.Time // graph 6 of a supply, graph 8 of a removal; when an act was opened
	Until    time.Time // when an act was closed
	Cause    string    // of an act
	Number   string    // of the document
	Station  string    // ЕСР
	Place    string
	Document string // canonical DocumentID
	Version  int
	Delay    time.Duration // of a memo: graph 9
	Acts     []string      // of a memo: graph 10, the acts that Delay is of
	Spoiled  bool          // «Испорчен»: it proves nothing any more
}
