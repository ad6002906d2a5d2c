package xsd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
)

// mutate makes every document that differs from the given one by a single change of a closed list.
// Values are only altered where an element or attribute of that name and parent is not yet in seen.
func mutate(t *testing.T, document string, seen map[string]bool) []mutant {
	t.Helper()
	original := etree.NewDocument()
	if err := original.ReadFromString(document); err != nil {
		t.Fatal(err)
	}
	m := &mutation{t: t, original: original, seen: seen, mutants: []mutant{{"unchanged", document}}}
	for i, e := range elements(original.Root()) {
		m.structure(i, e)
		m.attributes(i, e)
		m.texts(i, e)
	}
	return m.mutants
}

type mutation struct {
	t        *testing.T
	original *etree.Document
	seen     map[string]bool
	mutants  []mutant
}

// elements is root and all below it in document order, but for what is inside a signature, which no
// schema looks at.
func elements(root *etree.Element) []*etree.Element {
	list := []*etree.Element{root}
	if root.Tag == "Signature" {
		return list
	}
	for _, child := range root.ChildElements() {
		list = append(list, elements(child)...)
	}
	return list
}

// change adds the document in which the i-th element was changed.
func (m *mutation) change(i int, what string, apply func(e *etree.Element)) {
	changed := m.original.Copy()
	e := elements(changed.Root())[i]
	what = e.GetPath() + ": " + what
	apply(e)
	text, err := changed.WriteToString()
	if err != nil {
		m.t.Fatal(err)
	}
	m.mutants = append(m.mutants, mutant{what, text})
}

// structure moves, renames and repeats elements.
func (m *mutation) structure(i int, e *etree.Element) {
	if e.Parent() != nil && e.Parent().Tag != "" {
		m.change(i, "dropped", func(e *etree.Element) { e.Parent().RemoveChild(e) })
		for _, n := range []int{1, 2, 7, 12} {
			m.change(i, fmt.Sprintf("repeated %d times", n), func(e *etree.Element) {
				for range n {
					e.Parent().InsertChildAt(e.Index(), e.Copy())
				}
			})
		}
		m.change(i, "moved to the end", func(e *etree.Element) { e.Parent().AddChild(e) })
		m.change(i, "moved to the front", func(e *etree.Element) { e.Parent().InsertChildAt(0, e) })
		for _, sibling := range e.Parent().ChildElements() {
			m.change(i, "renamed to "+sibling.Tag, func(e *etree.Element) { e.Tag = sibling.Tag })
		}
	}
	m.change(i, "renamed", func(e *etree.Element) { e.Tag = "Zzz" })
	m.change(i, "in lower case", func(e *etree.Element) { e.Tag = strings.ToLower(e.Tag) })
	m.change(i, "in no name space", func(e *etree.Element) { setNamespace(e, "") })
	m.change(i, "in another name space", func(e *etree.Element) { setNamespace(e, "urn:other") })
	m.change(i, "emptied", func(e *etree.Element) { e.Child = nil })
	m.change(i, "comment inside", func(e *etree.Element) { e.InsertChildAt(0, etree.NewComment("c")) })
	m.change(i, "text inside", func(e *etree.Element) { e.InsertChildAt(0, etree.NewText("text")) })
	m.change(i, "text at the end", func(e *etree.Element) { e.AddChild(etree.NewText("1")) })
	m.change(i, "blank at the end", func(e *etree.Element) { e.AddChild(etree.NewText(" \n")) })
	m.change(i, "blank CDATA at the end", func(e *etree.Element) { e.AddChild(etree.NewCData("\t")) })
	m.change(i, "child", func(e *etree.Element) { e.AddChild(etree.NewElement("Zzz")) })
	m.change(i, "child without name space", func(e *etree.Element) { setNamespace(e.CreateElement("Zzz"), "") })
	m.change(i, "signature inside", func(e *etree.Element) {
		setNamespace(e.CreateElement("Signature"), "http://www.w3.org/2000/09/xmldsig#")
	})
}

func setNamespace(e *etree.Element, space string) {
	e.Space = ""
	e.CreateAttr("xmlns", space)
}

// attributes adds, drops, renames and alters attributes.
func (m *mutation) attributes(i int, e *etree.Element) {
	add := func(name, value string) {
		m.change(i, "attribute "+name, func(e *etree.Element) {
			if space, _, _ := strings.Cut(name, ":"); space == "xsi" {
				e.CreateAttr("xmlns:xsi", instanceNamespace)
				e.CreateAttr("xmlns:a", namespace) // for types
			} else if space == "o" {
				e.CreateAttr("xmlns:o", "urn:other")
			} else if space == "a" {
				e.CreateAttr("xmlns:a", namespace)
			}
			e.CreateAttr(name, value)
		})
	}
	add("zzz", "1")
	add("xml:lang", "ru")
	add("xml:space", "preserve")
	add("o:number", "1")
	add("a:number", "1")
	add("xsi:nil", "false")
	add("xsi:nil", "true")
	add("xsi:type", "a:Name")
	add("xsi:type", "a:DocumentHeader")
	add("xsi:type", "a:MessageHeader")
	add("xsi:schemaLocation", namespace+" none.xsd")
	add("xsi:noNamespaceSchemaLocation", "none.xsd")
	add("xsi:other", "1")
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.Key == "xmlns" || e.Tag == "Signature" {
			continue
		}
		name := a.FullKey()
		m.change(i, "@"+name+" dropped", func(e *etree.Element) { e.RemoveAttr(name) })
		m.change(i, "@"+name+" renamed", func(e *etree.Element) {
			e.RemoveAttr(name)
			e.CreateAttr(strings.ToUpper(a.Key)+"x", a.Value)
		})
		for _, value := range m.values(e, name, a.Value) {
			m.change(i, fmt.Sprintf("@%s is %q", name, bounded(value)), func(e *etree.Element) { e.CreateAttr(name, value) })
		}
	}
}

// texts alters the text of elements that hold nothing else.
func (m *mutation) texts(i int, e *etree.Element) {
	if len(e.ChildElements()) > 0 || e.Tag == "Signature" {
		return
	}
	m.change(i, "text split by a comment", func(e *etree.Element) {
		text := []rune(e.Text())
		e.Child = nil
		e.CreateText(string(text[:len(text)/2]))
		e.CreateComment("c")
		e.CreateText(string(text[len(text)/2:]))
	})
	for _, value := range m.values(e, "", e.Text()) {
		m.change(i, fmt.Sprintf("text is %q", bounded(value)), func(e *etree.Element) { e.SetText(value) })
	}
}

// values are the values to try in a place: some near the original, and of the edges every
// stride-th, others in each place. A place of the same name and parent gets none the second time.
func (m *mutation) values(e *etree.Element, attribute, original string) []string {
	place := e.Parent().Tag + "/" + e.Tag + "@" + attribute
	if m.seen[place] {
		return nil
	}
	m.seen[place] = true
	all := edgeValues()
	list := nearValues(original)
	for i := len(m.seen) % stride; i < len(all); i += stride {
		list = append(list, all[i])
	}
	return list
}

// stride keeps the test quick; 1 tries everything everywhere.
const stride = 4

func nearValues(original string) []string {
	runes := []rune(original)
	if len(runes) == 0 {
		return nil
	}
	half := len(runes) / 2
	return []string{"", " " + original, original + "\n", "\t " + original + " ", original + " x", original + "0",
		"0" + original, "+" + original, original + " " + original, strings.ToUpper(original), strings.ToLower(original),
		string(runes[1:]), string(runes[:len(runes)-1]), string(runes[:half]) + " " + string(runes[half:]),
		strings.ReplaceAll(original, "-", "\u2010"), strings.ReplaceAll(original, " ", "\n  ")}
}

// edgeValues are the edges of every simple type of the schemas.
func edgeValues() []string {
	list := strings.Split(edges, "\n")
	for _, n := range []int{10, 11, 64, 65, 255, 256, 500, 501, 4000, 4001} {
		list = append(list, strings.Repeat("x", n), strings.Repeat("я", n), strings.Repeat("😀", n))
	}
	for n := range 34 {
		list = append(list, strings.Repeat("7", n+1))
	}
	return append(list, " ", "\n", "\t1\n", " \u00a0 ", "a\nb", "a\tb", "a  b")
}

const edges = `0
1
2
-0
-1
+1
00
01
1.0
1.
.5
1e3
999
1000
999999
1000000
999999999
1000000000
2147483647
2147483648
4294967296
18446744073709551616
000000000000000000001
+2147483647
1234567
12345678
123456789
1234567890
12345678901
123456789012
1234567890123
12345678901234
123456789012345
1234567890123456
٣٤٥٦٧٨٩٠
77080150A
7708AZ001
7708az001
true
false
TRUE
True
no
a
A
Я
a:b
a.b
-a
_a
1a
a b
é
A-Z
SHIP_01
12345678901234567890123456789012
123456789012345678901234567890123
domestic
international
test
production
Test
loading
placement
Placement
tu
mtu
L01
L1
AA1
error
warning
fatal
positive
deferred
legitimacy
wagon-list
wagon-list wagon-list
paper
paper paper
paper  correct-and-resend
paper, correct-and-resend
not-in-force
not--in
not_in
ru
RU
ru-RU
x-klingon
abcdefghi
ru-
123
112-233-445 95
112-233-44595
112-233-445-95
112 233 445 95
01937a5e-8c1b-7d2a-9f00-3c5a1b2c3d4e
01937A5E-8C1B-7D2A-9F00-3C5A1B2C3D4E
01937a5e8c1b7d2a9f003c5a1b2c3d4e
{01937a5e-8c1b-7d2a-9f00-3c5a1b2c3d4e}
01937a5e-8c1b-7d2a-9f00-3c5a1b2c3d4g
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a081
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0811
9g86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
2026-11-21
2024-02-29
2023-02-29
1900-02-29
2000-02-29
2026-02-30
2026-04-31
2026-00-10
2026-13-01
2026-01-00
2026-01-32
2026-1-1
26-01-01
0000-01-01
0001-01-01
9999-12-31
10000-01-01
-2024-01-01
2026-11-21Z
2026-11-21+03:00
2026-11-21T00:00:00
2026-11-21T10:00:00Z
2026-11-21T10:00:00+03:00
2026-11-21T10:00:00-14:00
2026-11-21T10:00:00+14:01
2026-11-21T10:00:00+15:00
2026-11-21T10:00:00+03:60
2026-11-21T10:00:00+3:00
2026-11-21T10:00:00+0300
2026-11-21T24:00:00
2026-11-21T24:00:01
2026-11-21T25:00:00
2026-11-21T10:60:00
2026-11-21T10:00:60
2026-11-21T10:00
2026-11-21T10:00:00.
2026-11-21T10:00:00.1
2026-11-21T10:00:00.123456789
2026-11-21T10:00:00.1234567890
2026-11-21T10:00:00,5
2026-11-21 10:00:00
2026-11-21t10:00:00z
2023-02-29T10:00:00Z
2024-02-29T10:00:00Z
0000-01-01T00:00:00Z
10000-01-01T00:00:00Z
-0001-01-01T00:00:00Z`
