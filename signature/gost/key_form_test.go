package gost

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"testing"
)

// withParameters is a key whose parameters are not of the usual form.
func withParameters(t testing.TB, algorithm asn1.ObjectIdentifier, parameters, point []byte) []byte {
	t.Helper()
	octets, err := asn1.Marshal(point)
	if err != nil {
		t.Fatal(err)
	}
	return rawKey(t, algorithm, parameters, octets, 8*len(octets))
}

// rawKey is a key with the contents of the BIT STRING as they are given, and so many bits of them.
func rawKey(t testing.TB, algorithm asn1.ObjectIdentifier, parameters, octets []byte, length int) []byte {
	t.Helper()
	var info struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	info.Algorithm.ID = algorithm
	info.Algorithm.Parameters = asn1.RawValue{FullBytes: parameters}
	info.Key = asn1.BitString{Bytes: octets, BitLength: length}
	der, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Honest keys in unusual forms: with a set of parameters for encryption, which 2012 has no more, and
// of 2001 without the zero bits at the end of the point, which leaves the octets beside it alone.
func TestParsePublicKeyUnusual(t *testing.T) {
	streebog256 := asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 2}
	encryption := asn1.ObjectIdentifier{1, 2, 643, 2, 2, 31, 1}
	parameters, err := asn1.Marshal(keyParameters{identifier(t, "1.2.643.2.2.36.0"), streebog256, encryption})
	if err != nil {
		t.Fatal(err)
	}
	plain, generator := slowSet(cryptoProA)
	if _, err := ParsePublicKey(withParameters(t, key256, parameters, wire(cryptoProA, generator))); err != nil {
		t.Errorf("with encryptionParamSet: %v", err)
	}

	parameters, err = asn1.Marshal(keyParameters{identifier(t, "1.2.643.2.2.36.0"), kinds[0].digest, encryption})
	if err != nil {
		t.Fatal(err)
	}
	at := generator // whose y ends with a zero octet: the last of the wire is the highest
	for at.y.BitLen() > 248 {
		at = plain.add(at, generator)
	}
	octets := append([]byte{4, 64}, wire(cryptoProA, at)...)
	for name, c := range map[string]struct {
		octets []byte
		length int
		want   error
	}{
		"whole":                {octets, 8 * 66, nil},
		"without an octet":     {octets[:65], 8 * 65, nil},
		"without more bits":    {octets[:65], 8*65 - lowZeros(octets[64]), nil},
		"without other octets": {octets[:60], 8 * 60, ErrKey},
		"with an octet more":   {append(bytes.Clone(octets), 0), 8 * 67, ErrKey},
		"nothing":              {nil, 0, ErrKey},
	} {
		der := rawKey(t, key2001, parameters, c.octets, c.length)
		beside := append(bytes.Clone(der), "the rest of the certificate"...)
		if _, err := ParsePublicKey(beside[:len(der)]); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if !bytes.HasSuffix(beside, []byte("the rest of the certificate")) {
			t.Errorf("%s: the octets behind the key are written over", name)
		}
	}
	parameters, err = asn1.Marshal(keyParameters{Curve: identifier(t, "1.2.643.2.2.36.0")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParsePublicKey(rawKey(t, key256, parameters, octets[:65], 8*65)); !errors.Is(err, ErrKey) {
		t.Errorf("a key of 2012 without an octet: %v", err)
	}
}

func lowZeros(octet byte) int {
	n := 0
	for ; n < 7 && octet>>n&1 == 0; n++ {
	}
	return n
}
