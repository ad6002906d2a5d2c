package xmltree

import "unsafe"

// direct is how long a run must be to go to the sink without a copy; drained, how much is gathered
// before it goes there.
const (
	direct  = 512
	drained = 4 << 10
)

// copied writes text[from:to], which is canonical as it stands.
func (c *canonicalizer) copied(from, to int32) {
	if from != c.to || c.to == 0 {
		c.flush()
		c.from = from
	}
	c.to = to
}

// follow writes s, which the run may go on with.
func (c *canonicalizer) follow(s string) {
	if end := int(c.to) + len(s); c.to > 0 && end <= len(c.tree.text) && c.tree.text[c.to:end] == s {
		c.to = int32(end)
		return
	}
	c.write(s)
}

// write writes s as it is.
func (c *canonicalizer) write(s string) {
	if c.to > 0 {
		c.flush()
	}
	c.dst = append(c.dst, s...)
}

// flush ends the run.
func (c *canonicalizer) flush() {
	run := c.tree.text[c.from:c.to]
	c.from, c.to = 0, 0
	switch {
	case c.sink != nil && len(run) >= direct:
		c.drain()
		c.send(unsafe.Slice(unsafe.StringData(run), len(run)))
		return
	case c.sink != nil && len(c.dst) >= drained:
		c.drain()
	}
	c.dst = append(c.dst, run...)
}

// drain sends what has been gathered.
func (c *canonicalizer) drain() {
	c.send(c.dst)
	c.dst = c.dst[:0]
}

func (c *canonicalizer) send(octets []byte) {
	if len(octets) == 0 || c.err != nil {
		return
	}
	_, c.err = c.sink.Write(octets)
}

// Canonical XML §2.3 writes these characters as references, in text and in values.
const (
	escapedInText  = ampersand | lessThan | moreThan | return_
	escapedInValue = ampersand | lessThan | quoteMark | return_ | blank
)

// escapes are the references by byte.
var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;",
	'\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}

// appendEscaped appends s in pieces: what needs no escape goes in one copy.
func appendEscaped(dst []byte, s string, escaped uint16) []byte {
	done := 0
	for i := range len(s) {
		if byteClass[s[i]]&escaped != 0 {
			dst = append(append(dst, s[done:i]...), escapes[s[i]]...)
			done = i + 1
		}
	}
	return append(dst, s[done:]...)
}
