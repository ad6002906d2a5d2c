package gost

import (
	"maps"
)

// The sets for tests, in which the examples of the standards are.
var (
	// id-GostR3410-2001-TestParamSet, the curve of the example of RFC 7091 section 7.1.
	testSet256 = set256(
		"0x8000000000000000000000000000000000000000000000000000000000000431",
		"0x7",
		"0x5fbff498aa938ce739b8e022fbafef40563f6e6a3472fc2a514c0ce9dae23b7e",
		"0x8000000000000000000000000000000150fe8a1892976154c59cfc193accf5b3",
		"0x2",
		"0x8e2a8a0e65147d4bd6316030e16d19c85c97f0a9ca267122b96abbcea7e8fc8",
	)
	// id-tc26-gost-3410-12-512-paramSetTest, the curve of RFC 9215 appendix E.
	testSet512 = set512(
		"0x4531acd1fe0023c7550d267b6b2fee80922b14b2ffb90f04d4eb7c09b5d2d15d"+
			"f1d852741af4704a0458047e80e4546d35b8336fac224dd81664bbf528be6373",
		"0x7",
		"0x1cff0806a31116da29d8cfa54e57eb748bc5f377e49400fdd788b649eca1ac43"+
			"61834013b2ad7322480a89ca58e0cf74bc9e540c2add6897fad0a3084f302adc",
		"0x4531acd1fe0023c7550d267b6b2fee80922b14b2ffb90f04d4eb7c09b5d2d15d"+
			"a82f2d7ecb1dbac719905c5eecc423f1d86e25edbe23c595d644aaf187e6e6df",
		"0x24d19cc64572ee30f396bf6ebbfd7a6c5213b3b3d7057cc825f91093a68cd762"+
			"fd60611262cd838dc6b60aa7eee804e28bc849977fac33b4b530f1b120248a9a",
		"0x2bb312a43bd2ce6e0d020613c857acddcfbf061e91e5f2c3f32447c259f39b2c"+
			"83ab156d77f1496bf7eb3351e1ee4e43dc1a18b91b24640b6dbb92cb1add371e",
	)
)

// everySet are the sets that keys may name, and those for tests.
var everySet = func() map[string]*paramSet {
	sets := maps.Clone(paramSets)
	sets["1.2.643.2.2.35.0"], sets["1.2.643.7.1.2.1.2.0"] = testSet256, testSet512
	return sets
}()

// parseAny is ParsePublicKey with the sets for tests.
func parseAny(spki []byte) (*PublicKey, error) { return parse(spki, everySet) }
