package faults

import (
	"slices"
	"strings"
	"time"
)

// authenticityFirst: a verdict that has stopped at authenticity has findings of authenticity only, and one
// on a document whose signature does not hold has stopped there.
func authenticityFirst(r *reading) {
	for _, e := range r.End.Journal {
		d, sent := r.Documents[e.Raw]
		if sent && !d.Genuine && e.Stage != "authenticity" {
			r.violated("%s, whose signature does not hold, was examined up to %s in %s", d.ID, e.Stage, e.ID)
		}
		failed := slices.ContainsFunc(e.Findings, func(f Found) bool {
			return f.Severity == "error" && slices.Contains([]string{"A02", "A03", "A05", "A10"}, f.Code)
		})
		for _, f := range e.Findings {
			if failed && f.Severity == "error" && !strings.HasPrefix(f.Code, "A") {
				r.violated("%s failed authenticity and has a finding %s in %s", e.DocumentID, f.Code, e.ID)
			}
		}
	}
}

// inOrder: ids of messages rise in the order in which they are made; of each document and lane the first
// arrivals do so, too. What comes again has come before.
func inOrder(r *reading) {
	newest := make(map[string]Sighting)
	came := make(map[string]bool)
	for _, s := range r.Sightings {
		if s.Where != InOffice || came[s.Lane+" "+s.Message] {
			continue
		}
		came[s.Lane+" "+s.Message] = true
		key := s.Lane + " " + s.Sender + " " + s.Document
		if before, ok := newest[key]; ok && before.Message > s.Message {
			r.violated("about %s the back office got %s (%s) at %s after %s (%s) at %s", s.Document,
				s.Message, s.Kind, s.At, before.Message, before.Kind, before.At)
		}
		newest[key] = s
	}
}

// bounded: no wait was without end, and the daemon at rest holds what it held at its start, about.
func bounded(r *reading) {
	for _, text := range r.Late {
		r.violated("%s", text)
	}
	for _, a := range r.Attempts {
		if a.Status == 0 && a.End-a.Begin >= patience && !r.away(a.Begin, a.End) {
			r.violated("a request of %s had no end between %s and %s: %s", a.Sender, a.Begin, a.End, a.Failure)
		}
	}
	if d := r.End.Descriptors; d[1] > d[0]+moreDescriptors {
		r.violated("%d descriptors are open in the end, %d at the start", d[1], d[0])
	}
	if m := r.End.Memory; m[1] > m[0]+moreMemory {
		r.violated("%d MiB are held in the end, %d at the start", m[1]>>20, m[0]>>20)
	}
	for _, e := range r.Endings {
		ok := e.Code == e.Want || e.Want == mayStop && (e.Code == exitStopped || e.Code == -1 || e.Code == 0)
		if !ok {
			r.violated("the daemon ended with %d at %s, expected %d: %s", e.Code, e.At, e.Want, e.Log)
		}
	}
}

// away says whether the daemon itself was hindered at some time between.
func (r *reading) away(begin, end time.Duration) bool {
	return slices.ContainsFunc(r.Incidents, func(i Incident) bool {
		return !i.Partner && i.Begin <= end && begin <= i.End
	})
}

// nobodyStarved: the neighbour, who does nothing wrong, is answered each time by an ЭСИД, unless the daemon
// itself was hindered just then.
func nobodyStarved(r *reading) {
	for _, a := range r.Attempts {
		if a.Sender == neighbour && !a.Drain && !a.Answered() && !r.away(a.Begin, a.End) {
			r.violated("%s was not served at %s: %d %s %s", neighbour, a.Begin, a.Status, a.Reason, a.Failure)
		}
	}
}

// shownIsWritten: what a list has shown is there in the end, and a document of which every answer said that
// nothing is kept has no verdict before it is sent again.
func shownIsWritten(r *reading) {
	for message, list := range r.seen {
		for _, s := range list {
			if (s.Where == InList || s.Where == InOutbox) && !r.sawMessage(message, InMessages, s.Lane) {
				r.violated("message %s was shown at %s (%s) and is not there in the end", message, s.At, s.Where)
				break
			}
		}
	}
	type sent struct{ sender, raw string }
	kept := make(map[sent]bool)
	for _, e := range r.End.Before {
		kept[sent{e.Participant, e.Raw}] = true
	}
	refused := make(map[sent]Attempt)
	open := make(map[sent]bool) // some attempt leaves it open
	for _, a := range r.Attempts {
		switch key := (sent{a.Sender, a.Document}); {
		case a.Drain:
		case a.NotTaken():
			refused[key] = a
		default:
			open[key] = true
		}
	}
	for key, a := range refused {
		if !open[key] && kept[key] {
			r.violated("%s was told at %s that nothing is kept (%d %s), and has a verdict", r.Documents[key.raw].ID, a.End, a.Status, a.Reason)
		}
	}
}
