package gateway_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/xmltree"
)

// listed reads a staff list of the scene as the operator's command does.
func (w *world) listed(text []byte) *schema.StaffList {
	w.t.Helper()
	tree, err := xmltree.Parse(text, xmltree.DefaultLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	l, findings := schema.ReadStaffList(tree, time.UTC)
	if schema.Refused(findings) {
		w.t.Fatal(findings)
	}
	return &l
}

func (w *world) foresee(l *schema.StaffList, since time.Time) gateway.Foreseen {
	w.t.Helper()
	f, err := w.Foresee(context.Background(), l, since)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// told is what was foreseen, in short.
func told(f gateway.Foreseen) []string {
	var lines []string
	for _, r := range f.Refused {
		line := fmt.Sprintf("%s %s %d/%d", r.Performer, r.Signer, r.Documents, r.Deferred)
		for _, found := range r.Findings {
			line += " " + found.Code + "/" + found.Reason
		}
		lines = append(lines, line)
	}
	for _, s := range f.Stations {
		lines = append(lines, fmt.Sprintf("station %s: %d", s.Station, s.Awaited))
	}
	return lines
}

// Accepted documents are asked as if they were sent today, deferred ones as they were sent; who would be
// refused anyhow, and documents of before, are left out. These lists have no powers of attorney, so that
// nobody is left who could sign for the second consignment note.
func TestForesee(t *testing.T) {
	w, s := silentWorld(t)
	s.speak()
	before := time.Now()
	noteOf := func(id string) scene.Reference {
		text := w.Waybill(scene.Waybill{DocumentID: id})
		w.want(w.accept(w.Signatory.MustSign(text)), schema.Positive)
		return scene.ReferenceTo(text, id, 1)
	}
	place := func(note scene.Reference, version int, days int) []byte {
		return w.Performer.MustSign(w.Placement(scene.Placement{
			DocumentID: scene.NewID(), Version: version, Waybill: note, Performer: w.Performer,
			WorkDate: w.Now.AddDate(0, 0, days).Format(time.DateOnly),
		}))
	}
	first, second := noteOf(scene.NewID()), noteOf(scene.NewID())
	// Work of a month ago; it is the person of today who is asked about.
	r := w.accept(place(first, 1, -30))
	w.want(r, schema.Positive)
	if got := w.esid(r.Document()).Basis; got.Appointment == "" || got.Staff != scene.ShipperINN+":1" {
		t.Errorf("the verdict rests on %+v", got)
	}
	s.hush(w.Performer)
	w.interim(place(second, 1, 0))

	name := w.Performer.Name
	tests := []struct {
		name string
		list []byte
		want []string
	}{
		{"the same list", w.StaffList(2), nil},
		{"without him", w.StaffListOf(2, w.Entries()[1:]...),
			[]string{name + "  2/1 L01/not-in-list", "station 985609: 1"}},
		// Dismissed yesterday: the deferred document is of today.
		{"dismissed", w.StaffListOf(2, append(w.Entries()[1:],
			w.Entry(w.Performer, true, "", w.Day(-1, 0), w.Now.AddDate(0, 0, -1).Format(time.DateOnly)))...),
			[]string{name + "  2/1 L02/not-in-force L03/no-right-to-sign", "station 985609: 1"}},
		// What he did a month ago matters to nobody: he is appointed from today.
		{"appointed anew", w.StaffListOf(2, append(w.Entries()[1:],
			w.Entry(w.Performer, true, "", w.Now.Format(time.DateOnly), ""))...), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := w.foresee(w.listed(test.list), before)
			if f.Documents != 2 || f.More {
				t.Errorf("looked at %d documents, more: %v", f.Documents, f.More)
			}
			if diff := cmp.Diff(test.want, told(f)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if f := w.foresee(w.listed(w.StaffListOf(2, w.Entries()[1:]...)), time.Now().Add(time.Second)); f.Documents != 0 || told(f) != nil {
		t.Errorf("since now: %+v", f)
	}
}
