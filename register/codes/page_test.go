package codes

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

var update = flag.Bool("update", false, "rewrite docs/codes.md")

const introduction = `# Codes

How the gateway reads numbers and codes in documents, which of them it can check, and the tables that it holds them
against. Written from the tables by ` + "`go test ./register/codes -run TestPage -update`" + `.

## Check digits

A number that does not fit its check digit refuses the document (D01). Which rule holds follows from the attribute and
not from the length: ` + "`okpo` and `edrpou`" + ` are both of eight digits and have different rules.

| number | rule | what it cannot see |
|---|---|---|
| wagon, 8 digits | 2 1 2 1 …, the digits of the products added, up to the next ten | a 0 and a 9 that changed places |
| wagon, 12 digits (UIC leaflet 438) | the same from the right | the same |
| station ЕСР, cargo ЕТСНГ (6), ОКПО (8, 10) | ПР 50.1.024-2005: weights 1 2 3 …, modulo 11; then 3 4 5 …; then 0 | up to 4 slips in 100: two passes and the 0 share digits |
| ЄДРПОУ, 8 digits | two passes modulo 11, other weights from 30000000 to 60000000; longer ones have no rule | the same |
| РНОКПП; ИНН of 10 digits, ОГРН | modulo 11, 10 is written 0 | up to 4 slips in 100 |
| ИНН of 12 digits | two such digits | hardly any |
| ОГРНИП | modulo 13, its last digit | up to 7 in 100 |
| СНИЛС | modulo 101; up to 001-001-998 there is none | hardly any |
| container, 4 letters and 7 digits | ISO 6346, modulo 11, 10 is written 0 | up to 4 in 100 |
| container of 9 digits, ГНГ, КПП, number of a note | none is known | everything |

The numbering of a wagon follows from its administration: 8 digits on 1520 mm, elsewhere 12 whose third and fourth
digits are the administration. Without an administration both are taken, as wagons of third countries may have none.

## Shortened forms

The number is compared in full; how it was read is told in the ЭСИД with both forms, and the document stays as it was
signed.

| written | read as | finding |
|---|---|---|
| ` + "`6349 8000`, `63498-000`, `csqu 305438-3`" + ` | ` + "`63498000`, `CSQU3054383`" + ` | ` + "`code-respelled`" + `, info |
| station or cargo of 5 digits, ` + "`98560`" + ` | with its check digit, ` + "`985609`" + ` | ` + "`code-shortened`" + `, info |
| 5 digits that also fit with a zero in front, ` + "`10002`" + ` | as above, ` + "`100020`" + ` | ` + "`code-ambiguous`" + `, warning |
| ИНН, ОКПО, ЄДРПОУ short of zeros, ` + "`1126022`" + ` | ` + "`01126022`" + ` | ` + "`code-padded`" + `, info |

## Tables

Each row says where it is known from. A shipped table holds what is attested, and the railway has more: a code that it
does not have is a warning (D02), for it may well be right. In a memo it is an error where the table is complete: one
that you have put in place of ours, and ` + "`container-sizes.tsv`" + `, whose rows the regulation lists. There are no tables for
ЕТСНГ and ГНГ. Where the tables know both stations, the kind of traffic follows from them (288 п. 1.3) and a
declared one that differs refuses the document; where they do not, the declared one counts.

Tables 2 to 4 of Д-720у and the codes for their rows in message 1397 have not been published. ` + "`ownership.tsv`" + `,
` + "`operations.tsv` and `remarks.tsv`" + ` have what documents and the regulation attest of them; capitals and small letters
are the same there. Of ` + "`боп`" + ` it is known that it is written, not what it means. A row without a code keeps what is known
of one whose mnemonic is lost. The columns ` + "`message-1397` and `conditions`" + ` may be left out.

The shipped table of stations knows the network regions (the first two digits) and few single stations. Regions that
several countries share are left open, and single stations beyond a border are not told from those around them; put the
list of Тарифное руководство № 4 in its place where you have it, a row a station: ` + "`first` and `last`" + ` may be the same.

To replace a table put a file of its name into the folder that ` + "`codes.tables`" + ` names in gatewayd.yaml, and send SIGHUP. It
takes the place of the shipped one as a whole. UTF-8, columns apart by tabs, their names in the first line, lines with #
for people, a source in every row; rows of stations in order and without overlap. A file that is not of this form, or
that no table is named like, keeps the daemon from starting and a reload from happening. The digest of replaced tables
goes into ` + "`policy`" + ` of the ЭСИД's Basis, so that verdicts by different tables can be told apart.
`

// docs/codes.md is written from the tables.
func TestPage(t *testing.T) {
	const page = "../../docs/codes.md"
	want := introduction
	for _, k := range kinds {
		want += k.page(t)
	}
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
		t.Errorf("%s is not what the tables say; go test ./register/codes -run TestPage -update rewrites it\n%s", page, diff)
	}
}

// page is a table as Markdown.
func (k kind) page(t *testing.T) string {
	text, _, err := open(nil, k.file)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", k.file)
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			b.WriteString(comment + "\n")
			continue
		}
		rows = append(rows, strings.Split(line, "\t"))
	}
	b.WriteString("\n")
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// Codes are of the letters that they seem to be of: «ПВ» with a Latin B would never be found.
func TestAlphabets(t *testing.T) {
	all := slices.Collect(maps.Keys(Shipped().wagonKinds))
	for _, rows := range []map[string]Mnemonic{Shipped().ownership, Shipped().operations, Shipped().remarks} {
		for _, m := range rows {
			all = append(all, m.Code)
		}
	}
	for _, code := range all {
		if slices.Contains([]string{"common", "own", "leased"}, code) {
			continue // the words of the gateway
		}
		for _, c := range strings.ToUpper(code) {
			if c < 'А' || c > 'Я' {
				t.Errorf("%q has %q, which is no Cyrillic letter", code, c)
			}
		}
	}
}
