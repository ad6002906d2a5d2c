package xmltree

import (
	"slices"
	"strconv"
)

// Path is the place for people and for findings: /Placement/Wagon[2]; [n] only where siblings
// repeat the name. It names the place in the document as received: detached siblings count.
func (e Element) Path() string {
	var steps []string
	for ; !e.IsZero(); e = e.Parent() {
		steps = append(steps, e.step())
	}
	size := 0
	for _, step := range steps {
		size += len(step)
	}
	path := make([]byte, 0, size)
	for _, step := range slices.Backward(steps) {
		path = append(path, step...)
	}
	return string(path)
}

// step is the last part of e's path.
func (e Element) step() string {
	t, n := e.tree, e.node()
	position, namesakes := 0, 0
	for i := t.nodes[n.parent].first; i != 0; i = t.nodes[i].next {
		if t.nodes[i].kind != ElementNode || t.str(t.nodes[i].text) != t.str(n.text) {
			continue
		}
		namesakes++
		if i == e.index {
			position = namesakes
		}
	}
	if namesakes < 2 {
		return "/" + t.str(n.text)
	}
	return "/" + t.str(n.text) + "[" + strconv.Itoa(position) + "]"
}
