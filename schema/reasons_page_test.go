package schema

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and docs/reasons.md")

// docs/reasons.md is written from the table.
func TestReasonsPage(t *testing.T) {
	const page = "../docs/reasons.md"
	want := reasonsPage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the table says; go test ./schema -run TestReasonsPage -update rewrites it\n%s", page, diff)
	}
}

const reasonsIntroduction = `# Reasons

Every finding in an ЭСИД has a code of a closed list and a reason, one word of a closed list of its own. This page
says what each means, which stage gives it, by which clause, and what to do. The ЭСИД itself carries the sentences,
with the values filled in. Clauses «288» are those of the technology of ОАО «РЖД» N 288 of 05.10.2012, «1166/р» those of
the order on signing primary documents N 1684/р of 02.08.2018 as added to by N 1166/р of 13.06.2019, «Д-720у» those of
the instruction on the memo ГУ-45ВЦ. A finding about a memo or an act names the clause of that where a reason is shared.
A reason is an error, which refuses the document, unless it says otherwise.

Written from ` + "`schema/reasons/*.txt`" + ` by ` + "`go test ./schema -run TestReasonsPage -update`" + `.
`

const rejectionReasonsIntroduction = `
# Reasons for rejecting an act

A rejection of an act ГУ-23ВЦ gives one or more of these reasons (1166/р п. 3.14, Приложение № 2), with or without the
heading before it; case, dashes and punctuation do not matter. A memo ГУ-45ВЦ is rejected in free words.
`

func reasonsPage() string {
	var b strings.Builder
	b.WriteString(reasonsIntroduction)
	remedies := map[string]string{}
	for _, code := range Codes() {
		fmt.Fprintf(&b, "\n## %s\n\nStage: %s. %s.\n", code.Code, code.Stage, inAll(code.Meaning, ". "))
		none := true
		for _, row := range Explanations() {
			if row.Code != code.Code {
				continue
			}
			if none {
				b.WriteString("\n| reason | clause | meaning | what to do |\n|---|---|---|---|\n")
				none = false
			}
			reason, do := "`"+row.Reason+"`", inAll(row.Remedy, "<br>")
			if row.Severity != Error {
				reason += " (" + string(row.Severity) + ")"
			}
			if name := row.RemedyName; name != "" {
				remedies[name], do = do, "["+name+"](#"+name+")"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", reason, row.Clause, inAll(row.ITS, "<br>"), do)
		}
		if none {
			b.WriteString("\nThis version gives no reason of this code.\n")
		}
	}
	b.WriteString(rejectionReasonsIntroduction)
	heading := ""
	for _, r := range RejectionReasons() {
		if r.Heading != heading {
			heading = r.Heading
			fmt.Fprintf(&b, "\n%s:\n\n", heading)
		}
		fmt.Fprintf(&b, "- %s\n", r.Text)
	}
	b.WriteString("\n# What to do\n")
	for _, name := range slices.Sorted(maps.Keys(remedies)) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", name, remedies[name])
	}
	return b.String()
}

// inAll is a text in all languages, English first, as the page itself is.
func inAll(texts map[string]string, separator string) string {
	return strings.Join([]string{texts["en"], texts["ru"], texts["uk"]}, separator)
}
