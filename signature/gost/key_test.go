package gost

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"asugate/internal/gostengine"
)

// spki is a SubjectPublicKeyInfo with these parts.
func spki(t testing.TB, algorithm, curve, digest asn1.ObjectIdentifier, point []byte) []byte {
	t.Helper()
	octets, err := asn1.Marshal(point)
	if err != nil {
		t.Fatal(err)
	}
	var info publicKeyInfo
	info.Algorithm.ID = algorithm
	info.Algorithm.Parameters = keyParameters{Curve: curve, Digest: digest}
	info.Key = asn1.BitString{Bytes: octets, BitLength: 8 * len(octets)}
	der, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

var (
	key2001 = asn1.ObjectIdentifier{1, 2, 643, 2, 2, 19}
	key256  = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}
	key512  = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 2}
	test256 = asn1.ObjectIdentifier{1, 2, 643, 2, 2, 35, 0}
	test512 = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 2, 1, 2, 0}
)

// The example of RFC 7091 section 7, which is also that of RFC 5832, and that of ГОСТ Р 34.10-2012
// appendix А.2. They give the number that the digest stands for, and r and s.
func TestSignatureExamples(t *testing.T) {
	for _, c := range []struct {
		algorithm, curve asn1.ObjectIdentifier
		x, y, e, r, s    string
	}{
		{key256, test256,
			"7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B",
			"26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA",
			"2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5",
			"41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493",
			"01456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40"},
		{key512, test512,
			`115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD
			5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1`,
			`37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61
			EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC`,
			`3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C591
			7184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C`,
			`2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD3
			5492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36`,
			`1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5
			823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A`},
	} {
		point := append(printed(t, c.x), printed(t, c.y)...)
		algorithms := []asn1.ObjectIdentifier{c.algorithm}
		if len(point) == 64 {
			algorithms = append(algorithms, key2001)
		}
		for _, algorithm := range algorithms {
			key, err := parseAny(spki(t, algorithm, c.curve, nil, point))
			if err != nil {
				t.Fatal(err)
			}
			value := append(reversed(printed(t, c.s)), reversed(printed(t, c.r))...)
			if !key.Verify(printed(t, c.e), value) {
				t.Errorf("the example of %d bits is refused", 8*key.Size())
			}
			if key.Verify(reversed(printed(t, c.e)), value) {
				t.Errorf("the example of %d bits holds for the reversed digest", 8*key.Size())
			}
		}
	}
}

func reversed(octets []byte) []byte {
	other := bytes.Clone(octets)
	for i := range octets {
		other[len(octets)-1-i] = octets[i]
	}
	return other
}

// digestOf is the digest that goes with the key.
func digestOf(key *PublicKey, octets []byte) []byte {
	return hashes[map[Algorithm]int{R2012_256: 0, R2012_512: 1, R2001: 2}[key.Algorithm()]].sum(octets)
}

// What the engine signs holds, for every set of parameters that it has; with one bit altered, in the
// message, the signature or the key, it does not.
func TestAgainstEngine(t *testing.T) {
	e := gostengine.New(t)
	random := rand.New(rand.NewPCG(13, 14))
	flipped := func(octets []byte) []byte {
		other := bytes.Clone(octets)
		bit := random.IntN(8 * len(octets))
		other[bit/8] ^= 1 << (bit % 8)
		return other
	}
	for _, a := range gostengine.ParamSets() {
		t.Run(a.Key+" "+a.ParamSet, func(t *testing.T) {
			file := e.Key(a)
			der := e.PublicKey(file)
			key, err := parseAny(der)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				message := randomOctets(random, 1+random.IntN(300))
				value := e.SignWith(file, a, message)
				digest := digestOf(key, message)
				if !key.Verify(digest, value) {
					t.Fatalf("the engine's signature %x of %x is refused", value, message)
				}
				for range 20 {
					if key.Verify(digestOf(key, flipped(message)), value) {
						t.Errorf("another message holds")
					}
					if other := flipped(value); key.Verify(digest, other) {
						t.Errorf("the altered signature %x holds", other)
					}
					other := flipped(der)
					if altered, err := parseAny(other); err == nil && altered.Verify(digest, value) && !sameKey(der, other) {
						t.Errorf("the altered key %x verifies", other)
					}
				}
			}
		})
	}
}

// sameKey says that two keys differ only in the name of a curve that has several: XchA is A.
func sameKey(one, other []byte) bool {
	var a, b publicKeyInfo
	if _, err := asn1.Unmarshal(one, &a); err != nil {
		return false
	}
	if _, err := asn1.Unmarshal(other, &b); err != nil {
		return false
	}
	return bytes.Equal(a.Key.Bytes, b.Key.Bytes) &&
		everySet[a.Algorithm.Parameters.Curve.String()] == everySet[b.Algorithm.Parameters.Curve.String()]
}

// Values that no signature has are refused before anything is computed.
func TestVerifyBounds(t *testing.T) {
	for id, set := range everySet {
		key, d := keyOn(t, id, set)
		q := set.group().order()
		digest := make([]byte, set.octets)
		digest[0] = 7
		good := signSlowly(t, set, d, digest)
		if !key.Verify(digest, good) {
			t.Fatalf("%s: a good signature is refused", id)
		}
		half := set.octets
		join := func(s, r *big.Int) []byte {
			return append(s.FillBytes(make([]byte, half)), r.FillBytes(make([]byte, half))...)
		}
		s, r := new(big.Int).SetBytes(good[:half]), new(big.Int).SetBytes(good[half:])
		zero, greatest := new(big.Int), new(big.Int).SetBytes(bytes.Repeat([]byte{0xff}, half))
		cases := map[string][]byte{
			"s zero": join(zero, r), "r zero": join(s, zero), "both zero": join(zero, zero),
			"s is q": join(q, r), "r is q": join(s, q), "s greatest": join(greatest, r), "r greatest": join(s, greatest),
			"r before s": join(r, s), "short": good[:2*half-1], "long": append(bytes.Clone(good), 0), "none": nil,
		}
		for name, n := range map[string]*big.Int{"s": s, "r": r} { // the same number modulo q
			if above := new(big.Int).Add(n, q); above.Cmp(greatest) <= 0 && name == "s" {
				cases["s above q"] = join(above, r)
			} else if above.Cmp(greatest) <= 0 {
				cases["r above q"] = join(s, above)
			}
		}
		for name, value := range cases {
			if key.Verify(digest, value) {
				t.Errorf("%s: %s holds", id, name)
			}
		}
		for _, other := range [][]byte{nil, digest[1:], append(bytes.Clone(digest), 0)} {
			if key.Verify(other, good) {
				t.Errorf("%s: a digest of %d octets holds", id, len(other))
			}
		}
		// RFC 7091 section 6.1 step 2: a digest that is 0 modulo q stands for 1.
		for _, none := range []*big.Int{zero, q} {
			digest := reversed(none.FillBytes(make([]byte, half)))
			if !key.Verify(digest, signSlowly(t, set, d, digest)) {
				t.Errorf("%s: a digest that is %x is refused", id, none)
			}
		}
	}
}

// keyOn makes a key pair.
func keyOn(t testing.TB, id string, set *paramSet) (*PublicKey, *big.Int) {
	t.Helper()
	d := big.NewInt(0x1234567890abcdef)
	plain, generator := slowSet(set)
	key, err := parseAny(spkiOn(t, id, set, plain.multiply(d, generator)))
	if err != nil {
		t.Fatal(err)
	}
	return key, d
}

func spkiOn(t testing.TB, id string, set *paramSet, at *slowPoint) []byte {
	t.Helper()
	algorithm := map[int]asn1.ObjectIdentifier{32: key256, 64: key512}[set.octets]
	return spki(t, algorithm, identifier(t, id), nil, wire(set, at))
}

// wire is a point as a key carries it.
func wire(set *paramSet, at *slowPoint) []byte {
	x, y := at.x.FillBytes(make([]byte, set.octets)), at.y.FillBytes(make([]byte, set.octets))
	return append(reversed(x), reversed(y)...)
}

func generatorOf(set *paramSet) []byte {
	_, generator := slowSet(set)
	return wire(set, generator)
}

func identifier(t testing.TB, text string) (id asn1.ObjectIdentifier) {
	t.Helper()
	for _, arc := range strings.Split(text, ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			t.Fatal(err)
		}
		id = append(id, n)
	}
	return id
}

func slowSet(set *paramSet) (slowCurve, *slowPoint) {
	switch c := set.group().(type) {
	case *curve[number4]:
		return slow(c)
	case *curve[number8]:
		return slow(c)
	}
	panic("a group of another size")
}

// signSlowly signs with a fixed k: nobody's key is at stake.
func signSlowly(t testing.TB, set *paramSet, d *big.Int, digest []byte) []byte {
	t.Helper()
	plain, generator := slowSet(set)
	e := littleEndian(digest)
	if e.Mod(e, plain.q); e.Sign() == 0 {
		e.SetInt64(1)
	}
	r, s := plain.sign(generator, d, big.NewInt(987654321), e)
	return append(s.FillBytes(make([]byte, set.octets)), r.FillBytes(make([]byte, set.octets))...)
}

// Keys that are none are refused by name.
func TestParsePublicKeyRefuses(t *testing.T) {
	set := edwards256
	curve := identifier(t, "1.2.643.7.1.2.1.1.1")
	plain, generator := slowSet(set)
	good := wire(set, generator)
	der := spki(t, key256, curve, nil, good)
	if _, err := ParsePublicKey(der); err != nil {
		t.Fatal(err)
	}
	streebog256 := asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 2}
	if _, err := ParsePublicKey(spki(t, key256, curve, streebog256, good)); err != nil {
		t.Errorf("the digest that goes with it: %v", err)
	}
	off := bytes.Clone(good)
	off[0] ^= 1
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"nothing":            {nil, ErrKey},
		"no DER":             {[]byte("key"), ErrKey},
		"a rest":             {append(bytes.Clone(der), 0), ErrKey},
		"RSA":                {spki(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, curve, nil, good), ErrNotGOST},
		"Kazakh":             {spki(t, asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 1}, curve, nil, good), ErrNotGOST},
		"unknown curve":      {spki(t, key256, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 2, 1, 1, 9}, nil, good), ErrParameters},
		"curve of 512 bits":  {spki(t, key256, identifier(t, "1.2.643.7.1.2.1.2.1"), nil, good), ErrParameters},
		"curve of the tests": {spki(t, key256, test256, nil, generatorOf(testSet256)), ErrParameters},
		"512, of the tests":  {spki(t, key512, test512, nil, generatorOf(testSet512)), ErrParameters},
		"key of 512 bits":    {spki(t, key512, curve, nil, good), ErrParameters},
		"another digest":     {spki(t, key256, curve, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 3}, good), ErrParameters},
		"the test's digest":  {spki(t, key2001, identifier(t, "1.2.643.2.2.35.1"), asn1.ObjectIdentifier{1, 2, 643, 2, 2, 30, 0}, good), ErrParameters},
		"its issuer's":       {withParameters(t, key2001, nil, good), ErrParameters},
		"NULL":               {withParameters(t, key2001, []byte{5, 0}, good), ErrParameters},
		"short point":        {spki(t, key256, curve, nil, good[1:]), ErrKey},
		"off the curve":      {spki(t, key256, curve, nil, off), ErrKey},
		"zeros":              {spki(t, key256, curve, nil, make([]byte, 64)), ErrKey},
		"x and y of order 2": {spki(t, key256, curve, nil, wire(set, ofOrderTwo(t, plain))), ErrKey},
		"outside the group":  {spki(t, key256, curve, nil, wire(set, plain.add(generator, ofOrderTwo(t, plain)))), ErrKey},
	} {
		if _, err := ParsePublicKey(c.der); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// ofOrderTwo is the point of a twisted Edwards curve that is its own opposite.
func ofOrderTwo(t testing.TB, c slowCurve) *slowPoint {
	t.Helper()
	for x := big.NewInt(1); ; x.Add(x, big.NewInt(1)) {
		right := new(big.Int).Exp(x, big.NewInt(3), c.p)
		right.Add(right, new(big.Int).Mul(c.a, x)).Add(right, c.b)
		y := right.ModSqrt(right.Mod(right, c.p), c.p)
		if y == nil {
			continue
		}
		four := c.multiply(c.q, &slowPoint{new(big.Int).Set(x), y}) // of an order that divides 4
		if four == nil {
			continue
		}
		if two := c.add(four, four); two != nil {
			four = two
		}
		if four.y.Sign() != 0 {
			t.Fatal("no point of order 2")
		}
		return four
	}
}

// Coordinates are numbers below p, one form for each point.
func TestCoordinatesBelowP(t *testing.T) {
	for id, set := range everySet {
		plain, generator := slowSet(set)
		limit := new(big.Int).Lsh(big.NewInt(1), uint(8*set.octets))
		for _, at := range []*slowPoint{
			{new(big.Int).Add(generator.x, plain.p), generator.y},
			{generator.x, new(big.Int).Add(generator.y, plain.p)},
		} {
			if at.x.Cmp(limit) >= 0 || at.y.Cmp(limit) >= 0 {
				continue // no room for it
			}
			if _, err := parseAny(spkiOn(t, id, set, at)); !errors.Is(err, ErrKey) {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
}

// Nothing that is read makes the package panic, and what is taken for a key is DER: written anew it
// is the same.
func FuzzParsePublicKey(f *testing.F) {
	for id, set := range everySet {
		_, generator := slowSet(set)
		f.Add(spkiOn(f, id, set, generator), make([]byte, set.octets), bytes.Repeat([]byte{1}, 2*set.octets))
	}
	f.Fuzz(func(t *testing.T, der, digest, value []byte) {
		key, err := parseAny(der)
		if err != nil {
			return
		}
		var info publicKeyInfo
		if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
			t.Fatalf("a key that is no DER: %x", der)
		}
		if key.Verify(digest, value) && (len(digest) != key.Size() || len(value) != 2*key.Size()) {
			t.Fatal("a signature of another length holds")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, c := range []struct{ name, id string }{
		{"256 A (ТК 26)", "1.2.643.7.1.2.1.1.1"},
		{"256 CryptoPro-A", "1.2.643.2.2.36.0"},
		{"512 A", "1.2.643.7.1.2.1.2.1"},
		{"512 C", "1.2.643.7.1.2.1.2.3"},
	} {
		set := paramSets[c.id]
		key, d := keyOn(b, c.id, set)
		digest := bytes.Repeat([]byte{0x5a}, set.octets)
		value := signSlowly(b, set, d, digest)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !key.Verify(digest, value) {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkParsePublicKey(b *testing.B) {
	for _, id := range []string{"1.2.643.7.1.2.1.1.1", "1.2.643.2.2.36.0"} {
		set := paramSets[id]
		_, generator := slowSet(set)
		der := spkiOn(b, id, set, generator)
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParsePublicKey(der); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
