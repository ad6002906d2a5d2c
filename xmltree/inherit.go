package xmltree

import (
	"slices"
	"strings"
)

// lend gives the apex of a subtree the attributes that it has in the inclusive forms besides its
// own: those of the xml namespace that the elements around it would have lent it.
func (c *canonicalizer) lend(index int32) {
	e := Element{c.tree, index}
	switch c.algorithm {
	case Inclusive10:
		c.inherit(e, func(string) bool { return true }) // Canonical XML 1.0 §2.4: all
	case Inclusive11:
		c.inherit(e, func(local string) bool { return local == "lang" || local == "space" })
		c.fixBase(e)
	}
}

// inherit adds the nearest xml:* attribute of each wanted name that e's ancestors have and e itself
// has not.
func (c *canonicalizer) inherit(e Element, wanted func(local string) bool) {
	t := c.tree
	var seen map[string]bool
	for around := e.Parent(); !around.IsZero(); around = around.Parent() {
		for _, a := range around.attributes() {
			local := t.str(a.local)
			if t.bindings[a.name].prefix != xmlPrefix || !wanted(local) {
				continue
			}
			if seen == nil {
				seen = make(map[string]bool)
				for _, mine := range e.attributes() {
					if t.bindings[mine.name].prefix == xmlPrefix {
						seen[t.str(mine.local)] = true
					}
				}
			}
			if !seen[local] {
				seen[local] = true
				c.order = append(c.order, shown{a.name, local, t.str(a.value)})
			}
		}
	}
}

// fixBase gives e the xml:base that names the same place without the ancestors that are left out
// (Canonical XML 1.1 §2.4): their values joined, innermost first. Where no ancestor has one, e's
// own stays as it is; where nothing is left, there is none.
func (c *canonicalizer) fixBase(e Element) {
	base := ""
	mine := slices.IndexFunc(c.order, func(a shown) bool {
		return a.local == "base" && c.tree.bindings[a.name].prefix == xmlPrefix
	})
	if mine >= 0 {
		base = c.order[mine].value
	}
	found := false
	for around := e.Parent(); !around.IsZero(); around = around.Parent() {
		theirs, has := around.Attr(xmlNamespace, "base")
		switch {
		case !has:
		case !found && mine < 0:
			base, found = theirs, true
		default:
			base, found = joinReferences(theirs, base), true
		}
	}
	if !found {
		return
	}
	if mine >= 0 {
		c.order = slices.Delete(c.order, mine, mine+1)
	}
	if base != "" {
		c.order = append(c.order, shown{xmlBound, "base", base})
	}
}

// reference is a URI reference in its parts (RFC 3986 appendix B) without the fragment, which a
// base does not have. The parts keep their marks: "http:", "//host", "/path", "?query".
type reference struct{ scheme, authority, path, query string }

func splitReference(s string) (r reference) {
	s, _, _ = strings.Cut(s, "#")
	if isAbsolute(s) {
		n := strings.IndexByte(s, ':') + 1
		r.scheme, s = s[:n], s[n:]
	}
	if n := strings.IndexByte(s, '?'); n >= 0 {
		s, r.query = s[:n], s[n:]
	}
	if strings.HasPrefix(s, "//") {
		n := strings.IndexByte(s[2:], '/') + 2
		if n < 2 {
			n = len(s)
		}
		r.authority, s = s[:n], s[n:]
	}
	r.path = s
	return r
}

// joinReferences is the function join-URI-References of Canonical XML 1.1 §2.4: RFC 3986 §5.2 for a
// base that may itself be relative.
func joinReferences(base, relative string) string {
	b, r := splitReference(base), splitReference(relative)
	if b.path == ".." || strings.HasSuffix(b.path, "/..") {
		b.path += "/"
	}
	switch {
	case r.scheme != "":
		r.path = removeDots(r.path)
	case r.authority != "":
		r.scheme, r.path = b.scheme, removeDots(r.path)
	case r.path == "":
		r.scheme, r.authority, r.path = b.scheme, b.authority, b.path
		if r.query == "" {
			r.query = b.query
		}
	case strings.HasPrefix(r.path, "/"):
		r.scheme, r.authority, r.path = b.scheme, b.authority, removeDots(r.path)
	case b.authority != "" && b.path == "":
		r.scheme, r.authority, r.path = b.scheme, b.authority, removeDots("/"+r.path)
	default:
		directory := b.path[:strings.LastIndexByte(b.path, '/')+1]
		r.scheme, r.authority, r.path = b.scheme, b.authority, removeDots(directory+r.path)
	}
	return r.scheme + r.authority + r.path + r.query
}

// removeDots is the modified Remove Dot Segments of Canonical XML 1.1 §2.4: leading ".." segments
// stay, several "/" are one, and a ".." at the end is followed by one.
func removeDots(path string) string {
	absolute := strings.HasPrefix(path, "/")
	var kept []string
	last := ""
	for segment := range strings.SplitSeq(path, "/") {
		last = segment
		switch {
		case segment == "" || segment == ".":
		case segment != "..":
			kept = append(kept, segment)
		case len(kept) > 0 && kept[len(kept)-1] != "..":
			kept = kept[:len(kept)-1]
		case !absolute:
			kept = append(kept, "..")
		}
	}
	out := strings.Join(kept, "/")
	if len(kept) > 0 && (last == "" || last == "." || last == "..") {
		out += "/"
	}
	if absolute {
		out = "/" + out
	}
	return out
}
