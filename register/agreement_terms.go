package register

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"asugate/calendar"
	"asugate/schema"
)

// primaryKinds are those of the documents that start at the railway and have a term.
var primaryKinds = []string{string(schema.KindMemo), string(schema.KindAct)}

// Bounds of what an agreement says of memos and acts.
const (
	mostReminders  = 10
	leastReminder  = time.Minute
	mostReminder   = 31 * 24 * time.Hour
	mostRelocation = 24 * time.Hour
)

type placeEntry struct {
	Name       text `yaml:"name,omitempty" json:"name"`
	Relocation text `yaml:"relocation,omitempty" json:"relocation"`
}

// Place is what the agreement says of a place, by its name as a memo writes it.
func (a *Agreement) Place(name string) (Place, bool) {
	for _, p := range a.Places {
		if fold(p.Name) == fold(name) {
			return p, true
		}
	}
	return Place{}, false
}

func (c *checker) agreementTerms(path string, a agreementEntry) {
	for _, kind := range slices.Sorted(maps.Keys(a.Terms)) {
		at := path + ".terms." + string(kind)
		if !slices.Contains(primaryKinds, string(kind)) {
			c.problem(path+".terms", "%q is not one of %v: nothing else has a term", bounded(string(kind)), primaryKinds)
			continue
		}
		if _, err := calendar.ParseTerm(string(a.Terms[kind])); err != nil {
			c.problem(at, "%v", err)
		}
		if !slices.Contains(a.Covers, kind) {
			c.problem(at, "there is a term for %s, which covers does not name", kind)
		}
	}
	// Without a term nobody knows when silence is consent (1166/р 2.12, 3.13).
	for _, kind := range primaryKinds {
		if _, said := a.Terms[text(kind)]; !said && slices.Contains(a.Covers, text(kind)) {
			c.problem(path+".terms", "the agreement covers %s and does not say how long the client may take: %s: 12h", kind, kind)
		}
	}
	c.reminders(path+".reminders", a)
	c.places(path+".places", a.Places)
}

func (c *checker) reminders(path string, a agreementEntry) {
	if len(a.Reminders) > mostReminders {
		c.problem(path, "%d reminders are too many: at most %d", len(a.Reminders), mostReminders)
	}
	if len(a.Reminders) > 0 && len(a.Terms) == 0 {
		c.problem(path, "there is no term of whose end to remind")
	}
	var last time.Duration
	for i, r := range a.Reminders {
		at := fmt.Sprintf("%s[%d]", path, i)
		d, err := spanOf(r, leastReminder, mostReminder)
		switch {
		case err != nil:
			c.problem(at, "%v", err)
			continue
		case last != 0 && d == last:
			c.problem(at, "%s is there twice", r)
		case last != 0 && d > last:
			c.problem(at, "the longest stands first")
		}
		last = d
	}
}

func (c *checker) places(path string, entries []placeEntry) {
	named := map[string]bool{}
	for i, p := range entries {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.name(at+".name", p.Name)
		if name := fold(string(p.Name)); name != "" && named[name] {
			c.problem(at+".name", "the place %s is there twice", bounded(string(p.Name)))
		} else {
			named[name] = true
		}
		if _, err := spanOf(p.Relocation, time.Minute, mostRelocation); err != nil {
			c.problem(at+".relocation", "%v", err)
		}
	}
}

func normalizeTerms(a *agreementEntry) {
	for kind, written := range a.Terms {
		if t, err := calendar.ParseTerm(string(written)); err == nil {
			a.Terms[kind] = text(t.String())
		}
	}
	for i := range a.Reminders {
		normalizeSpan(&a.Reminders[i])
	}
	for i := range a.Places {
		a.Places[i].Name = tidy(a.Places[i].Name)
		normalizeSpan(&a.Places[i].Relocation)
	}
}

// agreementTerms adds to an agreement what it says of memos and acts.
func (c *compiler) agreementTerms(a *Agreement, e agreementEntry) {
	for kind, written := range e.Terms {
		t, err := calendar.ParseTerm(string(written))
		c.keep(err)
		if a.Terms == nil {
			a.Terms = map[schema.Kind]calendar.Term{}
		}
		a.Terms[schema.Kind(kind)] = t
	}
	for _, r := range e.Reminders {
		d, err := spanOf(r, leastReminder, mostReminder)
		c.keep(err)
		a.Reminders = append(a.Reminders, d)
	}
	for _, p := range e.Places {
		d, err := spanOf(p.Relocation, time.Minute, mostRelocation)
		c.keep(err)
		a.Places = append(a.Places, Place{Name: string(p.Name), Relocation: d})
	}
}

// termsText writes what decides about memos and acts, for the hash of the policy; empty for nothing.
// Reminders decide nothing.
func termsText(a *Agreement) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(a.Terms)) {
		parts = append(parts, fmt.Sprintf(" term:%s=%s", kind, a.Terms[kind]))
	}
	for _, p := range a.Places {
		parts = append(parts, fmt.Sprintf(" place:%q=%s", p.Name, p.Relocation))
	}
	slices.Sort(parts)
	return strings.Join(parts, "")
}
