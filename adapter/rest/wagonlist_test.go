package rest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/wagonlist"
)

// placed is a consignment note with both documents accepted.
func (w *world) placed(t *testing.T) (id, placementID string, waybill []byte) {
	t.Helper()
	_, err := w.gateway.Accept(context.Background(), gateway.Submission{
		Participant: "RZD", Office: true, Raw: w.Office.MustSign(w.StaffList(1)), Received: time.Now(), Via: "spool",
	})
	if err != nil {
		t.Fatal(err)
	}
	id, placementID = scene.NewID(), scene.NewID()
	waybill = w.waybill(scene.Waybill{DocumentID: id})
	placement := w.Performer.MustSign(w.Placement(scene.Placement{
		DocumentID: placementID, Waybill: scene.ReferenceTo(waybill, id, 1),
	}))
	for _, document := range [][]byte{waybill, placement} {
		if r := w.do("POST", "/v1/documents", document); r.StatusCode != 200 {
			t.Fatalf("%s: %s", r.Status, r.body)
		}
	}
	return id, placementID, waybill
}

// Both forms, by either document, with their headers.
func TestWagonList(t *testing.T) {
	w := newWorld(t)
	id, placementID, _ := w.placed(t)
	for _, tt := range []struct{ suffix, mediaType, begins, name string }{
		{"", "application/xml", `<?xml version="1.0" encoding="UTF-8"?>`, "wagon-list-" + id + ".xml"},
		{".pdf", "application/pdf", "%PDF-1.", "wagon-list-" + id + ".pdf"},
	} {
		first := w.do("GET", "/v1/documents/"+id+"/wagon-list"+tt.suffix, nil)
		h := first.Header
		if first.StatusCode != 200 || h.Get("Content-Type") != tt.mediaType || !strings.HasPrefix(string(first.body), tt.begins) {
			t.Fatalf("%s, %s, %.100s", first.Status, h.Get("Content-Type"), first.body)
		}
		if got := h.Get("Content-Disposition"); got != `inline; filename="`+tt.name+`"` {
			t.Errorf("Content-Disposition: %s", got)
		}
		if h.Get("Cache-Control") != "private, no-cache" || h.Get("ETag") == "" {
			t.Errorf("Cache-Control %q, ETag %q", h.Get("Cache-Control"), h.Get("ETag"))
		}
		// SAP's way of writing an id, and capital letters, are the same id.
		for _, same := range []string{placementID, strings.ToUpper(id), strings.ReplaceAll(id, "-", "")} {
			r := w.do("GET", "/v1/documents/"+same+"/wagon-list"+tt.suffix, nil)
			if r.StatusCode != 200 || !bytes.Equal(r.body, first.body) || r.Header.Get("ETag") != h.Get("ETag") {
				t.Errorf("by %s: %s, other bytes", same, r.Status)
			}
		}
		r := w.do("GET", "/v1/documents/"+id+"/wagon-list"+tt.suffix, nil, "If-None-Match: "+h.Get("ETag"))
		if r.StatusCode != 304 || len(r.body) != 0 {
			t.Errorf("with its ETag: %s", r.Status)
		}
	}
}

// Without a permission a problem says why; what the ETag says does not matter then.
func TestWagonList_refused(t *testing.T) {
	w := newWorld(t)
	id, placementID, _ := w.placed(t)
	tag := w.do("GET", "/v1/documents/"+id+"/wagon-list.pdf", nil).Header.Get("ETag")
	want := func(name, id, client string, status int, reason string) {
		t.Helper()
		for _, suffix := range []string{"", ".pdf"} {
			r := w.do("GET", "/v1/documents/"+id+"/wagon-list"+suffix, nil, "Authorization: Bearer "+client, "If-None-Match: "+tag)
			if p := w.problem(t, r); p.Status != status || p.Reason != reason || p.Resend {
				t.Errorf("%s: %+v, want %d %s", name, p, status, reason)
			}
		}
	}
	want("another participant's", id, "ship-02", 404, "no-such-document")
	want("nobody's", scene.NewID(), "ship-01", 404, "no-such-document")
	want("no id", "passwd%22", "ship-01", 404, "no-such-document")

	waybill := scene.NewID()
	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: waybill}))
	want("ЭД №1 alone", waybill, "ship-01", 409, "wagon-list-not-permitted")

	empty := scene.NewID()
	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: empty, Change: func(d *schema.Waybill) { d.Run = schema.RunEmpty }}))
	want("empty wagons", empty, "ship-01", 409, "wagon-list-empty-run")

	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id, Version: 2}))
	want("ЭД №1 changed", id, "ship-01", 409, "wagon-list-withdrawn")
	want("ЭД №1 changed, by its ЭД №2", placementID, "ship-01", 409, "wagon-list-withdrawn")

	paper := scene.NewID()
	w.do("POST", "/v1/documents", w.Signatory.MustSign(w.PaperSwitch(scene.PaperSwitch{DocumentID: paper, Waybill: id})))
	want("on paper", id, "ship-01", 409, "wagon-list-on-paper")
	want("the decision itself", paper, "ship-01", 404, "no-such-document")
	if r := w.do("GET", "/v1/documents/"+id+"/wagon-list", nil, "Authorization: "); r.StatusCode != 401 {
		t.Errorf("without credentials: %s", r.Status)
	}
}

// The end of a permission is shown with the ЭД №2 that had it.
func TestDocument_withdrawn(t *testing.T) {
	w := newWorld(t)
	id, placementID, _ := w.placed(t)
	w.do("POST", "/v1/documents", w.waybill(scene.Waybill{DocumentID: id, Version: 2}))
	r := w.do("GET", "/v1/documents/"+placementID, nil)
	if !strings.Contains(string(r.body), `"state":"withdrawn"`) || !strings.Contains(string(r.body), `"withdraws":"`) {
		t.Errorf("%s", r.body)
	}
}

// A sheet takes its turn with the documents, so that drawing many keeps nobody from sending.
func TestWagonList_turns(t *testing.T) {
	w := newWorld(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	w.options.WagonList = func(context.Context, string, string) (wagonlist.Sheet, error) {
		inside <- struct{}{}
		<-leave
		return wagonlist.Sheet{}, gateway.ErrNotPermitted
	}
	w.options.Limits.InFlightPerClient, w.options.Limits.InFlightWait = 1, 0
	w.serve()
	done := make(chan int)
	go func() {
		r, err := w.try("GET", "/v1/documents/"+scene.NewID()+"/wagon-list", nil)
		if err != nil {
			t.Error(err)
			done <- 0
			return
		}
		done <- r.StatusCode
	}()
	<-inside
	if r := w.do("GET", "/v1/documents/"+scene.NewID()+"/wagon-list", nil); r.StatusCode != 503 && r.StatusCode != 429 {
		t.Errorf("a second one beside: %s", r.Status)
	}
	close(leave)
	if status := <-done; status != 409 {
		t.Errorf("the first: %d", status)
	}
}
