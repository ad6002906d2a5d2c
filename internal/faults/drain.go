package faults

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/signature"
	"asugate/xmltree"
)

// drainTime is how long the gateway may take until nothing waits any more.
const drainTime = 2 * time.Minute

// mostEntries is more than a run makes.
const mostEntries = 1_000_000

// journal is what the operator's command lists.
func (n *nemesis) journal() ([]Entry, error) {
	out, err := n.daemon.command(n.ctx, "journal", "list", "--json", "--limit", fmt.Sprint(mostEntries))
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for line := range strings.Lines(out) {
		var e Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return nil, fmt.Errorf("reading the journal: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// resendAll sends every document of the clients again, until it has an answer, as their systems must
// with those that have none; the others are to be answered as before.
func (n *nemesis) resendAll() {
	type one struct {
		sender string
		raw    []byte
	}
	work := make(chan one)
	done := make(chan struct{})
	const workers = 4
	for i := range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			clients := make(map[string]*client)
			for _, code := range []string{crowd, neighbour} {
				clients[code] = n.newClient(code, ofDrain+uint64(i))
				defer clients[code].http.CloseIdleConnections()
			}
			for o := range work {
				n.untilAnswered(clients[o.sender], o.raw)
			}
		}()
	}
	for _, code := range []string{crowd, neighbour} {
		for _, raw := range n.sent[code] {
			work <- one{code, raw}
		}
	}
	close(work)
	for range workers {
		<-done
	}
}

func (n *nemesis) untilAnswered(c *client, raw []byte) {
	d := n.documentOf(raw)
	n.eventually(drainTime, "no answer to "+d.Kind+" "+d.ID, func() bool {
		a := c.post(d, raw, true)
		switch {
		case a.Status == 429: // its quota: the crowd is one participant
			pause(n.ctx, 50*time.Millisecond)
			return false
		case a.Status == 503:
			return false
		}
		return a.Status != 0
	})
}

// waiting is a message in the gateway's queue.
type waiting struct {
	ID    string `json:"id"`
	Lane  string `json:"lane"`
	State string `json:"state"`
	Kind  string `json:"kind"`
}

// drain waits until everything that was given has been taken and everything for the back office has left.
func (n *nemesis) drain(t transport) {
	n.eventually(drainTime, "what the railway gave is not taken", func() bool {
		left, err := t.left()
		return err == nil && left == 0
	})
	var left []waiting
	n.eventually(drainTime, "messages to the back office still wait", func() bool {
		var err error
		left, err = n.toOffice()
		return err == nil && len(left) == 0
	})
	for _, m := range left {
		n.history.End.Queue = append(n.history.End.Queue, fmt.Sprintf("%s %s %s %s", m.ID, m.Lane, m.Kind, m.State))
	}
	// What has left the gateway may still be on its way. The invariants say what has not arrived.
	entries, err := n.journal()
	n.eventually(drainTime, "messages have left and have not arrived", func() bool {
		return err != nil || n.arrivedAll(entries)
	})
}

// arrivedAll says whether everything accepted has reached the back office, with its ЭСИД.
func (n *nemesis) arrivedAll(entries []Entry) bool {
	n.history.mu.Lock()
	defer n.history.mu.Unlock()
	there := make(map[string]bool)
	for _, s := range n.history.Sightings {
		if s.Where == InOffice {
			there[s.Body], there[s.ESID] = true, true
		}
	}
	return !slices.ContainsFunc(entries, func(e Entry) bool {
		return e.goesOn() && (!there[e.Raw] || !there[e.ID])
	})
}

// toOffice is what waits in the lanes of the back office; of each the oldest.
func (n *nemesis) toOffice() ([]waiting, error) {
	var left []waiting
	for _, lane := range gateway.OfficeLanes() {
		out, err := n.daemon.command(n.ctx, "queue", "list", "--json", "--lane", lane, "--limit", "10")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			var m waiting
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				return nil, fmt.Errorf("reading the queue: %w", err)
			}
			left = append(left, m)
		}
	}
	return left, nil
}

// notices asks for what the queue keeps of the notices that the back office has got.
func (n *nemesis) notices() {
	n.history.End.Notices = make(map[string]string)
	for _, s := range n.history.Sightings {
		if s.Kind != "StateNotice" || s.Where != InOffice || n.history.End.Notices[s.Message] != "" {
			continue
		}
		if body, err := n.daemon.command(n.ctx, "queue", "show", s.Message, "--body"); err == nil {
			n.history.End.Notices[s.Message] = n.history.Keep([]byte(body))
		}
	}
}

// verify opens the signature of everything that the gateway has signed and anybody has got.
func (n *nemesis) verify() {
	trust := signature.NewTrust([]*x509.Certificate{n.Rail.Certificate})
	seen := make(map[string]bool)
	for _, s := range n.history.Sightings {
		if !s.made() || s.Body == "" || seen[s.Body] || n.history.Body(s.Body) == nil {
			continue
		}
		seen[s.Body] = true
		tree, err := xmltree.Parse(n.history.Body(s.Body), xmltree.DefaultLimits())
		if err == nil {
			_, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, n.Now)
			if report.Outcome == signature.Holds {
				continue
			}
			err = fmt.Errorf("it does not verify: %v", report.Faults)
		}
		n.history.End.Findings = append(n.history.End.Findings, Finding{s.Kind + " " + s.Message, err.Error()})
	}
}

// Room above what the daemon held at its start.
const (
	moreDescriptors = 40
	moreMemory      = 512 << 20
)

// settle measures the daemon at rest. Connections that clients have left open end by their deadline.
func (n *nemesis) settle() {
	end := &n.history.End
	end.Descriptors[0], end.Memory[0] = int(n.started[0]), n.started[1]
	n.eventually(drainTime, "descriptors are not given back", func() bool {
		end.Descriptors[1] = n.daemon.descriptors()
		return end.Descriptors[1] <= end.Descriptors[0]+moreDescriptors
	})
	end.Memory[1] = n.daemon.memory()
}
