package queue

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

// One memo has one chain, whoever the messages about it are from; whatever the order is made of, keys
// stay bounded and readable.
func TestOrderIsTheChain(t *testing.T) {
	q, s, ids := open(t)
	odd := []string{"RZD/1", "\xff", "a\x00b", "\u202eabc", strings.Repeat("x", 60_000)}
	for _, order := range odd {
		var docs []string
		for _, participant := range []string{"RZD", "SHIP-01"} {
			m := Message{ID: ids.Next(), Lane: "office", Participant: participant, DocumentID: participant, Order: order, Body: "b"}
			change(t, s, func(tx store.Tx) {
				tx.Put(store.Blobs, []byte("b"), store.Pack(nil))
				if err := q.Add(tx, m); err != nil {
					t.Error(err)
				}
			})
			docs = append(docs, documentIn(t, s, "office", m.ID))
		}
		if docs[0] == "" || docs[0] != docs[1] || len(docs[0]) > 200 || strings.ContainsRune(docs[0], 0) {
			t.Errorf("%.20q is kept as %.300q", order, docs)
		}
		change(t, s, func(tx store.Tx) {
			kept, err := q.Withdraw(tx, "office", order, "why", func(Message) bool { return true })
			if err != nil || kept != nil {
				t.Error(kept, err)
			}
		})
	}
	if n := len(idsOf(t, q, "office", "", 99)); n != 2*len(odd) {
		t.Errorf("%d are left", n)
	}
}

// What a message does not have is not in its record: those of an earlier program look the same.
func TestMessageRecord(t *testing.T) {
	var fields map[string]any
	bare := Message{ID: "1", Lane: "office", Body: "b"}
	for m, want := range map[Message][]string{
		bare: {"body", "created", "id", "lane"},
		{ID: "1", Lane: "office", Body: "b", Order: "m", Onward: "asust", SignBy: time.Unix(1, 0)}: {
			"body", "created", "id", "lane", "onward", "order", "sign_by"},
	} {
		record, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		fields = nil
		if err := json.Unmarshal(record, &fields); err != nil {
			t.Fatal(err)
		}
		var got []string
		for name := range fields {
			got = append(got, name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// Check finds what no move leaves behind.
func TestCheckConfirmations(t *testing.T) {
	for name, c := range map[string]confirmation{
		"withdrawn for no reason":   {By: byGateway},
		"arrived twice":             {Delivered: time.Unix(1, 0)},
		"dropped":                   {Dropped: "why", Delivered: time.Unix(1, 0)},
		"withdrawn, and it is fine": {Dropped: "why", By: byGateway},
	} {
		q, s, ids := open(t)
		id := add(t, q, s, ids, "office", "d")
		if _, err := q.Confirm("office", id); err != nil {
			t.Fatal(err)
		}
		set := func(c confirmation) {
			change(t, s, func(tx store.Tx) {
				if err := put(tx, confirmed, laneKey("office", id), c); err != nil {
					t.Error(err)
				}
			})
		}
		set(c)
		if err := s.View(Check); (err == nil) != (c.Dropped != "") {
			t.Errorf("%s: %v", name, err)
		}
		set(confirmation{})
	}
}
