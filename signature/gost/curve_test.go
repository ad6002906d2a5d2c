package gost

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

// everyCurve runs a test on each curve of each size once.
func everyCurve(t *testing.T, small func(*testing.T, *curve[number4]), great func(*testing.T, *curve[number8])) {
	t.Helper()
	seen := make(map[*paramSet]bool)
	for id, set := range everySet {
		if seen[set] {
			continue
		}
		seen[set] = true
		t.Run(id, func(t *testing.T) {
			switch c := set.group().(type) {
			case *curve[number4]:
				small(t, c)
			case *curve[number8]:
				great(t, c)
			}
		})
	}
}

// edges are numbers below p on which carries and comparisons turn.
func edges(p *big.Int) []*big.Int {
	list := []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(2)}
	for i := 64; i < p.BitLen(); i += 64 {
		power := new(big.Int).Lsh(big.NewInt(1), uint(i))
		list = append(list, power, new(big.Int).Sub(power, big.NewInt(1)))
	}
	half := new(big.Int).Rsh(p, 1)
	for i := range int64(3) {
		list = append(list, new(big.Int).Sub(p, big.NewInt(i+1)), new(big.Int).Add(half, big.NewInt(i)))
	}
	return list
}

func randomBelow(random *rand.Rand, limit *big.Int) *big.Int {
	n := new(big.Int).SetBytes(randomOctets(random, limit.BitLen()/8+8))
	return n.Mod(n, limit)
}

// The arithmetic of the field is math/big's, on edges and on random numbers.
func TestField(t *testing.T) {
	everyCurve(t, testField[number4], testField[number8])
}

func testField[N number](t *testing.T, c *curve[N]) {
	f, p := c.field, c.p
	random := rand.New(rand.NewPCG(5, 6))
	numbers := edges(p)
	for range 20 {
		numbers = append(numbers, randomBelow(random, p))
	}
	if !p.ProbablyPrime(20) || !c.q.ProbablyPrime(20) {
		t.Error("p or q is no prime")
	}
	for _, x := range numbers {
		for _, y := range numbers {
			for _, op := range []struct {
				name string
				do   func(z, x, y *N)
				want *big.Int
			}{
				{"mul", f.mul, new(big.Int).Mul(x, y)},
				{"add", f.add, new(big.Int).Add(x, y)},
				{"sub", f.sub, new(big.Int).Sub(x, y)},
			} {
				var z N
				xn, yn := f.enter(x), f.enter(y)
				xx, yy := xn, yn
				op.do(&z, &xn, &yn)
				op.do(&xx, &xx, &yn) // the result may go where x is, or y
				op.do(&yy, &xn, &yy)
				if got, want := leave(f, z), op.want.Mod(op.want, p); got.Cmp(want) != 0 || xx != z || yy != z {
					t.Fatalf("%s of %x and %x: %x, want %x", op.name, x, y, got, want)
				}
			}
		}
		if inverse := f.enter(x); x.Sign() != 0 {
			f.invert(&inverse, &inverse)
			if leave(f, inverse).Cmp(new(big.Int).ModInverse(x, p)) != 0 {
				t.Fatalf("invert of %x", x)
			}
		}
	}
}

// The generator is a point of order q, and multiples are those of the slow arithmetic, also where
// an addition meets equal, opposite and infinite points.
func TestPoints(t *testing.T) {
	everyCurve(t, testPoints[number4], testPoints[number8])
}

func testPoints[N number](t *testing.T, c *curve[N]) {
	var zero N
	if !c.holds(&c.generator) || c.combine(new(big.Int), c.q, &c.generator).z != zero {
		t.Fatal("the generator is no point of order q")
	}
	plain, generator := slow(c)
	random := rand.New(rand.NewPCG(7, 8))
	d := randomBelow(random, c.q)
	key := c.affine(c.combine(d, new(big.Int), &c.generator))
	slowKey := plain.multiply(d, generator)
	if got := slowOf(c, key); got.x.Cmp(slowKey.x) != 0 || got.y.Cmp(slowKey.y) != 0 {
		t.Fatal("a multiple of the generator differs")
	}
	last := new(big.Int).Sub(c.q, big.NewInt(1))
	scalars := []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(2), big.NewInt(127), big.NewInt(128), last,
		randomBelow(random, c.q), randomBelow(random, c.q)}
	keys := map[string]affine[N]{
		"a key": key, "the generator": c.generator,
		"the generator's opposite": c.affine(c.combine(last, new(big.Int), &key)),
		"its double":               c.affine(c.combine(big.NewInt(2), new(big.Int), &key)),
	}
	multiples := func(of *slowPoint) (list []*slowPoint) {
		for _, scalar := range scalars {
			list = append(list, plain.multiply(scalar, of))
		}
		return list
	}
	ofGenerator := multiples(generator)
	for name, key := range keys {
		ofKey := multiples(slowOf(c, key))
		for i, u := range scalars {
			for j, v := range scalars {
				got := c.combine(u, v, &key)
				want := plain.add(ofGenerator[i], ofKey[j])
				if (got.z == zero) != (want == nil) {
					t.Fatalf("%v G + %v %s: infinite %v, want %v", u, v, name, got.z == zero, want == nil)
				}
				if want == nil {
					continue
				}
				if p := slowOf(c, c.affine(got)); p.x.Cmp(want.x) != 0 || p.y.Cmp(want.y) != 0 {
					t.Fatalf("%v G + %v %s differs", u, v, name)
				}
			}
		}
	}
}

// The digits of a scalar are its value, and no two of them are nearer than the width.
func TestDigits(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	limit := new(big.Int).Lsh(big.NewInt(1), 512)
	scalars := edges(limit)
	for range 50 {
		scalars = append(scalars, randomBelow(random, limit))
	}
	for _, scalar := range scalars {
		for _, width := range []int{keyWindow, generatorWindow} {
			sum, since := new(big.Int), width
			for i, digit := range digits(scalar, width) {
				since++
				if digit == 0 {
					continue
				}
				if digit%2 == 0 || int(max(digit, -digit)) >= 1<<(width-1) || since < width {
					t.Fatalf("%x in windows of %d: digit %d at %d", scalar, width, digit, i)
				}
				since = 0
				sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(digit)), uint(i)))
			}
			if sum.Cmp(scalar) != 0 {
				t.Fatalf("%x in windows of %d: the digits are %x", scalar, width, sum)
			}
		}
	}
}

// Verification agrees with the standard written down slowly: on what a private key signs, and on
// the same altered.
func TestAgainstSlow(t *testing.T) {
	everyCurve(t, testAgainstSlow[number4], testAgainstSlow[number8])
}

func testAgainstSlow[N number](t *testing.T, c *curve[N]) {
	plain, generator := slow(c)
	random := rand.New(rand.NewPCG(11, 12))
	one := big.NewInt(1)
	below := func() *big.Int {
		n := randomBelow(random, new(big.Int).Sub(c.q, one))
		return n.Add(n, one)
	}
	for range 3 {
		d, k, e := below(), below(), below()
		key := c.affine(c.combine(d, new(big.Int), &c.generator))
		r, s := plain.sign(generator, d, k, e)
		for name, v := range map[string][3]*big.Int{
			"signed":      {e, r, s},
			"another e":   {below(), r, s},
			"another r":   {e, below(), s},
			"another s":   {e, r, below()},
			"opposite s":  {e, r, new(big.Int).Sub(c.q, s)},
			"s for r":     {e, s, r},
			"the least":   {one, one, one},
			"e, r, s one": {e, one, one},
		} {
			want := plain.verify(generator, slowOf(c, key), v[0], v[1], v[2])
			if got := c.signed(&key, v[0], v[1], v[2]); got != want || want != (name == "signed") {
				t.Errorf("%s: %v, the standard says %v", name, got, want)
			}
		}
	}
}

// An x-coordinate from q upwards leaves r = x − q: such signatures are as good as others. On the curves
// without cofactor it takes 2¹²⁸ attempts to meet one, so the point is made here, and a key for it.
func TestCoordinateAboveOrder(t *testing.T) {
	everyCurve(t, testAbove[number4], testAbove[number8])
}

func testAbove[N number](t *testing.T, c *curve[N]) {
	if c.q.Cmp(c.p) >= 0 {
		return // there is none
	}
	plain, generator := slow(c)
	for x := new(big.Int).Set(c.q); ; x.Add(x, big.NewInt(1)) {
		right := new(big.Int).Exp(x, big.NewInt(3), plain.p)
		right.Add(right, new(big.Int).Mul(plain.a, x)).Add(right, plain.b)
		y := right.ModSqrt(right.Mod(right, plain.p), plain.p)
		r := new(big.Int).Mod(x, c.q)
		if y == nil || r.Sign() == 0 || plain.multiply(c.q, &slowPoint{x, y}) != nil {
			continue
		}
		// With s = e the point that verification finds is G − (r/e)Q; this Q makes it (x, y).
		e := big.NewInt(12345)
		opposite := &slowPoint{generator.x, new(big.Int).Sub(plain.p, generator.y)}
		factor := new(big.Int).Mul(e, new(big.Int).ModInverse(r, c.q))
		factor.Sub(c.q, factor.Mod(factor, c.q))
		key := plain.multiply(factor, plain.add(&slowPoint{x, y}, opposite))
		if !plain.verify(generator, key, e, r, e) {
			t.Fatal("the standard refuses what the test made")
		}
		if !c.signed(&affine[N]{c.enter(key.x), c.enter(key.y)}, e, r, e) {
			t.Errorf("x = q + %v is refused", new(big.Int).Sub(x, c.q))
		}
		return
	}
}

func BenchmarkField(b *testing.B) {
	for _, id := range []string{"1.2.643.7.1.2.1.1.1", "1.2.643.2.2.35.3", "1.2.643.7.1.2.1.2.1", "1.2.643.7.1.2.1.2.2"} {
		switch c := paramSets[id].group().(type) {
		case *curve[number4]:
			benchmarkField(b, c)
		case *curve[number8]:
			benchmarkField(b, c)
		}
	}
}

func benchmarkField[N number](b *testing.B, c *curve[N]) {
	for name, do := range map[string]func(z, x, y *N){"mul": c.mul, "add": c.add, "sub": c.sub} {
		b.Run(fmt.Sprint(64*len(c.one), " bits ", name), func(b *testing.B) {
			x := c.generator.y
			for b.Loop() {
				do(&x, &x, &c.generator.y)
			}
		})
	}
}
