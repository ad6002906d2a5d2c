package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
)

// crowd is several systems of one client, which send document after document. What gets no answer is
// sent again, with the same bytes, as a client must.
type crowd struct {
	actor    *actor
	answered atomic.Int64
	stop     chan struct{}
	done     sync.WaitGroup

	mu   sync.Mutex // protects sent
	sent []delivery
}

// delivery is one document and its answer; status 0 when none has come.
type delivery struct {
	id    string
	raw   []byte
	reply reply
}

// mostDocuments bounds what one system of the crowd sends.
const mostDocuments = 30

// traffic lets a crowd send documents while other things happen:
//
//	traffic start N     N systems begin
//	traffic reach N     wait until N documents have been answered in all
//	traffic stop        they finish their documents; what gets no answer now is left
//	traffic check       each document is sent again: those that were answered get the same bytes
//	                    again, the others are accepted, and each has one verdict
func traffic(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	switch {
	case len(args) == 2 && args[0] == "start":
		n, err := number(args[1], 1)
		ts.Check(err)
		a.crowd = &crowd{actor: a, stop: make(chan struct{})}
		a.ending = append(a.ending, a.crowd.end)
		for range n {
			a.crowd.done.Go(a.crowd.run)
		}
	case len(args) == 2 && args[0] == "reach":
		n, err := number(args[1], 0)
		ts.Check(err)
		until(ts, time.Minute, fmt.Sprintf("not %d documents have been answered", n), func() bool {
			return int(a.crowd.answered.Load()) >= n
		})
	case len(args) == 1 && args[0] == "stop":
		a.crowd.end()
	case len(args) == 1 && args[0] == "check":
		a.crowd.check(ts)
	default:
		ts.Fatalf("usage: traffic start N | reach N | stop | check")
	}
}

// end may be called again.
func (c *crowd) end() {
	select {
	case <-c.stop:
	default:
		close(c.stop)
	}
	c.done.Wait()
}

func (c *crowd) run() {
	for range mostDocuments {
		id := scene.NewID()
		d := delivery{id: id, raw: c.actor.Signatory.MustSign(c.actor.Waybill(scene.Waybill{DocumentID: id}))}
		for d.reply.code == 0 && !c.stopped(10*time.Millisecond) {
			d.reply = c.send(d.raw)
		}
		c.mu.Lock()
		c.sent = append(c.sent, d)
		c.mu.Unlock()
		if d.reply.code == 0 {
			return
		}
		c.answered.Add(1)
	}
}

// stopped paces the crowd, so that it does not take the machine from the other scripts.
func (c *crowd) stopped(pace time.Duration) bool {
	select {
	case <-c.stop:
		return true
	case <-time.After(pace):
		return false
	}
}

// send asks whichever daemon serves now.
func (c *crowd) send(raw []byte) reply {
	r, err := http.NewRequest(http.MethodPost, "http://"+*c.actor.clients.Load()+"/v1/documents", bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.actor.token)
	r.Header.Set("Content-Type", "application/xml")
	return roundTrip(httpClient, r)
}

func (c *crowd) check(ts *testscript.TestScript) {
	if len(c.sent) == 0 {
		ts.Fatalf("nothing has been sent")
	}
	unanswered := 0
	for _, d := range c.sent {
		again := c.send(d.raw)
		if again.code != http.StatusOK {
			ts.Fatalf("%s, sent again: %s", d.id, again)
		}
		if d.reply.code == 0 {
			unanswered++
		} else if !bytes.Equal(d.reply.body, again.body) {
			ts.Fatalf("%s has two answers:\n%s\n%s", d.id, d.reply, again)
		}
		e, err := c.actor.open(again.body, again.cms)
		ts.Check(err)
		if e.Result != schema.Positive {
			ts.Fatalf("%s: %s", d.id, again)
		}
	}
	ts.Logf("%d documents, %d of them had no answer", len(c.sent), unanswered)
	verdicts := c.verdicts(ts)
	for _, d := range c.sent {
		if n := verdicts[d.id]; n != 1 {
			ts.Fatalf("%s has %d verdicts", d.id, n)
		}
	}
}

// verdicts counts the lines of the journal by document.
func (c *crowd) verdicts(ts *testscript.TestScript) map[string]int {
	out, err := operator(c.actor.config, "journal", "list", "--json", "--limit", "10000")
	ts.Check(err)
	count := make(map[string]int)
	for line := range strings.Lines(out) {
		var e gateway.Entry
		ts.Check(json.Unmarshal([]byte(line), &e))
		count[e.DocumentID]++
	}
	return count
}
