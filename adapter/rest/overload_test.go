package rest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
)

// faults.md §5, row 17: many clients at once. Beyond the turns 503 with Retry-After; whoever is
// served is served right, and afterwards all is as before.
func TestOverloaded(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	entered := make(chan struct{}, 100)
	w.options.Accept = func(ctx context.Context, s gateway.Submission) (gateway.Receipt, error) {
		entered <- struct{}{}
		<-release
		return w.gateway.Accept(ctx, s)
	}
	w.options.Limits.InFlight, w.options.Limits.InFlightPerClient = 2, 2
	w.options.Limits.InFlightWait = time.Millisecond
	w.serve()
	document := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	statuses := make(chan int, 100)
	post := func() {
		r, err := w.try("POST", "/v1/documents", document)
		if err != nil {
			t.Error(err)
			return
		}
		if r.StatusCode == 503 && r.Header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
		statuses <- r.StatusCode
	}
	for range 2 {
		go post()
		<-entered
	}
	if n := w.api.InFlight(); n != 2 {
		t.Errorf("%d in flight", n)
	}
	var burst sync.WaitGroup
	for range 20 {
		burst.Go(post)
	}
	burst.Wait()
	close(release)
	count := make(map[int]int)
	for range 22 {
		count[<-statuses]++
	}
	if count[503] != 20 || count[422] != 2 {
		t.Errorf("statuses %v", count)
	}
	if r := w.do("POST", "/v1/documents", document); r.StatusCode != 422 {
		t.Errorf("afterwards: %s", r.Status)
	}
}

// Row 8, of those who have a name: bodies that trickle in hold no turn, neither the others' nor the
// client's own.
func TestSlowBodiesHoldNoTurn(t *testing.T) {
	s := newRawServer(t, func(o *ServerOptions) { o.ReadTimeout = 20 * time.Second })
	const slow = 10 // more than a client's turns, and with the others' more than all
	var open []net.Conn
	for _, client := range []string{"ship-01", "ship-02"} {
		for range slow {
			c := s.dial(t)
			fmt.Fprintf(c, "POST /v1/documents HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer %s\r\n"+
				"Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a", client)
			open = append(open, c)
		}
	}
	for s.api.BodyBytes() < int64(2*slow*4) {
		runtime.Gosched()
	}
	began := time.Now()
	if r := s.do("POST", "/v1/documents", s.waybill(scene.Waybill{})); r.StatusCode == 503 {
		t.Errorf("%s after %s", r.Status, time.Since(began))
	}
	for _, c := range open {
		io.WriteString(c, "<<")
		answer := make([]byte, 12)
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 400" {
			t.Errorf("%q, %v", answer, err)
		}
	}
}

// Bodies are read only while there is memory for them: what is announced is set aside, and one client
// cannot have all of it.
func TestBodiesHaveRoom(t *testing.T) {
	w := newWorld(t)
	w.options.Limits.InFlightWait = 10 * time.Millisecond
	w.serve()
	s := w.raw(t, func(o *ServerOptions) { o.ReadTimeout = 20 * time.Second })
	slow := s.dial(t)
	fmt.Fprintf(slow, "%sContent-Length: %d\r\n\r\n<a", postHead, 1<<20)
	for s.api.BodyBytes() != 1<<20 {
		runtime.Gosched()
	}
	// Its next one, however short it turns out to be, would leave less than the client holds.
	r := s.send(t, fmt.Sprintf("%sContent-Length: %d\r\nConnection: close\r\n\r\n", postHead, 512<<10))
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(r)), nil)
	if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "2" {
		t.Errorf("%v, %.300q", err, r)
	}
	document := s.waybill(scene.Waybill{})
	if r := s.do("POST", "/v1/documents", document, "Authorization: Bearer ship-02"); r.StatusCode != 200 && r.StatusCode != 422 {
		t.Errorf("another client: %s", r.Status)
	}
	slow.Close()
	for s.api.BodyBytes() != 0 {
		runtime.Gosched()
	}
	if r := s.do("POST", "/v1/documents", document); r.StatusCode != 200 {
		t.Errorf("afterwards: %s", r.Status)
	}
}

// stuck is an answer that its client does not read.
type stuck struct {
	*httptest.ResponseRecorder
	writing chan<- struct{}
	release <-chan struct{}
}

func (s stuck) Write(b []byte) (int, error) {
	if len(b) == bigContent {
		s.writing <- struct{}{}
		<-s.release
	}
	return s.ResponseRecorder.Write(b)
}

const bigContent = 1 << 20

// A client that fetches and does not read fills its own share of the memory for answers: then it is told
// to come again, and everybody else is served.
func TestSlowReader(t *testing.T) {
	w := newWorld(t)
	w.options.Content = func(context.Context, string, string) ([]byte, []byte, error) {
		return make([]byte, bigContent), nil, nil
	}
	w.serve()
	writing, release := make(chan struct{}), make(chan struct{})
	fetch := func(client string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/v1/documents/"+scene.NewID()+"/content", nil)
		r.Header.Set("Authorization", "Bearer "+client)
		a := stuck{httptest.NewRecorder(), writing, release}
		w.api.ServeHTTP(a, r)
		return a.ResponseRecorder
	}
	var slow sync.WaitGroup
	begin := func(client string) {
		slow.Go(func() {
			if r := fetch(client); r.Code != 200 || r.Body.Len() != bigContent {
				t.Errorf("%s: %d, %d bytes", client, r.Code, r.Body.Len())
			}
		})
		<-writing
	}
	// Of 4 MiB the first two leave as much as they take.
	begin("ship-02")
	begin("ship-02")
	for range 10 {
		if r := fetch("ship-02"); r.Code != 503 || r.Header().Get("Retry-After") == "" {
			t.Errorf("one more: %d", r.Code)
		}
	}
	begin("ship-01")
	// It holds no turn either: documents go on.
	if r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{}), "Authorization: Bearer ship-02"); r.StatusCode == 503 {
		t.Error(r.Status)
	}
	close(release)
	slow.Wait()
	w.api.service.answers.empty(t)
}

// A client that does not read the answer to its document holds no turn meanwhile.
func TestSlowReaderOfAnswer(t *testing.T) {
	w := newWorld(t)
	w.options.Limits.InFlight, w.options.Limits.InFlightPerClient, w.options.Limits.InFlightWait = 1, 1, 0
	w.serve()
	release, writing := make(chan struct{}), make(chan struct{})
	r := httptest.NewRequest("POST", "/v1/documents", bytes.NewReader(w.waybill(scene.Waybill{})))
	r.Header.Set("Authorization", "Bearer ship-01")
	r.Header.Set("Content-Type", "application/xml")
	var slow sync.WaitGroup
	slow.Go(func() { w.api.ServeHTTP(halted{httptest.NewRecorder(), writing, release}, r) })
	<-writing
	if r := w.do("POST", "/v1/documents", w.waybill(scene.Waybill{})); r.StatusCode != 200 {
		t.Error(r.Status)
	}
	close(release)
	slow.Wait()
	w.api.service.turns.empty(t)
	w.api.service.bodies.empty(t)
}

// halted is an answer whose client takes nothing, not even the head.
type halted struct {
	*httptest.ResponseRecorder
	writing chan<- struct{}
	release <-chan struct{}
}

func (h halted) WriteHeader(status int) {
	h.writing <- struct{}{}
	<-h.release
	h.ResponseRecorder.WriteHeader(status)
}

// What only waits for the disk holds no turn: others are judged meanwhile, but no more are written than
// may be in flight.
func TestWritingHoldsNoTurn(t *testing.T) {
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	writing := true
	w.options.Accept = func(ctx context.Context, s gateway.Submission) (gateway.Receipt, error) {
		if writing {
			s.Writing()
			s.Writing() // judged again, since the registers had moved
		}
		entered <- struct{}{}
		<-release
		return w.gateway.Accept(ctx, s)
	}
	w.options.Limits.InFlight, w.options.Limits.InFlightPerClient, w.options.Limits.InFlightWait = 2, 2, 0
	w.serve()
	document := w.Impostor.MustSign(w.Waybill(scene.Waybill{}))
	var all sync.WaitGroup
	post := func() {
		all.Go(func() {
			if r, err := w.try("POST", "/v1/documents", document); err != nil || r.StatusCode != 422 {
				t.Error(r.Response, err)
			}
		})
		<-entered
	}
	post()
	post()
	writing = false
	post()
	post()
	if n := w.api.InFlight(); n != 4 {
		t.Errorf("%d in flight", n)
	}
	if r := w.do("POST", "/v1/documents", document); r.StatusCode != 503 {
		t.Errorf("a fifth: %s", r.Status)
	}
	close(release)
	all.Wait()
	if n := w.api.InFlight(); n != 0 {
		t.Errorf("%d in flight afterwards", n)
	}
}

// A client that asks and asks has half of the turns of those who read; another one is served. What is
// being sent to a slow client holds none.
func TestReadsTakeTurns(t *testing.T) {
	w := newWorld(t)
	entered, release := make(chan struct{}, 100), make(chan struct{})
	w.options.Document = func(ctx context.Context, participant, id string) (gateway.DocumentState, error) {
		if participant == "SHIP-01" {
			entered <- struct{}{}
			<-release
		}
		return gateway.DocumentState{}, gateway.ErrNoDocument
	}
	w.options.Limits.InFlight, w.options.Limits.InFlightPerClient, w.options.Limits.InFlightWait = 4, 4, 0
	w.serve()
	path := "/v1/documents/" + scene.NewID()
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if r, err := w.try("GET", path, nil); err != nil || r.StatusCode != 404 {
				t.Error(r.Response, err)
			}
		})
		<-entered
	}
	if r := w.do("GET", path, nil); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" {
		t.Errorf("a third: %s", r.Status)
	}
	if r := w.do("GET", path, nil, "Authorization: Bearer ship-02"); r.StatusCode != 404 {
		t.Errorf("another client: %s", r.Status)
	}
	if r := w.do("GET", "/v1/outbox/next", nil); r.StatusCode != 204 {
		t.Errorf("the next message: %s", r.Status)
	}
	close(release)
	all.Wait()
	// Now the same client reads slowly.
	going, written := make(chan struct{}), make(chan struct{})
	for range 4 {
		r := httptest.NewRequest("GET", "/v1/outbox", nil)
		r.Header.Set("Authorization", "Bearer ship-01")
		all.Go(func() { w.api.ServeHTTP(halted{httptest.NewRecorder(), going, written}, r) })
		<-going
	}
	if r := w.do("GET", path, nil); r.StatusCode != 404 {
		t.Errorf("beside its slow reading: %s", r.Status)
	}
	close(written)
	all.Wait()
	w.api.service.reads.empty(t)
}
