package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// Check reads all tables of the queue and reports where they contradict each other; see the moves
// for what they have to keep.
func Check(r store.Reader) error {
	c := &checker{r: r, tallies: map[string]tally{}}
	c.each(messages, c.message)
	c.each(unconfirmed, c.unconfirmed)
	c.each(ready, c.head)
	c.each(parked, c.head)
	c.each(chains, c.chain)
	c.endChain()
	c.each(confirmed, c.confirmed)
	c.each(lanes, c.lane)
	for lane := range c.tallies {
		c.failf("lane %q has messages and no tally", lane)
	}
	c.each(paused, c.paused)
	return errors.Join(c.found...)
}

// problemsMost is how many contradictions are reported.
const problemsMost = 20

type checker struct {
	r       store.Reader
	found   []error
	tallies map[string]tally // counted, and not seen in the table of lanes yet

	// The chain that is being walked.
	link  string // lane, NUL, document
	heads int
}

func (c *checker) failf(format string, args ...any) {
	if len(c.found) < problemsMost {
		c.found = append(c.found, fmt.Errorf(format, args...))
	}
}

// each visits a whole table, page by page.
func (c *checker) each(t store.Table, visit func(key, value []byte)) {
	const page = 10_000
	for from, n := []byte(nil), page; n == page; {
		n = 0
		c.r.Range(t, from, nil, page, func(key, value []byte) bool {
			n++
			from = append(append(from[:0:0], key...), 0)
			visit(key, value)
			return len(c.found) < problemsMost
		})
	}
}

func (c *checker) has(t store.Table, key []byte) bool { return c.r.Get(t, key) != nil }

// message: every message is in its lane, confirmed or not, and not both. An unconfirmed one has its
// body.
func (c *checker) message(key, value []byte) {
	var m Message
	if err := json.Unmarshal(value, &m); err != nil {
		c.failf("message %q: %w", key, err)
		return
	}
	if m.ID != string(key) {
		c.failf("message %q says that it is %q", key, m.ID)
	}
	at := laneKey(m.Lane, m.ID)
	waits, left := c.has(unconfirmed, at), c.has(confirmed, at)
	if waits == left {
		c.failf("message %q in lane %q: unconfirmed is %v and confirmed is %v", key, m.Lane, waits, left)
	}
	if !waits {
		return
	}
	if doc := string(c.r.Get(unconfirmed, at)); doc != document(m) {
		c.failf("message %q is about %q and queued as about %q", key, document(m), doc)
	}
	for _, body := range []string{m.Body, m.Signature} {
		if body != "" && !c.has(store.Blobs, []byte(body)) {
			c.failf("message %q: its body %q is missing", key, body)
		}
	}
}

// unconfirmed: every row has its message and is in its chain.
func (c *checker) unconfirmed(key, value []byte) {
	lane, id := laneOf(key), idOf(key)
	t := c.tallies[lane]
	t.Unconfirmed++
	if c.has(parked, key) {
		t.Parked++
	}
	c.tallies[lane] = t
	if !c.has(messages, []byte(id)) {
		c.failf("unconfirmed %q has no message", key)
	}
	if !c.has(chains, chainKey(lane, string(value), id)) {
		c.failf("unconfirmed %q is not in the chain of %q", key, value)
	}
}

// head: what is ready or parked is unconfirmed, and not both.
func (c *checker) head(key, _ []byte) {
	if !c.has(unconfirmed, key) {
		c.failf("%q is ready or parked and not unconfirmed", key)
	}
	if c.has(ready, key) && c.has(parked, key) {
		c.failf("%q is ready and parked", key)
	}
}

// chain: every link is unconfirmed, and one of each chain is its head.
func (c *checker) chain(key, _ []byte) {
	lane, id := laneOf(key), idOf(key)
	if len(key) < len(lane)+len(id)+2 {
		c.failf("chain has a malformed key %q", key)
		return
	}
	link := string(key[:len(key)-len(id)-1])
	if link != c.link {
		c.endChain()
		c.link, c.heads = link, 0
	}
	at := laneKey(lane, id)
	if string(c.r.Get(unconfirmed, at)) != link[len(lane)+1:] {
		c.failf("chain %q has %q, which is not unconfirmed", link, id)
	}
	if c.has(ready, at) || c.has(parked, at) {
		c.heads++
	}
}

func (c *checker) endChain() {
	if c.link != "" && c.heads != 1 {
		c.failf("chain %q has %d heads", c.link, c.heads)
	}
}

func (c *checker) confirmed(key, value []byte) {
	var at confirmation
	if err := json.Unmarshal(value, &at); err != nil {
		c.failf("confirmed %q: %w", key, err)
	}
	if !c.has(messages, []byte(idOf(key))) {
		c.failf("confirmed %q has no message", key)
	}
	if at.Dropped == "" && (at.By != "" || !at.Delivered.IsZero()) {
		c.failf("confirmed %q was taken out of its lane for no reason", key)
	}
}

// lane: the tally is what has been counted.
func (c *checker) lane(key, value []byte) {
	var t tally
	if err := json.Unmarshal(value, &t); err != nil {
		c.failf("lane %q: %w", key, err)
	}
	if counted := c.tallies[string(key)]; counted != t {
		c.failf("lane %q has %+v and its tally says %+v", key, counted, t)
	}
	delete(c.tallies, string(key))
}

func (c *checker) paused(key, value []byte) {
	if _, err := time.Parse(time.RFC3339Nano, string(value)); err != nil {
		c.failf("pause of lane %q: %w", key, err)
	}
}
