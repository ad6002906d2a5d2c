package xmltree

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	seedFlag  = flag.Uint64("xmltree.seed", 0, "seed of the random documents, 0 for a new one")
	countFlag = flag.Int("xmltree.count", 250, "number of random documents")
)

// newRandom is a source of random numbers whose seed is printed when the test fails.
func newRandom(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test -run '^%s$' -xmltree.seed=%d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// author writes random well-formed documents that use everything in which implementations of
// canonicalization have differed: prefixes rebound and taken away, attributes of several
// namespaces, xml:* attributes, white space in values, references, CDATA sections, comments.
type author struct {
	*rand.Rand
	b        strings.Builder
	elements int
	ids      bool // give every element an xml:id
}

func (a *author) pick(choices ...string) string { return choices[a.IntN(len(choices))] }

// document writes a whole document.
func (a *author) document() string {
	a.b.Reset()
	a.elements = 0
	a.b.WriteString(a.pick("", "", "\uFEFF", "<?xml version=\"1.0\"?>\n",
		"<?xml version='1.0' encoding='utf-8' standalone='yes'?>"))
	a.b.WriteString(a.pick("", "", "\n", "<!-- before -->\r\n", "<!--1--><!--2-->"))
	a.element(map[string]string{"": "", "xml": xmlNamespace}, 0)
	a.b.WriteString(a.pick("", "", "\n", "\n<!-- after -->", "<!--1--> <!--2-->"))
	return a.b.String()
}

func (a *author) space() string { return a.pick(" ", " ", " ", "\n  ", "\t", "\r\n") }

func (a *author) element(around map[string]string, depth int) {
	a.elements++
	scope := map[string]string{}
	for prefix, uri := range around {
		scope[prefix] = uri
	}
	var attributes []string
	for _, prefix := range []string{"", "p", "q", "r"} {
		if a.IntN(4) > 0 {
			continue
		}
		// No "&" in a namespace name: libxml2 writes it without escape, against Canonical XML §2.3.
		uri := a.pick("urn:1", "urn:2", "http://example.org/?a=1;b=2#")
		if prefix == "" && a.IntN(2) == 0 {
			uri = ""
		}
		scope[prefix] = uri
		name := "xmlns:" + prefix
		if prefix == "" {
			name = "xmlns"
		}
		attributes = append(attributes, name+a.pick("", "", " ")+"="+a.quoted(uri))
	}
	attributes = append(attributes, a.attributes(scope)...)
	if a.ids {
		attributes = append(attributes, fmt.Sprintf("xml:id='i%d'", a.elements))
	}
	a.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })

	name := a.name(a.usable(scope, true), "ab", "c", "Я-1", "d.e_f")
	a.b.WriteString("<" + name)
	for _, attribute := range attributes {
		a.b.WriteString(a.space() + attribute)
	}
	a.b.WriteString(a.pick("", "", "", " ", "\n"))
	if a.IntN(5) == 0 {
		a.b.WriteString("/>")
		return
	}
	a.b.WriteString(">")
	for range a.IntN(5) {
		if depth < 6 && a.IntN(2) == 0 {
			a.element(scope, depth+1)
		} else {
			a.content()
		}
	}
	a.b.WriteString("</" + name + a.pick("", "", "", " ", "\r\n") + ">")
}

// usable are the prefixes that stand for a namespace in scope.
func (a *author) usable(scope map[string]string, element bool) []string {
	prefixes := []string{""}
	for prefix, uri := range scope {
		if prefix != "" && uri != "" && !(element && prefix == "xml") {
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes) // maps have no order, and the seed has to make one document
	return prefixes
}

func (a *author) name(prefixes []string, locals ...string) string {
	prefix, local := a.pick(prefixes...), a.pick(locals...)
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

func (a *author) attributes(scope map[string]string) []string {
	var out []string
	seen := map[string]bool{}
	for range a.IntN(5) {
		name := a.name(a.usable(scope, false), "a", "b", "lang", "Lang", "длина", "a-b")
		prefix, local, prefixed := strings.Cut(name, ":")
		expanded := " " + name
		if prefixed {
			expanded = scope[prefix] + " " + local
		}
		if !seen[expanded] {
			seen[expanded] = true
			out = append(out, name+a.pick("", "", "\n")+"="+a.quoted(a.value()))
		}
	}
	for _, name := range []string{"xml:space", "xml:base"} {
		if a.IntN(8) == 0 {
			value := "preserve"
			if name == "xml:base" {
				// Deep enough that no ".." goes above its root: there libxml2 writes no path at all, and
				// RFC 3986 §5.2.4 has "/".
				value = a.pick("a/b", "../c", "d/", "http://example.org/1/2/3/4/5/6/7/8/9", "..")
			}
			out = append(out, name+"="+a.quoted(value))
		}
	}
	return out
}

// quoted puts a value between quotes; the same ones inside it become references.
func (a *author) quoted(value string) string {
	if a.IntN(2) == 0 {
		return `"` + strings.ReplaceAll(value, `"`, "&quot;") + `"`
	}
	return "'" + strings.ReplaceAll(value, "'", "&#39;") + "'"
}

func (a *author) value() string {
	var b strings.Builder
	for range a.IntN(4) {
		b.WriteString(a.pick("x", "Я", " ", "\n", "\t", "\r\n", "\r", "&#9;", "&#xA;", "&#13;", "&lt;", "&amp;",
			"&gt;", ">", `"`, "'", "&apos;", "&quot;", "\u00A0", "\U0001F600", "&#x1F600;"))
	}
	return b.String()
}

func (a *author) content() {
	switch a.IntN(6) {
	case 0:
		a.b.WriteString("<!--" + a.pick("", " c ", "\r\n", "<&>", " - ") + "-->")
	case 1:
		a.b.WriteString("<![CDATA[" + a.pick("", "x", "<&>\"'", "]]", "\r\n", "]>") + "]]>")
	default:
		var text string
		for range 1 + a.IntN(4) {
			text += a.pick("text", "Текст ", "\n", "\r\n", "\r", "\t", "&lt;", "&gt;", ">", "&amp;", "&quot;", "'",
				`"`, "&#13;", "&#10;", "]]", "&#93;&#93;&gt;", "\u2028", "\U0001F600", "\u0085")
		}
		// A dot keeps this run's brackets from the next one's ">".
		a.b.WriteString(strings.ReplaceAll(text, "]]>", "]]&gt;") + ".")
	}
}

// damage changes a few places of a document, mostly to what is forbidden there.
func (a *author) damage(document string) string {
	characters := []rune(document)
	for range 1 + a.IntN(2) {
		i := a.IntN(len(characters))
		piece := []rune(a.pick("<", ">", "&", "'", `"`, "/", "=", ":", " ", "]", "]]>", "--", "!", "a", "1",
			"-", ".", ";", "#", "\x00", "\x0b", "\uFFFE", "×", "·", "&#0;", "&#x41;", "&x;", "<a>", "</a>",
			"<a/>", "xmlns=''", " p:a=''", " xmlns:p=''", "<![CDATA[", "<!--", "-->", "xml", " b=''"))
		switch a.IntN(4) {
		case 0:
			characters = slices.Delete(characters, i, i+1)
		case 1:
			characters = slices.Insert(characters, i, characters[i])
		case 2:
			characters = slices.Replace(characters, i, i+1, piece...)
		default:
			characters = slices.Insert(characters, i, piece...)
		}
		if len(characters) == 0 {
			break
		}
	}
	return string(characters)
}
