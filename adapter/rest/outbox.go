package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"asugate/queue"
)

const (
	listDefault = 100
	listMost    = 1000
	confirmMost = 10000   // ids in one request
	confirmBody = 1 << 20 // bytes of it
)

// messageRow is one message in a list.
type messageRow struct {
	ID       string    `json:"id" xml:"id,attr"`
	Kind     string    `json:"kind" xml:"kind,attr"`
	Document string    `json:"document" xml:"document,attr"`
	Version  int       `json:"version" xml:"version,attr"`
	Result   string    `json:"result,omitempty" xml:"result,attr,omitempty"`
	SHA256   string    `json:"sha256" xml:"sha256,attr"`
	Created  time.Time `json:"created" xml:"created,attr"`

	SignBy *time.Time `json:"sign_by,omitempty" xml:"sign_by,attr,omitempty"` // of a memo or an act with a term
	State  string     `json:"state,omitempty" xml:"state,attr,omitempty"`     // in /v1/messages
}

// messageList is the answer of GET /v1/outbox and GET /v1/messages.
type messageList struct {
	XMLName  xml.Name     `json:"-" xml:"urn:asugate:1 Messages"`
	Messages []messageRow `json:"messages" xml:"Message"`
	Next     string       `json:"next,omitempty" xml:"next,attr,omitempty"`
}

func rowOf(m queue.Message) messageRow {
	row := messageRow{
		ID: m.ID, Kind: m.Kind, Document: m.DocumentID, Version: m.Version,
		Result: m.Result, SHA256: m.SHA256, Created: m.Created,
	}
	if !m.SignBy.IsZero() {
		until := signBy(m)
		row.SignBy = &until
	}
	return row
}

// signBy is until when the client may answer, as it is told everywhere: without the part of a second
// for which the header has no room.
func signBy(m queue.Message) time.Time { return m.SignBy.UTC().Truncate(time.Second) }

// getOutbox lists the unconfirmed messages, oldest first.
func (s *service) getOutbox(w *answer, r *http.Request, c Client) error {
	limit, err := limitOf(r)
	if err != nil {
		return err
	}
	after := r.URL.Query().Get("after")
	if after != "" && !isID(after) {
		return badParameter.detailed("after is the id of a message")
	}
	entries, err := s.Queue.List(s.Lane(c.Code), after, limit)
	if err != nil {
		return fmt.Errorf("listing the outbox: %w", err)
	}
	list := messageList{Messages: make([]messageRow, 0, len(entries))}
	for _, e := range entries {
		list.Messages = append(list.Messages, rowOf(e.Message))
	}
	if len(entries) == limit {
		list.Next = entries[limit-1].ID
	}
	return tell(w, r, http.StatusOK, list)
}

// getMessages lists the confirmed messages too, for a system restored from a backup; and what was taken
// back, so that it knows why some of what it remembers is not to be had any more.
func (s *service) getMessages(w *answer, r *http.Request, c Client) error {
	limit, err := limitOf(r)
	if err != nil {
		return err
	}
	since := r.URL.Query().Get("since")
	if len(since) > 256 {
		return badParameter.detailed("since is a cursor that an earlier answer gave")
	}
	entries, next, err := s.Queue.Messages(s.Lane(c.Code), since, limit)
	if err != nil {
		return fmt.Errorf("listing messages: %w", err)
	}
	list := messageList{Messages: make([]messageRow, 0, len(entries)), Next: next}
	for _, e := range entries {
		row := rowOf(e.Message)
		switch row.State = e.State; e.State {
		case queue.Waiting, queue.Held, queue.Parked:
			row.State = "unconfirmed"
		}
		list.Messages = append(list.Messages, row)
	}
	return tell(w, r, http.StatusOK, list)
}

func limitOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return listDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > listMost {
		return 0, badParameter.detailed("limit is a number from 1 to " + strconv.Itoa(listMost))
	}
	return n, nil
}

// isID keeps what cannot be an id of ours from the store and from the log.
func isID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '-' {
			return false
		}
	}
	return true
}

// getNext is the oldest unconfirmed message itself; with wait, the next one that comes.
func (s *service) getNext(w *answer, r *http.Request, c Client) error {
	var wait time.Duration
	if text := r.URL.Query().Get("wait"); text != "" {
		var err error
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 {
			return badParameter.detailed("wait is a duration such as 30s")
		}
		wait = min(wait, s.Limits.WaitMax)
	}
	if wait > 0 {
		place, err := s.waiting.take(r.Context(), c.Code, 1)
		if err != nil {
			wait = 0 // too many of this client wait already: this one is answered at once
		} else {
			defer place.leave()
			// The deadline for reading the request would end the wait as if the client had gone.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
	}
	m, body, ok, err := s.Queue.Next(r.Context(), s.Lane(c.Code), wait)
	switch {
	case errors.Is(err, context.Canceled):
		ok = false // we are stopping, or nobody is there any more
	case err != nil:
		return fmt.Errorf("reading the next message: %w", err)
	}
	if !ok {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := s.shown(w, queue.Entry{Message: m, State: queue.Waiting}); err != nil {
		return err
	}
	return s.writeMessage(w, r, c, m, body)
}

func (s *service) getMessage(w *answer, r *http.Request, c Client) error {
	id := r.PathValue("id")
	if !isID(id) {
		return noMessage
	}
	e, body, err := s.Queue.Message(s.Lane(c.Code), id)
	switch {
	case errors.Is(err, queue.ErrNoBody):
		// Its body may have been let go of for a reason, which is the better answer.
		return cmp.Or(s.shown(w, e), fmt.Errorf("reading a message: %w", err))
	case err != nil:
		return fmt.Errorf("reading a message: %w", err)
	}
	if err := s.shown(w, e); err != nil {
		return err
	}
	return s.writeMessage(w, r, c, e.Message, body)
}

// shown says whether a message may be given out. One that may not is named all the same: it can be
// confirmed, and keeps nobody from what follows.
func (s *service) shown(w http.ResponseWriter, e queue.Entry) error {
	if e.State == queue.Withdrawn {
		w.Header().Set("Message-ID", e.ID)
		return takenBack.detailed(e.Reason)
	}
	if err := s.MayShow(e.Message); err != nil {
		w.Header().Set("Message-ID", e.ID)
		return fmt.Errorf("showing a message: %w", err)
	}
	return nil
}

func (s *service) writeMessage(w http.ResponseWriter, r *http.Request, c Client, m queue.Message, body []byte) error {
	cms, err := s.Queue.Signature(m)
	if err != nil {
		return err
	}
	room, err := s.giveOut(r, c, body)
	if err != nil {
		return err
	}
	defer room.leave()
	setMessageHeaders(w.Header(), m)
	writeSealed(w, r, http.StatusOK, m.ID, body, cms)
	return nil
}

// giveOut counts a body that may be long and goes to a client that may read slowly, so that those who
// fetch and do not read fill their own share of the memory.
func (s *service) giveOut(r *http.Request, c Client, body []byte) (*place, error) {
	return s.answers.take(r.Context(), c.Code, int64(len(body)))
}

// setMessageHeaders is the same for fetched and for pushed messages. SHA256 is of the document, also
// where a detached signature comes with it.
func setMessageHeaders(h http.Header, m queue.Message) {
	h.Set("Message-ID", m.ID)
	h.Set("Kind", m.Kind)
	h.Set("SHA256", m.SHA256)
	h.Set("Document-Version", strconv.Itoa(m.Version))
	if isToken(m.DocumentID) {
		h.Set("Document-ID", m.DocumentID)
	}
	if m.Result != "" {
		h.Set("Gateway-Result", m.Result)
	}
	if !m.SignBy.IsZero() {
		h.Set("Sign-By", signBy(m).Format(time.RFC3339))
	}
}

// isToken keeps out of a header what is not visible ASCII: the id of a document that was refused is
// whatever it said.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// deleteMessage confirms one message; doing so again is fine.
func (s *service) deleteMessage(w *answer, r *http.Request, c Client) error {
	id := r.PathValue("id")
	if !isID(id) {
		return noMessage
	}
	unknown, err := s.Queue.Confirm(s.Lane(c.Code), id)
	if err != nil {
		return fmt.Errorf("confirming a message: %w", err)
	}
	if len(unknown) > 0 {
		return noMessage
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// confirmed is the answer of POST /v1/outbox/confirm.
type confirmed struct {
	XMLName   xml.Name `json:"-" xml:"urn:asugate:1 Confirmed"`
	Confirmed int      `json:"confirmed" xml:"confirmed,attr"`
	Unknown   []string `json:"unknown" xml:"Unknown"`
}

// postConfirm confirms many messages in one write, in any order.
func (s *service) postConfirm(w *answer, r *http.Request, c Client) error {
	if err := s.checkLength(r, confirmBody); err != nil {
		return err
	}
	body, err := readBody(w, r, confirmBody)
	if err != nil {
		return err
	}
	ids, err := idsIn(body)
	if err != nil {
		return badParameter.detailed(err.Error())
	}
	known := ids[:0:0]
	answer := confirmed{Unknown: []string{}}
	for _, id := range ids {
		if isID(id) {
			known = append(known, id)
		} else {
			answer.Unknown = append(answer.Unknown, bounded(id, 64))
		}
	}
	if len(known) > 0 {
		unknown, err := s.Queue.Confirm(s.Lane(c.Code), known...)
		if err != nil {
			return fmt.Errorf("confirming messages: %w", err)
		}
		answer.Unknown = append(answer.Unknown, unknown...)
	}
	answer.Confirmed = len(ids) - len(answer.Unknown)
	return tell(w, r, http.StatusOK, answer)
}

// idsIn reads a list of ids: ["…"], {"ids": ["…"]} or <Confirm><ID>…</ID></Confirm>.
func idsIn(body []byte) ([]string, error) {
	var ids []string
	switch trimmed := bytes.TrimLeft(body, " \t\r\n\ufeff"); {
	case bytes.HasPrefix(trimmed, []byte("<")):
		var list struct {
			XMLName xml.Name `xml:"urn:asugate:1 Confirm"`
			IDs     []string `xml:"ID"`
		}
		if err := xml.Unmarshal(trimmed, &list); err != nil {
			return nil, errors.New(`the body is no <Confirm xmlns="urn:asugate:1"> of <ID>`)
		}
		ids = list.IDs
	case bytes.HasPrefix(trimmed, []byte("[")):
		if err := strictJSON(trimmed, &ids); err != nil {
			return nil, errors.New("the body is no JSON list of ids")
		}
	default:
		var list struct {
			IDs []string `json:"ids"`
		}
		if err := strictJSON(trimmed, &list); err != nil {
			return nil, errors.New(`the body is no JSON object {"ids": [...]}`)
		}
		ids = list.IDs
	}
	if len(ids) > confirmMost {
		return nil, errors.New("more than " + strconv.Itoa(confirmMost) + " ids in one request")
	}
	for i := range ids {
		ids[i] = strings.ToLower(strings.TrimSpace(ids[i]))
	}
	return ids, nil
}

// strictJSON reads one value and nothing else.
func strictJSON(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
