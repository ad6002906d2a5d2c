package register

import (
	"fmt"
	"strings"

	"asugate/store"
)

// DiffNorms says in lines for people what importing a file would change, a line for each document
// that comes, goes or changes.
func (r *Register) DiffNorms(file []byte) ([]string, error) {
	before := &normsFile{}
	if err := r.store.View(func(tx store.Reader) (err error) {
		if version := r.NormsVersion(tx); version > 0 {
			before, err = normsAt(tx, version)
		}
		return err
	}); err != nil {
		return nil, err
	}
	after, err := readNorms(file)
	if err != nil {
		return nil, err
	}
	return diffFacts(normFacts(before), normFacts(after)), nil
}

// normFacts has one fact for each document: people read a register by its rows.
func normFacts(f *normsFile) facts {
	found := facts{}
	for i := range f.Norms {
		e := &f.Norms[i]
		id := identityOf(e)
		name := fmt.Sprintf("%s %s of %s", e.Type, e.Number, e.Approved)
		if id.consignor != "" {
			name += " for " + id.consignor
		}
		found[name] = normTitle(e)
	}
	for _, s := range f.DaysOff {
		found["days_off["+string(s)+"]"] = "yes"
	}
	for _, s := range f.WorkingDays {
		found["working_days["+string(s)+"]"] = "yes"
	}
	return found
}

// normTitle says in a line all that a verdict may depend on.
func normTitle(e *normEntry) string {
	parts := []string{"from " + or(e.From, "approval"), "to " + or(e.To, "end of term")}
	add := func(word string, value text) {
		if value != "" {
			parts = append(parts, word+" "+string(value))
		}
	}
	if e.ByOrder {
		parts = append(parts, "by order")
	}
	if x := e.Extended; x != nil {
		add("extended from", x.From)
		add("extended to", x.To)
	}
	add("cancelled", e.Cancelled)
	add("cargo", e.Cargo)
	add("in", e.RollingStock)
	add("gauge", e.Gauge)
	add("extract", e.Extract)
	add("reconciled:", e.Reconciled)
	if e.Consignor != nil {
		add("consignor", e.Consignor.Name)
		add("inn", e.Consignor.INN)
		add("okpo", e.Consignor.OKPO)
		add("edrpou", e.Consignor.EDRPOU)
	}
	if len(e.Stations) > 0 {
		parts = append(parts, fmt.Sprintf("at %v", e.Stations))
	}
	if e.Drawings > 0 {
		parts = append(parts, fmt.Sprintf("%d drawings", e.Drawings))
	}
	for _, s := range e.Schemes {
		parts = append(parts, fmt.Sprintf("scheme %s: %s", s.Number, fastenerTitles(s.Fasteners)))
	}
	if len(e.Fasteners) > 0 {
		parts = append(parts, fastenerTitles(e.Fasteners))
	}
	return strings.Join(parts, ", ")
}

func or(s text, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return string(s)
}

func fastenerTitles(list []fastenerRecord) string {
	titles := make([]string, len(list))
	for i, f := range list {
		titles[i] = fmt.Sprintf("%s %d", f.Name, f.Quantity)
		if f.Strands > 0 {
			titles[i] += fmt.Sprintf("/%d", f.Strands)
		}
		for _, more := range []text{f.Diameter, f.Size} {
			if more != "" {
				titles[i] += " (" + string(more) + ")"
			}
		}
	}
	return strings.Join(titles, "; ")
}
