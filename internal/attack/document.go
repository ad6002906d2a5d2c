package attack

import (
	"fmt"
	"regexp"
	"strings"

	"asugate/xmltree"
)

const nsDSig = "http://www.w3.org/2000/09/xmldsig#"

// Document is a signed document as text. Attacks are cut and pasted, because half of them must not be
// what a builder of XML would write.
type Document struct {
	text      string
	id        string // the value by which the Reference names the root, empty for URI=""
	idName    string // the attribute
	named     bool   // the root has it, referred to or not
	prefix    string // of the Signature's elements, with its colon
	rootName  string
	signature span
}

// span is an element in a text.
type span struct {
	from, inside  int // start tag
	behind, after int // end tag, at the same place for an empty element
}

func (s span) of(text string) string     { return text[s.from:s.after] }
func (s span) inner(text string) string  { return text[s.inside:s.behind] }
func (s span) tag(text string) string    { return text[s.from:s.inside] }
func (s span) endTag(text string) string { return text[s.behind:s.after] }

// Take takes a signed document in UTF-8 apart. idName is the attribute by which the Reference names
// the root.
func Take(signed []byte, idName string) (*Document, error) {
	tree, err := xmltree.Parse(signed, xmltree.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("taking a document apart: %w", err)
	}
	root := tree.Root()
	d := &Document{text: string(signed), idName: idName, rootName: qualified(root)}
	_, d.named = root.Attr("", idName)
	for child := range root.Children() {
		if child.Is(nsDSig, "Signature") {
			d.prefix = strings.TrimSuffix(qualified(child), "Signature")
			d.signature.from = child.Offset()
		}
	}
	if d.signature.from == 0 {
		return nil, fmt.Errorf("taking a document apart: it is not signed")
	}
	end := strings.LastIndex(d.text, "</"+d.prefix+"Signature")
	d.signature.inside = d.signature.from + strings.IndexByte(d.text[d.signature.from:], '>') + 1
	d.signature.behind = end
	d.signature.after = end + strings.IndexByte(d.text[end:], '>') + 1
	if uri := regexp.MustCompile(`Reference[^>]*URI=["']#([^"']*)`); idName != "" {
		for _, m := range uri.FindAllStringSubmatch(d.signature.of(d.text), -1) {
			if value, _ := root.Attr("", idName); value == m[1] {
				d.id = value
			}
		}
	}
	return d, nil
}

func qualified(e xmltree.Element) string {
	if e.Prefix() == "" {
		return e.Local()
	}
	return e.Prefix() + ":" + e.Local()
}

// find is the first element of that local name in the Signature.
func (d *Document) find(local string) (span, bool) {
	within := d.signature.of(d.text)
	start := regexp.MustCompile(`<((?:[\w.-]+:)?` + local + `)(?:\s[^>]*)?>`)
	at := start.FindStringSubmatchIndex(within)
	if at == nil {
		return span{}, false
	}
	s := span{from: at[0], inside: at[1], behind: at[1], after: at[1]}
	if within[at[1]-2] != '/' {
		end := strings.Index(within[at[1]:], "</"+within[at[2]:at[3]])
		if end < 0 {
			return span{}, false
		}
		s.behind = at[1] + end
		s.after = s.behind + strings.IndexByte(within[s.behind:], '>') + 1
	}
	base := d.signature.from
	return span{s.from + base, s.inside + base, s.behind + base, s.after + base}, true
}

// has says whether the Signature holds such an element.
func (d *Document) has(local string) bool {
	_, ok := d.find(local)
	return ok
}

// mustFind is find for what every Signature holds.
func (d *Document) mustFind(local string) span {
	s, ok := d.find(local)
	if !ok {
		panic("attack: the signature holds no " + local) // a slip of the table, or no signature of ours
	}
	return s
}

// part is the text of an element of the Signature.
func (d *Document) part(local string) string { return d.mustFind(local).of(d.text) }

// exchange puts other text in the place of an element.
func (d *Document) exchange(local, text string) string {
	s := d.mustFind(local)
	return d.text[:s.from] + text + d.text[s.after:]
}

// before puts text before the start tag of an element.
func (d *Document) before(local, text string) string {
	s := d.mustFind(local)
	return d.text[:s.from] + text + d.text[s.from:]
}

// behind puts text behind the end tag of an element.
func (d *Document) behind(local, text string) string {
	s := d.mustFind(local)
	return d.text[:s.after] + text + d.text[s.after:]
}

// atStart puts text first into an element.
func (d *Document) atStart(local, text string) string {
	s := d.mustFind(local)
	if s.inside == s.behind && s.behind == s.after {
		return d.exchange(local, strings.TrimSuffix(s.tag(d.text), "/>")+">"+text+"</"+tagName(s.tag(d.text))+">")
	}
	return d.text[:s.inside] + text + d.text[s.inside:]
}

// atEnd puts text last into an element.
func (d *Document) atEnd(local, text string) string {
	s := d.mustFind(local)
	if s.inside == s.behind && s.behind == s.after {
		return d.atStart(local, text)
	}
	return d.text[:s.behind] + text + d.text[s.behind:]
}

// fill puts other content into an element.
func (d *Document) fill(local, text string) string {
	s := d.mustFind(local)
	return d.text[:s.inside] + text + d.text[s.behind:]
}

// with gives an element's attribute another value; the attribute is there already.
func (d *Document) with(local, attribute, value string) string {
	s := d.mustFind(local)
	tag := regexp.MustCompile(`(\s`+attribute+`=)("[^"]*"|'[^']*')`).
		ReplaceAllLiteralString(s.tag(d.text), ` `+attribute+`="`+value+`"`)
	return d.text[:s.from] + tag + d.text[s.inside:]
}

// without takes an attribute away.
func (d *Document) without(local, attribute string) string {
	s := d.mustFind(local)
	tag := regexp.MustCompile(`\s`+attribute+`=("[^"]*"|'[^']*')`).ReplaceAllLiteralString(s.tag(d.text), "")
	return d.text[:s.from] + tag + d.text[s.inside:]
}

// again is the document after a change, to be changed further.
func (d *Document) again(text string) *Document {
	changed, err := Take([]byte(text), d.idName)
	if err != nil {
		panic("attack: " + err.Error())
	}
	return changed
}

// unsigned is the document without its Signature.
func (d *Document) unsigned() string {
	return d.text[:d.signature.from] + d.text[d.signature.after:]
}

// atRootEnd puts text last into the root of a document.
func (d *Document) atRootEnd(document, text string) string {
	end := strings.LastIndex(document, "</"+d.rootName)
	return document[:end] + text + document[end:]
}

// root is the root of a document without what stands around it.
func (d *Document) root(document string) string {
	from := strings.Index(document, "<"+d.rootName)
	end := strings.LastIndex(document, "</"+d.rootName)
	return document[from : end+strings.IndexByte(document[end:], '>')+1]
}

// rootTag is the root's start tag.
func (d *Document) rootTag(document string) string {
	from := strings.Index(document, "<"+d.rootName)
	return document[from : from+strings.IndexByte(document[from:], '>')+1]
}

// identified gives the root of a document another identifier under another name; an empty name takes
// the identifier away.
func (d *Document) identified(document, name, value string) string {
	tag := d.rootTag(document)
	changed := regexp.MustCompile(`\s`+d.idName+`=("[^"]*"|'[^']*')`).ReplaceAllLiteralString(tag, "")
	if name != "" {
		end := strings.LastIndexByte(changed, '>')
		changed = changed[:end] + ` ` + name + `="` + value + `"` + changed[end:]
	}
	return strings.Replace(document, tag, changed, 1)
}

// changed is a document with other content: the first text of the root that is more than white space.
func (d *Document) changed(document string) string {
	from := strings.Index(document, d.rootTag(document))
	text := regexp.MustCompile(`>\s*[^<\s]`)
	at := text.FindStringIndex(document[from:])
	if at == nil {
		return d.atRootEnd(document, "x")
	}
	return document[:from+at[1]-1] + "0x" + document[from+at[1]-1:]
}

func tagName(tag string) string {
	return regexp.MustCompile(`^<([\w.:-]+)`).FindStringSubmatch(tag)[1]
}
