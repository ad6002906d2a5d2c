package xmltree

import "slices"

// prefixNumber is the number of a prefix, a new one if it was not seen before.
func (p *parser) prefixNumber(prefix string, at int) (int32, error) {
	t := p.tree
	if prefix == "" {
		return noPrefix, nil
	}
	if i := slices.Index(t.prefixes, prefix); i >= 0 {
		return int32(i), nil
	}
	if prefix == "xmlns" { // Namespaces in XML §3: no element may have it; declarations never ask
		return 0, p.fail(ReasonBadNamespace, at, "prefix xmlns in an element name")
	}
	if len(t.prefixes)-2 >= p.limits.Prefixes { // "" and xml are free
		return 0, p.fail(ReasonTooManyNamespaces, at, "more than %d prefixes", p.limits.Prefixes)
	}
	t.prefixes = append(t.prefixes, prefix)
	p.current = append(p.current, undeclared)
	p.shown = append(p.shown, noURI)
	return int32(len(t.prefixes) - 1), nil
}

// undeclared stands in parser.current for no binding.
const undeclared = -1

// declare puts a namespace declaration at text[at] in force. The declarations of the same tag are
// those from the given binding on.
func (p *parser) declare(prefix, uri string, at, bindings int) error {
	t := p.tree
	if err := p.checkDeclaration(prefix, uri, at); err != nil {
		return err
	}
	number, err := p.prefixNumber(prefix, at)
	if err != nil {
		return err
	}
	former := p.current[number]
	if int(former) >= bindings {
		return p.fail(ReasonDuplicateAttribute, at, "a second declaration of prefix %s", quote(prefix))
	}
	if len(t.bindings)-bindings >= p.limits.Declarations {
		return p.fail(ReasonTooManyNamespaces, at, "more than %d declarations", p.limits.Declarations)
	}
	p.changes = append(p.changes, change{false, number, former})
	p.current[number] = int32(len(t.bindings))
	t.bindings = append(t.bindings, binding{number, p.uriNumber(uri)})
	return nil
}

// checkDeclaration applies Namespaces in XML §3 (reserved prefixes and names) and §2.2.
func (p *parser) checkDeclaration(prefix, uri string, at int) error {
	switch {
	case prefix == "xmlns":
		return p.fail(ReasonBadNamespace, at, "a declaration of prefix xmlns")
	case (prefix == "xml") != (uri == xmlNamespace):
		return p.fail(ReasonBadNamespace, at, "prefix xml is for namespace %s only, and only it", xmlNamespace)
	case uri == xmlnsNamespace:
		return p.fail(ReasonBadNamespace, at, "a declaration of namespace %s", xmlnsNamespace)
	case uri == "" && prefix != "":
		return p.fail(ReasonBadNamespace, at, "prefix %s declared as nothing", quote(prefix))
	case uri != "" && !isAbsolute(uri):
		return p.fail(ReasonRelativeNamespace, at, "namespace %s is no absolute URI", quote(uri))
	}
	return nil
}

// isAbsolute says whether a namespace name begins with a scheme (RFC 3986 §3.1). Canonical XML
// fails on a relative one, and implementations differ in how.
func isAbsolute(uri string) bool {
	for i := range len(uri) {
		b := uri[i]
		switch {
		case b|0x20 >= 'a' && b|0x20 <= 'z':
		case b == ':':
			return i > 0
		case i == 0 || !(b >= '0' && b <= '9' || b == '+' || b == '-' || b == '.'):
			return false
		}
	}
	return false
}

// resolve is the binding in force of the prefix with that number, used in a name at text[at].
func (p *parser) resolve(number int32, at int) (int32, error) {
	t := p.tree
	name := p.current[number]
	if name == undeclared {
		return 0, p.fail(ReasonUndeclaredPrefix, at, "prefix %s", quote(t.prefixes[number]))
	}
	uri := t.bindings[name].uri
	if p.shown[number] == uri {
		return name, nil
	}
	p.changes = append(p.changes, change{true, number, p.shown[number]})
	p.shown[number] = uri
	p.repeated += len(` xmlns:=""`) + len(t.prefixes[number]) + len(t.uris[uri])
	if p.repeated > p.limits.Repeated {
		return 0, p.fail(ReasonTooManyNamespaces, at,
			"exclusive canonicalization would write more than %d bytes of declarations", p.limits.Repeated)
	}
	return name, nil
}

// uriNumber is the number of a namespace URI, a new one if it was not seen before. A handful is
// looked through, more are hashed.
func (p *parser) uriNumber(uri string) int32 {
	t := p.tree
	const handful = 8
	if len(t.uris) <= handful {
		if i := slices.Index(t.uris, uri); i >= 0 {
			return int32(i)
		}
	} else if number, ok := p.uris[uri]; ok {
		return number
	}
	number := int32(len(t.uris))
	t.uris = append(t.uris, uri)
	if len(t.uris) > handful {
		if p.uris == nil {
			p.uris = make(map[string]int32)
			for i, known := range t.uris {
				p.uris[known] = int32(i)
			}
		}
		p.uris[uri] = number
	}
	return number
}
