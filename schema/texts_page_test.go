package schema

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// docs/texts.md is written from the templates.
func TestTextsPage(t *testing.T) {
	const page = "../docs/texts.md"
	want := textsPage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the templates say; go test ./schema -run TestTextsPage -update rewrites it\n%s", page, diff)
	}
}

const textsIntroduction = `# Texts of ЭД №2

ЭД №2 holds its data and, beside them, the text that 288 п. 1.6 prescribes for them. The gateway makes the text from
the data and holds the document's own against it. ` + "`gatewayd render FILE`" + ` prints what is expected, before anything
is signed. These are version %s of the rules; every ЭСИД names the version by which it judged (` + "`Basis/@templates`" + `).

## The templates

Which text it is say ` + "`Traffic` and `Norm/@type`" + `; ` + "`kaliningrad`" + ` has the texts of ` + "`international`" + ` (п. 1.3).
A word in braces is the element of ` + "`Norm`" + ` with that name; the part in brackets goes when its element is absent. The
captions «(должность, Ф.И.О.)» of the regulation say what to fill in and are not written. Data that are missing are an
error (L08 data-missing), data that do not belong to the document a warning (L08 data-foreign).

`

const textsConventions = `
After this text come, in this order:

1. «Применены средства крепления: {list}.» in the texts marked so; without fasteners the sentence is left out.
2. In domestic texts with a list, when ` + "`Fasteners/@jib`" + ` is true (сноска 5): «От поворота стрелы применены четыре
   растяжки из проволоки диаметром 6 мм в четыре нити.»
3. The signer: «Грузоотправитель» or «Отправитель», post and full name of ` + "`Performer`" + `. With a power of attorney
   (сноска 6), in the international texts alike: «Грузоотправитель: За {Performer} подписано ЭП {Signer} по доверенности
   N {number} от {date}».

Dates are written 05.06.2020. An МТУ that an order of ОАО «РЖД» has changed has a number and a date that are fractions:
` + "`<Number>12/34</Number><Date>2020-02-01/2020-06-05</Date>`" + ` is «N 12/34 от 01.02.2020/05.06.2020».

## Fasteners

An item of the list is the name, the quantity and, after a stroke, the strands: «растяжка 4/6, брусок упорный 8». The
international texts add the diameter of wire and the sizes of bars (сноска 5); the regulation leaves open how, and the
gateway writes «растяжка 4/6 из проволоки диаметром 6,5 мм, брусок 8 размерами 50x100x2700 мм».

## What is compared, and how

| difference | is |
|---|---|
| colon or none after «Грузоотправитель» and «Отправитель» | none |
| N and №, with or without a blank; kinds of dashes, of quotation marks, of blanks; «ё» and «е»; invisible characters | none |
| upper or lower case of «по доверенности» | none |
| blanks after full stops within abbreviations («рис.5»), «г.» after a date, a full stop at the end | none |
| a comma between post and name; initials for given name and patronymic | none |
| «x», «х», «×» between the sizes of a bar | none |
| names, order, units, punctuation within the list of fasteners, as long as the numbers agree | warning, L08 fasteners-differ |
| fixed words, numbers, dates, persons, the mark about the jib | error, L08 text-differs |

The finding shows the words around the first difference, the word itself in brackets. The regulation has misprints:
«Отравитель» for «Отправитель» and, in п. 2.1.3 2), «закрашен» for «закреплен». The texts here are corrected; a register
of participants with ` + "`agreement: {accept_misprints: true}`" + ` lets a consignor repeat them.

Written from ` + "`schema/text_template.go`" + ` by ` + "`go test ./schema -run TestTextsPage -update`" + `.
`

func textsPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, textsIntroduction, TemplatesVersion)
	b.WriteString("| `Traffic` | `Norm/@type` | text | fasteners | signer |\n|---|---|---|---|---|\n")
	for _, t := range templates {
		norm, list := "`"+t.norm+"`", ""
		if t.chapter != "" {
			norm += ", `Chapter` " + t.chapter
		}
		if t.fasteners {
			list = "listed"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cmp.Or(t.traffic, "any"), norm, t.work, list, t.sender)
	}
	b.WriteString(textsConventions)
	return b.String()
}
