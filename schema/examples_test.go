package schema

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The documents of docs/examples, which integrators start from, are read without a remark. CONTENT
// stands for the digest of the document that they refer to.
func TestExamples(t *testing.T) {
	const folder = "../docs/examples"
	want := map[string]Kind{
		"waybill.xml": KindWaybill, "placement.xml": KindPlacement,
		"memo.xml": KindMemo, "act.xml": KindAct, "act-end.xml": KindAct,
		"approval.xml": KindApproval, "rejection.xml": KindRejection,
		"state-report.xml": KindStateReport, "movements.xml": KindMovements,
	}
	ids := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Run(name, func(t *testing.T) {
			text := string(must(os.ReadFile(filepath.Join(folder, name))))
			text = strings.Replace(text, "CONTENT", strings.Repeat("0a", 32), 1)
			d, findings := parse(rootOf(t, []byte(text)), moscow)
			if len(findings) > 0 || d.Kind() != want[name] {
				t.Fatalf("kind %q, findings %+v", d.Kind(), findings)
			}
			if d.Environment() != "test" {
				t.Errorf("environment %q: it could be taken for a real one", d.Environment())
			}
			if other := ids[d.ID()]; other != "" {
				t.Errorf("%s has the same DocumentID", other)
			}
			ids[d.ID()] = name
		})
	}
	files := must(filepath.Glob(folder + "/*.xml"))
	for _, file := range files {
		if name := filepath.Base(file); want[name] == "" && name != "signature.xml" {
			t.Errorf("%s is not looked at here", name)
		}
	}
}
