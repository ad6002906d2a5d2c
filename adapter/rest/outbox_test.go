package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/scene"
)

// refused posts documents of a stranger and returns the answers: each has an ЭСИД in the outbox.
func (w *world) refused(n int) (answers []reply) {
	w.t.Helper()
	for range n {
		r := w.do("POST", "/v1/documents", w.Impostor.MustSign(w.Waybill(scene.Waybill{})))
		if r.StatusCode != http.StatusUnprocessableEntity {
			w.t.Fatalf("%s %s", r.Status, r.body)
		}
		answers = append(answers, r)
	}
	return answers
}

func (w *world) ids(t *testing.T, r reply) (ids []string, next string) {
	t.Helper()
	var list messageList
	if err := json.Unmarshal(r.body, &list); err != nil {
		t.Fatalf("%v in %s %s", err, r.Status, r.body)
	}
	for _, m := range list.Messages {
		ids = append(ids, m.ID)
	}
	return ids, list.Next
}

// The index is whole, in order, in pages, and one's own.
func TestOutboxList(t *testing.T) {
	w := newWorld(t)
	answers := w.refused(5)
	var want []string
	for _, a := range answers {
		want = append(want, a.Header.Get("Message-ID"))
	}
	got, next := w.ids(t, w.do("GET", "/v1/outbox", nil))
	if diff := cmp.Diff(want, got); diff != "" || next != "" {
		t.Errorf("next %q (-want +got):\n%s", next, diff)
	}
	// In pages of two.
	var paged []string
	for after := ""; ; {
		page, next := w.ids(t, w.do("GET", "/v1/outbox?limit=2&after="+after, nil))
		paged = append(paged, page...)
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("paged (-want +got):\n%s", diff)
	}
	// Each row says what the message is.
	var list messageList
	r := w.do("GET", "/v1/outbox?limit=1", nil, "Accept: text/xml")
	if err := xml.Unmarshal(r.body, &list); err != nil {
		t.Fatal(err)
	}
	e := w.esid(t, answers[0].body)
	row := list.Messages[0]
	if row.ID != e.MessageID || row.Kind != "ESID" || row.Document != e.InReplyTo.DocumentID || row.Version != 1 ||
		row.Result != "negative" || row.SHA256 != hexSum(answers[0].body) || time.Since(row.Created) > time.Hour {
		t.Errorf("%+v", row)
	}
	// Another participant sees none of it.
	if other, _ := w.ids(t, w.do("GET", "/v1/outbox", nil, "Authorization: Bearer ship-02")); len(other) != 0 {
		t.Errorf("SHIP-02 sees %v", other)
	}
}

// The oldest message is offered until it is confirmed, byte for byte the same.
func TestOutboxNext(t *testing.T) {
	w := newWorld(t)
	if r := w.do("GET", "/v1/outbox/next", nil); r.StatusCode != http.StatusNoContent || len(r.body) != 0 {
		t.Fatalf("empty outbox: %s", r.Status)
	}
	for i, answer := range w.refused(3) {
		for range 2 {
			r := w.do("GET", "/v1/outbox/next?wait=1s", nil)
			if r.StatusCode != 200 || !bytes.Equal(r.body, answer.body) {
				t.Fatalf("message %d: %s %s", i, r.Status, r.body)
			}
			e := w.esid(t, r.body)
			want := map[string]string{
				"Message-Id": e.MessageID, "Document-Id": e.InReplyTo.DocumentID, "Document-Version": "1", "Kind": "ESID",
				"Sha256": hexSum(r.body), "Gateway-Result": "negative", "Content-Type": "application/xml",
			}
			for name, value := range want {
				if got := r.Header.Get(name); got != value {
					t.Errorf("%s: %q, want %q", name, got, value)
				}
			}
		}
		id := answer.Header.Get("Message-ID")
		for range 2 { // confirming again is fine
			if r := w.do("DELETE", "/v1/outbox/"+id, nil); r.StatusCode != http.StatusNoContent {
				t.Fatalf("confirming: %s %s", r.Status, r.body)
			}
		}
	}
	if r := w.do("GET", "/v1/outbox/next", nil); r.StatusCode != http.StatusNoContent {
		t.Errorf("all confirmed: %s", r.Status)
	}
}

// A long poll ends with the message that comes meanwhile.
func TestOutboxNextWaits(t *testing.T) {
	w := newWorld(t)
	w.options.Limits.WaitMax = time.Minute
	w.serve()
	got := make(chan reply, 1)
	go func() {
		r, err := w.try("GET", "/v1/outbox/next?wait=60s", nil)
		if err != nil {
			t.Error(err)
		}
		got <- r
	}()
	answer := w.refused(1)[0]
	if r := <-got; r.StatusCode != 200 || !bytes.Equal(r.body, answer.body) {
		t.Errorf("%s %s", r.Status, r.body)
	}
}

// A client that waits too often at once is answered at once.
func TestOutboxNextWaitsBounded(t *testing.T) {
	w := newWorld(t)
	service := w.api.service
	for range waitersPerClient {
		place, err := service.waiting.take(context.Background(), "SHIP-01", 1)
		if err != nil {
			t.Fatal(err)
		}
		defer place.leave()
	}
	began := time.Now()
	if r := w.do("GET", "/v1/outbox/next?wait=10s", nil); r.StatusCode != 204 || time.Since(began) > 5*time.Second {
		t.Errorf("%s after %s", r.Status, time.Since(began))
	}
}

// Many are confirmed in one request, in any order and in each form that clients can write.
func TestOutboxConfirm(t *testing.T) {
	const stranger = "01990000-0000-7000-8000-000000000000"
	forms := map[string]func(a, b string) (contentType, body string){
		"list":   func(a, b string) (string, string) { return "application/json", fmt.Sprintf(`[%q, %q]`, b, a) },
		"object": func(a, b string) (string, string) { return "application/json", fmt.Sprintf(`{"ids": [%q, %q]}`, b, a) },
		"xml": func(a, b string) (string, string) {
			return "application/xml", fmt.Sprintf(`<Confirm xmlns="urn:asugate:1"><ID> %s </ID><ID>%s</ID></Confirm>`, strings.ToUpper(b), a)
		},
	}
	w := newWorld(t)
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			answers := w.refused(2)
			contentType, body := form(answers[0].Header.Get("Message-ID"), answers[1].Header.Get("Message-ID"))
			for range 2 {
				r := w.do("POST", "/v1/outbox/confirm", []byte(body), "Content-Type: "+contentType)
				if want := `{"confirmed":2,"unknown":[]}`; r.StatusCode != 200 || string(r.body) != want {
					t.Errorf("%s %s", r.Status, r.body)
				}
			}
			contentType, body = form(stranger, "nonsense")
			r := w.do("POST", "/v1/outbox/confirm", []byte(body), "Content-Type: "+contentType, "Accept: application/xml")
			var answer confirmed
			if err := xml.Unmarshal(r.body, &answer); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(0, answer.Confirmed) + cmp.Diff([]string{"nonsense", stranger}, answer.Unknown); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if left, _ := w.ids(t, w.do("GET", "/v1/outbox", nil)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// What is no list of ids is refused as a whole.
func TestOutboxConfirmRefuses(t *testing.T) {
	w := newWorld(t)
	many := `["` + strings.Repeat(`x","`, confirmMost) + `x"]`
	for _, body := range []string{
		"x", "null x", "{}x", `{"id": []}`, `{"ids": "x"}`, `[1]`, `[] []`, "<Confirm/>", "<a", `<Confirm xmlns="urn:asugate:1"><ID>`, many,
	} {
		p := w.problem(t, w.do("POST", "/v1/outbox/confirm", []byte(body), "Content-Type: application/json"))
		if p.Status != 400 || p.Reason != "bad-parameter" || p.Detail == "" || p.Resend {
			t.Errorf("%.40s: %+v", body, p)
		}
	}
	if p := w.problem(t, w.do("POST", "/v1/outbox/confirm", make([]byte, confirmBody+1))); p.Status != 413 {
		t.Errorf("huge: %+v", p)
	}
}

// A confirmed message can be read again by its id and is in the list of all messages.
func TestMessages(t *testing.T) {
	w := newWorld(t)
	answers := w.refused(3)
	first := answers[0].Header.Get("Message-ID")
	w.do("DELETE", "/v1/outbox/"+first, nil)
	if r := w.do("GET", "/v1/outbox/"+first, nil); !bytes.Equal(r.body, answers[0].body) {
		t.Errorf("confirmed message: %s %s", r.Status, r.body)
	}
	states := make(map[string]string)
	for since, pages := "", 0; pages < 10; pages++ {
		r := w.do("GET", "/v1/messages?limit=2&since="+since, nil)
		var list messageList
		if err := json.Unmarshal(r.body, &list); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
		for _, m := range list.Messages {
			states[m.ID] = m.State
		}
		if len(list.Messages) == 0 || list.Next == "" {
			break
		}
		since = list.Next
	}
	want := map[string]string{first: "confirmed"}
	for _, a := range answers[1:] {
		want[a.Header.Get("Message-ID")] = "unconfirmed"
	}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Ids that nobody made, and parameters that nobody can mean.
func TestOutboxRefuses(t *testing.T) {
	w := newWorld(t)
	mine := w.refused(1)[0].Header.Get("Message-ID")
	tests := []struct {
		method, path, client string
		status               int
		reason               string
	}{
		{"GET", "/v1/outbox/" + mine, "ship-02", 404, "no-such-message"},
		{"DELETE", "/v1/outbox/" + mine, "ship-02", 404, "no-such-message"},
		{"GET", "/v1/outbox/01990000-0000-7000-8000-000000000000", "ship-01", 404, "no-such-message"},
		{"DELETE", "/v1/outbox/01990000-0000-7000-8000-000000000000", "ship-01", 404, "no-such-message"},
		{"DELETE", "/v1/outbox/next", "ship-01", 404, "no-such-message"},
		{"GET", "/v1/outbox/..%2f..%2fetc%2fpasswd", "ship-01", 404, "no-such-resource"},
		{"GET", "/v1/outbox/%00", "ship-01", 404, "no-such-message"},
		{"GET", "/v1/outbox?limit=0", "ship-01", 400, "bad-parameter"},
		{"GET", "/v1/outbox?limit=1001", "ship-01", 400, "bad-parameter"},
		{"GET", "/v1/outbox?after=x", "ship-01", 400, "bad-parameter"},
		{"GET", "/v1/messages?limit=x", "ship-01", 400, "bad-parameter"},
		{"GET", "/v1/outbox/next?wait=x", "ship-01", 400, "bad-parameter"},
		{"GET", "/v1/outbox/next?wait=-1s", "ship-01", 400, "bad-parameter"},
	}
	for _, tt := range tests {
		p := w.problem(t, w.do(tt.method, tt.path, nil, "Authorization: Bearer "+tt.client))
		if p.Status != tt.status || p.Reason != tt.reason || p.Resend {
			t.Errorf("%s %s: %+v", tt.method, tt.path, p)
		}
	}
	if left, _ := w.ids(t, w.do("GET", "/v1/outbox", nil)); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// When the outbox is full no document is taken, and reading and confirming go on.
func TestOutboxFull(t *testing.T) {
	w := newWorld(t) // a limit of 20
	w.refused(20)
	w.later(time.Minute) // the gateway may remember for a while that there was room
	r := w.do("POST", "/v1/documents", w.Impostor.MustSign(w.Waybill(scene.Waybill{})))
	if p := w.problem(t, r); p.Reason != "outbox-full" || !p.Resend || r.Header.Get("Retry-After") == "" {
		t.Fatalf("%+v", p)
	}
	if r := w.do("GET", "/v1/outbox/next", nil); r.StatusCode != 200 {
		t.Errorf("reading: %s", r.Status)
	}
}
