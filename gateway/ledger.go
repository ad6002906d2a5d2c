package gateway

import (
	"encoding/json"
	"fmt"

	"asugate/ledger"
	"asugate/store"
)

// line is a record of the journal, or a notice, as it goes into the store, with what the ledger says of
// it. It is made outside of the transaction, which others wait for.
type line struct {
	record []byte
	leaf   ledger.Leaf
}

// lineOf makes the line of a record about a signed message; received is the digest of the document that it
// answers, empty when there was none.
func lineOf(kind, id string, record any, sent, received string) line {
	encoded := encode(kind, record)
	return line{encoded, ledger.Leaf{Kind: kind, ID: id, Record: sum(encoded), Sent: sent, Received: received}}
}

// line is that of a verdict whose ЭСИД is sent.
func (e Entry) line(sent packed) line { return lineOf(ledger.Verdict, e.ID, e, sent.whole, e.Raw) }

// line is that of a notice.
func (n Notice) line(sent packed) line { return lineOf(ledger.Notice, n.ID, n, sent.whole, "") }

// recordTables are those of the records that have a leaf.
var recordTables = map[string]store.Table{ledger.Verdict: journal, ledger.Notice: notices}

// put writes the record and its leaf. There is no other way into the journal.
func (l line) put(tx store.Tx) error {
	tx.Put(recordTables[l.leaf.Kind], []byte(l.leaf.ID), l.record)
	if _, err := ledger.Append(tx, l.leaf); err != nil {
		return fmt.Errorf("entering %s into the ledger: %w", l.leaf.ID, err)
	}
	return nil
}

// encode writes a record as JSON. Our own types always marshal.
func encode(what string, record any) []byte {
	v, err := json.Marshal(record)
	if err != nil {
		panic(fmt.Sprintf("gateway: record of %s: %v", what, err))
	}
	return v
}
