package cms

import (
	"bytes"
	"slices"
)

// isDER says that b is one value, written as DER writes it: lengths as short as possible, nothing
// in pieces, integers and booleans in their one form (X.690 sections 10 and 11.1). What cannot be
// seen without knowing the type, such as the order inside a SET, is left to whoever knows it.
func isDER(b []byte, depth int) bool {
	h, ok := readHeader(b)
	return ok && h.minimal && h.size+h.length == len(b) && isDERContent(h.tag, b[h.size:], depth)
}

func isDERContent(tag byte, body []byte, depth int) bool {
	if tag&constructed == 0 {
		switch tag {
		case tagBoolean:
			return len(body) == 1 && (body[0] == 0 || body[0] == 0xff)
		case tagInteger:
			return isInteger(body)
		case tagNull:
			return len(body) == 0
		case tagSequence &^ constructed, tagSet &^ constructed:
			return false
		}
		return true
	}
	if tag < 0x40 && !isStructure(tag) {
		return false // a string in pieces
	}
	for len(body) > 0 {
		h, ok := readHeader(body)
		if !ok || !h.minimal || depth == 0 {
			return false
		}
		size := h.size + h.length
		if !isDERContent(h.tag, body[h.size:size], depth-1) {
			return false
		}
		body = body[size:]
	}
	return true
}

// isStructure: of the universal types these alone consist of others: EXTERNAL, EMBEDDED PDV,
// SEQUENCE, SET and CHARACTER STRING.
func isStructure(tag byte) bool {
	switch tag {
	case 0x28, 0x2b, tagSequence, tagSet, 0x3d:
		return true
	}
	return false
}

// isInteger says that the contents are an integer in as few octets as possible.
func isInteger(body []byte) bool {
	return len(body) == 1 ||
		len(body) > 1 && !(body[0] == 0 && body[1] < 0x80) && !(body[0] == 0xff && body[1] >= 0x80)
}

// sortSet brings the values in the contents of a SET OF into the order of DER, where they stand
// (X.690 section 11.6).
func sortSet(contents []byte) {
	var values [][]byte
	for rest := bytes.Clone(contents); len(rest) > 0; {
		v, after, ok := read(rest)
		if !ok {
			return
		}
		values, rest = append(values, v.full), after
	}
	slices.SortFunc(values, bytes.Compare)
	copy(contents, bytes.Join(values, nil))
}
