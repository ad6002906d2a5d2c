package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"asugate/store"
)

// The tables, see store/FORMAT.md. Keys of lanes are lane, NUL, id; ids sort as they were made.
const (
	messages    store.Table = "queue.messages"    // id → Message
	unconfirmed store.Table = "queue.unconfirmed" // lane, id → document
	chains      store.Table = "queue.chains"      // lane, document, id → nothing
	ready       store.Table = "queue.ready"       // lane, id → document: heads of chains to be delivered
	parked      store.Table = "queue.parked"      // lane, id → parking: heads of chains to be looked at
	confirmed   store.Table = "queue.confirmed"   // lane, id → confirmation
	lanes       store.Table = "queue.lanes"       // lane → tally
	paused      store.Table = "queue.paused"      // lane, or every → time
)

// every is the key in paused for all lanes together. No lane has this name.
const every = "*"

// parking is why and since when a message is parked.
type parking struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// confirmation is when a message left its lane, and why when nobody confirmed it but an operator
// dropped it or the gateway withdrew it.
type confirmation struct {
	At        time.Time `json:"at"`
	Dropped   string    `json:"dropped,omitempty"`
	By        string    `json:"by,omitempty"`       // who took it out: byGateway; empty: an operator
	Delivered time.Time `json:"delivered,omitzero"` // it was under way then, and has arrived all the same
}

// byGateway says that no operator took a message out, but the gateway itself: Withdraw.
const byGateway = "gateway"

// tally counts what is in a lane, so that nobody has to walk it. A lane with nothing in it has
// none.
type tally struct {
	Unconfirmed int `json:"unconfirmed"`
	Parked      int `json:"parked,omitempty"`
}

func laneKey(lane, id string) []byte { return []byte(lane + "\x00" + id) }

// laneEnd is the key after all keys of the lane.
func laneEnd(lane string) []byte { return []byte(lane + "\x01") }

// afterKey is the least key after the message's own; with an empty id, the start of the lane.
func afterKey(lane, id string) []byte {
	if id == "" {
		return laneKey(lane, "")
	}
	return laneKey(lane, id+"\x00")
}

func chainKey(lane, document, id string) []byte {
	return []byte(lane + "\x00" + document + "\x00" + id)
}

func chainEnd(lane, document string) []byte { return []byte(lane + "\x00" + document + "\x01") }

// idOf is the id at the end of a key.
func idOf(key []byte) string {
	s := string(key)
	return s[strings.LastIndexByte(s, 0)+1:]
}

// laneOf is the lane at the start of a key.
func laneOf(key []byte) string {
	lane, _, _ := strings.Cut(string(key), "\x00")
	return lane
}

// document is the order key of a message. Ids of documents that failed verification are whatever
// the sender wrote, so an odd one is replaced by its digest. A message about no document is a chain
// of its own.
func document(m Message) string {
	switch {
	case m.Order != "":
		return ordered(m.Order)
	case m.DocumentID == "":
		return "message/" + m.ID
	default:
		return bounded(m.Participant + "/" + m.DocumentID)
	}
}

// ordered is the order key of the messages with that Order. Codes of participants are in capitals, so it
// is no document's.
func ordered(order string) string { return bounded("order/" + validOrder(order)) }

// validOrder is an Order as JSON keeps it.
func validOrder(order string) string { return strings.ToValidUTF8(order, "\uFFFD") }

func bounded(key string) string {
	const longest = 128
	if len(key) <= longest && printable(key) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256/" + hex.EncodeToString(sum[:])
}

func printable(s string) bool {
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.IsGraphic(r) {
			return false
		}
	}
	return true
}

// put stores a record as JSON, readable for whoever has to look into the file.
func put(tx store.Tx, t store.Table, key []byte, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding a record of %s: %w", t, err)
	}
	tx.Put(t, key, value)
	return nil
}

// get reads a record; found is false when there is none.
func get(r store.Reader, t store.Table, key []byte, record any) (found bool, err error) {
	value := r.Get(t, key)
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, record); err != nil {
		return false, fmt.Errorf("decoding record %.100q of %s: %w", key, t, err)
	}
	return true, nil
}

// count adds to the tally of a lane.
func count(tx store.Tx, lane string, by tally) error {
	if by == (tally{}) {
		return nil
	}
	var t tally
	if _, err := get(tx, lanes, []byte(lane), &t); err != nil {
		return err
	}
	t.Unconfirmed += by.Unconfirmed
	t.Parked += by.Parked
	if t == (tally{}) {
		tx.Delete(lanes, []byte(lane))
		return nil
	}
	return put(tx, lanes, []byte(lane), t)
}
