package faults

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Invariant is one of the ten of docs/architecture.md, and who holds a history against it.
type Invariant struct {
	Number int
	Name   string
	check  func(*reading)
}

// Invariants are in the order of their numbers.
var Invariants = []Invariant{
	{1, "one accepted document has exactly one final ЭСИД, byte for byte the same however often it is asked for", oneAnswer},
	{2, "nothing acknowledged is lost", nothingLost},
	{3, "nothing leaves before the write that records it", nothingEarly},
	{4, "only what was verified is believed and forwarded, and the bytes received are kept", onlyVerified},
	{5, "every verdict can be explained and repeated, by the registers as they were", repeatable},
	{6, "legitimacy is never run on a document whose authenticity failed", authenticityFirst},
	{7, "messages about one document leave in the order in which they were made", inOrder},
	{8, "every list has a limit, every wait a deadline", bounded},
	{9, "one partner, however broken, keeps nobody from being served", nobodyStarved},
	{10, "what anybody was shown is on disk, and what was said not to be kept is not", shownIsWritten},
}

// Violation is a place where the history breaks an invariant.
type Violation struct {
	Invariant Invariant
	Text      string
}

// String is for people.
func (v Violation) String() string {
	return fmt.Sprintf("invariant %d (%s): %s", v.Invariant.Number, v.Invariant.Name, v.Text)
}

// mostViolations bounds what is told of one invariant.
const mostViolations = 10

// Check holds the whole history against every invariant.
func (h *History) Check() []Violation {
	var all []Violation
	r := h.read()
	for _, i := range Invariants {
		r.found = nil
		i.check(r)
		for _, text := range r.found[:min(len(r.found), mostViolations)] {
			all = append(all, Violation{i, text})
		}
		if more := len(r.found) - mostViolations; more > 0 {
			all = append(all, Violation{i, fmt.Sprintf("and %d more", more)})
		}
	}
	return all
}

// reading is the history with its indexes.
type reading struct {
	*History
	entries map[string]Entry   // of the journal, by the message id
	byRaw   map[string][]Entry // by sender and SHA-256 of the bytes received
	seen    map[string][]Sighting
	copies  map[string][]Sighting // of an ЭСИД in the back office, by its own message id
	found   []string
}

func (h *History) read() *reading {
	r := &reading{
		History: h, entries: make(map[string]Entry), byRaw: make(map[string][]Entry),
		seen: make(map[string][]Sighting), copies: make(map[string][]Sighting),
	}
	for _, e := range h.End.Journal {
		r.entries[e.ID] = e
		r.byRaw[e.Participant+" "+e.Raw] = append(r.byRaw[e.Participant+" "+e.Raw], e)
	}
	for _, s := range h.Sightings {
		r.seen[s.Message] = append(r.seen[s.Message], s)
		if s.ESID != "" {
			r.copies[s.ESID] = append(r.copies[s.ESID], s)
		}
	}
	return r
}

func (r *reading) violated(format string, arguments ...any) {
	r.found = append(r.found, fmt.Sprintf(format, arguments...))
}

// oneAnswer: all positive answers to the same bytes are the same; a message id has one body, wherever it is
// seen; a revision is accepted once. A refusal may be judged afresh, which is another message.
func oneAnswer(r *reading) {
	positive := make(map[string]Attempt)
	for _, a := range r.Attempts {
		if a.Result != "positive" {
			continue
		}
		key := a.Sender + " " + a.Document
		before, ok := positive[key]
		if !ok {
			positive[key] = a
		} else if before.Message != a.Message || before.Body != a.Body {
			r.violated("%s has two positive answers, %s at %s and %s at %s", r.Documents[a.Document].ID,
				before.Message, before.End, a.Message, a.End)
		}
	}
	for message, list := range r.seen {
		bodies := make(map[string]string)
		for _, s := range list {
			if s.Body != "" {
				bodies[s.Body] = s.Where
			}
		}
		for _, s := range r.copies[message] {
			bodies[s.Body] = s.Where
		}
		if len(bodies) > 1 {
			r.violated("message %s has %d bodies: %v", message, len(bodies), bodies)
		}
	}
	r.oneNotice()
	type revision struct {
		sender, id string
		version    int
	}
	accepted := make(map[revision]string)
	for _, e := range r.End.Journal {
		if e.Result != "positive" || e.DocumentID == "" {
			continue
		}
		key := revision{e.Participant, e.DocumentID, e.Version}
		if other, twice := accepted[key]; twice {
			r.violated("%s version %d of %s has two positive verdicts, %s and %s", e.DocumentID, e.Version, e.Participant, other, e.ID)
		}
		accepted[key] = e.ID
	}
}

// oneNotice: a term passes once, so that nobody is told of its end twice by different messages.
func (r *reading) oneNotice() {
	type end struct {
		lane, document string
		version        int
	}
	told := make(map[end]string)
	for _, s := range r.Sightings {
		if s.Where != InOffice || s.Event != "auto-agreed" {
			continue
		}
		key := end{s.Lane, s.Document, s.Version}
		if before, ok := told[key]; ok && before != s.Message {
			r.violated("%s was told twice that the term of %s has passed: %s and %s", s.Lane, s.Document, before, s.Message)
		}
		told[key] = s.Message
	}
}

// forwarded are the kinds that go on to the back office when they are accepted.
var forwarded = []string{"Waybill", "Placement", "PaperSwitch", "Approval"}

// goesOn says whether document and ЭСИД of a verdict have to reach the back office.
func (e Entry) goesOn() bool { return e.Result == "positive" && slices.Contains(forwarded, e.Kind) }

// nothingLost: whatever has been answered is in the journal and among the messages of the client; what was
// accepted has reached the back office, the exact bytes; what the railway gave has been judged and has
// reached its client; what was confirmed stays so.
func nothingLost(r *reading) {
	for _, a := range r.Attempts {
		if !a.Answered() {
			continue
		}
		if _, ok := r.entries[a.Message]; !ok {
			r.violated("%s was answered by %s at %s, which the journal does not have", r.Documents[a.Document].ID, a.Message, a.End)
		}
		if !r.sawMessage(a.Message, InMessages, a.Sender) {
			r.violated("%s was answered by %s at %s, which is not among the messages of %s",
				r.Documents[a.Document].ID, a.Message, a.End, a.Sender)
		}
	}
	bodies := make(map[string]bool)
	for _, s := range r.Sightings {
		if s.Where == InOffice {
			bodies[s.Body] = true
		}
	}
	for _, e := range r.End.Journal {
		if e.goesOn() && !bodies[e.Raw] {
			r.violated("%s %s was accepted by %s and has not reached the back office", e.Kind, e.DocumentID, e.ID)
		}
		if e.goesOn() && len(r.copies[e.ID]) == 0 {
			r.violated("ЭСИД %s on %s %s has not reached the back office", e.ID, e.Kind, e.DocumentID)
		}
	}
	for _, g := range r.Given {
		r.givenReached(g)
	}
	for _, c := range r.Confirmations {
		for _, s := range r.seen[c.Message] {
			if s.Where == InList && s.Lane == c.Client && s.Begin > c.At {
				r.violated("message %s was confirmed at %s and offered again at %s", c.Message, c.At, s.At)
			}
		}
	}
	for _, waits := range r.End.Queue {
		r.violated("it still waits in the end: %s", waits)
	}
}

func (r *reading) sawMessage(message, where, lane string) bool {
	return slices.ContainsFunc(r.seen[message], func(s Sighting) bool { return s.Where == where && s.Lane == lane })
}

func (r *reading) givenReached(g Given) {
	verdicts := r.byRaw[railway+" "+g.Raw]
	if len(verdicts) == 0 {
		r.violated("%s %s of the railway, given at %s, has no verdict", g.Kind, g.ID, g.At)
		return
	}
	if g.To == "" || verdicts[len(verdicts)-1].Result != "positive" {
		return
	}
	if !slices.ContainsFunc(r.Sightings, func(s Sighting) bool {
		return s.Where == InMessages && s.Lane == g.To && s.Body == g.Raw
	}) {
		r.violated("%s %s of the railway, given at %s, has not reached %s", g.Kind, g.ID, g.At, g.To)
	}
}

// nothingEarly: whatever message anybody outside has seen is recorded, and so is what it is about.
func nothingEarly(r *reading) {
	atEnd := make(map[string]bool)
	for _, s := range r.Sightings {
		if s.Where == InMessages {
			atEnd[s.Message] = true
		}
	}
	for message, list := range r.seen {
		s := list[0]
		_, judged := r.entries[s.ESID]
		switch {
		case s.Where == InOffice && s.Kind == "ESID" && !judged:
			r.violated("the back office got ЭСИД %s, which the journal does not have", s.ESID)
		case s.Where == InOffice && s.Kind == "StateNotice" && r.End.Notices[message] != s.Body:
			r.violated("the back office got notice %s on %s, which is not in the queue's records", message, s.Document)
		case s.Where == InOffice && !s.made() && len(r.byRaw[s.Sender+" "+s.Body]) == 0:
			r.violated("the back office got %s %s in message %s, on which there is no verdict", s.Kind, s.Document, message)
		case s.Where != InOffice && !atEnd[message]:
			r.violated("message %s was seen at %s (%s), and is not among those of %s in the end", message, s.At, s.Where, s.Lane)
		}
	}
}

// onlyVerified: what reaches the back office are documents as somebody has really signed them; each
// verdict is on bytes that somebody has sent, and accepts only what may pass.
func onlyVerified(r *reading) {
	for _, s := range r.Sightings {
		if s.Where != InOffice || s.made() {
			continue
		}
		d, sent := r.Documents[s.Body]
		switch {
		case !sent:
			r.violated("the back office got %s %s in message %s, which nobody has sent", s.Kind, s.Document, s.Message)
		case !d.Genuine:
			r.violated("the back office got %s %s in message %s, whose signature does not hold", s.Kind, s.Document, s.Message)
		case d.Sender != s.Sender:
			r.violated("the back office got %s %s as from %s; it is from %s", s.Kind, s.Document, s.Sender, d.Sender)
		}
	}
	for _, e := range r.End.Journal {
		d, sent := r.Documents[e.Raw]
		if !sent {
			r.violated("verdict %s is on bytes that nobody has sent", e.ID)
		} else if e.Result == "positive" && !d.Genuine {
			r.violated("%s %s is accepted by %s, and its signature does not hold", d.Kind, d.ID, e.ID)
		}
	}
}

// staffLag is how far apart a command's return and a request's beginning must be to count as one after
// the other.
const staffLag = time.Millisecond

// repeatable: journal verify judges every verdict again, and finds nothing; store check finds nothing; a
// document that was first sent after a list had come into force is judged by that list or a newer one.
func repeatable(r *reading) {
	for _, f := range r.End.Findings {
		r.violated("gatewayd %s: %s", f.What, f.Text)
	}
	first := make(map[string]time.Duration)
	for _, a := range r.Attempts {
		key := a.Sender + " " + a.Document
		if at, ok := first[key]; !ok || a.Begin < at {
			first[key] = a.Begin
		}
	}
	for _, e := range r.End.Journal {
		at, ok := first[e.Participant+" "+e.Raw]
		_, text, found := strings.Cut(e.Basis.Staff, ":") // organisation:version
		version, err := strconv.Atoi(text)
		if !ok || !found || err != nil {
			continue
		}
		for _, list := range r.Registers {
			if list.At+staffLag < at && version < list.Version {
				r.violated("%s was sent at %s and judged by staff list %d, though list %d was in force since %s",
					e.DocumentID, at, version, list.Version, list.At)
			}
		}
	}
}
