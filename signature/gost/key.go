package gost

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Why ParsePublicKey takes no key.
var (
	// ErrNotGOST: the key is of another algorithm.
	ErrNotGOST = errors.New("not a GOST key")
	// ErrParameters: the set of parameters is not known, or does not go with the algorithm.
	ErrParameters = errors.New("parameters of a GOST key that are not supported")
	// ErrKey: the octets are no key: not DER, of another length, no point of the group.
	ErrKey = errors.New("not a valid GOST key")
)

// Algorithm is what a key is for.
type Algorithm uint8

const (
	R2001     Algorithm = iota + 1 // ГОСТ Р 34.10-2001, with ГОСТ Р 34.11-94
	R2012_256                      // ГОСТ Р 34.10-2012 with 256 bits, with ГОСТ Р 34.11-2012
	R2012_512                      // the same with 512 bits
)

// kinds are the algorithms of keys: RFC 4491 section 2.3.2, RFC 9215 section 4.1. digest is the only
// digestParamSet that goes with the algorithm. RFC 4357 section 8.2 has one more for 2001, that of the
// test.
var kinds = []struct {
	algorithm  Algorithm
	id, digest asn1.ObjectIdentifier
	octets     int
}{
	{R2001, asn1.ObjectIdentifier{1, 2, 643, 2, 2, 19}, asn1.ObjectIdentifier{1, 2, 643, 2, 2, 30, 1}, 32},
	{R2012_256, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 2}, 32},
	{R2012_512, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 2}, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 3}, 64},
}

// PublicKey is a key that is on its curve; immutable, for concurrent use.
type PublicKey struct {
	algorithm Algorithm
	octets    int // of a coordinate, of the digest, of r and of s
	q         *big.Int
	signed    func(e, r, s *big.Int) bool
}

// maxSPKI bounds a key; one of 512 bits has 170 octets.
const maxSPKI = 512

// publicKeyInfo is SubjectPublicKeyInfo with the parameters of RFC 9215 section 4.2 and RFC 4491
// section 2.3.2. Only the latter lets a key name none and have those of its issuer; such a key is not
// taken, because what it is would depend on the path to it.
type publicKeyInfo struct {
	Algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters keyParameters
	}
	Key asn1.BitString
}

type keyParameters struct {
	Curve      asn1.ObjectIdentifier
	Digest     asn1.ObjectIdentifier `asn1:"optional"`
	Encryption asn1.ObjectIdentifier `asn1:"optional"` // for agreement on a key, no matter here
}

// ParsePublicKey reads a SubjectPublicKeyInfo, which must be DER.
func ParsePublicKey(spki []byte) (*PublicKey, error) { return parse(spki, paramSets) }

func parse(spki []byte, sets map[string]*paramSet) (*PublicKey, error) {
	if len(spki) > maxSPKI {
		return nil, fmt.Errorf("%w: more than %d octets", ErrKey, maxSPKI)
	}
	var head struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	for i := range kinds {
		if kinds[i].id.Equal(head.Algorithm.ID) {
			return parseKind(i, spki, sets)
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNotGOST, head.Algorithm.ID)
}

func parseKind(i int, spki []byte, sets map[string]*paramSet) (*PublicKey, error) {
	kind := &kinds[i]
	var info publicKeyInfo
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParameters, err)
	}
	// Written anew it is the same: DER, without a rest anywhere.
	if again, err := asn1.Marshal(info); err != nil || !bytes.Equal(again, spki) {
		return nil, fmt.Errorf("%w: not DER", ErrKey)
	}
	parameters := info.Algorithm.Parameters
	if parameters.Digest != nil && !parameters.Digest.Equal(kind.digest) {
		return nil, fmt.Errorf("%w: digestParamSet %s", ErrParameters, parameters.Digest)
	}
	set := sets[parameters.Curve.String()]
	if set == nil || set.octets != kind.octets {
		return nil, fmt.Errorf("%w: publicKeyParamSet %s", ErrParameters, parameters.Curve)
	}
	wrapped, whole := info.Key.Bytes, info.Key.BitLength%8 == 0
	if length := 2*kind.octets + 2; kind.algorithm == R2001 && len(wrapped) <= length {
		// Some programs leave out the zero bits at the end: RFC 4491 section 2.3.2.
		padded := make([]byte, length)
		copy(padded, wrapped)
		wrapped, whole = padded, true
	}
	var octets []byte // an OCTET STRING inside the BIT STRING: x and y, the lowest octet first
	rest, err := asn1.Unmarshal(wrapped, &octets)
	if err != nil || len(rest) > 0 || !whole || len(octets) != 2*kind.octets {
		return nil, fmt.Errorf("%w: the point has another form", ErrKey)
	}
	group := set.group()
	signed, ok := group.verifier(littleEndian(octets[:kind.octets]), littleEndian(octets[kind.octets:]))
	if !ok {
		return nil, fmt.Errorf("%w: no point of the group", ErrKey)
	}
	return &PublicKey{algorithm: kind.algorithm, octets: kind.octets, q: group.order(), signed: signed}, nil
}

// Algorithm is what the key is for.
func (k *PublicKey) Algorithm() Algorithm { return k.algorithm }

// Size is the length in octets of a coordinate of the key, of the digest that it signs, and of half
// a signature.
func (k *PublicKey) Size() int { return k.octets }

// Verify says whether value is the signature of the digest. The value is s and r, each as long as the
// key's numbers, the highest octet first: RFC 4491 section 2.2.2, RFC 9215 section 2.
func (k *PublicKey) Verify(digest, value []byte) bool {
	if len(digest) != k.octets || len(value) != 2*k.octets {
		return false
	}
	s, r := new(big.Int).SetBytes(value[:k.octets]), new(big.Int).SetBytes(value[k.octets:])
	// RFC 7091 section 6.2: step 1, then steps 2 and 3.
	if r.Sign() == 0 || s.Sign() == 0 || r.Cmp(k.q) >= 0 || s.Cmp(k.q) >= 0 {
		return false
	}
	e := littleEndian(digest)
	if e.Mod(e, k.q); e.Sign() == 0 {
		e.SetInt64(1)
	}
	return k.signed(e, r, s)
}

func littleEndian(octets []byte) *big.Int {
	reversed := slices.Clone(octets)
	slices.Reverse(reversed)
	return new(big.Int).SetBytes(reversed)
}
