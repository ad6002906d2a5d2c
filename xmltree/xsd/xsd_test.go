package xsd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asugate/xmltree"
)

// kinds are the documents of the gateway; each has a schema NAME.xsd and here a valid example
// testdata/NAME.xml.
var kinds = []string{"Waybill", "Placement", "PaperSwitch", "StaffList", "OfficeNotice", "Receipt", "ESID"}

const (
	schemaDir = "../../schema/xsd"
	namespace = "urn:asugate:1"
)

// loadKinds loads the schemas of all documents into one set, as the program does.
func loadKinds(t testing.TB) *Set {
	t.Helper()
	var files []string
	for _, kind := range kinds {
		files = append(files, kind+".xsd")
	}
	set, err := Load(os.DirFS(schemaDir), files...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func example(t testing.TB, kind string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", kind+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func parse(t testing.TB, document string) xmltree.Element {
	t.Helper()
	tree, err := xmltree.Parse([]byte(document), xmltree.DefaultLimits())
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return tree.Root()
}

func TestExamplesAreValid(t *testing.T) {
	set := loadKinds(t)
	for _, kind := range kinds {
		for _, v := range set.Validate(parse(t, example(t, kind)), 10) {
			t.Errorf("%s: %s", kind, v)
		}
		if !set.Declares(namespace, kind) {
			t.Errorf("%s is not declared", kind)
		}
	}
	if set.Declares("", "Waybill") || set.Declares(namespace, "Header") {
		t.Error("a name without name space, or of a local element, counts as declared")
	}
}

// tenKB is a waybill of 10 KiB with as many wagons as it takes.
func tenKB(t testing.TB) string {
	document := example(t, "Waybill")
	wagon := `<Wagon number="63498000" owner="АО «ФГК»"/>` + "\n  "
	n := (10<<10 - len(document)) / len(wagon)
	return strings.Replace(document, "<Signatory", strings.Repeat(wagon, n)+"<Signatory", 1)
}

func BenchmarkValidate(b *testing.B) {
	set := loadKinds(b)
	for _, c := range []struct{ name, document string }{
		{"placement", example(b, "Placement")}, {"waybill-10KiB", tenKB(b)},
	} {
		root := parse(b, c.document)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.document)))
			for b.Loop() {
				if vs := set.Validate(root, 10); vs != nil {
					b.Fatal(vs)
				}
			}
		})
	}
}
