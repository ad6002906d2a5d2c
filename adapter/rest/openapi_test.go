package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

type openAPIDocument struct {
	Paths    map[string]map[string]any `yaml:"paths"`
	Problems []struct {
		Reason string `yaml:"reason"`
		Status int    `yaml:"status"`
		Resend bool   `yaml:"resend"`
		Code   string `yaml:"code"`
		Title  string `yaml:"title"`
	} `yaml:"x-problems"`
}

func readOpenAPI(t *testing.T) openAPIDocument {
	t.Helper()
	var d openAPIDocument
	if err := yaml.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The description lists the routes that are served, and no other.
func TestOpenAPIListsRoutes(t *testing.T) {
	var want, got []string
	for _, r := range routes {
		want = append(want, r.method+" "+strings.TrimSuffix(r.path, "{$}"))
	}
	for path, methods := range readOpenAPI(t).Paths {
		for method := range methods {
			if method != "parameters" {
				got = append(got, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes served against described (-want +got):\n%s", diff)
	}
}

// The description says of each open route that it is open.
func TestOpenAPISecurity(t *testing.T) {
	paths := readOpenAPI(t).Paths
	for _, r := range routes {
		op, _ := paths[strings.TrimSuffix(r.path, "{$}")][strings.ToLower(r.method)].(map[string]any)
		security, given := op["security"].([]any)
		if open := given && len(security) == 0; open != r.open {
			t.Errorf("%s %s: open is %v, described as %v", r.method, r.path, r.open, open)
		}
	}
}

// The description lists every problem as it is.
func TestOpenAPIListsProblems(t *testing.T) {
	var want, got []Problem
	for _, p := range everyProblem {
		p.after = 0
		want = append(want, p)
	}
	for _, p := range readOpenAPI(t).Problems {
		got = append(got, Problem{Title: p.Title, Status: p.Status, Code: p.Code, Reason: p.Reason, Resend: p.Resend})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Problem{})); diff != "" {
		t.Errorf("problems given against described (-want +got):\n%s", diff)
	}
}

// Every problem of the adapter is in the closed list, each reason once; references lead somewhere.
func TestProblemsAreClosed(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range everyProblem {
		if seen[p.Reason] {
			t.Errorf("%s stands twice", p.Reason)
		}
		seen[p.Reason] = true
		if p.Resend != (p.Status >= 500 || p.Status == 429 || p.Status == 408) {
			t.Errorf("%s: status %d, resend %v", p.Reason, p.Status, p.Resend)
		}
	}
	for _, a := range answers {
		if p, ok := a.answer.(Problem); ok && !seen[p.Reason] {
			t.Errorf("%s is given and not in the list", p.Reason)
		}
	}
}

// Every reference of the description leads somewhere.
func TestOpenAPIReferences(t *testing.T) {
	var tree any
	if err := yaml.Unmarshal(openAPI, &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(n any) {
		switch n := n.(type) {
		case map[string]any:
			if ref, ok := n["$ref"].(string); ok {
				at := tree
				for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
					m, _ := at.(map[string]any)
					at = m[key]
				}
				if at == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, v := range n {
				walk(v)
			}
		case []any:
			for _, v := range n {
				walk(v)
			}
		}
	}
	walk(tree)
}
