package rest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/queue"
	"asugate/schema"
	"asugate/store"
)

// aboutMemo is a message of the chain of one memo, with its bytes.
type aboutMemo struct {
	queue.Message
	body, cms []byte
}

const memoOrder = "RZD/0195f0a2-7c00-7000-8000-000000000002"

// primaries are what a client gets of memos and acts: one in the form of КП ЭДО, with a signature beside
// it, an encoding of its own and line ends that a parser would change; two with the signature inside.
func primaries() []aboutMemo {
	signBy := time.Date(2026, 11, 22, 12, 0, 0, 900_000_000, time.FixedZone("MSK", 3*3600))
	return []aboutMemo{
		{queue.Message{Kind: "StateNotice"}, []byte("\ufeff<StateNotice>поступил</StateNotice>"), nil},
		{queue.Message{Kind: "Memo", SignBy: signBy},
			[]byte("<?xml version=\"1.0\" encoding=\"windows-1251\"?>\r\n<data>\xcf\xe0\xec\xff\xf2\xea\xe0</data>\r\n"), []byte("0\x82\x00\r\n--\xff")},
		{queue.Message{Kind: "Act", SignBy: signBy}, []byte("<Act ID='a'>\n</Act>\n"), nil},
	}
}

// queued puts messages into the outbox of SHIP-01, and gives them ids.
func (w *world) queued(messages ...aboutMemo) []aboutMemo {
	w.t.Helper()
	for i := range messages {
		m := &messages[i]
		m.ID = fmt.Sprintf("019396a5-1c00-7000-8000-%012d", i+1)
		m.Lane, m.Order, m.Participant, m.Version = gateway.ClientLane("SHIP-01"), memoOrder, "RZD", i+1
		m.DocumentID, m.SHA256 = memoOrder[len("RZD/"):], hexSum(m.body)
		m.Created, m.Body = time.Now(), "body "+m.ID
		if m.cms != nil {
			m.Signature = "cms " + m.ID
		}
	}
	w.change(func(tx store.Tx) error {
		for _, m := range messages {
			tx.Put(store.Blobs, []byte(m.Body), store.Pack(m.body))
			if m.cms != nil {
				tx.Put(store.Blobs, []byte(m.Signature), store.Pack(m.cms))
			}
			if err := w.queue.Add(tx, m.Message); err != nil {
				return err
			}
		}
		return nil
	})
	return messages
}

func (w *world) change(write func(store.Tx) error) {
	w.t.Helper()
	if err := w.gateway.Store.Update(write); err != nil {
		w.t.Fatal(err)
	}
}

// Memos, acts and notices reach the client with the exact bytes that were signed, and with the time that
// is left where a term runs: fetched next, fetched again, pushed, in both lists.
func TestOutboxPrimaries(t *testing.T) {
	const until = "2026-11-22T09:00:00Z"
	w := newWorld(t)
	for _, m := range w.queued(primaries()...) {
		want := map[string]string{
			"Message-Id": m.ID, "Kind": m.Kind, "Document-Id": m.DocumentID, "Document-Version": fmt.Sprint(m.Version),
			"Sha256": hexSum(m.body), "Sign-By": "", "Gateway-Result": "",
		}
		if !m.SignBy.IsZero() {
			want["Sign-By"] = until
		}
		check := func(name string, h http.Header, contentType string, body []byte) {
			t.Helper()
			got := map[string]string{}
			for field := range want {
				got[field] = h.Get(field)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s: %s", m.Kind, name, diff)
			}
			var cms []byte
			if m.cms != nil {
				body, cms = sealedParts(t, contentType, body)
			}
			if !bytes.Equal(body, m.body) || !bytes.Equal(cms, m.cms) {
				t.Errorf("%s %s: %q, %q", m.Kind, name, body, cms)
			}
		}
		for _, path := range []string{"next", m.ID} {
			r := w.do("GET", "/v1/outbox/"+path, nil)
			check(path, r.Header, r.Header.Get("Content-Type"), r.body)
		}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			if _, err := body.ReadFrom(r.Body); err != nil {
				t.Error(err)
			}
			check("pushed", r.Header, r.Header.Get("Content-Type"), body.Bytes())
		}))
		if err := pushTo(server.URL, nil)(t.Context(), m.Message, m.body, m.cms); err != nil {
			t.Error(err)
		}
		server.Close()
		if m.cms != nil {
			r := w.do("GET", "/v1/outbox/"+m.ID, nil, "Accept: application/xml")
			document, cms, err := schema.ReadSigned(r.body)
			if err != nil || !bytes.Equal(document, m.body) || !bytes.Equal(cms, m.cms) {
				t.Errorf("in the envelope: %v in %s", err, r.body)
			}
		}
		for _, list := range []string{"/v1/outbox?limit=1", "/v1/messages?limit=1"} {
			w.listed(t, list, m, until)
		}
		w.do("DELETE", "/v1/outbox/"+m.ID, nil)
		if _, err := w.queue.Trim(time.Now().Add(time.Hour), 9); err != nil { // so that the next is the first
			t.Fatal(err)
		}
	}
}

// listed holds the first row of a list against its message.
func (w *world) listed(t *testing.T, path string, m aboutMemo, until string) {
	t.Helper()
	for accept, read := range map[string]func([]byte, any) error{"application/json": json.Unmarshal, "application/xml": xml.Unmarshal} {
		r := w.do("GET", path, nil, "Accept: "+accept)
		var list messageList
		if err := read(r.body, &list); err != nil || len(list.Messages) != 1 {
			t.Fatalf("%s: %v in %s", path, err, r.body)
		}
		row := list.Messages[0]
		signBy := ""
		if row.SignBy != nil {
			signBy = row.SignBy.Format(time.RFC3339Nano)
		}
		if want := map[bool]string{false: until}[m.SignBy.IsZero()]; signBy != want || row.Kind != m.Kind || row.ID != m.ID {
			t.Errorf("%s as %s: %s", path, accept, r.body)
		}
		if bytes.Contains(r.body, []byte("sign_by")) == m.SignBy.IsZero() {
			t.Errorf("%s as %s: %s", path, accept, r.body)
		}
	}
}

// What was taken back is gone from the outbox: asked for by its id it says why, and confirming it is fine,
// for the client may have read it before.
func TestOutboxWithdrawn(t *testing.T) {
	w := newWorld(t)
	messages := w.queued(primaries()...)
	const why = "отозван: ожидает порчи"
	w.change(func(tx store.Tx) error {
		stopped, err := w.queue.Withdraw(tx, messages[0].Lane, memoOrder, why, func(m queue.Message) bool { return m.Kind == "Act" })
		if len(stopped) != 2 {
			t.Errorf("stopped %v", stopped)
		}
		return err
	})
	gone, left := messages[1], messages[2]
	refused := func(when string) {
		t.Helper()
		r := w.do("GET", "/v1/outbox/"+gone.ID, nil)
		p := w.problem(t, r)
		if p.Status != http.StatusGone || p.Reason != "message-withdrawn" || p.Detail != why || p.Resend ||
			r.Header.Get("Message-ID") != gone.ID {
			t.Errorf("%s: %+v", when, p)
		}
	}
	refused("withdrawn")
	if r := w.do("GET", "/v1/outbox/next", nil); r.Header.Get("Message-ID") != left.ID {
		t.Errorf("next: %s %v", r.Status, r.Header)
	}
	if ids, _ := w.ids(t, w.do("GET", "/v1/outbox", nil)); !cmp.Equal(ids, []string{left.ID}) {
		t.Errorf("the index: %v", ids)
	}
	for range 2 {
		if r := w.do("DELETE", "/v1/outbox/"+gone.ID, nil); r.StatusCode != http.StatusNoContent {
			t.Errorf("confirming: %s %s", r.Status, r.body)
		}
	}
	r := w.do("POST", "/v1/outbox/confirm", []byte(`["`+gone.ID+`"]`), "Content-Type: application/json")
	if want := `{"confirmed":1,"unknown":[]}`; string(r.body) != want {
		t.Errorf("confirming: %s", r.body)
	}
	refused("confirmed")
	w.change(func(tx store.Tx) error { tx.Delete(store.Blobs, []byte(gone.Body)); return nil })
	refused("without its body")

	if _, err := w.queue.Drop(left.ID, "told by telephone"); err != nil {
		t.Fatal(err)
	}
	var list messageList
	if err := json.Unmarshal(w.do("GET", "/v1/messages", nil).body, &list); err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, row := range list.Messages {
		states = append(states, row.State)
	}
	if diff := cmp.Diff([]string{"withdrawn", "withdrawn", "dropped"}, states); diff != "" {
		t.Errorf("/v1/messages: %s", diff)
	}
	// What an operator has dropped is still to be had: it was not taken back, only not waited for.
	if r := w.do("GET", "/v1/outbox/"+left.ID, nil); r.StatusCode != 200 || !bytes.Equal(r.body, left.body) {
		t.Errorf("dropped: %s %s", r.Status, r.body)
	}
}

// The body of a spoiled memo is given to nobody, whether it is in the outbox still or was confirmed long
// ago, and keeps nobody from what comes after it.
func TestOutboxSpoiled(t *testing.T) {
	w := newWorld(t)
	var fails error
	w.options.MayShow = func(m queue.Message) error {
		if m.Kind != "Memo" {
			return nil
		}
		return errors.Join(fails, gateway.ErrSpoiled)
	}
	w.serve()
	messages := w.queued(primaries()...)
	w.do("DELETE", "/v1/outbox/"+messages[0].ID, nil)
	memo, act := messages[1], messages[2]
	refused := func(path string) {
		t.Helper()
		r := w.do("GET", path, nil)
		if p := w.problem(t, r); p.Status != http.StatusGone || p.Reason != "document-spoiled" || r.Header.Get("Message-ID") != memo.ID {
			t.Errorf("%s: %+v", path, p)
		}
		if bytes.Contains(r.body, []byte("data")) || r.Header.Get("Sign-By") != "" {
			t.Errorf("%s: %v %s", path, r.Header, r.body)
		}
	}
	refused("/v1/outbox/next")
	refused("/v1/outbox/" + memo.ID)
	w.do("DELETE", "/v1/outbox/"+memo.ID, nil)
	refused("/v1/outbox/" + memo.ID)
	if r := w.do("GET", "/v1/outbox/next", nil); !bytes.Equal(r.body, act.body) {
		t.Errorf("after it: %s %s", r.Status, r.body)
	}
	w.change(func(tx store.Tx) error { tx.Delete(store.Blobs, []byte(memo.Body)); return nil })
	refused("/v1/outbox/" + memo.ID)

	fails = gateway.ErrNotReady
	if p := w.problem(t, w.do("GET", "/v1/outbox/"+memo.ID, nil)); p.Reason != "not-ready" {
		t.Errorf("while it is not known: %+v", p)
	}
	// A body that is missing for no such reason is our failure, and is told as one.
	w.options.MayShow = nil
	w.serve()
	if p := w.problem(t, w.do("GET", "/v1/outbox/"+memo.ID, nil)); p.Status != 500 {
		t.Errorf("missing: %+v", p)
	}
}
