package gost

import (
	"math/big"
	"sync"
)

// paramSet is a curve as a public key names it (publicKeyParamSet).
type paramSet struct {
	octets int // of a coordinate
	group  func() group
}

// group is a curve of any size.
type group interface {
	order() *big.Int
	// verifier checks signatures by the key with these coordinates; false: they are none of a key.
	verifier(x, y *big.Int) (func(e, r, s *big.Int) bool, bool)
}

// paramSets are the sets by the number behind which certificates name them: RFC 9215 section 4.2,
// RFC 4491 section 2.3.2. The two sets for tests, which section 4.2 wants nowhere else, are left out.
var paramSets = map[string]*paramSet{
	"1.2.643.2.2.35.1": cryptoProA,
	"1.2.643.2.2.35.2": cryptoProB,
	"1.2.643.2.2.35.3": cryptoProC,
	"1.2.643.2.2.36.0": cryptoProA, // XchA
	"1.2.643.2.2.36.1": cryptoProC, // XchB

	"1.2.643.7.1.2.1.1.1": edwards256,
	"1.2.643.7.1.2.1.1.2": cryptoProA,
	"1.2.643.7.1.2.1.1.3": cryptoProB,
	"1.2.643.7.1.2.1.1.4": cryptoProC,

	"1.2.643.7.1.2.1.2.1": tc26A,
	"1.2.643.7.1.2.1.2.2": tc26B,
	"1.2.643.7.1.2.1.2.3": edwards512,
}

var (
	// id-GostR3410-2001-CryptoPro-A-ParamSet of RFC 4357 section 11.4; also XchA, and B of ТК 26.
	cryptoProA = set256(
		"0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd97",
		"0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd94",
		"0xa6",
		"0xffffffffffffffffffffffffffffffff6c611070995ad10045841b09b761b893",
		"0x1",
		"0x8d91e471e0989cda27df505a453f2b7635294f2ddf23e3b122acc99c9e9f1e14",
	)
	// id-GostR3410-2001-CryptoPro-B-ParamSet of RFC 4357 section 11.4; also C of ТК 26.
	cryptoProB = set256(
		"0x8000000000000000000000000000000000000000000000000000000000000c99",
		"0x8000000000000000000000000000000000000000000000000000000000000c96",
		"0x3e1af419a269a5f866a7d3c25c3df80ae979259373ff2b182f49d4ce7e1bbc8b",
		"0x800000000000000000000000000000015f700cfff1a624e5e497161bcc8a198f",
		"0x1",
		"0x3fa8124359f96680b83d1c3eb2c070e5c545c9858d03ecfb744bf8d717717efc",
	)
	// id-GostR3410-2001-CryptoPro-C-ParamSet of RFC 4357 section 11.4; also XchB, and D of ТК 26.
	cryptoProC = set256(
		"0x9b9f605f5a858107ab1ec85e6b41c8aacf846e86789051d37998f7b9022d759b",
		"0x9b9f605f5a858107ab1ec85e6b41c8aacf846e86789051d37998f7b9022d7598",
		"0x805a",
		"0x9b9f605f5a858107ab1ec85e6b41c8aa582ca3511eddfb74f02f3a6598980bb9",
		"0x0",
		"0x41ece55743711a8c3cbf3783cd08c0ee4d4dc440d4641a8f366e550dfdb3bb67",
	)
	// id-tc26-gost-3410-12-256-paramSetA of RFC 7836 appendix A.2: a twisted Edwards curve in Weierstrass
	// form, cofactor 4.
	edwards256 = set256(
		"0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffd97",
		"0xc2173f1513981673af4892c23035a27ce25e2013bf95aa33b22c656f277e7335",
		"0x295f9bae7428ed9ccc20e7c359a9d41a22fccd9108e17bf7ba9337a6f8ae9513",
		"0x400000000000000000000000000000000fd8cddfc87b6635c115af556c360c67",
		"0x91e38443a5e82c0d880923425712b2bb658b9196932e02c78b2582fe742daa28",
		"0x32879423ab1a0375895786c4bb46e9565fde0b5344766740af268adb32322e5c",
	)
	// id-tc26-gost-3410-12-512-paramSetA of RFC 7836 appendix A.1.
	tc26A = set512(
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"+
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc7",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"+
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc4",
		"0xe8c2505dedfc86ddc1bd0b2b6667f1da34b82574761cb0e879bd081cfd0b6265"+
			"ee3cb090f30d27614cb4574010da90dd862ef9d4ebee4761503190785a71c760",
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"+
			"27e69532f48d89116ff22b8d4e0560609b4b38abfad2b85dcacdb1411f10b275",
		"0x3",
		"0x7503cfe87a836ae3a61b8816e25450e6ce5e1c93acf1abc1778064fdcbefa921"+
			"df1626be4fd036e93d75e6a50e3a41e98028fe5fc235f5b889a589cb5215f2a4",
	)
	// id-tc26-gost-3410-12-512-paramSetB of RFC 7836 appendix A.1.
	tc26B = set512(
		"0x8000000000000000000000000000000000000000000000000000000000000000"+
			"000000000000000000000000000000000000000000000000000000000000006f",
		"0x8000000000000000000000000000000000000000000000000000000000000000"+
			"000000000000000000000000000000000000000000000000000000000000006c",
		"0x687d1b459dc841457e3e06cf6f5e2517b97c7d614af138bcbf85dc806c4b289f"+
			"3e965d2db1416d217f8b276fad1ab69c50f78bee1fa3106efb8ccbc7c5140116",
		"0x8000000000000000000000000000000000000000000000000000000000000001"+
			"49a1ec142565a545acfdb77bd9d40cfa8b996712101bea0ec6346c54374f25bd",
		"0x2",
		"0x1a8f7eda389b094c2c071e3647a8940f3c123b697578c213be6dd9e6c8ec7335"+
			"dcb228fd1edf4a39152cbcaaf8c0398828041055f94ceeec7e21340780fe41bd",
	)
	// id-tc26-gost-3410-12-512-paramSetC of RFC 7836 appendix A.2: a twisted Edwards curve in Weierstrass
	// form, cofactor 4.
	edwards512 = set512(
		"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"+
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffdc7",
		"0xdc9203e514a721875485a529d2c722fb187bc8980eb866644de41c68e1430645"+
			"46e861c0e2c9edd92ade71f46fcf50ff2ad97f951fda9f2a2eb6546f39689bd3",
		"0xb4c4ee28cebc6c2c8ac12952cf37f16ac7efb6a9f69f4b57ffda2e4f0de5ade0"+
			"38cbc2fff719d2c18de0284b8bfef3b52b8cc7a5f5bf0a3c8d2319a5312557e1",
		"0x3fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"+
			"c98cdba46506ab004c33a9ff5147502cc8eda9e7a769a12694623cef47f023ed",
		"0xe2e31edfc23de7bdebe241ce593ef5de2295b7a9cbaef021d385f7074cea043a"+
			"a27272a7ae602bf2a7b9033db9ed3610c6fb85487eae97aac5bc7928c1950148",
		"0xf5ce40d95b5eb899abbccff5911cb8577939804d6527378b8c108c3d2090ff9b"+
			"e18e2d33e3021ed2ef32d85822423b6304f726aa854bae07d0396e9a9addc40f",
	)
)

func set256(p, a, b, q, x, y string) *paramSet { return set(32, newField4, p, a, b, q, x, y) }
func set512(p, a, b, q, x, y string) *paramSet { return set(64, newField8, p, a, b, q, x, y) }

// set takes the numbers of y² = x³ + ax + b modulo p with the point (x, y) of order q. What follows
// from them is computed when it is first used.
func set[N number](octets int, field func(p *big.Int) *field[N], p, a, b, q, x, y string) *paramSet {
	return &paramSet{octets: octets, group: sync.OnceValue(func() group {
		return newCurve(field(constant(p)), constant(a), constant(b), constant(q), constant(x), constant(y))
	})}
}

func constant(text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 0)
	if !ok {
		panic("not a number: " + text) // only a mistake in the table above
	}
	return n
}
