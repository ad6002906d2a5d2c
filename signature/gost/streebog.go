package gost

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// streebogBlock is how many bytes ГОСТ Р 34.11-2012 takes at a time.
const streebogBlock = 64

// wide is a vector of 512 bits, the lowest 64 first.
type wide [8]uint64

// lps are the transformations L, P and S of RFC 6986 section 7 in one: what the byte of word j
// becomes after π, as its part of the product with A. P makes the word i of the result from the
// bytes i of all words.
var lps = lpsTables()

func lpsTables() *[8][256]uint64 {
	var tables [8][256]uint64
	for j := range tables {
		for v := range tables[j] {
			for bit := range 8 {
				if pi[v]>>bit&1 == 1 {
					tables[j][v] ^= rowsOfA[63-(8*j+bit)] // the first row belongs to the highest bit
				}
			}
		}
	}
	return &tables
}

// streebog is the state of section 9: h, N and Σ.
type streebog struct {
	h, n, sum wide
	tail      [streebogBlock]byte // what is not yet a block
	used      int
	size      int // of the digest in bytes
}

// NewStreebog256 is ГОСТ Р 34.11-2012 with 256 bits.
func NewStreebog256() hash.Hash { return newStreebog(32) }

// NewStreebog512 is ГОСТ Р 34.11-2012 with 512 bits.
func NewStreebog512() hash.Hash { return newStreebog(64) }

// Streebog256 is the digest of the octets.
func Streebog256(octets []byte) (sum [32]byte) {
	s := newStreebog(32)
	s.Write(octets)
	s.Sum(sum[:0])
	return sum
}

// Streebog512 is the digest of the octets.
func Streebog512(octets []byte) (sum [64]byte) {
	s := newStreebog(64)
	s.Write(octets)
	s.Sum(sum[:0])
	return sum
}

func newStreebog(size int) *streebog {
	s := &streebog{size: size}
	s.Reset()
	return s
}

// Reset takes the initial vector of section 6.1.
func (s *streebog) Reset() {
	*s = streebog{size: s.size}
	if s.size == 32 {
		for i := range s.h {
			s.h[i] = 0x0101010101010101
		}
	}
}

func (s *streebog) Size() int      { return s.size }
func (s *streebog) BlockSize() int { return streebogBlock }

func (s *streebog) Write(octets []byte) (int, error) {
	length := len(octets)
	if s.used > 0 {
		n := copy(s.tail[s.used:], octets)
		s.used, octets = s.used+n, octets[n:]
		if s.used < streebogBlock {
			return length, nil
		}
		s.block(&s.tail)
		s.used = 0
	}
	for len(octets) >= streebogBlock {
		s.block((*[streebogBlock]byte)(octets))
		octets = octets[streebogBlock:]
	}
	s.used = copy(s.tail[:], octets)
	return length, nil
}

// block is step 2 of section 9.
func (s *streebog) block(octets *[streebogBlock]byte) {
	m := wideOf(octets)
	s.compress(&s.n, &m)
	s.n.add(&wide{8 * streebogBlock})
	s.sum.add(&m)
}

// Sum is step 3 of section 9, on a copy.
func (s *streebog) Sum(to []byte) []byte {
	last := *s
	clear(last.tail[last.used:])
	last.tail[last.used] = 1
	m := wideOf(&last.tail)
	last.compress(&last.n, &m)
	last.n.add(&wide{8 * uint64(last.used)})
	last.sum.add(&m)
	zero := new(wide)
	last.compress(zero, &last.n)
	last.compress(zero, &last.sum)
	for _, word := range last.h[8-s.size/8:] {
		to = binary.LittleEndian.AppendUint64(to, word)
	}
	return to
}

// compress is g of section 8: h becomes E(LPS(h ⊕ n), m) ⊕ h ⊕ m.
func (s *streebog) compress(n, m *wide) {
	var key, state wide
	for i := range key {
		state[i] = s.h[i] ^ n[i]
	}
	state.transform(&key)
	for i := range state {
		state[i] = key[i] ^ m[i]
	}
	var next wide
	for round := range iterations {
		constant := &iterations[round]
		for i := range key {
			key[i] ^= constant[i]
		}
		key.transform(&next)
		key = next
		state.transform(&next)
		for i := range state {
			state[i] = next[i] ^ key[i]
		}
	}
	for i := range s.h {
		s.h[i] ^= state[i] ^ m[i]
	}
}

// transform is LPS. The words are written out because it is where all the time goes.
func (w *wide) transform(to *wide) {
	t := lps
	a, b, c, d, e, f, g, h := w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]
	for i := range to {
		to[i] = t[0][byte(a)] ^ t[1][byte(b)] ^ t[2][byte(c)] ^ t[3][byte(d)] ^
			t[4][byte(e)] ^ t[5][byte(f)] ^ t[6][byte(g)] ^ t[7][byte(h)]
		a, b, c, d, e, f, g, h = a>>8, b>>8, c>>8, d>>8, e>>8, f>>8, g>>8, h>>8
	}
}

// add is addition modulo 2⁵¹².
func (w *wide) add(other *wide) {
	var carry uint64
	for i := range w {
		w[i], carry = bits.Add64(w[i], other[i], carry)
	}
}

func wideOf(octets *[streebogBlock]byte) (w wide) {
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(octets[8*i:])
	}
	return w
}
