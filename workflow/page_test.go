package workflow

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"asugate/schema"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/memos.md")

// The tables at the end of docs/memos.md are those of this package.
func TestPrimaryPage(t *testing.T) {
	const file, mark = "../docs/memos.md", "\n## States\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(string(page), mark)
	if !found {
		t.Fatal("the page has no section States")
	}
	want := text + mark + statesPage() + "\n## Transitions\n" + transitionsPage(t) + "\n## Routes\n" + routesPage()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(want, string(page)); diff != "" && !*update {
		t.Errorf("run go test ./workflow -run TestPrimaryPage -update:\n%s", diff)
	}
}

// inRussian is what the order calls a state.
var inRussian = map[PrimaryState]string{
	Drafted: "На оформлении", CarrierSigned: "Подписан ОАО «РЖД»", ClientSigned: "Подписан Клиентом",
	Rejected: "Отклонен", AutoAgreed: "Автоматически согласован", AwaitingSpoiling: "Ожидает порчи", Spoiled: "Испорчен",
}

func statesPage() string {
	var b strings.Builder
	b.WriteString("\n| state | of the order | number in the railway's system |\n|---|---|---|\n")
	for _, s := range PrimaryStates() {
		id := "—"
		if s.StateID() != 0 {
			id = fmt.Sprint(s.StateID())
		}
		fmt.Fprintf(&b, "| `%s` | «%s» | %s |\n", s, inRussian[s], id)
	}
	return b.String()
}

// inWords is what makes an event.
var inWords = map[PrimaryEvent]string{
	CarrierSigns: "`Memo`, `Act`: a version that the carrier has signed", ClientSigns: "`Approval`", ClientRejects: "`Rejection`",
	TermEnds:       "the term ends",
	ReportedAgreed: "`StateReport` `auto-agreed`", ReportedSigned: "`StateReport` `client-signed`",
	ReportedRejected: "`StateReport` `rejected`", SpoilRequested: "`StateReport` `awaiting-spoiling`",
	SpoilConfirmed: "`StateReport` `spoiled`",
}

// transitionsPage has a row for each event and a column for each state.
func transitionsPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`
What an event makes of a document in a state: the state after it, «stands» where it has been said already, or the
code and reason with which it is refused ([reasons.md](reasons.md)). Where the forms differ, ГУ-45 stands first.

| |`)
	for _, s := range PrimaryStates() {
		fmt.Fprintf(&b, " `%s` |", s)
	}
	b.WriteString(" clauses |\n|---|" + strings.Repeat("---|", len(PrimaryStates())+1) + "\n")
	for _, e := range PrimaryEvents() {
		if inWords[e] == "" {
			t.Errorf("the page has no words for %s", e)
		}
		fmt.Fprintf(&b, "| %s |", inWords[e])
		var clauses []string
		for _, s := range PrimaryStates() {
			var cells []string
			for _, row := range PrimaryTransitions() {
				if row.From != s || row.Event != e {
					continue
				}
				cells = append(cells, cellOf(row))
				if !slices.Contains(clauses, row.Clause) {
					clauses = append(clauses, row.Clause)
				}
			}
			fmt.Fprintf(&b, " %s |", strings.Join(cells, "; "))
		}
		fmt.Fprintf(&b, " %s |\n", strings.Join(clauses, "; "))
	}
	return b.String()
}

func cellOf(row PrimaryTransition) string {
	switch {
	case row.Finding != "":
		return row.Finding
	case row.To == row.From:
		return "stands"
	}
	return "**" + row.To.String() + "**"
}

// routesPage has a row for each way that something takes to the railway.
func routesPage() string {
	forms := map[schema.Kind]string{schema.KindMemo: "ГУ-45ВЦ", schema.KindAct: "ГУ-23ВЦ"}
	systems := map[string]string{OnwardASUST: "АСУ СТ", OnwardEASAPRM: "ЕАСАПР М"}
	var b strings.Builder
	b.WriteString(`
What of a memo or an act goes to the railway, into which lane, and to which system its reader hands it on: ` + "`onward`" + `, a
header of the broker and a field of ` + "`NAME.meta`" + ` in the spool.

| form | what has happened | lane | onward | system | clause |
|---|---|---|---|---|---|
`)
	for _, r := range routes {
		lane, onward, system := r.route.Lane, "—", systems[cmp.Or(r.route.Onward, r.route.Lane)]
		if r.route.Onward != "" {
			onward = "`" + r.route.Onward + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s | %s |\n", forms[r.form], inWords[r.event], lane, onward, system, r.clause)
	}
	return b.String()
}
