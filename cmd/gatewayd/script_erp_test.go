package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// erpServer is the client's system («АСУ клиента») as a server to which messages are pushed.
type erpServer struct {
	*httptest.Server

	mu       sync.Mutex       // protects what follows
	status   int              // its answer
	tries    int              // requests so far
	messages map[string]reply // taken, by Message-ID
}

// erp start begins to take messages at $ERP; erp answer STATUS is what it says from then on; erp took
// COUNT holds what it has taken against a number, erp asked COUNT the requests that it got.
func erp(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	if len(args) == 1 && args[0] == "start" {
		a.erp = &erpServer{status: http.StatusNoContent, messages: make(map[string]reply)}
		a.erp.Server = httptest.NewServer(a.erp)
		a.ending = append(a.ending, a.erp.Close)
		ts.Setenv("ERP", a.erp.URL+"/messages")
		return
	}
	if len(args) != 2 || a.erp == nil {
		ts.Fatalf("usage: erp start | answer STATUS | took COUNT | asked COUNT")
	}
	n, err := number(args[1], 0)
	ts.Check(err)
	a.erp.mu.Lock()
	defer a.erp.mu.Unlock()
	switch args[0] {
	case "answer":
		a.erp.status = n
	case "took":
		if got := len(a.erp.messages); got != n {
			ts.Fatalf("the client's server has taken %d messages, want %d", got, n)
		}
		for _, m := range a.erp.messages {
			_, err := a.open(m.body, m.cms)
			ts.Check(err)
		}
	case "asked":
		if a.erp.tries != n {
			ts.Fatalf("the client's server got %d requests, want %d", a.erp.tries, n)
		}
	default:
		ts.Fatalf("usage: erp start | answer STATUS | took COUNT | asked COUNT")
	}
}

func (e *erpServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tries++
	if err == nil && e.status/100 == 2 {
		e.messages[r.Header.Get("Message-ID")] = replied(e.status, r.Header, body)
	}
	w.WriteHeader(e.status)
}

func (e *erpServer) taken() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.messages)
}
