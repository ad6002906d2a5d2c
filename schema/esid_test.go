package schema

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"

	"asugate/xmltree"
)

// sample is an ЭСИД that uses every field.
func sample() ESID {
	return ESID{
		MessageID: "0193a5b0-1111-7000-8000-000000000001", CreatedAt: at("2026-11-22T12:00:00.123456789+03:00"),
		Sender: "RZD", Receiver: "SHIP-01", Environment: "production",
		InReplyTo: InReplyTo{
			Kind: KindPlacement, DocumentID: "0193A5B0000070008000000000000002", Version: 3,
			Raw: strings.Repeat("0a", 32), Content: strings.Repeat("0b", 32), Verified: true,
		},
		Stage: Legitimacy, Result: Negative,
		Findings: []Finding{
			{Code: "L02", Reason: ReasonNotInForce, Path: "/Placement/Performer",
				Expected: "2026-01-12 – 2026-06-30", Actual: "2026-11-21"},
			{Code: "D01", Reason: ReasonWagonCheckDigit, Path: "/Placement/Wagon[2]/@number", Actual: "63498001"},
			{Code: "L08", Reason: ReasonFastenersDiffer, Path: "/Placement/Text",
				Expected: "растяжка 4/6", Actual: "растяжка из проволоки 4/6"},
		},
		Basis: Basis{
			Moment: at("2026-11-22T11:59:59+03:00"), Staff: "7708503727:42", Trust: 17,
			Appointment: "Иванов Иван Иванович, N 17-К 2026-01-10, 2026-01-12–2026-12-31, tcfto",
			Proxy:       "N 12 2026-01-15, Петрова Анна Олеговна, 2026-01-15–2026-12-31",
			Policy:      strings.Repeat("0c", 32), Norms: 9, Templates: TemplatesVersion,
			Revocation: "crl 2026-11-22T06:00Z",
		},
		Exits:      []string{"correct-and-resend", "paper"},
		Supersedes: "0193a5b0-1111-7000-8000-000000000002", Withdraws: "0193a5b0-1111-7000-8000-000000000003",
	}
}

// write is how an element looks unsigned, for golden files and for our own reader.
func write(t testing.TB, root *etree.Element, indent bool) []byte {
	t.Helper()
	document := etree.NewDocumentWithRoot(root.Copy())
	document.WriteSettings = etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true}
	if indent {
		document.Indent(2)
	}
	return must(document.WriteToBytes())
}

// The whole form of what we send, for people to read.
func TestGolden(t *testing.T) {
	unread := ESID{ // nothing of the document could be verified
		MessageID: "0193a5b0-1111-7000-8000-000000000004", CreatedAt: at("2026-11-22T12:00:00Z"),
		Sender: "UZ", Receiver: "SHIP-02",
		InReplyTo: InReplyTo{Raw: strings.Repeat("0a", 32)},
		Stage:     Authenticity, Result: Negative,
		Findings: []Finding{{Code: "A02", Reason: "no-signature", Path: "/Placement"}},
		Basis:    Basis{Moment: at("2026-11-22T12:00:00Z")},
	}
	cases := []struct {
		file    string
		element *etree.Element
	}{
		{"esid.golden", sample().Element()},
		{"esid_unread.golden", unread.Element()},
		{"receipt.golden", Receipt{
			MessageID: "0193a5b0-1111-7000-8000-000000000005", CreatedAt: at("2026-11-22T12:00:00+03:00"),
			Sender: "RZD", Receiver: "SHIP-01", Environment: "test", InReplyTo: sample().InReplyTo,
		}.Element()},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := write(t, c.element, true)
			path := filepath.Join("testdata", c.file)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(must(os.ReadFile(path))), string(got)); diff != "" {
				t.Errorf("-%s +got:\n%s", c.file, diff)
			}
			checkMessage(t, rootOf(t, write(t, c.element, false)))
		})
	}
}

// checkMessage holds a message against its schema and against the promise that no element has more
// than one prefixed attribute, on whose order canonicalizations disagree.
func checkMessage(t *testing.T, root xmltree.Element) {
	t.Helper()
	for _, v := range schemas().Validate(root, 10) {
		t.Error(v)
	}
	var walk func(e xmltree.Element)
	walk = func(e xmltree.Element) {
		prefixed := 0
		for a := range e.Attrs() {
			if a.Space != "" {
				prefixed++
			}
		}
		if prefixed > 1 || e.Prefix() != "" {
			t.Errorf("%s: %d prefixed attributes, prefix %q", e.Path(), prefixed, e.Prefix())
		}
		for c := range e.Children() {
			walk(c)
		}
	}
	walk(root)
}

// What is written is read back the same, through a real signature.
func TestReadESID(t *testing.T) {
	signer := newIdentity(t)
	want := sample()
	sealed := must(signer.key.Seal(want.Element()))
	got, err := ReadESID(signer.open(t, sealed).Root())
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range want.Findings { // severity and clause come from the table
		want.Findings[i] = f.Complete()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if want.Findings[2].Severity != Warning || want.Findings[0].Clause != "288 п. 2.1.4 3)б" {
		t.Errorf("the table gave %+v", want.Findings)
	}
}

func TestReadESIDRefuses(t *testing.T) {
	cases := []struct{ name, document, want string }{
		{"another kind", `<Receipt xmlns="urn:asugate:1"/>`, `root is "Receipt"`},
		{"not by schema", `<ESID xmlns="urn:asugate:1" ID="e" Format="1.0"/>`, "missing-element at /ESID"},
		{"another namespace", `<ESID/>`, "root is"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadESID(rootOf(t, []byte(c.document)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// hostile are values that a document may make us echo.
var hostile = []string{
	"tab\tLF\nCR\rCRLF\r\nend", `quotes " ' « »`, "]]> <![CDATA[ x ]]> <!-- y --> <?z?>", "<ds:Signature/> &amp; & &#0;",
	"emoji 🚂👨‍👩‍👧", "RTL שלום \u202eабв\u202c \u2066x\u2069", "NUL \x00 BEL \x07 DEL \x7f C1 \u0085", "\xff\xfe not UTF-8 \xd0",
	"\ufffe\uffff", "\ufeffBOM", "  blanks  ", "{actual} {expected}", "U+FFFD \ufffd stays", strings.Repeat("щ", 5000),
	strings.Repeat("\x00", 5000), strings.Repeat("\xff", 999) + "tail",
}

// Hostile text in Expected and Actual leaves an ЭСИД that is by its schema, whose signature holds
// for us and for xmlsec1, and which says the same after reading.
func TestHostileText(t *testing.T) {
	signer := newIdentity(t)
	for _, text := range hostile {
		t.Run(clip(Printable(text), 20), func(t *testing.T) {
			e := sample()
			e.Findings = []Finding{{Code: "L08", Reason: ReasonTextDiffers, Path: "/Placement/Text" + text,
				Expected: text, Actual: text}}
			sealed := must(signer.key.Seal(e.Element()))
			root := signer.open(t, sealed).Root()
			checkMessage(t, root)
			got := must(ReadESID(root)).Findings[0]
			want := clip(Printable(text), maxEvidence)
			if got.Expected != want || got.Actual != want {
				t.Errorf("got %q, want %q", got.Actual, want)
			}
			for c := range root.Children() {
				for its := range c.Children() {
					if its.Local() == "ITS" && strings.ContainsAny(its.Text(), "\r\n\t\u202e\u2066") {
						t.Errorf("the sentence is dressed up: %q", its.Text())
					}
				}
			}
			verifyElsewhere(t, KindESID, sealed)
		})
	}
}

// verifyElsewhere asks xmlsec1 about the signature and xmllint about the schema.
func verifyElsewhere(t *testing.T, kind Kind, sealed []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "message.xml")
	if err := os.WriteFile(file, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"xmlsec1", "--verify", "--insecure", "--id-attr:ID", string(kind), file},
		{"xmllint", "--noout", "--nonet", "--schema", "xsd/" + string(kind) + ".xsd", file},
	} {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Skip(command[0] + " is not installed")
		}
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s\n%s", command, err, out, sealed)
		}
	}
}

func TestPrintable(t *testing.T) {
	cases := []struct{ in, printable, line string }{
		{"просто текст", "просто текст", "просто текст"},
		{"a\tb\r\nc", "a\tb\r\nc", "a b c"},
		{"\x00\x1f", `\x00\x1f`, `\x00\x1f`},
		{"\x7f\u0085", "\x7f\u0085", `\x7f\x85`},
		{"\u202e\u200b\ufeff", "\u202e\u200b\ufeff", `\u202e\u200b\ufeff`},
		{"\ufffe", `\ufffe`, `\ufffe`},
		{"\xff\xd0a", `\xff\xd0a`, `\xff\xd0a`},
		{"\ufffd", "\ufffd", "\ufffd"},
	}
	for _, c := range cases {
		if got := Printable(c.in); got != c.printable {
			t.Errorf("Printable(%q) is %q, want %q", c.in, got, c.printable)
		}
		if got := oneLine(c.in); got != c.line {
			t.Errorf("oneLine(%q) is %q, want %q", c.in, got, c.line)
		}
	}
}

func TestClip(t *testing.T) {
	cases := []struct {
		in    string
		limit int
		want  string
	}{
		{"щщщ", 3, "щщщ"},
		{"щщщщ", 3, "щщ…"},
		{"", 3, ""},
		{"abc", 5, "abc"},
	}
	for _, c := range cases {
		got := clip(c.in, c.limit)
		if got != c.want || utf8.RuneCountInString(got) > c.limit {
			t.Errorf("clip(%q, %d) is %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

// A value that looks like a placeholder is not filled in its turn.
func TestITSFillsOnce(t *testing.T) {
	f := Finding{Code: "L04", Reason: ReasonSignerDiffers, Expected: "{actual}", Actual: "Петров"}
	want := "Документ подписал Петров, а подписантом в нём указан {actual}."
	if got := f.ITS("ru"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Finding{Code: "L05", Reason: ReasonProxyWithdrawn}).ITS("en"); got != "The power of attorney was withdrawn on —; the document was signed on —." {
		t.Errorf("got %q for a missing value", got)
	}
}

// Thousands of findings alike become fifty and their number.
func TestFold(t *testing.T) {
	var findings []Finding
	for range 3000 {
		findings = append(findings, Finding{Code: "D01", Reason: ReasonWagonCheckDigit, Severity: Error, Actual: "63498001"})
	}
	findings = append(findings, Finding{Code: "L01", Reason: ReasonNotInList, Severity: Error})
	got := fold(findings)
	if len(got) != maxAlike+2 || got[maxAlike].Actual != "+2950" || got[maxAlike+1].Code != "L01" {
		t.Errorf("got %d findings, the last %+v", len(got), got[max(0, len(got)-2):])
	}
	e := sample()
	e.Findings = findings
	if size := len(write(t, e.Element(), false)); size > 100_000 {
		t.Errorf("the ЭСИД has %d bytes", size)
	}
	checkMessage(t, rootOf(t, write(t, e.Element(), false)))
}

// FuzzESID: whatever is echoed, the ЭСИД is XML, is by its schema, and says the same after reading.
func FuzzESID(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, path, expected, actual string) {
		e := sample()
		e.Findings = []Finding{{Code: "A01", Reason: "pattern", Path: path, Expected: expected, Actual: actual}}
		written := write(t, e.Element(), false)
		tree, err := xmltree.Parse(written, xmltree.DefaultLimits())
		if err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		checkMessage(t, tree.Root())
		got, err := ReadESID(tree.Root())
		if err != nil {
			t.Fatal(err)
		}
		if want := clip(Printable(actual), maxEvidence); got.Findings[0].Actual != want {
			t.Errorf("got %q, want %q", got.Findings[0].Actual, want)
		}
	})
}

// Building an ЭСИД is on the way of every document.
func BenchmarkElement(b *testing.B) {
	e := sample()
	for b.Loop() {
		e.Element()
	}
}

func BenchmarkParse(b *testing.B) {
	document := readFile(b, "placement.xml")
	root := rootOf(b, document)
	zone := time.UTC
	for b.Loop() {
		if d, _ := parse(root, zone); !d.Valid() {
			b.Fatal("refused")
		}
	}
}
