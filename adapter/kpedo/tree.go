package kpedo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"asugate/schema"
	"asugate/xmltree"
)

const (
	// mostDepth is how deep an envelope goes, with what a provider puts beside it.
	mostDepth = 32
	// mostNodes bounds the elements, or the values of JSON, whatever the limits of documents are.
	mostNodes = 100_000
)

// node is an element of the envelope, or a value in JSON. Namespaces are left out: КП ЭДО has none, and
// those who hand its messages on put theirs around them.
type node struct {
	name     string
	text     string
	children []node
}

// readXML makes the tree of an XML envelope.
func readXML(body []byte, limits xmltree.Limits) (node, error) {
	limits.Depth = mostDepth
	limits.Elements = mostNodes
	limits.Text = len(body) + 1
	tree, err := xmltree.Parse(body, limits)
	if err != nil {
		return node{}, err
	}
	return nodeOf(tree.Root()), nil
}

func nodeOf(e xmltree.Element) node {
	n := node{name: e.Local(), text: e.Text()}
	for c := range e.Children() {
		n.children = append(n.children, nodeOf(c))
	}
	return n
}

// readJSON makes the tree of a JSON envelope: a member is an element, the values of an array are elements
// of one name, null is an empty element.
func readJSON(body []byte, limits xmltree.Limits) (node, error) {
	switch {
	case limits.Bytes > 0 && len(body) > limits.Bytes:
		return node{}, fmt.Errorf("JSON of more than %d bytes", limits.Bytes)
	case !utf8.Valid(body):
		return node{}, errors.New("JSON that is not UTF-8")
	case !json.Valid(body): // the decoder alone would look at no more than the tokens that it gives out
		return node{}, errors.New("malformed JSON")
	}
	r := jsonReader{Decoder: json.NewDecoder(bytes.NewReader(body))}
	r.UseNumber()
	root := node{}
	if err := r.value("", &root, 0); err != nil {
		return node{}, err
	}
	if len(root.children) != 1 {
		return node{}, errors.New("JSON that is a list")
	}
	return root.children[0], nil
}

// jsonReader reads one JSON text, token by token: encoding/json takes the last of two members of one name
// and says nothing.
type jsonReader struct {
	*json.Decoder
	nodes int
}

// value reads the next value as a child of that name, or, if it is an array, as several.
func (r *jsonReader) value(name string, parent *node, depth int) error {
	token, err := r.token()
	if err != nil {
		return err
	}
	return r.valueAt(token, name, parent, depth)
}

func (r *jsonReader) token() (json.Token, error) {
	token, err := r.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}

// valueAt is value for one whose first token has been read.
func (r *jsonReader) valueAt(token json.Token, name string, parent *node, depth int) error {
	if depth == mostDepth {
		return fmt.Errorf("JSON nested deeper than %d", mostDepth)
	}
	if token == json.Delim('[') {
		for {
			token, err := r.token()
			switch {
			case err != nil:
				return err
			case token == json.Delim(']'):
				return nil
			case token == json.Delim('['):
				return errors.New("a list in a list")
			}
			if err := r.valueAt(token, name, parent, depth+1); err != nil {
				return err
			}
		}
	}
	if r.nodes++; r.nodes > mostNodes {
		return fmt.Errorf("JSON of more than %d values", mostNodes)
	}
	n := node{name: name}
	switch t := token.(type) {
	case json.Delim: // {
		if err := r.members(&n, depth+1); err != nil {
			return err
		}
	case string:
		n.text = t
	case json.Number:
		n.text = t.String()
	case bool:
		n.text = fmt.Sprint(t)
	}
	parent.children = append(parent.children, n)
	return nil
}

// members reads an object up to its end.
func (r *jsonReader) members(n *node, depth int) error {
	seen := make(map[string]bool)
	for {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return nil // the end of the object
		}
		if seen[name] {
			return fmt.Errorf("JSON with two members %s in one object", quoted(name))
		}
		seen[name] = true
		if err := r.value(name, n, depth); err != nil {
			return err
		}
	}
}

// all are the children of that name.
func (n node) all(name string) []node {
	var found []node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// one is the child of that name; the zero node where there is none.
func (n node) one(name string) (node, error) {
	found := n.all(name)
	switch len(found) {
	case 0:
		return node{}, nil
	case 1:
		return found[0], nil
	}
	return node{}, fmt.Errorf("%d elements %s in %s, at most one is meant", len(found), name, quoted(n.name))
}

// at follows a path of names, each of which stands once at most.
func (n node) at(path ...string) (node, error) {
	var err error
	for _, name := range path {
		if n, err = n.one(name); err != nil {
			return node{}, err
		}
	}
	return n, nil
}

// leaf is the text of the child of that name; it holds nothing else.
func (n node) leaf(name string) (string, error) {
	c, err := n.one(name)
	if err != nil {
		return "", err
	}
	if len(c.children) > 0 {
		return "", fmt.Errorf("%s holds %s, a text is meant", name, quoted(c.children[0].name))
	}
	return c.text, nil
}

// quoted is a name from outside, fit to be shown.
func quoted(name string) string {
	const most = 40
	if len(name) > most {
		name = name[:most]
	}
	return "«" + schema.Foreign(name) + "»"
}
