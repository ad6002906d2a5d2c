package cms

import "bytes"

// maxDepth is how deep values of indefinite length may nest, and values inside signed attributes.
const maxDepth = 24

// Identifier octets of X.690 section 8.1.2, of the types that occur here.
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagOID             = 0x06
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagSequence        = 0x30
	tagSet             = 0x31
	constructed        = 0x20
	contextSpecific    = 0x80
)

// context is the identifier octet of a constructed value with a context-specific tag.
func context(n byte) byte { return contextSpecific | constructed | n }

// header is the identifier and the length of one value.
type header struct {
	tag        byte // the identifier octet; numbers above 30 have 31 in its low bits
	size       int  // of the header itself
	length     int  // of the contents, unless indefinite
	indefinite bool
	minimal    bool // written as DER writes it (X.690 section 10.1)
}

// readHeader reads X.690 sections 8.1.2 and 8.1.3. False: cut off, or longer than what is there.
func readHeader(b []byte) (header, bool) {
	if len(b) < 2 {
		return header{}, false
	}
	h := header{tag: b[0], size: 1, minimal: true}
	if h.tag&0x1f == 0x1f { // the number follows, seven bits an octet
		number := 0
		for more := true; more; h.size++ {
			if h.size >= len(b) || h.size > 4 {
				return header{}, false
			}
			octet := b[h.size]
			h.minimal = h.minimal && !(h.size == 1 && octet == 0x80)
			number = number<<7 | int(octet&0x7f)
			more = octet&0x80 != 0
		}
		h.minimal = h.minimal && number > 30
		if h.size >= len(b) {
			return header{}, false
		}
	}
	first := b[h.size]
	h.size++
	switch {
	case first < 0x80:
		h.length = int(first)
	case first == 0x80:
		h.indefinite, h.minimal = true, false
		return h, h.tag&constructed != 0
	default:
		octets := int(first & 0x7f)
		if octets > 8 || octets > len(b)-h.size {
			return header{}, false
		}
		for _, octet := range b[h.size : h.size+octets] {
			if h.length > len(b) {
				return header{}, false
			}
			h.length = h.length<<8 | int(octet)
		}
		h.minimal = h.minimal && h.length >= 0x80 && b[h.size] != 0
		h.size += octets
	}
	return h, h.length >= 0 && h.length <= len(b)-h.size
}

// value is one value of BER.
type value struct {
	tag  byte
	full []byte // with its header, and with its end where the length is indefinite
	body []byte // the contents
}

// read takes the first value. False: there is none.
func read(b []byte) (v value, rest []byte, ok bool) {
	h, ok := readHeader(b)
	if !ok {
		return value{}, nil, false
	}
	length, end := h.length, 0
	if h.indefinite {
		if length, ok = measure(b[h.size:], maxDepth); !ok {
			return value{}, nil, false
		}
		end = 2
	}
	size := h.size + length
	return value{tag: h.tag, full: b[:size+end], body: b[h.size:size]}, b[size+end:], true
}

// measure is how long contents of indefinite length are without the two zeros at their end.
func measure(b []byte, depth int) (int, bool) {
	if depth == 0 {
		return 0, false
	}
	at := 0
	for {
		if bytes.HasPrefix(b[at:], []byte{0, 0}) {
			return at, true
		}
		// Around the contents of an attached signature stand five more of indefinite length, and each is
		// measured: what is short is passed over here.
		if rest := b[at:]; len(rest) >= 2 && rest[0]&0x1f != 0x1f && int(rest[1]) < min(0x80, len(rest)-1) {
			at += 2 + int(rest[1])
			continue
		}
		h, ok := readHeader(b[at:])
		if !ok {
			return 0, false
		}
		at += h.size
		if !h.indefinite {
			at += h.length
			continue
		}
		inner, ok := measure(b[at:], depth-1)
		if !ok {
			return 0, false
		}
		at += inner + 2
	}
}

// parts reads values one after another out of the contents of a constructed one. Its first failure
// stays: whoever reads on reads nothing.
type parts struct {
	rest   []byte
	failed bool
}

// has says that a value with the tag comes next.
func (p *parts) has(tag byte) bool { return !p.failed && len(p.rest) > 0 && p.rest[0] == tag }

// next takes the next value, whatever it is.
func (p *parts) next() value {
	v, rest, ok := read(p.rest)
	if p.failed || !ok {
		p.failed = true
		return value{}
	}
	p.rest = rest
	return v
}

// take takes the next value, which must have the tag.
func (p *parts) take(tag byte) value {
	if !p.has(tag) {
		p.failed = true
		return value{}
	}
	return p.next()
}

// inside are the parts of the next value, which must have the tag.
func (p *parts) inside(tag byte) *parts {
	v := p.take(tag)
	return &parts{rest: v.body, failed: p.failed}
}

// pass passes over the next value if it has the tag.
func (p *parts) pass(tag byte) {
	if p.has(tag) {
		p.next()
	}
}

// done says that all was read, and nothing is left.
func (p *parts) done() bool { return !p.failed && len(p.rest) == 0 }

// octets is an octet string, which BER may write in pieces (X.690 section 8.7).
func (p *parts) octets() []byte {
	if p.has(tagOctetString) {
		return p.next().body
	}
	v := p.take(tagOctetString | constructed)
	if p.failed {
		return nil
	}
	joined, _, ok := join(make([]byte, 0, len(v.body)), v.body, false, maxDepth)
	p.failed = !ok
	return joined
}

// join appends the octets of the pieces, in one pass over them however they nest. The pieces end with b,
// or, where their length is indefinite, with two zeros; what follows these is the rest.
func join(joined, b []byte, indefinite bool, depth int) (_, rest []byte, ok bool) {
	for len(b) > 0 {
		if indefinite && bytes.HasPrefix(b, []byte{0, 0}) {
			return joined, b[2:], true
		}
		h, ok := readHeader(b)
		if !ok || depth == 0 {
			return nil, nil, false
		}
		b = b[h.size:]
		switch {
		case h.tag == tagOctetString:
			joined, b = append(joined, b[:h.length]...), b[h.length:]
			continue
		case h.tag != tagOctetString|constructed:
			return nil, nil, false
		case h.indefinite:
			joined, b, ok = join(joined, b, true, depth-1)
		default:
			joined, _, ok = join(joined, b[:h.length], false, depth-1)
			b = b[h.length:]
		}
		if !ok {
			return nil, nil, false
		}
	}
	return joined, nil, !indefinite
}
