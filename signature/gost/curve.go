package gost

import (
	"math/big"
	"sync"
)

// curve is y² = x³ + ax + b over a field with its point of order q. The table of the generator is
// made when it is first used.
type curve[N number] struct {
	*field[N]
	a, b       N
	minusThree bool // a = −3, for which doubling is cheaper
	q          *big.Int
	prime      bool       // all points but the infinite one are of order q
	candidates []*big.Int // 0, q, 2q … below p: what may have been taken off an x-coordinate modulo q
	generator  affine[N]

	once  sync.Once
	table []affine[N] // odd multiples of the generator
}

// affine is a point other than the infinite one.
type affine[N number] struct{ x, y N }

// point is (X/Z², Y/Z³) in Jacobian coordinates, the infinite one where Z = 0.
type point[N number] struct{ x, y, z N }

func newCurve[N number](f *field[N], a, b, q, x, y *big.Int) *curve[N] {
	c := &curve[N]{field: f, a: f.enter(a), b: f.enter(b), q: q}
	c.minusThree = new(big.Int).Sub(f.p, a).Cmp(big.NewInt(3)) == 0
	c.prime = f.p.BitLen() <= q.BitLen() // Hasse: with a cofactor q is shorter
	c.generator = affine[N]{f.enter(x), f.enter(y)}
	for k := new(big.Int); k.Cmp(f.p) < 0; k = new(big.Int).Add(k, q) {
		c.candidates = append(c.candidates, k)
	}
	return c
}

func (c *curve[N]) order() *big.Int { return c.q }

// verifier takes coordinates below p of a point on the curve and in the group. The infinite point
// has no coordinates, so it is none of them.
func (c *curve[N]) verifier(x, y *big.Int) (func(e, r, s *big.Int) bool, bool) {
	if x.Cmp(c.p) >= 0 || y.Cmp(c.p) >= 0 {
		return nil, false
	}
	key := affine[N]{c.enter(x), c.enter(y)}
	if !c.holds(&key) || !c.ofOrder(&key) {
		return nil, false
	}
	return func(e, r, s *big.Int) bool { return c.signed(&key, e, r, s) }, true
}

// holds says that the point is on the curve.
func (c *curve[N]) holds(at *affine[N]) bool {
	var left, right N
	c.mul(&left, &at.y, &at.y)
	c.mul(&right, &at.x, &at.x)
	c.add(&right, &right, &c.a)
	c.mul(&right, &right, &at.x)
	c.add(&right, &right, &c.b)
	return left == right
}

// ofOrder says that q times the point is the infinite one; on curves without cofactor all are so.
func (c *curve[N]) ofOrder(key *affine[N]) bool {
	var zero N
	return c.prime || c.combine(new(big.Int), c.q, key).z == zero
}

// signed says whether the signature (r, s) of the number e is by the key: RFC 7091 section 6.2 from
// its fourth step on. r and s are in 1 … q−1, and so is e.
func (c *curve[N]) signed(key *affine[N], e, r, s *big.Int) bool {
	inverse := new(big.Int).ModInverse(e, c.q)
	u := new(big.Int).Mul(s, inverse)
	v := new(big.Int).Mul(new(big.Int).Sub(c.q, r), inverse)
	sum := c.combine(u.Mod(u, c.q), v.Mod(v, c.q), key)
	var zero, square N
	if sum.z == zero {
		return false
	}
	// X/Z² modulo q is r where X is one of r, r + q, … below p, times Z².
	c.mul(&square, &sum.z, &sum.z)
	for _, multiple := range c.candidates {
		x := new(big.Int).Add(r, multiple)
		if x.Cmp(c.p) >= 0 {
			break
		}
		product := c.enter(x)
		if c.mul(&product, &product, &square); product == sum.x {
			return true
		}
	}
	return false
}
