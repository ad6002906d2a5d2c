package legitimacy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/register"
	"asugate/schema"
)

// textFindings are those of the two rules about the text and its data.
func textFindings(t *testing.T, s *scene) []schema.Finding {
	t.Helper()
	c := s.build(t)
	return append(normData(c), text(c)...)
}

// Which data go with which norm document (288 п. 2.1.3 2)), each with an accepted and a refused case.
func TestDataOfNormDocument(t *testing.T) {
	const atNorm = "/Placement/Norm"
	wire := []schema.Fastener{{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"}}
	cases := []struct {
		name    string
		traffic string
		norm    schema.Norm
		list    []schema.Fastener
		want    []string
	}{
		{"ТУ", "domestic", schema.Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1"}, wire, nil},
		{"ТУ without section", "domestic", schema.Norm{Type: "tu", Figure: "5", Chapter: "2"}, wire,
			[]string{"L08 data-missing " + atNorm}},
		{"ТУ without anything", "domestic", schema.Norm{Type: "tu"}, nil,
			[]string{"L08 data-missing " + atNorm, "L08 data-missing " + atNorm, "L08 data-missing " + atNorm}},
		{"ТУ with a number", "domestic", schema.Norm{Type: "tu", Figure: "5", Chapter: "2", Section: "1", Number: "3"}, wire,
			[]string{"warning L08 data-foreign " + atNorm + "/Number"}},
		{"налив without data", "domestic", schema.Norm{Type: "liquid"}, nil, nil},
		{"налив with a chapter", "domestic", schema.Norm{Type: "liquid", Chapter: "1"}, nil,
			[]string{"warning L08 data-foreign " + atNorm + "/Chapter"}},
		{"налив with fasteners", "domestic", schema.Norm{Type: "liquid"}, wire,
			[]string{"warning L08 data-foreign /Placement/Fasteners"}},
		{"container", "domestic", schema.Norm{Type: "container", Chapter: "12"}, nil, nil},
		{"container without its chapter", "domestic", schema.Norm{Type: "container"}, nil,
			[]string{"L08 data-missing " + atNorm}},
		{"МТУ", "domestic", schema.Norm{Type: "mtu", Number: "12/34", Date: "2020-02-01/2020-06-05"}, wire, nil},
		{"МТУ without date", "domestic", schema.Norm{Type: "mtu", Number: "12/34"}, wire,
			[]string{"L08 data-missing " + atNorm}},
		{"МТУ with scheme, domestic", "domestic", schema.Norm{Type: "mtu", Number: "1", Date: "2020-02-01", Scheme: "3"}, wire,
			[]string{"warning L08 data-foreign " + atNorm + "/Scheme"}},
		{"МТУ with scheme, international", "international",
			schema.Norm{Type: "mtu", Number: "1", Date: "2020-02-01", Scheme: "3"}, wire, nil},
		{"МТУ with scheme, Kaliningrad", "kaliningrad",
			schema.Norm{Type: "mtu", Number: "1", Date: "2020-02-01", Scheme: "3"}, wire, nil},
		{"Приложение 14", "international", schema.Norm{Type: "annex14", Point: "2.1", Chapter: "3"}, nil, nil},
		{"Приложение 14, sketch outside of chapter 5", "international",
			schema.Norm{Type: "annex14", Point: "2.1", Chapter: "3", Number: "1"}, nil,
			[]string{"warning L08 data-foreign " + atNorm + "/Number"}},
		{"Приложение 14, chapter 5", "international",
			schema.Norm{Type: "annex14", Chapter: "5", Number: "31", Date: "2025-07-01"}, wire, nil},
		{"Приложение 14, chapter 5 without sketch", "international", schema.Norm{Type: "annex14", Chapter: "5"}, wire,
			[]string{"L08 data-missing " + atNorm, "L08 data-missing " + atNorm}},
		{"Приложение 14, chapter 5 with a point", "international",
			schema.Norm{Type: "annex14", Chapter: "5", Point: "1", Number: "31", Date: "2025-07-01"}, wire,
			[]string{"warning L08 data-foreign " + atNorm + "/Point"}},
		{"МСК without approver", "international", schema.Norm{Type: "msk", Number: "2", Date: "2023-11-30"}, wire,
			[]string{"L08 data-missing " + atNorm}},
		{"Приложение 14.1 with a point", "international", schema.Norm{Type: "annex14-1", Point: "3"}, nil,
			[]string{"warning L08 data-foreign " + atNorm + "/Point"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := goodPlacement()
			s.Placement.Traffic, s.Placement.Norm, s.Placement.Fasteners = c.traffic, c.norm, c.list
			if diff := cmp.Diff(c.want, shown(t, textFindings(t, s))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The mark about the swing of a jib goes with domestic texts that list fasteners; the agreement may
// make data that do not belong an error.
func TestJibWhereItDoesNotBelong(t *testing.T) {
	s := goodPlacement()
	s.Placement.Jib = true
	if got := textFindings(t, s); got != nil {
		t.Errorf("domestic: %+v", got)
	}
	s.Placement.Traffic = "international"
	s.Placement.Norm = schema.Norm{Type: "ntu", Number: "1", Date: "2026-01-09"}
	s.Case.Organisation.Agreement.Norms = register.NormSwitches{register.NormsFields: true}
	want := []string{"L08 data-foreign /Placement/Fasteners/@jib"}
	if diff := cmp.Diff(want, shown(t, textFindings(t, s))); diff != "" {
		t.Error(diff)
	}
}

// The finding shows the word that differs and what is around it.
func TestDifferenceIsShown(t *testing.T) {
	s := goodPlacement()
	p := *s.Placement
	p.Norm.Figure = "6"
	s.Placement.Text = schema.RenderPlacement(&p)
	got := textFindings(t, s)
	if len(got) != 1 || got[0].Expected != "… закреплен согласно рис. [5] главы 2 раздела …" ||
		got[0].Actual != "… закреплен согласно рис. [6] главы 2 раздела …" {
		t.Errorf("got %+v", got)
	}
}

// Misprints of the regulation pass only where the agreement says so.
func TestAcceptMisprints(t *testing.T) {
	s := goodPlacement()
	s.Placement.Traffic, s.Placement.Fasteners = "international", nil
	s.Placement.Norm = schema.Norm{Type: "drawing", Number: "НГ-104", Date: "2026-02-28"}
	s.Placement.Text = "Груз размещен и закреплен в соответствии с чертежом N НГ-104 от 28.02.2026. " +
		"Отравитель мастер погрузки Иванов Иван Иванович"
	if got := textFindings(t, s); len(got) != 1 || got[0].Reason != schema.ReasonTextDiffers {
		t.Errorf("got %+v", got)
	}
	s.Case.Organisation.Agreement.AcceptMisprints = true
	if got := textFindings(t, s); got != nil {
		t.Errorf("got %+v", got)
	}
}
