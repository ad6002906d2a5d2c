package xmltree

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// plainNode is a node as read by a second reader that shares nothing with Parse: it takes
// well-formed documents only, and copies everything.
type plainNode struct {
	parent     *plainNode
	name       string // of an element, as written
	attributes [][2]string
	scope      map[string]string // the declarations of this element alone
	children   []*plainNode
	text       string
	comment    bool
	gone       bool
}

// plainElements are the elements of a document in its order, the root first.
func plainElements(document string) []*plainNode {
	const space = " \t\r\n"
	document = strings.TrimLeft(document, space)
	for strings.HasPrefix(document, "<?") || strings.HasPrefix(document, "<!--") {
		_, document, _ = strings.Cut(document, ">")
		document = strings.TrimLeft(document, space)
	}
	document = strings.ReplaceAll(strings.ReplaceAll(document, "\r\n", "\n"), "\r", "\n")
	var all []*plainNode
	around := &plainNode{}
	for document != "" && (len(all) == 0 || around.parent != nil) {
		add := func(n *plainNode) { n.parent = around; around.children = append(around.children, n) }
		switch {
		case strings.HasPrefix(document, "<!--"):
			text, rest, _ := strings.Cut(document[4:], "-->")
			add(&plainNode{text: text, comment: true})
			document = rest
		case strings.HasPrefix(document, "<![CDATA["):
			text, rest, _ := strings.Cut(document[9:], "]]>")
			add(&plainNode{text: text})
			document = rest
		case strings.HasPrefix(document, "</"):
			_, document, _ = strings.Cut(document, ">")
			around = around.parent
		case strings.HasPrefix(document, "<"):
			n, empty, rest := plainTag(document[1:])
			add(n)
			all = append(all, n)
			if document = rest; !empty {
				around = n
			}
		default:
			end := strings.IndexByte(document, '<')
			add(&plainNode{text: unreferred.Replace(document[:end])})
			document = document[end:]
		}
	}
	return all
}

// unreferred are the references that the authors of these tests write.
var unreferred = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&quot;", `"`, "&apos;", "'", "&#39;", "'",
	"&#13;", "\r", "&#xD;", "\r", "&#xd;", "\r", "&#10;", "\n", "&#xA;", "\n", "&#9;", "\t", "&#x9;", "\t",
	"&#93;", "]", "&#x1F600;", "\U0001F600", "&#38;", "&")

// plainTag reads a tag behind its "<".
func plainTag(s string) (n *plainNode, empty bool, rest string) {
	const space = " \t\n"
	end := strings.IndexAny(s, space+"/>")
	n = &plainNode{name: s[:end], scope: map[string]string{}}
	for s = strings.TrimLeft(s[end:], space); s[0] != '>' && s[0] != '/'; s = strings.TrimLeft(s, space) {
		name, value, _ := strings.Cut(s, "=")
		name, value = strings.TrimRight(name, space), strings.TrimLeft(value, space)
		value, s, _ = strings.Cut(value[1:], value[:1])
		value = unreferred.Replace(strings.NewReplacer("\n", " ", "\t", " ").Replace(value))
		if prefix, ok := strings.CutPrefix(name, "xmlns"); ok {
			n.scope[strings.TrimPrefix(prefix, ":")] = value
		} else {
			n.attributes = append(n.attributes, [2]string{name, value})
		}
	}
	return n, s[0] == '/', s[strings.IndexByte(s, '>')+1:]
}

// namespaces are all that are in scope at n, the default one under the empty prefix.
func (n *plainNode) namespaces() map[string]string {
	all := map[string]string{"": ""}
	if n.parent != nil {
		all = n.parent.namespaces()
	}
	for prefix, uri := range n.scope {
		all[prefix] = uri
	}
	return all
}

func prefixOf(name string) string {
	prefix, _, prefixed := strings.Cut(name, ":")
	if !prefixed {
		return ""
	}
	return prefix
}

// write is canonicalization word by word from the standards; shown is what the output around
// declares.
func (n *plainNode) write(b *strings.Builder, f Form, shown map[string]string, apex bool) {
	if n.gone {
		return
	}
	if n.name == "" {
		switch {
		case !n.comment:
			b.WriteString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;").Replace(n.text))
		case f.Comments:
			b.WriteString("<!--" + n.text + "-->")
		}
		return
	}
	scope, attributes := n.namespaces(), slices.Clone(n.attributes)
	for around := n.parent; apex && f.Algorithm == Inclusive10 && around != nil; around = around.parent {
		for _, a := range around.attributes {
			same := func(mine [2]string) bool { return mine[0] == a[0] }
			if prefixOf(a[0]) == "xml" && !slices.ContainsFunc(attributes, same) {
				attributes = append(attributes, a)
			}
		}
	}
	used := map[string]bool{prefixOf(n.name): true}
	for _, a := range attributes {
		if prefix := prefixOf(a[0]); prefix != "" {
			used[prefix] = true
		}
	}
	inner, declared := map[string]string{}, []string{}
	for prefix, uri := range shown {
		inner[prefix] = uri
	}
	for prefix, uri := range scope {
		listed := slices.Contains(f.Prefixes, prefix) && prefix != "" || prefix == "" && slices.Contains(f.Prefixes, "#default")
		if (f.Algorithm != Exclusive || listed || used[prefix]) && prefix != "xml" && shown[prefix] != uri {
			inner[prefix] = uri
			declared = append(declared, prefix)
		}
	}
	slices.Sort(declared)
	scope["xml"] = xmlNamespace
	key := func(a [2]string) string {
		if prefix := prefixOf(a[0]); prefix != "" {
			return scope[prefix] + "\x00" + strings.TrimPrefix(a[0], prefix+":")
		}
		return "\x00" + a[0]
	}
	slices.SortFunc(attributes, func(x, y [2]string) int { return strings.Compare(key(x), key(y)) })
	value := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
	b.WriteString("<" + n.name)
	for _, prefix := range declared {
		b.WriteString(strings.TrimSuffix(" xmlns:"+prefix, ":") + `="` + value.Replace(inner[prefix]) + `"`)
	}
	for _, a := range attributes {
		b.WriteString(" " + a[0] + `="` + value.Replace(a[1]) + `"`)
	}
	b.WriteString(">")
	for _, child := range n.children {
		child.write(b, f, inner, false)
	}
	b.WriteString("</" + n.name + ">")
}

// lent says that n would get attributes of those around it in Canonical XML 1.1, with which the slow
// writer does not deal.
func (n *plainNode) lent() bool {
	for around := n.parent; around != nil; around = around.parent {
		for _, a := range around.attributes {
			if a[0] == "xml:base" || a[0] == "xml:lang" || a[0] == "xml:space" {
				return true
			}
		}
	}
	return false
}

// nearlyCanonical writes documents that are canonical but for a place here and there, so that what
// is copied as it stands begins and ends anywhere.
type nearlyCanonical struct{ author }

func (a *nearlyCanonical) seldom(usual string, others ...string) string {
	if a.IntN(12) > 0 {
		return usual
	}
	return a.pick(others...)
}

func (a *nearlyCanonical) element(prefix string, depth int) {
	name := prefix + a.pick("a", "b", "aa")
	a.b.WriteString("<" + name)
	if depth == 0 {
		a.b.WriteString(` xmlns="urn:1" xmlns:p="urn:2" xml:lang="ru"`)
	} else {
		a.b.WriteString(a.seldom("", ` xmlns=""`, ` xmlns:p="urn:3"`, ` xmlns:q="urn:2"`, ` xmlns="urn:1"`, " xmlns='urn:3'"))
	}
	for _, attribute := range []string{"a", "b", "p:c"} {
		if a.IntN(3) == 0 {
			a.b.WriteString(a.seldom(" ", "  ", "\n", "\t") + attribute + a.seldom("=", " =", "= ") +
				a.seldom(`"x"`, `'x'`, `"&#xA;"`, `"&gt;"`, `"x&amp;"`, `">"`, "\"\t\""))
		}
	}
	if a.IntN(8) == 0 {
		a.b.WriteString(a.seldom("/>", " />"))
		return
	}
	a.b.WriteString(a.seldom(">", " >", "\n>"))
	for range a.IntN(6) {
		switch {
		case depth < 5 && a.IntN(2) == 0:
			a.element(a.pick("", "", "p:"), depth+1)
		default:
			a.b.WriteString(a.seldom(a.pick("text ", "\n  ", "&amp;", "&#xD;", "&lt;a&gt;", strings.Repeat("Я", direct), strings.Repeat("x", drained)),
				"<!--c-->", "<!--</a>-->", "<![CDATA[]]>", "<![CDATA[</a>]]>", "<![CDATA[x]]>", "&quot;", "&#13;", "\r", "\r\n", ">"))
		}
	}
	a.b.WriteString("</" + name + a.seldom(">", " >", "\n>"))
}

// Every subtree of a document, with others detached, is written as a second canonicalizer writes it
// that knows nothing of runs, numbers and marks.
func TestAgainstSlowCanonicalizer(t *testing.T) {
	random := newRandom(t)
	odd, near := author{Rand: random}, nearlyCanonical{author{Rand: random}}
	for i := range *countFlag {
		document := odd.document()
		if i%2 == 0 {
			near.b.Reset()
			near.element("", 0)
			document = near.b.String()
		}
		compareWithSlow(t, random, document)
	}
}

func compareWithSlow(t *testing.T, random *rand.Rand, document string) {
	t.Helper()
	tree, err := Parse([]byte(document), Limits{})
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	plain := plainElements(strings.TrimPrefix(document, "\uFEFF"))
	elements := descendants(tree.Root())
	if len(plain) != len(elements) {
		t.Fatalf("%d elements, %d by the second reader:\n%s", len(elements), len(plain), document)
	}
	for range 3 {
		for _, i := range []int{0, random.IntN(len(elements)), random.IntN(len(elements))} {
			for _, form := range everyForm {
				if form.Algorithm == Inclusive11 && plain[i].lent() {
					continue
				}
				var want strings.Builder
				gone := plain[i].gone
				plain[i].gone = false // one that is detached can be written itself
				plain[i].write(&want, form, map[string]string{}, true)
				plain[i].gone = gone
				var written bytes.Buffer
				if err := elements[i].WriteCanonical(&written, form); err != nil {
					t.Fatal(err)
				}
				appended := elements[i].AppendCanonical([]byte("before"), form)
				if written.String() != want.String() || string(appended) != "before"+want.String() {
					t.Fatalf("%+v of element %d of\n%s\nwritten  %.3000q\nappended %.3000q\nwant     %.3000q",
						form, i, document, written.String(), appended, want.String())
				}
			}
		}
		for range len(elements) / 8 {
			if i := random.IntN(len(elements)); i > 0 {
				tree.Detach(elements[i])
				plain[i].gone = true
			}
		}
	}
}
