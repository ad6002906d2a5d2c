package gost

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// hash94Block is how many bytes ГОСТ Р 34.11-94 takes at a time.
const hash94Block = 32

// block94 is a vector of 256 bits, the lowest 64 first.
type block94 [4]uint64

// sboxes are the eight tables of substitution of ГОСТ 28147-89, the first for the lowest four bits.
type sboxes [8][16]byte

// cryptoPro94 is id-GostR3411-94-CryptoProParamSet of RFC 4357 section 11.2, with which all field
// signatures are made.
var cryptoPro94 = sboxes{
	{10, 4, 5, 6, 8, 1, 3, 7, 13, 12, 14, 0, 9, 2, 11, 15},
	{5, 15, 4, 0, 2, 13, 11, 9, 1, 7, 6, 3, 12, 14, 10, 8},
	{7, 15, 12, 14, 9, 4, 1, 0, 3, 11, 5, 2, 6, 10, 8, 13},
	{4, 10, 7, 12, 0, 15, 2, 8, 14, 1, 6, 5, 13, 11, 9, 3},
	{7, 6, 4, 11, 9, 12, 2, 10, 1, 8, 0, 14, 15, 13, 3, 5},
	{7, 6, 2, 4, 13, 9, 15, 0, 10, 1, 5, 11, 8, 14, 12, 3},
	{13, 14, 4, 1, 7, 0, 5, 10, 3, 12, 8, 15, 6, 2, 9, 11},
	{1, 3, 10, 9, 5, 11, 4, 15, 8, 6, 7, 14, 13, 0, 2, 12},
}

// test94 is id-GostR3411-94-TestParamSet, the tables of the examples of RFC 5831 section 7.
var test94 = sboxes{
	{4, 10, 9, 2, 13, 8, 0, 14, 6, 11, 1, 12, 7, 15, 5, 3},
	{14, 11, 4, 12, 6, 13, 15, 10, 2, 3, 8, 1, 0, 7, 5, 9},
	{5, 8, 1, 13, 10, 3, 4, 2, 14, 15, 12, 7, 6, 0, 9, 11},
	{7, 13, 10, 1, 0, 8, 9, 15, 14, 4, 6, 12, 11, 2, 5, 3},
	{6, 12, 7, 1, 5, 15, 13, 8, 4, 10, 9, 14, 0, 3, 11, 2},
	{4, 11, 10, 0, 7, 2, 1, 13, 3, 6, 8, 5, 9, 12, 15, 14},
	{13, 11, 4, 1, 3, 15, 5, 9, 0, 10, 14, 7, 6, 8, 2, 12},
	{1, 15, 13, 0, 5, 7, 10, 4, 9, 2, 3, 14, 6, 11, 8, 12},
}

// rounds94 are the eight tables as four, each for one byte, with the rotation by 11 bits that
// follows them.
type rounds94 [4][256]uint32

func roundsOf(boxes *sboxes) *rounds94 {
	var tables rounds94
	for i := range tables {
		for v := range tables[i] {
			pair := uint32(boxes[2*i+1][v>>4])<<4 | uint32(boxes[2*i][v&15])
			tables[i][v] = bits.RotateLeft32(pair<<(8*i), 11)
		}
	}
	return &tables
}

var (
	cryptoProRounds = roundsOf(&cryptoPro94)
	testRounds      = roundsOf(&test94)
)

// hash94 is the state of RFC 5831 section 6: H, Σ and L.
type hash94 struct {
	rounds *rounds94
	h, sum block94
	length uint64 // bytes that went into whole blocks
	tail   [hash94Block]byte
	used   int
}

// NewR341194 is ГОСТ Р 34.11-94 with the tables of CryptoPro.
func NewR341194() hash.Hash { return &hash94{rounds: cryptoProRounds} }

// R341194 is the digest of the octets.
func R341194(octets []byte) (sum [32]byte) {
	s := hash94{rounds: cryptoProRounds}
	s.Write(octets)
	s.Sum(sum[:0])
	return sum
}

// Reset takes the zero vector for H, as RFC 4357 section 11.2 has it.
func (s *hash94) Reset() { *s = hash94{rounds: s.rounds} }

func (s *hash94) Size() int      { return 32 }
func (s *hash94) BlockSize() int { return hash94Block }

func (s *hash94) Write(octets []byte) (int, error) {
	length := len(octets)
	if s.used > 0 {
		n := copy(s.tail[s.used:], octets)
		s.used, octets = s.used+n, octets[n:]
		if s.used < hash94Block {
			return length, nil
		}
		s.block(&s.tail)
		s.length += hash94Block
		s.used = 0
	}
	for len(octets) >= hash94Block {
		s.block((*[hash94Block]byte)(octets))
		s.length += hash94Block
		octets = octets[hash94Block:]
	}
	s.used = copy(s.tail[:], octets)
	return length, nil
}

// block is step 3 of section 6: it takes one block into H and Σ.
func (s *hash94) block(octets *[hash94Block]byte) {
	var m block94
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(octets[8*i:])
	}
	s.compress(&m)
	var carry uint64
	for i := range m {
		s.sum[i], carry = bits.Add64(s.sum[i], m[i], carry)
	}
}

// Sum is step 2 of section 6, on a copy: the rest with zeros, then the length in bits,
// then the sum of all blocks.
func (s *hash94) Sum(to []byte) []byte {
	last := *s
	if last.used > 0 {
		clear(last.tail[last.used:])
		last.block(&last.tail)
	}
	length := last.length + uint64(last.used)
	last.compress(&block94{length << 3, length >> 61})
	last.compress(&last.sum)
	for _, word := range last.h {
		to = binary.LittleEndian.AppendUint64(to, word)
	}
	return to
}

// thirdConstant is C₃ of section 5.1; C₂ and C₄ are zero.
var thirdConstant = block94{0xff00ff00ff00ff00, 0x00ff00ff00ff00ff, 0xff0000ff00ffff00, 0xff00ffff000000ff}

// compress is the step function χ of section 5: keys, encryption, mixing.
func (s *hash94) compress(m *block94) {
	u, v := s.h, *m
	var encrypted block94
	for j := range encrypted {
		if j > 0 {
			u, v = u.shift(), v.shift().shift()
		}
		if j == 2 {
			for i := range u {
				u[i] ^= thirdConstant[i]
			}
		}
		key := keyOf(&u, &v)
		encrypted[j] = s.rounds.encrypt(s.h[j], &key)
	}
	s.mix(&encrypted, m)
}

// shift is A of section 5.1.
func (y block94) shift() block94 { return block94{y[1], y[2], y[3], y[0] ^ y[1]} }

// keyOf is P of section 5.1 on u ⊕ v: the key's byte i+4k is byte 8i+k.
func keyOf(u, v *block94) (key [8]uint32) {
	for i := range u {
		w := u[i] ^ v[i]
		for k := range key {
			key[k] |= uint32(byte(w>>(8*k))) << (8 * i)
		}
	}
	return key
}

// encrypt is ГОСТ 28147-89 in the mode of simple substitution (RFC 5830 section 5): the words of the
// key three times upwards, once downwards.
func (t *rounds94) encrypt(block uint64, key *[8]uint32) uint64 {
	low, high := uint32(block), uint32(block>>32)
	for range 3 {
		for i := 0; i < 8; i += 2 {
			high ^= t.substitute(low + key[i])
			low ^= t.substitute(high + key[i+1])
		}
	}
	for i := 7; i > 0; i -= 2 {
		high ^= t.substitute(low + key[i])
		low ^= t.substitute(high + key[i-1])
	}
	return uint64(low)<<32 | uint64(high)
}

func (t *rounds94) substitute(x uint32) uint32 {
	return t[0][byte(x)] ^ t[1][byte(x>>8)] ^ t[2][byte(x>>16)] ^ t[3][byte(x>>24)]
}

// mix is section 5.3: H becomes ψ⁶¹(H ⊕ ψ(m ⊕ ψ¹²(encrypted))).
func (s *hash94) mix(encrypted, m *block94) {
	mixed := encrypted.psi(12)
	for i := range mixed {
		mixed[i] ^= m[i]
	}
	mixed = mixed.psi(1)
	for i := range mixed {
		mixed[i] ^= s.h[i]
	}
	s.h = mixed.psi(61)
}

// psi is ψ so many times: a register of 16 words of 16 bits, shifted towards its lowest.
func (y *block94) psi(times int) (shifted block94) {
	var words [16 + 61]uint16
	for i := range 16 {
		words[i] = uint16(y[i/4] >> (16 * (i % 4)))
	}
	for i := range times {
		words[i+16] = words[i] ^ words[i+1] ^ words[i+2] ^ words[i+3] ^ words[i+12] ^ words[i+15]
	}
	for i := range 16 {
		shifted[i/4] |= uint64(words[times+i]) << (16 * (i % 4))
	}
	return shifted
}
