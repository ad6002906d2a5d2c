package faults

import (
	"slices"
	"testing"
	"time"
)

// good is a history in which everything is as it should be: an accepted and a refused document, one of the
// railway, one that was told to come again, and a daemon that was killed once.
func good() *History {
	h := NewHistory(1)
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	for _, d := range []Document{
		{Raw: "raw-w", Sender: crowd, Kind: "Waybill", ID: "w", Version: 1, Genuine: true},
		{Raw: "raw-x", Sender: crowd, Kind: "Waybill", ID: "x", Version: 1},
		{Raw: "raw-y", Sender: crowd, Kind: "Waybill", ID: "y", Version: 1, Genuine: true},
		{Raw: "raw-n", Sender: neighbour, Kind: "Waybill", ID: "n", Version: 1, Genuine: true},
		{Raw: "raw-m", Sender: railway, Kind: "Memo", ID: "m", Version: 1, Genuine: true},
	} {
		h.Documents[d.Raw] = d
	}
	h.Incidents = []Incident{
		{Begin: at(100), End: at(200), Name: "kill"},
		{Begin: at(300), End: at(400), Name: "broker-stop", Partner: true},
	}
	h.Registers = []Register{{At: at(10), Version: 2}}
	h.Attempts = []Attempt{
		{Document: "raw-w", Sender: crowd, Begin: at(20), End: at(30), Status: 200, Message: "1", Body: "esid-1", Result: "positive"},
		{Document: "raw-x", Sender: crowd, Begin: at(40), End: at(50), Status: 422, Message: "3", Body: "esid-3", Result: "negative"},
		{Document: "raw-y", Sender: crowd, Begin: at(60), End: at(70), Status: 503, Reason: "not-ready"},
		{Document: "raw-w", Sender: crowd, Begin: at(120), End: at(130), Failure: "reset"},
		{Document: "raw-n", Sender: neighbour, Begin: at(310), End: at(320), Status: 200, Message: "4", Body: "esid-4", Result: "positive"},
		{Document: "raw-w", Sender: crowd, Begin: at(500), End: at(510), Status: 200, Message: "1", Body: "esid-1", Result: "positive", Drain: true},
	}
	office := func(ms int, message, kind, document, sender, body, esid, event string) Sighting {
		return Sighting{At: at(ms), Begin: at(ms), Where: InOffice, Lane: "office", Message: message, Kind: kind,
			Document: document, Version: 1, Sender: sender, Body: body, ESID: esid, Event: event}
	}
	client := func(ms int, where, lane, message, kind, body string) Sighting {
		return Sighting{At: at(ms), Begin: at(ms), Where: where, Lane: lane, Message: message, Kind: kind, Body: body}
	}
	h.Sightings = []Sighting{
		client(30, InAnswer, crowd, "1", "ESID", "esid-1"),
		client(35, InList, crowd, "1", "ESID", ""),
		client(36, InOutbox, crowd, "1", "ESID", "esid-1"),
		office(40, "10", "Waybill", "w", crowd, "raw-w", "", ""),
		office(41, "11", "ESID", "w", crowd, "esid-1", "1", ""),
		office(42, "10", "Waybill", "w", crowd, "raw-w", "", ""),
		office(330, "12", "Waybill", "n", neighbour, "raw-n", "", ""),
		office(331, "13", "ESID", "n", neighbour, "esid-4", "4", ""),
		office(332, "14", "StateNotice", "m", crowd, "notice", "", "auto-agreed"),
		client(600, InMessages, crowd, "1", "ESID", "esid-1"),
		client(600, InMessages, crowd, "3", "ESID", "esid-3"),
		client(600, InMessages, crowd, "5", "Memo", "raw-m"),
		client(600, InMessages, neighbour, "4", "ESID", "esid-4"),
	}
	h.Confirmations = []Confirmation{{At: at(45), Client: crowd, Message: "1"}}
	h.Given = []Given{{At: at(90), Document: h.Documents["raw-m"], To: crowd}}
	h.Endings = []Ending{{At: at(101), Code: -1, Want: -1}, {At: at(900), Code: 0, Want: 0}}
	h.End.Journal = []Entry{
		{ID: "1", Participant: crowd, Kind: "Waybill", DocumentID: "w", Version: 1, Raw: "raw-w", Stage: "legitimacy", Result: "positive"},
		{ID: "3", Participant: crowd, Kind: "Waybill", DocumentID: "x", Version: 1, Raw: "raw-x", Stage: "authenticity", Result: "negative",
			Findings: []Found{{Code: "A03", Severity: "error"}}},
		{ID: "4", Participant: neighbour, Kind: "Waybill", DocumentID: "n", Version: 1, Raw: "raw-n", Result: "positive"},
		{ID: "6", Participant: railway, Kind: "Memo", DocumentID: "m", Version: 1, Raw: "raw-m", Result: "positive"},
	}
	h.End.Journal[0].Basis.Staff = "7708503727:2"
	h.End.Before = h.End.Journal
	h.End.Notices = map[string]string{"14": "notice"}
	h.End.Descriptors, h.End.Memory = [2]int{20, 25}, [2]int64{40 << 20, 60 << 20}
	return h
}

func TestGoodHistory(t *testing.T) {
	for _, v := range good().Check() {
		t.Error(v)
	}
}

// without takes away the sightings of a place and message.
func (h *History) without(where, message string) {
	h.Sightings = slices.DeleteFunc(h.Sightings, func(s Sighting) bool { return s.Where == where && s.Message == message })
}

// TestBrokenHistories breaks the good history in one place each; the invariant must be found broken.
func TestBrokenHistories(t *testing.T) {
	for _, c := range []struct {
		name      string
		invariant int
		corrupt   func(h *History)
	}{
		// Sent again, it got another ЭСИД.
		{"two answers", 1, func(h *History) { h.Attempts[5].Message, h.Attempts[5].Body = "9", "esid-9" }},
		// The same id, other bytes.
		{"other bytes in the answer", 1, func(h *History) { h.Attempts[5].Body = "esid-other" }},
		// In the outbox it is not what was answered.
		{"other bytes in the outbox", 1, func(h *History) { h.Sightings[2].Body = "esid-other" }},
		// Nor in the back office.
		{"other bytes in the back office", 1, func(h *History) { h.Sightings[4].Body = "esid-other" }},
		// One revision was accepted twice.
		{"accepted twice", 1, func(h *History) {
			e := h.End.Journal[0]
			e.ID, e.Raw = "7", "raw-y"
			h.End.Journal = append(h.End.Journal, e)
		}},
		// The term of a memo passed twice.
		{"two notices", 1, func(h *History) {
			s := h.Sightings[8]
			s.Message = "15"
			h.Sightings, h.End.Notices["15"] = append(h.Sightings, s), "notice"
		}},
		// An answered document has no verdict after the restart.
		{"lost verdict", 2, func(h *History) { h.End.Journal = h.End.Journal[1:] }},
		// Its ЭСИД is not among the messages of the client.
		{"lost message", 2, func(h *History) { h.without(InMessages, "3") }},
		// The accepted document has not come to the back office.
		{"not delivered", 2, func(h *History) { h.without(InOffice, "12") }},
		// Nor has its ЭСИД.
		{"ЭСИД not delivered", 2, func(h *History) { h.without(InOffice, "13") }},
		// What the railway gave has no verdict.
		{"memo lost", 2, func(h *History) { h.End.Journal = h.End.Journal[:3] }},
		// Or has one, and has not reached its client.
		{"memo not delivered", 2, func(h *History) { h.without(InMessages, "5") }},
		// What was confirmed is offered again.
		{"confirmation lost", 2, func(h *History) {
			s := h.Sightings[1]
			s.Begin, s.At = 400*time.Millisecond, 410*time.Millisecond
			h.Sightings = append(h.Sightings, s)
		}},
		// Something waits for ever.
		{"left in the queue", 2, func(h *History) { h.End.Queue = []string{"10 office Waybill parked"} }},
		// An ЭСИД has reached the back office that nobody has recorded.
		{"unrecorded ЭСИД", 3, func(h *History) { h.Sightings[4].ESID = "99" }},
		// A document left and its verdict did not stay.
		{"unrecorded document", 3, func(h *History) { h.End.Journal[2].Raw = "raw-y" }},
		// A notice that the queue does not know.
		{"unrecorded notice", 3, func(h *History) { h.End.Notices = nil }},
		// A client was given what is not there in the end.
		{"unrecorded message", 3, func(h *History) { h.without(InMessages, "1") }},
		// The back office got what nobody sent.
		{"foreign document", 4, func(h *History) { h.Sightings[3].Body = "raw-z" }},
		// Or what was changed on its way to us.
		{"tampered document forwarded", 4, func(h *History) { h.Sightings[3].Body = "raw-x" }},
		// Or it as from another participant.
		{"wrong sender", 4, func(h *History) { h.Sightings[6].Sender = crowd }},
		// A tampered document was accepted.
		{"tampered document accepted", 4, func(h *History) { h.End.Journal[1].Result = "positive" }},
		// A verdict on bytes that nobody sent.
		{"verdict on nothing", 4, func(h *History) { h.End.Journal[1].Raw = "raw-z" }},
		// The journal cannot be judged again.
		{"journal verify", 5, func(h *History) { h.End.Findings = []Finding{{"journal verify", "1: another digest"}} }},
		// Judged by a list that was not in force any more.
		{"old list", 5, func(h *History) { h.End.Journal[0].Basis.Staff = "7708503727:1" }},
		// A document with a wrong signature was examined further.
		{"legitimacy of a tampered document", 6, func(h *History) { h.End.Journal[1].Stage = "legitimacy" }},
		// And has a finding of it.
		{"finding of legitimacy", 6, func(h *History) {
			h.End.Journal[1].Findings = append(h.End.Journal[1].Findings, Found{Code: "L01", Severity: "error"})
		}},
		// The ЭСИД came before the document.
		{"overtaken", 7, func(h *History) { h.Sightings[3], h.Sightings[4] = h.Sightings[4], h.Sightings[3] }},
		// A wait without an end.
		{"late", 8, func(h *History) { h.Late = []string{"nothing is answered"} }},
		// A request without one.
		{"hanging request", 8, func(h *History) {
			h.Attempts = append(h.Attempts, Attempt{Document: "raw-y", Sender: crowd, Begin: time.Second, End: time.Second + patience})
		}},
		// Connections that are never given back.
		{"descriptors", 8, func(h *History) { h.End.Descriptors[1] = 500 }},
		{"memory", 8, func(h *History) { h.End.Memory[1] = 1 << 30 }},
		// The daemon ended by itself.
		{"crash", 8, func(h *History) { h.Endings = append(h.Endings, Ending{Code: 2, Want: unasked}) }},
		// After a failed sync it ended as if nothing had been.
		{"wrong exit code", 8, func(h *History) { h.Endings = append(h.Endings, Ending{Code: 0, Want: exitStopped}) }},
		// The neighbour is told to come again while only the broker is away.
		{"starved", 9, func(h *History) { h.Attempts[4].Status, h.Attempts[4].Message = 503, "" }},
		// A list has shown what the restart took back.
		{"shown before it was written", 10, func(h *History) {
			h.Sightings = append(h.Sightings, Sighting{Where: InList, Lane: crowd, Message: "8", Kind: "ESID"})
		}},
		// «Nothing is kept» was said of what is kept.
		{"kept all the same", 10, func(h *History) {
			h.End.Before = append(slices.Clone(h.End.Before), Entry{ID: "8", Participant: crowd, Raw: "raw-y"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := good()
			c.corrupt(h)
			found := h.Check()
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Invariant.Number == c.invariant }) {
				t.Errorf("invariant %d is not found broken, but %v", c.invariant, found)
			}
		})
	}
}

// What is told of one invariant has a limit.
func TestMostViolations(t *testing.T) {
	h := good()
	for range 10 * mostViolations {
		h.Late = append(h.Late, "late")
	}
	if got := len(h.Check()); got != mostViolations+1 {
		t.Errorf("%d are told, want %d", got, mostViolations+1)
	}
}
