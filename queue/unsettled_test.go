package queue

import (
	"testing"

	"asugate/store"
)

// Unsettled finds what waits about a document in any lane, ready or parked, by its id or by its Order; and
// nothing once the lanes are done.
func TestUnsettled(t *testing.T) {
	q, s, ids := open(t)
	asks := func(m Message) (waits bool) {
		t.Helper()
		if err := s.View(func(r store.Reader) error {
			waits = Unsettled(r, m)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return waits
	}
	about := func(document string) Message { return Message{Participant: "SHIP-01", DocumentID: document} }
	first := add(t, q, s, ids, "client/SHIP-01", "one")
	second := add(t, q, s, ids, "office", "one")
	add(t, q, s, ids, "office", "other")
	memo := Message{ID: ids.Next(), Lane: "kpedo", Order: "RZD/two", DocumentID: "two", Participant: "RZD", Body: "body/" + first}
	if err := s.Update(func(tx store.Tx) error { return q.Add(tx, memo) }); err != nil {
		t.Fatal(err)
	}
	var by tally
	if err := s.Update(func(tx store.Tx) error {
		by = tally{}
		if _, err := park(tx, "office", second, parking{Reason: "odd", Since: q.now()}, &by); err != nil {
			return err
		}
		return count(tx, "office", by)
	}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m    Message
		want bool
	}{
		"by its id":                   {about("one"), true},
		"by its Order":                {Message{Participant: "SHIP-01", DocumentID: "answer", Order: "RZD/two"}, true},
		"the id of another's":         {Message{Participant: "SHIP-02", DocumentID: "one"}, false},
		"ordered, waited for by id":   {Message{Participant: "SHIP-01", DocumentID: "one", Order: "RZD/none"}, true},
		"by an id that goes by Order": {Message{Participant: "RZD", DocumentID: "two"}, false},
		"nothing":                     {about("none"), false},
	} {
		if got := asks(c.m); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := q.Confirm("client/SHIP-01", first); err != nil {
		t.Fatal(err)
	}
	if !asks(about("one")) {
		t.Error("the parked one is forgotten")
	}
	if _, err := q.Confirm("office", second); err != nil {
		t.Fatal(err)
	}
	if asks(about("one")) {
		t.Error("what is confirmed still waits")
	}
}
