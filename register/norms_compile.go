package register

import (
	"fmt"
	"strings"
	"time"

	"asugate/calendar"
	"asugate/schema"
)

// The terms that hold where a document names none (2835р, сноски 9 и 11).
const (
	yearsMTU = 7
	yearsNTU = 5
)

// compileNorms makes the register of a file in normal form. What it cannot read was checked at
// import, so an error means that the store holds something else than was put there.
func compileNorms(f *normsFile, v NormsVersion) (*Norms, error) {
	c := newCompiler()
	n := &Norms{
		Version: v.Version, Imported: v.Imported, By: v.By,
		Documents: make([]NormDocument, len(f.Norms)),
		days:      calendar.Named(c.daysOf(f.DaysOff), c.daysOf(f.WorkingDays)),
	}
	for i := range f.Norms {
		n.Documents[i] = c.norm(&f.Norms[i])
	}
	if c.err != nil {
		return nil, fmt.Errorf("compiling norms version %d: %w", v.Version, c.err)
	}
	n.index()
	return n, nil
}

func (c *compiler) daysOf(list []text) []time.Time {
	days := make([]time.Time, len(list))
	for i, s := range list {
		days[i] = noonOf(c.date(s))
	}
	return days
}

func (c *compiler) norm(e *normEntry) NormDocument {
	d := NormDocument{
		Type: string(e.Type), Number: string(e.Number), ByOrder: e.ByOrder, Consignor: e.Consignor.id(),
		Cancelled: c.date(e.Cancelled), Cargo: string(e.Cargo), RollingStock: string(e.RollingStock),
		Gauge: string(e.Gauge), Drawings: int(e.Drawings), Extract: c.date(e.Extract),
		Reconciled: string(e.Reconciled),
	}
	if e.Consignor != nil {
		d.Name = string(e.Consignor.Name)
	}
	for s := range strings.SplitSeq(string(e.Approved), "/") {
		d.Approved = append(d.Approved, c.date(text(s)))
	}
	for _, s := range e.Stations {
		d.Stations = append(d.Stations, string(s))
	}
	for _, s := range e.Schemes {
		d.Schemes = append(d.Schemes, NormScheme{string(s.Number), fastenersOf(s.Fasteners)})
	}
	if len(e.Fasteners) > 0 {
		d.Schemes = []NormScheme{{Fasteners: fastenersOf(e.Fasteners)}}
	}
	c.terms(&d, e)
	return d
}

// terms finds when it is in force. Days that are written beat the terms of years. An amended document
// is in force from its amendment, but the years count from the approval of what was amended.
func (c *compiler) terms(d *NormDocument, e *normEntry) {
	t := Term{From: c.date(e.From), To: c.date(e.To)}
	if t.From.IsZero() {
		t.From = d.Approved[len(d.Approved)-1]
	}
	if t.To.IsZero() {
		years := yearsMTU
		if d.Type == schema.NormNTU {
			years = yearsNTU
		}
		t.To = yearsAfter(d.Approved[0], years)
	}
	d.Terms = []Term{t}
	if x := e.Extended; x != nil {
		further := Term{From: c.date(x.From), To: c.date(x.To)}
		if further.From.IsZero() {
			further.From = t.From // without a break
		}
		d.Terms = append(d.Terms, further)
	}
}

func fastenersOf(list []fastenerRecord) []schema.Fastener {
	fasteners := make([]schema.Fastener, len(list))
	for i, f := range list {
		fasteners[i] = schema.Fastener{
			Name: string(f.Name), Quantity: int(f.Quantity), Strands: int(f.Strands),
			Diameter: string(f.Diameter), Size: string(f.Size),
		}
	}
	return fasteners
}

// ReadNorms compiles a file that is in no store, of version 0.
func ReadNorms(file []byte) (*Norms, error) {
	f, err := readNorms(file)
	if err != nil {
		return nil, err
	}
	return compileNorms(f, NormsVersion{})
}
