package conf

import (
	"strings"
	"testing"
)

func TestRetention(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Retention)
		want string // in what is said; empty: nothing is
	}{
		{"the defaults", func(*Retention) {}, ""},
		{"everything for ever", func(r *Retention) { *r = Retention{} }, ""},
		{"a day", func(r *Retention) { *r = Retention{day1, day1, day1, day1, day1, day1} }, ""},
		{"hours", func(r *Retention) { r.Refused = day1 / 2 }, "retention.refused"},
		{"messages outlive the documents in them", func(r *Retention) { r.Accepted = r.Messages - day1 }, "retention.accepted"},
		{"messages outlive the ЭСИД in them", func(r *Retention) { r.Verdicts = r.Messages - day1 }, "retention.verdicts"},
		{"messages for ever, and notices not", func(r *Retention) {
			r.Accepted, r.Verdicts, r.Messages = 0, 0, 0
		}, "retention.notices"},
	} {
		config := Default()
		c.set(&config.Retention)
		v := validation{config: config}
		v.retention()
		said := ""
		if err := v.problems.err(); err != nil {
			said = err.Error()
		}
		if (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q, want %q", c.name, said, c.want)
		}
	}
}

const day1 = Duration(day)
