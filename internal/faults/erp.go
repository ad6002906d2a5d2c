package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"asugate/internal/scene"
)

// patience is how long a client waits for an answer: longer than the gateway may take, on a machine that
// has much else to do.
const patience = time.Minute

// awhile is how long a client leaves a gateway alone that is not there.
const awhile = 50 * time.Millisecond

// client is one system of a participant, or one worker of it.
type client struct {
	*world
	name   string // of the participant
	random *rand.Rand
	http   *http.Client
}

func (w *world) newClient(name string, stream uint64) *client {
	return &client{world: w, name: name, random: w.random(stream), http: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 4}, Timeout: patience,
	}}
}

// What clients do that a careful one does not.
const (
	hangs       = "client-hangs"
	disconnects = "client-disconnects"
	retries     = "client-retries-in-parallel"
)

// act is something that clients do, and how often among a hundred.
var acts = []struct {
	often int
	do    func(c *client, ctx context.Context)
}{
	{30, (*client).sendWaybill},
	{20, (*client).sendPlacement},
	{4, (*client).sendPaper},
	{8, (*client).sendWrong},
	{12, (*client).resend},
	{8, (*client).sendTwice},
	{6, (*client).sendAndLeave},
	{6, (*client).sendSlowly},
	{6, (*client).sendAnother},
}

// run does things until ctx ends.
func (c *client) run(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	for ctx.Err() == nil {
		n := c.random.IntN(100)
		for _, a := range acts {
			if n -= a.often; n < 0 {
				a.do(c, ctx)
				break
			}
		}
		c.breathe(ctx, between(c.random, time.Millisecond, 40*time.Millisecond))
	}
}

// runQuietly is what the neighbour does: one document after the other, each in order.
func (c *client) runQuietly(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	for ctx.Err() == nil {
		if c.random.IntN(2) == 0 {
			c.sendWaybill(ctx)
		} else {
			c.sendPlacement(ctx)
		}
		c.breathe(ctx, between(c.random, 40*time.Millisecond, 80*time.Millisecond))
	}
}

// write makes a document known.
func (c *client) write(d Document, text, raw []byte) Document {
	d.Sender = c.name
	d.Digest = scene.ReferenceTo(text, d.ID, d.Version).SHA256
	d = c.history.written(d, raw)
	c.mu.Lock()
	c.sent[c.name] = append(c.sent[c.name], raw)
	c.mu.Unlock()
	return d
}

// waybill is a fresh ЭД №1, signed.
func (c *client) waybill(id string, version int, by *scene.Persona) (Document, []byte) {
	text := c.Waybill(scene.Waybill{DocumentID: id, Version: version, Sender: c.name})
	raw := by.MustSign(text)
	return c.write(Document{Kind: "Waybill", ID: id, Version: version, Genuine: by == c.Signatory}, text, raw), raw
}

func (c *client) sendWaybill(context.Context) {
	d, raw := c.waybill(scene.NewID(), 1, c.Signatory)
	if a := c.post(d, raw, false); a.Result == "positive" {
		c.accepted(d)
	}
}

func (c *client) accepted(d Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[c.name] = append(c.held[c.name], note1{Reference: scene.Reference{DocumentID: d.ID, Version: d.Version, SHA256: d.Digest}})
}

// note is one of the accepted ЭД №1; the newest ones are the likeliest.
func (c *client) note() (note1, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.held[c.name]
	if len(list) == 0 {
		return note1{}, false
	}
	i := len(list) - 1 - c.random.IntN(min(len(list), 8))
	n := list[i]
	list[i].placed = true
	return n, true
}

// sendPlacement sends ЭД №2; now and then by somebody who has been dismissed, or a second one.
func (c *client) sendPlacement(ctx context.Context) {
	n, ok := c.note()
	if !ok || n.placed && c.random.IntN(4) > 0 {
		c.sendWaybill(ctx)
		return
	}
	by := c.Performer
	if c.random.IntN(5) == 0 {
		by = c.Dismissed
	}
	id := scene.NewID()
	text := c.Placement(scene.Placement{DocumentID: id, Waybill: n.Reference, Performer: by, Sender: c.name})
	raw := by.MustSign(text)
	c.post(c.write(Document{Kind: "Placement", ID: id, Version: 1, Genuine: true}, text, raw), raw, false)
}

func (c *client) sendPaper(ctx context.Context) {
	n, ok := c.note()
	if !ok {
		c.sendWaybill(ctx)
		return
	}
	id := scene.NewID()
	text := c.PaperSwitch(scene.PaperSwitch{DocumentID: id, Waybill: n.DocumentID})
	raw := c.Signatory.MustSign(text)
	c.post(c.write(Document{Kind: "PaperSwitch", ID: id, Version: 1, Genuine: true}, text, raw), raw, false)
}

// sendWrong sends what must not pass: changed after it was signed, signed by a stranger, or by nobody.
func (c *client) sendWrong(context.Context) {
	id := scene.NewID()
	text := c.Waybill(scene.Waybill{DocumentID: id, Sender: c.name})
	var raw []byte
	switch c.random.IntN(3) {
	case 0:
		raw = bytes.Replace(c.Signatory.MustSign(text), []byte("Пиломатериалы"), []byte("Алмазы"), 1)
	case 1:
		raw = c.Impostor.MustSign(text)
	default:
		raw = text
	}
	c.post(c.write(Document{Kind: "Waybill", ID: id, Version: 1}, text, raw), raw, false)
}

// resend sends something of the participant's again.
func (c *client) resend(ctx context.Context) {
	c.mu.Lock()
	list := c.sent[c.name]
	var raw []byte
	if len(list) > 0 {
		raw = list[c.random.IntN(len(list))]
	}
	c.mu.Unlock()
	if raw == nil {
		c.sendWaybill(ctx)
		return
	}
	c.post(c.documentOf(raw), raw, false)
}

// documentOf is what is known of the bytes.
func (w *world) documentOf(raw []byte) Document {
	digest := w.history.Keep(raw)
	w.history.mu.Lock()
	defer w.history.mu.Unlock()
	return w.history.Documents[digest]
}

// sendTwice sends the same bytes several times at once.
func (c *client) sendTwice(context.Context) {
	d, raw := c.waybill(scene.NewID(), 1, c.Signatory)
	copies := 2 + c.random.IntN(3)
	results := make(chan Attempt, copies)
	for range copies {
		go func() { results <- c.post(d, raw, false) }()
	}
	c.history.acted(retries)
	positive := false
	for range copies {
		positive = (<-results).Result == "positive" || positive
	}
	if positive {
		c.accepted(d)
	}
}

// sendAnother uses the id of a note for other content, or sends its next version.
func (c *client) sendAnother(ctx context.Context) {
	n, ok := c.note()
	if !ok {
		c.sendWaybill(ctx)
		return
	}
	text := c.Waybill(scene.Waybill{DocumentID: n.DocumentID, Version: n.Version + c.random.IntN(2), Sender: c.name, Cargo: "Лом чёрных металлов"})
	raw := c.Signatory.MustSign(text)
	d := c.write(Document{Kind: "Waybill", ID: n.DocumentID, Version: n.Version, Genuine: true}, text, raw)
	c.post(d, raw, false)
}

// sendAndLeave does not wait for the answer.
func (c *client) sendAndLeave(context.Context) {
	d, raw := c.waybill(scene.NewID(), 1, c.Signatory)
	a := Attempt{Document: d.Raw, Sender: c.name, Begin: c.history.now(), Failure: "left"}
	conn, err := net.DialTimeout("tcp", *c.daemon.address.Load(), time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write(append(c.head(len(raw)), raw...)); err != nil {
		a.Failure = err.Error()
	} else {
		c.history.acted(disconnects)
	}
	a.End = c.history.now()
	note(c.history, &c.history.Attempts, a)
}

// sendSlowly stops in the middle of a document, for a while or for good.
func (c *client) sendSlowly(ctx context.Context) {
	d, raw := c.waybill(scene.NewID(), 1, c.Signatory)
	conn, err := net.DialTimeout("tcp", *c.daemon.address.Load(), time.Second)
	if err != nil {
		return
	}
	half := append(c.head(len(raw)), raw[:len(raw)/2]...)
	rest := raw[len(raw)/2:]
	begin := c.history.now()
	note(c.history, &c.history.Attempts, Attempt{Document: d.Raw, Sender: c.name, Begin: begin, End: begin, Failure: "slow"})
	wait, forGood := between(c.random, 50*time.Millisecond, time.Second), c.random.IntN(2) == 0
	go func() {
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write(half); err != nil {
			return
		}
		if forGood {
			c.history.acted(hangs)
			_, _ = conn.Read(make([]byte, 1)) // the gateway ends it, or the run
			return
		}
		pause(ctx, wait)
		_, _ = conn.Write(rest) // whether it arrives is seen when it is sent again
	}()
}

func (c *client) head(length int) []byte {
	return fmt.Appendf(nil, "POST /v1/documents HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/xml\r\nContent-Length: %d\r\n\r\n", c.secrets[c.name], length)
}

// post sends a document, and notes what comes of it.
func (c *client) post(d Document, raw []byte, drain bool) Attempt {
	a := Attempt{Document: d.Raw, Sender: c.name, Begin: c.history.now(), Drain: drain}
	status, head, body, err := c.request(http.MethodPost, "/v1/documents", raw)
	a.End = c.history.now()
	switch {
	case refused(err): // nothing was sent, and whoever is next would not be either
		time.Sleep(awhile)
		return a
	case err != nil:
		a.Failure = err.Error()
	default:
		a.Status, a.Result = status, head.Get("Gateway-Result")
		if a.Message = head.Get("Message-ID"); a.Message != "" {
			a.Body = c.history.Keep(body)
			c.answered.Add(1)
			note(c.history, &c.history.Sightings, Sighting{
				At: a.End, Begin: a.Begin, Where: InAnswer, Lane: c.name, Message: a.Message, Kind: "ESID",
				Document: d.ID, Version: d.Version, Body: a.Body,
			})
			break
		}
		var problem struct {
			Reason string `json:"reason"`
		}
		_ = json.Unmarshal(body, &problem) // an answer that is none has no reason
		a.Reason = problem.Reason
	}
	note(c.history, &c.history.Attempts, a)
	return a
}

// request asks whichever process serves now.
func (c *client) request(method, path string, body []byte) (status int, head http.Header, answer []byte, err error) {
	r, err := http.NewRequest(method, "http://"+*c.daemon.address.Load()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.secrets[c.name])
	r.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		if len(body) > 0 && body[0] == '<' {
			r.Header.Set("Content-Type", "application/xml")
			r.Header.Del("Accept")
		}
	}
	response, err := c.http.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, nil, err
	}
	return response.StatusCode, response.Header, answer, nil
}

// number reads what a header says.
func number(s string) int {
	n, _ := strconv.Atoi(s) // zero is said by none
	return n
}
