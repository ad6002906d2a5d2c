package schema

import "testing"

func TestListedReason(t *testing.T) {
	reasons := RejectionReasons()
	if len(reasons) != 12 {
		t.Fatalf("%d reasons", len(reasons))
	}
	for _, r := range reasons {
		for _, written := range []string{
			r.Text, "— " + r.Text + ";", "  " + r.Text + ".", r.Heading + ":\n— " + r.Text, r.Heading + " " + r.Text,
		} {
			if got, ok := ListedReason(written); !ok || got != r {
				t.Errorf("%q is read as %v", written, got)
			}
		}
	}
	cases := []struct {
		why, written string
		want         bool
	}{
		{"in capitals", "ПРИЧИНА СОСТАВЛЕНИЯ АКТА", true},
		{"the slash without its space", "наименования собственника/арендатора вагонов", true},
		{"a no-break space", "причина\u00a0составления акта", true},
		{"nothing", "", false},
		{"signs alone", "—;", false},
		{"a heading alone", "Неверные дата и/или время:", false},
		{"half of a reason", "причина составления", false},
		{"more than a reason", "причина составления акта не та", false},
		{"under the heading of another", "Несоответствие данным АС ЭТРАН о перевозке: причина составления акта", false},
		{"its grammar put right", "наименование станции отправления", false},
	}
	for _, c := range cases {
		if _, got := ListedReason(c.written); got != c.want {
			t.Errorf("%s: %q is listed: %v", c.why, c.written, got)
		}
	}
	reasons[0].Text = "changed"
	if RejectionReasons()[0].Text == "changed" {
		t.Error("a caller changed the list")
	}
}
