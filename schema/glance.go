package schema

import (
	"iter"
	"slices"
	"strconv"

	"asugate/xmltree"
)

// Glance is what unverified bytes say of themselves, only to answer them: empty fields where
// unreadable or absurd. No value here may decide anything; each has the form of its type, so that
// it can be echoed without harm.
type Glance struct {
	Kind       Kind
	DocumentID string
	Version    int
	Sender     string
}

// GlanceAt looks where a document of ours has its identity: at the root and at the first children
// of its Header.
func GlanceAt(root xmltree.Element) Glance {
	var g Glance
	if root.IsZero() || root.Space() != Namespace {
		return g
	}
	if kind := Kind(root.Local()); slices.Contains(Kinds(), kind) {
		g.Kind = kind
	}
	if n, err := strconv.ParseInt(attribute(root, "Version"), 10, 32); err == nil && n > 0 {
		g.Version = int(n)
	}
	header, ok := first(root.Children())
	if !ok || !header.Is(Namespace, "Header") {
		return g
	}
	const fields = 5 // of a Header; whatever comes after them is not read
	seen := 0
	for e := range header.Children() {
		if seen++; seen > fields {
			break
		}
		switch {
		case e.Is(Namespace, "DocumentID") && g.DocumentID == "":
			if id := text(e); isID(id) {
				g.DocumentID = id
			}
		case e.Is(Namespace, "Sender") && g.Sender == "":
			if code := text(e); IsParticipantCode(code) {
				g.Sender = code
			}
		}
	}
	return g
}

func first(elements iter.Seq[xmltree.Element]) (xmltree.Element, bool) {
	for e := range elements {
		return e, true
	}
	return xmltree.Element{}, false
}

func isID(s string) bool {
	_, ok := CanonicalID(s)
	return ok
}

// IsParticipantCode says whether s has the form of a participant's code: [A-Z0-9-]{1,32}.
func IsParticipantCode(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 32
}
