package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"asugate/signature"
	"asugate/xmltree"
)

// constants are the string constants of a source file whose names begin with prefix.
func constants(t *testing.T, file, prefix string) []string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			values = append(values, must(strconv.Unquote(literal.Value)))
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s has no constants %s…", file, prefix)
	}
	return values
}

// The table has a row for everything that the product can say, and for nothing else.
func TestTableIsClosed(t *testing.T) {
	want := map[string]bool{}
	for code, words := range signature.Reasons() {
		for _, word := range words {
			want[code+" "+word] = true
		}
	}
	for _, word := range xmltree.Reasons() {
		f := SyntaxFinding(&xmltree.SyntaxError{Reason: word})
		want[f.Code+" "+word] = true
	}
	for _, word := range constants(t, "../xmltree/xsd/violation.go", "Rule") {
		want["A01 "+word] = true
	}
	ours := map[string]int{} // words of this package, whose code only the table knows
	for _, word := range constants(t, "reason.go", "Reason") {
		ours[word] = 0
	}
	for _, row := range Explanations() {
		title := row.Code + " " + row.Reason
		_, own := ours[row.Reason]
		switch {
		case want[title]:
			delete(want, title)
		case own:
			ours[row.Reason]++
		default:
			t.Errorf("nothing gives %s", title)
		}
	}
	for _, title := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("%s has no row", title)
	}
	for word, rows := range ours {
		if rows == 0 { // a word may say the like under two codes
			t.Errorf("%s has no row", word)
		}
	}
}

// The closed list of codes is the one of the interface.
func TestCodes(t *testing.T) {
	want := "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 D01 D02 D03 " +
		"L01 L02 L03 L04 L05 L06 L08 L09 L10 W07 W11 W12 W13 W14 W15 W16 W17 W18"
	var got []string
	for _, code := range Codes() {
		got = append(got, code.Code)
	}
	if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
}

var (
	placeholder = regexp.MustCompile(`\{[^}]*\}`)
	foreign     = map[string]*regexp.Regexp{
		"ru": regexp.MustCompile(`[іїєґІЇЄҐ]`),
		"uk": regexp.MustCompile(`[ыэъёЫЭЪЁ]`),
		"en": regexp.MustCompile(`\p{Cyrillic}`),
	}
	// names are proper names that stand in a text of another language.
	names = strings.NewReplacer("ЄДРПОУ", "", "МТУ", "", "НТУ", "", "ТУ1990", "")
)

// Each sentence is one, in its own language, and all languages show the same values.
func TestSentences(t *testing.T) {
	for _, row := range Explanations() {
		for what, texts := range map[string]map[string]string{"its": row.ITS, "do": row.Remedy} {
			if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, []string{"en", "ru", "uk"}) {
				t.Errorf("%s %s %s has languages %v", row.Code, row.Reason, what, got)
			}
			for _, language := range Languages() {
				sentence := texts[language]
				place := fmt.Sprintf("%s %s %s %s: %s", row.Code, row.Reason, what, language, sentence)
				if !strings.HasSuffix(sentence, ".") {
					t.Errorf("no full stop: %s", place)
				}
				if foreign[language].MatchString(names.Replace(sentence)) {
					t.Errorf("letters of another language: %s", place)
				}
				shown := placeholder.FindAllString(sentence, -1)
				slices.Sort(shown)
				for _, p := range shown {
					if p != "{expected}" && p != "{actual}" {
						t.Errorf("unknown placeholder: %s", place)
					}
				}
				first := placeholder.FindAllString(texts["ru"], -1)
				slices.Sort(first)
				if !slices.Equal(shown, first) {
					t.Errorf("shows other values than ru: %s", place)
				}
			}
		}
		if _, ok := Explain(row.Code, row.Reason); !ok {
			t.Errorf("Explain does not find %s %s", row.Code, row.Reason)
		}
	}
}

func TestExplainUnknown(t *testing.T) {
	if row, ok := Explain("A01", "no-such-reason"); ok {
		t.Errorf("got %+v", row)
	}
	// A finding outside the table is still said in every language.
	f := Finding{Code: "A01", Reason: "no-such-reason"}
	if got := f.ITS("uk"); got != "A01 no-such-reason" {
		t.Errorf("got %q", got)
	}
	if got := f.Complete().Severity; got != Error {
		t.Errorf("got severity %q", got)
	}
}

// The table's files are read strictly.
func TestReadExplanationsRefuses(t *testing.T) {
	const code = "code L01\nru: a.\nuk: b.\nen: c.\n\n"
	const row = "L01 x\nclause: y\nru: a.\nuk: b.\nen: c.\ndo ru: a.\ndo uk: b.\ndo en: c.\n"
	if _, err := readExplanations(fstest.MapFS{"reasons/a.txt": {Data: []byte(code + row)}}); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, text, want string }{
		{"a language is missing", code + strings.Replace(row, "uk: b.\n", "", 1), "reasons/a.txt:6: want ru, uk and en"},
		{"an unknown key", code + row + "de: d.\n", "reasons/a.txt:6: want ru, uk and en"},
		{"a key twice", code + row + "ru: a.\n", "reasons/a.txt:14: want «key: value», each key once"},
		{"a row twice", code + row + "\n" + row, "reasons/a.txt:15: want «CODE reason»"},
		{"a code that is not in the list", row, "L01 x: the code is not in the closed list"},
		{"a remedy that nobody wrote", code + strings.Replace(row, "do ru: a.\ndo uk: b.\ndo en: c.\n", "do: z\n", 1), `no remedy "z"`},
		{"a remedy that nobody uses", code + row + "\nremedy z\nru: a.\nuk: b.\nen: c.\n", `remedy "z" is not used`},
		{"a severity of its own", code + row + "severity: fatal\n", "reasons/a.txt:6:"},
		{"no colon", code + row + "ru a.\n", "reasons/a.txt:14:"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := readExplanations(fstest.MapFS{"reasons/a.txt": {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
