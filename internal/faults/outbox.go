package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"asugate/internal/scene"
)

// messageRow is one message in a list of the gateway's.
type messageRow struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Document string `json:"document"`
	Version  int    `json:"version"`
	SHA256   string `json:"sha256"`
}

// listed is how many messages are asked for at once.
const listed = 50

// runOutbox fetches what there is for the participant, confirms some of it, and signs memos and acts.
func (c *client) runOutbox(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	for ctx.Err() == nil {
		for _, row := range c.outbox() {
			if ctx.Err() != nil {
				return
			}
			if c.random.IntN(3) > 0 {
				c.take(row)
			}
		}
		pause(ctx, between(c.random, 10*time.Millisecond, 60*time.Millisecond))
	}
}

// outbox is the list of what is not confirmed.
func (c *client) outbox() []messageRow {
	begin := c.history.now()
	status, _, body, err := c.request(http.MethodGet, fmt.Sprintf("/v1/outbox?limit=%d", listed), nil)
	if err != nil || status != http.StatusOK {
		return nil
	}
	var list struct{ Messages []messageRow }
	if err := json.Unmarshal(body, &list); err != nil {
		c.history.late("the outbox of %s cannot be read: %v: %.200s", c.name, err, body)
		return nil
	}
	if len(list.Messages) > listed {
		c.history.late("the outbox of %s lists %d messages, asked for %d", c.name, len(list.Messages), listed)
	}
	for _, row := range list.Messages {
		note(c.history, &c.history.Sightings, Sighting{
			At: c.history.now(), Begin: begin, Where: InList, Lane: c.name, Message: row.ID, Kind: row.Kind,
			Document: row.Document, Version: row.Version,
		})
	}
	return list.Messages
}

// take fetches a message, answers it where it wants an answer, and confirms it sometimes.
func (c *client) take(row messageRow) {
	begin := c.history.now()
	status, head, body, err := c.request(http.MethodGet, "/v1/outbox/"+row.ID, nil)
	if err != nil || status != http.StatusOK {
		return
	}
	note(c.history, &c.history.Sightings, Sighting{
		At: c.history.now(), Begin: begin, Where: InOutbox, Lane: c.name, Message: head.Get("Message-ID"), Kind: head.Get("Kind"),
		Document: head.Get("Document-ID"), Version: number(head.Get("Document-Version")), Body: c.history.Keep(body),
	})
	if (row.Kind == "Memo" || row.Kind == "Act") && c.random.IntN(2) == 0 {
		c.sign(row, body)
	}
	switch c.random.IntN(3) {
	case 0:
		status, _, _, err = c.request(http.MethodDelete, "/v1/outbox/"+row.ID, nil)
	case 1:
		status, _, _, err = c.request(http.MethodPost, "/v1/outbox/confirm", fmt.Appendf(nil, `{"ids":[%q]}`, row.ID))
	default:
		return
	}
	if err == nil && status/100 == 2 {
		note(c.history, &c.history.Confirmations, Confirmation{At: c.history.now(), Client: c.name, Message: row.ID})
	}
}

// sign says that the client agrees with a memo or an act.
func (c *client) sign(row messageRow, body []byte) {
	id := scene.NewID()
	text := c.Approval(scene.Answer{DocumentID: id, Sender: c.name, Of: scene.ReferenceTo(body, row.Document, row.Version)})
	raw := c.Signatory.MustSign(text)
	c.post(c.write(Document{Kind: "Approval", ID: id, Version: 1, Genuine: true}, text, raw), raw, false)
}

// everything reads all messages that there ever were for the participant.
func (c *client) everything() error {
	const page = 500
	cursor := ""
	for {
		begin := c.history.now()
		path := fmt.Sprintf("/v1/messages?limit=%d&since=%s", page, url.QueryEscape(cursor))
		status, _, body, err := c.request(http.MethodGet, path, nil)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("reading the messages of %s: %d %w", c.name, status, err)
		}
		var list struct {
			Messages []messageRow
			Next     string
		}
		if err := json.Unmarshal(body, &list); err != nil {
			return fmt.Errorf("reading the messages of %s: %w", c.name, err)
		}
		for _, row := range list.Messages {
			note(c.history, &c.history.Sightings, Sighting{
				At: c.history.now(), Begin: begin, Where: InMessages, Lane: c.name, Message: row.ID, Kind: row.Kind,
				Document: row.Document, Version: row.Version, Body: row.SHA256,
			})
		}
		if len(list.Messages) < page { // the walk has come to its end
			return nil
		}
		cursor = list.Next
	}
}
