package register

import (
	"fmt"
	"strings"
	"time"

	"asugate/calendar"
)

// The two who may say that silence is consent (1166/р 2.12, 3.13).
const (
	ConsentOurs    = "ours"    // this gateway, when the term ends
	ConsentRailway = "railway" // the railway: we show the end of the term and wait for its word
)

// What becomes of a document that has waited in vain for the one that has to come before it.
const (
	guardDelivers = "deliver"
	guardRefuses  = "refuse"
)

// Bounds and default of how long a document waits.
const (
	ordinaryWait text = "10m"
	mostWait          = 7 * 24 * time.Hour
)

// guardEntry says what becomes of a memo on removal without its supply, and of an act on the end of a
// delay without the one on its start.
type guardEntry struct {
	Wait  text `yaml:"wait,omitempty" json:"wait,omitempty"`
	Then  text `yaml:"then,omitempty" json:"then,omitempty"`
	Since text `yaml:"since,omitempty" json:"since,omitempty"`
}

// fillDefaults fills in what neither the file says nor an earlier version of the program knew: it
// holds for what is imported as for what was stored long ago.
func fillDefaults(f *participantsFile) {
	for i := range f.Railways {
		r := &f.Railways[i]
		setDefault(&r.Consent, ConsentOurs)
		setDefault(&r.Guard.Wait, ordinaryWait)
		setDefault(&r.Guard.Then, guardDelivers)
	}
	for i := range f.Participants {
		for j := range f.Participants[i].Organisations {
			a := &f.Participants[i].Organisations[j].Agreement
			if a.Reminders == nil && len(a.Terms) > 0 {
				a.Reminders = []text{"2h", "30m"}
			}
		}
	}
}

func (c *checker) guard(path string, e guardEntry) {
	if _, err := spanOf(e.Wait, 0, mostWait); err != nil {
		c.problem(path+".wait", "%v", err)
	}
	c.oneOf(path+".then", e.Then, []string{guardDelivers, guardRefuses})
	if _, err := dateOf(e.Since); err != nil {
		c.problem(path+".since", "a day is written 2026-01-31")
	}
}

func (c *compiler) guard(e guardEntry) Guard {
	wait, err := spanOf(e.Wait, 0, mostWait)
	c.keep(err)
	return Guard{Wait: wait, Refuse: e.Then == guardRefuses, Since: c.date(e.Since)}
}

// carrierText writes what a railway has said of its memos and acts, for the hash of the policy; empty
// where all is as it is anyway.
func carrierText(r *Railway) string {
	var parts []string
	if r.Consent == ConsentRailway {
		parts = append(parts, "consent="+r.Consent)
	}
	ordinary, _ := time.ParseDuration(string(ordinaryWait))
	if r.Guard != (Guard{Wait: ordinary}) {
		parts = append(parts, fmt.Sprintf("guard=%v,%t,%s", r.Guard.Wait, r.Guard.Refuse, r.Guard.Since))
	}
	if text := numberingText(r.Numbering); text != "" {
		parts = append(parts, "numbering="+text)
	}
	return strings.Join(parts, " ")
}

// spanOf reads a length of time within bounds.
func spanOf(s text, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(string(s))
	if err != nil || d < least || d > most {
		return 0, fmt.Errorf("a time is %s to %s, like 30m or 2h", spanText(least), spanText(most))
	}
	return d, nil
}

// normalizeSpan writes a length of time in its shortest way: 90m is 1h30m.
func normalizeSpan(s *text) {
	if d, err := time.ParseDuration(string(*s)); err == nil {
		*s = spanText(d)
	}
}

func spanText(d time.Duration) text {
	if d == 0 {
		return "0s"
	}
	return text(calendar.Term{Duration: d}.String())
}
